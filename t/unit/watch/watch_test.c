
/*
 * Copyright (C) llm-policy authors
 *
 * The tree of watched members.
 */


#include <stdio.h>
#include <time.h>

#include "base/llmp_arena.h"
#include "dialect/llmp_param.h"
#include "watch/llmp_fold.h"
#include "watch/llmp_watch_build.h"

#include "test.h"
#include "watch_tree.h"


typedef struct {
    llmp_arena_t  arena;
} fixture_t;


static llmp_watch_t *
tree(fixture_t *f, const char *const *paths, size_t npaths)
{
    llmp_watch_t  *root;

    root = watch_tree(&f->arena.pool, paths, npaths);
    assert_non_null(root);
    assert_int_equal(llmp_watch_build_spellings(&f->arena.pool, root), LLMP_OK);

    return root;
}


/* lookups without folding: the fast one and the plain one */

static void
assert_exact(llmp_watch_t *node, const llmp_str_t *name,
    const llmp_watch_t *expected)
{
    assert_ptr_equal(llmp_watch_find_exact(node, name), expected);
    assert_ptr_equal(llmp_watch_find_exact_slow(node, name), expected);
}


/* Follows a path by exact names. */

static llmp_watch_t *
at(llmp_watch_t *node, const char *path)
{
    llmp_int_t     folds;
    llmp_uint_t    i, n;
    llmp_step_t    steps[LLMP_WATCH_STEPS_MAX];
    llmp_watch_t  *parent;

    n = watch_tree_steps(steps, path);

    for (i = 0; i < n && node != NULL; i++) {

        if (steps[i].is_element) {
            node = node->element;
            continue;
        }

        parent = node;
        node = llmp_watch_find(parent, &steps[i].name, &folds);

        assert_exact(parent, &steps[i].name, node);

        if (node != NULL) {
            assert_int_equal(folds, 0);
        }
    }

    return node;
}


static void
assert_found(llmp_watch_t *node, const char *name, llmp_watch_t *expected,
    llmp_int_t expected_folds)
{
    llmp_str_t     s;
    llmp_int_t     folds;
    llmp_watch_t  *found;

    s = test_cstr(name);

    folds = !expected_folds;
    found = llmp_watch_find(node, &s, &folds);

    assert_ptr_equal(found, expected);
    assert_int_equal(folds, expected_folds);

    assert_exact(node, &s, expected_folds ? NULL : expected);
}


/* ---- folding ---- */

static void
test_fold(void **state)
{
    size_t      i;
    u_char      buf[64];
    llmp_str_t  folded;

    static const struct {
        llmp_str_t   name;
        const char  *folded;
    } names[] = {
        { llmp_string(""), "" },
        { llmp_string("temperature"), "temperature" },
        { llmp_string("TempErature_0"), "temperature0" },
        { llmp_string("_max-Tokens__"), "maxtokens" },
        { llmp_string("-_"), "" },
        { llmp_string("ABCXYZ@[`{~"), "abcxyz@[`{~" },
        { llmp_string("top_\xe2\x84\xaa"), "topk" },
        { llmp_string("\xc5\xbftop\xc5\xbf"), "stops" },
        { llmp_string("\xc4\xb0\xc4\xb1"), "ii" },
        { llmp_string("\xc3\x89\xc3\xa9"), "\xc3\x89\xc3\xa9" },
        { llmp_string("\xef\xbc\xab\xf0\x9f\x98\x80K"),
          "\xef\xbc\xab\xf0\x9f\x98\x80k" },

        /* invalid UTF-8 is kept unchanged */

        { llmp_string("K\xe2\x84"), "k\xe2\x84" },
        { llmp_string("\xff\xc5K\x80S"), "\xff\xc5k\x80s" }
    };

    (void) state;

    for (i = 0; i < test_nelts(names); i++) {
        folded.data = buf;
        folded.len = llmp_fold(buf, names[i].name.data, names[i].name.len);
        assert_str_is(folded, names[i].folded);

        /* in place */

        memcpy(buf, names[i].name.data, names[i].name.len);
        folded.len = llmp_fold(buf, buf, names[i].name.len);
        assert_str_is(folded, names[i].folded);
    }
}


/* no other code point folds, and folding twice is the same as once */

