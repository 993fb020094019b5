
/*
 * Copyright (C) llm-policy authors
 *
 * The dialects of Bedrock: Converse, and InvokeModel, whose bodies have the
 * shape of each model's own API (botocore 1.43; Amazon Bedrock User Guide,
 * "Inference request parameters and response fields", 2026-08).
 */


#include "dialect/llmp_dialect_tables.h"


static const llmp_slot_t  converse_slots[] = {

    { LLMP_TEMPERATURE, { "inferenceConfig.temperature" }, LLMP_NUMBER,
      "0", "1", NULL },

    { LLMP_TOP_P, { "inferenceConfig.topP" }, LLMP_NUMBER, "0", "1", NULL },

    { LLMP_MAX_TOKENS, { "inferenceConfig.maxTokens" }, LLMP_NUMBER,
      "1", NULL, NULL },

    { LLMP_STOP, { "inferenceConfig.stopSequences" }, LLMP_ARRAY,
      NULL, NULL, "" },

    { LLMP_SERVICE_TIER, { "serviceTier.type" }, LLMP_STRING, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/* a class of service, too */

static const char *const  standard[] = { "\"standard\"", NULL };

static const llmp_bypass_t  converse_bypasses[] = {
    { "performanceConfig.latency", llmp_mask(LLMP_SERVICE_TIER), 0, standard },
    { NULL, 0, 0, NULL }
};


/* the format of the output, which resembles Anthropic's output_config */

static const char *const  converse_exceptions[] = { "outputConfig", NULL };


/* tools are required in toolConfig, at least one (the API's reference, from
   memory) */

static const llmp_need_t  converse_needs[] = {
    { "toolConfig.toolChoice", { "toolConfig.tools" }, 0 },
    { "toolConfig", { "toolConfig.tools" }, 0 },
    { NULL, { NULL }, 0 }
};


const llmp_dialect_t  llmp_bedrock_converse = {
    .name = llmp_string("bedrock.converse"),
    .shape = LLMP_SHAPE_MESSAGE,
    .generates = 1,
    .slots = converse_slots,
    .bypasses = converse_bypasses,
    .not_parameters = converse_exceptions,
    .needs = converse_needs,
    .reports = llmp_converse_reports,
    .messages = llmp_messages,
    .documented = llmp_bedrock_converse_documented
};


#define INVOKED(text, table)                                                  \
        .name = llmp_string(text), .shape = LLMP_SHAPE_MESSAGE,               \
        .generates = 1, .slots = table


static const llmp_slot_t  anthropic_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "1", "1" },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "1" },
    { LLMP_TOP_K, { "top_k" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop_sequences" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_anthropic = {
    INVOKED("bedrock.anthropic", anthropic_slots),
    .adaptive = 1,
    .thinks_inside = 1,
    .overrides = llmp_anthropic_overrides,
    .conflicts = llmp_anthropic_conflicts,
    .needs = llmp_anthropic_needs,
    .reports = llmp_bedrock_anthropic_reports,
    .messages = llmp_messages,
    .documented = llmp_bedrock_anthropic_documented
};


static const llmp_slot_t  nova_slots[] = {

    { LLMP_TEMPERATURE, { "inferenceConfig.temperature" }, LLMP_NUMBER,
      "0", "1", NULL },

    { LLMP_TOP_P, { "inferenceConfig.topP" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "inferenceConfig.topK" }, LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_MAX_TOKENS, { "inferenceConfig.maxTokens" }, LLMP_NUMBER,
      "1", NULL, NULL },

    { LLMP_STOP, { "inferenceConfig.stopSequences" }, LLMP_ARRAY,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/* Nova 2 only; never added, since the first models refuse it */

static const llmp_spelling_t  nova_overrides[] = {
    { "inferenceConfig.reasoningConfig.maxReasoningEffort",
      LLMP_REASONING_EFFORT },
    { NULL, LLMP_PARAM_MAX }
};


const llmp_dialect_t  llmp_bedrock_nova = {
    INVOKED("bedrock.nova", nova_slots),
    .overrides = nova_overrides,
    .reports = llmp_converse_reports,
    .messages = llmp_messages,
    .documented = llmp_bedrock_nova_documented
};


static const llmp_slot_t  titan_slots[] = {

    { LLMP_TEMPERATURE, { "textGenerationConfig.temperature" }, LLMP_NUMBER,
      "0", "1", "0.7" },

    { LLMP_TOP_P, { "textGenerationConfig.topP" }, LLMP_NUMBER, "0", "1",
      "0.9" },

    { LLMP_MAX_TOKENS, { "textGenerationConfig.maxTokenCount" }, LLMP_NUMBER,
      "1", NULL, "512" },

    { LLMP_STOP, { "textGenerationConfig.stopSequences" }, LLMP_ARRAY,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_titan = {
    INVOKED("bedrock.titan", titan_slots),
    .reports = llmp_bedrock_reports,
    .documented = llmp_bedrock_titan_documented
};


static const llmp_slot_t  llama_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "1", "0.5" },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "0.9" },
    { LLMP_MAX_TOKENS, { "max_gen_len" }, LLMP_NUMBER, "1", NULL, "512" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_llama = {
    INVOKED("bedrock.llama", llama_slots),
    .reports = llmp_bedrock_reports,
    .documented = llmp_bedrock_llama_documented
};


static const llmp_slot_t  mistral_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "top_k" }, LLMP_NUMBER, "1", "200", NULL },
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_mistral = {
    INVOKED("bedrock.mistral", mistral_slots),
    .reports = llmp_bedrock_reports,
    .messages = llmp_messages,
    .documented = llmp_bedrock_mistral_documented
};


static const llmp_slot_t  cohere_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_P, { "p" }, LLMP_NUMBER, "0.01", "0.99", NULL },
    { LLMP_TOP_K, { "k" }, LLMP_NUMBER, "1", "500", NULL },
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop_sequences" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_cohere = {
    INVOKED("bedrock.cohere", cohere_slots),
    .reports = llmp_bedrock_reports,
    .messages = llmp_messages_history,
    .documented = llmp_bedrock_cohere_documented
};


/* models whose body is that of a chat completion */

static const llmp_slot_t  openai_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", NULL },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", NULL },

    { LLMP_MAX_TOKENS, { "max_completion_tokens", "max_tokens" }, LLMP_NUMBER,
      "1", NULL, NULL },

    { LLMP_STOP, { "stop" }, LLMP_STRING|LLMP_ARRAY, NULL, NULL, "" },

    { LLMP_REASONING_EFFORT, { "reasoning_effort" }, LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_openai = {
    INVOKED("bedrock.openai", openai_slots),
    .model = "model",
    .reports = llmp_bedrock_reports,
    .messages = llmp_messages,
    .documented = llmp_bedrock_openai_documented
};
