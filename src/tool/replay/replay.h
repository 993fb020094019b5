
/*
 * Copyright (C) llm-policy authors
 *
 * The replay of an access log: types and functions that its files share.
 *
 *     replay_read.c      reads logs and splits them into lines
 *     replay_line.c      parses a line into an entry
 *     replay_body.c      rebuilds the body of its request
 *     replay_policy.c    loads the documents
 *     replay_decide.c    decides on the request again
 *     replay_compare.c   compares the decision with the logged one, and counts
 *     replay_tally.c     counts by names in the log
 *     replay_print.c     prints the counts as a table
 *     replay_json.c      prints the counts as JSON
 */


#ifndef REPLAY_H_INCLUDED_
#define REPLAY_H_INCLUDED_


#include <stdio.h>

#include "base/llmp_arena.h"
#include "base/llmp_scratch.h"
#include "decide/llmp_decide.h"
#include "decide/llmp_difference.h"
#include "json/llmp_scan.h"


/* longer lines are counted as malformed */
#define REPLAY_LINE_MAX      (1024 * 1024)

/* buffer for a log */
#define REPLAY_READ_BLOCK    (256 * 1024)

/* maximum of --examples */
#define REPLAY_EXAMPLES_MAX  1000


/* a parameter in the log; all texts are JSON, empty if absent */

typedef struct {
    llmp_str_t    requested;
    llmp_str_t    effective;
    llmp_str_t    action;
    llmp_uint_t   cut;         /* requested is the start of the value only */
} replay_param_t;


/* a line of the log; texts are decoded, empty if absent */

typedef struct {
    llmp_str_t       request_id;
    llmp_str_t       time;
    llmp_str_t       status;
    llmp_str_t       reason;
    llmp_str_t       parameter;     /* subject of the reason */
    llmp_str_t       tier;
    llmp_str_t       tenant;
    llmp_str_t       key_name;
    llmp_str_t       dialect;
    llmp_str_t       model;
    llmp_str_t       adjustments;
    llmp_str_t       limit_status;
    llmp_str_t       limit;         /* that refused the request */

    uint64_t         present;       /* mask of parameters in the line */
    replay_param_t   params[LLMP_PARAM_MAX];

    unsigned         llm:1;         /* the line has an object "llm" */
    unsigned         wrong_type:1;  /* a member is no string */
    unsigned         cut:1;         /* a name is too long */
    unsigned         rejected:1;
    unsigned         dry_run:1;
    unsigned         over:1;        /* a limit has moved it to the tier */
    unsigned         given_tier:1;  /* the tier is not that of the tenant */
} replay_entry_t;


/* parser of lines, replay_line.c */

typedef struct replay_line_s  replay_line_t;

/* returns NULL if there is no memory */
replay_line_t *replay_line_create(llmp_pool_t *pool);

/*
 * Parse a line in pieces: begin(), feed() for each piece, end().  The last one
 * returns LLMP_OK with the entry, whose texts are valid until the next begin();
 * LLMP_DECLINED if the line is no JSON object; or LLMP_ERROR if there is no
 * memory.
 */
void replay_line_begin(replay_line_t *line);
void replay_line_feed(replay_line_t *line, const u_char *buf, size_t len);
llmp_int_t replay_line_end(replay_line_t *line, replay_entry_t *entry);


/* Documents, replay_policy.c. */

typedef struct {
    const char       *path;       /* path of a parameter in a dialect */
    llmp_uint_t       param;
} replay_place_t;


typedef const llmp_tenant_key_t  *replay_key_t;


typedef struct {
    llmp_arena_t      arena;
    llmp_policy_t    *loaded;
    llmp_tier_t     **tiers;      /* sorted by name */
    replay_key_t     *keys;       /* named ones, sorted by tenant and name */
    llmp_uint_t       nkeys;
    replay_place_t   *places;     /* LLMP_PARAM_MAX of each dialect, sorted by
                                     path */

    llmp_policy_t     policy;     /* copy with the rules for present only */
    uint64_t          present;    /* mask of parameters */
    llmp_uint_t       ready;      /* policy was copied */
} replay_policy_t;


/* Loads a document.  Returns LLMP_OK, or LLMP_ERROR after printing why. */
llmp_int_t replay_policy_load(replay_policy_t *doc, const char *file);
void replay_policy_free(replay_policy_t *doc);

