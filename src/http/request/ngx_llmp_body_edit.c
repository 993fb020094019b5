
/*
 * Copyright (C) llm-policy authors
 *
 * Most edits fit into the buffer: the text is changed in place, if this module
 * is the sole reader of the body (a mirror may still send the same memory).
 * Other edits make a new chain.
 *
 * An edited chain must survive the changes that upstream modules make to it.
 * Before a retry they set pos of each buffer to start, and assume that the
 * parts of the file follow each other from offset 0; and they reuse the buffer
 * that the body was read into, once there is a file.  Therefore each buffer
 * begins at its start, the parts of a file leave nothing out, and new text has
 * memory of its own.  Removed text in a file is overwritten with spaces, which
 * are allowed between tokens of JSON; elsewhere the rest of the file is moved.
 */


#include "request/ngx_llmp_body_edit.h"

#include "base/ngx_llmp_read.h"
#include "request/ngx_llmp_body.h"


/* bytes that are written to a temporary file at a time */
#define NGX_LLMP_BODY_BUFFER    8192

/* bytes that are moved in a buffer, rather than split into pieces */
#define NGX_LLMP_BODY_MOVE_MAX  4096


typedef struct {
    ngx_http_request_t   *request;

    ngx_chain_t          *in;    /* rest of the original */
    off_t                 done;  /* bytes of in->buf that are done */
    off_t                 offset;

    ngx_chain_t          *out;
    ngx_chain_t         **next;
    ngx_buf_t            *piece; /* last buffer of out */
    off_t                 size;  /* bytes of out */

    off_t                 gone;  /* bytes removed from the file */
    ngx_uint_t            exact; /* removed text leaves no spaces */
} ngx_llmp_body_editor_t;


typedef struct {
    ngx_buf_t             buf;
    ngx_chain_t           link;
} ngx_llmp_body_piece_t;


static ngx_uint_t ngx_llmp_body_edit_fits(ngx_buf_t *b, off_t offset,
    llmp_edits_t *edits);
static void ngx_llmp_body_edit_buffer(ngx_buf_t *b, off_t offset,
    llmp_edits_t *edits);
static u_char *ngx_llmp_body_edit_move_up(u_char *dst, u_char *src,
    size_t size);
static ngx_int_t ngx_llmp_body_edit_chain(ngx_http_request_t *r,
    llmp_edits_t *edits);
static ngx_int_t ngx_llmp_body_edit_apply(ngx_llmp_body_editor_t *ed,
    llmp_edit_t *edit);
static ngx_int_t ngx_llmp_body_edit_finish(ngx_llmp_body_editor_t *ed);
static ngx_buf_t *ngx_llmp_body_edit_current(ngx_llmp_body_editor_t *ed);
static ngx_int_t ngx_llmp_body_edit_take(ngx_llmp_body_editor_t *ed, off_t size,
    ngx_uint_t remove);
static ngx_int_t ngx_llmp_body_edit_file(ngx_llmp_body_editor_t *ed,
    ngx_buf_t *b, off_t size, ngx_uint_t remove);
static ngx_int_t ngx_llmp_body_edit_slice(ngx_llmp_body_editor_t *ed,
    ngx_buf_t *b, off_t size);
static ngx_int_t ngx_llmp_body_edit_insert(ngx_llmp_body_editor_t *ed,
    llmp_str_t *text);
static ngx_buf_t *ngx_llmp_body_edit_link(ngx_llmp_body_editor_t *ed);
static ngx_int_t ngx_llmp_body_edit_fill_spaces(ngx_llmp_body_editor_t *ed,
    ngx_buf_t *b, off_t size);
static ngx_int_t ngx_llmp_body_edit_move(ngx_llmp_body_editor_t *ed,
    ngx_buf_t *b, off_t size);
static ngx_int_t ngx_llmp_body_edit_truncate(ngx_llmp_body_editor_t *ed);
static ngx_int_t ngx_llmp_body_edit_write(ngx_llmp_body_editor_t *ed,
    ngx_buf_t *b, off_t offset, u_char *data, size_t size);


