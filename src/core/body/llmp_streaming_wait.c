
/*
 * Copyright (C) llm-policy authors
 *
 * What of a body is settled while it passes, and what waits for what.
 */


#include "body/llmp_streaming_state.h"


static void llmp_flow_look(llmp_flow_t *flow);
static void llmp_flow_walk_open(llmp_flow_t *flow, uint64_t *stop);
static void llmp_flow_walk(llmp_flow_t *flow, uint64_t *stop);
static llmp_uint_t llmp_flow_end(llmp_flow_t *flow, uint32_t i,
    uint64_t *stop);
static void llmp_flow_stop(llmp_flow_t *flow, const llmp_member_t *m,
    llmp_wait_e wait, uint64_t pos, uint64_t *stop);
static llmp_uint_t llmp_flow_changes(llmp_flow_t *flow,
    const llmp_watch_t *w);
static llmp_uint_t llmp_flow_stays(llmp_flow_t *flow, const llmp_member_t *m);
static llmp_uint_t llmp_flow_within(const llmp_rule_t *rule,
    const llmp_decimal_t *number);
static llmp_uint_t llmp_flow_adds(llmp_flow_t *flow, const llmp_watch_t *w);
static llmp_uint_t llmp_flow_by_model(llmp_flow_t *flow,
    const llmp_watch_t *w);
static llmp_wait_e llmp_flow_wait(llmp_flow_t *flow, const llmp_member_t *m);
static llmp_uint_t llmp_flow_removes(llmp_flow_t *flow,
    const llmp_watch_t *w);
static llmp_wait_e llmp_flow_wait_end(llmp_flow_t *flow, uint32_t i);
static uint64_t llmp_flow_missing(llmp_flow_t *flow, uint32_t i);


/* where a member begins, with the comma before it */
#define llmp_flow_start(m)  ((m)->index != 0 ? (m)->comma : (m)->key)


uint64_t
llmp_flow_settled(llmp_flow_t *flow)
{
    uint64_t  stop;

    stop = llmp_scan_edge(&flow->body->scan);
    flow->wait = LLMP_WAIT_NEXT;
    flow->waiting = NULL;

    if (flow->body->decision.digest) {

        /* it goes as it is, or not at all */

        return stop;
    }

    llmp_flow_look(flow);
    llmp_flow_walk_open(flow, &stop);
    llmp_flow_walk(flow, &stop);

    return stop;
}


/* takes note of the members on which what is to become of others depends */

static void
llmp_flow_look(llmp_flow_t *flow)
{
    const llmp_watch_t    *w;
    const llmp_member_t   *m;
    const llmp_members_t  *members;

    members = &flow->body->scan.members;

    for ( /* void */ ; flow->looked < members->nelts; flow->looked++) {
        m = &members->elts[flow->looked];
        w = m->watch;

        if (!(m->type & (LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY)) && m->end == 0) {
            break;
        }

        if (m->type == LLMP_TYPE_NULL) {
            continue;
        }

        if (w->model) {
            flow->model = 1;
        }

        if (w->native && (w->params & llmp_mask(LLMP_STREAM))) {
            flow->stream = 1;
        }
    }
}


/* the ends of objects that members may be added to */

static void
llmp_flow_walk_open(llmp_flow_t *flow, uint64_t *stop)
{
    uint32_t  i, n;

    n = 0;

    for (i = 0; i < flow->nopen; i++) {
        if (!llmp_flow_end(flow, flow->open[i], stop)) {
            flow->open[n++] = flow->open[i];
        }
    }

    flow->nopen = n;
}


