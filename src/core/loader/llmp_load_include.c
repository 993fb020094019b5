
/*
 * Copyright (C) llm-policy authors
 */


#include <openssl/evp.h>

#include "base/llmp_file.h"
#include "loader/llmp_load_include.h"


#define LLMP_LOAD_MIB  (1024 * 1024)


static llmp_int_t llmp_load_include_patterns(llmp_loader_t *loader,
    const llmp_doc_node_t *list, const llmp_doc_node_t **nodes);
static llmp_int_t llmp_load_include_check(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_source_parts_t *parts,
    llmp_uint_t i);
static llmp_int_t llmp_load_include_part(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_source_part_t *part, size_t *left);
static llmp_int_t llmp_load_include_nomem(llmp_loader_t *loader);


llmp_int_t
llmp_load_include_own(llmp_loader_t *loader, llmp_uint_t pipes)
{
    llmp_int_t            rc;
    llmp_str_t            text;
    llmp_doc_t           *doc;
    llmp_source_t        *source;
    llmp_file_error_t     error;
    llmp_source_parts_t   none;

    doc = &loader->doc;
    source = loader->source;

    memset(&none, 0, sizeof(llmp_source_parts_t));

    /* the state is that before the file is read: later changes will be seen */

    loader->file = llmp_source_file(&source->name);

    if (llmp_source_identify(source, &loader->file, &none, &source->identity)
        != LLMP_OK)
    {
        return llmp_load_include_nomem(loader);
    }

    rc = llmp_file_read(loader->pool, (char *) source->name.data, pipes,
                        LLMP_POLICY_MAX, &text, &error);

    if (rc == LLMP_OK) {
        return llmp_doc_parse(doc, &source->name, text.data, text.len, 1);
    }

    if (rc == LLMP_ERROR && error.call == NULL) {
        return llmp_load_include_nomem(loader);
    }

    doc->errors->failed = (rc == LLMP_ERROR) ? error.call : NULL;
    doc->errors->err = error.err;
    doc->errors->too_large = (rc == LLMP_DECLINED);

    return LLMP_ERROR;
}


