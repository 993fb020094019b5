
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

static llmp_uint_t llmp_flow_later(llmp_flow_t *flow);
static llmp_int_t llmp_flow_decide_so_far(llmp_flow_t *flow, uint64_t upto);
static llmp_int_t llmp_flow_edits(llmp_flow_t *flow,
    const llmp_edits_t *edits, uint64_t upto);
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

/* members that decisions so far may be made of, beside one for each byte */
#define LLMP_FLOW_SPEND  8192

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
    llmp_uint_t            i;
    const llmp_rule_t     *rule;
    const llmp_policy_t   *policy;
    const llmp_dialect_t  *dialect;

    memset(flow, 0, sizeof(llmp_flow_t));

    flow->body = body;
    flow->hold = hold;
    flow->handler = handler;
    flow->data = data;

    llmp_scratch_init(&flow->scratch, body->pool);

    policy = body->decision.policy;
    dialect = body->decision.dialect;

    flow->room = policy->growth[llmp_dialect_index(dialect)];
    flow->modelled = policy->modelled;
    flow->params = policy->modelled;
    flow->removes = policy->modelled;
    flow->hinders = policy->hinders[llmp_dialect_index(dialect)];

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        rule = body->decision.tier->rules.params[i];

        if (rule != NULL) {
            flow->params |= llmp_mask(i);
            flow->removes |= rule->remove ? llmp_mask(i) : 0;
        }
    }

    flow->model = (body->decision.path_model.len != 0
                   || dialect->model == NULL);

    flow->usage = body->decision.stream_usage && dialect->usage;

    /* whether it is a stream may depend on the model, or whose options are
       a pointer's affair */

    flow->by_model = (policy->modelled & llmp_mask(LLMP_STREAM))
                     || policy->nmodelled_pointers != 0;
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

    if (flow->dropped
        || flow->failed == flow->body->scan.members.nelts + 1)
    {
        /* there is no deciding on these */

        return LLMP_OK;
    }

    upto = llmp_flow_settled(flow);

    if (flow->cut_to != 0 && upto >= flow->cut_to) {
        flow->due = 1;
    }

    if (flow->due) {
        return llmp_flow_later(flow) ? LLMP_OK
                                     : llmp_flow_decide_so_far(flow, upto);
    }

    if (flow->cut_to != 0 && upto > flow->cut_from) {
        upto = flow->cut_from;
    }

    return llmp_flow_pass(flow, upto);
}


/* up to where all that is there is settled */

static uint64_t
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

    return policy->modelled_pointers[i]
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
               && flow->body->decision.policy->modelled_pointers[w->pointer
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
            || (w->inner && decision->policy->nmodelled_pointers != 0)
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


/*
 * Each decision takes as long as there are members, and a client may send each
 * of them in a packet of its own.  So that all is linear in the bytes, more
 * decisions than those pay for wait until much is held.
 */

static llmp_uint_t
llmp_flow_later(llmp_flow_t *flow)
{
    return flow->spent > flow->fed + LLMP_FLOW_SPEND
           && (flow->failed != 0 || flow->fed - flow->sent <= flow->hold / 2);
}


/* what cannot be decided on yet waits: the last decision has the last word */

static llmp_int_t
llmp_flow_decide_so_far(llmp_flow_t *flow, uint64_t upto)
{
    llmp_int_t        rc;
    llmp_body_t      *body;
    llmp_members_t    members;
    llmp_decision_t  *so_far;

    body = flow->body;

    llmp_scratch_reset(&flow->scratch);

    so_far = llmp_palloc(&flow->scratch.pool, sizeof(llmp_decision_t));
    if (so_far == NULL) {
        return llmp_flow_nomem(flow);
    }

    llmp_decision_start(so_far, &body->decision);

    so_far->stream_usage = body->decision.stream_usage;

    llmp_scan_so_far(&body->scan, &members);

    rc = llmp_decide_so_far(so_far, &members, &flow->scratch.pool);

    llmp_scan_so_far_end(&body->scan);

    flow->spent += members.nelts;

    if (rc != LLMP_OK) {
        flow->failed = body->scan.members.nelts + 1;
        return LLMP_OK;
    }

    flow->due = 0;
    flow->failed = 0;

    return llmp_flow_edits(flow, &so_far->edits, upto);
}


/* hands on what is settled, with those of the edits that are */

static llmp_int_t
llmp_flow_edits(llmp_flow_t *flow, const llmp_edits_t *edits, uint64_t upto)
{
    llmp_uint_t         i;
    const llmp_edit_t  *edit;

    flow->cut_to = 0;

    for (i = 0; i < edits->nelts; i++) {
        edit = &edits->elts[i];

        if (edit->offset < flow->sent) {
            continue;
        }

        if (edit->offset >= upto) {
            break;
        }

        if (edit->offset + edit->len > upto) {
            flow->cut_from = edit->offset;
            flow->cut_to = edit->offset + edit->len;
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
    u_char       *p;
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
    done += flow->ndone;
    *done = *edit;

    if (llmp_scratch_has(&flow->scratch, edit->text.data)) {
        p = llmp_palloc(flow->body->pool, edit->text.len);
        if (p == NULL) {
            return llmp_flow_nomem(flow);
        }

        memcpy(p, edit->text.data, edit->text.len);
        done->text.data = p;
    }

    flow->ndone++;

    if (llmp_flow_pass(flow, edit->offset) != LLMP_OK
        || llmp_flow_hand(flow, LLMP_FLOW_TEXT, done->text.data,
                          done->text.len)
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
    llmp_uint_t       i;
    llmp_edit_t      *one, *two;
    llmp_decision_t  *decision;

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
