
/*
 * Copyright (C) llm-policy authors
 *
 * Compares the decision of the changed document with the logged one.
 */


#include "dialect/llmp_dialect.h"
#include "replay/replay.h"


static replay_skip_e replay_compare_skip_reason(const replay_entry_t *entry,
    const llmp_dialect_t *dialect);
static llmp_uint_t replay_compare_reason_is_logged(const replay_entry_t *entry);
static void replay_compare_find_given_tier(replay_t *rp,
    replay_entry_t *entry);
static llmp_int_t replay_compare_check_was(replay_t *rp,
    const replay_entry_t *entry, const llmp_dialect_t *dialect);
static void replay_compare_note_caller(replay_t *rp,
    const replay_entry_t *entry);
static llmp_uint_t replay_compare_decision(const replay_entry_t *entry,
    const replay_verdict_t *v, replay_t *rp);
static llmp_uint_t replay_compare_is_about_key(llmp_refusal_e code);
static llmp_difference_e replay_compare_param(const replay_entry_t *entry,
    const llmp_decision_t *decision, llmp_uint_t param);
static llmp_uint_t replay_compare_by_pointer(const replay_entry_t *entry,
    llmp_uint_t param);
static llmp_str_t replay_compare_effective(const replay_entry_t *entry,
    llmp_uint_t param);
static const u_char *replay_compare_find_text(const u_char *p,
    const u_char *end, const char *text, size_t len);
static llmp_uint_t replay_compare_was_changed(const llmp_str_t *action);
static llmp_uint_t replay_compare_row(const char *name, size_t len);
static void replay_compare_count(replay_t *rp, const replay_entry_t *entry,
    const replay_verdict_t *v, llmp_uint_t row, llmp_difference_e outcome);
static void replay_compare_add_example(replay_t *rp,
    const replay_entry_t *entry, const replay_verdict_t *v, llmp_uint_t row,
    llmp_difference_e outcome);
static void replay_compare_print_refused(char *buf, size_t size,
    const char *reason, size_t len);
static void replay_compare_print_value(char *buf, size_t size,
    const llmp_str_t *value);


const replay_skip_t  replay_compare_skips[REPLAY_SKIP_MAX] = {
    { "malformed", "not a JSON object, or longer than 1 MiB" },
    { "truncated", "incomplete last line of a log" },
    { "not_llm_policy", "not in the log_format of llm-policy" },
    { "off", "llm_policy was off" },
    { "bypassed", "not checked" },
    { "batch", "many requests in one, only the first is logged" },
    { "unknown_dialect", "unknown dialect" },
    { "unclear", "the log does not contain the requested value" },
    { "unexplained", "the document of --was decides otherwise" }
};


llmp_int_t
replay_compare_entry(replay_t *rp, replay_entry_t *entry)
{
    llmp_int_t             rc;
    const llmp_dialect_t  *dialect;
    replay_skip_e          why;

    dialect = llmp_dialect_find(&entry->dialect);
    why = replay_compare_skip_reason(entry, dialect);

    if (why != REPLAY_SKIP_MAX) {
        rp->skipped[why]++;
        return LLMP_OK;
    }

    if (entry->rejected && !replay_compare_reason_is_logged(entry)) {
        replay_tally_add(&rp->refused, (char *) entry->reason.data,
                         entry->reason.len);
        return LLMP_OK;
    }

    replay_compare_find_given_tier(rp, entry);

    rc = replay_compare_check_was(rp, entry, dialect);

    if (rc == LLMP_DECLINED) {
        rp->skipped[REPLAY_SKIP_UNEXPLAINED]++;
        return LLMP_OK;
    }

    if (rc == LLMP_OK) {
        rc = replay_decide(&rp->verdict, &rp->now, entry, dialect);
    }

    if (rc == LLMP_DECLINED) {
        rp->skipped[REPLAY_SKIP_UNCLEAR]++;
        return LLMP_OK;
    }

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    rp->replayed++;
    replay_compare_note_caller(rp, entry);

    if (replay_compare_decision(entry, &rp->verdict, rp)) {
        rp->different++;
    }

    return LLMP_OK;
}


/* returns REPLAY_SKIP_MAX if the request can be replayed */

