
/*
 * Copyright (C) llm-policy authors
 *
 * Decides on any request, and reads what would be forwarded with jansson: it
 * must be JSON, without duplicates, and within the policy wherever jansson
 * finds a policed member.  A second pass must find nothing to change, and the
 * request must come to the same where it is decided on while it passes.
 *
 * The first byte of the input says which dialect is meant, and how the body is
 * split.
 */


#include <strings.h>

#include "fuzz.h"
#include "llmp_arena.h"
#include "llmp_body.h"
#include "llmp_flow.h"


#define MAX_TOKENS  100


static llmp_arena_t    policy_arena;
static llmp_policy_t  *policy;


static const char  document[] =
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"
    "\"parameters\":{"
    "\"temperature\":{\"default\":0.7,\"min\":0.25,\"max\":1},"
    "\"max_tokens\":{\"max\":100},"
    "\"n\":{\"max\":1,\"on_violation\":\"reject\"},"
    "\"seed\":{\"remove\":true},"
    "\"stream\":{\"force\":false},"
    "\"reasoning_effort\":{\"allow\":[\"low\"]},"
    "\"/metadata/trace\":{\"remove\":true},"
    "\"/metadata/by\":{\"default\":\"gateway\"}}}},"
    "\"models\":[{\"match\":[\"~^o\"],"
    "\"parameters\":{\"top_p\":{\"remove\":true}}}]}";


static const char *const  dialects[] = {
    "openai.chat", "openai.completions", "openai.responses",
    "openai.embeddings"
};


/* where servers look for parameters beside the top level */

static const char *const  containers[] = {
    "options", "parameters", "generationConfig", "generation_config",
    "inferenceConfig", "sampling_params", "completion_args", NULL
};


int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static llmp_int_t take(void *data, llmp_flow_e where, const u_char *p,
    size_t len);
static void same_flow(llmp_arena_t *arena, const llmp_request_t *request,
    const llmp_caller_t *caller, const llmp_str_t *body, size_t step,
    const llmp_decision_t *d, llmp_int_t expected, const llmp_str_t *sent);
static llmp_int_t decide(llmp_arena_t *arena, const llmp_dialect_t *dialect,
    const llmp_str_t *body, size_t step, llmp_str_t *sent,
    llmp_uint_t *edits);
static void check(const llmp_str_t *sent, llmp_uint_t generates);
static void check_object(json_t *object);


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;

    llmp_arena_init(&policy_arena);

    policy = fuzz_policy(&policy_arena.pool, document);

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                 step;
    llmp_str_t             body, sent, again, name;
    llmp_uint_t            edits;
    llmp_arena_t           arena;
    const llmp_dialect_t  *dialect;

    if (size == 0) {
        return 0;
    }

    name.data = (u_char *) dialects[data[0] & 3];
    name.len = strlen(dialects[data[0] & 3]);
    dialect = llmp_dialect_find(&name);

    /* the body at once, or in steps of 1 to 63 bytes */

    step = data[0] >> 2;
    body.data = (u_char *) data + 1;
    body.len = size - 1;

    llmp_arena_init(&arena);

    if (decide(&arena, dialect, &body, step, &sent, &edits) == LLMP_OK) {
        check(&sent, dialect->generates);

        must(decide(&arena, dialect, &sent, 0, &again, &edits) == LLMP_OK,
             "refused on the second pass");
        must(edits == 0, "changed on the second pass");
    }

    llmp_arena_reset(&arena);

    return 0;
}


static llmp_int_t
take(void *data, llmp_flow_e where, const u_char *p, size_t len)
{
    llmp_str_t *out = data;

    (void) where;

    memcpy(out->data + out->len, p, len);
    out->len += len;

    return LLMP_OK;
}


/* bytes go on as they can, but never all before the decision */

