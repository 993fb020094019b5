
/*
 * Copyright (C) llm-policy authors
 *
 * The steps of a decision: for each request in the document (one, or each of a
 * batch) find the model and the rules, apply the rules to the members that are
 * present, then add those that are absent and must be present.
 */


#include "decide/llmp_decide.h"
#include "decide/llmp_decide_absent.h"
#include "decide/llmp_decide_conflict.h"
#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_member.h"
#include "decide/llmp_decide_model.h"
#include "decide/llmp_decide_need.h"
#include "decide/llmp_decide_output.h"
#include "decide/llmp_decide_prompt.h"
#include "decide/llmp_decide_record.h"
#include "decide/llmp_decide_rules.h"
#include "decide/llmp_decide_stream_usage.h"
#include "decide/llmp_decide_template.h"
#include "decide/llmp_decide_thinking.h"
#include "decide/llmp_decide_unknown.h"


static llmp_int_t llmp_decide_run(llmp_decision_t *decision,
    const llmp_members_t *members, llmp_pool_t *pool, llmp_uint_t so_far);
static llmp_int_t llmp_decide_document(llmp_decider_t *dc);
static llmp_int_t llmp_decide_init(llmp_decider_t *dc);
static llmp_int_t llmp_decide_batch_rules(llmp_decider_t *dc);
static llmp_int_t llmp_decide_batch_member(llmp_decider_t *dc, uint32_t i);
static llmp_int_t llmp_decide_request(llmp_decider_t *dc, uint32_t scope);
static void llmp_decide_start_request(llmp_decider_t *dc, uint32_t scope);
static void llmp_decide_collect_members(llmp_decider_t *dc);


llmp_int_t
llmp_decide(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool)
{
    return llmp_decide_run(decision, members, pool, 0);
}


llmp_int_t
llmp_decide_so_far(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool)
{
    return llmp_decide_run(decision, members, pool, 1);
}


static llmp_int_t
llmp_decide_run(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool, llmp_uint_t so_far)
{
    llmp_decider_t  dc;

    memset(&dc, 0, offsetof(llmp_decider_t, records));

    dc.decision = decision;
    dc.members = members;
    dc.pool = pool;
    dc.so_far = so_far;
    dc.first = 1;

    if (llmp_decide_document(&dc) == LLMP_OK) {
        return LLMP_OK;
    }

    llmp_decision_note_refused(decision);

    decision->edits.nelts = 0;
    decision->added_usage = 0;
    decision->nchanges = 0;

    return LLMP_ERROR;
}


