
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_facts.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_known_models.h"


static const llmp_facts_t *llmp_decide_facts(llmp_decider_t *dc,
    llmp_uint_t param);
static void llmp_decide_facts_merge(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_facts_t *facts);
static llmp_uint_t llmp_decide_facts_same(llmp_uint_t type,
    const llmp_str_t *text, const llmp_str_t *other);
static const llmp_str_t *llmp_decide_facts_rename(llmp_decider_t *dc,
    llmp_uint_t param, uint32_t i);


void
llmp_decide_facts_clear(llmp_decider_t *dc)
{
    dc->known = 0;
    dc->as = 0;
    dc->known_models = 0;
}


void
llmp_decide_facts_add(llmp_decider_t *dc, const llmp_rules_t *rules)
{
    uint64_t     left;
    llmp_uint_t  i;

    left = rules->known;

    llmp_param_for_each(i, left) {
        llmp_decide_facts_merge(dc, i, rules->facts[i]);

        if (rules->facts[i]->as.len != 0) {
            dc->as |= llmp_mask(i) & dc->decision->dialect->renamed;
        }
    }
}


/* returns the facts about a parameter, or NULL */

static const llmp_facts_t *
llmp_decide_facts(llmp_decider_t *dc, llmp_uint_t param)
{
    const llmp_known_fact_t  *fact;

    if (!dc->known_models) {
        dc->known_models = 1;

        fact = llmp_known_models_find(&dc->model);

        for ( /* void */ ; fact && fact->param != LLMP_PARAM_MAX; fact++) {
            llmp_decide_facts_merge(dc, fact->param, &fact->facts);
        }
    }

    return (dc->known & llmp_mask(param)) ? &dc->facts[param] : NULL;
}


static void
llmp_decide_facts_merge(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_facts_t *facts)
{
    if (dc->known & llmp_mask(param)) {
        llmp_facts_add(&dc->facts[param], facts);
        return;
    }

    dc->known |= llmp_mask(param);
    dc->facts[param] = *facts;
}


llmp_uint_t
llmp_decide_facts_take(llmp_decider_t *dc, llmp_uint_t param, llmp_uint_t type,
    const llmp_str_t *text)
{
    llmp_uint_t          i;
    const llmp_facts_t  *facts;

    facts = llmp_decide_facts(dc, param);

    if (facts == NULL || facts->takes == NULL) {
        return 1;
    }

    for (i = 0; i < facts->ntakes; i++) {
        if (llmp_decide_facts_same(type, text, &facts->takes[i])) {
            return 1;
        }
    }

    return 0;
}


/* returns whether two JSON scalars are equal; numbers are compared as
   decimals */

static llmp_uint_t
llmp_decide_facts_same(llmp_uint_t type, const llmp_str_t *text,
    const llmp_str_t *other)
{
    llmp_decimal_t  a, b;

    if (type != LLMP_TYPE_NUMBER) {
        return llmp_str_eq(text, other);
    }

    return llmp_decimal_parse(&a, text) == LLMP_OK
           && llmp_decimal_parse(&b, other) == LLMP_OK
           && llmp_decimal_cmp(&a, &b) == 0;
}


uint64_t
llmp_decide_facts_rivals(llmp_decider_t *dc, llmp_uint_t param)
{
    uint64_t             left, rivals;
    llmp_uint_t          i;
    const llmp_facts_t  *facts;

    facts = llmp_decide_facts(dc, param);
    rivals = (facts != NULL) ? facts->not_beside : 0;

    /* the model refuses both, whichever of them has the fact */

    left = dc->known;

    llmp_param_for_each(i, left) {
        if (dc->facts[i].not_beside & llmp_mask(param)) {
            rivals |= llmp_mask(i);
        }
    }

    return rivals;
}


const llmp_watch_t *
llmp_decide_facts_node(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_watch_t *object)
{
    llmp_uint_t          i;
    const llmp_watch_t  *w, *best;
    const llmp_facts_t  *facts;

    facts = (dc->decision->dialect->renamed & llmp_mask(param))
            ? llmp_decide_facts(dc, param) : NULL;

    best = NULL;

    for (i = 0; i < object->nchildren; i++) {
        w = object->children[i];

        if (!w->rules.native || !(w->rules.params & llmp_mask(param))) {
            continue;
        }

        if (facts != NULL && llmp_str_eq(&w->name, &facts->as)) {
            return w;
        }

        if (best == NULL || w->rules.rank < best->rules.rank) {
            best = w;
        }
    }

    return best;
}


llmp_int_t
llmp_decide_facts_set_value(llmp_decider_t *dc, llmp_uint_t param, uint32_t i,
    const llmp_str_t *text)
{
    const llmp_str_t     *name;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    name = llmp_decide_facts_rename(dc, param, i);

    if (name != NULL
        && llmp_decide_edits_set_name(dc, m, name) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    return llmp_decide_edits_set_value(dc, m, text);
}


llmp_int_t
llmp_decide_facts_set_name(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              left;
    llmp_uint_t           param;
    const llmp_str_t     *name;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    left = m->watch->rules.params & dc->as;

    if (dc->decision->digest || m->type == LLMP_TYPE_NULL
        || llmp_decider_pointer_rule(dc, m->watch) != NULL)
    {
        return LLMP_OK;
    }

    llmp_param_for_each(param, left) {
        name = llmp_decide_facts_rename(dc, param, i);

        if (name != NULL) {
            return llmp_decide_edits_set_name(dc, m, name);
        }
    }

    return LLMP_OK;
}


/* returns the name that replaces the one of member i, or NULL */

static const llmp_str_t *
llmp_decide_facts_rename(llmp_decider_t *dc, llmp_uint_t param, uint32_t i)
{
    uint32_t              j;
    const llmp_watch_t   *w;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;
    m = &members[i];

    if (param == LLMP_PARAM_MAX || !m->watch->rules.native
        || !(dc->decision->dialect->renamed & llmp_mask(param)))
    {
        return NULL;
    }

    w = llmp_decide_facts_node(dc, param, members[m->parent].watch);

    if (w == m->watch || llmp_decide_facts(dc, param) == NULL
        || !llmp_str_eq(&w->name, &dc->facts[param].as))
    {
        return NULL;
    }

    for (j = m->parent + 1; j <= members[m->parent].last; j++) {
        if (members[j].watch == w && members[j].parent == m->parent) {

            /* two members of one name are ambiguous */

            return NULL;
        }
    }

    return &w->name;
}
