
/*
 * Copyright (C) llm-policy authors
 *
 * What a changed document would have done to the traffic of an access log.
 */


#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "replay/llm_policy_replay.h"


typedef struct {
    const char    *file;
    const char    *was;
    char         **logs;       /* within argv, which they are moved to the
                                  front of */
    int            nlogs;
    llmp_uint_t    json;
    llmp_uint_t    progress;
    llmp_uint_t    examples;
} llm_policy_replay_options_t;


static llmp_int_t llm_policy_replay_options(llm_policy_replay_options_t *o,
    int argc, char **argv);
static llmp_int_t llm_policy_replay_examples(llm_policy_replay_options_t *o,
    const char *value);
static llmp_int_t llm_policy_replay_init(llm_policy_replay_t *rp,
    llmp_arena_t *arena, const llm_policy_replay_options_t *o);
static int llm_policy_replay_logs(llm_policy_replay_t *rp,
    llmp_arena_t *arena, const llm_policy_replay_options_t *o);
static int llm_policy_replay_end(const llm_policy_replay_t *rp,
    const llm_policy_replay_options_t *o, const char **errors);
static int llm_policy_replay_nomem(void);


int
llm_policy_replay(int argc, char **argv)
{
    int                           rc;
    llmp_arena_t                  arena;
    llm_policy_replay_t          *rp;
    llm_policy_replay_options_t   o;

    if (llm_policy_replay_options(&o, argc, argv) != LLMP_OK) {
        return llm_policy_usage();
    }

    llmp_arena_init(&arena);

    rp = llmp_pcalloc(&arena.pool, sizeof(llm_policy_replay_t));
    if (rp == NULL) {
        return llm_policy_replay_nomem();
    }

    rc = LLM_POLICY_ERROR;

    if (llm_policy_replay_init(rp, &arena, &o) == LLMP_OK) {
        rc = llm_policy_replay_logs(rp, &arena, &o);
    }

    llm_policy_terms_free(&rp->terms);
    llm_policy_terms_free(&rp->was);
    llmp_arena_reset(&arena);

    return rc;
}


static llmp_int_t
llm_policy_replay_options(llm_policy_replay_options_t *o, int argc,
    char **argv)
{
    int    i;
    char  *name;

    memset(o, 0, sizeof(llm_policy_replay_options_t));

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

            if (llm_policy_replay_examples(o, argv[++i]) != LLMP_OK) {
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
llm_policy_replay_examples(llm_policy_replay_options_t *o, const char *value)
{
    char  *end;
    long   n;

    n = strtol(value, &end, 10);

    if (end == value || *end != '\0' || n < 0 || n > LLM_POLICY_EXAMPLES_MAX) {
        return LLMP_ERROR;
    }

    o->examples = (llmp_uint_t) n;

    return LLMP_OK;
}


static llmp_int_t
llm_policy_replay_init(llm_policy_replay_t *rp, llmp_arena_t *arena,
    const llm_policy_replay_options_t *o)
{
    llmp_pool_t  *pool;

    pool = &arena->pool;

    if (llm_policy_terms_load(&rp->terms, o->file) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (o->was != NULL) {
        rp->has_was = 1;

        if (llm_policy_terms_load(&rp->was, o->was) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    llmp_scratch_init(&rp->verdict.scratch, pool);
    llmp_scratch_init(&rp->before.scratch, pool);

    rp->examples_max = o->examples;
    rp->examples = llmp_palloc(pool, o->examples * sizeof(llm_policy_example_t)
                                     + 1);
    rp->tiers = llmp_pcalloc(pool, rp->terms.loaded->ntiers
                                   * sizeof(llm_policy_rows_t));

    if (rp->examples == NULL || rp->tiers == NULL) {
        (void) llm_policy_replay_nomem();
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


/*
 * What can be read of the logs is counted, whatever the others are like; what
 * was wrong with those is said behind the counts.
 */

static int
llm_policy_replay_logs(llm_policy_replay_t *rp, llmp_arena_t *arena,
    const llm_policy_replay_options_t *o)
{
    int                      i;
    const char             **errors;
    llm_policy_reader_t      rd;
    llm_policy_progress_t    progress;

    memset(&progress, 0, sizeof(llm_policy_progress_t));

    rd.replay = rp;
    rd.progress = &progress;
    rd.entries = llm_policy_entries_create(&arena->pool);
    rd.buf = llmp_palloc(&arena->pool, LLM_POLICY_READ);
    errors = llmp_pcalloc(&arena->pool, o->nlogs * sizeof(char *));

    if (rd.entries == NULL || rd.buf == NULL || errors == NULL) {
        return llm_policy_replay_nomem();
    }

    progress.enabled = o->progress && isatty(STDERR_FILENO);
    llm_policy_progress_init(&progress, o->logs, o->nlogs);

    for (i = 0; i < o->nlogs; i++) {
        if (llm_policy_read_log(&rd, o->logs[i], &errors[i]) == LLMP_ERROR) {
            llm_policy_progress_end(&progress);
            return llm_policy_replay_nomem();
        }
    }

    llm_policy_progress_end(&progress);

    return llm_policy_replay_end(rp, o, errors);
}


static int
llm_policy_replay_end(const llm_policy_replay_t *rp,
    const llm_policy_replay_options_t *o, const char **errors)
{
    int  i, rc;

    rc = LLM_POLICY_OK;

    if (!o->json) {
        llm_policy_replay_print(rp);

    } else if (llm_policy_replay_print_json(rp) != LLMP_OK) {
        return llm_policy_replay_nomem();
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
llm_policy_replay_nomem(void)
{
    fprintf(stderr, "llm-policy: out of memory\n");

    return LLM_POLICY_ERROR;
}
