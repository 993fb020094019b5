
/*
 * Copyright (C) llm-policy authors
 *
 * The decision, in the order of its steps: for each request in the document
 * (one, or each of a batch) find the model and the rules, hold every member
 * that is there to its rule, then write what is absent and must not be.
 */


#include <stdio.h>

#include "decide/llmp_decide.h"
#include "decide/llmp_decider.h"
#include "json/llmp_json_string.h"


static llmp_int_t llmp_decide_members(llmp_decision_t *decision,
    const llmp_members_t *members, llmp_pool_t *pool, llmp_uint_t so_far);
static llmp_int_t llmp_decide_document(llmp_decider_t *dc);
static llmp_int_t llmp_decide_init(llmp_decider_t *dc);
static llmp_int_t llmp_decide_request(llmp_decider_t *dc, uint32_t scope);
static llmp_int_t llmp_decide_outside(llmp_decider_t *dc, uint32_t i);
static llmp_int_t llmp_decide_outside_rules(llmp_decider_t *dc);
static void llmp_decide_survey(llmp_decider_t *dc);
static llmp_int_t llmp_decide_outlook(llmp_decider_t *dc);
static llmp_int_t llmp_decide_gone(llmp_decider_t *dc, uint32_t i);
static llmp_uint_t llmp_decide_anew(llmp_decider_t *dc,
    const llmp_watch_t *w);
