
/*
 * Copyright (C) llm-policy authors
 *
 * Files of requests: the decision on each line, with all splits of the file.
 */


#include <stdio.h>

#include "body/llmp_body_lines.h"
#include "dialect/llmp_dialect.h"

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


/* offset of the file in its body */
#define OFFSET  1000

#define CHAT    "/v1/chat/completions"

#define LINE(url, body)                                                       \
    "{\"custom_id\":\"1\",\"method\":\"POST\",\"url\":\"" url "\",\"body\":"  \
    body "}"
#define ASK(body)  LINE(CHAT, body)


typedef struct {
    policy_fixture_t   p;
    llmp_body_lines_t  lines;
} fixture_t;


static const char  rules[] =
    "{ \"temperature\": { \"default\": 0.7, \"min\": 0.1, \"max\": 1 },"
    "\"max_tokens\": { \"max\": 100 },"
    "\"n\": { \"max\": 2, \"on_violation\": \"reject\" },"
    "\"seed\": { \"remove\": true },"
    "\"/user\": { \"default\": \"gw\" },"
    "\"/metadata/trace\": { \"remove\": true } }";


static void
use_rules(fixture_t *f)
{
    char  tier[1024];

    snprintf(tier, sizeof(tier), "\"parameters\":%s", rules);

    policy_use(&f->p, tier, "");
}


static void
prepare(fixture_t *f, llmp_body_lines_t *lines, const char *dialect,
    llmp_pool_t *pool)
{
    llmp_str_t       name;
    llmp_decision_t  decision;

    llmp_decision_init(&decision);

    name = test_cstr(dialect);

    decision.policy = f->p.policy;
    decision.tier = f->p.policy->default_tier;
    decision.dialect = llmp_dialect_find(&name);

    assert_non_null(decision.dialect);
    assert_non_null(decision.dialect->batch);

    llmp_body_lines_init(lines, &decision, pool, SEED);
}


static void
feed(llmp_body_lines_t *lines, const llmp_str_t *file, size_t first,
    size_t size)
{
    llmp_int_t     rc;
    test_pieces_t  p;

    test_pieces_start(&p, file->data, file->len, first, size);

    while (test_pieces_next(&p)) {
        rc = llmp_body_lines_feed(lines, OFFSET + p.pos, p.piece, p.len);

        assert_int_equal(rc, lines->refusal.code == LLMP_REFUSE_NONE
                             ? LLMP_OK : LLMP_ERROR);
    }
}


/* Decides on a file; *again is set if the file was read twice. */

static llmp_int_t
run(fixture_t *f, llmp_body_lines_t *lines, const char *dialect,
    const llmp_str_t *file, size_t first, size_t size, llmp_pool_t *pool,
    llmp_uint_t *again)
{
    llmp_int_t  rc;

    prepare(f, lines, dialect, pool);

    feed(lines, file, first, size);
    rc = llmp_body_lines_finish(lines);

    *again = (rc == LLMP_DECLINED);

    if (rc == LLMP_DECLINED) {
        llmp_body_lines_restart(lines);

        feed(lines, file, first, size);
        rc = llmp_body_lines_finish(lines);
    }

    assert_int_equal(rc, lines->refusal.code == LLMP_REFUSE_NONE
                         ? LLMP_OK : LLMP_ERROR);

    if (rc == LLMP_ERROR) {
        assert_int_equal(llmp_body_lines_feed(lines, OFFSET, (u_char *) "x", 1),
                         LLMP_ERROR);
        assert_int_equal(llmp_body_lines_finish(lines), LLMP_ERROR);
    }

    return rc;
}


static void
check_pieces(fixture_t *f, const char *dialect, const llmp_str_t *file,
    size_t first, size_t size, llmp_uint_t again)
{
    llmp_uint_t         more;
    llmp_arena_t        arena;
    llmp_body_lines_t  *lines;

    llmp_arena_init(&arena);

    lines = llmp_palloc(&arena.pool, sizeof(llmp_body_lines_t));
    assert_non_null(lines);

    run(f, lines, dialect, file, first, size, &arena.pool, &more);

    same_refusal(&lines->refusal, &f->lines.refusal);
    assert_int_equal(more, again);

    if (lines->refusal.code == LLMP_REFUSE_NONE) {
        same_edits(&lines->batch.all.edits,
                   &f->lines.batch.all.edits);
    }

    llmp_arena_reset(&arena);
}


/* Decides on a file at once, into f->lines, then with all splits. */

static llmp_int_t
decide_lines(fixture_t *f, const char *dialect, const llmp_str_t *file)
{
    size_t       i;
    llmp_int_t   rc;
    llmp_uint_t  again;

    llmp_arena_reset(&f->p.arena);

    rc = run(f, &f->lines, dialect, file, file->len, 1, &f->p.arena.pool,
             &again);

    check_pieces(f, dialect, file, 1, 1, again);
    check_pieces(f, dialect, file, 5, 7, again);

    for (i = 1; i < file->len; i++) {
        check_pieces(f, dialect, file, i, file->len, again);
    }

    return rc;
}


