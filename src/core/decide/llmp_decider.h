
/*
 * Copyright (C) llm-policy authors
 *
 * State of a decision, which the parts of decide/ share.
 *
 * Their functions that return llmp_int_t return LLMP_OK, or LLMP_ERROR with a
 * refusal in the decision.  All memory is from the pool of the decision.
 */


#ifndef LLMP_DECIDER_H_INCLUDED_
#define LLMP_DECIDER_H_INCLUDED_


#include "decide/llmp_decision.h"
#include "watch/llmp_member.h"


/* state of a member during the decision */

typedef struct {
    llmp_str_t            sent;      /* text that replaces its value, or
                                        empty */
    uint32_t              removed;   /* number of removed children */
    uint32_t              leading;   /* removed children before the first that
                                        remains */
    uint32_t              added;     /* 1 + index of its first addition, or 0 */
    uint32_t              last;      /* 1 + index of its last addition, or 0 */
    uint8_t               action;    /* LLMP_ACTION_* of its change */
    uint8_t               remove;    /* the member is removed */
    uint8_t               replaced;  /* removed or replaced by a pointer rule,
                                        or inside such a member */
    uint8_t               thinking;  /* LLMP_DECIDER_LOWERED, _OFF, or 0 */
    uint64_t              written;   /* parameters added to it */
} llmp_decider_member_t;

#define LLMP_DECIDER_LOWERED  1      /* a budget: brought below max_tokens */
#define LLMP_DECIDER_OFF      2      /* an object: thinking is turned off */


/* place of a member: steps from a member that is present */

typedef struct {
    uint32_t              base;  /* index of the member that is present */
    const llmp_step_t    *steps;
    llmp_uint_t           nsteps;
} llmp_decider_place_t;


/* a member that is added to an object, or to a null that becomes one */

typedef struct {
    const llmp_step_t    *steps;  /* names inside the object */
    llmp_uint_t           nsteps;
    llmp_str_t            text;   /* value, JSON */
    uint64_t              params; /* parameters of the member */
    uint32_t              next;   /* 1 + index of the next addition to the
                                     object, or 0 */
    uint8_t               done;   /* written */
} llmp_decider_addition_t;


typedef struct {
    llmp_decision_t          *decision;
    const llmp_members_t     *members;
    llmp_pool_t              *pool;
    llmp_uint_t               so_far;          /* more members may follow */

    llmp_decider_member_t    *state;           /* by index of member */
    llmp_decider_addition_t  *additions;
    llmp_uint_t               nadditions;
    llmp_uint_t               first_addition;  /* index of the first of the
                                                  current request */
    llmp_uint_t               additions_size;
    llmp_uint_t               edits_size;
    llmp_uint_t               removes;         /* a member is removed */

    llmp_str_t                outer_model;     /* model of all requests */
    llmp_str_t                outer_text;      /* outer_model as written */
    llmp_uint_t               model_pointer;   /* 1 + index of the pointer to
                                                  the model, or 0 */

    /* the current request */

    uint32_t                  scope;           /* index of its root */
    uint32_t                  end;             /* index of its last member */
    llmp_uint_t               first;           /* first request of the
                                                  document */
    llmp_str_t                model;
    llmp_str_t                model_text;      /* model as written */
    const llmp_rule_t        *model_rule;      /* about the member with the
                                                  model, or NULL */
    llmp_uint_t               models;          /* the policy has rules about
                                                  models */

    llmp_rule_t *const       *params;          /* by llmp_param_e, NULL: no
                                                  rule */
    const llmp_rule_t       **pointers;        /* by index of pointer, NULL: no
                                                  rule */
    u_char                   *overridden;      /* by index of pointer, 1: has a
                                                  rule */

    /* sets of parameters */

    uint64_t                  ruled;           /* with a rule */
    uint64_t                  bounded;         /* with a rule that bounds the
                                                  value */
    uint64_t                  depends;         /* affected by other members */
    uint64_t                  present_once;    /* present at their only place */
    uint64_t                  default_hidden;  /* with an unknown default */
    uint64_t                  conflicting;     /* must not be added */
    uint64_t                  frozen;          /* must not be changed */
    uint64_t                  name_seen;       /* present under a native name */
    uint64_t                  object_seen;     /* with a native object
                                                  present */
    uint64_t                  outer_seen;      /* with a native object present
                                                  that may contain others */
    uint64_t                  added;           /* added to the request */
    uint64_t                  recorded;        /* with an index in records */
    uint64_t                  known;           /* with facts */
    uint64_t                  as;              /* with a name from the policy:
                                                  the model takes no other */
    uint64_t                  created;         /* added in a new object */

    llmp_uint_t               known_models;    /* facts include those of
                                                  llmp_known_models_find() */

    llmp_uint_t               needs;           /* a member needs another one */
    llmp_uint_t               thinks;          /* an object has a budget */
    const llmp_rule_t        *tokens_rule;     /* rule that bounds max_tokens,
                                                  or NULL */
    uint64_t                  tokens;          /* max_tokens that is sent, 0 if
                                                  unknown */

    /* not cleared; written before they are read */

    uint32_t                  records[LLMP_PARAM_MAX];  /* indexes of members */
    llmp_rule_t              *merged[LLMP_PARAM_MAX];  /* rules of the tier and
                                                          models */
    const char               *frozen_at[LLMP_PARAM_MAX];  /* number to which a
                                                             frozen one may be
                                                             changed, or NULL */
    llmp_facts_t              facts[LLMP_PARAM_MAX];  /* for known */
} llmp_decider_t;


/* refuses if memory ran out, or PCRE2 gave up; returns LLMP_ERROR */

static inline llmp_int_t
llmp_decider_fail(llmp_decider_t *dc)
{
    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "the request could not be checked");
}


/* returns the rule of a pointer that leads to a member, or NULL */

static inline const llmp_rule_t *
llmp_decider_pointer_rule(const llmp_decider_t *dc, const llmp_watch_t *w)
{
    return (w->rules.pointer != 0) ? dc->pointers[w->rules.pointer - 1] : NULL;
}


#endif /* LLMP_DECIDER_H_INCLUDED_ */
