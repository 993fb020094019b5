
/*
 * Copyright (C) llm-policy authors
 */


#include "ngx_http_llm_policy_status.h"


void
ngx_http_llm_policy_json_limits(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r)
{
}


void
ngx_http_llm_policy_text_limits(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r)
{
}