static void llmp_decide_heed(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t type, const llmp_str_t *text);
static llmp_int_t llmp_decide_one_name(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_rules(llmp_decider_t *dc);
static void llmp_decide_override(llmp_decider_t *dc,
    const llmp_rules_t *rules);
static void llmp_decide_merge(llmp_decider_t *dc, const llmp_rules_t *rules,
    uint64_t fresh);
static llmp_uint_t llmp_decide_minds(llmp_decider_t *dc,
    const llmp_watch_t *w);
static llmp_int_t llmp_decide_member(llmp_decider_t *dc, uint32_t i);
static llmp_int_t llmp_decide_undermines(llmp_decider_t *dc,
    const llmp_member_t *m, llmp_uint_t named);
static llmp_int_t llmp_decide_container(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_uint_t llmp_decide_no_containers(llmp_decider_t *dc,
    const llmp_member_t *m);
static const llmp_rule_t *llmp_decide_inner(llmp_decider_t *dc,
    const llmp_watch_t *w, llmp_uint_t type);
static llmp_int_t llmp_decide_no_container(llmp_decider_t *dc,
    const llmp_member_t *m, const char *held);


static const char  *llmp_actions[] = {
    "none", "default", "min", "max", "force", "remove"
};


const char *
llmp_action_name(llmp_action_e action)
{
    return llmp_actions[action];
}


void
llmp_decision_init(llmp_decision_t *decision)
{
    memset(decision, 0, offsetof(llmp_decision_t, changes));
}


void
llmp_decision_start(llmp_decision_t *decision, const llmp_decision_t *terms)
{
    llmp_decision_init(decision);

    decision->policy = terms->policy;
    decision->tier = terms->tier;
    decision->dialect = terms->dialect;
    decision->path_model = terms->path_model;
    decision->digest = terms->digest;
}


llmp_int_t
llmp_decide(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool)
{
    return llmp_decide_members(decision, members, pool, 0);
}


llmp_int_t
llmp_decide_so_far(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool)
{
    return llmp_decide_members(decision, members, pool, 1);
}


static llmp_int_t
llmp_decide_members(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool, llmp_uint_t so_far)
{
    llmp_uint_t     i;
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

    /* nothing is sent, so nothing takes effect */

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        decision->params[i].effective.len = 0;
        decision->params[i].action = LLMP_ACTION_NONE;
    }

    decision->edits.nelts = 0;
    decision->asked_usage = 0;
    decision->nchanges = 0;

    return LLMP_ERROR;
}


static llmp_int_t
llmp_decide_document(llmp_decider_t *dc)
{
    uint32_t     i;
    llmp_uint_t  outside;

    outside = 0;

    if (llmp_decide_init(dc) != LLMP_OK) {
        return llmp_decide_nomem(dc);
    }

    if (llmp_decide_outer_model(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < dc->members->nelts; i++) {

        if (!dc->members->elts[i].watch->rules.scope) {

            if (!outside && llmp_decide_outside_rules(dc) != LLMP_OK) {
                return LLMP_ERROR;
            }

            outside = 1;

            if (llmp_decide_outside(dc, i) != LLMP_OK) {
                return LLMP_ERROR;
            }

            continue;
        }

        outside = 0;

        if (llmp_decide_request(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }

        i = dc->members->elts[i].last;
        dc->first = 0;
    }

    return llmp_decide_write(dc);
}


llmp_int_t
llmp_decide_nomem(llmp_decider_t *dc)
{
    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "the request could not be checked");
}


static llmp_int_t
llmp_decide_init(llmp_decider_t *dc)
{
    size_t                 n;
    const llmp_policy_t   *policy;

    n = dc->members->nelts;
    policy = dc->decision->policy;

    dc->models = policy->nmodels != 0
                 || dc->decision->tier->allow_set
                 || dc->decision->tier->deny.nelts != 0;

    dc->state = llmp_pcalloc(dc->pool, n * sizeof(llmp_decide_state_t));
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


/*
 * In a batch, what stands beside the requests: nothing is to be added there,
 * but some upstream may take it for what holds in all of them.
 */

static llmp_int_t
llmp_decide_outside(llmp_decider_t *dc, uint32_t i)
{
    dc->named = 0;
    dc->within = 0;

    return llmp_decide_member(dc, i);
}


static llmp_int_t
llmp_decide_outside_rules(llmp_decider_t *dc)
{
    dc->fixed = 0;
    dc->model = dc->outer_model;
    dc->model_text = dc->outer_text;

    return llmp_decide_rules(dc);
}


static llmp_int_t
llmp_decide_request(llmp_decider_t *dc, uint32_t scope)
{
    uint32_t              i;
    const llmp_member_t  *m;

    dc->scope = scope;
    dc->end = dc->members->elts[scope].last;
    dc->unsettled = 0;
    dc->clashed = 0;
    dc->fixed = 0;
    dc->named = 0;
    dc->within = 0;

    llmp_decide_survey(dc);

    if (dc->members->elts[scope].type != LLMP_TYPE_OBJECT) {
        return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                           NULL, "a request must be an object");
    }

    if (llmp_decide_model(dc) != LLMP_OK || llmp_decide_rules(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (llmp_decide_outlook(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = scope; i <= dc->end; i++) {

        if (i != scope
            && dc->state[dc->members->elts[i].parent].gone)
        {
            continue;
        }

        if (llmp_decide_minds(dc, dc->members->elts[i].watch)
            && llmp_decide_member(dc, i) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    for (i = scope; dc->depends != 0 && i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.clashes != 0
            && !dc->state[i].remove && !dc->state[i].gone
            && llmp_decide_says(m->watch, m->type, &m->text))
        {
            dc->clashed |= m->watch->rules.clashes;
        }
    }

    if (llmp_decide_absent(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    llmp_decide_output(dc);

    return dc->decision->stream_usage ? llmp_decide_usage(dc) : LLMP_OK;
}


/* what the client has sent, and what has to be looked at for it */

static void
llmp_decide_survey(llmp_decider_t *dc)
{
    uint32_t              i;
    uint64_t              depends, present, elsewhere;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    depends = 0;
    present = 0;
    elsewhere = 0;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];
        w = m->watch;

        depends |= w->rules.unsettles | w->rules.fixes | w->rules.clashes;

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

            /* first of all, so that the log has it whatever is refused */

            llmp_decide_requested(dc, i);
        }
    }

    dc->depends = depends;
    dc->settled = present & ~elsewhere;
}


/* what is to be there, before anything depends on it */

static llmp_int_t
llmp_decide_outlook(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    for (i = dc->scope; dc->pointers != NULL && i <= dc->end; i++) {
        if (llmp_decide_gone(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    for (i = dc->scope; dc->depends != 0 && i <= dc->end; i++) {
        m = &dc->members->elts[i];
        w = m->watch;

        if ((w->rules.unsettles | w->rules.fixes) == 0
            || dc->state[i].gone || m->type == LLMP_TYPE_NULL)
        {
            continue;
        }

        dc->unsettled |= w->rules.unsettles;

        if (llmp_decide_says(w, m->type, &m->text)) {
            dc->fixed |= w->rules.fixes;
        }
    }

    return LLMP_OK;
}


/* a pointer's rule may take a member out, or write it anew */

static llmp_int_t
llmp_decide_gone(llmp_decider_t *dc, uint32_t i)
{
    const llmp_rule_t    *rule;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (i != dc->scope && dc->state[m->parent].gone) {
        dc->state[i].gone = 1;
        return LLMP_OK;
    }

    rule = (m->watch->rules.pointer != 0)
           ? dc->pointers[m->watch->rules.pointer - 1] : NULL;

    if (rule == NULL) {
        dc->state[i].gone = m->watch->rules.inner
                            && llmp_decide_anew(dc, m->watch);
        return LLMP_OK;
    }

    if (rule->remove) {
        dc->state[i].gone = 1;
        return LLMP_OK;
    }

    if (rule->force == NULL
        && (rule->fallback == NULL || m->type != LLMP_TYPE_NULL))
    {
        return LLMP_OK;
    }

    dc->state[i].gone = 1;

    return llmp_decide_written(dc, m->watch,
                               rule->force ? rule->force : rule->fallback);
}


/* the same of a parameter's rule, where a pointer leads inside the parameter */

static llmp_uint_t
llmp_decide_anew(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint64_t            left;
    const llmp_rule_t  *rule;

    for (left = w->rules.params & dc->ruled; left != 0; left &= left - 1) {
        rule = dc->params[llmp_lowest(left)];

        if (rule->remove || rule->force != NULL) {
            return 1;
        }
    }

    return 0;
}


llmp_uint_t
llmp_decide_says(const llmp_watch_t *w, llmp_uint_t type,
    const llmp_str_t *text)
{
    u_char              buf[LLMP_TEXT_MAX];
    llmp_str_t          value;
    const char *const  *when;

    if (type == LLMP_TYPE_NULL || (w->rules.clashes | w->rules.fixes) == 0) {
        return 0;
    }

    if (w->rules.conflict_values == NULL) {
        return 1;
    }

    if (type != LLMP_TYPE_STRING || text->len > LLMP_TEXT_MAX) {
        return 0;
    }

    value.data = buf;
    value.len = llmp_unescape(buf, text);

    for (when = w->rules.conflict_values; *when != NULL; when++) {
        if (llmp_str_is(&value, *when)) {
            return 1;
        }
    }

    return 0;
}


llmp_int_t
llmp_decide_written(llmp_decider_t *dc, const llmp_watch_t *w,
    const llmp_value_t *value)
{
    uint32_t              i;
    llmp_scan_t          *scan;
    const llmp_member_t  *m;

    if (value->type != LLMP_TYPE_NULL) {
        dc->unsettled |= w->rules.unsettles;
    }

    llmp_decide_heed(dc, w, value->type, &value->text);

    if (value->type != LLMP_TYPE_OBJECT) {
        return LLMP_OK;
    }

    /* the policy's own text: the hash needs no secret */

    scan = llmp_palloc(dc->pool, sizeof(llmp_scan_t));
    if (scan == NULL) {
        return llmp_decide_nomem(dc);
    }

    llmp_scan_init(scan, w, dc->pool, 1);

    if (llmp_scan_feed(scan, value->text.data, value->text.len, 1) != LLMP_OK)
    {
        dc->decision->refusal = scan->refusal;
        return LLMP_ERROR;
    }

    for (i = 1; i < scan->members.nelts; i++) {
        m = &scan->members.elts[i];

        llmp_decide_heed(dc, m->watch, m->type, &m->text);
    }

    return LLMP_OK;
}


/* what a value that is to be there clashes with, and fixes */

static void
llmp_decide_heed(llmp_decider_t *dc, const llmp_watch_t *w, llmp_uint_t type,
    const llmp_str_t *text)
{
    if (llmp_decide_says(w, type, text)) {
        dc->clashed |= w->rules.clashes;
        dc->fixed |= w->rules.fixes;
    }
}


/*
 * One parameter under two of the API's own names, or two objects that may hold
 * it: readers pick either, or merge them.
 */

static llmp_int_t
llmp_decide_one_name(llmp_decider_t *dc, const llmp_member_t *m)
{
    char                 path[LLMP_PARAM_NAME];
    uint64_t             params, holds;
    const llmp_watch_t  *w;

    w = m->watch;
    params = w->rules.native ? w->rules.params : 0;
    holds = w->rules.scope ? 0 : w->rules.params_of_children;

    if (((params & dc->named) | (holds & dc->within)) & dc->ruled) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_AMBIGUOUS_MEMBER,
                           llmp_watch_path(w, path, sizeof(path)),
                           "%s stands beside another name of it", path);
    }

    dc->named |= params;
    dc->within |= holds;

    return LLMP_OK;
}


/* the tier's rules, with those of the models list in their place */

static llmp_int_t
llmp_decide_rules(llmp_decider_t *dc)
{
    uint64_t               before, left;
    llmp_int_t             rc;
    llmp_uint_t            i;
    const llmp_rules_t    *rules;
    const llmp_policy_t   *policy;

    policy = dc->decision->policy;
    rules = &dc->decision->tier->rules;

    before = dc->ruled;

    dc->params = rules->params;
    dc->ruled = 0;
    dc->held = 0;

    if (policy->npointers != 0) {
        memset(dc->overridden, 0, policy->npointers);
        memset(dc->pointers, 0, policy->npointers * sizeof(llmp_rule_t *));
    }

    for (i = 0; i < policy->nmodels; i++) {
        rc = llmp_decide_patterns(&policy->models[i].match, &dc->model);

        if (rc == LLMP_ERROR) {
            return llmp_decide_nomem(dc);
        }

        if (rc == LLMP_OK) {
            llmp_decide_override(dc, &policy->models[i].rules);
        }
    }

    /*
     * a model entry's "remove" says what the model cannot take, which nobody
     * has reason to undo; but whether it is that model, the client has said
     */

    dc->held |= rules->held | (rules->removed & ~dc->ruled);

    llmp_decide_override(dc, rules);

    left = dc->first ? (before | dc->ruled) : 0;

    for ( /* void */ ; left != 0; left &= left - 1) {
        i = llmp_lowest(left);
        dc->decision->params[i].rule = dc->params[i];
    }

    return LLMP_OK;
}


/* takes the rules that are set and not yet taken from elsewhere */

static void
llmp_decide_override(llmp_decider_t *dc, const llmp_rules_t *rules)
{
    uint64_t     fresh;
    llmp_uint_t  i;

    fresh = rules->ruled & ~dc->ruled;

    if (dc->params != rules->params) {
        llmp_decide_merge(dc, rules, fresh);
    }

    dc->ruled |= fresh;
    dc->held |= rules->held & fresh;

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


/* where no model has rules of its own, those of the tier are used in place */

static void
llmp_decide_merge(llmp_decider_t *dc, const llmp_rules_t *rules,
    uint64_t fresh)
{
    llmp_uint_t  i;

    if (dc->params != dc->merged) {
        memset(dc->merged, 0, sizeof(dc->merged));
        dc->params = dc->merged;
    }

    for ( /* void */ ; fresh != 0; fresh &= fresh - 1) {
        i = llmp_lowest(fresh);
        dc->merged[i] = rules->params[i];
    }
}


/* whether there is anything to say of a member that is watched */

static llmp_uint_t
llmp_decide_minds(llmp_decider_t *dc, const llmp_watch_t *w)
{
    return (w->rules.params_below & dc->ruled) != 0
           || (w->rules.undermines & dc->held) != 0
           || w->rules.pointer || w->rules.inner || w->rules.models
           || dc->decision->dialect->one_name;
}


static llmp_int_t
llmp_decide_member(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              left;
    llmp_uint_t           named, p;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    w = m->watch;
    named = 0;
    rule = NULL;

    if (dc->decision->dialect->one_name
        && llmp_decide_one_name(dc, m) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (w->rules.pointer != 0 && dc->pointers[w->rules.pointer - 1] != NULL) {

        /* a pointer speaks of one member: it goes before the parameter */

        named = 1;
        rule = dc->pointers[w->rules.pointer - 1];

        if (llmp_decide_value(dc, rule, i, LLMP_PARAM_MAX) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    left = named ? 0 : (w->rules.params & dc->ruled);

    for ( /* void */ ; left != 0; left &= left - 1) {
        p = llmp_lowest(left);
        rule = dc->params[p];

        if (llmp_decide_value(dc, rule, i, p) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    named = named || (w->rules.params & dc->ruled);

    if (llmp_decide_undermines(dc, m, named) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (dc->state[i].remove || (rule != NULL && rule->force != NULL)) {
        return LLMP_OK;
    }

    return llmp_decide_container(dc, m);
}


static llmp_int_t
llmp_decide_undermines(llmp_decider_t *dc, const llmp_member_t *m,
    llmp_uint_t named)
{
    char                 path[LLMP_PARAM_NAME];
    uint64_t             undone;
    const llmp_tier_t   *tier;
    const llmp_watch_t  *w;

    w = m->watch;
    tier = dc->decision->tier;

    if (named || m->type == LLMP_TYPE_NULL
        || (w->rules.strings && m->type == LLMP_TYPE_OBJECT))
    {
        return LLMP_OK;
    }

    undone = w->rules.undermines & dc->held;

    if (undone != 0) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_UNDERMINES_POLICY,
                           llmp_watch_path(w, path, sizeof(path)),
                           "%s can undo the bound on %s for tier \"%.*s\"",
                           path,
                           (char *) llmp_params[llmp_lowest(undone)].name.data,
                           (int) tier->name.len, tier->name.data);
    }

    if (w->rules.models && dc->models) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_UNDERMINES_POLICY,
                           llmp_watch_path(w, path, sizeof(path)),
                           "%s can bring in a model that the policy has "
                           "not seen", path);
    }

    return LLMP_OK;
}


/*
 * Where policed members would be inside an object, a string or an array could
 * hold them in a form that only the upstream understands; and where the API
 * itself has them there, nothing else leaves a place to write them to.
 */

static llmp_int_t
llmp_decide_container(llmp_decider_t *dc, const llmp_member_t *m)
{
    uint64_t             inside;
    const llmp_rule_t   *rule;
    const llmp_watch_t  *w;

    w = m->watch;
    inside = w->rules.params_below & ~w->rules.params & dc->ruled;

    if (inside != 0 && (m->type & llmp_decide_no_containers(dc, m))) {
        return llmp_decide_no_container(dc, m,
                         (char *) llmp_params[llmp_lowest(inside)].name.data);
    }

    rule = NULL;

    if (w->rules.inner && m->type != LLMP_TYPE_OBJECT
        && m->type != LLMP_TYPE_NULL)
    {
        rule = llmp_decide_inner(dc, w, m->type);
    }

    return (rule != NULL)
           ? llmp_decide_no_container(dc, m, (char *) rule->name.data)
           : LLMP_OK;
}


/* the types that a member which may hold policed ones must not have */

static llmp_uint_t
llmp_decide_no_containers(llmp_decider_t *dc, const llmp_member_t *m)
{
    llmp_uint_t          types, batch, native;
    const llmp_watch_t  *w;

    w = m->watch;
    batch = dc->decision->dialect->scope != NULL;
    native = (w->rules.params_of_children & dc->ruled) != 0;

    types = LLMP_TYPE_STRING|LLMP_TYPE_ARRAY;

    if (native || batch) {
        types |= LLMP_TYPE_NUMBER|LLMP_TYPE_BOOLEAN;
    }

    if (w->element == NULL) {
        return types;
    }

    if (batch && w->nchildren == 0 && w->shared == NULL) {

        /* the requests */

        types |= LLMP_TYPE_OBJECT;
    }

    /* an array has to have a place for what is absent */

    if (!native
        || (m->count != 0 && w->element->rules.params_of_children != 0))
    {
        types &= ~(llmp_uint_t) LLMP_TYPE_ARRAY;
    }

    return types;
}


/* the rule of a pointer that goes through a member, if there is one */

static const llmp_rule_t *
llmp_decide_inner(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t type)
{
    llmp_uint_t           i;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *child;

    for (i = 0; i < w->nchildren; i++) {
        child = w->children[i];

        if (type == LLMP_TYPE_ARRAY
            && child->name.len != 0 && child->name.data[0] <= '9')
        {
            /* it may be an element */

            continue;
        }

        rule = (child->rules.pointer != 0)
               ? dc->pointers[child->rules.pointer - 1] : NULL;

        if (rule != NULL
            && (llmp_rule_bounds(rule) || rule->remove || rule->require))
        {
            return rule;
        }

        rule = child->rules.inner
               ? llmp_decide_inner(dc, child, LLMP_TYPE_OBJECT) : NULL;

        if (rule != NULL) {
            return rule;
        }
    }

    return NULL;
}


static llmp_int_t
llmp_decide_no_container(llmp_decider_t *dc, const llmp_member_t *m,
    const char *held)
{
    char         path[LLMP_PARAM_NAME];
    const char  *wanted;

    wanted = (m->type == LLMP_TYPE_OBJECT) ? "an array" : "an object";

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                       llmp_watch_path(m->watch, path, sizeof(path)),
                       "%s must be %s, not %s: %s is held to a policy",
                       path, wanted, llmp_type_name(m->type), held);
}
