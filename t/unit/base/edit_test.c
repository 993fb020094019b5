
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_arena.h"
#include "base/llmp_edit.h"

#include "test.h"


#define EDIT(offset, len, text)  { offset, len, llmp_string(text), 0 }


static llmp_int_t apply(const llmp_edit_t *elts, size_t n,
    const char *document, char *buf, size_t size);


static llmp_int_t
apply(const llmp_edit_t *elts, size_t n, const char *document, char *buf,
    size_t size)
{
    llmp_int_t    rc;
    llmp_str_t    doc, result;
    llmp_edit_t   copy[8];
    llmp_arena_t  arena;
    llmp_edits_t  edits;

    assert_true(n <= test_nelts(copy));

    if (n != 0) {
        memcpy(copy, elts, n * sizeof(llmp_edit_t));
    }

    llmp_arena_init(&arena);

    edits.elts = copy;
    edits.nelts = n;
    doc = test_cstr(document);

    rc = llmp_edit_merge(&edits, &arena.pool);

    if (rc == LLMP_OK) {
        result = llmp_edit_apply(&edits, &arena.pool, &doc);

        if (result.data == NULL) {
            rc = LLMP_DECLINED;

        } else {
            assert_int_equal(result.len, doc.len + edits.growth);
            assert_true(result.len < size);
            memcpy(buf, result.data, result.len);
            buf[result.len] = '\0';
        }
    }

    llmp_arena_reset(&arena);

    return rc;
}


static void
test_order(void **state)
{
    char               buf[64];
    const llmp_edit_t  edits[] = {
        EDIT(8, 1, "H"), EDIT(0, 1, ""), EDIT(3, 0, "x"), EDIT(3, 0, "y"),
        EDIT(3, 2, "Z"), EDIT(9, 0, "!")
    };

    (void) state;

    assert_int_equal(apply(edits, 6, "abcdefghi", buf, sizeof(buf)), LLMP_OK);
    assert_string_equal(buf, "bcxyZfghH!");
}


static void
test_inside(void **state)
{
    char               buf[64];
    const llmp_edit_t  edits[] = {
        EDIT(5, 1, "x"), EDIT(2, 6, ""), EDIT(7, 1, ""), EDIT(8, 0, "k")
    };

    (void) state;

    assert_int_equal(apply(edits, 4, "abcdefghi", buf, sizeof(buf)), LLMP_OK);
    assert_string_equal(buf, "abki");
}


static void
test_overlap(void **state)
{
    char               buf[64];
    const llmp_edit_t  overlap[] = { EDIT(2, 4, ""), EDIT(4, 4, "") };
    const llmp_edit_t  wraps[] = { { UINT64_MAX, 2, llmp_null_string, 0 } };
    const llmp_edit_t  outside[] = { EDIT(8, 4, "") };

    (void) state;

    assert_int_equal(apply(overlap, 2, "abcdefghi", buf, sizeof(buf)),
                     LLMP_ERROR);
    assert_int_equal(apply(wraps, 1, "abcdefghi", buf, sizeof(buf)),
                     LLMP_ERROR);
    assert_int_equal(apply(outside, 1, "abcdefghi", buf, sizeof(buf)),
                     LLMP_DECLINED);
}


static void
test_none(void **state)
{
    char  buf[64];

    (void) state;

    assert_int_equal(apply(NULL, 0, "abc", buf, sizeof(buf)), LLMP_OK);
    assert_string_equal(buf, "abc");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_inside),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_none)
    };

    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
