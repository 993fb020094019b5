
/*
 * Copyright (C) llm-policy authors
 *
 * Streaming decides repeatedly: on the members read so far, each time some of
 * them become final, and once more at the end.  An edit is forwarded if it is
 * before the first byte that is not final; the last decision must contain all
 * forwarded edits.
 */


#include <inttypes.h>

#include "base/llmp_array.h"
#include "body/llmp_streaming_state.h"
#include "dialect/llmp_dialect.h"


#define LLMP_STREAMING_HELD_MIN       1024    /* bytes */

/* smaller pieces wait for more bytes that are available */
#define LLMP_STREAMING_MIN_PIECE      4096

/* members of all decisions, in addition to one for each byte of the body */
#define LLMP_STREAMING_MEMBER_BUDGET  8192


static void llmp_streaming_set_rules(llmp_streaming_t *st);
static llmp_int_t llmp_streaming_read(llmp_streaming_t *st, const u_char *buf,
    size_t len);
static llmp_uint_t llmp_streaming_skips_step(llmp_streaming_t *st,
    llmp_streaming_more_e more);
static llmp_int_t llmp_streaming_step(llmp_streaming_t *st);
static llmp_uint_t llmp_streaming_wants_more(llmp_streaming_t *st);
static llmp_int_t llmp_streaming_decide_so_far(llmp_streaming_t *st,
    uint64_t upto);
static llmp_int_t llmp_streaming_admit(llmp_streaming_t *st,
    const llmp_str_t *model);
static void llmp_streaming_set_tier(llmp_streaming_t *st);
static llmp_int_t llmp_streaming_forward_edits(llmp_streaming_t *st,
    const llmp_edits_t *edits, uint64_t upto);
static llmp_int_t llmp_streaming_forward_edit(llmp_streaming_t *st,
    const llmp_edit_t *edit);
static llmp_int_t llmp_streaming_check_growth(llmp_streaming_t *st,
    int64_t growth);
static llmp_int_t llmp_streaming_forward_until(llmp_streaming_t *st,
    uint64_t upto);
static llmp_int_t llmp_streaming_emit(llmp_streaming_t *st,
    llmp_streaming_source_e source, const u_char *p, size_t len);
static void llmp_streaming_skip(llmp_streaming_t *st, size_t len);
static llmp_int_t llmp_streaming_hold(llmp_streaming_t *st);
static llmp_int_t llmp_streaming_grow_held(llmp_streaming_t *st, size_t size);
static llmp_int_t llmp_streaming_hold_exceeded(llmp_streaming_t *st);
static llmp_int_t llmp_streaming_refuse_hold(llmp_streaming_t *st);
static llmp_int_t llmp_streaming_nomem(llmp_streaming_t *st);


llmp_uint_t
llmp_streaming_is_possible(const llmp_dialect_t *dialect)
{
    return !dialect->form && dialect->scope == NULL;
}


void
llmp_streaming_init(llmp_streaming_t *st, llmp_body_t *body, size_t hold,
    llmp_streaming_pt handler, void *data)
{
    const llmp_dialect_t  *dialect;

    memset(st, 0, sizeof(llmp_streaming_t));

    st->body = body;
    st->hold = hold;
    st->handler = handler;
    st->data = data;

    llmp_scratch_init(&st->scratch, body->pool);

    dialect = body->decision.dialect;

    st->growth_max = body->decision.policy->growth[llmp_dialect_index(dialect)];
    st->choosing = dialect->chooses;
    st->prompt = llmp_prompt_any(&body->decision.tier->prompt);

    llmp_streaming_set_rules(st);
}


static void
llmp_streaming_set_rules(llmp_streaming_t *st)
{
    const llmp_body_t     *body;
    const llmp_rules_t    *rules;
    const llmp_policy_t   *policy;
    const llmp_dialect_t  *dialect;

    body = st->body;
    policy = body->decision.policy;
    rules = &body->decision.tier->rules;
    dialect = body->decision.dialect;

    st->by_model = policy->by_model;
    st->renamed = policy->renamed & dialect->renamed;
    st->params = policy->by_model | rules->ruled | st->renamed;
    st->removes = policy->by_model | rules->removed;
    st->blocked_by = policy->blocked_by[llmp_dialect_index(dialect)];

    st->model_seen = (body->decision.path_model.len != 0
                      || dialect->model == NULL);

    st->usage = body->decision.stream_usage && dialect->usage;

    /* rules of a model may set "stream", or have pointers to its options */

    st->usage_by_model = (policy->by_model & llmp_mask(LLMP_STREAM))
                         || policy->npointers_by_model != 0;
}


