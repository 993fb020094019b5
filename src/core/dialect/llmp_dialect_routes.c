
/*
 * Copyright (C) llm-policy authors
 *
 * The built-in routes, and the comparison of a path with them.
 */


#include "dialect/llmp_dialect_routes.h"
#include "dialect/llmp_dialect_tables.h"


static llmp_uint_t llmp_dialect_routes_is(const llmp_dialect_route_t *route,
    const llmp_str_t *path, llmp_str_t *model);
static llmp_uint_t llmp_dialect_routes_may_end(const char *pattern,
    const llmp_str_t *path);
static llmp_uint_t llmp_dialect_routes_try(const llmp_dialect_route_t *route,
    const llmp_str_t *path, llmp_str_t *model);
static llmp_uint_t llmp_dialect_routes_match(const char *pattern,
    const llmp_str_t *path, llmp_str_t *model, llmp_uint_t lower);
static llmp_uint_t llmp_dialect_routes_model_has(const char *name,
    const llmp_str_t *model);


/* OpenAI itself, Groq and Azure, OpenRouter, Gemini, DeepSeek */

const char *const  llmp_route_prefixes[] = {
    "/v1", "/openai/v1", "/api/v1", "/v1beta/openai", "/beta", "/openai", "",
    NULL
};


#define AZURE   "/openai/deployments/{model}"
#define VERTEX  "/v1/projects/{}/locations/{}/publishers"
#define VERTEX_BETA  "/v1beta1/projects/{}/locations/{}/publishers"

/* Vertex: within a project, or with an API key of the client */

#define GOOGLE(publishers)                                                    \
    { publishers "/google/models/{model}:generateContent",                    \
      &llmp_gemini_generate, 0 },                                             \
    { publishers "/google/models/{model}:streamGenerateContent",              \
      &llmp_gemini_generate, 0 },                                             \
    { publishers "/google/models/{model}:countTokens", &llmp_gemini_plain, 0 }


/* Vertex: a tuned model, whose name is that of its endpoint */

#define ENDPOINT(location)                                                    \
    { location "/endpoints/{model}:generateContent",                          \
      &llmp_gemini_generate, 0 },                                             \
    { location "/endpoints/{model}:streamGenerateContent",                    \
      &llmp_gemini_generate, 0 },                                             \
    { location "/endpoints/{model}:countTokens", &llmp_gemini_plain, 0 }


/* InvokeModel: the body has the shape of the model's own API */

#define INVOKE(text, dialect)                                                 \
    { "/model/{model:" text "}/invoke", dialect, 0 },                         \
    { "/model/{model:" text "}/invoke-with-response-stream", dialect, 0 }

