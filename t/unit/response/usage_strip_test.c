
/*
 * Copyright (C) llm-policy authors
 *
 * Streams for which the gateway requested usage: the client's stream, with all
 * splits.
 */


#include <stdio.h>

#include "dialect/llmp_dialect.h"
#include "response/llmp_usage_strip.h"

#include "test.h"
#include "policy_load.h"


#define SSE    "text/event-stream; charset=utf-8"

#define CHUNK(text, usage)                                                    \
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":"                \
    "{\"content\":\"" text "\"}}]" usage "}"

#define NONE   ",\"usage\":null"
#define SUMS   "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,"      \
               "\"total_tokens\":12}"
#define LAST   "data: {\"id\":\"c\",\"choices\":[]," SUMS "}"
#define DONE   "data: [DONE]"


typedef struct {
    const char           *in;
    const char           *out;
    int64_t               total;
} case_t;


typedef struct {
    policy_fixture_t     p;
    llmp_usage_strip_t  *strip;

    u_char              *out;
    size_t               len;
    size_t               size;
    llmp_uint_t          calls;
    llmp_uint_t          refuse;     /* the call that fails, from 1 */
} fixture_t;


static llmp_int_t
take(void *data, const u_char *buf, size_t len)
{
    fixture_t *f = data;

    assert_int_not_equal(len, 0);

    if (++f->calls == f->refuse) {
        return LLMP_ERROR;
    }

    assert_true(len <= f->size - f->len);

    memcpy(f->out + f->len, buf, len);
    f->len += len;

    return LLMP_OK;
}


static llmp_int_t
prepare(fixture_t *f, const char *type, size_t size)
{
    llmp_str_t                   name;
    llmp_usage_strip_settings_t  settings;

    llmp_arena_reset(&f->p.arena);

    free(f->out);

    f->out = malloc(size ? size : 1);
    assert_non_null(f->out);

    f->size = size;
    f->len = 0;
    f->calls = 0;

    name = test_cstr("openai.chat");

    settings.usage.policy = f->p.policy;
    settings.usage.dialect = llmp_dialect_find(&name);
    settings.usage.content_type = test_cstr(type);
    settings.usage.pool = &f->p.arena.pool;
    settings.handler = take;
    settings.data = f;

    return llmp_usage_strip_create(&f->strip, &settings);
}


static llmp_int_t
feed(fixture_t *f, const char *body, size_t len, size_t first, size_t size)
{
    llmp_int_t     rc;
    test_pieces_t  p;

    rc = LLMP_OK;
    test_pieces_start(&p, body, len, first, size);

    while (test_pieces_next(&p)) {
        rc = llmp_usage_strip_feed(f->strip, p.piece, p.len);
    }

    return rc;
}


static void
check_out(fixture_t *f, const case_t *c, size_t first, size_t size)
{
    if (f->len != strlen(c->out) || memcmp(f->out, c->out, f->len) != 0) {
        fail_msg("%s: pieces of %zu, then %zu: %.*s", c->in, first, size,
                 (int) f->len, (char *) f->out);
    }
}


static void
check(fixture_t *f, const case_t *c, size_t first, size_t size)
{
    size_t                      len;
    const llmp_usage_result_t  *usage;

    len = strlen(c->in);

    assert_int_equal(prepare(f, SSE, len), LLMP_OK);
    assert_int_equal(feed(f, c->in, len, first, size), LLMP_OK);
    assert_int_equal(llmp_usage_strip_finish(f->strip), LLMP_OK);

    check_out(f, c, first, size);

    usage = llmp_usage_result(llmp_usage_strip_usage(f->strip));

    assert_int_equal(usage->total, c->total);
}


static void
check_all(fixture_t *f, const case_t *cases, size_t n)
{
    size_t  i, k;

    for (i = 0; i < n; i++) {
        check(f, &cases[i], SIZE_MAX, SIZE_MAX);
        check(f, &cases[i], 1, 1);

        for (k = 1; k < strlen(cases[i].in); k++) {
            check(f, &cases[i], k, SIZE_MAX);
        }
    }
}


