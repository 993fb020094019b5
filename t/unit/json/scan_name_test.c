
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner: duplicate names, names that readers confuse, limits.
 */


#include <stdio.h>

#include "test.h"
#include "scan_run.h"


/* ---- names ---- */

static void
test_duplicates(void **state)
{
    static const scan_bad_t  bad[] = {
        { llmp_string("{\"a\":1,\"a\":1}"), DUPLICATE,
          "a member name appears twice in one object, at byte 7" },
        { llmp_string("{\"\":1,\"\":1}"), DUPLICATE,
          "a member name appears twice in one object, at byte 6" },
        { llmp_string("{\"a\":{},\"b\":1,\"a\":null}"), DUPLICATE,
          "a member name appears twice in one object, at byte 14" },
        { llmp_string("{\"a\":1,\"\\u0061\":1}"), DUPLICATE,
          "a member name appears twice in one object, at byte 7" },
        { llmp_string("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}"),
          DUPLICATE, "a member name appears twice in one object, at byte 18" },
        { llmp_string("{\"\\/\":1,\"/\":1}"), DUPLICATE,
          "a member name appears twice in one object, at byte 8" },

        /* nothing is watched here */

        { llmp_string("{\"a\":{\"b\":1,\"b\":1}}"), DUPLICATE,
          "a member name appears twice in one object, at byte 12" },
        { llmp_string("{\"a\":{\"b\":1,\"c\":{\"b\":1},\"b\":1}}"), DUPLICATE,
          "a member name appears twice in one object, at byte 24" },
        { llmp_string("{\"a\":[[{},{\"b\":1,\"b\":1}]]}"), DUPLICATE,
          "a member name appears twice in one object, at byte 17" },
        { llmp_string("{\"messages\":[{\"temperature\":1,"
                      "\"temper\\u0061ture\":1}]}"), DUPLICATE,
          "a member name appears twice in one object, at byte 30" },
        { llmp_string("{\"temperature\":{\"a\":1,\"a\":1}}"), DUPLICATE,
          "a member name appears twice in one object, at byte 22" },
        { llmp_string("{\"stop\":[{\"a\":1,\"a\":1}]}"), DUPLICATE,
          "a member name appears twice in one object, at byte 16" },

        /* watched */

        { llmp_string("{\"temperature\":1,\"temperature\":1}"), DUPLICATE,
          "\"temperature\" appears twice in the request" },
        { llmp_string("{\"k\":null,\"options\":{},\"k\":null}"), DUPLICATE,
          "\"k\" appears twice in the request" },
        { llmp_string("{\"options\":{\"temperature\":1,\"seed\":1,"
                      "\"temperature\":1}}"), DUPLICATE,
          "\"options.temperature\" appears twice in the request" },
        { llmp_string("{\"options\":{\"temperature\":1},"
                      "\"options\":{\"seed\":1}}"), DUPLICATE,
          "\"options\" appears twice in the request" },
        { llmp_string("{\"requests\":[{},{\"params\":{\"temperature\":1,"
                      "\"temperature\":1}}]}"), DUPLICATE,
          "\"requests[].params.temperature\" appears twice in the request" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


static void
test_ambiguous(void **state)
{
    static const scan_bad_t  bad[] = {

        /* differs from a watched name in case only, or folds to it in Go */

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

        /* folds to another name of the object, which is watched */

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
          "a member name contains a control character, at byte 1" },
        { llmp_string("{\"a\":1,\"\\n\":1}"), AMBIGUOUS,
          "a member name contains a control character, at byte 7" },
        { llmp_string("{\"a\":[{\"b\\u001F\":1}]}"), AMBIGUOUS,
          "a member name contains a control character, at byte 7" },
        { llmp_string("{\"a\":[{\"\\u0000\":1}]}"), AMBIGUOUS,
          "a member name contains a control character, at byte 7" }
    };

    scan_table(*state, bad, test_nelts(bad));
}


/* similar names that must not be refused */

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


/* param names watched members, and only those */

static void
test_param(void **state)
{
    llmp_str_t       doc;
    scan_fixture_t  *f = *state;

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


/* names about as long as the longest watched one */

static void
test_long_names(void **state)
{
    size_t           i, n;
    char             a[512], b[1024];
    llmp_str_t       doc;
    scan_fixture_t  *f = *state;

    static const size_t  lengths[] = {
        63, 64, 65, 191, 192, 193, 194, 255, 256, 257, 500
    };

    for (i = 0; i < test_nelts(lengths); i++) {
        n = lengths[i];
        memset(a, 'a', n);
        a[n] = '\0';

        doc = doc_format("{\"%s\":1,\"temperature\":1}", a);
        scan_good(f, &doc);
        assert_int_equal(f->scan.members.nelts, 2);

        doc = doc_format("{\"temperature%s\":1,\"options\":{}}", a);
        scan_good(f, &doc);
        assert_int_equal(f->scan.members.nelts, 2);

        /* a duplicate whose last character has two bytes */

        a[n - 1] = '\0';
        snprintf(b, sizeof(b), "{\"%s\xc3\xa9\":1,\"%%s\xc3\xa9\":1}", a);

        doc = doc_format(b, a);
        assert_in_range(doc.len, 2 * n, 2 * n + 20);

        n = doc.len;
        scan_all(f, &doc);
        assert_int_equal(f->scan.refusal.code, DUPLICATE);

        a[0] = 'A';
        doc = doc_format(b, a);
        assert_int_equal(doc.len, n);
        scan_all(f, &doc);
        assert_int_equal(f->scan.refusal.code, AMBIGUOUS);
    }
}


/* the longest watched name, and the longest name that folds to it */

static void
test_longest_name(void **state)
{
    size_t           i;
    char             name[LLMP_WATCH_RAW_NAME_MAX + 4];
    llmp_str_t       doc;
    scan_fixture_t  *f = *state;

    assert_int_equal(strlen(LONGEST), LLMP_WATCH_NAME_MAX);

    doc = test_str("{\"" LONGEST "\":1}");
    scan_good(f, &doc);
    assert_int_equal(f->scan.members.nelts, 2);

    for (i = 0; i < LLMP_WATCH_RAW_NAME_MAX; i += 3) {
        memcpy(name + i, "\xe2\x84\xaa", 4);
    }

    doc = doc_format("{\"%s\":1}", name);
    scan_all(f, &doc);
    assert_int_equal(f->scan.refusal.code, AMBIGUOUS);
    assert_string_equal(f->scan.refusal.param, LONGEST);

    /* one more character makes another name */

    doc = doc_format("{\"%sk\":1}", name);
    scan_good(f, &doc);

    doc = doc_format("{\"" LONGEST "k%s\":1}", "");
    scan_good(f, &doc);
    assert_int_equal(f->scan.members.nelts, 1);
}


/* any of many names as the duplicate */

static void
test_many_names(void **state)
{
    size_t            len;
    llmp_uint_t       i, n, names;
    llmp_str_t        doc;
    scan_fixture_t   *f = *state;

    for (names = 30; names < 140; names++) {

        doc.data = NULL;
        doc_append(&doc, "{\"a\":{\"x\":1", 0);
        doc_append_times(&doc, names, ",\"%ju\":1");
        doc_append(&doc, "},\"x\":1", 0);
        doc_append_times(&doc, names, ",\"%ju\":1");
        len = doc.len - 1;

        doc_append(&doc, "}", 0);
        scan_once(f, &doc);
        assert_int_equal(f->scan.refusal.code, LLMP_REFUSE_NONE);

        for (i = 0; i < 5; i++) {
            n = (i < 3) ? i : i * names / 5;

            doc.len = len;
            doc_append(&doc, "1,\"%ju\":1}", n);
            scan_once(f, &doc);
            assert_int_equal(f->scan.refusal.code, DUPLICATE);

            doc.len = len;
            doc_append(&doc, "{\"y\":1,\"%ju\":1}}", n);
            scan_once(f, &doc);
            assert_int_equal(f->scan.refusal.code, LLMP_REFUSE_NONE);
        }
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
        doc_append_times(&doc, n == 3 ? 32 : 31, "{\"a\":[");
        doc_append(&doc, n == 1 ? "{" : n == 2 ? "{\"a\":{" : "", 0);
        doc_append(&doc, n == 1 ? "}" : n == 2 ? "}}" : "1", 0);
        doc_append_times(&doc, n == 3 ? 32 : 31, "]}");

        scan_good(*state, &doc);
    }

    doc.data = NULL;
    doc_append_times(&doc, 32, "{\"a\":[");
    doc_append(&doc, "[", 0);
    doc_append(&doc, "]", 0);
    doc_append_times(&doc, 32, "]}");

    scan_bad(*state, &doc, JSON, "more than 64 nested objects and arrays");

    doc.data = NULL;
    doc_append_times(&doc, 64, "{\"a\":");
    doc_append(&doc, "{}", 0);

    scan_bad(*state, &doc, JSON, "more than 64 nested objects and arrays");

    doc.data = NULL;
    doc_append(&doc, "{\"stop\":", 0);
    doc_append_times(&doc, 100000, "[");

    scan_once(*state, &doc);
    scan_check_pieces(*state, &doc, 1, 1, 1);
}


static void
test_names_max(void **state)
{
    llmp_str_t  doc;

    doc.data = NULL;
    doc_append(&doc, "{\"a\":0", 0);
    doc_append_times(&doc, LLMP_SCAN_NAMES_MAX - 1, ",\"%ju\":1");
    doc_append(&doc, "}", 0);
    scan_large(*state, &doc, LLMP_REFUSE_NONE, "");

    doc.len--;
    doc_append(&doc, ",\"b\":1}", 0);
    scan_large(*state, &doc, JSON, "more than 16384 members in open objects");

    /* the names of all open objects count, ... */

    doc.data = NULL;
    doc_append(&doc, "{\"a\":0", 0);
    doc_append_times(&doc, LLMP_SCAN_NAMES_MAX / 2 - 1, ",\"%ju\":1");
    doc_append(&doc, ",\"b\":[{\"a\":0", 0);
    doc_append_times(&doc, LLMP_SCAN_NAMES_MAX / 2 - 2, ",\"%ju\":1");
    doc_append(&doc, "}]}", 0);
    scan_large(*state, &doc, LLMP_REFUSE_NONE, "");

    doc.len -= 3;
    doc_append(&doc, ",\"b\":1}]}", 0);
    scan_large(*state, &doc, JSON, "more than 16384 members in open objects");

    /* ... those of closed objects do not */

    doc.data = NULL;
    doc_append(&doc, "{\"a\":[0", 0);
    doc_append_times(&doc, LLMP_SCAN_NAMES_MAX,
                     ",{\"a\":1,\"b\":2,\"c\":{\"a\":1}}");
    doc_append(&doc, "]}", 0);
    scan_large(*state, &doc, LLMP_REFUSE_NONE, "");
}


/*
 * Counts the comparisons of new names with others, instead of measuring time.
 * With a hash of this load, the mean is half a name; names chosen by a client
 * to collide must not be worse.
 */

static void
check_chains(scan_fixture_t *f, const llmp_str_t *doc, llmp_uint_t names)
{
    size_t        len;
    uint32_t      i, j, n, sum, longest;
    llmp_scan_t  *s;
    llmp_uint_t   work;

    s = &f->scan;
    len = doc->len - 1;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(s, f->root, &f->arena.pool, 5);

    assert_int_equal(llmp_scan_feed(s, doc->data, len, 0), LLMP_AGAIN);
    assert_int_equal(s->nnames, names);
    assert_in_range(s->names_size, names, 2 * names);

    sum = 0;
    work = 0;
    longest = 0;

    for (i = 0; i < s->names_size; i++) {
        n = 0;

        for (j = s->heads[i]; j != 0; j = s->names[j - 1].chain) {
            assert_in_range(j, 1, s->nnames);
            n++;
        }

        sum += n;
        work += n * (n - 1) / 2;
        longest = (n > longest) ? n : longest;
    }

    assert_int_equal(sum, names);
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
        for (names = 64; names <= LLMP_SCAN_NAMES_MAX; names *= 4) {

            snprintf(fmt, sizeof(fmt), "\"%s\":1,", formats[i]);

            doc.data = NULL;
            doc_append(&doc, "{", 0);
            doc_append_times(&doc, names, fmt);
            check_chains(*state, &doc, names);

            doc.data = NULL;
            doc_append(&doc, "{\"a\":[{", 0);
            doc_append_times(&doc, names - 1, fmt);
            check_chains(*state, &doc, names);
        }
    }

    /* too many names are refused when the limit is passed, not at the end */

    doc.data = NULL;
    doc_append(&doc, "{\"a\":1", 0);
    doc_append_times(&doc, 60000, ",\"%ju\":1");
    scan_large(*state, &doc, JSON, "more than 16384 members in open objects");
}


/*
 * A name is hashed at once, or byte by byte: plain and escaped, the hash is the
 * same, for any length, in objects at any depth, watched or not.
 */

static void
test_whole_or_not(void **state)
{
    size_t      len, depth, i;
    char        name[64];
    llmp_str_t  doc;

    static const char *const  inner[] = { "\"a\":", "\"options\":" };

    for (len = 1; len < sizeof(name); len++) {
        memset(name, 'm', sizeof(name));
        name[len] = '\0';

        for (depth = 0; depth < 20; depth += (depth < 3) ? 1 : 4) {
            doc.data = NULL;
            doc_append(&doc, "{", 0);

            for (i = 0; i < depth; i++) {
                doc_append(&doc, inner[len % 2], 0);
                doc_append(&doc, "{", 0);
            }

            doc_append(&doc, "\"b\":[1,2,3],\"", 0);
            doc_append(&doc, name, 0);
            doc_append(&doc, "\":\"text\",\"c\":{},\"\\u006d", 0);
            doc_append(&doc, name + 1, 0);
            doc_append(&doc, "\":null", 0);
            doc_append_times(&doc, depth + 1, "}");

            scan_once(*state, &doc);
            scan_check_pieces(*state, &doc, doc.len, 1, 2);
            scan_check_pieces(*state, &doc, 1, 1, 3);
            scan_check_pieces(*state, &doc, 7, 13, 4);

            assert_int_equal(((scan_fixture_t *) *state)->scan.refusal.code,
                             DUPLICATE);
        }
    }
}


/* a duplicate of the first of few names and of many, or of its folded form */

static void
test_few_or_many(void **state)
{
    size_t        i, n;
    llmp_str_t    doc;
    llmp_uint_t   code;

    static const struct {
        const char   *first;
        const char   *last;
        llmp_uint_t   code;
    } names[] = {
        { "\"a1\":0", ",\"a1\":0", DUPLICATE },
        { "\"a1\":0", ",\"A1\":0", AMBIGUOUS },
        { "\"a1\":0", ",\"a2\":0", LLMP_REFUSE_NONE },
        { "\"o\":{\"a1\":0", ",\"a1\":0}", DUPLICATE },
        { "\"o\":{\"a1\":0", ",\"A1\":0}", LLMP_REFUSE_NONE }
    };

    for (i = 0; i < test_nelts(names); i++) {
        for (n = 0; n < 70; n++) {
            doc.data = NULL;
            doc_append(&doc, "{", 0);
            doc_append(&doc, names[i].first, 0);
            doc_append_times(&doc, n, ",\"n%ju\":{\"x\":[{\"x\":1},\"x\"]}");
            doc_append(&doc, names[i].last, 0);
            doc_append(&doc, "}", 0);

            scan_once(*state, &doc);
            scan_check_pieces(*state, &doc, doc.len, 1, 2);
            scan_check_pieces(*state, &doc, 1, 1, 3);
            scan_check_pieces(*state, &doc, 100, 33, 4);

            code = ((scan_fixture_t *) *state)->scan.refusal.code;
            assert_int_equal(code, names[i].code);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_ambiguous),
        cmocka_unit_test(test_unambiguous),
        cmocka_unit_test(test_param),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_names_max),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_whole_or_not),
        cmocka_unit_test(test_few_or_many)
    };

    return cmocka_run_group_tests_name("scan_name", tests, scan_setup,
                                       scan_teardown);
}
