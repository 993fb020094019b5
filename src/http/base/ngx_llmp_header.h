
/*
 * Copyright (C) llm-policy authors
 *
 * Header fields.
 */


#ifndef _NGX_LLMP_HEADER_H_INCLUDED_
#define _NGX_LLMP_HEADER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


extern ngx_str_t  ngx_llmp_header_json;   /* "application/json" */


/*
 * Adds a field to the response; the strings are not copied.  Returns NULL if
 * there is no memory.
 */

ngx_table_elt_t *ngx_llmp_header_add(ngx_http_request_t *r,
    const ngx_str_t *name, const ngx_str_t *value);


/* returns the next field of a list, from *i of *part on, or NULL at the end */

static ngx_inline ngx_table_elt_t *
ngx_llmp_header_next(ngx_list_part_t **part, ngx_uint_t *i)
{
    while (*i >= (*part)->nelts) {

        if ((*part)->next == NULL) {
            return NULL;
        }

        *part = (*part)->next;
        *i = 0;
    }

    return (ngx_table_elt_t *) (*part)->elts + (*i)++;
}


#endif /* _NGX_LLMP_HEADER_H_INCLUDED_ */
