
/*
 * Copyright (C) llm-policy authors
 *
 * The tree of members that matter: what the scanner looks for in a document.
 * It is made once, when the policy is loaded, for each dialect.
 */


#ifndef LLMP_WATCH_H_INCLUDED_
#define LLMP_WATCH_H_INCLUDED_


#include "base/llmp.h"


/* the longest name of a watched member, in bytes */
#define LLMP_WATCH_NAME_MAX  64

/* a case-folded character may take 3 bytes where its fold takes one */
#define LLMP_WATCH_RAW_NAME_MAX  (3 * LLMP_WATCH_NAME_MAX)

/* the longest path, in steps: the scanner goes no deeper (LLMP_SCAN_DEPTH_MAX)
   */
#define LLMP_WATCH_STEPS_MAX  64


/* the role of a member outside the rules: in a file of requests and in its
   lines, see llmp_batch_t; in a request whose stream can report its usage */

#define LLMP_ROLE_PURPOSE  1
#define LLMP_ROLE_URL      2
#define LLMP_ROLE_METHOD   3
#define LLMP_ROLE_OPTIONS  4
#define LLMP_ROLE_USAGE    5


typedef struct llmp_watch_s  llmp_watch_t;


/* indices of the children, see llmp_watch_build.h; they count from 1 */

typedef struct {
    uint16_t       *by_fold;      /* first child of each fold, by its hash; NULL
                                     if there are few children */
    uint16_t       *by_name;      /* children by the hash of their name */
    uint32_t       *fold_ends;    /* set of first and last characters of the
                                     folds; NULL if there are few children */
    uint32_t        mask;         /* of hashes */
    uint64_t        ends_mask;    /* the same set in 64 bits, of any number of
                                     children */
    const u_char   *by_spelling;  /* child by llmp_watch_spelling(), or
                                     LLMP_WATCH_SEVERAL; or NULL */
} llmp_watch_index_t;


/* what the decision and the readers of responses have to do with a member */

typedef struct {
    uint64_t            params;       /* canonical parameters that it is */
    uint64_t            params_below;  /* parameters of the node and all below
                                          it */
    uint64_t            params_of_children;  /* parameters of its native
                                                children */
    uint64_t            bypasses;     /* parameters whose bound it can undo */
    uint64_t            hides_defaults;  /* parameters whose upstream default it
                                            hides */
    uint64_t            conflicts;    /* parameters that must not be added */
    uint64_t            freezes;      /* parameters that must not be changed */
    const char *const  *conflict_values;  /* values with which it conflicts,
                                             ended by NULL; NULL: any value */
    uint32_t            pointer;   /* 1 + index of the policy's pointer, or 0 */
    uint8_t             rank;      /* among the native spellings of a parameter:
                                      the lowest one is written */
    uint8_t             usage;        /* LLMP_USAGE_*, 0 if it reports none */
    uint8_t             source;     /* source of the usage, see llmp_report_t */
    unsigned            native:1;     /* a spelling that this API documents */
    unsigned            model:1;      /* the model */
    unsigned            scope:1;      /* a request of its own: the root, or each
                                         element of a batch */
    unsigned            strings:1;    /* bypasses only if it is not an object */
    unsigned            models:1;     /* bypasses the rules for models */
    unsigned            strict:1;     /* is refused, never changed to a bound */
    unsigned            inner:1;    /* a pointer of the policy leads below it */
    unsigned            batch_container:1;  /* an element of an array that needs
                                               no record once the requests in it
                                               are decided */
    unsigned            role:3;       /* LLMP_ROLE_* */
} llmp_watch_rules_t;


struct llmp_watch_s {
    llmp_str_t          name;     /* decoded; empty for the root and elements */
    llmp_str_t          folded;       /* llmp_fold() of the name */
    llmp_watch_t       *parent;

