
/*
 * Copyright (C) llm-policy authors
 *
 * Prompt, completion and text of responses: of each API, in each format, with
 * all splits.
 */


#include <stdio.h>

#include "usage_run.h"


#define SUMS    "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}"


typedef struct {
    const char     *dialect;
    const char     *type;
    const char     *body;
    int64_t         prompt;
    int64_t         completion;
    int64_t         total;
    uint64_t        text;
} case_t;


static void
check(usage_fixture_t *f, const case_t *c, size_t first, size_t size)
{
    const llmp_usage_result_t  *usage;

    assert_int_equal(usage_prepare(f, c->dialect, c->type), LLMP_OK);

    usage_feed(f->usage, c->body, strlen(c->body), first, size);

    llmp_usage_finish(f->usage);

    usage = f->result;

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
          8, 0, 8, 0 },

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
          4, 2, 6, 3 },

        { "openai.threads", SSE,
          "event: thread.message.delta\n"
          "data: {\"delta\":{\"content\":[{\"index\":0,\"type\":\"text\","
          "\"text\":{\"value\":\"Hi\"}}]}}\n\n"
          "event: thread.run.completed\n"
          "data: {\"object\":\"thread.run\",\"usage\":{\"prompt_tokens\":20,"
          "\"completion_tokens\":11,\"total_tokens\":31}}\n\n",
          20, 11, 31, 2 },

        { "mistral.conversations", SSE,
          "event: message.output.delta\n"
          "data: {\"type\":\"message.output.delta\",\"content\":\"Hi\"}\n\n"
          "event: conversation.response.done\n"
          "data: {\"type\":\"conversation.response.done\",\"usage\":"
          "{\"prompt_tokens\":20,\"completion_tokens\":11,"
          "\"total_tokens\":31}}\n\n",
          20, 11, 31, 2 },

        { "openai.transcriptions", SSE,
          "data: {\"type\":\"transcript.text.delta\",\"delta\":\"I s\"}\n\n"
          "data: {\"type\":\"transcript.text.done\",\"text\":\"I s\","
          "\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,"
          "\"output_tokens\":31,\"total_tokens\":45}}\n\n",
          14, 31, 45, 3 },

        /* the sums for a list of prompts */

        { "sglang.generate", JSON,
          "[{\"text\":\"ab\",\"meta_info\":{\"prompt_tokens\":8,"
          "\"completion_tokens\":4}},{\"text\":\"c\",\"meta_info\":"
          "{\"prompt_tokens\":1,\"completion_tokens\":2}}]",
          9, 6, 15, 2 },

        { "sglang.generate", SSE,
          "data: {\"text\":\"ab\",\"meta_info\":{\"prompt_tokens\":8,"
          "\"completion_tokens\":4}}\n\n"
          "data: {\"text\":\"abc\",\"meta_info\":{\"prompt_tokens\":8,"
          "\"completion_tokens\":5}}\n\n"
          "data: [DONE]\n\n",
          8, 5, 13, 3 }
    };

    check_all(*state, cases, test_nelts(cases));
}


/* starts and ends of documents, and bytes outside documents */

