
/*
 * Copyright (C) llm-policy authors
 *
 * Parses a policy document, which may have a hundred thousand tenants, into
 * nodes: a text is read once, and a value takes 40 bytes and its string.
 */


#include <stdlib.h>

#include "base/llmp_array.h"
#include "base/llmp_hex.h"
#include "base/llmp_type.h"
#include "base/llmp_utf8.h"
#include "json/llmp_json_char.h"
#include "json/llmp_json_string.h"
#include "loader/llmp_doc.h"
#include "loader/llmp_doc_syntax.h"
#include "policy/llmp_policy.h"


/* depth of the deepest values, that of the root is 0; jansson's limit */
#define LLMP_DOC_PARSE_DEPTH    2048

/* bytes of a text for each node that is allocated at first */
#define LLMP_DOC_PARSE_BYTES    24

/* length of the longest number without an exponent that surely fits a
   double */
#define LLMP_DOC_PARSE_DIGITS   300

/* members of an object whose names are compared in pairs */
#define LLMP_DOC_PARSE_PAIRS    8


typedef struct {
    llmp_doc_t       *doc;
    llmp_doc_file_t  *file;
    const u_char     *p;
    const u_char     *last;
    u_char           *free;   /* rest of file->strings */
    llmp_uint_t       size;   /* capacity of file->nodes */
} llmp_doc_parse_t;


static llmp_doc_file_t *llmp_doc_parse_add(llmp_doc_t *doc);
static llmp_int_t llmp_doc_parse_text(llmp_doc_parse_t *parse);
static llmp_int_t llmp_doc_parse_value(llmp_doc_parse_t *parse,
    llmp_doc_node_t *seen, llmp_uint_t depth);
static llmp_int_t llmp_doc_parse_any(llmp_doc_parse_t *parse,
    llmp_doc_node_t *value, uint32_t i, llmp_uint_t depth);
static llmp_doc_node_t *llmp_doc_parse_node(llmp_doc_parse_t *parse);
static llmp_int_t llmp_doc_parse_array(llmp_doc_parse_t *parse, uint32_t parent,
    llmp_uint_t depth);
static llmp_int_t llmp_doc_parse_object(llmp_doc_parse_t *parse,
    uint32_t parent, llmp_uint_t depth);
static llmp_int_t llmp_doc_parse_member(llmp_doc_parse_t *parse,
    llmp_doc_node_t *seen, llmp_uint_t depth);
static llmp_int_t llmp_doc_parse_next(llmp_doc_parse_t *parse, u_char end);
static llmp_int_t llmp_doc_parse_check_names(llmp_doc_parse_t *parse,
    uint32_t parent, llmp_uint_t n);
static llmp_int_t llmp_doc_parse_check_sorted(llmp_doc_parse_t *parse,
    const llmp_doc_node_t *node, llmp_uint_t n);
static int llmp_doc_parse_name_cmp(const void *one, const void *two);
static llmp_int_t llmp_doc_parse_string(llmp_doc_parse_t *parse,
    const char **string);
static const u_char *llmp_doc_parse_escape(const u_char *p, const u_char *last);
static int32_t llmp_doc_parse_unit(const u_char *p, const u_char *last);
static llmp_int_t llmp_doc_parse_number(llmp_doc_parse_t *parse);
static llmp_int_t llmp_doc_parse_digits(llmp_doc_parse_t *parse);
static llmp_int_t llmp_doc_parse_word(llmp_doc_parse_t *parse,
    const char *word);
static u_char llmp_doc_parse_peek(llmp_doc_parse_t *parse);
static uint32_t llmp_doc_parse_offset(const llmp_doc_parse_t *parse);


