
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


typedef struct llmp_tier_s       llmp_tier_t;
typedef struct llmp_tenant_s     llmp_tenant_t;
typedef struct llmp_policy_s     llmp_policy_t;
typedef struct llmp_key_terms_s  llmp_key_terms_t;


/* the names and the credential of a caller; empty strings if there are none */

typedef struct {
    llmp_str_t             tenant;     /* name of a tenant, already verified */
    llmp_str_t             tier;       /* name of a tier */
    llmp_str_t             key;        /* API key */
    const u_char          *hash;       /* its hash, if it was computed before;
                                          or NULL */
    llmp_uint_t            no_bearer;  /* that of llmp_request_t */
    llmp_uint_t            no_key;     /* a missing API key is accepted */
    int64_t                now;        /* seconds since 1970 */
} llmp_identity_t;


typedef struct {
    const llmp_tier_t       *tier;            /* that of the document; NULL for
                                                 a stranger */
    const llmp_tenant_t     *tenant;          /* NULL if there is none */
    const llmp_key_terms_t  *terms;           /* those of the API key, or
                                                 NULL */
    const llmp_limits_t     *limits[LLMP_LIMITS_OBJECTS];  /* all hold */
    llmp_uint_t              nlimits;
    llmp_limits_t            joined;          /* limits of tenant and tier */
    llmp_uint_t              moved;           /* limits have moved it to tier */
    llmp_uint_t              unknown_tier;    /* no tier has the given name */
    llmp_uint_t              unknown_tenant;  /* no tenant has the given name */
    llmp_uint_t              hashed;          /* hash is set */
    u_char                   hash[LLMP_KEY_HASH];  /* hash of the API key */
} llmp_caller_t;


/*
 * Finds the caller's tenant, by its name if that is not empty, else by the API
 * key; and its tier: the one of the given name, else that of the tenant, else
 * the default tier.  A name that no tier or tenant has sets unknown_tier or
 * unknown_tenant.  Sets all members of caller, which must not be copied: they
 * point into it and into policy.
 *
 * Returns LLMP_OK, or LLMP_ERROR with refusal set if the policy rejects callers
 * without a tenant, or if hashing fails; caller->tier is NULL then.  It is set
 * if LLMP_ERROR is returned for an API key that is blocked or has expired.
 */
llmp_int_t llmp_request_caller(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_identity_t *identity,
    llmp_refusal_t *refusal);

/* moves a caller to the tier over which its limits have it decided on: limits
   that move it there do not hold in this tier */
void llmp_request_caller_move(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_tier_t *tier);

/*
 * Returns LLMP_OK if an API key may be used at a time, in seconds since 1970;
 * or LLMP_ERROR with refusal set if it is blocked or has expired.
 */
llmp_int_t llmp_request_caller_judge_key(const llmp_key_terms_t *terms,
    int64_t now, llmp_refusal_t *refusal);


#endif /* LLMP_REQUEST_CALLER_H_INCLUDED_ */
