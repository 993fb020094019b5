
/*
 * Copyright (C) llm-policy authors
 *
 * Edits the body of a request.
 */


#ifndef _NGX_LLMP_BODY_EDIT_H_INCLUDED_
#define _NGX_LLMP_BODY_EDIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/llmp_edit.h"


/*
 * Applies edits, at least one.  Buffers are changed in place only if this
 * module is the sole reader of the body.
 */

ngx_int_t ngx_llmp_body_edit(ngx_http_request_t *r, llmp_edits_t *edits,
    ngx_uint_t sole_reader);


#endif /* _NGX_LLMP_BODY_EDIT_H_INCLUDED_ */
