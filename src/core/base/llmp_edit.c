
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_edit.h"


static void llmp_edit_sort(llmp_edit_t *elts, llmp_edit_t *tmp, llmp_uint_t n);
static llmp_int_t llmp_edit_join(llmp_edit_t *last, const llmp_edit_t *e,
    llmp_pool_t *pool);


llmp_int_t
llmp_edit_merge(llmp_edits_t *edits, llmp_pool_t *pool)
{
    uint64_t      end;
    llmp_uint_t   i, n;
    llmp_edit_t  *tmp, *e, *last;

    edits->growth = 0;

    if (edits->nelts == 0) {
        return LLMP_OK;
    }

    if (edits->nelts > 1) {
        tmp = llmp_palloc(pool, edits->nelts * sizeof(llmp_edit_t));
        if (tmp == NULL) {
            return LLMP_ERROR;
        }

        llmp_edit_sort(edits->elts, tmp, edits->nelts);
    }

    last = NULL;
    n = 0;

    for (i = 0; i < edits->nelts; i++) {
        e = &edits->elts[i];
        end = (last != NULL) ? last->offset + last->len : 0;

        if (e->offset + e->len < e->offset) {
            return LLMP_ERROR;
        }

        if (last != NULL && e->offset < end) {

            if (e->offset + e->len > end) {
                return LLMP_ERROR;
            }

            continue;
        }

        if (last != NULL && e->offset == last->offset) {

            if (llmp_edit_join(last, e, pool) != LLMP_OK) {
                return LLMP_ERROR;
            }

            edits->growth += (int64_t) e->text.len - (int64_t) e->len;
            continue;
        }

        edits->growth += (int64_t) e->text.len - (int64_t) e->len;

        last = &edits->elts[n++];
        *last = *e;
    }

    edits->nelts = n;

    return LLMP_OK;
}


/*
 * Sorts edits by offset.  The merge sort is stable, so that insertions at one
 * offset keep their order; qsort() of the C library guarantees neither that nor
 * a bound on its time.
 */

static void
llmp_edit_sort(llmp_edit_t *elts, llmp_edit_t *tmp, llmp_uint_t n)
{
    llmp_uint_t  i, j, k, half;

    if (n < 2) {
        return;
    }

    half = n / 2;

    llmp_edit_sort(elts, tmp, half);
    llmp_edit_sort(elts + half, tmp, n - half);

    memcpy(tmp, elts, half * sizeof(llmp_edit_t));

    for (i = 0, j = half, k = 0; i < half; k++) {

        if (j < n && elts[j].offset < tmp[i].offset) {
            elts[k] = elts[j++];

        } else {
            elts[k] = tmp[i++];
        }
    }
}


/* joins edit e to an insertion at the same offset; the text of the insertion
   comes first */

static llmp_int_t
llmp_edit_join(llmp_edit_t *last, const llmp_edit_t *e, llmp_pool_t *pool)
{
    u_char  *p;

    p = llmp_palloc(pool, last->text.len + e->text.len + 1);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    if (last->text.len != 0) {
        memcpy(p, last->text.data, last->text.len);
    }

    if (e->text.len != 0) {
        memcpy(p + last->text.len, e->text.data, e->text.len);
    }

    last->text.data = p;
    last->text.len += e->text.len;
    last->len = e->len;
    last->exact |= e->exact;

    return LLMP_OK;
}


llmp_str_t
llmp_edit_apply(const llmp_edits_t *edits, llmp_pool_t *pool,
    const llmp_str_t *document)
{
    u_char             *p;
    uint64_t            from;
    llmp_str_t          result = llmp_null_string;
    llmp_uint_t         i;
    const llmp_edit_t  *e;

    from = 0;

    for (i = 0; i < edits->nelts; i++) {
        e = &edits->elts[i];

        if (e->offset < from || e->offset > document->len
            || e->len > document->len - e->offset)
        {
            return result;
        }

        from = e->offset + e->len;
    }

    p = llmp_palloc(pool, document->len + edits->growth + 1);
    if (p == NULL) {
        return result;
    }

    result.data = p;
    from = 0;

    for (i = 0; i < edits->nelts; i++) {
        e = &edits->elts[i];

        memcpy(p, document->data + from, e->offset - from);
        p += e->offset - from;

        if (e->text.len != 0) {
            memcpy(p, e->text.data, e->text.len);
            p += e->text.len;
        }

        from = e->offset + e->len;
    }

    memcpy(p, document->data + from, document->len - from);
    p += document->len - from;

    result.len = p - result.data;

    return result;
}
