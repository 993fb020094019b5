
/*
 * Copyright (C) llm-policy authors
 *
 * The OpenAI dialects (OpenAPI description of api.openai.com, 2026-08).
 *
 * The server behind these routes may be any that is compatible, so they
 * hold the spellings that vLLM, llama.cpp, SGLang, Ollama, TGI, LiteLLM and
 * others read there, beside OpenAI's own, and what undoes a bound in any of
 * them.
 */


#include "llmp_dialect.h"
#include "llmp_dialect_openai.h"


#define NUMBER   LLMP_TYPE_NUMBER
#define BOOLEAN  LLMP_TYPE_BOOLEAN
#define STRING   LLMP_TYPE_STRING
#define ARRAY    LLMP_TYPE_ARRAY
#define OBJECT   LLMP_TYPE_OBJECT


/* what changes which token is drawn, whatever the bounds say */

#define SAMPLING  (llmp_mask(LLMP_TEMPERATURE) | llmp_mask(LLMP_TOP_P)        \
                   | llmp_mask(LLMP_TOP_K) | llmp_mask(LLMP_MIN_P)            \
                   | llmp_mask(LLMP_TYPICAL_P)                                \
                   | llmp_mask(LLMP_PRESENCE_PENALTY)                         \
                   | llmp_mask(LLMP_FREQUENCY_PENALTY)                        \
                   | llmp_mask(LLMP_REPETITION_PENALTY))

#define ALL       (llmp_mask(LLMP_PARAM_MAX) - 1)