const llmp_dialect_route_t  llmp_routes[] = {
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
    { "/threads", &llmp_openai_threads, 1 },
    { "/threads/thread_{}", &llmp_openai_threads, 1 },
    { "/threads/{}/messages", &llmp_openai_threads, 1 },
    { "/threads/{}/messages/{}", &llmp_openai_threads, 1 },
    { "/threads/{}/runs/{}", &llmp_openai_threads, 1 },
    { "/threads/{}/runs/{}/submit_tool_outputs", &llmp_openai_threads, 1 },
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

    /* a fixed name, before that of any model: the body has the model, and
       nothing is generated (anthropic-sdk-python, lib/vertex) */

    { VERTEX "/anthropic/models/count-tokens:rawPredict",
      &llmp_anthropic_count, 0 },
    { VERTEX "/anthropic/models/{model}:rawPredict",
      &llmp_anthropic_messages, 0 },
    { VERTEX "/anthropic/models/{model}:streamRawPredict",
      &llmp_anthropic_messages, 0 },

    { "/v1/models/{model}:generateContent", &llmp_gemini_generate, 0 },
    { "/v1/models/{model}:streamGenerateContent", &llmp_gemini_generate, 0 },
    { "/v1/models/{model}:batchGenerateContent", &llmp_gemini_batch, 0 },
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
    { "/v1beta/tunedModels/{model}:generateContent",
      &llmp_gemini_generate, 0 },
    { "/v1beta/tunedModels/{model}:streamGenerateContent",
      &llmp_gemini_generate, 0 },
    { "/v1beta/dynamic/{model}:generateContent", &llmp_gemini_generate, 0 },
    { "/v1beta/dynamic/{model}:streamGenerateContent",
      &llmp_gemini_generate, 0 },
    { "/v1alpha/models/{model}:generateContent", &llmp_gemini_generate, 0 },
    { "/v1alpha/models/{model}:streamGenerateContent",
      &llmp_gemini_generate, 0 },
    { "/v1alpha/models/{model}:batchGenerateContent", &llmp_gemini_batch, 0 },
    { "/v1alpha/models/{model}:countTokens", &llmp_gemini_plain, 0 },
    { "/v1alpha/models/{model}:embedContent", &llmp_gemini_plain, 0 },
    { "/v1alpha/models/{model}:batchEmbedContents", &llmp_gemini_plain, 0 },
    GOOGLE("/v1/publishers"),
    GOOGLE("/v1beta1/publishers"),
    GOOGLE(VERTEX),
    GOOGLE(VERTEX_BETA),
    ENDPOINT("/v1/projects/{}/locations/{}"),
    ENDPOINT("/v1beta1/projects/{}/locations/{}"),

    { "/model/{model}/converse", &llmp_bedrock_converse, 0 },
    { "/model/{model}/converse-stream", &llmp_bedrock_converse, 0 },
    INVOKE("anthropic.", &llmp_bedrock_anthropic),
    INVOKE("amazon.nova", &llmp_bedrock_nova),
    INVOKE("amazon.titan-text", &llmp_bedrock_titan),
    INVOKE("meta.llama", &llmp_bedrock_llama),
    INVOKE("mistral.", &llmp_bedrock_mistral),
    INVOKE("cohere.command", &llmp_bedrock_cohere),
    INVOKE("openai.gpt-oss", &llmp_bedrock_openai),
    INVOKE("qwen.", &llmp_bedrock_openai),
    INVOKE("ai21.jamba", &llmp_bedrock_openai),

    { "/v2/rerank", &llmp_cohere_plain, 0 },
    { "/v2/embed", &llmp_cohere_plain, 0 },
    { "/v1/embed", &llmp_cohere_plain, 0 },
    { "/v2/chat", &llmp_cohere_chat, 0 },
    { "/v1/chat", &llmp_cohere_chat, 0 },
    { "/v1/generate", &llmp_cohere_chat, 0 },

    { "/v1/fim/completions", &llmp_mistral_chat, 0 },
    { "/v1/agents/completions", &llmp_mistral_agents, 0 },
    { "/v1/conversations/{}/restart", &llmp_mistral_conversations, 0 },
    { "/v1/chat/moderations", &llmp_openai_moderations, 0 },
    { "/v1/classifications", &llmp_openai_moderations, 0 },
    { "/v1/chat/classifications", &llmp_openai_moderations, 0 },
    { "/v1/batch/jobs", &llmp_mistral_jobs, 0 },

    { "/api/chat", &llmp_ollama_generate, 0 },
    { "/api/generate", &llmp_ollama_generate, 0 },
    { "/api/embed", &llmp_ollama_embed, 0 },
    { "/api/embeddings", &llmp_ollama_embed, 0 },
    { "/api/show", &llmp_ollama_embed, 0 },

    { "/completion", &llmp_llamacpp_completion, 0 },
    { "/infill", &llmp_llamacpp_completion, 0 },

    { "/inference/v1/generate", &llmp_vllm_generate, 0 },

    { "/generate", &llmp_generate, 0 },
    { "/generate_stream", &llmp_tgi_generate, 0 },

    { NULL, NULL, 0 }
};


/*
 * Ends of paths, in lower case, on which an API or a server generates something
 * in a shape that no dialect has, or in one that depends on the model or the
 * API behind it; or on which it stores settings that apply later: of an agent,
 * a session, a model, a batch.
 *
 * Sources: those of each server, 2026-11; the SDKs openai 6.49.0,
 * @anthropic-ai/sdk 1.14.0, @google/genai 2.32.0, @mistralai/mistralai 2.7.0
 * and cohere-ai 8.1.0, 2026-11.  From memory, not checked: Replicate, Baidu,
 * Hugging Face.
 */

