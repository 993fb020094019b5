
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/llmp_file.h"
#include "loader/llmp_load.h"
#include "read.h"


static void read_print_errors(const llmp_load_errors_t *errors);
static void read_print_failure(const char *name, const char *call, int err);
static void read_print_size(const char *name, size_t max);


llmp_int_t
read_file(llmp_arena_t *arena, const char *name, size_t max,
    llmp_str_t *data)
{
    llmp_int_t         rc;
    llmp_file_error_t  error;

    if (name == NULL) {
        name = "standard input";
        rc = llmp_file_read_fd(&arena->pool, STDIN_FILENO, max, data, &error);

    } else {
        rc = llmp_file_read(&arena->pool, name, 1, max, data, &error);
    }

    if (rc == LLMP_ERROR) {
        read_print_failure(name, error.call, error.err);

    } else if (rc == LLMP_DECLINED) {
        read_print_size(name, max);
        rc = LLMP_ERROR;
    }

    return rc;
}


llmp_policy_t *
read_policy(llmp_arena_t *arena, const char *name, llmp_uint_t warn)
{
    llmp_policy_t       *policy;
    llmp_source_t        source;
    llmp_load_errors_t   errors;

    source.name.data = (u_char *) name;
    source.name.len = strlen(name);
    source.now = (int64_t) time(NULL);

    policy = llmp_load_file(&arena->pool, &source, 1, &errors);

    if (policy == NULL && errors.too_large) {
        read_print_size(name, LLMP_POLICY_MAX);

    } else if (policy == NULL && errors.nelts == 0) {
        read_print_failure(name, errors.failed, errors.err);

    } else if (policy == NULL || warn) {
        read_print_errors(&errors);
    }

    return policy;
}


static void
read_print_errors(const llmp_load_errors_t *errors)
{
    llmp_uint_t               i;
    const llmp_load_error_t  *e;

    for (i = 0; i < errors->nelts; i++) {
        e = &errors->elts[i];

        fprintf(stderr, "%s:%zu:%zu: %s: %s\n", (char *) e->file.data,
                (size_t) e->line, (size_t) e->column, (char *) e->path.data,
                (char *) e->message.data);
    }
}


static void
read_print_failure(const char *name, const char *call, int err)
{
    if (call == NULL) {
        fprintf(stderr, "llm-policy: out of memory\n");

    } else {
        fprintf(stderr, "llm-policy: %s: %s\n", name, strerror(err));
    }
}


static void
read_print_size(const char *name, size_t max)
{
    fprintf(stderr, "llm-policy: %s: larger than %zu bytes\n", name, max);
}