static const llmp_slot_t  chat_slots[] = {

    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "2", "1" },

    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", "1" },

    /* what an absent one means differs: no limit here, a few elsewhere */
    { LLMP_MAX_TOKENS, { "max_tokens", "max_completion_tokens" },
      NUMBER, "1", NULL, NULL },

    { LLMP_N, { "n" }, NUMBER, "1", "128", "1" },

    { LLMP_PRESENCE_PENALTY, { "presence_penalty" }, NUMBER, "-2", "2", "0" },

    { LLMP_FREQUENCY_PENALTY, { "frequency_penalty" }, NUMBER,
      "-2", "2", "0" },

    { LLMP_STOP, { "stop" }, STRING|ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, BOOLEAN, NULL, NULL, "" },
    { LLMP_LOGPROBS, { "logprobs" }, BOOLEAN, NULL, NULL, "" },
    { LLMP_TOP_LOGPROBS, { "top_logprobs" }, NUMBER, "0", "20", "" },
    { LLMP_LOGIT_BIAS, { "logit_bias" }, OBJECT, NULL, NULL, "" },

    { LLMP_REASONING_EFFORT, { "reasoning_effort" }, STRING,
      NULL, NULL, "" },

    { LLMP_VERBOSITY, { "verbosity" }, STRING, NULL, NULL, "" },
    { LLMP_SERVICE_TIER, { "service_tier" }, STRING, NULL, NULL, "" },
    { LLMP_STORE, { "store" }, BOOLEAN, NULL, NULL, "" },

    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, BOOLEAN,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  completions_slots[] = {

    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "2", "1" },
    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", "1" },

    /* 16 at OpenAI and vLLM, but without limit at llama.cpp and Ollama */
    { LLMP_MAX_TOKENS, { "max_tokens" }, NUMBER, "1", NULL, NULL },

    { LLMP_N, { "n" }, NUMBER, "1", "128", "1" },
    { LLMP_PRESENCE_PENALTY, { "presence_penalty" }, NUMBER, "-2", "2", "0" },

    { LLMP_FREQUENCY_PENALTY, { "frequency_penalty" }, NUMBER,
      "-2", "2", "0" },

    { LLMP_STOP, { "stop" }, STRING|ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, BOOLEAN, NULL, NULL, "" },
    { LLMP_LOGPROBS, { "logprobs" }, NUMBER, "0", "5", "" },
    { LLMP_LOGIT_BIAS, { "logit_bias" }, OBJECT, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  responses_slots[] = {

    { LLMP_TEMPERATURE, { "temperature" }, NUMBER, "0", "2", "1" },
    { LLMP_TOP_P, { "top_p" }, NUMBER, "0", "1", "1" },
    { LLMP_MAX_TOKENS, { "max_output_tokens" }, NUMBER, "16", NULL, NULL },
    { LLMP_STREAM, { "stream" }, BOOLEAN, NULL, NULL, "" },
    { LLMP_TOP_LOGPROBS, { "top_logprobs" }, NUMBER, "0", "20", "" },

    { LLMP_REASONING_EFFORT, { "reasoning.effort" }, STRING,
      NULL, NULL, "" },

    { LLMP_VERBOSITY, { "text.verbosity" }, STRING, NULL, NULL, "" },
    { LLMP_SERVICE_TIER, { "service_tier" }, STRING, NULL, NULL, "" },
    { LLMP_STORE, { "store" }, BOOLEAN, NULL, NULL, "" },

    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, BOOLEAN,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  images_slots[] = {
    { LLMP_N, { "n" }, NUMBER, "1", "10", "1" },
    { LLMP_STREAM, { "stream" }, BOOLEAN, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  no_slots[] = {
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_spelling_t  spellings[] = {
    { "temperature", LLMP_TEMPERATURE },

    { "top_p", LLMP_TOP_P },
    { "topP", LLMP_TOP_P },
    { "p", LLMP_TOP_P },

    { "top_k", LLMP_TOP_K },
    { "topK", LLMP_TOP_K },
    { "k", LLMP_TOP_K },

    { "min_p", LLMP_MIN_P },

    { "typical_p", LLMP_TYPICAL_P },
    { "typical", LLMP_TYPICAL_P },

    { "max_tokens", LLMP_MAX_TOKENS },
    { "max_completion_tokens", LLMP_MAX_TOKENS },
    { "max_completions_tokens", LLMP_MAX_TOKENS },
    { "max_output_tokens", LLMP_MAX_TOKENS },
    { "max_new_tokens", LLMP_MAX_TOKENS },
    { "maxOutputTokens", LLMP_MAX_TOKENS },
    { "maxTokens", LLMP_MAX_TOKENS },
    { "max_length", LLMP_MAX_TOKENS },
    { "n_predict", LLMP_MAX_TOKENS },
    { "num_predict", LLMP_MAX_TOKENS },
    { "max_tokens_to_sample", LLMP_MAX_TOKENS },
    { "max_gen_len", LLMP_MAX_TOKENS },
    { "max_response_output_tokens", LLMP_MAX_TOKENS },
    { "thinking.budget_tokens", LLMP_MAX_TOKENS },
    { "thinking_token_budget", LLMP_MAX_TOKENS },

    { "n", LLMP_N },
    { "n_cmpl", LLMP_N },
    { "best_of", LLMP_N },
    { "candidateCount", LLMP_N },
    { "candidate_count", LLMP_N },
    { "num_generations", LLMP_N },
    { "num_return_sequences", LLMP_N },

    { "presence_penalty", LLMP_PRESENCE_PENALTY },
    { "presencePenalty", LLMP_PRESENCE_PENALTY },

    { "frequency_penalty", LLMP_FREQUENCY_PENALTY },
    { "frequencyPenalty", LLMP_FREQUENCY_PENALTY },

    { "repetition_penalty", LLMP_REPETITION_PENALTY },
    { "repeat_penalty", LLMP_REPETITION_PENALTY },

    { "stop", LLMP_STOP },
    { "stop_sequences", LLMP_STOP },
    { "stopSequences", LLMP_STOP },

    { "seed", LLMP_SEED },
    { "random_seed", LLMP_SEED },
    { "sampling_seed", LLMP_SEED },

    { "stream", LLMP_STREAM },
    { "logprobs", LLMP_LOGPROBS },
    { "top_logprobs", LLMP_TOP_LOGPROBS },
    { "logit_bias", LLMP_LOGIT_BIAS },

    { "reasoning_effort", LLMP_REASONING_EFFORT },
    { "reasoning.effort", LLMP_REASONING_EFFORT },

    { "verbosity", LLMP_VERBOSITY },
    { "text.verbosity", LLMP_VERBOSITY },

    { "service_tier", LLMP_SERVICE_TIER },
    { "store", LLMP_STORE },
    { "parallel_tool_calls", LLMP_PARALLEL_TOOL_CALLS },

    { NULL, LLMP_PARAM_MAX }
};


/* where compatible servers look for parameters beside the top level */

static const char *const  containers[] = {
    "options",                      /* Ollama, LiteLLM in front of it */
    "parameters",                   /* TGI, Vertex */
    "generationConfig",             /* Gemini */
    "generation_config",
    "inferenceConfig",              /* Bedrock */
    "sampling_params",              /* SGLang, vLLM */
    "sampling_params[]",
    "completion_args",              /* Mistral */
    "requests[].params",            /* Anthropic batches */
    "instances[]",                  /* Vertex */
    "instances[].parameters",
    NULL
};


/* OpenAI's reasoning models refuse max_tokens */

static const llmp_variant_t  chat_variants[] = {
    { "o1", LLMP_MAX_TOKENS, "max_completion_tokens" },
    { "o3", LLMP_MAX_TOKENS, "max_completion_tokens" },
    { "o4", LLMP_MAX_TOKENS, "max_completion_tokens" },
    { "gpt-5", LLMP_MAX_TOKENS, "max_completion_tokens" },
    { NULL, LLMP_PARAM_MAX, NULL }
};


#define COMPATIBLE                                                            \
                                                                              \
    /* llama.cpp: temperature drawn from a range; other samplers */           \
    { "dynatemp_range", llmp_mask(LLMP_TEMPERATURE), 0 },                     \
    { "dynatemp_exponent", llmp_mask(LLMP_TEMPERATURE), 0 },                  \
    { "samplers", SAMPLING, 0 },                                              \
    { "mirostat", SAMPLING, 0 },                                              \
    { "mirostat_tau", SAMPLING, 0 },                                          \
    { "mirostat_eta", SAMPLING, 0 },                                          \
    { "xtc_probability", SAMPLING, 0 },                                       \
    { "xtc_threshold", SAMPLING, 0 },                                         \
    { "adaptive_target", SAMPLING, 0 },                                       \
    { "adaptive_decay", SAMPLING, 0 },                                        \
    { "top_n_sigma", SAMPLING, 0 },                                           \
    { "lora", 0, LLMP_UNDO_MODELS },                                          \
                                                                              \
    /* KoboldCpp, text-generation-webui, TabbyAPI */                          \
    { "dynamic_temperature", llmp_mask(LLMP_TEMPERATURE), 0 },                \
    { "dynatemp_low", llmp_mask(LLMP_TEMPERATURE), 0 },                       \
    { "dynatemp_high", llmp_mask(LLMP_TEMPERATURE), 0 },                      \
    { "smoothing_factor", SAMPLING, 0 },                                      \
    { "smoothing_curve", SAMPLING, 0 },                                       \
    { "sampler_order", SAMPLING, 0 },                                         \
    { "sampler_priority", SAMPLING, 0 },                                      \
    { "mirostat_mode", SAMPLING, 0 },                                         \
                                                                              \
    /* SGLang, vLLM */                                                        \
    { "custom_logit_processor", SAMPLING, 0 },                                \
    { "custom_params", SAMPLING, 0 },                                         \
    { "logits_processors", SAMPLING, 0 },                                     \
    { "vllm_xargs", SAMPLING, 0 },                                            \
    { "use_beam_search", SAMPLING | llmp_mask(LLMP_N), 0 },                   \
    { "lora_path", 0, LLMP_UNDO_MODELS },                                     \
    { "logit_bias", SAMPLING, 0 },                                            \
                                                                              \
    /* transformers serve: a JSON document inside a string */                 \
    { "generation_config", ALL, LLMP_UNDO_STRINGS },                          \
                                                                              \
    /* LiteLLM, OpenRouter, Bedrock: another request or model inside */       \
    { "extra_body", ALL, LLMP_UNDO_MODELS },                                  \
    { "additionalModelRequestFields", ALL, LLMP_UNDO_MODELS },                \
    { "additional_model_request_fields", ALL, LLMP_UNDO_MODELS },             \
    { "additional_drop_params", ALL, 0 },                                     \
    { "fallbacks", ALL, LLMP_UNDO_MODELS },                                   \
    { "context_window_fallbacks", ALL, LLMP_UNDO_MODELS },                    \
    { "content_policy_fallbacks", ALL, LLMP_UNDO_MODELS },                    \
    { "models", ALL, LLMP_UNDO_MODELS },                                      \
    { "preset", ALL, LLMP_UNDO_MODELS },                                      \
    { "prompt_id", ALL, LLMP_UNDO_MODELS },                                   \
    { "user_config", ALL, LLMP_UNDO_MODELS }


static const llmp_underminer_t  underminers[] = {
    COMPATIBLE,
    { NULL, 0, 0 }
};


static const llmp_underminer_t  responses_underminers[] = {
    COMPATIBLE,

    /* a template stored at OpenAI has settings of its own */
    { "prompt", ALL, LLMP_UNDO_MODELS },

    /* what an earlier turn was made with may still be in force */
    { "previous_response_id", ALL, LLMP_UNDO_DEFAULT },
    { "conversation", ALL, LLMP_UNDO_DEFAULT },

    { NULL, 0, 0 }
};


const llmp_dialect_t  llmp_openai_chat = {
    llmp_string("openai.chat"), LLMP_SHAPE_OPENAI, 1, NULL, "model",
    chat_slots, spellings, containers, chat_variants, underminers
};


const llmp_dialect_t  llmp_openai_completions = {
    llmp_string("openai.completions"), LLMP_SHAPE_OPENAI, 1, NULL, "model",
    completions_slots, spellings, containers, NULL, underminers
};


const llmp_dialect_t  llmp_openai_responses = {
    llmp_string("openai.responses"), LLMP_SHAPE_OPENAI, 1, NULL, "model",
    responses_slots, spellings, containers, NULL, responses_underminers
};


#define PLAIN(name, slots)                                                    \
    {                                                                         \
        llmp_string(name), LLMP_SHAPE_OPENAI, 0, NULL, "model",               \
        slots, NULL, NULL, NULL, NULL                                         \
    }


const llmp_dialect_t  llmp_openai_embeddings =
    PLAIN("openai.embeddings", no_slots);

const llmp_dialect_t  llmp_openai_moderations =
    PLAIN("openai.moderations", no_slots);

const llmp_dialect_t  llmp_openai_images =
    PLAIN("openai.images", images_slots);

const llmp_dialect_t  llmp_openai_speech =
    PLAIN("openai.speech", no_slots);

const llmp_dialect_t  llmp_openai_input =
    PLAIN("openai.input", no_slots);

const llmp_dialect_t  llmp_rerank =
    PLAIN("rerank", no_slots);

const llmp_dialect_t  llmp_tokenize =
    PLAIN("tokenize", no_slots);
