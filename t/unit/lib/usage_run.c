
/*
 * Copyright (C) llm-policy authors
 */


#include "usage_run.h"

#include "dialect/llmp_dialect.h"


int
usage_setup(void **state)
{
    static usage_fixture_t  f;

    policy_init(&f.p);
    policy_use(&f.p, "", "");

    *state = &f;

    return 0;
}


llmp_int_t
usage_prepare(usage_fixture_t *f, const char *dialect, const char *type)
{
    llmp_int_t             rc;
    llmp_str_t             name;
    llmp_usage_settings_t  settings;

    name = test_cstr(dialect);

    settings.policy = f->p.policy;
    settings.dialect = llmp_dialect_find(&name);
    settings.content_type = test_cstr(type);
    settings.pool = &f->p.arena.pool;

    assert_non_null(settings.dialect);

    llmp_arena_reset(&f->p.arena);

    rc = llmp_usage_create(&f->usage, &settings);

    f->result = llmp_usage_result(f->usage);

    return rc;
}


void
usage_feed(llmp_usage_t *usage, const char *body, size_t len, size_t first,
    size_t size)
{
    test_pieces_t  p;

    test_pieces_start(&p, body, len, first, size);

    while (test_pieces_next(&p)) {
        llmp_usage_feed(usage, p.piece, p.len);
    }
}
