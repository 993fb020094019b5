
/*
 * Copyright (C) llm-policy authors
 */


#include <errno.h>
#include <stdio.h>

#include "loader/llmp_load.h"
#include "read.h"


#define READ_MIN  65536


static llmp_int_t read_stream(llmp_arena_t *arena, FILE *stream,
    const char *name, size_t max, llmp_str_t *data);


llmp_int_t
read_file(llmp_arena_t *arena, const char *name, size_t max,
    llmp_str_t *data)
{
    FILE        *stream;
    llmp_int_t   rc;

    if (name == NULL) {
        return read_stream(arena, stdin, "standard input", max, data);
    }

    stream = fopen(name, "rb");
    if (stream == NULL) {
        fprintf(stderr, "llm-policy: %s: %s\n", name, strerror(errno));
        return LLMP_ERROR;
    }

    rc = read_stream(arena, stream, name, max, data);

    fclose(stream);

    return rc;
}


static llmp_int_t
read_stream(llmp_arena_t *arena, FILE *stream, const char *name,
    size_t max, llmp_str_t *data)
{
    size_t   n, size;
    u_char  *p;

    data->len = 0;
    data->data = NULL;
    size = 0;

    for ( ;; ) {

        if (data->len == size) {
            size = (size != 0) ? 2 * size : READ_MIN;

            p = llmp_palloc(&arena->pool, size);
            if (p == NULL) {
                fprintf(stderr, "llm-policy: out of memory\n");
                return LLMP_ERROR;
            }

            if (data->len != 0) {
                memcpy(p, data->data, data->len);
            }

            data->data = p;
        }

        n = fread(data->data + data->len, 1, size - data->len, stream);
        data->len += n;

        if (data->len > max) {
            fprintf(stderr, "llm-policy: %s: larger than %zu bytes\n",
                    name, max);
            return LLMP_ERROR;
        }

        if (ferror(stream)) {
            fprintf(stderr, "llm-policy: %s: %s\n", name, strerror(errno));
            return LLMP_ERROR;
        }

        if (n == 0) {
            return LLMP_OK;
        }
    }
}


llmp_policy_t *
read_policy(llmp_arena_t *arena, const char *name)
{
    llmp_str_t            file, data;
    llmp_uint_t           i;
    llmp_policy_t        *policy;
    llmp_load_error_t    *e;
    llmp_load_errors_t    errors;

    if (read_file(arena, name, LLMP_POLICY_MAX, &data) != LLMP_OK) {
        return NULL;
    }

    file.data = (u_char *) name;
    file.len = strlen(name);

    policy = llmp_load_policy(&arena->pool, &file, data.data, data.len,
                              &errors);

    if (policy != NULL) {
        return policy;
    }

    if (errors.nelts == 0) {
        fprintf(stderr, "llm-policy: out of memory\n");
    }

    for (i = 0; i < errors.nelts; i++) {
        e = &errors.elts[i];

        fprintf(stderr, "%s:%zu:%zu: %s: %s\n", name, (size_t) e->line,
                (size_t) e->column, (char *) e->path.data,
                (char *) e->message.data);
    }

    return NULL;
}