static const char *const  llmp_generating[] = {
    "/{}:generatecontent",             /* Google: another version or parent */
    "/{}:streamgeneratecontent",
    "/{}:batchgeneratecontent",
    "/{}:generatetext",                /* Google: PaLM */
    "/{}:generatemessage",
    "/{}:generateanswer",
    "/{}:predict",                     /* Vertex: any model */
    "/{}:predictlongrunning",
    "/{}:rawpredict",
    "/{}:streamrawpredict",
    "/{}:directpredict",
    "/{}:directrawpredict",
    "/{}:serverstreamingpredict",
    "/model/{}/invoke",                /* Bedrock: a family without dialect */
    "/model/{}/invoke-with-response-stream",
    "/model/{}/invoke-with-bidirectional-stream",
    "/async-invoke",
    "/messages",                       /* Anthropic's, without "/v1" */
    "/invocations",                    /* SageMaker: vLLM, TGI; Databricks */
    "/invocations-response-stream",
    "/predict",                        /* Vertex containers: llama.cpp */
    "/vertex",                         /* the same: TGI */
    "/vertex_generate",                /* the same: SGLang */
    "/infer",                          /* KServe, Triton */
    "/extra/generate/stream",          /* KoboldCpp */
    "/ai/run/{}",                      /* Cloudflare Workers AI, and models with
                                          slashes in their name */
    "/ai/run/{}/{}",
    "/ai/run/{}/{}/{}",
    "/inference/{}",                   /* DeepInfra, likewise */
    "/inference/{}/{}",
    "/services/aigc/{}/generation",    /* DashScope */
    "/v1/conversations",               /* Mistral; OpenAI generates nothing */
    "/v1/conversations/{}",
    "/v1/agents",                      /* Mistral, Anthropic: settings */
    "/v1/agents/{}",
    "/v1/sessions",                    /* Anthropic: of an agent */
    "/v1/sessions/{}",
    "/v1/sessions/{}/events",
    "/v1/deployments",
    "/v1/deployments/{}",
    "/v1/deployments/{}/run",
    "/v1/dreams",
    "/v1/summarize",                   /* Cohere */
    "/v2/batches",                     /* Cohere: requests in a data set */
    "/batchpredictionjobs",            /* Vertex: in a bucket */
    "/model-invocation-job",           /* Bedrock: the same */
    "/interactions",                   /* Gemini */
    "/v1alpha/auth_tokens",            /* Gemini: keys of sessions elsewhere */
    "/v1beta/auth_tokens",
    "/realtime/client_secrets",        /* OpenAI: the same */
    "/realtime/sessions",
    "/realtime/calls",
    "/realtime/calls/{}/accept",
    "/chatkit/sessions",
    "/v1/videos",                      /* OpenAI: from a prompt */
    "/v1/videos/edits",
    "/v1/videos/extensions",
    "/v1/videos/{}/remix",
    "/v1/edits",                       /* LocalAI */
    "/reasoningengines/{}:query",      /* Vertex: agents */
    "/reasoningengines/{}:streamquery",
    "/agentaliases/{}/sessions/{}/text",  /* Bedrock: agents */
    "/flows/{}/aliases/{}",
    "/retrieveandgenerate",
    "/retrieveandgeneratestream",
    "/api/create",                     /* Ollama: a model with parameters */
    "/api/copy",                       /* the same: with another name */
    "/text/generation",                /* watsonx */
    "/text/generation_stream",
    "/text/chat",
    "/text/chat_stream",
    "/v1/sonar",                       /* Perplexity */
    "/v1/async/sonar",
    "/v1/predictions",                 /* Replicate */
    "/models/{}/{}/predictions",
    "/deployments/{}/{}/predictions",
    "/wenxinworkshop/chat/{}",         /* Baidu */
    "/wenxinworkshop/completions/{}",
    "/hf-inference/models/{}/{}",      /* Hugging Face */
    NULL
};


