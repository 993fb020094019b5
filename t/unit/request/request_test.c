
/*
 * Copyright (C) llm-policy authors
 *
 * Decisions made with the head of a request.
 */


#include "dialect/llmp_dialect.h"
#include "request/llmp_request.h"

#include "test.h"
#include "policy_load.h"


#define JSON  "Content-Type: application/json"


typedef struct {
    const char  *target;
    const char  *headers[3];
    const char  *expected;    /* a dialect, "pass", or the code of a refusal */
} request_case_t;


static const char *run(llmp_policy_t *policy, llmp_request_t *req,
    const char *path, const char *target, const char *const *headers);
static void add_header(llmp_request_t *req, const char *line);
static void check(llmp_policy_t *policy, const request_case_t *cases,
    const char *path, llmp_uint_t pass_unmatched);


static const char  document[] =
    "{\"version\":1,\"default_tier\":\"t\","
    "\"tiers\":{\"t\":{\"parameters\":{}},\"u\":{\"parameters\":{}},"
    "\"limited\":{\"limits\":{\"requests_per_minute\":5,"
    "\"tokens_per_minute\":9}}},"
    "\"tenants\":{\"acme\":{\"tier\":\"u\",\"keys\":[\"sha256:"
    "689febd264f8b977e29c0fdb75f839eb248ba07d1561b14f2b95f42756943245"
    "\"],\"limits\":{\"requests_per_minute\":7}}},"
    "\"routes\":["
    "{\"path\":\"/chat\",\"dialect\":\"openai.chat\"},"
    "{\"path\":\"~^/m/(?<model>[^/]+)/embed$\","
    "\"dialect\":\"openai.embeddings\"},"
    "{\"path\":\"/ws\",\"action\":\"pass\"},"
    "{\"path\":\"/v1/moderations\",\"action\":\"reject\"},"
    "{\"path\":\"/v1/images/generations\",\"action\":\"pass\"}]%s}";


static const request_case_t  routes[] = {
    { "/v1/chat/completions", { JSON }, "openai.chat" },
    { "/chat/completions", { JSON }, "openai.chat" },
    { "/openai/v1/chat/completions", { JSON }, "openai.chat" },
    { "/api/v1/chat/completions", { JSON }, "openai.chat" },
    { "/v1/completions", { JSON }, "openai.completions" },
    { "/completions", { JSON }, "openai.completions" },
    { "/v1/responses", { JSON }, "openai.responses" },
    { "/v1/responses?beta=true", { JSON }, "openai.responses" },
    { "/v1/responses/compact", { JSON }, "openai.input" },
    { "/v1/embeddings", { JSON }, "openai.embeddings" },
    { "/embeddings", { JSON }, "openai.embeddings" },
    { "/v1/audio/speech", { JSON }, "openai.speech" },
    { "/rerank", { JSON }, "rerank" },
    { "/v2/rerank", { JSON }, "cohere.plain" },
    { "/tokenize", { JSON }, "tokenize" },

    /* routes of the document, which come first */
    { "/chat", { JSON }, "openai.chat" },
    { "/chat/", { JSON }, "unknown_route" },
    { "/m/foo/embed", { JSON }, "openai.embeddings" },
    { "/ws", { NULL }, "pass" },
    { "/v1/moderations", { JSON }, "unknown_route" },
    { "/v1/images/generations", { NULL }, "pass" },

    { "/v1/files", { JSON }, "unsupported_content_type" },
    { "/v1/uploads", { JSON }, "unknown_route" },
    { "/v1/chat/completions/", { JSON }, "unknown_route" },
    { "/V1/chat/completions", { JSON }, "unknown_route" },
    { "/v1/chatter", { JSON }, "unknown_route" },
    { "/", { JSON }, "unknown_route" },
    { NULL, { NULL }, NULL }
};


/* the longest path that is compared has 1024 bytes */

#define A10   "aaaaaaaaaa"
#define A100  A10 A10 A10 A10 A10 A10 A10 A10 A10 A10


