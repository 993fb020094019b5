
/*
 * Copyright (C) llm-policy authors
 *
 * Decisions on bodies while they pass: the bytes that are sent early and those
 * that are held, the limits, memory, and refusals.  The tests of decisions
 * check with decide_run.h that each result equals that of reading the whole
 * body first.
 */


#include <stdio.h>

#include "body/llmp_body_state.h"
#include "body/llmp_streaming.h"
#include "dialect/llmp_dialect.h"

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


#define STEPS  10
#define HOLD   65536

/* members of an object that the policy writes */
#define WRITTEN  64


typedef struct {
    const char           *fed;       /* NULL: the end */
    const char           *handed;    /* bytes sent in response; NULL: `fed` */
} step_t;


typedef struct {
    const char           *rules;     /* the tier's parameters, and "models" */
    const char           *dialect;
    const char           *model;     /* the model in the path, or NULL */
    llmp_uint_t           usage;     /* usage of streams is requested */
    step_t                steps[STEPS];
} early_case_t;


typedef struct {
    const char           *rules;
    const char           *dialect;
    const char           *body;      /* the body without its end */
    const char           *message;   /* if more than HELD bytes are held */
} hold_case_t;


/* a pool that counts its bytes */

typedef struct {
    llmp_pool_t           pool;
    llmp_arena_t          arena;
    size_t                bytes;
} counted_t;


typedef struct {
    llmp_arena_t            policies;
    llmp_policy_t          *policy;
    counted_t               memory;
    llmp_caller_t           caller;
    llmp_body_t             body;
    llmp_streaming_t        flow;

    u_char                 *out;
    size_t                  len;
    size_t                  size;  /* 0: bytes are only counted */
    llmp_uint_t             calls;
    llmp_uint_t             refuse;  /* the call that fails, from 1 */
} fixture_t;


#define CHAT       "openai.chat"
#define OTHER      "compatible.chat"
#define OLLAMA     "ollama"
#define GEMINI     "gemini.generate"
#define CONVERSE   "bedrock.converse"
#define TALKS      "mistral.conversations"
#define SGLANG     "sglang.generate"

#define CLAMP      "\"temperature\":{\"max\":1}"
#define TOKENS     "\"max_tokens\":{\"max\":9}"
#define NO_SEED    "\"seed\":{\"remove\":true}"

#define BY_MODEL(parameters)                                                  \
    "}}},\"models\":[{\"match\":[\"~^o\"],\"parameters\":{" parameters "}}]"

#define SPACES     "                                "
#define HELD       (sizeof(SPACES) - 1)


