
/*
 * Copyright (C) llm-policy authors
 *
 * Names that the APIs document in objects where parameters are, in addition to
 * those of the slots and the model.  A name that an API accepts without
 * documenting it is not here: an operator can name it in a rule.
 */


#include "dialect/llmp_dialect_tables.h"


/* no other member than those of the slots */

static const char *const  nothing[] = {
    NULL
};


/* OpenAI: description of its API, of 2026-08-21.  Azure: data_sources,
   user_security_context (as its clients send them: Semantic Kernel, sample
   applications of Azure, read 2026-11-30). */

static const char *const  chat[] = {
    "audio", "data_sources", "function_call", "functions", "messages",
    "metadata", "modalities", "moderation", "prediction", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "response_format",
    "safety_identifier", "stream_options", "tool_choice", "tools", "user",
    "user_security_context", "web_search_options", NULL
};


const llmp_documented_t  llmp_openai_chat_documented[] = {
    { "", chat },
    { NULL, NULL }
};


/*
 * Servers that an operator runs: the requests of vLLM (chat_completion/
 * protocol.py), SGLang (openai/protocol.py), llama.cpp (tools/server/
 * server-schema.cpp), TensorRT-LLM (serve/openai_protocol.py), LMDeploy (serve/
 * openai/protocol.py of 2026-08-21), and Ollama (openai/openai.go of
 * 2026-08-21), read in November 2026.  Left out are members that name other
 * hosts of a cluster (kv_transfer_params, bootstrap_host), and those that
 * llama.cpp sets by itself (chat_format, chat_parser).
 */

static const char *const  compatible_chat[] = {
    "adaptive_decay", "adaptive_target", "add_generation_prompt",
    "add_special_tokens", "agent_hierarchy", "allowed_token_ids", "audio",
    "backend_sampling", "bad_words", "best_of", "cache_prompt", "cache_salt",
    "chat_template", "chat_template_kwargs", "continue_final_message",
    "conversation_params", "custom_logit_processor", "custom_params",
    "data_parallel_rank", "do_preprocess", "documents", "dry_allowed_length",
    "dry_base", "dry_multiplier", "dry_penalty_last_n",
    "dry_sequence_breakers", "dynatemp_exponent", "dynatemp_range",
    "early_stopping", "ebnf", "echo", "enable_thinking", "extra_key",
    "function_call", "functions", "grammar", "guided_choice", "guided_grammar",
    "guided_json", "guided_regex", "id_slot", "ignore_eos", "image_data",
    "images_config", "include_reasoning", "include_stop_str_in_output",
    "input_ids", "json_schema", "length_penalty", "logprob_token_ids", "lora",
    "lora_path", "max_completion_tokens", "max_dynamic_patch",
    "media_io_kwargs", "messages", "metadata", "min_dynamic_patch", "min_keep",
    "min_new_tokens", "min_p", "min_tokens", "mirostat", "mirostat_eta",
    "mirostat_tau", "mm_processor_kwargs", "modalities", "moderation",
    "n_cache_reuse", "n_cmpl", "n_discard", "n_indent", "n_keep", "n_predict",
    "n_probs", "ngram_corpus_id", "no_stop_trim", "parse_tool_calls",
    "post_sampling_probs", "prediction", "priority", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "prompt_ignore_length",
    "prompt_logprobs", "prompt_token_ids", "reasoning",
    "reasoning_budget_message", "reasoning_budget_tokens", "reasoning_control",
    "reasoning_format", "regex", "repeat_last_n", "repeat_penalty",
    "repetition_detection", "repetition_ngram_size",
    "repetition_ngram_threshold", "repetition_penalty", "request_id",
    "response_fields", "response_format", "return_cached_tokens_details",
    "return_hidden_states", "return_logprob", "return_meta_info",
    "return_mm_kwargs", "return_progress", "return_prompt_text",
    "return_prompt_token_ids", "return_routed_experts", "return_token_ids",
    "return_token_offsets", "return_tokens", "return_tokens_as_token_ids",
    "rid", "routed_dp_rank", "routed_experts_prompt_start",
    "routed_experts_start_len", "safety_identifier", "samplers",
    "separate_reasoning", "session_id", "skip_special_tokens",
    "spaces_between_special_tokens", "sse_ping_interval", "stop_regex",
    "stop_token_ids", "stream_interval", "stream_options", "stream_reasoning",
    "structured_outputs", "t_max_predict_ms", "task", "thinking",
    "thinking_budget_tokens", "thinking_token_budget", "timings_per_token",
    "tool_choice", "tools", "top_k", "top_n_sigma", "top_p_min",
    "truncate_prompt_tokens", "truncation_side", "typical_p",
    "use_audio_in_video", "use_beam_search", "user", "verbose", "vllm_xargs",
    "watermarking", "web_search_options", "xtc_probability", "xtc_threshold",
    NULL
};


