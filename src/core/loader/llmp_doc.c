
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_type.h"
#include "loader/llmp_doc.h"
#include "loader/llmp_doc_hint.h"


static void llmp_doc_unknown(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown);


void
llmp_doc_init(llmp_doc_t *doc, llmp_pool_t *pool, llmp_load_errors_t *errors)
{
    memset(doc, 0, sizeof(llmp_doc_t));
    memset(errors, 0, sizeof(llmp_load_errors_t));

    doc->pool = pool;
    doc->errors = errors;
}


void
llmp_doc_free(llmp_doc_t *doc)
{
    llmp_uint_t       i;
    llmp_doc_file_t  *file;

    for (i = 0; i < doc->nfiles; i++) {
        file = &doc->files[i];

        llmp_pfree(doc->pool, file->nodes);
        llmp_pfree(doc->pool, file->strings);

        if (file->owned) {
            llmp_pfree(doc->pool, (u_char *) file->data);
        }
    }

    llmp_pfree(doc->pool, doc->files);

    doc->files = NULL;
    doc->nfiles = 0;
    doc->size = 0;
}


llmp_uint_t
llmp_doc_size(const llmp_doc_node_t *node)
{
    llmp_uint_t             n;
    const llmp_doc_node_t  *child;

    n = 0;

    llmp_doc_each(child, node) {
        n++;
    }

    return n;
}


const llmp_doc_node_t *
llmp_doc_member(const llmp_doc_node_t *node, const char *name)
{
    const llmp_doc_node_t  *child;

    if (node == NULL) {
        return NULL;
    }

    llmp_doc_each(child, node) {
        if (child->name != NULL && strcmp(child->name, name) == 0) {
            return child;
        }
    }

    return NULL;
}


llmp_str_t
llmp_doc_string(const llmp_doc_node_t *node)
{
    llmp_str_t  string;

    string.data = (u_char *) node->string;
    string.len = strlen(node->string);

    return string;
}


const llmp_doc_file_t *
llmp_doc_file(const llmp_doc_t *doc, size_t offset)
{
    llmp_uint_t  i, low, high;

    low = 0;
    high = doc->nfiles;

    while (high - low > 1) {
        i = low + (high - low) / 2;

        if (doc->files[i].start <= offset) {
            low = i;

        } else {
            high = i;
        }
    }

    return &doc->files[low];
}


llmp_str_t
llmp_doc_text(const llmp_doc_t *doc, const llmp_doc_node_t *node)
{
    llmp_str_t              text;
    const llmp_doc_file_t  *file;

    file = llmp_doc_file(doc, node->start);

    text.data = (u_char *) file->data + (node->start - file->start);
    text.len = node->end - node->start;

    return text;
}


void
llmp_doc_find(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown,
    const llmp_doc_node_t **found)
{
    llmp_uint_t             i;
    const llmp_doc_node_t  *child;

    for (i = 0; i < nknown; i++) {
        found[i] = NULL;
    }

    llmp_doc_each(child, node) {

        for (i = 0; i < nknown; i++) {
            if (strcmp(child->name, known[i].name) == 0) {
                break;
            }
        }

        if (i == nknown) {
            llmp_doc_unknown(doc, child, known, nknown);

        } else if (known[i].required == LLMP_DOC_ELSEWHERE) {
            llmp_doc_error_at_name(doc, child, "\"%s\" must be in the document "
                                   "itself, not in a part of it", child->name);

        } else {
            found[i] = child;
        }
    }

    for (i = 0; i < nknown; i++) {
        if (found[i] == NULL && known[i].required == 1) {
            llmp_doc_error(doc, node, "required member \"%s\" is missing",
                           known[i].name);
        }
    }
}


void
llmp_doc_check(llmp_doc_t *doc, const llmp_doc_member_t *known,
    llmp_uint_t nknown, const llmp_doc_node_t **found)
{
    llmp_uint_t  i;

    for (i = 0; i < nknown; i++) {

        if (found[i] != NULL && known[i].types != 0
            && !llmp_doc_is(doc, found[i], known[i].types))
        {
            found[i] = NULL;
        }
    }
}


void
llmp_doc_members(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown,
    const llmp_doc_node_t **found)
{
    llmp_doc_find(doc, node, known, nknown, found);
    llmp_doc_check(doc, known, nknown, found);
}


llmp_int_t
llmp_doc_is(llmp_doc_t *doc, const llmp_doc_node_t *node, llmp_uint_t types)
{
    char         wanted[LLMP_TYPE_LIST], got[LLMP_TYPE_LIST];
    llmp_uint_t  type;

    type = llmp_doc_type(node);

    if (type & types) {
        return 1;
    }

    llmp_doc_error(doc, node, "must be %s, not %s",
                   llmp_type_list(wanted, types),
                   llmp_type_list(got, type));

    return 0;
}


llmp_uint_t
llmp_doc_one_of(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *const *names, llmp_uint_t nnames)
{
    llmp_str_t       string;
    llmp_doc_hint_t  hint;
    llmp_uint_t      i;

    string = llmp_doc_string(node);

    llmp_doc_hint_init(&hint, (char *) string.data);

    for (i = 0; i < nnames; i++) {
        if (strcmp((char *) string.data, names[i]) == 0) {
            return i;
        }

        llmp_doc_hint_add(&hint, names[i]);
    }

    llmp_doc_error(doc, node, "unknown value \"%s\"; %s", string.data,
                   llmp_doc_hint_text(&hint, "expected one of"));

    return nnames;
}


static void
llmp_doc_unknown(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown)
{
    llmp_doc_hint_t  hint;
    llmp_uint_t      i;

    llmp_doc_hint_init(&hint, node->name);

    for (i = 0; i < nknown; i++) {
        if (known[i].required != LLMP_DOC_ELSEWHERE) {
            llmp_doc_hint_add(&hint, known[i].name);
        }
    }

    llmp_doc_error_at_name(doc, node, "unknown member \"%s\"; %s", node->name,
                           llmp_doc_hint_text(&hint, "expected one of"));
}
