
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "loader/llmp_load_streaming.h"
#include "watch/llmp_watch.h"


/* bytes of the quotes, colon, comma and braces of an added member */
#define LLMP_GROWTH_MEMBER  6

/* bytes by which a budget of thinking may grow: 9e9 to a number below
   max_tokens */
#define LLMP_GROWTH_BUDGET  20

/* bytes of {"stream_options":{"include_usage":true}} and a comma, rounded up */
#define LLMP_GROWTH_USAGE   48


typedef struct {
    const llmp_dialect_t  *dialect;
    /* longest text that a rule writes, in bytes; 0 if none does */

    uint64_t               params[LLMP_PARAM_MAX];
    uint64_t               written;  /* those whose length is not 0 */
    uint64_t              *pointers;

    const llmp_watch_t    *tree;     /* last shared tree */
    uint64_t               shared;   /* growth of that tree, in bytes */
} llmp_growth_t;


/* parameters that are blocked, and those whose default is hidden, in a tree */

typedef struct {
    uint64_t               conflicts;
    uint64_t               hides;
} llmp_blocked_by_t;


static llmp_int_t llmp_load_streaming_by_model(llmp_policy_t *policy,
    llmp_pool_t *pool);
static llmp_uint_t llmp_load_streaming_has_model(const llmp_rule_t *rule);
static void llmp_load_streaming_depends(llmp_policy_t *policy,
    llmp_uint_t pointer);
static void llmp_load_streaming_facts(llmp_policy_t *policy,
    const llmp_rules_t *rules, uint64_t *params);
static llmp_int_t llmp_load_streaming_blocked_by(llmp_policy_t *policy,
    llmp_pool_t *pool);
static uint64_t llmp_load_streaming_known(const llmp_dialect_t *dialect);
static void llmp_load_streaming_blocked_by_node(llmp_blocked_by_t *blocked,
    const llmp_watch_t *node);
static llmp_int_t llmp_load_streaming_growth(llmp_policy_t *policy,
    llmp_pool_t *pool);
static uint64_t llmp_load_streaming_most(const llmp_policy_t *policy,
    const llmp_choice_t *choice);
static void llmp_load_streaming_rules(llmp_growth_t *growth,
    const llmp_policy_t *policy, const llmp_rules_t *rules);
static void llmp_load_streaming_rule(uint64_t *most, const llmp_rule_t *rule);
static void llmp_load_streaming_name(uint64_t *most, const llmp_facts_t *facts);
static void llmp_load_streaming_text(uint64_t *most, const llmp_value_t *value);
static void llmp_load_streaming_slots(llmp_growth_t *growth, uint64_t *params);
static uint64_t llmp_load_streaming_absent(llmp_growth_t *growth,
    const llmp_policy_t *policy);
static uint64_t llmp_load_streaming_node(llmp_growth_t *growth,
    const llmp_watch_t *node);
static uint64_t llmp_load_streaming_shared(llmp_growth_t *growth,
    const llmp_watch_t *tree);
static uint64_t llmp_load_streaming_children(llmp_growth_t *growth,
    const llmp_watch_t *node);
static uint64_t llmp_load_streaming_added(llmp_growth_t *growth,
    const llmp_watch_t *node);


