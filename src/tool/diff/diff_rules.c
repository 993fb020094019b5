
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of rules, and of what else a tier has.
 */


#include "diff/diff.h"
#include "dialect/llmp_dialect_watch.h"
#include "words.h"


/* rule and facts of a tier, or of an entry of models, about one member */

typedef struct {
    const llmp_rule_t   *rule;   /* or NULL */
    const llmp_facts_t  *facts;  /* or NULL */
} diff_rules_entry_t;


static diff_rules_entry_t diff_rules_param(const llmp_rules_t *rules,
    llmp_uint_t param);
static void diff_rules_pointers(diff_t *diff, json_t *changes,
    const llmp_rules_t *was, const llmp_rules_t *now);
static diff_rules_entry_t diff_rules_pointer(const llmp_policy_t *policy,
    const llmp_rules_t *rules, const llmp_str_t *text);
static llmp_uint_t diff_rules_find_pointer(const llmp_policy_t *policy,
    const llmp_str_t *text);
static void diff_rules_change(diff_t *diff, json_t *changes, const char *name,
    diff_rules_entry_t was, diff_rules_entry_t now);
static json_t *diff_rules_entry(diff_t *diff, const diff_rules_entry_t *entry);
static void diff_rules_prompt(diff_t *diff, json_t *changes,
    const llmp_tier_t *was, const llmp_tier_t *now);
static json_t *diff_rules_prompt_limit(int64_t limit);
static void diff_rules_words_allow(FILE *out, const void *value);
static void diff_rules_words_unknown(FILE *out, const void *value);
static void diff_rules_words(FILE *out, const void *value);
static const char *diff_rules_words_rule(FILE *out, const llmp_rule_t *rule);
static const char *diff_rules_words_bounds(FILE *out, const llmp_rule_t *rule,
    const char *comma);
static void diff_rules_words_facts(FILE *out, const llmp_facts_t *facts,
    const char *comma);


void
diff_rules(diff_t *diff, json_t *changes, const llmp_rules_t *was,
    const llmp_rules_t *now)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        diff_rules_change(diff, changes, (char *) llmp_params[i].name.data,
                          diff_rules_param(was, i), diff_rules_param(now, i));
    }

    diff_rules_pointers(diff, changes, was, now);
}


static diff_rules_entry_t
diff_rules_param(const llmp_rules_t *rules, llmp_uint_t param)
{
    diff_rules_entry_t  entry;

    entry.rule = rules ? rules->params[param] : NULL;
    entry.facts = rules ? rules->facts[param] : NULL;

    return entry;
}


static void
diff_rules_pointers(diff_t *diff, json_t *changes, const llmp_rules_t *was,
    const llmp_rules_t *now)
{
    llmp_uint_t        i;
    const llmp_str_t  *text;

    for (i = 0; i < diff->now->npointers; i++) {
        text = &diff->now->pointers[i].text;

        diff_rules_change(diff, changes, (char *) text->data,
                          diff_rules_pointer(diff->old, was, text),
                          diff_rules_pointer(diff->now, now, text));
    }

    for (i = 0; i < diff->old->npointers; i++) {
        text = &diff->old->pointers[i].text;

        if (diff_rules_find_pointer(diff->now, text) == diff->now->npointers) {
            diff_rules_change(diff, changes, (char *) text->data,
                              diff_rules_pointer(diff->old, was, text),
                              diff_rules_pointer(diff->now, now, text));
        }
    }
}


static diff_rules_entry_t
diff_rules_pointer(const llmp_policy_t *policy, const llmp_rules_t *rules,
    const llmp_str_t *text)
{
    llmp_uint_t         i;
    diff_rules_entry_t  entry;

    entry.rule = NULL;
    entry.facts = NULL;

    i = diff_rules_find_pointer(policy, text);

    if (rules != NULL && rules->pointers != NULL && i < policy->npointers) {
        entry.rule = rules->pointers[i];
    }

    return entry;
}


/* returns the index of a pointer, or npointers if the document has none */

static llmp_uint_t
diff_rules_find_pointer(const llmp_policy_t *policy, const llmp_str_t *text)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->npointers; i++) {
        if (llmp_str_eq(&policy->pointers[i].text, text)) {
            break;
        }
    }

    return i;
}


static void
diff_rules_change(diff_t *diff, json_t *changes, const char *name,
    diff_rules_entry_t was, diff_rules_entry_t now)
{
    diff_change(diff, changes, name, diff_rules_entry(diff, &was),
                diff_rules_entry(diff, &now));
}


static json_t *
diff_rules_entry(diff_t *diff, const diff_rules_entry_t *entry)
{
    return diff_words(diff, diff_rules_words,
                      (entry->rule != NULL || entry->facts != NULL)
                      ? entry : NULL);
}


void
diff_tier(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now)
{
    diff_tier_rules(diff, changes, was, now);
    diff_limits(diff, changes, "", was ? &was->limits : NULL, &now->limits);
    diff_rules_prompt(diff, changes, was, now);
}