static void
test_fold_code(void **state)
{
    uint32_t     code, folded;
    llmp_uint_t  n;

    (void) state;

    n = 0;

    for (code = 0; code <= 0x10ffff; code++) {
        folded = llmp_fold_code(code);

        assert_int_equal(llmp_fold_code(folded), folded);

        if (folded != code) {
            assert_in_range(folded, 'a', 'z');
            n++;
        }
    }

    assert_int_equal(n, 26 + 4);
}


/* ---- looking up ---- */

static void
test_find(void **state)
{
    fixture_t     *f = *state;
    llmp_watch_t  *root;

    static const char *const  paths[] = {
        "temperature", "top_k", "topk", "topK", "options.stop", "",
        "\xc3\xa9t\xc3\xa9", "\xe2\x84\xaa"
    };

    root = tree(f, paths, test_nelts(paths));

    assert_found(root, "temperature", at(root, "temperature"), 0);
    assert_non_null(at(root, "temperature"));

    assert_found(root, "Temperature", at(root, "temperature"), 1);
    assert_found(root, "temperaturE", at(root, "temperature"), 1);
    assert_found(root, "temperatur", NULL, 0);
    assert_found(root, "temperatures", NULL, 0);
    assert_found(root, "", NULL, 0);
    assert_found(root, "stop", NULL, 0);
    assert_found(root, "zzz", NULL, 0);
    assert_found(root, "\xc3\x89t\xc3\x89", NULL, 0);
    assert_found(root, "\xc3\xa9T\xc3\xa9", at(root, "\xc3\xa9t\xc3\xa9"), 1);

    /* the equal one of several names that fold alike is found */

    assert_ptr_not_equal(at(root, "topK"), at(root, "topk"));
    assert_found(root, "topK", at(root, "topK"), 0);
    assert_found(root, "topk", at(root, "topk"), 0);
    assert_found(root, "TopK", at(root, "topK"), 1);

    /* a watched name may be changed by folding itself */

    assert_found(root, "\xe2\x84\xaa", at(root, "\xe2\x84\xaa"), 0);
    assert_found(root, "k", at(root, "\xe2\x84\xaa"), 1);
    assert_found(root, "K", at(root, "\xe2\x84\xaa"), 1);

    assert_found(at(root, "options"), "stop", at(root, "options.stop"), 0);
    assert_found(at(root, "options"), "\xc5\xbftop", at(root, "options.stop"),
                 1);
    assert_found(at(root, "top_k"), "a", NULL, 0);
}


static void
test_find_long(void **state)
{
    char           name[LLMP_WATCH_RAW_NAME_MAX + 2];
    size_t         i;
    fixture_t     *f = *state;
    llmp_watch_t  *root;
    const char    *paths[1];

    memset(name, 'k', LLMP_WATCH_NAME_MAX);
    name[LLMP_WATCH_NAME_MAX] = '\0';
    paths[0] = name;

    root = tree(f, paths, 1);
    assert_int_equal(root->nchildren, 1);
    assert_found(root, name, root->children[0], 0);

    /* the longest name that folds to it, and longer ones */

    for (i = 0; i < LLMP_WATCH_RAW_NAME_MAX; i += 3) {
        memcpy(name + i, "\xe2\x84\xaa", 4);
    }

    assert_found(root, name, root->children[0], 1);

    name[LLMP_WATCH_RAW_NAME_MAX] = 'k';
    name[LLMP_WATCH_RAW_NAME_MAX + 1] = '\0';
    assert_found(root, name, NULL, 0);
}


static void
test_many(void **state)
{
    char           names[1000][16];
    size_t         i;
    fixture_t     *f = *state;
    const char    *paths[1000];
    llmp_watch_t  *root, *node;

    for (i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof(names[i]), "%c%zu", i % 2 ? 'n' : 'M',
                 i * 7919 % 1000);
        paths[i] = names[i];
    }

    root = tree(f, paths, 1000);
    assert_int_equal(root->nchildren, 1000);

    for (i = 0; i < 1000; i++) {
        node = at(root, names[i]);
        assert_non_null(node);
        assert_str_is(node->name, names[i]);

        names[i][0] ^= 0x20;
        assert_found(root, names[i], node, 1);
    }
}


/* ---- paths, elements ---- */

