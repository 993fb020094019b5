
/*
 * Copyright (C) llm-policy authors
 *
 * The counts of a replay, as JSON.
 */


#include "llm_policy_json.h"
#include "replay/llm_policy_replay.h"


static json_t *llm_policy_json_skipped(const llm_policy_replay_t *rp);
static json_t *llm_policy_json_tally(const llm_policy_tally_t *tally);
static json_t *llm_policy_json_table(const llm_policy_replay_t *rp);
static json_t *llm_policy_json_counts(const uint64_t *counts);
static json_t *llm_policy_json_lacking(const llm_policy_replay_t *rp);
static json_t *llm_policy_json_examples(const llm_policy_replay_t *rp);
static json_t *llm_policy_json_text(const char *text);


/* json_pack() takes the references, and fails if one of them is NULL */

llmp_int_t
llm_policy_replay_print_json(const llm_policy_replay_t *rp)
{
    json_t  *root;

    root = json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "lines", (json_int_t) rp->lines,
                     "replayed", (json_int_t) rp->replayed,
                     "different", (json_int_t) rp->different,
                     "not_replayable", llm_policy_json_skipped(rp),
                     "unknown_tiers",
                     llm_policy_json_tally(&rp->unknown_tiers),
                     "moved", llm_policy_json_tally(&rp->moved),
                     "not_in_log", llm_policy_json_lacking(rp),
                     "rows", llm_policy_json_table(rp),
                     "total", llm_policy_json_counts(rp->total),
                     "examples", llm_policy_json_examples(rp));

    return llm_policy_json_print(root);
}


static json_t *
llm_policy_json_skipped(const llm_policy_replay_t *rp)
{
    json_t       *skipped;
    llmp_uint_t   i;

    skipped = json_object();

    for (i = 0; i < LLM_POLICY_SKIPPED_MAX; i++) {
        json_object_set_new(skipped, llm_policy_skipped[i].name,
                            json_integer((json_int_t) rp->skipped[i]));
    }

    json_object_set_new(skipped, "refused",
                        llm_policy_json_tally(&rp->refused));

    return skipped;
}


static json_t *
llm_policy_json_tally(const llm_policy_tally_t *tally)
{
    json_t                    *counts;
    llmp_uint_t                i;
    const llm_policy_count_t  *count;

    counts = json_object();

    for (i = 0; i < tally->nelts; i++) {
        count = &tally->elts[i];
        json_object_set_new(counts, count->name,
                            json_integer((json_int_t) count->count));
    }

    if (tally->others != 0) {
        json_object_set_new(counts, "...",
                            json_integer((json_int_t) tally->others));
    }

    return counts;
}


static json_t *
llm_policy_json_table(const llm_policy_replay_t *rp)
{
    json_t           *table, *counts;
    llmp_uint_t       i, row;
    const uint64_t   *c;

    table = json_array();

    for (i = 0; i < rp->terms.loaded->ntiers; i++) {
        for (row = 0; row < LLM_POLICY_ROWS; row++) {

            c = rp->tiers[i].counts[row];

            if (llm_policy_row_is_empty(c)) {
                continue;
            }

            counts = json_pack("{s:s, s:s}", "tier",
                            (char *) rp->terms.loaded->tiers[i].name.data,
                            "parameter", llm_policy_row_name(row));

            if (counts != NULL) {
                json_object_update_new(counts, llm_policy_json_counts(c));
            }

            json_array_append_new(table, counts);
        }
    }

    return table;
}


static json_t *
llm_policy_json_counts(const uint64_t *counts)
{
    json_t       *object;
    llmp_uint_t   i;

    object = json_object();

    for (i = 0; i < LLM_POLICY_OUTCOMES; i++) {
        json_object_set_new(object, llm_policy_outcomes[i],
                            json_integer((json_int_t) counts[i]));
    }

    return object;
}


static json_t *
llm_policy_json_lacking(const llm_policy_replay_t *rp)
{
    json_t               *names;
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = rp->terms.loaded;
    names = json_array();

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (rp->lacking & llmp_mask(i)) {
            json_array_append_new(names,
                          json_string((char *) llmp_params[i].name.data));
        }
    }

    for (i = 0; i < policy->npointers; i++) {
        json_array_append_new(names,
                       json_string((char *) policy->pointers[i].text.data));
    }

    return names;
}


static json_t *
llm_policy_json_examples(const llm_policy_replay_t *rp)
{
    json_t                      *examples;
    llmp_uint_t                  i;
    const llm_policy_example_t  *e;

    examples = json_array();

    for (i = 0; i < rp->nexamples; i++) {
        e = &rp->examples[i];

        json_array_append_new(examples,
            json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}",
                      "request_id", llm_policy_json_text(e->id),
                      "tier",
                      (char *) rp->terms.loaded->tiers[e->tier].name.data,
                      "parameter", llm_policy_row_name(e->row),
                      "outcome", llm_policy_outcomes[e->outcome],
                      "before", llm_policy_json_text(e->before),
                      "after", llm_policy_json_text(e->after)));
    }

    return examples;
}


static json_t *
llm_policy_json_text(const char *text)
{
    json_t  *value;

    value = json_string(text);

    return (value != NULL) ? value : json_null();
}
