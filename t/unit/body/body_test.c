
/*
 * Copyright (C) llm-policy authors
 *
 * Bodies of each kind, from their bytes to the forwarded body: JSON, a form, a
 * form with a file of requests.
 */


#include <stdio.h>

#include "body/llmp_body_state.h"
#include "dialect/llmp_dialect.h"

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


#define CHAT       "/v1/chat/completions"

#define NAMED      "Content-Disposition: form-data; name="
#define PART(n, v) "--b\r\n" NAMED "\"" n "\"\r\n\r\n" v "\r\n"
#define BLOB(n, v)                                                            \
                   "--b\r\n" NAMED "\"" n "\"; filename=\"f\"\r\n"            \
                   "Content-Type: application/octet-stream\r\n\r\n" v "\r\n"
#define END        "--b--\r\n"

#define AUDIO      "openai.transcriptions"
#define IMAGES     "openai.image_edits"
#define FILES      "openai.files"


typedef struct {
    policy_fixture_t  p;
    const char       *boundary;
    llmp_uint_t       digest;
    llmp_body_t       body;
    llmp_uint_t       again;    /* set if it was read twice */
} fixture_t;


static void
use(fixture_t *f, const char *tier, const char *rest)
{
    f->boundary = "b";
    f->digest = 0;

    policy_use(&f->p, tier, rest);
}


static void
feed(llmp_body_t *body, const llmp_str_t *text, size_t first, size_t size)
{
    llmp_int_t     rc;
    test_pieces_t  p;

    rc = LLMP_AGAIN;
    test_pieces_start(&p, text->data, text->len, first, size);

    while (test_pieces_next(&p)) {

        if (rc == LLMP_AGAIN) {
            rc = llmp_body_feed(body, p.piece, p.len);
            assert_true(rc == LLMP_AGAIN || rc == LLMP_ERROR);

        } else {
            assert_int_equal(llmp_body_feed(body, p.piece, p.len), LLMP_ERROR);
        }
    }
}


static llmp_int_t
run(fixture_t *f, llmp_body_t *body, const char *dialect,
    const llmp_str_t *text, size_t first, size_t size, llmp_pool_t *pool,
    llmp_uint_t *again)
{
    llmp_int_t      rc;
    llmp_str_t      name;
    llmp_caller_t   caller;
    llmp_request_t  request;

    name = test_cstr(dialect);

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = f->p.policy->default_tier;

    llmp_request_init(&request);

    request.dialect = llmp_dialect_find(&name);
    assert_non_null(request.dialect);

    if (request.dialect->form) {
        request.boundary = test_cstr(f->boundary);
    }

    request.digest = (f->digest != 0);
    request.change_signed = (f->digest == 2);

    *again = 0;

    if (llmp_body_init(body, f->p.policy, &request, &caller, pool, SEED)
        != LLMP_OK)
    {
        return llmp_refuse(&body->decision.refusal, LLMP_REFUSE_INTERNAL,
                           NULL, "no memory");
    }

    feed(body, text, first, size);
    rc = llmp_body_decide(body);

    if (rc != LLMP_DECLINED) {
        return rc;
    }

    *again = 1;

    if (llmp_body_restart(body) != LLMP_OK) {
        return llmp_refuse(&body->decision.refusal, LLMP_REFUSE_INTERNAL,
                           NULL, "no memory");
    }

    feed(body, text, first, size);

    return llmp_body_decide(body);
}


static void
check_pieces(fixture_t *f, const char *dialect, const llmp_str_t *text,
    size_t first, size_t size, llmp_int_t expected)
{
    llmp_body_t   *body;
    llmp_uint_t    again;
    llmp_arena_t   arena;

    llmp_arena_init(&arena);

    body = llmp_palloc(&arena.pool, sizeof(llmp_body_t));
    assert_non_null(body);

    assert_int_equal(run(f, body, dialect, text, first, size, &arena.pool,
                         &again), expected);
    assert_int_equal(again, f->again);

    same_refusal(&body->decision.refusal, &f->body.decision.refusal);
    same_edits(&body->decision.edits, &f->body.decision.edits);

    llmp_arena_reset(&arena);
}


/* Decides on a body at once, into f->body, then with all splits. */

static llmp_int_t
decide_body(fixture_t *f, const char *dialect, const llmp_str_t *text)
{
    size_t      i;
    llmp_int_t  rc;

    llmp_arena_reset(&f->p.arena);

    rc = run(f, &f->body, dialect, text, text->len, 1, &f->p.arena.pool,
             &f->again);

    check_pieces(f, dialect, text, 1, 1, rc);
    check_pieces(f, dialect, text, 3, 11, rc);

    for (i = 1; i < text->len; i++) {
        check_pieces(f, dialect, text, i, text->len, rc);
    }

    return rc;
}


