
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>

#include "base/llmp_array.h"
#include "base/llmp_ascii.h"
#include "base/llmp_utf8.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_name.h"
#include "watch/llmp_fold.h"


#define LLMP_SCAN_NAMES_MIN  32


static void llmp_scan_name_set_watched(llmp_scan_t *scan);
static void llmp_scan_name_copy(llmp_scan_t *scan, const u_char *p, size_t n);
static llmp_int_t llmp_scan_name_complete(llmp_scan_t *scan,
    const llmp_str_t *name);
static llmp_int_t llmp_scan_name_insert(llmp_scan_t *scan,
    const llmp_watch_t *watch);
static llmp_int_t llmp_scan_name_ambiguous(llmp_scan_t *scan,
    const llmp_watch_t *watch, llmp_int_t folds);
static llmp_int_t llmp_scan_name_duplicate(llmp_scan_t *scan,
    const llmp_watch_t *watch, uint32_t i);
static llmp_int_t llmp_scan_name_grow(llmp_scan_t *scan);
static void llmp_scan_name_chain(llmp_scan_t *scan);
static inline uint32_t *llmp_scan_name_bucket(llmp_scan_t *scan, uint64_t hash);
static void llmp_scan_name_hash_byte(llmp_scan_hash_t *hash, uint64_t point,
    u_char ch);
static void llmp_scan_name_hash_chunk(llmp_scan_hash_t *hash, uint64_t point);
static void llmp_scan_name_hash_end(llmp_scan_hash_t *hash, uint64_t point,
    uint64_t depth);
static void llmp_scan_name_hash(llmp_scan_t *scan, const u_char *p, size_t n);
static inline uint64_t llmp_scan_name_fold(uint64_t chunk);
static inline llmp_uint_t llmp_scan_name_is_exact(const llmp_watch_t *tree);


const llmp_scan_name_part_t  llmp_scan_name_parts[LLMP_SCAN_NAME_SHORT] = {
    { 0x0, 0x0, 0x1 },
    { 0xff, 0x0, 0x1 },
    { 0xffff, 0x0, 0x1 },
    { 0xffffff, 0x0, 0x1 },
    { 0xffffffff, 0x0, 0x1 },
    { 0xffffffffff, 0x0, 0x1 },
    { 0xffffffffffff, 0x0, 0x1 },
    { 0xffffffffffffff, 0x0, 0x1 },
    { 0xffffffffffffff, 0xff, 0x100 },
    { 0xffffffffffffff, 0xffff, 0x10000 },
    { 0xffffffffffffff, 0xffffff, 0x1000000 },
    { 0xffffffffffffff, 0xffffffff, 0x100000000 },
    { 0xffffffffffffff, 0xffffffffff, 0x10000000000 },
    { 0xffffffffffffff, 0xffffffffffff, 0x1000000000000 }
};


void
llmp_scan_name_seed(llmp_scan_t *scan, uint64_t seed)
{
    /* a seed may be small: its bits are spread over the field of the prime */

    seed += 0x9e3779b97f4a7c15;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
    seed ^= seed >> 31;

    scan->point = 2 + seed % (LLMP_SCAN_HASH_PRIME / 2 - 2);
    scan->square = llmp_scan_hash(0, scan->point, scan->point);
}


void
llmp_scan_name_start(llmp_scan_t *scan)
{
    llmp_scan_name_set_watched(scan);

    scan->in_name = 1;
    scan->escaped = 0;
    scan->key_len = 0;

    scan->exact = (llmp_scan_hash_t) { 0, 0, 0, 0 };
    scan->folded = scan->exact;
}


static void
llmp_scan_name_set_watched(llmp_scan_t *scan)
{
    const llmp_watch_t  *watch;

    watch = llmp_scan_frame(scan)->watch;

    scan->watched = (watch != NULL
                     && (watch->nchildren != 0 || watch->shared != NULL
                         || (scan->unknown && watch->documented != NULL)));
}


void
llmp_scan_name_add_plain(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    llmp_scan_name_copy(scan, p, end - p);

    if (scan->lax) {
        return;
    }

    for ( /* void */ ; p < end; p++) {
        llmp_scan_name_hash_byte(&scan->exact, scan->point, *p);

        if (scan->watched) {
            llmp_scan_name_hash_byte(&scan->folded, scan->point,
                                     llmp_ascii_lower(*p));
        }
    }
}


