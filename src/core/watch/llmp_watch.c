
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "base/llmp_buf.h"
#include "base/llmp_utf8.h"
#include "watch/llmp_fold.h"
#include "watch/llmp_watch.h"
#include "watch/llmp_watch_index.h"


static inline llmp_watch_t *llmp_watch_find_name(const llmp_watch_t *node,
    const llmp_str_t *name, uint32_t hash);
static llmp_uint_t llmp_watch_may_fold(const llmp_watch_t *node,
    const llmp_str_t *name);
static llmp_watch_t *llmp_watch_find_folded(const llmp_watch_t *node,
    const llmp_str_t *name, llmp_int_t *folds);
static llmp_uint_t llmp_watch_first_folded(const llmp_watch_t *node,
    const llmp_str_t *folded, uint32_t hash);
static void llmp_watch_add_path(const llmp_watch_t *node, llmp_buf_t *path);


llmp_watch_t *
llmp_watch_find_path(llmp_watch_t *node, const llmp_step_t *steps,
    llmp_uint_t nsteps)
{
    for ( /* void */ ; nsteps != 0 && node != NULL; steps++, nsteps--) {
        node = steps->is_element
               ? node->element
               : llmp_watch_find_name(node, &steps->name,
                                      llmp_watch_index_name_hash(&steps->name));
    }

    return node;
}


static inline llmp_watch_t *
llmp_watch_find_name(const llmp_watch_t *node, const llmp_str_t *name,
    uint32_t hash)
{
    uint16_t       i;
    llmp_uint_t    n;
    llmp_watch_t  *child;

    if (node->index.by_name == NULL) {

        for (n = 0; n < node->nchildren; n++) {
            if (llmp_str_eq(&node->children[n]->name, name)) {
                return node->children[n];
            }
        }

        return NULL;
    }

    for ( ;; ) {
        i = node->index.by_name[hash++ & node->index.mask];

        if (i == 0) {
            return NULL;
        }

        child = node->children[i - 1];

        if (llmp_str_eq(&child->name, name)) {
            return child;
        }
    }
}


/* returns 1 if a name, which is not empty, may fold to the name of a child */

static llmp_uint_t
llmp_watch_may_fold(const llmp_watch_t *node, const llmp_str_t *name)
{
    u_char    first, last;
    uint64_t  ends;

    first = name->data[0];
    last = name->data[name->len - 1];

    /* folding removes "_" and "-", and may change non-ASCII to any letter */

    if (first >= 0x80 || last >= 0x80 || first == '_' || first == '-'
        || last == '_' || last == '-')
    {
        return 1;
    }

    first = llmp_ascii_lower(first) % LLMP_WATCH_INDEX_ENDS;
    last = llmp_ascii_lower(last) % LLMP_WATCH_INDEX_ENDS;
    ends = llmp_watch_index_bit(first, last);

    for ( /* void */ ; node != NULL; node = node->shared) {

        if ((node->index.ends_mask & ends)
            && (node->index.fold_ends == NULL
                || (node->index.fold_ends[first] & (uint32_t) 1 << last)))
        {
            return 1;
        }
    }

    return 0;
}


llmp_watch_t *
llmp_watch_find(const llmp_watch_t *node, const llmp_str_t *name,
    llmp_int_t *folds)
{
    uint32_t             hash;
    llmp_watch_t        *found;
    const llmp_watch_t  *at;

    *folds = 0;

    if (name->len > LLMP_WATCH_RAW_NAME_MAX) {
        return NULL;
    }

    hash = llmp_watch_index_name_hash(name);

    for (at = node; at != NULL; at = at->shared) {
        found = llmp_watch_find_name(at, name, hash);

        if (found != NULL) {
            return found;
        }
    }

    return (name->len == 0 || llmp_watch_may_fold(node, name))
           ? llmp_watch_find_folded(node, name, folds) : NULL;
}


/* returns a child whose name is equal to a name after folding only, with *folds
   set; or NULL */

static llmp_watch_t *
llmp_watch_find_folded(const llmp_watch_t *node, const llmp_str_t *name,
    llmp_int_t *folds)
{
    u_char       buf[LLMP_WATCH_RAW_NAME_MAX];
    uint32_t     hash;
    llmp_str_t   folded;
    llmp_uint_t  i;

    folded.data = buf;
    folded.len = llmp_fold(buf, name->data, name->len);
    hash = llmp_watch_index_fold_hash(&folded);

    for ( /* void */ ; node != NULL; node = node->shared) {
        i = llmp_watch_first_folded(node, &folded, hash);

        if (i < node->nchildren
            && llmp_str_eq(&node->children[i]->folded, &folded))
        {
            *folds = 1;
            return node->children[i];
        }
    }

    return NULL;
}


/* returns the index of the first child with this fold; if there is none, that
   of any other child, or nchildren */

static llmp_uint_t
llmp_watch_first_folded(const llmp_watch_t *node, const llmp_str_t *folded,
    uint32_t hash)
{
    uint16_t     child;
    llmp_uint_t  i, low, high;

    if (node->index.by_fold != NULL) {

        for ( ;; ) {
            child = node->index.by_fold[hash++ & node->index.mask];

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

        if (llmp_str_cmp(&node->children[i]->folded, folded) < 0) {
            low = i + 1;

        } else {
            high = i;
        }
    }

    return low;
}


const llmp_watch_t *
llmp_watch_find_exact_slow(const llmp_watch_t *node, const llmp_str_t *name)
{
    uint32_t             hash;
    const llmp_watch_t  *child;

    hash = llmp_watch_index_name_hash(name);

    for ( /* void */ ; node != NULL; node = node->shared) {
        child = llmp_watch_find_name(node, name, hash);

        if (child != NULL) {
            return child;
        }
    }

    return NULL;
}


llmp_uint_t
llmp_watch_is_documented(const llmp_watch_t *node, const llmp_str_t *name)
{
    return name->len <= LLMP_WATCH_NAME_MAX
           && llmp_watch_find_exact_slow(node->documented, name) != NULL;
}


llmp_watch_t *
llmp_watch_find_element(const llmp_watch_t *node, llmp_uint_t index)
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
llmp_watch_write_path(const llmp_watch_t *node, char *buf, size_t size)
{
    size_t         n;
    llmp_buf_t     path;
    const u_char  *p, *end;

    llmp_buf_init(&path, buf, size);

    llmp_watch_add_path(node, &path);

    if (path.len < size) {
        buf[path.len] = '\0';
        return buf;
    }

    /* cut at a character boundary */

    p = path.data;
    end = p + size - 1;

    for (n = 1; p < end && n != 0; p += n) {
        n = llmp_utf8_len(p, end);
    }

    buf[p - path.data] = '\0';

    return buf;
}


static void
llmp_watch_add_path(const llmp_watch_t *node, llmp_buf_t *path)
{
    if (node->parent == NULL) {
        return;
    }

    llmp_watch_add_path(node->parent, path);

    if (node == node->parent->element) {
        llmp_buf_add_text(path, "[]");
        return;
    }

    if (path->len != 0) {
        llmp_buf_add_byte(path, '.');
    }

    if (node == node->parent->unknown) {
        llmp_buf_add_byte(path, '*');
        return;
    }

    llmp_buf_add_str(path, &node->name);
}