void
diff_tier_rules(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now)
{
    diff_rules(diff, changes, was ? &was->rules : NULL, &now->rules);

    diff_change(diff, changes, "models allowed",
                was ? diff_words(diff, diff_rules_words_allow, was)
                    : json_string("all"),
                diff_words(diff, diff_rules_words_allow, now));

    diff_change(diff, changes, "models denied",
                was ? diff_words(diff, words_patterns, &was->deny)
                    : json_string("none"),
                diff_words(diff, words_patterns, &now->deny));

    diff_change(diff, changes, "unknown members",
                was ? diff_words(diff, diff_rules_words_unknown, was)
                    : json_string("pass"),
                diff_words(diff, diff_rules_words_unknown, now));
}


static void
diff_rules_prompt(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now)
{
    char           name[64];
    llmp_prompt_e  i;

    for (i = 0; i < LLMP_PROMPT_MAX; i++) {
        (void) snprintf(name, sizeof(name), "prompt %s", llmp_prompt_name(i));

        diff_change(diff, changes, name,
                    diff_rules_prompt_limit(was ? was->prompt.n[i] : 0),
                    diff_rules_prompt_limit(now->prompt.n[i]));
    }
}


/* returns null for 0, which is no limit */

static json_t *
diff_rules_prompt_limit(int64_t limit)
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
        words_patterns(out, &tier->allow);

    } else {
        fprintf(out, "all");
    }
}


static void
diff_rules_words_unknown(FILE *out, const void *value)
{
    const llmp_tier_t  *tier;

    tier = value;

    switch (tier->unknown_members) {

    case LLMP_UNKNOWN_REMOVE:
        fprintf(out, "removed");
        break;

    case LLMP_UNKNOWN_REJECT:
        fprintf(out, "refused");
        break;

    default: /* LLMP_UNKNOWN_PASS */
        fprintf(out, "pass");
    }
}


static void
diff_rules_words(FILE *out, const void *value)
{
    const char                *comma;
    const diff_rules_entry_t  *entry;

    entry = value;
    comma = "";

    if (entry->rule != NULL) {
        comma = diff_rules_words_rule(out, entry->rule);

        if (*comma == '\0') {
            fprintf(out, "any value");
            comma = ", ";
        }
    }

    if (entry->facts != NULL) {
        diff_rules_words_facts(out, entry->facts, comma);
    }
}


/* these functions return what separates further words */

static const char *
diff_rules_words_rule(FILE *out, const llmp_rule_t *rule)
{
    const char   *comma;
    llmp_uint_t   i;

    comma = "";

    if (rule->force != NULL) {
        fprintf(out, "always %s", (char *) rule->force->text.data);
        comma = ", ";
    }

    if (rule->force_from != NULL) {
        fprintf(out, "always from %s", (char *) rule->force_from->text.data);
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

    comma = diff_rules_words_bounds(out, rule, comma);

    if (rule->fallback != NULL) {
        fprintf(out, "%s%s if absent", comma,
                (char *) rule->fallback->text.data);
        comma = ", ";
    }

    if (rule->fallback_from != NULL) {
        fprintf(out, "%sfrom %s if absent", comma,
                (char *) rule->fallback_from->text.data);
        comma = ", ";
    }

    return comma;
}


static const char *
diff_rules_words_bounds(FILE *out, const llmp_rule_t *rule, const char *comma)
{
    const llmp_value_t  *min, *max;

    min = rule->min;
    max = rule->max;

    if (min == NULL && max == NULL) {
        return comma;
    }

    if (min != NULL && max != NULL) {
        fprintf(out, "%sfrom %s to %s", comma, (char *) min->text.data,
                (char *) max->text.data);

    } else if (min != NULL) {
        fprintf(out, "%sat least %s", comma, (char *) min->text.data);

    } else {
        fprintf(out, "%sat most %s", comma, (char *) max->text.data);
    }

    if (rule->reject) {
        fprintf(out, " (others refused)");
    }

    return ", ";
}


static void
diff_rules_words_facts(FILE *out, const llmp_facts_t *facts, const char *comma)
{
    uint64_t     left;
    llmp_uint_t  i;

    if (facts->as.len != 0) {
        fprintf(out, "%swritten as %.*s", comma, (int) facts->as.len,
                (char *) facts->as.data);
        comma = ", ";
    }

    if (facts->takes != NULL) {
        fprintf(out, "%sthe model takes%s", comma,
                (facts->ntakes == 0) ? " none" : "");
        comma = ", ";

        for (i = 0; i < facts->ntakes; i++) {
            fprintf(out, "%s %.*s", (i != 0) ? " or" : "",
                    (int) facts->takes[i].len, (char *) facts->takes[i].data);
        }
    }

    left = facts->not_beside;

    llmp_param_for_each(i, left) {
        fprintf(out, "%snot beside %s", comma,
                (char *) llmp_params[i].name.data);
        comma = ", ";
    }
}
