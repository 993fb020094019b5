
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "loader/llmp_load_keys.h"
#include "loader/llmp_load_range.h"
#include "loader/llmp_load_template.h"
#include "loader/llmp_load_warn.h"
#include "loader/llmp_load_warn_limits.h"
#include "loader/llmp_load_warn_pattern.h"
#include "policy/llmp_models.h"


/* most entries of "models" that are compared with each other */
#define LLMP_LOAD_WARN_MODELS  500


static void llmp_load_warn_tier(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_tier_t *tier);
static void llmp_load_warn_rules(llmp_loader_t *loader,
    const llmp_doc_node_t *owner, const llmp_rules_t *rules);
static void llmp_load_warn_values(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_uint_t param, const llmp_rule_t *rule);
static void llmp_load_warn_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_uint_t param, const llmp_value_t *value,
    int beyond);
static void llmp_load_warn_chosen(llmp_loader_t *loader);
static void llmp_load_warn_alias(llmp_loader_t *loader, llmp_uint_t i);
static void llmp_load_warn_hidden(llmp_loader_t *loader, llmp_uint_t i);
static llmp_uint_t llmp_load_warn_hides(llmp_loader_t *loader, llmp_uint_t i,
    const char *rule);
static llmp_uint_t llmp_load_warn_hides_pattern(llmp_loader_t *loader,
    llmp_uint_t i, const char *rule, const llmp_pattern_t *pattern);
static llmp_uint_t llmp_load_warn_has_tiers(const llmp_policy_t *policy,
    llmp_uint_t one, llmp_uint_t two);
static llmp_uint_t llmp_load_warn_covers(const llmp_pattern_t *a,
    const llmp_pattern_t *b);


void
llmp_load_warn(llmp_loader_t *loader)
{
    llmp_uint_t             i;
    const llmp_policy_t    *policy;
    const llmp_doc_node_t  *node;

    policy = loader->policy;

    for (i = 0; i < policy->ntiers; i++) {
        llmp_load_warn_tier(loader, loader->tiers.elts[i], &policy->tiers[i]);
    }

    for (i = 0; i < policy->nmodels; i++) {
        node = loader->models.elts[i];

        llmp_load_warn_rules(loader, node, &policy->models[i].rules);
        llmp_load_warn_pattern_list(loader, llmp_doc_member(node, "match"));
        llmp_load_warn_alias(loader, i);

        if (i > 0 && policy->nmodels <= LLMP_LOAD_WARN_MODELS) {
            llmp_load_warn_hidden(loader, i);
        }
    }

    llmp_load_warn_chosen(loader);

    for (i = 0; i < policy->ntenants; i++) {
        llmp_load_warn_tier(loader, loader->tenants.elts[i],
                            policy->tenants[i].tier);
    }

    llmp_load_warn_limits(loader);

    if (loader->source != NULL && loader->source->now != 0) {
        llmp_load_keys_warn(loader, loader->source->now);
    }

    for (i = 0; i < policy->nroutes; i++) {
        llmp_load_warn_pattern(loader,
                               llmp_doc_member(loader->routes.elts[i], "path"),
                               "*?");
    }
}


/* node is the tier, or the tenant that has it */

static void
llmp_load_warn_tier(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_tier_t *tier)
{
    const llmp_doc_node_t  *models;

    llmp_load_warn_rules(loader, node, &tier->rules);

    models = llmp_doc_member(node, "models");

    llmp_load_warn_pattern_list(loader, llmp_doc_member(models, "allow"));
    llmp_load_warn_pattern_list(loader, llmp_doc_member(models, "deny"));
}


static void
llmp_load_warn_rules(llmp_loader_t *loader, const llmp_doc_node_t *owner,
    const llmp_rules_t *rules)
{
    uint64_t                left;
    llmp_uint_t             i;
    const llmp_doc_node_t  *node;

    owner = llmp_doc_member(owner, "parameters");
    left = rules->ruled;

    llmp_param_for_each(i, left) {
        node = llmp_doc_member(owner, (char *) llmp_params[i].name.data);

        if (node != NULL) {
            llmp_load_warn_values(loader, node, i, rules->params[i]);
        }
    }
}


