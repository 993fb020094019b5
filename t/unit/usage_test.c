
/*
 * Copyright (C) llm-policy authors
 *
 * What responses say of tokens: of each API, in each format, however they are
 * split.
 */


#include "policy_run.h"

#include "llmp_usage.h"


#define JSON    "application/json"
#define SSE     "text/event-stream"
#define NDJSON  "application/x-ndjson"


typedef struct {
    const char     *dialect;
    const char     *type;
    const char     *body;
    int64_t         prompt;
    int64_t         completion;
    int64_t         total;
    uint64_t        text;
} case_t;


typedef struct {
    llmp_arena_t    policies;
    llmp_policy_t  *policy;
    llmp_arena_t    arena;
    llmp_usage_t    usage;
} fixture_t;


static llmp_int_t
prepare(fixture_t *f, const char *dialect, const char *type)
{
    llmp_str_t             name;
    const llmp_dialect_t  *d;

    name = test_cstr(dialect);
    d = llmp_dialect_find(&name);

    assert_non_null(d);

    llmp_arena_reset(&f->arena);

    name = test_cstr(type);

    /* it need not be cleared */

    memset(&f->usage, 0x5a, sizeof(llmp_usage_t));

    return llmp_usage_init(&f->usage, f->policy, d, &name, &f->arena.pool,
                           SEED);
}


/* pieces of a size, the first one of another */

static void
feed(llmp_usage_t *usage, const char *body, size_t len, size_t first,
    size_t size)
{
    size_t   pos, n;
    u_char  *piece;

    n = first;

    for (pos = 0; pos < len; pos += n, n = size) {

        if (n > len - pos) {
            n = len - pos;
        }

        piece = test_piece((const u_char *) body + pos, n);

        llmp_usage_feed(usage, piece, n);

        test_piece_gone(piece, n);
    }
}


static void
check(fixture_t *f, const case_t *c, size_t first, size_t size)
{
    llmp_usage_t  *usage;

    usage = &f->usage;

    assert_int_equal(prepare(f, c->dialect, c->type), LLMP_OK);

    feed(usage, c->body, strlen(c->body), first, size);

    llmp_usage_finish(usage);

    if (usage->prompt != c->prompt || usage->completion != c->completion
        || usage->total != c->total || usage->text != c->text)
    {
        fail_msg("%s: %s: pieces of %zu, then %zu: %jd %jd %jd %ju",
                 c->dialect, c->body, first, size, (intmax_t) usage->prompt,
                 (intmax_t) usage->completion, (intmax_t) usage->total,
                 (uintmax_t) usage->text);
    }
}


static void
check_all(fixture_t *f, const case_t *cases, size_t n)
{
    size_t  i, k;

    for (i = 0; i < n; i++) {
        check(f, &cases[i], SIZE_MAX, SIZE_MAX);
        check(f, &cases[i], 1, 1);

        for (k = 1; k < strlen(cases[i].body); k++) {
            check(f, &cases[i], k, SIZE_MAX);
        }
    }
}


