
/*
 * Copyright (C) llm-policy authors
 *
 * Reads logs line by line in constant memory: pieces of a line are parsed as
 * they are read.  zlib reads plain files unchanged.
 */


#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <zlib.h>

#include "replay/replay.h"


#define REPLAY_READ_GZIP  (128 * 1024)


static llmp_int_t replay_read_lines(replay_reader_t *rd, gzFile file);
static llmp_int_t replay_read_block(replay_reader_t *rd, size_t len);
static void replay_read_piece(replay_reader_t *rd, const u_char *buf,
    size_t len);
static llmp_int_t replay_read_end_line(replay_reader_t *rd, llmp_uint_t last);
static llmp_int_t replay_read_check_error(gzFile file, const char **error);


llmp_int_t
replay_read_log(replay_reader_t *rd, const char *name, const char **error)
{
    int         fd;
    gzFile      file;
    llmp_int_t  rc;

    fd = (strcmp(name, "-") == 0) ? dup(STDIN_FILENO)
                                  : open(name, O_RDONLY|O_CLOEXEC);
    if (fd == -1) {
        *error = strerror(errno);
        return LLMP_DECLINED;
    }

    file = gzdopen(fd, "rb");
    if (file == NULL) {
        close(fd);
        return LLMP_ERROR;
    }

    (void) gzbuffer(file, REPLAY_READ_GZIP);

    rd->length = 0;
    replay_line_begin(rd->line);

    rc = replay_read_lines(rd, file);

    if (rc == LLMP_OK) {
        rc = replay_read_check_error(file, error);
    }

    rd->progress->done += gzoffset(file);

    (void) gzclose_r(file);

    return rc;
}


static llmp_int_t
replay_read_lines(replay_reader_t *rd, gzFile file)
{
    int  n;

    for ( ;; ) {
        n = gzread(file, rd->buf, REPLAY_READ_BLOCK);

        if (n <= 0) {

            /* lines before an error count; it is checked later */

            return (rd->length != 0) ? replay_read_end_line(rd, 1) : LLMP_OK;
        }

        if (replay_read_block(rd, n) != LLMP_OK) {
            return LLMP_ERROR;
        }

        rd->progress->bytes += n;

        replay_progress_show(rd->progress, gzoffset(file), rd->replay->lines);
    }
}


static llmp_int_t
replay_read_block(replay_reader_t *rd, size_t len)
{
    const u_char  *p, *end, *feed;

    end = rd->buf + len;

    for (p = rd->buf; p < end; p = feed + 1) {
        feed = memchr(p, '\n', end - p);

        if (feed == NULL) {
            replay_read_piece(rd, p, end - p);
            break;
        }

        replay_read_piece(rd, p, feed - p);

        if (replay_read_end_line(rd, 0) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* parses a piece, unless the line is too long already */

static void
replay_read_piece(replay_reader_t *rd, const u_char *buf, size_t len)
{
    rd->length += len;

    if (rd->length <= REPLAY_LINE_MAX) {
        replay_line_feed(rd->line, buf, len);
    }
}


static llmp_int_t
replay_read_end_line(replay_reader_t *rd, llmp_uint_t last)
{
    llmp_int_t      rc;
    replay_entry_t  entry;
    replay_t       *rp;

    rp = rd->replay;
    rp->lines++;

    rc = (rd->length <= REPLAY_LINE_MAX)
         ? replay_line_end(rd->line, &entry) : LLMP_DECLINED;

    if (rc == LLMP_OK) {
        rc = replay_compare_entry(rp, &entry);

    } else if (rc == LLMP_DECLINED) {
        rp->skipped[last ? REPLAY_SKIP_TRUNCATED : REPLAY_SKIP_MALFORMED]++;
        rc = LLMP_OK;
    }

    rd->length = 0;
    replay_line_begin(rd->line);

    return rc;
}


static llmp_int_t
replay_read_check_error(gzFile file, const char **error)
{
    int  code;

    (void) gzerror(file, &code);

    switch (code) {

    case Z_OK:
    case Z_STREAM_END:
        return LLMP_OK;

    case Z_ERRNO:
        *error = strerror(errno);
        break;

    case Z_BUF_ERROR:
        *error = "gzip ends too early, only what is before that was counted";
        break;

    case Z_MEM_ERROR:
        return LLMP_ERROR;

    default:
        *error = "gzip is damaged, only what is before that was counted";
    }

    return LLMP_DECLINED;
}
