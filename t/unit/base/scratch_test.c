
/*
 * Copyright (C) llm-policy authors
 *
 * Reused memory: the lists that grow in it, and its allocations from the pool.
 */


#include "base/llmp_arena.h"
#include "base/llmp_scratch.h"
#include "watch/llmp_member.h"

#include "test.h"


/* Allocates pieces of the given sizes, which end with 0. */

static void
take(llmp_scratch_t *scratch, const size_t *sizes)
{
    u_char  *p[16];
    size_t   i, j, k;

    for (i = 0; sizes[i] != 0; i++) {
        p[i] = llmp_palloc(&scratch->pool, sizes[i]);

        assert_non_null(p[i]);
        assert_int_equal((uintptr_t) p[i] % _Alignof(max_align_t), 0);

        memset(p[i], (int) i + 1, sizes[i]);
    }

    /* pieces do not overlap */

    for (j = 0; j < i; j++) {
        for (k = 0; k < sizes[j]; k++) {
            assert_int_equal(p[j][k], j + 1);
        }
    }
}


static void
test_reuse(void **state)
{
    size_t          i, j, allocs;
    llmp_arena_t    arena;
    llmp_scratch_t  scratch;

    static const size_t  lines[][16] = {
        { 1, 0 },
        { 1, 15, 16, 17, 8000, 1, 0 },
        { 8191, 8192, 8193, 0 },
        { 100000, 1, 100000, 0 },
        { 1, 100000, 8000, 8000, 50000, 0 },
        { 0 }
    };

    (void) state;

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    assert_int_equal(arena.allocs, 0);

    allocs = 0;

    for (i = 0; i < 100; i++) {
        for (j = 0; j < test_nelts(lines); j++) {
            llmp_scratch_reset(&scratch);
            take(&scratch, lines[j]);
        }

        /* the first use allocates everything that later ones require */

        if (i == 0) {
            allocs = arena.allocs;
        }

        assert_int_equal(arena.allocs, allocs);
    }

    llmp_arena_reset(&arena);
}


/*
 * each line requires a little more of one size: a client cannot make that add
 * up
 */

static void
test_growth(void **state)
{
    size_t          size;
    llmp_arena_t    arena;
    llmp_scratch_t  scratch;

    (void) state;

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    for (size = 8192; size < 100000; size += 100) {
        llmp_scratch_reset(&scratch);

        assert_non_null(llmp_palloc(&scratch.pool, size));
        assert_non_null(llmp_palloc(&scratch.pool, 100));
    }

    assert_in_range(arena.allocs, 1, 20);

    llmp_arena_reset(&arena);
}


/* blocks up to a size; and back to the pool */

static void
test_blocks(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    llmp_scratch_t  scratch;

    (void) state;

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    scratch.most = 16384;

    for (i = 0; i < 16; i++) {
        assert_non_null(llmp_palloc(&scratch.pool, 8000));
    }

    /* one of 8 KB, and all others of 16 KB */

    assert_int_equal(arena.allocs, 9);

    assert_non_null(llmp_palloc(&scratch.pool, 100000));
    assert_int_equal(arena.allocs, 10);

    llmp_scratch_free(&scratch);
    assert_null(arena.blocks);

    assert_non_null(llmp_palloc(&scratch.pool, 8000));
    assert_non_null(arena.blocks);

    llmp_scratch_free(&scratch);
    llmp_scratch_free(&scratch);
    assert_null(arena.blocks);
}


static void
test_no_memory(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    llmp_scratch_t  scratch;

    (void) state;

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    arena.fail_after = 2;

    assert_non_null(llmp_palloc(&scratch.pool, 8000));
    assert_null(llmp_palloc(&scratch.pool, 8000));

    for (i = 0; i < 64; i++) {
        assert_null(llmp_palloc(&scratch.pool, SIZE_MAX - i));
    }

    /* existing pieces remain usable */

    assert_non_null(llmp_palloc(&scratch.pool, 100));

    llmp_scratch_reset(&scratch);

    assert_non_null(llmp_palloc(&scratch.pool, 8000));

    arena.fail_after = 0;

    assert_non_null(llmp_palloc(&scratch.pool, 8000));

    llmp_arena_reset(&arena);
}