llmp_int_t
llmp_streaming_feed(llmp_streaming_t *st, const u_char *buf, size_t len,
    llmp_streaming_more_e more)
{
    if (len == 0) {
        return LLMP_AGAIN;
    }

    st->buf = buf;
    st->base = st->fed;
    st->fed += len;

    if (llmp_streaming_read(st, buf, len) == LLMP_ERROR && !st->unchanged) {

        /* sets the refusal; returns LLMP_ERROR */

        return llmp_body_decide(st->body);
    }

    if (st->prompt && llmp_streaming_prompt(st) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (llmp_streaming_skips_step(st, more)) {

        /* the last buffer is valid until the end: do not copy it */

        if (more == LLMP_STREAMING_LAST) {
            return LLMP_AGAIN;
        }

    } else if (llmp_streaming_step(st) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return (llmp_streaming_hold(st) == LLMP_OK) ? LLMP_AGAIN : LLMP_ERROR;
}


/* feeds the body; also feeds the held bytes once more, as soon as its dialect
   is known */

static llmp_int_t
llmp_streaming_read(llmp_streaming_t *st, const u_char *buf, size_t len)
{
    llmp_int_t  rc;

    rc = llmp_body_feed(st->body, buf, len);

    if (!st->choosing || st->sent != 0
        || llmp_body_choice_find(st->body) != LLMP_OK)
    {
        return rc;
    }

    st->choosing = 0;

    llmp_streaming_set_rules(st);

    if (llmp_body_restart(st->body) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (st->nheld != 0) {
        (void) llmp_body_feed(st->body, st->held + st->first, st->nheld);
    }

    return llmp_body_feed(st->body, buf, len);
}


/* never skips more than could be held, so that decisions are the same */

static llmp_uint_t
llmp_streaming_skips_step(llmp_streaming_t *st, llmp_streaming_more_e more)
{
    uint64_t  n;

    n = st->fed - st->sent;

    if (n > st->hold) {
        return 0;
    }

    return more == LLMP_STREAMING_LAST
           || (more == LLMP_STREAMING_SOON && n <= LLMP_STREAMING_MIN_PIECE);
}


static llmp_int_t
llmp_streaming_step(llmp_streaming_t *st)
{
    uint64_t  upto;

    if (st->choosing && st->fed - st->sent <= st->hold) {
        return LLMP_OK;
    }

    if (st->unchanged) {
        return llmp_streaming_forward_until(st, st->fed);
    }

    if (st->choosing || st->state == LLMP_STREAMING_DROPPED) {
        return LLMP_OK;
    }

    if (st->state == LLMP_STREAMING_UNDECIDED
        && st->nundecided == st->body->scan.members.nelts)
    {
        /* the decision would fail again on the same members */

        return LLMP_OK;
    }

    upto = llmp_streaming_wait_offset(st);

    if (st->admit != NULL) {

        if (!st->model_seen) {
            return LLMP_OK;
        }

        llmp_streaming_set_due(st);
    }

    if (st->cut_to != 0 && upto >= st->cut_to) {
        llmp_streaming_set_due(st);
    }

    if (st->state != LLMP_STREAMING_CURRENT) {
        return llmp_streaming_wants_more(st)
               ? LLMP_OK : llmp_streaming_decide_so_far(st, upto);
    }

    if (st->cut_to != 0 && upto > st->cut_from) {
        upto = st->cut_from;
    }

    return llmp_streaming_forward_until(st, upto);
}


/*
 * Returns whether a decision must wait for more bytes.  The time of a decision
 * grows with the number of members, and a client may send each of them in a
 * packet of its own: beyond a budget that grows with the bytes, decisions wait
 * until half of the maximum is held, so that the total time is linear.
 */

static llmp_uint_t
llmp_streaming_wants_more(llmp_streaming_t *st)
{
    return st->ndecided > st->fed + LLMP_STREAMING_MEMBER_BUDGET
           && (st->state == LLMP_STREAMING_UNDECIDED
               || st->fed - st->sent <= st->hold / 2);
}


/* decides on the members read so far, and forwards the final part */

static llmp_int_t
llmp_streaming_decide_so_far(llmp_streaming_t *st, uint64_t upto)
{
    llmp_int_t        rc;
    llmp_body_t      *body;
    llmp_members_t    members;
    llmp_decision_t  *so_far;

    body = st->body;

    llmp_scratch_reset(&st->scratch);

    so_far = llmp_palloc(&st->scratch.pool, sizeof(llmp_decision_t));
    if (so_far == NULL) {
        return llmp_streaming_nomem(st);
    }

    llmp_decision_start(so_far, &body->decision);

    so_far->stream_usage = body->decision.stream_usage;

    llmp_scan_snapshot(&body->scan, &members);

    rc = llmp_decide_so_far(so_far, &members, &st->scratch.pool);

    llmp_scan_snapshot_end(&body->scan);

    st->ndecided += members.nelts;

    if (rc != LLMP_OK) {
        st->state = LLMP_STREAMING_UNDECIDED;
        st->nundecided = body->scan.members.nelts;
        return LLMP_OK;
    }

    st->state = LLMP_STREAMING_CURRENT;

    if (st->admit != NULL) {
        rc = llmp_streaming_admit(st, &so_far->model);

        if (rc != LLMP_OK) {
            return (rc == LLMP_AGAIN) ? llmp_streaming_step(st) : LLMP_ERROR;
        }
    }

    return llmp_streaming_forward_edits(st, &so_far->edits, upto);
}


/* admits the request; returns LLMP_AGAIN if it was moved to another tier, for
   which all members must be looked at again: nothing was forwarded yet */

static llmp_int_t
llmp_streaming_admit(llmp_streaming_t *st, const llmp_str_t *model)
{
    llmp_int_t          rc;
    const llmp_tier_t  *tier;

    rc = st->admit(st->data, model, &tier);
    st->admit = NULL;

    if (rc == LLMP_AGAIN) {
        st->body->decision.tier = tier;

        llmp_streaming_set_tier(st);
    }

    return rc;
}


/* begins anew for the tier of the body's decision */

static void
llmp_streaming_set_tier(llmp_streaming_t *st)
{
    st->prompt = llmp_prompt_any(&st->body->decision.tier->prompt);

    llmp_streaming_set_rules(st);

    st->state = LLMP_STREAMING_CURRENT;
    st->cut_from = 0;
    st->cut_to = 0;

    st->stream_seen = 0;
    st->tokens_seen = 0;
    st->thinks = 0;
    st->thinks_known = 0;

    st->nseen = 0;
    st->nfinal = 0;
    st->nopen = 0;
}


/* forwards the body up to upto, with the edits before it */

static llmp_int_t
llmp_streaming_forward_edits(llmp_streaming_t *st, const llmp_edits_t *edits,
    uint64_t upto)
{
    llmp_uint_t         i;
    const llmp_edit_t  *edit;

    st->cut_to = 0;

    for (i = 0; i < edits->nelts; i++) {
        edit = &edits->elts[i];

        if (edit->offset < st->sent) {
            continue;
        }

        if (edit->offset >= upto) {
            break;
        }

        if (edit->offset + edit->len > upto) {
            st->cut_from = edit->offset;
            st->cut_to = edit->offset + edit->len;
            upto = edit->offset;
            break;
        }

        if (llmp_streaming_forward_edit(st, edit) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return llmp_streaming_forward_until(st, upto);
}


static llmp_int_t
llmp_streaming_forward_edit(llmp_streaming_t *st, const llmp_edit_t *edit)
{
    u_char       *p;
    int64_t       growth;
    llmp_edit_t  *done;

    growth = st->growth + (int64_t) edit->text.len - (int64_t) edit->len;

    if (llmp_streaming_check_growth(st, growth) != LLMP_OK) {
        return LLMP_ERROR;
    }

    done = llmp_array_grow(st->body->pool, st->done, st->ndone,
                           &st->done_size, 4, sizeof(llmp_edit_t));
    if (done == NULL) {
        return llmp_streaming_nomem(st);
    }

    st->done = done;
    done += st->ndone;
    *done = *edit;

    if (llmp_scratch_owns(&st->scratch, edit->text.data)) {
        p = llmp_palloc(st->body->pool, edit->text.len);
        if (p == NULL) {
            return llmp_streaming_nomem(st);
        }

        memcpy(p, edit->text.data, edit->text.len);
        done->text.data = p;
    }

    st->ndone++;

    if (llmp_streaming_forward_until(st, edit->offset) != LLMP_OK
        || llmp_streaming_emit(st, LLMP_STREAMING_TEXT, done->text.data,
                               done->text.len)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_streaming_skip(st, (size_t) edit->len);

    st->growth = growth;

    return LLMP_OK;
}


/* refuses edits beyond the announced length */

static llmp_int_t
llmp_streaming_check_growth(llmp_streaming_t *st, int64_t growth)
{
    if (growth <= 0 || (uint64_t) growth <= st->growth_max) {
        return LLMP_OK;
    }

    return llmp_refuse(&st->body->decision.refusal, LLMP_REFUSE_HOLD, NULL,
                       "the policy would lengthen the request by more than "
                       "the %" PRIu64 " bytes that were announced",
                       st->growth_max);
}


/* forwards the original bytes from st->sent up to upto, which were fed */

static llmp_int_t
llmp_streaming_forward_until(llmp_streaming_t *st, uint64_t upto)
{
    size_t  n;

    if (upto <= st->sent) {
        return LLMP_OK;
    }

    n = (size_t) (upto - st->sent);

    if (n > st->nheld) {
        n = st->nheld;
    }

    if (n != 0
        && llmp_streaming_emit(st, LLMP_STREAMING_HELD, st->held + st->first, n)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_streaming_skip(st, n);

    n = (size_t) (upto - st->sent);

    if (n != 0
        && llmp_streaming_emit(st, LLMP_STREAMING_FED,
                               st->buf + (st->sent - st->base), n)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_streaming_skip(st, n);

    return LLMP_OK;
}


static llmp_int_t
llmp_streaming_emit(llmp_streaming_t *st, llmp_streaming_source_e source,
    const u_char *p, size_t len)
{
    if (len == 0) {
        return LLMP_OK;
    }

    if (st->handler(st->data, source, p, len) != LLMP_OK) {
        return llmp_streaming_nomem(st);
    }

    return LLMP_OK;
}


/* counts the next original bytes as forwarded */

static void
llmp_streaming_skip(llmp_streaming_t *st, size_t len)
{
    size_t  n;

    n = (len < st->nheld) ? len : st->nheld;

    st->first += n;
    st->nheld -= n;
    st->sent += len;
}


/* copies the fed bytes that were not forwarded */

static llmp_int_t
llmp_streaming_hold(llmp_streaming_t *st)
{
    size_t         n;
    const u_char  *p;

    n = (size_t) (st->fed - st->sent);

    if (st->state == LLMP_STREAMING_DROPPED || n == st->nheld) {
        return LLMP_OK;
    }

    if (n > st->hold) {
        return llmp_streaming_hold_exceeded(st);
    }

    if (llmp_streaming_grow_held(st, n) != LLMP_OK) {
        return llmp_streaming_nomem(st);
    }

    p = st->buf;

    if (st->sent > st->base) {
        p += st->sent - st->base;
    }

    memcpy(st->held + st->first + st->nheld, p, n - st->nheld);
    st->nheld = n;

    return LLMP_OK;
}


/* makes room for size held bytes */

static llmp_int_t
llmp_streaming_grow_held(llmp_streaming_t *st, size_t size)
{
    size_t   room;
    u_char  *held;

    if (st->first + size <= st->size) {
        return LLMP_OK;
    }

    /* a byte is moved only after another one was forwarded */

    if (size <= st->size && st->first >= st->nheld) {
        memmove(st->held, st->held + st->first, st->nheld);
        st->first = 0;
        return LLMP_OK;
    }

    for (room = LLMP_STREAMING_HELD_MIN; room < 2 * size && room < 2 * st->hold;
         room *= 2)
    {
        /* void */
    }

    held = llmp_palloc(st->body->pool, room);
    if (held == NULL) {
        return LLMP_ERROR;
    }

    if (st->nheld != 0) {
        memcpy(held, st->held + st->first, st->nheld);
    }

    st->held = held;
    st->first = 0;
    st->size = room;

    return LLMP_OK;
}


static llmp_int_t
llmp_streaming_hold_exceeded(llmp_streaming_t *st)
{
    if (st->state != LLMP_STREAMING_UNDECIDED) {
        return llmp_streaming_refuse_hold(st);
    }

    /* the body will be refused, but the reason is known only at its end */

    st->state = LLMP_STREAMING_DROPPED;
    st->nheld = 0;

    return LLMP_OK;
}


static llmp_int_t
llmp_streaming_refuse_hold(llmp_streaming_t *st)
{
    char              path[LLMP_PARAM_NAME];
    const char       *name;
    llmp_refusal_t   *refusal;

    refusal = &st->body->decision.refusal;

    if (st->choosing) {
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, NULL,
                           "the API depends on \"%s\" and others, one of which "
                           "must follow within %zu bytes",
                           st->body->chooser->choices->name, st->hold);
    }

    if (st->admit != NULL && !st->model_seen) {
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, "model",
                           "the limits depend on the model, which must follow "
                           "within %zu bytes: put it first", st->hold);
    }

    if (st->waiting == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, NULL,
                           "there are more than %zu bytes between two members",
                           st->hold);
    }

    name = llmp_watch_write_path(st->waiting, path, sizeof(path));

    switch (st->wait) {

    case LLMP_STREAMING_WAIT_MODEL:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "the rules for %s depend on the model, which must "
                           "follow within %zu bytes", name, st->hold);

    case LLMP_STREAMING_WAIT_STREAM:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "the value of %s depends on \"stream\", which must "
                           "follow within %zu bytes", name, st->hold);

    case LLMP_STREAMING_WAIT_TOKENS:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "the value of %s depends on max_tokens, which must "
                           "follow within %zu bytes: put it first", name,
                           st->hold);

    case LLMP_STREAMING_WAIT_END:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "the value of %s depends on all later members, "
                           "which must not be longer than %zu bytes: put it "
                           "at the end of the request, or give it a value",
                           name, st->hold);

    default:
        return llmp_refuse(refusal, LLMP_REFUSE_HOLD, name,
                           "%s must not be longer than %zu bytes", name,
                           st->hold);
    }
}


llmp_int_t
llmp_streaming_decide(llmp_streaming_t *st)
{
    llmp_int_t        rc;
    llmp_uint_t       i;
    llmp_edit_t      *one, *two;
    llmp_decision_t  *decision;

    decision = &st->body->decision;

    rc = llmp_body_decide(st->body);

    if (rc == LLMP_DECLINED) {

        /* a body that is not changed was not held until its dialect was
           known */

        return llmp_streaming_refuse_hold(st);
    }

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (st->unchanged) {
        return LLMP_OK;
    }

    if (st->state == LLMP_STREAMING_DROPPED) {
        return llmp_streaming_refuse_hold(st);
    }

    for (i = 0; i < st->ndone && i < decision->edits.nelts; i++) {
        one = &st->done[i];
        two = &decision->edits.elts[i];

        if (one->offset != two->offset || one->len != two->len
            || !llmp_str_eq(&one->text, &two->text))
        {
            break;
        }
    }

    if (i != st->ndone
        || (i < decision->edits.nelts
            && decision->edits.elts[i].offset < st->sent))
    {
        return llmp_refuse(&decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "the forwarded part does not agree with the "
                           "decision");
    }

    return llmp_streaming_check_growth(st, decision->edits.growth);
}


llmp_int_t
llmp_streaming_finish(llmp_streaming_t *st)
{
    llmp_edits_t  *edits;

    edits = &st->body->decision.edits;

    while (!st->unchanged && st->ndone < edits->nelts) {
        if (llmp_streaming_forward_edit(st, &edits->elts[st->ndone])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return llmp_streaming_forward_until(st, st->fed);
}


static llmp_int_t
llmp_streaming_nomem(llmp_streaming_t *st)
{
    return llmp_refuse(&st->body->decision.refusal, LLMP_REFUSE_INTERNAL,
                       NULL, "no memory to hold the request");
}
