
/*
 * Copyright (C) llm-policy authors
 *
 * What was asked and what was done, as texts.
 */


#include "decide/llmp_decider.h"


typedef struct {
    u_char       *pos;      /* NULL: only the length is wanted */
    size_t        len;
} llmp_text_t;


typedef void (*llmp_change_pt)(llmp_text_t *t, const llmp_change_t *change);


static llmp_str_t llmp_changes_join(const llmp_decision_t *decision,
    llmp_pool_t *pool, llmp_change_pt print);
static void llmp_changes_print(llmp_text_t *t,
    const llmp_decision_t *decision, llmp_change_pt print);
static void llmp_change_line(llmp_text_t *t, const llmp_change_t *change);
static void llmp_change_sentence(llmp_text_t *t, const llmp_change_t *change);
static void llmp_text_add(llmp_text_t *t, const char *s);
static void llmp_text_str(llmp_text_t *t, const llmp_str_t *s);


const char *
llmp_type_name(llmp_uint_t type)
{
    switch (type) {

    case LLMP_TYPE_NULL:
        return "null";

    case LLMP_TYPE_BOOLEAN:
        return "a boolean";

    case LLMP_TYPE_NUMBER:
        return "a number";

    case LLMP_TYPE_STRING:
        return "a string";

    case LLMP_TYPE_ARRAY:
        return "an array";

    default:
        return "an object";
    }
}


llmp_str_t
llmp_decide_shown(const llmp_member_t *m, llmp_uint_t param)
{
    static const llmp_str_t  array = llmp_string("[...]");
    static const llmp_str_t  object = llmp_string("{...}");
    static const llmp_str_t  string = llmp_string("\"...\"");

    switch (m->type) {

    case LLMP_TYPE_ARRAY:
        return array;

    case LLMP_TYPE_OBJECT:
        return object;

    case LLMP_TYPE_STRING:

        if (param == LLMP_PARAM_MAX || m->cut) {
            return string;
        }

        /* fall through */

    default:
        return m->text;
    }
}


/* the API's own spelling goes before any other, then the first in the text */

void
llmp_decide_requested(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              left;
    llmp_uint_t           p;
    llmp_change_t        *record;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;
    m = &members[i];

    for (left = m->watch->rules.params; left != 0; left &= left - 1) {
        p = llmp_lowest(left);

        if ((dc->recorded & llmp_mask(p))
            && (!m->watch->rules.native
                || members[dc->records[p]].watch->rules.native))
        {
            continue;
        }

        record = &dc->decision->params[p];

        record->name = llmp_params[p].name;
        record->requested = llmp_decide_shown(m, p);
        record->effective = record->requested;
        record->action = LLMP_ACTION_NONE;

        dc->recorded |= llmp_mask(p);
        dc->records[p] = i;
    }
}


void
llmp_decide_changed(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_member_t *m, const llmp_str_t *effective,
    llmp_action_e action)
{
    llmp_change_t     change;
    llmp_decision_t  *decision;

    decision = dc->decision;

    memset(&change, 0, sizeof(llmp_change_t));

    change.name = rule->name;
    change.effective = *effective;
    change.action = action;
    change.rule = rule;

    if (m != NULL) {
        change.requested = llmp_decide_shown(m, param);
    }

    if (decision->nchanges < LLMP_CHANGES_MAX) {
        decision->changes[decision->nchanges] = change;
    }

    decision->nchanges++;

    if (param == LLMP_PARAM_MAX || !dc->first) {
        return;
    }

    if (m != NULL
        && (!(dc->recorded & llmp_mask(param))
            || m != &dc->members->elts[dc->records[param]]))
    {
        return;
    }

    decision->params[param].name = rule->name;
    decision->params[param].effective = *effective;
    decision->params[param].action = action;
}


llmp_str_t
llmp_changes_line(const llmp_decision_t *decision, llmp_pool_t *pool)
{
    return llmp_changes_join(decision, pool, llmp_change_line);
}


llmp_str_t
llmp_changes_sentence(const llmp_decision_t *decision, llmp_pool_t *pool)
{
    return llmp_changes_join(decision, pool, llmp_change_sentence);
}


static llmp_str_t
llmp_changes_join(const llmp_decision_t *decision, llmp_pool_t *pool,
    llmp_change_pt print)
{
    llmp_str_t   line = llmp_null_string;
    llmp_text_t  t = { NULL, 0 };

    llmp_changes_print(&t, decision, print);

    line.data = llmp_palloc(pool, t.len + 1);
    if (line.data == NULL) {
        return line;
    }

    t.pos = line.data;
    t.len = 0;

    llmp_changes_print(&t, decision, print);

    line.len = t.len;

    return line;
}


static void
llmp_changes_print(llmp_text_t *t, const llmp_decision_t *decision,
    llmp_change_pt print)
{
    llmp_uint_t  i;

    for (i = 0; i < decision->nchanges; i++) {

        if (i != 0) {
            llmp_text_add(t, ", ");
        }

        if (i == LLMP_CHANGES_MAX) {
            llmp_text_add(t, "...");
            break;
        }

        print(t, &decision->changes[i]);
    }
}


static void
llmp_change_line(llmp_text_t *t, const llmp_change_t *change)
{
    llmp_text_str(t, &change->name);
    llmp_text_add(t, "=");
    llmp_text_str(t, &change->requested);
    llmp_text_add(t, "->");
    llmp_text_str(t, &change->effective);
    llmp_text_add(t, " (");
    llmp_text_add(t, llmp_action_name(change->action));
    llmp_text_add(t, ")");
}


static void
llmp_change_sentence(llmp_text_t *t, const llmp_change_t *change)
{
    llmp_text_str(t, &change->name);
    llmp_text_add(t, " ");

    if (change->requested.len == 0) {
        llmp_text_add(t, "absent, ");
        llmp_text_str(t, &change->effective);
        llmp_text_add(t, " sent (");

    } else {
        llmp_text_str(t, &change->requested);

        if (change->action == LLMP_ACTION_REMOVE) {
            llmp_text_add(t, " removed (");

        } else {
            llmp_text_add(t, " brought to ");
            llmp_text_str(t, &change->effective);
            llmp_text_add(t, " (");
        }
    }

    llmp_text_add(t, llmp_action_name(change->action));
    llmp_text_add(t, ")");
}


static void
llmp_text_add(llmp_text_t *t, const char *s)
{
    llmp_str_t  str;

    str.data = (u_char *) s;
    str.len = strlen(s);

    llmp_text_str(t, &str);
}


static void
llmp_text_str(llmp_text_t *t, const llmp_str_t *s)
{
    if (t->pos != NULL && s->len != 0) {
        memcpy(t->pos, s->data, s->len);
        t->pos += s->len;
    }

    t->len += s->len;
}
