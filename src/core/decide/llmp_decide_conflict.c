
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_conflict.h"
#include "json/llmp_json_string.h"
#include "json/llmp_scan.h"


static llmp_int_t llmp_decide_conflict_mark_replaced(llmp_decider_t *dc,
    uint32_t i);
static void llmp_decide_conflict_freeze(llmp_decider_t *dc,
    const llmp_watch_t *w);
static llmp_uint_t llmp_decide_conflict_is_rewritten(llmp_decider_t *dc,
    const llmp_watch_t *w);
static void llmp_decide_conflict_note(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t type, const llmp_str_t *text);
static llmp_uint_t llmp_decide_conflict_matches(const llmp_watch_t *w,
    llmp_uint_t type, const llmp_str_t *text);


llmp_int_t
llmp_decide_conflict_find_replaced(llmp_decider_t *dc)
{
    uint32_t  i;

    for (i = dc->scope; i <= dc->end; i++) {
        if (llmp_decide_conflict_mark_replaced(dc, i) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


void
llmp_decide_conflict_find(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];
        w = m->watch;

        if ((w->rules.hides_defaults | w->rules.freezes) == 0
            || dc->state[i].replaced || m->type == LLMP_TYPE_NULL)
        {
            continue;
        }

        dc->default_hidden |= w->rules.hides_defaults;

        if (llmp_decide_conflict_matches(w, m->type, &m->text)) {
            llmp_decide_conflict_freeze(dc, w);
        }
    }
}


static void
llmp_decide_conflict_freeze(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint64_t     left;
    llmp_uint_t  i;

    left = w->rules.freezes;

    llmp_param_for_each(i, left) {

        if ((dc->frozen & llmp_mask(i))
            && dc->frozen_at[i] != w->rules.freezes_at)
        {
            /* no number satisfies both */

            dc->frozen_at[i] = NULL;

        } else {
            dc->frozen_at[i] = w->rules.freezes_at;
        }
    }

    dc->frozen |= w->rules.freezes;
}


/* marks a member that a pointer rule removes or rewrites */

static llmp_int_t
llmp_decide_conflict_mark_replaced(llmp_decider_t *dc, uint32_t i)
{
    const llmp_rule_t    *rule;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (dc->state[i].replaced) {

        /* an unknown member that is removed */

        return LLMP_OK;
    }

    if (i != dc->scope && dc->state[m->parent].replaced) {
        dc->state[i].replaced = 1;
        return LLMP_OK;
    }

    rule = llmp_decider_pointer_rule(dc, m->watch);

    if (rule == NULL) {
        dc->state[i].replaced = m->watch->rules.inner
                            && llmp_decide_conflict_is_rewritten(dc, m->watch);
        return LLMP_OK;
    }

    if (rule->remove) {
        dc->state[i].replaced = 1;
        return LLMP_OK;
    }

    if (rule->force == NULL
        && (rule->fallback == NULL || m->type != LLMP_TYPE_NULL))
    {
        return LLMP_OK;
    }

    dc->state[i].replaced = 1;

    return llmp_decide_conflict_add_value(dc, m->watch, llmp_rule_value(rule));
}


/* returns whether a rule of a parameter rewrites the value around a pointer */

static llmp_uint_t
llmp_decide_conflict_is_rewritten(llmp_decider_t *dc, const llmp_watch_t *w)
{
    uint64_t            left;
    llmp_uint_t         i;
    const llmp_rule_t  *rule;

    left = w->rules.params & dc->ruled;

    llmp_param_for_each(i, left) {
        rule = dc->params[i];

        if (rule->remove || rule->force != NULL) {
            return 1;
        }
    }

    return 0;
}


void
llmp_decide_conflict_collect(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.conflicts != 0
            && !dc->state[i].remove && !dc->state[i].replaced
            && llmp_decide_conflict_matches(m->watch, m->type, &m->text))
        {
            dc->conflicting |= m->watch->rules.conflicts;
        }
    }
}


llmp_int_t
llmp_decide_conflict_add_value(llmp_decider_t *dc, const llmp_watch_t *w,
    const llmp_value_t *value)
{
    uint32_t              i;
    llmp_scan_t          *scan;
    const llmp_member_t  *m;

    if (value->type != LLMP_TYPE_NULL) {
        dc->default_hidden |= w->rules.hides_defaults;
    }

    llmp_decide_conflict_note(dc, w, value->type, &value->text);

    if (value->type != LLMP_TYPE_OBJECT) {
        return LLMP_OK;
    }

    /* the names are from the policy: their hash needs no secret */

    scan = llmp_palloc(dc->pool, sizeof(llmp_scan_t));
    if (scan == NULL) {
        return llmp_decider_fail(dc);
    }

    llmp_scan_init(scan, w, dc->pool, 1);

    if (llmp_scan_feed(scan, value->text.data, value->text.len, 1) != LLMP_OK)
    {
        dc->decision->refusal = scan->refusal;
        return LLMP_ERROR;
    }

    for (i = 1; i < scan->members.nelts; i++) {
        m = &scan->members.elts[i];

        llmp_decide_conflict_note(dc, m->watch, m->type, &m->text);
    }

    return LLMP_OK;
}


/* notes the parameters that conflict with a value that a rule writes */

static void
llmp_decide_conflict_note(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t type, const llmp_str_t *text)
{
    if (llmp_decide_conflict_matches(w, type, text)) {
        dc->conflicting |= w->rules.conflicts;
        llmp_decide_conflict_freeze(dc, w);
    }
}


/*
 * Returns whether the value of a member conflicts with parameters.  text is
 * JSON, and type is its type.
 */

static llmp_uint_t
llmp_decide_conflict_matches(const llmp_watch_t *w, llmp_uint_t type,
    const llmp_str_t *text)
{
    u_char              buf[LLMP_MEMBER_TEXT_MAX];
    llmp_str_t          value;
    const char *const  *when;

    if (type == LLMP_TYPE_NULL
        || (w->rules.conflicts | w->rules.freezes) == 0)
    {
        return 0;
    }

    if (w->rules.conflict_values == NULL) {
        return 1;
    }

    if (type != LLMP_TYPE_STRING || text->len > LLMP_MEMBER_TEXT_MAX) {
        return 0;
    }

    value.data = buf;
    value.len = llmp_json_string_decode(buf, text);

    for (when = w->rules.conflict_values; *when != NULL; when++) {
        if (llmp_str_is(&value, *when)) {
            return 1;
        }
    }

    return 0;
}
