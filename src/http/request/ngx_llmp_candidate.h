
/*
 * Copyright (C) llm-policy authors
 *
 * The candidate: a second document, decided on beside the one in force.  It
 * never changes, refuses or delays for I/O a request for which it is not
 * enforced: without memory, or after an error, there is no second decision.
 */


#ifndef _NGX_LLMP_CANDIDATE_H_INCLUDED_
#define _NGX_LLMP_CANDIDATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/*
 * Returns 1 if the caller of a request is among those for which the candidate
 * is enforced: by its tenant, else its API key, else its address.
 */

ngx_uint_t ngx_llmp_candidate_is_enforced(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);

/* prepares the decision of the candidate, before the body is streamed */

void ngx_llmp_candidate_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* reads the next bytes of a streamed body */

void ngx_llmp_candidate_feed(ngx_llmp_ctx_t *ctx, u_char *buf, size_t len);

/*
 * Decides on a body after ctx->decision was made.  A streamed body that was
 * refused before its end is refused here, too.
 */

void ngx_llmp_candidate_decide(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);


#endif /* _NGX_LLMP_CANDIDATE_H_INCLUDED_ */
