
/*
 * Copyright (C) llm-policy authors
 *
 * Limits of prompts: bytes, estimated tokens and messages, in each API, in each
 * request of a batch, and while a body passes.
 */


#include <stdio.h>
#include <stdlib.h>

#include "body/llmp_streaming.h"
#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"

#include "decide_run.h"
#include "policy_load.h"


/* bytes of a text, and of an image in Base64 */
#define TEXT   4000
#define IMAGE  8000


typedef struct {
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_body_t      *body;
    llmp_decision_t  *d;
    llmp_request_t    request;
    llmp_caller_t     caller;
    size_t            forwarded;
} run_t;


static void
setup(run_t *run, const char *tier, const char *dialect)
{
    char        text[1024];
    llmp_str_t  name;

    memset(run, 0, sizeof(run_t));
    quote(text, sizeof(text), tier);

    llmp_arena_init(&run->arena);

    run->policy = load_tier(&run->arena, text, "");
    run->caller.tier = run->policy->default_tier;

    llmp_request_init(&run->request);

    name = test_cstr(dialect);
    run->request.dialect = llmp_dialect_find(&name);
    run->request.rates.bytes = LLMP_PROMPT_TOKEN_BYTES;
    run->request.rates.media = LLMP_PROMPT_TOKEN_MEDIA;
    run->request.media_min = llmp_prompt_media_min(&run->request.rates);

    run->body = llmp_body_create(&run->arena.pool);

    assert_non_null(run->body);
    assert_non_null(run->request.dialect);
    assert_int_equal(llmp_body_init(run->body, run->policy, &run->request,
                                    &run->caller, &run->arena.pool, SEED),
                     LLMP_OK);

    run->d = llmp_body_decision(run->body);
}


static void
teardown(run_t *run)
{
    llmp_policy_free(run->policy);
    llmp_arena_reset(&run->arena);
}


/* decides on a body, fed in two pieces; returns the message of a refusal of its
   prompt, or "" */

static const char *
ask(run_t *run, const char *tier, const char *dialect, const char *body)
{
    size_t  half, len;

    setup(run, tier, dialect);

    len = strlen(body);
    half = len / 2;

    (void) llmp_body_feed(run->body, (u_char *) body, half);
    (void) llmp_body_feed(run->body, (u_char *) body + half, len - half);
    (void) llmp_body_decide(run->body);

    if (run->d->refusal.code == LLMP_REFUSE_NONE) {
        return "";
    }

    assert_int_equal(run->d->refusal.code, LLMP_REFUSE_PROMPT);
    assert_int_equal(run->d->edits.nelts, 0);

    return run->d->refusal.message;
}


static void
check(const char *tier, const char *dialect, const char *body,
    const char *expected)
{
    char   text[2048];
    run_t  run;

    quote(text, sizeof(text), body);

    assert_string_equal(ask(&run, tier, dialect, text), expected);
    teardown(&run);
}


#define TWO    "'prompt':{'max_messages':2}"
#define THREE  "the prompt has 3 messages, above the maximum 2 for tier \"t\""


static void
test_messages(void **state)
{
    llmp_uint_t  i;

    static const struct {
        const char  *dialect;
        const char  *body;
        const char  *expected;
    } cases[] = {
        { "openai.chat", "{'messages':[1,{'content':[1,2,3]}]}", "" },
        { "openai.chat", "{'messages':[1,2,{'content':[]}]}", THREE },
        { "openai.chat", "{'messages':{'0':1,'1':2,'2':3}}", THREE },
        { "openai.chat", "{'messages':'abc'}", "" },
        { "openai.chat", "{'messages':null}", "" },
        { "openai.chat", "{'messages':[]}", "" },
        { "openai.chat", "{'a':{'messages':[1,2,3]},'tools':[1,2,3]}", "" },
        { "compatible.chat", "{'messages':[1,2,3]}", THREE },
        { "openai.completions", "{'prompt':['a','b','c']}", "" },
        { "openai.responses", "{'input':[1,2,3]}", THREE },
        { "openai.responses", "{'input':[1,2]}", "" },
        { "openai.responses", "{'input':'a'}", "" },
        { "openai.embeddings", "{'input':['a','b','c']}", "" },
        { "openai.assistants", "{'thread':{'messages':[1,2,3]}}", THREE },
        { "openai.assistants", "{'additional_messages':[1],"
                               "'thread':{'messages':[1,2]}}", THREE },
        { "openai.threads", "{'messages':[1,2,3]}", THREE },
        { "tokenize", "{'messages':[1,2,3]}", THREE },
        { "anthropic.messages", "{'messages':[1,2,3],'max_tokens':1}", THREE },
        { "compatible.messages", "{'messages':[1,2,3]}", THREE },
        { "anthropic.count_tokens", "{'messages':[1,2,3]}", THREE },
        { "anthropic.batches", "{'requests':[{'params':{'messages':[1,2]}},"
                               "{'params':{'messages':[1,2]}}]}", "" },
        { "anthropic.batches", "{'requests':[{'params':{'messages':[1,2]}},"
                               "{'params':{'messages':[1,2,3]}}]}", THREE },
        { "gemini.generate", "{'contents':[1,2,3]}", THREE },
        { "gemini.generate", "{'contents':[1,2]}", "" },
        { "gemini.plain", "{'contents':[1,2,3]}", THREE },
        { "gemini.plain", "{'generateContentRequest':{'contents':[1,2,3]}}",
          THREE },
        { "gemini.batch", "{'batch':{'inputConfig':{'requests':{'requests':["
                          "{'request':{'contents':[1,2,3]}}]}}}}", THREE },
        { "gemini.batch", "{'batch':{'input_config':{'requests':{'requests':["
                          "{'request':{'contents':[1,2,3]}}]}}}}", THREE },
        { "bedrock.converse", "{'messages':[1,2,3]}", THREE },
        { "cohere.chat", "{'messages':[1,2,3]}", THREE },
        { "cohere.chat", "{'chat_history':[1,2,3],'message':'a'}", THREE },
        { "mistral.chat", "{'messages':[1,2,3]}", THREE },
        { "mistral.conversations", "{'inputs':[1,2,3]}", THREE },
        { "mistral.jobs", "{'requests':[{'body':{'messages':[1,2]}},"
                          "{'body':{'messages':[1,2,3]}}]}", THREE },
        { "mistral.jobs", "{'requests':[{'body':{'messages':[1,2]}},"
                          "{'body':{'messages':[1,2]}}]}", "" },
        { "ollama", "{'messages':[1,2,3]}", THREE }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        check(TWO, cases[i].dialect, cases[i].body, cases[i].expected);
    }
}


