
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_need.h"
#include "decide/llmp_decide_place.h"
#include "decide/llmp_decide_record.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"


static llmp_uint_t llmp_decide_need_may_remove(llmp_decider_t *dc, uint32_t i);
static llmp_uint_t llmp_decide_need_is_changed(llmp_decider_t *dc, uint32_t i);
static llmp_uint_t llmp_decide_need_is_lost(llmp_decider_t *dc,
    const llmp_need_t *need, const llmp_rule_t **rule);
static llmp_uint_t llmp_decide_need_was_sent(llmp_decider_t *dc,
    const llmp_watch_t *w);
static const llmp_rule_t *llmp_decide_need_rule(llmp_decider_t *dc,
    const llmp_watch_t *w);
static llmp_int_t llmp_decide_need_remove_member(llmp_decider_t *dc, uint32_t i,
    const llmp_rule_t *rule);
static llmp_uint_t llmp_decide_need_param(llmp_decider_t *dc,
    const llmp_watch_t *w);
static llmp_uint_t llmp_decide_need_is_added(llmp_decider_t *dc,
    const llmp_watch_t *w, const llmp_rule_t *rule);
static llmp_uint_t llmp_decide_need_has_member(llmp_decider_t *dc, uint32_t i);
static llmp_uint_t llmp_decide_need_has_text(llmp_uint_t type,
    const llmp_str_t *text);


llmp_uint_t
llmp_decide_need_is_met(llmp_decider_t *dc, const llmp_watch_t *w)
{
    llmp_uint_t          i;
    const llmp_need_t   *need;
    const llmp_watch_t  *root, *other;

    while (w != NULL
           && (w->rules.need == NULL
               || (w->rules.need->flags & LLMP_NEED_WRITABLE)))
    {
        w = w->parent;
    }

    if (w == NULL || dc->decision->needs_met) {
        return 1;
    }

    need = w->rules.need;
    root = dc->members->elts[dc->scope].watch;

    if (need->flags & LLMP_NEED_UNWRITTEN) {
        return 0;
    }

    for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {
        other = llmp_dialect_watch_find(root, need->others[i]);

        if (other != NULL && llmp_decide_need_is_sent(dc, other)) {
            return 1;
        }
    }

    return 0;
}


llmp_int_t
llmp_decide_need_remove(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_rule_t    *rule;
    const llmp_member_t  *members;

    members = dc->members->elts;

    for (i = dc->scope + 1; i <= dc->end; i++) {

        if (!llmp_decide_need_may_remove(dc, i)
            || !llmp_decide_need_is_lost(dc, members[i].watch->rules.need,
                                         &rule))
        {
            continue;
        }

        if (llmp_decide_need_remove_member(dc, i, rule) != LLMP_OK) {
            return LLMP_ERROR;
        }

        i = members[i].last;
    }

    return LLMP_OK;
}


/* returns whether a member needs another one, and no rule refuses or has
   changed it */

static llmp_uint_t
llmp_decide_need_may_remove(llmp_decider_t *dc, uint32_t i)
{
    const llmp_rule_t    *rule;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (m->watch->rules.need == NULL || m->type == LLMP_TYPE_NULL
        || dc->state[i].replaced
        || llmp_decide_record_is_gone(dc, i)
        || llmp_decide_need_is_changed(dc, i))
    {
        return 0;
    }

    rule = llmp_decide_need_rule(dc, m->watch);

    return rule == NULL || !rule->deny;
}


/* returns whether an edit writes something to a member or inside it */

static llmp_uint_t
llmp_decide_need_is_changed(llmp_decider_t *dc, uint32_t i)
{
    uint32_t  j;

    for (j = i; j <= dc->members->elts[i].last; j++) {
        if (dc->state[j].added != 0 || dc->state[j].sent.len != 0) {
            return 1;
        }
    }

    return 0;
}


/* returns whether the client has sent one of the members that are needed, and
   none of them will be sent; sets *rule to the rule that is the reason, or
   NULL */

static llmp_uint_t
llmp_decide_need_is_lost(llmp_decider_t *dc, const llmp_need_t *need,
    const llmp_rule_t **rule)
{
    llmp_uint_t          i, lost;
    const llmp_watch_t  *root, *other;

    lost = 0;
    *rule = NULL;
    root = dc->members->elts[dc->scope].watch;

    for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {
        other = llmp_dialect_watch_find(root, need->others[i]);

        if (other == NULL) {
            continue;
        }

        if (llmp_decide_need_is_sent(dc, other)) {
            return 0;
        }

        if (!lost && llmp_decide_need_was_sent(dc, other)) {
            lost = 1;
            *rule = llmp_decide_need_rule(dc, other);
        }
    }

    return lost;
}


/* returns whether the client has sent the member of a node with a value of
   use */

static llmp_uint_t
llmp_decide_need_was_sent(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint32_t              i;
    const llmp_member_t  *m;

    for (i = dc->scope + 1; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch != w || m->type == LLMP_TYPE_NULL) {
            continue;
        }

        if (m->type == LLMP_TYPE_OBJECT || m->type == LLMP_TYPE_ARRAY) {
            if (m->count != 0) {
                return 1;
            }

            continue;
        }

        if (llmp_decide_need_has_text(m->type, &m->text)) {
            return 1;
        }
    }

    return 0;
}