static void
llmp_flow_walk(llmp_flow_t *flow, uint64_t *stop)
{
    uint64_t               start;
    llmp_uint_t            changes, adds;
    llmp_wait_e            wait;
    const llmp_member_t   *m;
    const llmp_members_t  *members;

    members = &flow->body->scan.members;

    for ( /* void */ ; flow->next < members->nelts; flow->next++) {
        m = &members->elts[flow->next];
        start = llmp_flow_start(m);

        if (start >= *stop && flow->next != 0) {
            return;
        }

        /* null may become an object */

        adds = llmp_flow_adds(flow, m->watch);
        changes = (llmp_flow_changes(flow, m->watch)
                   && !llmp_flow_stays(flow, m))
                  || (adds && m->type == LLMP_TYPE_NULL);

        /* the root's end is the end of all */

        adds = adds && m->type == LLMP_TYPE_OBJECT && flow->next != 0;

        wait = changes ? llmp_flow_wait(flow, m) : LLMP_WAIT_NONE;

        if (wait == LLMP_WAIT_NONE && adds && flow->nopen == LLMP_DEPTH_MAX) {
            wait = LLMP_WAIT_END;
        }

        if (wait != LLMP_WAIT_NONE) {
            llmp_flow_stop(flow, m, wait, start, stop);
            return;
        }

        if (changes) {
            flow->due = 1;
        }

        if (adds && !llmp_flow_end(flow, flow->next, stop)) {
            flow->open[flow->nopen++] = flow->next;
        }
    }
}


/* whether it is settled what is added at the end of object i */

static llmp_uint_t
llmp_flow_end(llmp_flow_t *flow, uint32_t i, uint64_t *stop)
{
    llmp_wait_e           wait;
    const llmp_member_t  *m;

    m = &flow->body->scan.members.elts[i];

    if (m->end == 0) {
        return 0;
    }

    wait = llmp_flow_wait_end(flow, i);

    if (wait != LLMP_WAIT_NONE) {
        llmp_flow_stop(flow, m, wait, m->end - 1, stop);
        return 0;
    }

    flow->due = 1;

    return 1;
}


static void
llmp_flow_stop(llmp_flow_t *flow, const llmp_member_t *m, llmp_wait_e wait,
    uint64_t pos, uint64_t *stop)
{
    if (pos < *stop) {
        *stop = pos;
        flow->wait = wait;
        flow->waiting = m->watch;
    }
}


/* whether a member's value may change, or the member go */

static llmp_uint_t
llmp_flow_changes(llmp_flow_t *flow, const llmp_watch_t *w)
{
    llmp_uint_t           i;
    const llmp_policy_t  *policy;
    const llmp_rules_t   *rules;

    if ((w->params & flow->params)
        || (flow->usage && w->meaning == LLMP_MEANS_USAGE))
    {
        return 1;
    }

    if (w->pointer == 0) {
        return 0;
    }

    i = w->pointer - 1;
    policy = flow->body->decision.policy;
    rules = &flow->body->decision.tier->rules;

    return policy->pointers_by_model[i]
           || (rules->pointers != NULL && rules->pointers[i] != NULL);
}


/*
 * Whether a number is within all bounds that it may be held to, whichever model
 * it is for: SDKs send "max_tokens", all messages and then the model.
 */

static llmp_uint_t
llmp_flow_stays(llmp_flow_t *flow, const llmp_member_t *m)
{
    uint64_t              params;
    llmp_uint_t           i, p;
    llmp_decimal_t        number;
    const llmp_policy_t  *policy;

    if (m->type != LLMP_TYPE_NUMBER || m->end == 0 || m->watch->pointer != 0
        || m->cut || llmp_decimal_parse(&number, &m->text) != LLMP_OK)
    {
        return 0;
    }

    policy = flow->body->decision.policy;
    params = m->watch->params & flow->params;

    for (p = 0; params >> p != 0; p++) {

        if (!(params & llmp_mask(p))) {
            continue;
        }

        /* what is no limit at all is above any */

        if ((llmp_params[p].flags & (LLMP_PARAM_UNLIMITED|LLMP_PARAM_NEGATIVE))
            && (number.negative || llmp_decimal_whole(&number) == 0))
        {
            return 0;
        }

        if (!llmp_flow_within(flow->body->decision.tier->rules.params[p],
                              &number))
        {
            return 0;
        }

        for (i = 0; i < policy->nmodels; i++) {
            if (!llmp_flow_within(policy->models[i].rules.params[p], &number))
            {
                return 0;
            }
        }
    }

    return 1;
}


