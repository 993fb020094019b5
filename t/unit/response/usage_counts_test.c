
/*
 * Copyright (C) llm-policy authors
 *
 * Numbers of tokens that responses report: which include which, in each API,
 * in whole documents and in streams, with all splits.
 */


#include <stdio.h>

#include "usage_run.h"


#define ZEROS   "00000000000000000000000000000000"                            \
                "00000000000000000000000000000000"


typedef struct {
    const char     *dialect;
    const char     *type;
    const char     *body;
    const char     *expected;   /* prompt completion total, cached written
                                   reasoning; "-" if not reported */
} case_t;


static char *
write_number(char *p, int64_t n)
{
    if (n == -1) {
        return p + sprintf(p, "- ");
    }

    return p + sprintf(p, "%jd ", (intmax_t) n);
}


/* The parts are within their sums, whatever was reported. */

static void
check_bounds(const llmp_usage_result_t *usage)
{
    assert_true(usage->cached >= -1 && usage->cached <= usage->prompt);
    assert_true(usage->written >= -1 && usage->written <= usage->prompt);
    assert_true(usage->reasoning >= -1
                && usage->reasoning <= usage->completion);

    if (usage->cached >= 0 && usage->written >= 0) {
        assert_true(usage->cached + usage->written <= usage->prompt);
    }
}


static void
check(usage_fixture_t *f, const case_t *c, size_t first, size_t size)
{
    char                       *p;
    char                        text[256];
    const llmp_usage_result_t  *usage;

    assert_int_equal(usage_prepare(f, c->dialect, c->type), LLMP_OK);

    usage_feed(f->usage, c->body, strlen(c->body), first, size);
    llmp_usage_finish(f->usage);

    usage = f->result;

    check_bounds(usage);

    p = write_number(text, usage->prompt);
    p = write_number(p, usage->completion);
    p = write_number(p, usage->total);
    p = write_number(p, usage->cached);
    p = write_number(p, usage->written);
    p = write_number(p, usage->reasoning);
    p[-1] = '\0';

    if (strcmp(text, c->expected) != 0) {
        fail_msg("%s: %s: pieces of %zu, then %zu: %s", c->dialect, c->body,
                 first, size, text);
    }
}


