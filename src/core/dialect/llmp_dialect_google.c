
/*
 * Copyright (C) llm-policy authors
 *
 * The dialects of Gemini, at Google and on Vertex (python-genai, 2026-08).
 *
 * They are protobuf in JSON: each name may be written in camel case or as in
 * the .proto file.  If both are present, readers differ in the one they use.
 */


#include "dialect/llmp_dialect_tables.h"


#define BOTH(camel, snake)                                                    \
    { "generationConfig." camel, "generationConfig." snake,                   \
      "generation_config." camel, "generation_config." snake }

#define SAME(name)                                                            \
    { "generationConfig." name, "generation_config." name }


#define THINKING(config)                                                      \
    "generationConfig." config "thinkingBudget",                              \
    "generationConfig." config "thinking_budget",                             \
    "generation_config." config "thinkingBudget",                             \
    "generation_config." config "thinking_budget"


static const llmp_slot_t  generate_slots[] = {

    /* the defaults differ between models */

    { LLMP_TEMPERATURE, SAME("temperature"), LLMP_NUMBER, "0", "2", NULL },
    { LLMP_TOP_P, BOTH("topP", "top_p"), LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, BOTH("topK", "top_k"), LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_MAX_TOKENS, BOTH("maxOutputTokens", "max_output_tokens"),
      LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_N, BOTH("candidateCount", "candidate_count"), LLMP_NUMBER,
      "1", NULL, "1" },

    { LLMP_PRESENCE_PENALTY, BOTH("presencePenalty", "presence_penalty"),
      LLMP_NUMBER, "-2", "2", "0" },

    { LLMP_FREQUENCY_PENALTY, BOTH("frequencyPenalty", "frequency_penalty"),
      LLMP_NUMBER, "-2", "2", "0" },

    { LLMP_STOP, BOTH("stopSequences", "stop_sequences"), LLMP_ARRAY,
      NULL, NULL, "" },

    { LLMP_SEED, SAME("seed"), LLMP_NUMBER, NULL, NULL, "" },

    { LLMP_LOGPROBS, BOTH("responseLogprobs", "response_logprobs"),
      LLMP_BOOLEAN, NULL, NULL, "" },

    { LLMP_TOP_LOGPROBS, SAME("logprobs"), LLMP_NUMBER, "0", "20", "" },

    /* models think by default, as long as they like (-1); 24576 is the least
       of the models' maxima, that of 2.5 Flash */

    { LLMP_THINKING_BUDGET,
      { THINKING("thinkingConfig."), THINKING("thinking_config.") },
      LLMP_NUMBER, "0", "24576", NULL },

    { LLMP_SERVICE_TIER, { "serviceTier", "service_tier" }, LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_STORE, { "store" }, LLMP_BOOLEAN, NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/* models that do not think, some of which refuse a budget, or think only if a
   budget is set (ai.google.dev, "Gemini thinking", 2026-11) */

static const llmp_default_t  generate_defaults[] = {
    { "gemini-1.", NULL, LLMP_THINKING_BUDGET, "0" },
    { "gemini-2.0", NULL, LLMP_THINKING_BUDGET, "0" },
    { "gemini-", "-lite", LLMP_THINKING_BUDGET, "0" },
    { "gemini-", "-image", LLMP_THINKING_BUDGET, "0" },
    { "gemini-", "-tts", LLMP_THINKING_BUDGET, "0" },
    { "gemma", NULL, LLMP_THINKING_BUDGET, "0" },
    { "learnlm", NULL, LLMP_THINKING_BUDGET, "0" },
    { NULL, NULL, LLMP_PARAM_MAX, NULL }
};


/* next to a level, the API refuses a budget */

#define LEVEL(config)                                                         \
    { config "thinkingConfig.thinkingLevel", NULL,                            \
      llmp_mask(LLMP_THINKING_BUDGET), NULL },                                \
    { config "thinkingConfig.thinking_level", NULL,                           \
      llmp_mask(LLMP_THINKING_BUDGET), NULL },                                \
    { config "thinking_config.thinkingLevel", NULL,                           \
      llmp_mask(LLMP_THINKING_BUDGET), NULL },                                \
    { config "thinking_config.thinking_level", NULL,                          \
      llmp_mask(LLMP_THINKING_BUDGET), NULL }

static const llmp_conflict_t  generate_conflicts[] = {
    LEVEL("generationConfig."),
    LEVEL("generation_config."),
    { NULL, NULL, 0, NULL }
};


/* Vertex may use another model than the one in the path */

#define ROUTING                                                               \
    { "generationConfig.routingConfig", 0, LLMP_BYPASS_MODELS, NULL },        \
    { "generationConfig.routing_config", 0, LLMP_BYPASS_MODELS, NULL },       \
    { "generation_config.routingConfig", 0, LLMP_BYPASS_MODELS, NULL },       \
    { "generation_config.routing_config", 0, LLMP_BYPASS_MODELS, NULL },      \
    { "generationConfig.modelSelectionConfig", 0, LLMP_BYPASS_MODELS, NULL }, \
    { "generationConfig.model_selection_config", 0, LLMP_BYPASS_MODELS,       \
      NULL },                                                                 \
    { "generation_config.modelSelectionConfig", 0, LLMP_BYPASS_MODELS,        \
      NULL },                                                                 \
    { "generation_config.model_selection_config", 0, LLMP_BYPASS_MODELS,      \
      NULL }

static const llmp_bypass_t  generate_bypasses[] = {
    ROUTING,
    { NULL, 0, 0, NULL }
};


/* the API answers 400 without the other one (from memory, not checked) */

#define FUNCTIONS  { "tools[].functionDeclarations",                          \
                     "tools[].function_declarations" }

#define RESPONSE_LOGPROBS  BOTH("responseLogprobs", "response_logprobs")

static const llmp_need_t  generate_needs[] = {
    { "toolConfig.functionCallingConfig", FUNCTIONS, 0 },
    { "toolConfig.function_calling_config", FUNCTIONS, 0 },
    { "tool_config.functionCallingConfig", FUNCTIONS, 0 },
    { "tool_config.function_calling_config", FUNCTIONS, 0 },
    { "generationConfig.logprobs", RESPONSE_LOGPROBS, 0 },
    { "generation_config.logprobs", RESPONSE_LOGPROBS, 0 },
    { NULL, { NULL }, 0 }
};


const llmp_dialect_t  llmp_gemini_generate = {
    .name = llmp_string("gemini.generate"),
    .shape = LLMP_SHAPE_GOOGLE,
    .generates = 1,
    .reject_aliases = 1,
    .thinks_inside = 1,
    .slots = generate_slots,
    .defaults = generate_defaults,
    .conflicts = generate_conflicts,
    .bypasses = generate_bypasses,
    .needs = generate_needs,
    .reports = llmp_gemini_reports,
    .messages = llmp_messages_contents,
    .documented = llmp_gemini_generate_documented
};


static const llmp_bypass_t  batch_bypasses[] = {
    ROUTING,

    /* another model than the one in the path */
    { "model", 0, LLMP_BYPASS_MODELS, NULL },
    { NULL, 0, 0, NULL }
};


static const llmp_bypass_t  batch_root_bypasses[] = {

    /* a file that was uploaded elsewhere */
    { "batch.inputConfig.fileName", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "batch.inputConfig.file_name", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "batch.input_config.fileName", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "batch.input_config.file_name", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { NULL, 0, 0, NULL }
};


const llmp_dialect_t  llmp_gemini_batch = {
    .name = llmp_string("gemini.batch"),
    .shape = LLMP_SHAPE_GOOGLE,
    .generates = 1,
    .reject_aliases = 1,
    .thinks_inside = 1,
    .scope = "batch.inputConfig.requests.requests[].request",
    .sibling = "batch.input_config.requests.requests[].request",
    .slots = generate_slots,
    .defaults = generate_defaults,
    .conflicts = generate_conflicts,
    .bypasses = batch_bypasses,
    .needs = generate_needs,
    .root_bypasses = batch_root_bypasses,
    .reports = llmp_gemini_reports,
    .messages = llmp_messages_contents,
    .documented = llmp_gemini_generate_documented,
    .outer_documented = llmp_gemini_batch_documented
};


const llmp_dialect_t  llmp_gemini_plain = {
    .name = llmp_string("gemini.plain"),
    .shape = LLMP_SHAPE_GOOGLE,
    .slots = llmp_no_slots,
    .reports = llmp_gemini_reports,
    .messages = llmp_messages_counted,
    .documented = llmp_gemini_plain_documented
};
