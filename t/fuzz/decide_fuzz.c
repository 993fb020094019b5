
/*
 * Copyright (C) llm-policy authors
 *
 * Decides on any request, and parses the forwarded body with jansson: it must
 * be JSON without duplicates, and within the policy at each policed member that
 * jansson finds.  A second decision must change nothing, and a decision while
 * the body passes must have the same result.
 *
 * The first bytes of the input select the policy, the dialect, the head of the
 * request, and the splits; the others are the body.
 */


#include <strings.h>

#include "base/llmp_arena.h"
#include "body/llmp_body_state.h"
#include "body/llmp_streaming.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_known_models.h"
#include "fuzz.h"


#define MAX_TOKENS  100


/* bytes in front of the body */

#define HEAD_POLICY   0
#define HEAD_DIALECT  1
#define HEAD_FLAGS    2
#define HEAD_STEP     3
#define HEAD          4

#define FLAG_USAGE    0x01
#define FLAG_DIGEST   0x02
#define FLAG_PATH     0x04
#define FLAG_HOLD     0xf0      /* limit of held bytes, in units of 8 */


#define POLICY(parameters, rest)                                              \
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"                \
    "\"parameters\":{" parameters "}}}" rest "}"

#define MODELS(match, parameters)                                             \
    ",\"models\":[{\"match\":[\"" match "\"],\"parameters\":{" parameters "}}"

#define MODEL(match, parameters)                                              \
    ",{\"match\":[\"" match "\"],\"parameters\":{" parameters "}}"


#define UNKNOWN(verb)  ",\"unknown_members\":\"" verb "\""

#define NAMING                                                                \
    "\"temperature\":{\"max\":1},\"top_k\":{\"max\":5},"                      \
    "\"/options/extra\":{},\"/trace\":{\"remove\":true},"                      \
    "\"/provider/order\":{\"max\":3}"

#define NAMED                                                                 \
    MODELS("~^o", "\"top_k\":{},\"min_p\":{\"max\":0.5},"                     \
           "\"/motor/x\":{\"force\":1}")                                     \
    MODEL("~^g", "\"temperature\":{\"remove\":true},"                         \
          "\"seed\":{\"force\":7}") "]"

#define ADDING                                                                \
    "\"temperature\":{\"default\":0.5},\"max_tokens\":{\"max\":100},"         \
    "\"seed\":{\"remove\":true},\"thinking_budget\":{\"max\":2000},"          \
    "\"/metadata/by\":{\"default\":\"gateway\"}"


