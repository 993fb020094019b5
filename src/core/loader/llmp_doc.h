
/*
 * Copyright (C) llm-policy authors
 *
 * The policy document during its loading: its values, each with its position in
 * the text, and the errors in the document.  Private to the loader.
 *
 * The text of the document is followed by those of its parts, with a byte
 * between them: offsets count through all of them.
 */


#ifndef LLMP_DOC_H_INCLUDED_
#define LLMP_DOC_H_INCLUDED_


#include "loader/llmp_load_error.h"


/* depth of the deepest nodes: elements of "by", in the limits of an API key;
   deeper values have none */
#define LLMP_DOC_DEPTH   8

/* most errors that are reported; one more reports that others follow */
#define LLMP_DOC_ERRORS  100


/* a value; offsets are bytes in all texts of the document */

typedef struct {
    const char            *name;        /* name of a member, or NULL */
    const char            *string;      /* decoded string, or NULL */
    uint32_t               name_start;  /* opening quote of the name */
    uint32_t               start;       /* [start, end) is the value */
    uint32_t               end;
    uint32_t               parent;      /* nodes from its parent to it; 0: it
                                           is the root of its text */
    uint32_t               index;       /* position in its parent, from 0 */
    unsigned               count:25;    /* nodes of it, and inside it */
    unsigned               type:6;      /* LLMP_TYPE_* */
    unsigned               is_true:1;
} llmp_doc_node_t;


/* a text: of the document itself, or of a part */

typedef struct {
    llmp_str_t             name;        /* name of the file */
    const u_char          *data;
    size_t                 len;
    size_t                 start;       /* offset of data */

    llmp_uint_t            owned;       /* data is freed with the document */

    llmp_doc_node_t       *nodes;       /* order of the text, root first */
    uint32_t               nnodes;
    u_char                *strings;     /* decoded strings of the nodes */
} llmp_doc_file_t;


/* until llmp_doc_errors_finish(), the column of an error is its offset */

typedef struct {
    llmp_pool_t           *pool;
    llmp_load_errors_t    *errors;
    llmp_uint_t            more;    /* more errors than LLMP_DOC_ERRORS */
    llmp_uint_t            failed;  /* memory ran out */
    llmp_uint_t            warns;   /* no errors, but warnings are noted */

    llmp_doc_file_t       *files;   /* the document itself, then its parts */
    llmp_uint_t            nfiles;
    llmp_uint_t            size;    /* capacity of files */
} llmp_doc_t;


/* a member that an object may have */

typedef struct {
    const char            *name;
    llmp_uint_t            types;     /* LLMP_TYPE_*; 0: not checked here */
    llmp_uint_t            required;  /* 0, 1, or LLMP_DOC_ELSEWHERE */
} llmp_doc_member_t;


/* the member belongs to the document itself, and must not be in a part */
#define LLMP_DOC_ELSEWHERE  2


/* executes the next statement with child set to each child of a node */

#define llmp_doc_each(child, node)                                            \
    for (child = (node) + 1;                                                  \
         child < (node) + (node)->count;                                      \
         child += child->count)


/* initialises a document without a text, and its errors */
void llmp_doc_init(llmp_doc_t *doc, llmp_pool_t *pool,
    llmp_load_errors_t *errors);

/*
 * Adds a text of len bytes to the document, and parses it; name and data must
 * remain valid.  If owned is 1, data is from the document's pool, and freed
 * with the document.  Returns LLMP_OK, or LLMP_ERROR with an error in
 * doc->errors or doc->failed set.
 */
llmp_int_t llmp_doc_parse(llmp_doc_t *doc, const llmp_str_t *name,
    const u_char *data, size_t len, llmp_uint_t owned);

/* frees the texts and nodes, which are much larger than a policy */
void llmp_doc_free(llmp_doc_t *doc);

/* returns LLMP_TYPE_* of a node */
static inline llmp_uint_t llmp_doc_type(const llmp_doc_node_t *node);

/* returns the number of elements or members of a node */
llmp_uint_t llmp_doc_size(const llmp_doc_node_t *node);

/* returns a member of an object by its name, or NULL; so it does if node is
   NULL, or no object */
const llmp_doc_node_t *llmp_doc_member(const llmp_doc_node_t *node,
    const char *name);

/* returns the decoded string of a node, ended by NUL and not copied, which
   llmp_doc_free() frees; the node must be a string */
llmp_str_t llmp_doc_string(const llmp_doc_node_t *node);

/* returns the file of an offset */
const llmp_doc_file_t *llmp_doc_file(const llmp_doc_t *doc, size_t offset);

/* returns the text of a value in the document, which is not copied */
llmp_str_t llmp_doc_text(const llmp_doc_t *doc, const llmp_doc_node_t *node);

/*
 * llmp_doc_find() sets found[i] to the member known[i] of an object, or to NULL
 * if it is absent; members that are unknown or belong elsewhere, and absent
 * required ones, are errors.
 * llmp_doc_check() notes an error for each member of a wrong type, and sets
 * found[i] to NULL.  llmp_doc_members() does both.
 */
void llmp_doc_find(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown,
    const llmp_doc_node_t **found);
void llmp_doc_check(llmp_doc_t *doc, const llmp_doc_member_t *known,
    llmp_uint_t nknown, const llmp_doc_node_t **found);
void llmp_doc_members(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const llmp_doc_member_t *known, llmp_uint_t nknown,
    const llmp_doc_node_t **found);

/* returns 1 if a node has one of the types; else notes an error, returns 0 */
llmp_int_t llmp_doc_is(llmp_doc_t *doc, const llmp_doc_node_t *node,
    llmp_uint_t types);

/*
 * Returns the index of a node's string in names, which has nnames elements; or
 * notes an error and returns nnames if the string is none of them.
 */
llmp_uint_t llmp_doc_one_of(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *const *names, llmp_uint_t nnames);


/* note an error at the value of a node, at its name, or at an offset (the path
   is "" then) */

void llmp_doc_error(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void llmp_doc_error_at_name(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void llmp_doc_error_at_offset(llmp_doc_t *doc, size_t offset, const char *fmt,
    ...)
    __attribute__((format(printf, 3, 4)));

/* notes a warning at the value of a node, instead of errors */
void llmp_doc_warning(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* converts offsets of errors to files, lines and columns; must be called once,
   after the last error is noted */
void llmp_doc_errors_finish(llmp_doc_t *doc);

/* writes "FILE:LINE:COLUMN" of the name of a node, cut to fit; returns buf */
const char *llmp_doc_place(const llmp_doc_t *doc, const llmp_doc_node_t *node,
    char *buf, size_t size);

/* writes the JSON Pointer of a node, cut to fit, and a NUL */
void llmp_doc_pointer(const llmp_doc_node_t *node, char *buf, size_t size);


static inline llmp_uint_t
llmp_doc_type(const llmp_doc_node_t *node)
{
    return node->type;
}


#endif /* LLMP_DOC_H_INCLUDED_ */
