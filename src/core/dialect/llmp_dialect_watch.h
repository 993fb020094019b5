
/*
 * Copyright (C) llm-policy authors
 *
 * Builds the trees of members that the scanner reports, for each dialect.
 */


#ifndef LLMP_DIALECT_WATCH_H_INCLUDED_
#define LLMP_DIALECT_WATCH_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch_documented.h"
#include "watch/llmp_watch.h"


/* JSON Pointer of a policy */

typedef struct llmp_pointer_s  llmp_pointer_t;

struct llmp_pointer_s {
    llmp_str_t               text;  /* as in the document, "/meta/a~1b" */
    llmp_step_t             *steps;
    llmp_uint_t              nsteps;
};


/* needs of a policy: the names that an API documents, see unknown_members of
   llmp_tier_t; the messages of a prompt, see llmp_prompt_t */

#define LLMP_DIALECT_WATCH_NAMES     0x01
#define LLMP_DIALECT_WATCH_MESSAGES  0x02


/* all that the trees for requests of a policy depend on, and what they have in
   common */

typedef struct {
    llmp_pool_t             *pool;
    llmp_watch_t            *shared;     /* llmp_dialect_watch_shared() */
    const llmp_pointer_t    *pointers;   /* the policy's */
    llmp_uint_t              npointers;
    llmp_uint_t              needs;      /* LLMP_DIALECT_WATCH_* */
    uint64_t                 cuts;       /* parameters that some rule removes or
                                            forces */
    llmp_dialect_names_t    *names;      /* those built so far; NULL at first */
} llmp_dialect_trees_t;

/*
 * Create trees, and return the root, or NULL if there is no memory:
 * llmp_dialect_watch_requests() for requests, with the pointers of the policy;
 * llmp_dialect_watch_line() for requests in lines of a file, see llmp_batch_t;
 * llmp_dialect_watch_shared() for the members that all dialects have in common,
 * once.
 */
llmp_watch_t *llmp_dialect_watch_requests(llmp_dialect_trees_t *trees,
    const llmp_dialect_t *dialect);
llmp_watch_t *llmp_dialect_watch_line(llmp_dialect_trees_t *trees,
    const llmp_dialect_t *dialect);
llmp_watch_t *llmp_dialect_watch_shared(llmp_pool_t *pool);

/*
 * Creates the tree for responses in pool; dialects with the same reports may
 * share it.  Returns NULL if there is no memory.
 */
llmp_watch_t *llmp_dialect_watch_responses(llmp_pool_t *pool,
    const llmp_dialect_t *dialect);

/* returns the node at the end of a path of the tables, which starts at a node,
   or NULL */
llmp_watch_t *llmp_dialect_watch_find(const llmp_watch_t *node,
    const char *path);

/* returns the node of the requests in a tree for requests */
llmp_watch_t *llmp_dialect_watch_find_requests(llmp_watch_t *root,
    const llmp_dialect_t *dialect);


#endif /* LLMP_DIALECT_WATCH_H_INCLUDED_ */
