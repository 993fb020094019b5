
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner: the grammar of JSON, and strict UTF-8.
 */


#include <stdio.h>

#include "json/llmp_json_string.h"
#include "test.h"
#include "scan_run.h"
#include "json/llmp_json_string.h"


/* ---- grammar ---- */

static void
test_good(void **state)
{
    size_t  i;

    static const llmp_str_t  good[] = {
        llmp_string("{}"),
        llmp_string(" \t\r\n{ \t\r\n} \t\r\n"),
        llmp_string("{\"a\":1}"),
        llmp_string("{\"\":{\"\":{}}}"),
        llmp_string("{\"a\":[],\"b\":{},\"c\":null,\"d\":true,\"e\":false}"),
        llmp_string("{\"a\":[1,\"2\",[3],{\"b\":4},null,true,false]}"),
        llmp_string("{ \"a\" : [ 1 , 2 ] , \"b\" : { \"c\" : 3 } }\n"),
        llmp_string("{\"temperature\":1.9,\"stop\":[\"a\",\"b\"],\"k\":null}"),
        llmp_string("{\"options\":{\"top_k\":40,\"temperature\":0.10}}"),
        llmp_string("{\"requests\":[{\"params\":{\"temperature\":1}},{},3]}"),
        llmp_string("{\"a\":\"\x7f '/<>\",\"b\":\"\xe2\x80\xa8\"}"),
        llmp_string("{\"a\":\"{\\\"temperature\\\":1}\"}"),
        llmp_string("{\"messages\":[{\"temperature\":1},{\"Temperature\":2}]}"),
        llmp_string("{\"a\":{\"b\":1},\"c\":{\"b\":1,\"d\":[{\"b\":1},"
                    "{\"b\":1}]},\"b\":1}"),
        llmp_string("{\"temperature2\":1,\"temperatur\":1,\"etemperature\":1}")
    };

    for (i = 0; i < test_nelts(good); i++) {
        scan_good(*state, &good[i]);
    }
}


