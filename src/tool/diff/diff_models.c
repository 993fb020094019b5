
/*
 * Copyright (C) llm-policy authors
 *
 * The differences of the entries of models, and of routes: lists, of which the
 * first match wins.
 */


#include "diff/diff.h"
#include "dialect/llmp_dialect.h"


/* entries of two documents, in the order of the first one */

typedef struct {
    const llmp_policy_t  *policy;
    const llmp_policy_t  *other;
} diff_models_order_t;


static const llmp_model_t *diff_models_find(const llmp_policy_t *policy,
    const llmp_model_t *model);
static llmp_uint_t diff_models_same(const llmp_patterns_t *one,
    const llmp_patterns_t *two);
static void diff_models_order(diff_t *diff, const char *name,
    diff_words_pt words);
static void diff_models_words_order(FILE *out, const void *value);
static const llmp_route_t *diff_routes_find(const llmp_policy_t *policy,
    const llmp_str_t *path);
static void diff_routes_words(FILE *out, const void *value);
static void diff_routes_words_order(FILE *out, const void *value);


void
diff_models(diff_t *diff)
{
    json_t              *changes;
    llmp_uint_t          i;
    const llmp_model_t  *was, *now;

    for (i = 0; i < diff->now->nmodels; i++) {
        now = &diff->now->models[i];
        was = diff_models_find(diff->old, now);

        changes = diff_subject(diff, "models",
                               diff_words(diff, diff_words_patterns,
                                          &now->match));

        diff_rules(diff, changes, was ? &was->rules : NULL, &now->rules);
        (void) diff_subject_end(diff);
    }

    for (i = 0; i < diff->old->nmodels; i++) {
        was = &diff->old->models[i];

        if (diff_models_find(diff->now, was) == NULL) {
            changes = diff_subject(diff, "models",
                                   diff_words(diff, diff_words_patterns,
                                              &was->match));

            diff_rules(diff, changes, &was->rules, NULL);
            (void) diff_subject_end(diff);
        }
    }

    diff_models_order(diff, "order of models", diff_models_words_order);
}


/* returns the first entry of a document for the same models, or NULL */

static const llmp_model_t *
diff_models_find(const llmp_policy_t *policy, const llmp_model_t *model)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->nmodels; i++) {
        if (diff_models_same(&policy->models[i].match, &model->match)) {
            return &policy->models[i];
        }
    }

    return NULL;
}


static llmp_uint_t
diff_models_same(const llmp_patterns_t *one, const llmp_patterns_t *two)
{
    llmp_uint_t  i;

    for (i = 0; i < one->nelts && i < two->nelts; i++) {
        if (!llmp_str_eq(&one->elts[i].text, &two->elts[i].text)) {
            return 0;
        }
    }

    return one->nelts == two->nelts;
}


/* adds a change of the order of the entries that both documents have */

static void
diff_models_order(diff_t *diff, const char *name, diff_words_pt words)
{
    json_t               *changes;
    diff_models_order_t   was, now;

    was.policy = diff->old;
    was.other = diff->now;

    now.policy = diff->now;
    now.other = diff->old;

    changes = diff_subject(diff, "document", json_true());

    diff_change(diff, changes, name, diff_words(diff, words, &was),
                diff_words(diff, words, &now));

    (void) diff_subject_end(diff);
}


static void
diff_models_words_order(FILE *out, const void *value)
{
    const char                 *comma;
    llmp_uint_t                 i;
    const llmp_model_t         *model;
    const diff_models_order_t  *order;

    order = value;
    comma = "";

    for (i = 0; i < order->policy->nmodels; i++) {
        model = &order->policy->models[i];

        if (diff_models_find(order->other, model) != NULL) {
            fprintf(out, "%s", comma);
            diff_words_patterns(out, &model->match);
            comma = "; ";
        }
    }
}


void
diff_routes(diff_t *diff)
{
    json_t              *changes;
    llmp_uint_t          i;
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

    diff_models_order(diff, "order of routes", diff_routes_words_order);
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
    const diff_models_order_t  *order;

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
