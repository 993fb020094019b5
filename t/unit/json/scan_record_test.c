
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner: the records of watched members, and its calls.
 */


#include <stdio.h>

#include "json/llmp_json_string.h"
#include "test.h"
#include "scan_run.h"
#include "watch_tree.h"
#include "json/llmp_json_string.h"


/* ---- records ---- */


/*
 * Compares with a line for each member: its path, type and place; the value
 * comes last.
 */

static void
check_members(scan_fixture_t *f, const llmp_str_t *doc, const char *expected)
{
    char                 *p, buf[4096], path[64];
    uint32_t              i;
    const llmp_member_t  *m;

    scan_good(f, doc);

    p = buf;

    for (i = 0; i < f->scan.members.nelts; i++) {
        m = &f->scan.members.elts[i];

        p += snprintf(p, buf + sizeof(buf) - p, "%s %x in %u at %u of %u, "
                      "to %u, has %u: %.*s\n",
                      llmp_watch_write_path(m->watch, path,
                                            sizeof(path)), m->type,
                      m->parent, m->index,
                      i ? f->scan.members.elts[m->parent].count : 0, m->last,
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

        /* containers without watched members, or with others */

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

        /* deeper, with unwatched members between */

        { llmp_string("{\"a\":0,\"options\":{\"b\":[],\"temperature\":1,"
                      "\"c\":2,\"top_k\":3,\"d\":4},\"e\":5}"),
          " 20 in 0 at 0 of 0, to 3, has 3: "
          "{\"a\":0,\"options\":{\"b\":[],\"temperature\":1,"
          "\"c\":2,\"top_k\":3,\"d\":4},\"e\":5}\n"
          "options 20 in 0 at 1 of 3, to 3, has 5: {\"b\":[],"
          "\"temperature\":1,\"c\":2,\"top_k\":3,\"d\":4}\n"
          "options.temperature 4 in 1 at 1 of 5, to 2, has 0: 1\n"
          "options.top_k 4 in 1 at 3 of 5, to 3, has 0: 3\n" },

        /* the first element is also known by its number */

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


/* the text of a scalar is kept up to a limit, with any split */

static void
test_text_max(void **state)
{
    size_t              n;
    char                text[LLMP_MEMBER_TEXT_MAX + 50];
    scan_fixture_t     *f = *state;
    llmp_str_t          doc;
    llmp_member_t      *m;

    for (n = LLMP_MEMBER_TEXT_MAX - 4;
         n < sizeof(text);
         n += (n < 270) ? 1 : 13)
    {
        memset(text, '7', n);
        text[n] = '\0';

        /* a string has two quotes as well */

        doc = doc_format("{\"a\":\"\",\"k\":\"%s\"}", text);
        scan_good(f, &doc);

        m = &f->scan.members.elts[1];
        assert_int_equal(m->end - m->start, n + 2);
        assert_int_equal(m->cut, n + 2 > LLMP_MEMBER_TEXT_MAX);
        assert_int_equal(m->text.len, m->cut ? LLMP_MEMBER_TEXT_MAX : n + 2);

        doc = doc_format("{\"temperature\":%s}", text);
        scan_good(f, &doc);

        m = &f->scan.members.elts[1];
        assert_int_equal(m->end - m->start, n);
        assert_int_equal(m->cut, n > LLMP_MEMBER_TEXT_MAX);
        assert_int_equal(m->text.len, m->cut ? LLMP_MEMBER_TEXT_MAX : n);
    }
}


/* a truncated string is decoded up to its end, and no further */

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

        /* blocks of the exact size: no byte beyond may be read or written */

        cut = malloc(n);
        dst = malloc(n);
        assert_true(cut != NULL && dst != NULL);

        memcpy(cut, whole.data, n);
        text = (llmp_str_t) { n, cut };

        len = llmp_json_string_decode(dst, &text);

        assert_int_equal(len, lengths[n - 1]);
        assert_memory_equal(dst, decoded, len);

        free(cut);
        free(dst);
    }
}


static void
test_members_max(void **state)
{
    llmp_str_t       doc;
    scan_fixture_t  *f = *state;

    /* the root and the array are members, too */

    doc.data = NULL;
    doc_append(&doc, "{\"stop\":[0", 0);
    doc_append_times(&doc, LLMP_MEMBERS_MAX - 3, ",\"%ju\"");
    doc_append(&doc, "]}", 0);
    scan_large(f, &doc, LLMP_REFUSE_NONE, "");
    assert_int_equal(f->scan.members.nelts, LLMP_MEMBERS_MAX);

    doc.len -= 2;
    doc_append(&doc, ",[]]}", 0);
    scan_large(f, &doc, JSON, "more than 4096 policed members");
}


/* no index overflows: white box, since no test can have 2^32 elements */

static void
test_elements_max(void **state)
{
    llmp_str_t       doc;
    scan_fixture_t  *f = *state;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);

    doc = test_str("{\"a\":[1");
    assert_int_equal(scan_feed(&f->scan, doc.data, doc.len, 0), LLMP_AGAIN);

    f->scan.stack[1].count = UINT32_MAX - 1;

    doc = test_str(",1");
    assert_int_equal(scan_feed(&f->scan, doc.data, doc.len, 0), LLMP_AGAIN);
    assert_int_equal(scan_feed(&f->scan, doc.data, doc.len, 0), LLMP_ERROR);

    assert_int_equal(f->scan.refusal.code, JSON);
    assert_string_equal(f->scan.refusal.message,
                        "more than 4294967295 elements in an array");
}