static const request_case_t  unmatched[] = {
    { "/v1/uploads", { NULL }, "pass" },
    { "/v1/chat/completionsx", { NULL }, "pass" },
    { "/v1/chat/completions/", { NULL }, "ambiguous_path" },
    { "/v1/chat/completions//", { NULL }, "ambiguous_path" },
    { "/V1/Chat/Completions", { NULL }, "ambiguous_path" },
    { "/v1/chat/completions;a=b", { NULL }, "ambiguous_path" },
    { "/v1/chat/completions\n", { NULL }, "ambiguous_path" },
    { "/chat/", { NULL }, "ambiguous_path" },
    { "/CHAT", { NULL }, "ambiguous_path" },
    { "/M/foo/embed/", { NULL }, "ambiguous_path" },
    { "/x/v1/chat/completions", { NULL }, "ambiguous_path" },
    { "/x/API/Chat/", { NULL }, "ambiguous_path" },
    { "/V1beta/models/m:generatecontent", { NULL }, "ambiguous_path" },
    { "/v1beta/models/m:generateContent/", { NULL }, "ambiguous_path" },
    { "/x/model/m/converse", { NULL }, "ambiguous_path" },
    { "/x/v1/threads/t/runs", { NULL }, "ambiguous_path" },
    { "/x/v1/embeddings", { NULL }, "pass" },
    { "/x/v1/files", { NULL }, "ambiguous_path" },
    { "/x/v1/audio/transcriptions", { NULL }, "ambiguous_path" },
    { "/" A100 A100 A100 A100 A100 A100 A100 A100 A100 A100 A100
      "/v1/chat/completions", { NULL }, "ambiguous_path" },

    /* generated on, by APIs and servers that are known */
    { "/v1alpha/models/m:generateContent", { JSON }, "gemini.generate" },
    { "/v1alpha/models/m:batchGenerateContent", { JSON }, "gemini.batch" },
    { "/v1beta/dynamic/m:generateContent", { JSON }, "gemini.generate" },
    { "/v1/projects/p/locations/l/endpoints/e:generateContent", { JSON },
      "gemini.generate" },
    { "/v1beta1/projects/p/locations/l/endpoints/e:streamGenerateContent",
      { JSON }, "gemini.generate" },
    { "/v1/projects/p/locations/l/endpoints/e:countTokens", { JSON },
      "gemini.plain" },
    { "/v9/models/m:generateContent", { JSON }, "ambiguous_path" },
    { "/v9/projects/p/locations/l/endpoints/e:rawPredict", { JSON },
      "ambiguous_path" },
    { "/v1/projects/p/locations/l/endpoints/e:predict", { JSON },
      "ambiguous_path" },
    { "/model/deepseek.r1-v1:0/invoke", { JSON }, "ambiguous_path" },
    { "/x/Model/deepseek.r1/Invoke-With-Response-Stream/", { JSON },
      "ambiguous_path" },
    { "/", { JSON }, "ambiguous_path" },
    { "/messages", { JSON }, "ambiguous_path" },
    { "/anthropic/messages", { JSON }, "ambiguous_path" },
    { "/invocations", { JSON }, "ambiguous_path" },
    { "/serving-endpoints/e/invocations", { JSON }, "ambiguous_path" },
    { "/predict", { JSON }, "ambiguous_path" },
    { "/vertex_generate", { JSON }, "ambiguous_path" },
    { "/vertex", { JSON }, "ambiguous_path" },
    { "/v2/models/m/generate_stream", { JSON }, "ambiguous_path" },
    { "/v2/models/m/infer", { JSON }, "ambiguous_path" },
    { "/api/v1/generate", { JSON }, "ambiguous_path" },
    { "/api/extra/generate/stream", { JSON }, "ambiguous_path" },
    { "/client/v4/accounts/a/ai/run/@cf/meta/llama", { JSON },
      "ambiguous_path" },
    { "/v1/inference/meta/llama", { JSON }, "ambiguous_path" },
    { "/api/v1/services/aigc/text-generation/generation", { JSON },
      "ambiguous_path" },
    { "/models/chat/completions", { JSON }, "ambiguous_path" },

    /* two APIs have the path, or settings apply later, or elsewhere */
    { "/v1/conversations", { JSON }, "ambiguous_path" },
    { "/v1/conversations/c", { JSON }, "ambiguous_path" },
    { "/v1/conversations/c/restart", { JSON }, "mistral.conversations" },
    { "/mistral/v1/conversations/c/restart", { JSON }, "ambiguous_path" },
    { "/mistral/v1/Conversations", { JSON }, "ambiguous_path" },
    { "/v1/agents", { JSON }, "ambiguous_path" },
    { "/v1/agents/a", { JSON }, "ambiguous_path" },
    { "/v1/agents/completions", { JSON }, "mistral.agents" },
    { "/v1/sessions/s/events", { JSON }, "ambiguous_path" },
    { "/v1/dreams", { JSON }, "ambiguous_path" },
    { "/v1/summarize", { JSON }, "ambiguous_path" },
    { "/v2/batches", { JSON }, "ambiguous_path" },
    { "/v1/projects/p/locations/l/batchPredictionJobs", { JSON },
      "ambiguous_path" },
    { "/model-invocation-job", { JSON }, "ambiguous_path" },
    { "/v1beta/interactions", { JSON }, "ambiguous_path" },
    { "/v1alpha/auth_tokens", { JSON }, "ambiguous_path" },
    { "/v1/realtime/client_secrets", { JSON }, "ambiguous_path" },
    { "/v1/realtime/sessions", { JSON }, "ambiguous_path" },
    { "/v1/chatkit/sessions", { JSON }, "ambiguous_path" },
    { "/v1/videos", { JSON }, "ambiguous_path" },
    { "/v1/projects/p/locations/l/reasoningEngines/e:streamQuery", { JSON },
      "ambiguous_path" },
    { "/agents/a/agentAliases/b/sessions/s/text", { JSON }, "ambiguous_path" },
    { "/flows/f/aliases/a", { JSON }, "ambiguous_path" },
    { "/retrieveAndGenerateStream", { JSON }, "ambiguous_path" },
    { "/api/create", { JSON }, "ambiguous_path" },
    { "/api/copy", { JSON }, "ambiguous_path" },
    { "/ml/v1/text/chat_stream", { JSON }, "ambiguous_path" },
    { "/v1/async/sonar", { JSON }, "ambiguous_path" },
    { "/v1/models/o/m/predictions", { JSON }, "ambiguous_path" },

    /* nothing is generated on these */
    { "/v1/conversations/c/items", { JSON }, "pass" },
    { "/v1/realtime/transcription_sessions", { JSON }, "pass" },
    { "/v1/libraries/l/documents", { JSON }, "pass" },
    { "/v1/classify", { JSON }, "pass" },
    { "/v1/files/f/predictions", { JSON }, "pass" },
    { "/api/pull", { JSON }, "pass" },
    { "/v1/uploads/u/complete", { JSON }, "pass" },
    { "/api/extra/tokencount", { JSON }, "pass" },

    { "/ws/", { NULL }, "pass" },
    { "/x%20y", { NULL }, "ambiguous_path" },
    { "/v1/moderations", { NULL }, "unknown_route" },
    { "/v1/files", { "Upgrade: websocket" }, "upgrade_refused" },
    { "/v1/uploads", { "Upgrade: h2c" }, "pass" },
    { NULL, { NULL }, NULL }
};


