
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_array.h"
#include "body/llmp_body_batch.h"


/* number of preceding edits whose text is compared */
#define LLMP_BODY_BATCH_RECENT     8

#define LLMP_BODY_BATCH_EDITS_MIN  64


static llmp_int_t llmp_body_batch_add_edits(llmp_body_batch_t *batch,
    uint64_t offset);
static llmp_int_t llmp_body_batch_add_changes(llmp_body_batch_t *batch);
static llmp_int_t llmp_body_batch_copy_change(llmp_body_batch_t *batch,
    llmp_change_t *to, const llmp_change_t *from);
static llmp_int_t llmp_body_batch_share_text(llmp_body_batch_t *batch,
    llmp_str_t *text);
static llmp_int_t llmp_body_batch_copy_text(llmp_body_batch_t *batch,
    llmp_str_t *text);
static void llmp_body_batch_join_records(const llmp_body_batch_t *batch,
    llmp_decision_t *decision);
static llmp_int_t llmp_body_batch_join_edits(llmp_body_batch_t *batch,
    llmp_edits_t *edits);


void
llmp_body_batch_init(llmp_body_batch_t *batch, const llmp_decision_t *decision,
    llmp_pool_t *pool)
{
    llmp_decision_start(&batch->all, decision);
    llmp_scratch_init(&batch->scratch, pool);

    batch->count = 0;
    batch->pool = pool;
    batch->edits_size = 0;

    llmp_body_batch_next(batch);
}


void
llmp_body_batch_next(llmp_body_batch_t *batch)
{
    llmp_scratch_reset(&batch->scratch);
    llmp_decision_start(&batch->one, &batch->all);
}


