
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_record.h"
#include "decide/llmp_decide_unknown.h"
#include "dialect/llmp_dialect.h"


static llmp_uint_t llmp_decide_unknown_is_named(llmp_decider_t *dc,
    const llmp_watch_t *w);
static llmp_uint_t llmp_decide_unknown_is_switch(llmp_decider_t *dc,
    uint32_t i);
static llmp_int_t llmp_decide_unknown_refuse(llmp_decider_t *dc, uint32_t i);
static llmp_int_t llmp_decide_unknown_record(llmp_decider_t *dc,
    llmp_uint_t removed);


llmp_int_t
llmp_decide_unknown(llmp_decider_t *dc, uint32_t first, uint32_t last)
{
    uint32_t              i;
    llmp_uint_t           removed;
    llmp_unknown_e        unknown;
    const llmp_member_t  *members;

    removed = 0;
    unknown = dc->decision->tier->unknown_members;
    members = dc->members->elts;

    for (i = first; i <= last; i++) {

        if (i != 0 && dc->state[members[i].parent].replaced) {
            dc->state[i].replaced = 1;
            continue;
        }

        if (!llmp_decide_unknown_is_possible(members, i)
            || llmp_decide_unknown_is_named(dc, members[i].watch)
            || llmp_decide_unknown_is_switch(dc, i))
        {
            continue;
        }

        if (unknown == LLMP_UNKNOWN_REJECT) {
            return llmp_decide_unknown_refuse(dc, i);
        }

        llmp_decide_edits_remove_member(dc, i);

        dc->state[i].replaced = 1;
        removed++;
    }

    return (removed != 0) ? llmp_decide_unknown_record(dc, removed) : LLMP_OK;
}


llmp_uint_t
llmp_decide_unknown_is_possible(const llmp_member_t *members, uint32_t i)
{
    const llmp_watch_t   *w, *object;
    const llmp_member_t  *m;

    m = &members[i];
    w = m->watch;
    object = members[m->parent].watch;

    if (i == 0 || object->documented == NULL
        || members[m->parent].type != LLMP_TYPE_OBJECT)
    {
        return 0;
    }

    return w == object->unknown
           || (!w->rules.native && !w->rules.model
               && !llmp_watch_is_documented(object, &w->name));
}


/* returns whether a rule names a member, or one that may be inside it */

static llmp_uint_t
llmp_decide_unknown_is_named(llmp_decider_t *dc, const llmp_watch_t *w)
{
    llmp_uint_t  i;

    if ((w->rules.params_below & dc->ruled) != 0
        || llmp_decider_pointer_rule(dc, w) != NULL)
    {
        return 1;
    }

    if (!w->rules.inner) {
        return 0;
    }

    for (i = 0; i < w->nchildren; i++) {
        if (llmp_decide_unknown_is_named(dc, w->children[i])) {
            return 1;
        }
    }

    return w->element != NULL && llmp_decide_unknown_is_named(dc, w->element);
}


/*
 * Returns whether a member turns the thinking off whose budget has a rule: an
 * object with a budget means nothing without it, and the policy may write it.
 */

static llmp_uint_t
llmp_decide_unknown_is_switch(llmp_decider_t *dc, uint32_t i)
{
    const llmp_member_t    *m;
    const llmp_thinking_t  *thinking;

    m = &dc->members->elts[i];
    thinking = dc->members->elts[m->parent].watch->rules.thinking;

    return thinking != NULL
           && (dc->ruled & llmp_mask(LLMP_THINKING_BUDGET))
           && llmp_str_is(&m->watch->name, thinking->off_name);
}


static llmp_int_t
llmp_decide_unknown_refuse(llmp_decider_t *dc, uint32_t i)
{
    char                  path[LLMP_PARAM_NAME];
    const llmp_str_t     *owner;
    const llmp_tier_t    *tier;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    w = m->watch;
    tier = dc->decision->tier;
    owner = llmp_tier_owner(tier);

    if (w != dc->members->elts[m->parent].watch->unknown) {
        return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_UNKNOWN_MEMBER,
                           llmp_watch_write_path(w, path, sizeof(path)),
                           "%s is no member that %s documents, and no rule of "
                           "%s \"%.*s\" names it", path,
                           (char *) dc->decision->dialect->name.data,
                           llmp_tier_kind(tier), (int) owner->len,
                           owner->data);
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_UNKNOWN_MEMBER, NULL,
                       "the member at byte %" PRIu64 " is none that %s "
                       "documents, and no rule of %s \"%.*s\" names it",
                       m->key, (char *) dc->decision->dialect->name.data,
                       llmp_tier_kind(tier), (int) owner->len, owner->data);
}


/* records the number of removed members: their names are the client's text */

static llmp_int_t
llmp_decide_unknown_record(llmp_decider_t *dc, llmp_uint_t removed)
{
    int         n;
    llmp_str_t  text;

    text.data = llmp_palloc(dc->pool, sizeof("18446744073709551615"));
    if (text.data == NULL) {
        return llmp_decider_fail(dc);
    }

    n = snprintf((char *) text.data, sizeof("18446744073709551615"), "%zu",
                 (size_t) removed);
    text.len = (size_t) n;

    llmp_decide_record_unknown(dc, &text);

    return LLMP_OK;
}
