
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_scratch.h"
#include "decide/llmp_decide.h"
#include "decide/llmp_decide_edits.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "json/llmp_scan.h"
#include "loader/llmp_load_check.h"
#include "policy/llmp_models.h"


typedef struct {
    llmp_loader_t         *loader;
    llmp_scratch_t         scratch;

    llmp_policy_t          policy;  /* copy of the policy without models */
    llmp_tier_t            tier;    /* rules against which a value is checked */
    u_char                *plain;   /* by index of pointer, 1: checked, with a
                                       result for all dialects */

    const llmp_dialect_t  *dialect;
    llmp_watch_t          *request;

    /* current value */

    const llmp_watch_t    *watch;
    const llmp_rule_t     *rule;
    const llmp_value_t    *value;
    const char            *verb;
    llmp_uint_t            owner;   /* tier or model entry of the value, see
                                       llmp_load_check_rules() */
    const llmp_rule_t     *wrong;   /* rule with the last error */
} llmp_load_check_t;


static void llmp_load_check_walk(llmp_load_check_t *cs, const llmp_watch_t *w,
    llmp_uint_t outer);
static llmp_uint_t llmp_load_check_is_new(llmp_load_check_t *cs,
    const llmp_watch_t *w);
static void llmp_load_check_owner(llmp_load_check_t *cs, const llmp_watch_t *w);
static void llmp_load_check_rule(llmp_load_check_t *cs, const llmp_watch_t *w,
    const llmp_rule_t *rule);
static void llmp_load_check_value(llmp_load_check_t *cs,
    const llmp_value_t *value, const char *verb);
static llmp_uint_t llmp_load_check_next(const llmp_load_check_t *cs,
    llmp_uint_t other);
static llmp_uint_t llmp_load_check_is_inherited(const llmp_load_check_t *cs);
static llmp_uint_t llmp_load_check_is_repeated(const llmp_load_check_t *cs,
    llmp_uint_t other);
static const llmp_tier_t *llmp_load_check_tenant(const llmp_load_check_t *cs,
    llmp_uint_t i);
static llmp_uint_t llmp_load_check_count(const llmp_policy_t *policy);
static llmp_rules_t *llmp_load_check_rules(const llmp_policy_t *policy,
    llmp_uint_t i);
static const llmp_rule_t *llmp_load_check_rule_at(const llmp_rules_t *rules,
    const llmp_watch_t *w);
static llmp_uint_t llmp_load_check_applies(llmp_load_check_t *cs,
    llmp_uint_t other);
static llmp_uint_t llmp_load_check_meet(const llmp_policy_t *policy,
    llmp_uint_t one, llmp_uint_t two);
static llmp_uint_t llmp_load_check_select(llmp_load_check_t *cs,
    llmp_uint_t other);
static llmp_uint_t llmp_load_check_select_inside(llmp_load_check_t *cs,
    const llmp_watch_t *w, llmp_uint_t other);
static llmp_uint_t llmp_load_check_select_outside(llmp_load_check_t *cs,
    llmp_uint_t other);
static llmp_uint_t llmp_load_check_select_params(llmp_load_check_t *cs,
    llmp_uint_t other);
static llmp_rule_t *llmp_load_check_other_rule(llmp_load_check_t *cs,
    llmp_uint_t other, uint32_t pointer);
static void llmp_load_check_run(llmp_load_check_t *cs, llmp_uint_t other);
static llmp_int_t llmp_load_check_decide(llmp_load_check_t *cs,
    llmp_decision_t *decision);
static size_t llmp_load_check_body_size(llmp_load_check_t *cs);
static u_char *llmp_load_check_write_body(llmp_load_check_t *cs, u_char *p);
static u_char *llmp_load_check_write_path(llmp_load_check_t *cs, u_char *p,
    const llmp_watch_t *w);
static void llmp_load_check_error(llmp_load_check_t *cs, llmp_uint_t other,
    const llmp_change_t *change, const llmp_refusal_t *refusal);
static llmp_uint_t llmp_load_check_inherits(const llmp_load_check_t *cs);
static llmp_loader_rule_t *llmp_load_check_find(const llmp_load_check_t *cs);
static const llmp_doc_node_t *llmp_load_check_child(
    const llmp_doc_node_t *node, const char *name);


/* the parameters that a member may contain */
#define llmp_load_check_params_inside(w)                                      \
    ((w)->rules.params_below & ~(w)->rules.params)


