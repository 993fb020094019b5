
/*
 * Copyright (C) llm-policy authors
 *
 * Reads responses: reports and forwarded bytes do not depend on the splits, and
 * a stream requires no more memory than its first part.
 *
 * The first byte selects the splits, the second the format, the third the
 * dialect; the others are the body.
 */


#include "dialect/llmp_dialect.h"
#include "fuzz.h"

#include "base/llmp_arena.h"
#include "response/llmp_usage_strip.h"


#define POLICY  "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{}}}"

typedef struct {
    u_char  *data;
    size_t   len;
    size_t   size;
} output_t;


typedef struct {
    llmp_policy_t         *policy;
    const llmp_dialect_t  *dialect;
    llmp_str_t             type;
    const uint8_t         *data;
    size_t                 len;
} response_t;


static const char *const  types[] = {
    "application/json",
    "application/vnd.amazon.eventstream",
    "application/x-ndjson",
    "text/event-stream"
};

#define LINES   2
#define EVENTS  3


/* Feeds pieces of 1 to `most` bytes, of pseudo-random sizes. */

static size_t
next_piece(uint32_t *number, size_t most, size_t left)
{
    size_t  n;

    *number = *number * 1664525 + 1013904223;

    n = 1 + (*number >> 16) % most;

    return (n < left) ? n : left;
}


static uint8_t *
copy(const uint8_t *data, size_t len)
{
    uint8_t  *piece;

    piece = malloc(len ? len : 1);
    must(piece != NULL, "no memory");

    return len ? memcpy(piece, data, len) : piece;
}


static void
feed(llmp_usage_t *usage, const response_t *r, size_t most, uint32_t number)
{
    size_t    pos, n;
    uint8_t  *piece;

    for (pos = 0; pos < r->len; pos += n) {
        n = next_piece(&number, most, r->len - pos);
        piece = copy(r->data + pos, n);

        llmp_usage_feed(usage, piece, n);

        free(piece);
    }
}


static llmp_usage_t *
create(const response_t *r, llmp_pool_t *pool)
{
    llmp_int_t              rc;
    llmp_usage_t           *usage;
    llmp_usage_settings_t   settings;

    settings.policy = r->policy;
    settings.dialect = r->dialect;
    settings.content_type = r->type;
    settings.pool = pool;

    rc = llmp_usage_create(&usage, &settings);
    must(rc == LLMP_OK, "not read");

    return usage;
}


static void
read_usage(llmp_usage_result_t *result, const response_t *r, size_t most,
    uint32_t number)
{
    llmp_arena_t   arena;
    llmp_usage_t  *usage;

    llmp_arena_init(&arena);

    usage = create(r, &arena.pool);

    feed(usage, r, most, number);

    llmp_usage_finish(usage);

    *result = *llmp_usage_result(usage);

    llmp_arena_reset(&arena);
}


static void
same_usage(const llmp_usage_result_t *a, const llmp_usage_result_t *b)
{
    must(a->prompt == b->prompt, "the tokens of the prompt");
    must(a->completion == b->completion, "the tokens of the completion");
    must(a->total == b->total, "all tokens");
    must(a->cached == b->cached, "the tokens from a cache");
    must(a->written == b->written, "the tokens to a cache");
    must(a->reasoning == b->reasoning, "the tokens of reasoning");
    must(a->text == b->text, "the text");
    must(a->partial == b->partial, "what is partial");
}


/* lines and events: an empty line ends everything before it */

static void
check_memory(const response_t *r)
{
    size_t         i, allocs;
    llmp_arena_t   arena;
    llmp_usage_t  *usage;

    static const u_char  end[] = "\n\n";

    llmp_arena_init(&arena);

    usage = create(r, &arena.pool);
    allocs = 0;

    for (i = 0; i < 4; i++) {

        if (i == 2) {
            allocs = arena.allocs;
        }

        feed(usage, r, r->len, 0);
        llmp_usage_feed(usage, end, 2);
    }

    must(arena.allocs == allocs, "memory grows");

    llmp_arena_reset(&arena);
}


static llmp_int_t
take(void *data, const u_char *buf, size_t len)
{
    output_t *out = data;

    must(len != 0, "nothing goes on");
    must(len <= out->size - out->len, "more goes on than came");

    memcpy(out->data + out->len, buf, len);
    out->len += len;

    return LLMP_OK;
}