static void
test_elements(void **state)
{
    fixture_t     *f = *state;
    llmp_watch_t  *root, *list;

    static const char *const  paths[] = {
        "list.0.seed", "list.12", "list.01", "list.a", "list.-1",
        "list[].temperature", "list[].stop[]", "other[]"
    };

    root = tree(f, paths, test_nelts(paths));
    list = at(root, "list");

    assert_ptr_equal(llmp_watch_find_element(list, 0), at(root, "list.0"));
    assert_ptr_equal(llmp_watch_find_element(list, 12), at(root, "list.12"));
    assert_ptr_equal(llmp_watch_find_element(list, 1), list->element);
    assert_ptr_equal(llmp_watch_find_element(list, 120), list->element);
    assert_ptr_equal(llmp_watch_find_element(list, UINTPTR_MAX), list->element);
    assert_non_null(list->element);

    assert_ptr_equal(llmp_watch_find_element(at(root, "other"), 0),
                     at(root, "other[]"));
    assert_null(llmp_watch_find_element(root, 0));
    assert_null(llmp_watch_find_element(at(root, "list.a"), 0));

    /*
     * an element path without a number also applies to numbered elements, but
     * to no other name
     */

    assert_non_null(at(root, "list.0.seed"));
    assert_non_null(at(root, "list.0.temperature"));
    assert_non_null(at(root, "list.0.stop[]"));
    assert_non_null(at(root, "list.12.temperature"));
    assert_non_null(at(root, "list[].temperature"));
    assert_null(at(root, "list[].seed"));
    assert_null(at(root, "list.01.temperature"));
    assert_null(at(root, "list.a.temperature"));
    assert_null(at(root, "list.-1.temperature"));

    assert_int_equal(at(root, "list.0.temperature")->rules.params,
                     llmp_mask(5));
    assert_int_equal(at(root, "list[].temperature")->rules.params,
                     llmp_mask(5));
}


static void
test_finish(void **state)
{
    fixture_t     *f = *state;
    llmp_watch_t  *root;

    static const char *const  paths[] = {
        "a", "b.c", "b.c.d", "b[]", "b[].e", "a"
    };

    root = tree(f, paths, test_nelts(paths));

    assert_int_equal(root->rules.params_below, 0x3f);
    assert_int_equal(at(root, "a")->rules.params_below, 0x21);
    assert_int_equal(at(root, "a")->rules.params, 0x21);
    assert_int_equal(at(root, "b")->rules.params_below, 0x1e);
    assert_int_equal(at(root, "b")->rules.params, 0);
    assert_int_equal(at(root, "b.c")->rules.params_below, 0x06);
    assert_int_equal(at(root, "b.c")->rules.params, 0x02);
    assert_int_equal(at(root, "b[]")->rules.params_below, 0x18);
    assert_int_equal(at(root, "b[].e")->rules.params_below, 0x10);

    assert_null(root->parent);
    assert_ptr_equal(at(root, "b.c")->parent, at(root, "b"));
    assert_ptr_equal(at(root, "b[]")->parent, at(root, "b"));
    assert_int_equal(at(root, "b[]")->name.len, 0);
}


static void
set_native(llmp_watch_t *node, void *data)
{
    watch_tree_set(node, data);
    node->rules.native = 1;
}


/* parameters that children hold, without deeper ones */

static void
test_holds(void **state)
{
    size_t         i;
    uint64_t       mask;
    llmp_uint_t    n;
    fixture_t     *f = *state;
    llmp_watch_t  *root;
    llmp_step_t    steps[LLMP_WATCH_STEPS_MAX];

    static const char *const  paths[] = { "a", "b", "c.d", "c.e" };

    root = llmp_watch_build_root(&f->arena.pool);
    assert_non_null(root);

    for (i = 0; i < test_nelts(paths); i++) {
        mask = llmp_mask(i);
        n = watch_tree_steps(steps, paths[i]);

        assert_int_equal(llmp_watch_build_add(&f->arena.pool, root, steps, n,
                                              i % 2 ? set_native
                                                    : watch_tree_set,
                                              &mask),
                         LLMP_OK);
    }

    assert_int_equal(llmp_watch_build_finish(&f->arena.pool, root), LLMP_OK);

    assert_int_equal(root->rules.params_below, 0x0f);
    assert_int_equal(root->rules.params_of_children, 0x02);
    assert_int_equal(at(root, "c")->rules.params_of_children, 0x08);
    assert_int_equal(at(root, "b")->rules.params_of_children, 0);
}


