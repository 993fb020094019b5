
/*
 * Copyright (C) llm-policy authors
 *
 * The fast ways to skip text against the scalar one, and the scalar one against
 * the definition of UTF-8: at every alignment, in memory with a guard page at
 * both ends.
 */


#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/llmp_utf8.h"
#include "json/llmp_text.h"

#include "test.h"


#define LENGTH_MAX  200


typedef struct {
    u_char        *map;
    u_char        *start;      /* memory between the guard pages */
    u_char        *end;
    size_t         page;
    uint32_t       number;     /* state of a generator */
} fixture_t;


static uint32_t
below(fixture_t *f, uint32_t n)
{
    f->number = f->number * 1664525 + 1013904223;

    return (f->number >> 8) % n;
}


static void
check(const u_char *buf, const u_char *p, const u_char *end)
{
    size_t                   i;
    const u_char            *expected, *got;
    const llmp_text_path_t  *path;

    expected = llmp_text_nth_path(0)->text(buf, p, end);

    for (i = 1; (path = llmp_text_nth_path(i)) != NULL; i++) {
        got = path->text(buf, p, end);

        if (got != expected) {
            print_error("%s: %td instead of %td of %td bytes, from %td on\n",
                        path->name, got - p, expected - p, end - p, p - buf);
            fail();
        }
    }
}


/*
 * Puts the text at both ends of the page, and skips it from several positions,
 * each the beginning of a character.
 */

static void
check_text(fixture_t *f, const u_char *text, size_t len)
{
    size_t   i;
    u_char  *p;

    for (i = 0; i < 2; i++) {
        p = (i == 0) ? f->end - len : f->start;

        memcpy(p, text, len);
        check(p, p, p + len);

        if (len > 8 && text[0] == '"' && text[4] < 0x80 && text[3] != '\\') {
            check(p, p + 1, p + len);
            check(p, p + 4, p + len);
        }
    }
}


/* Puts a piece at each place of a text, and text of each length after it. */

static void
check_placed(fixture_t *f, const u_char *piece, size_t len)
{
    size_t  at;
    u_char  text[LENGTH_MAX];

    for (at = 1; at < 140; at += (at < 60 || at > 68) ? 7 : 1) {
        memset(text, 'a', sizeof(text));
        text[0] = '"';
        memcpy(text + at, piece, len);

        check_text(f, text, sizeof(text));
        check_text(f, text, at + len);
        check_text(f, text, at + len - 1);
    }
}


static void
test_paths(void **state)
{
    (void) state;

    assert_string_equal(llmp_text_nth_path(0)->name, "scalar");
    assert_non_null(llmp_text_best_path());

#if (__x86_64__)
    assert_non_null(llmp_text_nth_path(1));
    assert_string_equal(llmp_text_nth_path(1)->name, "sse2");
    assert_true(llmp_text_best_path() != llmp_text_nth_path(0));
#endif
}


/* the contract, written differently from the code */

static void
test_plain_way(void **state)
{
    size_t  i;

    static const struct {
        llmp_str_t  text;
        size_t      len;
    } cases[] = {
        { llmp_string(""), 0 },
        { llmp_string("abc"), 3 },
        { llmp_string("abc\"d"), 3 },
        { llmp_string("\""), 0 },
        { llmp_string("a\nb"), 1 },
        { llmp_string("a\x7f" "b"), 3 },
        { llmp_string("\\\"\\\\\\/\\b\\f\\n\\r\\tx\"y"), 17 },
        { llmp_string("ab\\"), 2 },
        { llmp_string("ab\\x"), 2 },
        { llmp_string("ab\\\\\\"), 4 },
        { llmp_string("\\u00e9\\uABCDx"), 13 },
        { llmp_string("\\u00e"), 0 },
        { llmp_string("\\u00eg"), 0 },
        { llmp_string("a\\ud83d\\ude00b"), 14 },
        { llmp_string("a\\uD83D\\uDE00b"), 14 },
        { llmp_string("a\\ud83db"), 1 },
        { llmp_string("a\\ude00b"), 1 },
        { llmp_string("a\\ud83d\\n"), 1 },
        { llmp_string("a\\ud83d\\u0041"), 1 },
        { llmp_string("a\\ud83d\\ud83d"), 1 },
        { llmp_string("\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80"), 9 },
        { llmp_string("a\xc3"), 1 },
        { llmp_string("a\xa9"), 1 },
        { llmp_string("a\xe4\xbd"), 1 },
        { llmp_string("\xed\xa0\x80"), 0 },
        { llmp_string("\xc0\x80"), 0 },
        { llmp_string("\xf4\x90\x80\x80"), 0 }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        assert_int_equal(llmp_text_nth_path(0)->text(cases[i].text.data,
                             cases[i].text.data,
                             cases[i].text.data + cases[i].text.len)
                         - cases[i].text.data, cases[i].len);
    }
}