static void
test_documents(void **state)
{
    static const case_t  cases[] = {

        { "openai.chat", JSON,
          "{\"id\":\"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\","
          "\"object\":\"chat.completion\",\"created\":1741569952,"
          "\"model\":\"gpt-5.4\",\"choices\":[{\"index\":0,\"message\":"
          "{\"role\":\"assistant\",\"content\":\"Hello!\",\"refusal\":null,"
          "\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
          "\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":10,"
          "\"total_tokens\":29,\"prompt_tokens_details\":"
          "{\"cached_tokens\":8,\"audio_tokens\":0},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":2}},"
          "\"service_tier\":\"default\"}\n",
          19, 10, 29, 6 },

        { "compatible.chat", "Application/JSON; charset=utf-8",
          "{\"choices\":[{\"message\":{\"content\":null,"
          "\"reasoning_content\":\"Hm\",\"tool_calls\":[{\"id\":\"c\","
          "\"type\":\"function\",\"function\":{\"name\":\"f\","
          "\"arguments\":\"{\\\"a\\\":1}\"}}]}}],"
          "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}",
          5, 7, 12, 11 },

        { "openai.completions", JSON,
          "{\"object\":\"text_completion\",\"choices\":[{\"text\":\"abc\","
          "\"logprobs\":{\"tokens\":[\"a\"],\"top_logprobs\":[{\"\\n\":-1,"
          "\"a\":-2,\"A\":-2,\"a\":-3}]}},{\"text\":\"de\"}],"
          "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,"
          "\"total_tokens\":12}}",
          5, 7, 12, 5 },

        { "openai.embeddings", JSON,
          "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\","
          "\"embedding\":[0.0023064255,-0.009327292],\"index\":0}],"
          "\"model\":\"text-embedding-ada-002\",\"usage\":"
          "{\"prompt_tokens\":8,\"total_tokens\":8}}",
          8, -1, 8, 0 },

        { "openai.responses", JSON,
          "{\"id\":\"resp_67cc\",\"object\":\"response\",\"output\":[{"
          "\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
          "\"text\":\"In a peaceful\",\"annotations\":[]}]}],"
          "\"text\":{\"format\":{\"type\":\"text\"}},"
          "\"usage\":{\"input_tokens\":36,\"input_tokens_details\":"
          "{\"cached_tokens\":0},\"output_tokens\":87,"
          "\"output_tokens_details\":{\"reasoning_tokens\":0},"
          "\"total_tokens\":123},\"user\":null}",
          36, 87, 123, 13 },

        { "openai.images", JSON,
          "{\"created\":1713833628,\"data\":[{\"b64_json\":\"AAAA\"}],"
          "\"usage\":{\"total_tokens\":100,\"input_tokens\":50,"
          "\"output_tokens\":50,\"input_tokens_details\":"
          "{\"text_tokens\":10,\"image_tokens\":40}}}",
          50, 50, 100, 0 },

        { "anthropic.messages", JSON,
          "{\"id\":\"msg_01\",\"type\":\"message\",\"role\":\"assistant\","
          "\"content\":[{\"type\":\"thinking\",\"thinking\":\"abc\","
          "\"signature\":\"EqQB\"},{\"type\":\"text\",\"text\":\"Hi!\"},"
          "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"w\","
          "\"input\":{\"a\":\"b\"}}],"
          "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":2095,"
          "\"cache_creation_input_tokens\":40,"
          "\"cache_read_input_tokens\":3,\"output_tokens\":503,"
          "\"cache_creation\":{\"ephemeral_5m_input_tokens\":40}}}",
          2138, 503, 2641, 15 },

        { "gemini.generate", JSON,
          "{\n  \"candidates\": [\n    {\n      \"content\": {\n"
          "        \"parts\": [ { \"text\": \"Hi\" } ],\n"
          "        \"role\": \"model\"\n      },\n"
          "      \"finishReason\": \"STOP\"\n    }\n  ],\n"
          "  \"usageMetadata\": {\n    \"promptTokenCount\": 8,\n"
          "    \"candidatesTokenCount\": 5,\n"
          "    \"thoughtsTokenCount\": 20,\n"
          "    \"toolUsePromptTokenCount\": 2,\n"
          "    \"totalTokenCount\": 35\n  }\n}\n",
          10, 25, 35, 2 },

        { "gemini.generate", JSON,
          "{\"candidates\":[{\"content\":{\"parts\":[{\"function_call\":"
          "{\"name\":\"f\",\"args\":{\"x\":1}}}]}}],\"usage_metadata\":"
          "{\"prompt_token_count\":8,\"candidates_token_count\":5}}",
          8, 5, 13, 7 },

        { "ollama", JSON,
          "{\"model\":\"llama3.2\",\"created_at\":\"2026-08-04T19:22:45Z\","
          "\"response\":\"The sky\",\"done\":true,\"context\":[1,2,3],"
          "\"total_duration\":5043500667,\"prompt_eval_count\":26,"
          "\"eval_count\":290}",
          26, 290, 316, 7 },

        { "cohere.chat", JSON,
          "{\"id\":\"c14c\",\"finish_reason\":\"COMPLETE\",\"message\":"
          "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
          "\"text\":\"LLMs\"}]},\"usage\":{\"billed_units\":"
          "{\"input_tokens\":5.0,\"output_tokens\":418.0},\"tokens\":"
          "{\"input_tokens\":71.0,\"output_tokens\":419}}}",
          71, 419, 490, 4 },

        { "cohere.chat", JSON,
          "{\"text\":\"LLMs\",\"meta\":{\"api_version\":{\"version\":\"1\"},"
          "\"billed_units\":{\"input_tokens\":5,\"output_tokens\":418}}}",
          5, 418, 423, 4 },

        { "bedrock.converse", JSON,
          "{\"metrics\":{\"latencyMs\":1175},\"output\":{\"message\":"
          "{\"content\":[{\"text\":\"Hey\"}],\"role\":\"assistant\"}},"
          "\"stopReason\":\"end_turn\",\"usage\":{\"inputTokens\":125,"
          "\"outputTokens\":60,\"totalTokens\":185,"
          "\"cacheReadInputTokens\":5,\"cacheWriteInputTokens\":0}}",
          130, 60, 185, 3 },

        { "bedrock.titan", JSON,
          "{\"inputTextTokenCount\":7,\"results\":[{\"tokenCount\":9,"
          "\"outputText\":\"abcd\",\"completionReason\":\"FINISH\"}]}",
          7, 9, 16, 4 },

        { "bedrock.llama", JSON,
          "{\"generation\":\"abc\",\"prompt_token_count\":8,"
          "\"generation_token_count\":4,\"stop_reason\":\"stop\"}",
          8, 4, 12, 3 },

        { "llamacpp.completion", JSON,
          "{\"content\":\"abc\",\"tokens_evaluated\":8,"
          "\"tokens_predicted\":4,\"timings\":{\"prompt_n\":3,"
          "\"predicted_n\":4}}",
          8, 4, 12, 3 },

        { "sglang.generate", JSON,
          "{\"text\":\" Paris\",\"meta_info\":{\"id\":\"x\","
          "\"prompt_tokens\":8,\"completion_tokens\":4,"
          "\"cached_tokens\":1}}",
          8, 4, 12, 6 },

        { "tgi.generate", JSON,
          "{\"generated_text\":\"abc\",\"details\":{\"finish_reason\":"
          "\"length\",\"generated_tokens\":20,\"prefill\":[]}}",
          -1, 20, -1, 3 }
    };

    check_all(*state, cases, test_nelts(cases));
}