static const request_case_t  heads[] = {
    { "/chat", { "content-type: application/json; charset=utf-8" },
      "openai.chat" },
    { "/chat", { "CONTENT-TYPE: Application/JSON;charset=\"UTF-8\"" },
      "openai.chat" },
    { "/chat", { "Content-Type: application/json ; charset=UTF-8 " },
      "openai.chat" },
    { "/chat", { NULL }, "unsupported_content_type" },
    { "/chat", { "Content-Type: " }, "unsupported_content_type" },
    { "/chat", { "Content-Type: text/plain" }, "unsupported_content_type" },
    { "/chat", { "Content-Type: application/jsonx" },
      "unsupported_content_type" },
    { "/chat", { "Content-Type: application/json; charset=utf-7" },
      "unsupported_content_type" },
    { "/chat", { "Content-Type: application/json; charset=utf-8; a=b" },
      "unsupported_content_type" },
    { "/chat", { "Content-Type: application/json; charset=\"utf-8" },
      "unsupported_content_type" },
    { "/chat", { "Content-Type: application/json, text/plain" },
      "unsupported_content_type" },
    { "/chat", { JSON, JSON }, "unsupported_content_type" },
    { "/chat", { JSON, "Content_Type: text/plain" },
      "unsupported_content_type" },
    { "/chat", { JSON, "Content-Encoding: identity" }, "openai.chat" },
    { "/chat", { JSON, "Content-Encoding: gzip" },
      "unsupported_content_encoding" },
    { "/chat", { JSON, "Content-Encoding: " },
      "unsupported_content_encoding" },
    { "/chat", { JSON, "Content-Encoding: identity, gzip" },
      "unsupported_content_encoding" },
    { "/chat", { JSON, "Content-Encoding: identity",
                 "Content-Encoding: identity" },
      "unsupported_content_encoding" },
    { "/chat", { JSON, "X-HTTP-Method-Override: PUT" }, "ambiguous_path" },
    { "/chat", { JSON, "X-Method-Override: PUT" }, "ambiguous_path" },
    { "/chat", { JSON, "X-Original-URL: /x" }, "ambiguous_path" },
    { "/chat", { JSON, "X-Rewrite-URL: /x" }, "ambiguous_path" },
    { "/chat", { JSON, "Upgrade: websocket" }, "upgrade_refused" },
    { "/v1/responses", { JSON, "Upgrade: websocket" }, "upgrade_refused" },
    { "/chat", { JSON, "Upgrade: h2c, WebSocket/13" }, "upgrade_refused" },
    { "/chat", { JSON, "Upgrade: h2c", "Upgrade: websocket" },
      "upgrade_refused" },
    { "/chat", { JSON, "Upgrade: h2c" }, "openai.chat" },
    { "/v1/uploads", { JSON, "Upgrade: h2c" }, "unknown_route" },
    { "/ws", { "Upgrade: websocket" }, "pass" },
    { "/ws", { "X-HTTP-Method-Override: PUT" }, "pass" },
    { NULL, { NULL }, NULL }
};


