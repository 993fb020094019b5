
/*
 * Copyright (C) llm-policy authors
 *
 * A table of the built-in routes without a variable part, each with all of its
 * prefixes: the path of most requests is found with one look-up.
 */


#include "dialect/llmp_dialect_paths.h"
#include "dialect/llmp_dialect_routes.h"


/* bytes of a path that are hashed, at its start and at its end */
#define LLMP_PATH_ENDS  8


static llmp_int_t llmp_dialect_paths_add_route(llmp_paths_t *paths,
    llmp_pool_t *pool, const llmp_dialect_route_t *route);
static llmp_int_t llmp_dialect_paths_add(llmp_paths_t *paths, llmp_pool_t *pool,
    const char *prefix, const llmp_dialect_route_t *route);
static llmp_path_t *llmp_dialect_paths_slot(const llmp_paths_t *paths,
    const llmp_str_t *path);


llmp_paths_t *
llmp_dialect_paths_create(llmp_pool_t *pool)
{
    llmp_uint_t                  n, prefixes, size;
    llmp_paths_t                *paths;
    const llmp_dialect_route_t  *route;

    paths = llmp_palloc(pool, sizeof(llmp_paths_t));
    if (paths == NULL) {
        return NULL;
    }

    n = 0;
    prefixes = 0;

    while (llmp_route_prefixes[prefixes] != NULL) {
        prefixes++;
    }

    for (route = llmp_routes; route->path != NULL; route++) {
        n += route->prefixed ? prefixes : 1;
    }

    /* larger than n, so that a search always ends at a free slot */

    for (size = 1; size <= n; size *= 2) { /* void */ }

    paths->mask = size - 1;

    paths->elts = llmp_pcalloc(pool, size * sizeof(llmp_path_t));
    if (paths->elts == NULL) {
        return NULL;
    }

    for (route = llmp_routes; route->path != NULL; route++) {

        if (strchr(route->path, '{') == NULL
            && llmp_dialect_paths_add_route(paths, pool, route) != LLMP_OK)
        {
            return NULL;
        }
    }

    return paths;
}


static llmp_int_t
llmp_dialect_paths_add_route(llmp_paths_t *paths, llmp_pool_t *pool,
    const llmp_dialect_route_t *route)
{
    const char *const  *prefix;

    if (!route->prefixed) {
        return llmp_dialect_paths_add(paths, pool, "", route);
    }

    for (prefix = llmp_route_prefixes; *prefix != NULL; prefix++) {
        if (llmp_dialect_paths_add(paths, pool, *prefix, route) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_paths_add(llmp_paths_t *paths, llmp_pool_t *pool,
    const char *prefix, const llmp_dialect_route_t *route)
{
    size_t        len;
    llmp_str_t    text;
    llmp_path_t  *elt;

    len = strlen(prefix);

    text.len = len + strlen(route->path);

    text.data = llmp_palloc(pool, text.len);
    if (text.data == NULL) {
        return LLMP_ERROR;
    }

    memcpy(text.data, prefix, len);
    memcpy(text.data + len, route->path, text.len - len);

    elt = llmp_dialect_paths_slot(paths, &text);

    /* an earlier route may match the path, too, and has precedence */

    if (elt->dialect == NULL) {
        elt->path = text;
        elt->dialect = llmp_dialect_routes_first(&text, route);
    }

    return LLMP_OK;
}


const llmp_dialect_t *
llmp_dialect_paths_find(const llmp_paths_t *paths, const llmp_str_t *path,
    llmp_str_t *model)
{
    const llmp_path_t  *elt;

    elt = llmp_dialect_paths_slot(paths, path);

    if (elt->dialect == NULL) {
        return llmp_dialect_routes_find(path, model);
    }

    model->len = 0;
    model->data = NULL;

    return elt->dialect;
}


/* returns the slot of a path, or the free slot for it */

static llmp_path_t *
llmp_dialect_paths_slot(const llmp_paths_t *paths, const llmp_str_t *path)
{
    uint64_t      first, last, hash;
    llmp_path_t  *elt;

    hash = path->len;

    if (path->len >= LLMP_PATH_ENDS) {
        memcpy(&first, path->data, LLMP_PATH_ENDS);
        memcpy(&last, path->data + path->len - LLMP_PATH_ENDS, LLMP_PATH_ENDS);

        hash += (first ^ (last * 3)) * UINT64_C(0x9e3779b97f4a7c15);
    }

    hash ^= hash >> 32;

    for ( ;; hash++) {
        elt = &paths->elts[hash & paths->mask];

        if (elt->dialect == NULL || llmp_str_eq(&elt->path, path)) {
            return elt;
        }
    }
}
