
/*
 * Copyright (C) llm-policy authors
 *
 * Lines of the access log, parsed and decided on again.
 */


#include <stdio.h>

#include "dialect/llmp_dialect.h"
#include "loader/llmp_load.h"
#include "replay/replay.h"

#include "test.h"


#define HEAD  "{\"time\":\"t\",\"request_id\":\"r\","                         \
              "\"other\":[{\"tier\":1}],\"llm\":{"
#define TAIL  "}}"


/* the document that is loaded next */

static const char  *document;


llmp_policy_t *
read_policy(llmp_arena_t *arena, const char *name)
{
    llmp_str_t           file;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    file = test_cstr(name);

    policy = llmp_load_policy(&arena->pool, &file, (u_char *) document,
                              strlen(document), &errors);
    assert_non_null(policy);

    return policy;
}


/* the texts of the entry are valid until the next line is read */

static llmp_int_t
read_line(replay_line_t *es, replay_entry_t *entry, const char *line,
    size_t split, size_t step)
{
    test_pieces_t  p;

    replay_line_begin(es);

    test_pieces_start(&p, line, strlen(line), split ? split : step, step);

    while (test_pieces_next(&p)) {
        replay_line_feed(es, p.piece, p.len);
    }

    return replay_line_end(es, entry);
}


static void
check_entry(replay_entry_t *entry)
{
    replay_param_t  *t, *s;

    t = &entry->params[LLMP_TEMPERATURE];
    s = &entry->params[LLMP_STREAM];

    assert_str_is(entry->request_id, "r");
    assert_str_is(entry->status, "modified");
    assert_str_is(entry->reason, "a");
    assert_str_is(entry->parameter, "b");
    assert_str_is(entry->tier, "c\"\\");
    assert_str_is(entry->tenant, "d");
    assert_str_is(entry->dialect, "e");
    assert_str_is(entry->model, "\xe2\x82\xac\x01");
    assert_str_is(entry->adjustments, "g");

    assert_str_is(t->requested, "\"1.9\"");
    assert_str_is(t->effective, "1");
    assert_str_is(t->action, "max");
    assert_str_is(s->requested, "true");
    assert_str_is(s->effective, "false");
    assert_str_is(s->action, "force");

    assert_true(entry->present == (llmp_mask(LLMP_TEMPERATURE)
                                   | llmp_mask(LLMP_STREAM)
                                   | llmp_mask(LLMP_SEED)));

    assert_int_equal(entry->params[LLMP_SEED].requested.len, 0);

    assert_true(entry->llm && entry->dry_run);
    assert_false(entry->rejected || entry->wrong_type || entry->cut);
}


static void
test_line(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    replay_entry_t  entry;
    replay_line_t  *es;

    static const char  line[] = HEAD
        "\"status\":\"modified_dry_run\",\"reason\":\"a\","
        "\"reason_parameter\":\"b\",\"tier\":\"c\\\"\\\\\",\"tenant\":\"d\","
        "\"dialect\":\"e\",\"model\":\"\xe2\x82\xac\\u0001\","
        "\"adjustments\":\"g\",\"temperature\":{\"requested\":\"\\\"1.9\\\"\","
        "\"effective\":\"1\",\"action\":\"max\"},"
        "\"seed\":{\"requested\":\"\",\"effective\":\"\",\"action\":\"\"},"
        "\"stream_requested\":\"true\",\"stream_action\":\"force\","
        "\"stream\":\"false\",\"new\":{\"requested\":1}" TAIL;

    (void) state;

    llmp_arena_init(&arena);
    es = replay_line_create(&arena.pool);
    assert_non_null(es);

    for (i = 0; i <= sizeof(line); i++) {
        assert_int_equal(read_line(es, &entry, line, i, sizeof(line)),
                         LLMP_OK);
        check_entry(&entry);
    }

    assert_int_equal(read_line(es, &entry, line, 0, 1), LLMP_OK);
    check_entry(&entry);

    llmp_arena_reset(&arena);
}


static void
test_no_line(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    replay_entry_t  entry;
    replay_line_t  *es;

    static const char *const  lines[] = {
        "", "x", "[]", HEAD, HEAD TAIL "}", "{\"llm\":{},\"llm\":{}}"
    };

    (void) state;

    llmp_arena_init(&arena);
    es = replay_line_create(&arena.pool);
    assert_non_null(es);

    for (i = 0; i < test_nelts(lines); i++) {
        assert_int_equal(read_line(es, &entry, lines[i], 0, 1),
                         LLMP_DECLINED);
    }

    /* and the next one is read */

    assert_int_equal(read_line(es, &entry, HEAD TAIL, 0, 1), LLMP_OK);
    assert_true(entry.llm);

    assert_int_equal(read_line(es, &entry, "{}", 0, 1), LLMP_OK);
    assert_false(entry.llm);

    assert_int_equal(read_line(es, &entry, HEAD "\"tier\":1" TAIL, 0, 1),
                     LLMP_OK);
    assert_true(entry.wrong_type);

    llmp_arena_reset(&arena);
}