/*
 * Copy the policy, and a tier, without rules for parameters that are not in the
 * log: the replay cannot know whether requests comply with them.
 */
void replay_policy_select_rules(replay_policy_t *doc, uint64_t present);
void replay_policy_select_tier(const replay_policy_t *doc, llmp_tier_t *tier,
    const llmp_tier_t *loaded);

/* returns the parameters with rules of a tier or a model, but not in lines */
uint64_t replay_policy_missing_params(const replay_policy_t *doc,
    const llmp_tier_t *tier);

/* returns a tier by its name, or NULL */
llmp_tier_t *replay_policy_find_tier(const replay_policy_t *doc,
    const llmp_str_t *name);

/* returns the API key of a tenant by its name, or NULL */
const llmp_tenant_key_t *replay_policy_find_key(const replay_policy_t *doc,
    llmp_tenant_t *tenant, const llmp_str_t *name);


/* Bodies, replay_body.c. */

/* longest path of a parameter, in steps */
#define REPLAY_BODY_STEPS     5

/* longest name with its punctuation; values have LLMP_MEMBER_TEXT_MAX bytes at
   most */
#define REPLAY_BODY_NAME_MAX  128

#define REPLAY_BODY_MAX                                                       \
    (LLMP_PARAM_MAX * (LLMP_MEMBER_TEXT_MAX + REPLAY_BODY_NAME_MAX) + 2)

/*
 * Writes the body of a request to buf of REPLAY_BODY_MAX bytes.  Returns
 * LLMP_OK, or LLMP_DECLINED if the log does not contain the requested values.
 */
llmp_int_t replay_body_from_log(const replay_policy_t *doc,
    const replay_entry_t *entry, const llmp_dialect_t *dialect, u_char *buf,
    size_t *len);

/* returns whether the value, as JSON, is one that the module logs */
llmp_uint_t replay_body_is_scalar(const llmp_str_t *text);


/* Decisions, replay_decide.c. */

typedef struct {
    llmp_decision_t     decision;
    const llmp_tier_t  *named;         /* tier of the document */
    const llmp_tier_t  *whole;         /* the same, with rules of the tenant */
    llmp_tier_t         tier;          /* the same, with the rules for
                                          parameters in the log only */
    llmp_uint_t         unknown_tier;  /* named is the default instead */
    llmp_scan_t         scan;
    llmp_scratch_t      scratch;
} replay_verdict_t;


/*
 * Decides on the request of an entry.  Returns LLMP_OK with the verdict, which
 * may be a refusal; LLMP_DECLINED if the request cannot be rebuilt from the
 * line; or LLMP_ERROR if there is no memory.
 */
llmp_int_t replay_decide(replay_verdict_t *v, replay_policy_t *doc,
    const replay_entry_t *entry, const llmp_dialect_t *dialect);


/* counts by names in the log, replay_tally.c */

#define REPLAY_TALLY_MAX   64
#define REPLAY_TALLY_NAME  64


typedef struct {
    char              name[REPLAY_TALLY_NAME];
    uint64_t          count;
} replay_count_t;


typedef struct {
    replay_count_t    elts[REPLAY_TALLY_MAX];
    llmp_uint_t       nelts;
    uint64_t          others;      /* count of all further names */
} replay_tally_t;


void replay_tally_add(replay_tally_t *tally, const char *name, size_t len);
uint64_t replay_tally_sum(const replay_tally_t *tally);

/*
 * Copies text of a log as a string, replacing control characters, which a
 * terminal might execute.
 */
void replay_tally_copy_text(char *buf, size_t size, const void *text,
    size_t len);


/* Results, replay_compare.c. */

/* why a line is not replayed */

typedef enum {
    REPLAY_SKIP_MALFORMED = 0,
    REPLAY_SKIP_TRUNCATED,
    REPLAY_SKIP_FOREIGN,
    REPLAY_SKIP_OFF,
    REPLAY_SKIP_BYPASSED,
    REPLAY_SKIP_BATCH,
    REPLAY_SKIP_DIALECT,
    REPLAY_SKIP_UNCLEAR,
    REPLAY_SKIP_UNEXPLAINED,
    REPLAY_SKIP_MAX
} replay_skip_e;


typedef struct {
    const char       *name;        /* in JSON */
    const char       *text;
} replay_skip_t;


