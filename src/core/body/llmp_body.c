
/*
 * Copyright (C) llm-policy authors
 */


#include "body/llmp_body_state.h"
#include "dialect/llmp_dialect.h"
#include "policy/llmp_tier.h"


static const llmp_body_kind_t *llmp_body_kind(const llmp_dialect_t *dialect);


size_t
llmp_body_size(void)
{
    return sizeof(llmp_body_t);
}


llmp_body_t *
llmp_body_create(llmp_pool_t *pool)
{
    return llmp_palloc(pool, sizeof(llmp_body_t));
}


llmp_int_t
llmp_body_init(llmp_body_t *body, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    llmp_pool_t *pool, uint64_t seed)
{
    llmp_decision_t  *decision;

    decision = &body->decision;

    llmp_decision_init(decision);

    decision->policy = policy;
    decision->tier = llmp_body_tier(policy, caller, pool);
    decision->caller = caller;
    decision->variables = request->variables;
    decision->dialect = request->dialect;
    decision->path_model = request->model;
    decision->deployment = request->deployment;
    decision->digest = request->digest && !request->change_signed;
    decision->boundary = request->boundary;
    decision->stream_usage = request->stream_usage;
    decision->media_min = request->media_min;
    decision->rates = request->rates;

    if (decision->tier == NULL) {
        return LLMP_ERROR;
    }

    body->kind = llmp_body_kind(request->dialect);
    body->pool = pool;
    body->seed = seed;
    body->read = 0;

    return body->kind->init(body);
}


/* rules in the tenant's own tier are complete since the document was loaded */

const llmp_tier_t *
llmp_body_tier(const llmp_policy_t *policy, const llmp_caller_t *caller,
    llmp_pool_t *pool)
{
    if (caller->tenant == NULL) {
        return caller->tier;
    }

    return llmp_tier_of_tenant(caller->tenant->tier, caller->tier->named,
                               policy->npointers, pool);
}


static const llmp_body_kind_t *
llmp_body_kind(const llmp_dialect_t *dialect)
{
    if (dialect->form) {
        return (dialect->batch != NULL) ? &llmp_body_form_batch
                                        : &llmp_body_form;
    }

    if (dialect->chooses) {
        return &llmp_body_choice;
    }

    /*
     * A batch whose model may follow its requests is kept in memory, and
     * decided on at its end, as a single request is.
     */

    return (dialect->scope != NULL && dialect->outer_model == NULL)
           ? &llmp_body_json_batch : &llmp_body_json;
}


llmp_uint_t
llmp_body_polices_unknown(const llmp_body_t *body)
{
    llmp_uint_t           i;
    const llmp_tier_t    *over;
    const llmp_caller_t  *caller;

    caller = body->decision.caller;

    if (llmp_tier_polices_unknown(body->decision.tier)) {
        return 1;
    }

    for (i = 0; caller != NULL && i < caller->nlimits; i++) {
        over = caller->limits[i]->over;

        if (over != NULL && llmp_tier_polices_unknown(over)) {
            return 1;
        }
    }

    return 0;
}


llmp_int_t
llmp_body_feed(llmp_body_t *body, const u_char *buf, size_t len)
{
    return body->kind->feed(body, buf, len);
}


llmp_int_t
llmp_body_decide(llmp_body_t *body)
{
    return body->kind->decide(body);
}


llmp_int_t
llmp_body_restart(llmp_body_t *body)
{
    return body->kind->restart(body);
}


llmp_decision_t *
llmp_body_decision(llmp_body_t *body)
{
    return &body->decision;
}
