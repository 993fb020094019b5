
/*
 * Copyright (C) llm-policy authors
 */


#include <time.h>

#include "base/llmp_arena.h"
#include "base/llmp_pattern.h"

#include "test.h"


/* a generous bound for a few milliseconds of work, also under valgrind */
#define PATIENCE  2000


static llmp_int_t match(const char *text, const char *subject);
static llmp_int_t match_len(const char *text, const llmp_str_t *subject,
    char *model, size_t size);
static long elapsed(const struct timespec *start);


static void
test_literal(void **state)
{
    (void) state;

    assert_int_equal(match("gpt-4o", "gpt-4o"), LLMP_OK);
    assert_int_equal(match("gpt-4o", "gpt-4o-mini"), LLMP_DECLINED);
    assert_int_equal(match("gpt-4o", "gpt-4"), LLMP_DECLINED);
    assert_int_equal(match("gpt-4o", "GPT-4o"), LLMP_DECLINED);
    assert_int_equal(match("gpt-4o", ""), LLMP_DECLINED);
    assert_int_equal(match("a.c", "abc"), LLMP_DECLINED);
    assert_int_equal(match("*", "*"), LLMP_OK);
    assert_int_equal(match("a~b", "a~b"), LLMP_OK);
}


static void
test_regex(void **state)
{
    (void) state;

    /* the empty expression is found everywhere */

    assert_int_equal(match("~", "a"), LLMP_OK);
    assert_int_equal(match("~", ""), LLMP_OK);

    assert_int_equal(match("~^llama-3", "llama-3.1-8b"), LLMP_OK);
    assert_int_equal(match("~^llama-3", "my-llama-3"), LLMP_DECLINED);
    assert_int_equal(match("~^llama-3", "Llama-3"), LLMP_DECLINED);
    assert_int_equal(match("~*^llama-3", "LLAMA-3"), LLMP_OK);
    assert_int_equal(match("~llama", "my-llama-3"), LLMP_OK);
    assert_int_equal(match("~^o[134](-|$)", "o3"), LLMP_OK);
    assert_int_equal(match("~^o[134](-|$)", "o3-mini"), LLMP_OK);
    assert_int_equal(match("~^o[134](-|$)", "o30"), LLMP_DECLINED);
    assert_int_equal(match("~^$", ""), LLMP_OK);
    assert_int_equal(match("~.", ""), LLMP_DECLINED);

    /* the star belongs to the prefix, not to the expression */
    assert_int_equal(match("~*a", "xA"), LLMP_OK);

    /* bytes, unless the expression selects UTF-8 */
    assert_int_equal(match("~^.$", "\xc3\xa9"), LLMP_DECLINED);
    assert_int_equal(match("~(*UTF)^.$", "\xc3\xa9"), LLMP_OK);
    assert_int_equal(match("~(*UTF)^.$", "\xc3"), LLMP_ERROR);
}


static void
test_end(void **state)
{
    llmp_str_t  subject;

    (void) state;

    assert_int_equal(match("~^gpt-4$", "gpt-4"), LLMP_OK);
    assert_int_equal(match("~^gpt-4$", "gpt-4\n"), LLMP_DECLINED);
    assert_int_equal(match("~*^gpt-4$", "gpt-4\n"), LLMP_DECLINED);

    /* a NUL byte does not end the subject either */

    subject = test_str("gpt-4\0x");
    assert_int_equal(match_len("~^gpt-4$", &subject, NULL, 0), LLMP_DECLINED);
    assert_int_equal(match_len("gpt-4", &subject, NULL, 0), LLMP_DECLINED);
    assert_int_equal(match_len("~x$", &subject, NULL, 0), LLMP_OK);
}


static void
test_capture(void **state)
{
    size_t      i;
    char        model[32];
    llmp_str_t  subject;

    static const struct {
        const char  *text;
        const char  *subject;
        const char  *model;
    } cases[] = {
        { "~^/models/(?<model>[^/]+)/chat$", "/models/m1/chat", "m1" },
        { "~^/models/([^/]+)/chat$", "/models/m1/chat", "" },
        { "~^/x(?:/(?<model>[^/]+))?$", "/x", "" },
        { "~^/x/(?<model>[^/]*)$", "/x/", "" },
        { "/models/m1/chat", "/models/m1/chat", "" },
        { "~(?J)^/(?:a/(?<model>.+)|b/(?<model>.+))$", "/a/m1", "m1" },
        { "~(?J)^/(?:a/(?<model>.+)|b/(?<model>.+))$", "/b/m2", "m2" },
        { "~(?|/a/(?<model>.+)|/b/(?<model>.+))", "/b/m3", "m3" }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        subject = test_cstr(cases[i].subject);
        assert_int_equal(match_len(cases[i].text, &subject, model,
                                   sizeof(model)),
                         LLMP_OK);
        assert_string_equal(model, cases[i].model);
    }

    /* a failed match leaves no capture */

    subject = test_str("/other");
    assert_int_equal(match_len(cases[0].text, &subject, model, sizeof(model)),
                     LLMP_DECLINED);
    assert_string_equal(model, "");
}