static void
sent_is(fixture_t *f, const char *dialect, const char *text,
    const char *expected)
{
    size_t        i;
    llmp_str_t    file, sent;
    llmp_edits_t  edits;

    file = test_cstr(text);

    if (decide_lines(f, dialect, &file) != LLMP_OK) {
        fail_msg("%s: %s", text, f->lines.refusal.message);
    }

    edits = f->lines.batch.all.edits;

    for (i = 0; i < edits.nelts; i++) {
        edits.elts[i].offset -= OFFSET;
    }

    sent = llmp_edit_apply(&edits, &f->p.arena.pool, &file);
    assert_non_null(sent.data);

    text_is(&sent, expected, text);
}


static void
refused(fixture_t *f, const char *dialect, const char *text,
    llmp_refusal_e code, const char *message)
{
    llmp_str_t  file;

    file = test_cstr(text);

    if (decide_lines(f, dialect, &file) != LLMP_ERROR) {
        fail_msg("%s: accepted", text);
    }

    if (strcmp(f->lines.refusal.message, message) != 0) {
        fail_msg("%s: %s", text, f->lines.refusal.message);
    }

    assert_int_equal(f->lines.refusal.code, code);
}


/* ---- lines and their separators ---- */

#define IN   ASK("{\"model\":\"m\",\"temperature\":2}")
#define OUT  ASK("{\"model\":\"m\",\"temperature\":1,\"user\":\"gw\","        \
                 "\"max_tokens\":100}")


static void
test_lines(void **state)
{
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char  *file;
        const char  *sent;
    } files[] = {
        { IN "\n", OUT "\n" },
        { IN, OUT },
        { IN "\r\n", OUT "\r\n" },
        { IN "\r", OUT "\r" },
        { IN "\n" IN "\n", OUT "\n" OUT "\n" },
        { IN "\r\n" IN "\r\n", OUT "\r\n" OUT "\r\n" },
        { IN "\n" IN, OUT "\n" OUT },
        { IN "\n\r\n\n \t\r\n" IN "\n\n", OUT "\n\r\n\n \t\r\n" OUT "\n\n" },
        { " \t" IN " \t\n", " \t" OUT " \t\n" },
        { "\n\n" IN, "\n\n" OUT },
        { IN " \r\n" IN, OUT " \r\n" OUT },
        { IN "\n" IN "\n" IN "\n" IN "\n", OUT "\n" OUT "\n" OUT "\n" OUT
          "\n" },

        /* permitted lines are unchanged, to the byte */

        { ASK("{ \"user\" : null, \"temperature\":0.50,\"max_tokens\": 1e2}")
          "\n",
          ASK("{ \"user\" : \"gw\", \"temperature\":0.50,\"max_tokens\": 1e2}")
          "\n" },
        { ASK("{\"user\":\"\xe2\x80\xa8\xc2\x85\xe2\x80\xa9\",\"temperature\""
              ":1,\"max_tokens\":1}"),
          ASK("{\"user\":\"\xe2\x80\xa8\xc2\x85\xe2\x80\xa9\",\"temperature\""
              ":1,\"max_tokens\":1}") },

        /* each kind of change, with the model and other members in any order */

        { ASK("{}"), ASK("{\"user\":\"gw\",\"temperature\":0.7,"
                         "\"max_tokens\":100}") },
        { ASK("{\"seed\":1,\"temperature\":null,\"max_tokens\":101,"
              "\"user\":\"u\"}"),
          ASK("{\"temperature\":0.7,\"max_tokens\":100,\"user\":\"u\"}") },
        { ASK("{\"user\":\"u\",\"metadata\":{\"trace\":[1],\"a\":2},"
              "\"temperature\":0.01,\"max_tokens\":1,\"seed\":1}"),
          ASK("{\"user\":\"u\",\"metadata\":{\"a\":2},"
              "\"temperature\":0.1,\"max_tokens\":1}") },

        /*
         * members next to the request are policed, too, but nothing is added
         * there
         */

        { "{\"temperature\":2,\"seed\":3,\"url\":\"" CHAT "\",\"body\":"
          "{\"temperature\":1,\"max_tokens\":1,\"user\":\"u\"}}",
          "{\"temperature\":1,\"url\":\"" CHAT "\",\"body\":"
          "{\"temperature\":1,\"max_tokens\":1,\"user\":\"u\"}}" },

        /* the method may be absent; names may be anywhere else */

        { "{\"body\":{\"temperature\":1,\"max_tokens\":1,\"user\":\"u\","
          "\"messages\":[{\"body\":{},\"url\":1,\"temperature\":9}]},"
          "\"url\":\"" CHAT "\"}",
          "{\"body\":{\"temperature\":1,\"max_tokens\":1,\"user\":\"u\","
          "\"messages\":[{\"body\":{},\"url\":1,\"temperature\":9}]},"
          "\"url\":\"" CHAT "\"}" }
    };

    use_rules(f);

    for (i = 0; i < test_nelts(files); i++) {
        sent_is(f, "openai.files", files[i].file, files[i].sent);
    }
}


