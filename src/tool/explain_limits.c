
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "explain_limits.h"
#include "limit/llmp_charge.h"
#include "limit/llmp_lease.h"
#include "limit/llmp_limit_refusal.h"
#include "words.h"


/* executes the next statement for each limit of an object */

#define explain_limits_each(limit, limits)                                    \
    for ((limit) = 0; (limit) < LLMP_LIMIT_MAX; (limit)++)                    \
        if (((limits)->set & llmp_limit_bit(limit)) != 0)


/* writes a member of an object in words */
typedef void (*explain_limits_words_pt)(FILE *out, const explain_limits_t *el,
    const llmp_limits_t *limits);


static llmp_int_t explain_limits_admit(explain_limits_t *el,
    llmp_refusal_t *refusal);
static llmp_uint_t explain_limits_never(const explain_limits_t *el,
    const llmp_limits_t *limits, llmp_limit_e limit, llmp_refusal_t *refusal);
static llmp_uint_t explain_limits_is_priced(const explain_limits_t *el,
    llmp_limit_e limit);
static void explain_limits_write_amount(const explain_limits_t *el,
    llmp_limit_e limit, char text[LLMP_LIMITS_TEXT]);
static void explain_limits_print_object(const explain_limits_t *el,
    const llmp_limits_t *limits);
static void explain_limits_print_row(const explain_limits_t *el,
    const llmp_limits_t *limits, llmp_limit_e limit);
static void explain_limits_print_words(const explain_limits_t *el,
    const llmp_limits_t *limits, explain_limits_words_pt words, int width);
static void explain_limits_print_notes(const explain_limits_t *el,
    const llmp_limits_t *limits, const char **gap);
static json_t *explain_limits_json_price(const llmp_price_t *price);
static json_t *explain_limits_json_number(int64_t number, llmp_uint_t digits);
static json_t *explain_limits_json_object(const explain_limits_t *el,
    const llmp_limits_t *limits);
static json_t *explain_limits_json_row(const explain_limits_t *el,
    const llmp_limits_t *limits, llmp_limit_e limit);
static json_t *explain_limits_json_by(uint32_t by);
static json_t *explain_limits_json_models(const explain_limits_t *el,
    const llmp_limits_t *limits);
static json_t *explain_limits_json_tier(const llmp_tier_t *tier);
static void explain_limits_words_by(FILE *out, const explain_limits_t *el,
    const llmp_limits_t *limits);
static void explain_limits_words_models(FILE *out, const explain_limits_t *el,
    const llmp_limits_t *limits);


llmp_int_t
explain_limits_decide(explain_limits_t *el, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    llmp_decision_t *decision, int64_t now)
{
    el->counts = 1;

    el->model = decision->model;
    el->input = llmp_prompt_tokens(&request->rates, request->size,
                                   decision->media_count,
                                   decision->media_bytes);
    el->output = (int64_t) decision->output;

    el->clock.now = now * 1000;
    el->clock.time = now;
    el->clock.offset = policy->utc_offset;

    el->select.policy = policy;
    el->select.tier = caller->tier;
    el->select.limits = caller->limits;
    el->select.nlimits = caller->nlimits;
    el->select.model = &el->model;
    el->select.models_differ = decision->models_differ;
    el->select.entries = el->entries;

    if (llmp_limit_select(&el->select, &decision->refusal) != LLMP_OK) {
        el->counts = (decision->refusal.code == LLMP_REFUSE_MODEL_NOT_PRICED);

        llmp_charge_most(&el->amounts, el->input, el->output,
                         &policy->weights, NULL);

        return LLMP_ERROR;
    }

    llmp_charge_most(&el->amounts, el->input, el->output, &policy->weights,
                     el->select.price);

    return explain_limits_admit(el, &decision->refusal);
}


/* admits the request as the first one that is counted */