static const char *const  documents[] = {

    /* the policy that check() knows */
    POLICY("\"temperature\":{\"default\":0.7,\"min\":0.25,\"max\":1},"
           "\"max_tokens\":{\"max\":100},"
           "\"n\":{\"max\":1,\"on_violation\":\"reject\"},"
           "\"seed\":{\"remove\":true},"
           "\"stream\":{\"force\":false},"
           "\"reasoning_effort\":{\"allow\":[\"low\"]},"
           "\"/metadata/trace\":{\"remove\":true},"
           "\"/metadata/by\":{\"default\":\"gateway\"}",
           MODELS("~^o", "\"top_p\":{\"remove\":true}") "]"),

    /* most rules depend on the model */
    POLICY("\"temperature\":{\"max\":1},\"max_tokens\":{\"max\":100}",
           MODELS("~^o", "\"temperature\":{\"remove\":true},"
                  "\"top_p\":{\"force\":0.5},\"stream\":{\"force\":false},"
                  "\"seed\":{\"default\":7},"
                  "\"/metadata/by\":{\"force\":\"o\"}")
           MODEL("~^g", "\"max_tokens\":{\"force\":7},"
                 "\"/options/num_ctx\":{\"remove\":true},"
                 "\"/stream_options/x\":{\"default\":1}") "]"),

    /* pointers to, into and next to containers */
    POLICY("\"top_p\":{\"max\":0.9},\"top_k\":{\"max\":5},"
           "\"/options/extra\":{\"force\":{\"temperature\":0.5}},"
           "\"/generationConfig/temperature\":{\"default\":0.2},"
           "\"/generation_config/seed\":{\"remove\":true},"
           "\"/inferenceConfig/topP\":{\"max\":0.9},"
           "\"/metadata/user/id\":{\"force\":\"x\"},"
           "\"/sampling_params/0/n\":{\"max\":1},"
           "\"/messages/0/role\":{\"force\":\"user\"},"
           "\"/thinking\":{\"default\":{\"type\":\"enabled\"}}", ""),

    /* members that are removed and added */
    POLICY("\"temperature\":{\"remove\":true},\"top_p\":{\"remove\":true},"
           "\"seed\":{\"remove\":true},\"stop\":{\"remove\":true},"
           "\"max_tokens\":{\"default\":99},\"n\":{\"force\":1},"
           "\"/metadata\":{\"remove\":true},\"/user\":{\"default\":\"u\"}",
           MODELS("~^o", "\"/user\":{\"remove\":true}") "]"),

    /* bounds that the upstream's defaults exceed */
    POLICY("\"temperature\":{\"max\":0.123456789012},\"top_p\":{\"max\":0.5},"
           "\"top_k\":{\"max\":3},\"max_tokens\":{\"max\":8},"
           "\"presence_penalty\":{\"min\":0.25},"
           "\"frequency_penalty\":{\"min\":0.25},"
           "\"stop\":{\"force\":[\"one\",\"two\"]},\"seed\":{\"default\":1},"
           "\"reasoning_effort\":{\"default\":\"low\"}", ""),

    /* thinking, which depends on max_tokens, which depends on the model */
    POLICY("\"max_tokens\":{\"max\":8192},\"temperature\":{\"force\":1},"
           "\"thinking_budget\":{\"max\":4000},"
           "\"reasoning_effort\":{\"max\":\"medium\"}",
           MODELS("~^o", "\"max_tokens\":{\"force\":2000}")
           MODEL("~^g", "\"/thinking/budget_tokens\":{\"max\":9},"
                 "\"/max_tokens\":{\"max\":1024}") "]"),

    /* rules about the model itself */
    POLICY("\"/model\":{\"default\":\"gpt-4o\"},\"temperature\":{\"max\":1}",
           MODELS("gpt-4o", "\"max_tokens\":{\"max\":9}")
           MODEL("~.", "\"max_tokens\":{\"force\":1},"
                 "\"seed\":{\"remove\":true}") "]"),

    POLICY("\"/model\":{\"force\":\"o1\"},\"max_tokens\":{\"max\":9},"
           "\"stream\":{\"default\":true}",
           MODELS("o1", "\"temperature\":{\"remove\":true}") "]"),

    /* pointers only, and values with variables */
    POLICY("\"/metadata/by\":{\"default\":\"x\"},\"/a/b\":{\"remove\":true},"
           "\"/a/c/d\":{\"force\":{\"e\":null}},"
           "\"/a/e\":{\"default_from\":\"$llm_model\"},"
           "\"/a/f\":{\"force_from\":\"$llm_tier:${x}:$llm_model\"},"
           "\"/user\":{\"force_from\":\"$x\"}", ""),

    /* rules inside values of other rules, and two rules for one place */
    POLICY("\"temperature\":{\"default\":1.5},"
           "\"/generationConfig/temperature\":{\"max\":1.0},"
           "\"/metadata\":{\"default\":{\"user\":{\"id\":\"x\"},\"n\":1}},"
           "\"/metadata/user/id\":{\"force\":\"x\"},"
           "\"/metadata/n\":{\"default\":2,\"max\":5},"
           "\"logit_bias\":{\"force\":{\"1\":0}},\"/logit_bias/1\":{\"max\":0},"
           "\"/stream\":{\"default\":true}",
           MODELS("~^o", "\"/metadata\":{\"force\":{\"user\":{\"id\":\"x\"},"
                  "\"n\":3}}") "]"),

    /* unknown members, without rules: each is followed by its strict twin */
    POLICY("", UNKNOWN("remove")),
    POLICY("", UNKNOWN("reject")),

    /* names in rules, of which some are those of models */
    POLICY(NAMING, NAMED UNKNOWN("remove")),
    POLICY(NAMING, NAMED UNKNOWN("reject")),

    /* additions, and removals of their neighbours */
    POLICY(ADDING, UNKNOWN("remove")),
    POLICY(ADDING, UNKNOWN("reject"))
};


#define NPOLICIES  (sizeof(documents) / sizeof(documents[0]))


/* the first policy that removes unknown members */

#define REMOVING   (NPOLICIES - 6)


static llmp_arena_t    policy_arena;
static llmp_policy_t  *policies[NPOLICIES];


static llmp_int_t get(void *data, llmp_uint_t i, llmp_str_t *value);

static const llmp_variables_t  variables = { get, NULL };


/* the dialects for which check() knows the places of parameters */