static llmp_int_t
llmp_decide_document(llmp_decider_t *dc)
{
    uint32_t     i;
    llmp_uint_t  in_batch;

    in_batch = 0;

    if (llmp_decide_init(dc) != LLMP_OK) {
        return llmp_decider_fail(dc);
    }

    if (llmp_decide_model_of_all(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < dc->members->nelts; i++) {

        if (!dc->members->elts[i].watch->rules.scope) {

            if (!in_batch && llmp_decide_batch_rules(dc) != LLMP_OK) {
                return LLMP_ERROR;
            }

            in_batch = 1;

            if (llmp_decide_batch_member(dc, i) != LLMP_OK) {
                return LLMP_ERROR;
            }

            continue;
        }

        in_batch = 0;

        if (llmp_decide_request(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }

        i = dc->members->elts[i].last;
        dc->first = 0;
    }

    return llmp_decide_edits_finish(dc);
}


static llmp_int_t
llmp_decide_init(llmp_decider_t *dc)
{
    size_t                 n;
    const llmp_policy_t   *policy;

    n = dc->members->nelts;
    policy = dc->decision->policy;

    dc->models = policy->nmodels != 0
                 || policy->limits_by_model
                 || dc->decision->tier->allow_set
                 || dc->decision->tier->deny.nelts != 0;

    dc->state = llmp_pcalloc(dc->pool, n * sizeof(llmp_decider_member_t));
    if (dc->state == NULL) {
        return LLMP_ERROR;
    }

    if (policy->npointers != 0) {
        dc->pointers = llmp_palloc(dc->pool, policy->npointers
                                             * sizeof(llmp_rule_t *));
        dc->overridden = llmp_palloc(dc->pool, policy->npointers);

        if (dc->pointers == NULL || dc->overridden == NULL) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decide_batch_rules(llmp_decider_t *dc)
{
    dc->frozen = 0;
    dc->model = dc->outer_model;
    dc->model_text = dc->outer_text;
    dc->model_rule = NULL;

    if (llmp_decide_rules(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return (dc->decision->policy->ntemplates != 0)
           ? llmp_decide_template(dc, 0, dc->members->nelts - 1, 0) : LLMP_OK;
}


/*
 * Decides on a member next to the requests of a batch: nothing is added there,
 * but some upstreams may apply the member to all requests.
 */

static llmp_int_t
llmp_decide_batch_member(llmp_decider_t *dc, uint32_t i)
{
    dc->name_seen = 0;
    dc->object_seen = 0;
    dc->outer_seen = 0;

    if (llmp_tier_polices_unknown(dc->decision->tier)
        && llmp_decide_unknown(dc, i, i) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    return dc->state[i].replaced ? LLMP_OK : llmp_decide_member(dc, i);
}


static llmp_int_t
llmp_decide_request(llmp_decider_t *dc, uint32_t scope)
{
    llmp_decide_start_request(dc, scope);

    if (dc->members->elts[scope].type != LLMP_TYPE_OBJECT) {
        return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                           NULL, "a request must be an object");
    }

    if (llmp_decide_model(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    /* the end of a prompt is not known before that of the document */

    if (llmp_prompt_any(&dc->decision->tier->prompt) && !dc->so_far
        && llmp_decide_prompt(dc) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (llmp_decide_rules(dc) != LLMP_OK
        || (dc->decision->policy->ntemplates != 0
            && llmp_decide_template(dc, dc->scope, dc->end, 1) != LLMP_OK)
        || (llmp_tier_polices_unknown(dc->decision->tier)
            && llmp_decide_unknown(dc, dc->scope, dc->end) != LLMP_OK)
        || (dc->pointers != NULL
            && llmp_decide_conflict_find_replaced(dc) != LLMP_OK))
    {
        return LLMP_ERROR;
    }

    if (dc->thinks) {
        llmp_decide_thinking_find(dc);
    }

    if (dc->depends != 0) {
        llmp_decide_conflict_find(dc);
    }

    if ((dc->needs && llmp_decide_need_remove(dc) != LLMP_OK)
        || llmp_decide_members(dc) != LLMP_OK
        || (dc->needs && llmp_decide_need_remove(dc) != LLMP_OK))
    {
        return LLMP_ERROR;
    }

    if (dc->depends != 0) {
        llmp_decide_conflict_collect(dc);
    }

    if (llmp_decide_absent(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (dc->first && (dc->pointers != NULL || dc->removes)) {
        llmp_decide_record_sent(dc);
    }

    llmp_decide_output(dc);

    return dc->decision->stream_usage ? llmp_decide_stream_usage(dc) : LLMP_OK;
}


static void
llmp_decide_start_request(llmp_decider_t *dc, uint32_t scope)
{
    dc->scope = scope;
    dc->end = dc->members->elts[scope].last;
    dc->default_hidden = 0;
    dc->conflicting = 0;
    dc->frozen = 0;
    dc->created = 0;
    dc->name_seen = 0;
    dc->object_seen = 0;
    dc->outer_seen = 0;
    dc->added = 0;
    dc->first_addition = dc->nadditions;

    llmp_decide_collect_members(dc);
}


/* collects the parameters that the client sent, and their dependencies */

static void
llmp_decide_collect_members(llmp_decider_t *dc)
{
    uint32_t              i;
    uint64_t              depends, present, elsewhere;
    llmp_uint_t           needs, thinks;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    depends = 0;
    present = 0;
    elsewhere = 0;

    needs = 0;
    thinks = 0;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];
        w = m->watch;

        needs |= (w->rules.need != NULL);
        thinks |= (w->rules.thinking != NULL);
        depends |= w->rules.hides_defaults | w->rules.freezes
                   | w->rules.conflicts;

        if (i != dc->scope) {
            elsewhere |= w->rules.params_of_children;
        }

        if (w->rules.params == 0) {
            continue;
        }

        if (w->rules.native && m->parent == dc->scope
            && m->type != LLMP_TYPE_NULL)
        {
            present |= w->rules.params;
        }

        if (dc->first) {

            /* before any refusal, so that the log has it */

            llmp_decide_record_requested(dc, i);
        }
    }

    dc->needs = needs && !dc->decision->needs_met;
    dc->thinks = thinks;
    dc->depends = depends;
    dc->present_once = present & ~elsewhere;
}
