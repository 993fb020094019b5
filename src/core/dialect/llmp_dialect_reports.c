
/*
 * Copyright (C) llm-policy authors
 *
 * Members of responses that report tokens, or have text of the model.
 *
 * Sources: the APIs' references and SDKs, and the servers' sources, as of
 * 2026-08; for parts of the prompt and of the completion, as of 2026-12, what
 * is named beside them.  Tokens of sound and images are in the prompt and the
 * completion everywhere: their own counts, such as audio_tokens, are not read.
 */


#include "dialect/llmp_dialect_tables.h"


#define OPENAI    LLMP_SOURCE_OPENAI
#define OWN       LLMP_SOURCE_OWN
#define EACH      LLMP_SOURCE_EACH
#define SECOND    LLMP_SOURCE_SECOND
#define FIRST     LLMP_SOURCE_FIRST

#define INPUT(path, source)        { path, LLMP_USAGE_INPUT, source }
#define CACHE_READ(path, source)   { path, LLMP_USAGE_CACHE_READ, source }
#define CACHE_WRITE(path, source)  { path, LLMP_USAGE_CACHE_WRITE, source }
#define TOOLS(path)                { path, LLMP_USAGE_TOOLS, OWN }
#define OUTPUT(path, source)       { path, LLMP_USAGE_OUTPUT, source }
#define THOUGHTS(path)             { path, LLMP_USAGE_THOUGHTS, OWN }
#define TOTAL(path, source)        { path, LLMP_USAGE_TOTAL, source }
#define CACHED(path, source)       { path, LLMP_USAGE_CACHED, source }
#define WRITTEN(path, source)      { path, LLMP_USAGE_WRITTEN, source }
#define REASONING(path, source)    { path, LLMP_USAGE_REASONING, source }
#define TEXT(path)                 { path, LLMP_USAGE_TEXT, OWN }
#define WHOLE(path)                { path, LLMP_USAGE_WHOLE, OWN }
#define END                        { NULL, LLMP_USAGE_NONE, OWN }


#define MESSAGE(at)                                                           \
    TEXT(at ".content"),                                                      \
    TEXT(at ".content[].text"),                                               \
    TEXT(at ".content[].thinking[].text"),                                    \
    TEXT(at ".reasoning_content"),                                            \
    TEXT(at ".reasoning"),                                                    \
    TEXT(at ".refusal"),                                                      \
    TEXT(at ".function_call.arguments"),                                      \
    TEXT(at ".tool_calls[].function.arguments"),                              \
    TEXT(at ".tool_calls[].custom.input")


/*
 * Chat completions: openai-python, completion_usage.py, 2026-08; groq-python,
 * completion_usage.py, 2026-08.  OpenRouter has the same names (its page "Usage
 * Accounting", 2026-12), and so has vLLM.  xAI reports reasoning beside the
 * completion: only total_tokens includes it.
 */

#define CHAT(at)                                                              \
    INPUT(at "prompt_tokens", OPENAI),                                        \
    CACHED(at "prompt_tokens_details.cached_tokens", OPENAI),                 \
    WRITTEN(at "prompt_tokens_details.cache_write_tokens", OPENAI),           \
    OUTPUT(at "completion_tokens", OPENAI),                                   \
    REASONING(at "completion_tokens_details.reasoning_tokens", OPENAI),       \
    TOTAL(at "total_tokens", OPENAI)

/*
 * Responses and images: openai-python, response_usage.py, images_response.py,
 * 2026-08.  Audio and realtime: realtime_response_usage.py there, without the
 * plural of "token".
 */

#define RESPONSES(at)                                                         \
    INPUT(at "input_tokens", OWN),                                            \
    CACHED(at "input_tokens_details.cached_tokens", OWN),                     \
    WRITTEN(at "input_tokens_details.cache_write_tokens", OWN),               \
    CACHED(at "input_token_details.cached_tokens", OWN),                      \
    OUTPUT(at "output_tokens", OWN),                                          \
    REASONING(at "output_tokens_details.reasoning_tokens", OWN)


/* reports of compatible servers, which may be behind any route */

