
/*
 * Copyright (C) llm-policy authors
 *
 * The list of all dialects, in the order of their indexes.
 */


#include "dialect/llmp_dialect_tables.h"


const llmp_dialect_t *const  llmp_dialects[] = {
    &llmp_openai_chat,
    &llmp_compatible_chat,
    &llmp_openai_completions,
    &llmp_openai_responses,
    &llmp_openai_assistants,
    &llmp_openai_evals,
    &llmp_openai_embeddings,
    &llmp_openai_moderations,
    &llmp_openai_images,
    &llmp_openai_speech,
    &llmp_openai_input,
    &llmp_openai_transcriptions,
    &llmp_openai_image_edits,
    &llmp_openai_files,
    &llmp_openai_batches,
    &llmp_openai_threads,
    &llmp_rerank,
    &llmp_tokenize,
    &llmp_anthropic_messages,
    &llmp_anthropic_batches,
    &llmp_anthropic_complete,
    &llmp_anthropic_count,
    &llmp_gemini_generate,
    &llmp_gemini_batch,
    &llmp_gemini_plain,
    &llmp_bedrock_converse,
    &llmp_bedrock_anthropic,
    &llmp_bedrock_nova,
    &llmp_bedrock_titan,
    &llmp_bedrock_llama,
    &llmp_bedrock_mistral,
    &llmp_bedrock_cohere,
    &llmp_bedrock_openai,
    &llmp_cohere_chat,
    &llmp_cohere_plain,
    &llmp_mistral_chat,
    &llmp_mistral_agents,
    &llmp_mistral_conversations,
    &llmp_mistral_files,
    &llmp_mistral_jobs,
    &llmp_ollama_generate,
    &llmp_ollama_embed,
    &llmp_llamacpp_completion,
    &llmp_generate,
    &llmp_sglang_generate,
    &llmp_vllm_generate,
    &llmp_tgi_generate,
    NULL
};


const llmp_uint_t  llmp_ndialects =
    sizeof(llmp_dialects) / sizeof(llmp_dialects[0]) - 1;
