
/*
 * Copyright (C) llm-policy authors
 *
 * The decision is one function of all members, here as elsewhere: it is made of
 * the members so far whenever some of them become settled, which is when
 * nothing that may follow has a say in their edits; and once more at the end.
 * Only those edits have gone on that the last decision has as well.
 */


#include <inttypes.h>

#include "llmp_flow.h"


static llmp_int_t llmp_flow_step(llmp_flow_t *flow);
static uint64_t llmp_flow_settled(llmp_flow_t *flow);
static void llmp_flow_look(llmp_flow_t *flow);
static void llmp_flow_walk_open(llmp_flow_t *flow, uint64_t *stop);
static void llmp_flow_walk(llmp_flow_t *flow, uint64_t *stop);
static llmp_uint_t llmp_flow_enter(llmp_flow_t *flow, uint32_t i,
    uint64_t *stop);
static void llmp_flow_stop(llmp_flow_t *flow, const llmp_member_t *m,
    llmp_wait_e wait, uint64_t pos, uint64_t *stop);
static llmp_uint_t llmp_flow_changes(llmp_flow_t *flow,
    const llmp_watch_t *w);
static llmp_uint_t llmp_flow_adds(llmp_flow_t *flow, const llmp_watch_t *w);
static llmp_uint_t llmp_flow_by_model(llmp_flow_t *flow,
    const llmp_watch_t *w);
static llmp_uint_t llmp_flow_asks(llmp_flow_t *flow, const llmp_watch_t *w);
static llmp_wait_e llmp_flow_wait(llmp_flow_t *flow, const llmp_member_t *m);
static llmp_uint_t llmp_flow_removes(llmp_flow_t *flow,
    const llmp_watch_t *w);
static llmp_wait_e llmp_flow_wait_end(llmp_flow_t *flow, uint32_t i);
static uint64_t llmp_flow_missing(llmp_flow_t *flow, uint32_t i);
static uint64_t llmp_flow_hinders(const llmp_watch_t *node);

static llmp_int_t llmp_flow_decide_so_far(llmp_flow_t *flow, uint64_t upto);
static llmp_int_t llmp_flow_edit(llmp_flow_t *flow, const llmp_edit_t *edit);
static llmp_int_t llmp_flow_fits(llmp_flow_t *flow, int64_t growth);
static llmp_int_t llmp_flow_pass(llmp_flow_t *flow, uint64_t upto);
static llmp_int_t llmp_flow_hand(llmp_flow_t *flow, llmp_flow_e where,
    const u_char *p, size_t len);
static void llmp_flow_skip(llmp_flow_t *flow, size_t len);
static llmp_int_t llmp_flow_keep(llmp_flow_t *flow);
static llmp_int_t llmp_flow_room(llmp_flow_t *flow, size_t size);
static llmp_int_t llmp_flow_full(llmp_flow_t *flow);
static llmp_int_t llmp_flow_nomem(llmp_flow_t *flow);


#define LLMP_FLOW_START  1024

/* where a member begins, with the comma before it */
#define llmp_flow_start(m)  ((m)->index != 0 ? (m)->comma : (m)->key)


llmp_uint_t
llmp_flow_may(const llmp_dialect_t *dialect)
{
    return !dialect->form && dialect->scope == NULL;
}


void
llmp_flow_init(llmp_flow_t *flow, llmp_body_t *body, size_t hold,
    llmp_flow_pt handler, void *data)
{
    llmp_uint_t           i;
    const llmp_rule_t    *rule;
    const llmp_policy_t  *policy;

    memset(flow, 0, sizeof(llmp_flow_t));

    flow->body = body;
    flow->hold = hold;
    flow->handler = handler;
    flow->data = data;

    policy = body->decision.policy;

    flow->room = policy->growth[llmp_dialect_index(body->decision.dialect)];
    flow->modelled = policy->modelled;
    flow->params = policy->modelled;
    flow->removes = policy->modelled;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        rule = body->decision.tier->rules.params[i];

        if (rule != NULL) {
            flow->params |= llmp_mask(i);
            flow->removes |= rule->remove ? llmp_mask(i) : 0;
        }
    }

    flow->model = (body->decision.path_model.len != 0);
}


