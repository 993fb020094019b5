
/*
 * Copyright (C) llm-policy authors
 *
 * The native dialects of servers that an operator runs: Ollama, llama.cpp,
 * SGLang, vLLM, TGI (their sources, 2026-08).  Few of them check ranges.  Many
 * defaults depend on options of the server, or on files of the model.
 */


#include "dialect/llmp_dialect_tables.h"


static const llmp_slot_t  ollama_slots[] = {
    { LLMP_TEMPERATURE, { "options.temperature" }, LLMP_NUMBER, "0", NULL,
      NULL },
    { LLMP_TOP_P, { "options.top_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "options.top_k" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_MIN_P, { "options.min_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TYPICAL_P, { "options.typical_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_MAX_TOKENS, { "options.num_predict" }, LLMP_NUMBER, "1", NULL,
      NULL },

    { LLMP_PRESENCE_PENALTY, { "options.presence_penalty" }, LLMP_NUMBER,
      NULL, NULL, NULL },

    { LLMP_FREQUENCY_PENALTY, { "options.frequency_penalty" }, LLMP_NUMBER,
      NULL, NULL, NULL },

    { LLMP_REPETITION_PENALTY, { "options.repeat_penalty" }, LLMP_NUMBER,
      "0", NULL, NULL },

    { LLMP_STOP, { "options.stop" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "options.seed" }, LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_LOGPROBS, { "logprobs" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_TOP_LOGPROBS, { "top_logprobs" }, LLMP_NUMBER, "0", "20", "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_ollama_generate = {
    .name = llmp_string("ollama"),
    .shape = LLMP_SHAPE_OLLAMA,
    .generates = 1,
    .model = "model",
    .slots = ollama_slots,
    .reports = llmp_ollama_reports,
    .messages = llmp_messages,
    .documented = llmp_ollama_generate_documented
};


const llmp_dialect_t  llmp_ollama_embed = {
    .name = llmp_string("ollama.embed"),
    .shape = LLMP_SHAPE_OLLAMA,
    .model = "model",
    .slots = llmp_no_slots,
    .not_parameters = llmp_plain_exceptions,
    .reports = llmp_ollama_reports,
    .documented = llmp_ollama_embed_documented
};


static const llmp_slot_t  llamacpp_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", NULL, NULL },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TOP_K, { "top_k" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_MIN_P, { "min_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_TYPICAL_P, { "typical_p" }, LLMP_NUMBER, "0", "1", NULL },
    { LLMP_MAX_TOKENS, { "n_predict", "max_tokens" }, LLMP_NUMBER,
      "1", NULL, NULL },
    { LLMP_N, { "n_cmpl", "n" }, LLMP_NUMBER, "1", NULL, "1" },

    { LLMP_PRESENCE_PENALTY, { "presence_penalty" }, LLMP_NUMBER,
      NULL, NULL, NULL },

    { LLMP_FREQUENCY_PENALTY, { "frequency_penalty" }, LLMP_NUMBER,
      NULL, NULL, NULL },

    { LLMP_REPETITION_PENALTY, { "repeat_penalty" }, LLMP_NUMBER,
      "0", NULL, NULL },

    { LLMP_STOP, { "stop" }, LLMP_STRING|LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_LOGIT_BIAS, { "logit_bias" }, LLMP_OBJECT|LLMP_ARRAY, NULL, NULL,
      "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_llamacpp_completion = {
    .name = llmp_string("llamacpp.completion"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .model = "model",
    .slots = llamacpp_slots,
    .reports = llmp_servers_reports,
    .documented = llmp_llamacpp_documented
};


/*
 * SGLang and TGI share the path /generate.  SGLang requires one of its three
 * members (GenerateReqInput; not checked), TGI requires "inputs" (router/src/
 * lib.rs of 2026-01-08, GenerateRequest).
 */

static const llmp_choice_t  generate_choices[] = {
    { "text", &llmp_sglang_generate },
    { "input_ids", &llmp_sglang_generate },
    { "input_embeds", &llmp_sglang_generate },
    { "inputs", &llmp_tgi_generate },
    { NULL, NULL }
};


const llmp_dialect_t  llmp_generate = {
    .name = llmp_string("generate"),
    .shape = LLMP_SHAPE_OLLAMA,
    .generates = 1,
    .chooses = 1,
    .choices = generate_choices,
    .slots = llmp_no_slots,
    .reports = llmp_servers_reports
};


/* sampling_params is an object; SGLang also accepts a list of objects */

#define SAMPLING_SLOTS(in, max, most)                                         \
                                                                              \
    { LLMP_TEMPERATURE, in("temperature"), LLMP_NUMBER, "0", NULL, NULL },    \
    { LLMP_TOP_P, in("top_p"), LLMP_NUMBER, "0", "1", "1" },                  \
    { LLMP_TOP_K, in("top_k"), LLMP_NUMBER, "1", NULL, NULL },                \
    { LLMP_MIN_P, in("min_p"), LLMP_NUMBER, "0", "1", "0" },                  \
    { LLMP_MAX_TOKENS, in(max), LLMP_NUMBER, "1", NULL, most },               \
    { LLMP_N, in("n"), LLMP_NUMBER, "1", NULL, "1" },                         \
    { LLMP_PRESENCE_PENALTY, in("presence_penalty"), LLMP_NUMBER,             \
      "-2", "2", "0" },                                                       \
    { LLMP_FREQUENCY_PENALTY, in("frequency_penalty"), LLMP_NUMBER,           \
      "-2", "2", "0" },                                                       \
    { LLMP_REPETITION_PENALTY, in("repetition_penalty"), LLMP_NUMBER,         \
      "0", "2", "1" },                                                        \
    { LLMP_STOP, in("stop"), LLMP_STRING|LLMP_ARRAY, NULL, NULL, "" },        \
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },              \
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }

#define SGLANG(name)  { "sampling_params." name, "sampling_params[]." name }


static const llmp_slot_t  sglang_slots[] = {
    { LLMP_SEED, SGLANG("sampling_seed"), LLMP_NUMBER, NULL, NULL, "" },
    SAMPLING_SLOTS(SGLANG, "max_new_tokens", "128")
};


const llmp_dialect_t  llmp_sglang_generate = {
    .name = llmp_string("sglang.generate"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .model = "model",
    .slots = sglang_slots,
    .choices = generate_choices,
    .reports = llmp_servers_reports,
    .documented = llmp_sglang_generate_documented
};


#define VLLM(name)  { "sampling_params." name }


static const llmp_slot_t  vllm_slots[] = {
    { LLMP_SEED, VLLM("seed"), LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_LOGIT_BIAS, VLLM("logit_bias"), LLMP_OBJECT, NULL, NULL, "" },
    SAMPLING_SLOTS(VLLM, "max_tokens", "16")
};


const llmp_dialect_t  llmp_vllm_generate = {
    .name = llmp_string("vllm.generate"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .model = "model",
    .slots = vllm_slots,
    .reports = llmp_servers_reports,
    .documented = llmp_vllm_generate_documented
};


/* TGI requires values above 0, and top_p and typical_p below 1 */

static const llmp_slot_t  tgi_slots[] = {

    { LLMP_TEMPERATURE, { "parameters.temperature" }, LLMP_NUMBER,
      "0.01", NULL, "1" },

    { LLMP_TOP_P, { "parameters.top_p" }, LLMP_NUMBER, "0.01", "0.99", "1" },
    { LLMP_TOP_K, { "parameters.top_k" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_TYPICAL_P, { "parameters.typical_p" }, LLMP_NUMBER,
      "0.01", "0.99", "1" },

    { LLMP_MAX_TOKENS, { "parameters.max_new_tokens" }, LLMP_NUMBER,
      "1", NULL, NULL },

    { LLMP_N, { "parameters.best_of" }, LLMP_NUMBER, "1", NULL, "1" },

    { LLMP_FREQUENCY_PENALTY, { "parameters.frequency_penalty" }, LLMP_NUMBER,
      "-2", "2", "0" },

    { LLMP_REPETITION_PENALTY, { "parameters.repetition_penalty" }, LLMP_NUMBER,
      "0.01", NULL, "1" },

    { LLMP_STOP, { "parameters.stop" }, LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "parameters.seed" }, LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_tgi_generate = {
    .name = llmp_string("tgi.generate"),
    .shape = LLMP_SHAPE_OLLAMA,
    .generates = 1,
    .slots = tgi_slots,
    .choices = generate_choices,
    .reports = llmp_servers_reports,
    .documented = llmp_tgi_generate_documented
};
