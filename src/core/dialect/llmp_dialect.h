
/*
 * Copyright (C) llm-policy authors
 *
 * What is known of the APIs, as tables: their routes, where they keep each
 * canonical parameter, its range and default, what can undo a bound, and the
 * shape of their errors.  A new API is a new table.
 */


#ifndef LLMP_DIALECT_H_INCLUDED_
#define LLMP_DIALECT_H_INCLUDED_


#include "base/llmp.h"
#include "dialect/llmp_error_body.h"
#include "dialect/llmp_param.h"


typedef struct llmp_dialect_s  llmp_dialect_t;


/*
 * Where a dialect keeps a parameter.  A path is member names joined by dots,
 * "[]" behind a name is each element of that array.  The first path is the
 * one that is written; all are held to the bound.
 */

#define LLMP_SLOT_PATHS  6

typedef struct {
    llmp_param_e             param;
    const char              *paths[LLMP_SLOT_PATHS];
    llmp_uint_t              types;
    const char              *min;      /* the legal range, NULL: open */
    const char              *max;
    const char              *absent;   /* what the upstream takes when it is
                                          absent; NULL: unknown; "": nothing
                                          that a bound could be about */
} llmp_slot_t;


/* a spelling that some compatible server reads beside the API's own */

typedef struct {
    const char              *path;
    llmp_param_e             param;
} llmp_spelling_t;


/* models that take a parameter under another of the slot's paths only */

typedef struct {
    const char              *model;    /* what the model's name starts with */
    llmp_param_e             param;
    const char              *path;
} llmp_variant_t;


/* a member that can undo a bound */

#define LLMP_BYPASS_STRINGS  0x01  /* not if it is an object */
#define LLMP_BYPASS_DEFAULT  0x02  /* hides the default of the upstream only:
                                      bounds are then always written */
#define LLMP_BYPASS_MODELS   0x04  /* rules about models, too */

typedef struct {
    const char              *path;
    uint64_t                 params;
    llmp_uint_t              flags;
} llmp_bypass_t;


/*
 * A member beside which the API refuses parameters: they are not written then.
 * If fixed, it leaves them one value only: a change of it is refused as well.
 */

typedef struct {
    const char              *path;
    const char *const       *when;     /* the strings that mean so, ended by
                                          NULL; or NULL: any value does */
    uint64_t                 params;
    llmp_uint_t              fixed;
} llmp_conflict_t;


/*
 * A form with a file of requests, a JSON document in each line: which of its
 * fields is the file, which says what it is for, and which members of a line
 * say what is to be requested.
 */

typedef struct {
    const char              *file;
    const char              *purpose;
    const char              *batch;    /* the purpose of such a file */
    const char *const       *others;   /* those of files of other kinds, which
                                          are let pass; ended by NULL */
    const llmp_dialect_t    *dialect;  /* of all lines; NULL: their url says */
} llmp_batch_t;

#define LLMP_STREAM_OPTIONS  "stream_options"
#define LLMP_STREAM_USAGE    "include_usage"

#define LLMP_LINE_BODY    "body"       /* the request */
#define LLMP_LINE_URL     "url"
#define LLMP_LINE_METHOD  "method"


/*
 * What a response tells of its tokens, where, and of text that the model gave.
 * Sums are made of what one source says; of two sources, the first one that
 * reports a number is taken.  Of a stream the last report stands.
 */

typedef enum {
    LLMP_USAGE_NONE = 0,
    LLMP_USAGE_INPUT,        /* tokens of the prompt, */
    LLMP_USAGE_CACHE_READ,   /* and those that it does not count */
    LLMP_USAGE_CACHE_WRITE,
    LLMP_USAGE_TOOLS,
    LLMP_USAGE_OUTPUT,       /* tokens of the completion, */
    LLMP_USAGE_THOUGHTS,     /* and those that it does not count */
    LLMP_USAGE_TOTAL,
    LLMP_USAGE_COUNTS,

    LLMP_USAGE_TEXT = LLMP_USAGE_COUNTS,
    LLMP_USAGE_WHOLE,        /* text with all that was given before */
    LLMP_USAGE_REPORT,       /* the member with all of OpenAI's numbers */
    LLMP_USAGE_CHOICES       /* of a chunk of OpenAI's stream */
} llmp_usage_e;

