
/*
 * Copyright (C) llm-policy authors
 *
 * Members of responses that report tokens, or have text of the model (from the
 * APIs' references, and the servers' sources, as of 2026-08).
 */


#include "dialect/llmp_dialect_tables.h"


#define OPENAI    LLMP_SOURCE_OPENAI
#define OWN       LLMP_SOURCE_OWN
#define EACH      LLMP_SOURCE_EACH
#define SECOND    LLMP_SOURCE_SECOND
#define FIRST     LLMP_SOURCE_FIRST

#define INPUT(path, source)     { path, LLMP_USAGE_INPUT, source }
#define CACHE_READ(path)        { path, LLMP_USAGE_CACHE_READ, OWN }
#define CACHE_WRITE(path)       { path, LLMP_USAGE_CACHE_WRITE, OWN }
#define TOOLS(path)             { path, LLMP_USAGE_TOOLS, OWN }
#define OUTPUT(path, source)    { path, LLMP_USAGE_OUTPUT, source }
#define THOUGHTS(path)          { path, LLMP_USAGE_THOUGHTS, OWN }
#define TOTAL(path, source)     { path, LLMP_USAGE_TOTAL, source }
#define TEXT(path)              { path, LLMP_USAGE_TEXT, OWN }
#define WHOLE(path)             { path, LLMP_USAGE_WHOLE, OWN }
#define END                     { NULL, LLMP_USAGE_NONE, OWN }


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


/* reports of compatible servers, which may be behind any route */

const llmp_report_t  llmp_reports[] = {
    { "usage", LLMP_USAGE_REPORT, OPENAI },
    { "choices", LLMP_USAGE_CHOICES, OPENAI },

    INPUT("usage.prompt_tokens", OPENAI),
    OUTPUT("usage.completion_tokens", OPENAI),
    TOTAL("usage.total_tokens", OPENAI),

    /* names in Responses, images and audio */
    INPUT("usage.input_tokens", OWN),
    OUTPUT("usage.output_tokens", OWN),

    /* Groq */
    INPUT("x_groq.usage.prompt_tokens", OPENAI),
    OUTPUT("x_groq.usage.completion_tokens", OPENAI),
    TOTAL("x_groq.usage.total_tokens", OPENAI),

    MESSAGE("choices[].delta"),
    MESSAGE("choices[].message"),
    TEXT("choices[].text"),
    END
};


const llmp_report_t  llmp_responses_reports[] = {
    INPUT("response.usage.input_tokens", OWN),
    OUTPUT("response.usage.output_tokens", OWN),
    TOTAL("response.usage.total_tokens", OPENAI),

    /* in events whose type ends with .delta; other events repeat all text */
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
 * Input tokens do not include those of the cache.  The first event of a stream
 * has a first count of output tokens; later events have the count so far.
 */

#define ANTHROPIC                                                             \
    CACHE_READ("usage.cache_read_input_tokens"),                              \
    CACHE_WRITE("usage.cache_creation_input_tokens"),                         \
                                                                              \
    INPUT("message.usage.input_tokens", OWN),                                 \
    CACHE_READ("message.usage.cache_read_input_tokens"),                      \
    CACHE_WRITE("message.usage.cache_creation_input_tokens"),                 \
    OUTPUT("message.usage.output_tokens", FIRST),                             \
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

#define METRICS                                                               \
    INPUT("amazon-bedrock-invocationMetrics.inputTokenCount", SECOND),        \
    OUTPUT("amazon-bedrock-invocationMetrics.outputTokenCount", SECOND)


const llmp_report_t  llmp_anthropic_reports[] = {
    ANTHROPIC,
    END
};


const llmp_report_t  llmp_bedrock_anthropic_reports[] = {
    ANTHROPIC,
    METRICS,
    END
};


#define GEMINI(at, prompt, tools, output, thoughts, total)                    \
    INPUT(at prompt, OWN),                                                    \
    TOOLS(at tools),                                                          \
    OUTPUT(at output, OWN),                                                   \
    THOUGHTS(at thoughts),                                                    \
    TOTAL(at total, OWN)

const llmp_report_t  llmp_gemini_reports[] = {

    GEMINI("usageMetadata.", "promptTokenCount", "toolUsePromptTokenCount",
           "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount"),

    GEMINI("usage_metadata.", "prompt_token_count",
           "tool_use_prompt_token_count", "candidates_token_count",
           "thoughts_token_count", "total_token_count"),

    TEXT("candidates[].content.parts[].text"),
    TEXT("candidates[].content.parts[].functionCall.args"),
    TEXT("candidates[].content.parts[].function_call.args"),
    END
};


/* Converse; InvokeModel of Nova reports the same */

#define CONVERSE(at)                                                          \
    INPUT(at "usage.inputTokens", OWN),                                       \
    CACHE_READ(at "usage.cacheReadInputTokens"),                              \
    CACHE_WRITE(at "usage.cacheWriteInputTokens"),                            \
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


#define COHERE(at)                                                            \
    INPUT(at "tokens.input_tokens", OWN),                                     \
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


/* llama.cpp, SGLang, vLLM, TGI */

const llmp_report_t  llmp_servers_reports[] = {
    INPUT("tokens_evaluated", OWN),
    OUTPUT("tokens_predicted", OWN),
    INPUT("timings.prompt_n", SECOND),
    OUTPUT("timings.predicted_n", SECOND),

    INPUT("meta_info.prompt_tokens", EACH),
    OUTPUT("meta_info.completion_tokens", EACH),

    OUTPUT("details.generated_tokens", OWN),
    INPUT("details.input_length", OWN),

    TEXT("content"),
    TEXT("token.text"),
    WHOLE("text"),
    WHOLE("text[]"),
    WHOLE("generated_text"),
    END
};
