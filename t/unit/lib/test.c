
/*
 * Copyright (C) llm-policy authors
 */


#include "test.h"


void
test_str_is(const llmp_str_t *str, const char *expected, const char *file,
    int line)
{
    llmp_str_t  want;

    want = test_cstr(expected);

    if (!llmp_str_eq(str, &want)) {
        print_error("\"%.*s\" is not \"%s\"\n", (int) str->len,
                    str->data != NULL ? (char *) str->data : "", expected);
        _fail(file, line);
    }
}


u_char *
test_piece(const u_char *data, size_t len)
{
    u_char  *piece;

    piece = malloc(len ? len : 1);
    assert_non_null(piece);

    return memcpy(piece, data, len);
}


void
test_piece_gone(u_char *piece, size_t len)
{
    memset(piece, 0xff, len);
    free(piece);
}


void
test_pieces_start(test_pieces_t *p, const void *data, size_t len,
    size_t first, size_t size)
{
    memset(p, 0, sizeof(test_pieces_t));

    p->data = data;
    p->total = len;
    p->next = first;
    p->size = size;
}


int
test_pieces_next(test_pieces_t *p)
{
    if (p->piece != NULL) {
        test_piece_gone(p->piece, p->len);
        p->piece = NULL;
        p->pos += p->len;
    }

    if (p->pos == p->total) {
        return 0;
    }

    p->len = (p->next < p->total - p->pos) ? p->next : p->total - p->pos;
    p->next = p->size;
    p->piece = test_piece(p->data + p->pos, p->len);

    return 1;
}
