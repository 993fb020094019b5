
/*
 * Copyright (C) llm-policy authors
 *
 * Decides again on the request of a line of the log.
 */


#include "base/llmp_date.h"
#include "dialect/llmp_dialect.h"
#include "policy/llmp_tier.h"
#include "replay/replay.h"
#include "request/llmp_request_caller.h"


static llmp_int_t replay_decide_find_caller(replay_verdict_t *v,
    replay_policy_t *doc, const replay_entry_t *entry);
static llmp_int_t replay_decide_judge_key(replay_verdict_t *v,
    const replay_policy_t *doc, const replay_entry_t *entry,
    llmp_tenant_t *tenant);


llmp_int_t
replay_decide(replay_verdict_t *v, replay_policy_t *doc,
    const replay_entry_t *entry, const llmp_dialect_t *dialect)
{
    size_t                   len;
    u_char                   buf[REPLAY_BODY_MAX];
    llmp_decision_t         *decision;
    static const llmp_str_t  boundary = llmp_string("b");

    if (entry->cut
        || replay_body_from_log(doc, entry, dialect, buf, &len) != LLMP_OK)
    {
        return LLMP_DECLINED;
    }

    llmp_scratch_reset(&v->scratch);
    replay_policy_select_rules(doc, entry->present);

    decision = &v->decision;
    llmp_decision_init(decision);

    if (replay_decide_find_caller(v, doc, entry) != LLMP_OK) {
        return (decision->refusal.code == LLMP_REFUSE_NONE) ? LLMP_ERROR
                                                            : LLMP_OK;
    }

    replay_policy_select_tier(doc, &v->tier, v->whole);

    decision->policy = &doc->policy;
    decision->tier = &v->tier;
    decision->dialect = dialect;
    decision->path_model = entry->model;

    if (dialect->form) {

        /* strings may be numbers in a form; no edit is ever applied */

        decision->boundary = boundary;
    }

    /* the body is the tool's own: its hash needs no secret seed */

    llmp_scan_init(&v->scan, doc->policy.watch[llmp_dialect_index(dialect)],
                   &v->scratch.pool, 1);

    v->scan.unknown = llmp_tier_polices_unknown(&v->tier);

    if (llmp_scan_feed(&v->scan, buf, len, 1) != LLMP_OK) {
        return (v->scan.refusal.code == LLMP_REFUSE_INTERNAL) ? LLMP_ERROR
                                                              : LLMP_DECLINED;
    }

    (void) llmp_decide(decision, &v->scan.members, &v->scratch.pool);

    return (decision->refusal.code == LLMP_REFUSE_INTERNAL) ? LLMP_ERROR
                                                            : LLMP_OK;
}


/* sets the tier: that of the logged tenant, unless llm_policy_tier or a limit
   gave it; returns LLMP_ERROR with a refusal, or without one if there is no
   memory */

static llmp_int_t
replay_decide_find_caller(replay_verdict_t *v, replay_policy_t *doc,
    const replay_entry_t *entry)
{
    llmp_tier_t           *tier;
    llmp_tenant_t         *tenant;
    const llmp_policy_t   *loaded;

    loaded = doc->loaded;
    v->unknown_tier = 0;
    tenant = NULL;

    if (entry->tenant.len != 0) {
        tenant = llmp_policy_tenant(loaded, &entry->tenant);
    }

    if (entry->tenant.len == 0 || entry->given_tier) {
        tier = replay_policy_find_tier(doc, &entry->tier);

        if (tier == NULL && entry->over && tenant != NULL) {

            /* no limit can move the tenant there any more */

            tier = tenant->tier->named;
        }

        v->unknown_tier = (tier == NULL);

    } else {
        tier = (tenant != NULL) ? tenant->tier->named : NULL;
    }

    if (tier == NULL) {
        tier = loaded->default_tier;
    }

    v->named = tier;
    v->whole = tier;

    if (tenant != NULL) {
        v->whole = llmp_tier_of_tenant(tenant->tier, tier, loaded->npointers,
                                       &v->scratch.pool);
        if (v->whole == NULL) {
            return LLMP_ERROR;
        }
    }

    if (entry->tenant.len != 0 && tenant == NULL
        && loaded->reject_unknown_key)
    {
        return llmp_refuse(&v->decision.refusal, LLMP_REFUSE_UNKNOWN_KEY, NULL,
                           "the API key is not known");
    }

    if (tenant != NULL && entry->key_name.len != 0) {
        return replay_decide_judge_key(v, doc, entry, tenant);
    }

    return LLMP_OK;
}


/* a log without keys, or without times, tells less: nothing is refused then */

static llmp_int_t
replay_decide_judge_key(replay_verdict_t *v, const replay_policy_t *doc,
    const replay_entry_t *entry, llmp_tenant_t *tenant)
{
    int64_t                   time;
    const llmp_tenant_key_t  *key;

    key = replay_policy_find_key(doc, tenant, &entry->key_name);

    if (key == NULL) {
        return LLMP_OK;
    }

    if (llmp_date_parse(&time, &entry->time) != NULL) {
        time = INT64_MIN;
    }

    return llmp_request_caller_judge_key(key->terms, time,
                                         &v->decision.refusal);
}