static llmp_int_t
explain_limits_admit(explain_limits_t *el, llmp_refusal_t *refusal)
{
    llmp_uint_t            i, n;
    llmp_lease_t           lease;
    llmp_limit_state_t     states[LLMP_LIMITS_OBJECTS];
    llmp_limit_verdict_t   verdict;

    memset(states, 0, sizeof(states));

    n = el->select.nentries;

    for (i = 0; i < n; i++) {
        el->entries[i].state = &states[i];
    }

    if (llmp_lease_admit(&lease, el->entries, n, &el->amounts, &el->amounts,
                         &el->clock, &verdict)
        == LLMP_OK)
    {
        return LLMP_OK;
    }

    if (verdict.over != NULL && verdict.over != el->select.tier) {
        el->over = verdict.over;
        return LLMP_OK;
    }

    return llmp_limit_refusal_set(refusal, &verdict,
                                  el->entries[verdict.entry].limits,
                                  &el->amounts, &el->clock);
}


/* returns 1 with refusal set if a limit by itself never admits the request */

static llmp_uint_t
explain_limits_never(const explain_limits_t *el, const llmp_limits_t *limits,
    llmp_limit_e limit, llmp_refusal_t *refusal)
{
    llmp_limits_t         one;
    llmp_limit_entry_t    entry;
    llmp_limit_state_t    state;
    llmp_limit_verdict_t  verdict;

    memset(&state, 0, sizeof(llmp_limit_state_t));

    one = *limits;
    one.set = llmp_limit_bit(limit);

    entry.limits = &one;
    entry.state = &state;

    llmp_limit_verdict_init(&verdict);
    llmp_limit_check(&entry, 0, &el->amounts, NULL, &el->clock, &verdict);

    if (verdict.limit == LLMP_LIMIT_MAX) {
        return 0;
    }

    (void) llmp_limit_refusal_set(refusal, &verdict, &one, &el->amounts,
                                  &el->clock);

    return 1;
}


/* returns 0 for a limit on costs if the model has no price */

static llmp_uint_t
explain_limits_is_priced(const explain_limits_t *el, llmp_limit_e limit)
{
    return llmp_limit_kind(limit) != LLMP_LIMIT_COST
           || el->select.price != NULL;
}


static void
explain_limits_write_amount(const explain_limits_t *el, llmp_limit_e limit,
    char text[LLMP_LIMITS_TEXT])
{
    int64_t  amount;

    amount = (limit == LLMP_LIMIT_CONCURRENT_REQUESTS)
             ? 1 : el->amounts.n[llmp_limit_kind(limit)];

    (void) llmp_limits_write(text, limit, amount);
}


void
explain_limits_print(const explain_limits_t *el)
{
    llmp_uint_t  i;
    const char  *gap;

    if (!el->counts) {
        printf("limits   none: the request does not count\n");
        return;
    }

    printf("tokens   input %" PRId64 ", output %" PRId64 " (estimated)\n",
           el->input, el->output);

    if (el->select.price != NULL) {
        printf("price    ");
        words_price(stdout, el->select.price);
        printf("\n");

    } else if (el->select.needs_model) {
        printf("price    none\n");
    }

    if (el->select.nentries == 0) {
        printf("limits   none\n");
        return;
    }

    printf("\n%-25s %-13s %-13s %-13s %-14s %s\n", "limit", "maximum",
           "reserved", "counted by", "models", "rule");

    for (i = 0; i < el->select.nentries; i++) {
        explain_limits_print_object(el, el->entries[i].limits);
    }

    gap = "\n";

    for (i = 0; i < el->select.nentries; i++) {
        explain_limits_print_notes(el, el->entries[i].limits, &gap);
    }

    if (el->over != NULL) {
        printf("over     this request always: see --tier %s\n",
               (char *) el->over->name.data);
    }
}


static void
explain_limits_print_object(const explain_limits_t *el,
    const llmp_limits_t *limits)
{
    llmp_limit_e  limit;

    explain_limits_each(limit, limits) {
        explain_limits_print_row(el, limits, limit);
    }
}


