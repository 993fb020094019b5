
/*
 * Copyright (C) llm-policy authors
 */


#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/llmp_array.h"
#include "base/llmp_file.h"


/* first allocation for a file of unknown size, in bytes */
#define LLMP_FILE_FIRST  65536


static llmp_int_t llmp_file_check(int fd, llmp_file_error_t *error);
static llmp_int_t llmp_file_fail(llmp_file_error_t *error, const char *call,
    int err);


llmp_int_t
llmp_file_read(llmp_pool_t *pool, const char *name, llmp_uint_t pipes,
    size_t max, llmp_str_t *text, llmp_file_error_t *error)
{
    int         fd;
    llmp_int_t  rc;

    /* with O_NONBLOCK, a pipe without a writer is opened at once */

    fd = open(name, pipes ? O_RDONLY|O_CLOEXEC : O_RDONLY|O_CLOEXEC|O_NONBLOCK);
    if (fd == -1) {
        return llmp_file_fail(error, "open()", errno);
    }

    rc = pipes ? LLMP_OK : llmp_file_check(fd, error);

    if (rc == LLMP_OK) {
        rc = llmp_file_read_fd(pool, fd, max, text, error);
    }

    (void) close(fd);

    return rc;
}


static llmp_int_t
llmp_file_check(int fd, llmp_file_error_t *error)
{
    struct stat  st;

    if (fstat(fd, &st) == -1) {
        return llmp_file_fail(error, "fstat()", errno);
    }

    if (!S_ISREG(st.st_mode)) {
        return llmp_file_fail(error, "read()",
                              S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP);
    }

    return LLMP_OK;
}


llmp_int_t
llmp_file_read_fd(llmp_pool_t *pool, int fd, size_t max, llmp_str_t *text,
    llmp_file_error_t *error)
{
    u_char       *p;
    ssize_t       n;
    struct stat   st;
    llmp_uint_t   size, first;

    first = LLMP_FILE_FIRST;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {

        if ((uintmax_t) st.st_size > max) {
            return LLMP_DECLINED;
        }

        /* one byte more, to see the end */

        first = (llmp_uint_t) st.st_size + 1;
    }

    text->len = 0;
    text->data = NULL;
    size = 0;

    for ( ;; ) {
        p = llmp_array_grow(pool, text->data, text->len, &size, first, 1);
        if (p == NULL) {
            return llmp_file_fail(error, NULL, 0);
        }

        text->data = p;

        n = read(fd, p + text->len, size - text->len);

        if (n == 0) {
            return LLMP_OK;
        }

        if (n > 0) {
            text->len += n;

        } else if (errno != EINTR) {
            return llmp_file_fail(error, "read()", errno);
        }

        if (text->len > max) {
            return LLMP_DECLINED;
        }
    }
}


static llmp_int_t
llmp_file_fail(llmp_file_error_t *error, const char *call, int err)
{
    error->call = call;
    error->err = err;

    return LLMP_ERROR;
}
