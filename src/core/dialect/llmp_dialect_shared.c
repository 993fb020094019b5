
/*
 * Copyright (C) llm-policy authors
 *
 * Members that compatible servers read on the routes of any API.  Any server
 * may be behind a route, so that each dialect includes the spellings of vLLM,
 * llama.cpp, SGLang, Ollama, TGI, LiteLLM and others, in addition to those of
 * its API.
 */


#include "dialect/llmp_dialect_tables.h"


/* bounds that a change of the sampling method undoes */

#define SAMPLING  (llmp_mask(LLMP_TEMPERATURE) | llmp_mask(LLMP_TOP_P)        \
                   | llmp_mask(LLMP_TOP_K) | llmp_mask(LLMP_MIN_P)            \
                   | llmp_mask(LLMP_TYPICAL_P)                                \
                   | llmp_mask(LLMP_PRESENCE_PENALTY)                         \
                   | llmp_mask(LLMP_FREQUENCY_PENALTY)                        \
                   | llmp_mask(LLMP_REPETITION_PENALTY))


const llmp_spelling_t  llmp_spellings[] = {
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
    { "maximum_tokens", LLMP_MAX_TOKENS },
    { "max_response_output_tokens", LLMP_MAX_TOKENS },
    { "thinking.budget_tokens", LLMP_MAX_TOKENS },
    { "thinking.token_budget", LLMP_MAX_TOKENS },
    { "thinking_token_budget", LLMP_MAX_TOKENS },
    { "thinking_budget_tokens", LLMP_MAX_TOKENS },
    { "thinking_budget", LLMP_MAX_TOKENS },
    { "reasoning_budget_tokens", LLMP_MAX_TOKENS },
    { "reasoning.max_tokens", LLMP_MAX_TOKENS },

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
    { "rep_pen", LLMP_REPETITION_PENALTY },

    { "stop", LLMP_STOP },
    { "stop_sequences", LLMP_STOP },
    { "stopSequences", LLMP_STOP },
    { "stop_sequence", LLMP_STOP },

    { "seed", LLMP_SEED },
    { "random_seed", LLMP_SEED },
    { "sampling_seed", LLMP_SEED },

    { "stream", LLMP_STREAM },
    { "logprobs", LLMP_LOGPROBS },
    { "top_logprobs", LLMP_TOP_LOGPROBS },
    { "n_probs", LLMP_TOP_LOGPROBS },
    { "top_logprobs_num", LLMP_TOP_LOGPROBS },
    { "logit_bias", LLMP_LOGIT_BIAS },

    { "reasoning_effort", LLMP_REASONING_EFFORT },
    { "reasoning.effort", LLMP_REASONING_EFFORT },
    { "output_config.effort", LLMP_REASONING_EFFORT },
    { "think", LLMP_REASONING_EFFORT },
    { "thinking_level", LLMP_REASONING_EFFORT },
    { "thinkingConfig.thinkingLevel", LLMP_REASONING_EFFORT },
    { "thinking_config.thinking_level", LLMP_REASONING_EFFORT },

    { "verbosity", LLMP_VERBOSITY },

    { "service_tier", LLMP_SERVICE_TIER },
    { "store", LLMP_STORE },
    { "parallel_tool_calls", LLMP_PARALLEL_TOOL_CALLS },

    { NULL, LLMP_PARAM_MAX }
};


/* objects in which compatible servers look for parameters, in addition to the
   top level */

const char *const  llmp_containers[] = {
    "options",                      /* Ollama, LiteLLM in front of it */
    "parameters",                   /* TGI, Vertex */
    "params",                       /* Open WebUI */
    "generationConfig",             /* Gemini */
    "generation_config",
    "inferenceConfig",              /* Bedrock */
    "sampling_params",              /* SGLang, vLLM */
    "sampling_params[]",
    "completion_args",              /* Mistral */
    "requests[].params",            /* Anthropic batches */
    "instances[]",                  /* Vertex */
    "instances[].parameters",
    "tools[].parameters",           /* OpenRouter: tools that call a model */
    "plugins[]",
    NULL
};