/* a client's spelling that nginx normalizes to /chat */

static const request_case_t  targets[] = {
    { "/ch%61t", { JSON }, "ambiguous_path" },
    { "//chat", { JSON }, "ambiguous_path" },
    { "/./chat", { JSON }, "ambiguous_path" },
    { "/x/../chat", { JSON }, "ambiguous_path" },
    { "/chat/..", { JSON }, "ambiguous_path" },
    { "/chat/.", { JSON }, "ambiguous_path" },
    { "/chat\\x", { JSON }, "ambiguous_path" },
    { "/chat;x", { JSON }, "ambiguous_path" },
    { "/ch\xc3\xa4t", { JSON }, "ambiguous_path" },
    { "/ws/%2e", { JSON }, "ambiguous_path" },

    /* members that a query may contain, and others */
    { "/chat?api-version=2024-10-21&stream=true&key=x", { JSON },
      "openai.chat" },
    { "/chat?x=temperature", { JSON }, "openai.chat" },
    { "/chat?x=%74emperature&y=a;b", { JSON }, "openai.chat" },
    { "/chat?temperature=2", { JSON }, "undermines_policy" },
    { "/chat?temperature", { JSON }, "undermines_policy" },
    { "/chat?a=b&Temperature=2", { JSON }, "undermines_policy" },
    { "/chat?a=b;temperature=2", { JSON }, "undermines_policy" },
    { "/chat?temper%61ture=2", { JSON }, "undermines_policy" },
    { "/chat?options[temperature]=2", { JSON }, "undermines_policy" },
    { "/chat?options%5Btemperature%5D=2", { JSON }, "undermines_policy" },
    { "/chat?options.temperature=2", { JSON }, "undermines_policy" },
    { "/chat?model=gpt-4", { JSON }, "undermines_policy" },
    { "/chat?max_to%E2%84%AAens=9", { JSON }, "undermines_policy" },
    { "/chat?fallbacks=x", { JSON }, "undermines_policy" },
    { "/chat?%", { JSON }, "openai.chat" },
    { "/chat?max.tokens=9", { JSON }, "undermines_policy" },
    { "/chat?max+tokens=9", { JSON }, "undermines_policy" },
    { "/chat?max%5btokens", { JSON }, "undermines_policy" },
    { "/chat?%7", { JSON }, "openai.chat" },
    { NULL, { NULL }, NULL }
};