static const early_case_t  early[] = {

    /* members without rules are sent at once, except a comma with its name */

    { CLAMP, CHAT, NULL, 0,
      { { "{", NULL },
        { "\"model\":\"m\",\"messages\":[{\"content\":\"Hel", NULL },
        { "lo\"}]", NULL },
        { ",", "" },
        { "\"te", "" },
        { "xt\"", ",\"text\"" },
        { ":1", NULL },
        { "}", "" },
        { " \n", "" },
        { NULL, "} \n" } } },

    /* edited as soon as the end of the value is known */

    { CLAMP, CHAT, NULL, 0,
      { { "{\"model\":\"m\"", NULL },
        { ",\"temperature\"", "" },
        { ":", "" },
        { "1.", "" },
        { "9", "" },
        { " ", ",\"temperature\":1 " },
        { ",\"user\":\"u\"", NULL },
        { ",\"temper\":2", NULL },
        { "}", "" },
        { NULL, "}" } } },

    /* nothing needs to be changed */

    { CLAMP, CHAT, NULL, 0,
      { { "{\"temperature\":0.5", "{" },
        { ",\"messages\":[", "\"temperature\":0.5,\"messages\":[" },
        { "]}", "]" },
        { NULL, "}" } } },

    /* absent members are added at the end */

    { CLAMP "," TOKENS, CHAT, NULL, 0,
      { { "{\"model\":\"m\"}", "{\"model\":\"m\"" },
        { NULL, ",\"max_tokens\":9}" } } },

    /*
     * rules by model: held from the first such member until the model is known
     */

    { CLAMP BY_MODEL("\"max_tokens\":{\"force\":7}"), CHAT, NULL, 0,
      { { "{\"text\":1,\"temperature\":2", "{\"text\":1" },
        { ",\"user\":1", ",\"temperature\":1,\"user\":1" },
        { ",\"max_tokens\":5,\"temper\":2", "" },
        { ",\"messages\":[\"long\"]", "" },
        { ",\"model\":\"o1", "" },
        { "\"", ",\"max_completion_tokens\":7,\"temper\":2,"
                "\"messages\":[\"long\"],\"model\":\"o1\"" },
        { ",\"x\":1", NULL },
        { "}", "" },
        { NULL, "}" } } },

    { CLAMP BY_MODEL("\"max_tokens\":{\"force\":7}"), CHAT, NULL, 0,
      { { "{\"model\":\"o1\",\"max_tokens\":5", "{\"model\":\"o1\"" },
        { ",\"messages\":[", ",\"max_completion_tokens\":7,\"messages\":[" },
        { "]}", "]" },
        { NULL, "}" } } },

    { CLAMP BY_MODEL("\"max_tokens\":{\"force\":7}"), CHAT, "o1", 0,
      { { "{\"max_tokens\":5", "{" },
        { ",\"messages\":[", "\"max_completion_tokens\":7,\"messages\":[" },
        { "]}", "]" },
        { NULL, "}" } } },

    /* a number within the bounds of all models does not wait */

    { CLAMP BY_MODEL("\"max_tokens\":{\"max\":7}"), "anthropic.messages", NULL,
      0, { { "{\"max_tokens\":7,", "{\"max_tokens\":7" },
           { "\"messages\":[", ",\"messages\":[" },
           { "],\"max_length\":8", "]" },
           { ",\"model\":\"o1\"", ",\"max_length\":7,\"model\":\"o1\"" },
           { "}", "" },
           { NULL, "}" } } },

    { TOKENS BY_MODEL("\"max_tokens\":{\"min\":8}"), "anthropic.messages",
      NULL, 0,
      { { "{\"max_tokens\":8,\"max_length\":7,", "{\"max_tokens\":8" },
        { "\"model\":\"x\"", ",\"max_length\":7,\"model\":\"x\"" },
        { "}", "" },
        { NULL, "}" } } },

    /* a number that means "no limit" does not wait either */

    { "\"top_k\":{\"max\":7}" BY_MODEL("\"max_tokens\":{\"max\":7}"), CHAT,
      NULL, 0,
      { { "{\"top_k\":-1,\"n_predict\":0,", "{\"top_k\":7" },
        { "\"model\":\"o\"", ",\"n_predict\":7,\"model\":\"o\"" },
        { "}", "" },
        { NULL, ",\"max_tokens\":7}" } } },

    /* the requests of this API contain no model */

    { CLAMP BY_MODEL("\"max_tokens\":{\"force\":7}"), "tgi.generate", NULL,
      0, { { "{\"parameters\":{\"max_new_tokens\":5,", "{\"parameters\":{" },
           { "\"temperature\":2}", "\"max_new_tokens\":5,"
             "\"temperature\":1}" },
           { ",\"inputs\":\"", NULL },
           { "\"}", "\"" },
           { NULL, "}" } } },

    /* null may be overwritten, depending on all other members */

    { "\"temperature\":{\"default\":0.7}", CHAT, NULL, 0,
      { { "{\"model\":\"m\",\"temperature\":null", "{\"model\":\"m\"" },
        { ",\"messages\":[\"a\"]}", "" },
        { NULL, ",\"temperature\":0.7,\"messages\":[\"a\"]}" } } },

    { TOKENS, OLLAMA, NULL, 0,
      { { "{\"options\":null,", "{" },
        { "\"messages\":[]}", "" },
        { NULL, "\"options\":{\"num_predict\":9},\"messages\":[]}" } } },

    /*
     * removed first members take everything with them up to the next one that
     * remains
     */

    { NO_SEED "," CLAMP, CHAT, NULL, 0,
      { { "{\"seed\":1", "{" },
        { " , ", "" },
        { "\"messages\"", "\"messages\"" },
        { ":[]}", ":[]" },
        { NULL, "}" } } },

    { NO_SEED ",\"temperature\":{\"remove\":true}", CHAT, NULL, 0,
      { { "{\"seed\":1,\"temperature\":", "{" },
        { "2,", "" },
        { "\"messages\"", "\"messages\"" },
        { ":[]}", ":[]" },
        { NULL, "}" } } },

    { NO_SEED BY_MODEL("\"top_p\":{\"remove\":true}"), CHAT, NULL, 0,
      { { "{\"seed\":1,\"top_p\":1", "{" },
        { ",\"model\":\"x\"", "\"top_p\":1,\"model\":\"x\"" },
        { "}", "" },
        { NULL, "}" } } },

    { NO_SEED, CHAT, NULL, 0,
      { { "{\"model\":\"m\",\"seed\":1", "{\"model\":\"m\"" },
        { ",", "" },
        { "\"a\":1", ",\"a\":1" },
        { ",\"seeds\":2}", ",\"seeds\":2" },
        { NULL, "}" } } },

    { NO_SEED, CHAT, NULL, 0,
      { { "{\"seed\":1}", "{" },
        { NULL, "}" } } },

    /* absent members are added at the ends of their objects */

    { CLAMP "," TOKENS, GEMINI, "g", 0,
      { { "{\"generationConfig\":{\"temperature\":2",
          "{\"generationConfig\":{" },
        { ",\"topK\":3", "\"temperature\":1,\"topK\":3" },
        { "}", ",\"maxOutputTokens\":9}" },
        { ",\"contents\":[{\"parts\":[{\"text\":\"x", NULL },
        { "\"}]}]}", "\"}]}]" },
        { NULL, "}" } } },

    { TOKENS, OLLAMA, NULL, 0,
      { { "{\"options\":{", NULL },
        { "\"num_ctx\":5}", "\"num_ctx\":5,\"num_predict\":9}" },
        { ",\"messages\":[", NULL },
        { "],\"model\":\"m\"}", "],\"model\":\"m\"" },
        { NULL, "}" } } },

    { TOKENS, CONVERSE, "m", 0,
      { { "{\"inferenceConfig\":{}", "{\"inferenceConfig\":"
          "{\"maxTokens\":9}" },
        { ",\"messages\":[{", NULL },
        { "}]}", "}]" },
        { NULL, "}" } } },

    /* unless they depend on the model, or on other members */

    { TOKENS BY_MODEL("\"max_tokens\":{\"force\":7}"), OLLAMA, NULL, 0,
      { { "{\"options\":{\"num_ctx\":5}", "{\"options\":{\"num_ctx\":5" },
        { ",\"messages\":[]", "" },
        { ",\"model\":\"o1\"", ",\"num_predict\":7},\"messages\":[],"
                               "\"model\":\"o1\"" },
        { "}", "" },
        { NULL, "}" } } },

    { "\"top_p\":{\"min\":0.1}", TALKS, NULL, 0,
      { { "{\"completion_args\":{}", "{\"completion_args\":{" },
        { ",\"inputs\":\"abc\",\"agent_id\":\"x\"}", "" },
        { NULL, "\"top_p\":1},\"inputs\":\"abc\",\"agent_id\":\"x\"}" } } },

    { CLAMP, TALKS, NULL, 0,
      { { "{\"completion_args\":{}", "{\"completion_args\":"
          "{\"temperature\":1}" },
        { ",\"inputs\":\"abc\",\"agent_id\":\"x\"}",
          ",\"inputs\":\"abc\",\"agent_id\":\"x\"" },
        { NULL, "}" } } },

    /* a pointer's rule holds its whole member, and only that */

    { "\"/metadata\":{\"force\":{\"a\":1}}", CHAT, NULL, 0,
      { { "{\"model\":\"m\",\"metadata\":{\"x\":", "{\"model\":\"m\"" },
        { "[1]}", "" },
        { ",\"x\":", ",\"metadata\":{\"a\":1},\"x\":" },
        { "1}", "1" },
        { NULL, "}" } } },

    { "\"/ctx\":{\"max\":5}", CHAT, NULL, 0,
      { { "{\"ctx\":9,", "{" },
        { "\"x\":", "\"ctx\":5,\"x\":" },
        { "1}", "1" },
        { NULL, "}" } } },

    { "\"/metadata/by\":{\"default\":\"us\"}", CHAT, NULL, 0,
      { { "{\"metadata\":{\"x\":[1]", NULL },
        { "}", ",\"by\":\"us\"}" },
        { ",\"messages\":[", NULL },
        { "],\"model\":\"m\"}", "],\"model\":\"m\"" },
        { NULL, "}" } } },

    { BY_MODEL("\"/metadata/by\":{\"default\":\"us\"}"), CHAT, NULL, 0,
      { { "{\"metadata\":{\"x\":[1]}", "{\"metadata\":{\"x\":[1]" },
        { ",\"model\":\"o1\"", ",\"by\":\"us\"},\"model\":\"o1\"" },
        { "}", "" },
        { NULL, "}" } } },

    /* rules of the model that is sent wait for the one that is named */

    { CLAMP BY_MODEL("\"/model\":{\"force\":\"gpt-9\"},"
                     "\"temperature\":{\"force\":2}"), CHAT, NULL, 0,
      { { "{\"a\":1,\"temperature\":2,\"b\":", "{\"a\":1" },
        { "1,\"model\":\"o1\",", ",\"temperature\":1,\"b\":1" },
        { "\"c\":1}", ",\"model\":\"gpt-9\",\"c\":1" },
        { NULL, "}" } } },

    /* usage is requested for streams only */

    { CLAMP, CHAT, NULL, 1,
      { { "{\"stream_options\":{\"include_usage\":false}",
          "{\"stream_options\":{" },
        { ",\"messages\":[]", "" },
        { ",\"stream\":tru", "" },
        { "e", "\"include_usage\":true},\"messages\":[],\"stream\":true" },
        { "}", "" },
        { NULL, "}" } } },

    { CLAMP, CHAT, NULL, 1,
      { { "{\"stream\":true,\"stream_options\":{\"x\":1",
          "{\"stream\":true,\"stream_options\":{\"x\":1" },
        { "}", ",\"include_usage\":true}" },
        { ",\"messages\":[", NULL },
        { "]}", "]" },
        { NULL, "}" } } },

    { CLAMP, CHAT, NULL, 1,
      { { "{\"stream_options\":{", NULL },
        { "},\"a\":1", "" },
        { ",\"stream\":false", "},\"a\":1,\"stream\":false" },
        { "}", "" },
        { NULL, "}" } } },

    { CLAMP, CHAT, NULL, 0,
      { { "{\"stream_options\":{\"include_usage\":false},\"a\":1", NULL },
        { ",\"stream\":true}", ",\"stream\":true" },
        { NULL, "}" } } },

    { CLAMP, "anthropic.messages", NULL, 1,
      { { "{\"stream_options\":{\"include_usage\":false},\"a\":1", NULL },
        { ",\"stream\":true}", ",\"stream\":true" },
        { NULL, "}" } } },

    /* this may depend on the model */

    { BY_MODEL("\"stream\":{\"force\":false}"), OTHER, NULL, 1,
      { { "{\"stream_options\":{\"include_usage\":false}", "{" },
        { ",\"stream\":true", "" },
        { ",\"model\":\"o1\"", "\"stream\":false,\"model\":\"o1\"" },
        { "}", "" },
        { NULL, "}" } } },

    { BY_MODEL("\"stream\":{\"force\":false}"), OTHER, NULL, 1,
      { { "{\"stream_options\":{}", "{" },
        { ",\"stream\":true", "" },
        { ",\"model\":\"x\"", "\"stream_options\":{\"include_usage\":true},"
                              "\"stream\":true,\"model\":\"x\"" },
        { "}", "" },
        { NULL, "}" } } },

    { BY_MODEL("\"/stream_options/x\":{\"default\":1}"), OTHER, NULL, 1,
      { { "{\"stream\":true,\"stream_options\":{\"include_usage\":false}",
          "{\"stream\":true,\"stream_options\":{" },
        { ",\"model\":\"o1\"", "\"include_usage\":false,\"x\":1},"
                               "\"model\":\"o1\"" },
        { "}", "" },
        { NULL, "}" } } },

    /* a written model counts only at the end of a body without a model */

    { CLAMP ",\"/model\":{\"default\":\"a\"}},\"models\":{\"allow\":[\"o1\"]}"
      "}}", CHAT, NULL, 0,
      { { "{\"temperature\":2,", "{\"temperature\":1" },
        { "\"messages\":[", ",\"messages\":[" },
        { "],\"model\":\"o1\"", "]" },
        { "}", ",\"model\":\"o1\"" },
        { NULL, "}" } } }
};


