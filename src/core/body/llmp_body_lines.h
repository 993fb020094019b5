
/*
 * Copyright (C) llm-policy authors
 *
 * Files of requests: a JSON document in each line, which says what is to be
 * requested.  Each is decided on when its line is complete, and forgotten.
 */


#ifndef LLMP_BODY_LINES_H_INCLUDED_
#define LLMP_BODY_LINES_H_INCLUDED_


#include "base/llmp.h"
#include "body/llmp_body_batch.h"
#include "json/llmp_scan.h"


#define LLMP_LINES_MAX  50000    /* requests in a file */


typedef struct {
    /* the result */

    llmp_refusal_t         refusal;     /* if llmp_lines_feed() failed */

    /* the rest is private */

    uint64_t               seed;
    const llmp_policy_t   *policy;

    const llmp_dialect_t  *dialect;     /* of the lines */
    uint64_t               start;       /* of the line in the body */
    llmp_uint_t            nlines;      /* with the one at hand */

    unsigned               known:1;     /* the dialect is not a guess */
    unsigned               fixed:1;     /* nor has a line to say it */
    unsigned               again:1;     /* a wrong guess: see below */
    unsigned               inside:1;    /* in a line */
    unsigned               cr:1;        /* behind a carriage return */

    llmp_decisions_t       decisions;   /* the result, too */
    llmp_scan_t            scan;        /* of the line */
} llmp_lines_t;


/*
 * Prepares to read a file.  decision says by what is decided, as for
 * llmp_decide(); its dialect has a batch.  seed is that of llmp_scan_init().
 */
void llmp_lines_init(llmp_lines_t *lines, const llmp_decision_t *decision,
    llmp_pool_t *pool, uint64_t seed);

/*
 * Takes the next len bytes of the file, which are at offset in the body.
 * Returns LLMP_OK, or LLMP_ERROR with lines->refusal filled; every later call
 * returns the same error.
 *
 * A line is a JSON object as llmp_scan_feed() accepts it; it ends with LF or CR
 * LF, and neither may stand within.  Empty lines are skipped.  All lines
 * have to be requests to one API, of a batchable dialect, as OpenAI has it
 * (API reference, "Batch": the endpoint of all requests is that of the batch).
 */
llmp_int_t llmp_lines_feed(llmp_lines_t *lines, uint64_t offset,
    const u_char *buf, size_t len);

/*
 * Ends the file.  Returns LLMP_OK; LLMP_ERROR as above; or LLMP_DECLINED if
 * all of it has to be fed anew, after llmp_lines_again(): the url stood behind
 * the request, which was taken for one of another API.
 */
llmp_int_t llmp_lines_finish(llmp_lines_t *lines);

void llmp_lines_again(llmp_lines_t *lines);


#endif /* LLMP_BODY_LINES_H_INCLUDED_ */