void
llmp_load_check_values(llmp_loader_t *loader)
{
    llmp_uint_t         i;
    llmp_policy_t      *policy;
    llmp_load_check_t   cs;

    policy = loader->policy;

    if (policy->npointers == 0) {
        return;
    }

    memset(&cs, 0, sizeof(llmp_load_check_t));

    cs.loader = loader;
    cs.policy = *policy;
    cs.policy.nmodels = 0;

    llmp_scratch_init(&cs.scratch, loader->pool);

    cs.plain = llmp_loader_alloc(loader, policy->npointers, 1);
    cs.tier.rules.pointers = llmp_loader_alloc(loader, policy->npointers,
                                               sizeof(llmp_rule_t *));

    /* no model entry has a rule about a pointer here */

    cs.policy.pointers_by_model = llmp_loader_alloc(loader, policy->npointers,
                                                    1);

    if (cs.plain == NULL || cs.tier.rules.pointers == NULL
        || cs.policy.pointers_by_model == NULL)
    {
        return;
    }

    /* an error in one dialect would be repeated in others */

    for (i = 0; i < llmp_ndialects && cs.wrong == NULL; i++) {

        if (llmp_dialects[i]->form) {

            /* a form has no objects */

            continue;
        }

        cs.dialect = llmp_dialects[i];
        cs.request = llmp_dialect_watch_find_requests(policy->watch[i],
                                                      cs.dialect);

        llmp_load_check_walk(&cs, cs.request, 0);
    }
}


/* checks the values of rules about a node and the nodes below it; outer is set
   if a pointer leads to a node above it */

static void
llmp_load_check_walk(llmp_load_check_t *cs, const llmp_watch_t *w,
    llmp_uint_t outer)
{
    llmp_uint_t  i;

    if ((w->rules.pointer != 0 || w->rules.params != 0)
        && (w->rules.inner || outer || llmp_load_check_params_inside(w) != 0)
        && llmp_load_check_is_new(cs, w))
    {
        for (cs->owner = 0;
             cs->owner < llmp_load_check_count(cs->loader->policy)
             && !cs->loader->doc.more;
             cs->owner++)
        {
            llmp_load_check_owner(cs, w);
        }
    }

    outer = outer || w->rules.pointer != 0;

    for (i = 0; i < w->nchildren; i++) {
        if (w->rules.inner || llmp_load_check_params_inside(w) != 0) {
            llmp_load_check_walk(cs, w->children[i], outer);
        }
    }

    if (w->element != NULL) {
        llmp_load_check_walk(cs, w->element, outer);
    }
}


/* returns whether the values at a node need a check in this dialect */

static llmp_uint_t
llmp_load_check_is_new(llmp_load_check_t *cs, const llmp_watch_t *w)
{
    u_char                *plain;
    const llmp_pointer_t  *pointer;

    if (w->rules.pointer == 0) {
        return 1;
    }

    pointer = &cs->policy.pointers[w->rules.pointer - 1];

    if (llmp_watch_find_path(cs->request, pointer->steps,
                             pointer->nsteps) != w)
    {

        /* the node has the other spelling of the pointer */

        return 0;
    }

    if (cs->dialect->reject_aliases || w->rules.params != 0
        || llmp_load_check_params_inside(w) != 0)
    {
        return 1;
    }

    plain = &cs->plain[w->rules.pointer - 1];

    if (*plain) {
        return 0;
    }

    *plain = (u_char) cs->dialect->generates;

    return 1;
}


static void
llmp_load_check_owner(llmp_load_check_t *cs, const llmp_watch_t *w)
{
    uint64_t             left;
    llmp_uint_t          i;
    const llmp_rule_t   *rule;
    const llmp_rules_t  *rules;

    rules = llmp_load_check_rules(cs->loader->policy, cs->owner);
    rule = llmp_load_check_rule_at(rules, w);

    if (rule != NULL) {
        llmp_load_check_rule(cs, w, rule);
        return;
    }

    left = w->rules.params & rules->ruled;

    llmp_param_for_each(i, left) {
        llmp_load_check_rule(cs, w, rules->params[i]);
    }
}


