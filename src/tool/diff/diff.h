
/*
 * Copyright (C) llm-policy authors
 *
 * The differences between two documents, in words.  They are a JSON array of
 * subjects ("tier", "tenants", ...), each with its changes; the text for people
 * is printed from the same array.
 */


#ifndef DIFF_H_INCLUDED_
#define DIFF_H_INCLUDED_


#include <stdio.h>

#include <jansson.h>

#include "policy/llmp_policy.h"


typedef struct {
    const llmp_policy_t  *old;
    const llmp_policy_t  *now;
    llmp_pool_t          *pool;
    json_t               *subjects;
    llmp_uint_t           failed;    /* memory ran out */
} diff_t;


/* an API key that is not as it was */

typedef struct {
    const llmp_tenant_key_t  *was;      /* or NULL */
    const llmp_tenant_key_t  *now;      /* or NULL */
    const char               *tenant;
} diff_key_t;


typedef struct {
    diff_key_t               *elts;     /* ordered by tenant */
    llmp_uint_t               nelts;
} diff_keys_t;


/* writes a value of a document in words */
typedef void (*diff_words_pt)(FILE *out, const void *value);


/*
 * Adds a subject, with a member such as "tier": "free"; takes the reference of
 * name.  Returns its changes.  diff_subject_end() removes the subject and
 * returns NULL if it has no changes; otherwise it returns the subject.
 */
json_t *diff_subject(diff_t *diff, const char *kind, json_t *name);
json_t *diff_subject_end(diff_t *diff);

/*
 * Adds a change of a subject, unless was and now are equal; takes the
 * references of both.  They are strings, or null where there is nothing.
 */
void diff_change(diff_t *diff, json_t *changes, const char *name, json_t *was,
    json_t *now);

/* returns the words for a value; null if value is NULL */
json_t *diff_words(diff_t *diff, diff_words_pt words, const void *value);

/* returns a string */
json_t *diff_string(const llmp_str_t *str);

/* write weights, and an offset in seconds, as the document has them */
void diff_words_weights(FILE *out, const void *weights);
void diff_words_utc_offset(FILE *out, const void *offset);

/* adds the changes of limits; was and now may be NULL.  Names of changes begin
   with owner: "", or "key \"ci\" ". */
void diff_limits(diff_t *diff, json_t *changes, const char *owner,
    const llmp_limits_list_t *was, const llmp_limits_list_t *now);

/* adds the changes of rules */
void diff_rules(diff_t *diff, json_t *changes, const llmp_rules_t *was,
    const llmp_rules_t *now);

/* adds the changes of a tier's rules, models and limits; was may be NULL */
void diff_tier(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now);

/* adds those of its rules and models only */
void diff_tier_rules(diff_t *diff, json_t *changes, const llmp_tier_t *was,
    const llmp_tier_t *now);

/* adds the changes of tenants */
void diff_tenants(diff_t *diff);

/*
 * Adds the changes of a tenant with rules of its own in one of the documents,
 * or those rules if was is NULL.  Groups is an object for all tenants, empty at
 * first.
 */
void diff_own(diff_t *diff, json_t *groups, const llmp_tenant_t *was,
    const llmp_tenant_t *now);

/*
 * Finds the API keys that differ in more than their presence; keys->elts must
 * be freed.  diff_keys_add() adds the changes of a tenant's keys.
 */
void diff_keys_find(diff_t *diff, diff_keys_t *keys);
void diff_keys_add(diff_t *diff, json_t *changes, const diff_keys_t *keys,
    const char *tenant);

/* adds the names of a tier's tenants, except for those with rules of their own,
   to a subject */
void diff_tenants_of_tier(diff_t *diff, json_t *subject,
    const llmp_tier_t *tier);

/* adds the changes of the entries of models, and of routes */
void diff_models(diff_t *diff);
void diff_routes(diff_t *diff);

/* prints all subjects for people */
void diff_print(const json_t *subjects);


#endif /* DIFF_H_INCLUDED_ */
