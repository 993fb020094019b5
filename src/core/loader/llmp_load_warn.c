
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "loader/llmp_load_keys.h"
#include "loader/llmp_load_range.h"
#include "loader/llmp_load_template.h"
#include "loader/llmp_load_warn.h"
#include "policy/llmp_models.h"


/* characters of globs and regular expressions that no model's name has */
#define LLMP_LOAD_WARN_WILD  "*?[^$\\"

/* most entries of "models" that are compared with each other */
#define LLMP_LOAD_WARN_MODELS  500


static void llmp_load_warn_tier(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_tier_t *tier,
    const llmp_limits_t *limits);
static void llmp_load_warn_rules(llmp_loader_t *loader,
    const llmp_doc_node_t *owner, const llmp_rules_t *rules);
static void llmp_load_warn_values(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_uint_t param, const llmp_rule_t *rule);
static void llmp_load_warn_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_uint_t param, const llmp_value_t *value,
    int beyond);
static void llmp_load_warn_chosen(llmp_loader_t *loader);
static void llmp_load_warn_patterns(llmp_loader_t *loader,
    const llmp_doc_node_t *owner, const char *name);
static void llmp_load_warn_pattern(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const char *wild);
static const char *llmp_load_warn_repeated(const char *text);
static void llmp_load_warn_limits(llmp_loader_t *loader,
    const llmp_doc_node_t *owner, const llmp_limits_t *limits,
    const llmp_rules_t *rules);
static uint64_t llmp_load_warn_absent(const llmp_rules_t *rules,
    llmp_param_e param, uint64_t unknown);
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
    const llmp_tier_t      *tier;
    const llmp_policy_t    *policy;
    const llmp_tenant_t    *tenant;
    const llmp_doc_node_t  *node;

    policy = loader->policy;

    for (i = 0; i < policy->ntiers; i++) {
        tier = &policy->tiers[i];

        llmp_load_warn_tier(loader, loader->tiers.elts[i], tier, &tier->limits);
    }

    for (i = 0; i < policy->nmodels; i++) {
        node = loader->models.elts[i];

        llmp_load_warn_rules(loader, node, &policy->models[i].rules);
        llmp_load_warn_patterns(loader, node, "match");
        llmp_load_warn_alias(loader, i);

        if (i > 0 && policy->nmodels <= LLMP_LOAD_WARN_MODELS) {
            llmp_load_warn_hidden(loader, i);
        }
    }

    llmp_load_warn_chosen(loader);

    for (i = 0; i < policy->ntenants; i++) {
        tenant = &policy->tenants[i];

        llmp_load_warn_tier(loader, loader->tenants.elts[i], tenant->tier,
                            &tenant->limits);
    }

    if (loader->source != NULL && loader->source->now != 0) {
        llmp_load_keys_warn(loader, loader->source->now);
    }

    for (i = 0; i < policy->nroutes; i++) {
        llmp_load_warn_pattern(loader,
                               llmp_doc_member(loader->routes.elts[i], "path"),
                               "*?");
    }
}


/* node is a tier or a tenant, which has a tier and limits */

static void
llmp_load_warn_tier(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_tier_t *tier, const llmp_limits_t *limits)
{
    const llmp_doc_node_t  *models;

    llmp_load_warn_rules(loader, node, &tier->rules);
    llmp_load_warn_limits(loader, node, limits, &tier->rules);

    models = llmp_doc_member(node, "models");

    if (models != NULL) {
        llmp_load_warn_patterns(loader, models, "allow");
        llmp_load_warn_patterns(loader, models, "deny");
    }
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


static void
llmp_load_warn_patterns(llmp_loader_t *loader, const llmp_doc_node_t *owner,
    const char *name)
{
    const llmp_doc_node_t  *list, *child;

    list = llmp_doc_member(owner, name);

    if (list == NULL) {
        return;
    }

    llmp_doc_each(child, list) {
        llmp_load_warn_pattern(loader, child, LLMP_LOAD_WARN_WILD);
    }
}


static void
llmp_load_warn_pattern(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const char *wild)
{
    const char  *text, *found;

    text = (char *) llmp_doc_string(node).data;

    if (*text == '~') {
        found = llmp_load_warn_repeated(text);

        if (found != NULL) {
            llmp_doc_warning(&loader->doc, node, "\"*\" repeats the \"%c\" "
                             "before it; any text is \".*\"", found[-1]);
        }

        return;
    }

    found = strpbrk(text, wild);

    if (found != NULL) {
        llmp_doc_warning(&loader->doc, node, "this is no pattern, but a name "
                         "with \"%c\"; a regular expression begins with \"~\", "
                         "as \"~^%.*s\"", *found, (int) (found - text), text);
    }
}


/* returns the first "*" behind a letter, digit, "-" or "/", or NULL: hardly
   anyone wants these repeated */

static const char *
llmp_load_warn_repeated(const char *text)
{
    const char  *p;

    for (p = text + 1; *p != '\0'; p++) {

        if (*p == '\\' && p[1] != '\0') {
            p++;
            continue;
        }

        if (p[1] == '*'
            && (llmp_ascii_is_alnum((u_char) *p) || *p == '-' || *p == '/'))
        {
            return p + 1;
        }
    }

    return NULL;
}


/* limits on tokens that a request without max_tokens exceeds by itself */

static void
llmp_load_warn_limits(llmp_loader_t *loader, const llmp_doc_node_t *owner,
    const llmp_limits_t *limits, const llmp_rules_t *rules)
{
    uint64_t                tokens;
    llmp_limit_e            i;
    const llmp_doc_node_t  *node;

    owner = llmp_doc_member(owner, "limits");

    if (owner == NULL) {
        return;
    }

    tokens = llmp_load_warn_absent(rules, LLMP_MAX_TOKENS, 0)
             * llmp_load_warn_absent(rules, LLMP_N, 1);

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {

        if (i != LLMP_LIMIT_TOKENS_PER_MINUTE
            && i != LLMP_LIMIT_TOKENS_PER_DAY)
        {
            continue;
        }

        node = llmp_doc_member(owner, llmp_limits_name(i));

        /* a prompt has tokens, too */

        if (node != NULL && tokens >= (uint64_t) limits->max[i]) {
            llmp_doc_warning(&loader->doc, node, "a request without max_tokens "
                             "reserves %llu tokens and its prompt, so that it "
                             "is always refused", (unsigned long long) tokens);
        }
    }
}


/* returns what is reserved for a parameter that is absent */

static uint64_t
llmp_load_warn_absent(const llmp_rules_t *rules, llmp_param_e param,
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


/* rules next to one that sends a model which the entry does not match */

static void
llmp_load_warn_alias(llmp_loader_t *loader, llmp_uint_t i)
{
    llmp_str_t              name;
    const llmp_doc_node_t  *parameters, *model, *force, *child;

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
}


/* rules of a "models" entry that never hold, since the first match wins */

static void
llmp_load_warn_hidden(llmp_loader_t *loader, llmp_uint_t i)
{
    const llmp_doc_node_t  *parameters, *child;

    parameters = llmp_doc_member(loader->models.elts[i], "parameters");

    llmp_doc_each(child, parameters) {

        if (llmp_load_warn_hides(loader, i, child->name)) {
            llmp_doc_warning(&loader->doc, child, "this rule never holds: "
                             "earlier entries have one of \"%s\" for all of "
                             "these models, and the first one wins",
                             child->name);
        }
    }
}


/* returns whether earlier entries have a rule of this name for all models of
   the i-th one */

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

        if (llmp_doc_member(node, rule) == NULL) {
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
