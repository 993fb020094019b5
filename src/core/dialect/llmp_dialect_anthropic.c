
/*
 * Copyright (C) llm-policy authors
 *
 * The dialects of Anthropic's API (its SDKs, 2026-08), which Vertex,
 * Bedrock, vLLM, llama.cpp and Ollama serve as well.
 */


#include "dialect/llmp_dialect_tables.h"


#define MESSAGES_SLOTS                                                        \
                                                                              \
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "1", "1" },      \
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "1" },                  \
    { LLMP_TOP_K, { "top_k" }, LLMP_NUMBER, "1", NULL, NULL },                \
    { LLMP_STOP, { "stop_sequences" }, LLMP_ARRAY, NULL, NULL, "" },          \
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },              \
    { LLMP_SERVICE_TIER, { "service_tier" }, LLMP_STRING, NULL, NULL, "" },   \
    { LLMP_REASONING_EFFORT, { "output_config.effort" }, LLMP_STRING,         \
      NULL, NULL, "" }


static const llmp_slot_t  messages_slots[] = {
    MESSAGES_SLOTS,
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  complete_slots[] = {
    MESSAGES_SLOTS,
    { LLMP_MAX_TOKENS, { "max_tokens_to_sample" }, LLMP_NUMBER, "1", NULL,
      NULL },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const char *const  thinking[] = { "enabled", "adaptive", NULL };


/* newer models refuse temperature and top_p together; with thinking, they
   accept temperature 1 only */

const llmp_conflict_t  llmp_anthropic_conflicts[] = {
    { "top_p", NULL, llmp_mask(LLMP_TEMPERATURE), NULL },
    { "temperature", NULL, llmp_mask(LLMP_TOP_P), NULL },
    { "thinking.type", thinking, llmp_mask(LLMP_TEMPERATURE), "1" },

    { "thinking.type", thinking,
      llmp_mask(LLMP_TOP_P) | llmp_mask(LLMP_TOP_K), NULL },

    { NULL, NULL, 0, NULL }
};


/* a message sets the effort for those behind it (the API's documentation,
   "Per-message effort", 2026-11; Claude Code 2.1.332 does) */

const llmp_spelling_t  llmp_anthropic_overrides[] = {
    { "messages[].output_config.effort", LLMP_REASONING_EFFORT },
    { NULL, LLMP_PARAM_MAX }
};


/* the API answers 400 without tools (from memory, not checked) */

const llmp_need_t  llmp_anthropic_needs[] = {
    { "tool_choice", { "tools" }, 0 },
    { NULL, { NULL }, 0 }
};


const llmp_dialect_t  llmp_anthropic_messages = {
    .name = llmp_string("anthropic.messages"),
    .shape = LLMP_SHAPE_ANTHROPIC,
    .generates = 1,
    .adaptive = 1,
    .thinks_inside = 1,
    .model = "model",
    .slots = messages_slots,
    .overrides = llmp_anthropic_overrides,
    .conflicts = llmp_anthropic_conflicts,
    .needs = llmp_anthropic_needs,
    .reports = llmp_anthropic_reports,
    .messages = llmp_messages,
    .documented = llmp_anthropic_messages_documented
};


/*
 * Servers that an operator runs translate the request for a sampler of their
 * own, which takes top_p beside temperature, and any of both with thinking
 * (vLLM, entrypoints/anthropic/protocol.py, 2026-11; its serving.py, SGLang
 * and llama.cpp are not checked).  Their defaults may be in files
 * of the model.
 */

static const llmp_slot_t  compatible_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", NULL },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "top_k" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_STOP, { "stop_sequences" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_REASONING_EFFORT, { "output_config.effort" }, LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_compatible_messages = {
    .name = llmp_string("compatible.messages"),
    .shape = LLMP_SHAPE_ANTHROPIC,
    .generates = 1,
    .model = "model",
    .slots = compatible_slots,
    .reports = llmp_anthropic_reports,
    .messages = llmp_messages,
    .documented = llmp_compatible_messages_documented
};


const llmp_dialect_t  llmp_anthropic_batches = {
    .name = llmp_string("anthropic.batches"),
    .shape = LLMP_SHAPE_ANTHROPIC,
    .generates = 1,
    .adaptive = 1,
    .thinks_inside = 1,
    .scope = "requests[].params",
    .model = "model",
    .slots = messages_slots,
    .overrides = llmp_anthropic_overrides,
    .conflicts = llmp_anthropic_conflicts,
    .needs = llmp_anthropic_needs,
    .reports = llmp_anthropic_reports,
    .messages = llmp_messages,
    .documented = llmp_anthropic_messages_documented,
    .outer_documented = llmp_anthropic_batches_documented
};


const llmp_dialect_t  llmp_anthropic_complete = {
    .name = llmp_string("anthropic.complete"),
    .shape = LLMP_SHAPE_ANTHROPIC,
    .generates = 1,
    .adaptive = 1,
    .thinks_inside = 1,
    .model = "model",
    .slots = complete_slots,
    .conflicts = llmp_anthropic_conflicts,
    .reports = llmp_anthropic_reports,
    .documented = llmp_anthropic_complete_documented
};


const llmp_dialect_t  llmp_anthropic_count = {
    .name = llmp_string("anthropic.count_tokens"),
    .shape = LLMP_SHAPE_ANTHROPIC,
    .model = "model",
    .slots = llmp_no_slots,
    .messages = llmp_messages,
    .documented = llmp_anthropic_count_documented
};