ngx_int_t
ngx_llmp_body_edit(ngx_http_request_t *r, llmp_edits_t *edits,
    ngx_uint_t sole_reader)
{
    off_t         size, offset;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    offset = 0;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;
        size = ngx_buf_size(b);

        if ((off_t) edits->elts[0].offset >= offset + size) {
            offset += size;
            continue;
        }

        if (!sole_reader || !ngx_llmp_body_edit_fits(b, offset, edits)) {
            break;
        }

        ngx_llmp_body_edit_buffer(b, offset, edits);

        return ngx_llmp_body_set_length(r, ngx_llmp_body_size(r));
    }

    return ngx_llmp_body_edit_chain(r, edits);
}


/*
 * Returns 1 if all edits are in one buffer, and shorten it or keep its length:
 * most edits replace a number by one that is not longer.  The buffer must not
 * become empty, as upstream modules do not send empty ones.
 */

static ngx_uint_t
ngx_llmp_body_edit_fits(ngx_buf_t *b, off_t offset, llmp_edits_t *edits)
{
    off_t         size, done, gone;
    llmp_uint_t   i;
    llmp_edit_t  *edit;

    if (!b->temporary || b->in_file) {
        return 0;
    }

    gone = 0;
    done = offset;
    size = b->last - b->pos;

    for (i = 0; i < edits->nelts; i++) {
        edit = &edits->elts[i];

        if (edit->text.len > edit->len || (off_t) edit->offset < done) {
            return 0;
        }

        done = edit->offset + edit->len;
        gone += edit->len - edit->text.len;
    }

    if (done > offset + size) {
        return 0;
    }

    return gone < size
           && (gone == 0
               || offset + size - (off_t) edits->elts[0].offset
                  <= NGX_LLMP_BODY_MOVE_MAX);
}


static void
ngx_llmp_body_edit_buffer(ngx_buf_t *b, off_t offset, llmp_edits_t *edits)
{
    size_t        n;
    u_char       *src, *dst;
    llmp_uint_t   i;
    llmp_edit_t  *edit;

    src = b->pos;
    dst = b->pos;

    for (i = 0; i < edits->nelts; i++) {
        edit = &edits->elts[i];

        n = b->pos + (edit->offset - offset) - src;

        dst = ngx_llmp_body_edit_move_up(dst, src, n);
        src += n + edit->len;

        if (edit->text.len) {
            dst = ngx_cpymem(dst, edit->text.data, edit->text.len);
        }
    }

    b->last = ngx_llmp_body_edit_move_up(dst, src, b->last - src);
}


static u_char *
ngx_llmp_body_edit_move_up(u_char *dst, u_char *src, size_t size)
{
    return (dst != src) ? ngx_movemem(dst, src, size) : dst + size;
}


/*
 * A subrequest, which shares its body with its parent, gets a chain of its own;
 * the edit fails if it would write to the shared file.
 */

