
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "decide/llmp_decide_absent.h"
#include "decide/llmp_decide_conflict.h"
#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_facts.h"
#include "decide/llmp_decide_need.h"
#include "decide/llmp_decide_place.h"
#include "decide/llmp_decide_record.h"
#include "decide/llmp_decide_slot.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"


/* most steps of a slot's path */
#define LLMP_DECIDE_SLOT_STEPS  4


static llmp_int_t llmp_decide_absent_pointer(llmp_decider_t *dc,
    llmp_uint_t pointer);
static llmp_int_t llmp_decide_absent_param(llmp_decider_t *dc,
    llmp_uint_t param);
static llmp_uint_t llmp_decide_absent_has_param(llmp_decider_t *dc,
    llmp_uint_t param, uint32_t base, uint32_t *null);
static llmp_int_t llmp_decide_absent_bound(llmp_decider_t *dc,
    llmp_uint_t param, const llmp_slot_t *slot, const char *by_default,
    llmp_str_t *text, llmp_action_e *action);
static llmp_int_t llmp_decide_absent_add(llmp_decider_t *dc, llmp_uint_t param,
    uint32_t base, uint32_t null, const llmp_str_t *text, llmp_action_e action);
static llmp_uint_t llmp_decide_absent_is_blocked(llmp_decider_t *dc,
    llmp_uint_t param, uint32_t base, llmp_action_e action);
static llmp_uint_t llmp_decide_absent_conflicts(const llmp_dialect_t *dialect,
    llmp_uint_t param);
static uint32_t llmp_decide_absent_null(llmp_decider_t *dc, uint32_t base,
    const llmp_watch_t *w, uint32_t null);
static llmp_int_t llmp_decide_absent_container(llmp_decider_t *dc,
    llmp_uint_t param, const llmp_str_t *text, llmp_action_e action);