static void
test_scalar(void **state)
{
    size_t      i;
    llmp_str_t  text;

    static const char *const  good[] = {
        "1", "-1", "1e400", "0.50", "true", "false", "null", "\"\"", "\"a\"",
        "\"\\\"\"", "\"\\\\\"", "\"1,2\""
    };

    static const char *const  bad[] = {
        "", "x", "nul", "\"", "\"a", "\"a\"b", "\"\\\"", "\"a\",\"b\"", "1,2",
        "1 ", " 1", "[]", "{}", "1}", "-x"
    };

    (void) state;

    for (i = 0; i < test_nelts(good); i++) {
        text = test_cstr(good[i]);
        assert_true(replay_body_is_scalar(&text));
    }

    for (i = 0; i < test_nelts(bad); i++) {
        text = test_cstr(bad[i]);
        assert_false(replay_body_is_scalar(&text));
    }

    text = (llmp_str_t) { 2, (u_char *) "1\0" };
    assert_false(replay_body_is_scalar(&text));
}


/*
 * Makes an entry that requests all parameters of a set, each with its number.
 */

static void
ask(replay_entry_t *entry, uint64_t params, char numbers[][8])
{
    llmp_uint_t  i;

    memset(entry, 0, sizeof(replay_entry_t));

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        snprintf(numbers[i], 8, "%d", (int) i + 1);
        entry->present |= llmp_mask(i);

        if (params & llmp_mask(i)) {
            entry->params[i].requested = test_cstr(numbers[i]);
        }
    }
}


/* a rebuilt request has the requested values, in every dialect */

static void
test_rebuild(void **state)
{
    char                   numbers[LLMP_PARAM_MAX][8];
    uint64_t               params;
    llmp_uint_t            d, i, set;
    replay_entry_t         entry;
    replay_policy_t        terms;
    replay_verdict_t      *v;
    const llmp_change_t   *asked;
    const llmp_dialect_t  *dialect;

    (void) state;

    memset(&terms, 0, sizeof(replay_policy_t));
    document = "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{}}}";
    assert_int_equal(replay_policy_load(&terms, "test"), LLMP_OK);

    v = calloc(1, sizeof(replay_verdict_t));
    assert_non_null(v);
    llmp_scratch_init(&v->scratch, &terms.arena.pool);

    for (d = 0; d < llmp_ndialects; d++) {
        dialect = llmp_dialects[d];

        if (dialect->scope != NULL) {
            continue;
        }

        /* each parameter alone, all, and none */

        for (set = 0; set < LLMP_PARAM_MAX + 2; set++) {
            params = (set < LLMP_PARAM_MAX) ? llmp_mask(set)
                     : (set == LLMP_PARAM_MAX) ? llmp_mask(LLMP_PARAM_MAX) - 1
                     : 0;

            ask(&entry, params, numbers);
            assert_int_equal(replay_decide(v, &terms, &entry,
                                           dialect),
                             LLMP_OK);

            assert_int_equal(v->decision.refusal.code, LLMP_REFUSE_NONE);

            for (i = 0; i < LLMP_PARAM_MAX; i++) {
                asked = llmp_decision_param(&v->decision, i);

                if (!llmp_str_eq(&asked->requested, &entry.params[i].requested))
                {
                    fail_msg("%s: %s is \"%.*s\"", (char *) dialect->name.data,
                             (char *) llmp_params[i].name.data,
                             (int) asked->requested.len,
                             asked->requested.len != 0
                             ? (char *) asked->requested.data : "");
                }
            }
        }
    }

    free(v);
    replay_policy_free(&terms);
}


/* rules about members that a line does not contain are not applied */

static void
test_carried(void **state)
{
    replay_entry_t     entry;
    replay_policy_t    terms;
    replay_verdict_t  *v;

    (void) state;

    memset(&terms, 0, sizeof(replay_policy_t));
    document = "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"
               "\"parameters\":{\"seed\":{\"require\":true},"
               "\"/a\":{\"require\":true}}}},"
               "\"models\":[{\"match\":[\"m\"],\"parameters\":"
               "{\"n\":{\"require\":true}}}]}";
    assert_int_equal(replay_policy_load(&terms, "test"), LLMP_OK);

    v = calloc(1, sizeof(replay_verdict_t));
    assert_non_null(v);
    llmp_scratch_init(&v->scratch, &terms.arena.pool);

    memset(&entry, 0, sizeof(replay_entry_t));
    entry.model = test_str("m");

    assert_int_equal(replay_decide(v, &terms, &entry,
                                   llmp_dialects[0]),
                     LLMP_OK);
    assert_int_equal(v->decision.refusal.code, LLMP_REFUSE_NONE);
    assert_true(replay_policy_missing_params(&terms,
                                             terms.loaded->tiers)
                == (llmp_mask(LLMP_SEED) | llmp_mask(LLMP_N)));

    entry.present = llmp_mask(LLMP_SEED);

    assert_int_equal(replay_decide(v, &terms, &entry,
                                   llmp_dialects[0]),
                     LLMP_OK);
    assert_string_equal(v->decision.refusal.param, "seed");

    entry.present = llmp_mask(LLMP_N);

    assert_int_equal(replay_decide(v, &terms, &entry,
                                   llmp_dialects[0]),
                     LLMP_OK);
    assert_string_equal(v->decision.refusal.param, "n");

    free(v);
    replay_policy_free(&terms);
}


