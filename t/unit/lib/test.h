
/*
 * Copyright (C) llm-policy authors
 *
 * What every unit test needs: cmocka with the headers it wants before it, and
 * counted strings.
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


/* a counted string of a string literal, or of one ended by NUL */
#define test_str(s)   ((llmp_str_t) llmp_string(s))
#define test_cstr(s)  ((llmp_str_t) { strlen(s), (u_char *) (s) })

#define test_nelts(array)  (sizeof(array) / sizeof((array)[0]))


/* fails if a counted string is not the one ended by NUL */

#define assert_str_is(str, expected)                                          \
    test_str_is(&(str), expected, __FILE__, __LINE__)


static inline void
test_str_is(const llmp_str_t *str, const char *expected, const char *file,
    int line)
{
    llmp_str_t  want;

    want = test_cstr(expected);

    if (!llmp_str_eq(str, &want)) {
        print_error("\"%.*s\" is not \"%s\"\n", (int) str->len,
                    str->data != NULL ? (char *) str->data : "", expected);
        _fail(file, line);
    }
}


/*
 * A copy in a block of its own, which is gone once it was taken, so that
 * sanitizers see a read beyond either end, or of a piece of before.
 */

static inline u_char *
test_piece(const u_char *data, size_t len)
{
    u_char  *piece;

    piece = malloc(len ? len : 1);
    assert_non_null(piece);

    return memcpy(piece, data, len);
}


static inline void
test_piece_gone(u_char *piece, size_t len)
{
    memset(piece, 0xff, len);
    free(piece);
}


#endif /* LLMP_TEST_H_INCLUDED_ */
