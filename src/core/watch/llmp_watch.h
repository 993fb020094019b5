
/*
 * Copyright (C) llm-policy authors
 *
 * The tree of watched members, which the scanner finds in a document.  There is
 * a tree for each dialect, built when the policy is loaded.
 */


#ifndef LLMP_WATCH_H_INCLUDED_
#define LLMP_WATCH_H_INCLUDED_


#include "base/llmp.h"


/* longest name of a watched member, in bytes */
#define LLMP_WATCH_NAME_MAX  64

/* longest name that may fold to a watched one: U+212A has 3 bytes, its fold
   1 */
#define LLMP_WATCH_RAW_NAME_MAX  (3 * LLMP_WATCH_NAME_MAX)

/* longest path in steps, equal to LLMP_SCAN_DEPTH_MAX */
#define LLMP_WATCH_STEPS_MAX  64


/* roles of members apart from rules: in a batch file and its lines, see
   llmp_batch_t; in a request whose stream can report usage; in one of several
   APIs with one path */

#define LLMP_ROLE_PURPOSE  1
#define LLMP_ROLE_URL      2
#define LLMP_ROLE_METHOD   3
#define LLMP_ROLE_OPTIONS  4
#define LLMP_ROLE_USAGE    5
#define LLMP_ROLE_CHOICE   6


typedef struct llmp_watch_s     llmp_watch_t;
typedef struct llmp_need_s      llmp_need_t;
typedef struct llmp_thinking_s  llmp_thinking_t;


/* index of the children of a node, see llmp_watch_build.h; its entries are
   child numbers from 1, or 0 */

typedef struct {
    uint16_t       *by_fold;      /* first child of each fold, by its hash; NULL
                                     if there are few children */
    uint16_t       *by_name;      /* child by the hash of its name; NULL if
                                     there are few children */
    uint32_t       *fold_ends;    /* bits of the last characters of folds, by
                                     first character; NULL if there are few
                                     children */
    uint32_t        mask;         /* size of by_fold and by_name, minus 1 */
    uint64_t        ends_mask;    /* first and last characters of folds as one
                                     word, for any number of children */
    const u_char   *by_spelling;  /* child by llmp_watch_spelling(), or
                                     LLMP_WATCH_SEVERAL; NULL if not built */
} llmp_watch_index_t;


/* properties of a member for the decision and the readers of responses */

typedef struct {
    uint64_t            params;              /* canonical parameters */
    uint64_t            params_below;        /* parameters of the node and of
                                                all nodes below it */
    uint64_t            params_of_children;  /* parameters of native children */
    uint64_t            params_of_objects;   /* parameters of native members in
                                                objects that it may contain */
    uint64_t            bypasses;            /* parameters whose bound it can
                                                undo */
    uint64_t            hides_defaults;      /* parameters whose upstream
                                                default it hides */
    uint64_t            conflicts;           /* parameters that must not be
                                                added */
    uint64_t            freezes;             /* parameters that must not be
                                                changed */
    const char         *freezes_at;          /* number to which they may be
                                                changed, or NULL */
    const char *const  *conflict_values;     /* conflicting values, ended by
                                                NULL; NULL if any value is */
    const char *const  *neutral;             /* scalars that bypass nothing,
                                                ended by NULL; or NULL */
    const llmp_thinking_t  *thinking;        /* object with a budget, or NULL */
    const llmp_need_t  *need;                /* the member is written next to
                                                another one only; or NULL */
    uint32_t            pointer;             /* 1 + index of the policy's
                                                pointer, or 0 */
    uint8_t             rank;                /* rank among native spellings of
                                                a parameter: the lowest is
                                                written */
    uint8_t             usage;               /* LLMP_USAGE_*, 0 if it reports
                                                none */
    uint8_t             source;              /* source of the usage, see
                                                llmp_report_t */
    unsigned            native:1;            /* spelling documented by the
                                                API */
    unsigned            model:1;             /* name of the model */
    unsigned            scope:1;             /* request of its own: root, or
                                                element of a batch */
    unsigned            unless_object:1;     /* bypass only if it is not an
                                                object */
    unsigned            empty:1;             /* bypass even if it is an empty
                                                object or array */
    unsigned            bypasses_models:1;   /* bypass of the rules for
                                                models */
    unsigned            thinking_type:1;     /* bypass unless a budget or the
                                                effort decides */
    unsigned            upper_case:1;        /* its values are in upper case */
    unsigned            exact:1;             /* object whose names are compared
                                                exactly, unless the policy has
                                                a pointer into it */
    unsigned            apart:1;             /* has only the name of a member
                                                of the shared tree */
    unsigned            inner:1;             /* a pointer of the policy leads
                                                below it */
    unsigned            batch_container:1;   /* array element that needs no
                                                record after the requests in
                                                it are decided */
    unsigned            messages:1;          /* elements of it are messages of
                                                the prompt, which are limited */
    unsigned            role:3;              /* LLMP_ROLE_* */
} llmp_watch_rules_t;


