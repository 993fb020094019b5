
/*
 * Copyright (C) llm-policy authors
 *
 * Text written into memory of a fixed size.
 */


#ifndef LLMP_BUF_H_INCLUDED_
#define LLMP_BUF_H_INCLUDED_


#include "base/llmp.h"


/* data may be NULL and size 0, to compute the length only */

typedef struct {
    u_char  *data;
    size_t   size;    /* bytes of data */
    size_t   len;     /* bytes added; bytes beyond size were not written */
} llmp_buf_t;


/* initialises an empty buffer of size bytes at data */

static inline void
llmp_buf_init(llmp_buf_t *buf, void *data, size_t size)
{
    buf->data = data;
    buf->size = size;
    buf->len = 0;
}


/* append bytes, a string, a NUL-terminated text, one byte */

void llmp_buf_add(llmp_buf_t *buf, const void *data, size_t len);
void llmp_buf_add_str(llmp_buf_t *buf, const llmp_str_t *str);
void llmp_buf_add_text(llmp_buf_t *buf, const char *text);
void llmp_buf_add_byte(llmp_buf_t *buf, u_char byte);


#endif /* LLMP_BUF_H_INCLUDED_ */
