
/*
 * Copyright (C) llm-policy authors
 *
 * The dialects of OpenAI's API (OpenAPI description of api.openai.com,
 * 2026-08).
 */


#include "dialect/llmp_dialect_tables.h"


#define CHAT_SLOTS                                                            \
                                                                              \
    { LLMP_N, { "n" }, LLMP_NUMBER, "1", "128", "1" },                        \
                                                                              \
    { LLMP_PRESENCE_PENALTY, { "presence_penalty" }, LLMP_NUMBER, "-2", "2",  \
      "0" },                                                                  \
                                                                              \
    { LLMP_FREQUENCY_PENALTY, { "frequency_penalty" }, LLMP_NUMBER,           \
      "-2", "2", "0" },                                                       \
                                                                              \
    { LLMP_STOP, { "stop" }, LLMP_STRING|LLMP_ARRAY, NULL, NULL, "" },        \
    { LLMP_SEED, { "seed" }, LLMP_NUMBER, NULL, NULL, "" },                   \
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },              \
    { LLMP_LOGPROBS, { "logprobs" }, LLMP_BOOLEAN, NULL, NULL, "" },          \
    { LLMP_TOP_LOGPROBS, { "top_logprobs" }, LLMP_NUMBER, "0", "20", "" },    \
    { LLMP_LOGIT_BIAS, { "logit_bias" }, LLMP_OBJECT, NULL, NULL, "" },       \
                                                                              \
    { LLMP_REASONING_EFFORT, { "reasoning_effort" }, LLMP_STRING,             \
      NULL, NULL, "" },                                                       \
                                                                              \
    { LLMP_VERBOSITY, { "verbosity" }, LLMP_STRING, NULL, NULL, "" },         \
    { LLMP_SERVICE_TIER, { "service_tier" }, LLMP_STRING, NULL, NULL, "" },   \
    { LLMP_STORE, { "store" }, LLMP_BOOLEAN, NULL, NULL, "" },                \
                                                                              \
    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, LLMP_BOOLEAN,      \
      NULL, NULL, "" }


