
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_record.h"


static void llmp_decide_record_add(llmp_decision_t *decision,
    const llmp_change_t *change);


void
llmp_decide_record_requested(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              left;
    llmp_uint_t           p;
    llmp_change_t        *record;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;
    m = &members[i];

    left = m->watch->rules.params;

    llmp_param_for_each(p, left) {

        if ((dc->recorded & llmp_mask(p))
            && (!m->watch->rules.native
                || members[dc->records[p]].watch->rules.native))
        {
            continue;
        }

        record = &dc->decision->params[p];

        record->name = llmp_params[p].name;
        record->requested = llmp_decide_record_text(m, p);
        record->effective = record->requested;
        record->action = LLMP_ACTION_NONE;

        dc->recorded |= llmp_mask(p);
        dc->records[p] = i;
    }
}


void
llmp_decide_record_change(llmp_decider_t *dc, const llmp_rule_t *rule,
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
        change.requested = llmp_decide_record_text(m, param);
    }

    llmp_decide_record_add(decision, &change);

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


void
llmp_decide_record_unknown(llmp_decider_t *dc, const llmp_str_t *number)
{
    llmp_change_t  change;

    static const llmp_str_t  name = llmp_string(LLMP_UNKNOWN_MEMBERS);

    memset(&change, 0, sizeof(llmp_change_t));

    change.name = name;
    change.requested = *number;
    change.action = LLMP_ACTION_REMOVE;

    llmp_decide_record_add(dc->decision, &change);
}


static void
llmp_decide_record_add(llmp_decision_t *decision, const llmp_change_t *change)
{
    if (decision->nchanges < LLMP_CHANGES_MAX) {
        decision->changes[decision->nchanges] = *change;
    }

    decision->nchanges++;
}


llmp_str_t
llmp_decide_record_text(const llmp_member_t *m, llmp_uint_t param)
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
