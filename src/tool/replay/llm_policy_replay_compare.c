
/*
 * Copyright (C) llm-policy authors
 *
 * What the new document makes of a request, beside what became of it.
 */


#include "base/llmp_decimal.h"
#include "replay/llm_policy_replay.h"


static llm_policy_skipped_e llm_policy_why_not(
    const llm_policy_entry_t *entry, const llmp_dialect_t *dialect);
static llmp_uint_t llm_policy_can_replay(const llm_policy_entry_t *entry);
static llmp_int_t llm_policy_explained(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry, const llmp_dialect_t *dialect);
static void llm_policy_note_caller(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry);
static llmp_uint_t llm_policy_compare(const llm_policy_entry_t *entry,
    const llm_policy_verdict_t *v, llm_policy_replay_t *rp);
static llm_policy_outcome_e llm_policy_compare_param(
    const llm_policy_entry_t *entry, const llmp_change_t *now,
    llmp_uint_t param);
static llmp_str_t llm_policy_effective(const llm_policy_entry_t *entry,
    llmp_uint_t param);
static const u_char *llm_policy_find_text(const u_char *p, const u_char *end,
    const char *text, size_t len);
static llmp_uint_t llm_policy_same_value(const llmp_str_t *a,
    const llmp_str_t *b);
static llmp_uint_t llm_policy_changed(const llmp_str_t *action);
static llmp_uint_t llm_policy_row(const char *name, size_t len);
static void llm_policy_count(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry, const llm_policy_verdict_t *v,
    llmp_uint_t row, llm_policy_outcome_e outcome);
static void llm_policy_example(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry, const llm_policy_verdict_t *v,
    llmp_uint_t row, llm_policy_outcome_e outcome);
static void llm_policy_example_refused(char *buf, size_t size,
    const char *reason, size_t len);
static void llm_policy_example_value(char *buf, size_t size,
    const llmp_str_t *value);


const llm_policy_skipped_t  llm_policy_skipped[LLM_POLICY_SKIPPED_MAX] = {
    { "malformed", "no JSON object, or longer than 1 MiB" },
    { "truncated", "the last line of a log, cut short" },
    { "not_llm_policy", "without what the log_format of llm-policy writes" },
    { "off", "llm_policy was off" },
    { "bypassed", "not policed" },
    { "batch", "many requests in one, of which the first is logged" },
    { "unknown_dialect", "of a dialect that is not known here" },
    { "unclear", "a value in the log does not tell what was asked for" },
    { "unexplained", "not what the document of --was makes of it" }
};


const char *const  llm_policy_outcomes[LLM_POLICY_OUTCOMES] = {
    "newly_changed", "newly_refused", "no_longer_changed",
    "no_longer_refused", "changed_otherwise", "unchanged"
};


llmp_int_t
llm_policy_replay_entry(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry)
{
    llmp_int_t             rc;
    const llmp_dialect_t  *dialect;
    llm_policy_skipped_e   why;

    dialect = llmp_dialect_find(&entry->dialect);
    why = llm_policy_why_not(entry, dialect);

    if (why != LLM_POLICY_SKIPPED_MAX) {
        rp->skipped[why]++;
        return LLMP_OK;
    }

    if (entry->rejected && !llm_policy_can_replay(entry)) {
        llm_policy_tally_add(&rp->refused, (char *) entry->reason.data,
                             entry->reason.len);
        return LLMP_OK;
    }

    rc = llm_policy_explained(rp, entry, dialect);

    if (rc == LLMP_DECLINED) {
        rp->skipped[LLM_POLICY_UNEXPLAINED]++;
        return LLMP_OK;
    }

    if (rc == LLMP_OK) {
        rc = llm_policy_decide_entry(&rp->verdict, &rp->terms, entry, dialect);
    }

    if (rc == LLMP_DECLINED) {
        rp->skipped[LLM_POLICY_UNCLEAR]++;
        return LLMP_OK;
    }

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    rp->replayed++;
    llm_policy_note_caller(rp, entry);

    if (llm_policy_compare(entry, &rp->verdict, rp)) {
        rp->different++;
    }

    return LLMP_OK;
}


/* LLM_POLICY_SKIPPED_MAX: it can be replayed, as far as its request goes */