static void
sent_is(fixture_t *f, const char *dialect, const char *text,
    const char *expected)
{
    llmp_str_t    body, sent;
    llmp_uint_t   again;
    llmp_arena_t  arena;
    llmp_body_t   second;

    body = test_cstr(text);

    if (decide_body(f, dialect, &body) != LLMP_OK) {
        fail_msg("%s: %s", text, f->body.decision.refusal.message);
    }

    sent = llmp_edit_apply(&f->body.decision.edits, &f->p.arena.pool, &body);
    assert_non_null(sent.data);

    text_is(&sent, expected, text);

    assert_int_equal(sent.len, body.len + f->body.decision.edits.growth);

    /* a second decision changes nothing; a form without fields is not a form */

    if (strcmp(expected, END) == 0) {
        return;
    }

    llmp_arena_init(&arena);

    assert_int_equal(run(f, &second, dialect, &sent, sent.len, 1, &arena.pool,
                         &again), LLMP_OK);
    assert_int_equal(second.decision.edits.nelts, 0);

    llmp_arena_reset(&arena);
}


static void
refused(fixture_t *f, const char *dialect, const char *text,
    llmp_refusal_e code, const char *message)
{
    llmp_str_t  body;

    body = test_cstr(text);

    if (decide_body(f, dialect, &body) != LLMP_ERROR) {
        fail_msg("%s: not refused", text);
    }

    if (strcmp(f->body.decision.refusal.message, message) != 0) {
        fail_msg("%s: %s", text, f->body.decision.refusal.message);
    }

    assert_int_equal(f->body.decision.refusal.code, code);
    assert_int_equal(f->body.decision.edits.nelts, 0);
    assert_int_equal(f->body.decision.nchanges, 0);
}


/* ---- JSON ---- */

static void
test_json(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"temperature\":{\"max\":1}}", "");

    sent_is(f, "openai.chat", "{\"temperature\":2}", "{\"temperature\":1}");
    sent_is(f, "openai.chat", "{}", "{}");

    refused(f, "openai.chat", "{\"temperature\":2", LLMP_REFUSE_INVALID_JSON,
            "invalid JSON at byte 16: the body ends within the object");
    refused(f, "openai.chat", PART("temperature", "1") END,
            LLMP_REFUSE_INVALID_JSON,
            "invalid JSON at byte 0: the body must be an object");
}


/* ---- forms ---- */