/* offsets beyond 4 GiB, by setting the counter: white box as well */

static void
test_large_offsets(void **state)
{
    scan_fixture_t  *f = *state;
    llmp_str_t       doc;
    llmp_member_t   *m;

    static const uint64_t  before = 0x123456789a;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);
    f->scan.offset = before;

    doc = test_str("{\"a\":1,\"k\":22,\"b\":3}");
    assert_int_equal(scan_feed_pieces(&f->scan, &doc, 13, 100), LLMP_OK);

    m = &f->scan.members.elts[1];
    assert_true(m->comma == before + 6);
    assert_true(m->key == before + 7);
    assert_true(m->start == before + 11);
    assert_true(m->end == before + 13);
    assert_true(m->next == before + 14);
    assert_str_is(m->text, "22");

    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);
    f->scan.offset = before;

    assert_int_equal(scan_feed(&f->scan, doc.data, 1, 0), LLMP_AGAIN);
    assert_int_equal(scan_feed(&f->scan, doc.data, 1, 0), LLMP_ERROR);
    assert_string_equal(f->scan.refusal.message, AT
                        "78187493531: expected a member name or \"}\"");
}


/* ---- the calls ---- */

static void
test_calls(void **state)
{
    llmp_str_t        doc;
    llmp_scan_t      *s;
    scan_fixture_t   *f = *state;

    s = &f->scan;
    doc = test_str("{\"k\":1}");

    /* the end may come with the last bytes, or after them, or with none */

    llmp_arena_reset(&f->arena);
    llmp_scan_init(s, f->root, &f->arena.pool, 0);

    assert_int_equal(llmp_scan_feed(s, NULL, 0, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, doc.data, 3, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, doc.data + 3, 4, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, NULL, 0, 1), LLMP_OK);
    assert_int_equal(s->members.nelts, 2);
    assert_str_is(s->members.elts[1].text, "1");

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

    /* it is returned with the wrong byte, not only at the end */

    llmp_scan_init(s, f->root, &f->arena.pool, 0);

    doc = test_str("{\"a\":1,\"a\"");
    assert_int_equal(llmp_scan_feed(s, doc.data, doc.len - 1, 0), LLMP_AGAIN);
    assert_int_equal(llmp_scan_feed(s, doc.data + doc.len - 1, 1, 0),
                     LLMP_ERROR);
    assert_int_equal(s->refusal.code, DUPLICATE);
}


/* a tree without watched members, or without watched names */

static void
test_other_trees(void **state)
{
    size_t          i;
    scan_fixture_t  f;
    llmp_str_t      doc;

    static const char *const  element[] = { "[]", "[].a" };

    (void) state;

    doc = test_str("{\"temperature\":1,\"Temperature\":2,\"a\":[{\"a\":1}]}");

    for (i = 0; i < 2; i++) {
        llmp_arena_init(&f.tree);
        llmp_arena_init(&f.arena);

        f.root = watch_tree(&f.tree.pool, element, i ? test_nelts(element) : 0);
        assert_non_null(f.root);

        scan_good(&f, &doc);

        assert_int_equal(f.scan.members.nelts, 1);
        assert_ptr_equal(f.scan.members.elts[0].watch, f.root);

        llmp_arena_reset(&f.tree);
        llmp_arena_reset(&f.arena);
    }
}


/* each failed allocation refuses the request */

static void
test_no_memory(void **state)
{
    size_t           n;
    llmp_int_t       rc;
    scan_fixture_t  *f = *state;
    llmp_str_t       doc;
    llmp_scan_t     *s;

    doc.data = NULL;
    doc_append(&doc, "{\"temperature\":1.5,\"stop\":[0", 0);
    doc_append_times(&doc, 40, ",\"%ju\"");
    doc_append(&doc, "],\"a\":1", 0);
    doc_append_times(&doc, 100, ",\"%ju\":1");
    doc_append(&doc, "}", 0);

    s = &f->scan;
    rc = LLMP_ERROR;

    for (n = 1; rc != LLMP_OK; n++) {

        assert_in_range(n, 1, 100);

        llmp_arena_reset(&f->arena);
        llmp_arena_init(&f->arena);
        f->arena.fail_after = n;

        llmp_scan_init(s, f->root, &f->arena.pool, 7);
        rc = scan_feed_pieces(s, &doc, n, 64);

        if (rc != LLMP_OK) {
            assert_int_equal(s->refusal.code, LLMP_REFUSE_INTERNAL);
            assert_string_equal(s->refusal.message,
                                "no memory to read the request");
            assert_int_equal(f->arena.allocs, n);
        }
    }

    /*
     * allocations: members three times, names three times, a text for each
     * scalar
     */

    assert_int_equal(n - 2, 3 + 3 + 42);

    llmp_arena_reset(&f->arena);
    llmp_arena_init(&f->arena);
}


/* the struct in the context of every request remains small */

static void
test_size(void **state)
{
    (void) state;

    assert_in_range(sizeof(llmp_scan_t), 1, 3500);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_text_max),
        cmocka_unit_test(test_unescape_cut),
        cmocka_unit_test(test_members_max),
        cmocka_unit_test(test_elements_max),
        cmocka_unit_test(test_large_offsets),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_other_trees),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_size)
    };

    return cmocka_run_group_tests_name("scan_record", tests, scan_setup,
                                       scan_teardown);
}
