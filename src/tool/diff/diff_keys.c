
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of API keys: their names, ends, blocks and limits.  Keys that
 * a tenant gets or loses are only counted, unless they have one of these.
 */


#include <stdlib.h>

#include "base/llmp_date.h"
#include "diff/diff.h"


/* hex digits of a hash that stand for a key without a name */
#define DIFF_KEYS_DIGITS  12

/* bytes of "key \"NAME\"", which is cut to fit */
#define DIFF_KEYS_LABEL   256


static void diff_keys_match(diff_keys_t *keys, const llmp_tenant_key_t *was,
    const llmp_tenant_key_t *now);
static llmp_uint_t diff_keys_are_equal(const llmp_key_terms_t *was,
    const llmp_key_terms_t *now);
static void diff_keys_append(diff_keys_t *keys, const llmp_tenant_key_t *was,
    const llmp_tenant_key_t *now);
static int diff_keys_cmp(const void *one, const void *two);
static void diff_keys_add_one(diff_t *diff, json_t *changes,
    const diff_key_t *key);
static const llmp_limits_list_t *diff_keys_limits(
    const llmp_tenant_key_t *key);
static const llmp_str_t *diff_keys_name(const llmp_tenant_key_t *key);
static json_t *diff_keys_json_name(const llmp_tenant_key_t *key);
static void diff_keys_words(FILE *out, const void *value);


void
diff_keys_find(diff_t *diff, diff_keys_t *keys)
{
    int                       rc;
    llmp_uint_t               i, j;
    const llmp_policy_t      *old, *new;
    const llmp_tenant_key_t  *was, *now;

    old = diff->old;
    new = diff->now;

    keys->nelts = 0;
    keys->elts = calloc(old->nkeys + new->nkeys + 1, sizeof(diff_key_t));

    if (keys->elts == NULL) {
        diff->failed = 1;
        return;
    }

    i = 0;
    j = 0;

    while (i < old->nkeys || j < new->nkeys) {
        was = (i < old->nkeys) ? &old->keys[i] : NULL;
        now = (j < new->nkeys) ? &new->keys[j] : NULL;

        rc = (was == NULL) ? 1
             : (now == NULL) ? -1
             : memcmp(was->hash, now->hash, LLMP_KEY_HASH);

        diff_keys_match(keys, (rc <= 0) ? was : NULL, (rc >= 0) ? now : NULL);

        i += (rc <= 0);
        j += (rc >= 0);
    }

    qsort(keys->elts, keys->nelts, sizeof(diff_key_t), diff_keys_cmp);
}


static void
diff_keys_match(diff_keys_t *keys, const llmp_tenant_key_t *was,
    const llmp_tenant_key_t *now)
{
    if (was != NULL && now != NULL
        && llmp_str_eq(&was->tenant->name, &now->tenant->name))
    {
        if (!diff_keys_are_equal(was->terms, now->terms)) {
            diff_keys_append(keys, was, now);
        }

        return;
    }

    if (was != NULL && was->terms != NULL) {
        diff_keys_append(keys, was, NULL);
    }

    if (now != NULL && now->terms != NULL) {
        diff_keys_append(keys, NULL, now);
    }
}


/* limits are compared later: keys that have any are never equal here */

static llmp_uint_t
diff_keys_are_equal(const llmp_key_terms_t *was, const llmp_key_terms_t *now)
{
    if (was == NULL || now == NULL) {
        return was == now;
    }

    return llmp_str_eq(&was->name, &now->name)
           && was->not_after == now->not_after
           && was->blocked == now->blocked
           && was->limits.nelts == 0 && now->limits.nelts == 0;
}


static void
diff_keys_append(diff_keys_t *keys, const llmp_tenant_key_t *was,
    const llmp_tenant_key_t *now)
{
    diff_key_t  *key;

    key = &keys->elts[keys->nelts++];

    key->was = was;
    key->now = now;
    key->tenant = (char *) (now ? now : was)->tenant->name.data;
}


/* orders by tenant; keys of one tenant as they are found, by hash */

static int
diff_keys_cmp(const void *one, const void *two)
{
    int                rc;
    const diff_key_t  *a, *b;

    a = one;
    b = two;

    rc = strcmp(a->tenant, b->tenant);

    return (rc != 0) ? rc : memcmp((a->now ? a->now : a->was)->hash,
                                   (b->now ? b->now : b->was)->hash,
                                   LLMP_KEY_HASH);
}


void
diff_keys_add(diff_t *diff, json_t *changes, const diff_keys_t *keys,
    const char *tenant)
{
    llmp_uint_t  low, high, middle;

    low = 0;
    high = keys->nelts;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (strcmp(keys->elts[middle].tenant, tenant) < 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    for ( /* void */ ; low < keys->nelts; low++) {

        if (strcmp(keys->elts[low].tenant, tenant) != 0) {
            break;
        }

        diff_keys_add_one(diff, changes, &keys->elts[low]);
    }
}


static void
diff_keys_add_one(diff_t *diff, json_t *changes, const diff_key_t *key)
{
    int                       len;
    char                      label[DIFF_KEYS_LABEL], hash[72];
    const llmp_str_t         *name;
    const llmp_tenant_key_t  *one;

    one = key->now ? key->now : key->was;
    name = diff_keys_name(one);
    len = sizeof("sha256:") - 1 + DIFF_KEYS_DIGITS;

    llmp_key_format(hash, one->hash);

    if (name == NULL) {
        (void) snprintf(label, sizeof(label), "key %.*s", len, hash);

    } else {
        (void) snprintf(label, sizeof(label), "key \"%s\"",
                        (char *) name->data);
    }

    diff_change(diff, changes, label,
                diff_words(diff, diff_keys_words, key->was),
                diff_words(diff, diff_keys_words, key->now));

    (void) snprintf(label + strlen(label), sizeof(label) - strlen(label), " ");

    diff_limits(diff, changes, label, diff_keys_limits(key->was),
                diff_keys_limits(key->now));

    if (key->was != NULL && key->now != NULL) {
        (void) snprintf(label, sizeof(label), "name of key %.*s", len, hash);

        diff_change(diff, changes, label,
                    diff_keys_json_name(key->was),
                    diff_keys_json_name(key->now));
    }
}


static const llmp_limits_list_t *
diff_keys_limits(const llmp_tenant_key_t *key)
{
    return (key != NULL && key->terms != NULL) ? &key->terms->limits : NULL;
}


/* returns NULL if the key has no name */

static const llmp_str_t *
diff_keys_name(const llmp_tenant_key_t *key)
{
    return (key->terms != NULL && key->terms->name.len != 0)
           ? &key->terms->name : NULL;
}


static json_t *
diff_keys_json_name(const llmp_tenant_key_t *key)
{
    const llmp_str_t  *name;

    name = diff_keys_name(key);

    return (name != NULL) ? diff_string(name) : json_null();
}


static void
diff_keys_words(FILE *out, const void *value)
{
    char                      date[LLMP_DATE_TEXT];
    const llmp_key_terms_t   *terms;
    const llmp_tenant_key_t  *key;

    key = value;
    terms = key->terms;

    fprintf(out, (terms != NULL && terms->blocked) ? "blocked" : "valid");

    if (terms != NULL && terms->not_after != INT64_MAX) {
        llmp_date_write(date, terms->not_after);
        fprintf(out, terms->blocked ? ", valid until %s" : " until %s", date);
    }
}