static void
test_form_edits(void **state)
{
    char        tier[512];
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char  *rules;
        const char  *body;
        const char  *sent;
    } forms[] = {

        /* unchanged */

        { "\"temperature\":{\"max\":0.5}",
          PART("model", "m") BLOB("file", "\r\n--c\r\n") END,
          PART("model", "m") BLOB("file", "\r\n--c\r\n") END },
        { "\"temperature\":{\"max\":0.5}",
          PART("temperature", "5.0E-1") PART("model", "m") "--b--",
          PART("temperature", "5.0E-1") PART("model", "m") "--b--" },

        /* replaced by a shorter or longer value */

        { "\"temperature\":{\"max\":0.5}",
          PART("temperature", "0.9999999") PART("model", "m") END,
          PART("temperature", "0.5") PART("model", "m") END },
        { "\"temperature\":{\"max\":0.50000}",
          PART("model", "m") PART("temperature", "1") BLOB("file", "") END,
          PART("model", "m") PART("temperature", "0.50000") BLOB("file", "")
          END },
        { "\"temperature\":{\"min\":0.5}",
          PART("model", "m") PART("temperature", "-0") END,
          PART("model", "m") PART("temperature", "0.5") END },
        { "\"temperature\":{\"force\":0.5}",
          PART("temperature", "") END, PART("temperature", "0.5") END },
        { "\"/model\":{\"force\":\"\"}",
          PART("model", "m") END, PART("model", "") END },
        { "\"stream\":{\"force\":false}",
          PART("stream", "true") END, PART("stream", "false") END },
        { "\"temperature\":{\"force\":3}",
          PART("temperature", "0") END, PART("temperature", "1") END },

        /* removed: first, in the middle, last, some, all */

        { "\"/x\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END,
          PART("y", "2") PART("z", "3") END },
        { "\"/y\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END,
          PART("x", "1") PART("z", "3") END },
        { "\"/z\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END,
          PART("x", "1") PART("y", "2") END },
        { "\"/z\":{\"remove\":true}",
          BLOB("x", "\r\n-") PART("z", "3") "--b--",
          BLOB("x", "\r\n-") "--b--" },
        { "\"/x\":{\"remove\":true},\"/y\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END,
          PART("z", "3") END },
        { "\"/x\":{\"remove\":true},\"/z\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END,
          PART("y", "2") END },
        { "\"/y\":{\"remove\":true},\"/z\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END,
          PART("x", "1") END },
        { "\"/x\":{\"remove\":true},\"/y\":{\"remove\":true},"
          "\"/z\":{\"remove\":true}",
          PART("x", "1") PART("y", "2") PART("z", "3") END, END },
        { "\"seed\":{\"remove\":true}", PART("seed", "1") END, END },

        /* added: after all others, in the order of the policy */

        { "\"temperature\":{\"default\":0.70}",
          PART("model", "m") END,
          PART("model", "m") PART("temperature", "0.70") END },
        { "\"temperature\":{\"min\":0.2}",
          BLOB("file", "\r\n") "--b--",
          BLOB("file", "\r\n") PART("temperature", "0.2") "--b--" },
        { "\"temperature\":{\"max\":0.2}", PART("model", "m") END,
          PART("model", "m") END },
        { "\"stream\":{\"force\":false},\"temperature\":{\"default\":1},"
          "\"/user\":{\"default\":\"a\\\"\\u00e4\"}",
          PART("model", "m") END,
          PART("model", "m") PART("user", "a\"\xc3\xa4")
          PART("temperature", "1") PART("stream", "false") END },

        /* parameters that the API does not have are not written */

        { "\"top_p\":{\"default\":1},\"max_tokens\":{\"max\":1}",
          PART("model", "m") END, PART("model", "m") END },

        /* all at once */

        { "\"temperature\":{\"default\":0.7},\"seed\":{\"remove\":true}",
          PART("seed", "1") END, PART("temperature", "0.7") END },
        { "\"temperature\":{\"max\":0.5},\"stream\":{\"force\":true},"
          "\"/x\":{\"remove\":true},\"/y\":{\"remove\":true}",
          PART("x", "") PART("temperature", "1") PART("y", "")
          BLOB("file", "abc") END,
          PART("temperature", "0.5") BLOB("file", "abc")
          PART("stream", "true") END },
        { "\"temperature\":{\"default\":0.7},"
          "\"/x\":{\"remove\":true}",
          PART("model", "m") PART("x", "1") "--b--",
          PART("model", "m") PART("temperature", "0.7") "--b--" },

        /* other spellings of the same names */

        { "\"max_tokens\":{\"max\":10}",
          PART("max_new_tokens", "99") PART("n_predict", "-1") END,
          PART("max_new_tokens", "10") PART("n_predict", "10") END }
    };

    for (i = 0; i < test_nelts(forms); i++) {
        snprintf(tier, sizeof(tier), "\"parameters\":{%s}", forms[i].rules);

        use(f, tier, "");
        sent_is(f, AUDIO, forms[i].body, forms[i].sent);
    }
}


static void
test_form_refused(void **state)
{
    char        tier[512];
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char      *rules;
        const char      *body;
        llmp_refusal_e   code;
        const char      *message;
    } forms[] = {
        { "\"temperature\":{\"max\":0.5}", PART("temperature", " 1") END,
          LLMP_REFUSE_INVALID_TYPE,
          "temperature must be a number, not a string" },
        { "\"temperature\":{\"max\":0.5}", PART("temperature", "") END,
          LLMP_REFUSE_INVALID_TYPE,
          "temperature must be a number, not a string" },
        { "\"temperature\":{\"default\":0.5}", PART("temperature", "null")
          END, LLMP_REFUSE_INVALID_TYPE,
          "temperature must be a number, not a string" },
        { "\"temperature\":{\"max\":0.5}", PART("temperature", "true") END,
          LLMP_REFUSE_INVALID_TYPE,
          "temperature must be a number, not a boolean" },
        { "\"temperature\":{\"max\":0.5,\"on_violation\":\"reject\"}",
          PART("temperature", "0.6") END, LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "temperature 0.6 is above the maximum 0.5 for tier \"t\"" },
        { "\"temperature\":{\"deny\":true}", PART("temperature", "0") END,
          LLMP_REFUSE_PARAMETER_DENIED,
          "temperature is not permitted for tier \"t\"" },
        { "\"temperature\":{\"require\":true}", PART("x", "0") END,
          LLMP_REFUSE_PARAMETER_REQUIRED,
          "temperature is required for tier \"t\"" },
        { "\"temperature\":{\"max\":0.5}", PART("mirostat", "1") END,
          LLMP_REFUSE_UNDERMINES_POLICY,
          "mirostat can undo the bound on temperature for tier \"t\"" },
        { "\"temperature\":{\"max\":0.5}",
          PART("options", "{\"temperature\":1}") END,
          LLMP_REFUSE_INVALID_TYPE,
          "options must be an object, not a string: the policy checks "
          "temperature inside it" },
        { "\"/model\":{\"allow\":[\"m\"]}", PART("model", "m\xff") END,
          LLMP_REFUSE_INVALID_FORM,
          "invalid form, field 1: a policed field must be UTF-8 text" },
        { "\"temperature\":{\"max\":0.5}", PART("temperature", "1") "--b",
          LLMP_REFUSE_INVALID_FORM,
          "invalid form at byte 65: the body ends within the form" },
        { "\"temperature\":{\"max\":0.5}", "{\"temperature\":1}",
          LLMP_REFUSE_INVALID_FORM,
          "invalid form at byte 0: the body must start with the boundary of "
          "its Content-Type" }
    };

    for (i = 0; i < test_nelts(forms); i++) {
        snprintf(tier, sizeof(tier), "\"parameters\":{%s}", forms[i].rules);

        use(f, tier, "");
        refused(f, AUDIO, forms[i].body, forms[i].code, forms[i].message);
    }
}