static void
add_header(llmp_request_t *req, const char *line)
{
    llmp_str_t  name, value;

    name.data = (u_char *) line;
    name.len = strchr(line, ':') - line;

    value = test_cstr(line + name.len + 2);

    llmp_request_header(req, &name, &value);
}


static const char *
run(llmp_policy_t *policy, llmp_request_t *req, const char *path,
    const char *target, const char *const *headers)
{
    llmp_uint_t      i;
    llmp_refusal_t   refusal;

    req->target = test_cstr(target);
    req->path = test_cstr(path != NULL ? path : target);
    req->path.len = strcspn((char *) req->path.data, "?");

    for (i = 0; i < 3 && headers[i] != NULL; i++) {
        add_header(req, headers[i]);
    }

    switch (llmp_request_check(req, policy, &refusal)) {

    case LLMP_OK:
        return (char *) req->dialect->name.data;

    case LLMP_DECLINED:
        return "pass";

    default:
        return llmp_refusal_name(refusal.code);
    }
}


static void
check(llmp_policy_t *policy, const request_case_t *cases, const char *path,
    llmp_uint_t pass_unmatched)
{
    const char      *result;
    llmp_request_t   req;

    for ( /* void */ ; cases->target != NULL; cases++) {
        llmp_request_init(&req);

        req.post = 1;
        req.body = 1;
        req.pass_unmatched = pass_unmatched;

        result = run(policy, &req, path, cases->target, cases->headers);

        if (strcmp(result, cases->expected) != 0) {
            fail_msg("%s, %s: %s, not %s", cases->target,
                     cases->headers[0] ? cases->headers[0] : "", result,
                     cases->expected);
        }
    }
}