static replay_skip_e
replay_compare_skip_reason(const replay_entry_t *entry,
    const llmp_dialect_t *dialect)
{
    if (!entry->llm || entry->wrong_type) {
        return REPLAY_SKIP_FOREIGN;
    }

    if (entry->status.len == 0) {
        return REPLAY_SKIP_OFF;
    }

    if (llmp_str_is(&entry->status, "bypassed")) {
        return REPLAY_SKIP_BYPASSED;
    }

    if (!entry->rejected && !llmp_str_is(&entry->status, "passed")
        && !llmp_str_is(&entry->status, "modified"))
    {
        return REPLAY_SKIP_FOREIGN;
    }

    if (entry->rejected && !replay_compare_reason_is_logged(entry)) {

        /* the dialect may be missing */

        return REPLAY_SKIP_MAX;
    }

    if (dialect == NULL) {
        return REPLAY_SKIP_DIALECT;
    }

    if (dialect->scope != NULL || dialect->batch != NULL) {
        return REPLAY_SKIP_BATCH;
    }

    return REPLAY_SKIP_MAX;
}


/*
 * Returns whether the log contains the reason of a refusal: the value of a
 * parameter, or the model.  Other parts of the request are not logged.
 */

static llmp_uint_t
replay_compare_reason_is_logged(const replay_entry_t *entry)
{
    llmp_uint_t  row;

    row = replay_compare_row((char *) entry->parameter.data,
                             entry->parameter.len);

    if (row == REPLAY_ROW_MODEL) {

        /* a model that is too long, or no string, is not logged */

        return llmp_str_is(&entry->reason, "model_not_allowed")
               && entry->model.len != 0;
    }

    return row < LLMP_PARAM_MAX
           && (entry->present & llmp_mask(row))
           && (llmp_str_is(&entry->reason, "invalid_type")
               || llmp_str_is(&entry->reason, "value_not_allowed")
               || llmp_str_is(&entry->reason, "parameter_denied")
               || llmp_str_is(&entry->reason, "parameter_required"));
}


/*
 * Notes whether llm_policy_tier gave the logged tier: it is not the one that
 * the document of the log gives the tenant.
 */

static void
replay_compare_find_given_tier(replay_t *rp, replay_entry_t *entry)
{
    const llmp_tenant_t  *tenant;

    if (!rp->has_was || entry->tenant.len == 0) {
        return;
    }

    tenant = llmp_policy_tenant(rp->was.loaded, &entry->tenant);

    entry->given_tier = (tenant != NULL
                         && !llmp_str_eq(&tenant->tier->name, &entry->tier));
}


/*
 * Returns LLMP_DECLINED if the document of the log decides otherwise on the
 * logged values: the request contained more than was logged.
 */

static llmp_int_t
replay_compare_check_was(replay_t *rp, const replay_entry_t *entry,
    const llmp_dialect_t *dialect)
{
    llmp_int_t         rc;
    llmp_uint_t        p, refused;
    replay_verdict_t  *v;

    if (!rp->has_was) {
        return LLMP_OK;
    }

    v = &rp->before;
    rc = replay_decide(v, &rp->was, entry, dialect);

    if (rc == LLMP_DECLINED) {

        /* the changed document will decline it, too */

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
        if (replay_compare_param(entry, &v->decision, p) < LLMP_DIFFERENCE_NONE)
        {
            return LLMP_DECLINED;
        }
    }

    return LLMP_OK;
}


static void
replay_compare_note_caller(replay_t *rp, const replay_entry_t *entry)
{
    int                      n;
    char                     text[REPLAY_TALLY_NAME];
    const replay_verdict_t  *v;

    v = &rp->verdict;
    rp->missing |= replay_policy_missing_params(&rp->now, v->whole);

    if (v->unknown_tier) {
        replay_tally_add(&rp->unknown_tiers, (char *) entry->tier.data,
                         entry->tier.len);
        return;
    }

    if (llmp_str_eq(&entry->tier, &v->named->name)) {
        return;
    }

    n = snprintf(text, sizeof(text), "%.*s -> %s",
                 (int) entry->tier.len, (char *) entry->tier.data,
                 (char *) v->named->name.data);

    replay_tally_add(&rp->moved, text, (n < 0) ? 0 : (size_t) n);
}


/* returns whether the changed document would treat the request differently */

