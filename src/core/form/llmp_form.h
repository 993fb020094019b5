
/*
 * Copyright (C) llm-policy authors
 *
 * Forms, multipart/form-data (RFC 7578): reads one as it arrives, split
 * anywhere, and reports the watched fields as the members of an object.
 */


#ifndef LLMP_FORM_H_INCLUDED_
#define LLMP_FORM_H_INCLUDED_


#include "form/llmp_form_state.h"


/*
 * Prepares to scan one form.  root says which fields to look for, as for
 * llmp_scan_init(); boundary is what llmp_media_type_is_form() found, and is
 * copied. Returns LLMP_OK, or LLMP_ERROR if there is no memory.
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


#endif /* LLMP_FORM_H_INCLUDED_ */