static const hold_case_t  holds[] = {

    { CLAMP, CHAT, "{\"model\":\"m\",",
      "there are more than 32 bytes between two members" },

    { "\"stop\":{\"remove\":true}", CHAT, "{\"a\":1,\"stop\":[",
      "stop must not be longer than 32 bytes" },

    { "\"/metadata\":{\"remove\":true}", CHAT, "{\"a\":1,\"metadata\":{",
      "metadata must not be longer than 32 bytes" },

    { BY_MODEL("\"seed\":{\"force\":7}"), CHAT, "{\"a\":1,\"seed\":1,\"b\":",
      "the rules for seed depend on the model, which must follow within 32 "
      "bytes" },

    { "\"max_tokens\":{\"default\":7}", CHAT,
      "{\"a\":1,\"max_tokens\":null,\"b\":",
      "the value of max_tokens depends on all later members, which must not "
      "be longer than 32 bytes: put it at the end of the request, or give it "
      "a value" },

    { CLAMP, CHAT, "{\"stream_options\":{\"include_usage\":false},\"b\":",
      "the value of stream_options.include_usage depends on \"stream\", "
      "which must follow within 32 bytes" },

    { CLAMP, CHAT, "{\"stream_options\":{},\"b\":",
      "the value of stream_options depends on \"stream\", which must follow "
      "within 32 bytes" },

    { "\"/stream_options/include_usage\":{\"force\":true}", CHAT,
      "{\"stream_options\":{},\"b\":",
      "the value of stream_options depends on \"stream\", which must follow "
      "within 32 bytes" },

    { CLAMP, "generate", "{\"a\":1,\"b\":",
      "the API depends on \"text\" and others, one of which must follow within "
      "32 bytes" }
};


static void *
counted_alloc(void *data, size_t size)
{
    counted_t *counted = data;

    counted->bytes += size;

    return llmp_palloc(&counted->arena.pool, size);
}


