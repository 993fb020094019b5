
/*
 * Copyright (C) llm-policy authors
 *
 * The decision: what is to become of a scanned request.  Pure: no I/O, and the
 * same answer for the module, the tool and the tests.
 */


#ifndef LLMP_DECIDE_H_INCLUDED_
#define LLMP_DECIDE_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_edit.h"
#include "watch/llmp_member.h"
#include "policy/llmp_policy.h"
#include "base/llmp_refusal.h"


typedef enum {
    LLMP_ACTION_NONE = 0,
    LLMP_ACTION_DEFAULT,
    LLMP_ACTION_MIN,
    LLMP_ACTION_MAX,
    LLMP_ACTION_FORCE,
    LLMP_ACTION_REMOVE
} llmp_action_e;


/* one change, or a parameter's record; the texts are JSON, as written (of a
   form's strings, as JSON would have them) */

typedef struct {
    llmp_str_t          name;       /* canonical, or a pointer */
    llmp_str_t          requested;  /* empty: absent */
    llmp_str_t          effective;  /* empty: absent */
    llmp_action_e       action;
    const llmp_rule_t  *rule;       /* what applies to it, or NULL */
} llmp_change_t;


/* at most so many changes are recorded; the edits are never cut short */
#define LLMP_CHANGES_MAX  32


typedef struct {
    /* what is known, set by the caller */

    const llmp_policy_t   *policy;
    const llmp_tier_t     *tier;
    const llmp_dialect_t  *dialect;
    llmp_str_t             path_model;  /* from the path; empty if none */
    llmp_uint_t            digest;      /* the head has a digest or signature
                                           of the body: it must not change */
    llmp_str_t             boundary;    /* of a form; empty: it is JSON */
    llmp_uint_t            stream_usage;  /* a stream is to tell its usage */

    /* the verdict */

    llmp_edits_t           edits;
    llmp_refusal_t         refusal;     /* if refused */
    uint64_t               output;      /* tokens that the answers may have, as
                                           far as is known; of all requests */
    llmp_uint_t            asked_usage; /* an edit asks for the usage that the
                                           client has not asked for */

    /* for the log; for a batch, params are those of its first request */

    llmp_str_t             model;       /* decoded; cut if very long */
    llmp_change_t          params[LLMP_PARAM_MAX];
    llmp_uint_t            nchanges;    /* may be larger than what fits */
    llmp_change_t          changes[LLMP_CHANGES_MAX];
} llmp_decision_t;


/* what counts of tokens come to at the most, more than any limit */
#define LLMP_TOKENS_MAX  ((uint64_t) 1 << 42)


/*
 * Clears a decision; its changes are written before they are read.  start()
 * makes it one of a document in JSON, too, on the terms of another; but no
 * usage is asked for.
 */

void llmp_decision_init(llmp_decision_t *decision);
void llmp_decision_start(llmp_decision_t *decision,
    const llmp_decision_t *terms);


/*
 * Decides on a document by its members, as llmp_scan_feed() found them with the
 * tree policy->watch[] of the dialect as root.
 *
 * Returns LLMP_OK (forward, with decision->edits applied; none if
 * edits.nelts == 0) or LLMP_ERROR (refuse; decision->refusal says why, also if
 * memory ran out; nothing is effective then, but what was asked is there).
 * Everything allocated is in pool.  The decision is to be initialised, and its
 * first part set, before the call.
 */
llmp_int_t llmp_decide(llmp_decision_t *decision,
    const llmp_members_t *members, llmp_pool_t *pool);


/*
 * The same while more members may come, for the edits: that something is absent
 * is no error.  members are those of llmp_scan_so_far(); edits at their end,
 * or about members that others may yet have a say in, mean nothing.
 */
llmp_int_t llmp_decide_so_far(llmp_decision_t *decision,
    const llmp_members_t *members, llmp_pool_t *pool);


/*
 * The most that the output of a request may come to by the policy, before any
 * of the request is known; 0 if there is no bound.  The first part of decision
 * is to be set.
 */
uint64_t llmp_output_most(const llmp_decision_t *decision);


/* adds counts of tokens, up to LLMP_TOKENS_MAX */

static inline uint64_t
llmp_tokens_add(uint64_t a, uint64_t b)
{
    return (a + b < LLMP_TOKENS_MAX) ? a + b : LLMP_TOKENS_MAX;
}


/* "none", "default", "min", "max", "force", "remove" */
const char *llmp_action_name(llmp_action_e action);

/*
 * The changes in one line, for variables:
 *     temperature=1.9->1 (max), max_tokens=->512 (default)
 * and as a sentence, for the error log:
 *     temperature 1.9 brought to 1 (max), max_tokens absent, 512 sent (default)
 *
 * Both in pool; data == NULL if there is no memory.
 */
llmp_str_t llmp_changes_line(const llmp_decision_t *decision,
    llmp_pool_t *pool);
llmp_str_t llmp_changes_sentence(const llmp_decision_t *decision,
    llmp_pool_t *pool);


#endif /* LLMP_DECIDE_H_INCLUDED_ */
