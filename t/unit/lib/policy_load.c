
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "policy_load.h"


static void errors_text(const llmp_load_errors_t *errors, char *buf,
    size_t size);


void
policy_init(policy_fixture_t *f)
{
    f->policy = NULL;

    llmp_arena_init(&f->policies);
    llmp_arena_init(&f->arena);
}


void
policy_use(policy_fixture_t *f, const char *tier, const char *rest)
{
    if (f->policy != NULL) {
        llmp_policy_free(f->policy);
    }

    llmp_arena_reset(&f->policies);

    f->policy = load_tier(&f->policies, tier, rest);
}


int
policy_setup(void **state)
{
    static policy_fixture_t  f;

    policy_init(&f);

    *state = &f;

    return 0;
}


int
policy_teardown(void **state)
{
    policy_fixture_t  *f = *state;

    llmp_policy_free(f->policy);
    llmp_arena_reset(&f->policies);
    llmp_arena_reset(&f->arena);

    return 0;
}


llmp_policy_t *
load_tier(llmp_arena_t *arena, const char *tier, const char *rest)
{
    return load_policy(arena, "{\"version\":1,\"default_tier\":\"t\","
                       "\"tiers\":{\"t\":{%s}}%s}", tier, rest);
}


llmp_policy_t *
load_policy(llmp_arena_t *arena, const char *format, ...)
{
    char                 text[4096];
    va_list              args;
    llmp_str_t           file = llmp_string("test");
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    policy = llmp_load_policy(&arena->pool, &file, (u_char *) text,
                              strlen(text), &errors);

    if (policy == NULL && errors.nelts != 0) {
        print_error("%s: %s\n", (char *) errors.elts[0].path.data,
                    (char *) errors.elts[0].message.data);
    }

    assert_non_null(policy);

    return policy;
}


llmp_policy_t *
load_text(llmp_arena_t *arena, const char *document, size_t len,
    llmp_load_errors_t *errors)
{
    llmp_str_t  file;

    llmp_arena_init(arena);

    file = test_str("policy.json");

    return llmp_load_policy(&arena->pool, &file, (const u_char *) document, len,
                            errors);
}


llmp_policy_t *
load_quoted(llmp_arena_t *arena, const char *text)
{
    char                 document[2048];
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    quote(document, sizeof(document), text);

    policy = load_text(arena, document, strlen(document), &errors);

    if (policy == NULL && errors.nelts != 0) {
        print_error("%s: %s\n", (char *) errors.elts[0].path.data,
                    (char *) errors.elts[0].message.data);
    }

    assert_non_null(policy);

    return policy;
}


void
quote(char *buf, size_t size, const char *text)
{
    size_t  i, len;

    len = strlen(text);
    assert_true(len < size);

    for (i = 0; i <= len; i++) {
        buf[i] = (text[i] == '\'') ? '"' : (text[i] == '`') ? '\'' : text[i];
    }
}


void
check_errors(const errors_case_t *cases, size_t n)
{
    char                 text[8192], document[2048], wanted[2048];
    size_t               i;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    for (i = 0; i < n; i++) {
        quote(document, sizeof(document), cases[i].document);
        quote(wanted, sizeof(wanted), cases[i].errors);

        policy = load_text(&arena, document, strlen(document), &errors);

        errors_text(&errors, text, sizeof(text));

        if (strcmp(text, wanted) != 0) {
            print_error("%s\n", document);
        }

        assert_string_equal(text, wanted);
        assert_int_equal(policy != NULL, text[0] == '\0'
                                         || strstr(text, ": warning: "));

        if (policy != NULL) {
            llmp_policy_free(policy);
        }

        llmp_arena_reset(&arena);
    }
}


static void
errors_text(const llmp_load_errors_t *errors, char *buf, size_t size)
{
    char               *p, *end;
    llmp_uint_t         i;
    llmp_load_error_t  *error;

    p = buf;
    end = buf + size;
    *p = '\0';

    for (i = 0; i < errors->nelts; i++) {
        error = &errors->elts[i];

        p += snprintf(p, end - p, "%zu:%zu: %s: %s\n", (size_t) error->line,
                      (size_t) error->column, (char *) error->path.data,
                      (char *) error->message.data);

        assert_true(p < end);
        assert_int_equal(error->path.len, strlen((char *) error->path.data));
        assert_int_equal(error->message.len,
                         strlen((char *) error->message.data));
    }
}
