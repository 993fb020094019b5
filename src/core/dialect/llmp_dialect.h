
/*
 * Copyright (C) llm-policy authors
 *
 * Tables of the APIs: their routes, the members for each canonical parameter
 * with range and default, the members that can undo a bound, and the shape of
 * error documents.  A new API is a new table.
 */


#ifndef LLMP_DIALECT_H_INCLUDED_
#define LLMP_DIALECT_H_INCLUDED_


#include "base/llmp.h"
#include "dialect/llmp_error_body.h"
#include "dialect/llmp_param.h"
#include "watch/llmp_watch.h"


typedef struct llmp_dialect_s  llmp_dialect_t;
typedef struct llmp_need_s     llmp_need_t;


/*
 * The members for a parameter in a dialect.  A path is member names joined by
 * dots; "[]" after a name is each element of that array.  The first path is
 * written if the parameter is absent; bounds apply to all of them.
 */

#define LLMP_SLOT_PATHS  8

typedef struct {
    llmp_param_e             param;
    const char              *paths[LLMP_SLOT_PATHS];
    llmp_uint_t              types;
    const char              *min;     /* legal range, NULL: open */
    const char              *max;
    const char              *absent;  /* value that the upstream uses if it is
                                         absent; NULL: unknown; "": no number,
                                         so that bounds do not matter */
} llmp_slot_t;


/* models with another default than that of the slot; the first one holds */

typedef struct {
    const char              *model;   /* prefix of the model's name */
    const char              *infix;   /* text inside the name, or NULL */
    llmp_param_e             param;
    const char              *absent;  /* as in llmp_slot_t */
} llmp_default_t;


/*
 * An object about thinking with a budget of tokens, which is part of
 * max_tokens: the budget must be below it.
 */

struct llmp_thinking_s {
    const char              *object;  /* member of a request */
    const char              *budget;  /* name of the budget inside it */
    const char              *least;   /* least legal budget */
    const char              *off;     /* object without thinking, JSON */
    const char              *off_name;  /* name of the member in it */
};


/* a spelling that a compatible server reads in addition to those of the API */

typedef struct {
    const char              *path;
    llmp_param_e             param;
} llmp_spelling_t;


/* a member that can undo a bound */

#define LLMP_BYPASS_UNLESS_OBJECT  0x01  /* not if its value is an object */
#define LLMP_BYPASS_DEFAULT  0x02  /* only hides the default of the upstream:
                                      bounds are always written then */
#define LLMP_BYPASS_MODELS   0x04  /* undoes rules about models, too */
#define LLMP_BYPASS_EMPTY    0x08  /* an empty object or array undoes it, too */
#define LLMP_BYPASS_THINKING  0x10  /* type of thinking: a budget next to it, or
                                       the effort, may decide instead */

typedef struct {
    const char              *path;
    uint64_t                 params;
    llmp_uint_t              flags;
    const char *const       *neutral;  /* JSON scalars that undo nothing, ended
                                          by NULL; NULL: none.  Numbers are
                                          compared as decimals. */
} llmp_bypass_t;


/*
 * A member that conflicts with parameters: the API refuses them next to it, so
 * that they are not added.  If fixed is set, the API accepts that number only,
 * so that they are not changed to any other one.
 */

typedef struct {
    const char              *path;
    const char *const       *values;  /* strings with which it conflicts, ended
                                         by NULL; NULL: any value */
    uint64_t                 params;
    const char              *fixed;   /* number, or NULL */
} llmp_conflict_t;


/*
 * The names that an API documents in an object where parameters are, in
 * addition to those of its slots and its model.  A policy can remove or refuse
 * all others, see unknown_members of llmp_tier_t.
 */

typedef struct {
    const char              *object;  /* its path, "" for a request or a body */
    const char *const       *names;   /* ended by NULL */
} llmp_documented_t;


/*
 * A member that the API accepts next to another one only: neither it nor any
 * member inside it is written to a request without the other one, which must be
 * true, or an object or array that is not empty.  If the policy takes the other
 * one out of a request, or changes it, it takes the member out as well.
 */

#define LLMP_NEED_PATHS  5

