
/*
 * Copyright (C) llm-policy authors
 *
 * The policy: the checked document, ready for use.  It is never changed, so
 * that requests share it, except for what matches of patterns keep: one thread
 * at a time may use it.  Each llmp_str_t in it is followed by a NUL, which its
 * len does not count.
 */


#ifndef LLMP_POLICY_H_INCLUDED_
#define LLMP_POLICY_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_key.h"
#include "base/llmp_pattern.h"
#include "policy/llmp_limits.h"
#include "policy/llmp_prompt.h"
#include "policy/llmp_rule.h"


typedef struct llmp_tenant_s   llmp_tenant_t;
typedef struct llmp_policy_s   llmp_policy_t;

typedef struct llmp_key_terms_s  llmp_key_terms_t;

typedef struct llmp_dialect_s  llmp_dialect_t;
typedef struct llmp_paths_s    llmp_paths_t;
typedef struct llmp_pointer_s  llmp_pointer_t;
typedef struct llmp_watch_s    llmp_watch_t;

typedef struct llmp_models_result_s  llmp_models_result_t;


typedef struct {
    llmp_pattern_t       *elts;
    llmp_uint_t           nelts;
    unsigned              shared:1;     /* elts belong to another tier */
} llmp_patterns_t;


/* requests with members that neither the API documents nor a rule names, in
   objects with parameters, see llmp_documented_t */

typedef enum {
    LLMP_UNKNOWN_PASS = 0,
    LLMP_UNKNOWN_REMOVE,
    LLMP_UNKNOWN_REJECT
} llmp_unknown_e;


/*
 * A tier of the document; or that of a tenant with rules of its own, which is
 * complete, too, and has the name of the tier whose rules they replace.
 */

struct llmp_tier_s {
    llmp_str_t            name;
    llmp_tier_t          *named;          /* tier of the document: itself, or
                                             that of the tenant */
    llmp_tier_t          *base;           /* tier that it extends, or NULL */
    const llmp_tenant_t  *tenant;         /* tenant with own rules, or NULL */
    const uint64_t       *entries;        /* set of the entries of models that
                                             hold for it */
    llmp_unknown_e        unknown_members;
    llmp_rules_t          rules;
    llmp_limits_list_t    limits;
    llmp_prompt_t         prompt;
    llmp_patterns_t       allow;          /* permitted models */
    llmp_patterns_t       deny;           /* denied models */
    unsigned              unknown_set:1;  /* unknown_members is its own */
    unsigned              allow_set:1;    /* 0: any model is permitted */
    unsigned              deny_set:1;
};


typedef struct {
    llmp_str_t            name;         /* the entry's; or empty */
    llmp_tier_t         **tiers;        /* that it holds for, by name */
    llmp_uint_t           ntiers;       /* 0: it holds for all */
    llmp_patterns_t       match;
    llmp_rules_t          rules;
    const llmp_price_t   *price;        /* or NULL */
} llmp_model_t;


struct llmp_tenant_s {
    llmp_str_t            name;
    llmp_tier_t          *tier;    /* with its own rules, if it has any */
    llmp_limits_list_t    limits;  /* own ones, before those of the tier */
};


/* members of an API key that is an object in the document */

struct llmp_key_terms_s {
    llmp_str_t            name;       /* or empty */
    int64_t               not_after;  /* its last second, since 1970; INT64_MAX
                                         if it does not expire */
    llmp_uint_t           blocked;
    llmp_limits_list_t    limits;     /* hold besides all others */
};


typedef struct {
    u_char                   hash[LLMP_KEY_HASH];
    llmp_tenant_t           *tenant;
    const llmp_key_terms_t  *terms;   /* NULL: a string in the document */
} llmp_tenant_key_t;


typedef enum {
    LLMP_ROUTE_POLICE = 0,
    LLMP_ROUTE_PASS,
    LLMP_ROUTE_REJECT
} llmp_route_action_e;


typedef struct {
    llmp_pattern_t         path;
    llmp_route_action_e    action;
    const llmp_dialect_t  *dialect;  /* NULL unless LLMP_ROUTE_POLICE */
    llmp_uint_t            encoded;  /* the path may have escapes */
} llmp_route_t;


struct llmp_policy_s {
    llmp_str_t            file;               /* as given to
                                                 llmp_load_policy() */
    llmp_uint_t           nparts;             /* files that it includes */