static llmp_int_t
take(void *data, llmp_streaming_source_e where, const u_char *p, size_t len)
{
    fixture_t *f = data;

    (void) where;

    assert_int_not_equal(len, 0);

    if (++f->calls == f->refuse) {
        return LLMP_ERROR;
    }

    if (f->size != 0) {
        assert_true(len <= f->size - f->len);
        memcpy(f->out + f->len, p, len);
    }

    f->len += len;

    return LLMP_OK;
}


static void
setup(fixture_t *f, const char *rules, size_t size)
{
    memset(f, 0, sizeof(fixture_t));

    llmp_arena_init(&f->policies);
    llmp_arena_init(&f->memory.arena);

    f->memory.pool.alloc = counted_alloc;
    f->memory.pool.data = &f->memory;

    f->policy = load_policy(&f->policies, "{\"version\":1,"
                            "\"default_tier\":\"t\",\"tiers\":{\"t\":"
                            "{\"parameters\":{%s%s}", rules,
                            strstr(rules, "models") ? "" : "}}}");

    f->size = size;
    f->out = malloc(size + 1);
    assert_non_null(f->out);
}


static void
teardown(fixture_t *f)
{
    llmp_policy_free(f->policy);
    llmp_arena_reset(&f->memory.arena);
    llmp_arena_reset(&f->policies);
    free(f->out);
}


static void
begin(fixture_t *f, const char *dialect, const char *model,
    llmp_uint_t usage, size_t hold)
{
    llmp_int_t      rc;
    llmp_str_t      name;
    llmp_request_t  request;

    memset(&f->caller, 0, sizeof(llmp_caller_t));
    f->caller.tier = f->policy->default_tier;

    name = test_cstr(dialect);

    llmp_request_init(&request);
    request.dialect = llmp_dialect_find(&name);
    request.stream_usage = usage;

    if (model != NULL) {
        request.model = test_cstr(model);
    }

    assert_non_null(request.dialect);
    assert_true(llmp_streaming_is_possible(request.dialect));

    f->len = 0;
    f->calls = 0;
    f->memory.bytes = 0;

    rc = llmp_body_init(&f->body, f->policy, &request, &f->caller,
                        &f->memory.pool, SEED);
    assert_int_equal(rc, LLMP_OK);

    llmp_streaming_init(&f->flow, &f->body, hold, take, f);
}


/* Feeds a text in steps; 0: at once. */

static llmp_int_t
feed(fixture_t *f, const char *text, size_t len, size_t step)
{
    size_t       n;
    u_char      *piece;
    llmp_int_t   rc;

    rc = LLMP_AGAIN;

    for ( /* void */ ; len != 0 && rc == LLMP_AGAIN; text += n, len -= n) {
        n = (step != 0 && step < len) ? step : len;

        piece = test_piece((u_char *) text, n);
        rc = llmp_streaming_feed(&f->flow, piece, n, LLMP_STREAMING_LATER);
        test_piece_gone(piece, n);
    }

    return rc;
}


static void
feed_text(fixture_t *f, const char *text, size_t step)
{
    if (feed(f, text, strlen(text), step) != LLMP_AGAIN) {
        fail_msg("%s: %s", text, f->body.decision.refusal.message);
    }
}


static llmp_int_t
feed_all(fixture_t *f, const char *body, size_t step)
{
    llmp_int_t  rc;

    rc = feed(f, body, strlen(body), step);

    if (rc == LLMP_AGAIN) {
        rc = llmp_streaming_decide(&f->flow);
    }

    return (rc == LLMP_OK) ? llmp_streaming_finish(&f->flow) : rc;
}


static void
refused(fixture_t *f, llmp_refusal_e code, const char *message)
{
    assert_int_equal(f->body.decision.refusal.code, code);

    if (message != NULL) {
        assert_string_equal(f->body.decision.refusal.message, message);
    }
}


/* Returns the refusal of the same body if it is read first. */

static const llmp_refusal_t *
whole(fixture_t *f, const char *text, llmp_decision_t *decision)
{
    llmp_body_t     body;
    llmp_caller_t   caller;
    llmp_request_t  request;

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = f->policy->default_tier;

    llmp_request_init(&request);
    request.dialect = f->body.decision.dialect;

    assert_int_equal(llmp_body_init(&body, f->policy, &request, &caller,
                                    &f->memory.pool, SEED),
                     LLMP_OK);

    (void) llmp_body_feed(&body, (u_char *) text, strlen(text));

    assert_int_equal(llmp_body_decide(&body), LLMP_ERROR);

    *decision = body.decision;

    return &decision->refusal;
}


static void
check_early(const early_case_t *c, size_t step)
{
    size_t         len, n;
    fixture_t      f;
    const char    *handed;
    const step_t  *s;

    setup(&f, c->rules, 4096);
    begin(&f, c->dialect, c->model, c->usage, HOLD);

    len = 0;

    for (s = c->steps; s->fed != NULL; s++) {

        feed_text(&f, s->fed, step);

        handed = (s->handed != NULL) ? s->handed : s->fed;
        n = strlen(handed);

        if (f.len != len + n || memcmp(f.out + len, handed, n) != 0) {
            fail_msg("%s: \"%s\", not \"%.*s\", with \"%s\"", c->rules,
                     handed, (int) (f.len - len), f.out + len, s->fed);
        }

        len = f.len;
    }

    if (llmp_streaming_decide(&f.flow) != LLMP_OK) {
        fail_msg("%s: %s", c->rules, f.body.decision.refusal.message);
    }

    assert_int_equal(f.len, len);
    assert_int_equal(llmp_streaming_finish(&f.flow), LLMP_OK);

    n = strlen(s->handed);

    if (f.len != len + n || memcmp(f.out + len, s->handed, n) != 0) {
        fail_msg("%s: \"%s\", not \"%.*s\" at the end", c->rules, s->handed,
                 (int) (f.len - len), f.out + len);
    }

    teardown(&f);
}


static void
test_early(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < test_nelts(early); i++) {
        check_early(&early[i], 0);
        check_early(&early[i], 1);
        check_early(&early[i], 3);
    }
}


/* a name longer than any watched name is sent */

