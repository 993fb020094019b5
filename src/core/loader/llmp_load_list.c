
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "loader/llmp_load_list.h"


/* bytes of "FILE:LINE:COLUMN" in a message */
#define LLMP_LOAD_LIST_PLACE  1024


static int llmp_load_list_name_cmp(const void *one, const void *two);


void
llmp_load_list(llmp_loader_t *loader, llmp_loader_list_t *list,
    const llmp_doc_node_t **nodes, llmp_uint_t step)
{
    size_t                  n;
    llmp_uint_t             i, nfiles;
    const llmp_doc_node_t  *node, *child;

    nfiles = loader->doc.nfiles;
    n = 0;

    for (i = 0; i < nfiles; i++) {
        node = nodes[i * step];

        if (node != NULL) {
            n += llmp_doc_size(node);
        }
    }

    list->elts = llmp_loader_alloc(loader, n, sizeof(llmp_doc_node_t *));
    if (list->elts == NULL) {
        return;
    }

    for (i = 0; i < nfiles; i++) {
        node = nodes[i * step];

        if (node == NULL) {
            continue;
        }

        llmp_doc_each(child, node) {
            list->elts[list->nelts++] = child;
        }
    }
}


void
llmp_load_list_check_names(llmp_loader_t *loader,
    const llmp_loader_list_t *list, const char *what)
{
    char                     place[LLMP_LOAD_LIST_PLACE];
    llmp_uint_t              i, n;
    const llmp_doc_node_t  **sorted, *first;

    n = list->nelts;

    if (loader->doc.nfiles == 1 || n == 0) {
        /* the parser refuses names that are in an object twice */
        return;
    }

    sorted = llmp_loader_alloc(loader, n, sizeof(llmp_doc_node_t *));
    if (sorted == NULL) {
        return;
    }

    memcpy(sorted, list->elts, n * sizeof(llmp_doc_node_t *));
    qsort(sorted, n, sizeof(llmp_doc_node_t *), llmp_load_list_name_cmp);

    first = sorted[0];

    /* finding a place takes long: no more than are reported */

    for (i = 1; i < n && !loader->doc.more; i++) {

        if (strcmp(sorted[i]->name, first->name) != 0) {
            first = sorted[i];
            continue;
        }

        llmp_doc_error_at_name(&loader->doc, sorted[i],
                               "%s \"%s\" is already defined at %s", what,
                               sorted[i]->name,
                               llmp_doc_place(&loader->doc, first, place,
                                              sizeof(place)));
    }

    llmp_pfree(loader->pool, sorted);
}


/* orders by name; equal ones in the order of the document */

static int
llmp_load_list_name_cmp(const void *one, const void *two)
{
    int                            rc;
    const llmp_doc_node_t *const  *a, *const  *b;

    a = one;
    b = two;

    rc = strcmp((*a)->name, (*b)->name);

    if (rc != 0) {
        return rc;
    }

    return ((*a)->start > (*b)->start) - ((*a)->start < (*b)->start);
}
