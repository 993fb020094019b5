
/*
 * Copyright (C) llm-policy authors
 *
 * The policy document while it is read: its values as jansson has them, each
 * with its place in the text, and the errors that are found in it.  Private
 * to the loader.
 */


#ifndef LLMP_DOC_H_INCLUDED_
#define LLMP_DOC_H_INCLUDED_


#include <jansson.h>

#include "loader/llmp_load_error.h"


/*
 * Members and elements so deep have no nodes: an element of "allow" is the
 * deepest value of the document that has a meaning here.
 */

#define LLMP_DOC_DEPTH   6

/* the first errors of the document that are kept, and a last one: "more" */
#define LLMP_DOC_ERRORS  100


/* offsets are bytes in the text */

typedef struct {
    json_t                *json;
    const char            *name;        /* of a member; else NULL */
    uint32_t               name_start;  /* its opening quote */
    uint32_t               start;       /* the value: [start, end) */
    uint32_t               end;
    uint32_t               parent;      /* an index in nodes */
    uint32_t               index;       /* its place in its parent, from 0 */
    uint32_t               next;        /* the first node not inside it */
} llmp_doc_node_t;


/* until llmp_doc_errors_finish(), the offset of an error is in its column */

typedef struct {
    llmp_pool_t         *pool;
    llmp_load_errors_t  *errors;
    llmp_uint_t          more;        /* errors were left out */
    llmp_uint_t          failed;      /* there was no memory */

    const u_char        *data;
    size_t               len;

    json_t              *json;        /* the root; owned */
    llmp_doc_node_t     *nodes;       /* in document order, the root first */
    uint32_t             nnodes;
} llmp_doc_t;


/* a member that an object may have */

typedef struct {
    const char            *name;
    llmp_uint_t            types;       /* LLMP_TYPE_*; 0: not checked here */
    llmp_uint_t            required;
} llmp_doc_member_t;


#define llmp_doc_each(doc, child, node)                                       \
    for (child = (node) + 1;                                                  \
         child < &(doc)->nodes[(node)->next];                                 \
         child = &(doc)->nodes[child->next])


/*
 * Reads the text.  Returns LLMP_OK, or LLMP_ERROR with an error noted or
 * doc->failed set.  llmp_doc_free() must be called in both cases.
 */
llmp_int_t llmp_doc_parse(llmp_doc_t *doc, llmp_pool_t *pool,
    const u_char *data, size_t len, llmp_load_errors_t *errors);
void llmp_doc_free(llmp_doc_t *doc);

llmp_uint_t llmp_doc_type(const llmp_doc_node_t *node);

/* the string of a node of that type, ended by NUL */
llmp_str_t llmp_doc_string(const llmp_doc_node_t *node);

/* the value as it stands in the document */
llmp_str_t llmp_doc_text(const llmp_doc_t *doc, const llmp_doc_node_t *node);

/*
 * Sorts the members of an object into found[], in the order of known[], with
 * NULL for those it does not have; unknown and missing ones are errors.
 * llmp_doc_check() makes wrong types errors, and takes them out of found[].
 * llmp_doc_members() does both.
 */
void llmp_doc_find(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown,
    const llmp_doc_node_t **found);
void llmp_doc_check(llmp_doc_t *doc, const llmp_doc_member_t *known,
    llmp_uint_t nknown, const llmp_doc_node_t **found);
void llmp_doc_members(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown,
    const llmp_doc_node_t **found);

/* true if the node's type is one of types; else that is an error */
llmp_int_t llmp_doc_is(llmp_doc_t *doc, const llmp_doc_node_t *node,
    llmp_uint_t types);

/*
 * The index of a string in names, which are nnames; nnames, and an
 * error, if it is none of them.
 */
llmp_uint_t llmp_doc_one_of(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *const *names, llmp_uint_t nnames);


/* note an error: at the value, at the name, anywhere (its path is then "") */

void llmp_doc_error(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void llmp_doc_error_at_name(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void llmp_doc_error_at_offset(llmp_doc_t *doc, size_t offset, const char *fmt,
    ...)
    __attribute__((format(printf, 3, 4)));

/* makes lines and columns of the offsets; to be called once, in the end */
void llmp_doc_errors_finish(llmp_doc_t *doc);


#endif /* LLMP_DOC_H_INCLUDED_ */