static void
test_check(void **state)
{
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, document, "");

    check(policy, routes, NULL, 0);
    check(policy, unmatched, NULL, 1);
    check(policy, heads, NULL, 0);
    check(policy, targets, "/chat", 0);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_body_and_method(void **state)
{
    llmp_arena_t     arena;
    llmp_policy_t   *policy;
    llmp_request_t   req;

    static const char *const  none[3] = { NULL };
    static const char *const  json[3] = { JSON };
    static const char *const  upgrade[3] = { "Upgrade: websocket" };
    static const char *const  h2c[3] = { "Upgrade: h2c" };

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, document, "");

    /* without a body */

    llmp_request_init(&req);
    assert_string_equal(run(policy, &req, NULL, "/v1/models", none), "pass");

    llmp_request_init(&req);
    assert_string_equal(run(policy, &req, NULL, "/v1/x%20", none), "pass");

    llmp_request_init(&req);
    assert_string_equal(run(policy, &req, NULL, "/v1/realtime", upgrade),
                        "upgrade_refused");

    llmp_request_init(&req);
    assert_string_equal(run(policy, &req, NULL, "/v1/x%20", h2c), "pass");
    assert_int_equal(req.drop_upgrade, 1);

    llmp_request_init(&req);
    assert_string_equal(run(policy, &req, NULL, "/ws", h2c), "pass");
    assert_int_equal(req.drop_upgrade, 0);

    llmp_request_init(&req);
    assert_string_equal(run(policy, &req, NULL, "/ws", upgrade), "pass");

    /* with a body, but not a POST */

    llmp_request_init(&req);
    req.body = 1;
    assert_string_equal(run(policy, &req, NULL, "/chat", json),
                        "unknown_route");

    /* the model in the path */

    llmp_request_init(&req);
    req.body = 1;
    req.post = 1;
    assert_string_equal(run(policy, &req, NULL, "/m/foo/embed", json),
                        "openai.embeddings");
    assert_str_is(req.model, "foo");

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_keys(void **state)
{
    size_t           i;
    llmp_request_t   req;

    static const struct {
        const char  *headers[2];
        const char  *key;
    } cases[] = {
        { { "Authorization: Bearer abc" }, "abc" },
        { { "authorization: bEARER  abc " }, "abc" },
        { { "Authorization: Bearerabc" }, "" },
        { { "Authorization: Basic abc" }, "" },
        { { "Authorization: Bearer " }, "" },
        { { "x-api-key: abc" }, "abc" },
        { { "X-Api-Key: abc" }, "abc" },
        { { "api-key: abc" }, "abc" },
        { { "x-goog-api-key: abc" }, "abc" },
        { { "x-api-key: abc", "Authorization: Bearer def" }, "def" },
        { { "Authorization: Bearer def", "x-api-key: abc" }, "def" },
        { { "x-api-key: abc", "x-api-key: def" }, "abc" },
        { { "x-goog-api-key: abc", "api-key: def" }, "def" }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        llmp_request_init(&req);
        add_header(&req, cases[i].headers[0]);

        if (cases[i].headers[1] != NULL) {
            add_header(&req, cases[i].headers[1]);
        }

        assert_str_is(req.key, cases[i].key);
    }
}


static void
test_digests(void **state)
{
    size_t           i;
    llmp_request_t   req;

    static const char *const  lines[] = {
        "Content-MD5: x", "Digest: x", "Content-Digest: x", "Repr-Digest: x",
        "Signature: x", "X-Amz-Content-Sha256: x",
        "Authorization: AWS4-HMAC-SHA256 Credential=x"
    };

    (void) state;

    for (i = 0; i < test_nelts(lines); i++) {
        llmp_request_init(&req);
        assert_int_equal(req.digest, 0);
        add_header(&req, lines[i]);
        assert_int_equal(req.digest, 1);
    }
}


static void
test_needs_key(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;
    llmp_request_t  req;

    static const struct {
        const char   *path;
        llmp_uint_t   options;
        llmp_uint_t   expected;
    } cases[] = {
        { "/v1/chat/completions", 0, 1 },
        { "/v1/files/x", 0, 1 },
        { "/v1/moderations", 0, 1 },
        { "/", 0, 1 },
        { "/ws", 0, 0 },
        { "/v1/images/generations", 0, 0 },
        { "/v1/chat/completions", 1, 0 },
        { "/", 1, 0 }
    };

    (void) state;

    llmp_arena_init(&arena);

    for (i = 0; i < 3 * test_nelts(cases); i++) {
        policy = load_policy(&arena, document,
                             i % 3 == 1 ? ",\"unknown_key\":\"reject\"" : "");

        /* the same as with a key that is blocked */

        policy->judges_keys = (i % 3 == 2);

        llmp_request_init(&req);
        req.path.data = (u_char *) cases[i / 3].path;
        req.path.len = strlen(cases[i / 3].path);
        req.target = req.path;
        req.options = cases[i / 3].options;

        assert_int_equal(llmp_request_needs_key(&req, policy),
                         i % 3 ? cases[i / 3].expected : 0);

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_body_and_method),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_needs_key)
    };

    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
