
/*
 * Copyright (C) llm-policy authors
 *
 * The call that decides on a request.  It is pure: no I/O, and the module, the
 * tool and the tests get the same result.
 */


#ifndef LLMP_DECIDE_H_INCLUDED_
#define LLMP_DECIDE_H_INCLUDED_


#include "decide/llmp_decision.h"
#include "watch/llmp_member.h"


/*
 * Decides on a document by its members, as llmp_scan_feed() recorded them with
 * the tree policy->watch[] of the dialect as root.  The first part of decision
 * must be set.
 *
 * Returns LLMP_OK: the document may be forwarded, with decision->edits applied
 * (nelts is 0 if there are none); or LLMP_ERROR: decision->refusal has the
 * reason, also if memory ran out.  The requested values are set in both cases;
 * no value of a refused request is effective.  All memory is from pool.
 */
llmp_int_t llmp_decide(llmp_decision_t *decision,
    const llmp_members_t *members, llmp_pool_t *pool);

/*
 * Decides on the first part of a document, for its edits: an absent member is
 * no error.  members are those of llmp_scan_snapshot().  Edits at the end of
 * that part, and edits of members that depend on later ones, are not valid.
 * Returns as llmp_decide() does.
 */
llmp_int_t llmp_decide_so_far(llmp_decision_t *decision,
    const llmp_members_t *members, llmp_pool_t *pool);


#endif /* LLMP_DECIDE_H_INCLUDED_ */