static void
check_all(usage_fixture_t *f, const case_t *cases, size_t n)
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
test_chat(void **state)
{
    static const case_t  cases[] = {

        /* sound is in both sums, and in no part */

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":40,"
          "\"total_tokens\":140,\"prompt_tokens_details\":"
          "{\"cached_tokens\":64,\"cache_write_tokens\":20,"
          "\"audio_tokens\":9,\"text_tokens\":91},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":30,"
          "\"audio_tokens\":5,\"accepted_prediction_tokens\":1,"
          "\"rejected_prediction_tokens\":2}}}",
          "100 40 140 64 20 30" },

        { "openai.chat", SSE,
          "data: {\"choices\":[{\"delta\":{\"content\":\"ab\"}}],"
          "\"usage\":null}\n\n"
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,"
          "\"prompt_tokens_details\":{\"cached_tokens\":64},"
          "\"completion_tokens\":40,\"completion_tokens_details\":"
          "{\"reasoning_tokens\":0},\"total_tokens\":140}}\n\n"
          "data: [DONE]\n\n",
          "100 40 140 64 - 0" },

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4,"
          "\"total_tokens\":9,\"prompt_tokens_details\":null,"
          "\"completion_tokens_details\":{\"reasoning_tokens\":null}}}",
          "5 4 9 - - -" },

        /* vLLM: continuous_usage_stats; a later report replaces an earlier
           one, and what is not in it stays */

        { "compatible.chat", SSE,
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":50,"
          "\"completion_tokens\":1,\"prompt_tokens_details\":"
          "{\"cached_tokens\":48}}}\n\n"
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":50,"
          "\"completion_tokens\":2,\"prompt_tokens_details\":"
          "{\"cached_tokens\":16}}}\n\n"
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":50,"
          "\"completion_tokens\":3}}\n\n",
          "50 3 53 16 - -" },

        /* xAI: reasoning is beside the completion, and in the total */

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":32,\"completion_tokens\":9,"
          "\"total_tokens\":135,\"prompt_tokens_details\":"
          "{\"text_tokens\":32,\"audio_tokens\":0,\"image_tokens\":0,"
          "\"cached_tokens\":6},\"completion_tokens_details\":"
          "{\"reasoning_tokens\":94,\"audio_tokens\":0}}}",
          "32 103 135 6 - 94" },

        /* DeepSeek: the misses are the rest */

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,"
          "\"total_tokens\":30,\"prompt_cache_hit_tokens\":16,"
          "\"prompt_cache_miss_tokens\":4,\"completion_tokens_details\":"
          "{\"reasoning_tokens\":7}}}",
          "20 10 30 16 - 7" },

        /* the same count under several names: one has it */

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,"
          "\"prompt_tokens_details\":{\"cached_tokens\":0},"
          "\"prompt_cache_hit_tokens\":16}}",
          "20 10 30 16 - -" },

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,"
          "\"prompt_cache_hit_tokens\":16,"
          "\"prompt_tokens_details\":{\"cached_tokens\":0}}}",
          "20 10 30 16 - -" },

        { "compatible.chat", NDJSON,
          "{\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,"
          "\"prompt_cache_hit_tokens\":16}}\n"
          "{\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":0}}}\n",
          "20 10 30 0 - -" },

        /* Moonshot, also in the last choice of a stream */

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":21,"
          "\"total_tokens\":40,\"cached_tokens\":10}}",
          "19 21 40 10 - -" },

        { "compatible.chat", SSE,
          "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
          "\"finish_reason\":null}]}\n\n"
          "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
          "\"stop\",\"usage\":{\"prompt_tokens\":19,"
          "\"completion_tokens\":13,\"total_tokens\":32,"
          "\"cached_tokens\":10}}]}\n\ndata: [DONE]\n\n",
          "19 13 32 10 - -" },

        /* Groq */

        { "compatible.chat", SSE,
          "data: {\"choices\":[{\"delta\":{}}],\"x_groq\":{\"id\":\"r\","
          "\"usage\":{\"queue_time\":0.05,\"prompt_tokens\":36,"
          "\"completion_tokens\":5,\"total_tokens\":41,"
          "\"prompt_tokens_details\":{\"cached_tokens\":32},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":4}}}}\n\n",
          "36 5 41 32 - 4" },

        /* OpenRouter */

        { "compatible.chat", JSON,
          "{\"usage\":{\"completion_tokens\":2,\"completion_tokens_details\":"
          "{\"reasoning_tokens\":0},\"cost\":0.95,\"prompt_tokens\":194,"
          "\"prompt_tokens_details\":{\"cached_tokens\":0,"
          "\"cache_write_tokens\":100,\"audio_tokens\":0},"
          "\"total_tokens\":196}}",
          "194 2 196 0 100 0" },

        /* LiteLLM */

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":5,"
          "\"total_tokens\":105,\"prompt_tokens_details\":"
          "{\"cached_tokens\":80,\"cache_creation_tokens\":15},"
          "\"cache_creation_input_tokens\":15,"
          "\"cache_read_input_tokens\":80}}",
          "100 5 105 80 15 -" },

        /* Mistral */

        { "mistral.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":64,\"completion_tokens\":5,"
          "\"total_tokens\":69,\"num_cached_tokens\":48,"
          "\"prompt_token_details\":{\"cached_tokens\":48}}}",
          "64 5 69 48 - -" },

        /* connectors are in the total only */

        { "mistral.conversations", JSON,
          "{\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":11,"
          "\"total_tokens\":40,\"connector_tokens\":9}}",
          "20 20 40 - - -" },

        /* SGLang; llama.cpp */

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":8,"
          "\"total_tokens\":17,\"reasoning_tokens\":6,"
          "\"prompt_tokens_details\":{\"cached_tokens\":2},"
          "\"completion_tokens_details\":{\"accepted_prediction_tokens\":1}}}",
          "9 8 17 2 - 6" },

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":250,\"completion_tokens\":8},"
          "\"timings\":{\"cache_n\":236,\"prompt_n\":14,\"predicted_n\":8}}",
          "250 8 258 236 - -" }
    };

    check_all(*state, cases, test_nelts(cases));
}


