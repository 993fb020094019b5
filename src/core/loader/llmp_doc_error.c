
/*
 * Copyright (C) llm-policy authors
 */


#include <stdarg.h>
#include <stdio.h>

#include "loader/llmp_doc.h"
#include "base/llmp_utf8.h"


#define LLMP_DOC_MESSAGE  2048
#define LLMP_DOC_PATH     512


typedef struct {
    const llmp_doc_file_t  *file;
    size_t                  offset;
    size_t                  line;    /* from 1 */
    size_t                  column;
} llmp_doc_position_t;


static void llmp_doc_error_seek(const llmp_doc_t *doc,
    llmp_doc_position_t *position, size_t offset);
static void llmp_doc_error_note(llmp_doc_t *doc, const llmp_doc_node_t *node,
    size_t offset, const char *fmt, va_list args)
    __attribute__((format(printf, 4, 0)));
static llmp_load_error_t *llmp_doc_error_slot(llmp_doc_t *doc, size_t offset);
static llmp_int_t llmp_doc_error_copy(llmp_doc_t *doc, llmp_str_t *dst,
    const char *src);
static char *llmp_doc_error_path(const llmp_doc_node_t *node, char *p,
    char *end);
static char *llmp_doc_error_path_name(const char *name, char *p, char *end);


void
llmp_doc_error(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    llmp_doc_error_note(doc, node, node->start, fmt, args);
    va_end(args);
}


void
llmp_doc_error_at_name(llmp_doc_t *doc, const llmp_doc_node_t *node,
    const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    llmp_doc_error_note(doc, node, node->name_start, fmt, args);
    va_end(args);
}


void
llmp_doc_error_at_offset(llmp_doc_t *doc, size_t offset, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    llmp_doc_error_note(doc, NULL, offset, fmt, args);
    va_end(args);
}


void
llmp_doc_errors_finish(llmp_doc_t *doc)
{
    llmp_uint_t           n;
    llmp_load_error_t    *error;
    llmp_load_errors_t   *errors;
    llmp_doc_position_t   position;

    errors = doc->errors;
    position.file = NULL;

    for (n = 0; n < errors->nelts; n++) {
        error = &errors->elts[n];

        llmp_doc_error_seek(doc, &position, error->column);

        error->line = position.line;
        error->column = position.column;

        (void) llmp_doc_error_copy(doc, &error->file,
                                   (char *) position.file->name.data);
    }

    if (doc->more) {
        error = &errors->elts[errors->nelts++];
        *error = error[-1];

        if (llmp_doc_error_copy(doc, &error->path, "") == LLMP_OK) {
            (void) llmp_doc_error_copy(doc, &error->message,
                                       "there are more errors after this one");
        }
    }
}


const char *
llmp_doc_place(const llmp_doc_t *doc, const llmp_doc_node_t *node, char *buf,
    size_t size)
{
    llmp_doc_position_t  position;

    position.file = NULL;

    llmp_doc_error_seek(doc, &position, node->name_start);

    (void) snprintf(buf, size, "%s:%zu:%zu",
                    (char *) position.file->name.data, position.line,
                    position.column);

    return buf;
}


/* moves a position to an offset that is not before it; the file of a new
   position is NULL */

static void
llmp_doc_error_seek(const llmp_doc_t *doc, llmp_doc_position_t *position,
    size_t offset)
{
    const u_char           *p, *last;
    const llmp_doc_file_t  *file;

    file = llmp_doc_file(doc, offset);

    if (position->file != file) {
        position->file = file;
        position->offset = file->start;
        position->line = 1;
        position->column = 1;
    }

    p = file->data + (position->offset - file->start);
    last = file->data + (offset - file->start);

    for ( /* void */ ; p < last; p++) {

        if (*p == '\n') {
            position->line++;
            position->column = 1;

        } else if ((*p & 0xc0) != 0x80) {
            /* the first byte of a character */
            position->column++;
        }
    }

    position->offset = offset;
}


static void
llmp_doc_error_note(llmp_doc_t *doc, const llmp_doc_node_t *node, size_t offset,
    const char *fmt, va_list args)
{
    char                text[LLMP_DOC_MESSAGE], path[LLMP_DOC_PATH];
    llmp_load_error_t  *error;

    error = llmp_doc_error_slot(doc, offset);
    if (error == NULL) {
        return;
    }

    if (vsnprintf(text, sizeof(text), fmt, args) < 0) {
        text[0] = '\0';
    }

    path[0] = '\0';

    if (node != NULL) {
        llmp_doc_pointer(node, path, sizeof(path));
    }

    if (llmp_doc_error_copy(doc, &error->message, text) == LLMP_OK) {
        (void) llmp_doc_error_copy(doc, &error->path, path);
    }
}


/* returns a slot for an error, in document order, or NULL if there are enough
   earlier ones or memory ran out */

static llmp_load_error_t *
llmp_doc_error_slot(llmp_doc_t *doc, size_t offset)
{
    llmp_uint_t          i;
    llmp_load_error_t   *elts;
    llmp_load_errors_t  *errors;

    errors = doc->errors;

    if (errors->elts == NULL) {
        errors->elts = llmp_palloc(doc->pool, (LLMP_DOC_ERRORS + 1)
                                              * sizeof(llmp_load_error_t));
        if (errors->elts == NULL) {
            doc->failed = 1;
            return NULL;
        }
    }

    elts = errors->elts;

    for (i = errors->nelts; i > 0 && elts[i - 1].column > offset; i--) {
        /* void */
    }

    if (errors->nelts == LLMP_DOC_ERRORS) {
        doc->more = 1;

        if (i == errors->nelts) {
            return NULL;
        }

        errors->nelts--;
    }

    memmove(&elts[i + 1], &elts[i],
            (errors->nelts - i) * sizeof(llmp_load_error_t));

    errors->nelts++;

    memset(&elts[i], 0, sizeof(llmp_load_error_t));
    elts[i].column = offset;

    return &elts[i];
}


static llmp_int_t
llmp_doc_error_copy(llmp_doc_t *doc, llmp_str_t *dst, const char *src)
{
    size_t  size;

    size = strlen(src) + 1;

    dst->data = llmp_palloc(doc->pool, size);
    if (dst->data == NULL) {
        doc->failed = 1;
        return LLMP_ERROR;
    }

    dst->len = llmp_utf8_copy((char *) dst->data, size, src);

    return LLMP_OK;
}


void
llmp_doc_pointer(const llmp_doc_node_t *node, char *buf, size_t size)
{
    *llmp_doc_error_path(node, buf, buf + size - 1) = '\0';
}


/* returns the end of the pointer, which has room for a NUL */

static char *
llmp_doc_error_path(const llmp_doc_node_t *node, char *p, char *end)
{
    char  index[16];

    if (node->parent == 0) {
        return p;
    }

    p = llmp_doc_error_path(node - node->parent, p, end);

    if (p < end) {
        *p++ = '/';
    }

    if (node->name != NULL) {
        return llmp_doc_error_path_name(node->name, p, end);
    }

    (void) snprintf(index, sizeof(index), "%u", (unsigned) node->index);

    return llmp_doc_error_path_name(index, p, end);
}


static char *
llmp_doc_error_path_name(const char *name, char *p, char *end)
{
    for ( /* void */ ; *name != '\0'; name++) {

        if (end - p < 2) {
            break;
        }

        if (*name == '~' || *name == '/') {
            *p++ = '~';
            *p++ = (*name == '~') ? '0' : '1';
            continue;
        }

        *p++ = *name;
    }

    return p;
}
