
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_utf8.h"
#include "loader/llmp_doc_hint.h"
#include "loader/llmp_loader.h"


/* bytes of the place of a node, which is cut to fit */
#define LLMP_LOADER_PLACE  1024


static const char *llmp_loader_name_error(const llmp_str_t *name);


void *
llmp_loader_alloc(llmp_loader_t *loader, size_t count, size_t size)
{
    void  *p;

    p = llmp_pcalloc(loader->pool, count * size);
    if (p == NULL) {
        loader->doc.failed = 1;
    }

    return p;
}


llmp_str_t
llmp_loader_copy(llmp_loader_t *loader, const llmp_str_t *text)
{
    u_char      *p;
    llmp_str_t   copy = llmp_string("");

    p = llmp_palloc(loader->pool, text->len + 1);

    if (p == NULL) {
        loader->doc.failed = 1;
        return copy;
    }

    memcpy(p, text->data, text->len);
    p[text->len] = '\0';

    copy.data = p;
    copy.len = text->len;

    return copy;
}


llmp_str_t
llmp_loader_name(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_str_t   name;
    const char  *wrong;

    name.data = (u_char *) node->name;
    name.len = strlen(node->name);

    wrong = llmp_loader_name_error(&name);

    if (wrong != NULL) {
        llmp_doc_error_at_name(&loader->doc, node, "the name %s", wrong);
    }

    return llmp_loader_copy(loader, &name);
}


llmp_str_t
llmp_loader_name_value(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_str_t   name;
    const char  *wrong;

    name = llmp_doc_string(node);
    wrong = llmp_loader_name_error(&name);

    if (wrong != NULL) {
        llmp_doc_error(&loader->doc, node, "%s", wrong);
    }

    return llmp_loader_copy(loader, &name);
}


/* variables put names into header fields and logs */

static const char *
llmp_loader_name_error(const llmp_str_t *name)
{
    if (name->len == 0) {
        return "must not be empty";
    }

    if (!llmp_utf8_is_visible(name) || name->data[0] == ' '
        || name->data[name->len - 1] == ' ')
    {
        return "must have only visible characters, and no space at its start "
               "or end";
    }

    return NULL;
}


llmp_tier_t *
llmp_loader_tier(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_str_t       name;
    llmp_doc_hint_t  hint;
    llmp_uint_t      i;
    llmp_tier_t     *tier;

    name = llmp_doc_string(node);
    tier = llmp_policy_tier(loader->policy, &name);

    if (tier != NULL || loader->policy->ntiers == 0) {
        /* the absence of tiers is an error already */
        return tier;
    }

    llmp_doc_hint_init(&hint, (char *) name.data);

    for (i = 0; i < loader->policy->ntiers; i++) {
        llmp_doc_hint_add(&hint, (char *) loader->policy->tiers[i].name.data);
    }

    llmp_doc_error(&loader->doc, node, "tier \"%s\" is not defined; %s",
                   (char *) name.data,
                   llmp_doc_hint_text(&hint, "expected one of"));

    return NULL;
}


llmp_str_t
llmp_loader_place(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    char                    text[LLMP_LOADER_PLACE];
    int                     n;
    llmp_str_t              place, name;
    const llmp_doc_file_t  *file;

    file = llmp_doc_file(&loader->doc, node->start);
    n = 0;

    if (file != loader->doc.files) {
        name = llmp_source_relative(loader->source, &file->name);
        n = snprintf(text, sizeof(text) / 2, "%s#", (char *) name.data);
        n = (n < (int) sizeof(text) / 2) ? n : (int) sizeof(text) / 2 - 1;
    }

    llmp_doc_pointer(node, text + n, sizeof(text) - n);

    place.data = (u_char *) text;
    place.len = strlen(text);

    return llmp_loader_copy(loader, &place);
}


void
llmp_loader_add_rule(llmp_loader_t *loader, const llmp_rule_t *rule,
    const llmp_doc_node_t *node)
{
    llmp_loader_rule_t  *r;

    r = llmp_loader_alloc(loader, 1, sizeof(llmp_loader_rule_t));
    if (r == NULL) {
        return;
    }

    r->rule = rule;
    r->node = node;
    r->next = loader->rules;

    loader->rules = r;
}


void
llmp_loader_pattern(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_pattern_t *pattern)
{
    size_t       offset;
    llmp_str_t   text;
    const char  *message;

    text = llmp_doc_string(node);

    if (llmp_pattern_compile(pattern, loader->pool, &text, &message, &offset)
        == LLMP_OK)
    {
        return;
    }

    if (message == NULL) {
        loader->doc.failed = 1;
        return;
    }

    llmp_doc_error(&loader->doc, node, "pattern does not compile: %s "
                   "at offset %zu", message, offset);
}


void
llmp_loader_patterns(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_patterns_t *patterns)
{
    llmp_pattern_t         *pattern;
    const llmp_doc_node_t  *child;

    pattern = llmp_loader_alloc(loader, llmp_doc_size(node),
                                sizeof(llmp_pattern_t));
    if (pattern == NULL) {
        return;
    }

    patterns->elts = pattern;
    patterns->nelts = llmp_doc_size(node);

    llmp_doc_each(child, node) {

        if (llmp_doc_is(&loader->doc, child, LLMP_TYPE_STRING)) {
            llmp_loader_pattern(loader, child, pattern);
        }

        pattern++;
    }
}
