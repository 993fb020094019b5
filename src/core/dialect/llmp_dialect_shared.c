
/*
 * Copyright (C) llm-policy authors
 *
 * Members that compatible servers read on the routes of any API.  Any server
 * may be behind a route, so that each dialect includes the spellings of vLLM,
 * llama.cpp, SGLang, Ollama, TGI, LiteLLM and others, in addition to those of
 * its API.
 */


#include "dialect/llmp_dialect_tables.h"


/* bounds that another penalty, or fewer tokens with one, undoes */

#define PENALTIES  (llmp_mask(LLMP_PRESENCE_PENALTY)                          \
                    | llmp_mask(LLMP_FREQUENCY_PENALTY)                       \
                    | llmp_mask(LLMP_REPETITION_PENALTY))


/* bounds that another template of the prompt undoes */

#define TEMPLATE  (llmp_mask(LLMP_REASONING_EFFORT) | llmp_mask(LLMP_VERBOSITY))


/* bounds of the probabilities in an answer */

#define LOGPROBS  (llmp_mask(LLMP_LOGPROBS) | llmp_mask(LLMP_TOP_LOGPROBS))


/* bounds that a change of the sampling method undoes */

#define SAMPLING  (llmp_mask(LLMP_TEMPERATURE) | llmp_mask(LLMP_TOP_P)        \
                   | llmp_mask(LLMP_TOP_K) | llmp_mask(LLMP_MIN_P)            \
                   | llmp_mask(LLMP_TYPICAL_P)                                \
                   | llmp_mask(LLMP_PRESENCE_PENALTY)                         \
                   | llmp_mask(LLMP_FREQUENCY_PENALTY)                        \
                   | llmp_mask(LLMP_REPETITION_PENALTY))


/* bounds that thinking without a budget undoes */

#define THINKING  (llmp_mask(LLMP_REASONING_EFFORT)                           \
                   | llmp_mask(LLMP_THINKING_BUDGET))


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
    { "sampler_seed", LLMP_SEED },
    { "image_seed", LLMP_SEED },

    { "stream", LLMP_STREAM },
    { "logprobs", LLMP_LOGPROBS },
    { "return_logprob", LLMP_LOGPROBS },
    { "top_logprobs", LLMP_TOP_LOGPROBS },
    { "n_probs", LLMP_TOP_LOGPROBS },
    { "top_logprobs_num", LLMP_TOP_LOGPROBS },
    { "top_n_tokens", LLMP_TOP_LOGPROBS },
    { "logit_bias", LLMP_LOGIT_BIAS },

    { "reasoning_effort", LLMP_REASONING_EFFORT },
    { "reasoning.effort", LLMP_REASONING_EFFORT },
    { "reasoning.reasoning_effort", LLMP_REASONING_EFFORT },
    { "thinking.effort", LLMP_REASONING_EFFORT },
    { "output_config.effort", LLMP_REASONING_EFFORT },
    { "think", LLMP_REASONING_EFFORT },
    { "thinking_level", LLMP_REASONING_EFFORT },
    { "thinkingConfig.thinkingLevel", LLMP_REASONING_EFFORT },
    { "thinkingConfig.thinking_level", LLMP_REASONING_EFFORT },
    { "thinking_config.thinkingLevel", LLMP_REASONING_EFFORT },
    { "thinking_config.thinking_level", LLMP_REASONING_EFFORT },
    { "google.thinking_config.thinking_level", LLMP_REASONING_EFFORT },

    /*
     * Tokens of thinking.  0 turns it off, or ends it at once; below 0 is "no
     * limit", or left to the model: TabbyAPI (endpoints/OAI/types/
     * chat_completion.py of 2026-08-13), mistral.rs (mistralrs-server-core/
     * src/openai.rs of 2026-08-22, which only declares the member), vLLM
     * (sampling_params.py), llama.cpp (tools/server/server-schema.cpp) and
     * SGLang (srt/managers/io_struct.py: max_thinking_tokens), read in
     * November 2026; Anthropic, Cohere (token_budget), OpenRouter, DashScope,
     * Gemini: not checked.
     */

    { "thinking_budget", LLMP_THINKING_BUDGET },
    { "thinking_budget_tokens", LLMP_THINKING_BUDGET },
    { "thinking_token_budget", LLMP_THINKING_BUDGET },
    { "thinking.budget_tokens", LLMP_THINKING_BUDGET },
    { "thinking.token_budget", LLMP_THINKING_BUDGET },
    { "reasoning_budget", LLMP_THINKING_BUDGET },
    { "reasoning_budget_tokens", LLMP_THINKING_BUDGET },
    { "reasoning_max_tokens", LLMP_THINKING_BUDGET },
    { "max_thinking_tokens", LLMP_THINKING_BUDGET },
    { "reasoning.max_tokens", LLMP_THINKING_BUDGET },
    { "reasoning_config.budget_tokens", LLMP_THINKING_BUDGET },
    { "thinkingBudget", LLMP_THINKING_BUDGET },
    { "thinkingConfig.thinkingBudget", LLMP_THINKING_BUDGET },
    { "thinkingConfig.thinking_budget", LLMP_THINKING_BUDGET },
    { "thinking_config.thinkingBudget", LLMP_THINKING_BUDGET },
    { "thinking_config.thinking_budget", LLMP_THINKING_BUDGET },
    { "google.thinking_config.thinking_budget", LLMP_THINKING_BUDGET },

    { "verbosity", LLMP_VERBOSITY },

    { "service_tier", LLMP_SERVICE_TIER },
    { "store", LLMP_STORE },
    { "parallel_tool_calls", LLMP_PARALLEL_TOOL_CALLS },

    { NULL, LLMP_PARAM_MAX }
};