static void
test_framing(void **state)
{
    static const case_t  cases[] = {

        { "openai.chat", SSE, "", -1, -1, -1, 0 },
        { "openai.chat", SSE, "data: [DONE]\n\n", -1, -1, -1, 0 },

        { "openai.chat", SSE, "\xef\xbb\xbf" "data:{" SUMS "}\n\n",
          5, 7, 12, 0 },

        { "openai.chat", SSE, "\xef\xbb" "data:{" SUMS "}\n\n",
          -1, -1, -1, 0 },

        { "openai.chat", SSE,
          ": {" SUMS "}\nevent: {" SUMS "}\ndatum: {" SUMS "}\n"
          "data\ndata : {" SUMS "}\n data: {" SUMS "}\ndat: {" SUMS "}\n\n",
          -1, -1, -1, 0 },

        { "openai.chat", SSE,
          "data: {\rid: 1\rdata: " SUMS "\r: x\rdata: }\r\r",
          5, 7, 12, 0 },

        { "openai.chat", SSE,
          "data: {\r\ndata:\r\ndata\r\ndata: " SUMS "\r\ndata: }\r\n\r\n",
          5, 7, 12, 0 },

        /* lines are joined by a line feed, which splits the number in two */

        { "openai.chat", SSE,
          "data: {\"usage\":{\"prompt_tokens\":1\ndata: 2}}\n\n",
          -1, -1, -1, 0 },

        /* a truncated event does not affect the next one */

        { "openai.chat", SSE,
          "data: {\"choices\":[{\"delta\":{\"content\":\"ab\n\n"
          "data: {" SUMS "}\n\n",
          5, 7, 12, 0 },

        { "openai.chat", NDJSON, "{\"a\":\"x\n{" SUMS "}\n", 5, 7, 12, 0 },

        /* an event at the end of the stream counts without its empty line */

        { "openai.chat", SSE, "data: {" SUMS "}", 5, 7, 12, 0 },

        /* invalid documents, and the bytes after them */

        { "openai.chat", JSON, "{\"usage\":{\"prompt_tokens\":1,"
          "\"prompt_tokens\":2}} {" SUMS "}", 5, 7, 12, 0 },

        { "openai.chat", JSON, "{\"usage\":1,\"usage\":\"}{\\\"}\\\\\","
          "\"a\":[{}]}{" SUMS "}", 5, 7, 12, 0 },

        { "openai.chat", JSON, "{\"a\":\"\\ud83d\\n\"}{" SUMS "}",
          5, 7, 12, 0 },

        { "openai.chat", JSON, "{\"a\":\"\\ud83d\\\\\"}{" SUMS "}",
          5, 7, 12, 0 },

        { "openai.chat", JSON, "{\"a\":\"\xee\"}{" SUMS "}", 5, 7, 12, 0 },
        { "openai.chat", JSON, "{\"a\":\"\xee\\\"\"}{" SUMS "}", 5, 7, 12, 0 },

        { "openai.chat", JSON, "{\"\xee\":1}{" SUMS "}", 5, 7, 12, 0 },
        { "openai.chat", JSON, "{]}{" SUMS "}", 5, 7, 12, 0 },

        { "openai.chat", JSON, "{\"u\\u0073age\":1,\"usage\":1}{" SUMS "}",
          5, 7, 12, 0 },

        { "openai.chat", JSON,
          "{\"a\":"
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
          "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
          "}{" SUMS "}", 5, 7, 12, 0 },

        { "openai.chat", JSON,
          "{" SUMS ",\"a\":"
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
          "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
          "}", 5, 7, 12, 0 },

        { "openai.chat", JSON,
          "{" SUMS ",\"a\":"
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
          "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
          "}", -1, -1, -1, 0 },

        /* two halves of a character in different places are no error */

        { "openai.chat", JSON, "{\"choices\":[{\"message\":{\"content\":"
          "\"\\ud83d\"}},{\"message\":{\"content\":\"\\ude00\"}}]," SUMS
          ",\"\\ud83d\":1}", 5, 7, 12, 12 },

        /* members below the top level, and values that are not objects */

        { "openai.chat", JSON, "[[{" SUMS "}]]", -1, -1, -1, 0 },
        { "openai.chat", JSON, "[1,[{" SUMS "}],{" SUMS "}]", 5, 7, 12, 0 },
        { "openai.chat", JSON, "\"{" "\"", -1, -1, -1, 0 },
        { "openai.chat", JSON, "\"{\\\"\",{" SUMS "}", 5, 7, 12, 0 },
        { "openai.chat", JSON, "null 1 {" SUMS "}", 5, 7, 12, 0 },
        { "openai.chat", JSON, "{\"a\":{" SUMS "}}", -1, -1, -1, 0 },
        { "openai.chat", JSON, "{\"a\":[{" SUMS "}]}", -1, -1, -1, 0 },

        /* a truncated document: its text counts, its numbers do not */

        { "openai.chat", JSON,
          "{\"choices\":[{\"message\":{\"content\":\"ab\"}},"
          "{\"message\":{\"content\":\"cde", -1, -1, -1, 5 },

        { "openai.chat", JSON,
          "{" SUMS ",\"choices\":[{\"message\":{\"content\":\"",
          -1, -1, -1, 0 }
    };

    check_all(*state, cases, test_nelts(cases));
}