llmp_int_t
llmp_doc_parse(llmp_doc_t *doc, const llmp_str_t *name, const u_char *data,
    size_t len, llmp_uint_t owned)
{
    llmp_doc_file_t   *file;
    llmp_doc_parse_t   parse;

    file = llmp_doc_parse_add(doc);
    if (file == NULL) {
        return LLMP_ERROR;
    }

    file->name = *name;
    file->data = data;
    file->len = len;
    file->owned = owned;

    if (len > LLMP_POLICY_MAX) {
        llmp_doc_error_at_offset(doc, file->start,
                                 "the document is larger than %d MiB",
                                 LLMP_POLICY_MAX / (1024 * 1024));
        return LLMP_ERROR;
    }

    memset(&parse, 0, sizeof(llmp_doc_parse_t));

    parse.doc = doc;
    parse.file = file;
    parse.p = data;
    parse.last = data + len;

    if (llmp_doc_parse_text(&parse) == LLMP_OK) {
        return LLMP_OK;
    }

    if (!doc->failed) {
        llmp_doc_syntax_error(doc, file, parse.p - data);
    }

    return LLMP_ERROR;
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
llmp_doc_parse_text(llmp_doc_parse_t *parse)
{
    llmp_doc_node_t   root;
    llmp_doc_file_t  *file;

    file = parse->file;

    parse->size = file->len / LLMP_DOC_PARSE_BYTES + 1;

    file->nodes = llmp_palloc(parse->doc->pool,
                              parse->size * sizeof(llmp_doc_node_t));

    /* a decoded string with its NUL is shorter than its text with quotes */

    file->strings = llmp_palloc(parse->doc->pool, file->len + 1);

    if (file->nodes == NULL || file->strings == NULL) {
        parse->doc->failed = 1;
        return LLMP_ERROR;
    }

    parse->free = file->strings;

    memset(&root, 0, sizeof(llmp_doc_node_t));

    if (llmp_doc_parse_value(parse, &root, 0) != LLMP_OK) {
        return LLMP_ERROR;
    }

    (void) llmp_doc_parse_peek(parse);

    return (parse->p == parse->last) ? LLMP_OK : LLMP_ERROR;
}


/* adds nodes for the next value and the values inside it; seen has the node's
   name and index, and the index of its parent in nodes */

static llmp_int_t
llmp_doc_parse_value(llmp_doc_parse_t *parse, llmp_doc_node_t *seen,
    llmp_uint_t depth)
{
    u_char           *strings;
    uint32_t          i;
    llmp_doc_node_t  *node, value;

    if (depth == LLMP_DOC_PARSE_DEPTH || llmp_doc_parse_node(parse) == NULL) {
        return LLMP_ERROR;
    }

    i = parse->file->nnodes++;
    strings = parse->free;

    value = *seen;
    value.parent = (i != 0) ? i - seen->parent : 0;

    (void) llmp_doc_parse_peek(parse);

    value.start = llmp_doc_parse_offset(parse);

    if (llmp_doc_parse_any(parse, &value, i, depth + 1) != LLMP_OK) {
        return LLMP_ERROR;
    }

    value.end = llmp_doc_parse_offset(parse);

    if (depth >= LLMP_DOC_DEPTH && value.string == NULL) {

        /* the values inside were only checked */

        parse->file->nnodes = i + 1;
        parse->free = strings;
    }

    value.count = parse->file->nnodes - i;

    node = &parse->file->nodes[i];
    *node = value;

    return LLMP_OK;
}


/* parses a value, and sets what depends on its type; i is the index of its
   node, depth that of the values inside it */

static llmp_int_t
llmp_doc_parse_any(llmp_doc_parse_t *parse, llmp_doc_node_t *value, uint32_t i,
    llmp_uint_t depth)
{
    switch (llmp_doc_parse_peek(parse)) {

    case '{':
        value->type = LLMP_TYPE_OBJECT;
        return llmp_doc_parse_object(parse, i, depth);

    case '[':
        value->type = LLMP_TYPE_ARRAY;
        return llmp_doc_parse_array(parse, i, depth);

    case '"':
        value->type = LLMP_TYPE_STRING;
        return llmp_doc_parse_string(parse, &value->string);

    case 't':
        value->type = LLMP_TYPE_BOOLEAN;
        value->is_true = 1;
        return llmp_doc_parse_word(parse, "true");

    case 'f':
        value->type = LLMP_TYPE_BOOLEAN;
        return llmp_doc_parse_word(parse, "false");

    case 'n':
        value->type = LLMP_TYPE_NULL;
        return llmp_doc_parse_word(parse, "null");

    default:
        value->type = LLMP_TYPE_NUMBER;
        return llmp_doc_parse_number(parse);
    }
}


/* returns memory for the next node, or NULL; may move all nodes */

static llmp_doc_node_t *
llmp_doc_parse_node(llmp_doc_parse_t *parse)
{
    llmp_doc_node_t  *nodes;
    llmp_doc_file_t  *file;

    file = parse->file;

    nodes = llmp_array_grow(parse->doc->pool, file->nodes, file->nnodes,
                            &parse->size, 1, sizeof(llmp_doc_node_t));
    if (nodes == NULL) {
        parse->doc->failed = 1;
        return NULL;
    }

    if (nodes != file->nodes) {
        llmp_pfree(parse->doc->pool, file->nodes);
        file->nodes = nodes;
    }

    return &nodes[file->nnodes];
}


static llmp_int_t
llmp_doc_parse_array(llmp_doc_parse_t *parse, uint32_t parent,
    llmp_uint_t depth)
{
    llmp_int_t       rc;
    llmp_doc_node_t  seen;

    memset(&seen, 0, sizeof(llmp_doc_node_t));
    seen.parent = parent;

    parse->p++;

    if (llmp_doc_parse_peek(parse) == ']') {
        parse->p++;
        return LLMP_OK;
    }

    do {
        if (llmp_doc_parse_value(parse, &seen, depth) != LLMP_OK) {
            return LLMP_ERROR;
        }

        seen.index++;
        rc = llmp_doc_parse_next(parse, ']');

    } while (rc == LLMP_AGAIN);

    return rc;
}


static llmp_int_t
llmp_doc_parse_object(llmp_doc_parse_t *parse, uint32_t parent,
    llmp_uint_t depth)
{
    llmp_int_t       rc;
    llmp_doc_node_t  seen;

    memset(&seen, 0, sizeof(llmp_doc_node_t));
    seen.parent = parent;

    parse->p++;

    if (llmp_doc_parse_peek(parse) == '}') {
        parse->p++;
        return LLMP_OK;
    }

    do {
        if (llmp_doc_parse_member(parse, &seen, depth) != LLMP_OK) {
            return LLMP_ERROR;
        }

        seen.index++;
        rc = llmp_doc_parse_next(parse, '}');

    } while (rc == LLMP_AGAIN);

    return (rc == LLMP_OK)
           ? llmp_doc_parse_check_names(parse, parent, seen.index) : rc;
}


static llmp_int_t
llmp_doc_parse_member(llmp_doc_parse_t *parse, llmp_doc_node_t *seen,
    llmp_uint_t depth)
{
    if (llmp_doc_parse_peek(parse) != '"') {
        return LLMP_ERROR;
    }

    seen->name_start = llmp_doc_parse_offset(parse);

    if (llmp_doc_parse_string(parse, &seen->name) != LLMP_OK
        || llmp_doc_parse_peek(parse) != ':')
    {
        return LLMP_ERROR;
    }

    parse->p++;

    return llmp_doc_parse_value(parse, seen, depth);
}


/* returns LLMP_AGAIN if a comma announces another value, LLMP_OK at the end */

static llmp_int_t
llmp_doc_parse_next(llmp_doc_parse_t *parse, u_char end)
{
    u_char  ch;

    ch = llmp_doc_parse_peek(parse);

    if (ch == ',') {
        parse->p++;
        return LLMP_AGAIN;
    }

    if (ch == end) {
        parse->p++;
        return LLMP_OK;
    }

    return LLMP_ERROR;
}


/* returns LLMP_OK if the names of n members differ.  The parent's own node is
   not set yet */

static llmp_int_t
llmp_doc_parse_check_names(llmp_doc_parse_t *parse, uint32_t parent,
    llmp_uint_t n)
{
    llmp_uint_t             i, j, ascend;
    const llmp_doc_node_t  *first, *one, *two;

    first = &parse->file->nodes[parent + 1];
    ascend = 1;

    for (i = 1, one = first; i < n; i++, one = two) {
        two = one + one->count;
        ascend &= strcmp(one->name, two->name) < 0;
    }

    if (ascend) {
        return LLMP_OK;
    }

    if (n > LLMP_DOC_PARSE_PAIRS) {
        return llmp_doc_parse_check_sorted(parse, first, n);
    }

    for (i = 1, one = first; i < n; i++, one += one->count) {
        for (j = i, two = one; j < n; j++) {
            two += two->count;

            if (strcmp(one->name, two->name) == 0) {
                return LLMP_ERROR;
            }
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_doc_parse_check_sorted(llmp_doc_parse_t *parse,
    const llmp_doc_node_t *node, llmp_uint_t n)
{
    llmp_int_t     rc;
    llmp_uint_t    i;
    const char   **names;

    names = llmp_palloc(parse->doc->pool, n * sizeof(char *));
    if (names == NULL) {
        parse->doc->failed = 1;
        return LLMP_ERROR;
    }

    for (i = 0; i < n; i++) {
        names[i] = node->name;
        node += node->count;
    }

    qsort(names, n, sizeof(char *), llmp_doc_parse_name_cmp);

    rc = LLMP_OK;

    for (i = 1; i < n; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            rc = LLMP_ERROR;
            break;
        }
    }

    llmp_pfree(parse->doc->pool, names);

    return rc;
}


static int
llmp_doc_parse_name_cmp(const void *one, const void *two)
{
    const char *const  *a, *const  *b;

    a = one;
    b = two;

    return strcmp(*a, *b);
}


/* decodes a string, and adds a NUL */

static llmp_int_t
llmp_doc_parse_string(llmp_doc_parse_t *parse, const char **string)
{
    size_t         n;
    llmp_str_t     text;
    llmp_uint_t    escapes;
    const u_char  *p, *last;

    last = parse->last;
    escapes = 0;

    text.data = (u_char *) parse->p;

    for (p = text.data + 1; p < last && *p != '"'; p += n) {

        if (*p == '\\') {
            escapes = 1;
            n = llmp_doc_parse_escape(p, last) - p;

        } else {
            n = (*p < 0x20) ? 0 : llmp_utf8_len(p, last);
        }

        if (n == 0) {
            return LLMP_ERROR;
        }
    }

    if (p == last) {
        return LLMP_ERROR;
    }

    p++;

    text.len = p - text.data;
    n = text.len - 2;

    if (escapes) {
        n = llmp_json_string_decode(parse->free, &text);

    } else {
        memcpy(parse->free, text.data + 1, n);
    }

    parse->free[n] = '\0';

    *string = (char *) parse->free;

    parse->free += n + 1;
    parse->p = p;

    return LLMP_OK;
}


/* returns the end of an escape, or p if it is invalid, half a surrogate pair,
   or a NUL */

static const u_char *
llmp_doc_parse_escape(const u_char *p, const u_char *last)
{
    int32_t  high, low;

    if (last - p < 2) {
        return p;
    }

    if (p[1] != 'u') {
        return (llmp_json_char_unescape(p[1]) != 0) ? p + 2 : p;
    }

    high = llmp_doc_parse_unit(p, last);

    if (high <= 0 || llmp_json_char_is_low(high)) {
        return p;
    }

    if (!llmp_json_char_is_high(high)) {
        return p + 6;
    }

    low = llmp_doc_parse_unit(p + 6, last);

    return llmp_json_char_is_low(low) ? p + 12 : p;
}


/* returns the value of an escape as "\u00e9", or -1 */

static int32_t
llmp_doc_parse_unit(const u_char *p, const u_char *last)
{
    int       digit;
    size_t    i;
    int32_t   code;

    if (last - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }

    code = 0;

    for (i = 2; i < 6; i++) {
        digit = llmp_hex_value(p[i]);

        if (digit == -1) {
            return -1;
        }

        code = code << 4 | digit;
    }

    return code;
}


static llmp_int_t
llmp_doc_parse_number(llmp_doc_parse_t *parse)
{
    llmp_uint_t    power;
    const u_char  *start, *last;

    start = parse->p;
    last = parse->last;
    power = 0;

    if (parse->p < last && *parse->p == '-') {
        parse->p++;
    }

    if (parse->p < last && *parse->p == '0') {
        parse->p++;

    } else if (llmp_doc_parse_digits(parse) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (parse->p < last && *parse->p == '.') {
        parse->p++;

        if (llmp_doc_parse_digits(parse) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    if (parse->p < last && (*parse->p | 0x20) == 'e') {
        power = 1;
        parse->p++;

        if (parse->p < last && (*parse->p == '+' || *parse->p == '-')) {
            parse->p++;
        }

        if (llmp_doc_parse_digits(parse) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    if (!power && parse->p - start <= LLMP_DOC_PARSE_DIGITS) {
        return LLMP_OK;
    }

    return llmp_doc_syntax_is_number(start, parse->p - start) ? LLMP_OK
                                                              : LLMP_ERROR;
}


/* skips digits; returns LLMP_ERROR if there are none */

static llmp_int_t
llmp_doc_parse_digits(llmp_doc_parse_t *parse)
{
    const u_char  *start;

    start = parse->p;

    while (parse->p < parse->last && *parse->p >= '0' && *parse->p <= '9') {
        parse->p++;
    }

    return (parse->p != start) ? LLMP_OK : LLMP_ERROR;
}


static llmp_int_t
llmp_doc_parse_word(llmp_doc_parse_t *parse, const char *word)
{
    size_t  len;

    len = strlen(word);

    if ((size_t) (parse->last - parse->p) < len
        || memcmp(parse->p, word, len) != 0)
    {
        return LLMP_ERROR;
    }

    parse->p += len;

    return LLMP_OK;
}


/* skips white space; returns the next byte, or 0 at the end of the text */

static u_char
llmp_doc_parse_peek(llmp_doc_parse_t *parse)
{
    while (parse->p < parse->last && llmp_json_char_is_white(*parse->p)) {
        parse->p++;
    }

    return (parse->p < parse->last) ? *parse->p : 0;
}


/* returns the offset of parse->p in the texts of the document */

static uint32_t
llmp_doc_parse_offset(const llmp_doc_parse_t *parse)
{
    return (uint32_t) (parse->file->start + (parse->p - parse->file->data));
}
