
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_scratch.h"


#define LLMP_SCRATCH_BLOCK  8192
#define LLMP_SCRATCH_ALIGN  (sizeof(max_align_t))


struct llmp_scratch_block_s {
    llmp_scratch_block_t  *next;
    size_t                 size;
    size_t                 used;
    max_align_t            data[];
};


static void *llmp_scratch_alloc(void *data, size_t size);
static llmp_scratch_block_t *llmp_scratch_add_block(llmp_scratch_t *scratch,
    size_t size);


void
llmp_scratch_init(llmp_scratch_t *scratch, llmp_pool_t *from)
{
    memset(scratch, 0, sizeof(llmp_scratch_t));

    scratch->pool.alloc = llmp_scratch_alloc;
    scratch->pool.data = scratch;
    scratch->from = from;
}


void
llmp_scratch_reset(llmp_scratch_t *scratch)
{
    llmp_scratch_block_t  *block;

    for (block = scratch->first; block != NULL; block = block->next) {
        block->used = 0;
    }

    scratch->current = scratch->first;
}


void
llmp_scratch_free(llmp_scratch_t *scratch)
{
    llmp_scratch_block_t  *block, *next;

    for (block = scratch->first; block != NULL; block = next) {
        next = block->next;
        llmp_pfree(scratch->from, block);
    }

    scratch->first = NULL;
    scratch->current = NULL;
}


llmp_uint_t
llmp_scratch_owns(const llmp_scratch_t *scratch, const void *p)
{
    uintptr_t                    start, at;
    const llmp_scratch_block_t  *block;

    at = (uintptr_t) p;

    for (block = scratch->first; block != NULL; block = block->next) {
        start = (uintptr_t) block->data;

        if (at >= start && at - start < block->size) {
            return 1;
        }
    }

    return 0;
}


static void *
llmp_scratch_alloc(void *data, size_t size)
{
    llmp_scratch_t *scratch = data;

    u_char                *p;
    llmp_scratch_block_t  *block;

    if (size > SIZE_MAX - sizeof(llmp_scratch_block_t) - LLMP_SCRATCH_ALIGN) {
        return NULL;
    }

    size = (size + LLMP_SCRATCH_ALIGN - 1) & ~(LLMP_SCRATCH_ALIGN - 1);

    block = scratch->current;

    while (block != NULL && size > block->size - block->used) {
        block = block->next;
    }

    if (block == NULL) {
        block = llmp_scratch_add_block(scratch, size);
        if (block == NULL) {
            return NULL;
        }
    }

    scratch->current = block;

    p = (u_char *) block->data + block->used;
    block->used += size;

    return p;
}


/*
 * Appends a block to the list: earlier blocks may have room for the next line.
 * Each block is at least twice as large as the one before.  So there are few
 * blocks, and their total size is at most a few times the need of one line.
 */

static llmp_scratch_block_t *
llmp_scratch_add_block(llmp_scratch_t *scratch, size_t size)
{
    size_t                 least;
    llmp_scratch_block_t  *block, **last;

    least = LLMP_SCRATCH_BLOCK;

    for (last = &scratch->first; *last != NULL; last = &(*last)->next) {
        least = 2 * (*last)->size;
    }

    if (scratch->most != 0 && least > scratch->most) {
        least = scratch->most;
    }

    if (size < least) {
        size = least;
    }

    block = llmp_palloc(scratch->from, sizeof(llmp_scratch_block_t) + size);
    if (block == NULL) {
        return NULL;
    }

    block->next = NULL;
    block->size = size;
    block->used = 0;

    *last = block;

    return block;
}
