
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect_watch_documented.h"
#include "watch/llmp_watch_build.h"


struct llmp_dialect_names_s {
    const char *const     *names;
    llmp_uint_t            aliases;  /* both spellings of each name */
    llmp_watch_t          *tree;
    llmp_dialect_names_t  *next;
};


static llmp_watch_t *llmp_dialect_watch_documented_create(llmp_pool_t *pool,
    const llmp_dialect_t *dialect, const char *const *names);
static llmp_int_t llmp_dialect_watch_documented_add(llmp_pool_t *pool,
    llmp_watch_t *root, u_char *data, size_t len);
static void llmp_dialect_watch_documented_mark(llmp_watch_t *node, void *data);


llmp_watch_t *
llmp_dialect_watch_documented(llmp_dialect_names_t **known, llmp_pool_t *pool,
    const llmp_dialect_t *dialect, const char *const *names)
{
    llmp_dialect_names_t  *n;

    for (n = *known; n != NULL; n = n->next) {
        if (n->names == names && n->aliases == dialect->reject_aliases) {
            return n->tree;
        }
    }

    n = llmp_palloc(pool, sizeof(llmp_dialect_names_t));
    if (n == NULL) {
        return NULL;
    }

    n->names = names;
    n->aliases = dialect->reject_aliases;
    n->tree = llmp_dialect_watch_documented_create(pool, dialect, names);

    if (n->tree == NULL) {
        return NULL;
    }

    n->next = *known;
    *known = n;

    return n->tree;
}


static llmp_watch_t *
llmp_dialect_watch_documented_create(llmp_pool_t *pool,
    const llmp_dialect_t *dialect, const char *const *names)
{
    size_t         n;
    u_char         other[2 * LLMP_WATCH_NAME_MAX];
    llmp_str_t     name;
    llmp_watch_t  *root;

    root = llmp_watch_build_root(pool);
    if (root == NULL) {
        return NULL;
    }

    for ( /* void */ ; *names != NULL; names++) {
        name.data = (u_char *) *names;
        name.len = strlen(*names);

        if (llmp_dialect_watch_documented_add(pool, root, name.data, name.len)
            != LLMP_OK)
        {
            return NULL;
        }

        if (!dialect->reject_aliases) {
            continue;
        }

        n = llmp_dialect_respell(other, &name);

        if (llmp_dialect_watch_documented_add(pool, root, other, n) != LLMP_OK)
        {
            return NULL;
        }
    }

    return (llmp_watch_build_finish(pool, root) == LLMP_OK) ? root : NULL;
}


static llmp_int_t
llmp_dialect_watch_documented_add(llmp_pool_t *pool, llmp_watch_t *root,
    u_char *data, size_t len)
{
    llmp_step_t  step;

    step.name.data = data;
    step.name.len = len;
    step.is_element = 0;

    return llmp_watch_build_add(pool, root, &step, 1,
                                llmp_dialect_watch_documented_mark, NULL);
}


/* the name alone matters */

static void
llmp_dialect_watch_documented_mark(llmp_watch_t *node, void *data)
{
    (void) node;
    (void) data;
}