/* more members than the initial room, and a number after them */

static void
test_many(void **state)
{
    case_t  c;
    size_t  i, len;
    char    body[4096];

    len = (size_t) snprintf(body, sizeof(body), "{" SUMS ",\"choices\":[");

    for (i = 0; i < 60; i++) {
        len += (size_t) snprintf(body + len, sizeof(body) - len, "%s{\"a\":%zu,"
                                 "\"message\":{\"content\":\"x\"}}",
                                 i ? "," : "", i);
    }

    snprintf(body + len, sizeof(body) - len,
             "],\"usage\":{\"prompt_tokens\":1234567890}}");

    memset(&c, 0, sizeof(case_t));

    c.dialect = "openai.chat";
    c.type = JSON;
    c.body = body;
    c.prompt = 1234567890;
    c.completion = 7;
    c.total = 1234567897;
    c.text = 60;

    check_all(*state, &c, 1);
}


static void
read_pieces(usage_fixture_t *f, const char *body, size_t len, size_t first)
{
    assert_int_equal(usage_prepare(f, "openai.chat", JSON), LLMP_OK);

    usage_feed(f->usage, body, len, first, 1);
    llmp_usage_finish(f->usage);
}


static int
same(const llmp_usage_result_t *a, const llmp_usage_result_t *b)
{
    return a->prompt == b->prompt && a->completion == b->completion
           && a->total == b->total && a->cached == b->cached
           && a->written == b->written && a->reasoning == b->reasoning
           && a->text == b->text;
}


/*
 * Complete and plain documents take a shorter way: its result must be that of
 * byte by byte reading, with any byte changed to any other.
 */

static void
test_changed(void **state)
{
    char                 body[512];
    size_t               i, k, n, len;
    usage_fixture_t     *f = *state;
    llmp_usage_result_t  whole;

    static const char  text[] =
        "{\"id\":\"c\",\"n\":[ -1.5e3,0, 10 ,true,[],{}],\"m\" : null,"
        "\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hel\\n\\u00e9"
        " \xc3\xa9 0123456789012345678901234567890123456789012345678901234567"
        "89012345678\"},\"f\":false}] , \"a\":\"\",\"us\\u0061ge\":1,\n"
        "\"usage\":{\"prompt_tokens\": 5.0,\"completion_tokens\":12, "
        "\"total_tokens\":17,\"cached_tokens\":3}, \"z\":{ }}\n"
        "{\"usage\":{\"prompt_tokens\":6}}";

    static const char  bytes[] = "\"\\{}[],:0e.-a \n\x01\x80\xc3";

    len = sizeof(text) - 1;

    for (i = 0; i < len; i++) {
        for (k = 0; k < sizeof(bytes); k++) {
            memcpy(body, text, sizeof(text));
            body[i] = bytes[k];

            read_pieces(f, body, len, len);
            whole = *f->result;

            for (n = 1; n <= i + 1; n += i ? i : 1) {
                read_pieces(f, body, len, n);

                if (!same(f->result, &whole)) {
                    fail_msg("byte %zu is %02x, pieces of %zu and 1", i,
                             (unsigned) (u_char) bytes[k], n);
                }
            }
        }
    }
}


/* an Anthropic stream that ends too early has only its first count */

static void
test_partial(void **state)
{
    size_t            i;
    const char       *body;
    usage_fixture_t  *f = *state;

    body = "data: {\"message\":{\"usage\":{\"input_tokens\":25,"
           "\"output_tokens\":1}}}\n\n"
           "data: {\"delta\":{\"text\":\"Hello\"}}\n\n"
           "data: {\"usage\":{\"output_tokens\":15}}\n\n";

    for (i = 0; i <= strlen(body); i++) {

        assert_int_equal(usage_prepare(f, "anthropic.messages", SSE),
                         LLMP_OK);
        usage_feed(f->usage, body, i, 3, 3);
        llmp_usage_finish(f->usage);

        if (f->result->completion == 1) {
            assert_true(f->result->partial);

        } else {
            assert_false(f->result->partial);
        }
    }

    assert_int_equal(f->result->completion, 15);
}


