
/*
 * Copyright (C) llm-policy authors
 *
 * The includes of every unit test: cmocka with the headers it requires before
 * it; counted strings; texts in pieces.
 */


#ifndef LLMP_TEST_H_INCLUDED_
#define LLMP_TEST_H_INCLUDED_


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/llmp.h"


/* a counted string made of a literal, or of a C string */
#define test_str(s)   ((llmp_str_t) llmp_string(s))
#define test_cstr(s)  ((llmp_str_t) { strlen(s), (u_char *) (s) })

#define test_nelts(array)  (sizeof(array) / sizeof((array)[0]))


/* fails if a counted string differs from a C string */

#define assert_str_is(str, expected)                                          \
    test_str_is(&(str), expected, __FILE__, __LINE__)


/* a text in pieces, each of which is invalid once the next one is taken */

typedef struct {
    const u_char  *data;
    size_t         total;    /* length of the text */
    size_t         next;     /* size of the next piece */
    size_t         size;     /* size of those after it */

    size_t         pos;      /* offset of the piece */
    u_char        *piece;
    size_t         len;      /* length of the piece */
} test_pieces_t;


void test_str_is(const llmp_str_t *str, const char *expected, const char *file,
    int line);

/*
 * Returns a copy in a block of its own, so that sanitizers report a read beyond
 * either end.  test_piece_gone() overwrites and frees it, so that they also
 * report a read of an earlier piece.
 */
u_char *test_piece(const u_char *data, size_t len);
void test_piece_gone(u_char *piece, size_t len);

/* Starts with a piece of `first` bytes; each one after it has `size` bytes. */
void test_pieces_start(test_pieces_t *p, const void *data, size_t len,
    size_t first, size_t size);

/* Takes the next piece.  Returns 0 after the last one. */
int test_pieces_next(test_pieces_t *p);


#endif /* LLMP_TEST_H_INCLUDED_ */