const llmp_report_t  llmp_reports[] = {
    { "usage", LLMP_USAGE_REPORT, OPENAI },
    { "choices", LLMP_USAGE_CHOICES, OPENAI },

    CHAT("usage."),
    RESPONSES("usage."),

    /* LiteLLM, types/utils.py, 2026-12: these are in prompt_tokens */
    CACHED("usage.cache_read_input_tokens", OPENAI),
    WRITTEN("usage.cache_creation_input_tokens", OPENAI),
    WRITTEN("usage.prompt_tokens_details.cache_creation_tokens", OPENAI),

    /* DeepSeek, "Create Chat Completion", 2026-12; the misses are the rest of
       prompt_tokens */
    CACHED("usage.prompt_cache_hit_tokens", OPENAI),

    /* Mistral, client-python, usageinfo_dollar_defs.py, 2026-06 */
    CACHED("usage.prompt_token_details.cached_tokens", OPENAI),
    CACHED("usage.num_cached_tokens", OPENAI),

    /* SGLang, usage_processor.py, 2026-12: in completion_tokens */
    REASONING("usage.reasoning_tokens", OPENAI),

    /* Moonshot, 2026-07; the usage of a stream is in its last choice (its API
       reference; issue 2017 of earendil-works/pi, 2026-03) */
    CACHED("usage.cached_tokens", OPENAI),
    CHAT("choices[].usage."),
    CACHED("choices[].usage.cached_tokens", OPENAI),

    /* Groq */
    CHAT("x_groq.usage."),

    /* llama.cpp, server-task.cpp, 2026-12: beside prompt_n, in prompt_tokens */
    CACHE_READ("timings.cache_n", SECOND),

    MESSAGE("choices[].delta"),
    MESSAGE("choices[].message"),
    TEXT("choices[].text"),
    END
};


const llmp_report_t  llmp_responses_reports[] = {
    RESPONSES("response.usage."),
    TOTAL("response.usage.total_tokens", OPENAI),

    /* text of .delta events; other events repeat all of it */
    TEXT("delta"),

    TEXT("output[].content[].text"),
    TEXT("output[].content[].refusal"),
    TEXT("output[].summary[].text"),
    TEXT("output[].arguments"),
    TEXT("output[].input"),
    END
};


const llmp_report_t  llmp_threads_reports[] = {
    TEXT("delta.content[].text.value"),
    END
};


const llmp_report_t  llmp_audio_reports[] = {
    TEXT("delta"),
    WHOLE("text"),
    END
};


const llmp_report_t  llmp_conversations_reports[] = {
    TEXT("outputs[].content"),
    TEXT("outputs[].content[].text"),
    TEXT("outputs[].arguments"),
    TEXT("content"),
    TEXT("content.text"),
    END
};


/*
 * Input tokens do not include those of the cache, the output does include
 * thinking: anthropic-sdk-python, usage.py, output_tokens_details.py, 2026-08.
 * Numbers in cache_creation are parts of cache_creation_input_tokens.  The
 * first event of a stream has a first count of output tokens; later events have
 * the count so far.
 */

#define ANTHROPIC_USAGE(at, output)                                           \
    INPUT(at "input_tokens", OWN),                                            \
    CACHE_READ(at "cache_read_input_tokens", OWN),                            \
    CACHE_WRITE(at "cache_creation_input_tokens", OWN),                       \
    OUTPUT(at "output_tokens", output),                                       \
    REASONING(at "output_tokens_details.thinking_tokens", output)

#define ANTHROPIC                                                             \
    ANTHROPIC_USAGE("usage.", OWN),                                           \
    ANTHROPIC_USAGE("message.usage.", FIRST),                                 \
                                                                              \
    TEXT("content_block.text"),                                               \
    TEXT("content_block.thinking"),                                           \
    TEXT("delta.text"),                                                       \
    TEXT("delta.thinking"),                                                   \
    TEXT("delta.partial_json"),                                               \
                                                                              \
    TEXT("content[].text"),                                                   \
    TEXT("content[].thinking"),                                               \
    TEXT("content[].input"),                                                  \
    TEXT("completion")

/* the last event of InvokeModelWithResponseStream */

#define INVOCATION(at)                                                        \
    INPUT(at "inputTokenCount", SECOND),                                      \
    CACHE_READ(at "cacheReadInputTokenCount", SECOND),                        \
    CACHE_WRITE(at "cacheWriteInputTokenCount", SECOND),                      \
    OUTPUT(at "outputTokenCount", SECOND)

#define METRICS  INVOCATION("amazon-bedrock-invocationMetrics.")


const llmp_report_t  llmp_anthropic_reports[] = {
    ANTHROPIC,
    END
};


const llmp_report_t  llmp_bedrock_anthropic_reports[] = {
    ANTHROPIC,
    METRICS,
    END
};


/*
 * The cache is in the prompt; results of tools, and thoughts, are beside the
 * prompt and the candidates: UsageMetadata of v1beta, 2026-12.
 */

#define GEMINI(at, prompt, cached, tools, output, thoughts, total)            \
    INPUT(at prompt, OWN),                                                    \
    CACHED(at cached, OWN),                                                   \
    TOOLS(at tools),                                                          \
    OUTPUT(at output, OWN),                                                   \
    THOUGHTS(at thoughts),                                                    \
    TOTAL(at total, OWN)

const llmp_report_t  llmp_gemini_reports[] = {

    GEMINI("usageMetadata.", "promptTokenCount", "cachedContentTokenCount",
           "toolUsePromptTokenCount", "candidatesTokenCount",
           "thoughtsTokenCount", "totalTokenCount"),

    GEMINI("usage_metadata.", "prompt_token_count",
           "cached_content_token_count", "tool_use_prompt_token_count",
           "candidates_token_count", "thoughts_token_count",
           "total_token_count"),

    TEXT("candidates[].content.parts[].text"),
    TEXT("candidates[].content.parts[].functionCall.args"),
    TEXT("candidates[].content.parts[].function_call.args"),
    END
};


