
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "base/llmp_type.h"
#include "decide/llmp_decide_facts.h"
#include "decide/llmp_decide_member.h"
#include "decide/llmp_decide_thinking.h"
#include "decide/llmp_decide_value.h"
#include "dialect/llmp_dialect.h"


static llmp_uint_t llmp_decide_member_has_rules(llmp_decider_t *dc,
    const llmp_watch_t *w);
static llmp_int_t llmp_decide_member_check_alias(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_member_check_bypass(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_member_refuse_bypass(llmp_decider_t *dc,
    const llmp_watch_t *w, uint64_t params);
static llmp_uint_t llmp_decide_member_is_neutral(const llmp_member_t *m);
static llmp_uint_t llmp_decide_member_is_scalar(const llmp_member_t *m,
    const char *const *values);
static llmp_int_t llmp_decide_member_check_type(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_uint_t llmp_decide_member_wrong_types(llmp_decider_t *dc,
    const llmp_member_t *m);
static const llmp_rule_t *llmp_decide_member_rule_inside(llmp_decider_t *dc,
    const llmp_watch_t *w, llmp_uint_t type);
static llmp_int_t llmp_decide_member_refuse_type(llmp_decider_t *dc,
    const llmp_member_t *m, const char *ruled);


llmp_int_t
llmp_decide_members(llmp_decider_t *dc)
{
    uint32_t                      i;
    const llmp_member_t          *m;
    const llmp_decider_member_t  *state;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];
        state = &dc->state[i];

        if ((state->thinking == 0
             && !llmp_decide_member_has_rules(dc, m->watch))
            || state->remove
            || (i != dc->scope && dc->state[m->parent].replaced))
        {
            continue;
        }

        if (state->thinking == LLMP_DECIDER_OFF) {
            if (llmp_decide_thinking_turn_off(dc, i) != LLMP_OK) {
                return LLMP_ERROR;
            }

            continue;
        }

        if (llmp_decide_member(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* returns whether any rule may apply to a member */

static llmp_uint_t
llmp_decide_member_has_rules(llmp_decider_t *dc, const llmp_watch_t *w)
{
    return (w->rules.params_below & dc->ruled) != 0
           || (w->rules.params & dc->as) != 0
           || (w->rules.bypasses & dc->bounded) != 0
           || w->rules.pointer || w->rules.inner || w->rules.bypasses_models
           || dc->decision->dialect->reject_aliases;
}


llmp_int_t
llmp_decide_member(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              left;
    llmp_uint_t           nedits, ruled, lowered, p;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    w = m->watch;
    nedits = dc->decision->edits.nelts;

    if (dc->decision->dialect->reject_aliases
        && llmp_decide_member_check_alias(dc, m) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    /* a pointer names one member: its rule replaces that of the parameter */

    rule = llmp_decider_pointer_rule(dc, w);
    left = (rule == NULL) ? (w->rules.params & dc->ruled) : 0;
    ruled = (rule != NULL || left != 0);
    lowered = (dc->state[i].thinking == LLMP_DECIDER_LOWERED);

    if (rule != NULL && !lowered
        && llmp_decide_value(dc, rule, i, LLMP_PARAM_MAX) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    llmp_param_for_each(p, left) {
        rule = dc->params[p];

        if (lowered && p == LLMP_THINKING_BUDGET) {
            continue;
        }

        if (llmp_decide_value(dc, rule, i, p) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    if (!ruled && llmp_decide_member_check_bypass(dc, m) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (lowered) {
        return llmp_decide_thinking_lower(dc, i);
    }

    if ((w->rules.params & dc->as) != 0 && !dc->state[i].remove
        && nedits == dc->decision->edits.nelts
        && llmp_decide_facts_set_name(dc, i) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (dc->state[i].remove || (rule != NULL && rule->force != NULL)) {
        return LLMP_OK;
    }

    return llmp_decide_member_check_type(dc, m);
}


/*
 * Refuses a parameter under two native names, and two objects that may contain
 * it: some readers use one of them, others merge them.
 */

static llmp_int_t
llmp_decide_member_check_alias(llmp_decider_t *dc, const llmp_member_t *m)
{
    char                 path[LLMP_PARAM_NAME];
    uint64_t             params, holds, outer;
    const llmp_watch_t  *w;

    w = m->watch;
    params = w->rules.native ? w->rules.params : 0;
    holds = w->rules.scope ? 0 : w->rules.params_of_children;
    outer = w->rules.scope ? 0 : w->rules.params_of_objects;

    if (((params & dc->name_seen) | (holds & dc->object_seen)
         | (outer & dc->outer_seen))
        & dc->ruled)
    {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_AMBIGUOUS_MEMBER,
                           llmp_watch_write_path(w, path, sizeof(path)),
                           "%s is another name of a member that is present; "
                           "send one of them", path);
    }

    dc->name_seen |= params;
    dc->object_seen |= holds;
    dc->outer_seen |= outer;

    return LLMP_OK;
}


/* refuses a member without a rule that can bypass the rule of a parameter,
   unless its value is neutral */

static llmp_int_t
llmp_decide_member_check_bypass(llmp_decider_t *dc, const llmp_member_t *m)
{
    char                 path[LLMP_PARAM_NAME];
    uint64_t             params;
    const llmp_watch_t  *w;

    w = m->watch;
    params = w->rules.bypasses & dc->bounded;

    if (params != 0 && w->rules.thinking_type) {
        params = llmp_decide_thinking_evades(dc, m, params);
    }

    if ((params == 0 && !(w->rules.bypasses_models && dc->models))
        || llmp_decide_member_is_neutral(m))
    {
        return LLMP_OK;
    }

    if (params != 0) {
        return llmp_decide_member_refuse_bypass(dc, w, params);
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_UNDERMINES_POLICY,
                       llmp_watch_write_path(w, path, sizeof(path)),
                       "%s can select a model that the policy does not check",
                       path);
}


static llmp_int_t
llmp_decide_member_refuse_bypass(llmp_decider_t *dc, const llmp_watch_t *w,
    uint64_t params)
{
    char                path[LLMP_PARAM_NAME];
    const char         *undone, *hint, *rule;
    const llmp_str_t   *owner;
    const llmp_tier_t  *tier;

    tier = dc->decision->tier;
    owner = llmp_tier_owner(tier);
    undone = (char *) llmp_params[llmp_param_lowest(params)].name.data;
    hint = "";
    rule = "";

    if (w->rules.params & llmp_mask(LLMP_THINKING_BUDGET)) {

        /* a parameter without a rule */

        hint = "; the policy needs a rule for ";
        rule = "thinking_budget";

    } else if (w->rules.thinking_type && dc->decision->dialect->adaptive) {
        hint = "; send a budget, or the policy needs a rule for ";
        rule = "reasoning_effort";
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_UNDERMINES_POLICY,
                       llmp_watch_write_path(w, path, sizeof(path)),
                       "%s can undo the bound on %s for %s \"%.*s\"%s%s",
                       path, undone, llmp_tier_kind(tier), (int) owner->len,
                       owner->data, hint, rule);
}


/* returns whether a member has a value with which it bypasses nothing */

static llmp_uint_t
llmp_decide_member_is_neutral(const llmp_member_t *m)
{
    const llmp_watch_t  *w;

    w = m->watch;

    switch (m->type) {

    case LLMP_TYPE_NULL:
        return 1;

    case LLMP_TYPE_OBJECT:

        if (w->rules.unless_object) {
            return 1;
        }

        /* fall through */

    case LLMP_TYPE_ARRAY:
        return m->count == 0 && !w->rules.empty;

    default:
        return w->rules.neutral != NULL
               && llmp_decide_member_is_scalar(m, w->rules.neutral);
    }
}


/* returns whether a member is equal to one of several JSON scalars, of which
   strings have no escapes; numbers are compared as decimals */

static llmp_uint_t
llmp_decide_member_is_scalar(const llmp_member_t *m, const char *const *values)
{
    llmp_str_t      text;
    llmp_decimal_t  number, other;

    if (m->cut
        || (m->type == LLMP_TYPE_NUMBER
            && llmp_decimal_parse(&number, &m->text) != LLMP_OK))
    {
        return 0;
    }

    for ( /* void */ ; *values != NULL; values++) {

        if (m->type != LLMP_TYPE_NUMBER) {
            if (llmp_str_is(&m->text, *values)) {
                return 1;
            }

            continue;
        }

        text.data = (u_char *) *values;
        text.len = strlen(*values);

        if (llmp_decimal_parse(&other, &text) == LLMP_OK
            && llmp_decimal_cmp(&number, &other) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Refuses a wrong type of a member that may contain policed members.  A string
 * or an array might contain them in a form that only the upstream reads.  If
 * the API documents them there, they can be added to an object only.
 */

static llmp_int_t
llmp_decide_member_check_type(llmp_decider_t *dc, const llmp_member_t *m)
{
    uint64_t             inside;
    const llmp_rule_t   *rule;
    const llmp_param_t  *param;
    const llmp_watch_t  *w;

    w = m->watch;
    inside = w->rules.params_below & ~w->rules.params & dc->ruled;

    if (inside != 0 && (m->type & llmp_decide_member_wrong_types(dc, m))) {
        param = &llmp_params[llmp_param_lowest(inside)];

        return llmp_decide_member_refuse_type(dc, m, (char *) param->name.data);
    }

    rule = NULL;

    if (w->rules.inner && m->type != LLMP_TYPE_OBJECT
        && m->type != LLMP_TYPE_NULL)
    {
        rule = llmp_decide_member_rule_inside(dc, w, m->type);
    }

    return (rule != NULL)
           ? llmp_decide_member_refuse_type(dc, m, (char *) rule->name.data)
           : LLMP_OK;
}


/* returns the types that a member around policed members must not have */

static llmp_uint_t
llmp_decide_member_wrong_types(llmp_decider_t *dc, const llmp_member_t *m)
{
    llmp_uint_t          types, batch, native;
    const llmp_watch_t  *w;

    w = m->watch;
    batch = dc->decision->dialect->scope != NULL;
    native = (w->rules.params_of_children & dc->ruled) != 0;

    types = LLMP_TYPE_STRING|LLMP_TYPE_ARRAY;

    if (native || batch) {
        types |= LLMP_TYPE_NUMBER|LLMP_TYPE_BOOLEAN;
    }

    if (w->element == NULL) {
        return types;
    }

    if (batch && w->nchildren == 0 && w->shared == NULL) {

        /* a list of requests must be an array */

        types |= LLMP_TYPE_OBJECT;
    }

    /* an array must have a place for absent members */

    if (!native || (m->count != 0
                    && w->element->rules.params_of_children != 0))
    {
        types &= ~(llmp_uint_t) LLMP_TYPE_ARRAY;
    }

    return types;
}


/* returns a pointer rule that bounds, removes or requires a member inside w, or
   NULL; elements of an array are not members inside it */

static const llmp_rule_t *
llmp_decide_member_rule_inside(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t type)
{
    llmp_uint_t           i;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *child;

    for (i = 0; i < w->nchildren; i++) {
        child = w->children[i];

        if (type == LLMP_TYPE_ARRAY
            && child->name.len != 0 && child->name.data[0] <= '9')
        {
            /* the number may be the index of an element */

            continue;
        }

        rule = llmp_decider_pointer_rule(dc, child);

        if (rule != NULL
            && (llmp_rule_bounds(rule) || rule->remove || rule->require))
        {
            return rule;
        }

        rule = child->rules.inner
               ? llmp_decide_member_rule_inside(dc, child,
                                                LLMP_TYPE_OBJECT) : NULL;

        if (rule != NULL) {
            return rule;
        }
    }

    return NULL;
}


static llmp_int_t
llmp_decide_member_refuse_type(llmp_decider_t *dc, const llmp_member_t *m,
    const char *ruled)
{
    char         path[LLMP_PARAM_NAME];
    const char  *wanted;

    wanted = (m->type == LLMP_TYPE_OBJECT) ? "an array" : "an object";

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                       llmp_watch_write_path(m->watch, path, sizeof(path)),
                       "%s must be %s, not %s: the policy checks %s inside it",
                       path, wanted, llmp_type_name(m->type), ruled);
}