static void
pass(output_t *out, llmp_usage_result_t *result, const response_t *r,
    size_t most, uint32_t number)
{
    size_t                        pos, n;
    uint8_t                      *piece;
    llmp_int_t                    rc;
    llmp_arena_t                  arena;
    llmp_usage_strip_t           *strip;
    llmp_usage_strip_settings_t   settings;

    llmp_arena_init(&arena);

    out->data = copy(r->data, r->len);
    out->size = r->len;
    out->len = 0;

    settings.usage.policy = r->policy;
    settings.usage.dialect = r->dialect;
    settings.usage.content_type = r->type;
    settings.usage.pool = &arena.pool;
    settings.handler = take;
    settings.data = out;

    rc = llmp_usage_strip_create(&strip, &settings);
    must(rc == LLMP_OK, "not passed");

    for (pos = 0; pos < r->len; pos += n) {
        n = next_piece(&number, most, r->len - pos);
        piece = copy(r->data + pos, n);

        rc = llmp_usage_strip_feed(strip, piece, n);
        must(rc == LLMP_OK, "not passed");

        free(piece);
    }

    rc = llmp_usage_strip_finish(strip);
    must(rc == LLMP_OK, "not passed");

    *result = *llmp_usage_result(llmp_usage_strip_usage(strip));

    llmp_arena_reset(&arena);
}


static void
check_stream(const response_t *r, const llmp_usage_result_t *usage,
    uint8_t split)
{
    output_t             whole, parts;
    llmp_str_t           body;
    response_t           again;
    llmp_usage_result_t  other;

    pass(&whole, &other, r, r->len, 0);
    same_usage(usage, &other);

    pass(&parts, &other, r, 1, split);
    same_usage(usage, &other);

    must(whole.len == parts.len
         && memcmp(whole.data, parts.data, whole.len) == 0,
         "byte by byte, something else goes on");

    free(parts.data);

    pass(&parts, &other, r, 1 + split % 64, split);
    same_usage(usage, &other);

    must(whole.len == parts.len
         && memcmp(whole.data, parts.data, whole.len) == 0,
         "in pieces, something else goes on");

    free(parts.data);

    body.data = (u_char *) r->data;
    body.len = r->len;

    if (!llmp_str_has(&body, "\"usage\"", 7)) {
        must(whole.len == r->len
             && memcmp(whole.data, r->data, r->len) == 0,
             "what has no usage is changed");
    }

    /*
     * the rest contains nothing further to remove; a mark at its start differs
     * from one elsewhere
     */

    if (memchr(whole.data, 0xef, whole.len) == NULL) {
        again = *r;
        again.data = whole.data;
        again.len = whole.len;

        pass(&parts, &other, &again, again.len, 0);

        must(whole.len == parts.len, "not all was taken out");

        free(parts.data);
    }

    free(whole.data);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t                split;
    response_t             r;
    llmp_usage_result_t    whole, parts;

    static llmp_arena_t    arena;
    static llmp_policy_t  *policy;

    if (policy == NULL) {
        llmp_arena_init(&arena);
        policy = fuzz_policy(&arena.pool, POLICY);
    }

    if (size < 4) {
        return 0;
    }

    split = data[0];

    r.policy = policy;
    r.type.data = (u_char *) types[data[1] % 4];
    r.type.len = strlen(types[data[1] % 4]);
    r.dialect = llmp_dialects[data[2] % llmp_ndialects];
    r.data = data + 3;
    r.len = size - 3;

    read_usage(&whole, &r, r.len, 0);

    must(whole.prompt >= -1 && whole.completion >= -1 && whole.total >= -1,
         "less than nothing");
    must(whole.cached >= -1 && whole.written >= -1 && whole.reasoning >= -1,
         "parts less than nothing");
    must(whole.reasoning <= whole.completion && whole.cached <= whole.prompt
         && whole.written <= whole.prompt
         && (whole.cached < 0 || whole.written < 0
             || whole.cached + whole.written <= whole.prompt),
         "parts larger than the whole");
    must(whole.text <= 2 * r.len, "more text than the body has");

    read_usage(&parts, &r, 1, split);
    same_usage(&whole, &parts);

    read_usage(&parts, &r, 1 + split % 64, split);
    same_usage(&whole, &parts);

    if (data[1] % 4 >= LINES) {
        check_memory(&r);
    }

    if (data[1] % 4 == EVENTS) {
        check_stream(&r, &whole, split);
    }

    return 0;
}