static void
test_responses(void **state)
{
    static const case_t  cases[] = {

        { "openai.responses", JSON,
          "{\"usage\":{\"input_tokens\":328,\"input_tokens_details\":"
          "{\"cached_tokens\":256,\"cache_write_tokens\":64},"
          "\"output_tokens\":52,\"output_tokens_details\":"
          "{\"reasoning_tokens\":40},\"total_tokens\":380}}",
          "328 52 380 256 64 40" },

        { "openai.responses", SSE,
          "data: {\"type\":\"response.created\",\"response\":{\"usage\":"
          "null}}\n\n"
          "data: {\"type\":\"response.completed\",\"response\":{\"usage\":"
          "{\"input_tokens\":37,\"input_tokens_details\":"
          "{\"cached_tokens\":32},\"output_tokens\":11,"
          "\"output_tokens_details\":{\"reasoning_tokens\":5},"
          "\"total_tokens\":48}}}\n\n",
          "37 11 48 32 - 5" },

        { "openai.images", JSON,
          "{\"usage\":{\"total_tokens\":100,\"input_tokens\":50,"
          "\"output_tokens\":50,\"input_tokens_details\":"
          "{\"text_tokens\":10,\"image_tokens\":40}}}",
          "50 50 100 - - -" },

        { "openai.transcriptions", JSON,
          "{\"text\":\"I s\",\"usage\":{\"type\":\"tokens\","
          "\"input_tokens\":14,\"input_token_details\":{\"text_tokens\":4,"
          "\"audio_tokens\":10},\"output_tokens\":31,\"total_tokens\":45}}",
          "14 31 45 - - -" },

        /* realtime */

        { "openai.responses", SSE,
          "data: {\"type\":\"response.done\",\"response\":{\"usage\":"
          "{\"total_tokens\":253,\"input_tokens\":132,\"output_tokens\":121,"
          "\"input_token_details\":{\"text_tokens\":119,\"audio_tokens\":13,"
          "\"cached_tokens\":64,\"cached_tokens_details\":"
          "{\"text_tokens\":64,\"audio_tokens\":0}},"
          "\"output_token_details\":{\"text_tokens\":30,"
          "\"audio_tokens\":91}}}}\n\n",
          "132 121 253 64 - -" },

        { "openai.embeddings", JSON,
          "{\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}",
          "8 0 8 - - -" }
    };

    check_all(*state, cases, test_nelts(cases));
}


static void
test_anthropic(void **state)
{
    static const case_t  cases[] = {

        { "anthropic.messages", JSON,
          "{\"usage\":{\"input_tokens\":10,"
          "\"cache_creation_input_tokens\":40,"
          "\"cache_read_input_tokens\":300,\"cache_creation\":"
          "{\"ephemeral_5m_input_tokens\":30,"
          "\"ephemeral_1h_input_tokens\":10},\"output_tokens\":50,"
          "\"output_tokens_details\":{\"thinking_tokens\":44}}}",
          "350 50 400 300 40 44" },

        { "anthropic.messages", SSE,
          "event: message_start\n"
          "data: {\"message\":{\"usage\":{\"input_tokens\":10,"
          "\"cache_creation_input_tokens\":40,"
          "\"cache_read_input_tokens\":300,\"output_tokens\":1}}}\n\n"
          "event: message_delta\n"
          "data: {\"usage\":{\"output_tokens\":50,"
          "\"output_tokens_details\":{\"thinking_tokens\":44}}}\n\n",
          "350 50 400 300 40 44" },

        /* all numbers of the last event are those so far */

        { "anthropic.messages", SSE,
          "data: {\"message\":{\"usage\":{\"input_tokens\":10,"
          "\"cache_creation_input_tokens\":0,"
          "\"cache_read_input_tokens\":300,\"output_tokens\":1}}}\n\n"
          "data: {\"usage\":{\"input_tokens\":20,"
          "\"cache_creation_input_tokens\":5,"
          "\"cache_read_input_tokens\":600,\"output_tokens\":50}}\n\n",
          "625 50 675 600 5 -" },

        /* cut after the first event */

        { "anthropic.messages", SSE,
          "data: {\"message\":{\"usage\":{\"input_tokens\":10,"
          "\"cache_read_input_tokens\":300,\"output_tokens\":1,"
          "\"output_tokens_details\":{\"thinking_tokens\":7}}}}\n\n",
          "310 1 311 300 - 1" },

        { "anthropic.messages", JSON,
          "{\"usage\":{\"input_tokens\":10,"
          "\"cache_creation_input_tokens\":null,"
          "\"cache_read_input_tokens\":null,\"output_tokens\":5}}",
          "10 5 15 - - -" },

        { "bedrock.anthropic", JSON,
          "{\"usage\":{\"input_tokens\":10,\"output_tokens\":5,"
          "\"cache_read_input_tokens\":3},"
          "\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":10,"
          "\"outputTokenCount\":6,\"cacheReadInputTokenCount\":3,"
          "\"cacheWriteInputTokenCount\":0}}",
          "13 5 18 3 0 -" },

        { "bedrock.titan", JSON,
          "{\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":3,"
          "\"outputTokenCount\":13,\"cacheReadInputTokenCount\":4,"
          "\"cacheWriteInputTokenCount\":25}}",
          "32 13 45 4 25 -" },

        /* LiteLLM's sums include the cache */

        { "anthropic.messages", JSON,
          "{\"usage\":{\"cache_read_input_tokens\":80,\"prompt_tokens\":100,"
          "\"completion_tokens\":5,\"total_tokens\":105}}",
          "100 5 105 80 - -" }
    };

    check_all(*state, cases, test_nelts(cases));
}


