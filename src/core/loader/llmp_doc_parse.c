
/*
 * Copyright (C) llm-policy authors
 *
 * Parses a policy document.  jansson parses it without positions, but keeps the
 * order of members.  Therefore a walk through the text, which is valid JSON
 * then, finds the position of each value.
 */


#include "base/llmp_array.h"
#include "base/llmp_utf8.h"
#include "json/llmp_json_string.h"
#include "json/llmp_scan.h"
#include "loader/llmp_doc.h"
#include "policy/llmp_policy.h"


typedef struct {
    llmp_doc_t       *doc;
    llmp_doc_file_t  *file;
    const u_char     *p;
    const u_char     *last;
} llmp_doc_parse_walk_t;


static llmp_doc_file_t *llmp_doc_parse_add(llmp_doc_t *doc);
static llmp_int_t llmp_doc_parse_nodes(llmp_doc_t *doc, llmp_doc_file_t *file);
static llmp_int_t llmp_doc_parse_check_text(llmp_doc_t *doc,
    const llmp_doc_file_t *file);
static void llmp_doc_parse_error(llmp_doc_t *doc, const llmp_doc_file_t *file,
    const json_error_t *error);
static const char *llmp_doc_parse_message(const llmp_doc_file_t *file,
    size_t offset, const json_error_t *error);
static llmp_int_t llmp_doc_parse_stray_comma(const llmp_doc_file_t *file,
    size_t offset);
static size_t llmp_doc_parse_token(const llmp_doc_file_t *file, size_t offset);
static size_t llmp_doc_parse_count(json_t *json, llmp_uint_t depth);
static void llmp_doc_parse_walk(llmp_doc_parse_walk_t *walk,
    const llmp_doc_node_t *seen, llmp_uint_t depth);
static void llmp_doc_parse_walk_inside(llmp_doc_parse_walk_t *walk,
    uint32_t parent, llmp_uint_t depth);
static void llmp_doc_parse_verify(llmp_doc_parse_walk_t *walk, size_t start,
    const char *string);
static size_t llmp_doc_parse_offset(const llmp_doc_parse_walk_t *walk);
static void llmp_doc_parse_walk_gap(llmp_doc_parse_walk_t *walk);
static const u_char *llmp_doc_parse_skip_value(const u_char *p,
    const u_char *last);
static const u_char *llmp_doc_parse_skip_token(const u_char *p,
    const u_char *last);
static llmp_int_t llmp_doc_parse_is_space(u_char c);
static llmp_int_t llmp_doc_parse_is_word(u_char c);


llmp_int_t
llmp_doc_parse(llmp_doc_t *doc, const llmp_str_t *name, const u_char *data,
    size_t len)
{
    json_error_t      error;
    llmp_doc_file_t  *file;

    file = llmp_doc_parse_add(doc);
    if (file == NULL) {
        return LLMP_ERROR;
    }

    file->name = *name;
    file->data = data;
    file->len = len;

    if (llmp_doc_parse_check_text(doc, file) != LLMP_OK) {
        return LLMP_ERROR;
    }

    /* numbers are read from the text: as doubles they only must not overflow */

    file->json = json_loadb((const char *) data, len,
                            JSON_REJECT_DUPLICATES|JSON_DECODE_ANY
                            |JSON_DECODE_INT_AS_REAL, &error);

    if (file->json == NULL) {
        llmp_doc_parse_error(doc, file, &error);
        return LLMP_ERROR;
    }

    return llmp_doc_parse_nodes(doc, file);
}


/* returns a new file without a text, or NULL if there is no memory */

static llmp_doc_file_t *
llmp_doc_parse_add(llmp_doc_t *doc)
{
    llmp_doc_file_t  *file;

    file = llmp_array_grow(doc->pool, doc->files, doc->nfiles, &doc->size, 1,
                           sizeof(llmp_doc_file_t));
    if (file == NULL) {
        doc->failed = 1;
        return NULL;
    }

    doc->files = file;

    file += doc->nfiles;
    memset(file, 0, sizeof(llmp_doc_file_t));

    if (doc->nfiles != 0) {
        file->start = file[-1].start + file[-1].len + 1;
    }

    doc->nfiles++;

    return file;
}


static llmp_int_t
llmp_doc_parse_nodes(llmp_doc_t *doc, llmp_doc_file_t *file)
{
    size_t                 n;
    llmp_doc_node_t        root;
    llmp_doc_parse_walk_t  walk;

    n = llmp_doc_parse_count(file->json, 0);

    file->nodes = llmp_palloc(doc->pool, n * sizeof(llmp_doc_node_t));
    if (file->nodes == NULL) {
        doc->failed = 1;
        return LLMP_ERROR;
    }

    memset(&root, 0, sizeof(llmp_doc_node_t));
    root.json = file->json;

    walk.doc = doc;
    walk.file = file;
    walk.p = file->data;
    walk.last = file->data + file->len;

    llmp_doc_parse_walk(&walk, &root, 0);

    return doc->failed ? LLMP_ERROR : LLMP_OK;
}