static const char *const  compatible_reasoning[] = {
    "effort", "enabled", NULL
};


static const char *const  compatible_thinking[] = {
    "effort", "keep", "type", NULL
};


const llmp_documented_t  llmp_compatible_chat_documented[] = {
    { "", compatible_chat },
    { "reasoning", compatible_reasoning },
    { "thinking", compatible_thinking },
    { NULL, NULL }
};


static const char *const  completions[] = {
    "best_of", "echo", "prompt", "stream_options", "suffix", "user", NULL
};


const llmp_documented_t  llmp_openai_completions_documented[] = {
    { "", completions },
    { NULL, NULL }
};


static const char *const  responses[] = {
    "background", "context_management", "conversation", "include", "input",
    "instructions", "max_tool_calls", "metadata", "moderation", "multi_agent",
    "previous_response_id", "prompt", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "reasoning",
    "safety_identifier", "stream_options", "text", "tool_choice", "tools",
    "truncation", "user", NULL
};


static const char *const  reasoning[] = {
    "context", "effort", "generate_summary", "mode", "summary", NULL
};


static const char *const  text[] = {
    "format", "verbosity", NULL
};


const llmp_documented_t  llmp_openai_responses_documented[] = {
    { "", responses },
    { "reasoning", reasoning },
    { "text", text },
    { NULL, NULL }
};


static const char *const  assistants[] = {
    "additional_instructions", "additional_messages", "assistant_id",
    "description", "instructions", "max_prompt_tokens", "metadata", "name",
    "response_format", "thread", "tool_choice", "tool_resources", "tools",
    "truncation_strategy", NULL
};


const llmp_documented_t  llmp_openai_assistants_documented[] = {
    { "", assistants },
    { NULL, NULL }
};


static const char *const  evals[] = {
    "data_source", "data_source_config", "grader", "item", "metadata",
    "model_sample", "name", "reference_answer", "testing_criteria", NULL
};


static const char *const  evals_sampling[] = {
    "response_format", "text", "tools", NULL
};


const llmp_documented_t  llmp_openai_evals_documented[] = {
    { "", evals },
    { "data_source.sampling_params", evals_sampling },
    { "testing_criteria[].sampling_params", nothing },
    { "grader.sampling_params", nothing },
    { NULL, NULL }
};


/* Mistral has the same path, and members of its own (its SDK 2.7.0) */

static const char *const  embeddings[] = {
    "dimensions", "encoding_format", "input", "metadata", "output_dimension",
    "output_dtype", "user", NULL
};


const llmp_documented_t  llmp_openai_embeddings_documented[] = {
    { "", embeddings },
    { NULL, NULL }
};


static const char *const  moderations[] = {
    "input", "metadata", NULL
};


const llmp_documented_t  llmp_openai_moderations_documented[] = {
    { "", moderations },
    { NULL, NULL }
};


static const char *const  images[] = {
    "background", "moderation", "output_compression", "output_format",
    "partial_images", "prompt", "quality", "response_format", "size", "style",
    "user", NULL
};


const llmp_documented_t  llmp_openai_images_documented[] = {
    { "", images },
    { NULL, NULL }
};


static const char *const  speech[] = {
    "input", "instructions", "response_format", "speed", "stream_format",
    "voice", NULL
};


const llmp_documented_t  llmp_openai_speech_documented[] = {
    { "", speech },
    { NULL, NULL }
};


static const char *const  input[] = {
    "conversation", "input", "instructions", "parallel_tool_calls",
    "personality", "previous_response_id", "prompt_cache_key",
    "prompt_cache_options", "prompt_cache_retention", "reasoning",
    "service_tier", "text", "tool_choice", "tools", "truncation", NULL
};


