
/*
 * Copyright (C) llm-policy authors
 *
 * A path of two APIs: the body chooses the dialect, wherever the member that
 * tells them apart is.
 */


#include <stdio.h>

#include "decide_run.h"
#include "dialect/llmp_dialect.h"
#include "policy_load.h"
#include "test.h"


#define SGLANG  "sglang.generate"
#define TGI     "tgi.generate"
#define NONE    "generate"

#define BOUND   "'sampling_params':{'temperature':0.5}"
#define PARAMS  "'parameters':{'temperature':0.5}"


typedef struct {
    const char  *body;
    const char  *dialect;
    const char  *sent;     /* or the name of a refusal */
} case_t;


static const case_t  cases[] = {

    /* a bound is written where the API reads it */

    { "{'text':'t'}", SGLANG, "{'text':'t'," BOUND "}" },
    { "{'text':['t','u']}", SGLANG, "{'text':['t','u']," BOUND "}" },
    { "{'input_ids':[1,2]}", SGLANG, "{'input_ids':[1,2]," BOUND "}" },
    { "{'input_embeds':[[1]]}", SGLANG, "{'input_embeds':[[1]]," BOUND "}" },
    { "{'inputs':'i'}", TGI, "{'inputs':'i'," PARAMS "}" },

    /* before and after the member, and next to the object of the other API */

    { "{'sampling_params':{'temperature':1},'text':'t'}", SGLANG,
      "{" BOUND ",'text':'t'}" },
    { "{'sampling_params':null,'a':[{}],'text':'t'}", SGLANG,
      "{" BOUND ",'a':[{}],'text':'t'}" },
    { "{'sampling_params':[{'temperature':1},{}],'text':['t','u']}", SGLANG,
      "{'sampling_params':[{'temperature':0.5},{'temperature':0.5}],"
      "'text':['t','u']}" },
    { "{'parameters':{'temperature':0.1},'text':'t'}", SGLANG,
      "{'parameters':{'temperature':0.1},'text':'t'," BOUND "}" },
    { "{'sampling_params':{'temperature':0.1},'inputs':'i'}", TGI,
      "{'sampling_params':{'temperature':0.1},'inputs':'i'," PARAMS "}" },
    { "{'parameters':{'temperature':9},'x':'y','inputs':'i'}", TGI,
      "{" PARAMS ",'x':'y','inputs':'i'}" },
    { "{'parameters':{},'inputs':'i','sampling_params':{'temperature':9}}",
      TGI, "{" PARAMS ",'inputs':'i','sampling_params':{'temperature':0.5}}" },
    { "{'text':null,'inputs':'i'}", TGI, "{'text':null,'inputs':'i'," PARAMS
      "}" },
    { "{'x':{'text':'t'},'inputs':'i'}", TGI,
      "{'x':{'text':'t'},'inputs':'i'," PARAMS "}" },

    /* two APIs, none, and what is refused in any case */

    { "{'text':'t','inputs':'i'}", SGLANG, "ambiguous_member" },
    { "{'inputs':'i','a':1,'input_ids':[]}", TGI, "ambiguous_member" },
    { "{'text':'t','input_ids':[1],'inputs':{}}", SGLANG,
      "ambiguous_member" },
    { "{'text':'t','input_ids':[1]}", SGLANG,
      "{'text':'t','input_ids':[1]," BOUND "}" },
    { "{'a':1}", NONE, "parameter_required" },
    { "{'text':null,'inputs':null}", NONE, "parameter_required" },
    { "{'parameters':{'text':'t'},'prompt':'p'}", NONE,
      "parameter_required" },
    { "{'a':1,'a':2}", NONE, "duplicate_member" },
    { "{'text':'t','text':'u'}", SGLANG, "duplicate_member" },
    { "{'TEXT':'t','a':1}", NONE, "ambiguous_member" },
    { "{'text':'t','dynatemp_range':1}", SGLANG, "undermines_policy" }
};


static void
test_cases(void **state)
{
    char               body[256], sent[256];
    size_t             i;
    llmp_int_t         rc;
    llmp_str_t         doc, result;
    const char        *name;
    llmp_decision_t    decision;
    policy_fixture_t  *f = *state;

    policy_use(f, "\"parameters\":{\"temperature\":{\"max\":0.5}}", "");

    for (i = 0; i < test_nelts(cases); i++) {
        quote(body, sizeof(body), cases[i].body);
        quote(sent, sizeof(sent), cases[i].sent);

        doc = test_cstr(body);

        llmp_arena_reset(&f->arena);

        rc = decide_as(&f->arena, f->policy, NONE, &doc, &decision, &result);

        if (rc != LLMP_OK) {
            name = llmp_refusal_name(decision.refusal.code);
            result = test_cstr(name);
        }

        text_is(&result, sent, body);

        if (rc == LLMP_OK) {
            assert_string_equal((char *) decision.dialect->name.data,
                                cases[i].dialect);
        }
    }
}


/* the message lists the members, each with its API */

static void
test_message(void **state)
{
    llmp_str_t         doc = llmp_string("{}"), result;
    llmp_decision_t    decision;
    policy_fixture_t  *f = *state;

    llmp_arena_reset(&f->arena);

    assert_int_equal(decide_as(&f->arena, f->policy, NONE, &doc, &decision,
                               &result), LLMP_ERROR);

    assert_string_equal(decision.refusal.message,
                        "several APIs have this path: the request must have "
                        "text or input_ids or input_embeds (sglang.generate), "
                        "or inputs (tgi.generate)");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_message)
    };

    return cmocka_run_group_tests_name("body_choice", tests, policy_setup,
                                       policy_teardown);
}
