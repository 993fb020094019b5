
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_array.h"
#include "decide/llmp_decide_edits.h"
#include "dialect/llmp_dialect.h"
#include "form/llmp_form_write.h"


#define LLMP_DECIDE_EDITS_START  8


typedef struct {
    llmp_decider_t  *dc;
    uint32_t         first;  /* 1 + index of the first addition */
    u_char          *pos;
} llmp_decide_edits_writer_t;


static llmp_int_t llmp_decide_edits_remove(llmp_decider_t *dc, uint32_t i);
static llmp_int_t llmp_decide_edits_write_object(llmp_decider_t *dc,
    uint32_t i);
static llmp_int_t llmp_decide_edits_write_fields(llmp_decider_t *dc,
    uint32_t i);
static size_t llmp_decide_edits_size(llmp_decider_t *dc, uint32_t first);
static void llmp_decide_edits_write_members(llmp_decide_edits_writer_t *wr,
    const llmp_step_t *steps, llmp_uint_t depth);
static llmp_uint_t llmp_decide_edits_has_prefix(llmp_decider_t *dc,
    const llmp_decider_addition_t *a, const llmp_step_t *steps,
    llmp_uint_t depth);
static llmp_int_t llmp_decide_edits_replace(llmp_decider_t *dc, uint64_t start,
    uint64_t end, const llmp_str_t *text);


