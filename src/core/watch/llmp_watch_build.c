
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_array.h"
#include "watch/llmp_fold.h"
#include "watch/llmp_watch_build.h"
#include "watch/llmp_watch_index.h"


static llmp_int_t llmp_watch_build_add_element(llmp_pool_t *pool,
    llmp_watch_t *node, const llmp_step_t *steps, llmp_uint_t nsteps,
    llmp_watch_build_set_pt set, void *data);
static llmp_watch_t *llmp_watch_build_child(llmp_pool_t *pool,
    llmp_watch_t *node, const llmp_str_t *name);
static llmp_uint_t llmp_watch_build_position(const llmp_watch_t *node,
    const llmp_str_t *name);
static inline llmp_uint_t llmp_watch_build_less(const llmp_str_t *one,
    const llmp_str_t *two);
static llmp_int_t llmp_watch_build_insert(llmp_pool_t *pool, llmp_watch_t *node,
    llmp_uint_t i, llmp_watch_t *child);
static llmp_int_t llmp_watch_build_is_number(const llmp_str_t *name);
static void llmp_watch_build_share_rules(const llmp_watch_t *shared,
    llmp_watch_t *child);
static llmp_int_t llmp_watch_build_finish_child(llmp_pool_t *pool,
    llmp_watch_t *node, llmp_watch_t *child);
static int llmp_watch_build_compare(const void *one, const void *two);
static llmp_int_t llmp_watch_build_index(llmp_pool_t *pool, llmp_watch_t *node);
static void llmp_watch_build_index_names(llmp_watch_t *node);
static void llmp_watch_build_node_spellings(const llmp_watch_t *node,
    u_char *spelt);


llmp_watch_t *
llmp_watch_build_root(llmp_pool_t *pool)
{
    return llmp_pcalloc(pool, sizeof(llmp_watch_t));
}


llmp_int_t
llmp_watch_build_add(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_step_t *steps, llmp_uint_t nsteps, llmp_watch_build_set_pt set,
    void *data)
{
    llmp_watch_t  *child;

    if (nsteps > LLMP_WATCH_STEPS_MAX) {
        return LLMP_ERROR;
    }

    if (nsteps == 0) {
        set(node, data);
        return LLMP_OK;
    }

    if (steps->is_element) {
        return llmp_watch_build_add_element(pool, node, steps, nsteps, set,
                                            data);
    }

    child = llmp_watch_build_child(pool, node, &steps->name);
    if (child == NULL) {
        return LLMP_ERROR;
    }

    return llmp_watch_build_add(pool, child, steps + 1, nsteps - 1, set, data);
}


