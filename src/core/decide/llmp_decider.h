
/*
 * Copyright (C) llm-policy authors
 *
 * What the files of the decision share: llmp_decide.c (what applies),
 * llmp_decide_model.c (the model), llmp_decide_value.c (members that are
 * there), llmp_decide_absent.c (members that are not), llmp_decide_write.c (the
 * edits), llmp_decide_usage.c (what the gateway asks for), llmp_decide_log.c
 * (texts).
 */


#ifndef LLMP_DECIDER_H_INCLUDED_
#define LLMP_DECIDER_H_INCLUDED_


#include "decide/llmp_decide.h"
#include "json/llmp_scan.h"


/* what is to become of a member */

typedef struct {
    uint32_t              removed;   /* of its members, how many go */
    uint32_t              leading;   /* of those, how many from the first on */
    uint32_t              added;     /* 1 + its first addition, or 0 */
    uint32_t              last;      /* 1 + its last addition */
    uint8_t               remove;    /* it goes itself */
    uint8_t               gone;      /* it goes, or is replaced, by a pointer's
                                        rule: or what it is inside of is */
} llmp_decide_state_t;


/* a member to be added */

typedef struct {
    const llmp_step_t    *steps;     /* names, from the object on that takes it:
                                        an object, or a null that becomes one */
    llmp_uint_t           nsteps;
    llmp_str_t            text;      /* its value */
    uint32_t              next;      /* 1 + the next there, or 0 */
    uint8_t               done;
} llmp_addition_t;


typedef struct {
    llmp_decision_t      *decision;
    const llmp_members_t *members;
    llmp_pool_t          *pool;
    llmp_uint_t           so_far;    /* more members may come */

    llmp_decide_state_t  *state;     /* for each member */
    llmp_addition_t      *additions;
    llmp_uint_t           nadditions;
    llmp_uint_t           additions_size;
    llmp_uint_t           edits_size;
    llmp_uint_t           removes;   /* some member goes */

    llmp_str_t            outer_model;  /* of all requests, */
    llmp_str_t            outer_text;   /* as the client wrote it */

    /* the request at hand */

    uint32_t              scope;
    uint32_t              end;       /* its last member */
    llmp_uint_t           first;     /* it is the first of the document */
    llmp_str_t            model;
    llmp_str_t            model_text;  /* as the client wrote it */
    llmp_uint_t           models;    /* there are rules about models */

    llmp_rule_t *const   *params;    /* by llmp_param_e, NULL: no rule */
    const llmp_rule_t   **pointers;
    u_char               *overridden;
    uint64_t              ruled;     /* parameters with a rule */
    uint64_t              held;      /* those whose value the rule bounds */
    uint64_t              depends;   /* those that depend on other members */
    uint64_t              settled;   /* those that stand where they belong, and
                                        belong nowhere else */
    uint64_t              unsettled; /* those whose default is hidden */
    uint64_t              clashed;   /* those that must not be added */
    uint64_t              fixed;     /* or changed */
    uint64_t              named;     /* those that stand under a native name */
    uint64_t              within;    /* those that an object may hold */

    uint64_t              recorded;  /* those whose record is about a member */

    /* what follows is written before it is read */

    uint32_t              records[LLMP_PARAM_MAX];  /* those members */
    llmp_rule_t          *merged[LLMP_PARAM_MAX];   /* of tier and models */
} llmp_decider_t;


/*
 * Whether a member whose watch has clashes says what they are about; text is
 * its value as JSON, of type.
 */
llmp_uint_t llmp_decide_says(const llmp_watch_t *w, llmp_uint_t type,
    const llmp_str_t *text);

/* notes what a value that a pointer's rule writes clashes with, at w */
llmp_int_t llmp_decide_written(llmp_decider_t *dc, const llmp_watch_t *w,
    const llmp_value_t *value);

/* refuses because memory ran out, or PCRE2 gave up; returns LLMP_ERROR */
llmp_int_t llmp_decide_nomem(llmp_decider_t *dc);

/* finds the model of all requests; then that of the request at hand */
llmp_int_t llmp_decide_outer_model(llmp_decider_t *dc);
llmp_int_t llmp_decide_model(llmp_decider_t *dc);

/* LLMP_OK if one of the patterns matches, LLMP_DECLINED, or LLMP_ERROR */
llmp_int_t llmp_decide_patterns(const llmp_patterns_t *patterns,
    const llmp_str_t *subject);

/* notes what the client sent, if member i is a canonical parameter */
void llmp_decide_requested(llmp_decider_t *dc, uint32_t i);

/* holds member i to a rule; param is LLMP_PARAM_MAX for a pointer's rule */
llmp_int_t llmp_decide_value(llmp_decider_t *dc, const llmp_rule_t *rule,
    uint32_t i, llmp_uint_t param);

/* writes what is absent from the request at hand and must not be */
llmp_int_t llmp_decide_absent(llmp_decider_t *dc);

/*
 * Whether text, which a parameter's rule would write at w, may be written there
 * by the rule that a pointer has of the same place; a number is brought to its
 * bounds.
 */
llmp_uint_t llmp_decide_admits(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t param, llmp_str_t *text, llmp_action_e *action);

/* adds what the request at hand may ask for to the decision's output */
void llmp_decide_output(llmp_decider_t *dc);

/* asks for the usage of the request at hand, if it is to be a stream */
llmp_int_t llmp_decide_usage(llmp_decider_t *dc);

/* a member's value for messages and logs; never a string behind a pointer */
llmp_str_t llmp_decide_shown(const llmp_member_t *m, llmp_uint_t param);

/*
 * Records a change; for the log, and as the parameter's record.  m is the
 * member that is changed, or NULL where one is added.
 */
void llmp_decide_changed(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_member_t *m, const llmp_str_t *effective,
    llmp_action_e action);

/* brings a number that the policy writes into the dialect's legal range */
llmp_str_t llmp_decide_legal(const llmp_slot_t *slot,
    const llmp_value_t *value);

/* puts text in place of [start, end) of the document */
llmp_int_t llmp_decide_edit(llmp_decider_t *dc, uint64_t start, uint64_t end,
    const llmp_str_t *text);

/* puts a JSON text in place of a member's value */
llmp_int_t llmp_decide_set(llmp_decider_t *dc, const llmp_member_t *m,
    const llmp_str_t *text);

/* whether two names are of the same member; where an API has two spellings of
   each, they are */
llmp_uint_t llmp_decide_is(llmp_decider_t *dc, const llmp_str_t *name,
    const llmp_str_t *step);

/* adds a member, see llmp_addition_t; the steps are kept */
llmp_int_t llmp_decide_add(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *steps, llmp_uint_t nsteps, const llmp_str_t *text);

/* makes the decision's edits of all that was gathered */
llmp_int_t llmp_decide_write(llmp_decider_t *dc);

/* "a string", ... */
const char *llmp_type_name(llmp_uint_t type);


/* the lowest bit of a set that is not empty */

static inline llmp_uint_t
llmp_lowest(uint64_t mask)
{
    return (llmp_uint_t) __builtin_ctzll(mask);
}


#endif /* LLMP_DECIDER_H_INCLUDED_ */
