
/*
 * Copyright (C) llm-policy authors
 *
 * A pool for code outside nginx: the tool, tests, fuzzers.
 */


#ifndef LLMP_ARENA_H_INCLUDED_
#define LLMP_ARENA_H_INCLUDED_


#include "base/llmp.h"


typedef struct llmp_arena_block_s  llmp_arena_block_t;


typedef struct {
    llmp_pool_t          pool;        /* for functions of the core */
    llmp_arena_block_t  *blocks;

    /* for tests: the number of the first allocation that fails, from 1; all
       later ones fail, too; 0 if none fails */
    size_t               fail_after;
    size_t               allocs;      /* allocations since llmp_arena_init() */
} llmp_arena_t;


/* initialises an empty arena, without allocating memory */
void llmp_arena_init(llmp_arena_t *arena);

/* frees all memory of the arena, which can then be used again */
void llmp_arena_reset(llmp_arena_t *arena);


#endif /* LLMP_ARENA_H_INCLUDED_ */
