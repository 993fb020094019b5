
/*
 * Copyright (C) llm-policy authors
 *
 * Names of members: finds watched ones and duplicates.
 */


#ifndef LLMP_SCAN_NAME_H_INCLUDED_
#define LLMP_SCAN_NAME_H_INCLUDED_


#include "json/llmp_scan_hash.h"
#include "json/llmp_scan_state.h"


/* names shorter than this have two coefficients, see llmp_scan_hash.h */

#define LLMP_SCAN_NAME_SHORT  14

typedef struct {
    uint64_t  first;     /* mask of the first coefficient */
    uint64_t  second;    /* mask of the bytes of the second */
    uint64_t  end;       /* the 1 after these bytes */
} llmp_scan_name_part_t;

/* masks of a short name, by its length */

extern const llmp_scan_name_part_t  llmp_scan_name_parts[LLMP_SCAN_NAME_SHORT];


/* sets the secret point of the hash of names from a random number */
void llmp_scan_name_seed(llmp_scan_t *scan, uint64_t seed);

/*
 * Read a name in pieces: begin it, append plain text or a character, end it.
 * The end sets scan->watch for the value; it returns LLMP_OK, or LLMP_ERROR
 * after a refusal.
 */
void llmp_scan_name_start(llmp_scan_t *scan);
void llmp_scan_name_add_plain(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
void llmp_scan_name_add_char(llmp_scan_t *scan, uint32_t code);
llmp_int_t llmp_scan_name_end(llmp_scan_t *scan);

/*
 * Reads a complete name of n bytes of plain text; 15 bytes after it must be
 * readable.  Returns as llmp_scan_name_end() does.
 */
llmp_int_t llmp_scan_name_whole(llmp_scan_t *scan, const u_char *p, size_t n);

/* returns the low bits of the hash of a name in an object at a depth, as in
   llmp_scan_name_t */
uint32_t llmp_scan_name_exact(const llmp_scan_t *scan, const char *name,
    llmp_uint_t depth);

/* removes all names except the first nnames, when an object is closed */
void llmp_scan_name_forget(llmp_scan_t *scan, uint32_t nnames);


/*
 * Reads a complete name as llmp_scan_name_whole() does, without a call for most
 * names: a short name of an object with few members, none of them watched, if
 * a bit of its hash shows that it is new.
 */

static inline llmp_int_t
llmp_scan_name_short(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    const u_char *p, size_t n)
{
    uint32_t                      seen;
    uint64_t                      hash;
    llmp_scan_name_t             *name;
    const llmp_scan_name_part_t  *part;

    if (frame->room <= scan->nnames || n >= LLMP_SCAN_NAME_SHORT) {
        return llmp_scan_name_whole(scan, p, n);
    }

    part = &llmp_scan_name_parts[n];

    hash = llmp_scan_hash_two(scan, llmp_scan_hash_load(p) & part->first,
                              (llmp_scan_hash_load(p + 7) & part->second)
                              | part->end);

    seen = (uint32_t) 1 << (hash & 31);

    if (frame->seen & seen) {
        return llmp_scan_name_whole(scan, p, n);
    }

    frame->seen |= seen;

    name = &scan->names[scan->nnames++];
    name->hash = hash;
    name->exact = (uint32_t) hash;

    scan->watch = NULL;

    return LLMP_OK;
}


#endif /* LLMP_SCAN_NAME_H_INCLUDED_ */