static void
test_streams(void **state)
{
    static const case_t  cases[] = {

        { "openai.chat", SSE,
          "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":"
          "{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":null}\n\n"
          "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":"
          "{\"content\":\"Hello\"}}],\"usage\":null}\n\n"
          "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},"
          "\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"
          "data: {\"id\":\"c\",\"choices\":[],\"usage\":"
          "{\"prompt_tokens\":5,\"completion_tokens\":7,"
          "\"total_tokens\":12}}\n\n"
          "data: [DONE]\n\n",
          5, 7, 12, 5 },

        /* vLLM: continuous_usage_stats */

        { "compatible.chat", SSE,
          "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":"
          "{\"prompt_tokens\":5,\"total_tokens\":6,"
          "\"completion_tokens\":1}}\n\n"
          "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":"
          "{\"prompt_tokens\":5,\"total_tokens\":7,"
          "\"completion_tokens\":2}}\n\n",
          5, 2, 7, 2 },

        { "compatible.chat", SSE,
          "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"
          "\"x_groq\":{\"id\":\"r\",\"usage\":{\"queue_time\":0.05,"
          "\"prompt_tokens\":36,\"completion_tokens\":5,"
          "\"total_tokens\":41}}}\n\n",
          36, 5, 41, 0 },

        { "openai.responses", SSE,
          "event: response.output_text.delta\n"
          "data: {\"type\":\"response.output_text.delta\","
          "\"delta\":\"Hi\"}\n\n"
          "event: response.output_text.done\n"
          "data: {\"type\":\"response.output_text.done\","
          "\"text\":\"Hi\"}\n\n"
          "event: response.completed\n"
          "data: {\"type\":\"response.completed\",\"response\":{\"output\":"
          "[{\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}],"
          "\"usage\":{\"input_tokens\":37,\"output_tokens\":11,"
          "\"total_tokens\":48}}}\n\n",
          37, 11, 48, 2 },

        { "anthropic.messages", SSE,
          "event: message_start\r\n"
          "data: {\"type\":\"message_start\",\"message\":{\"content\":[],"
          "\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":4,"
          "\"output_tokens\":1}}}\r\n\r\n"
          "event: ping\r\ndata: {\"type\": \"ping\"}\r\n\r\n"
          "event: content_block_delta\r\n"
          "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
          "{\"type\":\"text_delta\",\"text\":\"Hello\"}}\r\n\r\n"
          "event: message_delta\r\n"
          "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
          "\"end_turn\"},\"usage\":{\"output_tokens\":15}}\r\n\r\n",
          29, 15, 44, 5 },

        { "anthropic.messages", SSE,
          "data: {\"message\":{\"usage\":{\"input_tokens\":25,"
          "\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\n"
          "data: {\"usage\":{\"input_tokens\":30,"
          "\"cache_read_input_tokens\":5,\"output_tokens\":9}}\n\n"
          "data: {\"usage\":{\"output_tokens\":15}}\n\n",
          35, 15, 50, 0 },

        { "gemini.generate", SSE,
          "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
          "\"ab\"}]}}],\"usageMetadata\":{\"promptTokenCount\":4,"
          "\"candidatesTokenCount\":1,\"totalTokenCount\":5}}\r\n\r\n"
          "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
          "\"cd\"}]}}],\"usageMetadata\":{\"promptTokenCount\":4,"
          "\"candidatesTokenCount\":3,\"totalTokenCount\":7}}\r\n\r\n",
          4, 3, 7, 4 },

        { "gemini.generate", JSON,
          "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"ab\"}]}}],"
          "\"usageMetadata\":{\"promptTokenCount\":4,"
          "\"candidatesTokenCount\":1}}\n,\r\n"
          "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"cd\"}]}}],"
          "\"usageMetadata\":{\"promptTokenCount\":4,"
          "\"candidatesTokenCount\":3}}\n]\n",
          4, 3, 7, 4 },

        { "ollama", NDJSON,
          "{\"message\":{\"role\":\"assistant\",\"content\":\"The\"},"
          "\"done\":false}\n"
          "{\"message\":{\"content\":\" sky\"},\"done\":false}\n"
          "{\"message\":{\"content\":\"\"},\"done\":true,"
          "\"prompt_eval_count\":26,\"eval_count\":298}\n",
          26, 298, 324, 7 },

        { "ollama", JSON,
          "{\"response\":\"The\",\"done\":false}\n"
          "{\"response\":\"\",\"done\":true,"
          "\"prompt_eval_count\":26,\"eval_count\":298}\n",
          26, 298, 324, 3 },

        { "cohere.chat", SSE,
          "event: content-delta\n"
          "data: {\"type\":\"content-delta\",\"index\":0,\"delta\":"
          "{\"message\":{\"content\":{\"text\":\"LL\"}}}}\n\n"
          "event: message-end\n"
          "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":"
          "\"COMPLETE\",\"usage\":{\"billed_units\":{\"input_tokens\":3,"
          "\"output_tokens\":13},\"tokens\":{\"input_tokens\":69,"
          "\"output_tokens\":14}}}}\n\n",
          69, 14, 83, 2 },

        { "tgi.generate", SSE,
          "data:{\"index\":1,\"token\":{\"id\":1,\"text\":\"ab\"},"
          "\"generated_text\":null,\"details\":null}\n\n"
          "data:{\"index\":2,\"token\":{\"id\":2,\"text\":\"c\"},"
          "\"generated_text\":\"abc\",\"details\":{\"generated_tokens\":2,"
          "\"input_length\":4}}\n\n",
          4, 2, 6, 3 }
    };

    check_all(*state, cases, test_nelts(cases));
}


static void
test_declined(void **state)
{
    size_t      i;
    fixture_t  *f = *state;

    static const char *const  types[] = {
        "", "text/html", "application/jsonp", "application/json+x",
        "audio/mpeg", "x application/json"
    };

    for (i = 0; i < test_nelts(types); i++) {
        assert_int_equal(prepare(f, "openai.chat", types[i]), LLMP_DECLINED);
        assert_int_equal(f->usage.prompt, -1);
        assert_int_equal(f->usage.text, 0);
    }
}


static int
setup(void **state)
{
    static fixture_t  f;

    llmp_arena_init(&f.policies);
    llmp_arena_init(&f.arena);

    f.policy = load_tier(&f.policies, "", "");

    *state = &f;

    return 0;
}


static int
teardown(void **state)
{
    fixture_t  *f = *state;

    llmp_policy_free(f->policy);
    llmp_arena_reset(&f->policies);
    llmp_arena_reset(&f->arena);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_declined)
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