static void
test_path(void **state)
{
    size_t         i, n;
    char           buf[64];
    fixture_t     *f = *state;
    llmp_watch_t  *root;

    static const char *const  paths[] = {
        "temperature", "options.temperature", "requests[].params", "a.0[][].b",
        "\xc3\xa9t\xc3\xa9.\xf0\x9f\x98\x80"
    };

    root = tree(f, paths, test_nelts(paths));

    assert_string_equal(llmp_watch_write_path(root, buf, sizeof(buf)), "");

    for (i = 0; i < test_nelts(paths); i++) {
        assert_ptr_equal(llmp_watch_write_path(at(root, paths[i]), buf,
                                               sizeof(buf)),
                         buf);
        assert_string_equal(buf, paths[i]);

        /* truncated, without writing further */

        for (n = 1; n <= strlen(paths[i]); n++) {
            memset(buf, 'x', sizeof(buf));

            (void) llmp_watch_write_path(at(root, paths[i]), buf, n);

            assert_in_range(strlen(buf), 0, n - 1);
            assert_memory_equal(buf, paths[i], strlen(buf));
            assert_int_equal(buf[n], 'x');

            /* at a character boundary, the last one that fits */

            assert_true((paths[i][strlen(buf)] & 0xc0) != 0x80);
            assert_true(n - 1 - strlen(buf) < 4);
        }
    }

    (void) llmp_watch_write_path(at(root, paths[0]), buf, 5);
    assert_string_equal(buf, "temp");

    (void) llmp_watch_write_path(at(root, paths[4]), buf, 10);
    assert_string_equal(buf, "\xc3\xa9t\xc3\xa9.");
}


/* ---- thousands ---- */


static void
add_numbered(llmp_pool_t *pool, llmp_watch_t *root, size_t number)
{
    char         name[32];
    uint64_t     mask;
    llmp_step_t  step;

    mask = (uint64_t) 1 << number % 64;

    snprintf(name, sizeof(name), "name%08zu", number);
    step = (llmp_step_t) { test_cstr(name), 0 };

    assert_int_equal(llmp_watch_build_add(pool, root, &step, 1, watch_tree_set,
                                          &mask),
                     LLMP_OK);
}


/* each name is found once, with any order of insertion */

static void
test_orders(void **state)
{
    char           path[32];
    size_t         i, order;
    fixture_t     *f = *state;
    llmp_str_t     name;
    llmp_watch_t  *root, *child;

    /* steps without a factor of 2 or 5 reach all numbers */

    static const size_t  orders[] = { 1, 999, 7, 333, 501 };

    for (order = 0; order < test_nelts(orders); order++) {
        llmp_arena_reset(&f->arena);

        root = llmp_watch_build_root(&f->arena.pool);
        assert_non_null(root);

        for (i = 0; i < 2000; i++) {
            add_numbered(&f->arena.pool, root, i * orders[order] % 1000);
        }

        assert_int_equal(root->nchildren, 1000);
        assert_int_equal(llmp_watch_build_finish(&f->arena.pool, root),
                         LLMP_OK);

        for (i = 0; i < 1000; i++) {
            snprintf(path, sizeof(path), "name%08zu", i);
            name = test_cstr(path);

            child = at(root, path);
            assert_non_null(child);
            assert_ptr_equal(llmp_watch_find_path(root, &(llmp_step_t) {
                                                            name, 0 }, 1),
                             child);

            assert_str_is(child->name, path);
            assert_int_equal(child->rules.params, (uint64_t) 1 << i % 64);
        }
    }
}


/* the best of three, in CPU time of the process */

static long
time_of(fixture_t *f, size_t names)
{
    long             ns, best;
    size_t           i, run;
    llmp_watch_t    *root;
    struct timespec  start, end;

    best = 0;

    for (run = 0; run < 3; run++) {
        llmp_arena_reset(&f->arena);

        root = llmp_watch_build_root(&f->arena.pool);
        assert_non_null(root);

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);

        for (i = 0; i < names; i++) {
            add_numbered(&f->arena.pool, root, i);
        }

        assert_int_equal(llmp_watch_build_finish(&f->arena.pool, root),
                         LLMP_OK);

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);

        ns = (end.tv_sec - start.tv_sec) * 1000000000L
             + end.tv_nsec - start.tv_nsec;

        best = (run == 0 || ns < best) ? ns : best;
    }

    return best;
}


