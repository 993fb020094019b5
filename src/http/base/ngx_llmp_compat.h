
/*
 * Copyright (C) llm-policy authors
 *
 * The only place that knows nginx's versions.
 */


#ifndef _NGX_LLMP_COMPAT_H_INCLUDED_
#define _NGX_LLMP_COMPAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the first release whose request body says that it is complete: last_saved */

#if (nginx_version < 1021002)
#error ngx_http_llm_policy_module requires nginx 1.21.2 or newer
#endif


/* the first release whose SCGI tells the length of what is yet to come */

#if (nginx_version < 1029006)
#define NGX_LLMP_SCGI_WHOLE  1
#endif


#endif /* _NGX_LLMP_COMPAT_H_INCLUDED_ */