static llmp_uint_t
replay_compare_decision(const replay_entry_t *entry, const replay_verdict_t *v,
    replay_t *rp)
{
    llmp_uint_t             different, p, row;
    const llmp_refusal_t   *refusal;
    const llmp_decision_t  *decision;
    llmp_difference_e       outcome;

    decision = &v->decision;
    refusal = &decision->refusal;

    if (entry->rejected) {
        row = replay_compare_row((char *) entry->parameter.data,
                                 entry->parameter.len);

        outcome = (refusal->code == LLMP_REFUSE_NONE)
                  ? LLMP_DIFFERENCE_NO_LONGER_REFUSED : LLMP_DIFFERENCE_NONE;

        replay_compare_count(rp, entry, v, row, outcome);

        return outcome != LLMP_DIFFERENCE_NONE;
    }

    if (refusal->code != LLMP_REFUSE_NONE) {
        row = replay_compare_is_about_key(refusal->code)
              ? REPLAY_ROW_KEY
              : replay_compare_row(refusal->param, strlen(refusal->param));

        replay_compare_count(rp, entry, v, row, LLMP_DIFFERENCE_NEWLY_REFUSED);

        return 1;
    }

    different = 0;

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        outcome = replay_compare_param(entry, decision, p);

        if (outcome == REPLAY_OUTCOMES) {
            continue;
        }

        replay_compare_count(rp, entry, v, p, outcome);
        different |= (outcome != LLMP_DIFFERENCE_NONE);
    }

    return different;
}


static llmp_uint_t
replay_compare_is_about_key(llmp_refusal_e code)
{
    return code == LLMP_REFUSE_UNKNOWN_KEY || code == LLMP_REFUSE_KEY_EXPIRED
           || code == LLMP_REFUSE_KEY_BLOCKED;
}


/* returns REPLAY_OUTCOMES if the parameter is absent before and after */

static llmp_difference_e
replay_compare_param(const replay_entry_t *entry,
    const llmp_decision_t *decision, llmp_uint_t param)
{
    llmp_str_t             effective;
    llmp_uint_t            before, after;
    const llmp_change_t   *now;
    const replay_param_t  *logged;

    now = llmp_decision_param(decision, param);
    logged = &entry->params[param];

    before = replay_compare_was_changed(&logged->action);
    after = (now->action != LLMP_ACTION_NONE);

    if (!before && !after) {
        return (logged->requested.len != 0) ? LLMP_DIFFERENCE_NONE
                                            : REPLAY_OUTCOMES;
    }

    if (!before) {
        return LLMP_DIFFERENCE_NEWLY_CHANGED;
    }

    if (!after) {
        return replay_compare_by_pointer(entry, param)
               ? LLMP_DIFFERENCE_NONE : LLMP_DIFFERENCE_NO_LONGER_CHANGED;
    }

    effective = replay_compare_effective(entry, param);

    if (entry->dry_run && effective.data == NULL) {

        /* "..." was logged instead of the value */

        return llmp_str_is(&logged->action,
                           llmp_decision_action_name(now->action))
               ? LLMP_DIFFERENCE_NONE : LLMP_DIFFERENCE_CHANGED_OTHERWISE;
    }

    return llmp_difference_same_value(&effective, &now->effective)
           ? LLMP_DIFFERENCE_NONE : LLMP_DIFFERENCE_CHANGED_OTHERWISE;
}


/*
 * Returns whether the rule of a JSON Pointer, which is not replayed, changed a
 * parameter: the adjustments have its pointer then, not its name.
 */

static llmp_uint_t
replay_compare_by_pointer(const replay_entry_t *entry, llmp_uint_t param)
{
    llmp_uint_t        pointer;
    const u_char      *p, *end;
    const llmp_str_t  *name;

    if (entry->adjustments.len == 0) {
        return 0;
    }

    name = &llmp_params[param].name;
    p = entry->adjustments.data;
    end = p + entry->adjustments.len;
    pointer = 0;

    while (p != NULL && p < end) {

        if (*p == '/') {
            pointer = 1;

        } else if ((size_t) (end - p) > name->len
                   && memcmp(p, name->data, name->len) == 0
                   && p[name->len] == '=')
        {
            return 0;
        }

        p = replay_compare_find_text(p, end, "), ", 3);
        p = (p != NULL) ? p + 3 : NULL;
    }

    return pointer;
}


/*
 * Returns the value that a parameter was changed to.  In dry run it was not
 * changed, and only the adjustments contain the value: "n=2->1 (max), ...".
 */

static llmp_str_t
replay_compare_effective(const replay_entry_t *entry, llmp_uint_t param)
{
    size_t                 len;
    llmp_str_t             found = llmp_null_string;
    const u_char          *p, *end, *after;
    const llmp_str_t      *name, *line;
    const replay_param_t  *logged;

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
            after = replay_compare_find_text(p, end, " (", 2);

            if (after != NULL) {
                found.data = (u_char *) p;
                found.len = after - p;
            }

            return found;
        }

        p = replay_compare_find_text(p, end, "), ", 3);
        p = (p != NULL) ? p + 3 : NULL;
    }

    return found;
}