static const char *const  dialects[] = {
    "openai.chat", "openai.completions", "openai.responses",
    "openai.embeddings", NULL
};


/* places, other than the top level, that servers read parameters from */

static const char *const  containers[] = {
    "options", "parameters", "generationConfig", "generation_config",
    "inferenceConfig", "sampling_params", "completion_args", NULL
};


int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static llmp_uint_t checked(const llmp_dialect_t *dialect);
static llmp_int_t take(void *data, llmp_streaming_source_e where,
    const u_char *p, size_t len);
static void same_flow(const llmp_decision_t *d, llmp_arena_t *arena,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    const llmp_str_t *sent);
static void held_flow(const llmp_decision_t *d, llmp_arena_t *arena,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    size_t hold);
static llmp_int_t flow(llmp_streaming_t *fl, llmp_body_t *read,
    const llmp_decision_t *d, llmp_arena_t *arena,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    size_t hold, llmp_str_t *out, size_t *ahead);
static llmp_int_t decide(llmp_arena_t *arena, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    size_t hold, llmp_str_t *sent, llmp_refusal_e *code);
static void check_removed(llmp_arena_t *arena, const llmp_policy_t *strict,
    const llmp_request_t *request, const llmp_str_t *body,
    const llmp_str_t *sent);
static llmp_uint_t has_unknown(const llmp_dialect_t *dialect,
    const llmp_str_t *body);
static json_t *object_at(const json_t *root, const char *path);
static llmp_uint_t is_own(const llmp_dialect_t *dialect,
    const llmp_documented_t *object, const char *name);
static llmp_uint_t is_at(const llmp_dialect_t *dialect, const char *path,
    const char *object, const char *name);
static void check_json(const llmp_str_t *sent);
static void check(const llmp_str_t *sent, llmp_uint_t generates);
static llmp_uint_t has_limits(const json_t *model);
static void check_object(json_t *object);
static int is_empty(const json_t *value);


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    size_t  i;

    (void) argc;
    (void) argv;

    llmp_arena_init(&policy_arena);

    for (i = 0; i < NPOLICIES; i++) {
        policies[i] = fuzz_policy(&policy_arena.pool, documents[i]);
    }

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           n, step, hold;
    llmp_str_t       body, sent, again;
    llmp_arena_t     arena;
    llmp_policy_t   *policy;
    llmp_refusal_e   code;
    llmp_request_t   request;

    if (size < HEAD) {
        return 0;
    }

    n = data[HEAD_POLICY] % NPOLICIES;
    policy = policies[n];

    llmp_request_init(&request);

    request.dialect = llmp_dialects[data[HEAD_DIALECT] % llmp_ndialects];
    request.stream_usage = (data[HEAD_FLAGS] & FLAG_USAGE) != 0;
    request.digest = (data[HEAD_FLAGS] & FLAG_DIGEST) != 0;
    request.variables = &variables;

    if (data[HEAD_FLAGS] & FLAG_PATH) {
        request.model.data = (u_char *) "gpt-4o";
        request.model.len = 6;
    }

    if (!llmp_streaming_is_possible(request.dialect)) {
        return 0;
    }

    /* Feeds the body at once, or in steps of a number of bytes. */

    step = data[HEAD_STEP];
    hold = (data[HEAD_FLAGS] & FLAG_HOLD) >> 1;
    body.data = (u_char *) data + HEAD;
    body.len = size - HEAD;

    llmp_arena_init(&arena);

    if (decide(&arena, policy, &request, &body, step, hold, &sent, &code)
        == LLMP_OK)
    {
        check_json(&sent);

        if (policy == policies[0] && checked(request.dialect)) {
            check(&sent, request.dialect->generates);
        }

        /* usage that is requested as well may depend on earlier edits */

        request.stream_usage = 0;

        must(decide(&arena, policy, &request, &sent, 0, hold, &again, &code)
             == LLMP_OK, "refused on the second pass");
        must(llmp_str_eq(&again, &sent), "changed on the second pass");

        if (n >= REMOVING && (n - REMOVING) % 2 == 0) {
            request.stream_usage = (data[HEAD_FLAGS] & FLAG_USAGE) != 0;

            check_removed(&arena, policies[n + 1], &request, &body, &sent);

            if (n == REMOVING) {
                must(!has_unknown(request.dialect, &sent), "not removed");
            }
        }
    }

    llmp_arena_reset(&arena);

    return 0;
}


/* a value of all variables that needs escapes */

