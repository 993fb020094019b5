
/*
 * Copyright (C) llm-policy authors
 *
 * The files of a document: their names, their order, and their identity, which
 * every change changes.
 */


#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/llmp_arena.h"
#include "loader/llmp_source.h"

#include "files.h"


/* the last list of parts, and the identity at the last look */

typedef struct {
    llmp_arena_t             arena;
    llmp_source_t            source;
    llmp_source_parts_t      parts;
    llmp_source_identity_t   identity;
} fixture_t;


static fixture_t *fixture(const char *document, const char *const *includes);
static void list_is(fixture_t *f, const char *expected);
static int changed(fixture_t *f);
static void replace(const char *name, const char *text);


static void
test_names(void **state)
{
    size_t      i;
    fixture_t  *f;

    static const struct {
        const char  *document;
        const char  *include;
        const char  *path;
        int          pattern;
    } cases[] = {
        { "policy.json", "models.json", "models.json", 0 },
        { "/etc/nginx/policy.json", "models.json", "/etc/nginx/models.json",
          0 },
        { "/policy.json", "t/*.json", "/t/*.json", 1 },
        { "conf/policy.json", "/etc/*.json", "/etc/*.json", 1 },
        { "conf/policy.json", "../a[12]?.json", "conf/../a[12]?.json", 1 },

        /* the folder of the document is no pattern */
        { "a[1]/b*?\\/policy.json", "*.json", "a\\[1]/b\\*\\?\\\\/*.json", 1 },
        { "a[1]/policy.json", "b.json", "a[1]/b.json", 0 }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        f = fixture(cases[i].document,
                    (const char *[]) { cases[i].include, NULL });

        assert_str_is(f->source.includes[0].path, cases[i].path);
        assert_int_equal(f->source.includes[0].pattern, cases[i].pattern);
        assert_int_equal(f->source.includes[0].path.data
                         [f->source.includes[0].path.len], '\0');

        llmp_arena_reset(&f->arena);
    }
}


static void
test_list(void **state)
{
    fixture_t  *f;

    (void) state;

    files_folder("list[1]");
    files_folder("list[1]/t");
    files_write("list[1]/t/b.json", "");
    files_write("list[1]/t/B.json", "");
    files_write("list[1]/t/a.json", "");
    files_write("list[1]/t/10.json", "");
    files_write("list[1]/t/9.json", "");
    files_write("list[1]/t/.hidden.json", "");
    files_write("list[1]/t/a.json~", "");
    files_write("list1", "");

    /* bytes decide, in every locale; a missing file is listed, too */

    f = fixture("list[1]/policy.json",
                (const char *[]) { "z.json", "t/*.json", "none/*.json",
                                   "t/a.json/*.json", "t/9.json", NULL });

    list_is(f, "0:list[1]/z.json 1:list[1]/t/10.json 1:list[1]/t/9.json "
               "1:list[1]/t/B.json 1:list[1]/t/a.json 1:list[1]/t/b.json "
               "4:list[1]/t/9.json ");

    assert_str_is(f->parts.elts[0].name, "list[1]/z.json");
    llmp_arena_reset(&f->arena);

    /* a folder that cannot be read may have parts: it is no empty one */

    files_link("loop", "loop");

    f = fixture("policy.json", (const char *[]) { "loop/*.json", NULL });
    list_is(f, "0:loop/*.json ");
    assert_int_equal(f->parts.elts[0].err, ELOOP);
    llmp_arena_reset(&f->arena);
}


static void
test_relative(void **state)
{
    size_t      i;
    fixture_t  *f;
    llmp_str_t  name, rest;

    static const char *const  cases[][3] = {
        { "/etc/policy.json", "/etc/t/a.json", "t/a.json" },
        { "/etc/policy.json", "/usr/a.json", "/usr/a.json" },
        { "/etc/policy.json", "/etcetera/a.json", "/etcetera/a.json" },
        { "/etc/policy.json", "/etc", "/etc" },
        { "policy.json", "a.json", "a.json" }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        f = fixture(cases[i][0], (const char *[]) { NULL });

        name = test_cstr(cases[i][1]);
        rest = llmp_source_relative(&f->source, &name);
        assert_str_is(rest, cases[i][2]);

        llmp_arena_reset(&f->arena);
    }
}


/* each of these is a change, and is one only once */

