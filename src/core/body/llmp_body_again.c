
/*
 * Copyright (C) llm-policy authors
 *
 * A second decision on a body, by another policy: the members that were read
 * are copied, each with the node of the other policy's tree.
 */


#include "body/llmp_body_state.h"
#include "decide/llmp_decide.h"


static const llmp_members_t *llmp_body_again_members(const llmp_body_t *body);
static llmp_int_t llmp_body_again_copy(const llmp_body_t *body,
    const llmp_watch_t *root, llmp_members_t *copy);
static const llmp_watch_t *llmp_body_again_node(const llmp_watch_t *node,
    const llmp_watch_t *parent);
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
           && (llmp_body_polices_unknown(body)
               || !llmp_tier_polices_unknown(tier));
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
    llmp_members_t       members;
    const llmp_watch_t  *root;

    llmp_body_again_set_terms(decision, &body->decision);

    if (!body->read) {
        decision->refusal = body->decision.refusal;
        return LLMP_ERROR;
    }

    root = decision->policy->watch[llmp_dialect_index(decision->dialect)];

    if (llmp_body_again_copy(body, root, &members) != LLMP_OK) {
        return llmp_refuse(&decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "the request could not be checked");
    }

    return llmp_decide(decision, &members, body->pool);
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


static llmp_int_t
llmp_body_again_copy(const llmp_body_t *body, const llmp_watch_t *root,
    llmp_members_t *copy)
{
    uint32_t               i;
    llmp_member_t         *m;
    const llmp_members_t  *members;

    members = llmp_body_again_members(body);

    copy->elts = llmp_palloc(body->pool, members->nelts
                                         * sizeof(llmp_member_t));
    if (copy->elts == NULL) {
        return LLMP_ERROR;
    }

    memcpy(copy->elts, members->elts, members->nelts * sizeof(llmp_member_t));

    copy->nelts = members->nelts;
    copy->size = members->nelts;

    for (i = 0; i < copy->nelts; i++) {
        m = &copy->elts[i];

        m->watch = (i == 0) ? root
                            : llmp_body_again_node(m->watch,
                                               copy->elts[m->parent].watch);
        if (m->watch == NULL) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* returns the node of the same member below the parent in another tree */

static const llmp_watch_t *
llmp_body_again_node(const llmp_watch_t *node, const llmp_watch_t *parent)
{
    if (node == node->parent->element) {
        return parent->element;
    }

    if (node == node->parent->unknown) {
        return parent->unknown;
    }

    return llmp_watch_find_exact(parent, &node->name);
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
