
/*
 * Copyright (C) llm-policy authors
 */


#include "base/ngx_llmp_version.h"

#include "policy/llmp_policy.h"


void
ngx_llmp_version_release(void *data)
{
    ngx_llmp_version_t *version = data;

    if (--version->refs) {
        return;
    }

    llmp_policy_free(version->policy);
    ngx_destroy_pool(version->pool);
}
