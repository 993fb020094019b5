
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_arena.h"

#include "test.h"


static void
test_alloc(void **state)
{
    size_t        i, size;
    u_char       *p[64];
    llmp_arena_t  arena;

    (void) state;

    llmp_arena_init(&arena);

    for (i = 0; i < test_nelts(p); i++) {
        p[i] = llmp_palloc(&arena.pool, i);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t) p[i] % _Alignof(max_align_t), 0);
        memset(p[i], (int) i, i);
    }

    for (i = 0; i < test_nelts(p); i++) {
        for (size = 0; size < i; size++) {
            assert_int_equal(p[i][size], i);
        }
    }

    assert_int_equal(arena.allocs, test_nelts(p));

    llmp_arena_reset(&arena);

    /* usable after a reset */

    p[0] = llmp_pcalloc(&arena.pool, 100);
    assert_non_null(p[0]);

    for (i = 0; i < 100; i++) {
        assert_int_equal(p[0][i], 0);
    }

    llmp_arena_reset(&arena);
    llmp_arena_reset(&arena);
}


/* released memory is not in the arena any more, wherever it was */

static void
test_release(void **state)
{
    size_t        i, first, n;
    u_char       *p[4];
    llmp_arena_t  arena;

    (void) state;

    for (first = 0; first < test_nelts(p); first++) {
        llmp_arena_init(&arena);

        for (i = 0; i < test_nelts(p); i++) {
            p[i] = llmp_palloc(&arena.pool, 10);
            assert_non_null(p[i]);
        }

        for (n = 0; n < test_nelts(p); n++) {
            i = (first + n) % test_nelts(p);

            memset(p[i], 1, 10);
            llmp_pfree(&arena.pool, p[i]);
        }

        assert_null(arena.blocks);
    }

    llmp_pfree(&arena.pool, NULL);

    p[0] = llmp_palloc(&arena.pool, 10);
    p[1] = llmp_palloc(&arena.pool, 10);
    llmp_pfree(&arena.pool, p[0]);
    memset(p[1], 1, 10);

    llmp_arena_reset(&arena);
}


static void
test_failures(void **state)
{
    llmp_arena_t  arena;

    (void) state;

    llmp_arena_init(&arena);

    assert_null(llmp_palloc(&arena.pool, SIZE_MAX));
    assert_int_equal(arena.allocs, 1);

    arena.fail_after = 3;

    assert_non_null(llmp_palloc(&arena.pool, 1));
    assert_null(llmp_palloc(&arena.pool, 1));
    assert_null(llmp_palloc(&arena.pool, 1));
    assert_int_equal(arena.allocs, 4);

    arena.fail_after = 0;

    assert_non_null(llmp_palloc(&arena.pool, 1));

    llmp_arena_reset(&arena);
    llmp_arena_init(&arena);

    arena.fail_after = 1;

    assert_null(llmp_palloc(&arena.pool, 1));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_release),
        cmocka_unit_test(test_failures)
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