typedef enum {
    LLMP_SOURCE_OPENAI = 0,
    LLMP_SOURCE_OWN,         /* of the API or server itself */
    LLMP_SOURCE_EACH,        /* the same; those of an array add up */
    LLMP_SOURCE_SECOND,      /* bills, timings */
    LLMP_SOURCE_FIRST,       /* what a stream begins with: too low */
    LLMP_SOURCE_MAX
} llmp_source_e;

typedef struct {
    const char              *path;
    llmp_usage_e             usage;
    llmp_source_e            source;
} llmp_report_t;


/*
 * Any compatible server may be behind a route: llmp_spellings[] and
 * llmp_bypasses[] hold in every dialect, at the top and inside each of
 * llmp_containers[].
 */

struct llmp_dialect_s {
    llmp_str_t               name;
    llmp_shape_e             shape;
    unsigned                 form:1;       /* multipart/form-data, no JSON */
    unsigned                 generates:1;  /* members may be added */
    unsigned                 no_new_objects:1;  /* but no objects for them */
    unsigned                 reject_aliases:1;  /* two native names of one
                                                   parameter are refused */
    unsigned                 batchable:1;  /* lines of a file may request it,
                                              see llmp_batch_t */
    unsigned                 usage:1;      /* streams report usage if
                                              LLMP_STREAM_USAGE is set */
    unsigned                 model_optional:1;  /* the model was in an earlier
                                                   request */
    const char              *scope;        /* path of the requests, or NULL */
    const char              *sibling;      /* scope in another spelling, or
                                              NULL */
    const char              *model;        /* path of the model, or NULL */
    const char              *outer_model;  /* path from the root to the model
                                              of a whole batch, or NULL */
    const llmp_slot_t       *slots;        /* ended by paths[0] == NULL */
    const llmp_variant_t    *variants;     /* ended by model == NULL, or NULL */
    const llmp_bypass_t     *bypasses;     /* ended by path == NULL, or NULL */
    const llmp_bypass_t     *root_bypasses;  /* next to the requests of a batch;
                                                    the same */
    const llmp_conflict_t   *conflicts;    /* ended by path == NULL, or NULL */
    const llmp_batch_t      *batch;        /* NULL if it is no such form */
    const llmp_report_t     *reports;      /* of responses, in addition to
                                              llmp_reports[]; ended by path ==
                                              NULL, or NULL */

    /* paths, ended by NULL, or NULL */

    const char *const       *not_parameters;  /* members that have the name of
                                                 a parameter only */
    const char *const       *never_clamped;  /* members that are refused if
                                                out of bounds */
};


extern const llmp_dialect_t *const llmp_dialects[];  /* ended by NULL */
extern const llmp_uint_t         llmp_ndialects;

/* these are ended by NULL; see llmp_dialect_t */

extern const llmp_spelling_t     llmp_spellings[];
extern const char *const         llmp_containers[];
extern const llmp_bypass_t       llmp_bypasses[];
extern const llmp_bypass_t       llmp_tool_bypasses[];     /* at the top */
extern const llmp_report_t       llmp_reports[];


/* returns a dialect by its name, or NULL */
const llmp_dialect_t *llmp_dialect_find(const llmp_str_t *name);

/* the index of a dialect in llmp_dialects[] */
llmp_uint_t llmp_dialect_index(const llmp_dialect_t *dialect);

/* the slot of a parameter, or NULL if the dialect does not have it */
const llmp_slot_t *llmp_dialect_slot(const llmp_dialect_t *dialect,
    llmp_param_e param);

/*
 * Returns whether two names are of the same member: they are equal, or differ
 * only in case and underscores if the API has two spellings of each name.
 */
llmp_uint_t llmp_dialect_same_name(const llmp_dialect_t *dialect,
    const llmp_str_t *one, const llmp_str_t *two);


#endif /* LLMP_DIALECT_H_INCLUDED_ */