static const llmp_slot_t  chat_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", "1" },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "1" },
    CHAT_SLOTS,

    /* the defaults differ: no limit at OpenAI, few tokens at other servers;
       OpenAI's reasoning models refuse the first name */
    { LLMP_MAX_TOKENS, { "max_tokens", "max_completion_tokens" },
      LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/*
 * Slots of servers that an operator runs.  Some of them ignore
 * max_completion_tokens, so that max_tokens is added next to it, which OpenAI
 * refuses.  vLLM reads defaults from the model's own files.
 */

static const llmp_slot_t  compatible_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", NULL },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", NULL },
    CHAT_SLOTS,
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  completions_slots[] = {

    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", "1" },

    /* Ollama takes 0 for absent (openai/openai.go of 2026-08-21) */
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "1" },

    /* the default is 16 at OpenAI and vLLM, no limit at llama.cpp and Ollama */
    { LLMP_MAX_TOKENS, { "max_tokens" }, LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_N, { "n" }, LLMP_NUMBER, "1", "128", "1" },
    { LLMP_PRESENCE_PENALTY, { "presence_penalty" }, LLMP_NUMBER, "-2", "2",
      "0" },

    { LLMP_FREQUENCY_PENALTY, { "frequency_penalty" }, LLMP_NUMBER,
      "-2", "2", "0" },

    { LLMP_STOP, { "stop" }, LLMP_STRING|LLMP_ARRAY, NULL, NULL, "" },
    { LLMP_SEED, { "seed" }, LLMP_NUMBER, NULL, NULL, "" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_LOGPROBS, { "logprobs" }, LLMP_NUMBER, "0", "5", "" },
    { LLMP_LOGIT_BIAS, { "logit_bias" }, LLMP_OBJECT, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  responses_slots[] = {

    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", "1" },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "1" },
    { LLMP_MAX_TOKENS, { "max_output_tokens" }, LLMP_NUMBER, "16", NULL, NULL },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_TOP_LOGPROBS, { "top_logprobs" }, LLMP_NUMBER, "0", "20", "" },

    { LLMP_REASONING_EFFORT, { "reasoning.effort" }, LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_VERBOSITY, { "text.verbosity" }, LLMP_STRING, NULL, NULL, "" },
    { LLMP_SERVICE_TIER, { "service_tier" }, LLMP_STRING, NULL, NULL, "" },
    { LLMP_STORE, { "store" }, LLMP_BOOLEAN, NULL, NULL, "" },

    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, LLMP_BOOLEAN,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  assistants_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "2", "1" },
    { LLMP_TOP_P, { "top_p" }, LLMP_NUMBER, "0", "1", "1" },

    { LLMP_MAX_TOKENS, { "max_completion_tokens" }, LLMP_NUMBER,
      "256", NULL, NULL },

    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },

    { LLMP_REASONING_EFFORT, { "reasoning_effort" }, LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_PARALLEL_TOOL_CALLS, { "parallel_tool_calls" }, LLMP_BOOLEAN,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/*
 * The type of the source selects one of these objects.  Graders have another
 * name for the bound on tokens: max_completions_tokens.
 */

#define EVALS(name)                                                           \
    { "data_source.sampling_params." name,                                    \
      "testing_criteria[].sampling_params." name,                             \
      "grader.sampling_params." name }

static const llmp_slot_t  evals_slots[] = {
    { LLMP_TEMPERATURE, EVALS("temperature"), LLMP_NUMBER, "0", "2", "1" },
    { LLMP_TOP_P, EVALS("top_p"), LLMP_NUMBER, "0", "1", "1" },

    { LLMP_MAX_TOKENS,
      { "data_source.sampling_params.max_completion_tokens",
        "testing_criteria[].sampling_params.max_completions_tokens",
        "grader.sampling_params.max_completions_tokens",
        "data_source.sampling_params.max_completions_tokens",
        "testing_criteria[].sampling_params.max_completion_tokens",
        "grader.sampling_params.max_completion_tokens" },
      LLMP_NUMBER, "1", NULL, NULL },

    { LLMP_SEED, EVALS("seed"), LLMP_NUMBER, NULL, NULL, "" },

    { LLMP_REASONING_EFFORT, EVALS("reasoning_effort"), LLMP_STRING,
      NULL, NULL, "" },

    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


static const llmp_slot_t  images_slots[] = {
    { LLMP_N, { "n" }, LLMP_NUMBER, "1", "10", "1" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


/*
 * Members with another meaning in other APIs: llama.cpp takes a number of
 * tokens in "logprobs" (tools/server/server-schema.cpp, 2026-11); LocalAI takes
 * arguments of the template from "metadata" (core/http/middleware/request.go of
 * 2026-08-22); SGLang and TensorRT-LLM take a prompt in tokens, which no
 * template has made (srt/entrypoints/openai/protocol.py, serve/
 * openai_protocol.py, 2026-11).
 */

static const char *const  booleans[] = { "true", "false", NULL };

#define TEMPLATE  (llmp_mask(LLMP_REASONING_EFFORT) | llmp_mask(LLMP_VERBOSITY))

#define CHAT_BYPASSES                                                         \
    { "logprobs", llmp_mask(LLMP_TOP_LOGPROBS), 0, booleans },                \
    { "input_ids", TEMPLATE, 0, NULL },                                       \
    { "prompt_token_ids", TEMPLATE, 0, NULL },                                \
    { "prompt_token_ids_b64", TEMPLATE, 0, NULL }

static const llmp_bypass_t  chat_bypasses[] = {
    CHAT_BYPASSES,
    { NULL, 0, 0, NULL }
};


/* LocalAI keeps the names in a map, in which case matters (map[string]string,
   core/http/middleware/request.go, read 2026-11-30) */

static const char *const  compatible_exact[] = { "metadata", NULL };

static const llmp_bypass_t  compatible_bypasses[] = {
    CHAT_BYPASSES,
    { "metadata.enable_thinking", llmp_mask(LLMP_REASONING_EFFORT), 0, NULL },
    { "metadata.reasoning_effort", llmp_mask(LLMP_REASONING_EFFORT), 0, NULL },
    { NULL, 0, 0, NULL }
};


/*
 * OpenAI answers 400 to these without the other member, and so does vLLM,
 * except for parallel_tool_calls.  From memory: answers of the API are not
 * checked; its description of 2026-08-21 has such a need for top_logprobs and
 * stream_options only.
 */

#define STREAM_NEEDS                                                          \
    { LLMP_STREAM_OPTIONS, { "stream" }, 0 }

#define CHAT_NEEDS                                                            \
    STREAM_NEEDS,                                                             \
    { "parallel_tool_calls", { "tools" }, 0 },                                \
    { "tool_choice", { "tools" }, 0 },                                        \
    { "function_call", { "functions" }, 0 },                                  \
    { "top_logprobs", { "logprobs" }, 0 }

static const llmp_need_t  compatible_needs[] = {
    CHAT_NEEDS,
    { NULL, { NULL }, 0 }
};


/* OpenAI itself answers 400 to metadata unless "store" is true (a message of
   2025-04, in spiceai/spiceai#5231); servers behind the same path do not */

static const llmp_need_t  chat_needs[] = {
    CHAT_NEEDS,
    { "metadata", { "store" }, LLMP_NEED_WRITABLE },
    { NULL, { NULL }, 0 }
};


static const llmp_need_t  completions_needs[] = {
    STREAM_NEEDS,
    { NULL, { NULL }, 0 }
};


/*
 * Usage is always reported: stream_options has no include_usage.  They are for
 * streams only (openai 6.49.0, ResponseCreateParams, 2026-11).  A choice of a
 * tool that is not in the request is an error (from memory, not checked).
 */

static const llmp_need_t  responses_needs[] = {
    { LLMP_STREAM_OPTIONS ".include_obfuscation", { "stream" }, 0 },
    { LLMP_STREAM_OPTIONS, { "stream" }, LLMP_NEED_UNWRITTEN },
    { "tool_choice", { "tools" }, 0 },
    { NULL, { NULL }, 0 }
};


/* the values of "include", except for that of the probabilities in an answer */

static const char *const  includes[] = {
    "\"file_search_call.results\"", "\"web_search_call.results\"",
    "\"web_search_call.action.sources\"",
    "\"message.input_image.image_url\"",
    "\"computer_call_output.output.image_url\"",
    "\"code_interpreter_call.outputs\"", "\"reasoning.encrypted_content\"",
    NULL
};


static const llmp_bypass_t  responses_bypasses[] = {

    /* a template stored at OpenAI has its own settings */
    { "prompt", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },

    /* settings of an earlier turn may apply to this one */
    { "previous_response_id", LLMP_ALL, LLMP_BYPASS_DEFAULT, NULL },
    { "conversation", LLMP_ALL, LLMP_BYPASS_DEFAULT, NULL },

    { "include[]", llmp_mask(LLMP_LOGPROBS), 0, includes },
    { NULL, 0, 0, NULL }
};


/* an assistant has its own settings */

static const llmp_bypass_t  assistants_bypasses[] = {
    { "assistant_id", LLMP_ALL, LLMP_BYPASS_DEFAULT, NULL },
    { NULL, 0, 0, NULL }
};


/* graders have names that the client chooses */

static const llmp_bypass_t  evals_bypasses[] = {
    { "grader.graders", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { "testing_criteria[].graders", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },

    /* other models than the one that the policy checks */
    { "grader.model", 0, LLMP_BYPASS_MODELS, NULL },
    { "testing_criteria[].model", 0, LLMP_BYPASS_MODELS, NULL },
    { NULL, 0, 0, NULL }
};


const llmp_dialect_t  llmp_openai_chat = {
    .name = llmp_string("openai.chat"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .batchable = 1,
    .usage = 1,
    .renamed = llmp_mask(LLMP_MAX_TOKENS),
    .model = "model",
    .slots = chat_slots,
    .bypasses = chat_bypasses,
    .needs = chat_needs,
    .messages = llmp_messages,
    .documented = llmp_openai_chat_documented
};


const llmp_dialect_t  llmp_compatible_chat = {
    .name = llmp_string("compatible.chat"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .batchable = 1,
    .usage = 1,
    .model = "model",
    .slots = compatible_slots,
    .bypasses = compatible_bypasses,
    .needs = compatible_needs,
    .messages = llmp_messages,
    .exact = compatible_exact,
    .documented = llmp_compatible_chat_documented
};


const llmp_dialect_t  llmp_openai_completions = {
    .name = llmp_string("openai.completions"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .batchable = 1,
    .usage = 1,
    .zeros = llmp_mask(LLMP_TOP_P),
    .model = "model",
    .slots = completions_slots,
    .needs = completions_needs,
    .documented = llmp_openai_completions_documented
};


const llmp_dialect_t  llmp_openai_responses = {
    .name = llmp_string("openai.responses"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .batchable = 1,
    .model = "model",
    .slots = responses_slots,
    .bypasses = responses_bypasses,
    .needs = responses_needs,
    .reports = llmp_responses_reports,
    .messages = llmp_messages_input,
    .documented = llmp_openai_responses_documented
};


const llmp_dialect_t  llmp_openai_assistants = {
    .name = llmp_string("openai.assistants"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .model = "model",
    .slots = assistants_slots,
    .bypasses = assistants_bypasses,
    .reports = llmp_threads_reports,
    .messages = llmp_messages_thread,
    .documented = llmp_openai_assistants_documented
};


const llmp_dialect_t  llmp_openai_evals = {
    .name = llmp_string("openai.evals"),
    .shape = LLMP_SHAPE_OPENAI,
    .generates = 1,
    .no_new_objects = 1,
    .model = "data_source.model",
    .slots = evals_slots,
    .bypasses = evals_bypasses,
    .documented = llmp_openai_evals_documented
};


/* APIs that generate nothing, or nothing with a temperature */

#define PLAIN(text, table, exceptions)                                        \
        .name = llmp_string(text), .shape = LLMP_SHAPE_OPENAI,                \
        .model = "model", .slots = table,                                     \
        .not_parameters = exceptions


/* the length to which the input is cut; the number of documents (Jina, Voyage:
   rerank) */

const char *const  llmp_plain_exceptions[] = {
    "max_length", "max_tokens", "top_k", NULL
};


/* diffusion: how closely the prompt is followed, as servers of images and of
   speech have it (SGLang, vLLM-Omni: not checked; LocalAI has cfg_scale,
   core/schema/localai.go of 2026-08-22); in images, top_k has no
   meaning, and max_length is that of the prompt */

static const char *const  media_exceptions[] = {
    "max_length", "guidance_scale", "cfg_scale", NULL
};


/* text-generation-webui: images of a batch */

static const char *const  one[] = { "1", NULL };

static const llmp_bypass_t  images_bypasses[] = {
    { "batch_size", llmp_mask(LLMP_N), 0, one },
    { "batch_count", llmp_mask(LLMP_N), 0, one },
    { NULL, 0, 0, NULL }
};


const llmp_dialect_t  llmp_openai_embeddings = {
    PLAIN("openai.embeddings", llmp_no_slots, llmp_plain_exceptions),
    .batchable = 1,
    .documented = llmp_openai_embeddings_documented
};


const llmp_dialect_t  llmp_openai_moderations = {
    PLAIN("openai.moderations", llmp_no_slots, llmp_plain_exceptions),
    .batchable = 1,
    .documented = llmp_openai_moderations_documented
};


const llmp_dialect_t  llmp_openai_images = {
    PLAIN("openai.images", images_slots, media_exceptions),
    .bypasses = images_bypasses,
    .batchable = 1,
    .documented = llmp_openai_images_documented
};


const llmp_dialect_t  llmp_openai_speech = {
    PLAIN("openai.speech", llmp_no_slots, media_exceptions),
    .documented = llmp_openai_speech_documented
};


const llmp_dialect_t  llmp_openai_input = {
    PLAIN("openai.input", llmp_no_slots, llmp_plain_exceptions),
    .messages = llmp_messages_input,
    .documented = llmp_openai_input_documented
};


const llmp_dialect_t  llmp_rerank = {
    PLAIN("rerank", llmp_no_slots, llmp_plain_exceptions),
    .documented = llmp_rerank_documented
};


const llmp_dialect_t  llmp_tokenize = {
    PLAIN("tokenize", llmp_no_slots, llmp_plain_exceptions),
    .messages = llmp_messages,
    .documented = llmp_tokenize_documented
};


const llmp_dialect_t  llmp_openai_image_edits = {
    PLAIN("openai.image_edits", images_slots, media_exceptions),
    .form = 1,
    .documented = llmp_openai_image_edits_documented
};


/* at temperature 0, the default, the server chooses the temperature */

static const llmp_slot_t  transcriptions_slots[] = {
    { LLMP_TEMPERATURE, { "temperature" }, LLMP_NUMBER, "0", "1", "0" },
    { LLMP_STREAM, { "stream" }, LLMP_BOOLEAN, NULL, NULL, "" },
    { LLMP_PARAM_MAX, { NULL }, 0, NULL, NULL, NULL }
};


const llmp_dialect_t  llmp_openai_transcriptions = {
    .name = llmp_string("openai.transcriptions"),
    .shape = LLMP_SHAPE_OPENAI,
    .form = 1,
    .generates = 1,
    .model = "model",
    .slots = transcriptions_slots,
    .reports = llmp_audio_reports,
    .documented = llmp_openai_transcriptions_documented
};


static const char *const  purposes[] = {
    "assistants", "evals", "fine-tune", "user_data", "vision", NULL
};


static const llmp_batch_t  batch = {
    .file = "file",
    .purpose = "purpose",
    .batch = "batch",
    .others = purposes
};


const llmp_dialect_t  llmp_openai_files = {
    .name = llmp_string("openai.files"),
    .shape = LLMP_SHAPE_OPENAI,
    .form = 1,
    .model_optional = 1,
    .scope = "file",
    .slots = llmp_no_slots,
    .batch = &batch,
    .outer_documented = llmp_openai_files_documented
};


/* Azure: a file in its storage, which was not uploaded through this route */

static const llmp_bypass_t  batches_bypasses[] = {
    { "input_blob", LLMP_ALL, LLMP_BYPASS_MODELS, NULL },
    { NULL, 0, 0, NULL }
};


/* the requests are in a file that was checked at its upload */

const llmp_dialect_t  llmp_openai_batches = {
    .name = llmp_string("openai.batches"),
    .shape = LLMP_SHAPE_OPENAI,
    .model_optional = 1,
    .slots = llmp_no_slots,
    .bypasses = batches_bypasses,
    .documented = llmp_openai_batches_documented
};


/* messages of a thread, and other bodies without a model that start no run */

const llmp_dialect_t  llmp_openai_threads = {
    .name = llmp_string("openai.threads"),
    .shape = LLMP_SHAPE_OPENAI,
    .model_optional = 1,
    .slots = llmp_no_slots,
    .reports = llmp_threads_reports,
    .messages = llmp_messages_thread,
    .documented = llmp_openai_threads_documented
};
