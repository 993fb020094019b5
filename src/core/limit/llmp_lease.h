
/*
 * Copyright (C) llm-policy authors
 *
 * Leases: the requests that a process has admitted and not settled, in memory
 * that processes share.  If the process is killed, at any instruction, another
 * one counts what the others still have, and frees the rest.
 *
 * Which requests are active is known by the leases alone; active and reserved
 * of a state are their sum.  A lease has its state before it counts there, and
 * until it does not count any more, so that a recount corrects each state that
 * a killed process may have left in between.
 */


#ifndef LLMP_LEASE_H_INCLUDED_
#define LLMP_LEASE_H_INCLUDED_


#include "limit/llmp_limit.h"


typedef struct {
    llmp_limit_state_t   *state;     /* caller; NULL if free */
    int64_t               reserved;  /* tokens */
    int64_t               charge;    /* tokens, charged if the process is
                                        killed */
} llmp_lease_t;


/*
 * Do what the functions of llmp_limit.h do, for a free lease, and for one that
 * was admitted.  prompt is an estimate of the tokens of the request itself.
 * All states and leases are locked by the caller.
 */
llmp_int_t llmp_lease_admit(llmp_lease_t *lease, llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t tokens, int64_t prompt, int64_t now,
    int64_t time, llmp_limit_verdict_t *verdict);
llmp_int_t llmp_lease_resize(llmp_lease_t *lease, const llmp_limits_t *limits,
    int64_t tokens, int64_t prompt, int64_t now, int64_t time,
    llmp_limit_verdict_t *verdict);
void llmp_lease_settle(llmp_lease_t *lease, int64_t tokens);
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
