
/*
 * Copyright (C) llm-policy authors
 *
 * Memory of a pool that is used again and again: for the lines of a file, each
 * of which is forgotten before the next, and for decisions that others follow.
 */


#ifndef LLMP_SCRATCH_H_INCLUDED_
#define LLMP_SCRATCH_H_INCLUDED_


#include "base/llmp.h"


typedef struct llmp_scratch_block_s  llmp_scratch_block_t;


typedef struct {
    llmp_pool_t            pool;      /* hand this to the core */
    llmp_pool_t           *from;
    llmp_scratch_block_t  *first;
    llmp_scratch_block_t  *current;
} llmp_scratch_t;


/* makes an empty one, whose memory comes from a pool and stays there */
void llmp_scratch_init(llmp_scratch_t *scratch, llmp_pool_t *from);

/* whether something is in its memory */
llmp_uint_t llmp_scratch_owns(const llmp_scratch_t *scratch, const void *p);

/* makes all of its memory free for use again */
void llmp_scratch_reset(llmp_scratch_t *scratch);


#endif /* LLMP_SCRATCH_H_INCLUDED_ */
