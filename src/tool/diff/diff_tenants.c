
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of tenants.  Tenants that change from one tier to the same
 * other one are one subject, with the differences of the two tiers; those with
 * rules of their own are compared by themselves.
 */


#include <stdlib.h>

#include "diff/diff.h"


/* tenant in the old document, the new one, or both */

typedef struct {
    const llmp_tenant_t  *was;       /* or NULL */
    const llmp_tenant_t  *now;       /* or NULL */
    const char           *name;
    const char           *was_tier;  /* "": none */
    const char           *now_tier;
    llmp_uint_t           was_keys;  /* number of keys */
    llmp_uint_t           now_keys;
    llmp_uint_t           added;     /* keys that it had not */
    llmp_uint_t           own;       /* it is in both documents, and has rules
                                        of its own in one */
} diff_tenant_t;


static llmp_uint_t diff_tenants_match(diff_t *diff, diff_tenant_t *tenants);
static void diff_tenants_count_keys(diff_t *diff, diff_tenant_t *tenants,
    llmp_uint_t n);
static void diff_tenants_set(diff_tenant_t *tenant, const llmp_tenant_t *was,
    const llmp_tenant_t *now);
static diff_tenant_t *diff_tenants_find(diff_tenant_t *tenants, llmp_uint_t n,
    const llmp_str_t *name);
static int diff_tenants_cmp_move(const void *one, const void *two);
static llmp_uint_t diff_tenants_add_moves(diff_t *diff,
    const diff_tenant_t *tenants, llmp_uint_t n);
static void diff_tenants_add_own(diff_t *diff, const diff_keys_t *keys,
    const diff_tenant_t *tenant);
static void diff_tenants_add_rules(diff_t *diff, const diff_tenant_t *tenants,
    llmp_uint_t n);
static void diff_tenants_words_keys(FILE *out, const void *value);


void
diff_tenants(diff_t *diff)
{
    llmp_uint_t     i, n;
    diff_keys_t     keys;
    diff_tenant_t  *tenants;

    tenants = calloc(diff->old->ntenants + diff->now->ntenants + 1,
                     sizeof(diff_tenant_t));

    if (tenants == NULL) {
        diff->failed = 1;
        return;
    }

    n = diff_tenants_match(diff, tenants);

    diff_tenants_count_keys(diff, tenants, n);
    diff_keys_find(diff, &keys);

    for (i = 0; i < n; i++) {
        diff_tenants_add_own(diff, &keys, &tenants[i]);
    }

    free(keys.elts);

    qsort(tenants, n, sizeof(diff_tenant_t), diff_tenants_cmp_move);

    for (i = 0; i < n && !tenants[i].own; /* void */ ) {
        i += diff_tenants_add_moves(diff, &tenants[i], n - i);
    }

    diff_tenants_add_rules(diff, tenants, n);

    free(tenants);
}


/* sets the tenants of both documents, ordered by name; returns their number */

static llmp_uint_t
diff_tenants_match(diff_t *diff, diff_tenant_t *tenants)
{
    int              rc;
    llmp_uint_t      i, j, n;
    llmp_tenant_t  **old, **now;

    n = 0;
    i = 0;
    j = 0;

    old = diff->old->by_name;
    now = diff->now->by_name;

    while (i < diff->old->ntenants || j < diff->now->ntenants) {
        rc = (i == diff->old->ntenants) ? 1
             : (j == diff->now->ntenants) ? -1
             : llmp_str_cmp(&old[i]->name, &now[j]->name);

        diff_tenants_set(&tenants[n++], (rc <= 0) ? old[i] : NULL,
                         (rc >= 0) ? now[j] : NULL);

        i += (rc <= 0);
        j += (rc >= 0);
    }

    return n;
}


static void
diff_tenants_set(diff_tenant_t *tenant, const llmp_tenant_t *was,
    const llmp_tenant_t *now)
{
    tenant->was = was;
    tenant->now = now;
    tenant->name = (char *) (now ? now : was)->name.data;
    tenant->own = was && now && (was->tier->tenant || now->tier->tenant);
    tenant->was_tier = was ? (char *) was->tier->name.data : "";
    tenant->now_tier = now ? (char *) now->tier->name.data : "";
}


/* counts the keys that a tenant gets and loses; both lists are ordered */

static void
diff_tenants_count_keys(diff_t *diff, diff_tenant_t *tenants, llmp_uint_t n)
{
    int                       rc;
    llmp_uint_t               i, j;
    diff_tenant_t            *tenant;
    const llmp_tenant_key_t  *was, *now;

    i = 0;
    j = 0;

    while (i < diff->old->nkeys || j < diff->now->nkeys) {
        was = &diff->old->keys[i];
        now = &diff->now->keys[j];

        rc = (i == diff->old->nkeys) ? 1
             : (j == diff->now->nkeys) ? -1
             : memcmp(was->hash, now->hash, LLMP_KEY_HASH);

        if (rc <= 0) {
            diff_tenants_find(tenants, n, &was->tenant->name)->was_keys++;
            i++;
        }

        if (rc >= 0) {
            tenant = diff_tenants_find(tenants, n, &now->tenant->name);

            tenant->now_keys++;
            tenant->added += (rc != 0
                              || !llmp_str_eq(&was->tenant->name,
                                              &now->tenant->name));
            j++;
        }
    }
}


