
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_refusal.h"
#include "base/llmp_type.h"
#include "base/llmp_utf8.h"
#include "dialect/llmp_dialect_watch.h"
#include "loader/llmp_load_pointer.h"
#include "loader/llmp_load_watch.h"
#include "watch/llmp_watch.h"


/* most names in a pointer */
#define LLMP_POINTER_STEPS  8


static llmp_int_t llmp_load_pointer_step(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_step_t *step, const char *p,
    const char *end);
static llmp_int_t llmp_load_pointer_check_spelling(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer);
static llmp_int_t llmp_load_pointer_check_type(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_watch_t *w,
    const llmp_rule_t *rule);
static void llmp_load_pointer_check_model(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer,
    const llmp_rule_t *rule);
static llmp_uint_t llmp_load_pointer_is_model(const llmp_pointer_t *pointer);
static llmp_uint_t llmp_load_pointer_has_params(const llmp_watch_t *w);


llmp_int_t
llmp_load_pointer(llmp_loader_t *loader, const llmp_doc_node_t *node,
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
        llmp_doc_error_at_name(&loader->doc, node,
                               "a JSON Pointer must have at most %d names",
                               LLMP_POINTER_STEPS);
        return LLMP_ERROR;
    }

    text.data = (u_char *) node->name;
    text.len = strlen(node->name);

    pointer->text = llmp_loader_copy(loader, &text);
    pointer->steps = llmp_loader_alloc(loader, n, sizeof(llmp_step_t));
    if (pointer->steps == NULL) {
        return LLMP_ERROR;
    }

    for (p = node->name; *p != '\0'; p = end) {
        p++;
        end = p + strcspn(p, "/");

        if (llmp_load_pointer_step(loader, node,
                                   &pointer->steps[pointer->nsteps++],
                                   p, end)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (!llmp_utf8_is_visible(&text)) {

        /* $llm_adjustments has the pointer */

        llmp_doc_error_at_name(&loader->doc, node, "a JSON Pointer must have "
                               "only visible characters");
        return LLMP_ERROR;
    }

    return llmp_load_pointer_check_spelling(loader, node, pointer);
}


/* decodes the name [p, end) of a pointer (RFC 6901, section 3) */

static llmp_int_t
llmp_load_pointer_step(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_step_t *step, const char *p, const char *end)
{
    u_char      *dst;
    llmp_doc_t  *doc;

    doc = &loader->doc;

    if (p == end) {
        llmp_doc_error_at_name(doc, node, "a JSON Pointer must have a name "
                               "after each \"/\"");
        return LLMP_ERROR;
    }

    dst = llmp_loader_alloc(loader, end - p, 1);
    if (dst == NULL) {
        return LLMP_ERROR;
    }

    step->name.data = dst;

    for ( /* void */ ; p < end; p++) {

        /* JSON must escape these, and the scanner refuses escaped names */

        if ((u_char) *p < 0x20 || *p == '"' || *p == '\\') {
            llmp_doc_error_at_name(doc, node, "a JSON Pointer must not have "
                                   "quotes, backslashes or control characters");
            return LLMP_ERROR;
        }

        if (*p != '~') {
            *dst++ = *p;
            continue;
        }

        p++;

        if (p == end || (*p != '0' && *p != '1')) {
            llmp_doc_error_at_name(doc, node, "\"~\" in a JSON Pointer must be "
                                   "written \"~0\" (\"~1\" is a \"/\")");
            return LLMP_ERROR;
        }

        *dst++ = (*p == '0') ? '~' : '/';
    }

    step->name.len = dst - step->name.data;

    if (step->name.len > LLMP_WATCH_NAME_MAX) {
        llmp_doc_error_at_name(doc, node,
                               "a name in a JSON Pointer must have at most %d "
                               "bytes", LLMP_WATCH_NAME_MAX);
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


/*
 * Notes an error if a name equals that of a known member except for case and
 * underscores: the scanner would no longer refuse this spelling in requests.
 */

static llmp_int_t
llmp_load_pointer_check_spelling(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer)
{
    char                 path[LLMP_PARAM_NAME];
    llmp_int_t           folds;
    llmp_uint_t          i, n;
    const llmp_watch_t  *known, *next;

    if (llmp_load_watch_known(loader) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        known = llmp_dialect_watch_find_requests(loader->known[i],
                                                 llmp_dialects[i]);

        for (n = 0; n < pointer->nsteps && known != NULL; n++) {
            next = llmp_watch_find(known, &pointer->steps[n].name, &folds);

            if (next != NULL && folds) {
                llmp_doc_error_at_name(&loader->doc, node, "\"%s\" "
                                       "differs from %s of %s only in case or "
                                       "underscores; write that name",
                                       (char *) pointer->text.data,
                                       llmp_watch_write_path(next, path,
                                                             sizeof(path)),
                                       (char *) llmp_dialects[i]->name.data);
                return LLMP_ERROR;
            }

            known = (next != NULL) ? next : known->element;
        }
    }

    return LLMP_OK;
}


void
llmp_load_pointer_check_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer,
    const llmp_rule_t *rule)
{
    llmp_uint_t    i;
    llmp_watch_t  *w;

    if (llmp_rule_value(rule) == NULL && llmp_rule_template(rule) == NULL) {
        return;
    }

    llmp_load_pointer_check_model(loader, node, pointer, rule);

    for (i = 0; i < llmp_ndialects; i++) {
        w = llmp_dialect_watch_find_requests(loader->known[i],
                                             llmp_dialects[i]);
        w = llmp_watch_find_path(w, pointer->steps, pointer->nsteps);

        if (w != NULL && llmp_load_pointer_has_params(w)) {
            llmp_doc_error(&loader->doc, node, "%s of %s contains parameters, "
                           "and must not be written as a whole; write its "
                           "members, such as \"%s/name\"",
                           (char *) pointer->text.data,
                           (char *) llmp_dialects[i]->name.data,
                           (char *) pointer->text.data);
            return;
        }

        if (w != NULL
            && llmp_load_pointer_check_type(loader, node, w, rule) != LLMP_OK)
        {
            return;
        }
    }
}


/* refuses a string with variables for parameters that take none */

static llmp_int_t
llmp_load_pointer_check_type(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_watch_t *w, const llmp_rule_t *rule)
{
    char                 types[LLMP_TYPE_LIST];
    uint64_t             left;
    llmp_uint_t          i;
    const llmp_param_t  *param;

    left = (llmp_rule_template(rule) != NULL) ? w->rules.params : 0;

    llmp_param_for_each(i, left) {
        param = &llmp_params[i];

        if (!(param->types & LLMP_TYPE_STRING)) {
            llmp_doc_error(&loader->doc, node, "\"%s\" takes %s, and no "
                           "string, which \"%s\" writes",
                           (char *) param->name.data,
                           llmp_type_list(types, param->types),
                           (rule->force_from != NULL) ? "force_from"
                                                      : "default_from");
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* refuses names of models that $llm_model could write into a field */

static void
llmp_load_pointer_check_model(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer,
    const llmp_rule_t *rule)
{
    llmp_uint_t             i;
    const llmp_value_t     *values[2];
    const llmp_template_t  *template;

    template = llmp_rule_template(rule);

    if (template != NULL && template->by_model
        && llmp_load_pointer_is_model(pointer))
    {
        llmp_doc_error(&loader->doc, node, "\"$llm_model\" is the model that "
                       "is sent, which this rule itself determines");
        return;
    }

    if (!llmp_str_is(&pointer->steps[pointer->nsteps - 1].name, "model")) {
        return;
    }

    values[0] = rule->fallback;
    values[1] = rule->force;

    for (i = 0; i < 2; i++) {
        if (values[i] != NULL && values[i]->type == LLMP_TYPE_STRING
            && !llmp_utf8_is_visible(&values[i]->string))
        {
            llmp_doc_error(&loader->doc, node, "the name of a model must have "
                           "only visible characters");
            return;
        }
    }

    if (template != NULL && !llmp_utf8_is_visible(&template->string)) {
        llmp_doc_error(&loader->doc, node, "the name of a model must have "
                       "only visible characters");
    }
}


/* returns whether a pointer leads to the model in some API */

static llmp_uint_t
llmp_load_pointer_is_model(const llmp_pointer_t *pointer)
{
    size_t        len;
    const char   *path;
    llmp_uint_t   i, n;

    if (pointer->nsteps == 1 && llmp_str_is(&pointer->steps[0].name, "model")) {
        return 1;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        path = (llmp_dialects[i]->model != NULL) ? llmp_dialects[i]->model
                                                 : "";

        for (n = 0; n < pointer->nsteps && *path != '\0'; n++) {
            len = strcspn(path, ".");

            if (pointer->steps[n].name.len != len
                || memcmp(pointer->steps[n].name.data, path, len) != 0)
            {
                break;
            }

            path += len + (path[len] == '.');
        }

        if (n != 0 && n == pointer->nsteps && *path == '\0') {
            return 1;
        }
    }

    return 0;
}


/* returns whether a member may contain parameters */

static llmp_uint_t
llmp_load_pointer_has_params(const llmp_watch_t *w)
{
    llmp_uint_t  i;

    if (w->rules.params_of_children != 0) {
        return 1;
    }

    for (i = 0; i < w->nchildren; i++) {
        if (llmp_load_pointer_has_params(w->children[i])) {
            return 1;
        }
    }

    return w->element != NULL && llmp_load_pointer_has_params(w->element);
}
