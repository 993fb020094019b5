
/*
 * Copyright (C) llm-policy authors
 *
 * The counts of limits as bytes, for a file that outlives the processes.
 *
 * A file is a head, entries in any number, and an end.  Integers are
 * little-endian.  Requests in progress are not kept.
 */


#ifndef LLMP_LIMIT_SAVED_H_INCLUDED_
#define LLMP_LIMIT_SAVED_H_INCLUDED_


#include "limit/llmp_limit.h"


/* number of the format, which changes with it, or with what keys consist of */
#define LLMP_LIMIT_SAVED_FORMAT  1

/* bytes of a head, of an end, of the longest key, and of the longest entry */
#define LLMP_LIMIT_SAVED_HEAD    20
#define LLMP_LIMIT_SAVED_END     17
#define LLMP_LIMIT_SAVED_KEY     255
#define LLMP_LIMIT_SAVED_ENTRY                                                \
    (1 + LLMP_LIMIT_SAVED_KEY + 5 + 21 * LLMP_LIMITS_VALUES)


typedef struct {
    uint64_t        writer;    /* those that began later have a larger number */
    uint64_t        nentries;
    int64_t         time;      /* seconds since 1970, UTC: no entry is newer */
    uint32_t        format;
    const u_char   *pos;       /* entries that were not read yet */
    const u_char   *last;
} llmp_limit_saved_t;


/* writes the head of a file: the format and the writer */
void llmp_limit_saved_write_head(u_char *p, const llmp_limit_saved_t *saved);

/*
 * Writes what is charged in a state.  Returns the number of bytes, or 0 if
 * nothing is used that will count later.
 */
size_t llmp_limit_saved_write(u_char *p, const llmp_str_t *key,
    const llmp_limit_state_t *state, const llmp_limit_clock_t *clock);

/* writes the end of a file: the number of entries, and a time */
void llmp_limit_saved_write_end(u_char *p, const llmp_limit_saved_t *saved);

/*
 * Begins to read a file.  Returns LLMP_OK; LLMP_DECLINED if its format is
 * another one, which is set; or LLMP_ERROR if it is no such file, or was cut.
 */
llmp_int_t llmp_limit_saved_open(llmp_limit_saved_t *saved, const u_char *data,
    size_t len);

/*
 * Reads the next entry, as it is now.  key points into the file; the state has
 * no slots if nothing is used any more.  If the clock went back, nothing has
 * leaked meanwhile, and the use of a later day, week or month counts for that
 * of the clock.  Returns LLMP_OK, LLMP_DECLINED after the last entry, or
 * LLMP_ERROR if a value is wrong.
 */
llmp_int_t llmp_limit_saved_read(llmp_limit_saved_t *saved, llmp_str_t *key,
    llmp_limit_state_t *state, const llmp_limit_clock_t *clock);

/*
 * Raises the use of each limit to that of an entry that was read, if it is
 * less.  A merge that is repeated changes nothing.
 */
void llmp_limit_saved_merge(llmp_limit_state_t *state,
    const llmp_limit_state_t *entry, const llmp_limit_clock_t *clock);


#endif /* LLMP_LIMIT_SAVED_H_INCLUDED_ */