/* returns the tenant of a name, which is one of the n tenants */

static diff_tenant_t *
diff_tenants_find(diff_tenant_t *tenants, llmp_uint_t n,
    const llmp_str_t *name)
{
    llmp_uint_t  low, high, middle;

    low = 0;
    high = n - 1;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (strcmp(tenants[middle].name, (char *) name->data) < 0) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return &tenants[low];
}


/* orders tenants by their old tier, their new tier, and their name; those with
   rules of their own are last */

static int
diff_tenants_cmp_move(const void *one, const void *two)
{
    int                   rc;
    const diff_tenant_t  *a, *b;

    a = one;
    b = two;

    if (a->own != b->own) {
        return a->own ? 1 : -1;
    }

    rc = strcmp(a->was_tier, b->was_tier);

    if (rc == 0) {
        rc = strcmp(a->now_tier, b->now_tier);
    }

    return (rc != 0) ? rc : strcmp(a->name, b->name);
}


/* adds the first tenants, which all change from one tier to another; returns
   their number */

static llmp_uint_t
diff_tenants_add_moves(diff_t *diff, const diff_tenant_t *tenants,
    llmp_uint_t n)
{
    json_t               *names, *changes;
    llmp_uint_t           i;
    const diff_tenant_t  *first;

    first = &tenants[0];
    names = json_array();

    for (i = 0; i < n; i++) {
        if (tenants[i].own
            || strcmp(tenants[i].was_tier, first->was_tier) != 0
            || strcmp(tenants[i].now_tier, first->now_tier) != 0)
        {
            break;
        }

        if (json_array_append_new(names, json_string(tenants[i].name)) != 0) {
            diff->failed = 1;
        }
    }

    changes = diff_subject(diff, "tenants", names);

    diff_change(diff, changes, "tier",
                first->was ? json_string(first->was_tier) : json_null(),
                first->now ? json_string(first->now_tier) : json_null());

    if (first->was && first->now
        && strcmp(first->was_tier, first->now_tier) != 0)
    {
        diff_tier(diff, changes, first->was->tier, first->now->tier);
    }

    (void) diff_subject_end(diff);

    return i;
}


/* adds the changes of a tenant itself */

static void
diff_tenants_add_own(diff_t *diff, const diff_keys_t *keys,
    const diff_tenant_t *tenant)
{
    json_t  *changes, *names;

    if (tenant->was == NULL || tenant->now == NULL) {
        return;
    }

    names = json_array();

    if (json_array_append_new(names, json_string(tenant->name)) != 0) {
        diff->failed = 1;
    }

    changes = diff_subject(diff, "tenants", names);

    diff_change(diff, changes, "keys",
                json_sprintf("%zu", (size_t) tenant->was_keys),
                diff_words(diff, diff_tenants_words_keys, tenant));

    diff_keys_add(diff, changes, keys, tenant->name);

    if (!tenant->own) {
        diff_limits(diff, changes, "", &tenant->was->limits,
                    &tenant->now->limits);
    }

    (void) diff_subject_end(diff);
}


/* adds what changes for tenants with rules of their own, also for new ones */

static void
diff_tenants_add_rules(diff_t *diff, const diff_tenant_t *tenants,
    llmp_uint_t n)
{
    json_t       *groups;
    llmp_uint_t   i;

    groups = json_object();

    for (i = 0; i < n; i++) {
        if (tenants[i].own
            || (tenants[i].was == NULL && tenants[i].now->tier->tenant))
        {
            diff_own(diff, groups, tenants[i].was, tenants[i].now);
        }
    }

    json_decref(groups);
}


static void
diff_tenants_words_keys(FILE *out, const void *value)
{
    const diff_tenant_t  *tenant;

    tenant = value;

    fprintf(out, "%zu", (size_t) tenant->now_keys);

    if (tenant->added != 0) {
        fprintf(out, " (%zu new)", (size_t) tenant->added);
    }
}


void
diff_tenants_of_tier(diff_t *diff, json_t *subject, const llmp_tier_t *tier)
{
    json_t               *names;
    llmp_uint_t           i;
    const llmp_tenant_t  *tenant;

    names = json_array();

    for (i = 0; i < diff->now->ntenants; i++) {
        tenant = &diff->now->tenants[i];

        if (tenant->tier == tier
            && json_array_append_new(names, diff_string(&tenant->name)) != 0)
        {
            diff->failed = 1;
        }
    }

    if (json_object_set_new(subject, "tenants", names) != 0) {
        diff->failed = 1;
    }
}