/*
 * some readers parse names with brackets and dots as members, also of "stream"
 */

static void
test_form_words(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"stream\":{\"force\":false}}", "");

    refused(f, AUDIO, PART("stream[]", "true") END,
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "the name of field 1 may be read as stream");
    refused(f, AUDIO, PART("stream.", "true") END,
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "the name of field 1 may be read as stream");
    refused(f, AUDIO, PART("options[stream]", "true") END,
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "the name of field 1 may be read as stream");
}


/* a client that guesses the policy's value */

static void
test_guessed_boundary(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"/user\":{\"force\":\"a--bc\"}}", "");

    refused(f, AUDIO, PART("model", "m") END, LLMP_REFUSE_INTERNAL,
            "the request could not be checked");
    refused(f, AUDIO, PART("user", "u") END, LLMP_REFUSE_INTERNAL,
            "the request could not be checked");

    use(f, "\"parameters\":{\"/user\":{\"force\":\"a-bc--\"}}", "");

    sent_is(f, AUDIO, PART("model", "m") END,
            PART("model", "m") PART("user", "a-bc--") END);
}


static void
test_form_models(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"temperature\":{\"default\":0.2}},"
           "\"models\":{\"allow\":[\"~^whisper\",\"plain\"]}",
        ",\"models\":[{\"match\":[\"plain\"],\"parameters\":"
        "{\"temperature\":{\"remove\":true}}}]");

    sent_is(f, AUDIO,
            BLOB("file", "a") PART("model", "whisper-1") END,
            BLOB("file", "a") PART("model", "whisper-1")
            PART("temperature", "0.2") END);
    assert_str_is(f->body.decision.model, "whisper-1");

    sent_is(f, AUDIO,
            PART("temperature", "1") PART("model", "plain") BLOB("file", "a")
            END,
            PART("model", "plain") BLOB("file", "a") END);

    refused(f, AUDIO, PART("model", "o\"1") END,
            LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "model \"o\\\"1\" is not permitted for tier \"t\"");
    refused(f, AUDIO, BLOB("file", "") END, LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "the request must have a model: tier \"t\" permits only some "
            "models");
    refused(f, AUDIO, PART("model", "whisper\r\n") END,
            LLMP_REFUSE_INVALID_TYPE,
            "model must not have control characters");
    refused(f, AUDIO, PART("model", "whisper-1,o1") END,
            LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "model must be one name, not a list");
    refused(f, AUDIO, PART("model[]", "whisper") END,
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "the name of field 1 may be read as model");
}


/* nothing is added to requests for images, which have no temperature */

static void
test_images(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"n\":{\"default\":1,\"max\":2},"
           "\"temperature\":{\"default\":1,\"max\":1}}", "");

    sent_is(f, IMAGES,
            BLOB("image[]", "x") BLOB("image[]", "y") PART("n", "10")
            PART("temperature", "2") END,
            BLOB("image[]", "x") BLOB("image[]", "y") PART("n", "2")
            PART("temperature", "1") END);
    sent_is(f, IMAGES, BLOB("image", "x") END, BLOB("image", "x") END);
}