static void
test_long_name(void **state)
{
    char       name[LLMP_WATCH_RAW_NAME_MAX + 2];
    fixture_t  f;

    (void) state;

    memset(name, 'a', sizeof(name));

    setup(&f, CLAMP, 4096);
    begin(&f, CHAT, NULL, 0, HOLD);

    feed_text(&f, "{\"a\":1,\"", 0);
    assert_int_equal(f.len, 6);

    assert_int_equal(feed(&f, name, LLMP_WATCH_RAW_NAME_MAX, 0), LLMP_AGAIN);
    assert_int_equal(f.len, 6);

    assert_int_equal(feed(&f, name, 1, 0), LLMP_AGAIN);
    assert_int_equal(f.len, 8 + LLMP_WATCH_RAW_NAME_MAX + 1);

    teardown(&f);
}


/* the limit of held bytes is exact */

static void
test_hold(void **state)
{
    size_t              i, n;
    fixture_t           f;
    llmp_int_t          rc;
    const hold_case_t  *c;

    (void) state;

    for (i = 0; i < test_nelts(holds); i++) {
        c = &holds[i];

        setup(&f, c->rules, 4096);
        begin(&f, c->dialect, NULL, 1, HELD);

        feed_text(&f, c->body, 0);

        n = strlen(c->body) - f.len;
        assert_in_range(n, 1, HELD - 1);

        assert_int_equal(feed(&f, SPACES, HELD - n, 0), LLMP_AGAIN);
        assert_int_equal(f.len + n, strlen(c->body));

        rc = feed(&f, " ", 1, 0);

        assert_int_equal(rc, LLMP_ERROR);
        refused(&f, LLMP_REFUSE_HOLD, c->message);
        assert_int_equal(f.len + n, strlen(c->body));

        teardown(&f);
    }
}


/*
 * An undecided body holds everything; bytes beyond the limit are dropped, and
 * the refusal is that of the whole body.
 */

static void
test_failed(void **state)
{
    char             body[2048];
    size_t           step;
    fixture_t        f;
    llmp_decision_t  decision;

    static const char  *ends[] = {
        "\"]}", "\"],\"seed\":1,\"n\":0.5}", "\"],\"seed\":1]", "\""
    };

    (void) state;

    for (step = 0; step < 40; step++) {
        setup(&f, CLAMP ",\"top_p\":{\"max\":1,\"on_violation\":\"reject\"},"
              NO_SEED, 4096);
        begin(&f, CHAT, NULL, 0, HELD);

        snprintf(body, sizeof(body), "{\"temperature\":2,\"top_p\":3,"
                 "\"messages\":[\"%0500d%s", 0, ends[step % 4]);

        assert_int_equal(feed_all(&f, body, step), LLMP_ERROR);

        same_refusal(&f.body.decision.refusal,
                     whole(&f, body, &decision));

        assert_in_range(f.len, 0, strlen("{\"temperature\":1"));
        assert_memory_equal(f.out, "{\"temperature\":1", f.len);

        teardown(&f);
    }
}


/*
 * a body that is permitted, but of which bytes were dropped, is refused as well
 */

static void
test_dropped(void **state)
{
    fixture_t  f;

    static const char  head[] = "{\"top_p\":0.5,\"sampling_params\":[";
    static const char  tail[] = "{\"n\":1}],\"text\":\"x\",\"top_k\":2,"
                                "\"messages\":[]}";

    (void) state;

    setup(&f, "\"top_p\":{\"max\":0.4},\"top_k\":{\"max\":5}", 4096);
    begin(&f, SGLANG, NULL, 0, 2 * HELD);

    feed_text(&f, head, 0);
    feed_text(&f, SPACES, 0);
    feed_text(&f, SPACES, 0);
    feed_text(&f, tail, 1);
    assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_ERROR);

    refused(&f, LLMP_REFUSE_HOLD, NULL);
    assert_int_equal(f.len, 0);

    /* it passes with a higher limit */

    begin(&f, SGLANG, NULL, 0, 4 * HELD);

    feed_text(&f, head, 0);
    feed_text(&f, SPACES, 0);
    assert_int_equal(f.len, 0);
    feed_text(&f, tail, 1);
    assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_OK);
    assert_int_equal(llmp_streaming_finish(&f.flow), LLMP_OK);

    teardown(&f);
}


/*
 * a body with a digest is sent unchanged or not at all, and waits for nothing
 */

static void
test_digest(void **state)
{
    fixture_t  f;

    static const char  good[] = "{\"temperature\":1,\"messages\":[\"0123456789"
                                "0123456789\"],\"max_tokens\":null,\"a\":1,"
                                "\"max_completion_tokens\":9";

    (void) state;

    setup(&f, CLAMP "," TOKENS, 4096);
    begin(&f, CHAT, NULL, 0, HELD);
    f.body.decision.digest = 1;

    feed_text(&f, good, 1);
    assert_in_range(f.len, sizeof(good) - 2, sizeof(good) - 1);
    feed_text(&f, "}", 1);
    assert_int_equal(f.len, sizeof(good) - 1);
    assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_OK);
    assert_int_equal(llmp_streaming_finish(&f.flow), LLMP_OK);
    assert_int_equal(f.len, sizeof(good));

    begin(&f, CHAT, NULL, 0, HELD);
    f.body.decision.digest = 1;

    assert_int_equal(feed_all(&f, "{\"temperature\":2,\"max_tokens\":1}", 1),
                     LLMP_ERROR);
    refused(&f, LLMP_REFUSE_UNDERMINES_POLICY, NULL);
    assert_true(f.len < strlen("{\"temperature\":2,\"max_tokens\":1}"));

    teardown(&f);
}


/*
 * The value of a member that may bypass a bound decides, in pieces of any size:
 * a neutral one holds nothing back, and another is refused before the end.
 */