llmp_int_t
llmp_load_streaming(llmp_policy_t *policy, llmp_pool_t *pool)
{
    if (llmp_load_streaming_growth(policy, pool) != LLMP_OK
        || llmp_load_streaming_blocked_by(policy, pool) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    return llmp_load_streaming_by_model(policy, pool);
}


static llmp_int_t
llmp_load_streaming_by_model(llmp_policy_t *policy, llmp_pool_t *pool)
{
    uint64_t             tier;
    llmp_uint_t          i, j;
    const llmp_rules_t  *rules;

    tier = 0;

    policy->by_model = 0;
    policy->facts_by_model = 0;
    policy->renamed = 0;
    policy->npointers_by_model = 0;
    policy->pointers_by_model = llmp_pcalloc(pool, policy->npointers + 1);

    if (policy->pointers_by_model == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < policy->nmodels; i++) {
        rules = &policy->models[i].rules;

        policy->by_model |= rules->ruled;

        llmp_load_streaming_facts(policy, rules, &policy->facts_by_model);

        for (j = 0; rules->pointers != NULL && j < policy->npointers; j++) {
            if (rules->pointers[j] != NULL) {
                llmp_load_streaming_depends(policy, j);
            }
        }
    }

    for (i = 0; i < policy->ntiers + policy->nown; i++) {
        rules = &policy->tiers[i].rules;

        llmp_load_streaming_facts(policy, rules, &tier);

        for (j = 0; rules->pointers != NULL && j < policy->npointers; j++) {
            if (llmp_load_streaming_has_model(rules->pointers[j])) {
                llmp_load_streaming_depends(policy, j);
            }
        }
    }

    return LLMP_OK;
}


/* returns whether the value that a rule writes contains the model */

static llmp_uint_t
llmp_load_streaming_has_model(const llmp_rule_t *rule)
{
    const llmp_template_t  *template;

    template = (rule != NULL) ? llmp_rule_template(rule) : NULL;

    return template != NULL && template->by_model;
}


/* notes that what is done at a pointer depends on the model */

static void
llmp_load_streaming_depends(llmp_policy_t *policy, llmp_uint_t pointer)
{
    if (!policy->pointers_by_model[pointer]) {
        policy->pointers_by_model[pointer] = 1;
        policy->npointers_by_model++;
    }
}


/* adds the parameters whose writing depends on facts, except for "as" */

static void
llmp_load_streaming_facts(llmp_policy_t *policy, const llmp_rules_t *rules,
    uint64_t *params)
{
    uint64_t             left;
    llmp_uint_t          i;
    const llmp_facts_t  *facts;

    left = rules->known;

    llmp_param_for_each(i, left) {
        facts = rules->facts[i];

        if (facts->takes != NULL || facts->not_beside != 0) {
            *params |= llmp_mask(i) | facts->not_beside;
        }

        if (facts->as.len != 0) {
            policy->renamed |= llmp_mask(i);
        }
    }
}


static llmp_int_t
llmp_load_streaming_blocked_by(llmp_policy_t *policy, llmp_pool_t *pool)
{
    llmp_uint_t          i;
    const llmp_watch_t  *tree;
    llmp_blocked_by_t    shared, blocked;

    policy->blocked_by = llmp_palloc(pool, llmp_ndialects * sizeof(uint64_t));
    if (policy->blocked_by == NULL) {
        return LLMP_ERROR;
    }

    /* the root shares the tree that all members inside it may share */

    tree = NULL;
    memset(&shared, 0, sizeof(llmp_blocked_by_t));

    for (i = 0; i < llmp_ndialects; i++) {

        if (tree != policy->watch[i]->shared) {
            tree = policy->watch[i]->shared;

            memset(&shared, 0, sizeof(llmp_blocked_by_t));
            llmp_load_streaming_blocked_by_node(&shared, tree);
        }

        blocked = shared;
        llmp_load_streaming_blocked_by_node(&blocked, policy->watch[i]);

        policy->blocked_by[i] = blocked.conflicts
                                | (blocked.hides
                                & llmp_load_streaming_known(llmp_dialects[i]));
    }

    return LLMP_OK;
}


/* returns the parameters with a known default: their bounds are written if a
   member hides the default */

static uint64_t
llmp_load_streaming_known(const llmp_dialect_t *dialect)
{
    uint64_t            known;
    const llmp_slot_t  *slot;

    known = 0;

    for (slot = dialect->slots;
         slot != NULL && slot->paths[0] != NULL;
         slot++)
    {
        if (slot->absent != NULL && slot->absent[0] != '\0') {
            known |= llmp_mask(slot->param);
        }
    }

    return known;
}


/* adds the parameters of a node and of those inside it, without shared trees */

static void
llmp_load_streaming_blocked_by_node(llmp_blocked_by_t *blocked,
    const llmp_watch_t *node)
{
    uint64_t     conflicts;
    llmp_uint_t  i;

    conflicts = node->rules.conflicts;

    if (node->parent != NULL) {

        /* a conflict inside the object is known at its end */

        conflicts &= ~node->parent->rules.params_of_children;
    }

    blocked->conflicts |= conflicts;
    blocked->hides |= node->rules.hides_defaults;

    for (i = 0; i < node->nchildren; i++) {
        llmp_load_streaming_blocked_by_node(blocked, node->children[i]);
    }

    if (node->element != NULL) {
        llmp_load_streaming_blocked_by_node(blocked, node->element);
    }
}


static llmp_int_t
llmp_load_streaming_growth(llmp_policy_t *policy, llmp_pool_t *pool)
{
    uint64_t       params[LLMP_PARAM_MAX], last[LLMP_PARAM_MAX];
    llmp_uint_t    i;
    llmp_growth_t  growth;

    policy->growth = llmp_palloc(pool, llmp_ndialects * sizeof(uint64_t));
    growth.pointers = llmp_pcalloc(pool, (policy->npointers + 1)
                                         * sizeof(uint64_t));

    if (policy->growth == NULL || growth.pointers == NULL) {
        return LLMP_ERROR;
    }

    memset(growth.params, 0, sizeof(growth.params));

    for (i = 0; i < policy->ntiers + policy->nown; i++) {
        llmp_load_streaming_rules(&growth, policy, &policy->tiers[i].rules);
    }

    for (i = 0; i < policy->nmodels; i++) {
        llmp_load_streaming_rules(&growth, policy, &policy->models[i].rules);
    }

    memcpy(params, growth.params, sizeof(params));

    growth.tree = NULL;

    for (i = 0; i < llmp_ndialects; i++) {
        growth.dialect = llmp_dialects[i];

        memcpy(last, growth.params, sizeof(last));

        llmp_load_streaming_slots(&growth, params);

        if (memcmp(last, growth.params, sizeof(last)) != 0) {
            growth.tree = NULL;
        }

        policy->growth[i] = llmp_load_streaming_absent(&growth, policy)
                            + llmp_load_streaming_node(&growth,
                                                       policy->watch[i]);
    }

    for (i = 0; i < llmp_ndialects; i++) {
        if (llmp_dialects[i]->chooses) {
            policy->growth[i] = llmp_load_streaming_most(policy,
                                                    llmp_dialects[i]->choices);
        }
    }

    return LLMP_OK;
}


/* returns the growth of the dialect that grows most */

static uint64_t
llmp_load_streaming_most(const llmp_policy_t *policy,
    const llmp_choice_t *choice)
{
    uint64_t  growth, most;

    most = 0;

    for ( /* void */ ; choice->name != NULL; choice++) {
        growth = policy->growth[llmp_dialect_index(choice->dialect)];

        if (growth > most) {
            most = growth;
        }
    }

    return most;
}


static void
llmp_load_streaming_rules(llmp_growth_t *growth, const llmp_policy_t *policy,
    const llmp_rules_t *rules)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        llmp_load_streaming_rule(&growth->params[i], rules->params[i]);
        llmp_load_streaming_name(&growth->params[i], rules->facts[i]);
    }

    for (i = 0; rules->pointers != NULL && i < policy->npointers; i++) {
        llmp_load_streaming_rule(&growth->pointers[i], rules->pointers[i]);
    }
}


