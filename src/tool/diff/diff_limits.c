
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of limits, and of what they count by: prices, weights, the
 * calendar.
 */


#include <inttypes.h>

#include "diff/diff.h"


/* bytes of the name of a change, which is cut to fit */
#define DIFF_LIMITS_NAME  320

/* digits behind the point: 10^-12 of the currency for each request, the same
   for each of 10^6 tokens, and thousandths */
#define DIFF_LIMITS_REQUEST      12
#define DIFF_LIMITS_PRICE        6
#define DIFF_LIMITS_THOUSANDTHS  3


/* an object of limits, or nothing, in one of the documents */

typedef struct {
    const llmp_policy_t  *policy;
    const llmp_limits_t  *limits;    /* or NULL */
} diff_limits_side_t;


static llmp_uint_t diff_limits_objects(const llmp_limits_list_t *list);
static diff_limits_side_t diff_limits_object(const llmp_policy_t *policy,
    const llmp_limits_list_t *list, llmp_uint_t i);
static diff_limits_side_t diff_limits_plain(const llmp_policy_t *policy,
    const llmp_limits_list_t *list);
static void diff_limits_one(diff_t *diff, json_t *changes, const char *label,
    const char *values, const diff_limits_side_t *was,
    const diff_limits_side_t *now);
static void diff_limits_change(diff_t *diff, json_t *changes,
    const char *label, const char *name, json_t *was, json_t *now);
static json_t *diff_limits_value(const diff_limits_side_t *side,
    llmp_limit_e limit);
static json_t *diff_limits_by(const diff_limits_side_t *side);
static void diff_limits_words_models(FILE *out, const void *value);
static json_t *diff_limits_warn_at(diff_t *diff,
    const diff_limits_side_t *side);
static void diff_limits_words_warn_at(FILE *out, const void *value);
static json_t *diff_limits_over(const diff_limits_side_t *side);
static void diff_limits_words_number(FILE *out, int64_t number,
    llmp_uint_t digits);


void
diff_limits(diff_t *diff, json_t *changes, const char *owner,
    const llmp_limits_list_t *was, const llmp_limits_list_t *now)
{
    char                       label[DIFF_LIMITS_NAME];
    llmp_uint_t                i, n;
    diff_limits_side_t         old, new;
    static llmp_limits_list_t  none;

    was = was ? was : &none;
    now = now ? now : &none;

    old = diff_limits_plain(diff->old, was);
    new = diff_limits_plain(diff->now, now);

    (void) snprintf(label, sizeof(label), "%slimits ", owner);

    diff_limits_one(diff, changes, label, owner, &old, &new);

    n = diff_limits_objects(was);

    if (n < diff_limits_objects(now)) {
        n = diff_limits_objects(now);
    }

    for (i = 0; i < n; i++) {

        if (n > 1) {
            (void) snprintf(label, sizeof(label), "%slimits[%zu] ", owner,
                            (size_t) i);
        }

        old = diff_limits_object(diff->old, was, i);
        new = diff_limits_object(diff->now, now, i);

        diff_limits_one(diff, changes, label, label, &old, &new);
    }
}


/* returns the number of objects that are not plain */

static llmp_uint_t
diff_limits_objects(const llmp_limits_list_t *list)
{
    return list->nelts - (llmp_limits_plain(list) != NULL);
}


static diff_limits_side_t
diff_limits_object(const llmp_policy_t *policy, const llmp_limits_list_t *list,
    llmp_uint_t i)
{
    diff_limits_side_t  side;

    side.policy = policy;
    side.limits = (i < diff_limits_objects(list)) ? &list->elts[i] : NULL;

    return side;
}


static diff_limits_side_t
diff_limits_plain(const llmp_policy_t *policy, const llmp_limits_list_t *list)
{
    diff_limits_side_t  side;

    side.policy = policy;
    side.limits = llmp_limits_plain(list);

    return side;
}


/* label is before the names of other members, values before those of limits */

static void
diff_limits_one(diff_t *diff, json_t *changes, const char *label,
    const char *values, const diff_limits_side_t *was,
    const diff_limits_side_t *now)
{
    llmp_limit_e  limit;

    for (limit = 0; limit < LLMP_LIMIT_MAX; limit++) {
        diff_limits_change(diff, changes, values, llmp_limits_name(limit),
                           diff_limits_value(was, limit),
                           diff_limits_value(now, limit));
    }

    /* all plain objects are by caller, for all models */

    diff_limits_change(diff, changes, label, "by",
                       diff_limits_by(was), diff_limits_by(now));
    diff_limits_change(diff, changes, label, "models",
                       diff_words(diff, diff_limits_words_models, was),
                       diff_words(diff, diff_limits_words_models, now));
    diff_limits_change(diff, changes, label, "warn_at",
                       diff_limits_warn_at(diff, was),
                       diff_limits_warn_at(diff, now));
    diff_limits_change(diff, changes, label, "over",
                       diff_limits_over(was), diff_limits_over(now));
}