static llmp_int_t
llmp_watch_build_add_element(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_step_t *steps, llmp_uint_t nsteps, llmp_watch_build_set_pt set,
    void *data)
{
    llmp_uint_t    i;
    llmp_watch_t  *child;

    if (node->element == NULL) {
        node->element = llmp_watch_build_root(pool);
        if (node->element == NULL) {
            return LLMP_ERROR;
        }

        node->element->parent = node;
    }

    for (i = 0; i < node->nchildren; i++) {
        child = node->children[i];

        if (llmp_watch_build_is_number(&child->name)
            && llmp_watch_build_add(pool, child, steps + 1, nsteps - 1, set,
                                    data)
               != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return llmp_watch_build_add(pool, node->element, steps + 1, nsteps - 1, set,
                                data);
}


/*
 * Finds a child by its name, or adds it.  Children are ordered by name until
 * the tree is finished, and so are the pointers of a policy, which may be
 * thousands.
 */

static llmp_watch_t *
llmp_watch_build_child(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_str_t *name)
{
    u_char        *p;
    llmp_uint_t    i;
    llmp_watch_t  *child;

    i = llmp_watch_build_position(node, name);

    if (i < node->nchildren && llmp_str_eq(&node->children[i]->name, name)) {
        return node->children[i];
    }

    if (name->len > LLMP_WATCH_NAME_MAX) {
        return NULL;
    }

    child = llmp_pcalloc(pool, sizeof(llmp_watch_t) + 2 * name->len);
    if (child == NULL) {
        return NULL;
    }

    p = (u_char *) (child + 1);

    child->name.data = p;
    child->name.len = name->len;

    if (name->len != 0) {
        memcpy(p, name->data, name->len);
    }

    child->folded.data = p + name->len;
    child->folded.len = llmp_fold(p + name->len, p, name->len);

    child->parent = node;

    return (llmp_watch_build_insert(pool, node, i,
                                    child) == LLMP_OK) ? child : NULL;
}


/* returns the index of the first child whose name is not less than name */

static llmp_uint_t
llmp_watch_build_position(const llmp_watch_t *node, const llmp_str_t *name)
{
    llmp_uint_t  i, low, high;

    low = 0;
    high = node->nchildren;

    /* names that are added in order belong at the end */

    i = (high != 0) ? high - 1 : 0;

    for ( /* void */ ; low < high; i = low + (high - low) / 2) {

        if (llmp_watch_build_less(&node->children[i]->name, name)) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    return low;
}


/* returns whether a name precedes another; most differ in the first byte */

static inline llmp_uint_t
llmp_watch_build_less(const llmp_str_t *one, const llmp_str_t *two)
{
    if (one->len != 0 && two->len != 0 && one->data[0] != two->data[0]) {
        return one->data[0] < two->data[0];
    }

    return llmp_str_cmp(one, two) < 0;
}


static llmp_int_t
llmp_watch_build_insert(llmp_pool_t *pool, llmp_watch_t *node, llmp_uint_t i,
    llmp_watch_t *child)
{
    llmp_uint_t     n, size;
    llmp_watch_t  **children;

    n = node->nchildren;

    /* the size is a power of 2: the array is full if n is one, or 0 */

    size = ((n & (n - 1)) == 0) ? n : n + 1;

    children = llmp_array_grow(pool, node->children, n, &size, 1,
                               sizeof(llmp_watch_t *));
    if (children == NULL) {
        return LLMP_ERROR;
    }

    node->children = children;

    memmove(&node->children[i + 1], &node->children[i],
            (n - i) * sizeof(llmp_watch_t *));

    node->children[i] = child;
    node->nchildren++;

    return LLMP_OK;
}


/* returns 1 if a name is an array index (RFC 6901, section 4) */

static llmp_int_t
llmp_watch_build_is_number(const llmp_str_t *name)
{
    size_t  i;

    if (name->len == 0 || (name->len > 1 && name->data[0] == '0')) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        if (name->data[i] < '0' || name->data[i] > '9') {
            return 0;
        }
    }

    return 1;
}


llmp_int_t
llmp_watch_build_finish(llmp_pool_t *pool, llmp_watch_t *root)
{
    llmp_uint_t  i;

    root->rules.params_below = root->rules.params;

    if (root->shared != NULL) {
        root->rules.params_below |= root->shared->rules.params_below;

        for (i = 0; i < root->nchildren; i++) {
            llmp_watch_build_share_rules(root->shared, root->children[i]);
        }
    }

    for (i = 0; i < root->nchildren; i++) {
        if (llmp_watch_build_finish_child(pool, root, root->children[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (root->element != NULL
        && llmp_watch_build_finish_child(pool, root, root->element) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (root->documented != NULL) {
        root->unknown = llmp_watch_build_root(pool);
        if (root->unknown == NULL) {
            return LLMP_ERROR;
        }

        root->unknown->parent = root;
    }

    if (root->nchildren == 0) {
        return LLMP_OK;
    }

    qsort(root->children, root->nchildren, sizeof(llmp_watch_t *),
          llmp_watch_build_compare);

    return llmp_watch_build_index(pool, root);
}


/* adds the rules of the shared tree to a child, and shares its inner members */

static void
llmp_watch_build_share_rules(const llmp_watch_t *shared, llmp_watch_t *child)
{
    llmp_watch_t  *twin;

    twin = (llmp_watch_t *) llmp_watch_find_exact_slow(shared, &child->name);

    if (twin == NULL || child->rules.apart) {
        return;
    }

    /* the meaning of a member in this API precedes that in other APIs */

    if (!child->rules.native) {
        child->rules.params |= twin->rules.params;
    }

    if (child->rules.thinking == NULL) {
        child->rules.thinking = twin->rules.thinking;
    }

    if (twin->rules.bypasses != 0 || twin->rules.bypasses_models) {
        llmp_watch_build_set_neutral(child, twin->rules.neutral);
    }

    child->rules.bypasses |= twin->rules.bypasses;
    child->rules.hides_defaults |= twin->rules.hides_defaults;
    child->rules.unless_object |= twin->rules.unless_object;
    child->rules.empty |= twin->rules.empty;
    child->rules.bypasses_models |= twin->rules.bypasses_models;
    child->rules.thinking_type |= twin->rules.thinking_type;
    child->rules.upper_case |= twin->rules.upper_case;

    if (child->shared == NULL && twin->nchildren != 0) {
        child->shared = twin;
    }

    if (child->documented == NULL) {
        child->documented = twin->documented;
    }
}


void
llmp_watch_build_set_neutral(llmp_watch_t *node, const char *const *neutral)
{
    if (node->rules.bypasses == 0 && !node->rules.bypasses_models) {
        node->rules.neutral = neutral;

    } else if (node->rules.neutral != neutral) {

        /* two tables have the member, with different values */

        node->rules.neutral = NULL;
    }
}


static llmp_int_t
llmp_watch_build_finish_child(llmp_pool_t *pool, llmp_watch_t *node,
    llmp_watch_t *child)
{
    if (llmp_watch_build_finish(pool, child) != LLMP_OK) {
        return LLMP_ERROR;
    }

    child->rules.batch_container = child == node->element
                                   && child->rules.params == 0
                                   && child->rules.bypasses == 0
                                   && !child->rules.bypasses_models;

    node->rules.params_below |= child->rules.params_below;

    if (child->rules.native) {
        node->rules.params_of_children |= child->rules.params;
    }

    if (child != node->element && !child->rules.scope) {
        node->rules.params_of_objects |= child->rules.params_of_children
                                         | child->rules.params_of_objects;
    }

    return LLMP_OK;
}


static int
llmp_watch_build_compare(const void *one, const void *two)
{
    int                  rc;
    const llmp_watch_t  *a, *b;

    a = *(llmp_watch_t *const *) one;
    b = *(llmp_watch_t *const *) two;

    rc = llmp_str_cmp(&a->folded, &b->folded);

    return (rc != 0) ? rc : llmp_str_cmp(&a->name, &b->name);
}


/* builds the index of a node; hash tables of folds and names only if it has
   many children */

static llmp_int_t
llmp_watch_build_index(llmp_pool_t *pool, llmp_watch_t *node)
{
    uint32_t             hash, size;
    llmp_uint_t          i;
    llmp_watch_index_t  *index;

    index = &node->index;

    for (i = 0; i < node->nchildren; i++) {
        index->ends_mask |= llmp_watch_index_ends(&node->children[i]->folded);
    }

    if (node->nchildren < LLMP_WATCH_INDEX_MIN
        || node->nchildren > UINT16_MAX / 2)
    {
        return LLMP_OK;
    }

    size = LLMP_WATCH_INDEX_MIN;

    while (size < 2 * node->nchildren) {
        size *= 2;
    }

    index->fold_ends = llmp_pcalloc(pool,
                                    LLMP_WATCH_INDEX_ENDS * sizeof(uint32_t)
                                          + 2 * size * sizeof(uint16_t));
    if (index->fold_ends == NULL) {
        return LLMP_ERROR;
    }

    index->by_fold = (uint16_t *) (index->fold_ends + LLMP_WATCH_INDEX_ENDS);
    index->by_name = index->by_fold + size;
    index->mask = size - 1;

    llmp_watch_build_index_names(node);

    for (i = 0; i < node->nchildren; i++) {

        if (i != 0 && llmp_str_eq(&node->children[i]->folded,
                                  &node->children[i - 1]->folded))
        {
            continue;
        }

        hash = llmp_watch_index_fold_hash(&node->children[i]->folded);

        while (index->by_fold[hash & index->mask] != 0) {
            hash++;
        }

        index->by_fold[hash & index->mask] = (uint16_t) (i + 1);
    }

    return LLMP_OK;
}


/* adds names to the index, and the first and last characters of their folds:
   most members of requests have a watched name, or one that resembles none */

static void
llmp_watch_build_index_names(llmp_watch_t *node)
{
    uint32_t             hash;
    llmp_uint_t          i;
    const llmp_str_t    *folded;
    llmp_watch_index_t  *index;

    index = &node->index;

    for (i = 0; i < node->nchildren; i++) {
        hash = llmp_watch_index_name_hash(&node->children[i]->name);

        while (index->by_name[hash & index->mask] != 0) {
            hash++;
        }

        index->by_name[hash & index->mask] = (uint16_t) (i + 1);

        folded = &node->children[i]->folded;

        if (folded->len != 0) {
            index->fold_ends[folded->data[0] % LLMP_WATCH_INDEX_ENDS]
                |= (uint32_t) 1 << folded->data[folded->len - 1] % 32;
        }
    }
}


llmp_int_t
llmp_watch_build_spellings(llmp_pool_t *pool, llmp_watch_t *root)
{
    u_char       *spelt;
    llmp_uint_t   i;

    static const u_char  none[LLMP_WATCH_SPELLINGS];

    for (i = 0; i < root->nchildren; i++) {
        if (llmp_watch_build_spellings(pool, root->children[i]) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    if (root->element != NULL
        && llmp_watch_build_spellings(pool, root->element) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    /* a node with a shared tree would need two lookups */

    if (root->shared != NULL) {
        return LLMP_OK;
    }

    if (root->nchildren == 0) {
        root->index.by_spelling = none;
        return LLMP_OK;
    }

    spelt = llmp_pcalloc(pool, LLMP_WATCH_SPELLINGS);
    if (spelt == NULL) {
        return LLMP_ERROR;
    }

    llmp_watch_build_node_spellings(root, spelt);
    root->index.by_spelling = spelt;

    return LLMP_OK;
}


static void
llmp_watch_build_node_spellings(const llmp_watch_t *node, u_char *spelt)
{
    u_char            *at;
    llmp_uint_t        i;
    const llmp_str_t  *name;

    for (i = 0; i < node->nchildren; i++) {
        name = &node->children[i]->name;
        at = &spelt[llmp_watch_spelling(name)];

        *at = (*at == 0 && i + 1 < LLMP_WATCH_SEVERAL)
              ? (u_char) (i + 1) : LLMP_WATCH_SEVERAL;
    }
}