/*
 * Converse; InvokeModel of Nova reports the same, or the names with "Count".
 * Input tokens do not include those of the cache: TokenUsage, and the page
 * "Prompt caching", of Amazon Bedrock, 2026-12.
 */

#define CONVERSE(at)                                                          \
    INPUT(at "usage.inputTokens", OWN),                                       \
    CACHE_READ(at "usage.cacheReadInputTokens", OWN),                         \
    CACHE_READ(at "usage.cacheReadInputTokenCount", OWN),                     \
    CACHE_WRITE(at "usage.cacheWriteInputTokens", OWN),                       \
    CACHE_WRITE(at "usage.cacheWriteInputTokenCount", OWN),                   \
    OUTPUT(at "usage.outputTokens", OWN),                                     \
    TOTAL(at "usage.totalTokens", OWN)

const llmp_report_t  llmp_converse_reports[] = {
    CONVERSE(""),
    CONVERSE("metadata."),
    METRICS,

    TEXT("output.message.content[].text"),
    TEXT("output.message.content[].toolUse.input"),
    TEXT("output.message.content[].reasoningContent.reasoningText.text"),

    TEXT("delta.text"),
    TEXT("delta.toolUse.input"),
    TEXT("delta.reasoningContent.text"),

    TEXT("contentBlockDelta.delta.text"),
    TEXT("contentBlockDelta.delta.toolUse.input"),
    TEXT("contentBlockDelta.delta.reasoningContent.text"),
    END
};


/*
 * The tokens of the model are read first, those on the bill second; the cache
 * is in both: cohere-python, usage.py, api_meta.py, 2026-08.
 */

#define COHERE(at)                                                            \
    INPUT(at "tokens.input_tokens", OWN),                                     \
    CACHED(at "cached_tokens", OWN),                                          \
    OUTPUT(at "tokens.output_tokens", OWN),                                   \
    INPUT(at "billed_units.input_tokens", SECOND),                            \
    OUTPUT(at "billed_units.output_tokens", SECOND)


/* InvokeModel of Titan, Llama, Mistral and Cohere */

const llmp_report_t  llmp_bedrock_reports[] = {
    INPUT("inputTextTokenCount", OWN),
    OUTPUT("results[].tokenCount", OWN),
    OUTPUT("totalOutputTextTokenCount", OWN),
    INPUT("prompt_token_count", OWN),
    OUTPUT("generation_token_count", OWN),
    COHERE("meta."),
    METRICS,

    TEXT("results[].outputText"),
    TEXT("outputText"),
    TEXT("generation"),
    TEXT("outputs[].text"),
    TEXT("generations[].text"),
    TEXT("text"),
    END
};


const llmp_report_t  llmp_cohere_reports[] = {
    COHERE("usage."),
    COHERE("delta.usage."),
    COHERE("meta."),
    COHERE("response.meta."),

    TEXT("message.content[].text"),
    TEXT("message.content[].thinking"),
    TEXT("message.tool_plan"),
    TEXT("message.tool_calls[].function.arguments"),

    TEXT("delta.message.content.text"),
    TEXT("delta.message.content.thinking"),
    TEXT("delta.message.tool_plan"),
    TEXT("delta.message.tool_calls.function.arguments"),

    TEXT("text"),
    TEXT("generations[].text"),
    END
};


const llmp_report_t  llmp_ollama_reports[] = {
    INPUT("prompt_eval_count", OWN),
    OUTPUT("eval_count", OWN),

    TEXT("response"),
    TEXT("thinking"),
    TEXT("message.content"),
    TEXT("message.thinking"),
    TEXT("message.tool_calls[].function.arguments"),
    END
};


/*
 * llama.cpp, SGLang, vLLM, TGI.
 *
 * llama.cpp: tokens_evaluated is the whole prompt.  tokens_cached is what the
 * slot holds at the end, also what was generated: no part of the prompt, and
 * not read (server-task.cpp, 2026-12).
 */

const llmp_report_t  llmp_servers_reports[] = {
    INPUT("tokens_evaluated", OWN),
    OUTPUT("tokens_predicted", OWN),
    INPUT("timings.prompt_n", SECOND),
    OUTPUT("timings.predicted_n", SECOND),

    INPUT("meta_info.prompt_tokens", EACH),
    CACHED("meta_info.cached_tokens", EACH),
    OUTPUT("meta_info.completion_tokens", EACH),
    REASONING("meta_info.reasoning_tokens", EACH),

    OUTPUT("details.generated_tokens", OWN),
    INPUT("details.input_length", OWN),

    TEXT("content"),
    TEXT("token.text"),
    WHOLE("text"),
    WHOLE("text[]"),
    WHOLE("generated_text"),
    END
};
