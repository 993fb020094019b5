
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of the entries of models, and of routes: lists, of which the
 * first match wins.
 */


#include <stdlib.h>

#include "diff/diff.h"
#include "dialect/llmp_dialect.h"
#include "words.h"


/* the entry of the other document that is the same one, or NULL */

typedef struct {
    llmp_model_t        **was;   /* by index in the new document */
    llmp_model_t        **now;   /* by index in the old one */
} diff_models_pairs_t;


typedef llmp_uint_t (*diff_models_same_pt)(const llmp_model_t *one,
    const llmp_model_t *two);


/* entries of a document that have a partner, in their order */

typedef struct {
    const llmp_policy_t  *policy;
    llmp_model_t        **partners;
} diff_models_order_t;


/* routes of two documents, in the order of the first one */

typedef struct {
    const llmp_policy_t  *policy;
    const llmp_policy_t  *other;
} diff_routes_order_t;


static void diff_models_pair(diff_t *diff, diff_models_pairs_t *pairs,
    diff_models_same_pt same);
static llmp_uint_t diff_models_same(const llmp_model_t *one,
    const llmp_model_t *two);
static llmp_uint_t diff_models_same_match(const llmp_model_t *one,
    const llmp_model_t *two);
static void diff_models_one(diff_t *diff, const llmp_model_t *was,
    const llmp_model_t *now);
static void diff_models_add_tiers(diff_t *diff, json_t *subject,
    const llmp_model_t *model);
static void diff_models_words_tiers(FILE *out, const void *value);
static void diff_models_orders(diff_t *diff, const diff_models_pairs_t *pairs);
static void diff_models_order(diff_t *diff, const char *name,
    diff_words_pt words, const void *was, const void *now);
static void diff_models_words_order(FILE *out, const void *value);
static const llmp_route_t *diff_routes_find(const llmp_policy_t *policy,
    const llmp_str_t *path);
static void diff_routes_words(FILE *out, const void *value);
static void diff_routes_words_order(FILE *out, const void *value);


void
diff_models(diff_t *diff)
{
    llmp_uint_t          i;
    diff_models_pairs_t  pairs;

    pairs.was = calloc(diff->now->nmodels + 1, sizeof(llmp_model_t *));
    pairs.now = calloc(diff->old->nmodels + 1, sizeof(llmp_model_t *));

    if (pairs.was == NULL || pairs.now == NULL) {
        diff->failed = 1;

    } else {
        diff_models_pair(diff, &pairs, diff_models_same);
        diff_models_pair(diff, &pairs, diff_models_same_match);

        for (i = 0; i < diff->now->nmodels; i++) {
            diff_models_one(diff, pairs.was[i], &diff->now->models[i]);
        }

        for (i = 0; i < diff->old->nmodels; i++) {
            if (pairs.now[i] == NULL) {
                diff_models_one(diff, &diff->old->models[i], NULL);
            }
        }

        diff_models_orders(diff, &pairs);
    }

    free(pairs.was);
    free(pairs.now);
}


/* pairs entries that have no partner yet, each with the first one like it */

static void
diff_models_pair(diff_t *diff, diff_models_pairs_t *pairs,
    diff_models_same_pt same)
{
    llmp_uint_t    i, j;
    llmp_model_t  *was, *now;

    for (i = 0; i < diff->now->nmodels; i++) {
        now = &diff->now->models[i];

        for (j = 0; j < diff->old->nmodels && pairs->was[i] == NULL; j++) {
            was = &diff->old->models[j];

            if (pairs->now[j] == NULL && same(was, now)) {
                pairs->was[i] = was;
                pairs->now[j] = now;
            }
        }
    }
}


/* returns whether two entries are for the same models and tiers */

static llmp_uint_t
diff_models_same(const llmp_model_t *one, const llmp_model_t *two)
{
    llmp_uint_t  i;

    if (one->ntiers != two->ntiers || !diff_models_same_match(one, two)) {
        return 0;
    }

    for (i = 0; i < one->ntiers; i++) {
        if (!llmp_str_eq(&one->tiers[i]->name, &two->tiers[i]->name)) {
            return 0;
        }
    }

    return 1;
}


static llmp_uint_t
diff_models_same_match(const llmp_model_t *one, const llmp_model_t *two)
{
    llmp_uint_t             i;
    const llmp_patterns_t  *a, *b;

    a = &one->match;
    b = &two->match;

    for (i = 0; i < a->nelts && i < b->nelts; i++) {
        if (!llmp_str_eq(&a->elts[i].text, &b->elts[i].text)) {
            return 0;
        }
    }

    return a->nelts == b->nelts;
}


/* adds the changes of an entry; was or now may be NULL */

static void
diff_models_one(diff_t *diff, const llmp_model_t *was, const llmp_model_t *now)
{
    json_t              *changes, *subject;
    const llmp_model_t  *model;

    model = now ? now : was;

    changes = diff_subject(diff, "models",
                           diff_words(diff, words_patterns, &model->match));

    if (was && now) {
        diff_change(diff, changes, "tiers",
                    diff_words(diff, diff_models_words_tiers, was),
                    diff_words(diff, diff_models_words_tiers, now));
    }

    diff_change(diff, changes, "price",
                diff_words(diff, words_price, was ? was->price : NULL),
                diff_words(diff, words_price, now ? now->price : NULL));

    diff_rules(diff, changes, was ? &was->rules : NULL,
               now ? &now->rules : NULL);

    subject = diff_subject_end(diff);

    if (subject != NULL && model->ntiers != 0) {
        diff_models_add_tiers(diff, subject, model);
    }
}


