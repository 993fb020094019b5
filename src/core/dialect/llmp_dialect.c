
/*
 * Copyright (C) llm-policy authors
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
    &llmp_sglang_generate,
    &llmp_vllm_generate,
    &llmp_tgi_generate,
    NULL
};


const llmp_uint_t  llmp_ndialects =
    sizeof(llmp_dialects) / sizeof(llmp_dialects[0]) - 1;


const llmp_dialect_t *
llmp_dialect_find(const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < llmp_ndialects; i++) {
        if (llmp_str_eq(&llmp_dialects[i]->name, name)) {
            return llmp_dialects[i];
        }
    }

    return NULL;
}


llmp_uint_t
llmp_dialect_index(const llmp_dialect_t *dialect)
{
    llmp_uint_t  i;

    for (i = 0; llmp_dialects[i] != dialect; i++) { /* void */ }

    return i;
}


const llmp_slot_t *
llmp_dialect_slot(const llmp_dialect_t *dialect, llmp_param_e param)
{
    const llmp_slot_t  *slot;

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {
        if (slot->param == param) {
            return slot;
        }
    }

    return NULL;
}


llmp_uint_t
llmp_dialect_same_name(const llmp_dialect_t *dialect, const llmp_str_t *one,
    const llmp_str_t *two)
{
    u_char      first[LLMP_KEY_MAX], second[LLMP_KEY_MAX];
    llmp_str_t  a, b;

    if (llmp_str_eq(one, two)) {
        return 1;
    }

    if (!dialect->reject_aliases) {
        return 0;
    }

    a.data = first;
    a.len = llmp_fold(first, one->data, one->len);
    b.data = second;
    b.len = llmp_fold(second, two->data, two->len);

    return llmp_str_eq(&a, &b);
}
