
/*
 * Copyright (C) llm-policy authors
 *
 * Reads lines of an access log: the result does not depend on the splits, a
 * rebuilt request matches its line, and each line is counted once.
 *
 * The first byte selects the splits, the others are the lines.
 */


#include <stdio.h>
#include <stdlib.h>

#include "dialect/llmp_dialect.h"
#include "loader/llmp_load.h"
#include "replay/replay.h"


static const char  document[] =
    "{\"version\":1,\"default_tier\":\"a\",\"unknown_key\":\"reject\","
    "\"tiers\":{\"a\":{\"parameters\":{\"temperature\":{\"max\":1},"
    "\"max_tokens\":{\"default\":9},\"n\":{\"deny\":true},"
    "\"stop\":{\"deny\":true},\"/a\":{\"require\":true},"
    "\"service_tier\":{\"allow\":[\"auto\"]},\"seed\":{\"force\":1}}},"
    "\"b\":{\"parameters\":{\"temperature\":{\"remove\":true}},"
    "\"models\":{\"allow\":[\"m\"]}}},"
    "\"models\":[{\"match\":[\"~^o\"],\"parameters\":"
    "{\"temperature\":{\"min\":1}}}],"
    "\"tenants\":{\"t\":{\"tier\":\"b\",\"keys\":[]}}}";


static replay_t          replay;
static replay_rows_t     rows[2];
static replay_example_t  examples[REPLAY_EXAMPLES_MAX];
static replay_line_t    *whole, *pieces;
static llmp_arena_t      arena;


static void
fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}


llmp_policy_t *
read_policy(llmp_arena_t *a, const char *name)
{
    llmp_str_t           file = llmp_string("fuzz");
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    (void) name;

    policy = llmp_load_policy(&a->pool, &file, (u_char *) document,
                              sizeof(document) - 1, &errors);
    if (policy == NULL) {
        fail((char *) errors.elts[0].message.data);
    }

    return policy;
}


static void
init(void)
{
    llmp_arena_init(&arena);

    whole = replay_line_create(&arena.pool);
    pieces = replay_line_create(&arena.pool);

    if (whole == NULL || pieces == NULL
        || replay_policy_load(&replay.now, "") != LLMP_OK
        || replay_policy_load(&replay.was, "") != LLMP_OK)
    {
        fail("no memory");
    }

    llmp_scratch_init(&replay.verdict.scratch, &arena.pool);
    llmp_scratch_init(&replay.before.scratch, &arena.pool);

    replay.tiers = rows;
    replay.examples = examples;
    replay.examples_max = REPLAY_EXAMPLES_MAX;
}


/* each piece is in its own block, so that its bounds are known */

static llmp_int_t
read_line(replay_line_t *es, replay_entry_t *entry, const uint8_t *data,
    size_t len, size_t step)
{
    size_t   n;
    u_char  *piece;

    replay_line_begin(es);

    for ( /* void */ ; len != 0; len -= n, data += n) {
        n = (step < len) ? step : len;

        piece = malloc(n);
        if (piece == NULL) {
            fail("no memory");
        }

        replay_line_feed(es, memcpy(piece, data, n), n);

        memset(piece, 0xff, n);
        free(piece);
    }

    return replay_line_end(es, entry);
}


static void
check_same(const llmp_str_t *a, const llmp_str_t *b)
{
    if (!llmp_str_eq(a, b)) {
        fail("another text in pieces");
    }
}


static void
check_pieces(const replay_entry_t *a, const replay_entry_t *b)
{
    llmp_uint_t  i;

    check_same(&a->status, &b->status);
    check_same(&a->tier, &b->tier);
    check_same(&a->tenant, &b->tenant);
    check_same(&a->dialect, &b->dialect);
    check_same(&a->model, &b->model);
    check_same(&a->adjustments, &b->adjustments);

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        check_same(&a->params[i].requested, &b->params[i].requested);
        check_same(&a->params[i].effective, &b->params[i].effective);
        check_same(&a->params[i].action, &b->params[i].action);
    }

    if (a->present != b->present || a->cut != b->cut
        || a->wrong_type != b->wrong_type)
    {
        fail("another entry in pieces");
    }
}


static void
check_rebuilt(const replay_entry_t *entry)
{
    llmp_int_t             rc;
    llmp_uint_t            i;
    const llmp_change_t   *asked;
    const llmp_dialect_t  *dialect;
    const replay_param_t  *logged;

    dialect = llmp_dialect_find(&entry->dialect);

    if (dialect == NULL || dialect->scope != NULL) {
        return;
    }

    rc = replay_decide(&replay.verdict, &replay.now, entry, dialect);

    if (rc == LLMP_DECLINED
        || replay.verdict.decision.refusal.code == LLMP_REFUSE_UNKNOWN_KEY)
    {
        return;
    }

    if (rc != LLMP_OK) {
        fail("no memory");
    }

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        logged = &entry->params[i];
        asked = llmp_decision_param(&replay.verdict.decision, i);

        if (!logged->cut && !llmp_str_eq(&logged->requested, &asked->requested))
        {
            fail("not what was asked for");
        }
    }
}


static void
check_line(const uint8_t *data, size_t len, size_t step)
{
    uint64_t        count;
    llmp_int_t      rc;
    llmp_uint_t     i;
    replay_entry_t  entry, other;

    rc = read_line(whole, &entry, data, len, len);

    if (read_line(pieces, &other, data, len, step) != rc) {
        fail("another answer in pieces");
    }

    if (rc != LLMP_OK) {
        return;
    }

    check_pieces(&entry, &other);
    check_rebuilt(&entry);

    replay.lines++;
    replay.nexamples = 0;

    if (replay_compare_entry(&replay, &entry) != LLMP_OK) {
        fail("no memory");
    }

    count = replay.replayed + replay_tally_sum(&replay.refused);

    for (i = 0; i < REPLAY_SKIP_MAX; i++) {
        count += replay.skipped[i];
    }

    if (count != replay.lines) {
        fail("a line that does not count once");
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          len, step;
    const uint8_t  *feed;

    if (size == 0) {
        return 0;
    }

    if (whole == NULL) {
        init();
    }

    step = 1 + *data++ % 64;
    size--;

    replay.has_was = (step % 2 == 0);

    while (size != 0) {
        feed = memchr(data, '\n', size);
        len = (feed != NULL) ? (size_t) (feed - data) : size;

        check_line(data, len, step);

        len += (feed != NULL);
        data += len;
        size -= len;
    }

    return 0;
}
