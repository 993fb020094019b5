
/*
 * Copyright (C) llm-policy authors
 *
 * Reads files into memory.
 */


#ifndef LLMP_FILE_H_INCLUDED_
#define LLMP_FILE_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    const char  *call;  /* system call that failed, as "open()"; NULL: there is
                           no memory */
    int          err;   /* its errno */
} llmp_file_error_t;


/*
 * Reads a file of at most max bytes into memory of the pool.  Returns LLMP_OK,
 * LLMP_DECLINED if the file is larger, or LLMP_ERROR with error set.
 *
 * A pipe is read to its end, which may take long, if pipes is set; otherwise a
 * name of anything but a regular file is an error.
 */
llmp_int_t llmp_file_read(llmp_pool_t *pool, const char *name,
    llmp_uint_t pipes, size_t max, llmp_str_t *text, llmp_file_error_t *error);

/* reads an open file in the same way, which remains open */
llmp_int_t llmp_file_read_fd(llmp_pool_t *pool, int fd, size_t max,
    llmp_str_t *text, llmp_file_error_t *error);


#endif /* LLMP_FILE_H_INCLUDED_ */
