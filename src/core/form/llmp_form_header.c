
/*
 * Copyright (C) llm-policy authors
 *
 * The header lines of a form's field: reads its name, and refuses fields whose
 * content readers may interpret differently.
 */


#include "base/llmp_ascii.h"
#include "base/llmp_field.h"
#include "base/llmp_media_type.h"
#include "base/llmp_utf8.h"
#include "form/llmp_form_error.h"
#include "form/llmp_form_header.h"
#include "watch/llmp_watch_words.h"


static llmp_uint_t llmp_form_header_is(llmp_str_t *rest, const char *name);
static llmp_int_t llmp_form_header_disposition(llmp_form_t *form,
    llmp_str_t *rest);
static llmp_int_t llmp_form_header_name(llmp_form_t *form, llmp_str_t *rest);
static uint8_t llmp_form_header_is_media(const llmp_str_t *name);
static llmp_int_t llmp_form_header_filename(llmp_form_t *form,
    llmp_str_t *rest);
static llmp_uint_t llmp_form_header_extended(llmp_str_t *rest);
static llmp_int_t llmp_form_header_length(llmp_form_t *form,
    const llmp_str_t *value);
static llmp_int_t llmp_form_header_encoding(llmp_form_t *form,
    const llmp_str_t *value);
static llmp_int_t llmp_form_header_check_name(llmp_form_t *form,
    const llmp_str_t *name);
static llmp_int_t llmp_form_header_find_watch(llmp_form_t *form);
static llmp_int_t llmp_form_header_refuse_name(llmp_form_t *form,
    const llmp_watch_t *w);
static const llmp_watch_t *llmp_form_header_find_words(llmp_form_t *form,
    const llmp_str_t *name);


llmp_int_t
llmp_form_header_line(llmp_form_t *form, const llmp_str_t *line)
{
    size_t      i;
    llmp_str_t  rest;

    static const char  heading[] = "content-disposition";
    static const char  alone[] = "its only header lines must be "
                                 "Content-Disposition, Content-Type, "
                                 "Content-Length and "
                                 "Content-Transfer-Encoding";

    /* some readers search header lines, some for the boundary without dashes */

    if (llmp_str_has(line, form->delimiter, form->delimiter_len)) {
        return llmp_form_error_field(form, "a header line has the boundary");
    }

    for (i = 1; i + sizeof(heading) - 1 <= line->len; i++) {
        rest.data = line->data + i;
        rest.len = line->len - i;

        if (llmp_field_skip_token(&rest, heading)) {
            return llmp_form_error_field(form, alone);
        }
    }

    rest = *line;

    if (llmp_field_skip_token(&rest, "content-disposition: ")) {
        return llmp_form_header_disposition(form, &rest);
    }

    if (llmp_form_header_is(&rest, "content-type: ")) {

        if (form->typed) {
            return llmp_form_error_field(form, "it has two Content-Type lines");
        }

        form->typed = 1;
        form->type = !llmp_media_type_is_text(&rest);

        if (llmp_field_skip_token(&rest, "multipart/")
            || llmp_field_skip_token(&rest, "message/"))
        {
            return llmp_form_error_field(form, "it must not have parts inside");
        }

        return LLMP_OK;
    }

    if (llmp_form_header_is(&rest, "content-length: ")) {
        form->length_offset = form->line_offset;
        form->length_size = line->len + 2;

        return llmp_form_header_length(form, &rest);
    }

    if (llmp_form_header_is(&rest, "content-transfer-encoding: ")) {
        return llmp_form_header_encoding(form, &rest);
    }

    return llmp_form_error_field(form, alone);
}


/* removes name from the front of *rest; returns 1 if it was there, without
   a second space after its colon */

static llmp_uint_t
llmp_form_header_is(llmp_str_t *rest, const char *name)
{
    return llmp_field_skip_token(rest, name)
           && (rest->len == 0 || *rest->data != ' ');
}