static const u_char *
replay_compare_find_text(const u_char *p, const u_char *end, const char *text,
    size_t len)
{
    for ( /* void */ ; (size_t) (end - p) >= len; p++) {
        if (memcmp(p, text, len) == 0) {
            return p;
        }
    }

    return NULL;
}


static llmp_uint_t
replay_compare_was_changed(const llmp_str_t *action)
{
    return action->len != 0 && !llmp_str_is(action, "none");
}


/* returns REPLAY_ROWS if the name is no parameter and not the model */

static llmp_uint_t
replay_compare_row(const char *name, size_t len)
{
    llmp_str_t   str;
    llmp_uint_t  row;

    str.data = (u_char *) name;
    str.len = len;

    row = llmp_difference_row(&str);

    return (row != LLMP_DIFFERENCE_OTHER) ? row : REPLAY_ROWS;
}


const char *
replay_compare_row_name(llmp_uint_t row)
{
    return (row == REPLAY_ROW_KEY) ? "key" : llmp_difference_row_name(row);
}


llmp_uint_t
replay_compare_row_differs(const uint64_t *counts)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_DIFFERENCE_NONE; i++) {
        if (counts[i] != 0) {
            return 1;
        }
    }

    return 0;
}


llmp_uint_t
replay_compare_row_is_empty(const uint64_t *counts)
{
    return !replay_compare_row_differs(counts)
           && counts[LLMP_DIFFERENCE_NONE] == 0;
}


static void
replay_compare_count(replay_t *rp, const replay_entry_t *entry,
    const replay_verdict_t *v, llmp_uint_t row, llmp_difference_e outcome)
{
    llmp_uint_t  tier;

    if (row >= REPLAY_ROWS) {

        /* not reached: only rules for parameters and models were copied */

        return;
    }

    tier = v->named - rp->now.loaded->tiers;

    rp->tiers[tier].counts[row][outcome]++;
    rp->total[outcome]++;

    if (outcome != LLMP_DIFFERENCE_NONE && rp->nexamples < rp->examples_max) {
        replay_compare_add_example(rp, entry, v, row, outcome);
    }
}


static void
replay_compare_add_example(replay_t *rp, const replay_entry_t *entry,
    const replay_verdict_t *v, llmp_uint_t row, llmp_difference_e outcome)
{
    llmp_str_t             value;
    const char            *reason;
    const llmp_str_t      *asked;
    replay_example_t      *e;
    const llmp_change_t   *now;
    const replay_param_t  *logged;

    static const replay_param_t  none;

    e = &rp->examples[rp->nexamples++];

    e->tier = v->named - rp->now.loaded->tiers;
    e->row = row;
    e->outcome = outcome;

    logged = (row < LLMP_PARAM_MAX) ? &entry->params[row] : &none;
    asked = (row == REPLAY_ROW_MODEL) ? &entry->model : &logged->requested;

    replay_tally_copy_text(e->id, sizeof(e->id), entry->request_id.data,
                           entry->request_id.len);

    if (entry->rejected) {
        replay_compare_print_refused(e->before, sizeof(e->before),
                                     (char *) entry->reason.data,
                                     entry->reason.len);

    } else if (replay_compare_was_changed(&logged->action)) {
        value = replay_compare_effective(entry, row);
        replay_compare_print_value(e->before, sizeof(e->before), &value);

    } else {
        replay_compare_print_value(e->before, sizeof(e->before), asked);
    }

    if (v->decision.refusal.code != LLMP_REFUSE_NONE) {
        reason = llmp_refusal_name(v->decision.refusal.code);
        replay_compare_print_refused(e->after, sizeof(e->after), reason,
                                     strlen(reason));

    } else if (row < LLMP_PARAM_MAX) {
        now = llmp_decision_param(&v->decision, row);
        replay_compare_print_value(e->after, sizeof(e->after), &now->effective);

    } else {
        replay_compare_print_value(e->after, sizeof(e->after), asked);
    }
}


static void
replay_compare_print_refused(char *buf, size_t size, const char *reason,
    size_t len)
{
    int         n;
    char        text[REPLAY_EXAMPLE_TEXT];

    n = snprintf(text, sizeof(text), "refused (%.*s)", (int) len, reason);

    replay_tally_copy_text(buf, size, text, (n < 0) ? 0 : strlen(text));
}


static void
replay_compare_print_value(char *buf, size_t size, const llmp_str_t *value)
{
    if (value->len == 0) {
        replay_tally_copy_text(buf, size, "-", 1);
        return;
    }

    replay_tally_copy_text(buf, size, value->data, value->len);
}
