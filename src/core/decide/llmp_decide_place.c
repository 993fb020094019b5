
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_facts.h"
#include "decide/llmp_decide_place.h"
#include "decide/llmp_decide_record.h"
#include "decide/llmp_decide_slot.h"
#include "dialect/llmp_dialect.h"


static uint64_t llmp_decide_place_params(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_decider_place_t *place);
static llmp_uint_t llmp_decide_place_is_supplied(llmp_decider_t *dc,
    const llmp_decider_place_t *place);
static llmp_uint_t llmp_decide_place_has_value(llmp_decider_t *dc,
    const llmp_watch_t *w);
static uint32_t llmp_decide_place_child(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *step);
static llmp_uint_t llmp_decide_place_clamp(const llmp_rule_t *rule,
    const llmp_slot_t *slot, llmp_str_t *text, llmp_action_e *action);
static llmp_uint_t llmp_decide_place_is_listed(const llmp_rule_t *rule,
    const llmp_str_t *text);


llmp_int_t
llmp_decide_place_write(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_decider_place_t *place,
    const llmp_str_t *text, llmp_action_e action)
{
    uint32_t              child;
    uint64_t              params;
    llmp_uint_t           type;
    llmp_decider_place_t  rest;

    rest = *place;

    while (rest.nsteps > 0) {
        child = llmp_decide_place_child(dc, rest.base, rest.steps);

        if (child == 0) {
            break;
        }

        rest.base = child;
        rest.steps++;
        rest.nsteps--;
    }

    type = dc->members->elts[rest.base].type;

    if (rest.nsteps == 0 && type != LLMP_TYPE_NULL) {
        return LLMP_OK;
    }

    if (text->len == 0) {
        return llmp_decide_place_require(dc, rule);
    }

    if (rest.nsteps == 0) {
        return llmp_decide_place_fill_null(dc, rule, param, rest.base, text,
                                           action);
    }

    if ((type != LLMP_TYPE_OBJECT && type != LLMP_TYPE_NULL)
        || llmp_decide_place_is_supplied(dc, &rest)
        || llmp_decide_edits_has_member(dc, &rest))
    {
        return LLMP_OK;
    }

    params = llmp_decide_place_params(dc, param, &rest);

    if (rest.nsteps == 1) {
        dc->state[rest.base].written |= params;

    } else {
        dc->created |= params;
    }

    llmp_decide_record_addition(dc, rule, param, params, text, action);

    return llmp_decide_edits_add_member(dc, &rest, params, text);
}


/* returns the parameters of a member that is added at a place */

static uint64_t
llmp_decide_place_params(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_decider_place_t *place)
{
    const llmp_watch_t  *w;

    if (param != LLMP_PARAM_MAX) {
        return llmp_mask(param);
    }

    w = dc->members->elts[place->base].watch;
    w = llmp_watch_find_path((llmp_watch_t *) w, place->steps, place->nsteps);

    return (w != NULL) ? w->rules.params : 0;
}


/*
 * Returns whether a rule about an outer member writes that member as a whole.
 * The loader has checked the written value against the rules about the members
 * inside it, see llmp_load_check.c.
 */

static llmp_uint_t
llmp_decide_place_is_supplied(llmp_decider_t *dc,
    const llmp_decider_place_t *place)
{
    llmp_uint_t           i;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    m = &dc->members->elts[place->base];
    w = m->watch;

    if (dc->state[place->base].replaced
        || (m->type == LLMP_TYPE_NULL && llmp_decide_place_has_value(dc, w)))
    {
        return 1;
    }

    for (i = 0; i + 1 < place->nsteps; i++) {
        w = llmp_watch_find_path((llmp_watch_t *) w, &place->steps[i], 1);

        if (w == NULL) {
            return 0;
        }

        if (llmp_decide_place_has_value(dc, w)) {
            return 1;
        }
    }

    return 0;
}


/* returns whether a rule writes a member if it is absent */

static llmp_uint_t
llmp_decide_place_has_value(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint64_t            left;
    llmp_uint_t         i;
    const llmp_rule_t  *rule;

    rule = llmp_decider_pointer_rule(dc, w);

    if (rule != NULL) {
        return llmp_rule_value(rule) != NULL;
    }

    left = w->rules.native ? (w->rules.params & dc->ruled) : 0;

    llmp_param_for_each(i, left) {
        if (llmp_rule_value(dc->params[i]) != NULL) {
            return 1;
        }
    }

    return 0;
}


