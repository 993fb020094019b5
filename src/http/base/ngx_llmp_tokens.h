
/*
 * Copyright (C) llm-policy authors
 *
 * Tokens that a request has used.
 */


#ifndef _NGX_LLMP_TOKENS_H_INCLUDED_
#define _NGX_LLMP_TOKENS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"

#include "policy/llmp_prompt.h"


typedef struct {
    int64_t     prompt;
    int64_t     completion;
    int64_t     total;
    int64_t     cached;      /* parts of prompt and completion, see */
    int64_t     written;     /* llmp_usage_result_t; 0 if they were not */
    int64_t     reasoning;   /* reported, or the whole is estimated */
    unsigned    prompt_estimated:1;
    unsigned    completion_estimated:1;
} ngx_llmp_tokens_t;


/*
 * Returns the estimated tokens of the prompt of a request: its bytes, by
 * llm_policy_token_bytes, except for the media in it, each of which counts
 * llm_policy_token_media.  Media are known if the body was decided on.
 */

int64_t ngx_llmp_tokens_prompt(ngx_llmp_ctx_t *ctx);

/* returns how tokens are estimated in a location */

llmp_prompt_rates_t ngx_llmp_tokens_rates(ngx_llmp_loc_conf_t *lpcf);

/*
 * Returns NGX_OK with the tokens that a request has used so far, reported or
 * estimated; or NGX_DECLINED, with zeros, if none were used or the response is
 * not complete.
 */

ngx_int_t ngx_llmp_tokens_get(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens);


#endif /* _NGX_LLMP_TOKENS_H_INCLUDED_ */