static void
test_changes(void **state)
{
    fixture_t  *f;

    (void) state;

    files_folder("v1");
    files_folder("v2");
    files_folder("tenants");
    files_write("v1/linked.json", "same");
    files_write("v2/linked.json", "same");
    files_link("data", "v1");
    files_write("policy.json", "policy");
    files_write("models.json", "models");

    f = fixture("policy.json",
                (const char *[]) { "models.json", "tenants/*.json",
                                   "data/linked.json", NULL });

    assert_true(changed(f));
    assert_false(changed(f));

    replace("policy.json", "policy");
    assert_true(changed(f));

    replace("models.json", "models");
    assert_true(changed(f));

    files_write("models.json", "other");
    assert_true(changed(f));

    files_write("tenants/a.json", "");
    assert_true(changed(f));

    files_write("tenants/a.txt", "");
    assert_false(changed(f));

    assert_int_equal(rename("tenants/a.json", "tenants/b.json"), 0);
    assert_true(changed(f));

    assert_int_equal(unlink("tenants/b.json"), 0);
    assert_true(changed(f));

    files_link("data", "v2");
    assert_true(changed(f));

    assert_int_equal(rename("models.json", "away"), 0);
    assert_true(changed(f));

    assert_int_equal(rename("away", "models.json"), 0);
    assert_true(changed(f));

    files_link("tenants/loop.json", "loop.json");
    assert_true(changed(f));

    assert_int_equal(unlink("policy.json"), 0);
    assert_true(changed(f));
    assert_false(changed(f));

    llmp_arena_reset(&f->arena);
}


static void
test_many(void **state)
{
    char          name[32];
    fixture_t    *f;
    llmp_uint_t   i;

    (void) state;

    files_folder("many");

    for (i = 0; i < LLMP_SOURCE_PARTS + 10; i++) {
        snprintf(name, sizeof(name), "many/%04zu.json", (size_t) i);
        files_write(name, "");
    }

    f = fixture("policy.json",
                (const char *[]) { "many/*.json", "models.json", NULL });

    assert_int_equal(llmp_source_parts(&f->source, &f->arena.pool, &f->parts),
                     LLMP_OK);
    assert_int_equal(f->parts.nelts, LLMP_SOURCE_PARTS + 1);

    llmp_arena_reset(&f->arena);
}


static void
test_no_memory(void **state)
{
    size_t                   n, allocs;
    fixture_t               *f;
    llmp_source_identity_t   identity;

    (void) state;

    files_folder("memory");
    files_write("memory/a.json", "");

    f = fixture("policy.json",
                (const char *[]) { "models.json", "memory/*.json", NULL });

    allocs = f->arena.allocs;
    assert_int_equal(llmp_source_look(&f->source, &f->arena.pool, &identity),
                     LLMP_OK);
    n = f->arena.allocs - allocs;
    assert_true(n >= 3);

    for ( /* void */ ; n > 0; n--) {
        f->arena.fail_after = f->arena.allocs + n;
        assert_int_equal(llmp_source_look(&f->source, &f->arena.pool,
                                          &identity),
                         LLMP_ERROR);
    }

    llmp_arena_reset(&f->arena);
}


static fixture_t *
fixture(const char *document, const char *const *includes)
{
    llmp_str_t  text;

    static fixture_t              f;
    static llmp_source_include_t  list[8];

    memset(&f, 0, sizeof(fixture_t));
    llmp_arena_init(&f.arena);

    f.source.name = test_cstr(document);
    f.source.includes = list;

    for ( /* void */ ; *includes != NULL; includes++) {
        text = test_cstr(*includes);

        assert_int_equal(llmp_source_include(&f.source, &f.arena.pool, &text,
                                             &list[f.source.nincludes++]),
                         LLMP_OK);
    }

    return &f;
}


static void
list_is(fixture_t *f, const char *expected)
{
    char         text[512], *p;
    llmp_uint_t  i;

    assert_int_equal(llmp_source_parts(&f->source, &f->arena.pool, &f->parts),
                     LLMP_OK);

    p = text;
    *p = '\0';

    for (i = 0; i < f->parts.nelts; i++) {
        p += snprintf(p, text + sizeof(text) - p, "%zu:%s ",
                      (size_t) f->parts.elts[i].include,
                      (char *) f->parts.elts[i].name.data);
        assert_true(p < text + sizeof(text));
    }

    assert_string_equal(text, expected);
}


/* Returns 1 if the files have changed since the last look. */

static int
changed(fixture_t *f)
{
    llmp_source_identity_t  before;

    before = f->identity;

    assert_int_equal(llmp_source_look(&f->source, &f->arena.pool,
                                      &f->identity),
                     LLMP_OK);

    return memcmp(&before, &f->identity, sizeof(before)) != 0;
}


/* Puts another file in the place of one. */

static void
replace(const char *name, const char *text)
{
    files_write("next", text);
    assert_int_equal(rename("next", name), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_relative),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("source", tests, files_setup,
                                       files_teardown);
}
