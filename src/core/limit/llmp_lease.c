
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_lease.h"


/*
 * Keeps the order of two writes, as another process will see them after this
 * one is killed.  The kernel ends a process between two instructions, so that
 * only the compiler could change the order.
 */
#define llmp_lease_barrier()  __asm__ __volatile__ ("" ::: "memory")


llmp_int_t
llmp_lease_admit(llmp_lease_t *lease, llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t tokens, int64_t prompt, int64_t now,
    int64_t time, llmp_limit_verdict_t *verdict)
{
    llmp_int_t  rc;

    lease->reserved = 0;
    lease->charge = 0;

    llmp_lease_barrier();

    lease->state = state;

    llmp_lease_barrier();

    rc = llmp_limit_admit(state, limits, tokens, now, time, verdict);

    if (rc == LLMP_OK) {
        lease->reserved = verdict->reserved;
        lease->charge = verdict->reserved ? prompt : 0;

    } else {
        llmp_lease_barrier();

        lease->state = NULL;
    }

    return rc;
}


llmp_int_t
llmp_lease_resize(llmp_lease_t *lease, const llmp_limits_t *limits,
    int64_t tokens, int64_t prompt, int64_t now, int64_t time,
    llmp_limit_verdict_t *verdict)
{
    llmp_int_t  rc;

    rc = llmp_limit_resize(lease->state, limits, tokens, now, time, verdict);

    lease->reserved = verdict->reserved;
    lease->charge = verdict->reserved ? prompt : 0;

    return rc;
}


/*
 * A process that is killed after it has charged the tokens leaves a lease whose
 * estimate is charged as well: of one request too much, never too little.
 */

void
llmp_lease_settle(llmp_lease_t *lease, int64_t tokens)
{
    llmp_limit_settle(lease->state, lease->reserved,
                      lease->reserved ? tokens : 0);

    llmp_lease_barrier();

    lease->state = NULL;
}


void
llmp_lease_return(llmp_lease_t *lease)
{
    llmp_limit_return(lease->state, lease->reserved);

    llmp_lease_barrier();

    lease->state = NULL;
}


void
llmp_lease_recount_begin(const llmp_lease_t *lease, uint64_t id)
{
    llmp_limit_state_t  *state;

    state = lease->state;

    if (state != NULL) {
        state->recount = id;
        state->active = 0;
        state->reserved = 0;
    }
}


void
llmp_lease_recount_add(const llmp_lease_t *lease, uint64_t id)
{
    llmp_limit_state_t  *state;

    state = lease->state;

    if (state != NULL && state->recount == id) {
        state->active++;
        state->reserved += lease->reserved;
    }
}


void
llmp_lease_recount_end(llmp_lease_t *lease)
{
    if (lease->state == NULL) {
        return;
    }

    llmp_limit_charge(lease->state, lease->charge);

    llmp_lease_barrier();

    lease->state = NULL;
}
