
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_utf8.h"
#include "watch/llmp_watch.h"


/* fewer children are searched by halves */
#define LLMP_WATCH_MANY   8
#define LLMP_WATCH_FOLDS  32

#define llmp_watch_bit(first, last)                                           \
    ((uint64_t) 1 << (((first) * 7 + (last)) % 64))


static llmp_int_t llmp_watch_add_element(llmp_pool_t *pool,
    llmp_watch_t *node, const llmp_step_t *steps, llmp_uint_t nsteps,
    llmp_watch_set_pt set, void *data);
static llmp_watch_t *llmp_watch_child(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_str_t *name);
static llmp_uint_t llmp_watch_place(const llmp_watch_t *node,
    const llmp_str_t *name);
static llmp_int_t llmp_watch_insert(llmp_pool_t *pool, llmp_watch_t *node,
    llmp_uint_t i, llmp_watch_t *child);
static llmp_int_t llmp_watch_is_number(const llmp_str_t *name);
static llmp_int_t llmp_watch_finish_child(llmp_pool_t *pool,
    llmp_watch_t *node, llmp_watch_t *child);
static llmp_int_t llmp_watch_index(llmp_pool_t *pool, llmp_watch_t *node);
static void llmp_watch_names(llmp_watch_t *node);
static uint32_t llmp_watch_hash(const llmp_str_t *folded);
static uint32_t llmp_watch_name_hash(const llmp_str_t *name);
static inline llmp_watch_t *llmp_watch_named(const llmp_watch_t *node,
    const llmp_str_t *name, uint32_t hash);
static uint64_t llmp_watch_ends(const llmp_str_t *folded);
static void llmp_watch_spellings(const llmp_watch_t *node, u_char *spelt);
static llmp_uint_t llmp_watch_may_fold(const llmp_watch_t *node,
    const llmp_str_t *name);
static void llmp_watch_share(const llmp_watch_t *shared,
    llmp_watch_t *child);
static int llmp_watch_order(const void *one, const void *two);
static int llmp_watch_cmp(const llmp_str_t *one, const llmp_str_t *two);
static llmp_watch_t *llmp_watch_find_child(const llmp_watch_t *node,
    const llmp_str_t *name, const llmp_str_t *folded, uint32_t hash,
    llmp_int_t *folds);
static llmp_uint_t llmp_watch_search(const llmp_watch_t *node,
    const llmp_str_t *folded, uint32_t hash);
static size_t llmp_watch_write(const llmp_watch_t *node, char *buf,
    size_t size);
static size_t llmp_watch_write_text(char *buf, size_t size, size_t len,
    const char *text, size_t n);


size_t
llmp_fold(u_char *dst, const u_char *src, size_t len)
{
    size_t         n;
    u_char        *start;
    uint32_t       code;
    const u_char  *end;

    start = dst;
    end = src + len;

    for ( /* void */ ; src < end; src += n) {

        if (*src < 0x80) {
            n = 1;

            if (*src != '_' && *src != '-') {
                *dst++ = llmp_fold_ascii(*src);
            }

            continue;
        }

        n = llmp_utf8_len(src, end);

        if (n == 0) {
            n = 1;
            *dst++ = *src;
            continue;
        }

        code = llmp_fold_code(llmp_utf8_decode(src, n));

        if (code < 0x80) {
            *dst++ = (u_char) code;

        } else {
            memmove(dst, src, n);
            dst += n;
        }
    }

    return dst - start;
}


uint32_t
llmp_fold_code(uint32_t code)
{
    if (code >= 'A' && code <= 'Z') {
        return code | 0x20;
    }

    switch (code) {

    case 0x0130:                /* capital I with dot above */
    case 0x0131:                /* small dotless i */
        return 'i';

    case 0x017f:                /* small long s */
        return 's';

    case 0x212a:                /* Kelvin sign */
        return 'k';
    }

    return code;
}


llmp_watch_t *
llmp_watch_create(llmp_pool_t *pool)
{
    return llmp_pcalloc(pool, sizeof(llmp_watch_t));
}


llmp_int_t
llmp_watch_add(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_step_t *steps, llmp_uint_t nsteps, llmp_watch_set_pt set,
    void *data)
{
    llmp_watch_t  *child;

    if (nsteps > LLMP_STEPS_MAX) {
        return LLMP_ERROR;
    }

    if (nsteps == 0) {
        set(node, data);
        return LLMP_OK;
    }

    if (steps->is_element) {
        return llmp_watch_add_element(pool, node, steps, nsteps, set, data);
    }

    child = llmp_watch_child(pool, node, &steps->name);
    if (child == NULL) {
        return LLMP_ERROR;
    }

    return llmp_watch_add(pool, child, steps + 1, nsteps - 1, set, data);
}


