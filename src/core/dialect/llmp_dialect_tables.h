
/*
 * Copyright (C) llm-policy authors
 *
 * The tables of the dialects, a file for each family of APIs.
 */


#ifndef LLMP_DIALECT_TABLES_H_INCLUDED_
#define LLMP_DIALECT_TABLES_H_INCLUDED_


#include "dialect/llmp_dialect.h"


/* short names for the tables */

#define LLMP_NUMBER    LLMP_TYPE_NUMBER
#define LLMP_BOOLEAN   LLMP_TYPE_BOOLEAN
#define LLMP_STRING    LLMP_TYPE_STRING
#define LLMP_ARRAY     LLMP_TYPE_ARRAY
#define LLMP_OBJECT    LLMP_TYPE_OBJECT

#define LLMP_ALL  (llmp_mask(LLMP_PARAM_MAX) - 1)


/* llmp_dialect_reports.c */

extern const llmp_report_t      llmp_responses_reports[];
extern const llmp_report_t      llmp_threads_reports[];
extern const llmp_report_t      llmp_audio_reports[];
extern const llmp_report_t      llmp_conversations_reports[];
extern const llmp_report_t      llmp_anthropic_reports[];
extern const llmp_report_t      llmp_gemini_reports[];
extern const llmp_report_t      llmp_converse_reports[];
extern const llmp_report_t      llmp_bedrock_anthropic_reports[];
extern const llmp_report_t      llmp_bedrock_reports[];
extern const llmp_report_t      llmp_cohere_reports[];
extern const llmp_report_t      llmp_ollama_reports[];
extern const llmp_report_t      llmp_servers_reports[];


/* llmp_dialect_documented.c */

extern const llmp_documented_t  llmp_openai_chat_documented[];
extern const llmp_documented_t  llmp_compatible_chat_documented[];
extern const llmp_documented_t  llmp_openai_completions_documented[];
extern const llmp_documented_t  llmp_openai_responses_documented[];
extern const llmp_documented_t  llmp_openai_assistants_documented[];
extern const llmp_documented_t  llmp_openai_evals_documented[];
extern const llmp_documented_t  llmp_openai_embeddings_documented[];
extern const llmp_documented_t  llmp_openai_moderations_documented[];
extern const llmp_documented_t  llmp_openai_images_documented[];
extern const llmp_documented_t  llmp_openai_speech_documented[];
extern const llmp_documented_t  llmp_openai_input_documented[];
extern const llmp_documented_t  llmp_openai_transcriptions_documented[];
extern const llmp_documented_t  llmp_openai_image_edits_documented[];
extern const llmp_documented_t  llmp_openai_files_documented[];
extern const llmp_documented_t  llmp_openai_batches_documented[];
extern const llmp_documented_t  llmp_openai_threads_documented[];
extern const llmp_documented_t  llmp_rerank_documented[];
extern const llmp_documented_t  llmp_tokenize_documented[];
extern const llmp_documented_t  llmp_anthropic_messages_documented[];
extern const llmp_documented_t  llmp_anthropic_batches_documented[];
extern const llmp_documented_t  llmp_anthropic_complete_documented[];
extern const llmp_documented_t  llmp_anthropic_count_documented[];
extern const llmp_documented_t  llmp_compatible_messages_documented[];
extern const llmp_documented_t  llmp_gemini_generate_documented[];
extern const llmp_documented_t  llmp_gemini_batch_documented[];
extern const llmp_documented_t  llmp_gemini_plain_documented[];
extern const llmp_documented_t  llmp_bedrock_converse_documented[];
extern const llmp_documented_t  llmp_bedrock_anthropic_documented[];
extern const llmp_documented_t  llmp_bedrock_nova_documented[];
extern const llmp_documented_t  llmp_bedrock_titan_documented[];
extern const llmp_documented_t  llmp_bedrock_llama_documented[];
extern const llmp_documented_t  llmp_bedrock_mistral_documented[];
extern const llmp_documented_t  llmp_bedrock_cohere_documented[];
extern const llmp_documented_t  llmp_bedrock_openai_documented[];
extern const llmp_documented_t  llmp_cohere_chat_documented[];
extern const llmp_documented_t  llmp_cohere_plain_documented[];
extern const llmp_documented_t  llmp_mistral_chat_documented[];
extern const llmp_documented_t  llmp_mistral_agents_documented[];
extern const llmp_documented_t  llmp_mistral_conversations_documented[];
extern const llmp_documented_t  llmp_mistral_files_documented[];
extern const llmp_documented_t  llmp_mistral_jobs_documented[];
extern const llmp_documented_t  llmp_ollama_generate_documented[];
extern const llmp_documented_t  llmp_ollama_embed_documented[];
extern const llmp_documented_t  llmp_llamacpp_documented[];
extern const llmp_documented_t  llmp_sglang_generate_documented[];
extern const llmp_documented_t  llmp_vllm_generate_documented[];
extern const llmp_documented_t  llmp_tgi_generate_documented[];