static void
llmp_load_streaming_rule(uint64_t *most, const llmp_rule_t *rule)
{
    if (rule == NULL) {
        return;
    }

    llmp_load_streaming_text(most, rule->fallback);
    llmp_load_streaming_text(most, rule->force);
    llmp_load_streaming_text(most, rule->min);
    llmp_load_streaming_text(most, rule->max);

    if (llmp_rule_template(rule) != NULL && *most < LLMP_TEMPLATE_MAX) {
        *most = LLMP_TEMPLATE_MAX;
    }
}


/* adds the name that may be written, even if no rule writes a value */

static void
llmp_load_streaming_name(uint64_t *most, const llmp_facts_t *facts)
{
    if (facts != NULL && facts->as.len != 0 && *most == 0) {
        *most = 1;
    }
}


static void
llmp_load_streaming_text(uint64_t *most, const llmp_value_t *value)
{
    if (value != NULL && value->text.len > *most) {
        *most = value->text.len;
    }
}


/* adds the ends of legal ranges and the defaults, which may be written, too */

static void
llmp_load_streaming_slots(llmp_growth_t *growth, uint64_t *params)
{
    size_t              len;
    uint64_t           *most;
    llmp_uint_t         i, n;
    const llmp_slot_t  *slot;

    memcpy(growth->params, params, sizeof(growth->params));

    for (slot = growth->dialect->slots;
         slot != NULL && slot->paths[0] != NULL;
         slot++)
    {
        const char  *texts[] = { slot->min, slot->max, slot->absent };

        most = &growth->params[slot->param];

        for (i = 0, n = sizeof(texts) / sizeof(texts[0]); i < n; i++) {
            len = (texts[i] != NULL && *most != 0) ? strlen(texts[i]) : 0;

            if (len > *most) {
                *most = len;
            }
        }

        if (*most != 0
            && (growth->dialect->renamed & llmp_mask(slot->param)))
        {
            *most += LLMP_WATCH_NAME_MAX;
        }
    }

    growth->written = 0;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (growth->params[i] != 0) {
            growth->written |= llmp_mask(i);
        }
    }
}