static void
test_neutral(void **state)
{
    size_t      i, step, len;
    char        body[512];
    fixture_t   f;
    llmp_int_t  rc;

    static const struct {
        const char   *member;
        llmp_uint_t   neutral;
    } cases[] = {
        { "\"mirostat\":0", 1 },
        { "\"mirostat\":0.0", 1 },
        { "\"mirostat\":false", 1 },
        { "\"models\":[ ]", 1 },
        { "\"extra_body\":{ }", 1 },
        { "\"options\":{\"top_n_sigma\":-1,\"samplers\":null}", 1 },
        { "\"mirostat\":0.0001", 0 },
        { "\"mirostat\":0e0,\"xtc_probability\":0.5", 0 },
        { "\"models\":[ \"m\"]", 0 },
        { "\"models\":[ [ ] ]", 0 },
        { "\"extra_body\":{ \"a\":{}}", 0 },
        { "\"samplers\":[ ]", 0 }
    };

    (void) state;

    setup(&f, CLAMP, 4096);

    for (i = 0; i < test_nelts(cases); i++) {
        (void) snprintf(body, sizeof(body), "{\"temperature\":2,%s,\"text\":\""
                        SPACES SPACES SPACES "\"}", cases[i].member);
        len = strlen(body);

        for (step = 1; step <= len; step++) {
            begin(&f, CHAT, NULL, 0, step < HELD ? 2 * HELD : HOLD);

            rc = feed_all(&f, body, step);

            if (cases[i].neutral) {
                assert_int_equal(rc, LLMP_OK);
                assert_int_equal(f.len, len);
                continue;
            }

            assert_int_equal(rc, LLMP_ERROR);
            refused(&f, LLMP_REFUSE_UNDERMINES_POLICY, NULL);
            assert_true(f.len < len);
        }
    }

    teardown(&f);
}


/* the body is never longer than announced */

static void
test_room(void **state)
{
    size_t      i;
    uint64_t    room;
    fixture_t   f;
    llmp_int_t  rc;

    static const char  *bodies[] = {
        "{\"user\":\"u\",\"n\":1,\"model\":\"m\"}",     /* early, */
        "{\"model\":\"m\"}"                             /* at the end */
    };

    static const int64_t  growth[] = { 9, 20 };

    (void) state;

    setup(&f, "\"/user\":{\"force\":\"0123456789\"}", 4096);

    for (i = 0; i < test_nelts(bodies); i++) {

        for (room = 0; room <= 24; room++) {
            begin(&f, CHAT, NULL, 0, HOLD);

            assert_true(f.flow.growth_max >= (uint64_t) growth[i]);
            f.flow.growth_max = room;

            rc = feed_all(&f, bodies[i], 1);

            assert_true(f.len <= strlen(bodies[i]) + room);

            if (room >= (uint64_t) growth[i]) {
                assert_int_equal(rc, LLMP_OK);
                assert_int_equal(f.flow.growth, growth[i]);
                assert_int_equal(f.len, strlen(bodies[i]) + growth[i]);
                continue;
            }

            assert_int_equal(rc, LLMP_ERROR);
            refused(&f, LLMP_REFUSE_HOLD, NULL);
        }
    }

    teardown(&f);
}


/* with dry run, everything is sent at once, and the decision is made */

static void
test_pass(void **state)
{
    size_t      step;
    fixture_t   f;

    static const char  body[] = "{\"seed\":1,\"temperature\":2,\"top_p\":null}";

    (void) state;

    for (step = 0; step <= sizeof(body); step++) {
        setup(&f, CLAMP "," NO_SEED, 4096);
        begin(&f, CHAT, NULL, 0, 4);
        f.flow.unchanged = 1;

        assert_int_equal(feed(&f, body, 12, step), LLMP_AGAIN);
        assert_int_equal(f.len, 12);

        assert_int_equal(feed(&f, body + 12, sizeof(body) - 13, step),
                         LLMP_AGAIN);
        assert_int_equal(f.len, sizeof(body) - 1);

        assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_OK);
        assert_int_equal(f.body.decision.nchanges, 2);
        assert_int_equal(llmp_streaming_finish(&f.flow), LLMP_OK);

        assert_int_equal(f.len, sizeof(body) - 1);
        assert_memory_equal(f.out, body, f.len);

        /* invalid JSON is sent, too */

        begin(&f, CHAT, NULL, 0, 4);
        f.flow.unchanged = 1;

        assert_int_equal(feed(&f, "{]0123456789", 12, step), LLMP_AGAIN);
        assert_int_equal(f.len, 12);
        assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_ERROR);
        refused(&f, LLMP_REFUSE_INVALID_JSON, NULL);

        teardown(&f);
    }
}


/*
 * a short piece waits for more data that is available, up to the limit of held
 * bytes
 */

static void
test_soon(void **state)
{
    char       text[5000];
    size_t     hold, n;
    fixture_t  f;

    (void) state;

    memset(text, 'x', sizeof(text));
    memcpy(text, "{\"user\":\"", 9);

    for (n = 100; n <= sizeof(text); n += 700) {
        for (hold = 10; hold <= HOLD; hold *= 4) {
            setup(&f, CLAMP, 2 * sizeof(text));
            begin(&f, CHAT, NULL, 0, hold);

            assert_int_equal(llmp_streaming_feed(&f.flow, (u_char *) text, n,
                                                 LLMP_STREAMING_SOON),
                             LLMP_AGAIN);
            assert_int_equal(f.len, (n <= hold && n <= 4096) ? 0 : n);

            feed_text(&f, "\"", 0);
            assert_int_equal(f.len, n + 1);
            assert_memory_equal(f.out, text, n);

            assert_int_equal(feed_all(&f, ",\"temperature\":2}", 0), LLMP_OK);
            assert_int_equal(f.len, n + sizeof("\",\"temperature\":1}") - 1);

            teardown(&f);
        }
    }
}


/*
 * the last bytes are neither copied nor decided on twice, unless they exceed
 * the limit of held bytes
 */

static void
test_last(void **state)
{
    fixture_t  f;

    static const char  body[] = "{\"text\":\"" SPACES "\",\"temperature\":2}";
    static const char  sent[] = "{\"text\":\"" SPACES "\",\"temperature\":1}";
    static const char  held[] = "{\"temperature\":2,\"text\":\"" SPACES "\"}";

    (void) state;

    setup(&f, CLAMP, 4096);

    begin(&f, CHAT, NULL, 0, HOLD);
    assert_int_equal(llmp_streaming_feed(&f.flow, (u_char *) body,
                                         sizeof(body) - 1, LLMP_STREAMING_LAST),
                     LLMP_AGAIN);
    assert_int_equal(f.len, 0);
    assert_int_equal(f.flow.nheld, 0);
    assert_int_equal(f.flow.ndecided, 0);
    assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_OK);
    assert_int_equal(llmp_streaming_finish(&f.flow), LLMP_OK);
    assert_int_equal(f.len, sizeof(sent) - 1);
    assert_memory_equal(f.out, sent, f.len);

    /* refusals are the same */

    teardown(&f);
    setup(&f, CLAMP BY_MODEL("\"temperature\":{\"force\":0}"), 4096);

    begin(&f, CHAT, NULL, 0, HELD);
    assert_int_equal(llmp_streaming_feed(&f.flow, (u_char *) held,
                                         sizeof(held) - 1, LLMP_STREAMING_LAST),
                     LLMP_ERROR);
    refused(&f, LLMP_REFUSE_HOLD, NULL);

    teardown(&f);
}