/* Returns a frame as AWS sends it; data is plain or wrapped. */

static size_t
add_frame(u_char *p, const char *text, int wrapped)
{
    int        bit;
    size_t     i, len, total;
    uint32_t   crc;
    u_char    *start;
    char       payload[512];

    static const char  headers[] = "\x0b:event-type\x07\x00\x05" "chunk";

    size_t     nheaders = sizeof(headers) - 1;

    len = snprintf(payload, sizeof(payload),
                   wrapped ? "{\"bytes\":\"%s\",\"p\":\"abcdef\"}" : "%s",
                   text);

    total = 12 + nheaders + len + 4;
    start = p;

    for (i = 0; i < 8; i++) {
        *p++ = (u_char) (((i < 4) ? total : nheaders) >> (24 - 8 * (i % 4)));
    }

    crc = 0xffffffff;

    for (i = 0; i < 64; i++) {
        bit = (start[i / 8] >> (i % 8)) & 1;
        crc = ((crc ^ (uint32_t) bit) & 1) ? (crc >> 1) ^ 0xedb88320
                                           : crc >> 1;
    }

    crc = ~crc;

    for (i = 0; i < 4; i++) {
        *p++ = (u_char) (crc >> (24 - 8 * i));
    }

    memcpy(p, headers, nheaders);
    memcpy(p + nheaders, payload, len);
    memset(p + nheaders + len, 0xaa, 4);

    return total;
}


static void
check_frames(usage_fixture_t *f, const char *dialect, const u_char *body,
    size_t len, int64_t prompt, int64_t completion, uint64_t text)
{
    size_t  k;

    for (k = 0; k <= len; k++) {

        assert_int_equal(usage_prepare(f, dialect, FRAMES), LLMP_OK);

        usage_feed(f->usage, (char *) body, len, k ? k : 1, k ? SIZE_MAX : 1);
        llmp_usage_finish(f->usage);

        assert_int_equal(f->result->prompt, prompt);
        assert_int_equal(f->result->completion, completion);
        assert_int_equal(f->result->text, text);
    }
}


static void
test_frames(void **state)
{
    size_t            len, first;
    u_char            body[4096];
    usage_fixture_t  *f = *state;

    /* AWS's own examples of frames: an empty one, one without headers */

    static const u_char  known[] =
        "\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb"
        "\x7d\x98\xc8\xff"
        "\x00\x00\x00\x1d\x00\x00\x00\x00\xfd\x52\x8c\x5a"
        "{'foo':'bar'}\xc3\x65\x39\x36";

    len = add_frame(body, "{\"delta\":{\"text\":\"Hi\"},\"p\":\"abc\"}", 0);
    len += add_frame(body + len, "{\"bytes\":1}", 0);
    len += add_frame(body + len, "{\"delta\":{\"text\":\"!\"}", 0);
    len += add_frame(body + len, "", 0);
    len += add_frame(body + len, "{\"metrics\":{\"latencyMs\":1},\"usage\":"
                     "{\"inputTokens\":5,\"outputTokens\":6,"
                     "\"totalTokens\":20,\"cacheReadInputTokens\":8,"
                     "\"cacheWriteInputTokens\":1}}", 0);

    check_frames(f, "bedrock.converse", body, len, 14, 6, 2);

    assert_int_equal(f->result->cached, 8);
    assert_int_equal(f->result->written, 1);

    memcpy(body, known, sizeof(known) - 1);
    len = sizeof(known) - 1;
    len += add_frame(body + len, "{\"usage\":{\"inputTokens\":5,"
                     "\"outputTokens\":6}}", 0);

    check_frames(f, "bedrock.converse", body, len, 5, 6, 0);

    /* {"delta":{"text":"Hi!"}} and the last event, in base64 */

    len = add_frame(body, "eyJkZWx0YSI6eyJ0ZXh0IjoiSGkhIn19", 1);
    len += add_frame(body + len, "eyJhbWF6b24tYmVkcm9jay1pbnZvY2F0aW9uTWV0cmlj"
                     "cyI6eyJpbnB1dFRva2VuQ291bnQiOjEwLCJvdXRwdXRUb2tlbkNvdW5"
                     "0Ijo2fX0=", 1);

    check_frames(f, "bedrock.anthropic", body, len, 10, 6, 3);

    /* nothing is read after an invalid length */

    first = add_frame(body, "{\"usage\":{\"inputTokens\":5}}", 0);
    len = first + add_frame(body + first, "{\"usage\":{\"inputTokens\":7}}",
                            0);
    body[first + 3] ^= 1;

    check_frames(f, "bedrock.converse", body, len, 5, -1, 0);
}