llmp_int_t
llmp_flow_feed(llmp_flow_t *flow, const u_char *buf, size_t len)
{
    if (len == 0) {
        return LLMP_AGAIN;
    }

    flow->buf = buf;
    flow->base = flow->fed;
    flow->fed += len;

    if (llmp_body_feed(flow->body, buf, len) == LLMP_ERROR && !flow->pass) {
        return llmp_body_decide(flow->body);
    }

    if (llmp_flow_step(flow) != LLMP_OK || llmp_flow_keep(flow) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return LLMP_AGAIN;
}


static llmp_int_t
llmp_flow_step(llmp_flow_t *flow)
{
    uint64_t  upto;

    if (flow->pass) {
        return llmp_flow_pass(flow, flow->fed);
    }

    if (flow->failed == flow->body->scan.members.nelts + 1) {

        /* there was no deciding on these */

        return LLMP_OK;
    }

    upto = llmp_flow_settled(flow);

    return flow->due ? llmp_flow_decide_so_far(flow, upto)
                     : llmp_flow_pass(flow, upto);
}


/* up to where all that is there is settled */

static uint64_t
llmp_flow_settled(llmp_flow_t *flow)
{
    uint64_t  stop;

    stop = llmp_scan_edge(&flow->body->scan);
    flow->wait = LLMP_WAIT_NEXT;
    flow->waiting = NULL;

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
    uint32_t              i, n;
    llmp_wait_e           wait;
    const llmp_member_t  *m, *members;

    members = flow->body->scan.members.elts;
    n = 0;

    for (i = 0; i < flow->nopen; i++) {
        m = &members[flow->open[i]];

        if (m->end != 0) {
            wait = llmp_flow_wait_end(flow, flow->open[i]);

            if (wait == LLMP_WAIT_NONE) {
                flow->due = 1;
                continue;
            }

            llmp_flow_stop(flow, m, wait, m->end - 1, stop);
        }

        flow->open[n++] = flow->open[i];
    }

    flow->nopen = n;
}


static void
llmp_flow_walk(llmp_flow_t *flow, uint64_t *stop)
{
    uint64_t               start;
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

        if (llmp_flow_changes(flow, m->watch)
            || (m->type == LLMP_TYPE_NULL && llmp_flow_adds(flow, m->watch)))
        {
            wait = llmp_flow_wait(flow, m);

            if (wait != LLMP_WAIT_NONE) {
                llmp_flow_stop(flow, m, wait, start, stop);
                return;
            }

            flow->due = 1;
        }

        if (m->type == LLMP_TYPE_OBJECT
            && !llmp_flow_enter(flow, flow->next, stop))
        {
            return;
        }
    }
}


/* returns 0 if what is inside the object has to wait */

static llmp_uint_t
llmp_flow_enter(llmp_flow_t *flow, uint32_t i, uint64_t *stop)
{
    llmp_wait_e           wait;
    const llmp_member_t  *m;

    m = &flow->body->scan.members.elts[i];

    if (!llmp_flow_adds(flow, m->watch) || i == 0) {
        return 1;
    }

    wait = LLMP_WAIT_NONE;

    if (m->end != 0) {
        wait = llmp_flow_wait_end(flow, i);

        if (wait == LLMP_WAIT_NONE) {
            flow->due = 1;
            return 1;
        }
    }

    if (flow->nopen == LLMP_DEPTH_MAX) {
        llmp_flow_stop(flow, m, LLMP_WAIT_END, llmp_flow_start(m), stop);
        return 0;
    }

    if (m->end != 0) {
        llmp_flow_stop(flow, m, wait, m->end - 1, stop);
    }

    flow->open[flow->nopen++] = i;

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

    if ((w->params & flow->params) || llmp_flow_asks(flow, w)) {
        return 1;
    }

    if (w->pointer == 0) {
        return 0;
    }

    i = w->pointer - 1;
    policy = flow->body->decision.policy;
    rules = &flow->body->decision.tier->rules;

    return policy->modelled_pointers[i]
           || (rules->pointers != NULL && rules->pointers[i] != NULL);
}