static void
llmp_load_check_rule(llmp_load_check_t *cs, const llmp_watch_t *w,
    const llmp_rule_t *rule)
{
    cs->watch = w;
    cs->rule = rule;

    if (rule->fallback != NULL) {
        llmp_load_check_value(cs, rule->fallback, "default");
    }

    if (rule->force != NULL) {
        llmp_load_check_value(cs, rule->force, "force");
    }
}


static void
llmp_load_check_value(llmp_load_check_t *cs, const llmp_value_t *value,
    const char *verb)
{
    llmp_uint_t  i, n;

    n = llmp_load_check_count(cs->loader->policy);

    cs->value = value;
    cs->verb = verb;

    /* rules that a tenant inherits are checked with those of its tier */

    i = llmp_load_check_is_inherited(cs) ? cs->owner : 0;

    for ( /* void */ ;
         i < n && cs->wrong != cs->rule;
         i = llmp_load_check_next(cs, i))
    {
        if (llmp_load_check_applies(cs, i) && llmp_load_check_select(cs, i)
            && !llmp_load_check_is_repeated(cs, i))
        {
            llmp_load_check_run(cs, i);
        }

        if (cs->loader->doc.failed) {
            return;
        }
    }
}


/* returns the next set of rules: thousands of tenants have tiers, of which a
   request has one */

static llmp_uint_t
llmp_load_check_next(const llmp_load_check_t *cs, llmp_uint_t other)
{
    const llmp_policy_t  *policy;

    policy = cs->loader->policy;
    other++;

    if (other < policy->nmodels || cs->owner < policy->nmodels) {
        return other;
    }

    return (other <= cs->owner) ? cs->owner : llmp_load_check_count(policy);
}


/* returns whether the rule is that of a tenant's tier in the document */

static llmp_uint_t
llmp_load_check_is_inherited(const llmp_load_check_t *cs)
{
    llmp_param_e         param;
    const llmp_tier_t   *tier;
    const llmp_rules_t  *rules;

    tier = llmp_load_check_tenant(cs, cs->owner);

    if (tier == NULL) {
        return 0;
    }

    rules = &tier->named->rules;

    if (cs->rule->name.data[0] == '/') {
        return llmp_load_check_rule_at(rules, cs->watch) == cs->rule;
    }

    param = llmp_param_find(&cs->rule->name);

    return rules->params[param] == cs->rule;
}


/* returns whether all selected rules are those of a tenant's tier in the
   document: that one is checked by itself */

static llmp_uint_t
llmp_load_check_is_repeated(const llmp_load_check_t *cs, llmp_uint_t other)
{
    uint64_t             left;
    llmp_uint_t          i;
    const llmp_tier_t   *tier;
    const llmp_rules_t  *rules, *selected;

    tier = llmp_load_check_tenant(cs, other);

    if (tier == NULL
        || (other == cs->owner && !llmp_load_check_is_inherited(cs)))
    {
        return 0;
    }

    rules = &tier->named->rules;
    selected = &cs->tier.rules;

    left = selected->ruled;

    llmp_param_for_each(i, left) {
        if (tier->rules.params[i] != rules->params[i]) {
            return 0;
        }
    }

    for (i = 0; i < cs->policy.npointers; i++) {
        if (selected->pointers[i] != NULL
            && (rules->pointers == NULL
                || selected->pointers[i] != rules->pointers[i]))
        {
            return 0;
        }
    }

    return 1;
}


/* returns the tier of a tenant with rules of its own, or NULL if the i-th set
   of rules is of no such tenant */

static const llmp_tier_t *
llmp_load_check_tenant(const llmp_load_check_t *cs, llmp_uint_t i)
{
    const llmp_policy_t  *policy;

    policy = cs->loader->policy;

    return (i >= policy->nmodels + policy->ntiers)
           ? &policy->tiers[i - policy->nmodels] : NULL;
}


/* returns the number of sets of rules */

static llmp_uint_t
llmp_load_check_count(const llmp_policy_t *policy)
{
    return policy->nmodels + policy->ntiers + policy->nown;
}


/* returns the i-th set of rules: model entries, then tiers, in the order of
   their precedence, then those of tenants */

static llmp_rules_t *
llmp_load_check_rules(const llmp_policy_t *policy, llmp_uint_t i)
{
    return (i < policy->nmodels) ? &policy->models[i].rules
                                 : &policy->tiers[i - policy->nmodels].rules;
}


