
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of tenants with rules of their own.  Each of them is compared
 * as if it had a tier of its own; tenants with the same changes are one
 * subject.
 */


#include <stdlib.h>

#include "diff/diff.h"
#include "policy/llmp_tier.h"


static void diff_own_changes(diff_t *diff, json_t *changes,
    const llmp_tenant_t *was, const llmp_tenant_t *now);
static llmp_tier_t diff_own_tier(diff_t *diff, const llmp_tenant_t *tenant);
static void diff_own_group(diff_t *diff, json_t *groups, const char *name,
    json_t *changes);


void
diff_own(diff_t *diff, json_t *groups, const llmp_tenant_t *was,
    const llmp_tenant_t *now)
{
    json_t       *changes;
    llmp_tier_t   own;

    changes = json_array();

    if (was != NULL) {
        diff_own_changes(diff, changes, was, now);

    } else if (llmp_tier_own(now->tier, &own, diff->now->npointers, diff->pool)
               == LLMP_OK)
    {
        /* a new tenant, whose tier is in another subject */

        diff_tier_rules(diff, changes, NULL, &own);

    } else {
        diff->failed = 1;
    }

    if (json_array_size(changes) != 0) {
        diff_own_group(diff, groups, (char *) now->name.data, changes);
    }

    json_decref(changes);
}


static void
diff_own_changes(diff_t *diff, json_t *changes, const llmp_tenant_t *was,
    const llmp_tenant_t *now)
{
    llmp_tier_t  old, new;

    old = diff_own_tier(diff, was);
    new = diff_own_tier(diff, now);

    diff_change(diff, changes, "tier", diff_string(&old.name),
                diff_string(&new.name));

    diff_tier(diff, changes, &old, &new);
}


/* returns all that holds for a tenant */

static llmp_tier_t
diff_own_tier(diff_t *diff, const llmp_tenant_t *tenant)
{
    llmp_tier_t  tier;

    tier = *tenant->tier;
    tier.limits = tenant->limits;

    if (llmp_tier_inherit_limits(&tier.limits, &tenant->tier->limits,
                                 diff->pool)
        != LLMP_OK)
    {
        diff->failed = 1;
    }

    return tier;
}


/* adds a tenant to those with the same changes, by the text of these */

static void
diff_own_group(diff_t *diff, json_t *groups, const char *name, json_t *changes)
{
    char    *key;
    json_t  *names, *added;

    key = json_dumps(changes, JSON_COMPACT);

    if (key == NULL) {
        diff->failed = 1;
        return;
    }

    names = json_object_get(groups, key);

    if (names == NULL) {
        names = json_array();
        added = diff_subject(diff, "tenants", names);

        if (json_array_extend(added, changes) != 0
            || json_object_set(groups, key, names) != 0)
        {
            diff->failed = 1;
        }
    }

    if (json_array_append_new(names, json_string(name)) != 0) {
        diff->failed = 1;
    }

    free(key);
}