/* memory does not depend on the length of the body */

static void
test_memory(void **state)
{
    char       *text;
    size_t      i, hold, before;
    fixture_t   f;

    static const struct { size_t step; size_t len; } passes[] = {
        { 16384, 20 * 1024 * 1024 }, { 1, 200 * 1024 }
    };

    (void) state;

    text = malloc(16384);
    assert_non_null(text);
    memset(text, 'a', 16384);

    setup(&f, CLAMP "," TOKENS, 0);

    for (i = 0; i < test_nelts(passes); i++) {
        begin(&f, CHAT, NULL, 0, HOLD);

        feed_text(&f, "{\"temperature\":2,\"messages\":[\"", 1);

        before = f.memory.bytes;
        assert_in_range(before, 1, 24 * 1024);

        while (f.flow.fed < passes[i].len) {
            assert_int_equal(feed(&f, text, passes[i].step, 0), LLMP_AGAIN);
            assert_int_equal(f.flow.fed, f.flow.sent);
        }

        assert_int_equal(f.memory.bytes, before);

        feed_text(&f, "\"],\"n\":1}", 0);
        assert_int_equal(llmp_streaming_decide(&f.flow), LLMP_OK);
        assert_int_equal(llmp_streaming_finish(&f.flow), LLMP_OK);

        assert_in_range(f.memory.bytes, before, before + 16 * 1024);
    }

    /* held bytes take little more memory than their limit */

    for (hold = 1024; hold <= HOLD; hold *= 8) {
        begin(&f, CHAT, NULL, 0, hold);

        feed_text(&f, "{\"max_tokens\":null,\"messages\":[\"", 1);

        while (feed(&f, text, 1, 0) == LLMP_AGAIN) {
            /* void */
        }

        refused(&f, LLMP_REFUSE_HOLD, NULL);
        assert_int_equal(f.len, 1);
        assert_int_equal(f.flow.fed, hold + 2);
        assert_in_range(f.memory.bytes, hold, 4 * hold + 16 * 1024);
    }

    free(text);
    teardown(&f);
}


/*
 * Repeated decisions do not add up, for any size of packets: with many policed
 * members, and with a member that waits for the model.
 */

static void
test_many(void **state)
{
    size_t      i, plain;
    fixture_t   f;

    static const char  *rules[] = {
        "\"temperature\":{\"max\":1},\"n\":{\"max\":9}",
        "\"temperature\":{\"max\":1},\"n\":{\"remove\":true}"
    };

    (void) state;

    for (i = 0; i < 2 * test_nelts(rules); i++) {
        setup(&f, rules[i / 2], 0);

        /* the body alone first */

        begin(&f, SGLANG, NULL, 0, HOLD);
        plain = f.memory.bytes;

        feed_text(&f, "{\"text\":1,\"sampling_params\":[", 0);

        while (f.body.scan.members.nelts < LLMP_MEMBERS_MAX - 4) {
            feed_text(&f, "{\"n\":1,\"temperature\":2},", i % 2);

            assert_in_range(f.flow.ndecided, 0, 2 * f.flow.fed + 16384);
            assert_true(f.flow.fed - f.flow.sent <= HOLD / 2 + 32);
        }

        assert_in_range(f.memory.bytes, plain, plain + 4 * 1024 * 1024);

        teardown(&f);
    }

    /* a first member is sent, and the next one waits */

    setup(&f, NO_SEED BY_MODEL("\"n\":{\"max\":2}"), 0);
    begin(&f, CHAT, NULL, 0, HOLD);

    feed_text(&f, "{\"seed\":1,\"n\":1,\"messages\":\"", 1);

    plain = f.memory.bytes;

    while (f.flow.fed < HOLD - 16) {
        feed_text(&f, "a", 0);
    }

    assert_in_range(f.flow.ndecided, 1, 64);
    assert_in_range(f.memory.bytes, plain, 4 * HOLD + 16 * 1024);

    teardown(&f);
}


/* no failure may send bytes that must not be sent */

static void
test_no_memory(void **state)
{
    size_t       i, len, failed, step;
    llmp_int_t   rc;
    fixture_t    f;

    static const char  body[] =
        "{\"seed\":1,\"metadata\":{\"x\":\"y\"},\"temperature\":1.9,"
        "\"messages\":[\"hello\"],\"max_tokens\":77,\"model\":\"ox\",\"n\":1}";

    static const char  sent[] =
        "{\"metadata\":{\"x\":\"y\",\"by\":\"us\"},\"temperature\":1,"
        "\"messages\":[\"hello\"],\"max_tokens\":7,\"model\":\"ox\",\"n\":1,"
        "\"top_p\":0.5}";

    (void) state;

    setup(&f, CLAMP "," NO_SEED ",\"/metadata/by\":{\"default\":\"us\"},"
          "\"top_p\":{\"default\":0.5}"
          BY_MODEL("\"max_tokens\":{\"max\":7}"), 4096);

    for (step = 0; step < 8; step++) {
        failed = 0;

        for (i = 1; ; i++) {
            begin(&f, CHAT, NULL, 0, HOLD);

            /* every second allocation, then every second output */

            f.memory.arena.allocs = 0;
            f.memory.arena.fail_after = (step % 2) ? i : 0;
            f.refuse = (step % 2) ? 0 : i;

            rc = feed_all(&f, body, step);

            len = f.len;
            f.memory.arena.fail_after = 0;
            f.refuse = 0;

            assert_true(len <= sizeof(sent) - 1);
            assert_memory_equal(f.out, sent, len);

            if (rc == LLMP_OK) {
                assert_int_equal(len, sizeof(sent) - 1);
                break;
            }

            assert_int_equal(rc, LLMP_ERROR);
            refused(&f, LLMP_REFUSE_INTERNAL, NULL);
            failed++;
        }

        assert_true(failed > 2);
    }

    teardown(&f);
}


