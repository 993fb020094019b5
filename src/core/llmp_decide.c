
/*
 * Copyright (C) llm-policy authors
 *
 * The decision, in the order of its steps: for each request in the document
 * (one, or each of a batch) find the model and the rules, hold every member
 * that is there to its rule, then write what is absent and must not be.
 */


#include <stdio.h>

#include "llmp_decide.h"
#include "llmp_decide_private.h"


static llmp_int_t llmp_decide_document(llmp_decider_t *dc);
static llmp_int_t llmp_decide_init(llmp_decider_t *dc);
static llmp_int_t llmp_decide_outer_model(llmp_decider_t *dc);
static llmp_int_t llmp_decide_request(llmp_decider_t *dc, uint32_t scope);
static llmp_int_t llmp_decide_outside(llmp_decider_t *dc, uint32_t i);
static llmp_uint_t llmp_decide_clashes(const llmp_member_t *m);
static llmp_int_t llmp_decide_one_name(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_model(llmp_decider_t *dc);
static llmp_int_t llmp_decide_model_name(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_model_text(llmp_decider_t *dc,
    const llmp_str_t *name);
static void llmp_decide_model_sent(llmp_decider_t *dc);
static llmp_int_t llmp_decide_model_access(llmp_decider_t *dc);
static llmp_int_t llmp_decide_patterns(const llmp_patterns_t *patterns,
    const llmp_str_t *subject);
static llmp_int_t llmp_decide_rules(llmp_decider_t *dc);
static void llmp_decide_override(llmp_decider_t *dc,
    const llmp_rules_t *rules, uint64_t *params, u_char *pointers);
static llmp_int_t llmp_decide_member(llmp_decider_t *dc, uint32_t i);
static llmp_int_t llmp_decide_undermines(llmp_decider_t *dc,
    const llmp_member_t *m, llmp_uint_t named);
static llmp_int_t llmp_decide_container(llmp_decider_t *dc,
    const llmp_member_t *m);


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


llmp_int_t
llmp_decide(llmp_decision_t *decision, const llmp_members_t *members,
    llmp_pool_t *pool)
{
    llmp_uint_t     i;
    llmp_decider_t  dc;

    memset(&dc, 0, sizeof(llmp_decider_t));

    dc.decision = decision;
    dc.members = members;
    dc.pool = pool;
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
    decision->nchanges = 0;

    return LLMP_ERROR;
}


static llmp_int_t
llmp_decide_document(llmp_decider_t *dc)
{
    uint32_t  i;

    if (llmp_decide_init(dc) != LLMP_OK) {
        return llmp_decide_nomem(dc);
    }

    if (llmp_decide_outer_model(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < dc->members->nelts; i++) {

        if (!dc->members->elts[i].watch->scope) {

            if (llmp_decide_outside(dc, i) != LLMP_OK) {
                return LLMP_ERROR;
            }

            continue;
        }

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


/* the model of all requests: that of the path, or beside those of a batch */

static llmp_int_t
llmp_decide_outer_model(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m;

    dc->model = dc->decision->path_model;
    dc->model_text = dc->model;

    for (i = 0; dc->decision->dialect->outer_model && i < dc->members->nelts;
         i++)
    {
        m = &dc->members->elts[i];

        if (m->watch->scope) {
            i = m->last;
            continue;
        }

        if (m->watch->model && m->type != LLMP_TYPE_NULL
            && llmp_decide_model_name(dc, m) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    dc->outer_model = dc->model;
    dc->outer_text = dc->model_text;

    return LLMP_OK;
}


/*
 * In a batch, what stands beside the requests: nothing is to be added there,
 * but some upstream may take it for what holds in all of them.
 */

static llmp_int_t
llmp_decide_outside(llmp_decider_t *dc, uint32_t i)
{
    if (i == 0 && llmp_decide_rules(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    dc->named = 0;
    dc->within = 0;
    dc->fixed = 0;

    return llmp_decide_member(dc, i);
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

    /* first of all, so that the log has it whatever is refused */

    for (i = scope; dc->first && i <= dc->end; i++) {
        llmp_decide_requested(dc, i);
    }

    if (dc->members->elts[scope].type != LLMP_TYPE_OBJECT) {
        return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                           NULL, "a request must be an object");
    }

    if (llmp_decide_model(dc) != LLMP_OK || llmp_decide_rules(dc) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->type != LLMP_TYPE_NULL) {
            dc->unsettled |= m->watch->unsettles;
        }

        if (llmp_decide_clashes(m)) {
            dc->fixed |= m->watch->fixes;
        }
    }

    for (i = scope; i <= dc->end; i++) {
        if (llmp_decide_member(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    for (i = scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (!dc->state[i].remove && llmp_decide_clashes(m)) {
            dc->clashed |= m->watch->clashes;
        }
    }

    return llmp_decide_absent(dc);
}


/* whether a member is there, and says something */

static llmp_uint_t
llmp_decide_clashes(const llmp_member_t *m)
{
    llmp_str_t   text;
    const char  *nothing;

    nothing = m->watch->unless;

    if (m->type == LLMP_TYPE_NULL) {
        return 0;
    }

    if (nothing == NULL || m->type != LLMP_TYPE_STRING || m->cut) {
        return 1;
    }

    text.data = m->text.data + 1;
    text.len = m->text.len - 2;

    return text.len != strlen(nothing)
           || memcmp(text.data, nothing, text.len) != 0;
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

    if (!dc->decision->dialect->one_name) {
        return LLMP_OK;
    }

    w = m->watch;
    params = w->native ? w->params : 0;
    holds = w->scope ? 0 : w->holds;

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


static llmp_int_t
llmp_decide_model(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m;

    dc->model = dc->outer_model;
    dc->model_text = dc->outer_text;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (!m->watch->model || m->type == LLMP_TYPE_NULL) {
            continue;
        }

        if (llmp_decide_model_name(dc, m) != LLMP_OK) {
            return LLMP_ERROR;
        }

        break;
    }

    llmp_decide_model_sent(dc);

    if (dc->first) {
        dc->decision->model = dc->model;
    }

    return llmp_decide_model_access(dc);
}


/*
 * A name that cannot be matched, for its type or its length, is refused only
 * where there are rules about models; elsewhere it is the upstream's affair.
 */

static llmp_int_t
llmp_decide_model_name(llmp_decider_t *dc, const llmp_member_t *m)
{
    u_char      *p;
    llmp_str_t   name;

    if (m->type != LLMP_TYPE_STRING || m->cut) {

        if (!dc->models) {
            return LLMP_OK;
        }

        return llmp_refuse(&dc->decision->refusal,
                           m->cut ? LLMP_REFUSE_MODEL_NOT_ALLOWED
                                  : LLMP_REFUSE_INVALID_TYPE,
                           "model", "model must be a string of at most %d "
                           "bytes", LLMP_TEXT_MAX);
    }

    p = llmp_palloc(dc->pool, m->text.len);
    if (p == NULL) {
        return llmp_decide_nomem(dc);
    }

    name.data = p;
    name.len = llmp_unescape(p, &m->text);

    if (llmp_decide_model_text(dc, &name) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (dc->model.len == 0) {
        dc->model = name;
        dc->model_text = m->text;

    } else if (dc->models && !llmp_str_eq(&dc->model, &name)) {

        /* which of them the upstream goes by is not known */

        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_AMBIGUOUS_MEMBER, "model",
                           "model %.*s is not the one in the path",
                           (int) m->text.len, m->text.data);
    }

    return LLMP_OK;
}


/*
 * No name has control characters: a variable with it may stand in a header
 * field.  Where there are rules about models, it has no separators either: some
 * gateways take it for a list of models then.
 */

static llmp_int_t
llmp_decide_model_text(llmp_decider_t *dc, const llmp_str_t *name)
{
    u_char  ch;
    size_t  i;

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (ch < 0x20 || ch == 0x7f) {
            return llmp_refuse(&dc->decision->refusal,
                               LLMP_REFUSE_INVALID_TYPE, "model",
                               "model must not have control characters");
        }

        if (dc->models && (ch == ',' || ch == ';' || ch == '|')) {
            return llmp_refuse(&dc->decision->refusal,
                               LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                               "model must be one name, not a list");
        }
    }

    return LLMP_OK;
}


/* a rule about the member itself: what it sends is what the rules are for */

static void
llmp_decide_model_sent(llmp_decider_t *dc)
{
    llmp_uint_t             i;
    const llmp_rule_t      *rule;
    const llmp_rules_t     *rules;
    const llmp_value_t     *value;
    const llmp_policy_t    *policy;
    const llmp_pointer_t   *p;

    policy = dc->decision->policy;
    rules = &dc->decision->tier->rules;

    for (i = 0; rules->pointers != NULL && i < policy->npointers; i++) {
        p = &policy->pointers[i];
        rule = rules->pointers[i];

        if (rule == NULL || dc->decision->dialect->model == NULL
            || strcmp((char *) p->text.data + 1, dc->decision->dialect->model)
               != 0)
        {
            continue;
        }

        value = rule->force;

        if (rule->remove) {
            dc->model = dc->outer_model;
            dc->model_text = dc->outer_text;
        }

        if (value == NULL && dc->model.len == 0) {
            value = rule->fallback;
        }

        if (value != NULL && value->type == LLMP_TYPE_STRING) {
            dc->model = value->string;
            dc->model_text = value->text;
        }
    }
}


static llmp_int_t
llmp_decide_model_access(llmp_decider_t *dc)
{
    llmp_int_t          rc;
    const llmp_tier_t  *tier;

    tier = dc->decision->tier;
    rc = LLMP_OK;

    if (dc->decision->dialect->no_model && dc->model.len == 0) {
        return LLMP_OK;
    }

    if (tier->allow_set) {
        rc = llmp_decide_patterns(&tier->allow, &dc->model);

        if (rc == LLMP_DECLINED && dc->model.len == 0) {
            return llmp_refuse(&dc->decision->refusal,
                               LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                               "the request names no model, and tier \"%.*s\" "
                               "permits only some", (int) tier->name.len,
                               tier->name.data);
        }
    }

    if (rc == LLMP_OK && tier->deny.nelts != 0) {

        switch (llmp_decide_patterns(&tier->deny, &dc->model)) {

        case LLMP_OK:
            rc = LLMP_DECLINED;
            break;

        case LLMP_DECLINED:
            break;

        default:
            rc = LLMP_ERROR;
        }
    }

    if (rc == LLMP_DECLINED) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                           "model %.*s is not permitted for tier \"%.*s\"",
                           (int) dc->model_text.len, dc->model_text.data,
                           (int) tier->name.len, tier->name.data);
    }

    return (rc == LLMP_OK) ? LLMP_OK : llmp_decide_nomem(dc);
}


static llmp_int_t
llmp_decide_patterns(const llmp_patterns_t *patterns,
    const llmp_str_t *subject)
{
    llmp_int_t   rc;
    llmp_uint_t  i;

    for (i = 0; i < patterns->nelts; i++) {
        rc = llmp_pattern_match(&patterns->elts[i], subject, NULL);

        if (rc != LLMP_DECLINED) {
            return rc;
        }
    }

    return LLMP_DECLINED;
}


/* the tier's rules, with those of the models list in their place */

static llmp_int_t
llmp_decide_rules(llmp_decider_t *dc)
{
    uint64_t               params, entries;
    llmp_int_t             rc;
    llmp_uint_t            i;
    const llmp_rule_t     *rule;
    const llmp_policy_t   *policy;

    policy = dc->decision->policy;
    params = 0;

    if (policy->npointers != 0) {
        memset(dc->overridden, 0, policy->npointers);
        memset(dc->pointers, 0, policy->npointers * sizeof(llmp_rule_t *));
    }

    memset(dc->params, 0, sizeof(dc->params));

    /*
     * a model entry's "remove" says what the model cannot take, which nobody
     * has reason to undo; a tier's, what the caller must not have
     */

    for (i = 0; i < policy->nmodels; i++) {
        rc = llmp_decide_patterns(&policy->models[i].match, &dc->model);

        if (rc == LLMP_ERROR) {
            return llmp_decide_nomem(dc);
        }

        if (rc == LLMP_OK) {
            llmp_decide_override(dc, &policy->models[i].rules, &params,
                                 dc->overridden);
        }
    }

    entries = params;

    llmp_decide_override(dc, &dc->decision->tier->rules, &params,
                         dc->overridden);

    dc->held = 0;
    dc->ruled = params;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        rule = dc->params[i];

        if (dc->first) {
            dc->decision->params[i].rule = rule;
        }

        if (rule != NULL
            && (rule->min || rule->max || rule->force || rule->allow
                || rule->deny
                || (rule->remove && !(entries & llmp_mask(i)))))
        {
            dc->held |= llmp_mask(i);
        }
    }

    return LLMP_OK;
}


/* takes the rules that are set and not yet taken from elsewhere */

static void
llmp_decide_override(llmp_decider_t *dc, const llmp_rules_t *rules,
    uint64_t *params, u_char *pointers)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {

        if (rules->params[i] != NULL && !(*params & llmp_mask(i))) {
            dc->params[i] = rules->params[i];
            *params |= llmp_mask(i);
        }
    }

    if (rules->pointers == NULL) {
        return;
    }

    for (i = 0; i < dc->decision->policy->npointers; i++) {

        if (rules->pointers[i] != NULL && !pointers[i]) {
            dc->pointers[i] = rules->pointers[i];
            pointers[i] = 1;
        }
    }
}


static llmp_int_t
llmp_decide_member(llmp_decider_t *dc, uint32_t i)
{
    llmp_uint_t           named, p;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    w = m->watch;
    named = 0;
    rule = NULL;

    if (llmp_decide_one_name(dc, m) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (w->pointer != 0 && dc->pointers[w->pointer - 1] != NULL) {

        /* a pointer speaks of one member: it goes before the parameter */

        named = 1;
        rule = dc->pointers[w->pointer - 1];

        if (llmp_decide_value(dc, rule, i, LLMP_PARAM_MAX) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    for (p = 0; !named && w->params >> p != 0; p++) {

        if (!(w->params & llmp_mask(p)) || dc->params[p] == NULL) {
            continue;
        }

        rule = dc->params[p];

        if (llmp_decide_value(dc, rule, i, p) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    named = named || (w->params & dc->ruled);

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
        || (w->strings && m->type == LLMP_TYPE_OBJECT))
    {
        return LLMP_OK;
    }

    undone = w->undermines & dc->held;

    if (undone != 0) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_UNDERMINES_POLICY,
                           llmp_watch_path(w, path, sizeof(path)),
                           "%s can undo the bound on %s for tier \"%.*s\"",
                           path,
                           (char *) llmp_params[llmp_lowest(undone)].name.data,
                           (int) tier->name.len, tier->name.data);
    }

    if (w->models && dc->models) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_UNDERMINES_POLICY,
                           llmp_watch_path(w, path, sizeof(path)),
                           "%s can bring in a model that the policy has "
                           "not seen", path);
    }

    return LLMP_OK;
}


/*
 * Where policed members would be inside an object, a string or an array
 * could hold them in a form that only the upstream understands.
 */

static llmp_int_t
llmp_decide_container(llmp_decider_t *dc, const llmp_member_t *m)
{
    char                 path[LLMP_PARAM_NAME];
    uint64_t             inside;
    const llmp_watch_t  *w;

    w = m->watch;
    inside = w->below & ~w->params & dc->ruled;

    if (inside == 0
        || (m->type != LLMP_TYPE_STRING && m->type != LLMP_TYPE_ARRAY)
        || (m->type == LLMP_TYPE_ARRAY && w->element != NULL))
    {
        return LLMP_OK;
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                       llmp_watch_path(w, path, sizeof(path)),
                       "%s must be an object, not %s: %s is held to a policy",
                       path, llmp_type_name(m->type),
                       (char *) llmp_params[llmp_lowest(inside)].name.data);
}