const llmp_documented_t  llmp_openai_input_documented[] = {
    { "", input },
    { "reasoning", reasoning },
    { "text", text },
    { NULL, NULL }
};


static const char *const  transcriptions[] = {
    "chunking_strategy", "file", "include", "keywords", "known_speaker_names",
    "known_speaker_references", "language", "languages", "prompt",
    "response_format", "timestamp_granularities", NULL
};


const llmp_documented_t  llmp_openai_transcriptions_documented[] = {
    { "", transcriptions },
    { NULL, NULL }
};


static const char *const  image_edits[] = {
    "background", "image", "images", "input_fidelity", "mask", "moderation",
    "output_compression", "output_format", "partial_images", "prompt",
    "quality", "response_format", "size", "user", NULL
};


const llmp_documented_t  llmp_openai_image_edits_documented[] = {
    { "", image_edits },
    { NULL, NULL }
};


static const char *const  files[] = {
    "expires_after", "file", "purpose", NULL
};


const llmp_documented_t  llmp_openai_files_documented[] = {
    { "", files },
    { NULL, NULL }
};


static const char *const  batches[] = {
    "completion_window", "endpoint", "input_blob", "input_file_id", "metadata",
    "output_expires_after", "output_folder", NULL
};


const llmp_documented_t  llmp_openai_batches_documented[] = {
    { "", batches },
    { NULL, NULL }
};


static const char *const  threads[] = {
    "attachments", "content", "messages", "metadata", "role", "stream",
    "tool_outputs", "tool_resources", NULL
};


const llmp_documented_t  llmp_openai_threads_documented[] = {
    { "", threads },
    { NULL, NULL }
};


/* vLLM, SGLang, Jina, Voyage: not checked */

static const char *const  rerank[] = {
    "documents", "instruction", "items", "max_chunks_per_doc",
    "max_tokens_per_doc", "priority", "queries", "query", "rank_fields",
    "return_documents", "text_1", "text_2", "top_k", "top_n",
    "truncate_prompt_tokens", "truncation", "user", NULL
};


const llmp_documented_t  llmp_rerank_documented[] = {
    { "", rerank },
    { NULL, NULL }
};


static const char *const  tokenize[] = {
    "add_generation_prompt", "add_special", "add_special_tokens",
    "chat_template", "chat_template_kwargs", "content",
    "continue_final_message", "messages", "mm_processor_kwargs",
    "parse_special", "prompt", "return_token_strs", "text", "tokens", "tools",
    "with_pieces", NULL
};


const llmp_documented_t  llmp_tokenize_documented[] = {
    { "", tokenize },
    { NULL, NULL }
};


/* Anthropic: its SDK 0.137.0 (2026-11), resources/messages and beta; the
   versions in the body are those of Vertex and Bedrock */

static const char *const  messages[] = {
    "anthropic_beta", "anthropic_version", "cache_control", "compaction",
    "container", "context_management", "diagnostics", "fallback_credit_token",
    "fallbacks", "inference_geo", "mcp_servers", "messages", "metadata",
    "output_config", "output_format", "speed", "system", "thinking",
    "tool_choice", "tools", "user_profile_id", "workspace_id", NULL
};


static const char *const  thinking[] = {
    "block_binding", "budget_tokens", "display", "type", NULL
};


static const char *const  output_config[] = {
    "effort", "format", "task_budget", NULL
};


const llmp_documented_t  llmp_anthropic_messages_documented[] = {
    { "", messages },
    { "thinking", thinking },
    { "output_config", output_config },
    { NULL, NULL }
};


static const char *const  message_batches[] = {
    "requests", "user_profile_id", "workspace_id", NULL
};


const llmp_documented_t  llmp_anthropic_batches_documented[] = {
    { "", message_batches },
    { NULL, NULL }
};


static const char *const  complete[] = {
    "metadata", "prompt", "workspace_id", NULL
};


const llmp_documented_t  llmp_anthropic_complete_documented[] = {
    { "", complete },
    { NULL, NULL }
};