/*
 * 16 times as many take at most about 16 times as long; quadratic time would be
 * 256
 */

static void
test_linear(void **state)
{
    fixture_t  *f = *state;

    assert_true(time_of(f, 32000) < 64 * time_of(f, 2000));
}


/* ---- errors ---- */

static void
test_limits(void **state)
{
    char           name[LLMP_WATCH_NAME_MAX + 2];
    fixture_t     *f = *state;
    uint64_t       mask;
    llmp_uint_t    i;
    llmp_step_t    steps[LLMP_WATCH_STEPS_MAX + 1];
    llmp_watch_t  *root;

    mask = 1;
    root = llmp_watch_build_root(&f->arena.pool);
    assert_non_null(root);

    memset(name, 'a', sizeof(name));

    for (i = 0; i <= LLMP_WATCH_STEPS_MAX; i++) {
        steps[i] =
                  (llmp_step_t) { { LLMP_WATCH_NAME_MAX, (u_char *) name }, 0 };
    }

    assert_int_equal(llmp_watch_build_add(&f->arena.pool, root, steps,
                                          LLMP_WATCH_STEPS_MAX + 1,
                                          watch_tree_set, &mask),
                     LLMP_ERROR);
    assert_int_equal(llmp_watch_build_add(&f->arena.pool, root, steps,
                                          LLMP_WATCH_STEPS_MAX,
                                          watch_tree_set, &mask),
                     LLMP_OK);

    steps[0].name.len++;

    assert_int_equal(llmp_watch_build_add(&f->arena.pool, root, steps, 1,
                                          watch_tree_set, &mask),
                     LLMP_ERROR);

    /* a path without steps is the node itself */

    assert_int_equal(llmp_watch_build_add(&f->arena.pool, root, steps, 0,
                                          watch_tree_set, &mask),
                     LLMP_OK);
    assert_int_equal(root->rules.params, 1);
}


/* names are copied, including their folded form */

static void
test_copies(void **state)
{
    char           name[] = "Stop";
    uint64_t       mask;
    fixture_t     *f = *state;
    llmp_step_t    step;
    llmp_watch_t  *root;

    mask = 1;
    root = llmp_watch_build_root(&f->arena.pool);
    assert_non_null(root);

    step = (llmp_step_t) { { 4, (u_char *) name }, 0 };

    assert_int_equal(llmp_watch_build_add(&f->arena.pool, root, &step, 1,
                                          watch_tree_set, &mask),
                     LLMP_OK);

    memset(name, 'x', 4);
    assert_int_equal(llmp_watch_build_finish(&f->arena.pool, root), LLMP_OK);

    assert_str_is(root->children[0]->name, "Stop");
    assert_str_is(root->children[0]->folded, "stop");
}


static void
test_no_memory(void **state)
{
    size_t         n;
    llmp_watch_t  *root;
    llmp_arena_t   arena;

    static const char *const  paths[] = {
        "a", "b", "c", "d.0", "d[].e", "d[].f"
    };

    (void) state;

    root = NULL;

    for (n = 1; root == NULL; n++) {
        assert_in_range(n, 1, 100);

        llmp_arena_init(&arena);
        arena.fail_after = n;

        root = watch_tree(&arena.pool, paths, test_nelts(paths));

        assert_true(root != NULL || arena.allocs == n);
        llmp_arena_reset(&arena);
    }

    /* the root, ten nodes, and room for children in four of them */

    assert_int_equal(n - 2, 1 + 10 + 3 + 1 + 2 + 2);

    /* and names of nodes that have some */

    llmp_arena_init(&arena);

    root = watch_tree(&arena.pool, paths, test_nelts(paths));

    for (n = 1; n <= 5; n++) {
        arena.allocs = 0;
        arena.fail_after = n;

        assert_int_equal(llmp_watch_build_spellings(&arena.pool, root),
                         (n < 5) ? LLMP_ERROR : LLMP_OK);
    }

    llmp_arena_reset(&arena);
}


static int
setup(void **state)
{
    static fixture_t  f;

    llmp_arena_init(&f.arena);
    *state = &f;

    return 0;
}


static int
teardown(void **state)
{
    fixture_t  *f = *state;

    llmp_arena_reset(&f->arena);

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_code),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_find_long),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_holds),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("watch", tests, setup, teardown);
}
