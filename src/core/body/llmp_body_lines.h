
/*
 * Copyright (C) llm-policy authors
 *
 * Files of requests: each line is a JSON document with a request in it.  A
 * request is decided on at the end of its line, and only its edits are kept.
 */


#ifndef LLMP_BODY_LINES_H_INCLUDED_
#define LLMP_BODY_LINES_H_INCLUDED_


#include "base/llmp.h"
#include "body/llmp_body_batch.h"
#include "json/llmp_scan.h"


/* maximum number of requests in a file */
#define LLMP_BODY_LINES_MAX  50000


typedef struct {
    llmp_refusal_t         refusal;    /* set if llmp_body_lines_feed() fails */

    uint64_t               seed;
    const llmp_policy_t   *policy;

    const llmp_dialect_t  *dialect;    /* API of the requests */
    uint64_t               start;      /* offset of the line in the body */
    llmp_uint_t            nlines;     /* including the current line */
    uint64_t               media_count;  /* media in all lines */
    uint64_t               media_bytes;  /* their bytes */

    unsigned               known:1;    /* the dialect is no assumption */
    unsigned               fixed:1;    /* the dialect is that of the batch */
    unsigned               again:1;    /* the assumption was wrong */
    unsigned               inside:1;   /* a line was started */
    unsigned               cr:1;       /* the last byte was a CR */

    llmp_body_batch_t      batch;      /* decisions on the requests */
    llmp_scan_t            scan;       /* scan of the line */
} llmp_body_lines_t;


/*
 * Prepares to read a file on the terms of decision, whose first part is set as
 * for llmp_decide(); its dialect has a batch.  seed is that of
 * llmp_scan_init().
 */
void llmp_body_lines_init(llmp_body_lines_t *lines,
    const llmp_decision_t *decision, llmp_pool_t *pool, uint64_t seed);

/*
 * Reads the next len bytes of the file, which are at offset in the body.
 * Returns LLMP_OK, or LLMP_ERROR with lines->refusal set; every later call
 * returns the same error.
 *
 * A line is a JSON object as llmp_scan_feed() accepts it.  It ends with LF or
 * CR LF and contains neither of them.  Empty lines are skipped.  All requests
 * must be to the same API, of a batchable dialect, as OpenAI requires it
 * (API reference, "Batch": the endpoint of all requests is that of the batch).
 */
llmp_int_t llmp_body_lines_feed(llmp_body_lines_t *lines, uint64_t offset,
    const u_char *buf, size_t len);

/*
 * Ends the file.  Returns LLMP_OK; LLMP_ERROR as above; or LLMP_DECLINED if the
 * complete file must be fed again, after llmp_body_lines_restart().  This
 * happens if the url of the first line follows the request in it, and is not
 * that of the assumed API.
 */
llmp_int_t llmp_body_lines_finish(llmp_body_lines_t *lines);

/* prepares to read the same file again, for the API of its first line */
void llmp_body_lines_restart(llmp_body_lines_t *lines);


#endif /* LLMP_BODY_LINES_H_INCLUDED_ */