/* distinguishes its own memory from other memory, also after it was freed */

static void
test_has(void **state)
{
    u_char          *p, *q;
    llmp_arena_t     arena;
    llmp_scratch_t   scratch;

    (void) state;

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    assert_false(llmp_scratch_owns(&scratch, &arena));
    assert_false(llmp_scratch_owns(&scratch, NULL));

    p = llmp_palloc(&scratch.pool, 10);
    q = llmp_palloc(&scratch.pool, 100000);

    assert_true(llmp_scratch_owns(&scratch, p));
    assert_true(llmp_scratch_owns(&scratch, p + 9));
    assert_true(llmp_scratch_owns(&scratch, q));
    assert_true(llmp_scratch_owns(&scratch, q + 99999));
    assert_false(llmp_scratch_owns(&scratch, llmp_palloc(&arena.pool, 10)));
    assert_false(llmp_scratch_owns(&scratch, "text"));

    llmp_scratch_reset(&scratch);

    assert_true(llmp_scratch_owns(&scratch, p));

    llmp_arena_reset(&arena);
}


/* members: the list keeps its members while it grows, up to its limit */

static void
test_members(void **state)
{
    size_t           i;
    llmp_arena_t     arena;
    llmp_watch_t     watch[2];
    llmp_members_t   members;
    llmp_member_t   *m;

    (void) state;

    llmp_arena_init(&arena);
    memset(&members, 0, sizeof(llmp_members_t));

    for (i = 0; i < LLMP_MEMBERS_MAX; i++) {
        assert_int_equal(llmp_member_add(&members, &arena.pool, &watch[i % 2],
                                         LLMP_TYPE_STRING, 7 * i),
                         LLMP_OK);
        assert_int_equal(members.nelts, i + 1);
    }

    assert_int_equal(llmp_member_add(&members, &arena.pool, &watch[0],
                                     LLMP_TYPE_STRING, 1),
                     LLMP_DECLINED);
    assert_int_equal(members.nelts, LLMP_MEMBERS_MAX);

    for (i = 0; i < LLMP_MEMBERS_MAX; i++) {
        m = &members.elts[i];

        assert_ptr_equal(m->watch, &watch[i % 2]);
        assert_int_equal(m->type, LLMP_TYPE_STRING);
        assert_int_equal(m->start, 7 * i);
        assert_int_equal(m->last, i);
        assert_int_equal(m->comma | m->key | m->end | m->next | m->parent
                         | m->index | m->count | m->cut | m->text.len, 0);
    }

    llmp_arena_reset(&arena);
}


static void
test_members_no_memory(void **state)
{
    size_t          i, added;
    llmp_int_t      rc;
    llmp_arena_t    arena;
    llmp_members_t  members;

    (void) state;

    for (i = 1; i < 5; i++) {
        llmp_arena_init(&arena);
        memset(&members, 0, sizeof(llmp_members_t));

        arena.fail_after = i;
        added = 0;

        do {
            rc = llmp_member_add(&members, &arena.pool, NULL,
                                 LLMP_TYPE_NULL, added);
            added += (rc == LLMP_OK);

        } while (rc == LLMP_OK);

        assert_int_equal(rc, LLMP_ERROR);
        assert_int_equal(members.nelts, added);
        assert_int_equal(added, i == 1 ? 0 : 16 << (i - 2));

        /* the kept text is complete */

        if (added != 0) {
            assert_int_equal(members.elts[added - 1].start, added - 1);
        }

        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_has),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_members_no_memory)
    };

    return cmocka_run_group_tests_name("scratch", tests, NULL, NULL);
}