/* rules of a tenant hold in its tier, and in one that llm_policy_tier gave */

static void
test_tenant(void **state)
{
    size_t             i;
    replay_entry_t     entry;
    replay_policy_t    terms;
    replay_verdict_t  *v;

    static const struct {
        const char    *tenant;
        const char    *tier;
        unsigned       given;
        llmp_param_e   param;
        const char    *refused;
    } cases[] = {
        { "acme", "t", 0, LLMP_SEED, "seed" },
        { "acme", "u", 1, LLMP_SEED, "seed" },
        { "acme", "t", 0, LLMP_N, "n" },
        { "acme", "u", 1, LLMP_N, "" },
        { "acme", "u", 1, LLMP_TOP_P, "top_p" },
        { "plain", "t", 0, LLMP_SEED, "" },
        { "plain", "u", 1, LLMP_SEED, "" }
    };

    (void) state;

    memset(&terms, 0, sizeof(replay_policy_t));
    document = "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{"
               "\"t\":{\"parameters\":{\"n\":{\"require\":true}}},\"u\":{}},"
               "\"models\":[{\"match\":[\"m\"],\"tiers\":[\"u\"],"
               "\"parameters\":{\"top_p\":{\"require\":true}}}],"
               "\"tenants\":{\"plain\":{\"tier\":\"t\"},\"acme\":{\"tier\":"
               "\"t\",\"parameters\":{\"seed\":{\"require\":true}}}}}";
    assert_int_equal(replay_policy_load(&terms, "test"), LLMP_OK);

    v = calloc(1, sizeof(replay_verdict_t));
    assert_non_null(v);
    llmp_scratch_init(&v->scratch, &terms.arena.pool);

    for (i = 0; i < test_nelts(cases); i++) {
        memset(&entry, 0, sizeof(replay_entry_t));

        entry.model = test_str("m");
        entry.tenant = test_cstr(cases[i].tenant);
        entry.tier = test_cstr(cases[i].tier);
        entry.given_tier = cases[i].given;
        entry.present = llmp_mask(cases[i].param);

        assert_int_equal(replay_decide(v, &terms, &entry, llmp_dialects[0]),
                         LLMP_OK);
        assert_string_equal(v->decision.refusal.param, cases[i].refused);
        assert_str_is(v->named->name, cases[i].tier);
    }

    /* parameters with a rule that the log does not have */

    replay_policy_select_rules(&terms, 0);

    assert_true(replay_policy_missing_params(&terms, terms.loaded->tiers)
                == llmp_mask(LLMP_N));
    assert_true(replay_policy_missing_params(&terms,
                                             terms.loaded->tenants[1].tier)
                == (llmp_mask(LLMP_N) | llmp_mask(LLMP_SEED)));

    free(v);
    replay_policy_free(&terms);
}


/* without memory there is an error, and no request */

static void
test_no_memory(void **state)
{
    char               numbers[LLMP_PARAM_MAX][8];
    size_t             n;
    llmp_int_t         rc;
    llmp_arena_t       arena;
    replay_entry_t     entry;
    replay_policy_t    terms;
    replay_line_t     *es;
    replay_verdict_t  *v;

    (void) state;

    memset(&terms, 0, sizeof(replay_policy_t));
    document = "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"
               "\"parameters\":{\"temperature\":{\"force\":1}}}}}";
    assert_int_equal(replay_policy_load(&terms, "test"), LLMP_OK);

    v = calloc(1, sizeof(replay_verdict_t));
    assert_non_null(v);

    for (n = 1, rc = LLMP_ERROR; rc != LLMP_OK; n++) {
        llmp_arena_init(&arena);
        arena.fail_after = n;

        es = replay_line_create(&arena.pool);
        rc = LLMP_ERROR;

        if (es != NULL) {
            rc = read_line(es, &entry, HEAD "\"tier\":\"\\\"\"" TAIL, 0, 1);
            assert_true(rc == LLMP_OK || rc == LLMP_ERROR);
        }

        llmp_arena_reset(&arena);
    }

    ask(&entry, llmp_mask(LLMP_PARAM_MAX) - 1, numbers);

    for (n = 1, rc = LLMP_ERROR; rc != LLMP_OK; n++) {
        llmp_arena_init(&arena);
        arena.fail_after = n;
        llmp_scratch_init(&v->scratch, &arena.pool);

        rc = replay_decide(v, &terms, &entry, llmp_dialects[0]);
        assert_true(rc == LLMP_OK || rc == LLMP_ERROR);

        llmp_arena_reset(&arena);
    }

    assert_str_is(llmp_decision_param(&v->decision, LLMP_TEMPERATURE)->name,
                  "temperature");

    free(v);
    replay_policy_free(&terms);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_no_line),
        cmocka_unit_test(test_scalar),
        cmocka_unit_test(test_rebuild),
        cmocka_unit_test(test_carried),
        cmocka_unit_test(test_tenant),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
