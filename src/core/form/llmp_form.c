
/*
 * Copyright (C) llm-policy authors
 *
 * A state machine over the bytes of a form.  The delimiter is found with the
 * algorithm of Knuth, Morris and Pratt, which reads each byte once, wherever
 * the form is split.  A delimiter at any other place is refused, so that every
 * reader finds the same fields.
 */


#include "base/llmp_ascii.h"
#include "base/llmp_buf.h"
#include "base/llmp_decimal.h"
#include "base/llmp_json_write.h"
#include "base/llmp_utf8.h"
#include "form/llmp_form.h"
#include "form/llmp_form_error.h"
#include "form/llmp_form_header.h"


static void llmp_form_compute_fallback(uint8_t *fallback, const u_char *text,
    size_t len);
static inline size_t llmp_form_fall_back(const u_char *text,
    const uint8_t *fallback, size_t n, u_char ch);
static llmp_int_t llmp_form_run(llmp_form_t *form, const u_char *p,
    const u_char *end);
static llmp_int_t llmp_form_read_byte(llmp_form_t *form, u_char ch,
    uint64_t pos);
static llmp_int_t llmp_form_begin_field(llmp_form_t *form);
static llmp_int_t llmp_form_add_to_line(llmp_form_t *form, u_char ch);
static llmp_int_t llmp_form_end_line(llmp_form_t *form, uint64_t pos);
static const u_char *llmp_form_read_content(llmp_form_t *form, const u_char *p,
    const u_char *end, uint64_t pos);
static llmp_int_t llmp_form_add_content(llmp_form_t *form, const u_char *p,
    size_t len, uint64_t pos);
static llmp_uint_t llmp_form_find_bare_boundary(llmp_form_t *form,
    const u_char *p, const u_char *end);
static llmp_int_t llmp_form_end_content(llmp_form_t *form, uint64_t pos);
static llmp_int_t llmp_form_end_field(llmp_form_t *form, uint64_t pos);
static llmp_int_t llmp_form_set_value(llmp_form_t *form, llmp_member_t *m);
static llmp_int_t llmp_form_set_string(llmp_form_t *form, llmp_member_t *m);
static llmp_int_t llmp_form_end(llmp_form_t *form, uint64_t pos);


static const char  llmp_form_line_ending[] = "a line must end with CR LF";
static const char  llmp_form_delimiter_end[] =
    "a boundary must be followed by CR LF, or by \"--\"";


llmp_int_t
llmp_form_init(llmp_form_t *form, const llmp_watch_t *root,
    const llmp_str_t *boundary, llmp_pool_t *pool)
{
    memset(form, 0, offsetof(llmp_form_t, fallback));

    form->pool = pool;
    form->root = root;

    form->delimiter[0] = '-';
    form->delimiter[1] = '-';
    memcpy(form->delimiter + 2, boundary->data, boundary->len);
    form->delimiter_len = 2 + boundary->len;

    llmp_form_compute_fallback(form->fallback, form->delimiter,
                               form->delimiter_len);
    llmp_form_compute_fallback(form->alone_fallback, form->delimiter + 2,
                               boundary->len);

    form->names = llmp_palloc(pool, LLMP_FORM_FIELDS_MAX * sizeof(llmp_str_t));
    if (form->names == NULL) {
        return LLMP_ERROR;
    }

    return (llmp_member_add(&form->members, pool, root, LLMP_TYPE_OBJECT, 0)
            == LLMP_OK)
           ? LLMP_OK : LLMP_ERROR;
}


/* computes for each prefix of a text the length of its longest proper suffix
   that is also a prefix */

static void
llmp_form_compute_fallback(uint8_t *fallback, const u_char *text, size_t len)
{
    size_t  i, n;

    fallback[0] = 0;

    for (i = 1, n = 0; i < len; i++) {
        n = llmp_form_fall_back(text, fallback, n, text[i]);
        n += (text[i] == text[n]);
        fallback[i] = (uint8_t) n;
    }
}


/*
 * Returns how many bytes of a text are matched before ch: the length of the
 * longest suffix of the n bytes matched so far that is also a prefix of the
 * text and is continued by ch, or 0.
 */

static inline size_t
llmp_form_fall_back(const u_char *text, const uint8_t *fallback, size_t n,
    u_char ch)
{
    while (n != 0 && ch != text[n]) {
        n = fallback[n - 1];
    }

    return n;
}