extern const replay_skip_t  replay_compare_skips[REPLAY_SKIP_MAX];


/* outcomes: the differences between the decision of the new document and the
   logged one, and LLMP_DIFFERENCE_NONE */
#define REPLAY_OUTCOMES  (LLMP_DIFFERENCE_NONE + 1)


/* rows of a tier: its parameters, the model, the API key */

#define REPLAY_ROW_MODEL  LLMP_DIFFERENCE_MODEL
#define REPLAY_ROW_KEY    (LLMP_PARAM_MAX + 1)
#define REPLAY_ROWS       (LLMP_PARAM_MAX + 2)


typedef struct {
    uint64_t          counts[REPLAY_ROWS][REPLAY_OUTCOMES];
} replay_rows_t;


#define REPLAY_EXAMPLE_TEXT  96


typedef struct {
    llmp_uint_t       tier;
    llmp_uint_t       row;
    llmp_uint_t       outcome;
    char              id[REPLAY_EXAMPLE_TEXT];
    char              before[REPLAY_EXAMPLE_TEXT];
    char              after[REPLAY_EXAMPLE_TEXT];
} replay_example_t;


typedef struct {
    replay_policy_t    now;        /* the changed document */
    replay_policy_t    was;        /* the document of the log */
    llmp_uint_t        has_was;

    uint64_t           lines;
    uint64_t           replayed;
    uint64_t           different;
    uint64_t           skipped[REPLAY_SKIP_MAX];
    replay_tally_t     refused;    /* refused lines that cannot be replayed, by
                                      reason */
    replay_tally_t     limits;     /* refused lines, by the limit */
    uint64_t           near;       /* replayed lines near a limit */
    uint64_t           over;       /* those that a limit moved to a tier */
    replay_tally_t     unknown_tiers;
    replay_tally_t     moved;      /* changed tiers, "free -> pro" */
    uint64_t           missing;    /* parameters with rules, not in the log */

    replay_rows_t     *tiers;      /* ordered as in the document */
    uint64_t           total[REPLAY_OUTCOMES];

    replay_example_t  *examples;
    llmp_uint_t        nexamples;
    llmp_uint_t        examples_max;

    replay_verdict_t   verdict;    /* by the changed document */
    replay_verdict_t   before;     /* by the document of the log */
} replay_t;


/* Counts a line.  Returns LLMP_ERROR if there is no memory. */
llmp_int_t replay_compare_entry(replay_t *rp, replay_entry_t *entry);

const char *replay_compare_row_name(llmp_uint_t row);

/* return whether the counts of a row contain a difference, or nothing */
llmp_uint_t replay_compare_row_differs(const uint64_t *counts);
llmp_uint_t replay_compare_row_is_empty(const uint64_t *counts);


/* Output, replay_print.c and replay_json.c. */

void replay_print(const replay_t *rp);
llmp_int_t replay_json_print(const replay_t *rp);


/* progress bar on a terminal, replay_progress.c */

typedef struct {
    llmp_uint_t       enabled;
    llmp_uint_t       shown;
    uint64_t          total;       /* bytes of all logs; 0: not known */
    uint64_t          done;        /* bytes of finished logs */
    uint64_t          bytes;       /* bytes of lines, decompressed */
    double            start;       /* seconds */
    double            next;        /* time of the next update, seconds */
} replay_progress_t;


void replay_progress_init(replay_progress_t *p, char **names, int n);

/* offset is that in the current file, in bytes on the disk. */
void replay_progress_show(replay_progress_t *p, uint64_t offset,
    uint64_t lines);
void replay_progress_end(replay_progress_t *p);


/* Logs, plain or compressed by gzip, replay_read.c. */

typedef struct {
    replay_t           *replay;
    replay_line_t      *line;
    replay_progress_t  *progress;
    u_char             *buf;
    uint64_t            length;    /* bytes of the current line */
} replay_reader_t;


/*
 * Reads a log; "-" is standard input.  Returns LLMP_OK; LLMP_DECLINED if the
 * log cannot be read to its end, with *error set to a constant text; or
 * LLMP_ERROR if there is no memory.
 */
llmp_int_t replay_read_log(replay_reader_t *rd, const char *name,
    const char **error);


#endif /* REPLAY_H_INCLUDED_ */