struct llmp_need_s {
    const char              *path;
    const char              *others[LLMP_NEED_PATHS];  /* one is enough; none:
                                                          never written */
    llmp_uint_t              flags;
};

#define LLMP_NEED_UNWRITTEN  0x01  /* never written, only removed */
#define LLMP_NEED_WRITABLE   0x02  /* may be written alone: some servers have it
                                      without the other one */


/* a member that is in requests of one API only, of several with one path */

typedef struct {
    const char              *name;     /* at the top */
    const llmp_dialect_t    *dialect;
} llmp_choice_t;


/* a form with a file of requests, a JSON document in each line */

typedef struct {
    const char              *file;     /* field with the file */
    const char              *purpose;  /* field with the purpose of the file */
    const char              *batch;    /* purpose of a file of requests */
    const char *const       *others;   /* purposes of other files, which are not
                                          checked; ended by NULL */
    const llmp_dialect_t    *dialect;  /* the same for all lines; NULL: each
                                          line has a url */
} llmp_batch_t;

#define LLMP_STREAM_OPTIONS  "stream_options"
#define LLMP_STREAM_USAGE    "include_usage"

/* members of a line */

#define LLMP_LINE_BODY    "body"       /* the request */
#define LLMP_LINE_URL     "url"
#define LLMP_LINE_METHOD  "method"


/*
 * Numbers of tokens in a response, and text of the model.  A sum is made of the
 * numbers of one source: the first one, in the order of llmp_source_e, that
 * reports any.  In a stream, a later report replaces an earlier one; in one
 * document, the largest of several numbers for the same counts.
 */

typedef enum {
    LLMP_USAGE_NONE = 0,
    LLMP_USAGE_INPUT,        /* tokens of the prompt */
    LLMP_USAGE_CACHE_READ,   /* more tokens of the prompt, not in INPUT: they
                                were read from a cache */
    LLMP_USAGE_CACHE_WRITE,  /* the same: they were written to a cache */
    LLMP_USAGE_TOOLS,        /* the same: results of tools */
    LLMP_USAGE_OUTPUT,       /* tokens of the completion */
    LLMP_USAGE_THOUGHTS,     /* more tokens of the completion, not in OUTPUT:
                                reasoning */
    LLMP_USAGE_TOTAL,

    /* parts of the numbers above, which are never added to them */

    LLMP_USAGE_CACHED,       /* tokens in INPUT that were read from a cache */
    LLMP_USAGE_WRITTEN,      /* the same: written to a cache */
    LLMP_USAGE_REASONING,    /* tokens of reasoning in OUTPUT, or only in
                                TOTAL */
    LLMP_USAGE_COUNTS,

    LLMP_USAGE_TEXT = LLMP_USAGE_COUNTS,
    LLMP_USAGE_WHOLE,        /* text that repeats all earlier text */
    LLMP_USAGE_REPORT,       /* member with all numbers in OpenAI's shape */
    LLMP_USAGE_CHOICES       /* choices of a chunk of OpenAI's stream */
} llmp_usage_e;