/* a stream takes no more memory than its first events */

static void
test_memory(void **state)
{
    size_t            i, k, allocs;
    usage_fixture_t  *f = *state;

    static const struct {
        const char  *type;
        const char  *body;
    } streams[] = {

        { SSE, "data: {\"choices\":[{\"delta\":{\"content\":\"ab\"}}],"
          "\"usage\":null}\n\n" },

        { NDJSON, "{\"choices\":[{\"text\":\"ab\"}]," SUMS "}\n" },
        { JSON, "{\"choices\":[{\"text\":\"ab\"}]," SUMS "}" },

        /* refused */

        { JSON, "{\"choices\":[{\"text\":\"\"}],\"usage\":1,\"usage\":1}" },

        /* truncated */

        { SSE, "data: {\"choices\":[{\"delta\":{\"content\":\"ab\n\n" }
    };

    for (i = 0; i < test_nelts(streams); i++) {

        assert_int_equal(usage_prepare(f, "openai.chat", streams[i].type),
                         LLMP_OK);

        f->p.arena.allocs = 0;
        allocs = 0;

        for (k = 0; k < 100000; k++) {
            llmp_usage_feed(f->usage, (u_char *) streams[i].body,
                            strlen(streams[i].body));
            if (k == 0) {
                allocs = f->p.arena.allocs;
            }
        }

        llmp_usage_finish(f->usage);

        assert_in_range(allocs, 0, 4);
        assert_int_equal(f->p.arena.allocs, allocs);

        if (i < 3) {
            assert_int_equal(f->result->text, 200000);
        }
    }
}


/* without memory, nothing is reported, but later events are */

static void
test_no_memory(void **state)
{
    size_t            n, k;
    const char       *body;
    usage_fixture_t  *f = *state;

    body = "data: {\"choices\":[{\"delta\":{\"content\":\"ab\"}}]," SUMS
           "}\n\n";

    for (n = 1; ; n++) {
        assert_int_equal(usage_prepare(f, "openai.chat", SSE), LLMP_OK);

        f->p.arena.allocs = 0;
        f->p.arena.fail_after = n;

        for (k = 0; k < 3; k++) {
            usage_feed(f->usage, body, strlen(body), 7, 7);
        }

        if (f->p.arena.allocs < n) {
            break;
        }

        assert_int_equal(f->result->prompt, -1);

        f->p.arena.fail_after = 0;

        usage_feed(f->usage, body, strlen(body), 7, 7);

        assert_int_equal(f->result->prompt, 5);
        assert_int_equal(f->result->text, 2);
    }

    f->p.arena.fail_after = 0;

    assert_true(n > 1);
    assert_int_equal(f->result->prompt, 5);
    assert_int_equal(f->result->text, 6);
}


static void
test_declined(void **state)
{
    size_t            i;
    usage_fixture_t  *f = *state;

    static const char *const  types[] = {
        "", "text/html", "application/jsonp", "application/json+x",
        "audio/mpeg", "x application/json"
    };

    for (i = 0; i < test_nelts(types); i++) {
        assert_int_equal(usage_prepare(f, "openai.chat", types[i]),
                         LLMP_DECLINED);
        assert_int_equal(f->result->prompt, -1);
        assert_int_equal(f->result->text, 0);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_partial),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_declined)
    };

    return cmocka_run_group_tests_name("usage", tests, usage_setup,
                                       policy_teardown);
}
