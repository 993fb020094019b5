
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/llmp_arena.h"
#include "loader/llmp_doc.h"

#include "test.h"


static int is_read(const char *text, size_t len);


/* texts near the borders of the grammar: each is read if and only if jansson
   reads it, whose messages are reported */

static const char *const  texts[] = {
    "0", "-0", "-", "00", "01", "-1", "+1", "1.", ".5", "1.5", "1.e1", "1e",
    "1e+", "1e5", "1E-5", "1e400", "-1e400", "1e-400", "1x", "0x1", "NaN",
    "Infinity", "true", "True", "truex", "tru", "false", "fals", "null", "nul",
    "nullnull", "\"\"", "\"", "\"a", "\"a\"b", "'a'", "\"\t\"", "\"\x7f\"",
    "\"\x1f\"", "\"\\\"", "\"\\\"\"", "\"\\/\\b\\f\\n\\r\\t\\\\\"", "\"\\x\"",
    "\"\\u\"", "\"\\u00\"", "\"\\u00e9\"", "\"\\u00E9\"", "\"\\u00g9\"",
    "\"\\U00e9\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
    "\"\\ud83dx\"", "\"\\ud83d\\n\"", "\"\\ud83d\\u0041\"",
    "\"\\ud83d\\ud83d\"", "\"\\ude00\"", "\"\\udbff\\udfff\"", "\"\\uffff\"",
    "\"\xc3\xa9\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
    "\"\xf4\x8f\xbf\xbf\"", "\"\xf4\x90\x80\x80\"", "\xc3\xa9", "[", "]", "[]",
    "[ ]", "[,]", "[1,]", "[1 2]", "[1,2]", "[[]", "[]]", "[}", "{", "{}",
    "{ }", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}", "{\"a\" 1}",
    "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}", "{\"a\":1,\"A\":2}", "{\"\":1,\"\":2}",
    "{\"b\":1,\"a\":2,\"b\":3}", "{\"a\":{\"a\":{}},\"b\":1}",
    "[{\"a\":1},{\"a\":1}]", "[[[[[[[[{\"x\":1,\"x\":1}]]]]]]]]",
    "[[[[[[[[{\"y\":1,\"x\":[1]}]]]]]]]]", "[[[[[[[[{\"y\":1,\"x\":[1}]]]]]]]]",
    "{\"h\":1,\"g\":1,\"f\":1,\"e\":1,\"d\":1,\"c\":1,\"b\":1,\"a\":1,\"i\":1}",
    "{\"h\":1,\"g\":1,\"f\":1,\"e\":1,\"d\":1,\"c\":1,\"b\":1,\"a\":1,\"h\":1}",
    "", " ", "\v1", "\f1", " 1 ", "\r\n\t1\n", "1\v", "1 1", "1,", "// c\n1",
    "/**/1", "\xef\xbb\xbf\x31"
};


static void
test_texts(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < test_nelts(texts); i++) {
        (void) is_read(texts[i], strlen(texts[i]));
    }

    assert_true(is_read("[0]", 3));
    assert_false(is_read("1\0", 2));
    assert_false(is_read("\"\0\"", 3));
}


/* one byte of a text is another one, or absent */

static void
test_changed(void **state)
{
    char    text[256];
    size_t  i, j, len, n, read;

    static const char  whole[] =
        "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\xc3\xa9\",{}],\"b\":{\"c\":null,"
        "\"d\":[true,[[[[[{\"e\":1,\"f\":\"\\ud83d\\ude00\"}]]]]]]},\"\":0}";
    static const char  bytes[] = "\"\\{}[],:0e-. \nau\x01\x80\xc3\xff";

    (void) state;

    len = sizeof(whole) - 1;
    n = 0;
    read = 0;

    for (i = 0; i < len; i++) {

        for (j = 0; j < sizeof(bytes); j++, n++) {
            memcpy(text, whole, len);
            text[i] = bytes[j];
            read += is_read(text, len);
        }

        memcpy(text, whole, i);
        memcpy(text + i, whole + i + 1, len - i - 1);

        read += is_read(text, len - 1);
        read += is_read(text, i);
        n += 2;
    }

    assert_true(read > 100 && n - read > 1000);
}


static void
test_depth(void **state)
{
    char    text[2 * 2049];
    size_t  depth;

    (void) state;

    for (depth = 2046; depth <= 2049; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);

        assert_int_equal(is_read(text, 2 * depth), depth <= 2048);
    }
}


/* many members: in order, in another order, and with one name twice */

static void
test_names(void **state)
{
    char    *text, *p;
    size_t   i, k;

    (void) state;

    text = malloc(64 * 1000);
    assert_non_null(text);

    for (k = 0; k < 3; k++) {
        p = text;

        for (i = 0; i < 1000; i++) {
            p += sprintf(p, "%c\"%04d\":{\"y\":1,\"x\":2}", i ? ',' : '{',
                         (int) (k == 0 ? i : (i * 7 + 3) % 1000));
        }

        if (k == 2) {
            p += sprintf(p, ",\"0500\":1");
        }

        *p++ = '}';

        assert_int_equal(is_read(text, p - text), k != 2);
    }

    free(text);
}


/* returns whether a text is read, as jansson does */

static int
is_read(const char *text, size_t len)
{
    char                *copy;
    json_t              *json;
    llmp_int_t           rc;
    llmp_doc_t           doc;
    llmp_str_t           name;
    llmp_arena_t         arena;
    llmp_load_errors_t   errors;

    /* sanitizers see a read beyond the end */

    copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, text, len);

    /* jansson takes a NUL for the end */

    json = (memchr(text, '\0', len) != NULL)
           ? NULL
           : json_loadb(text, len, JSON_REJECT_DUPLICATES|JSON_DECODE_ANY
                                   |JSON_DECODE_INT_AS_REAL, NULL);

    llmp_arena_init(&arena);
    llmp_doc_init(&doc, &arena.pool, &errors);
    name = test_str("policy.json");

    rc = llmp_doc_parse(&doc, &name, (u_char *) copy, len, 0);

    assert_false(doc.failed);

    if ((rc == LLMP_OK) != (json != NULL)) {
        print_message("%.*s\n", (int) len, text);
    }

    assert_int_equal(rc == LLMP_OK, json != NULL);
    assert_int_equal(errors.nelts == 0, json != NULL);

    llmp_doc_free(&doc);
    llmp_arena_reset(&arena);
    json_decref(json);
    free(copy);

    return rc == LLMP_OK;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_names)
    };

    return cmocka_run_group_tests_name("doc_parse", tests, NULL, NULL);
}