/* values that no API accepts: what is written is brought into the range of the
   dialect */

static void
llmp_load_warn_values(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_uint_t param, const llmp_rule_t *rule)
{
    llmp_uint_t             i;
    const llmp_doc_node_t  *child, *allow;

    llmp_load_warn_value(loader, llmp_doc_member(node, "force"), param,
                         rule->force, 0);
    llmp_load_warn_value(loader, llmp_doc_member(node, "default"), param,
                         rule->fallback, 0);
    llmp_load_warn_value(loader, llmp_doc_member(node, "min"), param,
                         rule->min, -1);
    llmp_load_warn_value(loader, llmp_doc_member(node, "max"), param,
                         rule->max, 1);

    allow = llmp_doc_member(node, "allow");

    if (allow == NULL) {
        return;
    }

    i = 0;

    llmp_doc_each(child, allow) {
        llmp_load_warn_value(loader, child, param, &rule->allow[i++], 0);
    }
}


/* beyond is -1 for "min", 1 for "max": such a bound has no effect there */

static void
llmp_load_warn_value(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_uint_t param, const llmp_value_t *value, int beyond)
{
    int                  cmp;
    llmp_load_range_t    range;
    const llmp_param_t  *p;

    p = &llmp_params[param];

    if (node == NULL || value == NULL || value->type != LLMP_TYPE_NUMBER) {
        return;
    }

    range = llmp_load_range(p);
    cmp = llmp_load_range_cmp(&range, &value->number);

    if (cmp == 0
        || (cmp < 0 && (p->flags & (LLMP_PARAM_UNLIMITED|LLMP_PARAM_NEGATIVE
                                    |LLMP_PARAM_OFF))))
    {
        /* servers have their own meaning of small values */
        return;
    }

    llmp_doc_warning(&loader->doc, node, "no API accepts \"%s\" %s %s%s",
                     (char *) p->name.data, (cmp < 0) ? "below" : "above",
                     (cmp < 0) ? range.min : range.max,
                     (cmp == beyond) ? ": this bound changes nothing" : "");
}


/* values of "force_from" that clients choose */

static void
llmp_load_warn_chosen(llmp_loader_t *loader)
{
    const llmp_loader_rule_t  *loaded;

    for (loaded = loader->rules; loaded != NULL; loaded = loaded->next) {

        if (loaded->rule->force_from != NULL
            && llmp_load_template_is_chosen(loader, loaded->rule->force_from))
        {
            llmp_doc_warning(&loader->doc,
                             llmp_doc_member(loaded->node, "force_from"),
                             "the client chooses this value: it writes all of "
                             "the variables");
        }
    }
}


/* rules next to one that sends a model which the entry does not match */

static void
llmp_load_warn_alias(llmp_loader_t *loader, llmp_uint_t i)
{
    llmp_str_t              name;
    const llmp_doc_node_t  *parameters, *model, *force, *child, *price;

    price = llmp_doc_member(loader->models.elts[i], "price");
    parameters = llmp_doc_member(loader->models.elts[i], "parameters");
    model = llmp_doc_member(parameters, "/model");
    force = llmp_doc_member(model, "force");

    if (force == NULL || llmp_doc_type(force) != LLMP_TYPE_STRING) {
        return;
    }

    name = llmp_doc_string(force);

    if (llmp_policy_match(&loader->policy->models[i].match, &name)
        != LLMP_DECLINED)
    {
        return;
    }

    llmp_doc_each(child, parameters) {

        if (child != model) {
            llmp_doc_warning(&loader->doc, child, "this rule does not hold for "
                             "what \"/model\" sends: put it into an entry that "
                             "matches \"%s\"", (char *) name.data);
        }
    }

    if (price != NULL) {
        llmp_doc_warning(&loader->doc, price, "this price is not that of what "
                         "\"/model\" sends: put it into an entry that matches "
                         "\"%s\"", (char *) name.data);
    }
}


/* rules of a "models" entry that never hold, since the first match wins */