/* at every alignment and length, with a special byte at each place */

static void
test_places(void **state)
{
    size_t      len, i, j;
    u_char      text[LENGTH_MAX];
    fixture_t  *f = *state;

    static const u_char  special[] = {
        '"', '\\', '\0', '\n', 0x1f, 0x7f, 0x80, 0xbf, 0xc3, 0xe0, 0xf0, 0xff
    };

    for (len = 0; len < sizeof(text); len++) {
        memset(text, 'a', sizeof(text));
        check_text(f, text, len);

        for (i = 0; i < len; i++) {
            j = (i + len) % sizeof(special);

            text[i] = special[j];
            check_text(f, text, len);
            text[i] = 'a';
        }
    }
}


static void
test_every_byte(void **state)
{
    size_t  byte, next;
    u_char  piece[3];

    for (byte = 0; byte < 256; byte++) {
        piece[0] = (u_char) byte;
        check_placed(*state, piece, 1);

        /* and after one, two or three backslashes */

        for (next = 0; next < 4; next++) {
            memset(piece, '\\', sizeof(piece));
            piece[next % 3] = (u_char) byte;
            check_placed(*state, piece, 1 + next % 3);
        }
    }
}


/* runs of backslashes of every length, at every place */

static void
test_backslashes(void **state)
{
    size_t      at, n, behind;
    u_char      text[LENGTH_MAX];
    fixture_t  *f = *state;

    static const char  ends[] = "\"nau\\";

    for (n = 1; n <= 140; n += (n < 10 || (n > 60 && n < 68)) ? 1 : 11) {
        for (at = 1; at + n < sizeof(text) - 1; at += (at % 8 == 0) ? 5 : 1) {
            for (behind = 0; behind < sizeof(ends) - 1; behind++) {
                memset(text, 'a', sizeof(text));
                text[0] = '"';
                memset(text + at, '\\', n);
                text[at + n] = (u_char) ends[behind];

                check_text(f, text, sizeof(text));
            }
        }
    }
}


static void
test_escapes(void **state)
{
    size_t  i;

    static const llmp_str_t  pieces[] = {
        llmp_string("\\u0041"), llmp_string("\\uabcd"), llmp_string("\\uD7FF"),
        llmp_string("\\ud83d\\ude00"), llmp_string("\\ud83d"),
        llmp_string("\\ude00"), llmp_string("\\ud83d\\u0041"),
        llmp_string("\\u004"), llmp_string("\\u00g1"), llmp_string("\\u\"041"),
        llmp_string("\\u00\\u0041"), llmp_string("\\\\u00zz"),
        llmp_string("\\U0041"), llmp_string("\\u0041\\u0042\\u0043\\u0044"),
        llmp_string("\\u0041\""), llmp_string("\\u004\""),
        llmp_string("\\u\xc3\xa9\x30\x30"), llmp_string("\\\xc3\xa9"),
        llmp_string("\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00")
    };

    for (i = 0; i < test_nelts(pieces); i++) {
        check_placed(*state, pieces[i].data, pieces[i].len);
    }
}


/*
 * all pairs of bytes, all triples that begin a sequence of three, and fours at
 * the limits of each byte
 */

