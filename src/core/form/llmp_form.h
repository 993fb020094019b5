
/*
 * Copyright (C) llm-policy authors
 *
 * Forms, multipart/form-data (RFC 7578): reads one as it arrives, split
 * anywhere, and reports the watched fields as the members of an object.
 */


#ifndef LLMP_FORM_H_INCLUDED_
#define LLMP_FORM_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_media_type.h"
#include "watch/llmp_member.h"
#include "base/llmp_refusal.h"


#define LLMP_FIELDS_MAX       128     /* fields of a form */
#define LLMP_FIELD_LINE       1024    /* bytes of a line above a field */
#define LLMP_DELIMITER_MAX    (2 + LLMP_BOUNDARY_MAX)


/*
 * Takes the content of a file as it comes; offset is where buf is in the body.
 * The line end before the next delimiter comes as well.  Returns LLMP_OK, or
 * LLMP_ERROR to have the form refused, for which it sets its refusal.
 */

typedef llmp_int_t (*llmp_form_file_pt)(void *data, uint64_t offset,
    const u_char *buf, size_t len, llmp_refusal_t *refusal);


typedef struct {
    /* set by the caller between llmp_form_init() and the first bytes: the name
       of the field that has to be a file, NULL if none is of interest */

    const char          *file;
    llmp_form_file_pt    handler;
    void                *data;

    /* the result */

    llmp_members_t       members;
    llmp_refusal_t       refusal;     /* if llmp_form_feed() failed */
    llmp_uint_t          files;       /* how many of that name */

    /* the rest is private */

    llmp_pool_t         *pool;
    const llmp_watch_t  *root;
    uint64_t             offset;      /* of what is fed, in the body */

    llmp_str_t          *names;       /* of the fields so far */
    llmp_uint_t          nnames;

    const llmp_watch_t  *watch;       /* of the field at hand, or NULL */
    uint64_t             start;       /* of its delimiter, */
    uint64_t             size;        /* and how much of its content came */
    u_char               tail[2];     /* the last two bytes of that */

    size_t               line_len;
    size_t               text_len;
    size_t               delimiter_len;
    size_t               matched;     /* of the delimiter */
    size_t               alone;       /* of the boundary without its dashes, */
    size_t               heading;     /* and, behind it, of a line above */

    uint8_t              state;
    uint8_t              keep;        /* the content: of a watched field */
    uint8_t              wanted;      /* the file that the caller wants */
    uint8_t              disposition; /* the header line was there */
    uint8_t              filename;
    uint8_t              type;        /* the Content-Type is not of text */
    uint8_t              typed;       /* there was one */
    uint8_t              encoded;     /* a Content-Transfer-Encoding was */

    uint8_t              fallback[LLMP_DELIMITER_MAX];
    uint8_t              alone_fallback[LLMP_BOUNDARY_MAX];
    u_char               delimiter[LLMP_DELIMITER_MAX];
    u_char               line[LLMP_FIELD_LINE];
    u_char               text[LLMP_TEXT_MAX + 2];
} llmp_form_t;


/*
 * Prepares to scan one form.  root says which fields to look for, as for
 * llmp_scan_init(); boundary is what llmp_media_form() found, and is copied.
 * Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_form_init(llmp_form_t *form, const llmp_watch_t *root,
    const llmp_str_t *boundary, llmp_pool_t *pool);

/*
 * Takes the next len bytes; last is set with the final ones.  The bytes are not
 * kept and not changed.
 *
 * Returns LLMP_AGAIN while more is to come, LLMP_OK if last was set and the
 * form is complete, and LLMP_ERROR with form->refusal filled otherwise; every
 * later call returns the same error.
 *
 * Readers of forms differ more than those of JSON.  A form is refused that has
 *
 *   - anything before its first delimiter, or behind the last but a line end;
 *   - its boundary elsewhere than in a delimiter, or another end of line than
 *     CR LF around a delimiter or in the lines above a field;
 *   - in a content, the boundary without its dashes, and then what could be
 *     a disposition: some readers go by the boundary alone (Sanic, Drogon);
 *   - a header line other than one Content-Disposition, and at most one
 *     Content-Type and Content-Transfer-Encoding; one that is folded, or has
 *     other than one space behind its colon;
 *   - a disposition other than form-data; name="...", followed by
 *     filename="..." and filename*=UTF-8''..., both optional: these in lower
 *     case, in this order, with one space between, quoted, and without escapes;
 *     a filename with ";";
 *   - a field that has parts itself;
 *   - a name of other characters than letters, digits, "_", "-", "." and
 *     brackets; a field of the same name as another, unless it ends with "[]";
 *     a name that reads almost like that of a watched field, or has such a word
 *     in it;
 *   - a transfer encoding that would have to be decoded;
 *   - a watched field that is a file, or of another type than text in UTF-8.
 */
llmp_int_t llmp_form_feed(llmp_form_t *form, const u_char *buf, size_t len,
    llmp_int_t last);


/*
 * What a form has in the place of a JSON text: a string without its quotes and
 * escapes, anything else as it is.  It is in pool, or is the text itself.
 * Returns LLMP_ERROR if there is no memory, or the boundary would stand in it.
 */
llmp_int_t llmp_form_text(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *json, llmp_str_t *text);

/*
 * Makes a field, from its delimiter to its last line end, with a JSON text as
 * its content; in pool.  Returns as llmp_form_text() does.
 */
llmp_int_t llmp_form_part(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *name, const llmp_str_t *json, llmp_str_t *part);


#endif /* LLMP_FORM_H_INCLUDED_ */
