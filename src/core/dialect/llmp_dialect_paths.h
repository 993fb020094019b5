
/*
 * Copyright (C) llm-policy authors
 *
 * A table of the built-in routes, for fast look-up.
 */


#ifndef LLMP_DIALECT_PATHS_H_INCLUDED_
#define LLMP_DIALECT_PATHS_H_INCLUDED_


#include "dialect/llmp_dialect.h"


typedef struct {
    llmp_str_t               path;
    const llmp_dialect_t    *dialect;  /* NULL if the slot is free */
} llmp_path_t;

typedef struct llmp_paths_s  llmp_paths_t;

struct llmp_paths_s {
    llmp_path_t             *elts;
    llmp_uint_t              mask;  /* number of slots - 1 */
};


/* creates the table in pool; returns NULL if there is no memory */
llmp_paths_t *llmp_dialect_paths_create(llmp_pool_t *pool);

/* does the same as llmp_dialect_routes_find(), which it calls for other paths
   */
const llmp_dialect_t *llmp_dialect_paths_find(const llmp_paths_t *paths,
    const llmp_str_t *path, llmp_str_t *model);


#endif /* LLMP_DIALECT_PATHS_H_INCLUDED_ */