static void
test_bad(void **state)
{
    static const scan_bad_t  bad[] = {

        /* the root */

        { llmp_string(""), JSON, AT "0: the body is empty" },
        { llmp_string(" \n"), JSON, AT "2: the body is empty" },
        { llmp_string("[]"), JSON, AT "0: the body must be an object" },
        { llmp_string("[{}]"), JSON, AT "0: the body must be an object" },
        { llmp_string("null"), JSON, AT "0: the body must be an object" },
        { llmp_string(" 1"), JSON, AT "1: the body must be an object" },
        { llmp_string("\"a\""), JSON, AT "0: the body must be an object" },
        { llmp_string("}"), JSON, AT "0: the body must be an object" },

        { llmp_string("\xef\xbb\xbf{}"), JSON,
          AT "0: the body must be an object, without a byte order mark" },
        { llmp_string("\xff\xfe{\0}\0"), JSON,
          AT "0: the body must be an object, without a byte order mark" },
        { llmp_string("\xfe\xff\0{\0}"), JSON,
          AT "0: the body must be an object, without a byte order mark" },
        { llmp_string("{\xef\xbb\xbf}"), JSON,
          AT "1: expected a member name or \"}\"" },

        { llmp_string("{\0}\0"), JSON,
          AT "1: a NUL byte, the body must be UTF-8" },
        { llmp_string("\0{\0}"), JSON,
          AT "0: a NUL byte, the body must be UTF-8" },
        { llmp_string("{\0\0\0}\0\0\0"), JSON,
          AT "1: a NUL byte, the body must be UTF-8" },

        /* bytes after it */

        { llmp_string("{}{}"), JSON,
          AT "2: only white space may follow the object" },
        { llmp_string("{}}"), JSON,
          AT "2: only white space may follow the object" },
        { llmp_string("{} \n,"), JSON,
          AT "4: only white space may follow the object" },
        { llmp_string("{}//"), JSON,
          AT "2: only white space may follow the object" },
        { llmp_string("{}\0{\"temperature\":1}"), JSON,
          AT "2: a NUL byte, the body must be UTF-8" },
        { llmp_string("{}\0"), JSON,
          AT "2: a NUL byte, the body must be UTF-8" },

        /* members */

        { llmp_string("{,}"), JSON, AT "1: expected a member name or \"}\"" },
        { llmp_string("{]"), JSON, AT "1: expected a member name or \"}\"" },
        { llmp_string("{a:1}"), JSON,
          AT "1: expected a member name or \"}\"" },
        { llmp_string("{'a':1}"), JSON,
          AT "1: expected a member name or \"}\"" },
        { llmp_string("{1:1}"), JSON,
          AT "1: expected a member name or \"}\"" },
        { llmp_string("{/**/\"a\":1}"), JSON,
          AT "1: expected a member name or \"}\"" },
        { llmp_string("{\"a\"}"), JSON, AT "4: expected a colon" },
        { llmp_string("{\"a\" \"b\"}"), JSON, AT "5: expected a colon" },
        { llmp_string("{\"a\"=1}"), JSON, AT "4: expected a colon" },
        { llmp_string("{\"a\"::1}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":,}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":1,}"), JSON, AT "7: expected a member name" },
        { llmp_string("{\"a\":1,,}"), JSON, AT "7: expected a member name" },
        { llmp_string("{\"a\":1,/**/}"), JSON,
          AT "7: expected a member name" },
        { llmp_string("{\"a\":1 \"b\":2}"), JSON,
          AT "7: expected a comma or \"}\"" },
        { llmp_string("{\"a\":1]"), JSON,
          AT "6: expected a comma or \"}\"" },
        { llmp_string("{\"a\":1;}"), JSON,
          AT "6: expected a comma or \"}\"" },

        /* elements */

        { llmp_string("{\"a\":[,]}"), JSON,
          AT "6: expected a value or \"]\"" },
        { llmp_string("{\"a\":[}"), JSON,
          AT "6: expected a value or \"]\"" },
        { llmp_string("{\"a\":[1,]}"), JSON, AT "8: expected a value" },
        { llmp_string("{\"a\":[1,,2]}"), JSON, AT "8: expected a value" },
        { llmp_string("{\"a\":[1 2]}"), JSON,
          AT "8: expected a comma or \"]\"" },
        { llmp_string("{\"a\":[1}"), JSON,
          AT "7: expected a comma or \"]\"" },
        { llmp_string("{\"a\":[\"b\":1]}"), JSON,
          AT "9: expected a comma or \"]\"" },

        /* characters that only look like white space */

        { llmp_string("{\f}"), JSON, AT "1: expected a member name or \"}\"" },
        { llmp_string("{\v}"), JSON, AT "1: expected a member name or \"}\"" },
        { llmp_string("{\x1e}"), JSON,
          AT "1: expected a member name or \"}\"" },
        { llmp_string("\x1e{}"), JSON, AT "0: the body must be an object" },
        { llmp_string("\xc2\xa0{}"), JSON,
          AT "0: the body must be an object" },
        { llmp_string("{}\xc2\xa0"), JSON,
          AT "2: only white space may follow the object" },
        { llmp_string("{\"a\":\xe2\x80\xa8" "1}"), JSON,
          AT "5: expected a value" },

        /* literals */

        { llmp_string("{\"a\":tru}"), JSON,
          AT "8: expected true, false or null" },
        { llmp_string("{\"a\":truE}"), JSON,
          AT "8: expected true, false or null" },
        { llmp_string("{\"a\":fals}"), JSON,
          AT "9: expected true, false or null" },
        { llmp_string("{\"a\":nil}"), JSON,
          AT "6: expected true, false or null" },
        { llmp_string("{\"a\":nan}"), JSON,
          AT "6: expected true, false or null" },
        { llmp_string("{\"a\":n\0ull}"), JSON,
          AT "6: expected true, false or null" },
        { llmp_string("{\"a\":nullnull}"), JSON,
          AT "9: expected a comma or \"}\"" },
        { llmp_string("{\"a\":truefalse}"), JSON,
          AT "9: expected a comma or \"}\"" },
        { llmp_string("{\"a\":True}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":NULL}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":NaN}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":Infinity}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":-Infinity}"), JSON, AT "6: expected a digit" },
        { llmp_string("{\"a\":undefined}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":'b'}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":/**/1}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"a\":(1)}"), JSON, AT "5: expected a value" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