static llm_policy_skipped_e
llm_policy_why_not(const llm_policy_entry_t *entry,
    const llmp_dialect_t *dialect)
{
    if (!entry->llm || entry->strange) {
        return LLM_POLICY_FOREIGN;
    }

    if (entry->status.len == 0) {
        return LLM_POLICY_OFF;
    }

    if (llmp_str_is(&entry->status, "bypassed")) {
        return LLM_POLICY_BYPASSED;
    }

    if (!entry->rejected && !llmp_str_is(&entry->status, "passed")
        && !llmp_str_is(&entry->status, "modified"))
    {
        return LLM_POLICY_FOREIGN;
    }

    if (entry->rejected && !llm_policy_can_replay(entry)) {

        /* it may not have a dialect */

        return LLM_POLICY_SKIPPED_MAX;
    }

    if (dialect == NULL) {
        return LLM_POLICY_DIALECT;
    }

    if (dialect->scope != NULL || dialect->batch != NULL) {
        return LLM_POLICY_BATCH;
    }

    return LLM_POLICY_SKIPPED_MAX;
}


/*
 * Whether what a request was refused for is in the log: a parameter's value, or
 * the model.  Other parts of the body, and of the head, are not.
 */

static llmp_uint_t
llm_policy_can_replay(const llm_policy_entry_t *entry)
{
    llmp_uint_t  row;

    row = llm_policy_row((char *) entry->parameter.data,
                         entry->parameter.len);

    if (row == LLM_POLICY_ROW_MODEL) {

        /* of one that is too long, or no name, nothing is logged */

        return llmp_str_is(&entry->reason, "model_not_allowed")
               && entry->model.len != 0;
    }

    return row < LLMP_PARAM_MAX
           && (entry->carried & llmp_mask(row))
           && (llmp_str_is(&entry->reason, "invalid_type")
               || llmp_str_is(&entry->reason, "value_not_allowed")
               || llmp_str_is(&entry->reason, "parameter_denied")
               || llmp_str_is(&entry->reason, "parameter_required"));
}


/*
 * LLMP_DECLINED if the document that the log was written under makes something
 * else of what the log has: then the request had more to it.
 */

static llmp_int_t
llm_policy_explained(llm_policy_replay_t *rp, const llm_policy_entry_t *entry,
    const llmp_dialect_t *dialect)
{
    llmp_int_t             rc;
    llmp_uint_t            p, refused;
    llm_policy_verdict_t  *v;

    if (!rp->has_was) {
        return LLMP_OK;
    }

    v = &rp->before;
    rc = llm_policy_decide_entry(v, &rp->was, entry, dialect);

    if (rc == LLMP_DECLINED) {

        /* the changed document cannot do better */

        return LLMP_OK;
    }

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    refused = (v->decision.refusal.code != LLMP_REFUSE_NONE);

    if (refused || entry->rejected) {
        return (refused && entry->rejected) ? LLMP_OK : LLMP_DECLINED;
    }

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        if (llm_policy_compare_param(entry, &v->decision.params[p], p)
            < LLM_POLICY_UNCHANGED)
        {
            return LLMP_DECLINED;
        }
    }

    return LLMP_OK;
}


static void
llm_policy_note_caller(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry)
{
    int                          n;
    char                         text[LLM_POLICY_TALLY_NAME];
    const llm_policy_verdict_t  *v;

    v = &rp->verdict;
    rp->lacking |= llm_policy_terms_lacking(&rp->terms,
                                            v->tier - rp->terms.policy.tiers);

    if (v->unknown_tier) {
        llm_policy_tally_add(&rp->unknown_tiers, (char *) entry->tier.data,
                             entry->tier.len);
        return;
    }

    if (llmp_str_eq(&entry->tier, &v->tier->name)) {
        return;
    }

    n = snprintf(text, sizeof(text), "%.*s -> %s",
                 (int) entry->tier.len, (char *) entry->tier.data,
                 (char *) v->tier->name.data);

    llm_policy_tally_add(&rp->moved, text, (n < 0) ? 0 : (size_t) n);
}


/* returns whether anything would be different */