llmp_int_t
llmp_form_feed(llmp_form_t *form, const u_char *buf, size_t len,
    llmp_int_t last)
{
    if (form->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    if (len != 0) {

        if (llmp_form_run(form, buf, buf + len) != LLMP_OK) {
            return LLMP_ERROR;
        }

        form->offset += len;
    }

    if (!last) {
        return LLMP_AGAIN;
    }

    if (form->state != LLMP_FORM_CLOSED && form->state != LLMP_FORM_DONE) {
        return llmp_form_error_offset(form, form->offset,
                                      "the body ends within the form");
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_form_run(llmp_form_t *form, const u_char *p, const u_char *end)
{
    uint64_t       pos;
    const u_char  *start;

    start = p;

    while (p < end) {
        pos = form->offset + (uint64_t) (p - start);

        if (form->state == LLMP_FORM_CONTENT) {
            p = llmp_form_read_content(form, p, end, pos);

            if (p == NULL) {
                return LLMP_ERROR;
            }

            continue;
        }

        if (llmp_form_read_byte(form, *p++, pos) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_form_read_byte(llmp_form_t *form, u_char ch, uint64_t pos)
{
    switch (form->state) {

    case LLMP_FORM_FIRST:
        if (ch != form->delimiter[form->matched++]) {
            return llmp_form_error_offset(form, pos,
                                          "the body must start with the "
                                          "boundary of its Content-Type");
        }

        if (form->matched == form->delimiter_len) {
            form->matched = 0;
            form->state = LLMP_FORM_DELIMITED;
        }

        return LLMP_OK;

    case LLMP_FORM_DELIMITED:
        if (ch == '\r') {
            form->state = LLMP_FORM_DELIMITED_LF;
            return LLMP_OK;
        }

        if (ch == '-') {
            form->state = LLMP_FORM_LAST;
            return LLMP_OK;
        }

        return llmp_form_error_offset(form, pos, llmp_form_delimiter_end);

    case LLMP_FORM_DELIMITED_LF:
        if (ch != '\n') {
            return llmp_form_error_offset(form, pos, llmp_form_line_ending);
        }

        return llmp_form_begin_field(form);

    case LLMP_FORM_LINE:
        if (ch != '\r') {
            return llmp_form_add_to_line(form, ch);
        }

        form->state = LLMP_FORM_LINE_LF;
        return LLMP_OK;

    case LLMP_FORM_LINE_LF:
        if (ch != '\n') {
            return llmp_form_error_offset(form, pos, llmp_form_line_ending);
        }

        return llmp_form_end_line(form, pos);

    case LLMP_FORM_LAST:
        if (ch != '-') {
            return llmp_form_error_offset(form, pos, llmp_form_delimiter_end);
        }

        return llmp_form_end(form, pos - 1 - form->delimiter_len);

    case LLMP_FORM_CLOSED:
        form->state = LLMP_FORM_CLOSED_LF;

        if (ch == '\r') {
            return LLMP_OK;
        }

        break;

    case LLMP_FORM_CLOSED_LF:
        form->state = LLMP_FORM_DONE;

        if (ch == '\n') {
            return LLMP_OK;
        }

        break;
    }

    return llmp_form_error_offset(form, pos,
                                  "nothing may follow the last boundary");
}


static llmp_int_t
llmp_form_begin_field(llmp_form_t *form)
{
    form->watch = NULL;
    form->size = 0;
    form->line_len = 0;
    form->text_len = 0;
    form->alone = 0;
    form->heading = 0;

    form->keep = 0;
    form->wanted = 0;
    form->medium = 0;
    form->disposition = 0;
    form->filename = 0;
    form->type = 0;
    form->typed = 0;
    form->encoded = 0;
    form->measured = 0;

    form->state = LLMP_FORM_LINE;

    return LLMP_OK;
}


static llmp_int_t
llmp_form_add_to_line(llmp_form_t *form, u_char ch)
{
    if (ch < ' ' || ch == 0x7f) {
        return llmp_form_error_field(form,
                                     "a control character in a header line");
    }

    if (form->line_len == LLMP_FORM_LINE_MAX) {
        return llmp_form_error_field(form, "a header line is too long");
    }

    form->line[form->line_len++] = ch;

    return LLMP_OK;
}


/* ends a header line at its line feed, which is at pos */

static llmp_int_t
llmp_form_end_line(llmp_form_t *form, uint64_t pos)
{
    llmp_str_t  line;

    line.data = form->line;
    line.len = form->line_len;

    form->line_offset = pos - 1 - line.len;
    form->line_len = 0;
    form->state = LLMP_FORM_LINE;

    if (line.len != 0) {
        return llmp_form_header_line(form, &line);
    }

    if (llmp_form_header_end(form) != LLMP_OK) {
        return LLMP_ERROR;
    }

    form->state = LLMP_FORM_CONTENT;

    return LLMP_OK;
}


/* returns the position of the next byte, or NULL after a refusal */

static const u_char *
llmp_form_read_content(llmp_form_t *form, const u_char *p, const u_char *end,
    uint64_t pos)
{
    size_t         n, rest;
    const u_char  *start;

    start = p;

    if (form->matched == 0) {
        p = memchr(p, '-', end - p);

        if (p == NULL) {
            p = end;
        }

        if (llmp_form_add_content(form, start, p - start, pos) != LLMP_OK) {
            return NULL;
        }
    }

    for (pos += p - start; p < end; p++, pos++) {

        n = form->matched;
        rest = llmp_form_fall_back(form->delimiter, form->fallback, n, *p);

        /* matched bytes that do not begin the delimiter are content */

        if (rest < n
            && llmp_form_add_content(form, form->delimiter, n - rest, pos - n)
               != LLMP_OK)
        {
            return NULL;
        }

        form->matched = rest;

        if (*p != form->delimiter[rest]) {

            /* the loop of the caller continues the search */

            return (llmp_form_add_content(form, p, 1,
                                          pos) == LLMP_OK) ? p + 1 : NULL;
        }

        if (++form->matched == form->delimiter_len) {
            form->matched = 0;

            return (llmp_form_end_content(form, pos + 1 - form->delimiter_len)
                    == LLMP_OK)
                   ? p + 1 : NULL;
        }
    }

    return p;
}


static llmp_int_t
llmp_form_add_content(llmp_form_t *form, const u_char *p, size_t len,
    uint64_t pos)
{
    size_t  n;

    if (len == 0) {
        return LLMP_OK;
    }

    form->size += len;

    form->tail[0] = (len > 1) ? p[len - 2] : form->tail[1];
    form->tail[1] = p[len - 1];

    if (llmp_form_find_bare_boundary(form, p, p + len)) {
        return llmp_form_error_field(form, "its content has the boundary, and "
                                     "\"Content-Disposition\" after it");
    }

    if (form->wanted) {
        return form->handler(form->data, pos, p, len, &form->refusal);
    }

    if (form->keep) {
        n = sizeof(form->text) - form->text_len;
        n = (len < n) ? len : n;

        memcpy(form->text + form->text_len, p, n);
        form->text_len += n;
    }

    return LLMP_OK;
}


/* returns 1 if a reader that searches for the boundary without its dashes could
   find a field here */

static llmp_uint_t
llmp_form_find_bare_boundary(llmp_form_t *form, const u_char *p,
    const u_char *end)
{
    size_t         n, len;
    const u_char  *boundary;

    static const u_char  heading[] = "content-disposition";

    boundary = form->delimiter + 2;
    len = form->delimiter_len - 2;
    n = form->alone;

    while (p < end && n < len) {

        if (n == 0) {
            p = memchr(p, boundary[0], end - p);

            if (p == NULL) {
                break;
            }
        }

        n = llmp_form_fall_back(boundary, form->alone_fallback, n, *p);
        n += (*p++ == boundary[n]);
    }

    form->alone = n;

    if (n < len) {
        return 0;
    }

    /* the first letter of the heading occurs in it only once */

    for (n = form->heading; p < end && n < sizeof(heading) - 1; p++) {

        if (llmp_ascii_lower(*p) != heading[n]) {
            n = 0;
        }

        n += (llmp_ascii_lower(*p) == heading[n]);
    }

    form->heading = n;

    return n == sizeof(heading) - 1;
}


/* ends the current field at a delimiter, which is at pos */

static llmp_int_t
llmp_form_end_content(llmp_form_t *form, uint64_t pos)
{
    if (form->size < 2 || form->tail[0] != '\r' || form->tail[1] != '\n') {
        return llmp_form_error_offset(form, pos,
                                      "a boundary must be at the start "
                                      "of a line, after CR LF");
    }

    if (form->measured && form->size - 2 != form->length) {
        return llmp_form_error_field(form, "its Content-Length is not the "
                                     "length of its content");
    }

    if (form->wanted) {
        form->file_bytes = form->size - 2;

    } else if (form->medium && form->media_min != 0
               && form->size - 2 >= form->media_min)
    {
        form->media_count++;
        form->media_bytes += form->size - 2;
    }

    if (form->wanted && form->measured) {
        form->file_length_offset = form->length_offset;
        form->file_length_size = form->length_size;
    }

    if (llmp_form_end_field(form, pos) != LLMP_OK) {
        return LLMP_ERROR;
    }

    form->start = pos;
    form->state = LLMP_FORM_DELIMITED;

    return LLMP_OK;
}


static llmp_int_t
llmp_form_end_field(llmp_form_t *form, uint64_t pos)
{
    llmp_int_t      rc;
    llmp_member_t  *m;

    if (!form->keep) {
        return LLMP_OK;
    }

    rc = llmp_member_add(&form->members, form->pool, form->watch,
                         LLMP_TYPE_STRING, pos - form->size);

    if (rc != LLMP_OK) {

        /* the limit of fields is lower than that of members */

        return llmp_form_error_nomem(form);
    }

    m = &form->members.elts[form->members.nelts - 1];

    m->index = (uint32_t) form->nnames - 1;
    m->key = form->start;
    m->comma = (m->index != 0) ? form->start - 2 : 0;
    m->end = pos - 2;
    m->next = pos;
    m->cut = (form->size - 2 > LLMP_MEMBER_TEXT_MAX);

    if (form->measured) {
        m->length_start = (uint16_t) (form->length_offset - form->start);
        m->length_size = (uint16_t) form->length_size;
    }

    return llmp_form_set_value(form, m);
}


/* sets type and text of a field: numbers and booleans are written exactly as in
   JSON, all other contents are strings */

static llmp_int_t
llmp_form_set_value(llmp_form_t *form, llmp_member_t *m)
{
    llmp_str_t      text;
    llmp_decimal_t  number;

    static const llmp_str_t  yes = llmp_string("true");
    static const llmp_str_t  no = llmp_string("false");

    text.data = form->text;
    text.len = m->cut ? LLMP_MEMBER_TEXT_MAX : (size_t) (form->size - 2);

    form->text_len = text.len;

    if (m->cut) {
        return llmp_form_set_string(form, m);
    }

    if (llmp_decimal_parse(&number, &text) == LLMP_OK) {
        m->type = LLMP_TYPE_NUMBER;

    } else if (llmp_str_eq(&text, &yes) || llmp_str_eq(&text, &no)) {
        m->type = LLMP_TYPE_BOOLEAN;

    } else {
        return llmp_form_set_string(form, m);
    }

    m->text.data = llmp_palloc(form->pool, text.len);
    if (m->text.data == NULL) {
        return llmp_form_error_nomem(form);
    }

    memcpy(m->text.data, text.data, text.len);
    m->text.len = text.len;

    return LLMP_OK;
}


/* sets the text of a field to its content, encoded as a JSON string */

static llmp_int_t
llmp_form_set_string(llmp_form_t *form, llmp_member_t *m)
{
    size_t         size;
    llmp_str_t     text;
    llmp_buf_t     buf;
    const u_char  *p, *end;

    text.data = form->text;
    end = form->text + form->text_len;

    for (p = form->text; p < end; p += size) {
        size = llmp_utf8_len(p, end);

        if (size == 0) {
            break;
        }
    }

    if (p < end && !m->cut) {
        return llmp_form_error_field(form,
                                     "a policed field must be UTF-8 text");
    }

    text.len = (size_t) (p - form->text);
    size = llmp_json_write_size(text.len);

    m->text.data = llmp_palloc(form->pool, size);
    if (m->text.data == NULL) {
        return llmp_form_error_nomem(form);
    }

    llmp_buf_init(&buf, m->text.data, size);
    llmp_json_write_string(&buf, &text);

    m->text.len = buf.len;

    return LLMP_OK;
}


/* ends the form at its last delimiter, at pos, where new fields are inserted */

static llmp_int_t
llmp_form_end(llmp_form_t *form, uint64_t pos)
{
    llmp_member_t  *root;

    if (form->nnames == 0) {
        return llmp_form_error_field(form, "a form must have a field");
    }

    root = &form->members.elts[0];

    root->end = pos + 1;
    root->last = form->members.nelts - 1;
    root->count = (uint32_t) form->nnames;

    form->state = LLMP_FORM_CLOSED;

    return LLMP_OK;
}