static llmp_int_t
llmp_doc_parse_check_text(llmp_doc_t *doc, const llmp_doc_file_t *file)
{
    size_t         n;
    llmp_uint_t    blank;
    const u_char  *p, *last;

    if (file->len > LLMP_POLICY_MAX) {
        llmp_doc_error_at_offset(doc, file->start,
                                 "the document is larger than %d MiB",
                                 LLMP_POLICY_MAX / (1024 * 1024));
        return LLMP_ERROR;
    }

    p = file->data;
    last = p + file->len;

    if (file->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        llmp_doc_error_at_offset(doc, file->start,
                                 "the document must not start with a byte "
                                 "order mark");
        return LLMP_ERROR;
    }

    for (blank = 1; p < last; p += n) {
        n = llmp_utf8_len(p, last);

        if (n == 0 || *p == '\0') {
            llmp_doc_error_at_offset(doc, file->start + (p - file->data),
                                     n == 0
                                     ? "the document must be UTF-8"
                                     : "the document must not have NUL bytes");
            return LLMP_ERROR;
        }

        if (!llmp_doc_parse_is_space(*p)) {
            blank = 0;
        }
    }

    if (blank) {
        llmp_doc_error_at_offset(doc, file->start, "the document is empty");
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


static void
llmp_doc_parse_error(llmp_doc_t *doc, const llmp_doc_file_t *file,
    const json_error_t *error)
{
    size_t       len, offset;
    const char  *message, *near;

    if (error->text[0] == '\0'
        || json_error_code(error) == json_error_out_of_memory)
    {
        doc->failed = 1;
        return;
    }

    /* jansson's position is the end of the token that it does not accept */

    if (json_error_code(error) == json_error_premature_end_of_input) {
        offset = file->len;

    } else {
        offset = llmp_doc_parse_token(file, error->position);
    }

    message = llmp_doc_parse_message(file, offset, error);
    offset += file->start;

    if (message != NULL) {
        llmp_doc_error_at_offset(doc, offset, "%s", message);
        return;
    }

    /* " near " is followed by a part of the document, which may be a secret */

    near = strstr(error->text, " near ");

    len = (near != NULL) ? (size_t) (near - error->text) : strlen(error->text);

    llmp_doc_error_at_offset(doc, offset, "%.*s", (int) len, error->text);
}


/* returns a message that is clearer than that of jansson, or NULL */

static const char *
llmp_doc_parse_message(const llmp_doc_file_t *file, size_t offset,
    const json_error_t *error)
{
    switch (json_error_code(error)) {

    case json_error_premature_end_of_input:
        return "the document ends too early";

    case json_error_end_of_input_expected:
        return "nothing may follow the document";

    case json_error_duplicate_key:
        return "the object already has a member of this name";

    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "\\u0000 is not supported";

    case json_error_numeric_overflow:
        return "the number is too large";

    case json_error_stack_overflow:
        return "the document is nested too deeply";

    default:
        break;
    }

    if (llmp_doc_parse_stray_comma(file, offset)) {
        return "a comma must not precede a closing bracket";
    }

    return NULL;
}


static llmp_int_t
llmp_doc_parse_stray_comma(const llmp_doc_file_t *file, size_t offset)
{
    const u_char  *p;

    p = file->data + offset;

    if (offset == file->len || (*p != '}' && *p != ']')) {
        return 0;
    }

    do {
        if (p == file->data) {
            return 0;
        }

        p--;

    } while (llmp_doc_parse_is_space(*p));

    return *p == ',';
}


/* returns the start of the token that contains the byte before offset */

static size_t
llmp_doc_parse_token(const llmp_doc_file_t *file, size_t offset)
{
    const u_char  *p, *next, *last;

    p = file->data;
    last = p + file->len;

    for ( ;; ) {
        while (p < last && llmp_doc_parse_is_space(*p)) {
            p++;
        }

        if (p == last) {
            return p - file->data;
        }

        next = llmp_doc_parse_skip_token(p, last);

        if ((size_t) (next - file->data) >= offset) {
            return p - file->data;
        }

        p = next;
    }
}


static size_t
llmp_doc_parse_count(json_t *json, llmp_uint_t depth)
{
    void    *iter;
    size_t   i, n;

    n = 1;

    if (depth == LLMP_DOC_DEPTH) {
        return n;
    }

    for (i = 0; i < json_array_size(json); i++) {
        n += llmp_doc_parse_count(json_array_get(json, i), depth + 1);
    }

    for (iter = json_object_iter(json);
         iter != NULL;
         iter = json_object_iter_next(json, iter))
    {
        n += llmp_doc_parse_count(json_object_iter_value(iter), depth + 1);
    }

    return n;
}


/* adds nodes for the value at walk->p and the values inside it; seen has the
   node's name, index and jansson value, and the index of its parent in nodes */

static void
llmp_doc_parse_walk(llmp_doc_parse_walk_t *walk, const llmp_doc_node_t *seen,
    llmp_uint_t depth)
{
    uint32_t          i;
    llmp_doc_file_t  *file;
    llmp_doc_node_t  *node;

    file = walk->file;

    i = file->nnodes++;
    node = &file->nodes[i];
    *node = *seen;

    if (i != 0) {
        node->parent = i - seen->parent;
    }

    llmp_doc_parse_walk_gap(walk);

    node->start = llmp_doc_parse_offset(walk);

    if (depth < LLMP_DOC_DEPTH
        && (json_is_object(node->json) || json_is_array(node->json)))
    {
        llmp_doc_parse_walk_inside(walk, i, depth + 1);

    } else {
        walk->p = llmp_doc_parse_skip_value(walk->p, walk->last);
    }

    node->end = llmp_doc_parse_offset(walk);
    node->count = file->nnodes - i;

    if (json_is_string(node->json)) {
        llmp_doc_parse_verify(walk, node->start, json_string_value(node->json));
    }
}


static void
llmp_doc_parse_walk_inside(llmp_doc_parse_walk_t *walk, uint32_t parent,
    llmp_uint_t depth)
{
    void             *iter;
    size_t            i;
    json_t           *json;
    llmp_doc_node_t   seen;

    json = walk->file->nodes[parent].json;

    memset(&seen, 0, sizeof(llmp_doc_node_t));
    seen.parent = parent;

    walk->p++;

    for (i = 0; i < json_array_size(json); i++) {
        seen.json = json_array_get(json, i);
        llmp_doc_parse_walk(walk, &seen, depth);
        seen.index++;
    }

    for (iter = json_object_iter(json);
         iter != NULL;
         iter = json_object_iter_next(json, iter))
    {
        llmp_doc_parse_walk_gap(walk);

        seen.json = json_object_iter_value(iter);
        seen.name = json_object_iter_key(iter);
        seen.name_start = llmp_doc_parse_offset(walk);

        walk->p = llmp_doc_parse_skip_token(walk->p, walk->last);

        llmp_doc_parse_verify(walk, seen.name_start, seen.name);

        llmp_doc_parse_walk(walk, &seen, depth);
        seen.index++;
    }

    llmp_doc_parse_walk_gap(walk);

    walk->p++;
}


/*
 * Compares a string of jansson with the text: if its memory runs out, jansson
 * may return a shorter string without an error.
 */

static void
llmp_doc_parse_verify(llmp_doc_parse_walk_t *walk, size_t start,
    const char *string)
{
    size_t       len;
    u_char      *decoded;
    llmp_str_t   text;

    text.data = (u_char *) walk->file->data + (start - walk->file->start);
    text.len = walk->p - text.data;

    if (memchr(text.data, '\\', text.len) == NULL) {
        decoded = text.data + 1;
        len = text.len - 2;

    } else {
        decoded = llmp_palloc(walk->doc->pool, text.len);
        if (decoded == NULL) {
            walk->doc->failed = 1;
            return;
        }

        len = llmp_json_string_decode(decoded, &text);
    }

    if (len != strlen(string) || memcmp(decoded, string, len) != 0) {
        walk->doc->failed = 1;
    }
}


/* returns the offset of walk->p in the texts of the document */

static size_t
llmp_doc_parse_offset(const llmp_doc_parse_walk_t *walk)
{
    return walk->file->start + (walk->p - walk->file->data);
}


static void
llmp_doc_parse_walk_gap(llmp_doc_parse_walk_t *walk)
{
    while (walk->p < walk->last
           && (llmp_doc_parse_is_space(*walk->p)
               || *walk->p == ',' || *walk->p == ':'))
    {
        walk->p++;
    }
}


static const u_char *
llmp_doc_parse_skip_value(const u_char *p, const u_char *last)
{
    size_t  depth;

    depth = 0;

    while (p < last) {

        if (*p == '{' || *p == '[') {
            depth++;

        } else if (*p == '}' || *p == ']') {
            depth--;
        }

        p = llmp_doc_parse_skip_token(p, last);

        if (depth == 0) {
            break;
        }
    }

    return p;
}


/* returns the end of the string, word or other single byte at p */

static const u_char *
llmp_doc_parse_skip_token(const u_char *p, const u_char *last)
{
    if (*p == '"') {

        for (p++; p < last && *p != '"'; p++) {

            if (*p == '\\' && last - p > 1) {
                p++;
            }
        }

        return p < last ? p + 1 : last;
    }

    if (!llmp_doc_parse_is_word(*p)) {
        return p + 1;
    }

    while (p < last && llmp_doc_parse_is_word(*p)) {
        p++;
    }

    return p;
}


static llmp_int_t
llmp_doc_parse_is_space(u_char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}


/* returns whether a byte is part of a number or literal, or a misspelt one */

static llmp_int_t
llmp_doc_parse_is_word(u_char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
           || c == '+' || c == '-' || c == '.' || c == '_' || c >= 0x80;
}
