
/*
 * Copyright (C) llm-policy authors
 *
 * Members that are absent, or null, and must not be: defaults, forced values,
 * and bounds that the upstream's own default does not keep.
 */


#include "decide/llmp_decider.h"
#include "base/llmp_decimal.h"
#include "watch/llmp_fold.h"


/* the longest path of a slot, in steps */
#define LLMP_SLOT_STEPS  4


static llmp_int_t llmp_decide_absent_param(llmp_decider_t *dc,
    llmp_uint_t param);
static llmp_uint_t llmp_decide_has(llmp_decider_t *dc, llmp_uint_t param,
    uint32_t base, uint32_t *null);
static llmp_int_t llmp_decide_absent_in(llmp_decider_t *dc,
    llmp_uint_t param, uint32_t base, uint32_t null, const llmp_str_t *text,
    llmp_action_e action);
static llmp_uint_t llmp_decide_bring(const llmp_rule_t *rule,
    const llmp_slot_t *slot, llmp_str_t *text, llmp_action_e *action);
static llmp_uint_t llmp_decide_lists(const llmp_rule_t *rule,
    const llmp_str_t *text);
static const llmp_watch_t *llmp_decide_spelling(llmp_decider_t *dc,
    llmp_uint_t param, const llmp_watch_t *container);
static llmp_int_t llmp_decide_absent_container(llmp_decider_t *dc,
    llmp_uint_t param, const llmp_str_t *text, llmp_action_e action);
static const llmp_watch_t *llmp_decide_at(llmp_decider_t *dc,
    const llmp_step_t *steps, llmp_uint_t nsteps);
static llmp_int_t llmp_decide_absent_pointer(llmp_decider_t *dc,
    llmp_uint_t pointer);
static llmp_int_t llmp_decide_place(llmp_decider_t *dc,
    const llmp_rule_t *rule, llmp_uint_t param, uint32_t base,
    const llmp_step_t *steps, llmp_uint_t nsteps, const llmp_str_t *text,
    llmp_action_e action);
static llmp_uint_t llmp_decide_supplied(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *steps, llmp_uint_t nsteps);
static llmp_uint_t llmp_decide_constant(llmp_decider_t *dc,
    const llmp_watch_t *w);
static uint32_t llmp_decide_child(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *step);
static llmp_int_t llmp_decide_put(llmp_decider_t *dc,
    const llmp_rule_t *rule, llmp_uint_t param, uint32_t i,
    const llmp_str_t *text, llmp_action_e action);
static llmp_int_t llmp_decide_required(llmp_decider_t *dc,
    const llmp_rule_t *rule);
static llmp_int_t llmp_decide_wanted(llmp_decider_t *dc, llmp_uint_t param,
    llmp_str_t *text, llmp_action_e *action);
static llmp_int_t llmp_decide_fallback(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_slot_t *slot, llmp_str_t *text, llmp_action_e *action);