/* every byte of a document replaced by every other: compared with jansson */

static void
test_any_byte(void **state)
{
    size_t      i, byte;
    u_char      buf[128];
    llmp_str_t  doc;

    static const llmp_str_t  from = llmp_string(
        "{ \"a\":[-0.5e+1,true,\"\\n\\u00e9\\ud83d\\ude00\"],\"\xc3\xa9\":"
        "{},\r\n\"stop\":null,\"k\":\"\xf0\x9f\x98\x80\",\"c\":false} ");

    doc = (llmp_str_t) { from.len, buf };

    for (i = 0; i < doc.len; i++) {
        memcpy(buf, from.data, from.len);

        for (byte = 0; byte < 256; byte++) {
            buf[i] = (u_char) byte;
            scan_once(*state, &doc);
            scan_check_pieces(*state, &doc, 1, 1, byte);
            scan_check_pieces(*state, &doc, i, doc.len, byte);
        }
    }
}


static void
test_cut_short(void **state)
{
    size_t      i;
    char        message[128];
    llmp_str_t  doc;

    static const llmp_str_t  whole = llmp_string(
        "{\"a\":[-1.5e+1,true,\"\\n\\ud83d\\ude00\xc3\xa9\"],\"temperature\""
        ":1,\"b\":{\"c\":null}}");

    scan_good(*state, &whole);

    for (i = 1; i < whole.len; i++) {
        doc = (llmp_str_t) { i, whole.data };

        /* splits between the bytes of a character */

        snprintf(message, sizeof(message), AT "%zu: %s",
                 whole.data[i - 1] == 0xc3 ? i - 1 : i,
                 whole.data[i - 1] == 0xc3 ? "malformed UTF-8"
                                           : "the body ends within the object");

        scan_bad(*state, &doc, JSON, message);
    }
}


/* ---- numbers ---- */

static void
test_numbers_good(void **state)
{
    size_t           i;
    scan_fixture_t  *f = *state;
    llmp_str_t       doc;

    static const char *const  numbers[] = {
        "0", "-0", "1", "10", "-1", "1234567890", "9007199254740993",
        "18446744073709551616", "0.0", "-0.0", "0.10", "1.90", "0e0", "0E0",
        "0e+0", "0e-0", "0e00", "0.0e00", "1e0", "1e1", "1E+1", "1e-1",
        "10.01e010", "-1.5E-05", "1e308", "1e400", "-1e400", "1e-400",
        "0.00000000000000000001", "0e99999999999999999999",
        "1.0000000000000000000000000000000000000001"
    };

    for (i = 0; i < test_nelts(numbers); i++) {

        doc = doc_format("{\"a\":%s}", numbers[i]);
        scan_good(*state, &doc);

        doc = doc_format("{\"a\":[1,%s]}", numbers[i]);
        scan_good(*state, &doc);

        doc = doc_format("{\"temperature\":%s }", numbers[i]);
        scan_good(*state, &doc);

        assert_int_equal(f->scan.members.nelts, 2);
        assert_int_equal(f->scan.members.elts[1].type, LLMP_TYPE_NUMBER);
        assert_str_is(f->scan.members.elts[1].text, numbers[i]);
    }
}