void
llmp_scan_name_add_char(llmp_scan_t *scan, uint32_t code)
{
    size_t  i, n;
    u_char  buf[4];

    n = llmp_utf8_encode(buf, code);

    llmp_scan_name_copy(scan, buf, n);

    if (scan->lax) {
        return;
    }

    for (i = 0; i < n; i++) {
        llmp_scan_name_hash_byte(&scan->exact, scan->point, buf[i]);
    }

    if (!scan->watched) {
        return;
    }

    n = llmp_utf8_encode(buf, llmp_fold_code(code));

    for (i = 0; i < n; i++) {
        llmp_scan_name_hash_byte(&scan->folded, scan->point, buf[i]);
    }
}


static void
llmp_scan_name_copy(llmp_scan_t *scan, const u_char *p, size_t n)
{
    if (!scan->watched) {
        return;
    }

    /* a longer name is not watched */

    if (scan->key_len + n > LLMP_WATCH_RAW_NAME_MAX) {
        scan->key_len = LLMP_WATCH_RAW_NAME_MAX + 1;
        return;
    }

    memcpy(scan->key + scan->key_len, p, n);
    scan->key_len += (uint16_t) n;
}


uint32_t
llmp_scan_name_exact(const llmp_scan_t *scan, const char *name,
    llmp_uint_t depth)
{
    llmp_scan_hash_t  hash = { 0, 0, 0, 0 };

    for ( /* void */ ; *name != '\0'; name++) {
        llmp_scan_name_hash_byte(&hash, scan->point, (u_char) *name);
    }

    llmp_scan_name_hash_end(&hash, scan->point, depth);

    return (uint32_t) hash.value;
}


llmp_int_t
llmp_scan_name_end(llmp_scan_t *scan)
{
    llmp_str_t  name;

    name.data = scan->key;
    name.len = scan->key_len;

    if (!scan->lax) {
        llmp_scan_name_hash_end(&scan->exact, scan->point, scan->depth);
        llmp_scan_name_hash_end(&scan->folded, scan->point, scan->depth);
    }

    return llmp_scan_name_complete(scan, &name);
}


llmp_int_t
llmp_scan_name_whole(llmp_scan_t *scan, const u_char *p, size_t n)
{
    llmp_str_t  name;

    llmp_scan_name_set_watched(scan);

    scan->escaped = 0;

    name.data = (u_char *) p;
    name.len = n;

    if (!scan->lax) {
        llmp_scan_name_hash(scan, p, n);
    }

    return llmp_scan_name_complete(scan, &name);
}


/* completes a name, which was read and hashed: sets scan->watch, refuses
   ambiguous names and duplicates */

static llmp_int_t
llmp_scan_name_complete(llmp_scan_t *scan, const llmp_str_t *name)
{
    llmp_int_t           folds;
    const llmp_watch_t  *watch, *tree;

    watch = NULL;
    tree = llmp_scan_frame(scan)->watch;

    if (scan->lax) {
        scan->in_name = 0;
        scan->watch = scan->watched ? llmp_watch_find_exact(tree, name) : NULL;

        return LLMP_OK;
    }

    if (scan->watched) {
        watch = llmp_watch_find(tree, name, &folds);

        if (watch != NULL && folds && llmp_scan_name_is_exact(tree)) {
            watch = NULL;
        }

        if (watch != NULL && (folds || scan->escaped)) {
            return llmp_scan_name_ambiguous(scan, watch, folds);
        }

        if (watch == NULL && scan->unknown && tree->documented != NULL
            && !llmp_watch_is_documented(tree, name))
        {
            watch = tree->unknown;
        }
    }

    scan->in_name = 0;
    scan->watch = watch;

    return llmp_scan_name_insert(scan, watch);
}


static llmp_int_t
llmp_scan_name_ambiguous(llmp_scan_t *scan, const llmp_watch_t *watch,
    llmp_int_t folds)
{
    char  path[LLMP_PARAM_NAME];

    (void) llmp_watch_write_path(watch, path, sizeof(path));

    if (folds) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, path,
                           "a member is spelt almost like \"%s\"", path);
    }

    return llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, path,
                       "the name of \"%s\" is written with an escape", path);
}