typedef enum {
    LLMP_SOURCE_OPENAI = 0,
    LLMP_SOURCE_OWN,     /* numbers in the API's or server's own shape */
    LLMP_SOURCE_EACH,    /* the same, one for each element of an array: they add
                            up */
    LLMP_SOURCE_SECOND,  /* bills, timings */
    LLMP_SOURCE_FIRST,   /* first event of a stream: its number is too low */
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
    unsigned                 form:1;            /* multipart/form-data */
    unsigned                 generates:1;       /* members may be added */
    unsigned                 no_new_objects:1;  /* added members need an object
                                                   that is present */
    unsigned                 reject_aliases:1;  /* two native names of one
                                                   parameter are refused */
    unsigned                 batchable:1;       /* lines of a file may request
                                                   it, see llmp_batch_t */
    unsigned                 usage:1;           /* streams report usage if
                                                   LLMP_STREAM_USAGE is set */
    unsigned                 chooses:1;         /* the body is in one of the
                                                   dialects of choices, each of
                                                   which has the same list */
    unsigned                 adaptive:1;        /* the effort decides if the
                                                   type of thinking is
                                                   "adaptive" */
    unsigned                 thinks_inside:1;   /* max_tokens includes tokens
                                                   of thinking */
    unsigned                 model_optional:1;  /* the model was in an earlier
                                                   request */

    uint64_t                 renamed;           /* parameters whose name depends
                                                   on the model, see
                                                   llmp_facts_t */
    uint64_t                 zeros;             /* parameters for which a server
                                                   takes 0 as "no limit", see
                                                   LLMP_PARAM_ZERO */

    /* paths, or NULL */

    const char              *scope;             /* from the root to a request */
    const char              *sibling;           /* scope in another spelling */
    const char              *model;             /* inside a request */
    const char              *outer_model;       /* for all of a batch */

    /* lists ended by a NULL path or model, or NULL */

    const llmp_slot_t       *slots;
    const llmp_default_t    *defaults;
    const llmp_spelling_t   *overrides;         /* members that set a parameter
                                                   for a part of the request,
                                                   and are never added */
    const llmp_bypass_t     *bypasses;
    const llmp_bypass_t     *root_bypasses;     /* next to the requests of a
                                                   batch */
    const llmp_conflict_t   *conflicts;
    const llmp_need_t       *needs;             /* these precede
                                                   llmp_needs[] */
    const llmp_choice_t     *choices;
    const llmp_batch_t      *batch;             /* form with a file */
    const llmp_report_t     *reports;           /* for responses, in addition to
                                                   llmp_reports[] */

    /* lists ended by a NULL object, or NULL */

    const llmp_documented_t *documented;        /* objects of a request */
    const llmp_documented_t *outer_documented;  /* objects of a body with
                                                   several requests */

    /* lists of paths ended by NULL, or NULL */

    const char *const       *not_parameters;    /* members that have only the
                                                   name of a parameter */
    const char *const       *messages;          /* arrays whose elements are the
                                                   messages of a request */
    const char *const       *exact;             /* objects of which the only
                                                   reader takes each name as it
                                                   is spelt */
};


extern const llmp_dialect_t *const llmp_dialects[];  /* ended by NULL */
extern const llmp_uint_t         llmp_ndialects;

/* lists ended by NULL, see llmp_dialect_t */

extern const llmp_spelling_t     llmp_spellings[];
extern const char *const         llmp_upper_case[];  /* spellings whose values
                                                        are in upper case */
extern const llmp_thinking_t     llmp_thinking[];    /* NULL object: end */
extern const char *const         llmp_containers[];
extern const llmp_bypass_t       llmp_bypasses[];
extern const llmp_bypass_t       llmp_tool_bypasses[];  /* at the top only */
extern const llmp_need_t         llmp_needs[];  /* unless the dialect has the
                                                   member */
extern const llmp_report_t       llmp_reports[];


/* returns a dialect by its name, or NULL */
const llmp_dialect_t *llmp_dialect_find(const llmp_str_t *name);

/* returns the index of a dialect in llmp_dialects[] */
llmp_uint_t llmp_dialect_index(const llmp_dialect_t *dialect);

/* returns the slot of a parameter, or NULL if the dialect does not have it */
const llmp_slot_t *llmp_dialect_slot(const llmp_dialect_t *dialect,
    llmp_param_e param);

/* returns the value that the upstream of a slot uses for a model if the
   parameter is absent, as in llmp_slot_t */
const char *llmp_dialect_default(const llmp_dialect_t *dialect,
    const llmp_slot_t *slot, const llmp_str_t *model);

/*
 * Converts camelCase to snake_case, or back; returns the length; dst has twice
 * the size of the name.
 */
size_t llmp_dialect_respell(u_char *dst, const llmp_str_t *name);

/*
 * Returns whether two names mean the same member: they are equal, or differ
 * only in case and underscores if the API has two spellings of each name.
 */
llmp_uint_t llmp_dialect_same_name(const llmp_dialect_t *dialect,
    const llmp_str_t *one, const llmp_str_t *two);


#endif /* LLMP_DIALECT_H_INCLUDED_ */
