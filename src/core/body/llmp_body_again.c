
/*
 * Copyright (C) llm-policy authors
 *
 * A second decision on a body, by another policy.  The members that were read
 * have nodes of the first policy's tree, which are equal to those of the other
 * one's: both trees were built of the same.
 */


#include "body/llmp_body_state.h"
#include "decide/llmp_decide.h"


static llmp_uint_t llmp_body_again_has_unknown(const llmp_body_t *body);
static const llmp_members_t *llmp_body_again_members(const llmp_body_t *body);
static void llmp_body_again_set_terms(llmp_decision_t *decision,
    const llmp_decision_t *terms);


llmp_uint_t
llmp_body_can_decide_again(const llmp_body_t *body, const llmp_policy_t *policy,
    const llmp_tier_t *tier)
{
    const llmp_decision_t  *decision;

    decision = &body->decision;

    return llmp_body_again_members(body) != NULL
           && decision->policy->watched == policy->watched
           && decision->policy->npointers == policy->npointers
           && (llmp_body_again_has_unknown(body)
               || !llmp_tier_polices_unknown(tier));
}


/* returns whether unknown members were read, too */

static llmp_uint_t
llmp_body_again_has_unknown(const llmp_body_t *body)
{
    return (body->kind == &llmp_body_form) ? body->form.unknown
                                           : body->scan.unknown;
}


/* returns the members of a body, or NULL if they are not kept until its end */

static const llmp_members_t *
llmp_body_again_members(const llmp_body_t *body)
{
    if (body->kind == &llmp_body_json || body->kind == &llmp_body_choice) {
        return &body->scan.members;
    }

    return (body->kind == &llmp_body_form) ? &body->form.members : NULL;
}


llmp_int_t
llmp_body_decide_again(const llmp_body_t *body, llmp_decision_t *decision)
{
    llmp_body_again_set_terms(decision, &body->decision);

    if (!body->read) {
        decision->refusal = body->decision.refusal;
        return LLMP_ERROR;
    }

    return llmp_decide(decision, llmp_body_again_members(body), body->pool);
}


llmp_int_t
llmp_body_decide_for(llmp_body_t *body, const llmp_tier_t *tier)
{
    llmp_decision_t  *terms;

    if (!llmp_body_can_decide_again(body, body->decision.policy, tier)) {
        return LLMP_DECLINED;
    }

    terms = llmp_palloc(body->pool, sizeof(llmp_decision_t));
    if (terms == NULL) {
        return llmp_refuse(&body->decision.refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory for a decision");
    }

    *terms = body->decision;
    body->decision.tier = tier;

    llmp_body_again_set_terms(&body->decision, terms);

    return llmp_decide(&body->decision, llmp_body_again_members(body),
                       body->pool);
}


static void
llmp_body_again_set_terms(llmp_decision_t *decision,
    const llmp_decision_t *terms)
{
    const llmp_tier_t       *tier;
    const llmp_policy_t     *policy;
    const llmp_variables_t  *variables;

    policy = decision->policy;
    tier = decision->tier;
    variables = decision->variables;

    llmp_decision_start(decision, terms);

    decision->variables = variables;
    decision->policy = policy;
    decision->tier = tier;
    decision->stream_usage = terms->stream_usage;
    decision->boundary = terms->boundary;
    decision->size = terms->size;
    decision->media_count = terms->media_count;
    decision->media_bytes = terms->media_bytes;
}
