
/*
 * Copyright (C) llm-policy authors
 *
 * The caller of a request: its tier, tenant and limits.
 */


#ifndef LLMP_REQUEST_CALLER_H_INCLUDED_
#define LLMP_REQUEST_CALLER_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_key.h"
#include "base/llmp_refusal.h"
#include "policy/llmp_limits.h"


typedef struct llmp_tier_s    llmp_tier_t;
typedef struct llmp_tenant_s  llmp_tenant_t;
typedef struct llmp_policy_s  llmp_policy_t;


typedef struct {
    const llmp_tier_t     *tier;          /* NULL if refused */
    const llmp_tenant_t   *tenant;        /* NULL if not found by API key */
    const llmp_limits_t   *limits;        /* NULL if there are none */
    llmp_limits_t          merged;        /* limits of tenant and tier */
    llmp_uint_t            unknown_tier;  /* no tier has the given name */
    llmp_uint_t            hashed;        /* hash is set */
    u_char                 hash[LLMP_KEY_HASH];  /* hash of the API key */
} llmp_caller_t;


/*
 * Finds the caller's tenant by its API key.  Its tier is the one named
 * tier_name, if that is not empty; else that of the tenant; else the default
 * one.  Sets unknown_tier and takes the default tier if no tier has that name.
 * Sets all members of caller, which must not be copied: they point into it and
 * into policy.  no_bearer is that of llmp_request_t.  Returns LLMP_OK, or
 * LLMP_ERROR with refusal set if no tenant has the API key and the policy
 * rejects such callers, or if hashing fails; caller->tier is the default one
 * then.
 */
llmp_int_t llmp_request_caller(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_str_t *tier_name,
    const llmp_str_t *key, llmp_uint_t no_bearer, llmp_refusal_t *refusal);


#endif /* LLMP_REQUEST_CALLER_H_INCLUDED_ */