static void
diff_limits_change(diff_t *diff, json_t *changes, const char *label,
    const char *name, json_t *was, json_t *now)
{
    char  text[DIFF_LIMITS_NAME];

    (void) snprintf(text, sizeof(text), "%s%s", label, name);

    diff_change(diff, changes, text, was, now);
}


static json_t *
diff_limits_value(const diff_limits_side_t *side, llmp_limit_e limit)
{
    char  text[LLMP_LIMITS_TEXT];

    if (side->limits == NULL
        || (side->limits->set & llmp_limit_bit(limit)) == 0)
    {
        return json_null();
    }

    (void) llmp_limits_write(text, limit, side->limits->max[limit]);

    return json_string(text);
}


/* returns null for a plain object */

static json_t *
diff_limits_by(const diff_limits_side_t *side)
{
    uint32_t  by;

    static const char *const  words[] = {
        "all together", "each caller", "each key", "each caller and key",
        "each model", "each caller and model", "each key and model",
        "each caller, key and model"
    };

    if (side->limits == NULL || side->limits->id == 0) {
        return json_null();
    }

    by = side->limits->by;

    return json_string(words[by & (LLMP_LIMITS_BY_CALLER|LLMP_LIMITS_BY_KEY
                                   |LLMP_LIMITS_BY_MODEL)]);
}


/* an object that does not exist counts no models differently than one for all
   of them */

static void
diff_limits_words_models(FILE *out, const void *value)
{
    const diff_limits_side_t  *side;

    side = value;

    if (side->limits == NULL
        || side->limits->matcher == LLMP_LIMITS_ALL_MODELS)
    {
        fprintf(out, "all");

    } else {
        diff_words_patterns(out,
                            &side->policy->matchers[side->limits->matcher]);
    }
}


static json_t *
diff_limits_warn_at(diff_t *diff, const diff_limits_side_t *side)
{
    return diff_words(diff, diff_limits_words_warn_at,
                      (side->limits != NULL && side->limits->warn_at != 0)
                      ? side->limits : NULL);
}


static void
diff_limits_words_warn_at(FILE *out, const void *value)
{
    const llmp_limits_t  *limits;

    limits = value;

    diff_limits_words_number(out, limits->warn_at, DIFF_LIMITS_THOUSANDTHS);
}


static json_t *
diff_limits_over(const diff_limits_side_t *side)
{
    if (side->limits == NULL || side->limits->over == NULL) {
        return json_null();
    }

    return json_sprintf("tier %s", (char *) side->limits->over->name.data);
}


/* writes number / 10^digits, without zeros at the end */

static void
diff_limits_words_number(FILE *out, int64_t number, llmp_uint_t digits)
{
    int      width;
    int64_t  unit, rest;

    width = (int) digits;

    for (unit = 1; digits > 0; digits--) {
        unit *= 10;
    }

    fprintf(out, "%" PRId64, number / unit);

    rest = number % unit;

    if (rest == 0) {
        return;
    }

    for ( /* void */ ; rest % 10 == 0; rest /= 10) {
        width--;
    }

    fprintf(out, ".%0*" PRId64, width, rest);
}


void
diff_words_price(FILE *out, const void *value)
{
    const llmp_price_t  *price;

    price = value;

    fprintf(out, "input ");
    diff_limits_words_number(out, price->input, DIFF_LIMITS_PRICE);

    if (price->cached_input != price->input) {
        fprintf(out, ", cached_input ");
        diff_limits_words_number(out, price->cached_input, DIFF_LIMITS_PRICE);
    }

    if (price->cache_write != price->input) {
        fprintf(out, ", cache_write ");
        diff_limits_words_number(out, price->cache_write, DIFF_LIMITS_PRICE);
    }

    fprintf(out, ", output ");
    diff_limits_words_number(out, price->output, DIFF_LIMITS_PRICE);

    if (price->request != 0) {
        fprintf(out, ", request ");
        diff_limits_words_number(out, price->request, DIFF_LIMITS_REQUEST);
    }
}


void
diff_words_weights(FILE *out, const void *value)
{
    const llmp_weights_t  *weights;

    weights = value;

    fprintf(out, "input ");
    diff_limits_words_number(out, weights->input, DIFF_LIMITS_THOUSANDTHS);

    fprintf(out, ", cached_input ");
    diff_limits_words_number(out, weights->cached_input,
                             DIFF_LIMITS_THOUSANDTHS);

    fprintf(out, ", output ");
    diff_limits_words_number(out, weights->output, DIFF_LIMITS_THOUSANDTHS);

    fprintf(out, ", reasoning ");
    diff_limits_words_number(out, weights->reasoning, DIFF_LIMITS_THOUSANDTHS);
}


void
diff_words_utc_offset(FILE *out, const void *value)
{
    int64_t         minutes;
    const int64_t  *offset;

    offset = value;
    minutes = ((*offset < 0) ? -*offset : *offset) / 60;

    fprintf(out, "%c%02d:%02d", (*offset < 0) ? '-' : '+',
            (int) (minutes / 60), (int) (minutes % 60));
}
