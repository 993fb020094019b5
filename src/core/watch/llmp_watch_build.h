
/*
 * Copyright (C) llm-policy authors
 *
 * Builds the trees of watched members when a policy is loaded.
 */


#ifndef LLMP_WATCH_BUILD_H_INCLUDED_
#define LLMP_WATCH_BUILD_H_INCLUDED_


#include "watch/llmp_watch.h"


/* returns a root without children, or NULL if there is no memory */
llmp_watch_t *llmp_watch_build_root(llmp_pool_t *pool);

/*
 * Adds the members of a path, a list of steps from node, and calls
 * set(node, data) for every node where the path ends.
 *
 * A name that is a decimal number matches that element, too (RFC 6901,
 * section 4).  The numbered elements of a node must be added before its "any
 * element": the path through "any element" is then added to each of them as
 * well, so that a policy's pointer to an element never hides members that the
 * dialect watches there.
 *
 * Returns LLMP_OK, or LLMP_ERROR if there is no memory, a name is longer than
 * LLMP_WATCH_NAME_MAX, or there are more than LLMP_WATCH_STEPS_MAX steps.  The
 * names are copied.
 */

typedef void (*llmp_watch_build_set_pt)(llmp_watch_t *node, void *data);

llmp_int_t llmp_watch_build_add(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_step_t *steps, llmp_uint_t nsteps, llmp_watch_build_set_pt set,
    void *data);

/* adds the neutral values of a bypass to those of a node: only equal lists
   remain; must precede the change of the node's bypasses and models */
void llmp_watch_build_set_neutral(llmp_watch_t *node,
    const char *const *neutral);

/*
 * Finishes a tree: orders the children, builds their index, computes the masks
 * of nodes from those of their children, and adds the rules of the shared tree.
 * It must be called once, before the first llmp_watch_find().  Returns LLMP_OK,
 * or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_watch_build_finish(llmp_pool_t *pool, llmp_watch_t *root);

/*
 * Builds the index of llmp_watch_find_exact() for a finished tree.  Returns
 * LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_watch_build_spellings(llmp_pool_t *pool, llmp_watch_t *root);


#endif /* LLMP_WATCH_BUILD_H_INCLUDED_ */
