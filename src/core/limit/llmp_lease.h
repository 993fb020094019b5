
/*
 * Copyright (C) llm-policy authors
 *
 * Leases: the requests that a process has admitted and not settled, in memory
 * that processes share.  If the process is killed, at any instruction, another
 * one counts what the others still have, and frees the rest.
 *
 * Which requests are active is known by the leases alone; active and reserved
 * of a state are their sum.  A lease has its states before it counts there, and
 * until it does not count any more, so that a recount corrects each state that
 * a killed process may have left in between.
 */


#ifndef LLMP_LEASE_H_INCLUDED_
#define LLMP_LEASE_H_INCLUDED_


#include "limit/llmp_limit.h"


typedef struct {
    llmp_uint_t            nstates;   /* 0: the lease is free */
    llmp_limit_amounts_t   reserved;
    llmp_limit_amounts_t   charge;    /* if the process is killed */
    llmp_limit_state_t    *states[LLMP_LIMITS_OBJECTS];
} llmp_lease_t;


/*
 * Admits a request, with a free lease, by all of n entries or by none.  amounts
 * are the most that it may use, and charge is an estimate of the request itself
 * without its response.  All states and leases are locked by the caller.
 *
 * Returns LLMP_OK: the request counts and is active, and its amounts are
 * reserved until llmp_lease_settle(); or LLMP_DECLINED: the request does not
 * count, and verdict contains the limit and the wait.
 */
llmp_int_t llmp_lease_admit(llmp_lease_t *lease, llmp_limit_entry_t *entries,
    llmp_uint_t n, const llmp_limit_amounts_t *amounts,
    const llmp_limit_amounts_t *charge, const llmp_limit_clock_t *clock,
    llmp_limit_verdict_t *verdict);

/*
 * Changes what an admitted request has reserved; the entries are those of its
 * admission.  Returns LLMP_OK, or LLMP_DECLINED if a limit does not admit what
 * is added: the reservation is unchanged, and verdict contains the limit.
 */
llmp_int_t llmp_lease_resize(llmp_lease_t *lease, llmp_limit_entry_t *entries,
    llmp_uint_t n, const llmp_limit_amounts_t *amounts,
    const llmp_limit_amounts_t *charge, const llmp_limit_clock_t *clock,
    llmp_limit_verdict_t *verdict);

/* end an admitted request, as llmp_limit_settle() and llmp_limit_return() do */
void llmp_lease_settle(llmp_lease_t *lease,
    const llmp_limit_amounts_t *amounts);
void llmp_lease_return(llmp_lease_t *lease);

/*
 * Free the leases of a killed process: the first function is called for each of
 * them, then the second one for all leases of the other processes, then the
 * third one for each of the former.  id is another one each time, not 0.  If
 * this process is killed meanwhile, another one begins again.
 */
void llmp_lease_recount_begin(const llmp_lease_t *lease, uint64_t id);
void llmp_lease_recount_add(const llmp_lease_t *lease, uint64_t id);
void llmp_lease_recount_end(llmp_lease_t *lease);


#endif /* LLMP_LEASE_H_INCLUDED_ */
