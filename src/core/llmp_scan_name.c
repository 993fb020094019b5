
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_scan_private.h"
#include "llmp_utf8.h"


__extension__ typedef unsigned __int128  llmp_uint128_t;


#define LLMP_SCAN_PRIME  (((uint64_t) 1 << 61) - 1)
#define LLMP_SCAN_NAMES  32


static void llmp_scan_name_keep(llmp_scan_t *scan, const u_char *p,
    size_t n);
static llmp_int_t llmp_scan_name_add(llmp_scan_t *scan,
    const llmp_watch_t *watch);
static llmp_int_t llmp_scan_ambiguous(llmp_scan_t *scan,
    const llmp_watch_t *watch, llmp_int_t folds);
static llmp_int_t llmp_scan_duplicate(llmp_scan_t *scan,
    const llmp_watch_t *watch, llmp_int_t exact);
static llmp_int_t llmp_scan_names_grow(llmp_scan_t *scan);
static uint64_t llmp_scan_hash(uint64_t hash, uint64_t point, uint32_t code);


void
llmp_scan_name_start(llmp_scan_t *scan)
{
    const llmp_watch_t  *watch;

    watch = llmp_scan_frame(scan)->watch;

    scan->in_name = 1;
    scan->watched = (watch != NULL
                     && (watch->nchildren != 0 || watch->shared != NULL));
    scan->escaped = 0;
    scan->key_len = 0;

    scan->exact = scan->depth;
    scan->folded = scan->depth;
}


void
llmp_scan_name_plain(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    uint64_t  hash, folded, point;

    llmp_scan_name_keep(scan, p, end - p);

    if (scan->lax) {
        return;
    }

    hash = scan->exact;
    folded = scan->folded;
    point = scan->point;

    if (scan->watched) {
        for ( /* void */ ; p < end; p++) {
            hash = llmp_scan_hash(hash, point, *p);
            folded = llmp_scan_hash(folded, point, llmp_fold_ascii(*p));
        }

    } else {
        for ( /* void */ ; p < end; p++) {
            hash = llmp_scan_hash(hash, point, *p);
        }
    }

    scan->exact = hash;
    scan->folded = folded;
}


void
llmp_scan_name_char(llmp_scan_t *scan, uint32_t code)
{
    u_char  buf[4];

    if (scan->lax) {
        llmp_scan_name_keep(scan, buf, llmp_utf8_encode(buf, code));
        return;
    }

    scan->exact = llmp_scan_hash(scan->exact, scan->point, code);

    if (!scan->watched) {
        return;
    }

    scan->folded = llmp_scan_hash(scan->folded, scan->point,
                                  llmp_fold_code(code));

    llmp_scan_name_keep(scan, buf, llmp_utf8_encode(buf, code));
}


static void
llmp_scan_name_keep(llmp_scan_t *scan, const u_char *p, size_t n)
{
    if (!scan->watched) {
        return;
    }

    /* a name that is longer is not a watched one */

    if (scan->key_len + n > LLMP_KEY_MAX) {
        scan->key_len = LLMP_KEY_MAX + 1;
        return;
    }

    memcpy(scan->key + scan->key_len, p, n);
    scan->key_len += (uint16_t) n;
}


llmp_int_t
llmp_scan_name_end(llmp_scan_t *scan)
{
    llmp_int_t           folds;
    llmp_str_t           name;
    const llmp_watch_t  *watch;

    watch = NULL;

    name.data = scan->key;
    name.len = scan->key_len;

    if (scan->lax) {
        scan->in_name = 0;
        scan->watch = scan->watched
                      ? llmp_watch_exact(llmp_scan_frame(scan)->watch, &name)
                      : NULL;
        return LLMP_OK;
    }

    if (scan->watched) {
        watch = llmp_watch_find(llmp_scan_frame(scan)->watch, &name, &folds);

        if (watch != NULL && (folds || scan->escaped)) {
            return llmp_scan_ambiguous(scan, watch, folds);
        }
    }

    scan->in_name = 0;
    scan->watch = watch;

    return llmp_scan_name_add(scan, watch);
}


static llmp_int_t
llmp_scan_ambiguous(llmp_scan_t *scan, const llmp_watch_t *watch,
    llmp_int_t folds)
{
    char  path[LLMP_PARAM_NAME];

    (void) llmp_watch_path(watch, path, sizeof(path));

    if (folds) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, path,
                           "a member is spelt almost like \"%s\"", path);
    }

    return llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, path,
                       "the name of \"%s\" is written with an escape", path);
}