/* returns the index of the child of member base with the name of a step, or 0;
   removed members are not found */

static uint32_t
llmp_decide_place_child(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *step)
{
    uint32_t              i;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;

    for (i = base + 1; i <= members[base].last; i = members[i].last + 1) {
        m = &members[i];

        if (m->parent == base && !dc->state[i].remove
            && llmp_dialect_same_name(dc->decision->dialect, &m->watch->name,
                                      &step->name))
        {
            return i;
        }
    }

    return 0;
}


llmp_int_t
llmp_decide_place_fill_null(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, uint32_t i, const llmp_str_t *text, llmp_action_e action)
{
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    dc->conflicting |= m->watch->rules.conflicts;

    if (m->watch->rules.native) {
        dc->state[m->parent].written |= m->watch->rules.params;
    }

    llmp_decide_record_change(dc, rule, param, m, text, action);

    return llmp_decide_facts_set_value(dc, param, i, text);
}


llmp_int_t
llmp_decide_place_require(llmp_decider_t *dc, const llmp_rule_t *rule)
{
    const llmp_str_t   *owner;
    const llmp_tier_t  *tier;

    if (dc->so_far) {
        return LLMP_OK;
    }

    tier = dc->decision->tier;
    owner = llmp_tier_owner(tier);

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                       (char *) rule->name.data,
                       "%s is required for %s \"%.*s\"",
                       (char *) rule->name.data, llmp_tier_kind(tier),
                       (int) owner->len, owner->data);
}


const llmp_watch_t *
llmp_decide_place_watch(llmp_decider_t *dc, const llmp_step_t *steps,
    llmp_uint_t nsteps)
{
    const llmp_watch_t  *w;

    w = dc->members->elts[dc->scope].watch;

    return llmp_watch_find_path((llmp_watch_t *) w, steps, nsteps);
}


llmp_uint_t
llmp_decide_place_permits(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t param, llmp_str_t *text, llmp_action_e *action)
{
    const llmp_rule_t  *rule;
    const llmp_slot_t  *slot;

    rule = (w != NULL) ? llmp_decider_pointer_rule(dc, w) : NULL;

    if (rule == NULL) {
        return 1;
    }

    slot = llmp_dialect_slot(dc->decision->dialect, (llmp_param_e) param);

    return llmp_decide_place_clamp(rule, slot, text, action);
}


/* clamps a number to the bounds of a rule; returns whether the rule permits the
   text */

static llmp_uint_t
llmp_decide_place_clamp(const llmp_rule_t *rule, const llmp_slot_t *slot,
    llmp_str_t *text, llmp_action_e *action)
{
    llmp_decimal_t  number;

    if (text->len == 0) {
        return 0;
    }

    if (rule->allow != NULL) {
        return llmp_decide_place_is_listed(rule, text);
    }

    if ((rule->min == NULL && rule->max == NULL)
        || llmp_decimal_parse(&number, text) != LLMP_OK)
    {
        return 0;
    }

    if (rule->max != NULL && llmp_decimal_cmp(&number, &rule->max->number) > 0)
    {
        *text = llmp_decide_slot_clamp(slot, rule->max);
        *action = LLMP_ACTION_MAX;

    } else if (rule->min != NULL
               && llmp_decimal_cmp(&number, &rule->min->number) < 0)
    {
        *text = llmp_decide_slot_clamp(slot, rule->min);
        *action = LLMP_ACTION_MIN;
    }

    return 1;
}


/* returns whether "allow" of a rule has a value */

static llmp_uint_t
llmp_decide_place_is_listed(const llmp_rule_t *rule, const llmp_str_t *text)
{
    llmp_uint_t          i, number;
    llmp_decimal_t       decimal;
    const llmp_value_t  *value;

    number = (llmp_decimal_parse(&decimal, text) == LLMP_OK);

    for (i = 0; i < rule->nallow; i++) {
        value = &rule->allow[i];

        if (number ? (value->type == LLMP_TYPE_NUMBER
                      && llmp_decimal_cmp(&value->number, &decimal) == 0)
                   : llmp_str_eq(&value->text, text))
        {
            return 1;
        }
    }

    return 0;
}