/* a name that some readers take for that of the messages */

static void
test_spelling(void **state)
{
    run_t        run;
    const char  *body;

    (void) state;

    body = "{\"Messages\":[1,2,3]}";
    setup(&run, TWO, "openai.chat");

    (void) llmp_body_feed(run.body, (u_char *) body, strlen(body));
    (void) llmp_body_decide(run.body);

    assert_int_equal(run.d->refusal.code, LLMP_REFUSE_AMBIGUOUS_MEMBER);

    teardown(&run);
}


static void
test_bytes(void **state)
{
    (void) state;

    check("'prompt':{'max_bytes':20}", "openai.chat", " {'messages':['123']}",
          "the request has 21 bytes, above the maximum 20 for tier \"t\"");
    check("'prompt':{'max_bytes':21}", "openai.chat", " {'messages':['123']}",
          "");

    /* a batch has several prompts */

    check("'prompt':{'max_bytes':23}", "anthropic.batches",
          "{'requests':[{'params':{'messages':['1234567']}},"
          "{'params':{'messages':['1']}}]}",
          "the request has 24 bytes, above the maximum 23 for tier \"t\"");
    check("'prompt':{'max_bytes':24}", "anthropic.batches",
          "{'requests':[{'params':{'messages':['1234567']}},"
          "{'params':{'messages':['1234567']}}]}", "");
    check("'prompt':{'max_bytes':23}", "mistral.jobs",
          "{'requests':[{'body':{'messages':['1']}},"
          "{'body':{'messages':['1234567']}}]}",
          "the request has 24 bytes, above the maximum 23 for tier \"t\"");
}


/* sets body to a request with a text of len bytes, and an image */

static void
write_chat(char *body, size_t len, llmp_uint_t image)
{
    char  *p;

    p = body + sprintf(body, "{\"messages\":[{\"content\":[{\"text\":\"");

    memset(p, '!', len);
    p += len;

    p += sprintf(p, "\"}");

    if (image) {
        p += sprintf(p, ",{\"image_url\":{\"url\":\"data:image/png;base64,");

        memset(p, 'A', IMAGE);
        p += IMAGE;

        p += sprintf(p, "\"}}");
    }

    (void) sprintf(p, "]}]}");
}


static void
test_tokens(void **state)
{
    char   body[TEXT + IMAGE + 256], expected[256], tier[128];
    run_t  run;

    (void) state;

    write_chat(body, TEXT, 0);

    (void) snprintf(expected, sizeof(expected), "the prompt has %zu tokens, "
                    "as estimated, above the maximum 1000 for tier \"t\"",
                    (strlen(body) + 3) / 4);

    assert_string_equal(ask(&run, "'prompt':{'max_tokens':1000}",
                            "openai.chat", body), expected);
    teardown(&run);

    assert_string_equal(ask(&run, "'prompt':{'max_tokens':1020}",
                            "openai.chat", body), "");
    teardown(&run);

    /* an image counts 1000 tokens, not those of its 8000 bytes */

    write_chat(body, 0, 1);

    assert_string_equal(ask(&run, "'prompt':{'max_tokens':1030}",
                            "openai.chat", body), "");
    teardown(&run);

    (void) snprintf(tier, sizeof(tier), "'prompt':{'max_tokens':%d}", 1010);

    assert_non_null(strstr(ask(&run, tier, "openai.chat", body), " tokens"));
    teardown(&run);
}