    llmp_watch_t      **children;    /* members, ordered by folded, then name */
    llmp_uint_t         nchildren;
    llmp_watch_t       *element;      /* any element of an array, or NULL */
    llmp_watch_t       *shared;     /* a finished tree whose members are watched
                                       here as well, or NULL */

    llmp_watch_index_t  index;
    llmp_watch_rules_t  rules;
};


/* a step of a path: the name of a member, or any element of an array */

typedef struct {
    llmp_str_t   name;
    llmp_uint_t  is_element;
} llmp_step_t;

/* the node where a path ends, or NULL if it was not added */
llmp_watch_t *llmp_watch_find_path(llmp_watch_t *node, const llmp_step_t *steps,
    llmp_uint_t nsteps);

/*
 * Looks a member up among the children of node, then among those of the tree
 * that it shares, by its decoded name.  Returns
 * the child whose name is equal in bytes, with *folds cleared; else a child
 * whose name is equal after folding alone, with *folds set; else NULL.
 */
llmp_watch_t *llmp_watch_find(const llmp_watch_t *node, const llmp_str_t *name,
    llmp_int_t *folds);

/* llmp_watch_find() without folding: the child whose name is equal, or NULL */
static inline const llmp_watch_t *llmp_watch_find_exact(
    const llmp_watch_t *node, const llmp_str_t *name);
const llmp_watch_t *llmp_watch_find_exact_slow(const llmp_watch_t *node,
    const llmp_str_t *name);

/* the child for the index-th element of an array: a numbered one, or element */
llmp_watch_t *llmp_watch_find_element(const llmp_watch_t *node,
    llmp_uint_t index);

/* writes the path of a node, "options.temperature" or "requests[].params", cut
   to size and ended by NUL; returns buf */
char *llmp_watch_write_path(const llmp_watch_t *node, char *buf, size_t size);


#define LLMP_WATCH_SPELLINGS    64
#define LLMP_WATCH_SEVERAL  255


/* of few, a number that most names of an object do not have in common */

static inline size_t
llmp_watch_spelling(const llmp_str_t *name)
{
    size_t  n;

    n = name->len;

    return (n != 0) ? (name->data[0] * 5 + name->data[n - 1] + n * 4)
                      % LLMP_WATCH_SPELLINGS
                    : 0;
}


/* whether n bytes are the same; of most names it takes less than a call, by
   their first and their last bytes */

static inline llmp_uint_t
llmp_watch_same_bytes(const u_char *a, const u_char *b, size_t n)
{
    uint32_t  half[4];
    uint64_t  first[2], last[2];

    if (n < 4 || n > 16) {
        return n == 0 || memcmp(a, b, n) == 0;
    }

    if (n < 8) {
        memcpy(&half[0], a, 4);
        memcpy(&half[1], b, 4);
        memcpy(&half[2], a + n - 4, 4);
        memcpy(&half[3], b + n - 4, 4);

        return ((half[0] ^ half[1]) | (half[2] ^ half[3])) == 0;
    }

    memcpy(&first[0], a, 8);
    memcpy(&first[1], b, 8);
    memcpy(&last[0], a + n - 8, 8);
    memcpy(&last[1], b + n - 8, 8);

    return ((first[0] ^ first[1]) | (last[0] ^ last[1])) == 0;
}


static inline const llmp_watch_t *
llmp_watch_find_exact(const llmp_watch_t *node, const llmp_str_t *name)
{
    u_char               i;
    const llmp_watch_t  *child;

    i = (node->index.by_spelling != NULL)
        ? node->index.by_spelling[llmp_watch_spelling(name)]
        : LLMP_WATCH_SEVERAL;

    if (i == 0) {
        return NULL;
    }

    if (i == LLMP_WATCH_SEVERAL) {
        return llmp_watch_find_exact_slow(node, name);
    }

    child = node->children[i - 1];

    return (child->name.len == name->len
            && llmp_watch_same_bytes(child->name.data, name->data, name->len))
           ? child : NULL;
}


#endif /* LLMP_WATCH_H_INCLUDED_ */