llmp_int_t
llmp_decide_edits_set_value(llmp_decider_t *dc, const llmp_member_t *m,
    const llmp_str_t *text)
{
    uint64_t    length;
    llmp_str_t  value, nothing = llmp_null_string;

    if (dc->decision->boundary.len == 0) {
        return llmp_decide_edits_replace(dc, m->start, m->end, text);
    }

    length = m->key + m->length_start;

    if (m->length_size != 0
        && llmp_decide_edits_replace(dc, length, length + m->length_size,
                                     &nothing)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (llmp_form_write_value(dc->pool, &dc->decision->boundary, text, &value)
        != LLMP_OK)
    {
        return llmp_decider_fail(dc);
    }

    return llmp_decide_edits_replace(dc, m->start, m->end, &value);
}


void
llmp_decide_edits_remove_member(llmp_decider_t *dc, uint32_t i)
{
    dc->removes = 1;
    dc->state[i].remove = 1;
    dc->state[dc->members->elts[i].parent].removed++;
}


llmp_int_t
llmp_decide_edits_set_name(llmp_decider_t *dc, const llmp_member_t *m,
    const llmp_str_t *name)
{
    u_char      *p;
    llmp_str_t   text;

    text.data = llmp_palloc(dc->pool, name->len + sizeof("\"\":") - 1);
    if (text.data == NULL) {
        return llmp_decider_fail(dc);
    }

    p = llmp_decide_edits_write_name(text.data, name);
    *p++ = ':';

    text.len = p - text.data;

    return llmp_decide_edits_replace(dc, m->key, m->start, &text);
}


llmp_int_t
llmp_decide_edits_add_member(llmp_decider_t *dc,
    const llmp_decider_place_t *place, uint64_t params, const llmp_str_t *text)
{
    llmp_decider_addition_t  *a, *additions;
    llmp_decider_member_t    *state;

    additions = llmp_array_grow(dc->pool, dc->additions, dc->nadditions,
                                &dc->additions_size, LLMP_DECIDE_EDITS_START,
                                sizeof(llmp_decider_addition_t));
    if (additions == NULL) {
        return llmp_decider_fail(dc);
    }

    dc->additions = additions;
    a = &additions[dc->nadditions++];

    a->steps = place->steps;
    a->nsteps = place->nsteps;
    a->text = *text;
    a->params = params;
    a->next = 0;
    a->done = 0;

    state = &dc->state[place->base];

    if (state->last == 0) {
        state->added = (uint32_t) dc->nadditions;

    } else {
        dc->additions[state->last - 1].next = (uint32_t) dc->nadditions;
    }

    state->last = (uint32_t) dc->nadditions;

    return LLMP_OK;
}


llmp_uint_t
llmp_decide_edits_has_member(llmp_decider_t *dc,
    const llmp_decider_place_t *place)
{
    uint32_t                        i;
    const llmp_decider_addition_t  *a;

    for (i = dc->state[place->base].added; i != 0; i = a->next) {
        a = &dc->additions[i - 1];

        if (a->nsteps == place->nsteps
            && llmp_decide_edits_has_prefix(dc, a, place->steps,
                                            place->nsteps))
        {
            return 1;
        }
    }

    return 0;
}


llmp_int_t
llmp_decide_edits_finish(llmp_decider_t *dc)
{
    uint32_t  i, n;

    n = (dc->removes || dc->nadditions != 0) ? dc->members->nelts : 0;

    for (i = 0; i < n; i++) {

        if (dc->state[i].remove && llmp_decide_edits_remove(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }

        if (dc->state[i].added != 0
            && llmp_decide_edits_write_object(dc, i) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (llmp_edit_merge(&dc->decision->edits, dc->pool) != LLMP_OK) {
        return llmp_decider_fail(dc);
    }

    if (dc->decision->digest && dc->decision->edits.nelts != 0) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_UNDERMINES_POLICY, NULL,
                           "the request has a digest or signature of its "
                           "body, but the policy would change it: %s",
                           (char *) dc->decision->changes[0].name.data);
    }

    return LLMP_OK;
}


/*
 * Removes a member with the comma before it, or, if all members before it are
 * removed, too, with the text up to the next name.
 */

static llmp_int_t
llmp_decide_edits_remove(llmp_decider_t *dc, uint32_t i)
{
    llmp_str_t              nothing = llmp_null_string;
    const llmp_member_t    *m;
    llmp_decider_member_t  *outer;

    m = &dc->members->elts[i];
    outer = &dc->state[m->parent];

    /* the members before it were removed before: rules may remove in any
       order */

    if (m->index == outer->leading) {
        outer->leading++;

    } else {
        return llmp_decide_edits_replace(dc, m->comma, m->end, &nothing);
    }

    return llmp_decide_edits_replace(dc, m->key,
                                     (m->next != 0) ? m->next : m->end,
                                     &nothing);
}


/*
 * Adds new members before the closing brace: after an earlier place of a
 * streamed document, a member of the same name might still follow.
 */

static llmp_int_t
llmp_decide_edits_write_object(llmp_decider_t *dc, uint32_t i)
{
    llmp_str_t                  text;
    llmp_decide_edits_writer_t  wr;
    const llmp_member_t        *m;

    m = &dc->members->elts[i];

    if (dc->decision->boundary.len != 0) {
        return llmp_decide_edits_write_fields(dc, i);
    }

    text.data = llmp_palloc(dc->pool,
                            llmp_decide_edits_size(dc, dc->state[i].added) + 2);
    if (text.data == NULL) {
        return llmp_decider_fail(dc);
    }

    wr.dc = dc;
    wr.first = dc->state[i].added;
    wr.pos = text.data;

    if (m->type == LLMP_TYPE_NULL) {
        *wr.pos++ = '{';
        llmp_decide_edits_write_members(&wr, NULL, 0);
        *wr.pos++ = '}';

        text.len = wr.pos - text.data;

        return llmp_decide_edits_replace(dc, m->start, m->end, &text);
    }

    if (m->count > dc->state[i].removed) {
        *wr.pos++ = ',';
    }

    llmp_decide_edits_write_members(&wr, NULL, 0);

    text.len = wr.pos - text.data;

    return llmp_decide_edits_replace(dc, m->end - 1, m->end - 1, &text);
}


/* adds new fields before the last delimiter */

static llmp_int_t
llmp_decide_edits_write_fields(llmp_decider_t *dc, uint32_t i)
{
    uint32_t                        a;
    llmp_str_t                      text;
    llmp_str_t                     *boundary;
    const llmp_member_t            *m;
    const llmp_decider_addition_t  *add;

    m = &dc->members->elts[i];
    boundary = &dc->decision->boundary;

    for (a = dc->state[i].added; a != 0; a = add->next) {
        add = &dc->additions[a - 1];

        /* a form has no objects: the path is one name */

        if (add->nsteps != 1
            || llmp_form_write_field(dc->pool, boundary, &add->steps[0].name,
                                     &add->text, &text)
               != LLMP_OK)
        {
            return llmp_decider_fail(dc);
        }

        if (llmp_decide_edits_replace(dc, m->end - 1, m->end - 1,
                                      &text) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* returns an upper bound of the length of a list of additions */

static size_t
llmp_decide_edits_size(llmp_decider_t *dc, uint32_t first)
{
    size_t                    room;
    llmp_uint_t               i;
    llmp_decider_addition_t  *a;

    room = 0;

    for ( /* void */ ; first != 0; first = a->next) {
        a = &dc->additions[first - 1];

        room += a->text.len;

        for (i = 0; i < a->nsteps; i++) {
            room += a->steps[i].name.len + sizeof("\"\":{},") - 1;
        }
    }

    return room;
}


/*
 * Writes the additions whose path begins with the given steps.  Members of one
 * new object are written together.  If two additions have one path, the first
 * one is written.
 */

static void
llmp_decide_edits_write_members(llmp_decide_edits_writer_t *wr,
    const llmp_step_t *steps, llmp_uint_t depth)
{
    uint32_t                  i, j;
    u_char                   *start;
    llmp_decider_addition_t  *a, *b;

    start = wr->pos;

    for (i = wr->first; i != 0; i = a->next) {
        a = &wr->dc->additions[i - 1];

        if (a->done || !llmp_decide_edits_has_prefix(wr->dc, a, steps, depth)) {
            continue;
        }

        if (wr->pos != start) {
            *wr->pos++ = ',';
        }

        wr->pos = llmp_decide_edits_write_name(wr->pos, &a->steps[depth].name);
        *wr->pos++ = ':';

        if (a->nsteps == depth + 1) {
            memcpy(wr->pos, a->text.data, a->text.len);
            wr->pos += a->text.len;

        } else {
            *wr->pos++ = '{';
            llmp_decide_edits_write_members(wr, a->steps, depth + 1);
            *wr->pos++ = '}';
        }

        for (j = wr->first; j != 0; j = b->next) {
            b = &wr->dc->additions[j - 1];
            b->done |= llmp_decide_edits_has_prefix(wr->dc, b, a->steps,
                                                    depth + 1);
        }
    }
}


static llmp_uint_t
llmp_decide_edits_has_prefix(llmp_decider_t *dc,
    const llmp_decider_addition_t *a, const llmp_step_t *steps,
    llmp_uint_t depth)
{
    llmp_uint_t  i;

    if (a->nsteps < depth) {
        return 0;
    }

    for (i = 0; i < depth; i++) {
        if (!llmp_dialect_same_name(dc->decision->dialect, &a->steps[i].name,
                                    &steps[i].name))
        {
            return 0;
        }
    }

    return 1;
}


u_char *
llmp_decide_edits_write_name(u_char *p, const llmp_str_t *name)
{
    *p++ = '"';
    memcpy(p, name->data, name->len);
    p += name->len;
    *p++ = '"';

    return p;
}


/* replaces [start, end) of the document by text */

static llmp_int_t
llmp_decide_edits_replace(llmp_decider_t *dc, uint64_t start, uint64_t end,
    const llmp_str_t *text)
{
    llmp_edit_t   *e, *elts;
    llmp_edits_t  *edits;

    edits = &dc->decision->edits;

    elts = llmp_array_grow(dc->pool, edits->elts, edits->nelts, &dc->edits_size,
                           LLMP_DECIDE_EDITS_START, sizeof(llmp_edit_t));
    if (elts == NULL) {
        return llmp_decider_fail(dc);
    }

    edits->elts = elts;
    e = &elts[edits->nelts++];

    e->offset = start;
    e->len = end - start;
    e->text = *text;
    e->exact = (dc->decision->boundary.len != 0);

    return LLMP_OK;
}