static void
llmp_load_warn_hidden(llmp_loader_t *loader, llmp_uint_t i)
{
    const llmp_doc_node_t  *parameters, *child, *price;

    price = llmp_doc_member(loader->models.elts[i], "price");
    parameters = llmp_doc_member(loader->models.elts[i], "parameters");

    if (price != NULL && llmp_load_warn_hides(loader, i, NULL)) {
        llmp_doc_warning(&loader->doc, price, "this price is never used: "
                         "earlier entries have one for all of these models, "
                         "and the first one wins");
    }

    if (parameters == NULL) {
        return;
    }

    llmp_doc_each(child, parameters) {

        if (llmp_load_warn_hides(loader, i, child->name)) {
            llmp_doc_warning(&loader->doc, child, "this rule never holds: "
                             "earlier entries have one of \"%s\" for all of "
                             "these models, and the first one wins",
                             child->name);
        }
    }
}


/* returns whether earlier entries have a rule of this name, or a price if it is
   NULL, for all models of the i-th one */

static llmp_uint_t
llmp_load_warn_hides(llmp_loader_t *loader, llmp_uint_t i, const char *rule)
{
    llmp_uint_t             n;
    const llmp_patterns_t  *match;

    match = &loader->policy->models[i].match;

    for (n = 0; n < match->nelts; n++) {
        if (!llmp_load_warn_hides_pattern(loader, i, rule, &match->elts[n])) {
            return 0;
        }
    }

    return 1;
}


/* entries of other parts are not compared: to put rules of one's own before
   those of an included part is the way to replace them */

static llmp_uint_t
llmp_load_warn_hides_pattern(llmp_loader_t *loader, llmp_uint_t i,
    const char *rule, const llmp_pattern_t *pattern)
{
    llmp_uint_t              j, n;
    const llmp_doc_node_t   *node, **nodes;
    const llmp_patterns_t   *match;

    nodes = loader->models.elts;

    for (j = 0; j < i; j++) {

        if (llmp_doc_file(&loader->doc, nodes[j]->start)
            != llmp_doc_file(&loader->doc, nodes[i]->start))
        {
            continue;
        }

        node = llmp_doc_member(nodes[j], "parameters");
        node = (rule != NULL) ? llmp_doc_member(node, rule)
                              : llmp_doc_member(nodes[j], "price");

        if (node == NULL) {
            continue;
        }

        match = &loader->policy->models[j].match;

        for (n = 0; n < match->nelts; n++) {
            if (llmp_load_warn_covers(&match->elts[n], pattern)
                && llmp_load_warn_has_tiers(loader->policy, j, i))
            {
                return 1;
            }
        }
    }

    return 0;
}


/* returns whether an entry holds for all tiers that another one holds for */

static llmp_uint_t
llmp_load_warn_has_tiers(const llmp_policy_t *policy, llmp_uint_t one,
    llmp_uint_t two)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->ntiers; i++) {
        if (llmp_models_holds(&policy->tiers[i], two)
            && !llmp_models_holds(&policy->tiers[i], one))
        {
            return 0;
        }
    }

    return 1;
}


/*
 * Returns whether a matches whatever b matches.  Of regular expressions, this
 * is only known if they are the same, or if a is a plain prefix of b: "~^gpt-5"
 * and "~^gpt-5-mini".
 */

static llmp_uint_t
llmp_load_warn_covers(const llmp_pattern_t *a, const llmp_pattern_t *b)
{
    size_t      i, len;
    llmp_str_t  prefix;

    if (b->code == NULL) {
        return llmp_pattern_match(a, &b->text, NULL) == LLMP_OK;
    }

    if (llmp_str_eq(&a->text, &b->text)) {
        return 1;
    }

    len = a->text.len;

    if (a->code != NULL && len == 1) {
        return 1;
    }

    if (a->code == NULL || len < 3 || b->text.len <= len
        || a->text.data[1] != '^' || memchr(b->text.data, '|', b->text.len))
    {
        return 0;
    }

    for (i = 2; i < len; i++) {
        if (!llmp_ascii_is_alnum(a->text.data[i])
            && strchr("-_./:", a->text.data[i]) == NULL)
        {
            return 0;
        }
    }

    prefix = b->text;
    prefix.len = len;

    return llmp_str_eq(&a->text, &prefix)
           && strchr("*?+{", b->text.data[len]) == NULL;
}
