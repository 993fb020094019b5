
/*
 * Copyright (C) llm-policy authors
 *
 * Logs, read line by line in constant memory: a line is handed on in pieces as
 * they come.  zlib reads plain files as well, as they are.
 */


#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <zlib.h>

#include "replay/llm_policy_replay.h"


#define LLM_POLICY_GZIP  (128 * 1024)


static llmp_int_t llm_policy_read_lines(llm_policy_reader_t *rd, gzFile file);
static llmp_int_t llm_policy_read_block(llm_policy_reader_t *rd, size_t len);
static void llm_policy_read_piece(llm_policy_reader_t *rd, const u_char *buf,
    size_t len);
static llmp_int_t llm_policy_read_line(llm_policy_reader_t *rd,
    llmp_uint_t last);
static llmp_int_t llm_policy_read_failed(gzFile file, const char **error);


llmp_int_t
llm_policy_read_log(llm_policy_reader_t *rd, const char *name,
    const char **error)
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

    (void) gzbuffer(file, LLM_POLICY_GZIP);

    rd->line = 0;
    llm_policy_entries_begin(rd->entries);

    rc = llm_policy_read_lines(rd, file);

    if (rc == LLMP_OK) {
        rc = llm_policy_read_failed(file, error);
    }

    rd->progress->done += gzoffset(file);

    (void) gzclose_r(file);

    return rc;
}


static llmp_int_t
llm_policy_read_lines(llm_policy_reader_t *rd, gzFile file)
{
    int  n;

    for ( ;; ) {
        n = gzread(file, rd->buf, LLM_POLICY_READ);

        if (n <= 0) {

            /* an error is asked for later; what came before it counts */

            return (rd->line != 0) ? llm_policy_read_line(rd, 1) : LLMP_OK;
        }

        if (llm_policy_read_block(rd, n) != LLMP_OK) {
            return LLMP_ERROR;
        }

        rd->progress->bytes += n;

        llm_policy_progress_show(rd->progress, gzoffset(file),
                                 rd->replay->lines);
    }
}


static llmp_int_t
llm_policy_read_block(llm_policy_reader_t *rd, size_t len)
{
    const u_char  *p, *end, *feed;

    end = rd->buf + len;

    for (p = rd->buf; p < end; p = feed + 1) {
        feed = memchr(p, '\n', end - p);

        if (feed == NULL) {
            llm_policy_read_piece(rd, p, end - p);
            break;
        }

        llm_policy_read_piece(rd, p, feed - p);

        if (llm_policy_read_line(rd, 0) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* of a line that is too long, nothing more is looked at */

static void
llm_policy_read_piece(llm_policy_reader_t *rd, const u_char *buf, size_t len)
{
    rd->line += len;

    if (rd->line <= LLM_POLICY_LINE_MAX) {
        llm_policy_entries_feed(rd->entries, buf, len);
    }
}


static llmp_int_t
llm_policy_read_line(llm_policy_reader_t *rd, llmp_uint_t last)
{
    llmp_int_t            rc;
    llm_policy_entry_t    entry;
    llm_policy_replay_t  *rp;

    rp = rd->replay;
    rp->lines++;

    rc = (rd->line <= LLM_POLICY_LINE_MAX)
         ? llm_policy_entries_end(rd->entries, &entry) : LLMP_DECLINED;

    if (rc == LLMP_OK) {
        rc = llm_policy_replay_entry(rp, &entry);

    } else if (rc == LLMP_DECLINED) {
        rp->skipped[last ? LLM_POLICY_TRUNCATED : LLM_POLICY_MALFORMED]++;
        rc = LLMP_OK;
    }

    rd->line = 0;
    llm_policy_entries_begin(rd->entries);

    return rc;
}


static llmp_int_t
llm_policy_read_failed(gzFile file, const char **error)
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