/* Gemini's levels: the names of an enum, ThinkingLevel of python-genai (not
   checked) */

const char *const  llmp_upper_case[] = {
    "thinking_level",
    "thinkingConfig.thinkingLevel",
    "thinkingConfig.thinking_level",
    "thinking_config.thinkingLevel",
    "thinking_config.thinking_level",
    "google.thinking_config.thinking_level",
    NULL
};


/*
 * Anthropic's API, and LiteLLM and others in front of it, require a budget of
 * at least 1024 tokens, and below max_tokens (not checked; with interleaved
 * thinking, a budget may exceed max_tokens, and then nothing else limits it).
 * OpenRouter requires the same of reasoning.max_tokens (not checked).
 */

const llmp_thinking_t  llmp_thinking[] = {
    { "thinking", "budget_tokens", "1024", "{\"type\":\"disabled\"}", "type" },
    { "reasoning", "max_tokens", "1024", "{\"enabled\":false}", "enabled" },
    { NULL, NULL, NULL, NULL, NULL }
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
    "adapter",                      /* KoboldCpp: values of absent members */
    "completion_args",              /* Mistral */
    "requests[].params",            /* Anthropic batches */
    "instances[]",                  /* Vertex */
    "instances[].parameters",
    "tools[].parameters",           /* OpenRouter: tools that call a model */
    "plugins[]",
    NULL
};