static llmp_int_t
llmp_form_header_disposition(llmp_form_t *form, llmp_str_t *rest)
{
    if (form->disposition) {
        return llmp_form_error_field(form,
                                     "it has two Content-Disposition lines");
    }

    form->disposition = 1;

    if (rest->len < 10 || memcmp(rest->data, "form-data;", 10) != 0) {
        return llmp_form_error_field(form, "its disposition must be form-data");
    }

    rest->data += 10;
    rest->len -= 10;

    if (llmp_form_header_name(form, rest) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (llmp_form_header_filename(form, rest) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (rest->len != 0) {
        return llmp_form_error_field(form, "its disposition must have only "
                                     "name, filename and filename*, in this "
                                     "order, in quotes, without escapes");
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_form_header_name(llmp_form_t *form, llmp_str_t *rest)
{
    u_char      *p;
    llmp_str_t   name;

    static const char  what[] = "its name must be in quotes, after name=, and "
                                "have only letters, digits, \"_\", \"-\", "
                                "\".\" and brackets";

    if (rest->len < 7 || memcmp(rest->data, " name=\"", 7) != 0) {
        return llmp_form_error_field(form, what);
    }

    rest->data += 7;
    rest->len -= 7;

    name = *rest;

    while (rest->len != 0
           && (llmp_ascii_is_alnum(*rest->data)
               || (*rest->data != '\0'
                   && strchr("_-.[]", *rest->data) != NULL)))
    {
        rest->data++;
        rest->len--;
    }

    name.len -= rest->len;

    if (name.len == 0 || name.len > LLMP_WATCH_NAME_MAX
        || !llmp_field_skip_token(rest, "\""))
    {
        return llmp_form_error_field(form, what);
    }

    if (form->nnames == LLMP_FORM_FIELDS_MAX) {
        return llmp_form_error_field(form, "the form has too many fields");
    }

    p = llmp_palloc(form->pool, name.len);
    if (p == NULL) {
        return llmp_form_error_nomem(form);
    }

    memcpy(p, name.data, name.len);
    name.data = p;

    /* llmp_form_header_end() counts the name, after all header lines */

    form->names[form->nnames] = name;

    return LLMP_OK;
}


static llmp_int_t
llmp_form_header_filename(llmp_form_t *form, llmp_str_t *rest)
{
    size_t         n;
    llmp_str_t     next;
    const u_char  *p, *end;

    next = *rest;

    if (!llmp_field_skip_token(&next, "; ")) {
        return LLMP_OK;
    }

    if (next.len < 10 || memcmp(next.data, "filename=\"", 10) != 0) {
        return LLMP_OK;
    }

    form->filename = 1;

    p = next.data + 10;
    end = next.data + next.len;

    for ( /* void */ ; p < end && *p != '"'; p += n) {
        n = llmp_utf8_len(p, end);

        /* some readers find a parameter after any ";" */

        if (n == 0 || *p == '\\' || *p == ';') {
            return llmp_form_error_field(form, "its filename must be in UTF-8, "
                                         "without escapes or \";\"");
        }
    }

    if (p == end) {
        return LLMP_OK;
    }

    rest->data = (u_char *) p + 1;
    rest->len = end - p - 1;

    next = *rest;

    if (llmp_field_skip_token(&next, "; ") && next.len >= 10
        && memcmp(next.data, "filename*=", 10) == 0
        && llmp_form_header_extended(&next))
    {
        *rest = next;
    }

    return LLMP_OK;
}


/* reads an extended value (RFC 8187, section 3.2): filename*=UTF-8''a%20name */

static llmp_uint_t
llmp_form_header_extended(llmp_str_t *rest)
{
    rest->data += 10;
    rest->len -= 10;

    if (!llmp_field_skip_token(rest, "utf-8''")) {
        return 0;
    }

    while (rest->len != 0
           && (llmp_ascii_is_alnum(*rest->data)
               || (*rest->data != '\0'
                   && strchr("!#$&+-.^_`|~%", *rest->data) != NULL)))
    {
        rest->data++;
        rest->len--;
    }

    return 1;
}


/*
 * OkHttp 3 and 4 and Guzzle 6 and 7 write the length of each part.  Most
 * readers ignore it, but aiohttp reads this number of bytes (BodyPartReader).
 * llmp_form_end_content() compares it with the length of the content.
 */

static llmp_int_t
llmp_form_header_length(llmp_form_t *form, const llmp_str_t *value)
{
    size_t  i;

    static const char  what[] = "it must have one Content-Length at most, of "
                                "digits only";

    if (form->measured || value->len == 0
        || value->len > LLMP_FORM_LENGTH_DIGITS
        || (value->data[0] == '0' && value->len != 1))
    {
        return llmp_form_error_field(form, what);
    }

    form->measured = 1;
    form->length = 0;

    for (i = 0; i < value->len; i++) {

        if (value->data[i] < '0' || value->data[i] > '9') {
            return llmp_form_error_field(form, what);
        }

        form->length = form->length * 10 + (value->data[i] - '0');
    }

    return LLMP_OK;
}


/* accepts encodings that change nothing; RFC 7578, section 4.7 deprecates the
   field */

static llmp_int_t
llmp_form_header_encoding(llmp_form_t *form, const llmp_str_t *value)
{
    llmp_str_t   rest;
    llmp_uint_t  plain;

    rest = *value;

    plain = llmp_field_skip_token(&rest, "binary")
            || llmp_field_skip_token(&rest, "8bit")
            || llmp_field_skip_token(&rest, "7bit");

    if (!plain || rest.len != 0 || form->encoded) {
        return llmp_form_error_field(form, "its content must not be encoded");
    }

    form->encoded = 1;

    return LLMP_OK;
}


llmp_int_t
llmp_form_header_end(llmp_form_t *form)
{
    const llmp_str_t  *name;

    if (!form->disposition) {
        return llmp_form_error_field(form,
                                     "it must have a Content-Disposition");
    }

    name = &form->names[form->nnames];

    if (llmp_str_is(name, "_charset_")) {

        /* changes how other fields are read (RFC 7578, section 4.6) */

        return llmp_form_error_field(form, "the charset must not be changed");
    }

    if (llmp_form_header_check_name(form, name) != LLMP_OK) {
        return LLMP_ERROR;
    }

    form->nnames++;

    if (form->file != NULL && llmp_str_is(name, form->file)) {
        form->wanted = 1;
        form->files++;

        if (!form->filename) {
            return llmp_refuse(&form->refusal, LLMP_REFUSE_INVALID_TYPE,
                               form->file, "%s must be a file", form->file);
        }

        return LLMP_OK;
    }

    if (form->file != NULL && form->filename) {

        /* such as "file[]" */

        return llmp_refuse(&form->refusal, LLMP_REFUSE_INVALID_TYPE, NULL,
                           "no field except %s may be a file",
                           form->file);
    }

    form->medium = form->filename && llmp_form_header_is_media(name);

    return llmp_form_header_find_watch(form);
}


/* returns whether a field is an image or a sound in the forms of OpenAI's API
   (November 2026) */

static uint8_t
llmp_form_header_is_media(const llmp_str_t *name)
{
    size_t  i;

    static const char *const  fields[] = { "file", "image", "image[]", "mask" };

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (llmp_str_is(name, fields[i])) {
            return 1;
        }
    }

    return 0;
}


static llmp_int_t
llmp_form_header_check_name(llmp_form_t *form, const llmp_str_t *name)
{
    llmp_uint_t  i;

    if (name->len > 2
        && memcmp(name->data + name->len - 2, "[]", 2) == 0)
    {
        /* an element of a list */

        return LLMP_OK;
    }

    for (i = 0; i < form->nnames; i++) {
        if (llmp_str_eq(&form->names[i], name)) {
            return llmp_refuse(&form->refusal, LLMP_REFUSE_DUPLICATE_MEMBER,
                               NULL, "fields %zu and %zu have the same name",
                               (size_t) i + 1, (size_t) form->nnames + 1);
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_form_header_find_watch(llmp_form_t *form)
{
    char                 path[LLMP_PARAM_NAME];
    llmp_int_t           folds;
    const llmp_str_t    *name;
    const llmp_watch_t  *w;

    name = &form->names[form->nnames - 1];

    w = llmp_watch_find(form->root, name, &folds);

    if (w != NULL && folds) {
        return llmp_form_header_refuse_name(form, w);
    }

    if (w == NULL) {
        w = llmp_form_header_find_words(form, name);

        return (w != NULL) ? llmp_form_header_refuse_name(form, w) : LLMP_OK;
    }

    if (form->filename || form->type) {
        return llmp_refuse(&form->refusal, LLMP_REFUSE_INVALID_TYPE,
                           llmp_watch_write_path(w, path, sizeof(path)),
                           "%s must be plain text in UTF-8, not a file", path);
    }

    form->watch = w;
    form->keep = 1;

    return LLMP_OK;
}


/* the name is the client's text: the message has the number of the field */

static llmp_int_t
llmp_form_header_refuse_name(llmp_form_t *form, const llmp_watch_t *w)
{
    char  path[LLMP_PARAM_NAME];

    return llmp_refuse(&form->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER,
                       llmp_watch_write_path(w, path, sizeof(path)),
                       "the name of field %zu may be read as %s",
                       form->nnames, path);
}


/* returns the watched field that a word of the name may name, or NULL: readers
   make objects of names such as "options[temperature]" */

static const llmp_watch_t *
llmp_form_header_find_words(llmp_form_t *form, const llmp_str_t *name)
{
    size_t               i;
    llmp_watch_words_t   words;
    const llmp_watch_t  *w;

    llmp_watch_words_init(&words, form->root, 0);

    for (i = 0; i < name->len; i++) {
        w = llmp_watch_words_add(&words, name->data[i]);

        if (w != NULL) {
            return w;
        }
    }

    return llmp_watch_words_end(&words);
}