const llmp_dialect_t *
llmp_dialect_routes_find(const llmp_str_t *path, llmp_str_t *model)
{
    const llmp_dialect_route_t  *route;

    model->len = 0;
    model->data = NULL;

    for (route = llmp_routes; route->path != NULL; route++) {

        if (llmp_dialect_routes_is(route, path, model)) {
            return route->dialect;
        }
    }

    return NULL;
}


const llmp_dialect_t *
llmp_dialect_routes_first(const llmp_str_t *path,
    const llmp_dialect_route_t *route)
{
    llmp_str_t                   model;
    const llmp_dialect_route_t  *r;

    for (r = llmp_routes; r < route; r++) {

        if (strchr(r->path, '{') != NULL
            && llmp_dialect_routes_is(r, path, &model))
        {
            return r->dialect;
        }
    }

    return route->dialect;
}


static llmp_uint_t
llmp_dialect_routes_is(const llmp_dialect_route_t *route,
    const llmp_str_t *path, llmp_str_t *model)
{
    if (!llmp_dialect_routes_may_end(route->path, path)) {
        return 0;
    }

    return route->prefixed
           ? llmp_dialect_routes_try(route, path, model)
           : llmp_dialect_routes_match(route->path, path, model, 0);
}


llmp_uint_t
llmp_dialect_routes_resemble(const llmp_str_t *path)
{
    u_char                      *end;
    llmp_str_t                   rest, model;
    const llmp_dialect_route_t  *route;

    end = path->data + path->len;

    for (rest.data = path->data; rest.data < end; rest.data++) {

        if (*rest.data != '/') {
            continue;
        }

        rest.len = end - rest.data;

        for (route = llmp_routes; route->path != NULL; route++) {

            if (!route->dialect->generates && route->dialect->batch == NULL
                && rest.data != path->data)
            {
                continue;
            }

            if (llmp_dialect_routes_match(route->path, &rest, &model, 1)) {
                return 1;
            }
        }
    }

    return 0;
}


llmp_uint_t
llmp_dialect_routes_generate(const llmp_str_t *path)
{
    u_char             *end;
    llmp_str_t          rest, model;
    const char *const  *pattern;

    /* TGI generates on "/" */

    if (path->len == 0) {
        return 1;
    }

    end = path->data + path->len;

    for (rest.data = path->data; rest.data < end; rest.data++) {

        if (*rest.data != '/') {
            continue;
        }

        rest.len = end - rest.data;

        for (pattern = llmp_generating; *pattern != NULL; pattern++) {
            if (llmp_dialect_routes_match(*pattern, &rest, &model, 0)) {
                return 1;
            }
        }
    }

    return 0;
}


/* compares the ends of a pattern and of a path, which differ in most cases */

static llmp_uint_t
llmp_dialect_routes_may_end(const char *pattern, const llmp_str_t *path)
{
    char  last;

    last = pattern[strlen(pattern) - 1];

    return last == '}'
           || (path->len != 0 && path->data[path->len - 1] == (u_char) last);
}


static llmp_uint_t
llmp_dialect_routes_try(const llmp_dialect_route_t *route,
    const llmp_str_t *path, llmp_str_t *model)
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

        if (llmp_dialect_routes_match(route->path, &rest, model, 0)) {
            return 1;
        }
    }

    return 0;
}


/* Compares a path with a pattern.  Sets *model if it is in the path.  If lower
   is set, the path is in lower case, and the pattern is converted. */

static llmp_uint_t
llmp_dialect_routes_match(const char *pattern, const llmp_str_t *path,
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

                if (!llmp_dialect_routes_model_has(name, &found)) {
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


/* returns whether a model matches "model}" (any) or "model:text}" (those with
   the text in their name) */

static llmp_uint_t
llmp_dialect_routes_model_has(const char *name, const llmp_str_t *model)
{
    const char  *text;

    text = name + strcspn(name, ":}");

    if (*text == '}') {
        return 1;
    }

    text++;

    return llmp_str_has(model, text, strcspn(text, "}"));
}