static void
test_utf8(void **state)
{
    u_char      text[256];
    size_t      i, j, k, n, at;
    fixture_t  *f = *state;

    static const u_char  bounds[] = {
        0x00, 0x22, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1,
        0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4,
        0xf5, 0xff
    };

    memset(text, 'a', sizeof(text));

    for (i = 0; i < 0x10000; i++) {
        at = 3 + i % 130;

        text[at] = (u_char) (i >> 8);
        text[at + 1] = (u_char) i;

        check_text(f, text, sizeof(text));
        memset(text + at, 'a', 4);
    }

    for (i = 0; i < 0x1000000; i++) {

        if (i < 0xe00000 && (i & 0xffff) != 0) {
            i |= 0xffff;
            continue;
        }

        at = 58 + i % 13;

        text[at] = (u_char) (i >> 16);
        text[at + 1] = (u_char) (i >> 8);
        text[at + 2] = (u_char) i;

        check(text, text, text + 136);
        memset(text + at, 'a', 4);
    }

    n = sizeof(bounds);

    for (i = 0; i < n * n * n * n; i++) {
        at = 58 + i % 11;
        j = i;

        for (k = 0; k < 4; k++) {
            text[at + k] = bounds[j % n];
            j /= n;
        }

        check(text, text, text + 140);
        memset(text + at, 'a', 4);
    }
}


/* the scalar path itself, for every code point */

static void
test_code_points(void **state)
{
    size_t    n;
    u_char    buf[8];
    uint32_t  code;

    (void) state;

    for (code = 0x80; code < 0x110000 + 0x100; code++) {
        n = llmp_utf8_encode(buf, code);
        buf[n] = 'a';

        assert_int_equal(llmp_text_nth_path(0)->text(buf, buf,
                                                     buf + n + 1) - buf,
                         ((code >= 0xd800 && code < 0xe000)
                          || code > 0x10ffff) ? 0 : n + 1);
    }
}


/* ordinary text, with or without an invalid byte */

static void
test_random(void **state)
{
    size_t      i, len, n;
    u_char      text[1024];
    fixture_t  *f = *state;

    static const llmp_str_t  pieces[] = {
        llmp_string("the "), llmp_string("word "), llmp_string("\\n"),
        llmp_string("\\\""), llmp_string("\\\\"), llmp_string("\\\\\\\\"),
        llmp_string("\\u00e9"), llmp_string("\\ud83d\\ude00"),
        llmp_string("\xc3\xa9t\xc3\xa9 "), llmp_string("\xe4\xbd\xa0"),
        llmp_string("\xe5\xa5\xbd "), llmp_string("\xf0\x9f\x98\x80"),
        llmp_string("a longer piece of nothing but plain text in ASCII, so "
                    "that a block may be without anything special "),
        llmp_string("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 ")
    };

    for (i = 0; i < 30000; i++) {
        len = 0;
        n = 1 + below(f, test_nelts(pieces));

        while (len < sizeof(text) - 128) {
            const llmp_str_t  *piece = &pieces[below(f, (uint32_t) n)];

            memcpy(text + len, piece->data, piece->len);
            len += piece->len;
        }

        check_text(f, text, len);

        text[below(f, (uint32_t) len)] = (u_char) below(f, 256);
        check_text(f, text, len);

        text[below(f, (uint32_t) len)] ^= (u_char) (1 << below(f, 8));
        check_text(f, text, below(f, (uint32_t) len));
    }
}


static int
setup(void **state)
{
    static fixture_t  f;

    f.page = (size_t) sysconf(_SC_PAGESIZE);
    f.number = 1;

    f.map = mmap(NULL, 3 * f.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0);
    if (f.map == MAP_FAILED
        || mprotect(f.map + f.page, f.page, PROT_READ | PROT_WRITE) != 0)
    {
        return -1;
    }

    f.start = f.map + f.page;
    f.end = f.start + f.page;

    *state = &f;

    return 0;
}


static int
teardown(void **state)
{
    fixture_t  *f = *state;

    return munmap(f->map, 3 * f->page);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_plain_way),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_backslashes),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_code_points),
        cmocka_unit_test(test_random)
    };

    return cmocka_run_group_tests_name("text", tests, setup, teardown);
}
