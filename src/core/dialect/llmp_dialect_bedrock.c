
/*
 * Copyright (C) llm-policy authors
 *
 * The dialects of Bedrock: Converse, and the bodies of InvokeModel, which are
 * those of each model's own API (botocore 1.43; Amazon Bedrock User Guide,
 * "Inference request parameters and response fields", 2026-08).
 */


#include "dialect/llmp_dialect_tables.h"


static const llmp_slot_t  converse_slots[] = {

    { LLMP_TEMPERATURE, { "inferenceConfig.temperature" }, NUMBER,
      "0", "1", NULL },

    { LLMP_TOP_P, { "inferenceConfig.topP" }, NUMBER, "0", "1", NULL },

    { LLMP_MAX_TOKENS, { "inferenceConfig.maxTokens" }, NUMBER,
      "1", NULL, NULL },

    { LLMP_STOP, { "inferenceConfig.stopSequences" }, ARRAY,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_converse = {
    .name = llmp_string("bedrock.converse"),
    .shape = LLMP_SHAPE_MESSAGE,
    .generates = 1,
    .slots = converse_slots,
    .reports = llmp_converse_reports
};


#define BEDROCK(text, table)                                                  \
        .name = llmp_string(text), .shape = LLMP_SHAPE_MESSAGE,               \
        .generates = 1, .slots = table


static const llmp_slot_t  anthropic_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "1", "1" },
    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", "1" },
    { LLMP_TOP_K, { "top_k" }, NUMBER, "1", NULL, NULL },
    { LLMP_MAX_TOKENS, { "max_tokens" }, NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop_sequences" }, ARRAY, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_anthropic = {
    BEDROCK("bedrock.anthropic", anthropic_slots),
    .clashes = llmp_anthropic_clashes,
    .strict = llmp_anthropic_strict,
    .reports = llmp_bedrock_anthropic_reports
};


static const llmp_slot_t  nova_slots[] = {

    { LLMP_TEMPERATURE, { "inferenceConfig.temperature" }, NUMBER,
      "0", "1", NULL },

    { LLMP_TOP_P, { "inferenceConfig.topP" }, NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "inferenceConfig.topK" }, NUMBER, "1", NULL, NULL },

    { LLMP_MAX_TOKENS, { "inferenceConfig.maxTokens" }, NUMBER,
      "1", NULL, NULL },

    { LLMP_STOP, { "inferenceConfig.stopSequences" }, ARRAY,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_nova = {
    BEDROCK("bedrock.nova", nova_slots),
    .reports = llmp_converse_reports
};


static const llmp_slot_t  titan_slots[] = {

    { LLMP_TEMPERATURE, { "textGenerationConfig.temperature" }, NUMBER,
      "0", "1", "0.7" },

    { LLMP_TOP_P, { "textGenerationConfig.topP" }, NUMBER, "0", "1", "0.9" },

    { LLMP_MAX_TOKENS, { "textGenerationConfig.maxTokenCount" }, NUMBER,
      "1", NULL, "512" },

    { LLMP_STOP, { "textGenerationConfig.stopSequences" }, ARRAY,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_titan = {
    BEDROCK("bedrock.titan", titan_slots),
    .reports = llmp_bedrock_reports
};


static const llmp_slot_t  llama_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "1", "0.5" },
    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", "0.9" },
    { LLMP_MAX_TOKENS, { "max_gen_len" }, NUMBER, "1", NULL, "512" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_llama = {
    BEDROCK("bedrock.llama", llama_slots),
    .reports = llmp_bedrock_reports
};


static const llmp_slot_t  mistral_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "1", NULL },
    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "top_k" }, NUMBER, "1", "200", NULL },
    { LLMP_MAX_TOKENS, { "max_tokens" }, NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop" }, ARRAY, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_mistral = {
    BEDROCK("bedrock.mistral", mistral_slots),
    .reports = llmp_bedrock_reports
};


static const llmp_slot_t  cohere_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "1", NULL },
    { LLMP_TOP_P, { "p" }, NUMBER, "0.01", "0.99", NULL },
    { LLMP_TOP_K, { "k" }, NUMBER, "1", "500", NULL },
    { LLMP_MAX_TOKENS, { "max_tokens" }, NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop_sequences" }, ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, NUMBER, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_cohere = {
    BEDROCK("bedrock.cohere", cohere_slots),
    .reports = llmp_bedrock_reports
};


/* models that take the body of a chat completion */

static const llmp_slot_t  openai_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "2", NULL },
    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", NULL },

    { LLMP_MAX_TOKENS, { "max_completion_tokens", "max_tokens" }, NUMBER,
      "1", NULL, NULL },

    { LLMP_STOP, { "stop" }, STRING|ARRAY, NULL, NULL, "" },

    { LLMP_REASONING_EFFORT, { "reasoning_effort" }, STRING,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_bedrock_openai = {
    BEDROCK("bedrock.openai", openai_slots),
    .model = "model",
    .reports = llmp_bedrock_reports
};