static void
test_form_log(void **state)
{
    llmp_str_t        line;
    fixture_t        *f = *state;
    llmp_decision_t  *d;

    use(f, "\"parameters\":{\"temperature\":{\"max\":0.5},"
           "\"service_tier\":{\"allow\":[\"flex\",\"a\\\"b\"]},"
           "\"/x\":{\"remove\":true}}", "");

    d = &f->body.decision;

    sent_is(f, AUDIO,
            PART("temperature", "1.0") PART("x", "secret")
            PART("service_tier", "a\"b") END,
            PART("temperature", "0.5") PART("service_tier", "a\"b") END);

    assert_str_is(llmp_decision_param(d, LLMP_TEMPERATURE)->requested, "1.0");
    assert_str_is(llmp_decision_param(d, LLMP_TEMPERATURE)->effective, "0.5");
    assert_int_equal(llmp_decision_param(d, LLMP_TEMPERATURE)->action,
                     LLMP_ACTION_MAX);
    assert_str_is(llmp_decision_param(d, LLMP_SERVICE_TIER)->requested,
                  "\"a\\\"b\"");
    line = llmp_decision_changes_line(d, &f->p.arena.pool);
    assert_str_is(line, "temperature=1.0->0.5 (max), /x=\"...\"-> (remove)");
}


static void
test_form_digest(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"temperature\":{\"max\":0.5}}", "");

    f->digest = 1;
    sent_is(f, AUDIO, PART("temperature", "0.5") END,
            PART("temperature", "0.5") END);
    refused(f, AUDIO, PART("temperature", "0.6") END,
            LLMP_REFUSE_UNDERMINES_POLICY,
            "the request has a digest or signature of its body, but the policy "
            "would change it: temperature");

    f->digest = 2;
    sent_is(f, AUDIO, PART("temperature", "0.6") END,
            PART("temperature", "0.5") END);
}


/* ---- files of requests ---- */

#define LINE(url, body)  "{\"url\":\"" url "\",\"body\":" body "}\n"
#define IN               LINE(CHAT, "{\"temperature\":2}")
#define OUT              LINE(CHAT, "{\"temperature\":1}")
#define LATE             "{\"body\":{\"temperature\":2},"                     \
                         "\"url\":\"/v1/responses\"}\n"
#define LATER            "{\"body\":{\"temperature\":1},"                     \
                         "\"url\":\"/v1/responses\"}\n"


static void
test_files(void **state)
{
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char   *body;
        const char   *sent;
        llmp_uint_t   again;
    } forms[] = {

        /* the purpose of the file precedes or follows it */

        { PART("purpose", "batch") BLOB("file", IN IN) END,
          PART("purpose", "batch") BLOB("file", OUT OUT) END, 0 },
        { BLOB("file", IN IN) PART("purpose", "batch") END,
          BLOB("file", OUT OUT) PART("purpose", "batch") END, 0 },
        { PART("purpose", "batch") BLOB("file", LATE LATE) END,
          PART("purpose", "batch") BLOB("file", LATER LATER) END, 1 },
        { BLOB("file", LATE LATE) PART("purpose", "batch") END,
          BLOB("file", LATER LATER) PART("purpose", "batch") END, 1 },

        /* the last line has no line end */

        { PART("purpose", "batch")
          BLOB("file", "{\"url\":\"" CHAT "\",\"body\":{\"seed\":1}}") END,
          PART("purpose", "batch")
          BLOB("file", "{\"url\":\"" CHAT "\",\"body\":{}}") END, 0 },

        /* fields next to it */

        { PART("seed", "1") PART("purpose", "batch") PART("temperature", "3")
          BLOB("file", IN) PART("top_p", "2") PART("x", "") END,
          PART("purpose", "batch") PART("temperature", "1")
          BLOB("file", OUT) PART("top_p", "1") PART("x", "") END, 0 },
        { BLOB("file", LATE) PART("temperature", "3")
          PART("purpose", "batch") PART("seed", "1") END,
          BLOB("file", LATER) PART("temperature", "1")
          PART("purpose", "batch") END, 1 },
        { PART("purpose", "batch") BLOB("file", OUT)
          PART("expires_after[anchor]", "created_at")
          PART("expires_after[seconds]", "3600") END,
          PART("purpose", "batch") BLOB("file", OUT)
          PART("expires_after[anchor]", "created_at")
          PART("expires_after[seconds]", "3600") END, 0 },

        /* files for another purpose pass, with any content */

        { PART("purpose", "assistants") BLOB("file", IN "\xff\r\r{\n") END,
          PART("purpose", "assistants") BLOB("file", IN "\xff\r\r{\n") END,
          0 },
        { BLOB("file", "no JSON") PART("purpose", "fine-tune") END,
          BLOB("file", "no JSON") PART("purpose", "fine-tune") END, 0 },
        { BLOB("file", LATE) PART("purpose", "vision") END,
          BLOB("file", LATE) PART("purpose", "vision") END, 0 },
        { PART("purpose", "user_data") BLOB("file", "") END,
          PART("purpose", "user_data") BLOB("file", "") END, 0 },
        { PART("seed", "1") PART("purpose", "evals") BLOB("file", IN) END,
          PART("purpose", "evals") BLOB("file", IN) END, 0 }
    };

    use(f, "\"parameters\":{\"temperature\":{\"max\":1},"
           "\"top_p\":{\"max\":1},"
           "\"seed\":{\"remove\":true}}",
        ",\"models\":[{\"match\":[\"~.\"],\"parameters\":{}}]");

    for (i = 0; i < test_nelts(forms); i++) {
        sent_is(f, FILES, forms[i].body, forms[i].sent);

        assert_int_equal(f->again, forms[i].again);
    }
}