llmp_int_t
llmp_decide_absent(llmp_decider_t *dc)
{
    uint64_t     left;
    llmp_uint_t  i;

    /* what a pointer adds goes before what a parameter adds there */

    for (i = 0; i < dc->decision->policy->npointers; i++) {
        if (dc->pointers[i] != NULL
            && llmp_decide_absent_pointer(dc, i) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    /* a member that goes may be one that was seen there */

    left = dc->ruled;

    if (!dc->removes && dc->pointers == NULL) {
        left &= ~dc->settled;
    }

    for ( /* void */ ; left != 0; left &= left - 1) {
        if (llmp_decide_absent_param(dc, llmp_lowest(left)) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/*
 * Each object that may hold the parameter natively must hold it.  If there is
 * no such object yet, it is made, where the dialect writes it.
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

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (!(m->watch->rules.params_of_children & llmp_mask(param))
            || m->type != LLMP_TYPE_OBJECT || dc->state[i].gone)
        {
            continue;
        }

        found = 1;

        if (llmp_decide_has(dc, param, i, &null)) {
            continue;
        }

        if (rc == LLMP_AGAIN) {
            rc = llmp_decide_wanted(dc, param, &text, &action);
        }

        if (rc == LLMP_DECLINED) {
            return LLMP_OK;
        }

        if (llmp_decide_absent_in(dc, param, i, null, &text, action)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (found || llmp_decide_wanted(dc, param, &text, &action) != LLMP_OK) {
        return LLMP_OK;
    }

    return llmp_decide_absent_container(dc, param, &text, action);
}


/* whether an object holds the parameter; *null is one that is null, or 0 */

static llmp_uint_t
llmp_decide_has(llmp_decider_t *dc, llmp_uint_t param, uint32_t base,
    uint32_t *null)
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


/*
 * What is to be written if the parameter is absent.  Returns LLMP_OK with text
 * (empty if the parameter is required: nothing can be written then), or
 * LLMP_DECLINED if it may be absent.
 */

static llmp_int_t
llmp_decide_wanted(llmp_decider_t *dc, llmp_uint_t param, llmp_str_t *text,
    llmp_action_e *action)
{
    const llmp_slot_t  *slot;

    slot = llmp_dialect_slot(dc->decision->dialect, (llmp_param_e) param);

    if (slot == NULL
        || llmp_decide_fallback(dc, param, slot, text, action) != LLMP_OK)
    {
        return LLMP_DECLINED;
    }

    if (text->len != 0 && (dc->clashed & llmp_mask(param))) {

        /* added, it would make a good request a bad one */

        return LLMP_DECLINED;
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decide_fallback(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_slot_t *slot, llmp_str_t *text, llmp_action_e *action)
{
    llmp_str_t            absent;
    llmp_uint_t           known;
    llmp_decimal_t        number;
    const llmp_rule_t    *rule;
    const llmp_value_t   *value;

    rule = dc->params[param];
    text->len = 0;
    text->data = NULL;
    *action = LLMP_ACTION_NONE;

    if (rule->require) {
        return LLMP_OK;
    }

    if (!dc->decision->dialect->generates) {
        return LLMP_DECLINED;
    }

    *action = rule->force ? LLMP_ACTION_FORCE : LLMP_ACTION_DEFAULT;
    value = rule->force ? rule->force : rule->fallback;

    if (value != NULL) {
        *text = llmp_decide_legal(slot, value);
        return LLMP_OK;
    }

    if (rule->min == NULL && rule->max == NULL) {
        return LLMP_DECLINED;
    }

    known = slot->absent != NULL;

    absent.data = (u_char *) (known ? slot->absent : "");
    absent.len = strlen((char *) absent.data);

    if (known && llmp_decimal_parse(&number, &absent) != LLMP_OK) {

        /* an absent one is no value */

        return LLMP_DECLINED;
    }

    if (rule->max != NULL
        && (!known || llmp_decimal_cmp(&number, &rule->max->number) > 0))
    {
        *action = LLMP_ACTION_MAX;
        *text = llmp_decide_legal(slot, rule->max);
        return LLMP_OK;
    }

    if (rule->min != NULL
        && (!known || llmp_decimal_cmp(&number, &rule->min->number) < 0))
    {
        *action = LLMP_ACTION_MIN;
        *text = llmp_decide_legal(slot, rule->min);
        return LLMP_OK;
    }

    if (dc->unsettled & llmp_mask(param)) {

        /* within bounds, but only if it is said */

        *text = absent;
        return LLMP_OK;
    }

    return LLMP_DECLINED;
}


static llmp_int_t
llmp_decide_absent_in(llmp_decider_t *dc, llmp_uint_t param, uint32_t base,
    uint32_t null, const llmp_str_t *text, llmp_action_e action)
{
    llmp_str_t            value;
    llmp_step_t          *step;
    const llmp_rule_t    *rule;
    const llmp_watch_t   *w;
    const llmp_member_t  *members;

    rule = dc->params[param];
    members = dc->members->elts;
    value = *text;

    w = (null != 0) ? members[null].watch
                    : llmp_decide_spelling(dc, param, members[base].watch);

    if (!llmp_decide_admits(dc, w, param, &value, &action)) {
        return LLMP_OK;
    }

    if (value.len == 0) {
        return llmp_decide_required(dc, rule);
    }

    if (null != 0) {
        return llmp_decide_put(dc, rule, param, null, &value, action);
    }

    step = llmp_pcalloc(dc->pool, sizeof(llmp_step_t));
    if (step == NULL) {
        return llmp_decide_nomem(dc);
    }

    step->name = w->name;
    dc->clashed |= w->rules.clashes;

    llmp_decide_changed(dc, rule, param, NULL, &value, action);

    return llmp_decide_add(dc, base, step, 1, &value);
}


llmp_uint_t
llmp_decide_admits(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t param, llmp_str_t *text, llmp_action_e *action)
{
    const llmp_rule_t  *rule;

    rule = (w != NULL && w->rules.pointer != 0)
           ? dc->pointers[w->rules.pointer - 1] : NULL;

    return rule == NULL
           || llmp_decide_bring(rule,
                                llmp_dialect_slot(dc->decision->dialect,
                                                  (llmp_param_e) param),
                                text, action);
}


/* brings what a parameter's rule writes within a pointer's, if that may be */

static llmp_uint_t
llmp_decide_bring(const llmp_rule_t *rule, const llmp_slot_t *slot,
    llmp_str_t *text, llmp_action_e *action)
{
    llmp_decimal_t  number;

    if (text->len == 0) {
        return 0;
    }

    if (rule->allow != NULL) {
        return llmp_decide_lists(rule, text);
    }

    if ((rule->min == NULL && rule->max == NULL)
        || llmp_decimal_parse(&number, text) != LLMP_OK)
    {
        return 0;
    }

    if (rule->max != NULL && llmp_decimal_cmp(&number, &rule->max->number) > 0)
    {
        *text = llmp_decide_legal(slot, rule->max);
        *action = LLMP_ACTION_MAX;

    } else if (rule->min != NULL
               && llmp_decimal_cmp(&number, &rule->min->number) < 0)
    {
        *text = llmp_decide_legal(slot, rule->min);
        *action = LLMP_ACTION_MIN;
    }

    return 1;
}


static llmp_uint_t
llmp_decide_lists(const llmp_rule_t *rule, const llmp_str_t *text)
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


/* the name to write: the dialect's first, but for models that need another */

static const llmp_watch_t *
llmp_decide_spelling(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_watch_t *container)
{
    size_t                  len;
    llmp_str_t              name;
    llmp_uint_t             i;
    const llmp_watch_t     *w, *best;
    const llmp_variant_t   *v;

    name.data = NULL;
    name.len = 0;

    for (v = dc->decision->dialect->variants; v && v->model; v++) {
        len = strlen(v->model);

        if (v->param == (llmp_param_e) param && dc->model.len >= len
            && memcmp(dc->model.data, v->model, len) == 0)
        {
            name.data = (u_char *) v->path;
            name.len = strlen(v->path);
            break;
        }
    }

    best = NULL;

    for (i = 0; i < container->nchildren; i++) {
        w = container->children[i];

        if (!w->rules.native || !(w->rules.params & llmp_mask(param))) {
            continue;
        }

        if (llmp_str_eq(&w->name, &name)) {
            return w;
        }

        if (best == NULL || w->rules.rank < best->rules.rank) {
            best = w;
        }
    }

    return best;
}


static llmp_int_t
llmp_decide_absent_container(llmp_decider_t *dc, llmp_uint_t param,
    const llmp_str_t *text, llmp_action_e action)
{
    llmp_str_t           value;
    const char          *path;
    llmp_uint_t          n;
    llmp_step_t         *steps;
    const llmp_slot_t   *slot;
    const llmp_watch_t  *w;

    if (text->len == 0) {
        return llmp_decide_required(dc, dc->params[param]);
    }

    if (dc->decision->dialect->inside) {
        return LLMP_OK;
    }

    steps = llmp_pcalloc(dc->pool, LLMP_SLOT_STEPS * sizeof(llmp_step_t));
    if (steps == NULL) {
        return llmp_decide_nomem(dc);
    }

    slot = llmp_dialect_slot(dc->decision->dialect, (llmp_param_e) param);
    path = slot->paths[0];

    for (n = 0; n < LLMP_SLOT_STEPS && *path != '\0'; n++) {
        steps[n].name.data = (u_char *) path;
        steps[n].name.len = strcspn(path, ".");

        path += steps[n].name.len;

        if (*path == '.') {
            path++;
        }
    }

    value = *text;
    w = llmp_decide_at(dc, steps, n);

    return llmp_decide_admits(dc, w, param, &value, &action)
           ? llmp_decide_place(dc, dc->params[param], param, dc->scope, steps,
                               n, &value, action)
           : LLMP_OK;
}


/* where steps from the request lead to, or NULL */

static const llmp_watch_t *
llmp_decide_at(llmp_decider_t *dc, const llmp_step_t *steps,
    llmp_uint_t nsteps)
{
    const llmp_watch_t  *w;

    w = dc->members->elts[dc->scope].watch;

    return llmp_watch_at((llmp_watch_t *) w, steps, nsteps);
}


/*
 * A pointer's bounds add nothing: whether the API has such a member at all is
 * not known.
 */

static llmp_int_t
llmp_decide_absent_pointer(llmp_decider_t *dc, llmp_uint_t pointer)
{
    llmp_str_t              empty = llmp_null_string;
    llmp_uint_t             nchanges;
    llmp_action_e           action;
    const llmp_rule_t      *rule;
    const llmp_value_t     *value;
    const llmp_watch_t     *w;
    const llmp_pointer_t   *p;

    rule = dc->pointers[pointer];
    p = &dc->decision->policy->pointers[pointer];
    nchanges = dc->decision->nchanges;

    action = LLMP_ACTION_DEFAULT;
    value = rule->fallback;

    if (rule->force != NULL) {
        action = LLMP_ACTION_FORCE;
        value = rule->force;
    }

    if (rule->require) {
        return llmp_decide_place(dc, rule, LLMP_PARAM_MAX, dc->scope, p->steps,
                                 p->nsteps, &empty, LLMP_ACTION_NONE);
    }

    if (value == NULL || !dc->decision->dialect->generates
        || (dc->decision->boundary.len != 0 && p->nsteps != 1))
    {
        /* a form has no objects */

        return LLMP_OK;
    }

    if (llmp_decide_place(dc, rule, LLMP_PARAM_MAX, dc->scope, p->steps,
                          p->nsteps, &value->text, action)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (dc->decision->nchanges == nchanges) {

        /* it is there */

        return LLMP_OK;
    }

    w = llmp_decide_at(dc, p->steps, p->nsteps);

    return (w != NULL) ? llmp_decide_written(dc, w, value) : LLMP_OK;
}


/*
 * Follows the steps from base as far as the document has them, and adds the
 * rest there.  Nothing is added to an array, nor to what is not an object.
 * If text is empty, nothing can be added: the member is required.
 */

static llmp_int_t
llmp_decide_place(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, uint32_t base, const llmp_step_t *steps,
    llmp_uint_t nsteps, const llmp_str_t *text, llmp_action_e action)
{
    uint32_t              child;
    llmp_uint_t           type;

    while (nsteps > 0) {
        child = llmp_decide_child(dc, base, steps);

        if (child == 0) {
            break;
        }

        base = child;
        steps++;
        nsteps--;
    }

    type = dc->members->elts[base].type;

    if (nsteps == 0 && type != LLMP_TYPE_NULL) {
        return LLMP_OK;
    }

    if (text->len == 0) {
        return llmp_decide_required(dc, rule);
    }

    if (nsteps == 0) {
        return llmp_decide_put(dc, rule, param, base, text, action);
    }

    if ((type != LLMP_TYPE_OBJECT && type != LLMP_TYPE_NULL)
        || llmp_decide_supplied(dc, base, steps, nsteps))
    {
        return LLMP_OK;
    }

    llmp_decide_changed(dc, rule, param, NULL, text, action);

    return llmp_decide_add(dc, base, steps, nsteps, text);
}


/*
 * Whether a rule about something further out writes all that is there, which
 * keeps the rules about what is inside: they were asked when the policy was
 * loaded, see llmp_policy_constant.c.
 */

static llmp_uint_t
llmp_decide_supplied(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *steps, llmp_uint_t nsteps)
{
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    m = &dc->members->elts[base];
    w = m->watch;

    if (dc->state[base].gone
        || (m->type == LLMP_TYPE_NULL && llmp_decide_constant(dc, w)))
    {
        return 1;
    }

    for ( /* void */ ; nsteps > 1; steps++, nsteps--) {
        w = llmp_watch_at((llmp_watch_t *) w, steps, 1);

        if (w == NULL) {
            return 0;
        }

        if (llmp_decide_constant(dc, w)) {
            return 1;
        }
    }

    return 0;
}


/* whether a rule writes what is absent at a place */

static llmp_uint_t
llmp_decide_constant(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint64_t            left;
    const llmp_rule_t  *rule;

    rule = (w->rules.pointer != 0) ? dc->pointers[w->rules.pointer - 1] : NULL;

    if (rule != NULL) {
        return rule->force != NULL || rule->fallback != NULL;
    }

    left = w->rules.native ? (w->rules.params & dc->ruled) : 0;

    for ( /* void */ ; left != 0; left &= left - 1) {
        rule = dc->params[llmp_lowest(left)];

        if (rule->force != NULL || rule->fallback != NULL) {
            return 1;
        }
    }

    return 0;
}


/* the member of base that a step leads to, or 0 */

static uint32_t
llmp_decide_child(llmp_decider_t *dc, uint32_t base, const llmp_step_t *step)
{
    uint32_t              i;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;

    for (i = base + 1; i <= members[base].last; i = members[i].last + 1) {
        m = &members[i];

        if (m->parent == base && !dc->state[i].remove
            && llmp_decide_is(dc, &m->watch->name, &step->name))
        {
            return i;
        }
    }

    return 0;
}


llmp_uint_t
llmp_decide_is(llmp_decider_t *dc, const llmp_str_t *name,
    const llmp_str_t *step)
{
    u_char      one[LLMP_KEY_MAX], two[LLMP_KEY_MAX];
    llmp_str_t  a, b;

    if (llmp_str_eq(name, step)) {
        return 1;
    }

    if (!dc->decision->dialect->one_name) {
        return 0;
    }

    a.data = one;
    a.len = llmp_fold(one, name->data, name->len);
    b.data = two;
    b.len = llmp_fold(two, step->data, step->len);

    return llmp_str_eq(&a, &b);
}


/* writes a value in the place of null */

static llmp_int_t
llmp_decide_put(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, uint32_t i, const llmp_str_t *text,
    llmp_action_e action)
{
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    dc->clashed |= m->watch->rules.clashes;

    llmp_decide_changed(dc, rule, param, m, text, action);

    return llmp_decide_set(dc, m, text);
}


static llmp_int_t
llmp_decide_required(llmp_decider_t *dc, const llmp_rule_t *rule)
{
    const llmp_tier_t  *tier;

    if (dc->so_far) {
        return LLMP_OK;
    }

    tier = dc->decision->tier;

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                       (char *) rule->name.data,
                       "%s is required for tier \"%.*s\"",
                       (char *) rule->name.data,
                       (int) tier->name.len, tier->name.data);
}
