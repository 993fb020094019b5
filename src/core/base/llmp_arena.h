
/*
 * Copyright (C) llm-policy authors
 *
 * A pool for callers that have no nginx: the tool, the tests, the fuzzers.
 */


#ifndef LLMP_ARENA_H_INCLUDED_
#define LLMP_ARENA_H_INCLUDED_


#include "base/llmp.h"


typedef struct llmp_arena_block_s  llmp_arena_block_t;


typedef struct {
    llmp_pool_t          pool;       /* hand this to the core */
    llmp_arena_block_t  *blocks;

    /* for tests: the allocation of this number, counted from 1, and all
       after it fail; 0 is never */
    size_t               fail_after;
    size_t               allocs;
} llmp_arena_t;


/* makes an empty arena; nothing is allocated, so nothing can fail */
void llmp_arena_init(llmp_arena_t *arena);

/* frees all memory of the arena, which is empty and usable afterwards */
void llmp_arena_reset(llmp_arena_t *arena);


#endif /* LLMP_ARENA_H_INCLUDED_ */