static llmp_int_t
get(void *data, llmp_uint_t i, llmp_str_t *value)
{
    static llmp_str_t  text = llmp_string("a\"\\,\n\x7f\xc3\xa9}");

    (void) data;
    (void) i;

    *value = text;

    return LLMP_OK;
}


static llmp_uint_t
checked(const llmp_dialect_t *dialect)
{
    size_t  i;

    for (i = 0; dialects[i] != NULL; i++) {
        if (llmp_str_is(&dialect->name, dialects[i])) {
            return 1;
        }
    }

    return 0;
}


static llmp_int_t
take(void *data, llmp_streaming_source_e where, const u_char *p, size_t len)
{
    llmp_str_t *out = data;

    (void) where;

    memcpy(out->data + out->len, p, len);
    out->len += len;

    return LLMP_OK;
}


/* bytes pass early, but never the whole body before the decision */

static void
same_flow(const llmp_decision_t *d, llmp_arena_t *arena,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    const llmp_str_t *sent)
{
    size_t            ahead;
    llmp_int_t        rc;
    llmp_str_t        out;
    llmp_body_t       read;
    llmp_streaming_t  fl;

    rc = flow(&fl, &read, d, arena, request, body, step, body->len, &out,
              &ahead);

    must(rc == (sent != NULL ? LLMP_OK : LLMP_ERROR),
         read.decision.refusal.message);
    must(strcmp(read.decision.refusal.message, d->refusal.message) == 0,
         "refused for another reason");

    if (rc == LLMP_OK) {
        must(ahead < sent->len, "all of it went on before the decision");
        must(out.len == sent->len
             && memcmp(out.data, sent->data, out.len) == 0,
             "something else went on");
    }
}


/*
 * with a low limit, the result is the same, or a refusal because of the limit
 */

static void
held_flow(const llmp_decision_t *d, llmp_arena_t *arena,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    size_t hold)
{
    size_t                 ahead;
    llmp_int_t             rc;
    llmp_str_t             out;
    llmp_body_t            read;
    llmp_streaming_t       fl;
    const llmp_refusal_t  *refusal;

    rc = flow(&fl, &read, d, arena, request, body, step, hold, &out, &ahead);

    if (rc == LLMP_OK) {
        must(d->refusal.code == LLMP_REFUSE_NONE, "not refused");
        return;
    }

    refusal = &read.decision.refusal;

    must(refusal->code == LLMP_REFUSE_HOLD
         || strcmp(refusal->message, d->refusal.message) == 0,
         refusal->message);
}


/*
 * Checks a whole streamed body: an amount of it was sent before the decision;
 * the number of held bytes decides whether more is announced.
 */

static llmp_int_t
flow(llmp_streaming_t *fl, llmp_body_t *read, const llmp_decision_t *d,
    llmp_arena_t *arena, const llmp_request_t *request, const llmp_str_t *body,
    size_t step, size_t hold, llmp_str_t *out, size_t *ahead)
{
    size_t                  pos, len;
    u_char                 *piece;
    uint64_t                bound;
    llmp_int_t              rc;
    llmp_caller_t           caller;
    llmp_streaming_more_e   rest;

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = (llmp_tier_t *) d->tier;

    bound = d->policy->growth[llmp_dialect_index(request->dialect)];

    if (memchr(body->data, '[', body->len) != NULL) {

        /* an array may have any number of objects */

        bound += 64 * body->len;
    }

    out->len = 0;
    out->data = llmp_palloc(&arena->pool, body->len + bound);

    rc = llmp_body_init(read, d->policy, request, &caller, &arena->pool, 1);

    must(rc == LLMP_OK && out->data != NULL, "no memory");

    llmp_streaming_init(fl, read, hold, take, out);

    must(fl->growth_max <= bound, "another bound");
    fl->growth_max = bound;

    rc = LLMP_AGAIN;
    piece = NULL;

    for (pos = 0; pos < body->len && rc == LLMP_AGAIN; pos += len) {
        len = body->len - pos;

        if (step != 0 && len > step) {
            len = step;
        }

        /* a block of the exact size, so that a read beyond it is detected */

        piece = malloc(len);
        must(piece != NULL, "no memory");

        memcpy(piece, body->data + pos, len);

        rest = (hold % 2 == 0) ? LLMP_STREAMING_LATER
               : (pos + len < body->len) ? LLMP_STREAMING_SOON
                                         : LLMP_STREAMING_LAST;

        rc = llmp_streaming_feed(fl, piece, len, rest);

        if (rest != LLMP_STREAMING_LAST) {
            free(piece);
            piece = NULL;
        }
    }

    if (rc == LLMP_AGAIN) {
        rc = llmp_streaming_decide(fl);
    }

    if (rc == LLMP_OK) {
        *ahead = out->len;
        must(llmp_streaming_finish(fl) == LLMP_OK, "no memory");
    }

    free(piece);

    return rc;
}


