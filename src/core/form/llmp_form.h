
/*
 * Copyright (C) llm-policy authors
 *
 * Reads forms, multipart/form-data (RFC 7578), in pieces split anywhere, and
 * reports the watched fields as the members of an object.
 */


#ifndef LLMP_FORM_H_INCLUDED_
#define LLMP_FORM_H_INCLUDED_


#include "form/llmp_form_state.h"


/*
 * Prepares to scan one form.  The children of root are the watched fields; root
 * and pool must outlive the scan.  boundary is that of
 * llmp_media_type_is_form(), and is copied.  Returns LLMP_OK, or LLMP_ERROR if
 * there is no memory.
 */
llmp_int_t llmp_form_init(llmp_form_t *form, const llmp_watch_t *root,
    const llmp_str_t *boundary, llmp_pool_t *pool);

/*
 * Takes the next len bytes, which are neither kept nor changed; last is set
 * with the final ones.
 *
 * Returns LLMP_AGAIN until last is set, then LLMP_OK if the form is complete.
 * Returns LLMP_ERROR with form->refusal set otherwise; every later call returns
 * the same error.
 *
 * Readers of forms differ more than readers of JSON.  A form is refused if it
 * has
 *
 *   - bytes before its first delimiter, or after the last, except a line end;
 *   - its boundary outside a delimiter, or a line end other than CR LF around
 *     a delimiter or in header lines;
 *   - the boundary without its dashes in a content, followed by a possible
 *     disposition: some readers search for the bare boundary (Sanic, Drogon);
 *   - a header line other than one Content-Disposition, and at most one
 *     Content-Type, Content-Length and Content-Transfer-Encoding; a folded
 *     header line, or one without exactly one space after its colon;
 *   - a Content-Length that is not the length of the field's content;
 *   - a disposition other than form-data; name="...", followed by the optional
 *     filename="..." and filename*=UTF-8''...: these must be in lower case, in
 *     this order, with one space between, quoted, and without escapes;
 *   - a filename with ";";
 *   - a field that is multipart itself;
 *   - a name with characters other than letters, digits, "_", "-", "." and
 *     brackets; two fields of the same name, unless it ends with "[]"; a name
 *     that equals that of a watched field only after folding (llmp_fold()), or
 *     has the name of a watched field as a word;
 *   - a transfer encoding that needs decoding;
 *   - a watched field that is a file, or has a type other than text in UTF-8.
 */
llmp_int_t llmp_form_feed(llmp_form_t *form, const u_char *buf, size_t len,
    llmp_int_t last);


#endif /* LLMP_FORM_H_INCLUDED_ */