llmp_int_t
llmp_load_include(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    size_t                   left;
    llmp_int_t               rc;
    llmp_doc_t              *doc;
    llmp_uint_t              i;
    llmp_source_t           *source;
    llmp_source_part_t      *part;
    llmp_source_parts_t      parts;
    const llmp_doc_node_t  **nodes;

    doc = &loader->doc;
    source = loader->source;

    if (source == NULL) {
        llmp_doc_error(doc, node, "only a document in a file can have parts");
        return LLMP_ERROR;
    }

    if (llmp_doc_size(node) > LLMP_SOURCE_PARTS) {
        llmp_doc_error(doc, node, "must have at most %d elements",
                       LLMP_SOURCE_PARTS);
        return LLMP_ERROR;
    }

    /* by index of the element */

    nodes = llmp_loader_alloc(loader, llmp_doc_size(node),
                              sizeof(llmp_doc_node_t *));

    if (nodes == NULL
        || llmp_load_include_patterns(loader, node, nodes) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (llmp_source_parts(source, loader->pool, &parts) != LLMP_OK
        || llmp_source_identify(source, &loader->file, &parts,
                                &source->identity)
           != LLMP_OK)
    {
        return llmp_load_include_nomem(loader);
    }

    left = LLMP_POLICY_MAX - doc->files->len;
    rc = LLMP_OK;

    for (i = 0; i < parts.nelts && !doc->failed; i++) {
        part = &parts.elts[i];

        if (i == LLMP_SOURCE_PARTS) {
            llmp_doc_error(doc, nodes[part->include], "the document must have "
                           "at most %d parts", LLMP_SOURCE_PARTS);
            return LLMP_ERROR;
        }

        if (llmp_load_include_check(loader, nodes[part->include], &parts, i)
            != LLMP_OK
            || llmp_load_include_part(loader, nodes[part->include], part, &left)
               != LLMP_OK)
        {
            rc = LLMP_ERROR;
        }
    }

    return doc->failed ? LLMP_ERROR : rc;
}


/* sets the patterns of loader->source, and their nodes */

static llmp_int_t
llmp_load_include_patterns(llmp_loader_t *loader, const llmp_doc_node_t *list,
    const llmp_doc_node_t **nodes)
{
    llmp_int_t              rc;
    llmp_str_t              text;
    llmp_doc_t             *doc;
    llmp_source_t          *source;
    const llmp_doc_node_t  *node;
    llmp_source_include_t  *include;

    doc = &loader->doc;
    source = loader->source;

    source->includes = llmp_loader_alloc(loader, llmp_doc_size(list),
                                         sizeof(llmp_source_include_t));
    if (source->includes == NULL) {
        return LLMP_ERROR;
    }

    rc = LLMP_OK;

    llmp_doc_each(node, list) {

        if (!llmp_doc_is(doc, node, LLMP_TYPE_STRING)) {
            rc = LLMP_ERROR;
            continue;
        }

        text = llmp_doc_string(node);

        if (text.len == 0) {
            llmp_doc_error(doc, node, "must be the name of a file, or a "
                           "pattern such as \"tenants/*.json\"");
            rc = LLMP_ERROR;
            continue;
        }

        nodes[source->nincludes] = node;
        include = &source->includes[source->nincludes++];

        if (llmp_source_include(source, loader->pool, &text, include)
            != LLMP_OK)
        {
            return llmp_load_include_nomem(loader);
        }
    }

    if (rc != LLMP_OK) {
        source->nincludes = 0;
    }

    return rc;
}


/* a file that is included twice would define every name twice */

static llmp_int_t
llmp_load_include_check(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_source_parts_t *parts, llmp_uint_t i)
{
    llmp_uint_t        j;
    const llmp_str_t  *name;

    name = &parts->elts[i].name;

    if (llmp_str_eq(name, &loader->source->name)) {
        llmp_doc_error(&loader->doc, node, "the document must not include "
                       "itself, \"%s\"", (char *) name->data);
        return LLMP_ERROR;
    }

    for (j = 0; j < i; j++) {
        if (llmp_str_eq(name, &parts->elts[j].name)) {
            llmp_doc_error(&loader->doc, node, "\"%s\" is already included",
                           (char *) name->data);
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* reads and parses a part; left is the number of bytes that it may have */

static llmp_int_t
llmp_load_include_part(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_source_part_t *part, size_t *left)
{
    llmp_int_t          rc;
    llmp_str_t          text;
    llmp_file_error_t   error;

    rc = LLMP_ERROR;
    error.call = "open()";
    error.err = part->err;

    if (part->err == 0) {
        rc = llmp_file_read(loader->pool, (char *) part->name.data, 0, *left,
                            &text, &error);
    }

    if (rc == LLMP_OK) {
        *left -= text.len;

        return llmp_doc_parse(&loader->doc, &part->name, text.data, text.len,
                              1);
    }

    if (rc == LLMP_DECLINED) {
        llmp_doc_error(&loader->doc, node, "with \"%s\", the document is "
                       "larger than %d MiB", (char *) part->name.data,
                       LLMP_POLICY_MAX / LLMP_LOAD_MIB);
        return LLMP_ERROR;
    }

    if (error.call == NULL) {
        return llmp_load_include_nomem(loader);
    }

    llmp_doc_error(&loader->doc, node, "\"%s\" cannot be read: %s",
                   (char *) part->name.data, strerror(error.err));

    return LLMP_ERROR;
}


llmp_int_t
llmp_load_include_hash(llmp_loader_t *loader)
{
    int           ok;
    EVP_MD_CTX   *md;
    llmp_doc_t   *doc;
    llmp_uint_t   i;

    doc = &loader->doc;

    md = EVP_MD_CTX_new();
    if (md == NULL) {
        return llmp_load_include_nomem(loader);
    }

    ok = EVP_DigestInit_ex(md, EVP_sha256(), NULL);

    for (i = 0; ok && i < doc->nfiles; i++) {
        ok = EVP_DigestUpdate(md, doc->files[i].data, doc->files[i].len);
    }

    ok = ok && EVP_DigestFinal_ex(md, loader->source->sha256, NULL);

    EVP_MD_CTX_free(md);

    return ok ? LLMP_OK : llmp_load_include_nomem(loader);
}


static llmp_int_t
llmp_load_include_nomem(llmp_loader_t *loader)
{
    loader->doc.failed = 1;

    return LLMP_ERROR;
}