/* returns the rule about a node, or about one around it; or NULL */

static const llmp_rule_t *
llmp_decide_need_rule(llmp_decider_t *dc, const llmp_watch_t *w)
{
    llmp_uint_t          param;
    const llmp_rule_t   *rule;

    param = llmp_decide_need_param(dc, w);

    for ( /* void */ ; w != NULL; w = w->parent) {
        rule = llmp_decider_pointer_rule(dc, w);

        if (rule != NULL) {
            return rule;
        }
    }

    return (param != LLMP_PARAM_MAX) ? dc->params[param] : NULL;
}


static llmp_int_t
llmp_decide_need_remove_member(llmp_decider_t *dc, uint32_t i,
    const llmp_rule_t *rule)
{
    u_char               *p;
    uint32_t              j;
    llmp_str_t            name;
    const char           *path;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    llmp_decide_edits_remove_member(dc, i);

    for (j = i; j <= m->last; j++) {
        dc->state[j].replaced = 1;
    }

    /* "a.b" becomes "/a/b" */

    path = m->watch->rules.need->path;

    name.len = 1 + strlen(path);
    name.data = llmp_palloc(dc->pool, name.len + 1);
    if (name.data == NULL) {
        return llmp_decider_fail(dc);
    }

    p = name.data;
    *p++ = '/';

    for ( /* void */ ; *path != '\0'; path++) {
        *p++ = (*path == '.') ? '/' : (u_char) *path;
    }

    *p = '\0';

    llmp_decide_record_dependent(dc, rule, &name, i);

    return LLMP_OK;
}


llmp_uint_t
llmp_decide_need_is_sent(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint32_t            i;
    llmp_uint_t         present, param;
    const llmp_rule_t  *rule;

    present = 0;
    param = llmp_decide_need_param(dc, w);

    rule = llmp_decider_pointer_rule(dc, w);

    if (rule == NULL && param != LLMP_PARAM_MAX) {
        rule = dc->params[param];
    }

    for (i = dc->scope + 1; i <= dc->end; i++) {

        if (dc->members->elts[i].watch != w
            || dc->members->elts[i].type == LLMP_TYPE_NULL)
        {
            continue;
        }

        present = 1;

        if (rule != NULL && rule->force != NULL) {
            break;
        }

        if ((rule == NULL || !rule->remove) && !dc->state[i].remove
            && llmp_decide_need_has_member(dc, i))
        {
            return 1;
        }
    }

    return present ? (rule != NULL && rule->force != NULL
                      && llmp_decide_need_has_text(rule->force->type,
                                                   &rule->force->text))
                   : llmp_decide_need_is_added(dc, w, rule);
}


/* returns the parameter with a rule for the member of a node, or
   LLMP_PARAM_MAX */

static llmp_uint_t
llmp_decide_need_param(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint64_t  params;

    params = w->rules.native ? w->rules.params & dc->ruled : 0;

    return (params != 0) ? llmp_param_lowest(params) : LLMP_PARAM_MAX;
}


/* returns whether the policy adds the member of node w to a request without it;
   rule is the rule about the node, or NULL */

static llmp_uint_t
llmp_decide_need_is_added(llmp_decider_t *dc, const llmp_watch_t *w,
    const llmp_rule_t *rule)
{
    llmp_str_t           text;
    llmp_uint_t          param;
    llmp_action_e        action;
    const llmp_value_t  *value;

    if (rule == NULL) {
        return 0;
    }

    value = llmp_rule_value(rule);

    if (value != NULL) {
        return llmp_decide_need_has_text(value->type, &value->text);
    }

    /* the parameter's rule may write a value if the pointer's rule does not */

    param = llmp_decide_need_param(dc, w);

    if (param == LLMP_PARAM_MAX || dc->params[param] == rule) {
        return 0;
    }

    value = llmp_rule_value(dc->params[param]);

    if (value == NULL) {
        return 0;
    }

    text = value->text;

    return llmp_decide_need_has_text(value->type, &text)
           && llmp_decide_place_permits(dc, w, param, &text, &action);
}


/* returns whether a member that is present is sent with a value of use */

static llmp_uint_t
llmp_decide_need_has_member(llmp_decider_t *dc, uint32_t i)
{
    uint32_t              outer;
    const llmp_rule_t    *rule;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    for (outer = m->parent; outer != dc->scope;
         outer = dc->members->elts[outer].parent)
    {
        rule = llmp_decider_pointer_rule(dc, dc->members->elts[outer].watch);

        if (dc->state[outer].remove || dc->state[outer].replaced
            || (rule != NULL && rule->remove))
        {
            return 0;
        }
    }

    if (m->type == LLMP_TYPE_OBJECT || m->type == LLMP_TYPE_ARRAY) {
        return m->count > dc->state[i].removed;
    }

    return llmp_decide_need_has_text(m->type, &m->text);
}


static llmp_uint_t
llmp_decide_need_has_text(llmp_uint_t type, const llmp_str_t *text)
{
    size_t  i;

    switch (type) {

    case LLMP_TYPE_BOOLEAN:
        return llmp_str_is(text, "true");

    case LLMP_TYPE_OBJECT:
    case LLMP_TYPE_ARRAY:

        for (i = 1; text->data[i] <= ' '; i++) { /* void */ }

        return i + 1 < text->len;

    default:
        return 0;
    }
}