static const char *const  count[] = {
    "anthropic_version", "cache_control", "compaction", "context_management",
    "mcp_servers", "messages", "output_config", "output_format", "speed",
    "system", "thinking", "tool_choice", "tools", "user_profile_id",
    "workspace_id", NULL
};


const llmp_documented_t  llmp_anthropic_count_documented[] = {
    { "", count },
    { "thinking", thinking },
    { "output_config", output_config },
    { NULL, NULL }
};


/* vLLM and SGLang (anthropic/protocol.py), llama.cpp (tools/server/
   server-chat.cpp), TensorRT-LLM (serve/anthropic_protocol.py), 2026-11 */

static const char *const  compatible_messages[] = {
    "anthropic_beta", "anthropic_version", "betas", "cache_control",
    "chat_template_kwargs", "compaction", "container", "context_management",
    "diagnostics", "fallback_credit_token", "fallbacks", "inference_geo",
    "mcp_servers", "messages", "metadata", "output_config", "output_format",
    "service_tier", "speed", "system", "thinking", "tool_choice", "tools",
    "user_profile_id", "workspace_id", NULL
};


const llmp_documented_t  llmp_compatible_messages_documented[] = {
    { "", compatible_messages },
    { "thinking", thinking },
    { "output_config", output_config },
    { NULL, NULL }
};


/* Gemini: @google/genai 2.32.0 (2026-11), of Google and of Vertex */

static const char *const  generate[] = {
    "cachedContent", "contents", "generationConfig", "labels", "model",
    "modelArmorConfig", "safetySettings", "serviceTier", "store",
    "systemInstruction", "toolConfig", "tools", NULL
};


static const char *const  generation[] = {
    "_responseJsonSchema", "audioTimestamp", "audioTranscriptionConfig",
    "enableAffectiveDialog", "enableEnhancedCivicAnswers", "imageConfig",
    "mediaResolution", "modelConfig", "modelSelectionConfig", "responseFormat",
    "responseJsonSchema", "responseMimeType", "responseModalities",
    "responseSchema", "routingConfig", "speechConfig", "thinkingConfig",
    "translationConfig", NULL
};


static const char *const  gemini_thinking[] = {
    "includeThoughts", "thinkingBudget", "thinkingLevel", NULL
};


const llmp_documented_t  llmp_gemini_generate_documented[] = {
    { "", generate },
    { "generationConfig", generation },
    { "generationConfig.thinkingConfig", gemini_thinking },
    { "generationConfig.thinking_config", gemini_thinking },
    { "generation_config", generation },
    { "generation_config.thinkingConfig", gemini_thinking },
    { "generation_config.thinking_config", gemini_thinking },
    { NULL, NULL }
};


static const char *const  gemini_body[] = {
    "batch", NULL
};


static const char *const  gemini_job[] = {
    "displayName", "inputConfig", "model", "name", "priority", "webhookConfig",
    NULL
};


const llmp_documented_t  llmp_gemini_batch_documented[] = {
    { "", gemini_body },
    { "batch", gemini_job },
    { NULL, NULL }
};


static const char *const  gemini_plain[] = {
    "autoTruncate", "auto_truncate", "content", "contents",
    "embedContentConfig", "embed_content_config", "generateContentRequest",
    "generate_content_request", "generationConfig", "generation_config",
    "instances", "model", "outputDimensionality", "output_dimensionality",
    "requests", "systemInstruction", "system_instruction", "taskType",
    "task_type", "title", "tools", NULL
};


const llmp_documented_t  llmp_gemini_plain_documented[] = {
    { "", gemini_plain },
    { "generationConfig", generation },
    { "generation_config", generation },
    { NULL, NULL }
};


/* Bedrock: Converse as in the SDKs for Rust (aws-sdk-bedrockruntime 1.130.0)
   and Dart (aws_client), 2026-11; the body of Claude for InvokeModel as in the
   User Guide, 2026-11; those of the other models are not checked */

static const char *const  converse[] = {
    "additionalModelRequestFields", "additionalModelResponseFieldPaths",
    "guardrailConfig", "inferenceConfig", "messages", "outputConfig",
    "performanceConfig", "promptVariables", "requestMetadata", "serviceTier",
    "system", "toolConfig", NULL
};