static const llmp_rule_t *
llmp_load_check_rule_at(const llmp_rules_t *rules, const llmp_watch_t *w)
{
    return (w->rules.pointer != 0 && rules->pointers != NULL)
           ? rules->pointers[w->rules.pointer - 1] : NULL;
}


/* returns whether a request with the value may have the rules of other */

static llmp_uint_t
llmp_load_check_applies(llmp_load_check_t *cs, llmp_uint_t other)
{
    llmp_uint_t           param;
    const llmp_rules_t   *rules;
    const llmp_policy_t  *policy;

    policy = cs->loader->policy;

    if (other == cs->owner) {
        return 1;
    }

    if (other >= policy->nmodels && cs->owner >= policy->nmodels) {

        /* a request has one tier */

        return 0;
    }

    if (!llmp_load_check_meet(policy, cs->owner, other)) {
        return 0;
    }

    rules = llmp_load_check_rules(policy, other);
    param = (cs->rule->name.data[0] != '/');

    if (llmp_load_check_rule_at(rules, cs->watch) != NULL) {

        /* a pointer rule replaces that of a parameter, too */

        return !param && other > cs->owner;
    }

    return !param || other > cs->owner
           || !(rules->ruled & llmp_mask(llmp_param_find(&cs->rule->name)));
}


/* returns whether a request may have the rules of both sets: entries of models
   may hold for some tiers only */

static llmp_uint_t
llmp_load_check_meet(const llmp_policy_t *policy, llmp_uint_t one,
    llmp_uint_t two)
{
    llmp_uint_t          i;
    const llmp_model_t  *model;

    if (one >= policy->nmodels) {
        return llmp_models_holds(&policy->tiers[one - policy->nmodels], two);
    }

    if (two >= policy->nmodels) {
        return llmp_models_holds(&policy->tiers[two - policy->nmodels], one);
    }

    model = &policy->models[one];

    for (i = 0; i < model->ntiers; i++) {
        if (llmp_models_holds(model->tiers[i], two)) {
            return 1;
        }
    }

    return model->ntiers == 0;
}


/* selects the rules of other against which the value is checked, into cs->tier;
   returns their number */

static llmp_uint_t
llmp_load_check_select(llmp_load_check_t *cs, llmp_uint_t other)
{
    llmp_uint_t    n;
    llmp_rules_t  *rules;
    llmp_rule_t  **pointers;

    llmp_scratch_reset(&cs->scratch);

    rules = &cs->tier.rules;
    pointers = rules->pointers;

    memset(rules, 0, sizeof(llmp_rules_t));
    memset(pointers, 0, cs->policy.npointers * sizeof(llmp_rule_t *));

    rules->pointers = pointers;

    n = llmp_load_check_select_inside(cs, cs->watch, other);
    n += llmp_load_check_select_outside(cs, other);
    n += llmp_load_check_select_params(cs, other);

    /* a value of the policy may contain members that undo a bound */

    rules->bounded = 0;

    return n;
}


static llmp_uint_t
llmp_load_check_select_inside(llmp_load_check_t *cs, const llmp_watch_t *w,
    llmp_uint_t other)
{
    llmp_uint_t          i, n;
    llmp_rule_t         *rule;
    const llmp_watch_t  *child;

    n = 0;

    if (!w->rules.inner) {
        return 0;
    }

    for (i = 0; i <= w->nchildren; i++) {
        child = (i < w->nchildren) ? w->children[i] : w->element;

        if (child == NULL) {
            continue;
        }

        rule = llmp_load_check_other_rule(cs, other, child->rules.pointer);

        if (rule != NULL) {
            cs->tier.rules.pointers[child->rules.pointer - 1] = rule;
            n++;
        }

        n += llmp_load_check_select_inside(cs, child, other);
    }

    return n;
}


/* selects rules about outer members that permit a number or a list of values,
   and therefore no object */

static llmp_uint_t
llmp_load_check_select_outside(llmp_load_check_t *cs, llmp_uint_t other)
{
    llmp_uint_t          n;
    llmp_rule_t         *rule;
    const llmp_watch_t  *w;

    n = 0;

    for (w = cs->watch; w != cs->request; w = w->parent) {

        if (w == cs->watch) {
            continue;
        }

        rule = llmp_load_check_other_rule(cs, other, w->rules.pointer);

        if (rule != NULL && (rule->min || rule->max || rule->allow)) {
            cs->tier.rules.pointers[w->rules.pointer - 1] = rule;
            n++;
        }
    }

    return n;
}


