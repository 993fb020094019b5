
/*
 * Copyright (C) llm-policy authors
 *
 * The maximum number of tokens in the responses to a request.
 */


#include <stdio.h>

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


typedef struct {
    const char  *rules;
    const char  *dialect;
    const char  *body;
    uint64_t     output;
} output_case_t;


#define CHAT  "openai.chat"


static const output_case_t  cases[] = {

    /* the requested maximum, as far as it is known */
    { "{}", CHAT, "{}", 0 },
    { "{}", CHAT, "{\"max_tokens\":100}", 100 },
    { "{}", CHAT, "{\"max_tokens\":1e2}", 100 },
    { "{}", CHAT, "{\"max_tokens\":100.9}", 100 },
    { "{}", CHAT, "{\"max_tokens\":-1}", 0 },
    { "{}", CHAT, "{\"max_tokens\":null}", 0 },
    { "{}", CHAT, "{\"max_tokens\":\"100\"}", 0 },
    { "{}", CHAT, "{\"max_tokens\":1e300}", LLMP_DECISION_TOKENS_MAX },
    { "{}", CHAT, "{\"max_tokens\":4000000000,\"n\":4000000000}",
      LLMP_DECISION_TOKENS_MAX },
    { "{}", "bedrock.titan", "{}", 512 },
    { "{}", "ollama", "{\"options\":{\"num_predict\":7}}", 7 },

    /* several choices */
    { "{}", CHAT, "{\"max_tokens\":100,\"n\":3}", 300 },
    { "{}", CHAT, "{\"max_tokens\":100,\"n\":0}", 100 },

    /* under any of its names, the largest */
    { "{}", CHAT, "{\"max_tokens\":1,\"max_completion_tokens\":100}", 100 },
    { "{}", CHAT, "{\"max_completion_tokens\":100,\"max_tokens\":1}", 100 },
    { "{}", CHAT, "{\"n_predict\":100}", 100 },

    /* thinking that is off says nothing about the rest */
    { "{\"max_tokens\":{\"default\":20}}", CHAT,
      "{\"thinking_budget_tokens\":0}", 20 },
    { "{\"max_tokens\":{\"max\":50}}", CHAT,
      "{\"thinking_budget\":0,\"max_tokens\":7}", 7 },

    /* a budget of thinking: beside max_tokens, or part of it */
    { "{}", CHAT, "{\"max_tokens\":100,\"thinking_budget\":50}", 150 },
    { "{}", CHAT, "{\"thinking_budget\":50,\"n\":2}", 100 },
    { "{}", CHAT, "{\"max_tokens\":100,\"reasoning\":{\"max_tokens\":50}}",
      100 },
    { "{\"thinking_budget\":{\"max\":20}}", CHAT,
      "{\"max_tokens\":100,\"thinking_budget\":-1}", 120 },
    { "{\"thinking_budget\":{\"max\":20}}", CHAT,
      "{\"max_tokens\":100,\"thinking_budget\":0}", 100 },
    { "{}", "anthropic.messages",
      "{\"max_tokens\":100,\"thinking\":{\"budget_tokens\":50}}", 100 },
    { "{}", "anthropic.messages",
      "{\"max_tokens\":100,\"thinking\":{\"budget_tokens\":500}}", 500 },
    { "{\"max_tokens\":{\"max\":4096}}", "anthropic.messages",
      "{\"thinking\":{\"budget_tokens\":9000}}", 4096 },
    { "{\"max_tokens\":{\"max\":9}}", "anthropic.messages",
      "{\"thinking\":{\"budget_tokens\":9000}}", 9 },
    { "{\"thinking_budget\":{\"max\":5}}", "gemini.generate",
      "{\"generationConfig\":{\"maxOutputTokens\":9}}", 9 },
    { "{}", "gemini.generate", "{\"generationConfig\":{\"maxOutputTokens\":9,"
      "\"thinkingConfig\":{\"thinkingBudget\":5}}}", 9 },

    /* after the policy's changes */
    { "{\"max_tokens\":{\"max\":50}}", CHAT, "{\"max_tokens\":100}", 50 },
    { "{\"max_tokens\":{\"max\":50}}", CHAT, "{\"max_tokens\":10}", 10 },
    { "{\"max_tokens\":{\"max\":50}}", CHAT, "{\"max_tokens\":null}", 50 },
    { "{\"max_tokens\":{\"max\":50}}", CHAT, "{}", 50 },
    { "{\"max_tokens\":{\"max\":50,\"default\":20}}", CHAT, "{}", 20 },
    { "{\"max_tokens\":{\"force\":30}}", CHAT, "{}", 30 },
    { "{\"max_tokens\":{\"force\":30}}", CHAT, "{\"max_tokens\":5}", 30 },
    { "{\"max_tokens\":{\"remove\":true}}", CHAT, "{\"max_tokens\":5}", 0 },
    { "{\"max_tokens\":{\"max\":50},\"n\":{\"max\":2}}", CHAT, "{\"n\":9}",
      100 },

    /* pointers */
    { "{\"/max_completion_tokens\":{\"max\":50}}", CHAT,
      "{\"max_completion_tokens\":100}", 50 },
    { "{\"/max_completion_tokens\":{\"max\":50}}", CHAT,
      "{\"max_completion_tokens\":-1}", 50 },
    { "{\"/max_completion_tokens\":{\"max\":50}}", CHAT,
      "{\"max_completion_tokens\":100,\"max_tokens\":70}", 70 },
    { "{\"/max_completion_tokens\":{\"force\":30}}", CHAT, "{}", 30 },
    { "{\"/max_completion_tokens\":{\"default\":30}}", CHAT,
      "{\"max_completion_tokens\":null}", 30 },
    { "{\"/max_tokens\":{\"remove\":true}}", CHAT, "{\"max_tokens\":7}", 0 },
    { "{\"/max_completion_tokens\":{\"remove\":true},"
      "\"max_tokens\":{\"max\":50}}", CHAT,
      "{\"max_tokens\":7,\"max_completion_tokens\":8}", 7 },
    { "{\"/options/num_predict\":{\"max\":50}}", "ollama",
      "{\"options\":{\"num_predict\":100}}", 50 },
    { "{\"/options/num_predict\":{\"force\":50}}", "ollama", "{}", 50 },
    { "{\"/options\":{\"remove\":true}}", "ollama",
      "{\"options\":{\"num_predict\":100}}", 0 },
    { "{\"/max_completion_tokens\":{\"default\":5,\"max\":9},"
      "\"max_tokens\":{\"max\":50}}", CHAT, "{\"model\":\"o1\"}", 5 },
    { "{\"/n\":{\"max\":2}}", CHAT, "{\"max_tokens\":100,\"n\":9}", 200 },
    { "{\"/max_tokens\":{\"max\":50}}", "anthropic.batches",
      "{\"requests\":[{\"params\":{\"max_tokens\":10}},"
      "{\"params\":{\"max_tokens\":90}}]}", 60 },

    /* one choice if "n" is absent, also if the API does not have it */
    { "{\"n\":{\"max\":8}}", CHAT, "{\"max_tokens\":100}", 100 },
    { "{\"n\":{\"max\":8}}", "anthropic.messages", "{\"max_tokens\":100}",
      100 },
    { "{\"n\":{\"max\":8}}", "gemini.generate", "{\"generationConfig\":"
      "{\"maxOutputTokens\":100}}", 100 },
    { "{\"n\":{\"default\":3}}", CHAT, "{\"max_tokens\":100}", 300 },
    { "{\"n\":{\"min\":2}}", CHAT, "{\"max_tokens\":100}", 200 },

    /* a known value of the API, not the bound */
    { "{\"max_tokens\":{\"max\":4096}}", "bedrock.titan", "{}", 512 },
    { "{\"max_tokens\":{\"max\":100}}", "bedrock.titan", "{}", 100 },

    /* 0 for an API that generates nothing */
    { "{}", "openai.embeddings", "{\"max_tokens\":100}", 0 },

    /* the sum of all requests of a batch */
    { "{\"max_tokens\":{\"max\":50}}", "anthropic.batches",
      "{\"requests\":[{\"params\":{\"model\":\"m\",\"max_tokens\":10}},"
      "{\"params\":{\"model\":\"m\",\"max_tokens\":90}}]}", 60 }
};


static void
test_output(void **state)
{
    size_t           i;
    char             tier[512];
    llmp_int_t       rc;
    llmp_str_t       body, sent;
    llmp_arena_t     arena;
    llmp_policy_t   *policy;
    llmp_decision_t  d;

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        llmp_arena_init(&arena);

        snprintf(tier, sizeof(tier), "\"parameters\":%s", cases[i].rules);
        policy = load_tier(&arena, tier, "");
        body = test_cstr(cases[i].body);

        rc = decide_as(&arena, policy, cases[i].dialect, &body, &d, &sent);

        if (rc != LLMP_OK || d.output != cases[i].output) {
            fail_msg("%s, %s: %llu, %s", cases[i].rules, cases[i].body,
                     (unsigned long long) d.output, d.refusal.message);
        }

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_output)
    };

    return cmocka_run_group_tests_name("decide_output", tests, NULL, NULL);
}