const llmp_documented_t  llmp_bedrock_converse_documented[] = {
    { "", converse },
    { "inferenceConfig", nothing },
    { NULL, NULL }
};


static const char *const  invoke_anthropic[] = {
    "anthropic_beta", "anthropic_version", "container", "context_management",
    "mcp_servers", "messages", "metadata", "output_config", "system",
    "thinking", "tool_choice", "tools", NULL
};


const llmp_documented_t  llmp_bedrock_anthropic_documented[] = {
    { "", invoke_anthropic },
    { "thinking", thinking },
    { "output_config", output_config },
    { NULL, NULL }
};


static const char *const  nova[] = {
    "inferenceConfig", "messages", "schemaVersion", "system", "toolConfig",
    NULL
};


static const char *const  nova_inference[] = {
    "reasoningConfig", NULL
};


const llmp_documented_t  llmp_bedrock_nova_documented[] = {
    { "", nova },
    { "inferenceConfig", nova_inference },
    { NULL, NULL }
};


static const char *const  titan[] = {
    "inputText", "textGenerationConfig", NULL
};


const llmp_documented_t  llmp_bedrock_titan_documented[] = {
    { "", titan },
    { "textGenerationConfig", nothing },
    { NULL, NULL }
};


static const char *const  llama[] = {
    "images", "prompt", NULL
};


const llmp_documented_t  llmp_bedrock_llama_documented[] = {
    { "", llama },
    { NULL, NULL }
};


static const char *const  bedrock_mistral[] = {
    "messages", "prompt", "tool_choice", "tools", NULL
};


const llmp_documented_t  llmp_bedrock_mistral_documented[] = {
    { "", bedrock_mistral },
    { NULL, NULL }
};


static const char *const  bedrock_cohere[] = {
    "chat_history", "citation_quality", "documents", "force_single_step",
    "frequency_penalty", "logit_bias", "message", "num_generations",
    "preamble", "presence_penalty", "prompt", "prompt_truncation",
    "raw_prompting", "response_format", "return_likelihoods", "return_prompt",
    "search_queries_only", "stream", "tool_results", "tools", "truncate", NULL
};


const llmp_documented_t  llmp_bedrock_cohere_documented[] = {
    { "", bedrock_cohere },
    { NULL, NULL }
};


static const char *const  bedrock_openai[] = {
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias",
    "logprobs", "messages", "metadata", "modalities", "moderation", "n",
    "parallel_tool_calls", "prediction", "presence_penalty",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
    "response_format", "safety_identifier", "seed", "service_tier", "store",
    "stream", "stream_options", "tool_choice", "tools", "top_logprobs", "user",
    "verbosity", "web_search_options", NULL
};


const llmp_documented_t  llmp_bedrock_openai_documented[] = {
    { "", bedrock_openai },
    { NULL, NULL }
};


/* Cohere: cohere-ai 8.1.0 (2026-11), both versions of its API.  Mistral:
   @mistralai/mistralai 2.7.0 (2026-11). */

static const char *const  cohere_chat[] = {
    "accepts", "chat_history", "citation_options", "citation_quality",
    "connectors", "conversation_id", "documents", "end_sequences",
    "force_single_step", "logit_bias", "max_input_tokens", "message",
    "messages", "preamble", "preset", "priority", "prompt",
    "prompt_truncation", "raw_prompting", "response_format",
    "return_likelihoods", "safety_mode", "search_queries_only", "strict_tools",
    "thinking", "tool_choice", "tool_results", "tools", "truncate", NULL
};


static const char *const  cohere_thinking[] = {
    "token_budget", "type", NULL
};


const llmp_documented_t  llmp_cohere_chat_documented[] = {
    { "", cohere_chat },
    { "thinking", cohere_thinking },
    { NULL, NULL }
};


static const char *const  cohere_plain[] = {
    "documents", "embedding_types", "images", "input_type", "inputs",
    "max_chunks_per_doc", "max_tokens", "max_tokens_per_doc",
    "output_dimension", "priority", "query", "rank_fields", "return_documents",
    "texts", "top_n", "truncate", NULL
};


const llmp_documented_t  llmp_cohere_plain_documented[] = {
    { "", cohere_plain },
    { NULL, NULL }
};


