
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_facts.h"
#include "decide/llmp_decide_rules.h"
#include "policy/llmp_models.h"


static llmp_int_t llmp_decide_rules_add_models(llmp_decider_t *dc);
static void llmp_decide_rules_add(llmp_decider_t *dc,
    const llmp_rules_t *rules);
static void llmp_decide_rules_merge(llmp_decider_t *dc,
    const llmp_rules_t *rules, uint64_t fresh);


llmp_int_t
llmp_decide_rules(llmp_decider_t *dc)
{
    uint64_t               before, left;
    llmp_uint_t            i;
    const llmp_rules_t    *rules;
    const llmp_policy_t   *policy;

    policy = dc->decision->policy;
    rules = &dc->decision->tier->rules;

    before = dc->ruled;

    dc->params = rules->params;
    dc->ruled = 0;
    dc->bounded = 0;

    llmp_decide_facts_clear(dc);

    if (policy->npointers != 0) {
        memset(dc->overridden, 0, policy->npointers);
        memset(dc->pointers, 0, policy->npointers * sizeof(llmp_rule_t *));
    }

    if (dc->model_pointer != 0) {

        /* found by the model that the client names, see llmp_decide_model() */

        dc->pointers[dc->model_pointer - 1] = dc->model_rule;
        dc->overridden[dc->model_pointer - 1] = 1;
    }

    if (policy->nmodels != 0 && llmp_decide_rules_add_models(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    /*
     * "remove" in a model entry needs no check of bypasses: the model rejects
     * the parameter anyway.  The client chooses the model, though, so that
     * "remove" of the tier does need the check.
     */

    dc->bounded |= rules->bounded | (rules->removed & ~dc->ruled);

    llmp_decide_rules_add(dc, rules);
    llmp_decide_facts_add(dc, rules);

    left = dc->first ? (before | dc->ruled) : 0;

    llmp_param_for_each(i, left) {
        llmp_decision_note(dc->decision, i)->rule = dc->params[i];
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decide_rules_add_models(llmp_decider_t *dc)
{
    llmp_uint_t           i;
    const uint64_t       *set;
    const llmp_policy_t  *policy;

    policy = dc->decision->policy;
    set = llmp_models_match(policy, &dc->model);

    if (set == NULL) {
        return llmp_decider_fail(dc);
    }

    llmp_models_for_each(i, policy, set, dc->decision->tier) {
        llmp_decide_rules_add(dc, &policy->models[i].rules);
        llmp_decide_facts_add(dc, &policy->models[i].rules);
    }

    return LLMP_OK;
}


/* adds the rules of parameters and pointers that have no rule yet */

static void
llmp_decide_rules_add(llmp_decider_t *dc, const llmp_rules_t *rules)
{
    uint64_t     fresh;
    llmp_uint_t  i;

    fresh = rules->ruled & ~dc->ruled;

    if (dc->params != rules->params && fresh != 0) {
        llmp_decide_rules_merge(dc, rules, fresh);
    }

    dc->ruled |= fresh;
    dc->bounded |= rules->bounded & fresh;

    if (rules->pointers == NULL) {
        return;
    }

    for (i = 0; i < dc->decision->policy->npointers; i++) {

        if (rules->pointers[i] != NULL && !dc->overridden[i]) {
            dc->pointers[i] = rules->pointers[i];
            dc->overridden[i] = 1;
        }
    }
}


/* copies rules; rules of the tier are used in place if no model has rules */

static void
llmp_decide_rules_merge(llmp_decider_t *dc, const llmp_rules_t *rules,
    uint64_t fresh)
{
    llmp_uint_t  i;

    if (dc->params != dc->merged) {
        memset(dc->merged, 0, sizeof(dc->merged));
        dc->params = dc->merged;
    }

    for ( /* void */ ; fresh != 0; fresh &= fresh - 1) {
        i = llmp_param_lowest(fresh);
        dc->merged[i] = rules->params[i];
    }
}
