
/*
 * Copyright (C) llm-policy authors
 *
 * Facts about a parameter of a model.  A fact has an effect on what a policy
 * writes; it is no rule about what a client may send.
 */


#ifndef LLMP_FACTS_H_INCLUDED_
#define LLMP_FACTS_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    llmp_str_t            as;          /* name of the member; empty: unknown */
    const llmp_str_t     *takes;       /* JSON scalars that the model takes,
                                          strings without escapes; NULL:
                                          unknown */
    llmp_uint_t           ntakes;      /* 0: it takes none */
    uint64_t              not_beside;  /* parameters next to which the model
                                          refuses this one */
} llmp_facts_t;


/* adds the facts of another source for those that are unknown */

static inline void
llmp_facts_add(llmp_facts_t *facts, const llmp_facts_t *other)
{
    if (facts->as.len == 0) {
        facts->as = other->as;
    }

    if (facts->takes == NULL) {
        facts->takes = other->takes;
        facts->ntakes = other->ntakes;
    }

    if (facts->not_beside == 0) {
        facts->not_beside = other->not_beside;
    }
}


#endif /* LLMP_FACTS_H_INCLUDED_ */
