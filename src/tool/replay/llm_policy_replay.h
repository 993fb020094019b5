
/*
 * Copyright (C) llm-policy authors
 *
 * The replay of an access log: what its files share.  A line is read
 * (llm_policy_replay_line.c), its request is rebuilt and decided on once more
 * (_decide.c), and what comes of it is compared with what the line says
 * (_compare.c); the counts are printed as a table (_print.c) or as JSON
 * (_json.c).
 */


#ifndef LLM_POLICY_REPLAY_H_INCLUDED_
#define LLM_POLICY_REPLAY_H_INCLUDED_


#include <stdio.h>

#include "base/llmp_scratch.h"
#include "decide/llmp_decide.h"
#include "json/llmp_scan.h"
#include "llm_policy.h"


/* the longest line that is read */
#define LLM_POLICY_LINE_MAX  (1024 * 1024)

/* what is read of a log at once */
#define LLM_POLICY_READ      (256 * 1024)

/* the most examples that are kept */
#define LLM_POLICY_EXAMPLES_MAX  1000


/* what the log says of a parameter; the texts are JSON, empty: absent */

typedef struct {
    llmp_str_t    requested;
    llmp_str_t    effective;
    llmp_str_t    action;
    llmp_uint_t   cut;        /* requested is only the start of the value */
} llm_policy_logged_t;


/* a line of the log */

typedef struct {
    llmp_str_t           request_id;
    llmp_str_t           status;
    llmp_str_t           reason;
    llmp_str_t           parameter;  /* that the reason is about */
    llmp_str_t           tier;
    llmp_str_t           tenant;
    llmp_str_t           dialect;
    llmp_str_t           model;
    llmp_str_t           adjustments;

    uint64_t             carried;    /* parameters that the line has */
    llm_policy_logged_t  params[LLMP_PARAM_MAX];

    unsigned             llm:1;      /* it has an object "llm" */
    unsigned             strange:1;  /* a member is of another type */
    unsigned             cut:1;      /* a name in it is too long */
    unsigned             rejected:1;
    unsigned             dry_run:1;
} llm_policy_entry_t;


typedef struct llm_policy_entries_s  llm_policy_entries_t;

/* what to look for in lines; NULL if there is no memory */
llm_policy_entries_t *llm_policy_entries_create(llmp_pool_t *pool);

/*
 * Reads a line that comes in pieces: begin(), feed() for each, and end(), which
 * returns LLMP_OK with the entry, LLMP_DECLINED if the line is no JSON object,
 * or LLMP_ERROR if there is no memory.  The entry's texts are good until the
 * next begin().
 */
void llm_policy_entries_begin(llm_policy_entries_t *es);
void llm_policy_entries_feed(llm_policy_entries_t *es, const u_char *buf,
    size_t len);
llmp_int_t llm_policy_entries_end(llm_policy_entries_t *es,
    llm_policy_entry_t *entry);


/* where a dialect has a parameter */

typedef struct {
    const char   *path;
    llmp_uint_t   param;
} llm_policy_place_t;


/* a document, to decide by on what a log has */

typedef struct {
    llmp_arena_t         arena;
    llmp_policy_t       *loaded;
    llmp_tenant_t      **tenants;    /* by name */
    llmp_tier_t        **names;      /* tiers by name */
    llm_policy_place_t  *places;     /* LLMP_PARAM_MAX of each dialect, those
                                        in one object together */

    llmp_policy_t        policy;     /* without rules about what lines lack */
    uint64_t             carried;    /* what they have */
    llmp_uint_t          ready;
} llm_policy_terms_t;


/* what was decided on a line */

typedef struct {
    llmp_decision_t      decision;
    llmp_tier_t         *tier;       /* of terms->policy */
    llmp_uint_t          unknown_tier;
    llmp_scan_t          scan;
    llmp_scratch_t       scratch;
} llm_policy_verdict_t;


/* loads a document; returns as llm_policy_load() does, after printing why */
llmp_int_t llm_policy_terms_load(llm_policy_terms_t *terms, const char *file);
void llm_policy_terms_free(llm_policy_terms_t *terms);

/* the parameters with a rule that lines do not have, of a tier or of models */
uint64_t llm_policy_terms_lacking(const llm_policy_terms_t *terms,
    llmp_uint_t tier);

/*
 * Decides on the request of an entry.  Returns LLMP_OK with the verdict (a
 * refusal is one), LLMP_DECLINED if the request cannot be rebuilt from what the
 * line has, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llm_policy_decide_entry(llm_policy_verdict_t *v,
    llm_policy_terms_t *terms, const llm_policy_entry_t *entry,
    const llmp_dialect_t *dialect);

/* whether the value, as JSON, is one that the module logs; for tests */
llmp_uint_t llm_policy_is_scalar(const llmp_str_t *text);


/* why a line is not replayed */

typedef enum {
    LLM_POLICY_MALFORMED = 0,
    LLM_POLICY_TRUNCATED,
    LLM_POLICY_FOREIGN,
    LLM_POLICY_OFF,
    LLM_POLICY_BYPASSED,
    LLM_POLICY_BATCH,
    LLM_POLICY_DIALECT,
    LLM_POLICY_UNCLEAR,
    LLM_POLICY_UNEXPLAINED,
    LLM_POLICY_SKIPPED_MAX
} llm_policy_skipped_e;

typedef struct {
    const char   *name;      /* in JSON */
    const char   *text;
} llm_policy_skipped_t;