/* the image of one request of a batch is not that of the next one */

static void
test_batch_media(void **state)
{
    char    one[TEXT + IMAGE + 256], two[TEXT + IMAGE + 256];
    char   *body;
    run_t   run;

    (void) state;

    write_chat(one, 0, 1);
    write_chat(two, TEXT + 400, 0);

    body = malloc(sizeof(one) + sizeof(two) + 64);
    assert_non_null(body);

    (void) sprintf(body, "{\"requests\":[{\"params\":%s},{\"params\":%s}]}",
                   one, two);

    /* the first one has about 1020 tokens, the second one about 1110 */

    assert_string_equal(ask(&run, "'prompt':{'max_tokens':1150}",
                            "anthropic.batches", body), "");
    teardown(&run);

    assert_non_null(strstr(ask(&run, "'prompt':{'max_tokens':1050}",
                               "anthropic.batches", body),
                           "above the maximum 1050"));
    teardown(&run);

    free(body);
}


static llmp_int_t
count_forwarded(void *data, llmp_streaming_source_e source, const u_char *p,
    size_t len)
{
    run_t  *run = data;

    (void) source;
    (void) p;

    run->forwarded += len;

    return LLMP_OK;
}


/* streams a body byte by byte, up to a refusal; returns the bytes fed */

static size_t
stream(run_t *run, llmp_streaming_t *st, const char *tier, const char *body,
    llmp_uint_t unchanged)
{
    size_t  i, len;

    setup(run, tier, "openai.chat");
    llmp_streaming_init(st, run->body, 1024, count_forwarded, run);

    st->unchanged = unchanged;
    len = strlen(body);

    for (i = 0; i < len; i++) {
        if (llmp_streaming_feed(st, (u_char *) body + i, 1,
                                LLMP_STREAMING_LATER)
            != LLMP_AGAIN)
        {
            return i + 1;
        }
    }

    if (llmp_streaming_decide(st) == LLMP_OK || unchanged) {
        assert_int_equal(llmp_streaming_finish(st), LLMP_OK);
    }

    return len;
}


static void
test_streaming(void **state)
{
    char              body[TEXT + IMAGE + 256];
    run_t             run;
    size_t            n, len;
    llmp_streaming_t  st;

    (void) state;

    write_chat(body, TEXT, 0);
    len = strlen(body);

    /* refused at the first byte beyond, and never complete */

    n = stream(&run, &st, "'prompt':{'max_bytes':1000}", body, 0);

    assert_int_equal(n, 1001);
    assert_int_equal(run.d->refusal.code, LLMP_REFUSE_PROMPT);
    assert_non_null(strstr(run.d->refusal.message, "at least 1001 bytes"));
    assert_in_range(run.forwarded, 0, 1000);
    teardown(&run);

    n = stream(&run, &st, "'prompt':{'max_tokens':500}", body, 0);

    assert_int_equal(n, 2001);
    assert_non_null(strstr(run.d->refusal.message, "at least 501 tokens"));
    teardown(&run);

    n = stream(&run, &st, TWO, "{\"messages\":[1, {\"a\":[2,3,4]},5 ,6]}", 0);

    assert_int_equal(n, strlen("{\"messages\":[1, {\"a\":[2,3,4]},5"));
    assert_non_null(strstr(run.d->refusal.message, "at least 3 messages"));
    teardown(&run);

    /* within limits: more than can be held passes */

    n = stream(&run, &st, "'prompt':{'max_bytes':9000,'max_tokens':2000,"
               "'max_messages':1}", body, 0);

    assert_int_equal(run.d->refusal.code, LLMP_REFUSE_NONE);
    assert_int_equal(run.forwarded, len);
    teardown(&run);

    /* an image is not taken for text while it is read */

    write_chat(body, 0, 1);

    n = stream(&run, &st, "'prompt':{'max_tokens':1030}", body, 0);

    assert_int_equal(n, strlen(body));
    assert_int_equal(run.d->refusal.code, LLMP_REFUSE_NONE);
    teardown(&run);

    /* a dry run forwards all, and knows the number */

    write_chat(body, TEXT, 0);

    n = stream(&run, &st, "'prompt':{'max_bytes':1000}", body, 1);

    assert_int_equal(n, len);
    assert_int_equal(run.forwarded, len);
    assert_int_equal(run.d->refusal.code, LLMP_REFUSE_PROMPT);
    assert_null(strstr(run.d->refusal.message, "at least"));
    teardown(&run);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_batch_media),
        cmocka_unit_test(test_streaming)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
