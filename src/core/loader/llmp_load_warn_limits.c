
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_keys.h"
#include "loader/llmp_load_warn_limits.h"
#include "loader/llmp_load_warn_pattern.h"
#include "policy/llmp_models.h"


static void llmp_load_warn_limits_list(llmp_loader_t *loader,
    const llmp_doc_node_t *owner, const llmp_limits_list_t *list,
    const llmp_tier_t *tier);
static void llmp_load_warn_limits_one(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_limits_t *limits,
    const llmp_tier_t *tier);
static void llmp_load_warn_limits_tokens(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_limits_t *limits,
    const llmp_rules_t *rules);
static uint64_t llmp_load_warn_limits_absent(const llmp_rules_t *rules,
    llmp_param_e param, uint64_t unknown);
static void llmp_load_warn_limits_price(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_limits_list_t *list,
    const llmp_tier_t *tier);
static llmp_uint_t llmp_load_warn_limits_have_cost(
    const llmp_limits_list_t *list);


void
llmp_load_warn_limits(llmp_loader_t *loader)
{
    llmp_uint_t             i;
    llmp_policy_t          *policy;
    const llmp_tier_t      *tier;
    const llmp_tenant_t    *tenant;
    const llmp_load_key_t  *key;

    policy = loader->policy;

    for (i = 0; i < policy->ntiers; i++) {
        tier = &policy->tiers[i];

        llmp_load_warn_limits_list(loader, loader->tiers.elts[i], &tier->limits,
                                   tier);

        llmp_load_warn_limits_price(loader, loader->tiers.elts[i],
                                    llmp_load_warn_limits_have_cost(
                                        &policy->limits)
                                    ? &policy->limits : &tier->limits, tier);
    }

    for (i = 0; i < policy->ntenants; i++) {
        tenant = &policy->tenants[i];

        llmp_load_warn_limits_list(loader, loader->tenants.elts[i],
                                   &tenant->limits, tenant->tier);
        llmp_load_warn_limits_price(loader, loader->tenants.elts[i],
                                    &tenant->limits, tenant->tier);
    }

    for (i = 0; i < policy->nkeys; i++) {
        key = &loader->keys[i];

        if (key->key.terms != NULL) {
            llmp_load_warn_limits_list(loader, key->node,
                                       &key->key.terms->limits,
                                       key->key.tenant->tier);
            llmp_load_warn_limits_price(loader, key->node,
                                        &key->key.terms->limits,
                                        key->key.tenant->tier);
        }
    }

    llmp_load_warn_limits_list(loader, loader->doc.files->nodes,
                               &policy->limits, policy->default_tier);
}


/* list is that of an owner, which has inherited it if it has no "limits" */

static void
llmp_load_warn_limits_list(llmp_loader_t *loader, const llmp_doc_node_t *owner,
    const llmp_limits_list_t *list, const llmp_tier_t *tier)
{
    llmp_uint_t             i;
    const llmp_doc_node_t  *node, *child;

    node = (list->nelts != 0) ? llmp_doc_member(owner, "limits") : NULL;

    if (node == NULL) {
        return;
    }

    if (llmp_doc_type(node) == LLMP_TYPE_OBJECT) {

        /* it may be behind inherited ones */

        llmp_load_warn_limits_one(loader, node, &list->elts[list->nelts - 1],
                                  tier);
        return;
    }

    i = 0;

    llmp_doc_each(child, node) {
        llmp_load_warn_limits_one(loader, child, &list->elts[i++], tier);
    }
}


static void
llmp_load_warn_limits_one(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_limits_t *limits, const llmp_tier_t *tier)
{
    llmp_load_warn_limits_tokens(loader, node, limits, &tier->rules);
    llmp_load_warn_pattern_list(loader, llmp_doc_member(node, "models"));
}


/* limits on tokens that a request without max_tokens exceeds by itself */

static void
llmp_load_warn_limits_tokens(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_limits_t *limits, const llmp_rules_t *rules)
{
    uint64_t                tokens, each, most;
    llmp_limit_e            i;
    const llmp_weights_t   *weights;
    const llmp_doc_node_t  *child;

    weights = &loader->policy->weights;
    each = (uint64_t) ((weights->output > weights->reasoning)
                       ? weights->output : weights->reasoning);

    /* each factor is below 2^32 */

    tokens = llmp_load_warn_limits_absent(rules, LLMP_MAX_TOKENS, 0)
             * llmp_load_warn_limits_absent(rules, LLMP_N, 1);

    for (i = LLMP_LIMIT_TOKENS_PER_MINUTE; i < LLMP_LIMIT_COST_PER_MINUTE; i++)
    {
        child = llmp_doc_member(node, llmp_limits_name(i));

        if (child == NULL || llmp_limit_kind(i) == LLMP_LIMIT_INPUT) {
            continue;
        }

        most = (uint64_t) limits->max[i];

        if (llmp_limit_kind(i) == LLMP_LIMIT_OUTPUT) {

            if (tokens > most) {
                llmp_doc_warning(&loader->doc, child, "a request without "
                                 "max_tokens reserves %llu tokens of output, "
                                 "so that it is always refused",
                                 (unsigned long long) tokens);
            }

            continue;
        }

        /* a prompt has tokens, too */

        if (each != 0 && tokens >= most / each + (most % each != 0)) {
            llmp_doc_warning(&loader->doc, child, "a request without "
                             "max_tokens reserves %llu tokens and its prompt, "
                             "so that it is always refused",
                             (unsigned long long) tokens);
        }
    }
}


/* returns what is reserved for a parameter that is absent */

static uint64_t
llmp_load_warn_limits_absent(const llmp_rules_t *rules, llmp_param_e param,
    uint64_t unknown)
{
    uint64_t             n;
    const llmp_rule_t   *rule;
    const llmp_value_t  *value;

    rule = rules->params[param];

    if (rule == NULL) {
        return unknown;
    }

    value = llmp_rule_value(rule);

    if (value == NULL) {
        value = (param == LLMP_N) ? rule->min : rule->max;
    }

    if (value == NULL || value->type != LLMP_TYPE_NUMBER) {
        return unknown;
    }

    n = llmp_decimal_whole(&value->number);

    return (n < UINT32_MAX) ? n : UINT32_MAX;
}


/* a request under a limit on costs is refused if its tier has no price */

static void
llmp_load_warn_limits_price(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_limits_list_t *list, const llmp_tier_t *tier)
{
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = loader->policy;

    if (!llmp_load_warn_limits_have_cost(list)) {
        return;
    }

    for (i = 0; i < policy->nmodels; i++) {
        if (policy->models[i].price != NULL && llmp_models_holds(tier, i)) {
            return;
        }
    }

    llmp_doc_warning(&loader->doc, node, "costs are limited, and no entry of "
                     "\"models\" with a price holds for tier \"%s\": all "
                     "requests are refused", (char *) tier->name.data);
}


static llmp_uint_t
llmp_load_warn_limits_have_cost(const llmp_limits_list_t *list)
{
    llmp_uint_t  i;

    for (i = 0; i < list->nelts; i++) {
        if ((list->elts[i].set & llmp_limit_kind_bits(LLMP_LIMIT_COST)) != 0) {
            return 1;
        }
    }

    return 0;
}
