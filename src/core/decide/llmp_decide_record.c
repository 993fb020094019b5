
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_record.h"


static const llmp_str_t *llmp_decide_record_name(const llmp_rule_t *rule,
    llmp_uint_t param);
static void llmp_decide_record_list(llmp_decider_t *dc,
    const llmp_str_t *name, const llmp_rule_t *rule,
    const llmp_str_t *requested, const llmp_str_t *effective,
    llmp_action_e action);
static uint32_t llmp_decide_record_find_sent(const llmp_decider_t *dc,
    llmp_uint_t param);
static uint32_t llmp_decide_record_gone_with(const llmp_decider_t *dc,
    uint32_t i);


void
llmp_decide_record_requested(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              left;
    llmp_str_t            text;
    llmp_uint_t           p;
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

        text = llmp_decide_record_text(m, p);

        dc->decision->noted |= llmp_mask(p);
        dc->decision->records[p] = (llmp_change_t) {
            llmp_params[p].name, text, text, LLMP_ACTION_NONE, NULL
        };

        dc->recorded |= llmp_mask(p);
        dc->records[p] = i;
    }
}


void
llmp_decide_record_change(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_member_t *m, const llmp_str_t *effective,
    llmp_action_e action)
{
    uint32_t        i;
    llmp_str_t      requested;
    llmp_change_t  *record;

    i = (uint32_t) (m - dc->members->elts);
    requested = llmp_decide_record_text(m, param);

    dc->state[i].sent = *effective;
    dc->state[i].action = (uint8_t) action;

    llmp_decide_record_list(dc, llmp_decide_record_name(rule, param), rule,
                            &requested, effective, action);

    if (param == LLMP_PARAM_MAX || !dc->first
        || !(dc->recorded & llmp_mask(param)) || i != dc->records[param])
    {
        return;
    }

    record = llmp_decision_note(dc->decision, param);

    record->effective = *effective;
    record->action = action;

    if (record->rule == NULL) {
        record->rule = rule;
    }
}


void
llmp_decide_record_addition(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, uint64_t params, const llmp_str_t *effective,
    llmp_action_e action)
{
    llmp_str_t      absent = llmp_null_string;
    llmp_uint_t     p;
    llmp_change_t  *record;

    llmp_decide_record_list(dc, llmp_decide_record_name(rule, param), rule,
                            &absent, effective, action);

    if (!dc->first) {
        return;
    }

    llmp_param_for_each(p, params) {

        if (param == LLMP_PARAM_MAX && llmp_decide_record_find_sent(dc, p)) {

            /* the client sent it under another name */

            continue;
        }

        record = llmp_decision_note(dc->decision, p);

        record->name = llmp_params[p].name;
        record->effective = *effective;
        record->action = action;

        if (param == LLMP_PARAM_MAX) {
            record->rule = rule;
        }

        dc->added |= llmp_mask(p);
    }
}


void
llmp_decide_record_unknown(llmp_decider_t *dc, const llmp_str_t *number)
{
    llmp_str_t  absent = llmp_null_string;

    static const llmp_str_t  name = llmp_string(LLMP_UNKNOWN_MEMBERS);

    llmp_decide_record_list(dc, &name, NULL, number, &absent,
                            LLMP_ACTION_REMOVE);
}


/* a parameter has its own name in the list */

void
llmp_decide_record_dependent(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_str_t *name, uint32_t i)
{
    uint64_t              params;
    llmp_str_t            requested, gone = llmp_null_string;
    llmp_uint_t           param;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    params = m->watch->rules.native ? m->watch->rules.params : 0;
    param = (params != 0) ? llmp_param_lowest(params) : LLMP_PARAM_MAX;
    requested = llmp_decide_record_text(m, param);

    dc->state[i].action = LLMP_ACTION_REMOVE;

    if (param != LLMP_PARAM_MAX) {
        name = &llmp_params[param].name;

        if (dc->first && (dc->recorded & llmp_mask(param))
            && dc->records[param] == i)
        {
            llmp_decision_note(dc->decision, param)->rule = rule;
        }
    }

    llmp_decide_record_list(dc, name, rule, &requested, &gone,
                            LLMP_ACTION_REMOVE);
}


/* returns the name of a change: a budget may be lowered by the rule of
   max_tokens */

static const llmp_str_t *
llmp_decide_record_name(const llmp_rule_t *rule, llmp_uint_t param)
{
    return (param != LLMP_PARAM_MAX) ? &llmp_params[param].name : &rule->name;
}


/* adds to the list of changes; rule may be NULL */

static void
llmp_decide_record_list(llmp_decider_t *dc, const llmp_str_t *name,
    const llmp_rule_t *rule, const llmp_str_t *requested,
    const llmp_str_t *effective, llmp_action_e action)
{
    llmp_change_t    *change;
    llmp_decision_t  *decision;

    decision = dc->decision;

    if (decision->nchanges < LLMP_CHANGES_MAX) {
        change = &decision->changes[decision->nchanges];

        change->name = *name;
        change->requested = *requested;
        change->effective = *effective;
        change->action = action;
        change->rule = rule;
    }

    decision->nchanges++;
}


void
llmp_decide_record_sent(llmp_decider_t *dc)
{
    uint32_t              i;
    uint64_t              left;
    llmp_uint_t           p;
    llmp_change_t        *record;
    const llmp_rule_t    *rule;
    const llmp_member_t  *members;

    members = dc->members->elts;
    left = dc->recorded & ~dc->added;

    llmp_param_for_each(p, left) {
        record = llmp_decision_note(dc->decision, p);
        i = llmp_decide_record_find_sent(dc, p);

        if (i != 0) {
            record->effective = (dc->state[i].sent.len != 0)
                                ? dc->state[i].sent
                                : llmp_decide_record_text(&members[i], p);
            record->action = dc->state[i].action;

        } else {
            record->effective.len = 0;
            record->action = LLMP_ACTION_REMOVE;

            i = llmp_decide_record_gone_with(dc, dc->records[p]);
        }

        rule = llmp_decider_pointer_rule(dc, members[i].watch);

        if (rule != NULL) {
            record->rule = rule;
        }
    }
}


/*
 * Returns the index of the member that is sent for a parameter, or 0: a native
 * spelling has precedence, then one that is not null, then the first one.
 */

static uint32_t
llmp_decide_record_find_sent(const llmp_decider_t *dc, llmp_uint_t param)
{
    uint32_t              i, found;
    llmp_uint_t           rank, best;
    const llmp_member_t  *m;

    found = 0;
    best = 0;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (!(m->watch->rules.params & llmp_mask(param))
            || llmp_decide_record_is_gone(dc, i))
        {
            continue;
        }

        rank = 1;

        if (m->type != LLMP_TYPE_NULL || dc->state[i].sent.len != 0) {
            rank += 1 + m->watch->rules.native;
        }

        if (rank > best) {
            best = rank;
            found = i;
        }
    }

    return found;
}


llmp_uint_t
llmp_decide_record_is_gone(const llmp_decider_t *dc, uint32_t i)
{
    return dc->state[i].remove || llmp_decide_record_gone_with(dc, i) != i;
}


/* returns the index of the outermost member that takes member i with it, as it
   is removed or replaced; or i */

static uint32_t
llmp_decide_record_gone_with(const llmp_decider_t *dc, uint32_t i)
{
    uint32_t  outer;

    outer = i;

    while (i != dc->scope) {
        i = dc->members->elts[i].parent;

        if (dc->state[i].remove || dc->state[i].sent.len != 0) {
            outer = i;
        }
    }

    return outer;
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