static void
test_files_refused(void **state)
{
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char      *body;
        llmp_refusal_e   code;
        const char      *message;
    } forms[] = {
        { PART("purpose", "batch") END, LLMP_REFUSE_PARAMETER_REQUIRED,
          "file is required" },
        { PART("purpose", "vision") END, LLMP_REFUSE_PARAMETER_REQUIRED,
          "file is required" },
        { BLOB("file", IN) END, LLMP_REFUSE_PARAMETER_REQUIRED,
          "purpose is required" },
        { PART("x", "") BLOB("file", "no JSON") END,
          LLMP_REFUSE_PARAMETER_REQUIRED, "purpose is required" },
        { PART("purpose", "batch") PART("file", IN) END,
          LLMP_REFUSE_INVALID_TYPE, "file must be a file" },

        { PART("purpose", "") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { PART("purpose", "Batch") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { PART("purpose", "batch\r\n") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { PART("purpose", "batch ") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { BLOB("file", IN) PART("purpose", "batch_output") END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { PART("purpose", "visio") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { PART("purpose", "true") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },
        { PART("purpose", "1234567") BLOB("file", IN) END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "purpose is unknown, and its file may contain requests" },

        { PART("purpose", "vision") BLOB("file", IN)
          PART("purpose", "batch") END, LLMP_REFUSE_DUPLICATE_MEMBER,
          "fields 1 and 3 have the same name" },
        { PART("Purpose", "vision") PART("purpose", "batch") BLOB("file", IN)
          END, LLMP_REFUSE_AMBIGUOUS_MEMBER,
          "the name of field 1 may be read as purpose" },
        { PART("purpose[]", "batch") BLOB("file", IN) END,
          LLMP_REFUSE_AMBIGUOUS_MEMBER,
          "the name of field 1 may be read as purpose" },
        { BLOB("purpose", "batch") BLOB("file", IN) END,
          LLMP_REFUSE_INVALID_TYPE, "no field except file may be a file" },
        { PART("purpose", "batch") BLOB("file", IN) BLOB("file[]", IN) END,
          LLMP_REFUSE_INVALID_TYPE, "no field except file may be a file" },
        { PART("purpose", "batch") BLOB("file", IN) BLOB("file", IN) END,
          LLMP_REFUSE_DUPLICATE_MEMBER, "fields 2 and 3 have the same name" },

        /* the file: at once, or when its purpose is known */

        { PART("purpose", "batch") BLOB("file", IN "x\n" IN) END,
          LLMP_REFUSE_INVALID_JSON,
          "line 2: invalid JSON at byte 0: the body must be an object" },
        { BLOB("file", IN "x\n" IN) PART("purpose", "batch") END,
          LLMP_REFUSE_INVALID_JSON,
          "line 2: invalid JSON at byte 0: the body must be an object" },
        { BLOB("file", "") PART("purpose", "batch") END,
          LLMP_REFUSE_INVALID_FORM, "the file has no request" },
        { BLOB("file", IN LINE(CHAT, "{\"stop\":\"b\",\"n\":2}"))
          PART("purpose", "batch") END, LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "line 2: n 2 is above the maximum 1 for tier \"t\"" },
        { BLOB("file", LATE LINE("/v1/responses", "{\"n\":2}"))
          PART("purpose", "batch") END, LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "line 2: n 2 is above the maximum 1 for tier \"t\"" },

        /* a field next to it */

        { PART("purpose", "batch") BLOB("file", IN) PART("n", "2") END,
          LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "n 2 is above the maximum 1 for tier \"t\"" },

        /* the form is invalid after the file */

        { PART("purpose", "batch") BLOB("file", IN), LLMP_REFUSE_INVALID_FORM,
          "invalid form at byte 226: the body ends within the form" }
    };

    use(f, "\"parameters\":{\"temperature\":{\"max\":1},"
           "\"n\":{\"max\":1,\"on_violation\":\"reject\"}}", "");

    for (i = 0; i < test_nelts(forms); i++) {
        refused(f, FILES, forms[i].body, forms[i].code, forms[i].message);
    }
}


static void
test_files_log(void **state)
{
    llmp_str_t        line;
    fixture_t        *f = *state;
    llmp_decision_t  *d;

    use(f, "\"parameters\":{\"temperature\":{\"max\":1},"
           "\"n\":{\"max\":1,\"on_violation\":\"reject\"}}", "");

    d = &f->body.decision;

    sent_is(f, FILES,
            PART("temperature", "1.5") BLOB("file",
            LINE(CHAT, "{\"model\":\"m\",\"temperature\":1.25}")
            LINE(CHAT, "{\"model\":\"n\",\"temperature\":1.75}"))
            PART("purpose", "batch") END,
            PART("temperature", "1") BLOB("file",
            LINE(CHAT, "{\"model\":\"m\",\"temperature\":1}")
            LINE(CHAT, "{\"model\":\"n\",\"temperature\":1}"))
            PART("purpose", "batch") END);

    assert_str_is(d->model, "m");
    assert_str_is(llmp_decision_param(d, LLMP_TEMPERATURE)->requested, "1.25");
    assert_str_is(llmp_decision_param(d, LLMP_TEMPERATURE)->effective, "1");
    line = llmp_decision_changes_line(d, &f->p.arena.pool);
    assert_str_is(line, "temperature=1.25->1 (max), "
                        "temperature=1.75->1 (max), temperature=1.5->1 (max)");

    /* refused at its first line: the values that it requested */

    refused(f, FILES,
            PART("purpose", "batch") BLOB("file",
            LINE(CHAT, "{\"model\":\"m\",\"temperature\":1.25,\"n\":2}")) END,
            LLMP_REFUSE_VALUE_NOT_ALLOWED,
            "line 1: n 2 is above the maximum 1 for tier \"t\"");

    assert_str_is(d->model, "m");
    assert_str_is(llmp_decision_param(d, LLMP_TEMPERATURE)->requested, "1.25");
    assert_int_equal(llmp_decision_param(d, LLMP_TEMPERATURE)->effective.len,
                     0);

    /* refused at another line: no change takes effect */

    refused(f, FILES,
            PART("purpose", "batch") BLOB("file",
            LINE(CHAT, "{\"model\":\"m\",\"temperature\":1.25}")
            LINE(CHAT, "{\"model\":\"m\",\"n\":2}")) END,
            LLMP_REFUSE_VALUE_NOT_ALLOWED,
            "line 2: n 2 is above the maximum 1 for tier \"t\"");

    assert_str_is(llmp_decision_param(d, LLMP_TEMPERATURE)->requested, "1.25");
    assert_int_equal(llmp_decision_param(d, LLMP_TEMPERATURE)->effective.len,
                     0);
    assert_int_equal(llmp_decision_param(d, LLMP_TEMPERATURE)->action,
                     LLMP_ACTION_NONE);
}


/* pointers to fields, and names as frameworks parse them */

static void
test_form_pointers(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"/granularities\":{\"deny\":true},"
           "\"/metadata/trace\":{\"deny\":true},"
           "\"/user\":{\"allow\":[\"123\"]},"
           "\"/purpose\":{\"allow\":[\"batch\"]}}", "");

    refused(f, AUDIO, PART("granularities", "word") END,
            LLMP_REFUSE_PARAMETER_DENIED,
            "/granularities is not permitted for tier \"t\"");
    refused(f, AUDIO, PART("granularities[]", "word") END,
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "the name of field 1 may be read as granularities");
    refused(f, AUDIO, PART("metadata[trace]", "1") END,
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "the name of field 1 may be read as metadata.trace");
    refused(f, AUDIO, PART("metadata", "{}") END, LLMP_REFUSE_INVALID_TYPE,
            "metadata must be an object, not a string: the policy checks "
            "/metadata/trace inside it");
    sent_is(f, AUDIO, PART("metadata[other]", "1") PART("user", "123") END,
            PART("metadata[other]", "1") PART("user", "123") END);
    refused(f, AUDIO, PART("user", "0123") END, LLMP_REFUSE_VALUE_NOT_ALLOWED,
            "/user \"...\" is not among the values allowed for tier \"t\"");

    refused(f, FILES,
            PART("purpose", "user_data") BLOB("file", "{}") END,
            LLMP_REFUSE_VALUE_NOT_ALLOWED,
            "/purpose \"...\" is not among the values allowed for tier \"t\"");
}


static void
test_files_digest(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"temperature\":{\"max\":1}}", "");

    f->digest = 1;
    sent_is(f, FILES, PART("purpose", "batch") BLOB("file", OUT) END,
            PART("purpose", "batch") BLOB("file", OUT) END);
    sent_is(f, FILES, PART("purpose", "vision") BLOB("file", IN) END,
            PART("purpose", "vision") BLOB("file", IN) END);
    refused(f, FILES, BLOB("file", OUT IN) PART("purpose", "batch") END,
            LLMP_REFUSE_UNDERMINES_POLICY,
            "line 2: the request has a digest or signature of its body, but "
            "the policy would change it: temperature");

    f->digest = 2;
    sent_is(f, FILES, BLOB("file", OUT IN) PART("purpose", "batch") END,
            BLOB("file", OUT OUT) PART("purpose", "batch") END);
}


static void
test_files_of_mistral(void **state)
{
    fixture_t  *f = *state;

    use(f, "\"parameters\":{\"temperature\":{\"max\":1},"
           "\"max_tokens\":{\"max\":9}}", "");

    sent_is(f, "mistral.files",
            BLOB("file", "{\"body\":{\"temperature\":1.2}}\n")
            PART("purpose", "batch") END,
            BLOB("file", "{\"body\":{\"temperature\":1,\"max_tokens\":9}}\n")
            PART("purpose", "batch") END);
    sent_is(f, "mistral.files", BLOB("file", "%PDF") PART("purpose", "ocr")
            END, BLOB("file", "%PDF") PART("purpose", "ocr") END);
    refused(f, "mistral.files", BLOB("file", "") PART("purpose", "vision")
            END, LLMP_REFUSE_VALUE_NOT_ALLOWED,
            "purpose is unknown, and its file may contain requests");
}


/* no failed allocation may forward a body without a decision */

static void
test_no_memory(void **state)
{
    size_t        i, n, failed;
    llmp_int_t    rc;
    llmp_str_t    body;
    llmp_uint_t   again;
    llmp_arena_t  arena;
    fixture_t    *f = *state;

    static const struct {
        const char  *dialect;
        const char  *body;
        size_t       least;    /* minimum number of failures */
    } bodies[] = {
        { "openai.chat", "{\"temperature\":2,\"stop\":\"x\"}", 4 },
        { AUDIO, PART("temperature", "2") PART("model", "m") PART("seed", "1")
          BLOB("file", "x") END, 6 },
        { FILES, PART("temperature", "2") BLOB("file", IN LATE) END, 6 },
        { FILES, PART("temperature", "2") BLOB("file", LATE LATE)
          PART("purpose", "batch") PART("seed", "1") END, 20 }
    };

    use(f, "\"parameters\":{\"temperature\":{\"max\":1},"
           "\"seed\":{\"remove\":true},\"/user\":{\"default\":\"u\"}}", "");

    for (i = 0; i < test_nelts(bodies); i++) {
        body = test_cstr(bodies[i].body);
        failed = 0;

        for (n = 1; ; n++) {
            llmp_arena_init(&arena);
            arena.fail_after = n;

            rc = run(f, &f->body, bodies[i].dialect, &body, body.len, 1,
                     &arena.pool, &again);

            llmp_arena_reset(&arena);

            if (rc == LLMP_OK
                || f->body.decision.refusal.code != LLMP_REFUSE_INTERNAL)
            {
                break;
            }

            assert_int_equal(rc, LLMP_ERROR);
            failed++;
        }

        assert_int_equal(rc == LLMP_OK, i != 2);
        assert_true(failed >= bodies[i].least);
    }
}


static int
setup(void **state)
{
    static fixture_t  f;

    policy_init(&f.p);

    *state = &f;

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_form_edits),
        cmocka_unit_test(test_form_refused),
        cmocka_unit_test(test_form_words),
        cmocka_unit_test(test_guessed_boundary),
        cmocka_unit_test(test_form_models),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_form_log),
        cmocka_unit_test(test_form_digest),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_files_refused),
        cmocka_unit_test(test_files_log),
        cmocka_unit_test(test_form_pointers),
        cmocka_unit_test(test_files_digest),
        cmocka_unit_test(test_files_of_mistral),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("body", tests, setup, policy_teardown);
}