/* ---- refused ---- */

#define JSON  LLMP_REFUSE_INVALID_JSON
#define AT    "line 1: invalid JSON at byte "


static void
test_refused(void **state)
{
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char      *file;
        llmp_refusal_e   code;
        const char      *message;
    } files[] = {

        { "", LLMP_REFUSE_INVALID_FORM, "the file has no request" },
        { "\r\n \n\t", LLMP_REFUSE_INVALID_FORM, "the file has no request" },

        /* lines */

        { "{", JSON, AT "1: the body ends within the object" },
        { IN IN, JSON, AT "99: only white space may follow the object" },
        { IN " " IN, JSON, AT "100: only white space may follow the object" },
        { IN "," IN, JSON, AT "99: only white space may follow the object" },
        { "[" IN "]", JSON, AT "0: the body must be an object" },
        { "1\n" IN, JSON, AT "0: the body must be an object" },
        { "null", JSON, AT "0: the body must be an object" },
        { "//\n" IN, JSON, AT "0: the body must be an object" },
        { "{\"url\":\"" CHAT "\",\n\"body\":{}}", JSON,
          AT "30: the body ends within the object" },
        { "\xef\xbb\xbf" IN, JSON,
          AT "0: the body must be an object, without a byte order mark" },
        { IN "\n\xef\xbb\xbf" IN, JSON,
          "line 2: invalid JSON at byte 0: the body must be an object, "
          "without a byte order mark" },
        { IN "\xe2\x80\xa8" IN, JSON,
          AT "99: only white space may follow the object" },
        { IN "\x1e" IN, JSON,
          AT "99: only white space may follow the object" },
        { IN "\x0b" IN, JSON,
          AT "99: only white space may follow the object" },
        { "\x0c" IN, JSON, AT "0: the body must be an object" },
        { IN "\n" IN "\n" "{\"a\":01}", JSON,
          "line 3: invalid JSON at byte 6: a number with a leading zero" },

        { IN "\r" IN, JSON,
          "line 1: a carriage return must be before a line feed" },
        { IN "\r\r\n" IN, JSON,
          "line 1: a carriage return must be before a line feed" },
        { IN "\r \n", JSON,
          "line 1: a carriage return must be before a line feed" },
        { "{\r\"a\":1}", JSON,
          "line 1: a carriage return must be before a line feed" },
        { IN "\n" IN "\r" IN, JSON,
          "line 2: a carriage return must be before a line feed" },

        /* the first of two errors, with all splits of the file */

        { "{\"a\":01,\"b\":\r1}\n", JSON,
          AT "6: a number with a leading zero" },
        { "{\"url\":1,\"url\":2,\"b\":\r1}\n", LLMP_REFUSE_DUPLICATE_MEMBER,
          "line 1: \"url\" appears twice in the request" },

        /* names */

        { "{\"url\":\"" CHAT "\",\"body\":{},\"body\":{}}",
          LLMP_REFUSE_DUPLICATE_MEMBER,
          "line 1: \"body\" appears twice in the request" },
        { "{\"url\":\"" CHAT "\",\"url\":\"/x\",\"body\":{}}",
          LLMP_REFUSE_DUPLICATE_MEMBER,
          "line 1: \"url\" appears twice in the request" },
        { "{\"url\":\"" CHAT "\",\"body\":{},\"Body\":{}}",
          LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL },
        { "{\"url\":\"" CHAT "\",\"bo\\u0064y\":{}}",
          LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL },
        { "{\"URL\":\"" CHAT "\",\"body\":{}}",
          LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL },
        { ASK("{\"Temperature\":1}"), LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL },
        { ASK("{\"temper\\u0061ture\":1}"), LLMP_REFUSE_AMBIGUOUS_MEMBER,
          NULL },

        /* requests in a line */

        { "{}", LLMP_REFUSE_PARAMETER_REQUIRED, "line 1: body is required" },
        { "{\"url\":\"" CHAT "\"}", LLMP_REFUSE_PARAMETER_REQUIRED,
          "line 1: body is required" },
        { "{\"body\":{}}", LLMP_REFUSE_PARAMETER_REQUIRED,
          "line 1: url is required" },
        { ASK("null"), LLMP_REFUSE_INVALID_TYPE,
          "line 1: a request must be an object" },
        { ASK("[]"), LLMP_REFUSE_INVALID_TYPE,
          "line 1: a request must be an object" },
        { ASK("[{}]"), LLMP_REFUSE_INVALID_TYPE,
          "line 1: a request must be an object" },
        { ASK("\"{}\""), LLMP_REFUSE_INVALID_TYPE,
          "line 1: a request must be an object" },

        { "{\"method\":\"GET\",\"url\":\"" CHAT "\",\"body\":{}}",
          LLMP_REFUSE_VALUE_NOT_ALLOWED, "line 1: method must be \"POST\"" },
        { "{\"method\":\"post\",\"url\":\"" CHAT "\",\"body\":{}}",
          LLMP_REFUSE_VALUE_NOT_ALLOWED, "line 1: method must be \"POST\"" },
        { "{\"method\":\"P\\u004fST\",\"url\":\"" CHAT "\",\"body\":{}}",
          LLMP_REFUSE_VALUE_NOT_ALLOWED, "line 1: method must be \"POST\"" },
        { "{\"method\":null,\"url\":\"" CHAT "\",\"body\":{}}",
          LLMP_REFUSE_VALUE_NOT_ALLOWED, "line 1: method must be \"POST\"" },
        { "{\"method\":[\"POST\"],\"url\":\"" CHAT "\",\"body\":{}}",
          LLMP_REFUSE_VALUE_NOT_ALLOWED, "line 1: method must be \"POST\"" },

        { "{\"url\":null,\"body\":{}}", LLMP_REFUSE_INVALID_TYPE,
          "line 1: url must be a string of at most 256 bytes" },
        { "{\"url\":[\"" CHAT "\"],\"body\":{}}", LLMP_REFUSE_INVALID_TYPE,
          "line 1: url must be a string of at most 256 bytes" },

        { LINE("/v1/unknown", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: no route is known for this path, and the request has a "
          "body" },
        { LINE("", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: no route is known for this path, and the request has a "
          "body" },
        { LINE("v1/chat/completions", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: no route is known for this path, and the request has a "
          "body" },
        { LINE("/V1/chat/completions", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: no route is known for this path, and the request has a "
          "body" },
        { LINE(CHAT "/", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: no route is known for this path, and the request has a "
          "body" },
        { LINE(CHAT "?temperature=2", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: no route is known for this path, and the request has a "
          "body" },
        { LINE("/v1/../v1/chat/completions", "{}"), LLMP_REFUSE_AMBIGUOUS_PATH,
          "line 1: the path must be written without escapes, \";\", \"\\\", "
          "\"//\" and dot segments" },
        { LINE("https://host/v1/chat/completions", "{}"),
          LLMP_REFUSE_AMBIGUOUS_PATH,
          "line 1: the path must be written without escapes, \";\", \"\\\", "
          "\"//\" and dot segments" },
        { LINE("/v1/chat%2fcompletions", "{}"), LLMP_REFUSE_AMBIGUOUS_PATH,
          "line 1: the path must be written without escapes, \";\", \"\\\", "
          "\"//\" and dot segments" },
        { LINE("\\u0000/v1/chat/completions", "{}"),
          LLMP_REFUSE_AMBIGUOUS_PATH,
          "line 1: the path must be written without escapes, \";\", \"\\\", "
          "\"//\" and dot segments" },

        /* a dialect that lines may not use */

        { LINE("/v1/files", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: a file must not have requests to this url" },
        { LINE("/v1/batches", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: a file must not have requests to this url" },
        { LINE("/v1/audio/speech", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: a file must not have requests to this url" },
        { LINE("/v1/audio/transcriptions", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: a file must not have requests to this url" },
        { LINE("/v1/messages", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: a file must not have requests to this url" },
        { LINE("/v1/assistants", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 1: a file must not have requests to this url" },

        /* all lines are for one API */

        { IN "\n" LINE("/v1/responses", "{}"), LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "line 2: url is not that of the lines before" },
        { LINE("/v1/embeddings", "{}") "\n" LINE("/v1/embeddings", "{}") "\n"
          IN, LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "line 3: url is not that of the lines before" },
        { IN "\n{\"url\":\"/v1/unknown\",\"body\":{}}",
          LLMP_REFUSE_UNKNOWN_ROUTE,
          "line 2: no route is known for this path, and the request has a "
          "body" },
        { IN "\n{\"body\":{}}", LLMP_REFUSE_PARAMETER_REQUIRED,
          "line 2: url is required" },

        /* requests that the policy does not permit */

        { ASK("{\"temperature\":\"1\"}"), LLMP_REFUSE_INVALID_TYPE,
          "line 1: temperature must be a number, not a string" },
        { IN "\n\n" ASK("{\"n\":3}"), LLMP_REFUSE_VALUE_NOT_ALLOWED,
          "line 2: n 3 is above the maximum 2 for tier \"t\"" },
        { ASK("{\"mirostat\":1}"), LLMP_REFUSE_UNDERMINES_POLICY,
          "line 1: mirostat can undo the bound on temperature for tier "
          "\"t\"" },
        { "{\"url\":\"" CHAT "\",\"fallbacks\":[1],\"body\":{}}",
          LLMP_REFUSE_UNDERMINES_POLICY,
          "line 1: fallbacks can undo the bound on temperature for tier "
          "\"t\"" }
    };

    use_rules(f);

    for (i = 0; i < test_nelts(files); i++) {

        if (files[i].message != NULL) {
            refused(f, "openai.files", files[i].file, files[i].code,
                    files[i].message);
            continue;
        }

        assert_int_equal(decide_lines(f, "openai.files",
                                      &test_cstr(files[i].file)),
                         LLMP_ERROR);
        assert_int_equal(f->lines.refusal.code, files[i].code);
    }
}


/* the longest permitted url, and a longer one */

static void
test_long_url(void **state)
{
    char        url[LLMP_MEMBER_TEXT_MAX + 2], file[512];
    size_t      i;
    fixture_t  *f = *state;

    policy_use(&f->p, "", ",\"routes\":[{\"path\":\"~^/a+$\","
                          "\"dialect\":\"openai.chat\"}]");

    memset(url, 'a', sizeof(url));
    url[0] = '/';

    /* with its quotes */

    for (i = 0; i < 2; i++) {
        snprintf(file, sizeof(file), "{\"url\":\"%.*s\",\"body\":{}}",
                 (int) (LLMP_MEMBER_TEXT_MAX - 2 + i), url);

        if (i == 0) {
            sent_is(f, "openai.files", file, file);
            continue;
        }

        refused(f, "openai.files", file, LLMP_REFUSE_INVALID_TYPE,
                "line 1: url must be a string of at most 256 bytes");
    }
}


/* ---- the API of a file ---- */

static void
test_dialects(void **state)
{
    char        tier[1024];
    size_t      i;
    fixture_t  *f = *state;

    static const struct {
        const char  *file;
        const char  *sent;
    } files[] = {

        /* before the request, or after it */

        { LINE("/v1/responses", "{\"max_output_tokens\":999}"),
          LINE("/v1/responses", "{\"max_output_tokens\":100,"
                                "\"user\":\"gw\",\"temperature\":0.7}") },
        { "{\"body\":{\"max_output_tokens\":999},"
          "\"url\":\"/v1/responses\"}\n"
          "{\"body\":{\"seed\":1,\"temperature\":1.5},"
          "\"url\":\"/v1/responses\"}\n",
          "{\"body\":{\"max_output_tokens\":100,\"user\":\"gw\","
          "\"temperature\":0.7},\"url\":\"/v1/responses\"}\n"
          "{\"body\":{\"temperature\":1,\"user\":\"gw\","
          "\"max_output_tokens\":100},\"url\":\"/v1/responses\"}\n" },
        { "{\"body\":{\"temperature\":2},\"url\":\"" CHAT "\"}",
          "{\"body\":{\"temperature\":1,\"user\":\"gw\",\"max_tokens\":100},"
          "\"url\":\"" CHAT "\"}" },

        /* prefixes belong to the same API */

        { ASK("{\"temperature\":2}") "\n"
          LINE("/chat/completions", "{\"temperature\":2}"),
          ASK("{\"temperature\":1,\"user\":\"gw\",\"max_tokens\":100}") "\n"
          LINE("/chat/completions", "{\"temperature\":1,\"user\":\"gw\","
                                    "\"max_tokens\":100}") },

        /* nothing is added if the API generates nothing */

        { LINE("/v1/embeddings", "{\"model\":\"m\",\"temperature\":2}"),
          LINE("/v1/embeddings", "{\"model\":\"m\",\"temperature\":1}") },

        { LINE("/v1/completions", "{}"),
          LINE("/v1/completions", "{\"user\":\"gw\",\"temperature\":0.7,"
                                  "\"max_tokens\":100}") },

        /* the operator's own routes are used, too */

        { LINE("/own", "{\"temperature\":2}"),
          LINE("/own", "{\"temperature\":1,\"user\":\"gw\","
                       "\"max_tokens\":100}") }
    };

    static const char  routes[] =
        ",\"routes\":[{\"path\":\"/own\",\"dialect\":\"openai.chat\"},"
        "{\"path\":\"/pass\",\"action\":\"pass\"},"
        "{\"path\":\"/reject\",\"action\":\"reject\"}]";

    snprintf(tier, sizeof(tier), "\"parameters\":%s", rules);
    policy_use(&f->p, tier, routes);

    for (i = 0; i < test_nelts(files); i++) {
        sent_is(f, "openai.files", files[i].file, files[i].sent);
    }

    refused(f, "openai.files", LINE("/pass", "{}"), LLMP_REFUSE_UNKNOWN_ROUTE,
            "line 1: a file must not have requests to this url");
    refused(f, "openai.files", LINE("/reject", "{}"),
            LLMP_REFUSE_UNKNOWN_ROUTE,
            "line 1: requests to this path are not permitted");

    /* a pattern without an end does not permit a query */

    policy_use(&f->p, tier, ",\"routes\":[{\"path\":\"~^/own/\","
                            "\"dialect\":\"openai.chat\"}]");

    assert_int_equal(decide_lines(f, "openai.files",
                                  &test_str(LINE("/own/a?temperature=2",
                                                 "{}"))),
                     LLMP_ERROR);

    policy_use(&f->p, tier, routes);

    /* Mistral's files have no url; a member of that name is ignored */

    sent_is(f, "mistral.files",
            "{\"custom_id\":\"0\",\"body\":{\"max_tokens\":200}}\n"
            "{\"body\":{\"random_seed\":1},\"url\":\"/v1/responses\"}\n",
            "{\"custom_id\":\"0\",\"body\":{\"max_tokens\":100,"
            "\"user\":\"gw\",\"temperature\":0.7}}\n"
            "{\"body\":{\"user\":\"gw\",\"temperature\":0.7,"
            "\"max_tokens\":100},\"url\":\"/v1/responses\"}\n");

    refused(f, "mistral.files", "{\"custom_id\":\"0\"}",
            LLMP_REFUSE_PARAMETER_REQUIRED, "line 1: body is required");
}


/*
 * the file is read twice if its first line is for another API than most files
 */

static void
test_again(void **state)
{
    size_t             i;
    llmp_str_t         file;
    llmp_body_lines_t  lines;
    fixture_t         *f = *state;

    static const struct {
        const char  *file;
        llmp_int_t   rc;
    } files[] = {
        { ASK("{}"), LLMP_OK },
        { "{\"body\":{},\"url\":\"" CHAT "\"}", LLMP_OK },
        { "{\"body\":{},\"url\":\"/v1/responses\"}", LLMP_DECLINED },
        { "{\"body\":{},\"url\":\"/v1/unknown\"}", LLMP_ERROR }
    };

    use_rules(f);

    for (i = 0; i < test_nelts(files); i++) {
        llmp_arena_reset(&f->p.arena);

        file = test_cstr(files[i].file);
        prepare(f, &lines, "openai.files", &f->p.arena.pool);

        feed(&lines, &file, file.len, 1);
        assert_int_equal(llmp_body_lines_finish(&lines), files[i].rc);

        if (files[i].rc != LLMP_DECLINED) {
            continue;
        }

        /* the rest is not checked before the second reading */

        assert_int_equal(llmp_body_lines_feed(&lines, OFFSET + file.len,
                                              (u_char *) "no JSON\n", 8),
                         LLMP_OK);
        assert_int_equal(llmp_body_lines_finish(&lines), LLMP_DECLINED);
        assert_int_equal(lines.batch.all.edits.nelts, 0);

        llmp_body_lines_restart(&lines);

        feed(&lines, &file, file.len, 1);
        assert_int_equal(llmp_body_lines_finish(&lines), LLMP_OK);
        assert_int_equal(lines.batch.all.edits.nelts, 1);
    }
}


/* ---- models ---- */

static void
test_models(void **state)
{
    fixture_t  *f = *state;

    policy_use(&f->p,
               "\"parameters\":{\"temperature\":{\"default\":0.7,\"max\":1}},"
               "\"models\":{\"allow\":[\"~^(o1|gpt-4o)(-mini)?$\"]}",
               ",\"models\":[{\"match\":[\"~^o1\"],\"parameters\":"
               "{\"temperature\":{\"remove\":true}}}]");

    sent_is(f, "openai.files",
            ASK("{\"model\":\"o1\",\"temperature\":2}") "\n"
            ASK("{\"model\":\"gpt-4o\",\"temperature\":2}") "\n"
            ASK("{\"temperature\":1,\"model\":\"o1-mini\"}") "\n"
            ASK("{\"model\":\"gpt-4o-mini\"}"),
            ASK("{\"model\":\"o1\"}") "\n"
            ASK("{\"model\":\"gpt-4o\",\"temperature\":1}") "\n"
            ASK("{\"model\":\"o1-mini\"}") "\n"
            ASK("{\"model\":\"gpt-4o-mini\",\"temperature\":0.7}"));

    refused(f, "openai.files",
            ASK("{\"model\":\"o1\"}") "\n" ASK("{\"model\":\"gpt-5\"}"),
            LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "line 2: model \"gpt-5\" is not permitted for tier \"t\"");
    refused(f, "openai.files", ASK("{}"), LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "line 1: the request must have a model: tier \"t\" permits only "
            "some models");
    refused(f, "openai.files", ASK("{\"model\":\"o1,gpt-5\"}"),
            LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "line 1: model must be one name, not a list");

    /* Azure's model is in the url, and each line has its own */

    sent_is(f, "openai.files",
            LINE("/openai/deployments/o1/chat/completions",
                 "{\"temperature\":2}") "\n"
            LINE("/openai/deployments/gpt-4o/chat/completions",
                 "{\"temperature\":2}") "\n"
            ASK("{\"model\":\"o1\",\"temperature\":2}"),
            LINE("/openai/deployments/o1/chat/completions", "{}") "\n"
            LINE("/openai/deployments/gpt-4o/chat/completions",
                 "{\"temperature\":1}") "\n"
            ASK("{\"model\":\"o1\"}"));

    assert_str_is(f->lines.batch.all.model, "o1");

    refused(f, "openai.files",
            LINE("/openai/deployments/gpt-5/chat/completions", "{}"),
            LLMP_REFUSE_MODEL_NOT_ALLOWED,
            "line 1: model gpt-5 is not permitted for tier \"t\"");
    refused(f, "openai.files",
            LINE("/openai/deployments/o1/chat/completions",
                 "{\"model\":\"gpt-4o\"}"),
            LLMP_REFUSE_AMBIGUOUS_MEMBER,
            "line 1: model \"gpt-4o\" is not the one in the path");
}


/* ---- the log ---- */

static void
test_log(void **state)
{
    size_t            i;
    char              file[8192];
    llmp_str_t        line;
    fixture_t        *f = *state;
    llmp_decision_t  *all;

    use_rules(f);

    all = &f->lines.batch.all;

    sent_is(f, "openai.files",
            ASK("{\"model\":\"first\",\"temperature\":1.9,\"max_tokens\":7}")
            "\n"
            ASK("{\"model\":\"second\",\"temperature\":0,\"seed\":1}"),
            ASK("{\"model\":\"first\",\"temperature\":1,\"max_tokens\":7,"
                "\"user\":\"gw\"}") "\n"
            ASK("{\"model\":\"second\",\"temperature\":0.1,"
                "\"user\":\"gw\",\"max_tokens\":100}"));

    assert_str_is(all->model, "first");
    assert_str_is(llmp_decision_param(all, LLMP_TEMPERATURE)->requested, "1.9");
    assert_str_is(llmp_decision_param(all, LLMP_TEMPERATURE)->effective, "1");
    assert_int_equal(llmp_decision_param(all, LLMP_TEMPERATURE)->action,
                     LLMP_ACTION_MAX);
    assert_str_is(llmp_decision_param(all, LLMP_MAX_TOKENS)->requested, "7");
    assert_str_is(llmp_decision_param(all, LLMP_MAX_TOKENS)->effective, "7");
    assert_int_equal(llmp_decision_param(all, LLMP_SEED)->requested.len, 0);

    line = llmp_decision_changes_line(all, &f->p.arena.pool);
    assert_str_is(line, "temperature=1.9->1 (max), "
                        "/user=->\"gw\" (default), "
                        "temperature=0->0.1 (min), seed=1-> (remove), "
                        "/user=->\"gw\" (default), max_tokens=->100 (max)");

    /* a refused line: the log has its requested values */

    refused(f, "openai.files",
            ASK("{\"model\":\"first\",\"temperature\":1.9,\"n\":3}"),
            LLMP_REFUSE_VALUE_NOT_ALLOWED,
            "line 1: n 3 is above the maximum 2 for tier \"t\"");

    assert_str_is(all->model, "first");
    assert_str_is(llmp_decision_param(all, LLMP_TEMPERATURE)->requested, "1.9");
    assert_int_equal(llmp_decision_param(all, LLMP_TEMPERATURE)->effective.len,
                     0);
    assert_str_is(llmp_decision_param(all, LLMP_N)->requested, "3");
    assert_int_equal(all->nchanges, 0);

    /* each of many changes is counted, but not all are kept */

    file[0] = '\0';

    for (i = 0; i < 40; i++) {
        strcat(file, ASK("{\"user\":\"u\",\"max_tokens\":1,"
                         "\"temperature\":2}") "\n");
    }

    assert_int_equal(decide_lines(f, "openai.files", &test_cstr(file)),
                     LLMP_OK);
    assert_int_equal(all->nchanges, 40);
    assert_int_equal(all->edits.nelts, 40);

    for (i = 0; i < LLMP_CHANGES_MAX; i++) {
        assert_str_is(all->changes[i].requested, "2");
        assert_str_is(all->changes[i].effective, "1");
    }
}


/* ---- a digest of the body ---- */

static void
test_digest(void **state)
{
    llmp_str_t         file;
    llmp_body_lines_t  lines;
    fixture_t         *f = *state;
    llmp_decision_t    decision;

    static const llmp_str_t  dialect = llmp_string("openai.files");

    use_rules(f);
    llmp_arena_reset(&f->p.arena);

    llmp_decision_init(&decision);

    decision.policy = f->p.policy;
    decision.tier = f->p.policy->default_tier;
    decision.dialect = llmp_dialect_find(&dialect);
    decision.digest = 1;

    file = test_str(ASK("{\"user\":\"\",\"max_tokens\":1,\"temperature\":1}")
                    "\n");

    llmp_body_lines_init(&lines, &decision, &f->p.arena.pool, SEED);
    feed(&lines, &file, file.len, 1);
    assert_int_equal(llmp_body_lines_finish(&lines), LLMP_OK);

    file = test_str(ASK("{\"user\":\"\",\"max_tokens\":1,\"temperature\":1}")
                    "\n" ASK("{}"));

    llmp_body_lines_init(&lines, &decision, &f->p.arena.pool, SEED);
    feed(&lines, &file, file.len, 1);
    assert_int_equal(llmp_body_lines_finish(&lines), LLMP_ERROR);
    assert_int_equal(lines.refusal.code, LLMP_REFUSE_UNDERMINES_POLICY);
}


/* Feeds one line repeatedly; the file could end after each. */

static llmp_int_t
repeat(llmp_body_lines_t *lines, const char *line, size_t times)
{
    size_t      i, len;
    llmp_int_t  rc;

    len = strlen(line);
    rc = LLMP_OK;

    for (i = 0; i < times && rc == LLMP_OK; i++) {
        rc = llmp_body_lines_feed(lines, OFFSET + i * len, (u_char *) line,
                                  len);
    }

    assert_int_equal(i, times);

    return llmp_body_lines_finish(lines);
}


static void
test_limits(void **state)
{
    fixture_t         *f = *state;
    llmp_body_lines_t  lines;

    static const char  many[] =
        ASK("{\"seed\":1,\"a\":1,\"temperature\":2,\"b\":1,\"max_tokens\":200,"
            "\"c\":1,\"n_predict\":200}") "\n";

    use_rules(f);

    /* requests, each with a value and an addition of two members */

    llmp_arena_reset(&f->p.arena);
    prepare(f, &lines, "openai.files", &f->p.arena.pool);

    assert_int_equal(repeat(&lines, IN "\n\n", LLMP_BODY_LINES_MAX), LLMP_OK);
    assert_int_equal(lines.batch.all.edits.nelts, 2 * LLMP_BODY_LINES_MAX);

    assert_int_equal(repeat(&lines, IN "\n", 1), LLMP_ERROR);
    assert_int_equal(lines.refusal.code, LLMP_REFUSE_INVALID_FORM);
    assert_string_equal(lines.refusal.message,
                        "more than 50000 requests in a file");

    /* changes, five in each line */

    llmp_arena_reset(&f->p.arena);
    prepare(f, &lines, "openai.files", &f->p.arena.pool);

    assert_int_equal(repeat(&lines, many, LLMP_BODY_BATCH_EDITS_MAX / 5),
                     LLMP_OK);
    assert_int_equal(lines.batch.all.edits.nelts, LLMP_BODY_BATCH_EDITS_MAX);

    assert_int_equal(repeat(&lines, many, 1), LLMP_ERROR);
    assert_int_equal(lines.refusal.code, LLMP_REFUSE_INVALID_JSON);
    assert_string_equal(lines.refusal.message,
                        "line 40001: more than 200000 changes in one body");
}


/* a line reuses the memory of the previous one */

static void
test_memory(void **state)
{
    size_t             first;
    fixture_t         *f = *state;
    llmp_body_lines_t  lines;

    static const char  line[] =
        ASK("{\"user\":\"u\",\"max_tokens\":1,\"temperature\":1}") "\n";

    use_rules(f);

    llmp_arena_reset(&f->p.arena);
    f->p.arena.allocs = 0;

    prepare(f, &lines, "openai.files", &f->p.arena.pool);

    assert_int_equal(repeat(&lines, line, 1), LLMP_OK);

    first = f->p.arena.allocs;

    assert_int_equal(repeat(&lines, line, 3000), LLMP_OK);
    assert_int_equal(f->p.arena.allocs, first);

    /* equal texts are shared, and the list of changes doubles */

    assert_int_equal(repeat(&lines, IN "\n", 3000), LLMP_OK);
    assert_in_range(f->p.arena.allocs, first, first + 60);
    assert_int_equal(lines.batch.all.edits.nelts, 6000);
}


/*
 * each failed allocation refuses the file; it is never sent without a decision
 */

static void
test_no_memory(void **state)
{
    size_t              n, failed;
    llmp_int_t          rc;
    llmp_str_t          file;
    llmp_uint_t         again;
    llmp_arena_t        arena;
    llmp_body_lines_t   lines;
    fixture_t          *f = *state;

    use_rules(f);

    file = test_str("{\"body\":{\"model\":\"m\",\"seed\":1,\"n\":1},"
                    "\"url\":\"/openai/deployments/m/chat/completions\"}\n"
                    "{\"body\":{\"temperature\":3,\"stop\":\"x\"},"
                    "\"url\":\"/openai/deployments/n/chat/completions\"}\n");

    failed = 0;

    for (n = 1; ; n++) {
        llmp_arena_init(&arena);
        arena.fail_after = n;

        rc = run(f, &lines, "openai.files", &file, file.len, 1, &arena.pool,
                 &again);

        if (rc != LLMP_OK) {
            assert_int_equal(lines.refusal.code, LLMP_REFUSE_INTERNAL);
            failed++;
        }

        llmp_arena_reset(&arena);

        if (rc == LLMP_OK) {
            break;
        }
    }

    assert_true(failed > 10);
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
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_url),
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("body_lines", tests, setup,
                                       policy_teardown);
}