static const char *const  mistral_chat[] = {
    "agent_id", "guardrails", "messages", "metadata", "min_tokens",
    "prediction", "prompt", "prompt_cache_key", "prompt_mode",
    "response_format", "safe_prompt", "service_tier", "suffix", "tool_choice",
    "tools", NULL
};


const llmp_documented_t  llmp_mistral_chat_documented[] = {
    { "", mistral_chat },
    { NULL, NULL }
};


static const char *const  mistral_agents[] = {
    "agent_id", "guardrails", "messages", "metadata", "min_tokens",
    "prediction", "prompt", "prompt_cache_key", "prompt_mode",
    "reasoning_effort", "response_format", "safe_prompt", "service_tier",
    "suffix", "tool_choice", "tools", NULL
};


const llmp_documented_t  llmp_mistral_agents_documented[] = {
    { "", mistral_agents },
    { NULL, NULL }
};


static const char *const  mistral_conversations[] = {
    "agent_id", "agent_version", "completion_args", "description",
    "from_entry_id", "guardrails", "handoff_execution", "inputs",
    "instructions", "metadata", "name", "tool_confirmations", "tools", NULL
};


static const char *const  completion_args[] = {
    "prediction", "reasoning_effort", "response_format", "tool_choice", NULL
};


const llmp_documented_t  llmp_mistral_conversations_documented[] = {
    { "", mistral_conversations },
    { "completion_args", completion_args },
    { NULL, NULL }
};


static const char *const  mistral_files[] = {
    "expiry", "file", "purpose", "visibility", NULL
};


const llmp_documented_t  llmp_mistral_files_documented[] = {
    { "", mistral_files },
    { NULL, NULL }
};


static const char *const  mistral_jobs[] = {
    "agent_id", "endpoint", "input_files", "metadata", "requests",
    "timeout_hours", NULL
};


const llmp_documented_t  llmp_mistral_jobs_documented[] = {
    { "", mistral_jobs },
    { NULL, NULL }
};


/* Servers that an operator runs: Ollama (api/types.go of 2026-08-21), TGI
   (router/src/lib.rs of 2026-01-08), llama.cpp (tools/server/
   server-schema.cpp), SGLang (srt/managers/io_struct.py, srt/sampling/
   sampling_params.py) and vLLM (sampling_params.py, serve/disagg/protocol.py),
   read in November 2026 */

static const char *const  ollama[] = {
    "context", "format", "height", "images", "keep_alive", "messages",
    "options", "prompt", "raw", "shift", "steps", "suffix", "system",
    "template", "think", "tools", "truncate", "width", NULL
};


static const char *const  ollama_options[] = {
    "draft_num_predict", "embedding_only", "f16_kv", "logits_all", "low_vram",
    "main_gpu", "mirostat", "mirostat_eta", "mirostat_tau", "num_batch",
    "num_ctx", "num_gpu", "num_keep", "num_thread", "numa", "penalize_newline",
    "repeat_last_n", "tfs_z", "use_mlock", "use_mmap", "vocab_only", NULL
};


const llmp_documented_t  llmp_ollama_generate_documented[] = {
    { "", ollama },
    { "options", ollama_options },
    { NULL, NULL }
};


static const char *const  ollama_embed[] = {
    "dimensions", "input", "keep_alive", "name", "options", "prompt", "system",
    "template", "truncate", "verbose", NULL
};


static const char *const  ollama_embed_options[] = {
    "embedding_only", "f16_kv", "logits_all", "low_vram", "main_gpu",
    "num_batch", "num_ctx", "num_gpu", "num_keep", "num_thread", "numa",
    "seed", "temperature", "use_mlock", "use_mmap", "vocab_only", NULL
};


const llmp_documented_t  llmp_ollama_embed_documented[] = {
    { "", ollama_embed },
    { "options", ollama_embed_options },
    { NULL, NULL }
};


