
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of rules, and of what else a tier has.
 */


#include "diff/diff.h"
#include "dialect/llmp_dialect_watch.h"


static void diff_rules_pointers(diff_t *diff, json_t *changes,
    const llmp_rules_t *was, const llmp_rules_t *now);
static const llmp_rule_t *diff_rules_find_pointer(const llmp_policy_t *policy,
    const llmp_rules_t *rules, const llmp_str_t *text);
static void diff_rules_change(diff_t *diff, json_t *changes, const char *name,
    const llmp_rule_t *was, const llmp_rule_t *now);
static void diff_rules_limits(diff_t *diff, json_t *changes,
    const llmp_tier_t *was, const llmp_tier_t *now);
static void diff_rules_words_allow(FILE *out, const void *value);
static void diff_rules_words(FILE *out, const void *value);
static void diff_rules_words_bounds(FILE *out, const llmp_rule_t *rule,
    const char **comma);


void
diff_rules(diff_t *diff, json_t *changes, const llmp_rules_t *was,
    const llmp_rules_t *now)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        diff_rules_change(diff, changes, (char *) llmp_params[i].name.data,
                          was ? was->params[i] : NULL,
                          now ? now->params[i] : NULL);
    }

    diff_rules_pointers(diff, changes, was, now);
}


static void
diff_rules_pointers(diff_t *diff, json_t *changes, const llmp_rules_t *was,
    const llmp_rules_t *now)
{
    llmp_uint_t         i;
    const llmp_str_t   *text;
    const llmp_rule_t  *old;

    for (i = 0; i < diff->now->npointers; i++) {
        text = &diff->now->pointers[i].text;

        diff_rules_change(diff, changes, (char *) text->data,
                          diff_rules_find_pointer(diff->old, was, text),
                          diff_rules_find_pointer(diff->now, now, text));
    }

    for (i = 0; i < diff->old->npointers; i++) {
        text = &diff->old->pointers[i].text;
        old = diff_rules_find_pointer(diff->old, was, text);

        if (diff_rules_find_pointer(diff->now, now, text) == NULL) {
            diff_rules_change(diff, changes, (char *) text->data, old, NULL);
        }
    }
}


static const llmp_rule_t *
diff_rules_find_pointer(const llmp_policy_t *policy, const llmp_rules_t *rules,
    const llmp_str_t *text)
{
    llmp_uint_t  i;

    if (rules == NULL || rules->pointers == NULL) {
        return NULL;
    }

    for (i = 0; i < policy->npointers; i++) {
        if (llmp_str_eq(&policy->pointers[i].text, text)) {
            return rules->pointers[i];
        }
    }

    return NULL;
}


static void
diff_rules_change(diff_t *diff, json_t *changes, const char *name,
    const llmp_rule_t *was, const llmp_rule_t *now)
{
    if (was != NULL || now != NULL) {
        diff_change(diff, changes, name,
                    diff_words(diff, diff_rules_words, was),
                    diff_words(diff, diff_rules_words, now));
    }
}


void
diff_tier(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now)
{
    diff_rules(diff, changes, was ? &was->rules : NULL, &now->rules);

    diff_change(diff, changes, "models allowed",
                was ? diff_words(diff, diff_rules_words_allow, was)
                    : json_string("all"),
                diff_words(diff, diff_rules_words_allow, now));

    diff_change(diff, changes, "models denied",
                was ? diff_words(diff, diff_words_patterns, &was->deny)
                    : json_string("none"),
                diff_words(diff, diff_words_patterns, &now->deny));

    diff_rules_limits(diff, changes, was, now);
}


static void
diff_rules_limits(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now)
{
    int64_t       old, new;
    llmp_limit_e  i;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        old = was ? was->limits.max[i] : 0;
        new = now->limits.max[i];

        diff_change(diff, changes, llmp_limits_name(i), diff_limit(old),
                    diff_limit(new));
    }
}


json_t *
diff_limit(int64_t limit)
{
    char  text[24];

    if (limit == 0) {
        return json_null();
    }

    (void) snprintf(text, sizeof(text), "%lld", (long long) limit);

    return json_string(text);
}


static void
diff_rules_words_allow(FILE *out, const void *value)
{
    const llmp_tier_t  *tier;

    tier = value;

    if (tier->allow_set) {
        diff_words_patterns(out, &tier->allow);

    } else {
        fprintf(out, "all");
    }
}


static void
diff_rules_words(FILE *out, const void *value)
{
    const char         *comma;
    llmp_uint_t         i;
    const llmp_rule_t  *rule;

    rule = value;
    comma = "";

    if (rule->force != NULL) {
        fprintf(out, "always %s", (char *) rule->force->text.data);
        comma = ", ";
    }

    if (rule->remove) {
        fprintf(out, "%sremoved", comma);
        comma = ", ";
    }

    if (rule->deny) {
        fprintf(out, "%srefused", comma);
        comma = ", ";
    }

    if (rule->require) {
        fprintf(out, "%srequired", comma);
        comma = ", ";
    }

    if (rule->nallow != 0) {
        fprintf(out, "%sonly", comma);
        comma = ", ";
    }

    for (i = 0; i < rule->nallow; i++) {
        fprintf(out, "%s %s", (i != 0) ? " or" : "",
                (char *) rule->allow[i].text.data);
    }

    diff_rules_words_bounds(out, rule, &comma);

    if (rule->fallback != NULL) {
        fprintf(out, "%s%s if absent", comma,
                (char *) rule->fallback->text.data);
    }
}


static void
diff_rules_words_bounds(FILE *out, const llmp_rule_t *rule, const char **comma)
{
    const llmp_value_t  *min, *max;

    min = rule->min;
    max = rule->max;

    if (min == NULL && max == NULL) {
        return;
    }

    if (min != NULL && max != NULL) {
        fprintf(out, "%sfrom %s to %s", *comma, (char *) min->text.data,
                (char *) max->text.data);

    } else if (min != NULL) {
        fprintf(out, "%sat least %s", *comma, (char *) min->text.data);

    } else {
        fprintf(out, "%sat most %s", *comma, (char *) max->text.data);
    }

    *comma = ", ";

    if (rule->reject) {
        fprintf(out, " (others refused)");
    }
}


void
diff_words_patterns(FILE *out, const void *value)
{
    llmp_uint_t             i;
    const llmp_patterns_t  *patterns;

    patterns = value;

    for (i = 0; i < patterns->nelts; i++) {
        fprintf(out, "%s%s", (i != 0) ? ", " : "",
                (char *) patterns->elts[i].text.data);
    }

    if (patterns->nelts == 0) {
        fprintf(out, "none");
    }
}