static void
test_errors(void **state)
{
    size_t           i, offset;
    llmp_str_t       text;
    const char      *message;
    llmp_arena_t     arena;
    llmp_pattern_t   pattern;

    static const struct {
        const char  *text;
        const char  *message;
        size_t       offset;
    } cases[] = {
        { "", "the pattern is empty", 0 },
        { "~*", "the pattern is empty", 2 },
        { "~a(b", "missing closing parenthesis", 4 },
        { "~*a(b", "missing closing parenthesis", 5 },
        { "~[a", "missing terminating ] for character class", 3 },
        { "~**", "quantifier does not follow a repeatable item", 2 }
    };

    (void) state;

    llmp_arena_init(&arena);

    for (i = 0; i < test_nelts(cases); i++) {
        text = test_cstr(cases[i].text);

        assert_int_equal(llmp_pattern_compile(&pattern, &arena.pool, &text,
                                              &message, &offset),
                         LLMP_ERROR);
        assert_string_equal(message, cases[i].message);
        assert_int_equal(offset, cases[i].offset);
        assert_null(pattern.code);
    }

    llmp_arena_reset(&arena);
}


static void
test_no_memory(void **state)
{
    size_t           i, j, offset;
    llmp_str_t       text;
    const char      *message;
    llmp_arena_t     arena;
    llmp_pattern_t   pattern;

    static const char *const  texts[] = { "a", "~a", "~(" };

    (void) state;

    for (i = 0; i < test_nelts(texts); i++) {
        text = test_cstr(texts[i]);

        /* a bad pattern requires memory for the message as well */

        for (j = 1; j <= (i == 2 ? 2 : 1); j++) {
            llmp_arena_init(&arena);
            arena.fail_after = j;

            assert_int_equal(llmp_pattern_compile(&pattern, &arena.pool, &text,
                                                  &message, &offset),
                             LLMP_ERROR);
            assert_null(message);
            assert_null(pattern.code);

            llmp_arena_reset(&arena);
        }
    }
}


/* the text is copied, and the pattern may be freed more than once */

static void
test_ownership(void **state)
{
    char             buf[] = "~^abc$";
    size_t           offset;
    llmp_str_t       text, subject;
    const char      *message;
    llmp_arena_t     arena;
    llmp_pattern_t   pattern;

    (void) state;

    llmp_arena_init(&arena);

    text = test_cstr(buf);
    assert_int_equal(llmp_pattern_compile(&pattern, &arena.pool, &text,
                                          &message, &offset),
                     LLMP_OK);

    memset(buf, 'x', sizeof(buf) - 1);

    assert_str_is(pattern.text, "~^abc$");

    subject = test_str("abc");
    assert_int_equal(llmp_pattern_match(&pattern, &subject, NULL), LLMP_OK);

    llmp_pattern_free(&pattern);
    llmp_pattern_free(&pattern);
    llmp_arena_reset(&arena);
}


/* matches that would effectively never end are stopped in milliseconds */

static void
test_catastrophe(void **state)
{
    size_t           i;
    char             subject[257];
    struct timespec  start;

    static const char *const  texts[] = {
        "~^(a+)+$", "~*^(A+)+$", "~(*NO_JIT)^(a+)+$", "~^(a|aa)+$",
        "~(*NO_JIT)^(a|aa)+$", "~^(a*)*b?c?$"
    };

    (void) state;

    memset(subject, 'a', 256);
    subject[255] = '!';
    subject[256] = '\0';

    for (i = 0; i < test_nelts(texts); i++) {
        (void) clock_gettime(CLOCK_MONOTONIC, &start);

        assert_int_equal(match(texts[i], subject), LLMP_ERROR);
        assert_true(elapsed(&start) < PATIENCE);
    }

    /* our limits are lower than PCRE2's */

    subject[28] = '!';
    subject[29] = '\0';

    assert_int_equal(match("~^(a|aa)+$", subject), LLMP_ERROR);
    assert_int_equal(match("~(*NO_JIT)^(a|aa)+$", subject), LLMP_ERROR);

    subject[12] = '!';
    subject[13] = '\0';

    assert_int_equal(match("~^(a|aa)+$", subject), LLMP_DECLINED);
    assert_int_equal(match("~(*NO_JIT)^(a|aa)+$", subject), LLMP_DECLINED);

    /* ordinary patterns do not reach them */

    memset(subject, 'a', 256);

    assert_int_equal(match("~^(a+)+$", subject), LLMP_OK);
    assert_int_equal(match("~(*NO_JIT)^(a|aa)+$", subject), LLMP_OK);
    assert_int_equal(match("~^([a-z0-9]+-?)*$", subject), LLMP_OK);
    assert_int_equal(match("~.*.*b", subject), LLMP_DECLINED);
}


static llmp_int_t
match(const char *text, const char *subject)
{
    llmp_str_t  str;

    str = test_cstr(subject);

    return match_len(text, &str, NULL, 0);
}


static llmp_int_t
match_len(const char *text, const llmp_str_t *subject, char *model,
    size_t size)
{
    size_t           offset;
    llmp_int_t       rc;
    llmp_str_t       str, capture;
    const char      *message;
    llmp_arena_t     arena;
    llmp_pattern_t   pattern;

    llmp_arena_init(&arena);

    str = test_cstr(text);
    assert_int_equal(llmp_pattern_compile(&pattern, &arena.pool, &str,
                                          &message, &offset),
                     LLMP_OK);

    rc = llmp_pattern_match(&pattern, subject, model ? &capture : NULL);

    if (model != NULL) {
        assert_true(capture.len < size);

        if (capture.len != 0) {
            memcpy(model, capture.data, capture.len);
        }

        model[capture.len] = '\0';
    }

    llmp_pattern_free(&pattern);
    llmp_arena_reset(&arena);

    return rc;
}


static long
elapsed(const struct timespec *start)
{
    struct timespec  now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    return (now.tv_sec - start->tv_sec) * 1000
           + (now.tv_nsec - start->tv_nsec) / 1000000;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_literal),
        cmocka_unit_test(test_regex),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_ownership),
        cmocka_unit_test(test_catastrophe)
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