static llmp_uint_t
llmp_flow_within(const llmp_rule_t *rule, const llmp_decimal_t *number)
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


/* whether members may be added to an object */

static llmp_uint_t
llmp_flow_adds(llmp_flow_t *flow, const llmp_watch_t *w)
{
    return (w->holds & flow->params) || w->inner
           || (flow->usage && w->meaning == LLMP_MEANS_OPTIONS);
}


/* whether what is to become of a member may depend on the model */

static llmp_uint_t
llmp_flow_by_model(llmp_flow_t *flow, const llmp_watch_t *w)
{
    return (w->params & flow->modelled)
           || (flow->by_model && w->meaning == LLMP_MEANS_USAGE)
           || (w->pointer != 0
               && flow->body->decision.policy->pointers_by_model[w->pointer
                                                                 - 1]);
}


/* what a member waits for whose value may change */

static llmp_wait_e
llmp_flow_wait(llmp_flow_t *flow, const llmp_member_t *m)
{
    const llmp_member_t  *parent;

    if (m->end == 0) {
        return LLMP_WAIT_VALUE;
    }

    if (!flow->model && llmp_flow_by_model(flow, m->watch)) {
        return LLMP_WAIT_MODEL;
    }

    if (m->type == LLMP_TYPE_NULL) {

        /* a value in its place depends on what else is there */

        return LLMP_WAIT_END;
    }

    if (m->watch->meaning == LLMP_MEANS_USAGE && flow->usage && !flow->stream)
    {
        return LLMP_WAIT_STREAM;
    }

    parent = &flow->body->scan.members.elts[m->parent];

    if (m->next == 0 && parent->end == 0
        && llmp_flow_removes(flow, m->watch))
    {
        return LLMP_WAIT_NEXT;
    }

    return LLMP_WAIT_NONE;
}


static llmp_uint_t
llmp_flow_removes(llmp_flow_t *flow, const llmp_watch_t *w)
{
    /* pointers' rules are not looked at one by one */

    return w->pointer != 0 || (w->params & flow->removes);
}


/* what the end of object i waits for, which members may be added to */

static llmp_wait_e
llmp_flow_wait_end(llmp_flow_t *flow, uint32_t i)
{
    llmp_uint_t             options;
    const llmp_watch_t     *w;
    const llmp_decision_t  *decision;

    w = flow->body->scan.members.elts[i].watch;
    decision = &flow->body->decision;
    options = (flow->usage && w->meaning == LLMP_MEANS_OPTIONS);

    /* rules may depend on the model, and so may the name that is written */

    if (!flow->model
        && ((w->holds & flow->modelled)
            || ((w->holds & flow->params) && decision->dialect->variants)
            || (w->inner && decision->policy->npointers_by_model != 0)
            || (options && flow->by_model)))
    {
        return LLMP_WAIT_MODEL;
    }

    if (options && !flow->stream) {
        return LLMP_WAIT_STREAM;
    }

    return (llmp_flow_missing(flow, i) & flow->hinders) ? LLMP_WAIT_END
                                                        : LLMP_WAIT_NONE;
}


/* the parameters under rules that an object may hold, and does not */

static uint64_t
llmp_flow_missing(llmp_flow_t *flow, uint32_t i)
{
    uint32_t              j;
    uint64_t              missing;
    const llmp_member_t  *members;

    members = flow->body->scan.members.elts;
    missing = members[i].watch->holds & flow->params;

    for (j = i + 1; j <= members[i].last; j++) {
        if (members[j].parent == i && members[j].watch->native
            && members[j].type != LLMP_TYPE_NULL)
        {
            missing &= ~members[j].watch->params;
        }
    }

    return missing;
}