static void
same_flow(llmp_arena_t *arena, const llmp_request_t *request,
    const llmp_caller_t *caller, const llmp_str_t *body, size_t step,
    const llmp_decision_t *d, llmp_int_t expected, const llmp_str_t *sent)
{
    size_t        pos, len;
    uint64_t      bound;
    llmp_int_t    rc;
    llmp_str_t    out;
    llmp_body_t   read;
    llmp_flow_t   flow;

    if (body->len == 0) {
        return;
    }

    bound = policy->growth[llmp_dialect_index(request->dialect)];

    if (memchr(body->data, '[', body->len) != NULL) {

        /* any number of objects may be in an array */

        bound += 64 * body->len;
    }

    out.len = 0;
    out.data = llmp_palloc(&arena->pool, body->len + bound);

    rc = llmp_body_init(&read, policy, request, caller, &arena->pool, 1);

    must(rc == LLMP_OK && out.data != NULL, "no memory");

    llmp_flow_init(&flow, &read, body->len, take, &out);

    must(flow.room <= bound, "another bound");
    flow.room = bound;

    rc = LLMP_AGAIN;

    for (pos = 0; pos < body->len && rc == LLMP_AGAIN; pos += len) {
        len = body->len - pos;

        if (step != 0 && len > step) {
            len = step;
        }

        rc = llmp_flow_feed(&flow, body->data + pos, len);
    }

    if (rc == LLMP_AGAIN) {
        rc = llmp_flow_decide(&flow);
    }

    must(rc == expected, read.decision.refusal.message);
    must(strcmp(read.decision.refusal.message, d->refusal.message) == 0,
         "refused for another reason");

    if (rc == LLMP_OK) {
        must(out.len < sent->len, "all of it went on before the decision");
        must(llmp_flow_finish(&flow) == LLMP_OK, "no memory");
        must(out.len == sent->len
             && memcmp(out.data, sent->data, out.len) == 0,
             "something else went on");
    }
}


static llmp_int_t
decide(llmp_arena_t *arena, const llmp_dialect_t *dialect,
    const llmp_str_t *body, size_t step, llmp_str_t *sent,
    llmp_uint_t *edits)
{
    size_t          pos, len;
    llmp_int_t      rc;
    llmp_body_t     read;
    llmp_caller_t   caller;
    llmp_request_t  request;

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = policy->default_tier;

    llmp_request_init(&request);
    request.dialect = dialect;

    rc = llmp_body_init(&read, policy, &request, &caller, &arena->pool, 1);

    must(rc == LLMP_OK, "no memory");

    for (pos = 0; pos < body->len; pos += len) {
        len = body->len - pos;

        if (step != 0 && len > step) {
            len = step;
        }

        (void) llmp_body_feed(&read, body->data + pos, len);
    }

    if (llmp_body_decide(&read) != LLMP_OK) {
        must(read.decision.refusal.code != LLMP_REFUSE_INTERNAL,
             read.decision.refusal.message);
        same_flow(arena, &request, &caller, body, step, &read.decision,
                  LLMP_ERROR, NULL);
        return LLMP_ERROR;
    }

    *sent = llmp_edits_apply(&read.decision.edits, &arena->pool, body);
    *edits = read.decision.edits.nelts;

    must(sent->data != NULL, "the edits cannot be applied");

    same_flow(arena, &request, &caller, body, step, &read.decision, LLMP_OK,
              sent);

    return LLMP_OK;
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

        /* a number that nobody polices may be too large for a double */

        must(json_error_code(&error) == json_error_numeric_overflow,
             error.text);
        return;
    }

    must(json_is_object(root), "not an object");

    if (generates) {
        must(json_is_number(json_object_get(root, "temperature")),
             "no temperature");
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
                 || strcmp(json_string_value(value), "low") == 0,
                 "reasoning_effort");

        } else if (strcasecmp(key, "dynatemp_range") == 0
                   || strcasecmp(key, "fallbacks") == 0
                   || strcasecmp(key, "extra_body") == 0)
        {
            must(json_is_null(value), key);
        }
    }
}
