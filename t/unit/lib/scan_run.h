
/*
 * Copyright (C) llm-policy authors
 *
 * Scanning in unit tests: at once, byte by byte, and split at each offset, each
 * on all paths; all must agree, with each other and with jansson.
 */


#ifndef LLMP_SCAN_RUN_H_INCLUDED_
#define LLMP_SCAN_RUN_H_INCLUDED_


#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#include "scan_check.h"


#define JSON       LLMP_REFUSE_INVALID_JSON
#define DUPLICATE  LLMP_REFUSE_DUPLICATE_MEMBER
#define AMBIGUOUS  LLMP_REFUSE_AMBIGUOUS_MEMBER

#define AT         "invalid JSON at byte "

/* a watched name of LLMP_NAME_MAX bytes */
#define LONGEST    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk" \
                   "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"


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
    "k",
    LONGEST
};


static inline llmp_int_t
feed(llmp_scan_t *scan, const u_char *data, size_t len, llmp_int_t last)
{
    u_char      *piece;
    llmp_int_t   rc;

    piece = test_piece(data, len);

    rc = llmp_scan_feed(scan, piece, len, last);

    test_piece_gone(piece, len);

    return rc;
}


/* feeds pieces of a size, the first one of another */

static inline llmp_int_t
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


static inline void
fail_doc(const llmp_str_t *doc, const char *how, const char *what)
{
    print_error("%.*s: %s: %s\n", (int) (doc->len < 200 ? doc->len : 200),
                doc->data, how, what);
    fail();
}


static inline void
check_pieces_on(fixture_t *f, const llmp_text_path_t *path,
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

    rc = feed_pieces(&scan, doc, first, size);

    what = scan_check_same(&f->scan, &scan);

    if ((rc == LLMP_OK) != (scan.refusal.code == LLMP_REFUSE_NONE)) {
        what = "the return code";
    }

    if (what != NULL) {
        snprintf(how, sizeof(how), "%s, pieces of %zu, then %zu", path->name,
                 first, size);
        fail_doc(doc, how, what);
    }

    llmp_arena_reset(&arena);
}


static inline void
check_pieces(fixture_t *f, const llmp_str_t *doc, size_t first, size_t size,
    uint64_t seed)
{
    size_t                   i;
    const llmp_text_path_t  *path;

    for (i = 0; (path = llmp_text_path(i)) != NULL; i++) {
        check_pieces_on(f, path, doc, first, size, seed);
    }
}


/* scans into f->scan, at once and the plain way; what is checked here holds of
   any document */

static inline void
scan_once(fixture_t *f, const llmp_str_t *doc)
{
    llmp_int_t   rc;
    const char  *what;

    llmp_arena_reset(&f->arena);
    llmp_scan_init(&f->scan, f->root, &f->arena.pool, 1);
    f->scan.path = llmp_text_path(0);

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


static inline void
scan(fixture_t *f, const llmp_str_t *doc)
{
    size_t  i;

    scan_once(f, doc);

    check_pieces(f, doc, 1, 1, 2);
    check_pieces(f, doc, doc->len, 1, 3);

    for (i = 0; i < doc->len; i++) {
        check_pieces(f, doc, i, doc->len, i);
    }
}


static inline void
scan_good(fixture_t *f, const llmp_str_t *doc)
{
    scan(f, doc);

    if (f->scan.refusal.code != LLMP_REFUSE_NONE) {
        fail_doc(doc, "refused", f->scan.refusal.message);
    }
}


static inline void
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


static inline void
scan_table(fixture_t *f, const bad_t *bad, size_t nelts)
{
    size_t  i;

    for (i = 0; i < nelts; i++) {
        scan_bad(f, &bad[i].doc, bad[i].code, bad[i].message);
    }
}


/* scans a document that is too large for every split */

static inline void
scan_large(fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message)
{
    scan_once(f, doc);
    check_pieces(f, doc, doc->len, 1, 1);
    check_pieces(f, doc, 1, 1, 2);
    check_pieces(f, doc, 1000, 4096, 3);

    assert_int_equal(f->scan.refusal.code, code);
    assert_string_equal(f->scan.refusal.message, message);
}


/* a document of a format that takes one string */

static inline llmp_str_t
format(const char *fmt, const char *text)
{
    int          n;
    static char  buf[1024];

    n = snprintf(buf, sizeof(buf), fmt, text);
    assert_in_range(n, 1, sizeof(buf) - 1);

    return (llmp_str_t) { (size_t) n, (u_char *) buf };
}


/* a document that is too large for a literal: it begins with data == NULL */

static inline void
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


static inline void
append_times(llmp_str_t *doc, llmp_uint_t times, const char *fmt)
{
    llmp_uint_t  i;

    for (i = 0; i < times; i++) {
        append(doc, fmt, i);
    }
}


static inline int
scan_setup(void **state)
{
    static fixture_t  f;

    llmp_arena_init(&f.tree);
    llmp_arena_init(&f.arena);

    f.root = scan_tree(&f.tree.pool, paths, test_nelts(paths));

    *state = &f;

    return f.root == NULL;
}


static inline int
scan_teardown(void **state)
{
    fixture_t  *f = *state;

    llmp_arena_reset(&f->tree);
    llmp_arena_reset(&f->arena);

    return 0;
}


#endif /* LLMP_SCAN_RUN_H_INCLUDED_ */
