
/*
 * Copyright (C) llm-policy authors
 *
 * Finds the members that are final while a body passes, and the event that the
 * next member waits for.
 */


#include "body/llmp_streaming_state.h"
#include "decide/llmp_decide_unknown.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "dialect/llmp_known_models.h"


static void llmp_streaming_wait_scan_members(llmp_streaming_t *st);
static void llmp_streaming_wait_open_objects(llmp_streaming_t *st,
    uint64_t *stop);
static void llmp_streaming_wait_next_members(llmp_streaming_t *st,
    uint64_t *stop);
static llmp_uint_t llmp_streaming_wait_object_end(llmp_streaming_t *st,
    uint32_t i, uint64_t *stop);
static void llmp_streaming_wait_stop_at(llmp_streaming_t *st,
    const llmp_member_t *m, llmp_streaming_wait_e wait, uint64_t pos,
    uint64_t *stop);
static llmp_uint_t llmp_streaming_wait_may_change(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_uint_t llmp_streaming_wait_may_be_unknown(llmp_streaming_t *st,
    const llmp_member_t *m);
static llmp_uint_t llmp_streaming_wait_is_unchanged(llmp_streaming_t *st,
    const llmp_member_t *m);
static llmp_uint_t llmp_streaming_wait_is_inside(const llmp_rule_t *rule,
    const llmp_decimal_t *number);
static llmp_uint_t llmp_streaming_wait_may_lower(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_uint_t llmp_streaming_wait_thinks(llmp_streaming_t *st);
static llmp_uint_t llmp_streaming_wait_may_add(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_uint_t llmp_streaming_wait_by_model(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_uint_t llmp_streaming_wait_named_by_model(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_streaming_wait_e llmp_streaming_wait_for_member(
    llmp_streaming_t *st, const llmp_member_t *m);
static llmp_uint_t llmp_streaming_wait_has_budget(llmp_streaming_t *st,
    const llmp_member_t *m);
static llmp_uint_t llmp_streaming_wait_may_remove(llmp_streaming_t *st,
    const llmp_member_t *m);
static uint64_t llmp_streaming_wait_params(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_streaming_wait_e llmp_streaming_wait_for_object(
    llmp_streaming_t *st, uint32_t i);
static llmp_uint_t llmp_streaming_wait_by_facts(llmp_streaming_t *st,
    uint32_t i);
static llmp_streaming_wait_e llmp_streaming_wait_for_needs(
    llmp_streaming_t *st, const llmp_watch_t *w);
static llmp_streaming_wait_e llmp_streaming_wait_for_need(llmp_streaming_t *st,
    const llmp_watch_t *object, const llmp_need_t *need);
static llmp_uint_t llmp_streaming_wait_has(llmp_streaming_t *st,
    const llmp_watch_t *w);
static llmp_uint_t llmp_streaming_wait_may_lose(llmp_streaming_t *st,
    const llmp_member_t *m);
static uint64_t llmp_streaming_wait_missing(llmp_streaming_t *st, uint32_t i);
static uint64_t llmp_streaming_wait_present(llmp_streaming_t *st, uint32_t i);


/* parameters that change an object with a budget of thinking */
#define LLMP_STREAMING_THINKING                                               \
    (llmp_mask(LLMP_MAX_TOKENS) | llmp_mask(LLMP_THINKING_BUDGET))

/* the offset of a member, including the comma before it */
#define llmp_streaming_wait_start(m)                                          \
    ((m)->index != 0 ? (m)->comma : (m)->key)


uint64_t
llmp_streaming_wait_offset(llmp_streaming_t *st)
{
    uint64_t  stop;

    stop = llmp_scan_stable_offset(&st->body->scan);
    st->wait = LLMP_STREAMING_WAIT_NEXT;
    st->waiting = NULL;

    if (st->body->decision.digest) {

        /* the body must not be changed, only forwarded or refused */

        return stop;
    }

    llmp_streaming_wait_scan_members(st);
    llmp_streaming_wait_open_objects(st, &stop);
    llmp_streaming_wait_next_members(st, &stop);

    return stop;
}


/* searches new members for "model", "stream" and max_tokens: others depend on
   them */

static void
llmp_streaming_wait_scan_members(llmp_streaming_t *st)
{
    const llmp_watch_t    *w;
    const llmp_member_t   *m;
    const llmp_members_t  *members;

    members = &st->body->scan.members;

    for ( /* void */ ; st->nseen < members->nelts; st->nseen++) {
        m = &members->elts[st->nseen];
        w = m->watch;

        if (!(m->type & (LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY)) && m->end == 0) {
            break;
        }

        if (m->type == LLMP_TYPE_NULL) {
            continue;
        }

        if (w->rules.model) {
            st->model_seen = 1;
        }

        if (w->rules.native && (w->rules.params & llmp_mask(LLMP_STREAM))) {
            st->stream_seen = 1;
        }

        if (w->rules.native && (w->rules.params & llmp_mask(LLMP_MAX_TOKENS))) {
            st->tokens_seen = 1;
        }
    }
}


/* checks the ends of objects that members may be added to */

static void
llmp_streaming_wait_open_objects(llmp_streaming_t *st, uint64_t *stop)
{
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < st->nopen; i++) {
        if (!llmp_streaming_wait_object_end(st, st->open[i], stop)) {
            st->open[n++] = st->open[i];
        }
    }

    st->nopen = n;
}


static void
llmp_streaming_wait_next_members(llmp_streaming_t *st, uint64_t *stop)
{
    uint64_t               start;
    llmp_uint_t            changes, adds;
    llmp_streaming_wait_e  wait;
    const llmp_member_t   *m;
    const llmp_members_t  *members;

    members = &st->body->scan.members;

    for ( /* void */ ; st->nfinal < members->nelts; st->nfinal++) {
        m = &members->elts[st->nfinal];
        start = llmp_streaming_wait_start(m);

        if (start >= *stop && st->nfinal != 0) {
            return;
        }

        /* null may be replaced by an object */

        adds = llmp_streaming_wait_may_add(st, m->watch);
        changes = llmp_streaming_wait_may_be_unknown(st, m)
                  || (llmp_streaming_wait_may_change(st, m->watch)
                      && !llmp_streaming_wait_is_unchanged(st, m))
                  || llmp_streaming_wait_may_lose(st, m)
                  || (adds && m->type == LLMP_TYPE_NULL)
                  || (m->type == LLMP_TYPE_OBJECT
                      && llmp_streaming_wait_may_lower(st, m->watch));

        /* the end of the root is final at the end of the body only */

        adds = adds && m->type == LLMP_TYPE_OBJECT && st->nfinal != 0;

        wait = changes ? llmp_streaming_wait_for_member(st, m)
                       : LLMP_STREAMING_WAIT_NONE;

        if (wait == LLMP_STREAMING_WAIT_NONE && adds
            && st->nopen == LLMP_STREAMING_OPEN_MAX)
        {
            wait = LLMP_STREAMING_WAIT_END;
        }

        if (wait != LLMP_STREAMING_WAIT_NONE) {
            llmp_streaming_wait_stop_at(st, m, wait, start, stop);
            return;
        }

        if (changes) {
            llmp_streaming_set_due(st);
        }

        if (adds && !llmp_streaming_wait_object_end(st, st->nfinal, stop)) {
            st->open[st->nopen++] = st->nfinal;
        }
    }
}


/* returns whether the additions at the end of object i are final */

static llmp_uint_t
llmp_streaming_wait_object_end(llmp_streaming_t *st, uint32_t i, uint64_t *stop)
{
    llmp_streaming_wait_e  wait;
    const llmp_member_t   *m;

    m = &st->body->scan.members.elts[i];

    if (m->end == 0) {
        return 0;
    }

    wait = llmp_streaming_wait_for_object(st, i);

    if (wait != LLMP_STREAMING_WAIT_NONE) {
        llmp_streaming_wait_stop_at(st, m, wait, m->end - 1, stop);
        return 0;
    }

    llmp_streaming_set_due(st);

    return 1;
}


static void
llmp_streaming_wait_stop_at(llmp_streaming_t *st, const llmp_member_t *m,
    llmp_streaming_wait_e wait, uint64_t pos, uint64_t *stop)
{
    if (pos < *stop) {
        *stop = pos;
        st->wait = wait;
        st->waiting = m->watch;
    }
}


/* returns whether a member may be changed or removed */

static llmp_uint_t
llmp_streaming_wait_may_change(llmp_streaming_t *st, const llmp_watch_t *w)
{
    llmp_uint_t           i;
    const llmp_policy_t  *policy;
    const llmp_rules_t   *rules;

    if ((w->rules.params & st->params)
        || (st->usage && w->rules.role == LLMP_ROLE_USAGE))
    {
        return 1;
    }

    if (w->rules.pointer == 0) {
        return 0;
    }

    i = w->rules.pointer - 1;
    policy = st->body->decision.policy;
    rules = &st->body->decision.tier->rules;

    return policy->pointers_by_model[i]
           || (rules->pointers != NULL && rules->pointers[i] != NULL);
}


/* returns whether a member may be removed or refused since no rule names it */

static llmp_uint_t
llmp_streaming_wait_may_be_unknown(llmp_streaming_t *st, const llmp_member_t *m)
{
    const llmp_member_t    *members;
    const llmp_decision_t  *decision;

    decision = &st->body->decision;
    members = st->body->scan.members.elts;

    return llmp_tier_polices_unknown(decision->tier)
           && llmp_decide_unknown_is_possible(members, (uint32_t) (m - members))
           && !(m->watch->rules.params_below & decision->tier->rules.ruled);
}


/*
 * Returns whether a number is within the bounds of all models, so that it need
 * not wait for the model: SDKs send "max_tokens", all messages, then "model".
 */

static llmp_uint_t
llmp_streaming_wait_is_unchanged(llmp_streaming_t *st, const llmp_member_t *m)
{
    uint64_t              params;
    llmp_uint_t           i, p;
    llmp_decimal_t        number;
    const llmp_rules_t   *rules;
    const llmp_policy_t  *policy;

    if (m->type != LLMP_TYPE_NUMBER || m->end == 0
        || m->watch->rules.pointer != 0
        || m->cut || llmp_decimal_parse(&number, &m->text) != LLMP_OK)
    {
        return 0;
    }

    policy = st->body->decision.policy;
    params = m->watch->rules.params & st->params;

    if (params & st->renamed) {

        /* a model may take it under another name only */

        return 0;
    }

    for (p = 0; params >> p != 0; p++) {

        if (!(params & llmp_mask(p))) {
            continue;
        }

        /* 0 or a negative number may mean "no limit" */

        if ((llmp_params[p].flags & (LLMP_PARAM_UNLIMITED|LLMP_PARAM_NEGATIVE))
            && (number.negative || llmp_decimal_whole(&number) == 0))
        {
            return 0;
        }

        if ((st->body->decision.dialect->zeros & llmp_mask(p))
            && llmp_decimal_is_tiny(&number))
        {
            return 0;
        }

        rules = &st->body->decision.tier->rules;

        if (!llmp_streaming_wait_is_inside(rules->params[p], &number)) {
            return 0;
        }

        for (i = 0; i < policy->nmodels; i++) {
            rules = &policy->models[i].rules;

            if (!llmp_streaming_wait_is_inside(rules->params[p], &number)) {
                return 0;
            }
        }
    }

    return 1;
}


static llmp_uint_t
llmp_streaming_wait_is_inside(const llmp_rule_t *rule,
    const llmp_decimal_t *number)
{
    if (rule == NULL) {
        return 1;
    }

    if (rule->force != NULL || rule->allow != NULL || rule->remove
        || rule->deny)
    {
        return 0;
    }

    return (rule->min == NULL
            || llmp_decimal_cmp(number, &rule->min->number) >= 0)
           && (rule->max == NULL
               || llmp_decimal_cmp(number, &rule->max->number) <= 0);
}


/* returns whether a budget in an object may be lowered, or the object turned
   off */

static llmp_uint_t
llmp_streaming_wait_may_lower(llmp_streaming_t *st, const llmp_watch_t *w)
{
    if (w->rules.thinking == NULL) {
        return 0;
    }

    if (!st->thinks_known) {
        st->thinks = llmp_streaming_wait_thinks(st) & 1;
        st->thinks_known = 1;
    }

    return st->thinks;
}


/* returns whether there is a rule about max_tokens or a budget */

static llmp_uint_t
llmp_streaming_wait_thinks(llmp_streaming_t *st)
{
    llmp_uint_t            i;
    const llmp_watch_t    *w, *root;
    const llmp_policy_t   *policy;
    const llmp_pointer_t  *p;

    if (st->params & LLMP_STREAMING_THINKING) {
        return 1;
    }

    policy = st->body->decision.policy;
    root = st->body->scan.members.elts[0].watch;

    for (i = 0; i < policy->npointers; i++) {
        p = &policy->pointers[i];
        w = llmp_watch_find_path((llmp_watch_t *) root, p->steps, p->nsteps);

        if (w != NULL && (w->rules.params & LLMP_STREAMING_THINKING)) {
            return 1;
        }
    }

    return 0;
}


/* returns whether members may be added to an object */

static llmp_uint_t
llmp_streaming_wait_may_add(llmp_streaming_t *st, const llmp_watch_t *w)
{
    return (llmp_streaming_wait_params(st, w) & st->params) || w->rules.inner
           || (st->usage && w->rules.role == LLMP_ROLE_OPTIONS);
}


/* returns whether the edits of a member may depend on the model */

static llmp_uint_t
llmp_streaming_wait_by_model(llmp_streaming_t *st, const llmp_watch_t *w)
{
    /* the name of a changed member may depend on the model, too */

    return (w->rules.params
            & (st->by_model | st->body->decision.dialect->renamed))
           || (w->rules.thinking != NULL
               && ((st->by_model & LLMP_STREAMING_THINKING)
                   || st->body->decision.policy->npointers_by_model != 0))
           || (st->usage_by_model && w->rules.role == LLMP_ROLE_USAGE)
           || (w->rules.pointer != 0
               && st->body->decision.policy->pointers_by_model[w->rules.pointer
                                                                 - 1]);
}


/* returns whether a rule of some model may name a member, or one inside it */

static llmp_uint_t
llmp_streaming_wait_named_by_model(llmp_streaming_t *st, const llmp_watch_t *w)
{
    return (w->rules.params_below & st->by_model)
           || (w->rules.inner
               && st->body->decision.policy->npointers_by_model != 0);
}


/* returns the event that a member waits for which may change */

static llmp_streaming_wait_e
llmp_streaming_wait_for_member(llmp_streaming_t *st, const llmp_member_t *m)
{
    llmp_streaming_wait_e  wait;
    const llmp_member_t   *parent;

    if (m->end == 0) {
        return LLMP_STREAMING_WAIT_VALUE;
    }

    if (m->type == LLMP_TYPE_NULL
        && !llmp_streaming_wait_may_be_unknown(st, m))
    {
        /* a value that replaces it depends on all other members */

        return LLMP_STREAMING_WAIT_END;
    }

    if (!st->model_seen
        && (llmp_streaming_wait_by_model(st, m->watch)
            || (llmp_streaming_wait_may_be_unknown(st, m)
                && llmp_streaming_wait_named_by_model(st, m->watch))))
    {
        return LLMP_STREAMING_WAIT_MODEL;
    }

    if (m->watch->rules.role == LLMP_ROLE_USAGE && st->usage
        && !st->stream_seen)
    {
        return LLMP_STREAMING_WAIT_STREAM;
    }

    if (!st->tokens_seen && m->type == LLMP_TYPE_OBJECT
        && llmp_streaming_wait_has_budget(st, m))
    {
        return LLMP_STREAMING_WAIT_TOKENS;
    }

    if (llmp_streaming_wait_may_lose(st, m)) {
        wait = llmp_streaming_wait_for_need(st, NULL, m->watch->rules.need);

        if (wait != LLMP_STREAMING_WAIT_NONE) {
            return wait;
        }
    }

    parent = &st->body->scan.members.elts[m->parent];

    if (m->next == 0 && parent->end == 0
        && llmp_streaming_wait_may_remove(st, m))
    {
        return LLMP_STREAMING_WAIT_NEXT;
    }

    return LLMP_STREAMING_WAIT_NONE;
}


/* returns whether an object has a budget that may be lowered */

static llmp_uint_t
llmp_streaming_wait_has_budget(llmp_streaming_t *st, const llmp_member_t *m)
{
    uint32_t              i;
    const llmp_member_t  *members;

    if (!llmp_streaming_wait_may_lower(st, m->watch)) {
        return 0;
    }

    members = st->body->scan.members.elts;

    for (i = (uint32_t) (m - members) + 1; i <= m->last; i++) {

        if (llmp_str_is(&members[i].watch->name, m->watch->rules.thinking
                                                               ->budget))
        {
            return 1;
        }
    }

    return 0;
}


static llmp_uint_t
llmp_streaming_wait_may_remove(llmp_streaming_t *st, const llmp_member_t *m)
{
    /* rules of pointers are not checked one by one */

    return m->watch->rules.pointer != 0
           || (m->watch->rules.params & st->removes)
           || llmp_streaming_wait_may_lose(st, m)
           || llmp_streaming_wait_may_be_unknown(st, m);
}


/* returns the event that the end of object i waits for */

static llmp_streaming_wait_e
llmp_streaming_wait_for_object(llmp_streaming_t *st, uint32_t i)
{
    uint64_t                params;
    llmp_uint_t             options;
    const llmp_watch_t     *w;
    const llmp_decision_t  *decision;

    w = st->body->scan.members.elts[i].watch;
    params = llmp_streaming_wait_params(st, w);
    decision = &st->body->decision;
    options = (st->usage && w->rules.role == LLMP_ROLE_OPTIONS);

    /* rules may depend on the model, and so may facts about new members */

    if (!st->model_seen
        && ((params & st->by_model)
            || llmp_streaming_wait_by_facts(st, i)
            || (w->rules.inner && decision->policy->npointers_by_model != 0)
            || (options && st->usage_by_model)))
    {
        return LLMP_STREAMING_WAIT_MODEL;
    }

    if (options && !st->stream_seen) {
        return LLMP_STREAMING_WAIT_STREAM;
    }

    if (llmp_streaming_wait_missing(st, i) & st->blocked_by) {
        return LLMP_STREAMING_WAIT_END;
    }

    return llmp_streaming_wait_for_needs(st, w);
}


/* returns the event that members which may be added to an object wait for, as
   they need others, see llmp_need_t */

static llmp_streaming_wait_e
llmp_streaming_wait_for_needs(llmp_streaming_t *st, const llmp_watch_t *w)
{
    llmp_uint_t             i;
    const llmp_watch_t     *node;
    llmp_streaming_wait_e   wait;

    for (node = w; node != NULL; node = node->parent) {
        if (node->rules.need != NULL
            && !(node->rules.need->flags & LLMP_NEED_WRITABLE))
        {
            return llmp_streaming_wait_for_need(st, w, node->rules.need);
        }
    }

    /* the tables have no path that leads further below an object */

    for (i = 0; i < w->nchildren; i++) {
        node = w->children[i];

        if (node->rules.need == NULL
            || (node->rules.need->flags & LLMP_NEED_WRITABLE))
        {
            continue;
        }

        wait = llmp_streaming_wait_for_need(st, w, node->rules.need);

        if (wait != LLMP_STREAMING_WAIT_NONE) {
            return wait;
        }
    }

    return LLMP_STREAMING_WAIT_NONE;
}


static llmp_streaming_wait_e
llmp_streaming_wait_for_need(llmp_streaming_t *st, const llmp_watch_t *object,
    const llmp_need_t *need)
{
    llmp_uint_t            i;
    llmp_streaming_wait_e  wait;
    const llmp_watch_t    *root, *other, *outer;

    wait = LLMP_STREAMING_WAIT_NONE;
    root = st->body->scan.members.elts[0].watch;

    for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {
        other = llmp_dialect_watch_find(root, need->others[i]);

        if (other == NULL) {
            continue;
        }

        if (!st->model_seen && llmp_streaming_wait_by_model(st, other)) {
            return LLMP_STREAMING_WAIT_MODEL;
        }

        for (outer = other; outer != NULL && outer != object;
             outer = outer->parent)
        {
            /* void */
        }

        if (outer != NULL || llmp_streaming_wait_has(st, other)) {

            /* it is, or would be, in the object, which is complete */

            return LLMP_STREAMING_WAIT_NONE;
        }

        wait = (other->rules.params & llmp_mask(LLMP_STREAM))
               ? LLMP_STREAMING_WAIT_STREAM : LLMP_STREAMING_WAIT_END;
    }

    return wait;
}


/* returns whether a member was read to its end that is not null or empty */

static llmp_uint_t
llmp_streaming_wait_has(llmp_streaming_t *st, const llmp_watch_t *w)
{
    uint32_t              i;
    const llmp_member_t  *m, *members;

    members = st->body->scan.members.elts;

    for (i = 0; i < st->nseen; i++) {
        m = &members[i];

        if (m->watch == w && m->end != 0 && m->type != LLMP_TYPE_NULL
            && (m->count != 0
                || !(m->type & (LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY))))
        {
            return 1;
        }
    }

    return 0;
}


/* returns whether a member may be removed with another one that it needs */

static llmp_uint_t
llmp_streaming_wait_may_lose(llmp_streaming_t *st, const llmp_member_t *m)
{
    llmp_uint_t          i;
    const llmp_need_t   *need;
    const llmp_watch_t  *root, *other;

    need = m->watch->rules.need;

    if (need == NULL || m->type == LLMP_TYPE_NULL) {
        return 0;
    }

    root = st->body->scan.members.elts[0].watch;

    for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {
        other = llmp_dialect_watch_find(root, need->others[i]);

        if (other != NULL && other->rules.inner) {
            return 1;
        }

        for ( /* void */ ; other != NULL; other = other->parent) {
            if (llmp_streaming_wait_may_change(st, other)) {
                return 1;
            }
        }
    }

    return 0;
}


/* returns the parameters that may be added to an object, or to new objects in
   it */

static uint64_t
llmp_streaming_wait_params(llmp_streaming_t *st, const llmp_watch_t *w)
{
    return w->rules.params_of_children
           | (st->body->decision.dialect->no_new_objects
              ? 0 : w->rules.params_of_objects);
}


/* returns whether facts about the model decide what is added to object i */

static llmp_uint_t
llmp_streaming_wait_by_facts(llmp_streaming_t *st, uint32_t i)
{
    uint64_t                missing, both;
    llmp_uint_t             p;
    const llmp_rules_t     *rules;
    const llmp_decision_t  *decision;

    decision = &st->body->decision;
    rules = &decision->tier->rules;
    missing = llmp_streaming_wait_missing(st, i);

    if (missing & (decision->policy->facts_by_model
                   | decision->dialect->renamed))
    {
        return 1;
    }

    both = missing | llmp_streaming_wait_present(st, i);

    if ((missing & LLMP_KNOWN_MODELS_RIVALS) != 0
        && ((~both & LLMP_KNOWN_MODELS_RIVALS) == 0
            || st->body->scan.members.elts[i].watch->rules.inner))
    {
        /* one may be written, or a pointer rule may write the other one */

        return 1;
    }

    /* other facts are about defaults */

    missing &= LLMP_KNOWN_MODELS_PARAMS;

    llmp_param_for_each(p, missing) {
        if (rules->params[p] != NULL && rules->params[p]->fallback != NULL) {
            return 1;
        }
    }

    return 0;
}


/* returns the parameters with rules that object i may contain, but does not */

static uint64_t
llmp_streaming_wait_missing(llmp_streaming_t *st, uint32_t i)
{
    const llmp_member_t  *m;

    m = &st->body->scan.members.elts[i];

    return llmp_streaming_wait_params(st, m->watch) & st->params
           & ~llmp_streaming_wait_present(st, i);
}


/* returns the parameters that object i has under native names */

static uint64_t
llmp_streaming_wait_present(llmp_streaming_t *st, uint32_t i)
{
    uint32_t              j;
    uint64_t              present;
    const llmp_member_t  *members;

    members = st->body->scan.members.elts;
    present = 0;

    for (j = i + 1; j <= members[i].last; j++) {
        if (members[j].watch->rules.native
            && members[j].type != LLMP_TYPE_NULL)
        {
            present |= members[j].watch->rules.params;
        }
    }

    return present;
}