static void
test_streams(void **state)
{
    static const case_t  cases[] = {

        /* as OpenAI responds */

        { CHUNK("a", NONE) "\n\n" CHUNK("b", NONE) "\n\n" LAST "\n\n"
          DONE "\n\n",
          CHUNK("a", "") "\n\n" CHUNK("b", "") "\n\n" DONE "\n\n", 12 },

        { CHUNK("a", NONE) "\r\n\r\n" LAST "\r\n\r\n" DONE "\r\n\r\n",
          CHUNK("a", "") "\r\n\r\n" DONE "\r\n\r\n", 12 },

        { CHUNK("a", NONE) "\r\r" LAST "\r\r" DONE "\r\r",
          CHUNK("a", "") "\r\r" DONE "\r\r", 12 },

        /* one or several events in one piece */

        { ": ping\n\n" CHUNK("a", NONE) "\n\n: ping\n\n" LAST "\n\n"
          ": ping\n\n",
          ": ping\n\n" CHUNK("a", "") "\n\n: ping\n\n: ping\n\n", 12 },

        { LAST "\n\n" LAST "\n\n", "", 12 },
        { LAST "\r\n\r\n\n" LAST "\r\r\r" DONE "\n\n", "\n\r" DONE "\n\n",
          12 },

        /* any position of the member, and white space around it */

        { "data:{\"usage\":null,\"a\":1}\n\ndata: {\"usage\" : null }\n\n"
          "data: { \"a\" : 1 , \"usage\" : null , \"b\" : 2 }\n\n",
          "data:{\"a\":1}\n\ndata: { }\n\n"
          "data: { \"a\" : 1  , \"b\" : 2 }\n\n", -1 },

        { "data: { \"usage\": null, \"choices\": [] }\n\n",
          "data: { \"choices\": [] }\n\n", -1 },

        /* a chunk with a choice is sent */

        { CHUNK("a", "," SUMS) "\n\n", CHUNK("a", "") "\n\n", 12 },
        { "data: {" SUMS ",\"x\":1}\n\n", "data: {\"x\":1}\n\n", 12 },

        /* nothing that was requested */

        { CHUNK("a", "") "\n\n", CHUNK("a", "") "\n\n", -1 },
        { "data: {\"choices\":[],\"x\":1}\n\n",
          "data: {\"choices\":[],\"x\":1}\n\n", -1 },
        { "data: {\"choices\":[],\"usage\":7}\n\n",
          "data: {\"choices\":[],\"usage\":7}\n\n", -1 },
        { CHUNK("{\\\"usage\\\":null}", "") "\n\n",
          CHUNK("{\\\"usage\\\":null}", "") "\n\n", -1 },
        { "data: {\"error\":{\"usage\":null}}\n\n",
          "data: {\"error\":{\"usage\":null}}\n\n", -1 },

        /* the whole of an event that is removed */

        { "id: 1\n" LAST "\nretry: 3\n: x\n\ndata: 1\n\n", "data: 1\n\n",
          12 },
        { "\xef\xbb\xbf" LAST "\n\ndata: 1\n\n", "data: 1\n\n", 12 },

        /* unclear and unfinished events are unchanged */

        { "data: {\"choices\":[],\ndata: " SUMS "}\n\n",
          "data: {\"choices\":[],\ndata: " SUMS "}\n\n", 12 },
        { CHUNK("a", NONE) "\n" LAST "\n\n",
          CHUNK("a", NONE) "\n" LAST "\n\n", 12 },
        { "data: {\"choices\":[]," SUMS "} {\"x\":1}\n\n",
          "data: {\"choices\":[]," SUMS "} {\"x\":1}\n\n", 12 },
        { "data: {\"choices\":[],\"a\":1,\"a\":2," SUMS "\n\n" LAST "\n\n",
          "data: {\"choices\":[],\"a\":1,\"a\":2," SUMS "\n\n", 12 },
        { CHUNK("a", NONE) "\n\n" LAST "\n",
          CHUNK("a", "") "\n\n" LAST "\n", 12 },
        { CHUNK("a", NONE) "\n\ndata: {\"choices\":[],\"us",
          CHUNK("a", "") "\n\ndata: {\"choices\":[],\"us", -1 }
    };

    check_all(*state, cases, test_nelts(cases));
}


/* an event is sent as soon as it has ended */

static void
test_at_once(void **state)
{
    size_t      i;
    case_t      c;
    fixture_t  *f = *state;

    static const char *const  ends[] = { "\n\n", "\r\r", "\r\n\r\n" };

    for (i = 0; i < test_nelts(ends); i++) {
        char  in[256], out[256];

        snprintf(in, sizeof(in), "%s%s", CHUNK("a", NONE), ends[i]);
        snprintf(out, sizeof(out), "%s%s", CHUNK("a", ""), ends[i]);

        c.in = in;
        c.out = out;

        assert_int_equal(prepare(f, SSE, strlen(in)), LLMP_OK);
        assert_int_equal(feed(f, in, strlen(in), 1, 1), LLMP_OK);

        check_out(f, &c, 1, 1);

        /* events that arrive together are sent together */

        assert_int_equal(prepare(f, SSE, 1024), LLMP_OK);
        assert_int_equal(feed(f, "data: 1\n\ndata: 2\n\ndata: 3\n\n", 27,
                              SIZE_MAX, SIZE_MAX), LLMP_OK);
        assert_int_equal(f->calls, 1);
        assert_int_equal(f->len, 27);
    }
}