/*
 * Neutral values are those with which a server does what it would do without
 * the member.  The names, and most defaults, were read in November 2026 in
 * these sources:
 *
 *   TabbyAPI               common/sampling.py, of 2026-08-13
 *   Aphrodite              aphrodite/sampling_params.py, of 2026-04-28
 *   text-generation-webui  modules/api/typing.py, of 2026-05-03
 *   TGI                    router/src/lib.rs, of 2026-01-08
 *   LocalAI                core/schema, core/http/middleware/request.go, of
 *                          2026-08-22
 *   mistral.rs             mistralrs-server-core/src/openai.rs, of 2026-08-22
 *   SGLang                 srt/entrypoints/openai/protocol.py,
 *                          srt/managers/io_struct.py,
 *                          srt/sampling/sampling_params.py
 *   vLLM                   entrypoints/openai/chat_completion/protocol.py,
 *                          sampling_params.py
 *   LMDeploy               serve/openai/protocol.py, of 2026-08-21
 *   TensorRT-LLM           serve/openai_protocol.py, 2026-11
 *   llama.cpp              tools/server/server-schema.cpp, 2026-11
 *   KoboldCpp              generate() and transform_genparams() of
 *                          koboldcpp.py, 2026-11
 *   LiteLLM                the parameters that its tests list as its own
 *                          (types/litellm_params), 2026-11
 *
 * How each server uses a value was read only where a comment tells.
 *
 * The fields of Transformers, vLLM and TGI were seen in those servers only.
 *
 * "tfs", "tfs_z", "top_a", "epsilon_cutoff" and "eta_cutoff" are not in the
 * table: they remove unlikely tokens, in addition to top_p and the others.
 * Neither is "logit_bias": it prefers tokens, at the temperature of the
 * request, and has a rule of its own.
 */

static const char *const  zero[] = { "0", NULL };
static const char *const  one[] = { "1", NULL };
static const char *const  zero_or_one[] = { "0", "1", NULL };
static const char *const  on[] = { "true", NULL };
static const char *const  off[] = { "false", NULL };
static const char *const  disabled[] = { "\"disabled\"", NULL };
static const char *const  no_text[] = { "\"\"", NULL };

/* defaults of llama.cpp, of KoboldCpp, of text-generation-webui; all tokens */
static const char *const  last_tokens[] = {
    "64", "320", "360", "1024", "-1", NULL
};

/* a number in llama.cpp, and in TabbyAPI, which takes false for 0 */
static const char *const  mirostat[] = { "0", "false", NULL };

/* defaults, which matter only if "mirostat" is on: of llama.cpp, of TabbyAPI */
static const char *const  mirostat_tau[] = { "5", "1.5", NULL };
static const char *const  mirostat_eta[] = { "0.1", "0.3", NULL };

/* defaults, which matter only if "xtc_probability" is not 0: of llama.cpp, of
   KoboldCpp */
static const char *const  xtc_threshold[] = { "0.1", "0.2", NULL };

/* off: the default of llama.cpp, and what SillyTavern sends */
static const char *const  adaptive_target[] = { "-1", "-0.01", NULL };
static const char *const  adaptive_decay[] = { "0.9", NULL };

/* off; with 0, llama.cpp before April 2025 keeps the likeliest token only */
static const char *const  sigma[] = { "-1", "0", NULL };


