
/*
 * Copyright (C) llm-policy authors
 *
 * The decision on a request: its terms and its result.
 */


#ifndef LLMP_DECISION_H_INCLUDED_
#define LLMP_DECISION_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_edit.h"
#include "base/llmp_refusal.h"
#include "policy/llmp_policy.h"
#include "request/llmp_request_caller.h"


typedef enum {
    LLMP_ACTION_NONE = 0,
    LLMP_ACTION_DEFAULT,
    LLMP_ACTION_MIN,
    LLMP_ACTION_MAX,
    LLMP_ACTION_FORCE,
    LLMP_ACTION_REMOVE
} llmp_action_e;


/* name of a change: the number of removed members, see llmp_unknown_e */
#define LLMP_UNKNOWN_MEMBERS  "unknown_members"


/* a change, or the record of a parameter; the values are JSON as written, or
   fields of a form converted to JSON */

typedef struct {
    llmp_str_t          name;       /* canonical, or a pointer */
    llmp_str_t          requested;  /* empty if absent */
    llmp_str_t          effective;  /* empty if absent */
    llmp_action_e       action;
    const llmp_rule_t  *rule;       /* NULL if none applies */
} llmp_change_t;


/* most recorded changes; all edits are made, even if there are more */
#define LLMP_CHANGES_MAX  32


typedef struct llmp_decision_s  llmp_decision_t;

struct llmp_decision_s {
    /* set by the caller */

    const llmp_policy_t   *policy;
    const llmp_tier_t     *tier;
    const llmp_dialect_t  *dialect;
    const llmp_caller_t   *caller;        /* for variables; NULL: has no
                                             tenant */
    const llmp_variables_t
                          *variables;     /* those of nginx; NULL: a value that
                                             needs one is refused */
    llmp_str_t             path_model;    /* from the path, or empty */
    llmp_uint_t            deployment;    /* 1 if path_model decides alone: the
                                             upstream ignores "model" */
    llmp_uint_t            digest;        /* 1 if the body has a digest or
                                             signature and must not change */
    llmp_uint_t            needs_met;     /* 1 if the document is a part of
                                             a request, see llmp_need_t */
    llmp_str_t             boundary;      /* empty for JSON */
    llmp_uint_t            stream_usage;  /* 1 to request usage of streams */
    size_t                 media_min;     /* least bytes of a medium that is
                                             counted; 0: none is counted */
    llmp_prompt_rates_t    rates;         /* for an estimate of tokens */
    uint64_t               size;          /* bytes of the document, which is one
                                             request, with the media below; 0:
                                             it has several, or is a part */

    /* the result */

    llmp_edits_t           edits;
    llmp_refusal_t         refusal;       /* if refused */
    uint64_t               output;        /* upper bound of output tokens of all
                                             requests, as far as known */
    uint64_t               media_count;   /* images, sounds and files */
    uint64_t               media_bytes;   /* their bytes in the body */
    llmp_uint_t            models_differ; /* requests of a batch are for several
                                             models */
    llmp_uint_t            added_usage;   /* an edit requests usage that the
                                             client did not request */

    llmp_str_t             cause;         /* reason of a refusal that is for the
                                             log only, or empty */

    /* for the log; records are those of the first request of a batch */

    llmp_str_t             model;         /* decoded; cut if very long */
    uint64_t               noted;         /* parameters with a record */
    llmp_change_t          records[LLMP_PARAM_MAX];  /* for noted: read by
                                             llmp_decision_param() */
    llmp_uint_t            nchanges;      /* may exceed LLMP_CHANGES_MAX */
    llmp_change_t          changes[LLMP_CHANGES_MAX];
};


/* largest number of tokens, above all limits; larger sums are cut to it */
#define LLMP_DECISION_TOKENS_MAX  ((uint64_t) 1 << 42)


/*
 * llmp_decision_init() clears a decision, except for its records and changes,
 * which are written before they are read.  llmp_decision_start() prepares a
 * decision on a JSON document with the terms of another one; it does not
 * request usage.
 */
void llmp_decision_init(llmp_decision_t *decision);
void llmp_decision_start(llmp_decision_t *decision,
    const llmp_decision_t *terms);

/* changes the records for a request that is refused: it is not sent, so that no
   value is effective */
void llmp_decision_note_refused(llmp_decision_t *decision);

/*
 * Returns the upper bound of the output tokens of any request under the policy,
 * or 0 if there is none.  The terms of the decision must be set.
 */
uint64_t llmp_decision_output_max(const llmp_decision_t *decision);

/* returns "none", "default", "min", "max", "force" or "remove" */
const char *llmp_decision_action_name(llmp_action_e action);

/*
 * Writes the changes as one line, for variables:
 *     temperature=1.9->1 (max), max_tokens=->512 (default)
 * and as a sentence, for the error log:
 *     temperature 1.9 changed to 1 (max), max_tokens 512 added (default)
 *
 * The text is in pool; data is NULL if there is no memory.
 */
llmp_str_t llmp_decision_changes_line(const llmp_decision_t *decision,
    llmp_pool_t *pool);
llmp_str_t llmp_decision_changes_sentence(const llmp_decision_t *decision,
    llmp_pool_t *pool);


/* returns the record of a parameter, which is empty if neither the request nor
   a rule has the parameter */

static inline const llmp_change_t *
llmp_decision_param(const llmp_decision_t *decision, llmp_uint_t param)
{
    static const llmp_change_t  none;

    return (decision->noted & llmp_mask(param)) ? &decision->records[param]
                                                : &none;
}


/* returns the record of a parameter to write to it */

static inline llmp_change_t *
llmp_decision_note(llmp_decision_t *decision, llmp_uint_t param)
{
    if (!(decision->noted & llmp_mask(param))) {
        decision->noted |= llmp_mask(param);
        memset(&decision->records[param], 0, sizeof(llmp_change_t));
    }

    return &decision->records[param];
}


/* adds numbers of tokens, up to LLMP_DECISION_TOKENS_MAX */

static inline uint64_t
llmp_decision_add_tokens(uint64_t a, uint64_t b)
{
    return (a + b < LLMP_DECISION_TOKENS_MAX) ? a + b
                                              : LLMP_DECISION_TOKENS_MAX;
}


/* multiplies a number of tokens, up to LLMP_DECISION_TOKENS_MAX */

static inline uint64_t
llmp_decision_mul_tokens(uint64_t tokens, uint64_t n)
{
    if (n <= 1) {
        return tokens;
    }

    return (tokens > LLMP_DECISION_TOKENS_MAX / n) ? LLMP_DECISION_TOKENS_MAX
                                                   : tokens * n;
}


#endif /* LLMP_DECISION_H_INCLUDED_ */
