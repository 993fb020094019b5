
/*
 * Copyright (C) llm-policy authors
 */


#include "body/llmp_streaming.h"
#include "dialect/llmp_dialect.h"
#include "loader/llmp_load.h"

#include "decide_run.h"


/* the bytes that streaming sends */

typedef struct {
    u_char   *data;
    size_t    len;
    size_t    size;
} streaming_out_t;


static void same_streaming(llmp_arena_t *arena, llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    const llmp_str_t *body, size_t step, llmp_int_t expected,
    const llmp_decision_t *d, const llmp_str_t *sent);
static llmp_int_t streaming_take(void *data, llmp_streaming_source_e where,
    const u_char *p, size_t len);


llmp_int_t
decide_as(llmp_arena_t *arena, llmp_policy_t *policy, const char *dialect,
    const llmp_str_t *body, llmp_decision_t *d, llmp_str_t *sent)
{
    llmp_str_t      name;
    llmp_request_t  request;

    name = test_cstr(dialect);

    llmp_request_init(&request);
    request.dialect = llmp_dialect_find(&name);

    return decide_request(arena, policy, &request, body, d, sent);
}


llmp_int_t
decide_request(llmp_arena_t *arena, llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_str_t *body, llmp_decision_t *d,
    llmp_str_t *sent)
{
    size_t         step;
    llmp_int_t     rc;
    llmp_body_t    read;
    llmp_caller_t  caller;

    assert_non_null(request->dialect);

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = policy->default_tier;

    if (policy->ntenants != 0) {
        caller.tenant = policy->tenants;
    }

    rc = llmp_body_init(&read, policy, request, &caller, &arena->pool, SEED);

    if (rc == LLMP_OK) {
        (void) llmp_body_feed(&read, body->data, body->len);
        rc = llmp_body_decide(&read);
    }

    if (rc == LLMP_DECLINED) {
        assert_int_equal(llmp_body_restart(&read), LLMP_OK);

        (void) llmp_body_feed(&read, body->data, body->len);
        rc = llmp_body_decide(&read);
    }

    *d = read.decision;

    sent->data = NULL;
    sent->len = 0;

    if (rc == LLMP_OK) {
        *sent = llmp_edit_apply(&d->edits, &arena->pool, body);
    }

    if (arena->fail_after == 0
        && llmp_streaming_is_possible(request->dialect))
    {
        for (step = 1; step <= body->len; step = 2 * step + 1) {
            same_streaming(arena, policy, request, &caller, body, step, rc, d,
                           sent);
        }
    }

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (sent->data == NULL) {
        return llmp_refuse(&d->refusal, LLMP_REFUSE_INTERNAL, NULL, "edits");
    }

    assert_int_equal(sent->len, body->len + d->edits.growth);

    return LLMP_OK;
}


/*
 * Repeats the decision while the body passes, in steps of a number of bytes:
 * the result and the refusal must be the same, and the body must not be
 * complete before the decision.  Steps of an odd size announce whether more
 * follows.
 */

static void
same_streaming(llmp_arena_t *arena, llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    const llmp_str_t *body, size_t step, llmp_int_t expected,
    const llmp_decision_t *d, const llmp_str_t *sent)
{
    size_t                  pos, n;
    u_char                 *piece;
    uint64_t                bound;
    llmp_int_t              rc;
    streaming_out_t         out;
    llmp_body_t             read;
    llmp_streaming_t        flow;
    llmp_streaming_more_e   rest;

    bound = policy->growth[llmp_dialect_index(request->dialect)];

    out.len = 0;
    out.size = body->len + bound;
    out.data = llmp_palloc(&arena->pool, out.size + 1);

    rc = llmp_body_init(&read, policy, request, caller, &arena->pool, SEED);
    assert_int_equal(rc, LLMP_OK);

    llmp_streaming_init(&flow, &read, body->len, streaming_take, &out);

    rc = LLMP_AGAIN;
    piece = NULL;

    for (pos = 0; pos < body->len && rc == LLMP_AGAIN; pos += n) {
        n = (body->len - pos < step) ? body->len - pos : step;

        /* a block of the exact size, freed afterwards */

        piece = malloc(n);
        memcpy(piece, body->data + pos, n);

        rest = (step % 2 == 0) ? LLMP_STREAMING_LATER
               : (pos + n < body->len) ? LLMP_STREAMING_SOON
                                       : LLMP_STREAMING_LAST;

        rc = llmp_streaming_feed(&flow, piece, n, rest);

        if (rest != LLMP_STREAMING_LAST) {
            free(piece);
            piece = NULL;
        }

        assert_true(out.len < body->len + bound);
    }

    if (rc == LLMP_AGAIN) {
        rc = llmp_streaming_decide(&flow);
    }

    if (rc != expected) {
        fail_msg("%.*s: %s", (int) body->len, body->data,
                 read.decision.refusal.message);
    }

    same_refusal(&read.decision.refusal, &d->refusal);

    if (rc == LLMP_OK) {
        assert_int_equal(llmp_streaming_finish(&flow), LLMP_OK);
        assert_int_equal(flow.growth, d->edits.growth);
        assert_int_equal(out.len, sent->len);
        assert_memory_equal(out.data, sent->data, out.len);
        assert_ptr_equal(read.decision.dialect, d->dialect);
        assert_int_equal(read.decision.nchanges, d->nchanges);
        assert_int_equal(read.decision.output, d->output);
    }

    free(piece);
}


static llmp_int_t
streaming_take(void *data, llmp_streaming_source_e where, const u_char *p,
    size_t len)
{
    streaming_out_t *out = data;

    (void) where;

    assert_true(len != 0 && out->len + len <= out->size);

    memcpy(out->data + out->len, p, len);
    out->len += len;

    return LLMP_OK;
}


void
same_refusal(const llmp_refusal_t *a, const llmp_refusal_t *b)
{
    assert_int_equal(a->code, b->code);
    assert_string_equal(a->message, b->message);
    assert_string_equal(a->param, b->param);
}


void
same_edits(const llmp_edits_t *a, const llmp_edits_t *b)
{
    size_t  i;

    assert_int_equal(a->nelts, b->nelts);

    for (i = 0; i < a->nelts; i++) {
        assert_int_equal(a->elts[i].offset, b->elts[i].offset);
        assert_int_equal(a->elts[i].len, b->elts[i].len);
        assert_true(llmp_str_eq(&a->elts[i].text, &b->elts[i].text));
    }
}


void
text_is(const llmp_str_t *text, const char *expected, const char *body)
{
    if (!llmp_str_is(text, expected)) {
        fail_msg("%s: %.*s", body, (int) text->len, text->data);
    }
}
