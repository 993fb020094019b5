
/*
 * Copyright (C) llm-policy authors
 *
 * Requests for the usage of streams: for which requests, and how they are
 * written.
 */


#include <stdio.h>

#include "decide_run.h"
#include "dialect/llmp_dialect.h"
#include "policy_load.h"
#include "test.h"


#define ASK  "\"stream_options\":{\"include_usage\":true}"


typedef struct {
    const char      *rules;
    const char      *body;
    const char      *sent;      /* NULL: unchanged */
    llmp_uint_t      asked;
} case_t;


typedef struct {
    policy_fixture_t  p;
    llmp_request_t    request;
    llmp_decision_t   decision;
} fixture_t;


static void
use(fixture_t *f, const char *rules)
{
    char  tier[512];

    snprintf(tier, sizeof(tier), "\"parameters\":{%s}", rules);

    policy_use(&f->p, tier, "");
}


static void
prepare(fixture_t *f, const char *dialect)
{
    llmp_str_t  name;

    name = test_cstr(dialect);

    llmp_request_init(&f->request);

    f->request.dialect = llmp_dialect_find(&name);
    f->request.stream_usage = 1;
}


static void
check(fixture_t *f, const char *body, const char *expected,
    llmp_uint_t asked)
{
    llmp_str_t  doc, sent;

    doc = test_cstr(body);

    llmp_arena_reset(&f->p.arena);

    if (decide_request(&f->p.arena, f->p.policy, &f->request, &doc,
                       &f->decision, &sent)
        != LLMP_OK)
    {
        fail_msg("%s: %s", body, f->decision.refusal.message);
    }

    text_is(&sent, expected != NULL ? expected : body, body);

    if (f->decision.added_usage != asked) {
        fail_msg("%s: added_usage is %zu", body,
                 (size_t) f->decision.added_usage);
    }
}


static void
test_asked(void **state)
{
    size_t      i;
    fixture_t  *f = *state;

    static const case_t  cases[] = {

        { "", "{\"stream\":true}", "{\"stream\":true," ASK "}", 1 },

        { "", "{\"stream\":true,\"stream_options\":null,\"a\":1}",
          "{\"stream\":true," ASK ",\"a\":1}", 1 },

        { "", "{\"stream_options\":{},\"stream\":true}",
          "{" ASK ",\"stream\":true}", 1 },

        { "", "{\"stream_options\":{\"include_obfuscation\":false},"
          "\"stream\":true}",
          "{\"stream_options\":{\"include_obfuscation\":false,"
          "\"include_usage\":true},\"stream\":true}", 1 },

        { "", "{\"stream_options\":{\"include_usage\":false},"
          "\"stream\":true}", "{" ASK ",\"stream\":true}", 1 },

        { "", "{\"stream_options\":{\"include_usage\":null},"
          "\"stream\":true}", "{" ASK ",\"stream\":true}", 1 },

        /*
         * requested by the client, or a value of the client that is not
         * corrected
         */

        { "", "{" ASK ",\"stream\":true}", NULL, 0 },

        { "", "{\"stream_options\":{\"include_usage\":1},\"stream\":true}",
          NULL, 0 },

        { "", "{\"stream_options\":{\"include_usage\":\"false\"},"
          "\"stream\":true}", NULL, 0 },

        { "", "{\"stream_options\":\"x\",\"stream\":true}", NULL, 0 },
        { "", "{\"stream_options\":[],\"stream\":true}", NULL, 0 },
        { "", "{\"stream_options\":false,\"stream\":true}", NULL, 0 },

        /* no stream; or a stream because of the policy */

        { "", "{\"model\":\"m\"}", NULL, 0 },
        { "", "{\"stream\":false}", NULL, 0 },
        { "", "{\"stream\":null}", NULL, 0 },
        { "", "{\"options\":{\"stream\":true}}", NULL, 0 },

        { "\"stream\":{\"force\":false}", "{\"stream\":true}",
          "{\"stream\":false}", 0 },

        { "\"stream\":{\"remove\":true}", "{\"stream\":true}", "{}", 0 },

        { "\"stream\":{\"force\":true}", "{\"stream\":false}",
          "{\"stream\":true," ASK "}", 1 },

        { "\"stream\":{\"default\":true}", "{}",
          "{\"stream\":true," ASK "}", 1 },

        { "\"stream\":{\"default\":true}", "{\"options\":{\"stream\":false}}",
          "{\"options\":{\"stream\":false},\"stream\":true," ASK "}", 1 },

        { "\"stream\":{\"default\":true}", "{\"stream\":false}", NULL, 0 },

        /* or because of its pointer */

        { "\"/stream\":{\"force\":true}", "{\"stream\":false}",
          "{\"stream\":true," ASK "}", 1 },

        { "\"/stream\":{\"force\":true}", "{\"a\":1}",
          "{\"a\":1,\"stream\":true," ASK "}", 1 },

        { "\"/stream\":{\"force\":true}",
          "{\"stream_options\":{},\"stream\":null}",
          "{" ASK ",\"stream\":true}", 1 },

        { "\"/stream\":{\"force\":false}", "{\"stream\":true}",
          "{\"stream\":false}", 0 },

        { "\"/stream\":{\"force\":\"true\"}", "{\"stream\":true}",
          "{\"stream\":\"true\"}", 0 },

        { "\"/stream\":{\"default\":true}", "{}",
          "{\"stream\":true," ASK "}", 1 },

        { "\"/stream\":{\"default\":true}", "{\"stream\":null}",
          "{\"stream\":true," ASK "}", 1 },

        { "\"/stream\":{\"default\":true}", "{\"stream\":false}", NULL, 0 },

        { "\"/stream\":{\"default\":false}", "{\"stream\":true}",
          "{\"stream\":true," ASK "}", 1 },

        { "\"/stream\":{\"remove\":true}",
          "{\"a\":1,\"stream\":true}", "{\"a\":1}", 0 },

        { "\"/stream\":{}", "{\"stream\":true}",
          "{\"stream\":true," ASK "}", 1 },

        /* rules about the member take precedence */

        { "\"/stream_options\":{\"remove\":true}",
          "{\"stream\":true}", NULL, 0 },

        { "\"/stream_options\":{\"remove\":true}",
          "{\"stream\":true," ASK "}", "{\"stream\":true}", 0 },

        { "\"/stream_options/include_usage\":{\"force\":true}",
          "{\"stream\":true}", "{\"stream\":true," ASK "}", 0 },

        { "\"/stream_options/include_obfuscation\":{\"force\":false}",
          "{\"stream\":true}",
          "{\"stream\":true,\"stream_options\":"
          "{\"include_obfuscation\":false}}", 0 },

        { "\"/user\":{\"force\":\"u\"}", "{\"stream\":true}",
          "{\"stream\":true,\"user\":\"u\"," ASK "}", 1 }
    };

    for (i = 0; i < test_nelts(cases); i++) {
        use(f, cases[i].rules);

        prepare(f, "openai.chat");
        check(f, cases[i].body, cases[i].sent, cases[i].asked);

        prepare(f, "compatible.chat");
        check(f, cases[i].body, cases[i].sent, cases[i].asked);

        prepare(f, "openai.completions");
        check(f, cases[i].body, cases[i].sent, cases[i].asked);
    }
}


