
/*
 * Copyright (C) llm-policy authors
 *
 * The policy: the document after it is checked, ready for use.  It is never
 * changed, so that requests share it.  Each llmp_str_t in it is followed by a
 * NUL, which its len does not count.
 */


#ifndef LLMP_POLICY_H_INCLUDED_
#define LLMP_POLICY_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_key.h"
#include "base/llmp_pattern.h"
#include "policy/llmp_limits.h"
#include "policy/llmp_rule.h"


typedef struct llmp_tier_s    llmp_tier_t;
typedef struct llmp_tenant_s  llmp_tenant_t;
typedef struct llmp_policy_s  llmp_policy_t;

typedef struct llmp_dialect_s  llmp_dialect_t;
typedef struct llmp_paths_s    llmp_paths_t;
typedef struct llmp_pointer_s  llmp_pointer_t;
typedef struct llmp_watch_s    llmp_watch_t;


typedef struct {
    llmp_pattern_t       *elts;
    llmp_uint_t           nelts;
} llmp_patterns_t;


struct llmp_tier_s {
    llmp_str_t            name;
    llmp_rules_t          rules;
    llmp_limits_t         limits;
    llmp_patterns_t       allow;     /* models; nelts == 0 and */
    llmp_patterns_t       deny;
    unsigned              allow_set:1;  /* ... not set: any model */
};


typedef struct {
    llmp_patterns_t       match;
    llmp_rules_t          rules;
} llmp_model_t;


struct llmp_tenant_s {
    llmp_str_t            name;
    llmp_tier_t          *tier;
    llmp_limits_t         limits;    /* the tier's, where it has none itself */
};


typedef struct {
    u_char                hash[LLMP_KEY_HASH];
    llmp_tenant_t        *tenant;
} llmp_tenant_key_t;


typedef enum {
    LLMP_ROUTE_POLICE = 0,
    LLMP_ROUTE_PASS,
    LLMP_ROUTE_REJECT
} llmp_route_action_e;


typedef struct {
    llmp_pattern_t        path;
    llmp_route_action_e   action;
    const llmp_dialect_t *dialect;   /* if policed */
} llmp_route_t;


struct llmp_policy_s {
    llmp_str_t            file;      /* as given to llmp_load_policy() */

    llmp_tier_t          *tiers;
    llmp_uint_t           ntiers;
    llmp_tier_t          *default_tier;
    llmp_uint_t           reject_unknown_key;

    llmp_model_t         *models;    /* in the order of the document */
    llmp_uint_t           nmodels;

    llmp_tenant_t        *tenants;
    llmp_uint_t           ntenants;
    llmp_tenant_key_t    *keys;      /* ordered by hash, memcmp() */
    llmp_uint_t           nkeys;

    llmp_route_t         *routes;    /* in the order of the document */
    llmp_uint_t           nroutes;
    llmp_paths_t         *paths;     /* of the built-in routes */

    llmp_pointer_t       *pointers;  /* all that tiers and models name */
    llmp_uint_t           npointers;

    llmp_watch_t        **watch;     /* by llmp_dialect_index() */
    llmp_watch_t        **lines;     /* of lines in a file, in the same order;
                                        NULL where none may be */
    llmp_watch_t        **responses;  /* in the same order */
    uint64_t             *growth;    /* the same: bytes that a request may grow
                                        by, unless it has arrays of objects
                                        with parameters */

    uint64_t              by_model;  /* parameters that models have rules of */
    u_char               *pointers_by_model;  /* by index of pointer: models
                                                 have a rule of it */
    llmp_uint_t           npointers_by_model;

    uint64_t             *blocked_by;  /* by llmp_dialect_index(): parameters
                                          that a member of a request may keep
                                          from being added, or require */
};


/* the largest document that is read, in bytes */
#define LLMP_POLICY_MAX  (16 * 1024 * 1024)


/* frees PCRE2's code, which is not in the pool; call it before the pool is */
void llmp_policy_free(llmp_policy_t *policy);


/* returns a tier by its name, or NULL */
llmp_tier_t *llmp_policy_tier(const llmp_policy_t *policy,
    const llmp_str_t *name);

/* returns the tenant whose API key has this hash, or NULL */
llmp_tenant_t *llmp_policy_tenant(const llmp_policy_t *policy,
    const u_char hash[LLMP_KEY_HASH]);

/*
 * Matches a string with patterns.  Returns LLMP_OK if one of them matches,
 * LLMP_DECLINED if none does, or LLMP_ERROR if PCRE2 gave up.
 */
llmp_int_t llmp_policy_match(const llmp_patterns_t *patterns,
    const llmp_str_t *subject);


#endif /* LLMP_POLICY_H_INCLUDED_ */
