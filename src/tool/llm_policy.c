
/*
 * Copyright (C) llm-policy authors
 */


#include <errno.h>
#include <stdio.h>

#include "loader/llmp_load.h"

#include "llm_policy.h"


#define LLM_POLICY_READ_MIN  65536


typedef struct {
    const char  *name;
    int          (*run)(int argc, char **argv);
} llm_policy_command_t;


static llmp_int_t llm_policy_read_stream(llmp_arena_t *arena, FILE *stream,
    const char *name, size_t max, llmp_str_t *data);


static const llm_policy_command_t  llm_policy_commands[] = {
    { "check", check_run },
    { "explain", explain_run },
    { "replay", replay_run },
    { "hash-key", hash_key_run },
    { "dialects", dialects_run },
    { NULL, NULL }
};


int
main(int argc, char **argv)
{
    const llm_policy_command_t  *command;

    if (argc < 2) {
        return llm_policy_usage();
    }

    for (command = llm_policy_commands; command->name != NULL; command++) {
        if (strcmp(argv[1], command->name) == 0) {
            return command->run(argc - 1, argv + 1);
        }
    }

    return llm_policy_usage();
}


int
llm_policy_usage(void)
{
    fputs("usage: llm-policy check FILE\n"
          "       llm-policy explain FILE --path PATH [--tier TIER]\n"
          "                  [--header 'Name: value']... [--method METHOD]\n"
          "                  [--unmatched pass|reject] "
          "[--signed-body reject|change]\n"
          "                  [--json] < body.json\n"
          "       llm-policy replay FILE [--was FILE] [--examples N] "
"[--json]\n"
          "                  [--no-progress] access.log...\n"
          "       llm-policy hash-key < key\n"
          "       llm-policy dialects\n"
          "\n"
          "check     loads a policy document and prints every error in it\n"
          "explain   prints the decision on a request, and the edited body\n"
          "replay    counts the requests of access logs that a changed\n"
          "          document would treat differently; the logs are in the\n"
          "          format of llm-policy-log.conf\n"
          "hash-key  reads an API key and prints its hash for a document\n"
          "dialects  prints the tables of the supported APIs as Markdown\n",
          stderr);

    return LLM_POLICY_ERROR;
}


llmp_int_t
llm_policy_read_file(llmp_arena_t *arena, const char *name, size_t max,
    llmp_str_t *data)
{
    FILE        *stream;
    llmp_int_t   rc;

    if (name == NULL) {
        return llm_policy_read_stream(arena, stdin, "standard input", max,
                                      data);
    }

    stream = fopen(name, "rb");
    if (stream == NULL) {
        fprintf(stderr, "llm-policy: %s: %s\n", name, strerror(errno));
        return LLMP_ERROR;
    }

    rc = llm_policy_read_stream(arena, stream, name, max, data);

    fclose(stream);

    return rc;
}


static llmp_int_t
llm_policy_read_stream(llmp_arena_t *arena, FILE *stream, const char *name,
    size_t max, llmp_str_t *data)
{
    size_t   n, size;
    u_char  *p;

    data->len = 0;
    data->data = NULL;
    size = 0;

    for ( ;; ) {

        if (data->len == size) {
            size = (size != 0) ? 2 * size : LLM_POLICY_READ_MIN;

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
llm_policy_load(llmp_arena_t *arena, const char *name)
{
    llmp_str_t            file, data;
    llmp_uint_t           i;
    llmp_policy_t        *policy;
    llmp_load_error_t    *e;
    llmp_load_errors_t    errors;

    if (llm_policy_read_file(arena, name, LLMP_POLICY_MAX, &data) != LLMP_OK) {
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