/* a document with as many watched members as a request may have */

static uint64_t
any(uint64_t *seed, uint64_t n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;

    return (*seed >> 11) % n;
}


static size_t
write_object(char *buf, size_t size, const llmp_watch_t *node, uint64_t *seed,
    llmp_uint_t depth)
{
    size_t               len, n, k;
    llmp_uint_t          i, inside;
    const llmp_watch_t  *w, *from, *written[WRITTEN];

    len = snprintf(buf, size, "{");
    n = 0;

    for (from = node; from != NULL; from = from->shared) {

        for (i = 0; i < from->nchildren && size - len > 512; i++) {
            w = from->children[i];
            inside = w->nchildren != 0
                     || (w->shared != NULL && w->shared->nchildren != 0);

            if (w->rules.bypasses || w->rules.bypasses_models || w->rules.model
                || w->name.data[0] <= '9' || any(seed, depth + 2) != 0)
            {
                continue;
            }

            for (k = 0; k < n; k++) {
                if (llmp_str_eq(&written[k]->folded, &w->folded)) {
                    break;
                }
            }

            if (k != n || n == WRITTEN) {
                continue;
            }

            len += snprintf(buf + len, size - len, "%s\"%.*s\":",
                            n ? "," : "", (int) w->name.len, w->name.data);
            written[n++] = w;

            if (inside && depth < 4 && any(seed, 8) != 0) {
                len += write_object(buf + len, size - len, w, seed,
                                    depth + 1);

            } else {
                len += snprintf(buf + len, size - len, "%s",
                                any(seed, 2) && !inside ? "1" : "null");
            }
        }
    }

    return len + snprintf(buf + len, size - len, "}");
}


/* the announced length suffices for any request */

static void
test_growth(void **state)
{
    char             body[8192];
    size_t           i, j, k, good;
    int64_t          most;
    uint64_t         seed;
    fixture_t        f;
    const char      *name;
    const uint64_t  *growth;

    static const char  *rules[] = {

        "\"temperature\":{\"force\":0.1234567890123456789},"
        "\"top_p\":{\"force\":0.1234567890123456789},"
        "\"max_tokens\":{\"force\":123456789},\"n\":{\"force\":1},"
        "\"stop\":{\"force\":[\"a very long text at which nothing stops\"]},"
        "\"reasoning_effort\":{\"force\":\"very very very very high\"},"
        "\"verbosity\":{\"force\":\"very very very very high\"},"
        "\"logit_bias\":{\"force\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4}},"
        "\"seed\":{\"force\":1234567890123456789},\"stream\":{\"force\":true},"
        "\"/metadata/a\":{\"force\":{\"b\":[\"something rather long\"]}},"
        "\"/metadata/c/d\":{\"force\":\"something that is rather long\"},"
        "\"/0/1/2\":{\"force\":\"something that is rather long\"}",

        "\"temperature\":{\"default\":0.1234567890123456789},"
        "\"top_p\":{\"default\":0.1234567890123456789},"
        "\"top_k\":{\"default\":123456},\"min_p\":{\"default\":0.123456789},"
        "\"max_tokens\":{\"default\":123456789},\"n\":{\"default\":2},"
        "\"presence_penalty\":{\"default\":0.1234567890123456789},"
        "\"frequency_penalty\":{\"default\":0.1234567890123456789},"
        "\"repetition_penalty\":{\"default\":0.1234567890123456789},"
        "\"seed\":{\"default\":1234567890123456789},"
        "\"stream\":{\"default\":true},\"store\":{\"default\":false},"
        "\"logprobs\":{\"default\":false},\"top_logprobs\":{\"default\":3},"
        "\"service_tier\":{\"default\":\"something that is rather long\"},"
        "\"/generationConfig/x\":{\"default\":\"something that is long\"},"
        "\"/options/x/y\":{\"default\":\"something that is long\"}",

        "\"temperature\":{\"min\":0.1,\"max\":0.1234567890123456789},"
        "\"top_p\":{\"max\":0.0000000000000001},\"top_k\":{\"min\":123456789},"
        "\"max_tokens\":{\"min\":100000000,\"max\":100000000},"
        "\"presence_penalty\":{\"min\":0.1234567890123456789},"
        "\"frequency_penalty\":{\"max\":-9.1234567890123456789}"
        BY_MODEL("\"temperature\":{\"force\":0.12345678901234567890123},"
                 "\"/user\":{\"force\":\"something that is rather long\"}")
    };

    (void) state;

    seed = SEED;

    for (i = 0; i < test_nelts(rules); i++) {
        setup(&f, rules[i], 0);

        for (j = 0; j < llmp_ndialects; j++) {

            if (!llmp_streaming_is_possible(llmp_dialects[j])) {
                continue;
            }

            name = (char *) llmp_dialects[j]->name.data;
            growth = &f.policy->growth[j];
            good = 0;
            most = 0;

            for (k = 0; k < 100; k++) {
                if (k < 2) {
                    strcpy(body, k ? "{\"model\":\"o1\",\"stream\":true}"
                                   : "{}");

                } else {
                    write_object(body, sizeof(body), f.policy->watch[j],
                                 &seed, 0);
                }

                begin(&f, name, "o1", k % 2, sizeof(body));
                assert_int_equal(f.flow.growth_max, *growth);

                if (feed_all(&f, body, 0) == LLMP_OK) {
                    good++;

                    if (f.flow.growth > most) {
                        most = f.flow.growth;
                    }

                } else {
                    assert_int_not_equal(f.body.decision.refusal.code,
                                         LLMP_REFUSE_HOLD);
                }

                llmp_arena_reset(&f.memory.arena);
            }

            if (good <= 2) { fail_msg("%s %zu %s", name, good, body); }
            assert_true(!llmp_dialects[j]->generates || most > 8);
        }

        teardown(&f);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_early),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_failed),
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_neutral),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_pass),
        cmocka_unit_test(test_soon),
        cmocka_unit_test(test_last),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_growth)
    };

    return cmocka_run_group_tests_name("streaming", tests, NULL, NULL);
}
