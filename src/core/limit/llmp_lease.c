
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_lease.h"
#include "limit/llmp_limit_state.h"


/*
 * Keeps the order of two writes, as another process will see them after this
 * one is killed.  The kernel ends a process between two instructions, so that
 * only the compiler could change the order.
 */
#define llmp_lease_barrier()  __asm__ __volatile__ ("" ::: "memory")


static void llmp_lease_end(llmp_lease_t *lease);


llmp_int_t
llmp_lease_admit(llmp_lease_t *lease, llmp_limit_entry_t *entries,
    llmp_uint_t n, const llmp_limit_amounts_t *amounts,
    const llmp_limit_amounts_t *charge, const llmp_limit_clock_t *clock,
    llmp_limit_verdict_t *verdict)
{
    llmp_uint_t  i;

    llmp_limit_verdict_init(verdict);

    for (i = 0; i < n; i++) {
        llmp_limit_check(&entries[i], i, amounts, NULL, clock, verdict);
    }

    if (verdict->limit != LLMP_LIMIT_MAX) {
        return LLMP_DECLINED;
    }

    memset(&lease->reserved, 0, sizeof(llmp_limit_amounts_t));
    memset(&lease->charge, 0, sizeof(llmp_limit_amounts_t));

    for (i = 0; i < n; i++) {
        lease->states[i] = entries[i].state;
    }

    llmp_lease_barrier();

    lease->nstates = n;

    llmp_lease_barrier();

    for (i = 0; i < n; i++) {
        llmp_limit_take(&entries[i], amounts, verdict);
    }

    lease->reserved = *amounts;
    lease->charge = *charge;

    return LLMP_OK;
}


llmp_int_t
llmp_lease_resize(llmp_lease_t *lease, llmp_limit_entry_t *entries,
    llmp_uint_t n, const llmp_limit_amounts_t *amounts,
    const llmp_limit_amounts_t *charge, const llmp_limit_clock_t *clock,
    llmp_limit_verdict_t *verdict)
{
    llmp_uint_t  i;

    llmp_limit_verdict_init(verdict);

    for (i = 0; i < n; i++) {
        llmp_limit_check(&entries[i], i, amounts, &lease->reserved, clock,
                         verdict);
    }

    lease->charge = *charge;

    if (verdict->limit != LLMP_LIMIT_MAX) {
        return LLMP_DECLINED;
    }

    for (i = 0; i < n; i++) {
        llmp_limit_replace(&entries[i], amounts, &lease->reserved, verdict);
    }

    lease->reserved = *amounts;

    return LLMP_OK;
}


/*
 * A process that is killed after it has charged the amounts leaves a lease
 * whose estimate is charged as well: of one request too much, never too little.
 */

void
llmp_lease_settle(llmp_lease_t *lease, const llmp_limit_amounts_t *amounts)
{
    llmp_uint_t  i;

    for (i = 0; i < lease->nstates; i++) {
        llmp_limit_settle(lease->states[i], &lease->reserved, amounts);
    }

    llmp_lease_end(lease);
}


void
llmp_lease_return(llmp_lease_t *lease)
{
    llmp_uint_t  i;

    for (i = 0; i < lease->nstates; i++) {
        llmp_limit_return(lease->states[i], &lease->reserved);
    }

    llmp_lease_end(lease);
}


static void
llmp_lease_end(llmp_lease_t *lease)
{
    llmp_lease_barrier();

    lease->nstates = 0;
}


void
llmp_lease_recount_begin(const llmp_lease_t *lease, uint64_t id)
{
    llmp_uint_t          i;
    llmp_limit_state_t  *state;

    for (i = 0; i < lease->nstates; i++) {
        state = lease->states[i];

        state->recount = id;
        state->active = 0;

        memset(&state->reserved, 0, sizeof(llmp_limit_amounts_t));
    }
}


void
llmp_lease_recount_add(const llmp_lease_t *lease, uint64_t id)
{
    llmp_uint_t          i;
    llmp_limit_kind_e    kind;
    llmp_limit_state_t  *state;

    for (i = 0; i < lease->nstates; i++) {
        state = lease->states[i];

        if (state->recount != id) {
            continue;
        }

        state->active++;

        for (kind = LLMP_LIMIT_TOKENS; kind < LLMP_LIMIT_KINDS; kind++) {
            llmp_limit_state_move(&state->reserved.n[kind],
                                  lease->reserved.n[kind]);
        }
    }
}


void
llmp_lease_recount_end(llmp_lease_t *lease)
{
    llmp_uint_t  i;

    for (i = 0; i < lease->nstates; i++) {
        llmp_limit_charge(lease->states[i], &lease->charge);
    }

    llmp_lease_end(lease);
}