/*
 * Inserts the name, or refuses a duplicate.  The names of an object are
 * adjacent in scan->names.  While all objects have few names, a bit set shows
 * for most names that they are new, and the others are found by a linear
 * search; then all names are put in buckets.
 */

static llmp_int_t
llmp_scan_name_insert(llmp_scan_t *scan, const llmp_watch_t *watch)
{
    uint32_t            i, bit, *head;
    uint64_t            hash;
    llmp_scan_name_t   *name;
    llmp_scan_frame_t  *frame;

    frame = llmp_scan_frame(scan);

    hash = (scan->watched && !llmp_scan_name_is_exact(frame->watch))
           ? scan->folded.value : scan->exact.value;

    if (scan->nnames == scan->names_size
        && llmp_scan_name_grow(scan) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (!scan->chained
        && scan->nnames - frame->names == LLMP_SCAN_NAMES_LINEAR)
    {
        llmp_scan_name_chain(scan);
    }

    name = &scan->names[scan->nnames];

    if (scan->chained) {
        head = llmp_scan_name_bucket(scan, hash);
        i = *head;

        for ( /* void */ ; i != 0; i = scan->names[i - 1].chain) {
            if (scan->names[i - 1].hash == hash) {
                return llmp_scan_name_duplicate(scan, watch, i - 1);
            }
        }

        name->chain = *head;
        *head = scan->nnames + 1;

    } else {
        bit = (uint32_t) 1 << (hash & 31);

        for (i = (frame->seen & bit) ? frame->names : scan->nnames;
             i < scan->nnames;
             i++)
        {
            if (scan->names[i].hash == hash) {
                return llmp_scan_name_duplicate(scan, watch, i);
            }
        }

        frame->seen |= bit;
    }

    name->hash = hash;
    name->exact = (uint32_t) scan->exact.value;

    scan->nnames++;

    return LLMP_OK;
}


/* refuses a name that equals the i-th name, or has the same fold */

static llmp_int_t
llmp_scan_name_duplicate(llmp_scan_t *scan, const llmp_watch_t *watch,
    uint32_t i)
{
    char  path[LLMP_PARAM_NAME];

    if (watch != NULL && watch != llmp_scan_frame(scan)->watch->unknown) {
        (void) llmp_watch_write_path(watch, path, sizeof(path));

        return llmp_refuse(&scan->refusal, LLMP_REFUSE_DUPLICATE_MEMBER, path,
                           "\"%s\" appears twice in the request", path);
    }

    if (scan->names[i].exact == (uint32_t) scan->exact.value) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_DUPLICATE_MEMBER, NULL,
                           "a member name appears twice in one object, "
                           "at byte %" PRIu64, scan->key_start);
    }

    return llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL,
                       "two member names in one object are spelt almost "
                       "alike, at byte %" PRIu64, scan->key_start);
}


static llmp_int_t
llmp_scan_name_grow(llmp_scan_t *scan)
{
    llmp_uint_t        size;
    llmp_scan_name_t  *names;

    size = scan->names_size;

    if (size == LLMP_SCAN_NAMES_MAX) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d members in open objects",
                           LLMP_SCAN_NAMES_MAX);
    }

    /* the buckets are after the names */

    names = llmp_array_grow(scan->pool, scan->names, scan->nnames, &size,
                            LLMP_SCAN_NAMES_MIN,
                            sizeof(llmp_scan_name_t) + sizeof(uint32_t));
    if (names == NULL) {
        return llmp_scan_error_nomem(scan);
    }

    scan->names = names;
    scan->heads = (uint32_t *) (names + size);
    scan->names_size = (uint32_t) size;

    if (scan->chained) {
        llmp_scan_name_chain(scan);
    }

    return LLMP_OK;
}


static void
llmp_scan_name_chain(llmp_scan_t *scan)
{
    uint32_t           i, *head;
    llmp_scan_name_t  *name;

    memset(scan->heads, 0, scan->names_size * sizeof(uint32_t));

    /* keeps the order, so that llmp_scan_name_forget() finds the last name
       first in its bucket */

    for (i = 0; i < scan->nnames; i++) {
        name = &scan->names[i];

        head = llmp_scan_name_bucket(scan, name->hash);
        name->chain = *head;
        *head = i + 1;
    }

    for (i = 0; i < scan->depth; i++) {
        scan->stack[i].room = 0;
    }

    scan->chained = 1;
}


