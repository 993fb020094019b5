
/*
 * Copyright (C) llm-policy authors
 */


#include <jansson.h>

#include "base/llmp_utf8.h"
#include "json/llmp_json_char.h"
#include "loader/llmp_doc_syntax.h"
#include "policy/llmp_policy.h"


#define LLMP_DOC_SYNTAX_FLAGS  (JSON_REJECT_DUPLICATES|JSON_DECODE_ANY        \
                                |JSON_DECODE_INT_AS_REAL)


static llmp_int_t llmp_doc_syntax_check_text(llmp_doc_t *doc,
    const llmp_doc_file_t *file);
static void llmp_doc_syntax_jansson(llmp_doc_t *doc,
    const llmp_doc_file_t *file, const json_error_t *error);
static const char *llmp_doc_syntax_message(const llmp_doc_file_t *file,
    size_t offset, const json_error_t *error);
static llmp_int_t llmp_doc_syntax_stray_comma(const llmp_doc_file_t *file,
    size_t offset);
static size_t llmp_doc_syntax_token(const llmp_doc_file_t *file,
    size_t offset);
static const u_char *llmp_doc_syntax_skip_token(const u_char *p,
    const u_char *last);
static llmp_int_t llmp_doc_syntax_is_word(u_char c);


void
llmp_doc_syntax_error(llmp_doc_t *doc, const llmp_doc_file_t *file,
    size_t offset)
{
    json_t        *json;
    json_error_t   error;

    if (llmp_doc_syntax_check_text(doc, file) != LLMP_OK) {
        return;
    }

    json = json_loadb((const char *) file->data, file->len,
                      LLMP_DOC_SYNTAX_FLAGS, &error);

    if (json == NULL) {
        llmp_doc_syntax_jansson(doc, file, &error);
        return;
    }

    json_decref(json);

    llmp_doc_error_at_offset(doc, file->start + offset, "invalid JSON");
}


llmp_uint_t
llmp_doc_syntax_is_number(const u_char *data, size_t len)
{
    json_t  *json;

    /* as doubles, numbers only must not overflow: they are read from the
       text */

    json = json_loadb((const char *) data, len, LLMP_DOC_SYNTAX_FLAGS, NULL);

    json_decref(json);

    return json != NULL;
}


static llmp_int_t
llmp_doc_syntax_check_text(llmp_doc_t *doc, const llmp_doc_file_t *file)
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

        if (!llmp_json_char_is_white(*p)) {
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
llmp_doc_syntax_jansson(llmp_doc_t *doc, const llmp_doc_file_t *file,
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
        offset = llmp_doc_syntax_token(file, error->position);
    }

    message = llmp_doc_syntax_message(file, offset, error);
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
llmp_doc_syntax_message(const llmp_doc_file_t *file, size_t offset,
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

    if (llmp_doc_syntax_stray_comma(file, offset)) {
        return "a comma must not precede a closing bracket";
    }

    return NULL;
}


static llmp_int_t
llmp_doc_syntax_stray_comma(const llmp_doc_file_t *file, size_t offset)
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

    } while (llmp_json_char_is_white(*p));

    return *p == ',';
}


/* returns the start of the token that contains the byte before offset */

static size_t
llmp_doc_syntax_token(const llmp_doc_file_t *file, size_t offset)
{
    const u_char  *p, *next, *last;

    p = file->data;
    last = p + file->len;

    for ( ;; ) {
        while (p < last && llmp_json_char_is_white(*p)) {
            p++;
        }

        if (p == last) {
            return p - file->data;
        }

        next = llmp_doc_syntax_skip_token(p, last);

        if ((size_t) (next - file->data) >= offset) {
            return p - file->data;
        }

        p = next;
    }
}


/* returns the end of the string, word or other single byte at p */

static const u_char *
llmp_doc_syntax_skip_token(const u_char *p, const u_char *last)
{
    if (*p == '"') {

        for (p++; p < last && *p != '"'; p++) {

            if (*p == '\\' && last - p > 1) {
                p++;
            }
        }

        return p < last ? p + 1 : last;
    }

    if (!llmp_doc_syntax_is_word(*p)) {
        return p + 1;
    }

    while (p < last && llmp_doc_syntax_is_word(*p)) {
        p++;
    }

    return p;
}


/* returns whether a byte is part of a number or literal, or a misspelt one */

static llmp_int_t
llmp_doc_syntax_is_word(u_char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
           || c == '+' || c == '-' || c == '.' || c == '_' || c >= 0x80;
}
