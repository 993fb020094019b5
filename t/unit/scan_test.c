
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner.  Every document is fed at once, byte by byte, and split at each
 * offset; all must agree, with each other and with jansson.
 */


#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#include "scan_check.h"


#define JSON       LLMP_REFUSE_INVALID_JSON
#define DUPLICATE  LLMP_REFUSE_DUPLICATE_MEMBER
#define AMBIGUOUS  LLMP_REFUSE_AMBIGUOUS_MEMBER

#define AT         "invalid JSON at byte "


typedef struct {
    llmp_str_t       doc;
    llmp_refusal_e   code;
    const char      *message;
} bad_t;


typedef struct {
    llmp_watch_t    *root;
    llmp_arena_t     tree;     /* of the root */
    llmp_arena_t     arena;    /* of the last scan */
    llmp_scan_t      scan;
} fixture_t;


static const char *const  paths[] = {
    "temperature",
    "stop",
    "stop[]",
    "options.top_k",
    "options.temperature",
    "requests.0.seed",
    "requests[].params.temperature",
    "requests[].params.stop[]",
    "k"
};


/* ---- feeding ---- */

/*
 * Each piece is in a block of its own, which is gone after the call, so that
 * sanitizers see a read beyond either end, or of a piece of before.
 */

static llmp_int_t
feed(llmp_scan_t *scan, const u_char *data, size_t len, llmp_int_t last)
{
    u_char      *piece;
    llmp_int_t   rc;

    piece = malloc(len ? len : 1);
    assert_non_null(piece);

    memcpy(piece, data, len);

    rc = llmp_scan_feed(scan, piece, len, last);

    memset(piece, 0xff, len);
    free(piece);

    return rc;
}


/* feeds pieces of a size, the first one of another */

static llmp_int_t
feed_pieces(llmp_scan_t *scan, const llmp_str_t *doc, size_t first,
    size_t size)
{
    size_t      pos, n;
    llmp_int_t  rc;

    n = first;
    pos = 0;

    do {
        if (n > doc->len - pos) {
            n = doc->len - pos;
        }

        rc = feed(scan, doc->data + pos, n, pos + n == doc->len);

        pos += n;
        n = size;

        if (pos < doc->len && rc != LLMP_ERROR) {
            assert_int_equal(rc, LLMP_AGAIN);
        }

    } while (pos < doc->len);

    return rc;
}


static void
fail_doc(const llmp_str_t *doc, const char *how, const char *what)
{
    print_error("%.*s: %s: %s\n", (int) (doc->len < 200 ? doc->len : 200),
                doc->data, how, what);
    fail();
}


static void
check_pieces(fixture_t *f, const llmp_str_t *doc, size_t first, size_t size,
    uint64_t seed)
{
    char           how[64];
    llmp_int_t     rc;
    const char    *what;
    llmp_scan_t    scan;
    llmp_arena_t   arena;

    llmp_arena_init(&arena);
    llmp_scan_init(&scan, f->root, &arena.pool, seed);

    rc = feed_pieces(&scan, doc, first, size);

    what = scan_check_same(&f->scan, &scan);

    if ((rc == LLMP_OK) != (scan.refusal.code == LLMP_REFUSE_NONE)) {
        what = "the return code";
    }

    if (what != NULL) {
        snprintf(how, sizeof(how), "pieces of %zu, then %zu", first, size);
        fail_doc(doc, how, what);
    }

    llmp_arena_reset(&arena);
}


/* scans into f->scan, at once; what is checked here holds of any document */

static void
scan_once(fixture_t *f, const llmp_str_t *doc)
{
    llmp_int_t   rc;
    const char  *what;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);

    rc = feed_pieces(&f->scan, doc, doc->len, 1);

    what = scan_check(&f->scan, doc->data, doc->len);

    if (what == NULL
        && rc != (f->scan.refusal.code == LLMP_REFUSE_NONE ? LLMP_OK
                                                           : LLMP_ERROR))
    {
        what = "the return code";
    }

    if (what != NULL) {
        fail_doc(doc, "at once", what);
    }
}


static void
scan(fixture_t *f, const llmp_str_t *doc)
{
    size_t  i;

    scan_once(f, doc);

    check_pieces(f, doc, 1, 1, 2);

    for (i = 0; i < doc->len; i++) {
        check_pieces(f, doc, i, doc->len, i);
    }
}


static void
scan_good(fixture_t *f, const llmp_str_t *doc)
{
    scan(f, doc);

    if (f->scan.refusal.code != LLMP_REFUSE_NONE) {
        fail_doc(doc, "refused", f->scan.refusal.message);
    }
}


static void
scan_bad(fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message)
{
    scan(f, doc);

    if (f->scan.refusal.code == LLMP_REFUSE_NONE) {
        fail_doc(doc, "accepted", message);
    }

    if (strcmp(f->scan.refusal.message, message) != 0) {
        fail_doc(doc, message, f->scan.refusal.message);
    }

    assert_int_equal(f->scan.refusal.code, code);
}


static void
scan_table(fixture_t *f, const bad_t *bad, size_t nelts)
{
    size_t  i;

    for (i = 0; i < nelts; i++) {
        scan_bad(f, &bad[i].doc, bad[i].code, bad[i].message);
    }
}


/* a document of a format that takes one string */

static llmp_str_t
format(const char *fmt, const char *text)
{
    int          n;
    static char  buf[1024];

    n = snprintf(buf, sizeof(buf), fmt, text);
    assert_in_range(n, 1, sizeof(buf) - 1);

    return (llmp_str_t) { (size_t) n, (u_char *) buf };
}


