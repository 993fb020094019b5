
/*
 * Copyright (C) llm-policy authors
 *
 * The policy's JSON Pointers (RFC 6901).
 */


#include <stdlib.h>

#include "loader/llmp_loader.h"


/* deeper members are not watched */
#define LLMP_POINTER_STEPS  8


static llmp_int_t llmp_pointer_step(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_step_t *step, const char *p,
    const char *end);
static llmp_int_t llmp_pointer_near(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer);
static llmp_uint_t llmp_pointer_holds(const llmp_watch_t *w);
static llmp_int_t llmp_pointer_known(llmp_loader_t *loader);
static llmp_int_t llmp_pointer_shared(llmp_loader_t *loader);
static int llmp_pointer_cmp(const void *one, const void *two);
static void llmp_pointer_place(llmp_loader_t *loader,
    llmp_pointer_rule_t **sorted);
static void llmp_pointer_watch(llmp_loader_t *loader);
static void llmp_pointer_responses(llmp_loader_t *loader);


llmp_int_t
llmp_policy_load_pointer(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_pointer_t *pointer)
{
    llmp_str_t    text;
    llmp_uint_t   n;
    const char   *p, *end;

    n = 0;

    for (p = node->name; *p != '\0'; p++) {
        n += (*p == '/');
    }

    if (n > LLMP_POINTER_STEPS) {
        llmp_doc_name_error(&loader->doc, node, "a JSON Pointer must have %d "
                            "names at most", LLMP_POINTER_STEPS);
        return LLMP_ERROR;
    }

    text.data = (u_char *) node->name;
    text.len = strlen(node->name);

    pointer->text = llmp_policy_copy(loader, &text);
    pointer->steps = llmp_policy_alloc(loader, n, sizeof(llmp_step_t));
    if (pointer->steps == NULL) {
        return LLMP_ERROR;
    }

    for (p = node->name; *p != '\0'; p = end) {
        p++;
        end = p + strcspn(p, "/");

        if (llmp_pointer_step(loader, node, &pointer->steps[pointer->nsteps++],
                              p, end)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return llmp_pointer_near(loader, node, pointer);
}


/*
 * A pointer to a member that is spelt almost like a known one would make the
 * scanner take the client's misspelling for something that the policy means.
 */

static llmp_int_t
llmp_pointer_near(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_pointer_t *pointer)
{
    char                 path[LLMP_PARAM_NAME];
    llmp_int_t           folds;
    llmp_uint_t          i, n;
    const llmp_watch_t  *known, *next;

    if (llmp_pointer_known(loader) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        known = llmp_dialect_requests(loader->known[i], llmp_dialects[i]);

        for (n = 0; n < pointer->nsteps && known != NULL; n++) {
            next = llmp_watch_find(known, &pointer->steps[n].name, &folds);

            if (next != NULL && folds) {
                llmp_doc_name_error(&loader->doc, node, "\"%s\" is spelt "
                                    "almost like %s of %s, which it does not "
                                    "name", (char *) pointer->text.data,
                                    llmp_watch_path(next, path, sizeof(path)),
                                    (char *) llmp_dialects[i]->name.data);
                return LLMP_ERROR;
            }

            known = (next != NULL) ? next : known->element;
        }
    }

    return LLMP_OK;
}


/*
 * Written as a whole, an object where an API has its parameters would take the
 * place of those that have to be there.
 */

void
llmp_policy_check_pointer(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_pointer_t *pointer, const llmp_rule_t *rule)
{
    llmp_uint_t          i;
    const llmp_watch_t  *w;

    if (rule->fallback == NULL && rule->force == NULL) {
        return;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        w = llmp_watch_at(llmp_dialect_requests(loader->known[i],
                                                llmp_dialects[i]),
                          pointer->steps, pointer->nsteps);

        if (w != NULL && llmp_pointer_holds(w)) {
            llmp_doc_error(&loader->doc, node, "%s of %s has parameters "
                           "inside, and must not be written as a whole; write "
                           "its members, such as \"%s/name\"",
                           (char *) pointer->text.data,
                           (char *) llmp_dialects[i]->name.data,
                           (char *) pointer->text.data);
            return;
        }
    }
}


static llmp_uint_t
llmp_pointer_holds(const llmp_watch_t *w)
{
    llmp_uint_t  i;

    if (w->rules.params_of_children != 0) {
        return 1;
    }

    for (i = 0; i < w->nchildren; i++) {
        if (llmp_pointer_holds(w->children[i])) {
            return 1;
        }
    }

    return w->element != NULL && llmp_pointer_holds(w->element);
}


/* what the dialects watch, without any pointers; made when first needed */

static llmp_int_t
llmp_pointer_known(llmp_loader_t *loader)
{
    llmp_uint_t  i;

    if (loader->known != NULL) {
        return LLMP_OK;
    }

    if (llmp_pointer_shared(loader) != LLMP_OK) {
        return LLMP_ERROR;
    }

    loader->known = llmp_policy_alloc(loader, llmp_ndialects,
                                      sizeof(llmp_watch_t *));
    if (loader->known == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        loader->known[i] = llmp_dialect_watch(loader->pool, llmp_dialects[i],
                                              loader->shared, NULL, 0);
        if (loader->known[i] == NULL) {
            loader->known = NULL;
            loader->doc.failed = 1;
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_pointer_shared(llmp_loader_t *loader)
{
    if (loader->shared == NULL) {
        loader->shared = llmp_dialect_shared(loader->pool);
    }

    if (loader->shared == NULL) {
        loader->doc.failed = 1;
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


void
llmp_policy_load_watch(llmp_loader_t *loader)
{
    llmp_uint_t            n;
    llmp_pointer_rule_t   *pr, **sorted;

    if (loader->npointers != 0) {
        sorted = llmp_policy_alloc(loader, loader->npointers,
                                   sizeof(llmp_pointer_rule_t *));
        if (sorted == NULL) {
            return;
        }

        n = 0;

        for (pr = loader->pointers; pr != NULL; pr = pr->next) {
            sorted[n++] = pr;
        }

        qsort(sorted, n, sizeof(llmp_pointer_rule_t *), llmp_pointer_cmp);

        llmp_pointer_place(loader, sorted);
    }

    llmp_pointer_watch(loader);
    llmp_pointer_responses(loader);
}


/* decodes the name [p, end) */

static llmp_int_t
llmp_pointer_step(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_step_t *step, const char *p, const char *end)
{
    u_char      *dst;
    llmp_doc_t  *doc;

    doc = &loader->doc;

    if (p == end) {
        llmp_doc_name_error(doc, node, "a JSON Pointer must have a name "
                            "behind each \"/\"");
        return LLMP_ERROR;
    }

    dst = llmp_policy_alloc(loader, end - p, 1);
    if (dst == NULL) {
        return LLMP_ERROR;
    }

    step->name.data = dst;

    for ( /* void */ ; p < end; p++) {

        /* JSON can only escape these, and the scanner refuses escaped names */

        if ((u_char) *p < 0x20 || *p == '"' || *p == '\\') {
            llmp_doc_name_error(doc, node, "a JSON Pointer must not have "
                                "quotes, backslashes or control characters");
            return LLMP_ERROR;
        }

        if (*p != '~') {
            *dst++ = *p;
            continue;
        }

        p++;

        if (p == end || (*p != '0' && *p != '1')) {
            llmp_doc_name_error(doc, node, "\"~\" in a JSON Pointer must be "
                                "written \"~0\" (\"~1\" is a \"/\")");
            return LLMP_ERROR;
        }

        *dst++ = (*p == '0') ? '~' : '/';
    }

    step->name.len = dst - step->name.data;

    if (step->name.len > LLMP_NAME_MAX) {
        llmp_doc_name_error(doc, node, "a name in a JSON Pointer must have %d "
                            "bytes at most", LLMP_NAME_MAX);
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


static int
llmp_pointer_cmp(const void *one, const void *two)
{
    const llmp_pointer_rule_t *const  *a, *const  *b;

    a = one;
    b = two;

    return strcmp((char *) (*a)->pointer.text.data,
                  (char *) (*b)->pointer.text.data);
}


static void
llmp_pointer_place(llmp_loader_t *loader, llmp_pointer_rule_t **sorted)
{
    llmp_uint_t     i, n;
    llmp_rules_t   *rules;
    llmp_policy_t  *policy;

    policy = loader->policy;

    policy->pointers = llmp_policy_alloc(loader, loader->npointers,
                                         sizeof(llmp_pointer_t));
    if (policy->pointers == NULL) {
        return;
    }

    n = 0;

    for (i = 0; i < loader->npointers; i++) {

        if (i == 0 || llmp_pointer_cmp(&sorted[i - 1], &sorted[i]) != 0) {
            policy->pointers[n++] = sorted[i]->pointer;
        }
    }

    policy->npointers = n;

    for (i = 0, n = 0; i < loader->npointers; i++) {

        if (i != 0 && llmp_pointer_cmp(&sorted[i - 1], &sorted[i]) != 0) {
            n++;
        }

        rules = sorted[i]->rules;

        if (rules->pointers == NULL) {
            rules->pointers = llmp_policy_alloc(loader, policy->npointers,
                                                sizeof(llmp_rule_t *));
            if (rules->pointers == NULL) {
                return;
            }
        }

        rules->pointers[n] = sorted[i]->rule;
    }
}


static void
llmp_pointer_watch(llmp_loader_t *loader)
{
    llmp_uint_t            i;
    llmp_policy_t         *policy;
    const llmp_dialect_t  *dialect;

    policy = loader->policy;

    if (llmp_pointer_shared(loader) != LLMP_OK) {
        return;
    }

    policy->watch = llmp_policy_alloc(loader, llmp_ndialects,
                                      sizeof(llmp_watch_t *));
    policy->lines = llmp_policy_alloc(loader, llmp_ndialects,
                                      sizeof(llmp_watch_t *));

    if (policy->watch == NULL || policy->lines == NULL) {
        return;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        dialect = llmp_dialects[i];

        policy->watch[i] = llmp_dialect_watch(loader->pool, dialect,
                                              loader->shared,
                                              policy->pointers,
                                              policy->npointers);

        if (dialect->in_line) {
            policy->lines[i] = llmp_dialect_line(loader->pool, dialect,
                                                 loader->shared,
                                                 policy->pointers,
                                                 policy->npointers);
        }

        if (policy->watch[i] == NULL
            || (dialect->in_line && policy->lines[i] == NULL))
        {
            loader->doc.failed = 1;
            return;
        }
    }
}


/* what is reported is the same for many dialects: so is the tree then */

static void
llmp_pointer_responses(llmp_loader_t *loader)
{
    llmp_uint_t     i, j;
    llmp_watch_t  **trees;

    trees = llmp_policy_alloc(loader, llmp_ndialects, sizeof(llmp_watch_t *));
    if (trees == NULL) {
        return;
    }

    loader->policy->responses = trees;

    for (i = 0; i < llmp_ndialects; i++) {

        for (j = 0; llmp_dialects[j]->reports != llmp_dialects[i]->reports;
             j++)
        {
            /* void */
        }

        trees[i] = (j < i) ? trees[j]
                           : llmp_dialect_responses(loader->pool,
                                                    llmp_dialects[i]);
        if (trees[i] == NULL) {
            loader->doc.failed = 1;
            return;
        }
    }
}
