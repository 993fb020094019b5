
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "decide/llmp_difference.h"
#include "dialect/llmp_param.h"


static llmp_uint_t llmp_difference_find_refusal(const llmp_refusal_t *before,
    const llmp_refusal_t *after, llmp_difference_pt handler, void *data);
static llmp_difference_e llmp_difference_kind(llmp_uint_t before,
    llmp_uint_t after, llmp_uint_t same);
static llmp_difference_e llmp_difference_others(const llmp_decision_t *before,
    const llmp_decision_t *after);
static const llmp_change_t *llmp_difference_next_other(
    const llmp_decision_t *decision, llmp_uint_t *next);


/* indexed by llmp_difference_e */

static const char *const  llmp_difference_names[] = {
    "newly_changed", "newly_refused", "no_longer_changed",
    "no_longer_refused", "changed_otherwise", "unchanged"
};


llmp_uint_t
llmp_difference_find(const llmp_decision_t *before,
    const llmp_decision_t *after, llmp_difference_pt handler, void *data)
{
    uint64_t              left;
    llmp_uint_t           n, param;
    const llmp_change_t  *one, *two;
    llmp_difference_e     kind;

    if (before->refusal.code != LLMP_REFUSE_NONE
        || after->refusal.code != LLMP_REFUSE_NONE)
    {
        return llmp_difference_find_refusal(&before->refusal, &after->refusal,
                                            handler, data);
    }

    n = 0;

    left = before->noted | after->noted;

    llmp_param_for_each(param, left) {
        one = llmp_decision_param(before, param);
        two = llmp_decision_param(after, param);

        if (one->action == LLMP_ACTION_NONE && two->action == LLMP_ACTION_NONE)
        {
            continue;
        }

        kind = llmp_difference_kind(one->action != LLMP_ACTION_NONE,
                                    two->action != LLMP_ACTION_NONE,
                                    llmp_difference_same_value(
                                                           &one->effective,
                                                           &two->effective));

        if (kind != LLMP_DIFFERENCE_NONE) {
            handler(data, param, kind);
            n++;
        }
    }

    kind = llmp_difference_others(before, after);

    if (kind != LLMP_DIFFERENCE_NONE) {
        handler(data, LLMP_DIFFERENCE_OTHER, kind);
        n++;
    }

    return n;
}


static llmp_uint_t
llmp_difference_find_refusal(const llmp_refusal_t *before,
    const llmp_refusal_t *after, llmp_difference_pt handler, void *data)
{
    llmp_str_t             param;
    const llmp_refusal_t  *refusal;
    llmp_difference_e      kind;

    if (before->code != LLMP_REFUSE_NONE && after->code != LLMP_REFUSE_NONE) {
        return 0;
    }

    refusal = before;
    kind = LLMP_DIFFERENCE_NO_LONGER_REFUSED;

    if (before->code == LLMP_REFUSE_NONE) {
        refusal = after;
        kind = LLMP_DIFFERENCE_NEWLY_REFUSED;
    }

    param.data = (u_char *) refusal->param;
    param.len = strlen(refusal->param);

    handler(data, llmp_difference_row(&param), kind);

    return 1;
}


/* compares the changes that are of no parameter, in their order */

static llmp_difference_e
llmp_difference_others(const llmp_decision_t *before,
    const llmp_decision_t *after)
{
    llmp_uint_t           i, j, same;
    const llmp_change_t  *one, *two;

    i = 0;
    j = 0;

    one = llmp_difference_next_other(before, &i);
    two = llmp_difference_next_other(after, &j);

    if (one == NULL || two == NULL) {
        return llmp_difference_kind(one != NULL, two != NULL, 0);
    }

    do {
        same = llmp_str_eq(&one->name, &two->name)
               && llmp_difference_same_value(&one->effective, &two->effective);

        one = llmp_difference_next_other(before, &i);
        two = llmp_difference_next_other(after, &j);

    } while (same && one != NULL && two != NULL);

    return llmp_difference_kind(1, 1, same && one == NULL && two == NULL);
}


/* returns the next change that is of no parameter, or NULL */

static const llmp_change_t *
llmp_difference_next_other(const llmp_decision_t *decision, llmp_uint_t *next)
{
    const llmp_change_t  *change;

    while (*next < decision->nchanges && *next < LLMP_CHANGES_MAX) {
        change = &decision->changes[(*next)++];

        if (change->name.data[0] == '/'
            || llmp_str_is(&change->name, LLMP_UNKNOWN_MEMBERS))
        {
            return change;
        }
    }

    return NULL;
}


/* before and after are 1 if something was changed, same if the results of both
   changes are the same */

static llmp_difference_e
llmp_difference_kind(llmp_uint_t before, llmp_uint_t after, llmp_uint_t same)
{
    if (before && after) {
        return same ? LLMP_DIFFERENCE_NONE : LLMP_DIFFERENCE_CHANGED_OTHERWISE;
    }

    if (before) {
        return LLMP_DIFFERENCE_NO_LONGER_CHANGED;
    }

    return after ? LLMP_DIFFERENCE_NEWLY_CHANGED : LLMP_DIFFERENCE_NONE;
}


llmp_uint_t
llmp_difference_same_value(const llmp_str_t *one, const llmp_str_t *two)
{
    llmp_decimal_t  a, b;

    if (llmp_str_eq(one, two)) {
        return 1;
    }

    return one->len != 0 && two->len != 0
           && llmp_decimal_parse(&a, one) == LLMP_OK
           && llmp_decimal_parse(&b, two) == LLMP_OK
           && llmp_decimal_cmp(&a, &b) == 0;
}


const char *
llmp_difference_name(llmp_difference_e kind)
{
    return llmp_difference_names[kind];
}


llmp_uint_t
llmp_difference_row(const llmp_str_t *param)
{
    llmp_param_e  found;

    found = llmp_param_find(param);

    if (found != LLMP_PARAM_MAX) {
        return found;
    }

    return llmp_str_is(param, "model") ? LLMP_DIFFERENCE_MODEL
                                       : LLMP_DIFFERENCE_OTHER;
}


const char *
llmp_difference_row_name(llmp_uint_t row)
{
    switch (row) {

    case LLMP_DIFFERENCE_MODEL:
        return "model";

    case LLMP_DIFFERENCE_OTHER:
        return "other";

    default:
        return (char *) llmp_params[row].name.data;
    }
}
