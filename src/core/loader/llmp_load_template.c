
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_ascii.h"
#include "loader/llmp_load_template.h"


/* bytes of the place of a variable, which is cut to fit */
#define LLMP_LOAD_TEMPLATE_PLACE  1024


static llmp_int_t llmp_load_template_parts(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_template_t *template);
static llmp_int_t llmp_load_template_name(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const u_char **p, const u_char *end,
    llmp_str_t *name);
static llmp_int_t llmp_load_template_variable(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_template_t *template,
    const llmp_str_t *name);
static llmp_int_t llmp_load_template_index(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_str_t *name, llmp_uint_t *index);
static llmp_str_t llmp_load_template_place(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static llmp_uint_t llmp_load_template_is_clients(const llmp_str_t *name);


/* variables of nginx whose text is the client's; "*" ends a prefix */

static const char *const  llmp_load_template_clients[] = {
    "http_*", "arg_*", "cookie_*", "args", "query_string", NULL
};


llmp_template_t *
llmp_load_template(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const char *constant)
{
    llmp_str_t        text, string;
    llmp_uint_t       i;
    llmp_template_t  *template;

    template = llmp_loader_alloc(loader, 1, sizeof(llmp_template_t));
    if (template == NULL) {
        return NULL;
    }

    text = llmp_doc_text(&loader->doc, node);
    string = llmp_doc_string(node);

    if (text.len > LLMP_TEMPLATE_MAX) {
        llmp_doc_error(&loader->doc, node, "must have at most %d bytes, as "
                       "its values", LLMP_TEMPLATE_MAX);
        return NULL;
    }

    template->text = llmp_loader_copy(loader, &text);
    template->string = llmp_loader_copy(loader, &string);

    if (llmp_load_template_parts(loader, node, template) != LLMP_OK) {
        return NULL;
    }

    for (i = 0; i < template->nparts; i++) {
        if (template->parts[i].variable != LLMP_VARIABLE_NONE) {
            loader->policy->ntemplates++;
            return template;
        }
    }

    llmp_doc_error(&loader->doc, node, "must contain a variable, such as "
                   "\"$llm_tenant\"; for a constant write \"%s\"", constant);

    return NULL;
}


static llmp_int_t
llmp_load_template_parts(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_template_t *template)
{
    llmp_str_t             name;
    const u_char          *p, *end, *start;
    llmp_template_part_t  *part;

    p = template->string.data;
    end = p + template->string.len;

    template->parts = llmp_loader_alloc(loader, template->string.len + 1,
                                        sizeof(llmp_template_part_t));
    if (template->parts == NULL) {
        return LLMP_ERROR;
    }

    while (p < end) {

        if (*p == '$') {
            if (llmp_load_template_name(loader, node, &p, end, &name)
                != LLMP_OK
                || llmp_load_template_variable(loader, node, template, &name)
                   != LLMP_OK)
            {
                return LLMP_ERROR;
            }

            continue;
        }

        for (start = p; p < end && *p != '$'; p++) { /* void */ }

        part = &template->parts[template->nparts++];

        part->variable = LLMP_VARIABLE_NONE;
        part->literal.data = (u_char *) start;
        part->literal.len = p - start;
    }

    return LLMP_OK;
}


/* sets name to that of the variable at *p, "$name" or "${name}", in lower case,
   and *p to its end */

static llmp_int_t
llmp_load_template_name(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const u_char **p, const u_char *end, llmp_str_t *name)
{
    size_t         i;
    llmp_uint_t    brace;
    llmp_str_t     text;
    const u_char  *q;

    q = *p + 1;
    brace = (q < end && *q == '{');
    q += brace;

    text.data = (u_char *) q;

    while (q < end && (llmp_ascii_is_alnum(*q) || *q == '_')) {
        q++;
    }

    text.len = q - text.data;

    if (text.len == 0 || (brace && (q == end || *q != '}'))) {
        llmp_doc_error(&loader->doc, node, "a \"$\" must begin a variable, "
                       "\"$name\" or \"${name}\"");
        return LLMP_ERROR;
    }

    if (text.data[0] >= '0' && text.data[0] <= '9') {
        llmp_doc_error(&loader->doc, node, "\"$%.*s\" is no variable: groups "
                       "of regular expressions need a name, \"(?<name>...)\"",
                       (int) text.len, (char *) text.data);
        return LLMP_ERROR;
    }

    *p = q + brace;
    *name = llmp_loader_copy(loader, &text);

    for (i = 0; i < name->len; i++) {
        name->data[i] = llmp_ascii_lower(name->data[i]);
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_load_template_variable(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_template_t *template, const llmp_str_t *name)
{
    llmp_template_part_t  *part;

    if (llmp_variable_is_later(name)) {
        llmp_doc_error(&loader->doc, node, "\"$%s\" is not known before the "
                       "decision; of the variables \"$llm_...\", only "
                       "\"$llm_tenant\", \"$llm_key_name\", \"$llm_tier\", "
                       "\"$llm_model\" and \"$llm_dialect\" are",
                       (char *) name->data);
        return LLMP_ERROR;
    }

    part = &template->parts[template->nparts++];

    part->variable = llmp_variable_find(name);

    if (part->variable == LLMP_VARIABLE_MODEL) {
        template->by_model = 1;
    }

    if (part->variable != LLMP_VARIABLE_NGINX) {
        return LLMP_OK;
    }

    template->hidden = 1;

    return llmp_load_template_index(loader, node, name, &part->index);
}


/* sets *index to that of a variable, which is added if it is new */

static llmp_int_t
llmp_load_template_index(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_str_t *name, llmp_uint_t *index)
{
    llmp_uint_t       i;
    llmp_policy_t    *policy;
    llmp_variable_t  *variable;

    policy = loader->policy;

    for (i = 0; i < policy->nvariables; i++) {
        if (llmp_str_eq(&policy->variables[i].name, name)) {
            *index = i;
            return LLMP_OK;
        }
    }

    if (policy->nvariables == LLMP_VARIABLES_MAX) {
        llmp_doc_error(&loader->doc, node, "\"$%s\" is one variable too many: "
                       "a document must have at most %d",
                       (char *) name->data, LLMP_VARIABLES_MAX);
        return LLMP_ERROR;
    }

    if (policy->variables == NULL) {
        policy->variables = llmp_loader_alloc(loader, LLMP_VARIABLES_MAX,
                                              sizeof(llmp_variable_t));
        if (policy->variables == NULL) {
            return LLMP_ERROR;
        }
    }

    *index = policy->nvariables++;

    variable = &policy->variables[*index];

    variable->name = *name;
    variable->place = llmp_load_template_place(loader, node);

    return LLMP_OK;
}


/* returns the place of a node, as errors have it */

static llmp_str_t
llmp_load_template_place(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    char        position[LLMP_LOAD_TEMPLATE_PLACE / 2];
    char        pointer[LLMP_LOAD_TEMPLATE_PLACE / 2];
    char        text[LLMP_LOAD_TEMPLATE_PLACE];
    llmp_str_t  place;

    llmp_doc_pointer(node, pointer, sizeof(pointer));

    (void) snprintf(text, sizeof(text), "%s: %s",
                    llmp_doc_place(&loader->doc, node, position,
                                   sizeof(position)), pointer);

    place.data = (u_char *) text;
    place.len = strlen(text);

    return llmp_loader_copy(loader, &place);
}


llmp_uint_t
llmp_load_template_is_chosen(const llmp_loader_t *loader,
    const llmp_template_t *template)
{
    llmp_uint_t                  i;
    const llmp_template_part_t  *part;

    for (i = 0; i < template->nparts; i++) {
        part = &template->parts[i];

        if (part->variable == LLMP_VARIABLE_NONE) {
            continue;
        }

        if (part->variable != LLMP_VARIABLE_NGINX
            || !llmp_load_template_is_clients(
                                &loader->policy->variables[part->index].name))
        {
            return 0;
        }
    }

    return 1;
}


static llmp_uint_t
llmp_load_template_is_clients(const llmp_str_t *name)
{
    size_t              len;
    const char *const  *known;

    for (known = llmp_load_template_clients; *known != NULL; known++) {
        len = strlen(*known);

        if ((*known)[len - 1] == '*') {
            len--;

            if (name->len > len && memcmp(name->data, *known, len) == 0) {
                return 1;
            }

        } else if (llmp_str_is(name, *known)) {
            return 1;
        }
    }

    return 0;
}