/* documents that are too large for a literal are appended to, from no data on */

static void
append(llmp_str_t *doc, const char *fmt, llmp_uint_t number)
{
    int            n;
    static u_char  buf[1024 * 1024];

    if (doc->data == NULL) {
        doc->data = buf;
        doc->len = 0;
    }

    n = snprintf((char *) buf + doc->len, sizeof(buf) - doc->len, fmt,
                 (uintmax_t) number);
    assert_in_range(n, 0, sizeof(buf) - doc->len - 1);

    doc->len += (size_t) n;
}


static void
append_times(llmp_str_t *doc, llmp_uint_t times, const char *fmt)
{
    llmp_uint_t  i;

    for (i = 0; i < times; i++) {
        append(doc, fmt, i);
    }
}


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
        llmp_string("{\"temperature_\":1,\"temperatur\":1,\"etemperature\":1}")
    };

    for (i = 0; i < test_nelts(good); i++) {
        scan_good(*state, &good[i]);
    }
}


static void
test_bad(void **state)
{
    static const bad_t  bad[] = {

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

        /* what follows it */

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

        /* white space that is none */

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


/* every byte of a document replaced by any other: jansson says what is right */

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
            check_pieces(*state, &doc, 1, 1, byte);
            check_pieces(*state, &doc, i, doc.len, byte);
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

        /* between the bytes of a character */

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
    size_t      i;
    fixture_t  *f = *state;
    llmp_str_t  doc;

    static const char *const  numbers[] = {
        "0", "-0", "1", "10", "-1", "1234567890", "9007199254740993",
        "18446744073709551616", "0.0", "-0.0", "0.10", "1.90", "0e0", "0E0",
        "0e+0", "0e-0", "0e00", "0.0e00", "1e0", "1e1", "1E+1", "1e-1",
        "10.01e010", "-1.5E-05", "1e308", "1e400", "-1e400", "1e-400",
        "0.00000000000000000001", "0e99999999999999999999",
        "1.0000000000000000000000000000000000000001"
    };

    for (i = 0; i < test_nelts(numbers); i++) {

        doc = format("{\"a\":%s}", numbers[i]);
        scan_good(*state, &doc);

        doc = format("{\"a\":[1,%s]}", numbers[i]);
        scan_good(*state, &doc);

        doc = format("{\"temperature\":%s }", numbers[i]);
        scan_good(*state, &doc);

        assert_int_equal(f->scan.nmembers, 2);
        assert_int_equal(f->scan.members[1].type, LLMP_TYPE_NUMBER);
        assert_str_is(f->scan.members[1].text, numbers[i]);
    }
}


static void
test_numbers_bad(void **state)
{
    static const bad_t  bad[] = {
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
        doc = format("{\"a\":\"%s\"}", texts[i]);
        scan_good(*state, &doc);

        doc = format("{\"%s\":\"temperature\"}", texts[i]);
        scan_good(*state, &doc);

        doc = format("{\"a\":{\"x%sy\":1}}", texts[i]);
        scan_good(*state, &doc);

        doc = format("{\"k\":\"%s\"}", texts[i]);
        scan_good(*state, &doc);
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

        doc = format("{\"a\":\"%s\"}", texts[i]);
        scan_bad(*state, &doc, JSON, message);

        doc = format("{\"k\":\"%s plain text behind it\"}", texts[i]);
        scan_bad(*state, &doc, JSON, message);

        snprintf(message, sizeof(message), AT "13: malformed UTF-8");

        doc = format("{\"a\":{\"temper%sature\":1}}", texts[i]);
        scan_bad(*state, &doc, JSON, message);

        snprintf(message, sizeof(message), AT "8: malformed UTF-8");

        doc = format("{\"temper%sature\":1}", texts[i]);
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

        doc = format("{\"a\":\"bc%s\"}", text);
        scan_bad(*state, &doc, JSON, message);

        doc = format("{\"k\":\"bc%s\"}", text);
        scan_bad(*state, &doc, JSON, message);

        doc = format("{\"a\":[{\"%s\":1}]}", text);
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
    size_t      i;
    u_char      buf[128];
    fixture_t  *f = *state;
    llmp_str_t  doc, decoded;

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
        { "\\udbff\\udfff", llmp_string("\xf4\x8f\xbf\xbf") },
        { "\\\\u0041", llmp_string("\\u0041") },
        { "\xc3\xa9\\u0301\xf0\x9f\x98\x80",
          llmp_string("\xc3\xa9\xcc\x81\xf0\x9f\x98\x80") }
    };

    for (i = 0; i < test_nelts(escapes); i++) {

        doc = format("{\"a\":[\"%s\"]}", escapes[i].text);
        scan_good(*state, &doc);

        doc = format("{\"k\":\"%s\"}", escapes[i].text);
        scan_good(*state, &doc);

        assert_int_equal(f->scan.nmembers, 2);

        decoded.data = buf;
        decoded.len = llmp_unescape(buf, &f->scan.members[1].text);

        assert_true(llmp_str_eq(&decoded, &escapes[i].decoded));
    }
}


static void
test_escapes_bad(void **state)
{
    static const bad_t  bad[] = {
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


/* ---- names ---- */

static void
test_duplicates(void **state)
{
    static const bad_t  bad[] = {
        { llmp_string("{\"a\":1,\"a\":1}"), DUPLICATE,
          "a member name stands twice in one object, at byte 7" },
        { llmp_string("{\"\":1,\"\":1}"), DUPLICATE,
          "a member name stands twice in one object, at byte 6" },
        { llmp_string("{\"a\":{},\"b\":1,\"a\":null}"), DUPLICATE,
          "a member name stands twice in one object, at byte 14" },
        { llmp_string("{\"a\":1,\"\\u0061\":1}"), DUPLICATE,
          "a member name stands twice in one object, at byte 7" },
        { llmp_string("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}"),
          DUPLICATE, "a member name stands twice in one object, at byte 18" },
        { llmp_string("{\"\\/\":1,\"/\":1}"), DUPLICATE,
          "a member name stands twice in one object, at byte 8" },

        /* where nothing is watched */

        { llmp_string("{\"a\":{\"b\":1,\"b\":1}}"), DUPLICATE,
          "a member name stands twice in one object, at byte 12" },
        { llmp_string("{\"a\":{\"b\":1,\"c\":{\"b\":1},\"b\":1}}"), DUPLICATE,
          "a member name stands twice in one object, at byte 24" },
        { llmp_string("{\"a\":[[{},{\"b\":1,\"b\":1}]]}"), DUPLICATE,
          "a member name stands twice in one object, at byte 17" },
        { llmp_string("{\"messages\":[{\"temperature\":1,"
                      "\"temper\\u0061ture\":1}]}"), DUPLICATE,
          "a member name stands twice in one object, at byte 30" },
        { llmp_string("{\"temperature\":{\"a\":1,\"a\":1}}"), DUPLICATE,
          "a member name stands twice in one object, at byte 22" },
        { llmp_string("{\"stop\":[{\"a\":1,\"a\":1}]}"), DUPLICATE,
          "a member name stands twice in one object, at byte 16" },

        /* watched */

        { llmp_string("{\"temperature\":1,\"temperature\":1}"), DUPLICATE,
          "\"temperature\" stands twice in the request" },
        { llmp_string("{\"k\":null,\"options\":{},\"k\":null}"), DUPLICATE,
          "\"k\" stands twice in the request" },
        { llmp_string("{\"options\":{\"temperature\":1,\"seed\":1,"
                      "\"temperature\":1}}"), DUPLICATE,
          "\"options.temperature\" stands twice in the request" },
        { llmp_string("{\"options\":{\"temperature\":1},"
                      "\"options\":{\"seed\":1}}"), DUPLICATE,
          "\"options\" stands twice in the request" },
        { llmp_string("{\"requests\":[{},{\"params\":{\"temperature\":1,"
                      "\"temperature\":1}}]}"), DUPLICATE,
          "\"requests[].params.temperature\" stands twice in the request" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


static void
test_ambiguous(void **state)
{
    static const bad_t  bad[] = {

        /* like a watched one but for case, or for what Go takes for case */

        { llmp_string("{\"Temperature\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"temperature\"" },
        { llmp_string("{\"TEMPERATURE\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"temperature\"" },
        { llmp_string("{\"temperature\":1,\"tEmperature\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"temperature\"" },
        { llmp_string("{\"Temperature\":1,\"temperature\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"temperature\"" },
        { llmp_string("{\"\xe2\x84\xaa\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"k\"" },
        { llmp_string("{\"\\u212a\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"k\"" },
        { llmp_string("{\"K\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"k\"" },
        { llmp_string("{\"\xc5\xbftop\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"stop\"" },
        { llmp_string("{\"option\\u017f\":{\"temperature\":1.9}}"), AMBIGUOUS,
          "a member is spelt almost like \"options\"" },
        { llmp_string("{\"opt\xc4\xb1ons\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"options\"" },
        { llmp_string("{\"OPT\xc4\xb0ONS\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"options\"" },
        { llmp_string("{\"options\":{\"top_\xe2\x84\xaa\":1}}"), AMBIGUOUS,
          "a member is spelt almost like \"options.top_k\"" },
        { llmp_string("{\"requests\":[1,{\"params\":{\"Temperature\":1}}]}"),
          AMBIGUOUS,
          "a member is spelt almost like \"requests[].params.temperature\"" },

        /* written with an escape */

        { llmp_string("{\"temper\\u0061ture\":1}"), AMBIGUOUS,
          "the name of \"temperature\" is written with an escape" },
        { llmp_string("{\"\\u006b\":1}"), AMBIGUOUS,
          "the name of \"k\" is written with an escape" },
        { llmp_string("{\"\\u0054emperature\":1}"), AMBIGUOUS,
          "a member is spelt almost like \"temperature\"" },
        { llmp_string("{\"options\":{\"top\\u005fk\":1}}"), AMBIGUOUS,
          "the name of \"options.top_k\" is written with an escape" },

        /* like another one, where something is watched */

        { llmp_string("{\"foo\":1,\"Foo\":1}"), AMBIGUOUS,
          "two member names in one object are spelt almost alike, "
          "at byte 9" },
        { llmp_string("{\"ski\":1,\"\xc5\xbf\xe2\x84\xaa\xc4\xb0\":1}"),
          AMBIGUOUS, "two member names in one object are spelt almost alike, "
          "at byte 9" },
        { llmp_string("{\"options\":{\"Foo\":1,\"f\\u006fo\":1}}"), AMBIGUOUS,
          "two member names in one object are spelt almost alike, "
          "at byte 20" },

        /* control characters, anywhere */

        { llmp_string("{\"temperature\\u0000x\":1}"), AMBIGUOUS,
          "a member name holds a control character, at byte 1" },
        { llmp_string("{\"a\":1,\"\\n\":1}"), AMBIGUOUS,
          "a member name holds a control character, at byte 7" },
        { llmp_string("{\"a\":[{\"b\\u001F\":1}]}"), AMBIGUOUS,
          "a member name holds a control character, at byte 7" },
        { llmp_string("{\"a\":[{\"\\u0000\":1}]}"), AMBIGUOUS,
          "a member name holds a control character, at byte 7" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


/* the other side of it: what must not be refused */

static void
test_unambiguous(void **state)
{
    size_t  i;

    static const llmp_str_t  good[] = {
        llmp_string("{\"a\":{\"b\":1,\"B\":1,\"\\u0042b\":1}}"),
        llmp_string("{\"a\":{\"Temperature\":1,\"temperature\":1}}"),
        llmp_string("{\"a\":{\"temper\\u0061ture\":1}}"),
        llmp_string("{\"messages\":[{\"k\":1,\"K\":1,\"\xe2\x84\xaa\":1}]}"),
        llmp_string("{\"stop\":{\"Temperature\":1,\"temperature\":2}}"),
        llmp_string("{\"stop\":[{\"A\":1,\"a\":2}]}"),
        llmp_string("{\"requests\":[{\"temperature\":1}]}"),
        llmp_string("{\"\\u0061\":1,\"b\\\"\":1,\"\\\\\":1}"),
        llmp_string("{\"t\xc3\xa9mp\xc3\xa9rature\":1,"
                    "\"t\xc3\x89mp\xc3\x89rature\":1}"),
        llmp_string("{\"\xef\xbd\x8b\":1}"),
        llmp_string("{\"top_k\":1,\"options\":{\"k\":1}}"),
        llmp_string("{\"a\":1,\"aa\":1,\"aaa\":1,\"\":1,\"b\":1,\"ab\":1}")
    };

    for (i = 0; i < test_nelts(good); i++) {
        scan_good(*state, &good[i]);
    }
}


/* param names what is watched, and only that */

static void
test_param(void **state)
{
    llmp_str_t  doc;
    fixture_t  *f = *state;

    doc = test_str("{\"options\":{\"Temperature\":1}}");
    scan_once(f, &doc);
    assert_string_equal(f->scan.refusal.param, "options.temperature");

    doc = test_str("{\"requests\":[{\"params\":{\"stop\":1,\"stop\":1}}]}");
    scan_once(f, &doc);
    assert_string_equal(f->scan.refusal.param, "requests.0.params.stop");

    doc = test_str("{\"\\u006b\":1}");
    scan_once(f, &doc);
    assert_string_equal(f->scan.refusal.param, "k");

    doc = test_str("{\"secret\":1,\"secret\":1}");
    scan_once(f, &doc);
    assert_string_equal(f->scan.refusal.param, "");
}


/* names around the longest that can be a watched one */

static void
test_long_names(void **state)
{
    size_t      i, n;
    char        a[512], b[1024];
    llmp_str_t  doc;
    fixture_t  *f = *state;

    static const size_t  lengths[] = {
        63, 64, 65, 191, 192, 193, 194, 255, 256, 257, 500
    };

    for (i = 0; i < test_nelts(lengths); i++) {
        n = lengths[i];
        memset(a, 'a', n);
        a[n] = '\0';

        doc = format("{\"%s\":1,\"temperature\":1}", a);
        scan_good(f, &doc);
        assert_int_equal(f->scan.nmembers, 2);

        doc = format("{\"temperature%s\":1,\"options\":{}}", a);
        scan_good(f, &doc);
        assert_int_equal(f->scan.nmembers, 2);

        /* the last character is of two bytes, and stands twice */

        a[n - 1] = '\0';
        snprintf(b, sizeof(b), "{\"%s\xc3\xa9\":1,\"%%s\xc3\xa9\":1}", a);

        doc = format(b, a);
        assert_in_range(doc.len, 2 * n, 2 * n + 20);

        n = doc.len;
        scan(f, &doc);
        assert_int_equal(f->scan.refusal.code, DUPLICATE);

        a[0] = 'A';
        doc = format(b, a);
        assert_int_equal(doc.len, n);
        scan(f, &doc);
        assert_int_equal(f->scan.refusal.code, AMBIGUOUS);
    }
}


/* ---- limits ---- */

static void
test_depth(void **state)
{
    llmp_uint_t  n;
    llmp_str_t   doc;

    for (n = 1; n < 4; n++) {

        /* objects inside arrays inside objects ... */

        doc.data = NULL;
        append_times(&doc, n == 3 ? 32 : 31, "{\"a\":[");
        append(&doc, n == 1 ? "{" : n == 2 ? "{\"a\":{" : "", 0);
        append(&doc, n == 1 ? "}" : n == 2 ? "}}" : "1", 0);
        append_times(&doc, n == 3 ? 32 : 31, "]}");

        scan_good(*state, &doc);
    }

    doc.data = NULL;
    append_times(&doc, 32, "{\"a\":[");
    append(&doc, "[", 0);
    append(&doc, "]", 0);
    append_times(&doc, 32, "]}");

    scan_bad(*state, &doc, JSON, "more than 64 nested objects and arrays");

    doc.data = NULL;
    append_times(&doc, 64, "{\"a\":");
    append(&doc, "{}", 0);

    scan_bad(*state, &doc, JSON, "more than 64 nested objects and arrays");

    doc.data = NULL;
    append(&doc, "{\"stop\":", 0);
    append_times(&doc, 100000, "[");

    scan_once(*state, &doc);
    check_pieces(*state, &doc, 1, 1, 1);
}


static void
check_large(fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message)
{
    scan_once(f, doc);
    check_pieces(f, doc, 1, 1, 2);
    check_pieces(f, doc, 1000, 4096, 3);

    assert_int_equal(f->scan.refusal.code, code);
    assert_string_equal(f->scan.refusal.message, message);
}


static void
test_names_max(void **state)
{
    llmp_str_t  doc;

    doc.data = NULL;
    append(&doc, "{\"a\":0", 0);
    append_times(&doc, LLMP_NAMES_MAX - 1, ",\"%ju\":1");
    append(&doc, "}", 0);
    check_large(*state, &doc, LLMP_REFUSE_NONE, "");

    doc.len--;
    append(&doc, ",\"b\":1}", 0);
    check_large(*state, &doc, JSON, "more than 16384 members in open objects");

    /* the names of all objects that are open count, ... */

    doc.data = NULL;
    append(&doc, "{\"a\":0", 0);
    append_times(&doc, LLMP_NAMES_MAX / 2 - 1, ",\"%ju\":1");
    append(&doc, ",\"b\":[{\"a\":0", 0);
    append_times(&doc, LLMP_NAMES_MAX / 2 - 2, ",\"%ju\":1");
    append(&doc, "}]}", 0);
    check_large(*state, &doc, LLMP_REFUSE_NONE, "");

    doc.len -= 3;
    append(&doc, ",\"b\":1}]}", 0);
    check_large(*state, &doc, JSON, "more than 16384 members in open objects");

    /* ... those of the others do not */

    doc.data = NULL;
    append(&doc, "{\"a\":[0", 0);
    append_times(&doc, LLMP_NAMES_MAX,
                 ",{\"a\":1,\"b\":2,\"c\":{\"a\":1}}");
    append(&doc, "]}", 0);
    check_large(*state, &doc, LLMP_REFUSE_NONE, "");
}


static void
test_members_max(void **state)
{
    llmp_str_t  doc;
    fixture_t  *f = *state;

    /* the root and the array are members, too */

    doc.data = NULL;
    append(&doc, "{\"stop\":[0", 0);
    append_times(&doc, LLMP_MEMBERS_MAX - 3, ",\"%ju\"");
    append(&doc, "]}", 0);
    check_large(f, &doc, LLMP_REFUSE_NONE, "");
    assert_int_equal(f->scan.nmembers, LLMP_MEMBERS_MAX);

    doc.len -= 2;
    append(&doc, ",[]]}", 0);
    check_large(f, &doc, JSON, "more than 4096 policed members");
}


/* no index wraps round: white box, since no test can have 2^32 elements */

static void
test_elements_max(void **state)
{
    llmp_str_t  doc;
    fixture_t  *f = *state;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);

    doc = test_str("{\"a\":[1");
    assert_int_equal(feed(&f->scan, doc.data, doc.len, 0), LLMP_AGAIN);

    f->scan.stack[1].count = UINT32_MAX - 1;

    doc = test_str(",1");
    assert_int_equal(feed(&f->scan, doc.data, doc.len, 0), LLMP_AGAIN);
    assert_int_equal(feed(&f->scan, doc.data, doc.len, 0), LLMP_ERROR);

    assert_int_equal(f->scan.refusal.code, JSON);
    assert_string_equal(f->scan.refusal.message,
                        "more than 4294967295 elements in an array");
}


/* offsets beyond 4 GiB, as if so much had come before: white box as well */

static void
test_large_offsets(void **state)
{
    fixture_t      *f = *state;
    llmp_str_t      doc;
    llmp_member_t  *m;

    static const uint64_t  before = 0x123456789a;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);
    f->scan.offset = before;

    doc = test_str("{\"a\":1,\"k\":22,\"b\":3}");
    assert_int_equal(feed_pieces(&f->scan, &doc, 13, 100), LLMP_OK);

    m = &f->scan.members[1];
    assert_true(m->comma == before + 6);
    assert_true(m->key == before + 7);
    assert_true(m->start == before + 11);
    assert_true(m->end == before + 13);
    assert_true(m->next == before + 14);
    assert_str_is(m->text, "22");

    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);
    f->scan.offset = before;

    assert_int_equal(feed(&f->scan, doc.data, 1, 0), LLMP_AGAIN);
    assert_int_equal(feed(&f->scan, doc.data, 1, 0), LLMP_ERROR);
    assert_string_equal(f->scan.refusal.message, AT
                        "78187493531: expected a member name or \"}\"");
}


/*
 * The work that finding duplicates takes, counted instead of timed: how many
 * names each new name is compared with.  Twice the number of names is a fair
 * mean for a hash of that load; names that a client could want to collide must
 * not do worse.
 */

static void
check_chains(fixture_t *f, const llmp_str_t *doc, llmp_uint_t names)
{
    size_t        len;
    uint32_t      i, j, n, longest;
    llmp_scan_t  *s;
    llmp_uint_t   work;

    s = &f->scan;
    len = doc->len - 1;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(s, f->root, &f->arena.pool, 5);

    assert_int_equal(llmp_scan_feed(s, doc->data, len, 0), LLMP_AGAIN);
    assert_int_equal(s->nnames, names);
    assert_in_range(s->names_size, names, 2 * names);

    work = 0;
    longest = 0;

    for (i = 0; i < s->names_size; i++) {
        n = 0;

        for (j = s->heads[i]; j != 0; j = s->names[j - 1].chain) {
            assert_in_range(j, 1, s->nnames);
            n++;
        }

        work += n * (n - 1) / 2;
        longest = (n > longest) ? n : longest;
    }

    assert_in_range(work, 0, names);
    assert_in_range(longest, 1, 24);
}


static void
test_flood(void **state)
{
    size_t        i;
    char          fmt[64];
    llmp_str_t    doc;
    llmp_uint_t   names;

    static const char *const  formats[] = {
        "%ju", "%09ju", "%ju0000", "%jx", "\xe4\xbd\xa0%ju", "\\u0041%ju"
    };

    for (i = 0; i < test_nelts(formats); i++) {
        for (names = 64; names <= LLMP_NAMES_MAX; names *= 4) {

            snprintf(fmt, sizeof(fmt), "\"%s\":1,", formats[i]);

            doc.data = NULL;
            append(&doc, "{", 0);
            append_times(&doc, names, fmt);
            check_chains(*state, &doc, names);

            doc.data = NULL;
            append(&doc, "{\"a\":[{", 0);
            append_times(&doc, names - 1, fmt);
            check_chains(*state, &doc, names);
        }
    }

    /* too many are refused when the limit is passed, not at the end */

    doc.data = NULL;
    append(&doc, "{\"a\":1", 0);
    append_times(&doc, 60000, ",\"%ju\":1");
    check_large(*state, &doc, JSON, "more than 16384 members in open objects");
}


/* ---- records ---- */

/* a line for each member: its path, type and place; its value comes last */

static void
check_members(fixture_t *f, const llmp_str_t *doc, const char *expected)
{
    char                 *p, buf[4096], path[64];
    uint32_t              i;
    const llmp_member_t  *m;

    scan_good(f, doc);

    p = buf;

    for (i = 0; i < f->scan.nmembers; i++) {
        m = &f->scan.members[i];

        p += snprintf(p, buf + sizeof(buf) - p, "%s %x in %u at %u of %u, "
                      "to %u, has %u: %.*s\n",
                      llmp_watch_path(m->watch, path, sizeof(path)), m->type,
                      m->parent, m->index,
                      i ? f->scan.members[m->parent].count : 0, m->last,
                      m->count, (int) (m->end - m->start),
                      (char *) doc->data + m->start);
    }

    assert_string_equal(buf, expected);
}


static void
test_members(void **state)
{
    size_t  i;

    static const struct {
        llmp_str_t   doc;
        const char  *members;
    } cases[] = {

        { llmp_string(" {} "),
          " 20 in 0 at 0 of 0, to 0, has 0: {}\n" },

        { llmp_string("{\"a\":{\"temperature\":1},\"b\":[2],\"c\":\"k\"}"),
          " 20 in 0 at 0 of 0, to 0, has 3: "
          "{\"a\":{\"temperature\":1},\"b\":[2],\"c\":\"k\"}\n" },

        { llmp_string("{\"k\":1.90,\"a\":2,\"temperature\" :null }"),
          " 20 in 0 at 0 of 0, to 2, has 3: "
          "{\"k\":1.90,\"a\":2,\"temperature\" :null }\n"
          "k 4 in 0 at 0 of 3, to 1, has 0: 1.90\n"
          "temperature 1 in 0 at 2 of 3, to 2, has 0: null\n" },

        { llmp_string("{\"k\":true,\"temperature\":\"1\\\"}\" , \"b\":[]}"),
          " 20 in 0 at 0 of 0, to 2, has 3: "
          "{\"k\":true,\"temperature\":\"1\\\"}\" , \"b\":[]}\n"
          "k 2 in 0 at 0 of 3, to 1, has 0: true\n"
          "temperature 8 in 0 at 1 of 3, to 2, has 0: \"1\\\"}\"\n" },

        /* containers that nothing is watched in, or not this */

        { llmp_string("{\"k\":[1,{}],\"temperature\":{\"a\":[]}}"),
          " 20 in 0 at 0 of 0, to 2, has 2: "
          "{\"k\":[1,{}],\"temperature\":{\"a\":[]}}\n"
          "k 10 in 0 at 0 of 2, to 1, has 2: [1,{}]\n"
          "temperature 20 in 0 at 1 of 2, to 2, has 1: {\"a\":[]}\n" },

        { llmp_string("{\"options\":[{\"top_k\":1}],\"stop\":{\"0\":1}}"),
          " 20 in 0 at 0 of 0, to 2, has 2: "
          "{\"options\":[{\"top_k\":1}],\"stop\":{\"0\":1}}\n"
          "options 10 in 0 at 0 of 2, to 1, has 1: [{\"top_k\":1}]\n"
          "stop 20 in 0 at 1 of 2, to 2, has 1: {\"0\":1}\n" },

        /* elements */

        { llmp_string("{\"stop\" : [ \"a\" , [ 2 ] , {} ] , \"k\":0}"),
          " 20 in 0 at 0 of 0, to 5, has 2: "
          "{\"stop\" : [ \"a\" , [ 2 ] , {} ] , \"k\":0}\n"
          "stop 10 in 0 at 0 of 2, to 4, has 3: [ \"a\" , [ 2 ] , {} ]\n"
          "stop[] 8 in 1 at 0 of 3, to 2, has 0: \"a\"\n"
          "stop[] 10 in 1 at 1 of 3, to 3, has 1: [ 2 ]\n"
          "stop[] 20 in 1 at 2 of 3, to 4, has 0: {}\n"
          "k 4 in 0 at 1 of 2, to 5, has 0: 0\n" },

        /* deeper, with members that are not watched between */

        { llmp_string("{\"a\":0,\"options\":{\"b\":[],\"temperature\":1,"
                      "\"c\":2,\"top_k\":3,\"d\":4},\"e\":5}"),
          " 20 in 0 at 0 of 0, to 3, has 3: "
          "{\"a\":0,\"options\":{\"b\":[],\"temperature\":1,"
          "\"c\":2,\"top_k\":3,\"d\":4},\"e\":5}\n"
          "options 20 in 0 at 1 of 3, to 3, has 5: {\"b\":[],"
          "\"temperature\":1,\"c\":2,\"top_k\":3,\"d\":4}\n"
          "options.temperature 4 in 1 at 1 of 5, to 2, has 0: 1\n"
          "options.top_k 4 in 1 at 3 of 5, to 3, has 0: 3\n" },

        /* the first element is known by its number, too */

        { llmp_string("{\"requests\":[{\"seed\":1,\"params\":{\"stop\":[2]}},"
                      "{\"seed\":3,\"params\":{\"temperature\":4}}]}"),
          " 20 in 0 at 0 of 0, to 9, has 1: "
          "{\"requests\":[{\"seed\":1,\"params\":{\"stop\":[2]}},"
          "{\"seed\":3,\"params\":{\"temperature\":4}}]}\n"
          "requests 10 in 0 at 0 of 1, to 9, has 2: "
          "[{\"seed\":1,\"params\":{\"stop\":[2]}},"
          "{\"seed\":3,\"params\":{\"temperature\":4}}]\n"
          "requests.0 20 in 1 at 0 of 2, to 6, has 2: "
          "{\"seed\":1,\"params\":{\"stop\":[2]}}\n"
          "requests.0.seed 4 in 2 at 0 of 2, to 3, has 0: 1\n"
          "requests.0.params 20 in 2 at 1 of 2, to 6, has 1: "
          "{\"stop\":[2]}\n"
          "requests.0.params.stop 10 in 4 at 0 of 1, to 6, has 1: [2]\n"
          "requests.0.params.stop[] 4 in 5 at 0 of 1, to 6, has 0: 2\n"
          "requests[] 20 in 1 at 1 of 2, to 9, has 2: "
          "{\"seed\":3,\"params\":{\"temperature\":4}}\n"
          "requests[].params 20 in 7 at 1 of 2, to 9, has 1: "
          "{\"temperature\":4}\n"
          "requests[].params.temperature 4 in 8 at 0 of 1, to 9, has 0: 4\n" }
    };

    for (i = 0; i < test_nelts(cases); i++) {
        check_members(*state, &cases[i].doc, cases[i].members);
    }
}


/* the text of a scalar is kept up to a limit, wherever it is split */

static void
test_text_max(void **state)
{
    size_t         n;
    char           text[LLMP_TEXT_MAX + 50];
    fixture_t     *f = *state;
    llmp_str_t     doc;
    llmp_member_t *m;

    for (n = LLMP_TEXT_MAX - 4; n < sizeof(text); n += (n < 270) ? 1 : 13) {
        memset(text, '7', n);
        text[n] = '\0';

        /* a string has two quotes as well */

        doc = format("{\"a\":\"\",\"k\":\"%s\"}", text);
        scan_good(f, &doc);

        m = &f->scan.members[1];
        assert_int_equal(m->end - m->start, n + 2);
        assert_int_equal(m->cut, n + 2 > LLMP_TEXT_MAX);
        assert_int_equal(m->text.len, m->cut ? LLMP_TEXT_MAX : n + 2);

        doc = format("{\"temperature\":%s}", text);
        scan_good(f, &doc);

        m = &f->scan.members[1];
        assert_int_equal(m->end - m->start, n);
        assert_int_equal(m->cut, n > LLMP_TEXT_MAX);
        assert_int_equal(m->text.len, m->cut ? LLMP_TEXT_MAX : n);
    }
}


/* a string that is cut anywhere is decoded up to there, and no further */

static void
test_unescape_cut(void **state)
{
    size_t      n, len;
    u_char     *cut, *dst;
    llmp_str_t  text;

    static const llmp_str_t  whole = llmp_string(
        "\"a\\n\xc3\xa9\xf0\x9f\x98\x80\\u0041\\ud83d\\ude00z\"");

    static const u_char  decoded[] =
        "a\n\xc3\xa9\xf0\x9f\x98\x80" "A\xf0\x9f\x98\x80z";

    static const size_t  lengths[] = {
        0, 1, 1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 9,
        9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 13, 14, 14
    };

    (void) state;

    assert_int_equal(whole.len, test_nelts(lengths));

    for (n = 1; n <= whole.len; n++) {

        /* blocks of just that size: nothing beyond may be touched */

        cut = malloc(n);
        dst = malloc(n);
        assert_true(cut != NULL && dst != NULL);

        memcpy(cut, whole.data, n);
        text = (llmp_str_t) { n, cut };

        len = llmp_unescape(dst, &text);

        assert_int_equal(len, lengths[n - 1]);
        assert_memory_equal(dst, decoded, len);

        free(cut);
        free(dst);
    }
}


/* ---- the calls ---- */

static void
test_calls(void **state)
{
    llmp_str_t     doc;
    llmp_scan_t   *s;
    fixture_t     *f = *state;

    s = &f->scan;
    doc = test_str("{\"k\":1}");

    /* the end may come with the last bytes, or after them; without any */

    llmp_arena_reset(&f->arena);
    llmp_scan_init(s, f->root, &f->arena.pool, 0);

    assert_int_equal(llmp_scan_feed(s, NULL, 0, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, doc.data, 3, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, doc.data + 3, 4, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 1), LLMP_OK);
    assert_int_equal(s->nmembers, 2);
    assert_str_is(s->members[1].text, "1");

    llmp_scan_init(s, f->root, &f->arena.pool, 0);

    assert_int_equal(llmp_scan_feed(s, NULL, 0, 1), LLMP_ERROR);
    assert_string_equal(s->refusal.message, AT "0: the body is empty");

    /* a refusal is final */

    llmp_scan_init(s, f->root, &f->arena.pool, 0);

    assert_int_equal(llmp_scan_feed(s, doc.data + 1, 1, 0), LLMP_ERROR);
    assert_string_equal(s->refusal.message,
                        AT "0: the body must be an object");
    assert_int_equal(llmp_scan_feed(s, doc.data, doc.len, 0), LLMP_ERROR);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 1), LLMP_ERROR);
    assert_string_equal(s->refusal.message,
                        AT "0: the body must be an object");

    /* it comes with the byte that is wrong, not only at the end */

    llmp_scan_init(s, f->root, &f->arena.pool, 0);

    doc = test_str("{\"a\":1,\"a\"");
    assert_int_equal(llmp_scan_feed(s, doc.data, doc.len - 1, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, doc.data + doc.len - 1, 1, 0),
                     LLMP_ERROR);
    assert_int_equal(s->refusal.code, DUPLICATE);
}


/* a tree that watches nothing, or nothing by name */

static void
test_other_trees(void **state)
{
    size_t         i;
    fixture_t      f;
    llmp_str_t     doc;

    static const char *const  element[] = { "[]", "[].a" };

    (void) state;

    doc = test_str("{\"temperature\":1,\"Temperature\":2,\"a\":[{\"a\":1}]}");

    for (i = 0; i < 2; i++) {
        llmp_arena_init(&f.tree);
        llmp_arena_init(&f.arena);

        f.root = scan_tree(&f.tree.pool, element, i ? test_nelts(element) : 0);
        assert_non_null(f.root);

        scan_good(&f, &doc);

        assert_int_equal(f.scan.nmembers, 1);
        assert_ptr_equal(f.scan.members[0].watch, f.root);

        llmp_arena_reset(&f.tree);
        llmp_arena_reset(&f.arena);
    }
}


/* whichever allocation fails, the request is refused for it */

static void
test_no_memory(void **state)
{
    size_t        n;
    llmp_int_t    rc;
    fixture_t    *f = *state;
    llmp_str_t    doc;
    llmp_scan_t  *s;

    doc.data = NULL;
    append(&doc, "{\"temperature\":1.5,\"stop\":[0", 0);
    append_times(&doc, 40, ",\"%ju\"");
    append(&doc, "],\"a\":1", 0);
    append_times(&doc, 100, ",\"%ju\":1");
    append(&doc, "}", 0);

    s = &f->scan;
    rc = LLMP_ERROR;

    for (n = 1; rc != LLMP_OK; n++) {

        assert_in_range(n, 1, 100);

        llmp_arena_reset(&f->arena);
        llmp_arena_init(&f->arena);
        f->arena.fail_after = n;

        llmp_scan_init(s, f->root, &f->arena.pool, 7);
        rc = feed_pieces(s, &doc, n, 64);

        if (rc != LLMP_OK) {
            assert_int_equal(s->refusal.code, LLMP_REFUSE_INTERNAL);
            assert_string_equal(s->refusal.message,
                                "no memory to read the request");
            assert_int_equal(f->arena.allocs, n);
        }
    }

    /* members three times, names three times, a text for each scalar */

    assert_int_equal(n - 2, 3 + 3 + 42);

    llmp_arena_reset(&f->arena);
    llmp_arena_init(&f->arena);
}


/* what is embedded in the context of every request stays small */

static void
test_size(void **state)
{
    (void) state;

    assert_in_range(sizeof(llmp_scan_t), 1, 3500);
}


static int
setup(void **state)
{
    static fixture_t  f;

    llmp_arena_init(&f.tree);
    llmp_arena_init(&f.arena);

    f.root = scan_tree(&f.tree.pool, paths, test_nelts(paths));

    *state = &f;

    return f.root == NULL;
}


static int
teardown(void **state)
{
    fixture_t  *f = *state;

    llmp_arena_reset(&f->tree);
    llmp_arena_reset(&f->arena);

    return 0;
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
        cmocka_unit_test(test_escapes_bad),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_ambiguous),
        cmocka_unit_test(test_unambiguous),
        cmocka_unit_test(test_param),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_names_max),
        cmocka_unit_test(test_members_max),
        cmocka_unit_test(test_elements_max),
        cmocka_unit_test(test_large_offsets),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_text_max),
        cmocka_unit_test(test_unescape_cut),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_other_trees),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_size)
    };

    return cmocka_run_group_tests_name("scan", tests, setup, teardown);
}
