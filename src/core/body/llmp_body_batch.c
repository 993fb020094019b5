
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_array.h"
#include "body/llmp_body_batch.h"


/* how many changes back a text may be the same */
#define LLMP_EDITS_RECENT  8

#define LLMP_EDITS_FIRST   64


static llmp_int_t llmp_decisions_add(llmp_decisions_t *ds, uint64_t offset);
static llmp_int_t llmp_decisions_note(llmp_decisions_t *ds);
static llmp_int_t llmp_decisions_change(llmp_decisions_t *ds,
    llmp_change_t *to, const llmp_change_t *from);
static llmp_int_t llmp_decisions_text(llmp_decisions_t *ds, llmp_str_t *text);
static llmp_int_t llmp_decisions_copy(llmp_decisions_t *ds, llmp_str_t *text);


void
llmp_decisions_init(llmp_decisions_t *ds, const llmp_decision_t *decision,
    llmp_pool_t *pool)
{
    llmp_decision_start(&ds->all, decision);
    llmp_scratch_init(&ds->scratch, pool);

    ds->count = 0;
    ds->pool = pool;
    ds->edits_size = 0;

    llmp_decisions_next(ds);
}


void
llmp_decisions_next(llmp_decisions_t *ds)
{
    llmp_scratch_reset(&ds->scratch);
    llmp_decision_start(&ds->one, &ds->all);
}


llmp_int_t
llmp_decisions_make(llmp_decisions_t *ds, const llmp_members_t *members,
    uint64_t offset, llmp_refusal_t *refusal)
{
    llmp_decision_t  *one, *all;

    one = &ds->one;
    all = &ds->all;

    if (llmp_decide(one, members, &ds->scratch.pool) != LLMP_OK) {
        llmp_decisions_seen(ds);
        *refusal = one->refusal;
        return LLMP_ERROR;
    }

    all->output = llmp_tokens_add(all->output, one->output);

    if (all->edits.nelts + one->edits.nelts > LLMP_EDITS_MAX) {
        return llmp_refuse(refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d changes in one body",
                           LLMP_EDITS_MAX);
    }

    if (llmp_decisions_add(ds, offset) != LLMP_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory to change the body");
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decisions_add(llmp_decisions_t *ds, uint64_t offset)
{
    llmp_uint_t    i;
    llmp_edit_t   *e, *elts;
    llmp_edits_t  *from, *to;

    from = &ds->one.edits;
    to = &ds->all.edits;

    for (i = 0; i < from->nelts; i++) {
        elts = llmp_array_grow(ds->pool, to->elts, to->nelts, &ds->edits_size,
                         LLMP_EDITS_FIRST, sizeof(llmp_edit_t));
        if (elts == NULL) {
            return LLMP_ERROR;
        }

        to->elts = elts;
        e = &elts[to->nelts];

        *e = from->elts[i];
        e->offset += offset;

        if (llmp_decisions_text(ds, &e->text) != LLMP_OK) {
            return LLMP_ERROR;
        }

        to->nelts++;
    }

    to->growth += from->growth;

    return llmp_decisions_note(ds);
}


void
llmp_decisions_seen(llmp_decisions_t *ds)
{
    /* if there is no memory, the log has less */

    (void) llmp_decisions_note(ds);
}


static llmp_int_t
llmp_decisions_note(llmp_decisions_t *ds)
{
    llmp_uint_t       i;
    llmp_decision_t  *one, *all;

    one = &ds->one;
    all = &ds->all;

    for (i = 0; i < one->nchanges && i < LLMP_CHANGES_MAX; i++) {

        if (all->nchanges + i >= LLMP_CHANGES_MAX) {
            break;
        }

        if (llmp_decisions_change(ds, &all->changes[all->nchanges + i],
                                  &one->changes[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    all->nchanges += one->nchanges;

    if (ds->count++ != 0) {
        return LLMP_OK;
    }

    all->model = one->model;

    if (llmp_decisions_copy(ds, &all->model) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (llmp_decisions_change(ds, &all->params[i], &one->params[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decisions_change(llmp_decisions_t *ds, llmp_change_t *to,
    const llmp_change_t *from)
{
    *to = *from;

    if (llmp_decisions_copy(ds, &to->requested) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return llmp_decisions_copy(ds, &to->effective);
}


/* most requests are changed alike: they share the text */

static llmp_int_t
llmp_decisions_text(llmp_decisions_t *ds, llmp_str_t *text)
{
    llmp_uint_t    i, n;
    llmp_edits_t  *edits;

    edits = &ds->all.edits;
    n = edits->nelts;

    for (i = 1; i <= LLMP_EDITS_RECENT && i <= n; i++) {
        if (llmp_str_eq(&edits->elts[n - i].text, text)) {
            *text = edits->elts[n - i].text;
            return LLMP_OK;
        }
    }

    return llmp_decisions_copy(ds, text);
}


static llmp_int_t
llmp_decisions_copy(llmp_decisions_t *ds, llmp_str_t *text)
{
    u_char  *p;

    if (text->len == 0) {
        return LLMP_OK;
    }

    p = llmp_palloc(ds->pool, text->len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    text->data = memcpy(p, text->data, text->len);

    return LLMP_OK;
}


llmp_int_t
llmp_decisions_join(llmp_decisions_t *ds, llmp_decision_t *decision)
{
    llmp_edit_t      *elts;
    llmp_uint_t       i, n;
    llmp_edits_t     *fields;
    llmp_decision_t  *all;

    all = &ds->all;
    fields = &decision->edits;

    for (i = 0; i < decision->nchanges && i < LLMP_CHANGES_MAX; i++) {
        if (all->nchanges + i < LLMP_CHANGES_MAX) {
            all->changes[all->nchanges + i] = decision->changes[i];
        }
    }

    decision->nchanges += all->nchanges;

    decision->model = all->model;
    decision->output = llmp_tokens_add(decision->output, all->output);

    memcpy(decision->params, all->params, sizeof(all->params));
    memcpy(decision->changes, all->changes, sizeof(all->changes));

    if (fields->nelts == 0) {

        /* those of the requests are in order already */

        *fields = all->edits;
        return LLMP_OK;
    }

    n = fields->nelts + all->edits.nelts;

    elts = llmp_palloc(ds->pool, n * sizeof(llmp_edit_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    if (all->edits.nelts != 0) {
        memcpy(elts, all->edits.elts, all->edits.nelts * sizeof(llmp_edit_t));
    }

    memcpy(elts + all->edits.nelts, fields->elts,
           fields->nelts * sizeof(llmp_edit_t));

    fields->elts = elts;
    fields->nelts = n;

    return llmp_edits_finish(fields, ds->pool);
}


void
llmp_decisions_log(llmp_decisions_t *ds, llmp_decision_t *decision)
{
    llmp_uint_t  i;

    decision->model = ds->all.model;

    memcpy(decision->params, ds->all.params, sizeof(ds->all.params));

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        decision->params[i].effective.len = 0;
        decision->params[i].action = LLMP_ACTION_NONE;
    }
}
