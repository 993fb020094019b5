
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "scan_check.h"
#include "scan_run.h"
#include "watch_tree.h"


static const char *const  scan_paths[] = {
    "temperature",
    "stop",
    "stop[]",
    "options.top_k",
    "options.temperature",
    "requests.0.seed",
    "requests[].params.temperature",
    "requests[].params.stop[]",
    "k",
    LONGEST
};


static void scan_check_pieces_on(scan_fixture_t *f,
    const llmp_text_path_t *path, const llmp_str_t *doc, size_t first,
    size_t size, uint64_t seed);


int
scan_setup(void **state)
{
    static scan_fixture_t  f;

    llmp_arena_init(&f.tree);
    llmp_arena_init(&f.arena);

    f.root = watch_tree(&f.tree.pool, scan_paths, test_nelts(scan_paths));

    *state = &f;

    return f.root == NULL;
}


int
scan_teardown(void **state)
{
    scan_fixture_t  *f = *state;

    llmp_arena_reset(&f->tree);
    llmp_arena_reset(&f->arena);

    return 0;
}


void
scan_table(scan_fixture_t *f, const scan_bad_t *bad, size_t nelts)
{
    size_t  i;

    for (i = 0; i < nelts; i++) {
        scan_bad(f, &bad[i].doc, bad[i].code, bad[i].message);
    }
}


void
scan_good(scan_fixture_t *f, const llmp_str_t *doc)
{
    scan_all(f, doc);

    if (f->scan.refusal.code != LLMP_REFUSE_NONE) {
        scan_fail(doc, "refused", f->scan.refusal.message);
    }
}


void
scan_bad(scan_fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message)
{
    scan_all(f, doc);

    if (f->scan.refusal.code == LLMP_REFUSE_NONE) {
        scan_fail(doc, "accepted", message);
    }

    if (strcmp(f->scan.refusal.message, message) != 0) {
        scan_fail(doc, message, f->scan.refusal.message);
    }

    assert_int_equal(f->scan.refusal.code, code);
}


void
scan_all(scan_fixture_t *f, const llmp_str_t *doc)
{
    size_t  i;

    scan_once(f, doc);

    scan_check_pieces(f, doc, 1, 1, 2);
    scan_check_pieces(f, doc, doc->len, 1, 3);

    for (i = 0; i < doc->len; i++) {
        scan_check_pieces(f, doc, i, doc->len, i);
    }
}


void
scan_large(scan_fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message)
{
    scan_once(f, doc);
    scan_check_pieces(f, doc, doc->len, 1, 1);
    scan_check_pieces(f, doc, 1, 1, 2);
    scan_check_pieces(f, doc, 1000, 4096, 3);

    assert_int_equal(f->scan.refusal.code, code);
    assert_string_equal(f->scan.refusal.message, message);
}


void
scan_once(scan_fixture_t *f, const llmp_str_t *doc)
{
    llmp_int_t   rc;
    const char  *what;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);
    f->scan.path = llmp_text_nth_path(0);

    rc = scan_feed_pieces(&f->scan, doc, doc->len, 1);

    what = scan_check(&f->scan, doc->data, doc->len);

    if (what == NULL
        && rc != (f->scan.refusal.code == LLMP_REFUSE_NONE ? LLMP_OK
                                                           : LLMP_ERROR))
    {
        what = "the return code";
    }

    if (what != NULL) {
        scan_fail(doc, "at once", what);
    }
}


void
scan_check_pieces(scan_fixture_t *f, const llmp_str_t *doc, size_t first,
    size_t size, uint64_t seed)
{
    size_t                   i;
    const llmp_text_path_t  *path;

    for (i = 0; (path = llmp_text_nth_path(i)) != NULL; i++) {
        scan_check_pieces_on(f, path, doc, first, size, seed);
    }
}


static void
scan_check_pieces_on(scan_fixture_t *f, const llmp_text_path_t *path,
    const llmp_str_t *doc, size_t first, size_t size, uint64_t seed)
{
    char           how[64];
    llmp_int_t     rc;
    const char    *what;
    llmp_scan_t    scan;
    llmp_arena_t   arena;

    llmp_arena_init(&arena);
    llmp_scan_init(&scan, f->root, &arena.pool, seed);
    scan.path = path;

    rc = scan_feed_pieces(&scan, doc, first, size);

    what = scan_check_same(&f->scan, &scan);

    if ((rc == LLMP_OK) != (scan.refusal.code == LLMP_REFUSE_NONE)) {
        what = "the return code";
    }

    if (what != NULL) {
        snprintf(how, sizeof(how), "%s, pieces of %zu, then %zu", path->name,
                 first, size);
        scan_fail(doc, how, what);
    }

    llmp_arena_reset(&arena);
}


llmp_int_t
scan_feed_pieces(llmp_scan_t *scan, const llmp_str_t *doc, size_t first,
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

        rc = scan_feed(scan, doc->data + pos, n, pos + n == doc->len);

        pos += n;
        n = size;

        if (pos < doc->len && rc != LLMP_ERROR) {
            assert_int_equal(rc, LLMP_AGAIN);
        }

    } while (pos < doc->len);

    return rc;
}


llmp_int_t
scan_feed(llmp_scan_t *scan, const u_char *data, size_t len, llmp_int_t last)
{
    u_char      *piece;
    llmp_int_t   rc;

    piece = test_piece(data, len);

    rc = llmp_scan_feed(scan, piece, len, last);

    test_piece_gone(piece, len);

    return rc;
}


void
scan_fail(const llmp_str_t *doc, const char *how, const char *what)
{
    print_error("%.*s: %s: %s\n", (int) (doc->len < 200 ? doc->len : 200),
                doc->data, how, what);
    fail();
}


llmp_str_t
doc_format(const char *fmt, const char *text)
{
    int          n;
    static char  buf[1024];

    n = snprintf(buf, sizeof(buf), fmt, text);
    assert_in_range(n, 1, sizeof(buf) - 1);

    return (llmp_str_t) { (size_t) n, (u_char *) buf };
}


void
doc_append_times(llmp_str_t *doc, llmp_uint_t times, const char *fmt)
{
    llmp_uint_t  i;

    for (i = 0; i < times; i++) {
        doc_append(doc, fmt, i);
    }
}


void
doc_append(llmp_str_t *doc, const char *fmt, llmp_uint_t number)
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
