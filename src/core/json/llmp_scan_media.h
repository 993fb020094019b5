
/*
 * Copyright (C) llm-policy authors
 *
 * Images, sounds and files in Base64 inside a document: they are counted, with
 * their bytes, so that a prompt can be estimated without them.
 *
 * A string counts if an API reads media at its place, by the names of its
 * member and of the member around it, and if all of it is Base64: text is never
 * counted as a medium.
 */


#ifndef LLMP_SCAN_MEDIA_H_INCLUDED_
#define LLMP_SCAN_MEDIA_H_INCLUDED_


#include "json/llmp_scan_state.h"


/* counts the string [p, end), without its quotes, which is complete and has at
   least scan->media_min bytes */
void llmp_scan_media_whole(llmp_scan_t *scan, const u_char *p,
    const u_char *end);

/*
 * Read a string in pieces: begin it, add bytes, end it at its quote.  After the
 * begin, these must be called only while scan->media.kind is not 0.  The pieces
 * have complete escapes; one that is split is added by its last byte.
 */
void llmp_scan_media_begin(llmp_scan_t *scan);
void llmp_scan_media_add(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
void llmp_scan_media_add_escape(llmp_scan_t *scan, u_char last);
void llmp_scan_media_end(llmp_scan_t *scan);


#endif /* LLMP_SCAN_MEDIA_H_INCLUDED_ */