extern const llm_policy_skipped_t  llm_policy_skipped[LLM_POLICY_SKIPPED_MAX];


/* counts by names that a log has, of which there may be any number */

#define LLM_POLICY_TALLY_MAX   64
#define LLM_POLICY_TALLY_NAME  64

typedef struct {
    char          name[LLM_POLICY_TALLY_NAME];
    uint64_t      count;
} llm_policy_count_t;

typedef struct {
    llm_policy_count_t  elts[LLM_POLICY_TALLY_MAX];
    llmp_uint_t         nelts;
    uint64_t            others;
} llm_policy_tally_t;


/* what the new document makes of a parameter, beside what became of it */

typedef enum {
    LLM_POLICY_NEWLY_CHANGED = 0,
    LLM_POLICY_NEWLY_REFUSED,
    LLM_POLICY_NO_LONGER_CHANGED,
    LLM_POLICY_NO_LONGER_REFUSED,
    LLM_POLICY_CHANGED_OTHERWISE,
    LLM_POLICY_UNCHANGED,   /* after those that are a difference */
    LLM_POLICY_OUTCOMES
} llm_policy_outcome_e;

extern const char *const  llm_policy_outcomes[LLM_POLICY_OUTCOMES];


/* the rows of a tier: its parameters, and these */

#define LLM_POLICY_ROW_MODEL  LLMP_PARAM_MAX
#define LLM_POLICY_ROW_KEY    (LLMP_PARAM_MAX + 1)
#define LLM_POLICY_ROWS       (LLMP_PARAM_MAX + 2)

typedef struct {
    uint64_t      counts[LLM_POLICY_ROWS][LLM_POLICY_OUTCOMES];
} llm_policy_rows_t;


#define LLM_POLICY_EXAMPLE_TEXT  96

typedef struct {
    llmp_uint_t   tier;
    llmp_uint_t   row;
    llmp_uint_t   outcome;
    char          id[LLM_POLICY_EXAMPLE_TEXT];
    char          before[LLM_POLICY_EXAMPLE_TEXT];
    char          after[LLM_POLICY_EXAMPLE_TEXT];
} llm_policy_example_t;


typedef struct {
    llm_policy_terms_t     terms;    /* the changed document */
    llm_policy_terms_t     was;      /* the one the log was written under */
    llmp_uint_t            has_was;

    uint64_t               lines;
    uint64_t               replayed;
    uint64_t               different;
    uint64_t               skipped[LLM_POLICY_SKIPPED_MAX];
    llm_policy_tally_t     refused;  /* by the reason of those not replayed */
    llm_policy_tally_t     unknown_tiers;
    llm_policy_tally_t     moved;    /* "free -> pro" */
    uint64_t               lacking;  /* parameters that lines do not have */

    llm_policy_rows_t     *tiers;    /* in the order of the document */
    uint64_t               total[LLM_POLICY_OUTCOMES];

    llm_policy_example_t  *examples;
    llmp_uint_t            nexamples;
    llmp_uint_t            examples_max;

    llm_policy_verdict_t   verdict;
    llm_policy_verdict_t   before;
} llm_policy_replay_t;


/* counts a line; LLMP_ERROR if there is no memory */
llmp_int_t llm_policy_replay_entry(llm_policy_replay_t *rp,
    const llm_policy_entry_t *entry);

const char *llm_policy_row_name(llmp_uint_t row);

void llm_policy_tally_add(llm_policy_tally_t *tally, const char *name,
    size_t len);
uint64_t llm_policy_tally_sum(const llm_policy_tally_t *tally);

/* copies what a log has, so that a terminal takes it for nothing but text */
void llm_policy_copy_text(char *buf, size_t size, const void *text,
    size_t len);

/* whether nothing was counted */
llmp_uint_t llm_policy_row_is_empty(const uint64_t *counts);

void llm_policy_replay_print(const llm_policy_replay_t *rp);
llmp_int_t llm_policy_replay_print_json(const llm_policy_replay_t *rp);


/* reads logs, plain or by gzip */

typedef struct llm_policy_progress_s  llm_policy_progress_t;

typedef struct {
    llm_policy_replay_t    *replay;
    llm_policy_entries_t   *entries;
    llm_policy_progress_t  *progress;
    u_char                 *buf;
    uint64_t                line;    /* bytes of the line at hand */
} llm_policy_reader_t;

/*
 * Reads a log, "-" being standard input.  Returns LLMP_OK; LLMP_DECLINED if it
 * cannot be read, or not to its end, with *error, a constant text, saying why;
 * LLMP_ERROR if there is no memory.
 */
llmp_int_t llm_policy_read_log(llm_policy_reader_t *rd, const char *name,
    const char **error);


/* how far the reading is, on a terminal that standard error may be */

struct llm_policy_progress_s {
    llmp_uint_t   enabled;
    llmp_uint_t   shown;
    uint64_t      total;     /* bytes of all logs; 0: not known */
    uint64_t      done;      /* of those read before */
    uint64_t      bytes;     /* read so far, of lines */
    double        start;     /* seconds */
    double        next;
};

void llm_policy_progress_init(llm_policy_progress_t *p, char **names, int n);
void llm_policy_progress_show(llm_policy_progress_t *p, uint64_t offset,
    uint64_t lines);
void llm_policy_progress_end(llm_policy_progress_t *p);


#endif /* LLM_POLICY_REPLAY_H_INCLUDED_ */
