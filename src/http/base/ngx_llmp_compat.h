
/*
 * Copyright (C) llm-policy authors
 *
 * Differences between versions of nginx; no other file depends on them.
 */


#ifndef _NGX_LLMP_COMPAT_H_INCLUDED_
#define _NGX_LLMP_COMPAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* 1.21.2 is the first release that marks a complete body: last_saved */

#if (nginx_version < 1021002)
#error ngx_http_llm_policy_module requires nginx 1.21.2 or newer
#endif


/* 1.29.6 is the first release whose SCGI sends the length of an unread body */

#if (nginx_version < 1029006)
#define NGX_LLMP_SCGI_WHOLE  1
#endif


#endif /* _NGX_LLMP_COMPAT_H_INCLUDED_ */