static llmp_uint_t
llm_policy_compare(const llm_policy_entry_t *entry,
    const llm_policy_verdict_t *v, llm_policy_replay_t *rp)
{
    llmp_uint_t            different, p, row;
    const llmp_refusal_t  *refusal;
    const llmp_decision_t *decision;
    llm_policy_outcome_e   outcome;

    decision = &v->decision;
    refusal = &decision->refusal;

    if (entry->rejected) {
        row = llm_policy_row((char *) entry->parameter.data,
                             entry->parameter.len);

        outcome = (refusal->code == LLMP_REFUSE_NONE)
                  ? LLM_POLICY_NO_LONGER_REFUSED : LLM_POLICY_UNCHANGED;

        llm_policy_count(rp, entry, v, row, outcome);

        return outcome != LLM_POLICY_UNCHANGED;
    }

    if (refusal->code != LLMP_REFUSE_NONE) {
        row = (refusal->code == LLMP_REFUSE_UNKNOWN_KEY)
              ? LLM_POLICY_ROW_KEY
              : llm_policy_row(refusal->param, strlen(refusal->param));

        llm_policy_count(rp, entry, v, row, LLM_POLICY_NEWLY_REFUSED);

        return 1;
    }

    different = 0;

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        outcome = llm_policy_compare_param(entry, &decision->params[p], p);

        if (outcome == LLM_POLICY_OUTCOMES) {
            continue;
        }

        llm_policy_count(rp, entry, v, p, outcome);
        different |= (outcome != LLM_POLICY_UNCHANGED);
    }

    return different;
}


/* LLM_POLICY_OUTCOMES if there is no such parameter, then and now */

static llm_policy_outcome_e
llm_policy_compare_param(const llm_policy_entry_t *entry,
    const llmp_change_t *now, llmp_uint_t param)
{
    llmp_str_t                  effective;
    llmp_uint_t                 before, after;
    const llm_policy_logged_t  *logged;

    logged = &entry->params[param];

    before = llm_policy_changed(&logged->action);
    after = (now->action != LLMP_ACTION_NONE);

    if (!before && !after) {
        return (logged->requested.len != 0) ? LLM_POLICY_UNCHANGED
                                            : LLM_POLICY_OUTCOMES;
    }

    if (!before) {
        return LLM_POLICY_NEWLY_CHANGED;
    }

    if (!after) {
        return LLM_POLICY_NO_LONGER_CHANGED;
    }

    effective = llm_policy_effective(entry, param);

    if (entry->dry_run && effective.data == NULL) {

        /* "..." was in the place of it */

        return llmp_str_is(&logged->action, llmp_action_name(now->action))
               ? LLM_POLICY_UNCHANGED : LLM_POLICY_CHANGED_OTHERWISE;
    }

    return llm_policy_same_value(&effective, &now->effective)
           ? LLM_POLICY_UNCHANGED : LLM_POLICY_CHANGED_OTHERWISE;
}


/*
 * What a parameter was changed to.  In dry run nothing was, and what it would
 * have been is among the adjustments alone: "n=2->1 (max), ...".
 */

static llmp_str_t
llm_policy_effective(const llm_policy_entry_t *entry, llmp_uint_t param)
{
    size_t                      len;
    llmp_str_t                  found = llmp_null_string;
    const u_char               *p, *end, *after;
    const llmp_str_t           *name, *line;
    const llm_policy_logged_t  *logged;

    logged = &entry->params[param];

    if (!entry->dry_run) {
        return logged->effective;
    }

    line = &entry->adjustments;

    if (line->len == 0) {
        return found;
    }

    name = &llmp_params[param].name;
    end = line->data + line->len;
    len = name->len + 1 + logged->requested.len + 2;

    for (p = line->data; p != NULL && (size_t) (end - p) > len; /* void */) {

        if (memcmp(p, name->data, name->len) == 0 && p[name->len] == '='
            && (logged->requested.len == 0
                || memcmp(p + name->len + 1, logged->requested.data,
                          logged->requested.len)
                   == 0)
            && memcmp(p + len - 2, "->", 2) == 0)
        {
            p += len;
            after = llm_policy_find_text(p, end, " (", 2);

            if (after != NULL) {
                found.data = (u_char *) p;
                found.len = after - p;
            }

            return found;
        }

        p = llm_policy_find_text(p, end, "), ", 3);
        p = (p != NULL) ? p + 3 : NULL;
    }

    return found;
}


static const u_char *
llm_policy_find_text(const u_char *p, const u_char *end, const char *text,
    size_t len)
{
    for ( /* void */ ; (size_t) (end - p) >= len; p++) {
        if (memcmp(p, text, len) == 0) {
            return p;
        }
    }

    return NULL;
}


/* 1 and 1.0 are the same to whoever reads them */

