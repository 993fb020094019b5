
/*
 * Copyright (C) llm-policy authors
 *
 * Scans of documents in unit tests: at once, byte by byte, and split at each
 * offset, with each implementation of the text functions.  All results must
 * agree, also with those of jansson.
 */


#ifndef LLMP_TEST_SCAN_RUN_H_INCLUDED_
#define LLMP_TEST_SCAN_RUN_H_INCLUDED_


#include "test.h"

#include "base/llmp_arena.h"
#include "json/llmp_scan.h"


#define JSON       LLMP_REFUSE_INVALID_JSON
#define DUPLICATE  LLMP_REFUSE_DUPLICATE_MEMBER
#define AMBIGUOUS  LLMP_REFUSE_AMBIGUOUS_MEMBER

#define AT         "invalid JSON at byte "

/* a watched name of LLMP_WATCH_NAME_MAX bytes */
#define LONGEST    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"                         \
                   "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"


/* a document and its refusal */

typedef struct {
    llmp_str_t       doc;
    llmp_refusal_e   code;
    const char      *message;
} scan_bad_t;


typedef struct {
    llmp_watch_t    *root;
    llmp_arena_t     tree;     /* memory of the root */
    llmp_arena_t     arena;    /* memory of the last scan */
    llmp_scan_t      scan;
} scan_fixture_t;


/* Sets up a scan_fixture_t with the watched paths of scan_run.c. */
int scan_setup(void **state);
int scan_teardown(void **state);

/* Scans a document at once, without SIMD, into f->scan. */
void scan_once(scan_fixture_t *f, const llmp_str_t *doc);

/* Scans a document as scan_once() does, and with all splits. */
void scan_all(scan_fixture_t *f, const llmp_str_t *doc);

/* Scans with all splits; the document must be accepted, or refused. */
void scan_good(scan_fixture_t *f, const llmp_str_t *doc);
void scan_bad(scan_fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message);
void scan_table(scan_fixture_t *f, const scan_bad_t *bad, size_t nelts);

/* Scans a document that is too long to be split at each offset. */
void scan_large(scan_fixture_t *f, const llmp_str_t *doc, llmp_refusal_e code,
    const char *message);

/*
 * Scans pieces, the first one of another size than the others, and compares
 * the result with f->scan.
 */
void scan_check_pieces(scan_fixture_t *f, const llmp_str_t *doc, size_t first,
    size_t size, uint64_t seed);

/* Feeds a piece, or pieces, to a scanner.  Returns its last result. */
llmp_int_t scan_feed(llmp_scan_t *scan, const u_char *data, size_t len,
    llmp_int_t last);
llmp_int_t scan_feed_pieces(llmp_scan_t *scan, const llmp_str_t *doc,
    size_t first, size_t size);

/* Fails with the start of the document in the message. */
void scan_fail(const llmp_str_t *doc, const char *how, const char *what);

/*
 * Returns a document, in a static buffer, made of a printf format with one
 * string.
 */
llmp_str_t doc_format(const char *fmt, const char *text);

/*
 * Appends to a long document, in a static buffer, which is started if
 * doc->data is NULL.
 */
void doc_append(llmp_str_t *doc, const char *fmt, llmp_uint_t number);
void doc_append_times(llmp_str_t *doc, llmp_uint_t times, const char *fmt);


#endif /* LLMP_TEST_SCAN_RUN_H_INCLUDED_ */
