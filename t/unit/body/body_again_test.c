
/*
 * Copyright (C) llm-policy authors
 *
 * A second decision on a body, by another policy: it is that of a body that was
 * read for this policy alone.
 */


#include "decide/llmp_difference.h"
#include "decide_run.h"
#include "dialect/llmp_dialect.h"
#include "policy_load.h"
#include "test.h"


#define FREE  "'parameters':{'temperature':{'max':1},'n':{'max':2},"          \
              "'/metadata/trace':{'remove':true}}"


typedef struct {
    policy_fixture_t  first;
    policy_fixture_t  second;
} again_fixture_t;


typedef struct {
    const char  *dialect;
    const char  *body;
    const char  *found;     /* differences */
} again_case_t;


static const again_case_t  cases[] = {

    { "openai.chat", "{}", "temperature newly_changed" },
    { "openai.chat", "{'temperature':0.2}", "" },
    { "openai.chat", "{'temperature':0.7}", "temperature newly_changed" },
    { "openai.chat", "{'temperature':3}", "temperature changed_otherwise" },
    { "openai.chat", "{'temperature':0.5,'n':3}", "n no_longer_changed" },
    { "openai.chat", "{'temperature':0.5,'top_p':1}", "top_p newly_refused" },
    { "openai.chat", "{'temperature':'3'}", "" },
    { "openai.chat", "{'temperature':0.5,'n':'3'}", "n no_longer_refused" },
    { "openai.chat", "{'temperature':0.5,'metadata':{'trace':[1,{}]}}",
      "other newly_refused" },
    { "openai.chat", "{'model':'x','temperature':0.5}",
      "model newly_refused" },
    { "openai.chat", "{'temperature':0.5", "" },
    { "ollama", "{'options':{'temperature':3}}",
      "temperature changed_otherwise" },
    { "gemini.generate", "{'generationConfig':{'temperature':0.75}}",
      "temperature newly_changed" },
    { "anthropic.messages",
      "{'thinking':{'type':'enabled','budget_tokens':1024}}", "" },
    { "generate", "{'text':'t','sampling_params':{'temperature':3}}",
      "temperature changed_otherwise" },
    { "generate", "{'inputs':'t'}", "temperature newly_changed" }
};


static int
setup(void **state)
{
    static again_fixture_t  f;

    policy_init(&f.first);
    policy_init(&f.second);

    *state = &f;

    return 0;
}


static int
teardown(void **state)
{
    void             *one;
    again_fixture_t  *f = *state;

    one = &f->first;
    policy_teardown(&one);

    one = &f->second;

    return policy_teardown(&one);
}


static void
use(policy_fixture_t *f, const char *tier)
{
    char  text[512];

    quote(text, sizeof(text), tier);
    policy_use(f, text, "");
}


/* reads a body once, or as often as its kind wants to */

static llmp_int_t
read_body(llmp_body_t *body, const policy_fixture_t *f, const char *dialect,
    const llmp_str_t *text, llmp_pool_t *pool)
{
    llmp_int_t      rc;
    llmp_str_t      name;
    llmp_caller_t   caller;
    llmp_request_t  request;

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = f->policy->default_tier;

    name = test_cstr(dialect);

    llmp_request_init(&request);
    request.dialect = llmp_dialect_find(&name);

    assert_int_equal(llmp_body_init(body, f->policy, &request, &caller, pool,
                                    SEED), LLMP_OK);

    (void) llmp_body_feed(body, text->data, text->len);
    rc = llmp_body_decide(body);

    if (rc == LLMP_DECLINED) {
        assert_int_equal(llmp_body_restart(body), LLMP_OK);
        (void) llmp_body_feed(body, text->data, text->len);
        rc = llmp_body_decide(body);
    }

    return rc;
}


static void
note(void *data, llmp_uint_t row, llmp_difference_e kind)
{
    char  *found = data;

    assert_string_equal(found, "");

    strcat(found, llmp_difference_row_name(row));
    strcat(found, " ");
    strcat(found, llmp_difference_name(kind));
}


static void
test_same_decision(void **state)
{
    char              quoted[256], found[256];
    size_t            i;
    llmp_str_t        text;
    llmp_int_t        rc;
    llmp_body_t      *one, *two;
    llmp_pool_t      *pool;
    llmp_decision_t  *again, *alone;
    again_fixture_t  *f = *state;

    use(&f->first, FREE);
    use(&f->second, "'parameters':{'temperature':{'default':0.1,'max':0.5},"
        "'top_p':{'deny':true},'/metadata/trace':{'deny':true}},"
        "'models':{'deny':['x']}");

    for (i = 0; i < test_nelts(cases); i++) {
        quote(quoted, sizeof(quoted), cases[i].body);
        text = test_cstr(quoted);

        llmp_arena_reset(&f->first.arena);
        pool = &f->first.arena.pool;

        one = llmp_body_create(pool);
        two = llmp_body_create(pool);
        again = llmp_palloc(pool, sizeof(llmp_decision_t));

        assert_true(one != NULL && two != NULL && again != NULL);

        (void) read_body(one, &f->first, cases[i].dialect, &text, pool);

        again->policy = f->second.policy;
        again->tier = f->second.policy->default_tier;

        assert_true(llmp_body_can_decide_again(one, again->policy,
                                               again->tier));

        rc = llmp_body_decide_again(one, again);

        assert_int_equal(read_body(two, &f->second, cases[i].dialect, &text,
                                   pool), rc);

        alone = llmp_body_decision(two);

        same_refusal(&again->refusal, &alone->refusal);
        same_edits(&again->edits, &alone->edits);

        found[0] = '\0';

        assert_int_equal(llmp_difference_find(llmp_body_decision(one), again,
                                              note, found),
                         cases[i].found[0] != '\0');
        assert_string_equal(found, cases[i].found);
    }
}


static void
test_not_enough_was_read(void **state)
{
    size_t            i;
    llmp_str_t        text = llmp_string("{}");
    llmp_body_t      *body;
    again_fixture_t  *f = *state;

    static const struct {
        const char   *dialect;
        const char   *tier;
        llmp_uint_t   enough;
    } rows[] = {
        { "openai.chat", FREE, 1 },
        { "openai.chat", "'parameters':{'/metadata/trace':{'default':1}}", 1 },
        { "openai.chat", "'parameters':{}", 0 },
        { "openai.chat", "'parameters':{'/user':{'default':1},"
          "'/metadata/trace':{'default':1}}", 0 },
        { "openai.chat", "'unknown_members':'reject'," FREE, 0 },
        { "anthropic.batches", FREE, 0 }
    };

    use(&f->first, FREE);

    for (i = 0; i < test_nelts(rows); i++) {
        use(&f->second, rows[i].tier);

        llmp_arena_reset(&f->first.arena);

        body = llmp_body_create(&f->first.arena.pool);
        assert_non_null(body);

        (void) read_body(body, &f->first, rows[i].dialect, &text,
                         &f->first.arena.pool);

        assert_int_equal(llmp_body_can_decide_again(body, f->second.policy,
                                          f->second.policy->default_tier),
                         rows[i].enough);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_same_decision),
        cmocka_unit_test(test_not_enough_was_read)
    };

    return cmocka_run_group_tests_name("body_again", tests, setup, teardown);
}
