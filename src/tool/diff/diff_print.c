
/*
 * Copyright (C) llm-policy authors
 *
 * Prints the differences for people.
 */


#include <string.h>

#include "diff/diff.h"


/* names of tenants, or of tiers, that are printed */
#define DIFF_PRINT_NAMES  8

/* columns of a line, unless one value is longer */
#define DIFF_PRINT_WIDTH  80


static void diff_print_subject(const json_t *subject);
static void diff_print_tier(const json_t *subject, const json_t *tier,
    const json_t *tenants);
static void diff_print_other(const json_t *subject);
static void diff_print_names(const char *kind, const json_t *names);
static void diff_print_change(const json_t *change);
static const char *diff_print_string(const json_t *value);


void
diff_print(const json_t *subjects)
{
    size_t   i;
    json_t  *subject;

    if (json_array_size(subjects) == 0) {
        printf("nothing changes\n");
    }

    json_array_foreach(subjects, i, subject) {

        if (i != 0) {
            printf("\n");
        }

        diff_print_subject(subject);
    }
}


static void
diff_print_subject(const json_t *subject)
{
    size_t         i;
    json_t        *change;
    const json_t  *tier, *tenants;

    tier = json_object_get(subject, "tier");
    tenants = json_object_get(subject, "tenants");

    if (tier != NULL) {
        diff_print_tier(subject, tier, tenants);

    } else if (tenants != NULL) {
        diff_print_names("tenant", tenants);

    } else {
        diff_print_other(subject);
    }

    printf("\n");

    json_array_foreach(json_object_get(subject, "changes"), i, change) {
        diff_print_change(change);
    }
}


static void
diff_print_tier(const json_t *subject, const json_t *tier,
    const json_t *tenants)
{
    const char  *separator;

    separator = ": ";

    printf("tier %s", json_string_value(tier));

    if (json_object_get(subject, "default") != NULL) {
        printf("%scallers without a tenant", separator);
        separator = ", ";
    }

    if (json_array_size(tenants) != 0) {
        printf("%s", separator);
        diff_print_names("tenant", tenants);
    }
}


/* prints "document", "models PATTERNS", also with ": tiers NAMES", or "route
   PATH" */

static void
diff_print_other(const json_t *subject)
{
    json_t      *value;
    const char  *kind;

    json_object_foreach((json_t *) subject, kind, value) {

        if (json_is_string(value)) {
            printf("%s %s", kind, json_string_value(value));

        } else if (json_is_true(value)) {
            printf("%s", kind);

        } else if (strcmp(kind, "tiers") == 0) {
            printf(": ");
            diff_print_names("tier", value);
        }
    }
}


/* prints names of one kind, "tenants acme, beta" */

static void
diff_print_names(const char *kind, const json_t *names)
{
    size_t   i, n;
    json_t  *name;

    n = json_array_size(names);

    printf("%s%s", kind, (n == 1) ? "" : "s");

    json_array_foreach(names, i, name) {

        if (i == DIFF_PRINT_NAMES) {
            printf(" and %zu more", n - i);
            break;
        }

        printf("%s %s", (i != 0) ? "," : "", json_string_value(name));
    }
}


static void
diff_print_change(const json_t *change)
{
    int          width;
    const char  *was, *now;

    was = diff_print_string(json_object_get(change, "was"));
    now = diff_print_string(json_object_get(change, "now"));

    width = printf("    %-24s  %s",
                   json_string_value(json_object_get(change, "name")), was);

    if (width + strlen(" -> ") + strlen(now) > DIFF_PRINT_WIDTH) {
        printf("\n%29s", "");
    }

    printf(" -> %s\n", now);
}


static const char *
diff_print_string(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "none";
}
