
/*
 * Copyright (C) llm-policy authors
 *
 * Names of models, as clients write them: a fact has effect for the family's
 * models behind any provider, region or version, and for no other model.
 */


#include "dialect/llmp_known_models.h"

#include "test.h"


static const llmp_facts_t *facts_of(const char *model, llmp_param_e param);


/* max_completion_tokens, and no temperature */

static const char *const  reasoning[] = {
    "o1", "o1-mini", "o1-preview-2024-09-12", "o3", "o3-mini", "o3-pro",
    "o4-mini-2025-04-16", "o5", "O3-Mini", "openai/o3", "openai.o3",
    "ft:o4-mini-2025-04-16:acme::x", "azure/o3-mini", "prod-o3-mini",
    "openai/ft:o4-mini-2025-04-16:acme::x", "openai/o3-mini:online",
    "gpt-5", "gpt-5-mini", "gpt-5-nano-2025-08-07", "gpt-5.1", "gpt-5.4-pro",
    "gpt-5.6-sol", "gpt-5-codex", "gpt-6-sol", "gpt-6-astra", "gpt-6.1",
    "gpt-7", "gpt-10", "openai/gpt-5.4", "openai/gpt-5:free",
    "github_copilot/gpt-5-mini", "ft:gpt-5-mini:acme::x", "gpt5", "gpt5-mini",
    "prod-gpt5", "prod-gpt-5-eu", "eu_gpt54_prod", "GPT-5", "gpt-5-chatbot",
    "azure/prod-gpt5"
};


/* max_completion_tokens alone */

static const char *const  chat[] = {
    "gpt-5-chat-latest", "gpt-5.2-chat-latest", "openai/gpt-5-chat"
};


/* temperature, or top_p */

static const char *const  either[] = {
    "claude-opus-4-1", "claude-opus-4-1-20250805", "claude-opus-4-5-20251101",
    "claude-sonnet-4-5", "claude-sonnet-4-5@20250929", "claude-haiku-4-5",
    "claude-sonnet-4-6", "claude-opus-4-6", "anthropic/claude-sonnet-4.5",
    "anthropic/claude-4.5-sonnet",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-opus-4-1-20250805-v1:0",
    "bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0",
    "vertex_ai/claude-opus-4-1@20250805", "Claude-Opus-4.5",
    ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
     "us.anthropic.claude-sonnet-4-5-20250929-v1:0")
};


/* neither */

static const char *const  fixed[] = {
    "claude-opus-4-7", "claude-opus-4-8", "claude-opus-4.7",
    "anthropic/claude-4.7-opus", "claude-opus-5", "claude-opus-5-5",
    "claude-haiku-5-5", "claude-sonnet-5", "claude-fable-5", "claude-mythos-5",
    "eu.anthropic.claude-sonnet-5-20260801-v1:0", "claude-opus-6-1"
};


static const char *const  others[] = {
    "", "/", "ft:", "ft:gpt-4o-2024-08-06:acme:o3-mini:x",
    "ft:gpt-4.1:gpt-5::x",
    "gpt-4o", "gpt-4o-mini", "gpt-4", "gpt-4-1106-preview", "gpt-4.1",
    "prod-gpt41", "gpt-35-turbo", "gpt35", "gpt-3.5-turbo", "gpt-oss-120b",
    "openai/gpt-oss-20b", "gpt-image-2", "gpt-realtime", "gpt", "chatgpt-4o",
    "gpt-4o-o3", "marco-o1", "Skywork-o1-Open", "o365", "o11y", "o", "o1x",
    "foo1", "solo3-mini", "claude-3-5-sonnet-20241022",
    "claude-3-opus-20240229", "claude-3-7-sonnet", "claude-opus-4-20250514",
    "claude-opus-4",
    "claude-sonnet-4@20250514", "claude-sonnet-4-20250514",
    "anthropic.claude-opus-4-20250514-v1:0", "claude-instant-1.2",
    "anthropic.claude-v2:1", "claude-2.1", "anthropic.claude-instant-v1",
    "claude", "gemini-2.5-pro", "llama-5", "deepseek-r1", "grok-5",
    "mistral-large-2512", "a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-gpt-5",
    "1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-o", "99999999999999999999gpt",
    "arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc5x9"
};