static llmp_uint_t
llmp_load_check_select_params(llmp_load_check_t *cs, llmp_uint_t other)
{
    uint64_t             left;
    llmp_uint_t          n, param;
    llmp_rule_t         *rule;
    const llmp_rules_t  *rules, *own;

    rules = llmp_load_check_rules(cs->loader->policy, other);
    own = llmp_load_check_rules(cs->loader->policy, cs->owner);

    left = llmp_load_check_params_inside(cs->watch) & rules->ruled;
    left &= (cs->owner < other) ? ~own->ruled : ~UINT64_C(0);

    n = 0;

    llmp_param_for_each(param, left) {
        rule = llmp_palloc(&cs->scratch.pool, sizeof(llmp_rule_t));

        if (rule == NULL) {
            cs->loader->doc.failed = 1;
            return 0;
        }

        /* "require" applies to the request, not to the value */

        *rule = *rules->params[param];
        rule->require = 0;

        llmp_rules_set(&cs->tier.rules, (llmp_param_e) param, rule);
        n++;
    }

    return n;
}


/* returns the rule of other about a pointer, or NULL if it has none, or if the
   owner of the value has one with precedence */

static llmp_rule_t *
llmp_load_check_other_rule(llmp_load_check_t *cs, llmp_uint_t other,
    uint32_t pointer)
{
    const llmp_rules_t  *rules, *own;

    rules = llmp_load_check_rules(cs->loader->policy, other);
    own = llmp_load_check_rules(cs->loader->policy, cs->owner);

    if (pointer == 0 || rules->pointers == NULL
        || (cs->owner < other && own->pointers != NULL
            && own->pointers[pointer - 1] != NULL))
    {
        return NULL;
    }

    return rules->pointers[pointer - 1];
}


static void
llmp_load_check_run(llmp_load_check_t *cs, llmp_uint_t other)
{
    llmp_int_t            rc;
    llmp_uint_t           i;
    llmp_decision_t       decision;
    const llmp_tier_t    *tier;
    const llmp_change_t  *change;
    const llmp_policy_t  *policy;

    policy = cs->loader->policy;
    i = (other >= policy->nmodels) ? other : cs->owner;

    tier = (i >= policy->nmodels) ? &policy->tiers[i - policy->nmodels]
                                  : policy->default_tier;
    cs->tier.name = tier->name;
    cs->tier.tenant = tier->tenant;

    llmp_decision_init(&decision);

    decision.policy = &cs->policy;
    decision.tier = &cs->tier;
    decision.dialect = cs->dialect;
    decision.needs_met = 1;

    rc = llmp_load_check_decide(cs, &decision);

    if (rc != LLMP_OK && decision.refusal.code == LLMP_REFUSE_INTERNAL) {
        cs->loader->doc.failed = 1;
        return;
    }

    /* added parameters, which are recorded last, are no error */

    change = decision.changes;

    if (rc == LLMP_OK
        && (decision.nchanges == 0
            || (change->name.data[0] != '/' && change->requested.len == 0)))
    {
        return;
    }

    llmp_load_check_error(cs, other, (rc == LLMP_OK) ? change : NULL,
                          &decision.refusal);
}


/* decides on a request that contains only the value */

static llmp_int_t
llmp_load_check_decide(llmp_load_check_t *cs, llmp_decision_t *decision)
{
    size_t        len;
    u_char       *body;
    llmp_pool_t  *pool;
    llmp_scan_t  *scan;

    pool = &cs->scratch.pool;

    scan = llmp_palloc(pool, sizeof(llmp_scan_t));
    body = llmp_palloc(pool, llmp_load_check_body_size(cs));

    if (scan == NULL || body == NULL) {
        decision->refusal.code = LLMP_REFUSE_INTERNAL;
        return LLMP_ERROR;
    }

    len = (size_t) (llmp_load_check_write_body(cs, body) - body);

    /* the names are from the policy: their hash needs no secret */

    llmp_scan_init(scan, cs->request, pool, 1);

    if (llmp_scan_feed(scan, body, len, 1) != LLMP_OK) {
        decision->refusal = scan->refusal;
        return LLMP_ERROR;
    }

    return llmp_decide(decision, &scan->members, pool);
}