static void
test_others(void **state)
{
    static const case_t  cases[] = {

        { "gemini.generate", JSON,
          "{\"usageMetadata\":{\"promptTokenCount\":100,"
          "\"cachedContentTokenCount\":90,\"candidatesTokenCount\":5,"
          "\"thoughtsTokenCount\":20,\"toolUsePromptTokenCount\":7,"
          "\"totalTokenCount\":132,\"promptTokensDetails\":"
          "[{\"modality\":\"AUDIO\",\"tokenCount\":50}]}}",
          "107 25 132 90 - 20" },

        { "gemini.generate", SSE,
          "data: {\"usageMetadata\":{\"promptTokenCount\":100,"
          "\"cachedContentTokenCount\":90,\"thoughtsTokenCount\":20,"
          "\"totalTokenCount\":120}}\n\n"
          "data: {\"usageMetadata\":{\"promptTokenCount\":100,"
          "\"cachedContentTokenCount\":90,\"candidatesTokenCount\":5,"
          "\"thoughtsTokenCount\":25,\"totalTokenCount\":130}}\n\n",
          "100 30 130 90 - 25" },

        /* thoughts have used max_tokens */

        { "gemini.generate", JSON,
          "{\"usageMetadata\":{\"promptTokenCount\":100,"
          "\"thoughtsTokenCount\":20,\"totalTokenCount\":120}}",
          "100 20 120 - - 20" },

        { "gemini.generate", JSON,
          "{\"usage_metadata\":{\"prompt_token_count\":8,"
          "\"cached_content_token_count\":6,\"candidates_token_count\":5,"
          "\"thoughts_token_count\":2}}",
          "8 7 15 6 - 2" },

        { "bedrock.converse", JSON,
          "{\"usage\":{\"inputTokens\":4,\"outputTokens\":60,"
          "\"totalTokens\":1514,\"cacheReadInputTokens\":1300,"
          "\"cacheWriteInputTokens\":150,\"cacheDetails\":"
          "[{\"inputTokens\":150,\"ttl\":\"5m\"}]}}",
          "1454 60 1514 1300 150 -" },

        { "bedrock.nova", JSON,
          "{\"usage\":{\"inputTokens\":4,\"outputTokens\":6,"
          "\"totalTokens\":10,\"cacheReadInputTokenCount\":30,"
          "\"cacheWriteInputTokenCount\":0}}",
          "34 6 10 30 0 -" },

        { "cohere.chat", JSON,
          "{\"usage\":{\"billed_units\":{\"input_tokens\":5.0,"
          "\"output_tokens\":418.0},\"tokens\":{\"input_tokens\":71.0,"
          "\"output_tokens\":419.0},\"cached_tokens\":64.0}}",
          "71 419 490 64 - -" },

        { "cohere.chat", SSE,
          "data: {\"type\":\"message-end\",\"delta\":{\"usage\":"
          "{\"billed_units\":{\"input_tokens\":3,\"output_tokens\":13},"
          "\"tokens\":{\"input_tokens\":69,\"output_tokens\":14},"
          "\"cached_tokens\":32}}}\n\n",
          "69 14 83 32 - -" },

        { "cohere.chat", JSON,
          "{\"meta\":{\"billed_units\":{\"input_tokens\":5,"
          "\"output_tokens\":418},\"cached_tokens\":4}}",
          "5 418 423 4 - -" },

        { "ollama", JSON,
          "{\"prompt_eval_count\":26,\"eval_count\":290}",
          "26 290 316 - - -" },

        { "ollama.embed", JSON,
          "{\"embeddings\":[],\"prompt_eval_count\":4}",
          "4 0 4 - - -" },

        { "ollama", JSON, "{\"prompt_eval_count\":4}", "4 - - - - -" },

        /* llama.cpp: tokens_cached also has what was generated */

        { "llamacpp.completion", JSON,
          "{\"tokens_evaluated\":250,\"tokens_predicted\":8,"
          "\"tokens_cached\":257,\"timings\":{\"cache_n\":236,"
          "\"prompt_n\":14,\"predicted_n\":8}}",
          "250 8 258 236 - -" },

        { "llamacpp.completion", JSON,
          "{\"timings\":{\"cache_n\":236,\"prompt_n\":14,"
          "\"predicted_n\":8}}",
          "250 8 258 236 - -" },

        /* no cache: -1 in timings */

        { "llamacpp.completion", JSON,
          "{\"timings\":{\"cache_n\":-1,\"prompt_n\":14,"
          "\"predicted_n\":8}}",
          "14 8 22 - - -" },

        /* the sums for a list of prompts */

        { "sglang.generate", JSON,
          "[{\"meta_info\":{\"prompt_tokens\":8,\"completion_tokens\":4,"
          "\"cached_tokens\":6,\"reasoning_tokens\":1}},"
          "{\"meta_info\":{\"prompt_tokens\":5,\"completion_tokens\":2,"
          "\"cached_tokens\":2,\"reasoning_tokens\":2}}]",
          "13 6 19 8 - 3" },

        { "sglang.generate", SSE,
          "data: {\"meta_info\":{\"prompt_tokens\":8,"
          "\"completion_tokens\":4,\"cached_tokens\":6}}\n\n"
          "data: {\"meta_info\":{\"prompt_tokens\":8,"
          "\"completion_tokens\":5,\"cached_tokens\":6}}\n\n",
          "8 5 13 6 - -" },

        { "tgi.generate", JSON,
          "{\"generated_text\":\"abc\",\"details\":"
          "{\"generated_tokens\":20}}",
          "- 20 - - - -" }
    };

    check_all(*state, cases, test_nelts(cases));
}