const llmp_bypass_t  llmp_bypasses[] = {

    /* llama.cpp: a range of temperatures; other samplers, none of them if
       "samplers" is empty; adapters, off if "lora" is empty */
    { "dynatemp_range", llmp_mask(LLMP_TEMPERATURE), 0, zero },
    { "dynatemp_exponent", llmp_mask(LLMP_TEMPERATURE), 0, one },
    { "samplers", SAMPLING, LLMP_BYPASS_EMPTY, NULL },
    { "mirostat", SAMPLING, 0, mirostat },
    { "mirostat_tau", SAMPLING, 0, mirostat_tau },
    { "mirostat_eta", SAMPLING, 0, mirostat_eta },
    { "xtc_probability", SAMPLING, 0, zero },
    { "xtc_threshold", SAMPLING, 0, xtc_threshold },
    { "adaptive_target", SAMPLING, 0, adaptive_target },
    { "adaptive_decay", SAMPLING, 0, adaptive_decay },
    { "top_n_sigma", SAMPLING, 0, sigma },
    { "mirostat_target", SAMPLING, 0, NULL },
    { "mirostat_lr", SAMPLING, 0, NULL },
    { "lora", 0, LLMP_BYPASS_MODELS|LLMP_BYPASS_EMPTY, NULL },

    /* more candidates than the samplers keep, which is one at least; how much a
       penalty sees; another penalty; no end of the text */
    { "min_keep", llmp_mask(LLMP_TOP_P) | llmp_mask(LLMP_MIN_P)
                  | llmp_mask(LLMP_TYPICAL_P), 0, zero_or_one },
    { "repeat_last_n", PENALTIES, 0, last_tokens },
    { "dry_multiplier", PENALTIES, 0, zero },
    { "ignore_eos", llmp_mask(LLMP_LOGIT_BIAS), 0, off },

    /* the tags around thinking: with others, a budget counts nothing; in chats,
       those of the template precede them */
    { "reasoning_budget_start_tag", THINKING, 0, no_text },
    { "reasoning_budget_end_tag", THINKING, 0, no_text },
    { "reasoning_budget_end_tags", THINKING, 0, NULL },

    /* KoboldCpp, text-generation-webui (which passes "sampler_priority" to
       llama.cpp as "samplers"), TabbyAPI, Aphrodite */
    { "dynamic_temperature", llmp_mask(LLMP_TEMPERATURE), 0, off },
    { "dynatemp_low", llmp_mask(LLMP_TEMPERATURE), 0, one },
    { "dynatemp_high", llmp_mask(LLMP_TEMPERATURE), 0, one },
    { "dynatemp_min", llmp_mask(LLMP_TEMPERATURE), 0, zero },
    { "dynatemp_max", llmp_mask(LLMP_TEMPERATURE), 0, zero },
    { "min_temp", llmp_mask(LLMP_TEMPERATURE), 0, one },
    { "max_temp", llmp_mask(LLMP_TEMPERATURE), 0, one },
    { "temp_exponent", llmp_mask(LLMP_TEMPERATURE), 0, one },
    { "temperature_last", SAMPLING, 0, off },
    { "smoothing_factor", SAMPLING, 0, zero },
    { "smoothing_curve", SAMPLING, 0, one },
    { "sampler_order", SAMPLING, 0, NULL },
    { "sampler_priority", SAMPLING, LLMP_BYPASS_EMPTY, NULL },
    { "mirostat_mode", SAMPLING, 0, zero },
    { "nsigma", SAMPLING, 0, sigma },
    { "skew", SAMPLING, 0, zero },
    { "penalty_alpha", SAMPLING, 0, zero },
    { "do_sample", SAMPLING, 0, on },
    { "guidance_scale", SAMPLING, 0, one },
    { "cfg_scale", SAMPLING, 0, one },
    { "negative_prompt_scale", SAMPLING, 0, zero_or_one },
    { "auto_max_new_tokens", llmp_mask(LLMP_MAX_TOKENS), 0, off },
    { "banned_tokens", llmp_mask(LLMP_LOGIT_BIAS), 0, no_text },
    { "custom_token_bans", llmp_mask(LLMP_LOGIT_BIAS), 0, no_text },
    { "allowed_tokens", llmp_mask(LLMP_LOGIT_BIAS), 0, no_text },
    { "banned_strings", llmp_mask(LLMP_LOGIT_BIAS), 0, no_text },
    { "bypass_eos", llmp_mask(LLMP_LOGIT_BIAS), 0, off },
    { "ban_eos_token", llmp_mask(LLMP_LOGIT_BIAS), 0, off },
    { "use_default_badwordsids", llmp_mask(LLMP_LOGIT_BIAS), 0, off },
    { "rep_pen_range", PENALTIES, 0, last_tokens },
    { "rep_pen_slope", PENALTIES, 0, one },
    { "penalty_range", PENALTIES, 0, last_tokens },
    { "repetition_range", PENALTIES, 0, last_tokens },
    { "repetition_penalty_range", PENALTIES, 0, last_tokens },
    { "repetition_decay", PENALTIES, 0, zero },
    { "no_repeat_ngram_size", PENALTIES, 0, zero },
    { "encoder_repetition_penalty", PENALTIES, 0, one },
    { "template_vars", TEMPLATE, 0, NULL },
    { "prompt_template", TEMPLATE, 0, no_text },
    { "instruction_template", TEMPLATE, 0, no_text },
    { "instruction_template_str", TEMPLATE, 0, no_text },
    { "chat_template_str", TEMPLATE, 0, no_text },
    { "aphrodite_xargs", SAMPLING, 0, NULL },

    /* SGLang, vLLM */
    { "custom_logit_processor", SAMPLING, 0, NULL },
    { "custom_params", SAMPLING, 0, NULL },
    { "logits_processors", SAMPLING, 0, NULL },
    { "vllm_xargs", SAMPLING, 0, NULL },
    { "use_beam_search", SAMPLING | llmp_mask(LLMP_N), 0, off },
    { "beam_width", SAMPLING | llmp_mask(LLMP_N), 0, zero_or_one },
    { "lora_path", 0, LLMP_BYPASS_MODELS, NULL },
    { "allowed_token_ids", llmp_mask(LLMP_LOGIT_BIAS), 0, NULL },
    { "bad_words", llmp_mask(LLMP_LOGIT_BIAS), 0, NULL },
    { "chat_template_kwargs", TEMPLATE, 0, NULL },
    { "chat_template_args", TEMPLATE, 0, NULL },
    { "chat_template", TEMPLATE, 0, no_text },
    { "nvext", SAMPLING, 0, NULL },
    { "stop_token_ids", llmp_mask(LLMP_STOP), 0, NULL },
    { "stop_regex", llmp_mask(LLMP_STOP), 0, no_text },
    { "prompt_logprobs", LOGPROBS, 0, NULL },
    { "logprob_token_ids", LOGPROBS, 0, NULL },
    { "token_ids_logprob", LOGPROBS, 0, NULL },
    { "return_sampling_mask", LOGPROBS, 0, off },
    { "prompt_logprob_token_ids", LOGPROBS, 0, NULL },
    { "lora_id", 0, LLMP_BYPASS_MODELS, NULL },

    /* vLLM: an answer that the request prescribes; SGLang: what it makes of
       "stop", which a request sets as well next to "is_normalized" */
    { "trace_decode_token_ids", SAMPLING | llmp_mask(LLMP_LOGIT_BIAS), 0,
      NULL },
    { "stop_strs", llmp_mask(LLMP_STOP), 0, no_text },
    { "stop_regex_strs", llmp_mask(LLMP_STOP), 0, no_text },

    /* LMDeploy: no template at all */
    { "do_preprocess", TEMPLATE, 0, on },

    /* TensorRT-LLM: tokens of the prompt that no penalty sees */
    { "top_p_min", llmp_mask(LLMP_TOP_P), 0, zero },
    { "prompt_ignore_length", PENALTIES, 0, zero },
    { "return_context_logits", LOGPROBS, 0, off },

    /* TGI; mistral.rs, which takes the name of a LoRA adapter */
    { "details", LOGPROBS, 0, off },
    { "decoder_input_details", LOGPROBS, 0, off },
    { "reasoning_top_logprobs", LOGPROBS, 0, NULL },
    { "adapter", 0, LLMP_BYPASS_MODELS|LLMP_BYPASS_UNLESS_OBJECT, NULL },

    /* vLLM, SGLang, TensorRT-LLM: the state of another request, from a host
       that the request names */
    { "kv_transfer_params", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "ec_transfer_params", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "disaggregated_params", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "bootstrap_host", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "session_params", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "extra_args", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "kv_router_hint", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "encoder_urls", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "http_worker_ipc", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },

    /* JavaScript servers that assign the members of a body to an object */
    { "__proto__", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "constructor.prototype", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },

    /* transformers serve: a JSON document inside a string */
    { "generation_config", LLMP_ALL, LLMP_BYPASS_UNLESS_OBJECT, NULL },

    /* LiteLLM, OpenRouter, Bedrock: another request or model inside */
    { "extra_body", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "additionalModelRequestFields", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "additional_model_request_fields", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "additional_drop_params", LLMP_ALL, 0, NULL },
    { "drop_params", LLMP_ALL, 0, off },
    { "fallbacks", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "context_window_fallbacks", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "content_policy_fallbacks", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "context_window_fallback_dict", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "models", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "preset", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "prompt_id", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "user_config", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "model_list", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "router_settings_override", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "custom_llm_provider", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "api_base", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "base_url", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "api_key", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "headers", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "extra_headers", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "aws_bedrock_runtime_endpoint", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "sagemaker_base_url", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "s3_endpoint_url", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "deployment_url", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "aws_sts_endpoint", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "litellm_credential_name", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "provider_specific_header", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "azure", 0, LLMP_BYPASS_MODELS, off },
    { "replicate", 0, LLMP_BYPASS_MODELS, off },
    { "hugging_face", 0, LLMP_BYPASS_MODELS, off },
    { "together_ai", 0, LLMP_BYPASS_MODELS, off },
    { "providerOptions", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "compound_custom", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "engine", 0, LLMP_BYPASS_MODELS, NULL },
    { "backend", 0, LLMP_BYPASS_MODELS, no_text },
    { "deployment_id", 0, LLMP_BYPASS_MODELS, NULL },
    { "adapter_id", 0, LLMP_BYPASS_MODELS, NULL },
    { "lora_name", 0, LLMP_BYPASS_MODELS, NULL },
    { "reasoning.enabled", llmp_mask(LLMP_REASONING_EFFORT), 0, off },
    { "reasoning.enable", llmp_mask(LLMP_REASONING_EFFORT), 0, off },
    { "enable_thinking", llmp_mask(LLMP_REASONING_EFFORT), 0, off },

    /*
     * Thinking that the client switches on: DeepSeek, Zhipu, Moonshot, MiniMax,
     * Doubao, Anthropic (type); Dynamo, Baseten (true); mistral.rs.  See also
     * llmp_decide_thinking_evades().
     */
    { "thinking.type", THINKING, LLMP_BYPASS_THINKING, disabled },
    { "thinking", THINKING, LLMP_BYPASS_UNLESS_OBJECT, off },
    { "reasoning_enabled", llmp_mask(LLMP_REASONING_EFFORT), 0, off },

    /* another model in addition to that of the request */
    { "draft_model", 0, LLMP_BYPASS_MODELS, NULL },
    { "adapters", 0, LLMP_BYPASS_MODELS, NULL },
    { "lora_request", 0, LLMP_BYPASS_MODELS, NULL },
    { "analysis_models", 0, LLMP_BYPASS_MODELS, NULL },

    /* TensorZero */
    { "tensorzero::params", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "tensorzero::extra_body", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "tensorzero::variant_name", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "tensorzero::credentials", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "tensorzero::internal_dynamic_variant_config", LLMP_ALL,
      LLMP_BYPASS_MODELS, NULL },

    { NULL, 0, 0, NULL }
};


/* bypasses at the top, and not in containers */

const llmp_bypass_t  llmp_tool_bypasses[] = {
    { "tools[].model", 0, LLMP_BYPASS_MODELS, NULL },
    { "tools[].parameters.model", 0, LLMP_BYPASS_MODELS, NULL },
    { "plugins[].model", 0, LLMP_BYPASS_MODELS, NULL },
    { NULL, 0, 0, NULL }
};


/*
 * Members of OpenAI's API that others refuse as unknown ones: Anthropic,
 * Gemini, Mistral (their answers are not checked).
 */

const llmp_need_t  llmp_needs[] = {
    { LLMP_STREAM_OPTIONS, { NULL }, 0 },
    { "parallel_tool_calls", { NULL }, 0 },
    { NULL, { NULL }, 0 }
};


const llmp_slot_t  llmp_no_slots[] = {
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};
