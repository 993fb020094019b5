
/*
 * Copyright (C) llm-policy authors
 */


#include "ours.h"

#include "base/llmp_arena.h"
#include "dialect/llmp_dialect.h"
#include "loader/llmp_load.h"
#include "json/llmp_scan.h"
#include "base/llmp_scratch.h"


static const char  document[] =
    "{\"version\":1,\"default_tier\":\"free\",\"tiers\":{\"free\":{"
    "\"parameters\":{\"temperature\":{\"default\":0.7,\"max\":1}}}}}";

static llmp_scratch_t  scratch;
static llmp_watch_t   *root;


int
ours_init(void)
{
    const llmp_policy_t   *policy;
    const llmp_dialect_t  *dialect;
    llmp_load_errors_t     errors;

    static llmp_arena_t       arena;
    static const llmp_str_t   file = llmp_string("policy.json");
    static const llmp_str_t   name = llmp_string("openai.chat");

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    policy = llmp_load_policy(&arena.pool, &file, (u_char *) document,
                              sizeof(document) - 1, &errors);
    dialect = llmp_dialect_find(&name);

    if (policy == NULL || dialect == NULL) {
        return -1;
    }

    root = policy->watch[llmp_dialect_index(dialect)];

    return 0;
}


const char *
ours_path(size_t path)
{
    const llmp_text_path_t  *p;

    p = llmp_text_nth_path(path);

    return (p != NULL) ? p->name : NULL;
}


int
ours_scan(size_t path, const char *body, size_t len, size_t piece)
{
    size_t        n;
    llmp_int_t    rc;
    llmp_scan_t   scan;

    llmp_scratch_reset(&scratch);
    llmp_scan_init(&scan, root, &scratch.pool, 1);
    scan.path = llmp_text_nth_path(path);

    do {
        n = (len < piece) ? len : piece;

        rc = llmp_scan_feed(&scan, (const u_char *) body, n, n == len);

        body += n;
        len -= n;

    } while (len != 0 && rc == LLMP_AGAIN);

    return rc == LLMP_OK;
}