static const char *const  llamacpp[] = {
    "adaptive_decay", "adaptive_target", "backend_sampling", "cache_prompt",
    "continue_final_message", "dry_allowed_length", "dry_base",
    "dry_multiplier", "dry_penalty_last_n", "dry_sequence_breakers",
    "dynatemp_exponent", "dynatemp_range", "echo", "generation_prompt",
    "grammar", "grammar_lazy", "grammar_triggers", "id_slot", "ignore_eos",
    "input_extra", "input_prefix", "input_suffix", "json_schema", "logprobs",
    "lora", "max_completion_tokens", "min_keep", "mirostat", "mirostat_eta",
    "mirostat_tau", "n_cache_reuse", "n_discard", "n_indent", "n_keep",
    "n_probs", "parse_tool_calls", "post_sampling_probs", "preserved_tokens",
    "prompt", "reasoning_budget_end_tag", "reasoning_budget_end_tags",
    "reasoning_budget_message", "reasoning_budget_start_tag",
    "reasoning_budget_tokens", "reasoning_control", "reasoning_format",
    "repeat_last_n", "response_fields", "return_progress", "return_tokens",
    "samplers", "sse_ping_interval", "stream_options", "t_max_predict_ms",
    "timings_per_token", "top_n_sigma", "verbose", "xtc_probability",
    "xtc_threshold", NULL
};


const llmp_documented_t  llmp_llamacpp_documented[] = {
    { "", llamacpp },
    { NULL, NULL }
};


static const char *const  sglang[] = {
    "audio_data", "background", "cache_salt", "conversation_id",
    "custom_labels", "custom_logit_processor", "data_parallel_rank",
    "extra_key", "image_data", "image_max_dynamic_patch", "images_config",
    "input_embeds", "input_ids", "log_metrics", "logprob_start_len",
    "lora_path", "max_dynamic_patch", "max_thinking_tokens",
    "min_dynamic_patch", "mm_content_hashes", "mm_hashes", "modalities",
    "multi_item_delimiter_indices", "no_logs", "priority", "require_reasoning",
    "return_entropy", "return_flat_raw_top_logprobs",
    "return_flat_raw_top_logprobs_b64", "return_hidden_states",
    "return_indexer_topk", "return_logprob", "return_prompt_token_ids",
    "return_routed_experts", "return_sampling_mask", "return_text_in_logprobs",
    "rid", "routed_dp_rank", "routed_experts_start_len", "routing_key",
    "sampling_params", "session_id", "session_params", "text",
    "token_ids_logprob", "top_logprobs_num", "use_audio_in_video",
    "video_config", "video_data", "video_max_dynamic_patch", NULL
};


static const char *const  sglang_sampling[] = {
    "custom_params", "ebnf", "ignore_eos", "json_schema", "logit_bias",
    "min_new_tokens", "no_stop_trim", "regex", "skip_special_tokens",
    "spaces_between_special_tokens", "stop_regex", "stop_token_ids",
    "stream_interval", "structural_tag", NULL
};


const llmp_documented_t  llmp_sglang_generate_documented[] = {
    { "", sglang },
    { "sampling_params", sglang_sampling },
    { "sampling_params[]", sglang_sampling },
    { NULL, NULL }
};


static const char *const  vllm[] = {
    "cache_salt", "features", "priority", "request_id", "sampling_params",
    "stream_options", "token_ids", NULL
};


static const char *const  vllm_sampling[] = {
    "allowed_token_ids", "bad_words", "detokenize", "flat_logprobs",
    "ignore_eos", "include_stop_str_in_output", "logprob_token_ids",
    "logprobs", "min_tokens", "output_kind", "prompt_logprob_start",
    "prompt_logprob_token_ids", "prompt_logprobs", "repetition_detection",
    "routed_experts_prompt_start", "skip_reading_prefix_cache",
    "skip_special_tokens", "spaces_between_special_tokens", "stop_token_ids",
    "stream_interval", "structured_outputs", "thinking_token_budget",
    "truncate_prompt_tokens", NULL
};


const llmp_documented_t  llmp_vllm_generate_documented[] = {
    { "", vllm },
    { "sampling_params", vllm_sampling },
    { NULL, NULL }
};


static const char *const  tgi[] = {
    "inputs", "parameters", NULL
};


static const char *const  tgi_parameters[] = {
    "adapter_id", "decoder_input_details", "details", "do_sample", "grammar",
    "return_full_text", "top_n_tokens", "truncate", "watermark", NULL
};


const llmp_documented_t  llmp_tgi_generate_documented[] = {
    { "", tgi },
    { "parameters", tgi_parameters },
    { NULL, NULL }
};