struct llmp_watch_s {
    llmp_str_t          name;       /* decoded name; empty for the root and for
                                       elements */
    llmp_str_t          folded;     /* llmp_fold() of the name */
    llmp_watch_t       *parent;     /* NULL for the root */

    llmp_watch_t      **children;   /* members, ordered by folded, then name */
    llmp_uint_t         nchildren;
    llmp_watch_t       *element;    /* any element of an array, or NULL */
    llmp_watch_t       *shared;     /* finished tree whose members are watched
                                       here as well, or NULL */
    llmp_watch_t       *documented; /* finished tree of the names that the API
                                       documents here, or NULL if any name is
                                       accepted */
    llmp_watch_t       *unknown;    /* node of members whose name is neither
                                       watched nor documented; NULL if
                                       documented is */

    llmp_watch_index_t  index;
    llmp_watch_rules_t  rules;
};


/* step of a path: the name of a member, or any element of an array */

typedef struct {
    llmp_str_t   name;
    llmp_uint_t  is_element;
} llmp_step_t;

/* returns the node at the end of a path, or NULL if the path was not added */
llmp_watch_t *llmp_watch_find_path(llmp_watch_t *node, const llmp_step_t *steps,
    llmp_uint_t nsteps);

/*
 * Finds a member by its decoded name among the children of node, then among
 * those of the tree that node shares.  Returns the child whose name is equal in
 * bytes, with *folds cleared; else a child whose name is equal only after
 * folding, with *folds set; else NULL.
 */
llmp_watch_t *llmp_watch_find(const llmp_watch_t *node, const llmp_str_t *name,
    llmp_int_t *folds);

/* returns whether the API documents a name in the object of a node, which has
   a tree of such names */
llmp_uint_t llmp_watch_is_documented(const llmp_watch_t *node,
    const llmp_str_t *name);

/* llmp_watch_find() without folding: returns the child of equal name, or
   NULL */
static inline const llmp_watch_t *llmp_watch_find_exact(
    const llmp_watch_t *node, const llmp_str_t *name);
const llmp_watch_t *llmp_watch_find_exact_slow(const llmp_watch_t *node,
    const llmp_str_t *name);

/* returns the child for the index-th element of an array: the child with that
   number as its name, or node->element */
llmp_watch_t *llmp_watch_find_element(const llmp_watch_t *node,
    llmp_uint_t index);

/* writes the path of a node, such as "options.temperature",
   "requests[].params", or "options.*" for its unknown members, cut to size
   bytes with its NUL; returns buf */
char *llmp_watch_write_path(const llmp_watch_t *node, char *buf, size_t size);


#define LLMP_WATCH_SPELLINGS  64    /* values of llmp_watch_spelling() */
#define LLMP_WATCH_SEVERAL    255   /* more than one child has the value */


/* returns a small number, which differs for most names of an object */

static inline size_t
llmp_watch_spelling(const llmp_str_t *name)
{
    size_t  n;

    n = name->len;

    return (n != 0) ? (name->data[0] * 5 + name->data[n - 1] + n * 4)
                      % LLMP_WATCH_SPELLINGS
                    : 0;
}


/* returns 1 if n bytes are equal; for most names, compares the first and the
   last bytes, without a call */

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