llmp_int_t
llmp_body_batch_decide(llmp_body_batch_t *batch, const llmp_members_t *members,
    uint64_t offset, llmp_refusal_t *refusal)
{
    llmp_decision_t  *one, *all;

    one = &batch->one;
    all = &batch->all;

    if (llmp_decide(one, members, &batch->scratch.pool) != LLMP_OK) {

        /* for the log; some changes are missing there without memory */

        (void) llmp_body_batch_add_changes(batch);

        *refusal = one->refusal;
        return LLMP_ERROR;
    }

    all->output = llmp_decision_add_tokens(all->output, one->output);
    all->models_differ |= one->models_differ
                          || (batch->count != 0
                              && !llmp_str_eq(&all->model, &one->model));

    if (all->edits.nelts + one->edits.nelts > LLMP_BODY_BATCH_EDITS_MAX) {
        return llmp_refuse(refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d changes in one body",
                           LLMP_BODY_BATCH_EDITS_MAX);
    }

    if (llmp_body_batch_add_edits(batch, offset) != LLMP_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory to change the body");
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_body_batch_add_edits(llmp_body_batch_t *batch, uint64_t offset)
{
    llmp_uint_t    i;
    llmp_edit_t   *e, *elts;
    llmp_edits_t  *from, *to;

    from = &batch->one.edits;
    to = &batch->all.edits;

    for (i = 0; i < from->nelts; i++) {
        elts = llmp_array_grow(batch->pool, to->elts, to->nelts,
                               &batch->edits_size, LLMP_BODY_BATCH_EDITS_MIN,
                               sizeof(llmp_edit_t));
        if (elts == NULL) {
            return LLMP_ERROR;
        }

        to->elts = elts;
        e = &elts[to->nelts];

        *e = from->elts[i];
        e->offset += offset;

        if (llmp_body_batch_share_text(batch, &e->text) != LLMP_OK) {
            return LLMP_ERROR;
        }

        to->nelts++;
    }

    to->growth += from->growth;

    return llmp_body_batch_add_changes(batch);
}


static llmp_int_t
llmp_body_batch_add_changes(llmp_body_batch_t *batch)
{
    uint64_t          left;
    llmp_uint_t       i;
    llmp_decision_t  *one, *all;

    one = &batch->one;
    all = &batch->all;

    for (i = 0; i < one->nchanges && i < LLMP_CHANGES_MAX; i++) {

        if (all->nchanges + i >= LLMP_CHANGES_MAX) {
            break;
        }

        if (llmp_body_batch_copy_change(batch, &all->changes[all->nchanges + i],
                                        &one->changes[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    all->nchanges += one->nchanges;

    if (batch->count++ != 0) {
        return LLMP_OK;
    }

    all->model = one->model;

    if (llmp_body_batch_copy_text(batch, &all->model) != LLMP_OK) {
        return LLMP_ERROR;
    }

    left = one->noted;

    llmp_param_for_each(i, left) {
        if (llmp_body_batch_copy_change(batch, llmp_decision_note(all, i),
                                        &one->records[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_body_batch_copy_change(llmp_body_batch_t *batch, llmp_change_t *to,
    const llmp_change_t *from)
{
    *to = *from;

    if (llmp_body_batch_copy_text(batch, &to->requested) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return llmp_body_batch_copy_text(batch, &to->effective);
}


/* shares the text with recent edits: most requests get the same edits */

static llmp_int_t
llmp_body_batch_share_text(llmp_body_batch_t *batch, llmp_str_t *text)
{
    llmp_uint_t    i, n;
    llmp_edits_t  *edits;

    edits = &batch->all.edits;
    n = edits->nelts;

    for (i = 1; i <= LLMP_BODY_BATCH_RECENT && i <= n; i++) {
        if (llmp_str_eq(&edits->elts[n - i].text, text)) {
            *text = edits->elts[n - i].text;
            return LLMP_OK;
        }
    }

    return llmp_body_batch_copy_text(batch, text);
}


static llmp_int_t
llmp_body_batch_copy_text(llmp_body_batch_t *batch, llmp_str_t *text)
{
    u_char  *p;

    if (text->len == 0) {
        return LLMP_OK;
    }

    p = llmp_palloc(batch->pool, text->len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    text->data = memcpy(p, text->data, text->len);

    return LLMP_OK;
}


llmp_int_t
llmp_body_batch_join(llmp_body_batch_t *batch, llmp_decision_t *decision)
{
    llmp_uint_t       i;
    llmp_decision_t  *all;

    all = &batch->all;

    for (i = 0; i < decision->nchanges && i < LLMP_CHANGES_MAX; i++) {
        if (all->nchanges + i < LLMP_CHANGES_MAX) {
            all->changes[all->nchanges + i] = decision->changes[i];
        }
    }

    decision->nchanges += all->nchanges;

    decision->output = llmp_decision_add_tokens(decision->output, all->output);
    decision->models_differ |= all->models_differ;

    llmp_body_batch_join_records(batch, decision);

    memcpy(decision->changes, all->changes, sizeof(all->changes));

    if (llmp_body_batch_join_edits(batch, &decision->edits) != LLMP_OK) {
        return llmp_refuse(&decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory to change the body");
    }

    return LLMP_OK;
}


/* sets the model and the records of parameters: those of the first request */

static void
llmp_body_batch_join_records(const llmp_body_batch_t *batch,
    llmp_decision_t *decision)
{
    decision->model = batch->all.model;
    decision->noted = batch->all.noted;

    memcpy(decision->records, batch->all.records, sizeof(batch->all.records));
}


static llmp_int_t
llmp_body_batch_join_edits(llmp_body_batch_t *batch, llmp_edits_t *edits)
{
    llmp_edit_t   *elts;
    llmp_uint_t    n;
    llmp_edits_t  *all;

    all = &batch->all.edits;

    if (edits->nelts == 0) {

        /* the edits of the requests are in order already */

        *edits = *all;
        return LLMP_OK;
    }

    n = edits->nelts + all->nelts;

    elts = llmp_palloc(batch->pool, n * sizeof(llmp_edit_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    if (all->nelts != 0) {
        memcpy(elts, all->elts, all->nelts * sizeof(llmp_edit_t));
    }

    memcpy(elts + all->nelts, edits->elts, edits->nelts * sizeof(llmp_edit_t));

    edits->elts = elts;
    edits->nelts = n;

    return llmp_edit_merge(edits, batch->pool);
}


void
llmp_body_batch_log_refused(llmp_body_batch_t *batch, llmp_decision_t *decision)
{
    llmp_body_batch_join_records(batch, decision);
    llmp_decision_note_refused(decision);
}
