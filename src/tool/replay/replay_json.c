
/*
 * Copyright (C) llm-policy authors
 *
 * Prints the counts of a replay as JSON.
 */


#include "dialect/llmp_dialect_watch.h"
#include "print_json.h"
#include "replay/replay.h"


static json_t *replay_json_skipped(const replay_t *rp);
static json_t *replay_json_tally(const replay_tally_t *tally);
static json_t *replay_json_table(const replay_t *rp);
static json_t *replay_json_counts(const uint64_t *counts);
static json_t *replay_json_missing(const replay_t *rp);
static json_t *replay_json_examples(const replay_t *rp);
static json_t *replay_json_text(const char *text);


/* json_pack() steals the references, and fails if one of them is NULL */

llmp_int_t
replay_json_print(const replay_t *rp)
{
    json_t  *root;

    root = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, "
                     "s:o, s:o, s:o}",
                     "lines", (json_int_t) rp->lines,
                     "replayed", (json_int_t) rp->replayed,
                     "different", (json_int_t) rp->different,
                     "near", (json_int_t) rp->near,
                     "over", (json_int_t) rp->over,
                     "not_replayable", replay_json_skipped(rp),
                     "limits", replay_json_tally(&rp->limits),
                     "unknown_tiers",
                     replay_json_tally(&rp->unknown_tiers),
                     "moved", replay_json_tally(&rp->moved),
                     "not_in_log", replay_json_missing(rp),
                     "rows", replay_json_table(rp),
                     "total", replay_json_counts(rp->total),
                     "examples", replay_json_examples(rp));

    return print_json(root);
}


static json_t *
replay_json_skipped(const replay_t *rp)
{
    json_t       *skipped;
    llmp_uint_t   i;

    skipped = json_object();

    for (i = 0; i < REPLAY_SKIP_MAX; i++) {
        json_object_set_new(skipped, replay_compare_skips[i].name,
                            json_integer((json_int_t) rp->skipped[i]));
    }

    json_object_set_new(skipped, "refused", replay_json_tally(&rp->refused));

    return skipped;
}


static json_t *
replay_json_tally(const replay_tally_t *tally)
{
    json_t                *counts;
    llmp_uint_t            i;
    const replay_count_t  *count;

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
replay_json_table(const replay_t *rp)
{
    json_t           *table, *counts;
    llmp_uint_t       i, row;
    const uint64_t   *c;

    table = json_array();

    for (i = 0; i < rp->now.loaded->ntiers; i++) {
        for (row = 0; row < REPLAY_ROWS; row++) {

            c = rp->tiers[i].counts[row];

            if (replay_compare_row_is_empty(c)) {
                continue;
            }

            counts = json_pack("{s:s, s:s}", "tier",
                            (char *) rp->now.loaded->tiers[i].name.data,
                            "parameter", replay_compare_row_name(row));

            if (counts != NULL) {
                json_object_update_new(counts, replay_json_counts(c));
            }

            json_array_append_new(table, counts);
        }
    }

    return table;
}


static json_t *
replay_json_counts(const uint64_t *counts)
{
    json_t       *object;
    llmp_uint_t   i;

    object = json_object();

    for (i = 0; i < REPLAY_OUTCOMES; i++) {
        json_object_set_new(object, llmp_difference_name(i),
                            json_integer((json_int_t) counts[i]));
    }

    return object;
}


static json_t *
replay_json_missing(const replay_t *rp)
{
    json_t               *names;
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = rp->now.loaded;
    names = json_array();

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (rp->missing & llmp_mask(i)) {
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
replay_json_examples(const replay_t *rp)
{
    json_t                  *examples;
    llmp_uint_t              i;
    const replay_example_t  *e;

    examples = json_array();

    for (i = 0; i < rp->nexamples; i++) {
        e = &rp->examples[i];

        json_array_append_new(examples,
            json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}",
                      "request_id", replay_json_text(e->id),
                      "tier",
                      (char *) rp->now.loaded->tiers[e->tier].name.data,
                      "parameter", replay_compare_row_name(e->row),
                      "outcome", llmp_difference_name(e->outcome),
                      "before", replay_json_text(e->before),
                      "after", replay_json_text(e->after)));
    }

    return examples;
}


static json_t *
replay_json_text(const char *text)
{
    json_t  *value;

    value = json_string(text);

    return (value != NULL) ? value : json_null();
}
