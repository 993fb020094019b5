
/*
 * Copyright (C) llm-policy authors
 */


#include "base/ngx_llmp_header.h"


ngx_str_t  ngx_llmp_header_json = ngx_string("application/json");


ngx_table_elt_t *
ngx_llmp_header_add(ngx_http_request_t *r, const ngx_str_t *name,
    const ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    /* some members exist only in some versions of nginx */

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key = *name;
    h->value = *value;

    return h;
}