llmp_int_t
llmp_decide_absent(llmp_decider_t *dc)
{
    uint64_t     left;
    llmp_uint_t  i;

    /* pointer rules first: they have precedence at the same place */

    for (i = 0; i < dc->decision->policy->npointers; i++) {
        if (dc->pointers[i] != NULL
            && llmp_decide_absent_pointer(dc, i) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    /* parameters that are present need nothing, unless they may be removed */

    left = dc->ruled;

    if (!dc->removes && dc->pointers == NULL) {
        left &= ~dc->present_once;
    }

    llmp_param_for_each(i, left) {
        if (llmp_decide_absent_param(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/*
 * Adds the member of a pointer if its rule has a value for it.  Bounds add
 * nothing, since the API may have no such member.
 */

static llmp_int_t
llmp_decide_absent_pointer(llmp_decider_t *dc, llmp_uint_t pointer)
{
    llmp_str_t              empty = llmp_null_string;
    llmp_uint_t             nchanges;
    llmp_decider_place_t    place;
    llmp_action_e           action;
    const llmp_rule_t      *rule;
    const llmp_value_t     *value;
    const llmp_watch_t     *w;
    const llmp_pointer_t   *p;

    rule = dc->pointers[pointer];
    p = &dc->decision->policy->pointers[pointer];
    nchanges = dc->decision->nchanges;

    place.base = dc->scope;
    place.steps = p->steps;
    place.nsteps = p->nsteps;

    if (rule->require) {
        return llmp_decide_place_write(dc, rule, LLMP_PARAM_MAX, &place, &empty,
                                       LLMP_ACTION_NONE);
    }

    value = llmp_rule_value(rule);

    if (value == NULL || !dc->decision->dialect->generates
        || (dc->decision->boundary.len != 0 && p->nsteps != 1))
    {
        /* a form has no objects */

        return LLMP_OK;
    }

    w = llmp_decide_place_watch(dc, p->steps, p->nsteps);

    if (!llmp_decide_need_is_met(dc, w)) {
        return LLMP_OK;
    }

    action = rule->force ? LLMP_ACTION_FORCE : LLMP_ACTION_DEFAULT;

    if (llmp_decide_place_write(dc, rule, LLMP_PARAM_MAX, &place, &value->text,
                                action)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (dc->decision->nchanges == nchanges) {

        /* the member is present */

        return LLMP_OK;
    }

    return (w != NULL) ? llmp_decide_conflict_add_value(dc, w, value) : LLMP_OK;
}


/*
 * Adds a parameter to each object that may hold it natively and does not.  If
 * there is no such object, it is created at the dialect's first path.
 */

static llmp_int_t
llmp_decide_absent_param(llmp_decider_t *dc, llmp_uint_t param)
{
    uint32_t              i, null;
    llmp_int_t            rc;
    llmp_str_t            text;
    llmp_uint_t           found;
    llmp_action_e         action;
    const llmp_member_t  *m;

    found = 0;
    rc = LLMP_AGAIN;
    action = LLMP_ACTION_NONE;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (!(m->watch->rules.params_of_children & llmp_mask(param))
            || m->type != LLMP_TYPE_OBJECT || dc->state[i].replaced)
        {
            continue;
        }

        found = 1;

        if (llmp_decide_absent_has_param(dc, param, i, &null)) {
            continue;
        }

        if (rc == LLMP_AGAIN) {
            rc = llmp_decide_absent_value(dc, param, &text, &action);
        }

        if (rc == LLMP_DECLINED) {
            return LLMP_OK;
        }

        if (llmp_decide_absent_add(dc, param, i, null, &text, action)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (found || llmp_decide_absent_value(dc, param, &text,
                                          &action) != LLMP_OK)
    {
        return LLMP_OK;
    }

    return llmp_decide_absent_container(dc, param, &text, action);
}


/* returns whether an object has a parameter that is not null; sets *null to the
   index of the first null of that parameter, or 0 */

static llmp_uint_t
llmp_decide_absent_has_param(llmp_decider_t *dc, llmp_uint_t param,
    uint32_t base, uint32_t *null)
{
    uint32_t              i;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;
    *null = 0;

    for (i = base + 1; i <= members[base].last; i++) {
        m = &members[i];

        if (!(m->watch->rules.params & llmp_mask(param))
            || !m->watch->rules.native || m->parent != base
            || dc->state[i].remove)
        {
            continue;
        }

        if (m->type != LLMP_TYPE_NULL) {
            return 1;
        }

        if (*null == 0) {
            *null = i;
        }
    }

    return 0;
}


llmp_int_t
llmp_decide_absent_value(llmp_decider_t *dc, llmp_uint_t param,
    llmp_str_t *text, llmp_action_e *action)
{
    const char          *absent;
    const llmp_rule_t   *rule;
    const llmp_slot_t   *slot;
    const llmp_value_t  *value;

    rule = dc->params[param];
    slot = llmp_dialect_slot(dc->decision->dialect, (llmp_param_e) param);

    if (slot == NULL) {
        return LLMP_DECLINED;
    }

    if (rule->require) {
        text->len = 0;
        text->data = NULL;
        *action = LLMP_ACTION_NONE;
        return LLMP_OK;
    }

    if (!dc->decision->dialect->generates) {
        return LLMP_DECLINED;
    }

    absent = llmp_dialect_default(dc->decision->dialect, slot, &dc->model);

    if ((llmp_params[param].flags & LLMP_PARAM_OFF)
        && absent != NULL && strcmp(absent, "0") == 0)
    {
        /* off, and no rule turns it on */

        return LLMP_DECLINED;
    }

    value = llmp_rule_value(rule);

    if (value != NULL) {
        *action = rule->force ? LLMP_ACTION_FORCE : LLMP_ACTION_DEFAULT;
        *text = llmp_decide_slot_clamp(slot, value);

        if (rule->force == NULL
            && !llmp_decide_facts_take(dc, param, value->type, text))
        {
            /* bounds hold, defaults are for models that take them */

            value = NULL;
        }
    }

    if (value == NULL
        && llmp_decide_absent_bound(dc, param, slot, absent, text, action)
           != LLMP_OK)
    {
        return LLMP_DECLINED;
    }

    if (text->len != 0 && (dc->conflicting & llmp_mask(param))) {

        /* the API would refuse the parameter next to other members */

        return LLMP_DECLINED;
    }

    return LLMP_OK;
}


/*
 * Compares the default of the API, see llmp_dialect_default(), with the bounds
 * of a rule.  Returns LLMP_OK with the text to write, or LLMP_DECLINED if the
 * default is within bounds.
 */

static llmp_int_t
llmp_decide_absent_bound(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_slot_t *slot, const char *by_default, llmp_str_t *text,
    llmp_action_e *action)
{
    llmp_str_t           absent;
    llmp_uint_t          known;
    llmp_decimal_t       number;
    const llmp_rule_t   *rule;

    rule = dc->params[param];

    if (rule->min == NULL && rule->max == NULL) {
        return LLMP_DECLINED;
    }

    known = by_default != NULL;

    absent.data = (u_char *) (known ? by_default : "");
    absent.len = strlen((char *) absent.data);

    if (known && llmp_decimal_parse(&number, &absent) != LLMP_OK) {

        /* the default is no number that could exceed a bound */

        return LLMP_DECLINED;
    }

    if (rule->max != NULL
        && (!known || llmp_decimal_cmp(&number, &rule->max->number) > 0))
    {
        *action = LLMP_ACTION_MAX;
        *text = llmp_decide_slot_clamp(slot, rule->max);
        return LLMP_OK;
    }

    if (rule->min != NULL
        && (!known || llmp_decimal_cmp(&number, &rule->min->number) < 0))
    {
        *action = LLMP_ACTION_MIN;
        *text = llmp_decide_slot_clamp(slot, rule->min);
        return LLMP_OK;
    }

    if (dc->default_hidden & llmp_mask(param)) {

        /* within bounds, but other members may change the default */

        *action = LLMP_ACTION_DEFAULT;
        *text = absent;
        return LLMP_OK;
    }

    return LLMP_DECLINED;
}


static llmp_int_t
llmp_decide_absent_add(llmp_decider_t *dc, llmp_uint_t param, uint32_t base,
    uint32_t null, const llmp_str_t *text, llmp_action_e action)
{
    llmp_str_t            value;
    llmp_step_t          *step;
    llmp_decider_place_t  place;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *w;
    const llmp_member_t  *members;

    rule = dc->params[param];
    members = dc->members->elts;
    value = *text;

    if (value.len != 0
        && llmp_decide_absent_is_blocked(dc, param, base, action))
    {
        return LLMP_OK;
    }

    w = llmp_decide_facts_node(dc, param, members[base].watch);
    null = llmp_decide_absent_null(dc, base, w, null);

    if (null != 0) {
        w = members[null].watch;
    }

    if (!llmp_decide_place_permits(dc, w, param, &value, &action)) {
        return LLMP_OK;
    }

    if (value.len == 0) {
        return llmp_decide_place_require(dc, rule);
    }

    if (!llmp_decide_need_is_met(dc, w)) {
        return LLMP_OK;
    }

    if (null != 0) {
        return llmp_decide_place_fill_null(dc, rule, param, null, &value,
                                           action);
    }

    step = llmp_pcalloc(dc->pool, sizeof(llmp_step_t));
    if (step == NULL) {
        return llmp_decider_fail(dc);
    }

    step->name = w->name;
    dc->conflicting |= w->rules.conflicts;
    dc->state[base].written |= llmp_mask(param);

    place.base = base;
    place.steps = step;
    place.nsteps = 1;

    if (llmp_decide_edits_has_member(dc, &place)) {

        /* the rule of a pointer has added it */

        return LLMP_OK;
    }

    llmp_decide_record_addition(dc, rule, param, llmp_mask(param), &value,
                                action);

    return llmp_decide_edits_add_member(dc, &place, llmp_mask(param), &value);
}


/*
 * Returns whether the model would refuse a parameter next to another one, which
 * is present, or written, too.  A default yields to a bound, which must hold.
 */

static llmp_uint_t
llmp_decide_absent_is_blocked(llmp_decider_t *dc, llmp_uint_t param,
    uint32_t base, llmp_action_e action)
{
    uint32_t       null;
    uint64_t       rivals;
    llmp_str_t     text;
    llmp_uint_t    i, ordered;
    llmp_action_e  other;

    rivals = llmp_decide_facts_rivals(dc, param);
    ordered = llmp_decide_absent_conflicts(dc->decision->dialect, param);

    if (rivals & (dc->state[base].written | dc->created)) {
        return 1;
    }

    llmp_param_for_each(i, rivals) {

        if (llmp_decide_absent_has_param(dc, i, base, &null)) {
            return 1;
        }

        if (action == LLMP_ACTION_DEFAULT && !ordered
            && (dc->ruled & llmp_mask(i))
            && llmp_decide_absent_value(dc, i, &text, &other) == LLMP_OK
            && text.len != 0 && other != LLMP_ACTION_DEFAULT)
        {
            return 1;
        }
    }

    return 0;
}


/* returns whether members conflict with a parameter, whatever their value, in
   all models of an API: the first of two is written then */

static llmp_uint_t
llmp_decide_absent_conflicts(const llmp_dialect_t *dialect, llmp_uint_t param)
{
    const llmp_conflict_t  *c;

    for (c = dialect->conflicts; c != NULL && c->path != NULL; c++) {
        if (c->values == NULL && (c->params & llmp_mask(param))) {
            return 1;
        }
    }

    return 0;
}


/* returns the null that is replaced: under the name of w, if there is one */

static uint32_t
llmp_decide_absent_null(llmp_decider_t *dc, uint32_t base,
    const llmp_watch_t *w, uint32_t null)
{
    uint32_t              i;
    const llmp_member_t  *members;

    members = dc->members->elts;

    for (i = null; i != 0 && i <= members[base].last; i++) {
        if (members[i].watch == w && members[i].parent == base
            && !dc->state[i].remove)
        {
            return i;
        }
    }

    return null;
}


static llmp_int_t
llmp_decide_absent_container(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_str_t *text, llmp_action_e action)
{
    llmp_str_t            value;
    const char           *path;
    llmp_uint_t           n;
    llmp_step_t          *steps;
    llmp_decider_place_t  place;
    const llmp_slot_t    *slot;
    const llmp_watch_t   *w;

    if (text->len == 0) {
        return llmp_decide_place_require(dc, dc->params[param]);
    }

    if (dc->decision->dialect->no_new_objects) {
        return LLMP_OK;
    }

    steps = llmp_pcalloc(dc->pool,
                         LLMP_DECIDE_SLOT_STEPS * sizeof(llmp_step_t));
    if (steps == NULL) {
        return llmp_decider_fail(dc);
    }

    slot = llmp_dialect_slot(dc->decision->dialect, (llmp_param_e) param);
    path = slot->paths[0];

    for (n = 0; n < LLMP_DECIDE_SLOT_STEPS && *path != '\0'; n++) {
        steps[n].name.data = (u_char *) path;
        steps[n].name.len = strcspn(path, ".");

        path += steps[n].name.len;

        if (*path == '.') {
            path++;
        }
    }

    if (llmp_decide_absent_is_blocked(dc, param, dc->scope, action)) {
        return LLMP_OK;
    }

    value = *text;
    w = llmp_decide_place_watch(dc, steps, n);

    if (!llmp_decide_place_permits(dc, w, param, &value, &action)
        || !llmp_decide_need_is_met(dc, w))
    {
        return LLMP_OK;
    }

    place.base = dc->scope;
    place.steps = steps;
    place.nsteps = n;

    return llmp_decide_place_write(dc, dc->params[param], param, &place, &value,
                                   action);
}