static llmp_int_t
decide(llmp_arena_t *arena, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_str_t *body, size_t step,
    size_t hold, llmp_str_t *sent, llmp_refusal_e *code)
{
    size_t            pos, len;
    llmp_int_t        rc;
    llmp_body_t       read;
    llmp_caller_t     caller;
    llmp_decision_t  *d;

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = policy->default_tier;

    rc = llmp_body_init(&read, policy, request, &caller, &arena->pool, 1);

    must(rc == LLMP_OK, "no memory");

    for (pos = 0; pos < body->len; pos += len) {
        len = body->len - pos;

        if (step != 0 && len > step) {
            len = step;
        }

        (void) llmp_body_feed(&read, body->data + pos, len);
    }

    d = &read.decision;
    rc = llmp_body_decide(&read);

    if (rc == LLMP_DECLINED) {
        must(llmp_body_restart(&read) == LLMP_OK, "no memory");

        (void) llmp_body_feed(&read, body->data, body->len);
        rc = llmp_body_decide(&read);
    }

    if (rc == LLMP_OK) {
        *sent = llmp_edit_apply(&d->edits, &arena->pool, body);

        must(sent->data != NULL, "the edits cannot be applied");

    } else {
        must(d->refusal.code != LLMP_REFUSE_INTERNAL, d->refusal.message);
    }

    *code = d->refusal.code;

    if (body->len != 0) {
        same_flow(d, arena, request, body, step,
                  rc == LLMP_OK ? sent : NULL);
        held_flow(d, arena, request, body, step, hold);
    }

    return rc;
}


/*
 * Checks that a policy which only refuses unknown members agrees with the one
 * that removes them: what was forwarded has none, and the request is refused
 * for no other reason than that something was removed.
 */

static void
check_removed(llmp_arena_t *arena, const llmp_policy_t *strict,
    const llmp_request_t *request, const llmp_str_t *body,
    const llmp_str_t *sent)
{
    llmp_str_t      again;
    llmp_refusal_e  code;

    must(decide(arena, strict, request, sent, 0, 0, &again, &code) == LLMP_OK,
         "the rest is refused");
    must(llmp_str_eq(&again, sent), "the rest is changed");

    if (decide(arena, strict, request, body, 0, 0, &again, &code) == LLMP_OK) {
        must(llmp_str_eq(&again, sent), "something was removed");
        return;
    }

    must(code == LLMP_REFUSE_UNKNOWN_MEMBER, "refused, and not as unknown");
    must(!llmp_str_eq(sent, body), "nothing was removed");
}


/* returns whether an object in a dialect's table has another member, if the
   body is a single request of it */

static llmp_uint_t
has_unknown(const llmp_dialect_t *dialect, const llmp_str_t *body)
{
    json_t                   *root, *value;
    const char               *key;
    llmp_uint_t               unknown;
    json_error_t              error;
    const llmp_documented_t  *object;

    if (dialect->scope != NULL || dialect->chooses) {
        return 0;
    }

    root = json_loadb((char *) body->data, body->len,
                      JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);

    unknown = 0;
    object = dialect->documented;

    for ( /* void */ ; object != NULL && object->object != NULL; object++) {
        json_object_foreach(object_at(root, object->object), key, value) {
            unknown |= !is_own(dialect, object, key);
        }
    }

    json_decref(root);

    return unknown;
}


static json_t *
object_at(const json_t *root, const char *path)
{
    size_t   len;
    json_t  *value;

    value = (json_t *) root;

    for ( /* void */ ; *path != '\0'; path += len + (path[len] == '.')) {
        len = strcspn(path, ".");
        value = json_object_getn(value, path, len);
    }

    return value;
}


static llmp_uint_t
is_own(const llmp_dialect_t *dialect, const llmp_documented_t *object,
    const char *name)
{
    size_t              i;
    const llmp_slot_t  *slot;
    const char *const  *documented;

    for (documented = object->names; *documented != NULL; documented++) {
        if (is_at(dialect, *documented, "", name)) {
            return 1;
        }
    }

    for (slot = dialect->slots; slot->param != LLMP_PARAM_MAX; slot++) {
        for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {
            if (is_at(dialect, slot->paths[i], object->object, name)) {
                return 1;
            }
        }
    }

    return dialect->model != NULL
           && is_at(dialect, dialect->model, object->object, name);
}