/* returns the length of members that are added with their whole path */

static uint64_t
llmp_load_streaming_absent(llmp_growth_t *growth, const llmp_policy_t *policy)
{
    uint64_t            total;
    llmp_uint_t         i, j;
    const llmp_slot_t  *slot;

    total = growth->dialect->usage ? LLMP_GROWTH_USAGE : 0;

    for (slot = growth->dialect->slots;
         slot != NULL && slot->paths[0] != NULL;
         slot++)
    {
        if (growth->params[slot->param] != 0) {
            total += growth->params[slot->param]
                     + LLMP_GROWTH_MEMBER * (1 + strlen(slot->paths[0]));
        }
    }

    for (i = 0; i < policy->npointers; i++) {

        if (growth->pointers[i] == 0) {
            continue;
        }

        total += growth->pointers[i];

        for (j = 0; j < policy->pointers[i].nsteps; j++) {
            total += policy->pointers[i].steps[j].name.len
                     + LLMP_GROWTH_MEMBER;
        }
    }

    return total;
}


/*
 * Returns the bytes by which a member may grow, with all members inside it.  An
 * array counts as one element with all members that it may have: that is enough
 * for many elements with few members each.
 */

static uint64_t
llmp_load_streaming_node(llmp_growth_t *growth, const llmp_watch_t *node)
{
    uint64_t     left, total;
    llmp_uint_t  i;

    total = llmp_load_streaming_added(growth, node);
    left = node->rules.params & growth->written;

    llmp_param_for_each(i, left) {
        total += growth->params[i];
    }

    if (node->rules.thinking != NULL) {
        total += LLMP_GROWTH_BUDGET;
    }

    if (node->rules.pointer != 0) {
        total += growth->pointers[node->rules.pointer - 1];
    }

    if (node->shared != NULL) {
        total += llmp_load_streaming_shared(growth, node->shared);
    }

    if (node->element != NULL) {
        total += llmp_load_streaming_node(growth, node->element);
    }

    return total + llmp_load_streaming_children(growth, node);
}


/* a shared tree is computed once for each dialect */

static uint64_t
llmp_load_streaming_shared(llmp_growth_t *growth, const llmp_watch_t *tree)
{
    uint64_t  total;

    if (growth->tree != tree) {
        total = llmp_load_streaming_children(growth, tree);

        growth->tree = tree;
        growth->shared = total;
    }

    return growth->shared;
}


static uint64_t
llmp_load_streaming_children(llmp_growth_t *growth, const llmp_watch_t *node)
{
    uint64_t     total;
    llmp_uint_t  i;

    total = 0;

    for (i = 0; i < node->nchildren; i++) {
        total += llmp_load_streaming_node(growth, node->children[i]);
    }

    return total;
}


/* returns the length of members that may be added to an object */

static uint64_t
llmp_load_streaming_added(llmp_growth_t *growth, const llmp_watch_t *node)
{
    uint64_t     left, total;
    llmp_uint_t  i;

    total = 0;
    left = node->rules.params_of_children & growth->written;

    llmp_param_for_each(i, left) {
        total += growth->params[i] + LLMP_WATCH_NAME_MAX + LLMP_GROWTH_MEMBER;
    }

    return total;
}