static llmp_int_t
llmp_scan_name_add(llmp_scan_t *scan, const llmp_watch_t *watch)
{
    uint32_t           i, *head;
    uint64_t           hash;
    llmp_scan_name_t  *name;

    hash = scan->watched ? scan->folded : scan->exact;

    if (scan->nnames == scan->names_size
        && llmp_scan_names_grow(scan) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    head = &scan->heads[hash & (scan->names_size - 1)];

    for (i = *head; i != 0; i = name->chain) {
        name = &scan->names[i - 1];

        if (name->hash == hash) {
            return llmp_scan_duplicate(scan, watch,
                                       name->exact == (uint32_t) scan->exact);
        }
    }

    name = &scan->names[scan->nnames++];

    name->hash = hash;
    name->exact = (uint32_t) scan->exact;
    name->chain = *head;

    *head = scan->nnames;

    return LLMP_OK;
}


static llmp_int_t
llmp_scan_duplicate(llmp_scan_t *scan, const llmp_watch_t *watch,
    llmp_int_t exact)
{
    char  path[LLMP_PARAM_NAME];

    if (watch != NULL) {
        (void) llmp_watch_path(watch, path, sizeof(path));

        return llmp_refuse(&scan->refusal, LLMP_REFUSE_DUPLICATE_MEMBER, path,
                           "\"%s\" stands twice in the request", path);
    }

    if (exact) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_DUPLICATE_MEMBER, NULL,
                           "a member name stands twice in one object, "
                           "at byte %" PRIu64, scan->key_start);
    }

    return llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL,
                       "two member names in one object are spelt almost "
                       "alike, at byte %" PRIu64, scan->key_start);
}


static llmp_int_t
llmp_scan_names_grow(llmp_scan_t *scan)
{
    uint32_t           i, size, *heads, *head;
    llmp_scan_name_t  *names;

    size = scan->names_size;

    if (size == LLMP_NAMES_MAX) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d members in open objects",
                           LLMP_NAMES_MAX);
    }

    size = (size != 0) ? 2 * size : LLMP_SCAN_NAMES;

    names = llmp_palloc(scan->pool, size * (sizeof(llmp_scan_name_t)
                                            + sizeof(uint32_t)));
    if (names == NULL) {
        return llmp_scan_nomem(scan);
    }

    heads = (uint32_t *) (names + size);
    memset(heads, 0, size * sizeof(uint32_t));

    /* in their order, so that names_forget() finds the last one first */

    for (i = 0; i < scan->nnames; i++) {
        names[i] = scan->names[i];

        head = &heads[names[i].hash & (size - 1)];
        names[i].chain = *head;
        *head = i + 1;
    }

    scan->names = names;
    scan->heads = heads;
    scan->names_size = size;

    return LLMP_OK;
}


void
llmp_scan_names_forget(llmp_scan_t *scan, uint32_t nnames)
{
    llmp_scan_name_t  *name;

    while (scan->nnames > nnames) {
        name = &scan->names[--scan->nnames];
        scan->heads[name->hash & (scan->names_size - 1)] = name->chain;
    }
}


/*
 * A name is hashed as a polynomial: its code points are the coefficients, the
 * depth of its object leads them, and its value modulo a prime is taken at
 * a secret point.  Two polynomials of degree n meet at n points at most, so
 * names that differ collide for n seeds in 2^61, whoever chooses them.
 */

static uint64_t
llmp_scan_hash(uint64_t hash, uint64_t point, uint32_t code)
{
    uint64_t        sum;
    llmp_uint128_t  product;

    /* modulo 2^61 - 1, 2^61 is 1; the sum stays below 2^64 */

    product = (llmp_uint128_t) hash * point;

    sum = ((uint64_t) product & LLMP_SCAN_PRIME)
          + (uint64_t) (product >> 61) + code;

    return (sum & LLMP_SCAN_PRIME) + (sum >> 61);
}


uint64_t
llmp_scan_name_point(uint64_t seed)
{
    /* a seed may be a small number: spread it over the field */

    seed += 0x9e3779b97f4a7c15;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
    seed ^= seed >> 31;

    return 2 + seed % (LLMP_SCAN_PRIME - 2);
}