/* llmp_dialect_shared.c */

extern const llmp_slot_t        llmp_no_slots[];


/* llmp_dialect_openai.c */

extern const char *const        llmp_plain_exceptions[];
extern const llmp_dialect_t     llmp_openai_chat;
extern const llmp_dialect_t     llmp_compatible_chat;
extern const llmp_dialect_t     llmp_openai_completions;
extern const llmp_dialect_t     llmp_openai_responses;
extern const llmp_dialect_t     llmp_openai_assistants;
extern const llmp_dialect_t     llmp_openai_evals;
extern const llmp_dialect_t     llmp_openai_embeddings;
extern const llmp_dialect_t     llmp_openai_moderations;
extern const llmp_dialect_t     llmp_openai_images;
extern const llmp_dialect_t     llmp_openai_speech;
extern const llmp_dialect_t     llmp_openai_input;  /* counts, compacts input */
extern const llmp_dialect_t     llmp_openai_transcriptions;
extern const llmp_dialect_t     llmp_openai_image_edits;
extern const llmp_dialect_t     llmp_openai_files;
extern const llmp_dialect_t     llmp_openai_batches;
extern const llmp_dialect_t     llmp_openai_threads;
extern const llmp_dialect_t     llmp_rerank;
extern const llmp_dialect_t     llmp_tokenize;


/* llmp_dialect_anthropic.c */

extern const llmp_spelling_t     llmp_anthropic_overrides[];
extern const llmp_conflict_t     llmp_anthropic_conflicts[];
extern const llmp_need_t         llmp_anthropic_needs[];
extern const llmp_dialect_t      llmp_anthropic_messages;
extern const llmp_dialect_t      llmp_anthropic_batches;
extern const llmp_dialect_t      llmp_anthropic_complete;
extern const llmp_dialect_t      llmp_anthropic_count;
extern const llmp_dialect_t      llmp_compatible_messages;


/* llmp_dialect_google.c */

extern const llmp_dialect_t     llmp_gemini_generate;
extern const llmp_dialect_t     llmp_gemini_batch;
extern const llmp_dialect_t     llmp_gemini_plain;


/* llmp_dialect_bedrock.c */

extern const llmp_dialect_t     llmp_bedrock_converse;
extern const llmp_dialect_t     llmp_bedrock_anthropic;
extern const llmp_dialect_t     llmp_bedrock_nova;
extern const llmp_dialect_t     llmp_bedrock_titan;
extern const llmp_dialect_t     llmp_bedrock_llama;
extern const llmp_dialect_t     llmp_bedrock_mistral;
extern const llmp_dialect_t     llmp_bedrock_cohere;
extern const llmp_dialect_t     llmp_bedrock_openai;


/* llmp_dialect_hosted.c */

extern const llmp_dialect_t     llmp_cohere_chat;
extern const llmp_dialect_t     llmp_cohere_plain;  /* embeds, ranks */
extern const llmp_dialect_t     llmp_mistral_chat;
extern const llmp_dialect_t     llmp_mistral_agents;
extern const llmp_dialect_t     llmp_mistral_conversations;
extern const llmp_dialect_t     llmp_mistral_files;
extern const llmp_dialect_t     llmp_mistral_jobs;


/* llmp_dialect_servers.c */

extern const llmp_dialect_t     llmp_ollama_generate;
extern const llmp_dialect_t     llmp_ollama_embed;
extern const llmp_dialect_t     llmp_llamacpp_completion;
extern const llmp_dialect_t     llmp_generate;  /* one of two that follow */
extern const llmp_dialect_t     llmp_sglang_generate;
extern const llmp_dialect_t     llmp_vllm_generate;
extern const llmp_dialect_t     llmp_tgi_generate;


/* llmp_dialect_messages.c */

extern const char *const        llmp_messages[];
extern const char *const        llmp_messages_contents[];
extern const char *const        llmp_messages_counted[];
extern const char *const        llmp_messages_input[];
extern const char *const        llmp_messages_inputs[];
extern const char *const        llmp_messages_history[];
extern const char *const        llmp_messages_thread[];


#endif /* LLMP_DIALECT_TABLES_H_INCLUDED_ */
