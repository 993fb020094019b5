
/*
 * Copyright (C) llm-policy authors
 *
 * The page shows the status, which it reads from its own location.
 */


#include "status/ngx_llmp_dashboard.h"

#include "base/ngx_llmp_header.h"
#include "status/ngx_llmp_status.h"

#if (NGX_LLMP_DASHBOARD)

#include "ngx_llmp_dashboard_page.h"

#else

/* a module can be built without npm, which the dashboard needs */

#define NGX_LLMP_PAGE_CSP                                                     \
    "default-src 'none'; base-uri 'none'; form-action 'none'; "               \
    "frame-ancestors 'none'"

#define NGX_LLMP_PAGE_ETAG  "\"without\""


static const unsigned char  ngx_llmp_page[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>llm-policy</title>\n"
    "<h1>llm-policy</h1>\n"
    "<p>This module was built without its dashboard, which takes Node.js and\n"
    "npm: <code>make</code> in llm-policy's sources installs them and builds\n"
    "the page.  The figures are <a href=\"?format=json\">here</a>, as JSON.\n"
    "</html>\n";

#endif


typedef struct {
    ngx_str_t  name;
    ngx_str_t  value;
} ngx_llmp_dashboard_header_t;


static ngx_uint_t ngx_llmp_dashboard_wants_json(ngx_http_request_t *r);
static ngx_int_t ngx_llmp_dashboard_add_headers(ngx_http_request_t *r);


static const ngx_llmp_dashboard_header_t  ngx_llmp_dashboard_headers[] = {

    { ngx_string("Content-Security-Policy"),
      ngx_string(NGX_LLMP_PAGE_CSP) },

    { ngx_string("X-Content-Type-Options"), ngx_string("nosniff") },
    { ngx_string("Referrer-Policy"), ngx_string("no-referrer") },

    /* cached, but revalidated each time, as it must fit the module's JSON */

    { ngx_string("Cache-Control"), ngx_string("no-cache") },
    { ngx_string("ETag"), ngx_string(NGX_LLMP_PAGE_ETAG) },

    { ngx_null_string, ngx_null_string }
};


ngx_int_t
ngx_llmp_dashboard_handler(ngx_http_request_t *r)
{
    size_t       size;
    ngx_int_t    rc;
    ngx_buf_t   *b;
    ngx_chain_t  out;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    if (ngx_llmp_dashboard_wants_json(r)) {
        return ngx_llmp_status_handler(r);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    size = sizeof(ngx_llmp_page);

#if !(NGX_LLMP_DASHBOARD)
    size--;    /* terminating NUL */
#endif

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = size;

    ngx_str_set(&r->headers_out.content_type, "text/html");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_str_set(&r->headers_out.charset, "utf-8");

    if (ngx_llmp_dashboard_add_headers(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = (u_char *) ngx_llmp_page;
    b->last = b->pos + size;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_uint_t
ngx_llmp_dashboard_wants_json(ngx_http_request_t *r)
{
    llmp_str_t  format;

    return ngx_llmp_status_format_arg(r, &format) == NGX_OK
           && llmp_str_is(&format, "json");
}


static ngx_int_t
ngx_llmp_dashboard_add_headers(ngx_http_request_t *r)
{
    ngx_table_elt_t                    *h;
    const ngx_llmp_dashboard_header_t  *header;

    h = NULL;

    for (header = ngx_llmp_dashboard_headers; header->name.len; header++) {
        h = ngx_llmp_header_add(r, &header->name, &header->value);
        if (h == NULL) {
            return NGX_ERROR;
        }
    }

    /* the last one is the ETag: clients that have the page get 304 */

    r->headers_out.etag = h;

    return NGX_OK;
}