static size_t
llmp_load_check_body_size(llmp_load_check_t *cs)
{
    size_t               room;
    const llmp_watch_t  *w;

    room = cs->value->text.len;

    for (w = cs->watch; w != cs->request; w = w->parent) {
        room += w->name.len + sizeof("{\"\":}") - 1;
    }

    return room;
}


static u_char *
llmp_load_check_write_body(llmp_load_check_t *cs, u_char *p)
{
    const llmp_watch_t  *w;

    p = llmp_load_check_write_path(cs, p, cs->watch);

    memcpy(p, cs->value->text.data, cs->value->text.len);
    p += cs->value->text.len;

    for (w = cs->watch; w != cs->request; w = w->parent) {
        *p++ = (w == w->parent->element) ? ']' : '}';
    }

    return p;
}


static u_char *
llmp_load_check_write_path(llmp_load_check_t *cs, u_char *p,
    const llmp_watch_t *w)
{
    if (w == cs->request) {
        return p;
    }

    p = llmp_load_check_write_path(cs, p, w->parent);

    if (w == w->parent->element) {
        *p++ = '[';
        return p;
    }

    *p++ = '{';
    p = llmp_decide_edits_write_name(p, &w->name);
    *p++ = ':';

    return p;
}


static void
llmp_load_check_error(llmp_load_check_t *cs, llmp_uint_t other,
    const llmp_change_t *change, const llmp_refusal_t *refusal)
{
    char                    of[LLMP_PARAM_NAME];
    const char             *what, *in, *dialect;
    llmp_doc_t             *doc;
    llmp_loader_rule_t     *loaded;
    const llmp_policy_t    *policy;
    const llmp_doc_node_t  *node;

    cs->wrong = cs->rule;

    loaded = llmp_load_check_find(cs);

    if (loaded->wrong) {
        /* the tier inherits it from one that has the same error */
        return;
    }

    loaded->wrong = 1;

    doc = &cs->loader->doc;
    policy = cs->loader->policy;
    node = llmp_load_check_child(loaded->node, cs->verb);

    /* name the API if the error depends on it, and the owner of the broken rule
       if it is not that of the value */

    in = "";
    dialect = "";

    if (cs->dialect->reject_aliases
        || llmp_load_check_params_inside(cs->watch) != 0
        || cs->watch->rules.params != 0)
    {
        in = ", in ";
        dialect = (char *) cs->dialect->name.data;
    }

    of[0] = '\0';

    if (other < policy->nmodels && other != cs->owner) {
        snprintf(of, sizeof(of), " in \"models\"");

    } else if (other != cs->owner || llmp_load_check_inherits(cs)) {
        snprintf(of, sizeof(of), " in %s \"%s\"", llmp_tier_kind(&cs->tier),
                 (char *) llmp_tier_owner(&cs->tier)->data);
    }

    what = (cs->value == cs->rule->force) ? "forced value" : "default";

    if (change == NULL) {
        llmp_doc_error(doc, node, "the %s of %s breaks a rule%s%s%s: %s", what,
                       (char *) cs->rule->name.data, of, in, dialect,
                       refusal->message);
        return;
    }

    llmp_doc_error(doc, node, "the %s of %s breaks the rule of %s%s%s%s, which "
                   "would %s it", what, (char *) cs->rule->name.data,
                   (char *) change->name.data, of, in, dialect,
                   (change->action == LLMP_ACTION_REMOVE) ? "remove"
                   : (change->requested.len == 0) ? "add" : "change");
}


/* returns whether the rule may be written elsewhere than in its owner */

static llmp_uint_t
llmp_load_check_inherits(const llmp_load_check_t *cs)
{
    llmp_uint_t  nmodels;

    nmodels = cs->loader->policy->nmodels;

    return cs->owner >= nmodels
           && cs->loader->bases[cs->owner - nmodels] != NULL;
}


static llmp_loader_rule_t *
llmp_load_check_find(const llmp_load_check_t *cs)
{
    llmp_loader_rule_t  *loaded;

    for (loaded = cs->loader->rules;
         loaded->rule != cs->rule;
         loaded = loaded->next)
    {
        /* void */
    }

    return loaded;
}


static const llmp_doc_node_t *
llmp_load_check_child(const llmp_doc_node_t *node, const char *name)
{
    const llmp_doc_node_t  *child;

    llmp_doc_each(child, node) {
        if (strcmp(child->name, name) == 0) {
            break;
        }
    }

    return child;
}
