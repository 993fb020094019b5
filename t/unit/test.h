
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

#include "llmp.h"


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


#endif /* LLMP_TEST_H_INCLUDED_ */