static llmp_uint_t
llm_policy_same_value(const llmp_str_t *a, const llmp_str_t *b)
{
    llmp_decimal_t  one, two;

    if (llmp_str_eq(a, b)) {
        return 1;
    }

    return a->len != 0 && b->len != 0
           && llmp_decimal_parse(&one, a) == LLMP_OK
           && llmp_decimal_parse(&two, b) == LLMP_OK
           && llmp_decimal_cmp(&one, &two) == 0;
}


static llmp_uint_t
llm_policy_changed(const llmp_str_t *action)
{
    return action->len != 0 && !llmp_str_is(action, "none");
}


/* LLM_POLICY_ROWS if it is neither a parameter nor the model */

static llmp_uint_t
llm_policy_row(const char *name, size_t len)
{
    llmp_str_t    str;
    llmp_param_e  param;

    str.data = (u_char *) name;
    str.len = len;

    param = llmp_param_find(&str);

    if (param != LLMP_PARAM_MAX) {
        return param;
    }

    return llmp_str_is(&str, "model") ? LLM_POLICY_ROW_MODEL
                                      : LLM_POLICY_ROWS;
}


const char *
llm_policy_row_name(llmp_uint_t row)
{
    switch (row) {

    case LLM_POLICY_ROW_MODEL:
        return "model";

    case LLM_POLICY_ROW_KEY:
        return "key";

    default:
        return (char *) llmp_params[row].name.data;
    }
}


static void
llm_policy_count(llm_policy_replay_t *rp, const llm_policy_entry_t *entry,
    const llm_policy_verdict_t *v, llmp_uint_t row,
    llm_policy_outcome_e outcome)
{
    llmp_uint_t  tier;

    if (row >= LLM_POLICY_ROWS) {

        /* rules of what is no parameter have been left out: never */

        return;
    }

    tier = v->tier - rp->terms.policy.tiers;

    rp->tiers[tier].counts[row][outcome]++;
    rp->total[outcome]++;

    if (outcome != LLM_POLICY_UNCHANGED && rp->nexamples < rp->examples_max) {
        llm_policy_example(rp, entry, v, row, outcome);
    }
}


static void
llm_policy_example(llm_policy_replay_t *rp, const llm_policy_entry_t *entry,
    const llm_policy_verdict_t *v, llmp_uint_t row,
    llm_policy_outcome_e outcome)
{
    llmp_str_t                  value;
    const char                 *reason;
    const llmp_str_t           *asked;
    llm_policy_example_t       *e;
    const llm_policy_logged_t  *logged;

    static const llm_policy_logged_t  none;

    e = &rp->examples[rp->nexamples++];

    e->tier = v->tier - rp->terms.policy.tiers;
    e->row = row;
    e->outcome = outcome;

    logged = (row < LLMP_PARAM_MAX) ? &entry->params[row] : &none;
    asked = (row == LLM_POLICY_ROW_MODEL) ? &entry->model : &logged->requested;

    llm_policy_copy_text(e->id, sizeof(e->id), entry->request_id.data,
                         entry->request_id.len);

    if (entry->rejected) {
        llm_policy_example_refused(e->before, sizeof(e->before),
                                   (char *) entry->reason.data,
                                   entry->reason.len);

    } else if (llm_policy_changed(&logged->action)) {
        value = llm_policy_effective(entry, row);
        llm_policy_example_value(e->before, sizeof(e->before), &value);

    } else {
        llm_policy_example_value(e->before, sizeof(e->before), asked);
    }

    if (v->decision.refusal.code != LLMP_REFUSE_NONE) {
        reason = llmp_refusal_name(v->decision.refusal.code);
        llm_policy_example_refused(e->after, sizeof(e->after), reason,
                                   strlen(reason));

    } else if (row < LLMP_PARAM_MAX) {
        llm_policy_example_value(e->after, sizeof(e->after),
                                 &v->decision.params[row].effective);

    } else {
        llm_policy_example_value(e->after, sizeof(e->after), asked);
    }
}


static void
llm_policy_example_refused(char *buf, size_t size, const char *reason,
    size_t len)
{
    int         n;
    char        text[LLM_POLICY_EXAMPLE_TEXT];

    n = snprintf(text, sizeof(text), "refused (%.*s)", (int) len, reason);

    llm_policy_copy_text(buf, size, text, (n < 0) ? 0 : strlen(text));
}


static void
llm_policy_example_value(char *buf, size_t size, const llmp_str_t *value)
{
    if (value->len == 0) {
        llm_policy_copy_text(buf, size, "-", 1);
        return;
    }

    llm_policy_copy_text(buf, size, value->data, value->len);
}