/* whether members may be added to an object */

static llmp_uint_t
llmp_flow_adds(llmp_flow_t *flow, const llmp_watch_t *w)
{
    return (w->holds & flow->params) || w->inner
           || llmp_flow_asks(flow, w);
}


/* whether what is to become of a member may depend on the model */

static llmp_uint_t
llmp_flow_by_model(llmp_flow_t *flow, const llmp_watch_t *w)
{
    return (w->params & flow->modelled)
           || (w->pointer != 0
               && flow->body->decision.policy->modelled_pointers[w->pointer
                                                                 - 1]);
}


/* whether a stream's usage may be asked for there */

static llmp_uint_t
llmp_flow_asks(llmp_flow_t *flow, const llmp_watch_t *w)
{
    return flow->body->decision.stream_usage
           && (w->meaning == LLMP_MEANS_OPTIONS
               || w->meaning == LLMP_MEANS_USAGE);
}


/* what a member waits for whose value may change */

static llmp_wait_e
llmp_flow_wait(llmp_flow_t *flow, const llmp_member_t *m)
{
    const llmp_member_t  *parent;

    if (m->end == 0
        && !(m->type == LLMP_TYPE_OBJECT && m->watch->pointer == 0
             && (m->watch->params & flow->params) == 0))
    {
        return LLMP_WAIT_VALUE;
    }

    if (!flow->model && llmp_flow_by_model(flow, m->watch)) {
        return LLMP_WAIT_MODEL;
    }

    if (m->type == LLMP_TYPE_NULL) {

        /* a value in its place depends on what else is there */

        return LLMP_WAIT_END;
    }

    if (m->watch->meaning == LLMP_MEANS_USAGE && !flow->stream) {
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
    const llmp_watch_t     *w, *root;
    const llmp_decision_t  *decision;

    w = flow->body->scan.members.elts[i].watch;
    decision = &flow->body->decision;

    /* rules may depend on the model, and so may the name that is written */

    if (!flow->model
        && ((w->holds & flow->modelled) || w->inner
            || decision->dialect->variants != NULL))
    {
        return LLMP_WAIT_MODEL;
    }

    if (w->meaning == LLMP_MEANS_OPTIONS && !flow->stream) {
        return LLMP_WAIT_STREAM;
    }

    if (flow->hinders == 0) {
        root = flow->body->scan.members.elts[0].watch;

        /* one that cannot be says that this was looked for */

        flow->hinders = llmp_flow_hinders(root) | llmp_mask(LLMP_PARAM_MAX);
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


/* what members below a node may keep from being added, or call for */

static uint64_t
llmp_flow_hinders(const llmp_watch_t *node)
{
    uint64_t     hinders;
    llmp_uint_t  i;

    hinders = node->clashes | node->unsettles;

    for (i = 0; i < node->nchildren; i++) {
        hinders |= llmp_flow_hinders(node->children[i]);
    }

    if (node->element != NULL) {
        hinders |= llmp_flow_hinders(node->element);
    }

    return (node->shared != NULL) ? hinders | llmp_flow_hinders(node->shared)
                                  : hinders;
}


/* what cannot be decided on yet waits: the last decision has the last word */

static llmp_int_t
llmp_flow_decide_so_far(llmp_flow_t *flow, uint64_t upto)
{
    llmp_int_t        rc;
    llmp_uint_t       i;
    llmp_body_t      *body;
    llmp_edit_t      *edit;
    llmp_members_t    members;
    llmp_decision_t  *so_far;

    body = flow->body;

    if (flow->so_far == NULL) {
        flow->so_far = llmp_palloc(body->pool, sizeof(llmp_decision_t));
        if (flow->so_far == NULL) {
            return llmp_flow_nomem(flow);
        }
    }

    so_far = flow->so_far;

    llmp_decision_start(so_far, &body->decision);

    so_far->stream_usage = body->decision.stream_usage;

    llmp_scan_so_far(&body->scan, &members);

    rc = llmp_decide_so_far(so_far, &members, body->pool);

    llmp_scan_so_far_end(&body->scan);

    if (rc != LLMP_OK) {
        flow->failed = body->scan.members.nelts + 1;
        return LLMP_OK;
    }

    flow->due = 0;
    flow->failed = 0;

    for (i = 0; i < so_far->edits.nelts; i++) {
        edit = &so_far->edits.elts[i];

        if (edit->offset < flow->sent) {
            continue;
        }

        if (edit->offset >= upto) {
            break;
        }

        if (edit->offset + edit->len > upto) {
            flow->due = 1;
            upto = edit->offset;
            break;
        }

        if (llmp_flow_edit(flow, edit) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return llmp_flow_pass(flow, upto);
}


static llmp_int_t
llmp_flow_edit(llmp_flow_t *flow, const llmp_edit_t *edit)
{
    int64_t       growth;
    llmp_edit_t  *done;

    growth = flow->growth + (int64_t) edit->text.len - (int64_t) edit->len;

    if (llmp_flow_fits(flow, growth) != LLMP_OK) {
        return LLMP_ERROR;
    }

    done = llmp_room(flow->body->pool, flow->done, flow->ndone,
                     &flow->done_size, 4, sizeof(llmp_edit_t));
    if (done == NULL) {
        return llmp_flow_nomem(flow);
    }

    flow->done = done;
    done[flow->ndone++] = *edit;

    if (llmp_flow_pass(flow, edit->offset) != LLMP_OK
        || llmp_flow_hand(flow, LLMP_FLOW_TEXT, edit->text.data,
                          edit->text.len)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_flow_skip(flow, (size_t) edit->len);

    flow->growth = growth;

    return LLMP_OK;
}


/* nothing may go on that is beyond the length that was announced */

static llmp_int_t
llmp_flow_fits(llmp_flow_t *flow, int64_t growth)
{
    if (growth <= 0 || (uint64_t) growth <= flow->room) {
        return LLMP_OK;
    }

    return llmp_refuse(&flow->body->decision.refusal, LLMP_REFUSE_HOLD, NULL,
                       "the policy would lengthen the request by more than "
                       "%" PRIu64 " bytes, which is more than was announced",
                       flow->room);
}


/* hands on the original from sent up to a byte that was fed */

static llmp_int_t
llmp_flow_pass(llmp_flow_t *flow, uint64_t upto)
{
    size_t  n;

    if (upto <= flow->sent) {
        return LLMP_OK;
    }

    n = (size_t) (upto - flow->sent);

    if (n > flow->nheld) {
        n = flow->nheld;
    }

    if (n != 0
        && llmp_flow_hand(flow, LLMP_FLOW_HELD, flow->held + flow->first, n)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_flow_skip(flow, n);

    n = (size_t) (upto - flow->sent);

    if (n != 0
        && llmp_flow_hand(flow, LLMP_FLOW_FED,
                          flow->buf + (flow->sent - flow->base), n)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_flow_skip(flow, n);

    return LLMP_OK;
}


static llmp_int_t
llmp_flow_hand(llmp_flow_t *flow, llmp_flow_e where, const u_char *p,
    size_t len)
{
    if (len == 0) {
        return LLMP_OK;
    }

    if (flow->handler(flow->data, where, p, len) != LLMP_OK) {
        return llmp_flow_nomem(flow);
    }

    return LLMP_OK;
}


/* leaves the next bytes of the original behind */

static void
llmp_flow_skip(llmp_flow_t *flow, size_t len)
{
    size_t  n;

    n = (len < flow->nheld) ? len : flow->nheld;

    flow->first += n;
    flow->nheld -= n;
    flow->sent += len;
}


/* keeps what was fed and does not go on yet */

static llmp_int_t
llmp_flow_keep(llmp_flow_t *flow)
{
    size_t         n;
    const u_char  *p;

    n = (size_t) (flow->fed - flow->sent);

    if (flow->dropped || n == flow->nheld) {
        return LLMP_OK;
    }

    if (n > flow->hold) {
        return llmp_flow_full(flow);
    }

    if (llmp_flow_room(flow, n) != LLMP_OK) {
        return llmp_flow_nomem(flow);
    }

    p = flow->buf;

    if (flow->sent > flow->base) {
        p += flow->sent - flow->base;
    }

    memcpy(flow->held + flow->first + flow->nheld, p, n - flow->nheld);
    flow->nheld = n;

    return LLMP_OK;
}


/* makes room for so many held bytes in all */

static llmp_int_t
llmp_flow_room(llmp_flow_t *flow, size_t size)
{
    size_t   room;
    u_char  *held;

    if (flow->first + size <= flow->size) {
        return LLMP_OK;
    }

    /* bytes are moved no more often than as many have gone on */

    if (size <= flow->size && flow->first >= flow->nheld) {
        memmove(flow->held, flow->held + flow->first, flow->nheld);
        flow->first = 0;
        return LLMP_OK;
    }

    for (room = LLMP_FLOW_START; room < 2 * size && room < 2 * flow->hold;
         room *= 2)
    {
        /* void */
    }

    held = llmp_palloc(flow->body->pool, room);
    if (held == NULL) {
        return LLMP_ERROR;
    }

    if (flow->nheld != 0) {
        memcpy(held, flow->held + flow->first, flow->nheld);
    }

    flow->held = held;
    flow->first = 0;
    flow->size = room;

    return LLMP_OK;
}


static llmp_int_t
llmp_flow_full(llmp_flow_t *flow)
{
    char              path[LLMP_PARAM_NAME];
    const char       *name;
    llmp_refusal_t   *refusal;

    if (flow->failed != 0) {

        /* it will be refused, but why is for the end to say */

        flow->dropped = 1;
        flow->nheld = 0;
        return LLMP_OK;
    }

    refusal = &flow->body->decision.refusal;

    if (flow->waiting == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, NULL,
                           "more than %zu bytes stand between two members",
                           flow->hold);
    }

    name = llmp_watch_path(flow->waiting, path, sizeof(path));

    switch (flow->wait) {

    case LLMP_WAIT_MODEL:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "what holds for %s depends on the model, which must "
                           "not stand more than %zu bytes behind it", name,
                           flow->hold);

    case LLMP_WAIT_STREAM:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "what becomes of %s depends on \"stream\", which "
                           "must not stand more than %zu bytes behind it",
                           name, flow->hold);

    case LLMP_WAIT_END:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "what becomes of %s depends on all that follows, "
                           "which must not be more than %zu bytes: put it at "
                           "the end of the request, or give it a value",
                           name, flow->hold);

    default:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "%s must not be longer than %zu bytes", name,
                           flow->hold);
    }
}


llmp_int_t
llmp_flow_decide(llmp_flow_t *flow)
{
    llmp_uint_t         i;
    llmp_edit_t        *one, *two;
    llmp_decision_t    *decision;

    decision = &flow->body->decision;

    if (llmp_body_decide(flow->body) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (flow->pass) {
        return LLMP_OK;
    }

    if (flow->dropped) {
        flow->failed = 0;
        return llmp_flow_full(flow);
    }

    for (i = 0; i < flow->ndone && i < decision->edits.nelts; i++) {
        one = &flow->done[i];
        two = &decision->edits.elts[i];

        if (one->offset != two->offset || one->len != two->len
            || !llmp_str_eq(&one->text, &two->text))
        {
            break;
        }
    }

    if (i != flow->ndone
        || (i < decision->edits.nelts
            && decision->edits.elts[i].offset < flow->sent))
    {
        return llmp_refuse(&decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "what has been sent is not what is decided");
    }

    return llmp_flow_fits(flow, decision->edits.growth);
}


llmp_int_t
llmp_flow_finish(llmp_flow_t *flow)
{
    llmp_edits_t  *edits;

    edits = &flow->body->decision.edits;

    while (!flow->pass && flow->ndone < edits->nelts) {
        if (llmp_flow_edit(flow, &edits->elts[flow->ndone]) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return llmp_flow_pass(flow, flow->fed);
}


static llmp_int_t
llmp_flow_nomem(llmp_flow_t *flow)
{
    return llmp_refuse(&flow->body->decision.refusal, LLMP_REFUSE_INTERNAL,
                       NULL, "no memory to hold the request");
}
