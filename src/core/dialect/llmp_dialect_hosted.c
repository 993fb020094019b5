
/*
 * Copyright (C) llm-policy authors
 *
 * Other hosted APIs: Cohere and Mistral (their SDKs, 2026-08).
 */


#include "dialect/llmp_dialect_tables.h"


static const llmp_slot_t  cohere_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", NULL, "0.3" },
    { LLMP_TOP_P, { "p" }, LLMP_NUMBER, "0.01", "0.99", "0.75" },

    /* the default is 0, which means no limit */
    { LLMP_TOP_K, { "k" }, LLMP_NUMBER, "1", "500", NULL },

    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_N, { "num_generations" }, LLMP_NUMBER, "1", "5", "" },
    { LLMP_PRESENCE_PENALTY, { "presence_penalty" }, LLMP_NUMBER, "0", "1",
      "0" },

    { LLMP_FREQUENCY_PENALTY, { "frequency_penalty" }, LLMP_NUMBER,
      "0", "1", "0" },

    { LLMP_STOP, { "stop_sequences" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_LOGPROBS, { "logprobs" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/* settings saved under a name */

static const llmp_bypass_t  cohere_bypasses[] = {
    { "preset", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { NULL, 0, 0, NULL }
};


const llmp_dialect_t  llmp_cohere_chat = {
    .name = llmp_string("cohere.chat"),
    .shape = LLMP_SHAPE_MESSAGE,
    .generates = 1,
    .model = "model",
    .slots = cohere_slots,
    .bypasses = cohere_bypasses,
    .reports = llmp_cohere_reports,
    .messages = llmp_messages_history,
    .documented = llmp_cohere_chat_documented
};


const llmp_dialect_t  llmp_cohere_plain = {
    .name = llmp_string("cohere.plain"),
    .shape = LLMP_SHAPE_MESSAGE,
    .model = "model",
    .slots = llmp_no_slots,
    .not_parameters = llmp_plain_exceptions,
    .reports = llmp_cohere_reports,
    .documented = llmp_cohere_plain_documented
};


#define MISTRAL_SAMPLING(in)                                                  \
    { LLMP_TEMPERATURE, { in "temperature" }, LLMP_NUMBER, "0", "1.5",        \
      NULL },                                                                 \
    { LLMP_TOP_P, { in "top_p" }, LLMP_NUMBER, "0", "1", "1" }

#define MISTRAL_SLOTS(in)                                                     \
                                                                              \
    { LLMP_MAX_TOKENS, { in "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },   \
                                                                              \
    { LLMP_PRESENCE_PENALTY, { in "presence_penalty" }, LLMP_NUMBER,          \
      "-2", "2", "0" },                                                       \
                                                                              \
    { LLMP_FREQUENCY_PENALTY, { in "frequency_penalty" }, LLMP_NUMBER,        \
      "-2", "2", "0" },                                                       \
                                                                              \
    { LLMP_STOP, { in "stop" }, LLMP_STRING|LLMP_ARRAY, NULL, NULL, "" },     \
    { LLMP_SEED, { in "random_seed" }, LLMP_NUMBER, NULL, NULL, "" },         \
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" }


static const llmp_slot_t  mistral_agents_slots[] = {
    MISTRAL_SLOTS(""),
    { LLMP_N, { "n" }, LLMP_NUMBER, "1", NULL, "1" },

    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, LLMP_BOOLEAN,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  mistral_chat_slots[] = {
    MISTRAL_SAMPLING(""),
    MISTRAL_SLOTS(""),
    { LLMP_N, { "n" }, LLMP_NUMBER, "1", NULL, "1" },

    { LLMP_REASONING_EFFORT, { "reasoning_effort" }, LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, LLMP_BOOLEAN,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  mistral_conversations_slots[] = {
    MISTRAL_SAMPLING("completion_args."),
    MISTRAL_SLOTS("completion_args."),
    { LLMP_STORE, { "store" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/* an agent has its own settings and model */

static const llmp_bypass_t  mistral_bypasses[] = {
    { "agent_id", LLMP_ALL, LLMP_BYPASS_DEFAULT, NULL },
    { NULL, 0, 0, NULL }
};


const llmp_dialect_t  llmp_mistral_chat = {
    .name = llmp_string("mistral.chat"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .batchable = 1,
    .model = "model",
    .slots = mistral_chat_slots,
    .bypasses = mistral_bypasses,
    .messages = llmp_messages,
    .documented = llmp_mistral_chat_documented
};


/* the sampling settings of an agent are set at its creation */

const llmp_dialect_t  llmp_mistral_agents = {
    .name = llmp_string("mistral.agents"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .model = "model",
    .slots = mistral_agents_slots,
    .bypasses = mistral_bypasses,
    .messages = llmp_messages,
    .documented = llmp_mistral_agents_documented
};


const llmp_dialect_t  llmp_mistral_conversations = {
    .name = llmp_string("mistral.conversations"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .model = "model",
    .slots = mistral_conversations_slots,
    .bypasses = mistral_bypasses,
    .reports = llmp_conversations_reports,
    .messages = llmp_messages_inputs,
    .documented = llmp_mistral_conversations_documented
};


static const char *const  mistral_purposes[] = { "fine-tune", "ocr", NULL };


/* the API of the requests is in the job that uses the file later; most are for
   chat */

static const llmp_batch_t  mistral_batch = {
    .file = "file",
    .purpose = "purpose",
    .batch = "batch",
    .others = mistral_purposes,
    .dialect = &llmp_mistral_chat
};


const llmp_dialect_t  llmp_mistral_files = {
    .name = llmp_string("mistral.files"),
    .shape = LLMP_SHAPE_OPENAI,
    .form = 1,
    .model_optional = 1,
    .scope = "file",
    .slots = llmp_no_slots,
    .batch = &mistral_batch,
    .outer_documented = llmp_mistral_files_documented
};


const llmp_dialect_t  llmp_mistral_jobs = {
    .name = llmp_string("mistral.jobs"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .scope = "requests[].body",
    .model = "model",
    .outer_model = "model",
    .slots = mistral_chat_slots,
    .bypasses = mistral_bypasses,
    .messages = llmp_messages,
    .documented = llmp_mistral_chat_documented,
    .outer_documented = llmp_mistral_jobs_documented
};