static void
explain_limits_print_row(const explain_limits_t *el,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    char  max[LLMP_LIMITS_TEXT], amount[LLMP_LIMITS_TEXT];

    (void) llmp_limits_write(max, limit, limits->max[limit]);
    explain_limits_write_amount(el, limit, amount);

    printf("%-25s %-13s %-13s ", llmp_limits_name(limit), max,
           explain_limits_is_priced(el, limit) ? amount : "-");

    explain_limits_print_words(el, limits, explain_limits_words_by, 13);
    explain_limits_print_words(el, limits, explain_limits_words_models, 14);

    printf("%s/%s\n", (char *) llmp_limits_place(limits, limit)->data,
           llmp_limits_name(limit));
}


/* prints words in a column */

static void
explain_limits_print_words(const explain_limits_t *el,
    const llmp_limits_t *limits, explain_limits_words_pt words, int width)
{
    char    *text;
    FILE    *out;
    size_t   len;

    text = NULL;
    out = open_memstream(&text, &len);

    if (out == NULL) {
        return;
    }

    words(out, el, limits);

    if (fclose(out) == 0) {
        printf("%-*s ", width, text);
    }

    free(text);
}


/* prints what a table has no room for, after a gap, which is empty then */

static void
explain_limits_print_notes(const explain_limits_t *el,
    const llmp_limits_t *limits, const char **gap)
{
    llmp_limit_e    limit;
    llmp_refusal_t  refusal;

    explain_limits_each(limit, limits) {
        if (explain_limits_never(el, limits, limit, &refusal)) {
            printf("%snever    %s/%s: %s\n", *gap,
                   (char *) llmp_limits_place(limits, limit)->data,
                   llmp_limits_name(limit), refusal.message);
            *gap = "";
        }
    }

    if (limits->warn_at != 0) {
        printf("%snear     %s: from ", *gap, (char *) limits->place.data);
        words_number(stdout, limits->warn_at, WORDS_THOUSANDTHS);
        printf(" of a limit on\n");
        *gap = "";
    }

    if (limits->over != NULL) {
        printf("%sover     %s: decided in tier \"%s\" instead: use --tier %s "
               "to see that decision\n", *gap, (char *) limits->place.data,
               (char *) limits->over->name.data,
               (char *) limits->over->name.data);
        *gap = "";
    }
}


/* writes "caller, model", or "all together" */

static void
explain_limits_words_by(FILE *out, const explain_limits_t *el,
    const llmp_limits_t *limits)
{
    llmp_uint_t  i;
    const char  *comma;

    (void) el;

    if (limits->by == 0) {
        fprintf(out, "all together");
        return;
    }

    for (comma = "", i = 0; i < LLMP_LIMITS_BYS; i++) {
        if ((limits->by & ((uint32_t) 1 << i)) != 0) {
            fprintf(out, "%s%s", comma, llmp_limits_bys[i]);
            comma = ", ";
        }
    }
}


static void
explain_limits_words_models(FILE *out, const explain_limits_t *el,
    const llmp_limits_t *limits)
{
    words_models(out, el->select.policy, limits);
}


json_t *
explain_limits_json(const explain_limits_t *el)
{
    json_t       *objects;
    llmp_uint_t   i;

    if (!el->counts) {
        return json_null();
    }

    objects = json_array();

    for (i = 0; i < el->select.nentries; i++) {
        json_array_append_new(objects,
                              explain_limits_json_object(el,
                                                   el->entries[i].limits));
    }

    return json_pack("{s:I, s:I, s:o, s:o, s:o}",
                     "input_tokens", (json_int_t) el->input,
                     "output_tokens", (json_int_t) el->output,
                     "price", explain_limits_json_price(el->select.price),
                     "over", explain_limits_json_tier(el->over),
                     "objects", objects);
}


/* returns the members of a price in a document; null without a price */

