
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_dialects.h"


/* what is told to every node where a path of the tables ends */

typedef struct {
    uint64_t      params;
    uint64_t      undermines;
    uint64_t      unsettles;
    uint64_t      clashes;
    uint64_t      fixes;
    const char   *unless;
    llmp_watch_t *shared;
    llmp_uint_t   rank;
    unsigned      native:1;
    unsigned      model:1;
    unsigned      scope:1;
    unsigned      strings:1;
    unsigned      models:1;
    unsigned      meaning:3;
} llmp_dialect_mark_t;


typedef struct {
    llmp_pool_t   *pool;
    llmp_watch_t  *root;
    const char    *wrap;     /* where the document of the dialect is in that
                                of the tree; NULL: they are the same */
    llmp_step_t    steps[LLMP_STEPS_MAX];
} llmp_dialect_builder_t;


static llmp_int_t llmp_dialect_add_all(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, llmp_watch_t *shared,
    const llmp_pointer_t *pointers, llmp_uint_t npointers);
static llmp_int_t llmp_dialect_add_meaning(llmp_dialect_builder_t *b,
    const char *path, llmp_uint_t meaning);
static llmp_int_t llmp_dialect_add(llmp_dialect_builder_t *b,
    const char *prefix, const char *path, llmp_dialect_mark_t *mark);
static llmp_uint_t llmp_dialect_steps(llmp_step_t *steps, llmp_uint_t n,
    const char *path);
static void llmp_dialect_mark(llmp_watch_t *node, void *data);
static void llmp_dialect_mark_pointer(llmp_watch_t *node, void *data);
static llmp_int_t llmp_dialect_add_pointers(llmp_dialect_builder_t *b,
    const llmp_pointer_t *pointers, llmp_uint_t npointers);