    llmp_tier_t          *tiers;              /* those of the document, then
                                                 those of tenants */
    llmp_uint_t           ntiers;             /* number of the former */
    llmp_uint_t           nown;               /* number of the latter */
    llmp_tier_t          *default_tier;
    llmp_uint_t           reject_unknown_key;

    llmp_model_t         *models;             /* document order */
    llmp_uint_t           nmodels;
    llmp_patterns_t      *matchers;           /* "models" of limits */
    llmp_uint_t           nmatchers;
    llmp_models_result_t *results;            /* llmp_models_match()'s */
    llmp_uint_t           nresults;

    llmp_limits_list_t    limits;             /* hold besides all others */
    llmp_weights_t        weights;
    int64_t               utc_offset;         /* seconds, of the calendar */
    llmp_uint_t           limits_by_model;    /* some limits depend on it */

    llmp_tenant_t        *tenants;
    llmp_uint_t           ntenants;
    llmp_tenant_t       **by_name;            /* tenants, ordered by name */
    llmp_tenant_key_t    *keys;               /* API keys, ordered by hash,
                                                 memcmp() */
    llmp_uint_t           nkeys;
    llmp_uint_t           judges_keys;        /* a key expires, or is blocked */

    llmp_route_t         *routes;             /* document order */
    llmp_uint_t           nroutes;
    llmp_paths_t         *paths;              /* built-in routes */

    llmp_pointer_t       *pointers;           /* pointers of tiers and models,
                                                 ordered by text */
    llmp_uint_t           npointers;

    llmp_variable_t      *variables;          /* nginx's, in templates */
    llmp_uint_t           nvariables;
    llmp_uint_t           ntemplates;         /* values with variables */

    uint64_t              watched;            /* hash of all that the trees for
                                                 requests depend on: policies
                                                 with the same one have equal
                                                 trees */

    /* by llmp_dialect_index() */

    llmp_watch_t        **watch;              /* trees for requests */
    llmp_watch_t        **lines;              /* trees for lines in a file, or
                                                 NULL */
    llmp_watch_t        **responses;          /* trees for responses */
    uint64_t             *growth;             /* bytes by which a request may
                                                 grow, except in arrays of
                                                 objects with parameters */

    /* parameters and pointers with a rule in a model entry */

    uint64_t              by_model;
    uint64_t              facts_by_model;     /* parameters with facts there,
                                                 except for "as" */
    uint64_t              renamed;            /* parameters with a fact "as",
                                                 anywhere */
    u_char               *pointers_by_model;  /* by index of pointer, 0 or 1 */
    llmp_uint_t           npointers_by_model;

    /* by llmp_dialect_index(): parameters whose addition depends on other
       members of a request */

    uint64_t             *blocked_by;
};


/* returns the name of the tenant or tier whose rules a request is held to, for
   messages: "tier", "pro" */

static inline const char *
llmp_tier_kind(const llmp_tier_t *tier)
{
    return (tier->tenant != NULL) ? "tenant" : "tier";
}


static inline const llmp_str_t *
llmp_tier_owner(const llmp_tier_t *tier)
{
    return (tier->tenant != NULL) ? &tier->tenant->name : &tier->name;
}


/* returns whether a tier removes or refuses unknown members */

static inline llmp_uint_t
llmp_tier_polices_unknown(const llmp_tier_t *tier)
{
    return tier->unknown_members == LLMP_UNKNOWN_REMOVE
           || tier->unknown_members == LLMP_UNKNOWN_REJECT;
}


/* largest size of a document, in bytes */
#define LLMP_POLICY_MAX  (16 * 1024 * 1024)


/* frees the compiled patterns, which are not in the pool; must be called before
   the pool is freed */
void llmp_policy_free(llmp_policy_t *policy);


/* returns a tier by its name, or NULL */
llmp_tier_t *llmp_policy_tier(const llmp_policy_t *policy,
    const llmp_str_t *name);

/* returns a tenant by its name, or NULL */
llmp_tenant_t *llmp_policy_tenant(const llmp_policy_t *policy,
    const llmp_str_t *name);

/* returns the API key of a tenant by its hash, or NULL */
const llmp_tenant_key_t *llmp_policy_key(const llmp_policy_t *policy,
    const u_char hash[LLMP_KEY_HASH]);

/*
 * Matches a string with patterns.  Returns LLMP_OK if one of them matches,
 * LLMP_DECLINED if none does, or LLMP_ERROR if PCRE2 gave up.
 */
llmp_int_t llmp_policy_match(const llmp_patterns_t *patterns,
    const llmp_str_t *subject);


#endif /* LLMP_POLICY_H_INCLUDED_ */