const llmp_bypass_t  llmp_bypasses[] = {

    /* llama.cpp: a range of temperatures; other samplers */
    { "dynatemp_range", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "dynatemp_exponent", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "samplers", SAMPLING, 0 },
    { "mirostat", SAMPLING, 0 },
    { "mirostat_tau", SAMPLING, 0 },
    { "mirostat_eta", SAMPLING, 0 },
    { "xtc_probability", SAMPLING, 0 },
    { "xtc_threshold", SAMPLING, 0 },
    { "adaptive_target", SAMPLING, 0 },
    { "adaptive_decay", SAMPLING, 0 },
    { "top_n_sigma", SAMPLING, 0 },
    { "mirostat_target", SAMPLING, 0 },
    { "mirostat_lr", SAMPLING, 0 },
    { "tfs_z", SAMPLING, 0 },
    { "lora", 0, LLMP_BYPASS_MODELS },

    /* KoboldCpp, text-generation-webui, TabbyAPI */
    { "dynamic_temperature", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "dynatemp_low", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "dynatemp_high", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "dynatemp_min", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "dynatemp_max", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "min_temp", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "max_temp", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "temp_exponent", llmp_mask(LLMP_TEMPERATURE), 0 },
    { "temperature_last", SAMPLING, 0 },
    { "smoothing_factor", SAMPLING, 0 },
    { "smoothing_curve", SAMPLING, 0 },
    { "sampler_order", SAMPLING, 0 },
    { "sampler_priority", SAMPLING, 0 },
    { "mirostat_mode", SAMPLING, 0 },
    { "nsigma", SAMPLING, 0 },
    { "tfs", SAMPLING, 0 },
    { "top_a", SAMPLING, 0 },
    { "skew", SAMPLING, 0 },
    { "epsilon_cutoff", SAMPLING, 0 },
    { "eta_cutoff", SAMPLING, 0 },
    { "penalty_alpha", SAMPLING, 0 },
    { "do_sample", SAMPLING, 0 },
    { "guidance_scale", SAMPLING, 0 },
    { "cfg_scale", SAMPLING, 0 },
    { "auto_max_new_tokens", llmp_mask(LLMP_MAX_TOKENS), 0 },
    { "banned_tokens", llmp_mask(LLMP_LOGIT_BIAS), 0 },
    { "custom_token_bans", llmp_mask(LLMP_LOGIT_BIAS), 0 },
    { "allowed_tokens", llmp_mask(LLMP_LOGIT_BIAS), 0 },

    /* SGLang, vLLM */
    { "custom_logit_processor", SAMPLING, 0 },
    { "custom_params", SAMPLING, 0 },
    { "logits_processors", SAMPLING, 0 },
    { "vllm_xargs", SAMPLING, 0 },
    { "use_beam_search", SAMPLING | llmp_mask(LLMP_N), 0 },
    { "lora_path", 0, LLMP_BYPASS_MODELS },
    { "allowed_token_ids", llmp_mask(LLMP_LOGIT_BIAS), 0 },
    { "bad_words", llmp_mask(LLMP_LOGIT_BIAS), 0 },
    { "chat_template_kwargs", llmp_mask(LLMP_REASONING_EFFORT), 0 },
    { "nvext", SAMPLING, 0 },
    { "logit_bias", SAMPLING, 0 },

    /* JavaScript servers that assign the members of a body to an object */
    { "__proto__", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "constructor.prototype", LLMP_ALL, LLMP_BYPASS_MODELS },

    /* transformers serve: a JSON document inside a string */
    { "generation_config", LLMP_ALL, LLMP_BYPASS_UNLESS_OBJECT },

    /* LiteLLM, OpenRouter, Bedrock: another request or model inside */
    { "extra_body", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "additionalModelRequestFields", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "additional_model_request_fields", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "additional_drop_params", LLMP_ALL, 0 },
    { "fallbacks", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "context_window_fallbacks", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "content_policy_fallbacks", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "models", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "preset", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "prompt_id", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "user_config", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "model_list", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "router_settings_override", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "custom_llm_provider", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "api_base", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "base_url", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "providerOptions", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "compound_custom", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "engine", 0, LLMP_BYPASS_MODELS },
    { "deployment_id", 0, LLMP_BYPASS_MODELS },
    { "adapter_id", 0, LLMP_BYPASS_MODELS },
    { "lora_name", 0, LLMP_BYPASS_MODELS },
    { "reasoning.enabled", llmp_mask(LLMP_REASONING_EFFORT), 0 },
    { "enable_thinking", llmp_mask(LLMP_REASONING_EFFORT), 0 },

    /* another model in addition to that of the request */
    { "draft_model", 0, LLMP_BYPASS_MODELS },
    { "adapters", 0, LLMP_BYPASS_MODELS },
    { "lora_request", 0, LLMP_BYPASS_MODELS },
    { "analysis_models", 0, LLMP_BYPASS_MODELS },

    /* TensorZero */
    { "tensorzero::params", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "tensorzero::extra_body", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "tensorzero::variant_name", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "tensorzero::credentials", LLMP_ALL, LLMP_BYPASS_MODELS },
    { "tensorzero::internal_dynamic_variant_config", LLMP_ALL,
      LLMP_BYPASS_MODELS },

    { NULL, 0, 0 }
};


/* bypasses at the top, and not in containers */

const llmp_bypass_t  llmp_tool_bypasses[] = {
    { "tools[].model", 0, LLMP_BYPASS_MODELS },
    { "tools[].parameters.model", 0, LLMP_BYPASS_MODELS },
    { "plugins[].model", 0, LLMP_BYPASS_MODELS },
    { NULL, 0, 0 }
};


const llmp_slot_t  llmp_no_slots[] = {
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};