static void
test_numbers_bad(void **state)
{
    static const scan_bad_t  bad[] = {
        { llmp_string("{\"k\":01}"), JSON,
          AT "6: a number with a leading zero" },
        { llmp_string("{\"k\":01.9}"), JSON,
          AT "6: a number with a leading zero" },
        { llmp_string("{\"k\":-00}"), JSON,
          AT "7: a number with a leading zero" },
        { llmp_string("{\"k\":+1}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"k\":.9}"), JSON, AT "5: expected a value" },
        { llmp_string("{\"k\":-}"), JSON, AT "6: expected a digit" },
        { llmp_string("{\"k\":-.5}"), JSON, AT "6: expected a digit" },
        { llmp_string("{\"k\":--1}"), JSON, AT "6: expected a digit" },
        { llmp_string("{\"k\":- 1}"), JSON, AT "6: expected a digit" },
        { llmp_string("{\"k\":1.}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":1.e1}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":0.}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":1e}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":1e+}"), JSON, AT "8: expected a digit" },
        { llmp_string("{\"k\":1e+-1}"), JSON, AT "8: expected a digit" },
        { llmp_string("{\"k\":1E 1}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":1..1}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":1.1.1}"), JSON,
          AT "8: expected a comma or \"}\"" },
        { llmp_string("{\"k\":1e1.1}"), JSON,
          AT "8: expected a comma or \"}\"" },
        { llmp_string("{\"k\":1e1e1}"), JSON,
          AT "8: expected a comma or \"}\"" },
        { llmp_string("{\"k\":0x1}"), JSON,
          AT "6: expected a comma or \"}\"" },
        { llmp_string("{\"k\":0e}"), JSON, AT "7: expected a digit" },
        { llmp_string("{\"k\":1_0}"), JSON,
          AT "6: expected a comma or \"}\"" },
        { llmp_string("{\"k\":1a}"), JSON,
          AT "6: expected a comma or \"}\"" },
        { llmp_string("{\"k\":1f}"), JSON,
          AT "6: expected a comma or \"}\"" },
        { llmp_string("{\"k\":\xef\xbc\x91}"), JSON,
          AT "5: expected a value" },
        { llmp_string("{\"k\":1\0}"), JSON,
          AT "6: a NUL byte, the body must be UTF-8" },
        { llmp_string("{\"k\":1\"a\"}"), JSON,
          AT "6: expected a comma or \"}\"" },
        { llmp_string("{\"k\":1-1}"), JSON,
          AT "6: expected a comma or \"}\"" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


/* ---- strings ---- */

static void
test_utf8_good(void **state)
{
    size_t      i;
    llmp_str_t  doc;

    static const char *const  texts[] = {
        "\x7f",                                  /* U+007F */
        "\xc2\x80", "\xdf\xbf",                  /* U+0080, U+07FF */
        "\xe0\xa0\x80", "\xe0\xbf\xbf",          /* U+0800, U+0FFF */
        "\xe1\x80\x80", "\xec\xbf\xbf",          /* U+1000, U+CFFF */
        "\xed\x80\x80", "\xed\x9f\xbf",          /* U+D000, U+D7FF */
        "\xee\x80\x80", "\xef\xbf\xbf",          /* U+E000, U+FFFF */
        "\xf0\x90\x80\x80", "\xf0\xbf\xbf\xbf",  /* U+10000, U+3FFFF */
        "\xf1\x80\x80\x80", "\xf3\xbf\xbf\xbf",  /* U+40000, U+FFFFF */
        "\xf4\x80\x80\x80", "\xf4\x8f\xbf\xbf",  /* U+100000, U+10FFFF */
        "\xef\xbb\xbf",                          /* U+FEFF, not at the start */
        "\xe4\xbd\xa0\xe5\xa5\xbd", "a\xc3\xa9z\xf0\x9f\x98\x80\xc3\xa9 "
    };

    for (i = 0; i < test_nelts(texts); i++) {
        doc = doc_format("{\"a\":\"%s\"}", texts[i]);
        scan_good(*state, &doc);

        doc = doc_format("{\"%s\":\"temperature\"}", texts[i]);
        scan_good(*state, &doc);

        doc = doc_format("{\"a\":{\"x%sy\":1}}", texts[i]);
        scan_good(*state, &doc);

        doc = doc_format("{\"k\":\"%s\"}", texts[i]);
        scan_good(*state, &doc);
    }
}


/* bytes that may become invalid are not released, whatever follows */

static void
check_edge(scan_fixture_t *f, const llmp_str_t *doc, uint64_t bad)
{
    size_t        n;
    llmp_scan_t   scan;
    llmp_arena_t  arena;

    for (n = bad; n <= doc->len; n++) {
        llmp_arena_init(&arena);
        llmp_scan_init(&scan, f->root, &arena.pool, 1);

        if (scan_feed(&scan, doc->data, n, 0) == LLMP_AGAIN
            && llmp_scan_stable_offset(&scan) > bad)
        {
            scan_fail(doc, "the edge", "is behind what is bad");
        }

        llmp_arena_reset(&arena);
    }
}


static void
test_utf8_bad(void **state)
{
    size_t      i;
    char        message[64];
    llmp_str_t  doc;

    static const char *const  texts[] = {
        "\x80", "\xbf", "\xc0", "\xc1", "\xf5", "\xfe", "\xff",
        "\xc0\x80", "\xc0\xaf", "\xc1\x81", "\xc1\xa1",       /* overlong */
        "\xe0\x80\x80", "\xe0\x81\xa1", "\xe0\x9f\xbf",
        "\xf0\x80\x80\xaf", "\xf0\x81\x81\xa1", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xed\xaf\xbf", "\xed\xb0\x80",       /* surrogates */
        "\xed\xa0\xbd\xed\xb8\x80", "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf7\xbf\xbf\xbf",
        "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80",
        "\xc3", "\xc3(", "\xe2", "\xe2\x82", "\xe2\x82(", "\xe2(\xa1",
        "\xf0", "\xf0\x9f", "\xf0\x9f\x98", "\xf0(\x8c\xbc", "\xf0\x90(\xbc",
        "\xf0\x9f\x98\xc3", "\xc3\xc3\xa9", "\xe2\x82\xe2\x82\xac"
    };

    for (i = 0; i < test_nelts(texts); i++) {

        snprintf(message, sizeof(message), AT "6: malformed UTF-8");

        doc = doc_format("{\"a\":\"%s\"}", texts[i]);
        scan_bad(*state, &doc, JSON, message);
        check_edge(*state, &doc, 6);

        doc = doc_format("{\"k\":\"%s plain text behind it\"}", texts[i]);
        scan_bad(*state, &doc, JSON, message);

        snprintf(message, sizeof(message), AT "13: malformed UTF-8");

        doc = doc_format("{\"a\":{\"temper%sature\":1}}", texts[i]);
        scan_bad(*state, &doc, JSON, message);

        snprintf(message, sizeof(message), AT "8: malformed UTF-8");

        doc = doc_format("{\"temper%sature\":1}", texts[i]);
        scan_bad(*state, &doc, JSON, message);
    }
}


static void
test_control_characters(void **state)
{
    size_t      i;
    llmp_str_t  doc;
    char        text[2], message[64];

    text[1] = '\0';

    for (i = 1; i < 0x20; i++) {
        text[0] = (char) i;

        snprintf(message, sizeof(message),
                 AT "8: a control character in a string");

        doc = doc_format("{\"a\":\"bc%s\"}", text);
        scan_bad(*state, &doc, JSON, message);

        doc = doc_format("{\"k\":\"bc%s\"}", text);
        scan_bad(*state, &doc, JSON, message);

        doc = doc_format("{\"a\":[{\"%s\":1}]}", text);
        scan_bad(*state, &doc, JSON, message);
    }

    doc = test_str("{\"a\":\"b\0\"}");
    scan_bad(*state, &doc, JSON, AT "7: a NUL byte, the body must be UTF-8");

    doc = test_str("{\"temperature\0\":1}");
    scan_bad(*state, &doc, JSON, AT "13: a NUL byte, the body must be UTF-8");
}


static void
test_escapes_good(void **state)
{
    size_t           i;
    u_char           buf[128];
    scan_fixture_t  *f = *state;
    llmp_str_t       doc, decoded;

    static const struct {
        const char  *text;
        llmp_str_t   decoded;
    } escapes[] = {
        { "", llmp_string("") },
        { "plain", llmp_string("plain") },
        { "\\\"\\\\\\/", llmp_string("\"\\/") },
        { "\\b\\f\\n\\r\\t", llmp_string("\b\f\n\r\t") },
        { "\\u0000", llmp_string("\0") },
        { "a\\u001fb", llmp_string("a\x1f" "b") },
        { "\\u0041\\u007f", llmp_string("A\x7f") },
        { "\\u00e9\\u00E9", llmp_string("\xc3\xa9\xc3\xa9") },
        { "\\u07ff\\u0800", llmp_string("\xdf\xbf\xe0\xa0\x80") },
        { "\\ud7ff\\ue000", llmp_string("\xed\x9f\xbf\xee\x80\x80") },
        { "\\uffff\\uFEFF", llmp_string("\xef\xbf\xbf\xef\xbb\xbf") },
        { "\\ud800\\udc00", llmp_string("\xf0\x90\x80\x80") },
        { "\\uD83D\\uDE00!", llmp_string("\xf0\x9f\x98\x80!") },
        { "\\ud83d\\ude00\\u0041\\ud83d\\ude00\\n",
          llmp_string("\xf0\x9f\x98\x80" "A\xf0\x9f\x98\x80\n") },
        { "\\udbff\\udfff", llmp_string("\xf4\x8f\xbf\xbf") },
        { "\\\\u0041", llmp_string("\\u0041") },
        { "\xc3\xa9\\u0301\xf0\x9f\x98\x80",
          llmp_string("\xc3\xa9\xcc\x81\xf0\x9f\x98\x80") }
    };

    for (i = 0; i < test_nelts(escapes); i++) {

        doc = doc_format("{\"a\":[\"%s\"]}", escapes[i].text);
        scan_good(*state, &doc);

        doc = doc_format("{\"k\":\"%s\"}", escapes[i].text);
        scan_good(*state, &doc);

        assert_int_equal(f->scan.members.nelts, 2);

        decoded.data = buf;
        decoded.len = llmp_json_string_decode(buf,
                                              &f->scan.members.elts[1].text);

        assert_true(llmp_str_eq(&decoded, &escapes[i].decoded));
    }
}


static void
test_escapes_bad(void **state)
{
    static const scan_bad_t  bad[] = {
        { llmp_string("{\"k\":\"\\\"}"), JSON,
          AT "9: the body ends within the object" },
        { llmp_string("{\"k\":\"\\a\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\'\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\x61\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\0\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\N\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\U0041\"}"), JSON,
          AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\\0\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\\n\"}"), JSON, AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\\xc3\xa9\"}"), JSON,
          AT "7: an invalid escape" },
        { llmp_string("{\"k\":\"\\u\"}"), JSON,
          AT "8: expected a hexadecimal digit" },
        { llmp_string("{\"k\":\"\\u004\"}"), JSON,
          AT "11: expected a hexadecimal digit" },
        { llmp_string("{\"k\":\"\\u{41}\"}"), JSON,
          AT "8: expected a hexadecimal digit" },
        { llmp_string("{\"k\":\"\\u004g\"}"), JSON,
          AT "11: expected a hexadecimal digit" },
        { llmp_string("{\"k\":\"\\u+041\"}"), JSON,
          AT "8: expected a hexadecimal digit" },
        { llmp_string("{\"k\":\"\\u 041\"}"), JSON,
          AT "8: expected a hexadecimal digit" },

        { llmp_string("{\"k\":\"\\ud800\"}"), JSON,
          AT "12: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\ud800x\"}"), JSON,
          AT "12: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\ud800\\n\"}"), JSON,
          AT "13: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\ud800\\u0041\"}"), JSON,
          AT "17: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\ud800\\ud800\"}"), JSON,
          AT "17: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\udbff\\ue000\"}"), JSON,
          AT "17: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\udc00\"}"), JSON,
          AT "11: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\udfff\\ud800\"}"), JSON,
          AT "11: an unpaired surrogate" },
        { llmp_string("{\"k\":\"\\ud800\\u12\"}"), JSON,
          AT "16: expected a hexadecimal digit" },
        { llmp_string("{\"a\":{\"\\ud83d\":1}}"), JSON,
          AT "13: an unpaired surrogate" },
        { llmp_string("{\"\\ude00\\ud83d\":1}"), JSON,
          AT "7: an unpaired surrogate" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_any_byte),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_numbers_good),
        cmocka_unit_test(test_numbers_bad),
        cmocka_unit_test(test_utf8_good),
        cmocka_unit_test(test_utf8_bad),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_escapes_good),
        cmocka_unit_test(test_escapes_bad)
    };

    return cmocka_run_group_tests_name("scan", tests, scan_setup,
                                       scan_teardown);
}