static void
diff_models_add_tiers(diff_t *diff, json_t *subject, const llmp_model_t *model)
{
    json_t       *names;
    llmp_uint_t   i;

    names = json_array();

    for (i = 0; i < model->ntiers; i++) {
        if (json_array_append_new(names, diff_string(&model->tiers[i]->name))
            != 0)
        {
            diff->failed = 1;
        }
    }

    if (json_object_set_new(subject, "tiers", names) != 0) {
        diff->failed = 1;
    }
}


static void
diff_models_words_tiers(FILE *out, const void *value)
{
    llmp_uint_t          i;
    const llmp_model_t  *model;

    model = value;

    for (i = 0; i < model->ntiers; i++) {
        fprintf(out, "%s%s", (i != 0) ? ", " : "",
                (char *) model->tiers[i]->name.data);
    }

    if (model->ntiers == 0) {
        fprintf(out, "all");
    }
}


/* adds a change of the order of the entries that both documents have */

static void
diff_models_orders(diff_t *diff, const diff_models_pairs_t *pairs)
{
    diff_models_order_t  was, now;

    was.policy = diff->old;
    was.partners = pairs->now;

    now.policy = diff->now;
    now.partners = pairs->was;

    diff_models_order(diff, "order of models", diff_models_words_order, &was,
                      &now);
}


static void
diff_models_order(diff_t *diff, const char *name, diff_words_pt words,
    const void *was, const void *now)
{
    json_t  *changes;

    changes = diff_subject(diff, "document", json_true());

    diff_change(diff, changes, name, diff_words(diff, words, was),
                diff_words(diff, words, now));

    (void) diff_subject_end(diff);
}


/* an entry is named by its models alone: a change of its tiers is none of the
   order */

static void
diff_models_words_order(FILE *out, const void *value)
{
    const char                 *comma;
    llmp_uint_t                 i;
    const diff_models_order_t  *order;

    order = value;
    comma = "";

    for (i = 0; i < order->policy->nmodels; i++) {

        if (order->partners[i] != NULL) {
            fprintf(out, "%s", comma);
            words_patterns(out, &order->policy->models[i].match);
            comma = "; ";
        }
    }
}


void
diff_routes(diff_t *diff)
{
    json_t              *changes;
    llmp_uint_t          i;
    diff_routes_order_t  was_order, now_order;
    const llmp_route_t  *was, *now;

    for (i = 0; i < diff->now->nroutes; i++) {
        now = &diff->now->routes[i];
        was = diff_routes_find(diff->old, &now->path.text);

        changes = diff_subject(diff, "route", diff_string(&now->path.text));

        diff_change(diff, changes, "action",
                    diff_words(diff, diff_routes_words, was),
                    diff_words(diff, diff_routes_words, now));

        (void) diff_subject_end(diff);
    }

    for (i = 0; i < diff->old->nroutes; i++) {
        was = &diff->old->routes[i];

        if (diff_routes_find(diff->now, &was->path.text) == NULL) {
            changes = diff_subject(diff, "route",
                                   diff_string(&was->path.text));

            diff_change(diff, changes, "action",
                        diff_words(diff, diff_routes_words, was),
                        json_null());
        }
    }

    was_order.policy = diff->old;
    was_order.other = diff->now;

    now_order.policy = diff->now;
    now_order.other = diff->old;

    diff_models_order(diff, "order of routes", diff_routes_words_order,
                      &was_order, &now_order);
}


static const llmp_route_t *
diff_routes_find(const llmp_policy_t *policy, const llmp_str_t *path)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->nroutes; i++) {
        if (llmp_str_eq(&policy->routes[i].path.text, path)) {
            return &policy->routes[i];
        }
    }

    return NULL;
}


static void
diff_routes_words(FILE *out, const void *value)
{
    const llmp_route_t  *route;

    route = value;

    switch (route->action) {

    case LLMP_ROUTE_PASS:
        fprintf(out, "passes");
        break;

    case LLMP_ROUTE_REJECT:
        fprintf(out, "refused");
        break;

    default: /* LLMP_ROUTE_POLICE */
        fprintf(out, "%s%s", (char *) route->dialect->name.data,
                route->encoded ? ", escapes in the path" : "");
    }
}


static void
diff_routes_words_order(FILE *out, const void *value)
{
    const char                 *comma;
    llmp_uint_t                 i;
    const llmp_str_t           *path;
    const diff_routes_order_t  *order;

    order = value;
    comma = "";

    for (i = 0; i < order->policy->nroutes; i++) {
        path = &order->policy->routes[i].path.text;

        if (diff_routes_find(order->other, path) != NULL) {
            fprintf(out, "%s%s", comma, (char *) path->data);
            comma = "; ";
        }
    }
}
