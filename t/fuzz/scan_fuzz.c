
/*
 * Copyright (C) llm-policy authors
 *
 * Scans any document: with all splits and code paths of this CPU, the result is
 * that of the scalar path, and an accepted document has the same members for
 * jansson.
 *
 * The first byte selects the splits, the others are the document; then the same
 * bytes are the content of a string in a document that is long enough for
 * blocks.
 */


#include <stdio.h>
#include <stdlib.h>

#include "base/llmp_arena.h"

#include "scan_check.h"
#include "watch_tree.h"


static const char *const  paths[] = {
    "temperature",
    "top_p",
    "k",
    "stop",
    "stop[]",
    "a",
    "a.b",
    "a.b.c",
    "options.temperature",
    "options.stop[]",
    "list.0.s",
    "list.2",
    "list[].k",
    "list[].params.temperature",
    "list[][]"
};


static void
fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}


/* each piece is in its own block, so that its bounds are known */

static llmp_int_t
feed(llmp_scan_t *scan, const uint8_t *data, size_t len, llmp_int_t last)
{
    u_char      *piece;
    llmp_int_t   rc;

    piece = malloc(len ? len : 1);
    if (piece == NULL) {
        abort();
    }

    if (len != 0) {
        memcpy(piece, data, len);
    }

    rc = llmp_scan_feed(scan, piece, len, last);

    free(piece);

    return rc;
}


/* Feeds pieces of 1 to `most` bytes, of pseudo-random sizes. */

static llmp_int_t
feed_pieces(llmp_scan_t *scan, const uint8_t *data, size_t len, size_t most,
    uint32_t number)
{
    size_t      n;
    llmp_int_t  rc;

    rc = feed(scan, data, 0, len == 0);

    while (len != 0) {
        number = number * 1664525 + 1013904223;

        n = 1 + (number >> 16) % most;
        n = (n < len) ? n : len;

        rc = feed(scan, data, n, n == len);

        data += n;
        len -= n;

        if (len != 0 && rc == LLMP_OK) {
            fail("done before the end");
        }
    }

    return rc;
}


static void
check_pieces(const llmp_scan_t *whole, const llmp_text_path_t *path,
    const llmp_watch_t *root, const uint8_t *data, size_t len, size_t most,
    uint32_t number)
{
    llmp_int_t    rc;
    const char   *what;
    llmp_scan_t   scan;
    llmp_arena_t  arena;

    llmp_arena_init(&arena);
    llmp_scan_init(&scan, root, &arena.pool, number);
    scan.path = path;

    rc = feed_pieces(&scan, data, len, most, number);

    what = scan_check_same(whole, &scan);

    if (what != NULL) {
        fail(what);
    }

    if ((rc == LLMP_OK) != (scan.refusal.code == LLMP_REFUSE_NONE)) {
        fail("the return code");
    }

    llmp_arena_reset(&arena);
}


static void
check(const llmp_watch_t *root, const uint8_t *data, size_t size,
    uint8_t split)
{
    size_t                   i;
    llmp_int_t               rc;
    const char              *what;
    llmp_scan_t              scan;
    llmp_arena_t             arena;
    const llmp_text_path_t  *path;

    llmp_arena_init(&arena);
    llmp_scan_init(&scan, root, &arena.pool, 1);
    scan.path = llmp_text_nth_path(0);

    rc = feed(&scan, data, size, 1);

    if (rc != (scan.refusal.code == LLMP_REFUSE_NONE ? LLMP_OK : LLMP_ERROR)) {
        fail("the return code");
    }

    what = scan_check(&scan, data, size);
    if (what != NULL) {
        fail(what);
    }

    for (i = 0; (path = llmp_text_nth_path(i)) != NULL; i++) {
        check_pieces(&scan, path, root, data, size, 1, split);
        check_pieces(&scan, path, root, data, size, 1 + split % 64, split);
        check_pieces(&scan, path, root, data, size, 1 + 8 * split, split);
        check_pieces(&scan, path, root, data, size, size + 1, split);
    }

    llmp_arena_reset(&arena);
}


/* {"s": "aaa...DATAaaa...", ...}: the data is in a string, unless it ends it */

static void
check_inside(const llmp_watch_t *root, const uint8_t *data, size_t size,
    uint8_t split)
{
    size_t    len, before;
    uint8_t  *doc;

    static const char  start[] = "{\"k\":[1,{\"s\":\"";
    static const char  end[] = "\"}],\"temperature\":0.5,\"a\":{\"b\":null}}";

    before = split % 70;
    len = sizeof(start) - 1 + before + size + 70 + sizeof(end) - 1;

    doc = malloc(len);
    if (doc == NULL) {
        abort();
    }

    memset(doc, 'a', len);
    memcpy(doc, start, sizeof(start) - 1);
    memcpy(doc + sizeof(start) - 1 + before, data, size);
    memcpy(doc + len - (sizeof(end) - 1), end, sizeof(end) - 1);

    check(root, doc, len, split);

    free(doc);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static llmp_arena_t   tree;
    static llmp_watch_t  *root;

    if (root == NULL) {
        llmp_arena_init(&tree);

        root = watch_tree(&tree.pool, paths, sizeof(paths) / sizeof(paths[0]));
        if (root == NULL) {
            abort();
        }
    }

    if (size == 0) {
        return 0;
    }

    check(root, data + 1, size - 1, data[0]);
    check_inside(root, data + 1, size - 1, data[0]);

    return 0;
}