static llmp_int_t
llmp_watch_add_element(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_step_t *steps, llmp_uint_t nsteps, llmp_watch_set_pt set,
    void *data)
{
    llmp_uint_t    i;
    llmp_watch_t  *child;

    if (node->element == NULL) {
        node->element = llmp_watch_create(pool);
        if (node->element == NULL) {
            return LLMP_ERROR;
        }

        node->element->parent = node;
    }

    for (i = 0; i < node->nchildren; i++) {
        child = node->children[i];

        if (llmp_watch_is_number(&child->name)
            && llmp_watch_add(pool, child, steps + 1, nsteps - 1, set, data)
               != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return llmp_watch_add(pool, node->element, steps + 1, nsteps - 1, set,
                          data);
}


llmp_watch_t *
llmp_watch_at(llmp_watch_t *node, const llmp_step_t *steps,
    llmp_uint_t nsteps)
{
    for ( /* void */ ; nsteps != 0 && node != NULL; steps++, nsteps--) {
        node = steps->is_element
               ? node->element
               : llmp_watch_named(node, &steps->name,
                                  llmp_watch_name_hash(&steps->name));
    }

    return node;
}


/*
 * Finds a child by its name, or makes it.  Until the tree is finished they are
 * ordered by name, as the pointers are that a policy may have thousands of.
 */

static llmp_watch_t *
llmp_watch_child(llmp_pool_t *pool, llmp_watch_t *node,
    const llmp_str_t *name)
{
    u_char        *p;
    llmp_uint_t    i;
    llmp_watch_t  *child;

    i = llmp_watch_place(node, name);

    if (i < node->nchildren && llmp_str_eq(&node->children[i]->name, name)) {
        return node->children[i];
    }

    if (name->len > LLMP_NAME_MAX) {
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

    return (llmp_watch_insert(pool, node, i, child) == LLMP_OK) ? child : NULL;
}


/* the first child whose name is not before this one */

static llmp_uint_t
llmp_watch_place(const llmp_watch_t *node, const llmp_str_t *name)
{
    llmp_uint_t  i, low, high;

    low = 0;
    high = node->nchildren;

    /* of names in order, each is the last */

    i = (high != 0) ? high - 1 : 0;

    for ( /* void */ ; low < high; i = low + (high - low) / 2) {

        if (llmp_watch_cmp(&node->children[i]->name, name) < 0) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    return low;
}


static llmp_int_t
llmp_watch_insert(llmp_pool_t *pool, llmp_watch_t *node, llmp_uint_t i,
    llmp_watch_t *child)
{
    llmp_uint_t     n;
    llmp_watch_t  **children;

    n = node->nchildren;

    /* the room doubles, so it is used up whenever n is a power of 2 */

    if ((n & (n - 1)) == 0) {
        children = llmp_palloc(pool, (n ? 2 * n : 1) * sizeof(llmp_watch_t *));
        if (children == NULL) {
            return LLMP_ERROR;
        }

        if (n != 0) {
            memcpy(children, node->children, n * sizeof(llmp_watch_t *));
        }

        node->children = children;
    }

    memmove(&node->children[i + 1], &node->children[i],
            (n - i) * sizeof(llmp_watch_t *));

    node->children[i] = child;
    node->nchildren++;

    return LLMP_OK;
}


/* an array index by RFC 6901 */

static llmp_int_t
llmp_watch_is_number(const llmp_str_t *name)
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
llmp_watch_finish(llmp_pool_t *pool, llmp_watch_t *root)
{
    llmp_uint_t  i;

    root->below = root->params;

    if (root->shared != NULL) {
        root->below |= root->shared->below;

        for (i = 0; i < root->nchildren; i++) {
            llmp_watch_share(root->shared, root->children[i]);
        }
    }

    for (i = 0; i < root->nchildren; i++) {
        if (llmp_watch_finish_child(pool, root, root->children[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (root->element != NULL
        && llmp_watch_finish_child(pool, root, root->element) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (root->nchildren == 0) {
        return LLMP_OK;
    }

    qsort(root->children, root->nchildren, sizeof(llmp_watch_t *),
          llmp_watch_order);

    return llmp_watch_index(pool, root);
}


/* of many children, one is found by the hash of its name, or of its fold */

static llmp_int_t
llmp_watch_index(llmp_pool_t *pool, llmp_watch_t *node)
{
    uint32_t     hash, size;
    llmp_uint_t  i;

    for (i = 0; i < node->nchildren; i++) {
        node->ends |= llmp_watch_ends(&node->children[i]->folded);
    }

    if (node->nchildren < LLMP_WATCH_MANY || node->nchildren > UINT16_MAX / 2)
    {
        return LLMP_OK;
    }

    size = LLMP_WATCH_MANY;

    while (size < 2 * node->nchildren) {
        size *= 2;
    }

    node->folds = llmp_pcalloc(pool, LLMP_WATCH_FOLDS * sizeof(uint32_t)
                                     + 2 * size * sizeof(uint16_t));
    if (node->folds == NULL) {
        return LLMP_ERROR;
    }

    node->index = (uint16_t *) (node->folds + LLMP_WATCH_FOLDS);
    node->names = node->index + size;
    node->index_mask = size - 1;

    llmp_watch_names(node);

    for (i = 0; i < node->nchildren; i++) {

        if (i != 0 && llmp_str_eq(&node->children[i]->folded,
                                  &node->children[i - 1]->folded))
        {
            continue;
        }

        hash = llmp_watch_hash(&node->children[i]->folded);

        while (node->index[hash & node->index_mask] != 0) {
            hash++;
        }

        node->index[hash & node->index_mask] = (uint16_t) (i + 1);
    }

    return LLMP_OK;
}


/* most members have names that are watched, or nothing like them */

static void
llmp_watch_names(llmp_watch_t *node)
{
    uint32_t           hash;
    llmp_uint_t        i;
    const llmp_str_t  *folded;

    for (i = 0; i < node->nchildren; i++) {
        hash = llmp_watch_name_hash(&node->children[i]->name);

        while (node->names[hash & node->index_mask] != 0) {
            hash++;
        }

        node->names[hash & node->index_mask] = (uint16_t) (i + 1);

        folded = &node->children[i]->folded;

        if (folded->len != 0) {
            node->folds[folded->data[0] % LLMP_WATCH_FOLDS]
                |= (uint32_t) 1 << folded->data[folded->len - 1] % 32;
        }
    }
}


static uint32_t
llmp_watch_name_hash(const llmp_str_t *name)
{
    size_t    n;
    uint32_t  low, high;
    uint64_t  first, last;

    n = name->len;

    if (n >= 8) {
        memcpy(&first, name->data, 8);
        memcpy(&last, name->data + n - 8, 8);

    } else if (n >= 4) {
        memcpy(&low, name->data, 4);
        memcpy(&high, name->data + n - 4, 4);

        first = low;
        last = high;

    } else {
        first = (n != 0) ? name->data[0] | name->data[n / 2] << 8 : 0;
        last = (n != 0) ? name->data[n - 1] : 0;
    }

    first = (first ^ n) * 0x9e3779b97f4a7c15 ^ last;
    first *= 0xbf58476d1ce4e5b9;

    return (uint32_t) (first >> 32);
}


static inline llmp_watch_t *
llmp_watch_named(const llmp_watch_t *node, const llmp_str_t *name,
    uint32_t hash)
{
    uint16_t       i;
    llmp_uint_t    n;
    llmp_watch_t  *child;

    if (node->names == NULL) {

        for (n = 0; n < node->nchildren; n++) {
            if (llmp_str_eq(&node->children[n]->name, name)) {
                return node->children[n];
            }
        }

        return NULL;
    }

    for ( ;; ) {
        i = node->names[hash++ & node->index_mask];

        if (i == 0) {
            return NULL;
        }

        child = node->children[i - 1];

        if (llmp_str_eq(&child->name, name)) {
            return child;
        }
    }
}


/* a bit, of few, for what a fold begins and ends with */

static uint64_t
llmp_watch_ends(const llmp_str_t *folded)
{
    return (folded->len != 0)
           ? llmp_watch_bit(folded->data[0] % LLMP_WATCH_FOLDS,
                            folded->data[folded->len - 1] % LLMP_WATCH_FOLDS)
           : 0;
}


/* whether a name may fold to one that is watched; it is not empty */

static llmp_uint_t
llmp_watch_may_fold(const llmp_watch_t *node, const llmp_str_t *name)
{
    u_char    first, last;
    uint64_t  ends;

    first = name->data[0];
    last = name->data[name->len - 1];

    /* what goes when folded, or may fold to anything */

    if (first >= 0x80 || last >= 0x80 || first == '_' || first == '-'
        || last == '_' || last == '-')
    {
        return 1;
    }

    first = llmp_fold_ascii(first) % LLMP_WATCH_FOLDS;
    last = llmp_fold_ascii(last) % LLMP_WATCH_FOLDS;
    ends = llmp_watch_bit(first, last);

    for ( /* void */ ; node != NULL; node = node->shared) {

        if ((node->ends & ends)
            && (node->folds == NULL
                || (node->folds[first] & (uint32_t) 1 << last)))
        {
            return 1;
        }
    }

    return 0;
}


static uint32_t
llmp_watch_hash(const llmp_str_t *folded)
{
    size_t    i;
    uint32_t  hash;

    hash = (uint32_t) folded->len;

    for (i = 0; i < folded->len; i++) {
        hash = (hash ^ folded->data[i]) * 0x9e3779b1;
        hash ^= hash >> 15;
    }

    return hash;
}


/* what the shared tree says of a child, and of what is inside it */

static void
llmp_watch_share(const llmp_watch_t *shared, llmp_watch_t *child)
{
    llmp_int_t     folds;
    llmp_watch_t  *twin;

    twin = llmp_watch_find(shared, &child->name, &folds);

    if (twin == NULL || folds) {
        return;
    }

    /* what the API itself takes a member for goes before what others do */

    if (!child->native) {
        child->params |= twin->params;
    }

    child->undermines |= twin->undermines;
    child->unsettles |= twin->unsettles;
    child->strings |= twin->strings;
    child->models |= twin->models;

    if (child->shared == NULL && twin->nchildren != 0) {
        child->shared = twin;
    }
}


static llmp_int_t
llmp_watch_finish_child(llmp_pool_t *pool, llmp_watch_t *node,
    llmp_watch_t *child)
{
    if (llmp_watch_finish(pool, child) != LLMP_OK) {
        return LLMP_ERROR;
    }

    node->below |= child->below;

    if (child->native) {
        node->holds |= child->params;
    }

    return LLMP_OK;
}


static int
llmp_watch_order(const void *one, const void *two)
{
    int                  rc;
    const llmp_watch_t  *a, *b;

    a = *(llmp_watch_t *const *) one;
    b = *(llmp_watch_t *const *) two;

    rc = llmp_watch_cmp(&a->folded, &b->folded);

    return (rc != 0) ? rc : llmp_watch_cmp(&a->name, &b->name);
}


static int
llmp_watch_cmp(const llmp_str_t *one, const llmp_str_t *two)
{
    int     rc;
    size_t  n;

    n = (one->len < two->len) ? one->len : two->len;

    rc = (n != 0) ? memcmp(one->data, two->data, n) : 0;

    if (rc != 0) {
        return rc;
    }

    return (one->len > two->len) - (one->len < two->len);
}


llmp_watch_t *
llmp_watch_find(const llmp_watch_t *node, const llmp_str_t *name,
    llmp_int_t *folds)
{
    u_char               buf[LLMP_KEY_MAX];
    uint32_t             hash;
    llmp_str_t           folded;
    llmp_watch_t        *found, *near;
    const llmp_watch_t  *at;

    *folds = 0;

    if (name->len > LLMP_KEY_MAX) {
        return NULL;
    }

    hash = llmp_watch_name_hash(name);

    for (at = node; at != NULL; at = at->shared) {
        found = llmp_watch_named(at, name, hash);

        if (found != NULL) {
            return found;
        }
    }

    if (name->len != 0 && !llmp_watch_may_fold(node, name)) {
        return NULL;
    }

    folded.data = buf;
    folded.len = llmp_fold(buf, name->data, name->len);
    hash = llmp_watch_hash(&folded);

    near = NULL;

    for ( /* void */ ; node != NULL; node = node->shared) {
        found = llmp_watch_find_child(node, name, &folded, hash, folds);

        if (found != NULL && !*folds) {
            return found;
        }

        if (near == NULL) {
            near = found;
        }
    }

    *folds = (near != NULL);

    return near;
}


static llmp_watch_t *
llmp_watch_find_child(const llmp_watch_t *node, const llmp_str_t *name,
    const llmp_str_t *folded, uint32_t hash, llmp_int_t *folds)
{
    llmp_uint_t  i, first;

    *folds = 0;

    first = llmp_watch_search(node, folded, hash);

    for (i = first; i < node->nchildren; i++) {

        if (!llmp_str_eq(&node->children[i]->folded, folded)) {
            break;
        }

        if (llmp_str_eq(&node->children[i]->name, name)) {
            *folds = 0;
            return node->children[i];
        }

        *folds = 1;
    }

    return *folds ? node->children[first] : NULL;
}


/* the first child of that fold; any other, or nchildren, if there is none */

static llmp_uint_t
llmp_watch_search(const llmp_watch_t *node, const llmp_str_t *folded,
    uint32_t hash)
{
    uint16_t     child;
    llmp_uint_t  i, low, high;

    if (node->index != NULL) {

        for ( ;; ) {
            child = node->index[hash++ & node->index_mask];

            if (child == 0) {
                return node->nchildren;
            }

            if (llmp_str_eq(&node->children[child - 1]->folded, folded)) {
                return child - 1;
            }
        }
    }

    low = 0;
    high = node->nchildren;

    while (low < high) {
        i = low + (high - low) / 2;

        if (llmp_watch_cmp(&node->children[i]->folded, folded) < 0) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    return low;
}


const llmp_watch_t *
llmp_watch_any_exact(const llmp_watch_t *node, const llmp_str_t *name)
{
    uint32_t             hash;
    const llmp_watch_t  *child;

    hash = llmp_watch_name_hash(name);

    for ( /* void */ ; node != NULL; node = node->shared) {
        child = llmp_watch_named(node, name, hash);

        if (child != NULL) {
            return child;
        }
    }

    return NULL;
}


llmp_int_t
llmp_watch_spell(llmp_pool_t *pool, llmp_watch_t *root)
{
    u_char       *spelt;
    llmp_uint_t   i;

    static const u_char  none[LLMP_WATCH_SPELT];

    for (i = 0; i < root->nchildren; i++) {
        if (llmp_watch_spell(pool, root->children[i]) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    if (root->element != NULL
        && llmp_watch_spell(pool, root->element) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    /* with those that it shares, there would be two of them to look at */

    if (root->shared != NULL) {
        return LLMP_OK;
    }

    if (root->nchildren == 0) {
        root->spelt = none;
        return LLMP_OK;
    }

    spelt = llmp_pcalloc(pool, LLMP_WATCH_SPELT);
    if (spelt == NULL) {
        return LLMP_ERROR;
    }

    llmp_watch_spellings(root, spelt);
    root->spelt = spelt;

    return LLMP_OK;
}


static void
llmp_watch_spellings(const llmp_watch_t *node, u_char *spelt)
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


llmp_watch_t *
llmp_watch_element(const llmp_watch_t *node, llmp_uint_t index)
{
    u_char         digits[24];
    llmp_int_t     folds;
    llmp_str_t     name;
    llmp_watch_t  *child;

    if (node->nchildren == 0) {
        return node->element;
    }

    name.data = digits + sizeof(digits);

    do {
        *--name.data = (u_char) ('0' + index % 10);
        index /= 10;
    } while (index != 0);

    name.len = (size_t) (digits + sizeof(digits) - name.data);

    child = llmp_watch_find(node, &name, &folds);

    return (child != NULL && !folds) ? child : node->element;
}


char *
llmp_watch_path(const llmp_watch_t *node, char *buf, size_t size)
{
    size_t         len, n;
    const u_char  *p, *end;

    len = llmp_watch_write(node, buf, size);

    if (len < size) {
        buf[len] = '\0';
        return buf;
    }

    /* cut where a character ends */

    p = (u_char *) buf;
    end = p + size - 1;

    for (n = 1; p < end && n != 0; p += n) {
        n = llmp_utf8_len(p, end);
    }

    buf[p - (u_char *) buf] = '\0';

    return buf;
}


/* returns how long the path is, which may be more than is written */

static size_t
llmp_watch_write(const llmp_watch_t *node, char *buf, size_t size)
{
    size_t  len;

    if (node->parent == NULL) {
        return 0;
    }

    len = llmp_watch_write(node->parent, buf, size);

    if (node == node->parent->element) {
        return llmp_watch_write_text(buf, size, len, "[]", 2);
    }

    if (len != 0) {
        len = llmp_watch_write_text(buf, size, len, ".", 1);
    }

    return llmp_watch_write_text(buf, size, len, (char *) node->name.data,
                                 node->name.len);
}


static size_t
llmp_watch_write_text(char *buf, size_t size, size_t len, const char *text,
    size_t n)
{
    if (len < size) {
        memcpy(buf + len, text, (n < size - len) ? n : size - len);
    }

    return len + n;
}