/* returns whether a path begins with a member of an object */

static llmp_uint_t
is_at(const llmp_dialect_t *dialect, const char *path, const char *object,
    const char *name)
{
    size_t      len;
    llmp_str_t  step, member;

    len = strlen(object);

    if (len != 0) {
        if (strncmp(path, object, len) != 0 || path[len] != '.') {
            return 0;
        }

        path += len + 1;
    }

    step.data = (u_char *) path;
    step.len = strcspn(path, ".[");
    member.data = (u_char *) name;
    member.len = strlen(name);

    return llmp_dialect_same_name(dialect, &step, &member);
}


static void
check_json(const llmp_str_t *sent)
{
    json_t       *root;
    json_error_t  error;

    root = json_loadb((char *) sent->data, sent->len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL
                      | JSON_ALLOW_NUL, &error);

    /* a number without a rule may be too large for a double */

    must(root != NULL
         || json_error_code(&error) == json_error_numeric_overflow,
         error.text);
    must(root == NULL || json_is_object(root), "not an object");

    json_decref(root);
}


static void
check(const llmp_str_t *sent, llmp_uint_t generates)
{
    size_t        i;
    json_t       *root, *inner;
    json_error_t  error;

    root = json_loadb((char *) sent->data, sent->len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL
                      | JSON_ALLOW_NUL, &error);

    if (root == NULL) {
        return;
    }

    if (generates) {
        must(json_is_number(json_object_get(root, "temperature"))
             || has_limits(json_object_get(root, "model")), "no temperature");
        must(json_is_false(json_object_get(root, "stream")), "stream");

        check_object(root);

        for (i = 0; containers[i] != NULL; i++) {
            inner = json_object_get(root, containers[i]);

            must(!json_is_string(inner), "a string for a container");

            if (json_is_object(inner)) {
                check_object(inner);
            }
        }
    }

    inner = json_object_get(root, "metadata");

    if (json_is_object(inner)) {
        must(json_object_get(inner, "trace") == NULL, "trace");
        must(!generates || json_object_get(inner, "by") != NULL, "by");
    }

    json_decref(root);
}


/* returns whether a model is known not to take every temperature: a default is
   not written then */

static llmp_uint_t
has_limits(const json_t *model)
{
    llmp_str_t                name;
    const llmp_known_fact_t  *fact;

    if (!json_is_string(model)) {
        return 0;
    }

    name.data = (u_char *) json_string_value(model);
    name.len = json_string_length(model);

    fact = llmp_known_models_find(&name);

    for ( /* void */ ; fact != NULL && fact->param != LLMP_PARAM_MAX; fact++) {
        if (fact->param == LLMP_TEMPERATURE) {
            return 1;
        }
    }

    return 0;
}


static void
check_object(json_t *object)
{
    json_t      *value;
    const char  *key;

    json_object_foreach(object, key, value) {

        if (strcasecmp(key, "temperature") == 0) {
            must(strcmp(key, "temperature") == 0, key);
            fuzz_range(value, 0.25, 1);

        } else if (strcasecmp(key, "max_tokens") == 0
                   || strcasecmp(key, "n_predict") == 0
                   || strcasecmp(key, "max_completion_tokens") == 0)
        {
            fuzz_range(value, 1, MAX_TOKENS);

        } else if (strcasecmp(key, "n") == 0) {
            fuzz_range(value, -1e308, 1);

        } else if (strcasecmp(key, "seed") == 0) {
            must(0, "seed");

        } else if (strcasecmp(key, "stream") == 0) {
            must(json_is_false(value), "stream");

        } else if (strcasecmp(key, "reasoning_effort") == 0) {
            must(json_is_null(value)
                 || strcasecmp(json_string_value(value), "low") == 0,
                 "reasoning_effort");

        } else if (strcasecmp(key, "dynatemp_range") == 0) {
            must(json_is_null(value) || is_empty(value)
                 || (json_is_number(value) && json_number_value(value) == 0),
                 key);

        } else if (strcasecmp(key, "fallbacks") == 0
                   || strcasecmp(key, "extra_body") == 0)
        {
            must(json_is_null(value) || is_empty(value), key);
        }
    }
}


static int
is_empty(const json_t *value)
{
    return (json_is_object(value) && json_object_size(value) == 0)
           || (json_is_array(value) && json_array_size(value) == 0);
}
