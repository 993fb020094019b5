
/*
 * Copyright (C) llm-policy authors
 *
 * Prints what changes, and for whom, from one document to another.
 */


#include <stdlib.h>

#include "diff/diff.h"
#include "llm_policy.h"
#include "print_json.h"
#include "read.h"
#include "usage.h"


static int diff_documents(llmp_arena_t *arena, const char *old,
    const char *now, llmp_uint_t json);
static int diff_policies(diff_t *diff, llmp_uint_t json);
static void diff_document(diff_t *diff);
static void diff_tiers(diff_t *diff);
static void diff_tiers_one(diff_t *diff, const llmp_tier_t *was,
    const llmp_tier_t *now);
static void diff_words_unknown_key(FILE *out, const void *value);


int
diff_run(int argc, char **argv)
{
    int           i, rc;
    const char   *old, *now;
    llmp_uint_t   json;
    llmp_arena_t  arena;

    old = NULL;
    now = NULL;
    json = 0;

    for (i = 1; i < argc; i++) {

        if (strcmp(argv[i], "--json") == 0) {
            json = 1;

        } else if (argv[i][0] == '-' || now != NULL) {
            return usage_print();

        } else if (old == NULL) {
            old = argv[i];

        } else {
            now = argv[i];
        }
    }

    if (now == NULL) {
        return usage_print();
    }

    llmp_arena_init(&arena);

    rc = diff_documents(&arena, old, now, json);

    llmp_arena_reset(&arena);

    return rc;
}


static int
diff_documents(llmp_arena_t *arena, const char *old, const char *now,
    llmp_uint_t json)
{
    int             rc;
    diff_t          diff;
    llmp_policy_t  *was, *is;

    rc = LLM_POLICY_ERROR;

    was = read_policy(arena, old, 0);
    is = read_policy(arena, now, 0);

    if (was != NULL && is != NULL) {
        diff.old = was;
        diff.now = is;
        diff.pool = &arena->pool;

        rc = diff_policies(&diff, json);
    }

    if (was != NULL) {
        llmp_policy_free(was);
    }

    if (is != NULL) {
        llmp_policy_free(is);
    }

    return rc;
}


static int
diff_policies(diff_t *diff, llmp_uint_t json)
{
    diff->failed = 0;
    diff->subjects = json_array();

    diff_document(diff);
    diff_tiers(diff);
    diff_models(diff);
    diff_tenants(diff);
    diff_routes(diff);

    if (!diff->failed && !json) {
        diff_print(diff->subjects);
        json_decref(diff->subjects);

        return LLM_POLICY_OK;
    }

    if (!diff->failed && print_json(diff->subjects) == LLMP_OK) {
        return LLM_POLICY_OK;
    }

    fprintf(stderr, "llm-policy: out of memory\n");

    return LLM_POLICY_ERROR;
}


json_t *
diff_subject(diff_t *diff, const char *kind, json_t *name)
{
    json_t  *subject, *changes;

    subject = json_object();
    changes = json_array();

    if (json_object_set_new(subject, kind, name) != 0
        || json_object_set_new(subject, "changes", changes) != 0
        || json_array_append_new(diff->subjects, subject) != 0)
    {
        diff->failed = 1;
        return NULL;
    }

    return changes;
}


json_t *
diff_subject_end(diff_t *diff)
{
    size_t   n;
    json_t  *subject;

    n = json_array_size(diff->subjects);

    if (n == 0) {
        return NULL;
    }

    subject = json_array_get(diff->subjects, n - 1);

    if (json_array_size(json_object_get(subject, "changes")) == 0) {
        (void) json_array_remove(diff->subjects, n - 1);
        return NULL;
    }

    return subject;
}


void
diff_change(diff_t *diff, json_t *changes, const char *name, json_t *was,
    json_t *now)
{
    json_t  *change;

    if (was != NULL && now != NULL && json_equal(was, now)) {
        json_decref(was);
        json_decref(now);

        return;
    }

    change = json_object();

    if (json_object_set_new(change, "name", json_string(name)) != 0
        || json_object_set_new(change, "was", was) != 0
        || json_object_set_new(change, "now", now) != 0
        || json_array_append_new(changes, change) != 0)
    {
        diff->failed = 1;
    }
}


json_t *
diff_words(diff_t *diff, diff_words_pt words, const void *value)
{
    char    *text;
    FILE    *out;
    size_t   len;
    json_t  *string;

    if (value == NULL) {
        return json_null();
    }

    text = NULL;
    out = open_memstream(&text, &len);

    if (out == NULL) {
        diff->failed = 1;
        return NULL;
    }

    words(out, value);

    string = (fclose(out) == 0) ? json_stringn(text, len) : NULL;

    free(text);

    if (string == NULL) {
        diff->failed = 1;
    }

    return string;
}


json_t *
diff_string(const llmp_str_t *str)
{
    return json_stringn((char *) str->data, str->len);
}


static void
diff_document(diff_t *diff)
{
    json_t  *changes;

    changes = diff_subject(diff, "document", json_true());

    diff_change(diff, changes, "default tier",
                diff_string(&diff->old->default_tier->name),
                diff_string(&diff->now->default_tier->name));

    diff_change(diff, changes, "unknown keys",
                diff_words(diff, diff_words_unknown_key, diff->old),
                diff_words(diff, diff_words_unknown_key, diff->now));

    diff_change(diff, changes, "weights",
                diff_words(diff, diff_words_weights, &diff->old->weights),
                diff_words(diff, diff_words_weights, &diff->now->weights));

    diff_change(diff, changes, "utc_offset",
                diff_words(diff, diff_words_utc_offset, &diff->old->utc_offset),
                diff_words(diff, diff_words_utc_offset,
                           &diff->now->utc_offset));

    diff_limits(diff, changes, "", &diff->old->limits, &diff->now->limits);

    (void) diff_subject_end(diff);
}


static void
diff_tiers(diff_t *diff)
{
    llmp_uint_t         i;
    const llmp_tier_t  *tier;

    for (i = 0; i < diff->now->ntiers; i++) {
        tier = &diff->now->tiers[i];

        diff_tiers_one(diff, llmp_policy_tier(diff->old, &tier->name), tier);
    }

    for (i = 0; i < diff->old->ntiers; i++) {
        tier = &diff->old->tiers[i];

        if (llmp_policy_tier(diff->now, &tier->name) == NULL) {
            diff_tiers_one(diff, tier, NULL);
        }
    }
}


static void
diff_tiers_one(diff_t *diff, const llmp_tier_t *was, const llmp_tier_t *now)
{
    json_t             *subject, *changes;
    const llmp_tier_t  *tier;

    tier = now ? now : was;

    changes = diff_subject(diff, "tier", diff_string(&tier->name));

    diff_change(diff, changes, "tier",
                json_string(was ? "defined" : "not defined"),
                json_string(now ? "defined" : "not defined"));

    if (now) {
        diff_tier(diff, changes, was, now);
    }

    subject = diff_subject_end(diff);

    if (subject == NULL) {
        return;
    }

    diff_tenants_of_tier(diff, subject, tier);

    if (now == diff->now->default_tier
        && json_object_set_new(subject, "default", json_true()) != 0)
    {
        diff->failed = 1;
    }
}


static void
diff_words_unknown_key(FILE *out, const void *value)
{
    const llmp_policy_t  *policy;

    policy = value;

    fprintf(out, "%s", policy->reject_unknown_key ? "refused"
                                                  : "get the default tier");
}
