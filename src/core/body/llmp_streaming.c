
/*
 * Copyright (C) llm-policy authors
 *
 * The decision is one function of all members, here as elsewhere: it is made of
 * the members so far whenever some of them become settled, which is when
 * nothing that may follow has a say in their edits; and once more at the end.
 * Only those edits have gone on that the last decision has as well.
 */


#include <inttypes.h>

#include "body/llmp_streaming_state.h"


static llmp_uint_t llmp_flow_waits(llmp_flow_t *flow, llmp_flow_rest_e rest);
static llmp_int_t llmp_flow_step(llmp_flow_t *flow);
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

/* so much may wait for more that is at hand */
#define LLMP_FLOW_LITTLE  4096

/* members that decisions so far may be made of, beside one for each byte */
#define LLMP_FLOW_SPEND  8192


llmp_uint_t
llmp_flow_may(const llmp_dialect_t *dialect)
{
    return !dialect->form && dialect->scope == NULL;
}


void
llmp_flow_init(llmp_flow_t *flow, llmp_body_t *body, size_t hold,
    llmp_flow_pt handler, void *data)
{
    const llmp_rules_t    *rules;
    const llmp_policy_t   *policy;
    const llmp_dialect_t  *dialect;

    memset(flow, 0, sizeof(llmp_flow_t));

    flow->body = body;
    flow->hold = hold;
    flow->handler = handler;
    flow->data = data;

    llmp_scratch_init(&flow->scratch, body->pool);

    policy = body->decision.policy;
    rules = &body->decision.tier->rules;
    dialect = body->decision.dialect;

    flow->room = policy->growth[llmp_dialect_index(dialect)];
    flow->modelled = policy->by_model;
    flow->params = policy->by_model | rules->ruled;
    flow->removes = policy->by_model | rules->removed;
    flow->hinders = policy->blocked_by[llmp_dialect_index(dialect)];

    flow->model = (body->decision.path_model.len != 0
                   || dialect->model == NULL);

    flow->usage = body->decision.stream_usage && dialect->usage;

    /* whether it is a stream may depend on the model, or whose options are
       a pointer's affair */

    flow->by_model = (policy->by_model & llmp_mask(LLMP_STREAM))
                     || policy->npointers_by_model != 0;
}


llmp_int_t
llmp_flow_feed(llmp_flow_t *flow, const u_char *buf, size_t len,
    llmp_flow_rest_e rest)
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

    if (llmp_flow_waits(flow, rest)) {

        /* the last bytes need not be kept */

        if (rest == LLMP_FLOW_LAST) {
            return LLMP_AGAIN;
        }

    } else if (llmp_flow_step(flow) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return (llmp_flow_keep(flow) == LLMP_OK) ? LLMP_AGAIN : LLMP_ERROR;
}


/* never for more than could be held, so that this decides nothing */

static llmp_uint_t
llmp_flow_waits(llmp_flow_t *flow, llmp_flow_rest_e rest)
{
    uint64_t  n;

    n = flow->fed - flow->sent;

    return n <= flow->hold
           && (rest == LLMP_FLOW_LAST
               || (rest == LLMP_FLOW_SOON && n <= LLMP_FLOW_LITTLE));
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