static json_t *
explain_limits_json_price(const llmp_price_t *price)
{
    if (price == NULL) {
        return json_null();
    }

    return json_pack("{s:o, s:o, s:o, s:o, s:o}",
        "input", explain_limits_json_number(price->input, WORDS_PRICE),
        "cached_input", explain_limits_json_number(price->cached_input,
                                                   WORDS_PRICE),
        "cache_write", explain_limits_json_number(price->cache_write,
                                                  WORDS_PRICE),
        "output", explain_limits_json_number(price->output, WORDS_PRICE),
        "request", explain_limits_json_number(price->request,
                                              WORDS_REQUEST));
}


/* returns a decimal as a string, which is exact */

static json_t *
explain_limits_json_number(int64_t number, llmp_uint_t digits)
{
    char  text[LLMP_LIMITS_TEXT];
    FILE  *out;

    out = fmemopen(text, sizeof(text), "w");
    if (out == NULL) {
        return NULL;
    }

    words_number(out, number, digits);

    return (fclose(out) == 0) ? json_string(text) : NULL;
}


static json_t *
explain_limits_json_object(const explain_limits_t *el,
    const llmp_limits_t *limits)
{
    json_t        *rows;
    llmp_limit_e   limit;

    rows = json_array();

    explain_limits_each(limit, limits) {
        json_array_append_new(rows, explain_limits_json_row(el, limits, limit));
    }

    return json_pack("{s:o, s:o, s:o, s:o, s:o}",
        "by", explain_limits_json_by(limits->by),
        "models", explain_limits_json_models(el, limits),
        "warn_at", (limits->warn_at != 0)
                   ? explain_limits_json_number(limits->warn_at,
                                                WORDS_THOUSANDTHS)
                   : json_null(),
        "over", explain_limits_json_tier(limits->over),
        "limits", rows);
}


static json_t *
explain_limits_json_row(const explain_limits_t *el,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    json_t            *rule;
    llmp_refusal_t     refusal;
    const llmp_str_t  *place;
    char               max[LLMP_LIMITS_TEXT], amount[LLMP_LIMITS_TEXT];

    (void) llmp_limits_write(max, limit, limits->max[limit]);
    explain_limits_write_amount(el, limit, amount);

    place = llmp_limits_place(limits, limit);
    rule = json_sprintf("%s/%s", (char *) place->data, llmp_limits_name(limit));

    return json_pack("{s:s, s:s, s:o, s:o, s:o}",
        "limit", llmp_limits_name(limit),
        "max", max,
        "reserved", explain_limits_is_priced(el, limit) ? json_string(amount)
                                                        : json_null(),
        "never", explain_limits_never(el, limits, limit, &refusal)
                 ? json_string(refusal.message) : json_null(),
        "rule", rule);
}


static json_t *
explain_limits_json_by(uint32_t by)
{
    json_t       *names;
    llmp_uint_t   i;

    names = json_array();

    for (i = 0; i < LLMP_LIMITS_BYS; i++) {
        if ((by & ((uint32_t) 1 << i)) != 0) {
            json_array_append_new(names, json_string(llmp_limits_bys[i]));
        }
    }

    return names;
}


/* returns the patterns; null if all models count */

static json_t *
explain_limits_json_models(const explain_limits_t *el,
    const llmp_limits_t *limits)
{
    json_t                 *models;
    llmp_uint_t             i;
    const llmp_patterns_t  *patterns;

    if (limits->matcher == LLMP_LIMITS_ALL_MODELS) {
        return json_null();
    }

    models = json_array();
    patterns = &el->select.policy->matchers[limits->matcher];

    for (i = 0; i < patterns->nelts; i++) {
        json_array_append_new(models,
                              json_string((char *) patterns->elts[i].text
                                                   .data));
    }

    return models;
}


static json_t *
explain_limits_json_tier(const llmp_tier_t *tier)
{
    return (tier != NULL) ? json_string((char *) tier->name.data)
                          : json_null();
}