static void
test_openai(void **state)
{
    size_t               i;
    const llmp_facts_t  *facts;

    (void) state;

    for (i = 0; i < sizeof(reasoning) / sizeof(reasoning[0]); i++) {
        facts = facts_of(reasoning[i], LLMP_MAX_TOKENS);

        if (facts == NULL || !llmp_str_is(&facts->as, "max_completion_tokens"))
        {
            fail_msg("%s: no name of max_tokens", reasoning[i]);
        }

        facts = facts_of(reasoning[i], LLMP_TEMPERATURE);

        if (facts == NULL || facts->takes == NULL || facts->ntakes != 0) {
            fail_msg("%s: takes temperature", reasoning[i]);
        }
    }

    for (i = 0; i < sizeof(chat) / sizeof(chat[0]); i++) {
        facts = facts_of(chat[i], LLMP_MAX_TOKENS);

        if (facts == NULL || !llmp_str_is(&facts->as, "max_completion_tokens")
            || facts_of(chat[i], LLMP_TEMPERATURE) != NULL)
        {
            fail_msg("%s", chat[i]);
        }
    }
}


static void
test_claude(void **state)
{
    size_t               i;
    const llmp_facts_t  *facts;

    (void) state;

    for (i = 0; i < sizeof(either) / sizeof(either[0]); i++) {
        facts = facts_of(either[i], LLMP_TEMPERATURE);

        if (facts == NULL || facts->not_beside != llmp_mask(LLMP_TOP_P)
            || facts->takes != NULL
            || facts_of(either[i], LLMP_TOP_K) != NULL)
        {
            fail_msg("%s", either[i]);
        }
    }

    for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        facts = facts_of(fixed[i], LLMP_TOP_P);

        if (facts == NULL || facts->takes == NULL || facts->ntakes != 0
            || facts_of(fixed[i], LLMP_MAX_TOKENS) != NULL)
        {
            fail_msg("%s", fixed[i]);
        }
    }
}


static void
test_others(void **state)
{
    size_t      i;
    llmp_str_t  model;

    (void) state;

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        model.data = (u_char *) others[i];
        model.len = strlen(others[i]);

        if (llmp_known_models_find(&model) != NULL) {
            fail_msg("%s has facts", others[i]);
        }
    }
}


/* all facts are about parameters that LLMP_KNOWN_MODELS_PARAMS has */

static void
test_params(void **state)
{
    uint64_t                  params;
    llmp_str_t                model;
    const char               *names[] = {
        "gpt-5", "gpt-5-chat", "claude-opus-4-5", "claude-opus-5", NULL
    };
    const char              **name;
    const llmp_known_fact_t  *fact;

    (void) state;

    for (name = names; *name != NULL; name++) {
        model.data = (u_char *) *name;
        model.len = strlen(*name);

        fact = llmp_known_models_find(&model);
        assert_non_null(fact);

        for ( /* void */ ; fact->param != LLMP_PARAM_MAX; fact++) {
            params = fact->facts.not_beside;

            if (fact->facts.as.len == 0) {
                params |= llmp_mask(fact->param);
            }

            assert_int_equal(params & ~LLMP_KNOWN_MODELS_PARAMS, 0);
        }
    }
}


/* returns the facts about a parameter of a model, or NULL */

static const llmp_facts_t *
facts_of(const char *model, llmp_param_e param)
{
    static llmp_facts_t       facts;
    llmp_str_t                name;
    llmp_uint_t               found;
    const llmp_known_fact_t  *fact;

    found = 0;
    memset(&facts, 0, sizeof(facts));

    name.data = (u_char *) model;
    name.len = strlen(model);

    fact = llmp_known_models_find(&name);

    for ( /* void */ ; fact && fact->param != LLMP_PARAM_MAX; fact++) {
        if (fact->param == param) {
            llmp_facts_add(&facts, &fact->facts);
            found = 1;
        }
    }

    return found ? &facts : NULL;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_openai),
        cmocka_unit_test(test_claude),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_params)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