static ngx_int_t
ngx_llmp_body_edit_chain(ngx_http_request_t *r, llmp_edits_t *edits)
{
    llmp_uint_t               i;
    ngx_http_request_body_t  *rb;
    ngx_llmp_body_editor_t    ed;

    rb = r->request_body;

    ngx_memzero(&ed, sizeof(ngx_llmp_body_editor_t));

    ed.request = r;
    ed.in = rb->bufs;
    ed.next = &ed.out;

    for (i = 0; i < edits->nelts; i++) {
        if (ngx_llmp_body_edit_apply(&ed, &edits->elts[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_llmp_body_edit_finish(&ed) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r != r->main) {
        rb = ngx_palloc(r->pool, sizeof(ngx_http_request_body_t));
        if (rb == NULL) {
            return NGX_ERROR;
        }

        *rb = *r->request_body;
        r->request_body = rb;
    }

    rb->bufs = ed.out;

    if (rb->temp_file) {

        /*
         * subrequests of the response may need the file, which is edited once
         */

        r->preserve_body = 1;
    }

    return ngx_llmp_body_set_length(r, ed.size);
}


static ngx_int_t
ngx_llmp_body_edit_apply(ngx_llmp_body_editor_t *ed, llmp_edit_t *edit)
{
    off_t        len;
    ngx_buf_t   *b;
    llmp_str_t  *text;

    if (ngx_llmp_body_edit_take(ed, edit->offset - ed->offset, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    len = edit->len;
    text = &edit->text;
    b = ngx_llmp_body_edit_current(ed);

    ed->exact = edit->exact;

    if (b && !ngx_buf_in_memory(b)
        && (off_t) text->len <= len
        && len <= ngx_buf_size(b) - ed->done)
    {
        /* the file has the new text, as $request_body_file shows it */

        if (ngx_llmp_body_edit_take(ed, text->len, 0) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ngx_llmp_body_edit_write(ed, b, ed->done - text->len, text->data,
                                     text->len)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        len -= text->len;

    } else if (ngx_llmp_body_edit_insert(ed, text) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_llmp_body_edit_take(ed, len, 1);
}


static ngx_int_t
ngx_llmp_body_edit_finish(ngx_llmp_body_editor_t *ed)
{
    off_t         rest;
    ngx_chain_t  *cl;

    rest = ngx_llmp_body_size(ed->request) - ed->offset;

    if (ngx_llmp_body_edit_take(ed, rest, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    *ed->next = NULL;

    if (ed->gone && ngx_llmp_body_edit_truncate(ed) != NGX_OK) {
        return NGX_ERROR;
    }

    for (cl = ed->request->request_body->bufs; cl; cl = cl->next) {

        if (!cl->buf->last_buf) {
            continue;
        }

        if (ngx_buf_size(cl->buf) && ed->piece) {
            ed->piece->last_buf = 1;
            break;
        }

        /* chunked bodies and HTTP/2: an empty buffer ends the chain */

        *ed->next = ngx_alloc_chain_link(ed->request->pool);
        if (*ed->next == NULL) {
            return NGX_ERROR;
        }

        (*ed->next)->buf = cl->buf;
        (*ed->next)->next = NULL;
        break;
    }

    return NGX_OK;
}


static ngx_buf_t *
ngx_llmp_body_edit_current(ngx_llmp_body_editor_t *ed)
{
    while (ed->in) {

        if (ed->done < ngx_buf_size(ed->in->buf)) {
            return ed->in->buf;
        }

        ed->in = ed->in->next;
        ed->done = 0;
    }

    return NULL;
}


/* copies the next bytes of the original to the output, or removes them */

static ngx_int_t
ngx_llmp_body_edit_take(ngx_llmp_body_editor_t *ed, off_t size,
    ngx_uint_t remove)
{
    off_t       n;
    ngx_buf_t  *b;

    if (size < 0) {
        return NGX_ERROR;
    }

    while (size) {
        b = ngx_llmp_body_edit_current(ed);
        if (b == NULL) {
            return NGX_ERROR;
        }

        n = ngx_min(size, ngx_buf_size(b) - ed->done);

        if (!ngx_buf_in_memory(b) && remove && ed->exact) {
            ed->gone += n;

        } else if (!ngx_buf_in_memory(b) || !remove) {

            if (ngx_llmp_body_edit_file(ed, b, n, remove) != NGX_OK
                || ngx_llmp_body_edit_slice(ed, b, n) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        ed->done += n;
        ed->offset += n;
        size -= n;
    }

    return NGX_OK;
}


/* changes the next bytes of a file, if they are removed or moved */

static ngx_int_t
ngx_llmp_body_edit_file(ngx_llmp_body_editor_t *ed, ngx_buf_t *b, off_t size,
    ngx_uint_t remove)
{
    if (ngx_buf_in_memory(b)) {
        return NGX_OK;
    }

    if (remove) {
        return ngx_llmp_body_edit_fill_spaces(ed, b, size);
    }

    return ed->gone ? ngx_llmp_body_edit_move(ed, b, size) : NGX_OK;
}


static ngx_int_t
ngx_llmp_body_edit_slice(ngx_llmp_body_editor_t *ed, ngx_buf_t *b, off_t size)
{
    off_t       pos;
    ngx_buf_t  *piece;

    ed->size += size;
    pos = b->file_pos + ed->done - ed->gone;

    if (!ngx_buf_in_memory(b) && ed->piece && ed->piece->file == b->file
        && ed->piece->file_last == pos)
    {
        ed->piece->file_last += size;
        return NGX_OK;
    }

    piece = ngx_llmp_body_edit_link(ed);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    *piece = *b;
    piece->tag = NULL;
    piece->last_buf = 0;

    if (ngx_buf_in_memory(b)) {
        piece->pos += ed->done;
        piece->last = piece->pos + size;
        piece->start = piece->pos;
        piece->end = piece->last;
        piece->in_file = 0;
        piece->file = NULL;

    } else {
        piece->file_pos = pos;
        piece->file_last = pos + size;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_body_edit_insert(ngx_llmp_body_editor_t *ed, llmp_str_t *text)
{
    ngx_buf_t  *piece;

    if (text->len == 0) {
        return NGX_OK;
    }

    piece = ngx_llmp_body_edit_link(ed);
    if (piece == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(piece, sizeof(ngx_buf_t));

    piece->memory = 1;
    piece->start = text->data;
    piece->pos = text->data;
    piece->last = text->data + text->len;
    piece->end = piece->last;

    ed->size += text->len;

    return NGX_OK;
}


/* adds a buffer to the output */

static ngx_buf_t *
ngx_llmp_body_edit_link(ngx_llmp_body_editor_t *ed)
{
    ngx_llmp_body_piece_t  *piece;

    piece = ngx_palloc(ed->request->pool, sizeof(ngx_llmp_body_piece_t));
    if (piece == NULL) {
        return NULL;
    }

    piece->link.buf = &piece->buf;
    piece->link.next = NULL;

    *ed->next = &piece->link;
    ed->next = &piece->link.next;
    ed->piece = &piece->buf;

    return ed->piece;
}


static ngx_int_t
ngx_llmp_body_edit_fill_spaces(ngx_llmp_body_editor_t *ed, ngx_buf_t *b,
    off_t size)
{
    off_t   offset;
    size_t  n;
    u_char  spaces[NGX_LLMP_BODY_BUFFER];

    ngx_memset(spaces, ' ', sizeof(spaces));

    for (offset = ed->done; size; offset += n, size -= n) {
        n = (size_t) ngx_min(size, NGX_LLMP_BODY_BUFFER);

        if (ngx_llmp_body_edit_write(ed, b, offset, spaces, n) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* moves the next bytes of a file by the bytes that were removed before them */

static ngx_int_t
ngx_llmp_body_edit_move(ngx_llmp_body_editor_t *ed, ngx_buf_t *b, off_t size)
{
    off_t    offset;
    size_t   n;
    u_char   buf[NGX_LLMP_BODY_BUFFER];
    ssize_t  rc;

    for (offset = ed->done; size; offset += n, size -= n) {
        n = (size_t) ngx_min(size, NGX_LLMP_BODY_BUFFER);

        rc = ngx_llmp_read_at(b, buf, n, b->file_pos + offset);

        if (rc != (ssize_t) n
            || ngx_llmp_body_edit_write(ed, b, offset, buf, n) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_body_edit_truncate(ngx_llmp_body_editor_t *ed)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = NULL;

    for (cl = ed->request->request_body->bufs; cl; cl = cl->next) {
        if (!ngx_buf_in_memory(cl->buf) && ngx_buf_size(cl->buf)) {
            b = cl->buf;
        }
    }

    if (b == NULL || ftruncate(b->file->fd, b->file_last - ed->gone) == -1) {
        ngx_log_error(NGX_LOG_CRIT, ed->request->connection->log, ngx_errno,
                      "the body's file cannot be truncated");
        return NGX_ERROR;
    }

    b->file->offset -= ed->gone;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_body_edit_write(ngx_llmp_body_editor_t *ed, ngx_buf_t *b, off_t offset,
    u_char *data, size_t size)
{
    off_t    saved;
    ssize_t  n;

    if (ed->request != ed->request->main) {
        ngx_log_error(NGX_LOG_ERR, ed->request->connection->log, 0,
                      "the body of a subrequest is in the file of its parent");
        return NGX_ERROR;
    }

    saved = b->file->offset;
    n = ngx_write_file(b->file, data, size, b->file_pos + offset - ed->gone);
    b->file->offset = saved;

    return (n == (ssize_t) size) ? NGX_OK : NGX_ERROR;
}
