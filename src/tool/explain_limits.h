
/*
 * Copyright (C) llm-policy authors
 *
 * The limits that count an explained request, and what it would reserve.
 */


#ifndef EXPLAIN_LIMITS_H_INCLUDED_
#define EXPLAIN_LIMITS_H_INCLUDED_


#include <jansson.h>

#include "decide/llmp_decision.h"
#include "limit/llmp_limit_select.h"
#include "request/llmp_request.h"
#include "request/llmp_request_caller.h"


typedef struct {
    llmp_uint_t            counts;    /* the policy lets the request pass */
    llmp_limit_select_t    select;
    llmp_str_t             model;     /* empty if it is not known */
    int64_t                input;     /* tokens, estimated */
    int64_t                output;    /* at most */
    llmp_limit_amounts_t   amounts;
    llmp_limit_clock_t     clock;
    llmp_limit_entry_t     entries[LLMP_LIMITS_OBJECTS];
    const llmp_tier_t     *over;      /* tier in which the request would always
                                         be decided instead, or NULL */
} explain_limits_t;


/*
 * Selects the limits of a caller for a request that the policy lets pass.
 * Returns LLMP_OK; or LLMP_ERROR with the refusal of decision set if they would
 * refuse it even if nothing else had been used.
 */
llmp_int_t explain_limits_decide(explain_limits_t *el,
    const llmp_policy_t *policy, const llmp_request_t *request,
    const llmp_caller_t *caller, llmp_decision_t *decision, int64_t now);

/* prints the limits as a table, and what must be said about them */
void explain_limits_print(const explain_limits_t *el);

/* returns them as JSON; null if the request does not count */
json_t *explain_limits_json(const explain_limits_t *el);


#endif /* EXPLAIN_LIMITS_H_INCLUDED_ */