/* it is not logged as a change by the policy */

static void
test_log(void **state)
{
    llmp_str_t  line;
    fixture_t  *f = *state;

    use(f, "");
    prepare(f, "openai.chat");

    check(f, "{\"stream\":true}", "{\"stream\":true," ASK "}", 1);

    assert_int_equal(f->decision.edits.nelts, 1);
    assert_int_equal(f->decision.nchanges, 0);

    line = llmp_decision_changes_line(&f->decision, &f->p.arena.pool);
    assert_str_is(line, "");
}


static void
test_not_asked(void **state)
{
    size_t                 i;
    fixture_t             *f = *state;
    const llmp_dialect_t  *d;

    use(f, "");

    prepare(f, "openai.chat");
    f->request.stream_usage = 0;
    check(f, "{\"stream\":true}", NULL, 0);

    /* a body that must not change */

    prepare(f, "openai.chat");
    f->request.digest = 1;
    check(f, "{\"stream\":true}", NULL, 0);

    f->request.change_signed = 1;
    check(f, "{\"stream\":true}", "{\"stream\":true," ASK "}", 1);

    /* APIs without this member */

    for (i = 0; llmp_dialects[i] != NULL; i++) {
        d = llmp_dialects[i];

        if (d->form || d->usage || d->scope != NULL || d->chooses) {
            continue;
        }

        prepare(f, (char *) d->name.data);
        check(f, "{\"stream\":true,\"stream_options\":null}", NULL, 0);
    }
}


/* refused: usage is not requested */

static void
test_refused(void **state)
{
    llmp_str_t  doc, sent;
    fixture_t  *f = *state;

    use(f, "\"n\":{\"max\":1,\"on_violation\":\"reject\"}");
    prepare(f, "openai.chat");

    doc = test_str("{\"stream\":true,\"n\":2}");

    llmp_arena_reset(&f->p.arena);

    assert_int_equal(decide_request(&f->p.arena, f->p.policy, &f->request, &doc,
                                    &f->decision, &sent),
                     LLMP_ERROR);
    assert_int_equal(f->decision.added_usage, 0);
    assert_int_equal(f->decision.edits.nelts, 0);
}


/* each failed allocation refuses the request, or the member is complete */

static void
test_no_memory(void **state)
{
    size_t       n, failed;
    llmp_str_t   doc, sent;
    fixture_t   *f = *state;

    use(f, "\"stream\":{\"force\":true}");
    prepare(f, "openai.chat");

    doc = test_str("{\"stream_options\":{\"a\":1}}");
    failed = 0;

    for (n = 1; ; n++) {
        llmp_arena_reset(&f->p.arena);

        f->p.arena.allocs = 0;
        f->p.arena.fail_after = n;

        if (decide_request(&f->p.arena, f->p.policy, &f->request, &doc,
                           &f->decision, &sent)
            == LLMP_OK)
        {
            break;
        }

        /* refused, or the edits were not applied here */

        assert_int_equal(f->decision.added_usage, f->decision.edits.nelts != 0);

        failed++;
    }

    f->p.arena.fail_after = 0;

    assert_true(failed > 3);
    assert_str_is(sent, "{\"stream_options\":{\"a\":1,\"include_usage\":true},"
                        "\"stream\":true}");
}


static int
setup(void **state)
{
    static fixture_t  f;

    policy_init(&f.p);

    *state = &f;

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_not_asked),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("decide_stream_usage", tests, setup,
                                       policy_teardown);
}
