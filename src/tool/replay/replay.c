
/*
 * Copyright (C) llm-policy authors
 *
 * Replays an access log: reports the requests that a changed document would
 * have treated differently.
 */


#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "llm_policy.h"
#include "replay/replay.h"
#include "usage.h"


typedef struct {
    const char    *file;
    const char    *was;
    char         **logs;       /* argv, its first elements replaced */
    int            nlogs;
    llmp_uint_t    json;
    llmp_uint_t    progress;
    llmp_uint_t    examples;
} replay_options_t;


static llmp_int_t replay_parse_options(replay_options_t *o, int argc,
    char **argv);
static llmp_int_t replay_parse_examples(replay_options_t *o, const char *value);
static llmp_int_t replay_init(replay_t *rp, llmp_arena_t *arena,
    const replay_options_t *o);
static int replay_read_logs(replay_t *rp, llmp_arena_t *arena,
    const replay_options_t *o);
static int replay_end(const replay_t *rp, const replay_options_t *o,
    const char **errors);
static int replay_nomem(void);


int
replay_run(int argc, char **argv)
{
    int                rc;
    llmp_arena_t       arena;
    replay_t          *rp;
    replay_options_t   o;

    if (replay_parse_options(&o, argc, argv) != LLMP_OK) {
        return usage_print();
    }

    llmp_arena_init(&arena);

    rp = llmp_pcalloc(&arena.pool, sizeof(replay_t));
    if (rp == NULL) {
        return replay_nomem();
    }

    rc = LLM_POLICY_ERROR;

    if (replay_init(rp, &arena, &o) == LLMP_OK) {
        rc = replay_read_logs(rp, &arena, &o);
    }

    replay_policy_free(&rp->now);
    replay_policy_free(&rp->was);
    llmp_arena_reset(&arena);

    return rc;
}


static llmp_int_t
replay_parse_options(replay_options_t *o, int argc, char **argv)
{
    int    i;
    char  *name;

    memset(o, 0, sizeof(replay_options_t));

    o->progress = 1;
    o->logs = argv;

    for (i = 1; i < argc; i++) {
        name = argv[i];

        if (strcmp(name, "--json") == 0) {
            o->json = 1;

        } else if (strcmp(name, "--no-progress") == 0) {
            o->progress = 0;

        } else if (strcmp(name, "--was") == 0 && i + 1 < argc) {
            o->was = argv[++i];

        } else if (strcmp(name, "--examples") == 0 && i + 1 < argc) {

            if (replay_parse_examples(o, argv[++i]) != LLMP_OK) {
                return LLMP_ERROR;
            }

        } else if (strncmp(name, "--", 2) == 0) {
            return LLMP_ERROR;

        } else if (o->file == NULL) {
            o->file = name;

        } else {
            o->logs[o->nlogs++] = name;
        }
    }

    return (o->nlogs != 0) ? LLMP_OK : LLMP_ERROR;
}


static llmp_int_t
replay_parse_examples(replay_options_t *o, const char *value)
{
    char  *end;
    long   n;

    n = strtol(value, &end, 10);

    if (end == value || *end != '\0' || n < 0 || n > REPLAY_EXAMPLES_MAX) {
        return LLMP_ERROR;
    }

    o->examples = (llmp_uint_t) n;

    return LLMP_OK;
}


static llmp_int_t
replay_init(replay_t *rp, llmp_arena_t *arena, const replay_options_t *o)
{
    llmp_pool_t  *pool;

    pool = &arena->pool;

    if (replay_policy_load(&rp->now, o->file) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (o->was != NULL) {
        rp->has_was = 1;

        if (replay_policy_load(&rp->was, o->was) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    llmp_scratch_init(&rp->verdict.scratch, pool);
    llmp_scratch_init(&rp->before.scratch, pool);

    rp->examples_max = o->examples;
    rp->examples = llmp_palloc(pool, o->examples * sizeof(replay_example_t)
                                     + 1);
    rp->tiers = llmp_pcalloc(pool, rp->now.loaded->ntiers
                                   * sizeof(replay_rows_t));

    if (rp->examples == NULL || rp->tiers == NULL) {
        (void) replay_nomem();
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


/*
 * Reads all logs.  Unreadable logs do not prevent the counting of others; their
 * errors are printed after the counts.
 */

static int
replay_read_logs(replay_t *rp, llmp_arena_t *arena, const replay_options_t *o)
{
    int                  i;
    const char         **errors;
    replay_reader_t      rd;
    replay_progress_t    progress;

    memset(&progress, 0, sizeof(replay_progress_t));

    rd.replay = rp;
    rd.progress = &progress;
    rd.line = replay_line_create(&arena->pool);
    rd.buf = llmp_palloc(&arena->pool, REPLAY_READ_BLOCK);
    errors = llmp_pcalloc(&arena->pool, o->nlogs * sizeof(char *));

    if (rd.line == NULL || rd.buf == NULL || errors == NULL) {
        return replay_nomem();
    }

    progress.enabled = o->progress && isatty(STDERR_FILENO);
    replay_progress_init(&progress, o->logs, o->nlogs);

    for (i = 0; i < o->nlogs; i++) {
        if (replay_read_log(&rd, o->logs[i], &errors[i]) == LLMP_ERROR) {
            replay_progress_end(&progress);
            return replay_nomem();
        }
    }

    replay_progress_end(&progress);

    return replay_end(rp, o, errors);
}


static int
replay_end(const replay_t *rp, const replay_options_t *o, const char **errors)
{
    int  i, rc;

    rc = LLM_POLICY_OK;

    if (!o->json) {
        replay_print(rp);

    } else if (replay_json_print(rp) != LLMP_OK) {
        return replay_nomem();
    }

    if (fflush(stdout) != 0) {
        fprintf(stderr, "llm-policy: standard output: %s\n", strerror(errno));
        rc = LLM_POLICY_ERROR;
    }

    for (i = 0; i < o->nlogs; i++) {
        if (errors[i] != NULL) {
            fprintf(stderr, "llm-policy: %s: %s\n", o->logs[i], errors[i]);
            rc = LLM_POLICY_ERROR;
        }
    }

    return rc;
}


static int
replay_nomem(void)
{
    fprintf(stderr, "llm-policy: out of memory\n");

    return LLM_POLICY_ERROR;
}