/* numbers that cannot be true */

static void
test_hostile(void **state)
{
    static const case_t  cases[] = {

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":{\"cached_tokens\":1000000000000,"
          "\"cache_write_tokens\":1000000000000},"
          "\"completion_tokens_details\":"
          "{\"reasoning_tokens\":1000000000000}}}",
          "10 5 15 10 0 5" },

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":{\"cached_tokens\":7,"
          "\"cache_write_tokens\":8}}}",
          "10 5 15 7 3 -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":{\"cached_tokens\":-7,"
          "\"cache_write_tokens\":1.5},"
          "\"completion_tokens_details\":"
          "{\"reasoning_tokens\":99999999999999999999999999}}}",
          "10 5 15 - - -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":[{\"cached_tokens\":7}],"
          "\"completion_tokens_details\":\"reasoning_tokens\"}}",
          "10 5 15 - - -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":{\"cached_tokens\":{\"a\":7},"
          "\"cache_write_tokens\":\"7\"}}}",
          "10 5 15 - - -" },

        /* parts without their sum */

        { "openai.chat", JSON,
          "{\"usage\":{\"completion_tokens\":5,\"prompt_tokens_details\":"
          "{\"cached_tokens\":7}}}",
          "- 5 - - - -" },

        { "anthropic.messages", JSON,
          "{\"usage\":{\"cache_read_input_tokens\":7,"
          "\"cache_creation_input_tokens\":8}}",
          "- - - - - -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens_details\":"
          "{\"reasoning_tokens\":7}}}",
          "10 - - - - -" },

        /* a total alone is that of the prompt */

        { "openai.chat", JSON,
          "{\"usage\":{\"total_tokens\":10,\"prompt_tokens_details\":"
          "{\"cached_tokens\":7}}}",
          "10 0 10 7 - -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"total_tokens\":10,\"completion_tokens\":4}}",
          "6 4 10 - - -" },

        /* a total below a part of it */

        { "openai.chat", JSON,
          "{\"usage\":{\"total_tokens\":3,\"completion_tokens\":4}}",
          "- 4 3 - - -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"total_tokens\":3,\"prompt_tokens\":4}}",
          "4 - 3 - - -" },

        { "openai.chat", JSON,
          "{\"usage\":{\"total_tokens\":3,\"prompt_tokens\":4,"
          "\"completion_tokens\":5}}",
          "4 5 3 - - -" },

        { "anthropic.messages", JSON,
          "{\"usage\":{\"input_tokens\":1000000000000,"
          "\"cache_read_input_tokens\":1000000000000,"
          "\"cache_creation_input_tokens\":1000000000000,"
          "\"output_tokens\":1000000000000}}",
          "3000000000000 1000000000000 4000000000000 1000000000000 "
          "1000000000000 -" },

        /* sums over an array end at the largest number */

        { "sglang.generate", JSON,
          "[{\"meta_info\":{\"prompt_tokens\":10,"
          "\"cached_tokens\":1000000000000}},"
          "{\"meta_info\":{\"prompt_tokens\":1,\"cached_tokens\":1}}]",
          "11 - - 11 - -" }
    };

    check_all(*state, cases, test_nelts(cases));
}


static void
test_numbers(void **state)
{
    size_t   i;
    case_t   c;
    char     body[512], expected[64];

    static const struct {
        const char  *text;
        const char  *prompt;
        const char  *total;
    } numbers[] = {
        { "0", "0", "2" },
        { "1000000000000", "1000000000000", "1000000000002" },
        { "1000000000001", "-", "-" },
        { "99999999999999999999999999999999999999", "-", "-" },
        { "-1", "-", "-" },
        { "-0", "-", "-" },
        { "1.5", "-", "-" },
        { "7.0", "7", "9" },
        { "7.00", "7", "9" },
        { "1e3", "-", "-" },
        { "1.0e3", "-", "-" },
        { "1." ZEROS ZEROS ZEROS ZEROS "5", "-", "-" },
        { "\"5\"", "-", "-" },
        { "null", "-", "-" },
        { "true", "-", "-" },
        { "[5]", "-", "-" },
        { "{\"a\":5}", "-", "-" }
    };

    c.dialect = "openai.chat";
    c.type = JSON;
    c.body = body;
    c.expected = expected;

    for (i = 0; i < test_nelts(numbers); i++) {
        snprintf(body, sizeof(body), "{\"usage\":{\"prompt_tokens\":%s,"
                 "\"completion_tokens\":2}}", numbers[i].text);
        snprintf(expected, sizeof(expected), "%s 2 %s - - -",
                 numbers[i].prompt, numbers[i].total);

        check_all(*state, &c, 1);
    }
}


/* OpenAI's numbers have precedence, tokens before billed units */

static void
test_sources(void **state)
{
    static const case_t  cases[] = {

        /* each number is used alone */

        { "compatible.chat", NDJSON,
          "{\"usage\":{\"prompt_tokens\":4}}\n"
          "{\"usage\":{\"completion_tokens\":5}}\n",
          "4 5 9 - - -" },

        { "compatible.chat", JSON,
          "{\"usage\":{\"input_tokens\":9,\"prompt_tokens\":4,"
          "\"output_tokens\":9,\"completion_tokens\":5,"
          "\"input_tokens_details\":{\"cached_tokens\":2},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":3},"
          "\"output_tokens_details\":{\"reasoning_tokens\":1}}}",
          "4 5 9 2 - 3" },

        { "compatible.chat", JSON,
          "{\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5,"
          "\"prompt_tokens_details\":{\"cached_tokens\":0}},"
          "\"timings\":{\"cache_n\":3}}",
          "4 5 9 0 - -" }
    };

    check_all(*state, cases, test_nelts(cases));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_chat),
        cmocka_unit_test(test_responses),
        cmocka_unit_test(test_anthropic),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_sources)
    };

    return cmocka_run_group_tests_name("usage counts", tests, usage_setup,
                                       policy_teardown);
}