/* an event that is too long is neither changed nor held, with all splits */

static void
test_long(void **state)
{
    char       *in, *out;
    case_t      c;
    size_t      n, len, change;
    fixture_t  *f = *state;

    in = malloc(LLMP_USAGE_STRIP_EVENT_MAX + 1024);
    out = malloc(LLMP_USAGE_STRIP_EVENT_MAX + 1024);

    assert_non_null(in);
    assert_non_null(out);

    for (n = LLMP_USAGE_STRIP_EVENT_MAX - 2;
         n < LLMP_USAGE_STRIP_EVENT_MAX + 3; n++)
    {

        len = snprintf(in, 512, "%s", CHUNK("", NONE) "\n:");

        memset(in + len, 'x', n - 1 - len);
        snprintf(in + n - 1, 512, "\n\r\n%s\r\n\r\n", LAST);

        change = (n <= LLMP_USAGE_STRIP_EVENT_MAX);

        len = snprintf(out, 512, "%s", change ? CHUNK("", "") "\n:"
                                              : CHUNK("", NONE) "\n:");

        memset(out + len, 'x', LLMP_USAGE_STRIP_EVENT_MAX);
        snprintf(out + n - 1 - (change ? strlen(NONE) : 0), 512, "\n\r\n");

        c.in = in;
        c.out = out;
        c.total = 12;

        check(f, &c, SIZE_MAX, SIZE_MAX);
        check(f, &c, 1, 1);
        check(f, &c, n - 1, SIZE_MAX);
        check(f, &c, n, SIZE_MAX);
        check(f, &c, n + 1, SIZE_MAX);
        check(f, &c, 100, 4096);
    }

    free(in);
    free(out);
}


/* a refusal of the handler ends the stream */

static void
test_handler(void **state)
{
    fixture_t   *f = *state;
    const char  *body;

    f->refuse = 2;

    assert_int_equal(prepare(f, SSE, 1024), LLMP_OK);
    assert_int_equal(feed(f, "data: 1\n\ndata: 2\n\ndata: 3\n\n", 27, 9, 9),
                     LLMP_ERROR);
    assert_int_equal(llmp_usage_strip_finish(f->strip), LLMP_ERROR);

    assert_int_equal(f->calls, 2);
    assert_int_equal(f->len, 9);

    /* within a buffer, too */

    body = CHUNK("a", NONE) "\n\n" CHUNK("b", NONE) "\n\n";

    assert_int_equal(prepare(f, SSE, 1024), LLMP_OK);
    assert_int_equal(feed(f, body, strlen(body), SIZE_MAX, SIZE_MAX),
                     LLMP_ERROR);

    assert_int_equal(f->calls, 2);

    f->refuse = 0;
}


static void
test_declined(void **state)
{
    assert_int_equal(prepare(*state, "application/json", 1), LLMP_DECLINED);
    assert_int_equal(prepare(*state, "text/html", 1), LLMP_DECLINED);
}


/* without memory, everything is sent: at worst unchanged */

static void
test_no_memory(void **state)
{
    size_t       n, k;
    fixture_t   *f = *state;
    const char  *in;

    in = CHUNK("a", NONE) "\n\n" LAST "\n\n" DONE "\n\n";

    for (n = 1; n < 8; n++) {
        for (k = 1; k < strlen(in); k += 7) {
            assert_int_equal(prepare(f, SSE, strlen(in)), LLMP_OK);

            f->p.arena.fail_after = n;

            assert_int_equal(feed(f, in, strlen(in), k, k), LLMP_OK);
            assert_int_equal(llmp_usage_strip_finish(f->strip), LLMP_OK);

            f->p.arena.fail_after = 0;

            if (f->len >= strlen(in)) {
                assert_int_equal(f->len, strlen(in));
                assert_memory_equal(f->out, in, f->len);
            }

            assert_true(f->len > strlen(DONE "\n\n"));
            assert_memory_equal(f->out + f->len - strlen(DONE "\n\n"),
                                DONE "\n\n", strlen(DONE "\n\n"));
        }
    }
}


static int
setup(void **state)
{
    static fixture_t  f;

    policy_init(&f.p);
    policy_use(&f.p, "", "");

    *state = &f;

    return 0;
}


static int
teardown(void **state)
{
    fixture_t  *f = *state;

    free(f->out);

    return policy_teardown(state);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_handler),
        cmocka_unit_test(test_declined),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("usage_strip", tests, setup, teardown);
}
