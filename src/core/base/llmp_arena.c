
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_arena.h"


/*
 * Each allocation is a separate block, so that sanitizers and valgrind check
 * its bounds.
 */

struct llmp_arena_block_s {
    llmp_arena_block_t  *next;
    llmp_arena_block_t  *prev;
    max_align_t          data[];
};


static void *llmp_arena_alloc(void *data, size_t size);
static void llmp_arena_release(void *data, void *p);


void
llmp_arena_init(llmp_arena_t *arena)
{
    memset(arena, 0, sizeof(llmp_arena_t));

    arena->pool.alloc = llmp_arena_alloc;
    arena->pool.release = llmp_arena_release;
    arena->pool.data = arena;
}


void
llmp_arena_reset(llmp_arena_t *arena)
{
    llmp_arena_block_t  *block, *next;

    for (block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }

    arena->blocks = NULL;
}


static void *
llmp_arena_alloc(void *data, size_t size)
{
    llmp_arena_t *arena = data;

    llmp_arena_block_t  *block;

    arena->allocs++;

    if (arena->fail_after != 0 && arena->allocs >= arena->fail_after) {
        return NULL;
    }

    if (size > SIZE_MAX - sizeof(llmp_arena_block_t)) {
        return NULL;
    }

    block = malloc(sizeof(llmp_arena_block_t) + size);
    if (block == NULL) {
        return NULL;
    }

    block->next = arena->blocks;
    block->prev = NULL;

    if (block->next != NULL) {
        block->next->prev = block;
    }

    arena->blocks = block;

    return block->data;
}


static void
llmp_arena_release(void *data, void *p)
{
    llmp_arena_t *arena = data;

    llmp_arena_block_t  *block;

    block = (llmp_arena_block_t *) ((u_char *) p - sizeof(llmp_arena_block_t));

    if (block->next != NULL) {
        block->next->prev = block->prev;
    }

    if (block->prev != NULL) {
        block->prev->next = block->next;

    } else {
        arena->blocks = block->next;
    }

    free(block);
}
