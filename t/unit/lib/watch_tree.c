
/*
 * Copyright (C) llm-policy authors
 */


#include <string.h>

#include "dialect/llmp_param.h"
#include "watch/llmp_watch_build.h"

#include "watch_tree.h"


void
watch_tree_set(llmp_watch_t *node, void *data)
{
    node->rules.params |= *(uint64_t *) data;
}


llmp_uint_t
watch_tree_steps(llmp_step_t *steps, const char *path)
{
    llmp_uint_t  n;

    n = 0;

    while (*path != '\0') {
        path += (*path == '.');

        steps[n].is_element = (*path == '[');
        steps[n].name.data = (u_char *) path;
        steps[n].name.len = steps[n].is_element ? 0 : strcspn(path, ".[");

        path += steps[n].is_element ? 2 : steps[n].name.len;
        n++;
    }

    return n;
}


llmp_watch_t *
watch_tree(llmp_pool_t *pool, const char *const *paths, size_t npaths)
{
    size_t         i;
    uint64_t       mask;
    llmp_uint_t    n;
    llmp_step_t    steps[LLMP_WATCH_STEPS_MAX];
    llmp_watch_t  *root;

    root = llmp_watch_build_root(pool);
    if (root == NULL) {
        return NULL;
    }

    for (i = 0; i < npaths; i++) {
        mask = llmp_mask(i % 64);
        n = watch_tree_steps(steps, paths[i]);

        if (llmp_watch_build_add(pool, root, steps, n, watch_tree_set, &mask)
            != LLMP_OK)
        {
            return NULL;
        }
    }

    return (llmp_watch_build_finish(pool, root) == LLMP_OK) ? root : NULL;
}
