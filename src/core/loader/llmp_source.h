
/*
 * Copyright (C) llm-policy authors
 *
 * The files of a policy document: its own, and those of its parts, which its
 * member "include" names.
 */


#ifndef LLMP_SOURCE_H_INCLUDED_
#define LLMP_SOURCE_H_INCLUDED_


#include <time.h>

#include "base/llmp.h"


/* most parts of a document, and most patterns in "include" */
#define LLMP_SOURCE_PARTS  1000

/* bytes of a SHA-256 hash */
#define LLMP_SOURCE_HASH   32


/* an element of "include" */

typedef struct {
    llmp_str_t               path;     /* from the root or the folder of the
                                          process, followed by a NUL */
    llmp_uint_t              pattern;  /* 0: the name of a file */
} llmp_source_include_t;


/* state of one file; the bytes between the members are 0 */

typedef struct {
    int                      err;      /* errno of stat() */
    off_t                    size;
    dev_t                    dev;
    ino_t                    ino;
    struct timespec          mtime;
    struct timespec          ctime;
} llmp_source_file_t;


/* changes whenever a file is written to, replaced, added or removed */

typedef struct {
    u_char                   hash[LLMP_SOURCE_HASH];
} llmp_source_identity_t;


typedef struct {
    llmp_str_t               name;      /* file of the document, followed by a
                                           NUL */
    llmp_source_include_t   *includes;
    llmp_uint_t              nincludes;
    int64_t                  now;       /* seconds since 1970; 0: no warnings of
                                           API keys that have expired */

    /* set by llmp_load_file() */

    llmp_source_identity_t   identity;  /* the files before they were read */
    u_char                   sha256[LLMP_SOURCE_HASH];  /* hash of their texts,
                                                           one after another */
} llmp_source_t;


typedef struct {
    llmp_str_t               name;      /* followed by a NUL */
    llmp_uint_t              include;   /* index in includes */
    int                      err;       /* errno if a folder of the pattern
                                           cannot be read, which is the name
                                           then; or 0 */
} llmp_source_part_t;


typedef struct {
    llmp_source_part_t      *elts;
    llmp_uint_t              nelts;
    llmp_uint_t              size;      /* capacity of elts */
} llmp_source_parts_t;


/*
 * Sets an element of "include" from its text, which is relative to the folder
 * of the document.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_source_include(const llmp_source_t *source, llmp_pool_t *pool,
    const llmp_str_t *text, llmp_source_include_t *include);

/*
 * Lists the parts: those of a pattern in the order of their names.  The names
 * of missing files are listed, too.  Stops after LLMP_SOURCE_PARTS and one
 * more.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_source_parts(const llmp_source_t *source, llmp_pool_t *pool,
    llmp_source_parts_t *parts);

/* returns the state of a file */
llmp_source_file_t llmp_source_file(const llmp_str_t *name);

/* computes the identity of a document, whose own file had this state, and its
   listed parts; returns LLMP_OK, or LLMP_ERROR if there is no memory */
llmp_int_t llmp_source_identify(const llmp_source_t *source,
    const llmp_source_file_t *file, const llmp_source_parts_t *parts,
    llmp_source_identity_t *identity);

/*
 * Computes the identity that the files have now, without reading them.  The
 * pool is for the names.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_source_look(const llmp_source_t *source, llmp_pool_t *pool,
    llmp_source_identity_t *identity);

/* returns the end of a name that is relative to the folder of the document, or
   the whole name if it is elsewhere */
llmp_str_t llmp_source_relative(const llmp_source_t *source,
    const llmp_str_t *name);


#endif /* LLMP_SOURCE_H_INCLUDED_ */