static llmp_int_t llmp_dialect_add_slots(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_add_containers(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, llmp_watch_t *shared);
static llmp_int_t llmp_dialect_add_undone(llmp_dialect_builder_t *b,
    const llmp_underminer_t *under, const char *container);
static llmp_int_t llmp_dialect_add_clashes(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_uint_t llmp_route_prefixed(const llmp_builtin_route_t *route,
    const llmp_str_t *path, llmp_str_t *model);
static llmp_uint_t llmp_route_segments(const char *pattern,
    const llmp_str_t *path, llmp_str_t *model, llmp_uint_t lower);
static llmp_uint_t llmp_route_has(const char *name, const llmp_str_t *model);


const llmp_param_t  llmp_params[LLMP_PARAM_MAX] = {

    { llmp_string("temperature"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("top_p"), LLMP_TYPE_NUMBER, 0 },

    { llmp_string("top_k"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_UNLIMITED|LLMP_PARAM_COUNT },

    { llmp_string("min_p"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("typical_p"), LLMP_TYPE_NUMBER, 0 },

    { llmp_string("max_tokens"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_UNLIMITED|LLMP_PARAM_COUNT },

    { llmp_string("n"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_COUNT },

    { llmp_string("presence_penalty"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("frequency_penalty"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("repetition_penalty"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("stop"), LLMP_TYPE_STRING|LLMP_TYPE_ARRAY, 0 },
    { llmp_string("seed"), LLMP_TYPE_NUMBER, LLMP_PARAM_INTEGER },
    { llmp_string("stream"), LLMP_TYPE_BOOLEAN, 0 },
    { llmp_string("logprobs"), LLMP_TYPE_BOOLEAN|LLMP_TYPE_NUMBER, 0 },

    { llmp_string("top_logprobs"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_COUNT },

    { llmp_string("logit_bias"), LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY, 0 },

    { llmp_string("reasoning_effort"), LLMP_TYPE_STRING, 0 },
    { llmp_string("verbosity"), LLMP_TYPE_STRING, 0 },
    { llmp_string("service_tier"), LLMP_TYPE_STRING, 0 },
    { llmp_string("store"), LLMP_TYPE_BOOLEAN, 0 },
    { llmp_string("parallel_tool_calls"), LLMP_TYPE_BOOLEAN, 0 }
};


const llmp_dialect_t *const  llmp_dialects[] = {
    &llmp_openai_chat,
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
    &llmp_mistral_chat,
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


/* OpenAI itself, Groq and Azure, OpenRouter, Gemini, DeepSeek */

const char *const  llmp_route_prefixes[] = {
    "/v1", "/openai/v1", "/api/v1", "/v1beta/openai", "/beta", "/openai", "",
    NULL
};


#define AZURE   "/openai/deployments/{model}"
#define VERTEX  "/v1/projects/{}/locations/{}/publishers"
#define VERTEX_BETA  "/v1beta1/projects/{}/locations/{}/publishers"

/* InvokeModel: the body is that of the model's own API */

#define BEDROCK(text, dialect)                                                \
    { "/model/{model:" text "}/invoke", dialect, 0 },                         \
    { "/model/{model:" text "}/invoke-with-response-stream", dialect, 0 }

const llmp_builtin_route_t  llmp_routes[] = {
    { "/chat/completions", &llmp_openai_chat, 1 },
    { "/chat/completions/batch", &llmp_openai_chat, 1 },
    { "/completions", &llmp_openai_completions, 1 },
    { "/responses", &llmp_openai_responses, 1 },
    { "/responses/compact", &llmp_openai_input, 1 },
    { "/responses/input_tokens", &llmp_openai_input, 1 },
    { "/assistants", &llmp_openai_assistants, 1 },
    { "/assistants/{}", &llmp_openai_assistants, 1 },
    { "/threads/runs", &llmp_openai_assistants, 1 },
    { "/threads/{}/runs", &llmp_openai_assistants, 1 },
    { "/evals", &llmp_openai_evals, 1 },
    { "/evals/{}/runs", &llmp_openai_evals, 1 },
    { "/fine_tuning/alpha/graders/run", &llmp_openai_evals, 1 },
    { "/embeddings", &llmp_openai_embeddings, 1 },
    { "/moderations", &llmp_openai_moderations, 1 },
    { "/images/generations", &llmp_openai_images, 1 },
    { "/images/edits", &llmp_openai_image_edits, 1 },
    { "/images/variations", &llmp_openai_image_edits, 1 },
    { "/audio/speech", &llmp_openai_speech, 1 },
    { "/audio/transcriptions", &llmp_openai_transcriptions, 1 },
    { "/audio/translations", &llmp_openai_transcriptions, 1 },
    { "/files", &llmp_openai_files, 1 },
    { "/batches", &llmp_openai_batches, 1 },
    { "/rerank", &llmp_rerank, 1 },
    { "/v2/rerank", &llmp_rerank, 0 },
    { "/score", &llmp_rerank, 1 },
    { "/tokenize", &llmp_tokenize, 1 },
    { "/detokenize", &llmp_tokenize, 1 },

    { AZURE "/chat/completions", &llmp_openai_chat, 0 },
    { AZURE "/completions", &llmp_openai_completions, 0 },
    { AZURE "/embeddings", &llmp_openai_embeddings, 0 },
    { AZURE "/images/generations", &llmp_openai_images, 0 },
    { AZURE "/images/edits", &llmp_openai_image_edits, 0 },
    { AZURE "/audio/speech", &llmp_openai_speech, 0 },
    { AZURE "/audio/transcriptions", &llmp_openai_transcriptions, 0 },
    { AZURE "/audio/translations", &llmp_openai_transcriptions, 0 },

    { "/v1/messages", &llmp_anthropic_messages, 0 },
    { "/v1/messages/batches", &llmp_anthropic_batches, 0 },
    { "/v1/messages/count_tokens", &llmp_anthropic_count, 0 },
    { "/v1/complete", &llmp_anthropic_complete, 0 },
    { VERTEX "/anthropic/models/{model}:rawPredict",
      &llmp_anthropic_messages, 0 },
    { VERTEX "/anthropic/models/{model}:streamRawPredict",
      &llmp_anthropic_messages, 0 },

    { "/v1/models/{model}:generateContent", &llmp_gemini_generate, 0 },
    { "/v1/models/{model}:streamGenerateContent", &llmp_gemini_generate, 0 },
    { "/v1/models/{model}:countTokens", &llmp_gemini_plain, 0 },
    { "/v1/models/{model}:embedContent", &llmp_gemini_plain, 0 },
    { "/v1/models/{model}:batchEmbedContents", &llmp_gemini_plain, 0 },
    { "/v1beta/models/{model}:generateContent", &llmp_gemini_generate, 0 },
    { "/v1beta/models/{model}:streamGenerateContent",
      &llmp_gemini_generate, 0 },
    { "/v1beta/models/{model}:batchGenerateContent", &llmp_gemini_batch, 0 },
    { "/v1beta/models/{model}:countTokens", &llmp_gemini_plain, 0 },
    { "/v1beta/models/{model}:embedContent", &llmp_gemini_plain, 0 },
    { "/v1beta/models/{model}:batchEmbedContents", &llmp_gemini_plain, 0 },
    { VERTEX "/google/models/{model}:generateContent",
      &llmp_gemini_generate, 0 },
    { VERTEX "/google/models/{model}:streamGenerateContent",
      &llmp_gemini_generate, 0 },
    { VERTEX "/google/models/{model}:countTokens", &llmp_gemini_plain, 0 },
    { VERTEX_BETA "/google/models/{model}:generateContent",
      &llmp_gemini_generate, 0 },
    { VERTEX_BETA "/google/models/{model}:streamGenerateContent",
      &llmp_gemini_generate, 0 },
    { VERTEX_BETA "/google/models/{model}:countTokens",
      &llmp_gemini_plain, 0 },

    { "/model/{model}/converse", &llmp_bedrock_converse, 0 },
    { "/model/{model}/converse-stream", &llmp_bedrock_converse, 0 },
    BEDROCK("anthropic.", &llmp_bedrock_anthropic),
    BEDROCK("amazon.nova", &llmp_bedrock_nova),
    BEDROCK("amazon.titan-text", &llmp_bedrock_titan),
    BEDROCK("meta.llama", &llmp_bedrock_llama),
    BEDROCK("mistral.", &llmp_bedrock_mistral),
    BEDROCK("cohere.command", &llmp_bedrock_cohere),
    BEDROCK("openai.gpt-oss", &llmp_bedrock_openai),
    BEDROCK("qwen.", &llmp_bedrock_openai),
    BEDROCK("ai21.jamba", &llmp_bedrock_openai),

    { "/v2/chat", &llmp_cohere_chat, 0 },
    { "/v1/chat", &llmp_cohere_chat, 0 },
    { "/v1/generate", &llmp_cohere_chat, 0 },

    { "/v1/fim/completions", &llmp_mistral_chat, 0 },
    { "/v1/agents/completions", &llmp_mistral_chat, 0 },
    { "/v1/batch/jobs", &llmp_mistral_jobs, 0 },

    { "/api/chat", &llmp_ollama_generate, 0 },
    { "/api/generate", &llmp_ollama_generate, 0 },
    { "/api/embed", &llmp_ollama_embed, 0 },
    { "/api/embeddings", &llmp_ollama_embed, 0 },

    { "/completion", &llmp_llamacpp_completion, 0 },
    { "/infill", &llmp_llamacpp_completion, 0 },

    { "/inference/v1/generate", &llmp_vllm_generate, 0 },

    /* SGLang's /generate has to be named in the policy: TGI had it first */

    { "/generate", &llmp_tgi_generate, 0 },
    { "/generate_stream", &llmp_tgi_generate, 0 },

    { NULL, NULL, 0 }
};


llmp_param_e
llmp_param_find(const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (llmp_str_eq(&llmp_params[i].name, name)) {
            break;
        }
    }

    return (llmp_param_e) i;
}


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


const llmp_dialect_t *
llmp_dialect_route(const llmp_str_t *path, llmp_str_t *model)
{
    const llmp_builtin_route_t  *route;

    model->len = 0;
    model->data = NULL;

    for (route = llmp_routes; route->path != NULL; route++) {

        if (route->prefixed
            ? llmp_route_prefixed(route, path, model)
            : llmp_route_segments(route->path, path, model, 0))
        {
            return route->dialect;
        }
    }

    return NULL;
}


llmp_uint_t
llmp_dialect_route_like(const llmp_str_t *path)
{
    u_char                      *end;
    llmp_str_t                   rest, model;
    const llmp_builtin_route_t  *route;

    end = path->data + path->len;

    for (rest.data = path->data; rest.data < end; rest.data++) {

        if (*rest.data != '/') {
            continue;
        }

        rest.len = end - rest.data;

        for (route = llmp_routes; route->path != NULL; route++) {

            if (!route->dialect->generates && rest.data != path->data) {
                continue;
            }

            if (llmp_route_segments(route->path, &rest, &model, 1)) {
                return 1;
            }
        }
    }

    return 0;
}


static llmp_uint_t
llmp_route_prefixed(const llmp_builtin_route_t *route, const llmp_str_t *path,
    llmp_str_t *model)
{
    size_t              len;
    llmp_str_t          rest;
    const char *const  *prefix;

    for (prefix = llmp_route_prefixes; *prefix != NULL; prefix++) {

        len = strlen(*prefix);

        if (path->len < len || memcmp(path->data, *prefix, len) != 0) {
            continue;
        }

        rest.data = path->data + len;
        rest.len = path->len - len;

        if (llmp_route_segments(route->path, &rest, model, 0)) {
            return 1;
        }
    }

    return 0;
}


/* if lower, the path is in lower case, and the pattern is taken so */

static llmp_uint_t
llmp_route_segments(const char *pattern, const llmp_str_t *path,
    llmp_str_t *model, llmp_uint_t lower)
{
    u_char      *p, *end, *start, ch;
    llmp_str_t   found = llmp_null_string;
    const char  *name;

    p = path->data;
    end = p + path->len;

    while (*pattern != '\0') {

        if (*pattern == '{') {
            start = p;
            name = pattern + 1;
            pattern = strchr(pattern, '}') + 1;

            while (p < end && *p != '/' && *p != (u_char) *pattern) {
                p++;
            }

            if (p == start) {
                return 0;
            }

            if (*name != '}') {
                found.data = start;
                found.len = p - start;

                if (!llmp_route_has(name, &found)) {
                    return 0;
                }
            }

            continue;
        }

        ch = (u_char) *pattern++;

        if (lower && ch >= 'A' && ch <= 'Z') {
            ch |= 0x20;
        }

        if (p == end || *p++ != ch) {
            return 0;
        }
    }

    if (p != end) {
        return 0;
    }

    if (found.len != 0) {
        *model = found;
    }

    return 1;
}


/* whether the model is one of those meant by "model}", or "model:text}" */

static llmp_uint_t
llmp_route_has(const char *name, const llmp_str_t *model)
{
    size_t       i, len;
    const char  *text;

    text = name + strcspn(name, ":}");

    if (*text == '}') {
        return 1;
    }

    text++;
    len = strcspn(text, "}");

    for (i = 0; i + len <= model->len; i++) {
        if (memcmp(model->data + i, text, len) == 0) {
            return 1;
        }
    }

    return 0;
}


llmp_watch_t *
llmp_dialect_watch(llmp_pool_t *pool, const llmp_dialect_t *dialect,
    llmp_watch_t *shared, const llmp_pointer_t *pointers,
    llmp_uint_t npointers)
{
    llmp_dialect_builder_t  b;

    b.pool = pool;
    b.wrap = NULL;
    b.root = llmp_watch_create(pool);

    if (b.root == NULL
        || llmp_dialect_add_all(&b, dialect, shared, pointers, npointers)
           != LLMP_OK)
    {
        return NULL;
    }

    if (dialect->batch != NULL
        && llmp_dialect_add_meaning(&b, dialect->batch->purpose,
                                    LLMP_MEANS_PURPOSE)
           != LLMP_OK)
    {
        return NULL;
    }

    llmp_watch_finish(b.root);

    return b.root;
}


llmp_watch_t *
llmp_dialect_line(llmp_pool_t *pool, const llmp_dialect_t *dialect,
    llmp_watch_t *shared, const llmp_pointer_t *pointers,
    llmp_uint_t npointers)
{
    llmp_dialect_builder_t  b;

    b.pool = pool;
    b.wrap = LLMP_LINE_BODY;
    b.root = llmp_watch_create(pool);

    if (b.root == NULL
        || llmp_dialect_add_all(&b, dialect, shared, pointers, npointers)
           != LLMP_OK
        || llmp_dialect_add_meaning(&b, LLMP_LINE_URL, LLMP_MEANS_URL)
           != LLMP_OK
        || llmp_dialect_add_meaning(&b, LLMP_LINE_METHOD, LLMP_MEANS_METHOD)
           != LLMP_OK)
    {
        return NULL;
    }

    llmp_watch_finish(b.root);

    return b.root;
}


static llmp_int_t
llmp_dialect_add_all(llmp_dialect_builder_t *b, const llmp_dialect_t *dialect,
    llmp_watch_t *shared, const llmp_pointer_t *pointers,
    llmp_uint_t npointers)
{
    llmp_dialect_mark_t  mark;

    /* numbered elements have to be there before "any element" */

    if (llmp_dialect_add_pointers(b, pointers, npointers) != LLMP_OK
        || llmp_dialect_add_slots(b, dialect) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    memset(&mark, 0, sizeof(llmp_dialect_mark_t));
    mark.scope = 1;

    if (llmp_dialect_add(b, NULL, dialect->scope, &mark) != LLMP_OK) {
        return LLMP_ERROR;
    }

    memset(&mark, 0, sizeof(llmp_dialect_mark_t));
    mark.model = 1;

    if (dialect->model != NULL
        && llmp_dialect_add(b, dialect->scope, dialect->model, &mark)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (dialect->outer_model != NULL
        && llmp_dialect_add(b, NULL, dialect->outer_model, &mark) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (llmp_dialect_add_undone(b, dialect->underminers, dialect->scope)
        != LLMP_OK
        || llmp_dialect_add_undone(b, dialect->outside, NULL) != LLMP_OK
        || llmp_dialect_add_clashes(b, dialect) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    return llmp_dialect_add_containers(b, dialect, shared);
}


/* what is beside the requests: not within b->wrap */

static llmp_int_t
llmp_dialect_add_meaning(llmp_dialect_builder_t *b, const char *path,
    llmp_uint_t meaning)
{
    llmp_uint_t          n;
    llmp_dialect_mark_t  mark;

    memset(&mark, 0, sizeof(llmp_dialect_mark_t));
    mark.meaning = meaning;

    n = llmp_dialect_steps(b->steps, 0, path);

    return llmp_watch_add(b->pool, b->root, b->steps, n, llmp_dialect_mark,
                          &mark);
}


static llmp_int_t
llmp_dialect_add_pointers(llmp_dialect_builder_t *b,
    const llmp_pointer_t *pointers, llmp_uint_t npointers)
{
    uint32_t     number;
    llmp_uint_t  i, n;

    for (i = 0; i < npointers; i++) {
        number = (uint32_t) i + 1;

        n = llmp_dialect_steps(b->steps, 0, b->wrap);

        memcpy(&b->steps[n], pointers[i].steps,
               pointers[i].nsteps * sizeof(llmp_step_t));

        if (llmp_watch_add(b->pool, b->root, b->steps, n + pointers[i].nsteps,
                           llmp_dialect_mark_pointer, &number)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_add_slots(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_uint_t           i;
    const llmp_slot_t    *slot;
    llmp_dialect_mark_t   mark;

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {

        for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {
            memset(&mark, 0, sizeof(llmp_dialect_mark_t));
            mark.params = llmp_mask(slot->param);
            mark.native = 1;
            mark.rank = i;

            if (llmp_dialect_add(b, dialect->scope, slot->paths[i], &mark)
                != LLMP_OK)
            {
                return LLMP_ERROR;
            }
        }
    }

    return LLMP_OK;
}


/* what is shared holds at the top, in each request, and in containers */

static llmp_int_t
llmp_dialect_add_containers(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, llmp_watch_t *shared)
{
    const char *const    *container;
    llmp_dialect_mark_t   mark;

    memset(&mark, 0, sizeof(llmp_dialect_mark_t));
    mark.shared = shared;

    llmp_dialect_mark(b->root, &mark);

    if (llmp_dialect_add(b, NULL, NULL, &mark) != LLMP_OK
        || llmp_dialect_add(b, NULL, dialect->scope, &mark) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    for (container = llmp_containers; *container != NULL; container++) {
        if (llmp_dialect_add(b, NULL, *container, &mark) != LLMP_OK
            || llmp_dialect_add(b, dialect->scope, *container, &mark)
               != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


llmp_watch_t *
llmp_dialect_shared(llmp_pool_t *pool)
{
    llmp_dialect_mark_t      mark;
    const llmp_spelling_t   *spelling;
    llmp_dialect_builder_t   b;

    b.pool = pool;
    b.wrap = NULL;
    b.root = llmp_watch_create(pool);
    if (b.root == NULL) {
        return NULL;
    }

    for (spelling = llmp_spellings; spelling->path != NULL; spelling++) {
        memset(&mark, 0, sizeof(llmp_dialect_mark_t));
        mark.params = llmp_mask(spelling->param);

        if (llmp_dialect_add(&b, NULL, spelling->path, &mark) != LLMP_OK) {
            return NULL;
        }
    }

    if (llmp_dialect_add_undone(&b, llmp_underminers, NULL) != LLMP_OK) {
        return NULL;
    }

    llmp_watch_finish(b.root);

    return b.root;
}


static llmp_int_t
llmp_dialect_add_undone(llmp_dialect_builder_t *b,
    const llmp_underminer_t *under, const char *container)
{
    llmp_dialect_mark_t  mark;

    for ( /* void */ ; under != NULL && under->path != NULL; under++) {
        memset(&mark, 0, sizeof(llmp_dialect_mark_t));

        if (under->flags & LLMP_UNDO_DEFAULT) {
            mark.unsettles = under->params;

        } else {
            mark.undermines = under->params;
        }

        mark.strings = (under->flags & LLMP_UNDO_STRINGS) != 0;
        mark.models = (under->flags & LLMP_UNDO_MODELS) != 0;

        if (llmp_dialect_add(b, container, under->path, &mark) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_add_clashes(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_mark_t   mark;
    const llmp_clash_t   *clash;

    for (clash = dialect->clashes; clash && clash->path; clash++) {
        memset(&mark, 0, sizeof(llmp_dialect_mark_t));

        mark.clashes = clash->params;
        mark.unless = clash->unless;

        if (clash->fixed) {
            mark.fixes = clash->params;
        }

        if (llmp_dialect_add(b, dialect->scope, clash->path, &mark)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_add(llmp_dialect_builder_t *b, const char *prefix,
    const char *path, llmp_dialect_mark_t *mark)
{
    llmp_uint_t  n;

    n = llmp_dialect_steps(b->steps, 0, b->wrap);
    n = llmp_dialect_steps(b->steps, n, prefix);
    n = llmp_dialect_steps(b->steps, n, path);

    return llmp_watch_add(b->pool, b->root, b->steps, n, llmp_dialect_mark,
                          mark);
}


/* "requests[].params" -> "requests", any element, "params" */

static llmp_uint_t
llmp_dialect_steps(llmp_step_t *steps, llmp_uint_t n, const char *path)
{
    size_t  len;

    while (path != NULL && *path != '\0') {

        if (*path == '.') {
            path++;
        }

        if (*path == '[') {
            len = 2;
            steps[n].name.data = NULL;
            steps[n].name.len = 0;
            steps[n].is_element = 1;

        } else {
            len = strcspn(path, ".[");
            steps[n].name.data = (u_char *) path;
            steps[n].name.len = len;
            steps[n].is_element = 0;
        }

        path += len;
        n++;
    }

    return n;
}


static void
llmp_dialect_mark(llmp_watch_t *node, void *data)
{
    llmp_dialect_mark_t  *mark = data;

    if (mark->native) {
        node->native = 1;
        node->rank = (uint8_t) mark->rank;
    }

    node->params |= mark->params;

    node->undermines |= mark->undermines;
    node->unsettles |= mark->unsettles;
    node->clashes |= mark->clashes;
    node->fixes |= mark->fixes;

    if (mark->unless != NULL) {
        node->unless = mark->unless;
    }

    if (mark->shared != NULL) {
        node->shared = mark->shared;
    }

    node->model |= mark->model;
    node->scope |= mark->scope;
    node->strings |= mark->strings;
    node->models |= mark->models;
    node->meaning |= mark->meaning;
}


static void
llmp_dialect_mark_pointer(llmp_watch_t *node, void *data)
{
    node->pointer = *(uint32_t *) data;
}
