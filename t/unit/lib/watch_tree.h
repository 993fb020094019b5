
/*
 * Copyright (C) llm-policy authors
 *
 * Trees of watched members, made of paths like "requests[].params".
 */


#ifndef LLMP_TEST_WATCH_TREE_H_INCLUDED_
#define LLMP_TEST_WATCH_TREE_H_INCLUDED_


#include "watch/llmp_watch.h"


/* Adds the bits of *data, a uint64_t, to the parameters of a node. */
void watch_tree_set(llmp_watch_t *node, void *data);

/* Splits a path into steps.  Returns their number. */
llmp_uint_t watch_tree_steps(llmp_step_t *steps, const char *path);

/*
 * Returns a tree in which the i-th path has the i-th bit (modulo 64) of the
 * parameters, or NULL if there is no memory.
 */
llmp_watch_t *watch_tree(llmp_pool_t *pool, const char *const *paths,
    size_t npaths);


#endif /* LLMP_TEST_WATCH_TREE_H_INCLUDED_ */
