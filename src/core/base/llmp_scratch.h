
/*
 * Copyright (C) llm-policy authors
 *
 * Reusable memory from a pool: for the lines of a file, which are read one
 * after the other, and for decisions that are repeated.
 */


#ifndef LLMP_SCRATCH_H_INCLUDED_
#define LLMP_SCRATCH_H_INCLUDED_


#include "base/llmp.h"


typedef struct llmp_scratch_block_s  llmp_scratch_block_t;


typedef struct {
    llmp_pool_t            pool;      /* for functions of the core */
    llmp_pool_t           *from;      /* source of the blocks */
    llmp_scratch_block_t  *first;
    llmp_scratch_block_t  *current;
    size_t                 most;      /* bytes up to which blocks become larger,
                                         0: any number */
} llmp_scratch_t;


/* initialises an empty scratch memory; its blocks come from a pool, which keeps
   them */
void llmp_scratch_init(llmp_scratch_t *scratch, llmp_pool_t *from);

/* returns 1 if p points into a block of the scratch memory */
llmp_uint_t llmp_scratch_owns(const llmp_scratch_t *scratch, const void *p);

/* makes all of the memory available again */
void llmp_scratch_reset(llmp_scratch_t *scratch);

/* returns the blocks to their pool, if it takes them; the scratch memory is
   empty then */
void llmp_scratch_free(llmp_scratch_t *scratch);


#endif /* LLMP_SCRATCH_H_INCLUDED_ */