void
llmp_scan_name_forget(llmp_scan_t *scan, uint32_t nnames)
{
    llmp_scan_name_t  *name;

    if (!scan->chained) {
        scan->nnames = nnames;
        return;
    }

    while (scan->nnames > nnames) {
        name = &scan->names[--scan->nnames];
        *llmp_scan_name_bucket(scan, name->hash) = name->chain;
    }
}


/* returns the bucket of a hash; the bits are mixed, since hashes of names such
   as "a1", "a2", "a3" differ by a constant, and would fill buckets unevenly */

static inline uint32_t *
llmp_scan_name_bucket(llmp_scan_t *scan, uint64_t hash)
{
    hash = (hash ^ (hash >> 31)) * 0x9e3779b97f4a7c15;

    return &scan->heads[(hash >> 32) & (scan->names_size - 1)];
}


static void
llmp_scan_name_hash_byte(llmp_scan_hash_t *hash, uint64_t point, u_char ch)
{
    hash->chunk |= (uint64_t) ch << (8 * hash->n++);

    if (hash->n == 7) {
        llmp_scan_name_hash_chunk(hash, point);
    }
}


static void
llmp_scan_name_hash_chunk(llmp_scan_hash_t *hash, uint64_t point)
{
    hash->value = llmp_scan_hash(hash->value, point, hash->chunk);
    hash->chunk = 0;
    hash->n = 0;
    hash->begun = 1;
}


static void
llmp_scan_name_hash_end(llmp_scan_hash_t *hash, uint64_t point, uint64_t depth)
{
    if (!hash->begun) {
        llmp_scan_name_hash_chunk(hash, point);
    }

    hash->value = llmp_scan_hash(hash->value, point,
                                 llmp_scan_hash_end(hash->chunk, hash->n)
                                 | llmp_scan_hash_depth(depth));
}


/* sets the hashes of a complete name, as the functions for pieces do */

static void
llmp_scan_name_hash(llmp_scan_t *scan, const u_char *p, size_t n)
{
    uint64_t                      exact, folded, point, chunk, last, one, two;
    const llmp_scan_name_part_t  *part;

    if (n < LLMP_SCAN_NAME_SHORT) {
        part = &llmp_scan_name_parts[n];

        chunk = llmp_scan_hash_load(p) & part->first;
        last = (llmp_scan_hash_load(p + 7) & part->second) | part->end;

        scan->exact.value = llmp_scan_hash_two(scan, chunk, last);

        if (scan->watched) {
            one = llmp_scan_name_fold(chunk);
            two = llmp_scan_name_fold(last);

            /* most names are in lower case */

            scan->folded.value = (one == chunk && two == last)
                                 ? scan->exact.value
                                 : llmp_scan_hash_two(scan, one, two);
        }

        return;
    }

    exact = 0;
    folded = 0;
    point = scan->point;

    for ( /* void */ ; n >= 7; n -= 7) {
        chunk = llmp_scan_hash_bytes(llmp_scan_hash_load(p), 7);
        exact = llmp_scan_hash(exact, point, chunk);

        if (scan->watched) {
            folded = llmp_scan_hash(folded, point, llmp_scan_name_fold(chunk));
        }

        p += 7;
    }

    last = llmp_scan_hash_end(llmp_scan_hash_load(p), n);

    scan->exact.value = llmp_scan_hash(exact, point,
                            last | llmp_scan_hash_depth(scan->depth));

    if (scan->watched) {
        scan->folded.value = llmp_scan_hash(folded, point,
                                 llmp_scan_name_fold(last)
                                 | llmp_scan_hash_depth(scan->depth));
    }
}


/* returns whether the names in a watched object are compared exactly */

static inline llmp_uint_t
llmp_scan_name_is_exact(const llmp_watch_t *tree)
{
    return tree->rules.exact && !tree->rules.inner;
}


/* applies llmp_ascii_lower() to seven bytes, which are ASCII */

static inline uint64_t
llmp_scan_name_fold(uint64_t chunk)
{
    uint64_t  above, upper;

    above = chunk + 0x01010101010101 * (0x80 - 'A');
    upper = above & ~(chunk + 0x01010101010101 * (0x80 - 'Z' - 1));

    return chunk | (upper & 0x80808080808080) >> 2;
}
