
/*
 * Copyright (C) llm-policy authors
 *
 * State of the form scanner.
 */


#ifndef LLMP_FORM_STATE_H_INCLUDED_
#define LLMP_FORM_STATE_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_media_type.h"
#include "base/llmp_refusal.h"
#include "watch/llmp_member.h"


#define LLMP_FORM_FIELDS_MAX     128     /* fields of a form */
#define LLMP_FORM_LINE_MAX       1024    /* bytes of a header line of a field */
#define LLMP_FORM_LENGTH_DIGITS  18      /* digits of a Content-Length */
#define LLMP_FORM_DELIMITER_MAX  (2 + LLMP_BOUNDARY_MAX)


typedef enum {
    LLMP_FORM_FIRST = 0,          /* within the first delimiter */
    LLMP_FORM_DELIMITED,          /* after a delimiter */
    LLMP_FORM_DELIMITED_LF,
    LLMP_FORM_LINE,               /* within the header lines of a field */
    LLMP_FORM_LINE_LF,
    LLMP_FORM_CONTENT,
    LLMP_FORM_LAST,               /* within the "--" of the last delimiter */
    LLMP_FORM_CLOSED,
    LLMP_FORM_CLOSED_LF,
    LLMP_FORM_DONE
} llmp_form_state_e;


/*
 * Receives the content of a file in pieces; offset is the position of buf in
 * the body.  The line end before the next delimiter is passed as well.  buf is
 * valid during the call only.  Returns LLMP_OK, or LLMP_ERROR with refusal set
 * to refuse the form.
 */

typedef llmp_int_t (*llmp_form_file_pt)(void *data, uint64_t offset,
    const u_char *buf, size_t len, llmp_refusal_t *refusal);


typedef struct {
    /* set by the caller between llmp_form_init() and the first bytes */

    const char          *file;         /* name of the field that must be a file,
                                          or NULL */
    size_t               media_min;    /* least bytes of a counted file; 0: none
                                          is counted */
    llmp_form_file_pt    handler;      /* receives the file */
    void                *data;         /* first argument of the handler */

    /* the result */

    llmp_members_t       members;
    llmp_refusal_t       refusal;      /* set if llmp_form_feed() failed */
    llmp_uint_t          files;        /* number of fields named file */
    uint64_t             media_count;  /* files, without the one named file */
    uint64_t             media_bytes;  /* bytes of their contents */
    uint64_t             file_bytes;   /* bytes of the file named file */
    uint64_t             file_length_offset;  /* Content-Length line of file */
    size_t               file_length_size;    /* its bytes, 0 if there is
                                                 none */

    /* the rest is private */

    llmp_pool_t         *pool;
    const llmp_watch_t  *root;
    uint64_t             offset;       /* bytes fed before this piece */

    llmp_str_t          *names;        /* names of the fields so far */
    llmp_uint_t          nnames;

    const llmp_watch_t  *watch;        /* node of the current field, or NULL */
    uint64_t             start;        /* offset of the field's delimiter */
    uint64_t             size;         /* bytes of the content so far */
    uint64_t             line_offset;  /* offset of the header line */
    uint64_t             length;       /* Content-Length, if measured */
    uint64_t             length_offset;  /* offset of its line */
    size_t               length_size;    /* bytes of its line */
    u_char               tail[2];      /* last two bytes of the content */

    size_t               line_len;
    size_t               text_len;
    size_t               delimiter_len;
    size_t               matched;      /* matched bytes of the delimiter */
    size_t               alone;        /* matched bytes of the boundary without
                                          its dashes */
    size_t               heading;      /* matched bytes of a disposition after
                                          a boundary without its dashes */

    uint8_t              state;        /* LLMP_FORM_* */
    uint8_t              keep;         /* the field is watched: keep its text */
    uint8_t              wanted;       /* the field is the caller's file */
    uint8_t              medium;       /* the field is an image or a sound */
    uint8_t              disposition;  /* Content-Disposition was read */
    uint8_t              filename;     /* the disposition has a filename */
    uint8_t              type;         /* the Content-Type is not of text */
    uint8_t              typed;        /* Content-Type was read */
    uint8_t              encoded;      /* Content-Transfer-Encoding was read */
    uint8_t              measured;     /* Content-Length was read */

    uint8_t              fallback[LLMP_FORM_DELIMITER_MAX];
    uint8_t              alone_fallback[LLMP_BOUNDARY_MAX];
    u_char               delimiter[LLMP_FORM_DELIMITER_MAX];
    u_char               line[LLMP_FORM_LINE_MAX];
    u_char               text[LLMP_MEMBER_TEXT_MAX + 2];
} llmp_form_t;


#endif /* LLMP_FORM_STATE_H_INCLUDED_ */
