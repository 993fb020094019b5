
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
#include "watch/llmp_watch.h"


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

#define LLMP_UNDO_STRINGS   0x01  /* only when it is not an object */
#define LLMP_UNDO_DEFAULT   0x02  /* only hides what the upstream's default is:
                                     bounds are then always written */
#define LLMP_UNDO_MODELS    0x04  /* rules about models too */

typedef struct {
    const char              *path;
    uint64_t                 params;
    llmp_uint_t              flags;
} llmp_underminer_t;


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
} llmp_clash_t;


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
 * llmp_underminers[] hold in every dialect, at the top and inside each of
 * llmp_containers[].
 */

struct llmp_dialect_s {
    llmp_str_t               name;
    llmp_shape_e             shape;
    unsigned                 form:1;       /* multipart/form-data, no JSON */
    unsigned                 generates:1;  /* members may be added */
    unsigned                 inside:1;     /* but containers may not */
    unsigned                 one_name:1;   /* a parameter must not stand under
                                              two of its own names */
    unsigned                 in_line:1;    /* may be asked for by a line of a
                                              file, see llmp_batch_t */
    unsigned                 usage:1;      /* a stream tells its usage if
                                              LLMP_STREAM_USAGE asks so */
    unsigned                 no_model:1;   /* it may name no model: the request
                                              it is about was seen before */
    const char              *scope;        /* the requests, NULL: the root */
    const char              *twin;         /* the same in another spelling, or
                                              NULL */
    const char              *model;        /* path of the model, NULL: none */
    const char              *outer_model;  /* that of all requests of a batch,
                                              from the root, or NULL */
    const llmp_slot_t       *slots;        /* ended by paths[0] == NULL */
    const llmp_variant_t    *variants;     /* ended by model == NULL, or NULL */
    const llmp_underminer_t *underminers;  /* ended by path == NULL, or NULL */
    const llmp_underminer_t *outside;      /* those from the root, the same */
    const llmp_clash_t      *clashes;      /* ended by path == NULL, or NULL */
    const llmp_batch_t      *batch;        /* NULL if it is no such form */
    const llmp_report_t     *reports;      /* of responses, beside those of
                                              llmp_reports[]; ended by path
                                              NULL, or NULL */

    /* these are paths, ended by NULL, or NULL */

    const char *const       *unlike;       /* members that are not what others
                                              of the name are */
    const char *const       *strict;       /* members that are never brought to
                                              a bound: beyond it, refused */
};


/*
 * A built-in route.  "{}" in its path stands for a segment, or for part of one,
 * that is not empty; so does "{model}", and it is the model; so does
 * "{model:text}", if the text is somewhere in it.  If prefixed, the path
 * follows any of llmp_route_prefixes[].
 */

typedef struct {
    const char              *path;
    const llmp_dialect_t    *dialect;
    llmp_uint_t              prefixed;
} llmp_builtin_route_t;


extern const llmp_dialect_t *const llmp_dialects[];  /* ended by NULL */
extern const llmp_uint_t           llmp_ndialects;

/* these are ended by NULL; see llmp_dialect_t */

extern const llmp_spelling_t       llmp_spellings[];
extern const char *const           llmp_containers[];
extern const llmp_underminer_t     llmp_underminers[];
extern const llmp_underminer_t     llmp_tool_underminers[];  /* at the top */
extern const llmp_report_t         llmp_reports[];

extern const llmp_builtin_route_t  llmp_routes[];    /* ended by path NULL */
extern const char *const           llmp_route_prefixes[];


/* returns a dialect by its name, or NULL */
const llmp_dialect_t *llmp_dialect_find(const llmp_str_t *name);

/* the index of a dialect in llmp_dialects[] */
llmp_uint_t llmp_dialect_index(const llmp_dialect_t *dialect);

/* the slot of a parameter, or NULL if the dialect does not have it */
const llmp_slot_t *llmp_dialect_slot(const llmp_dialect_t *dialect,
    llmp_param_e param);

/*
 * Finds the built-in route of a normalised path, without a query.  Returns its
 * dialect, *model set to what "{model}" stands for or to an empty string; or
 * NULL.
 */
const llmp_dialect_t *llmp_dialect_route(const llmp_str_t *path,
    llmp_str_t *model);

/*
 * The same with a table of paths, which is made once; NULL if there is no
 * memory.
 */

typedef struct {
    llmp_str_t               path;
    const llmp_dialect_t    *dialect;      /* NULL: the place is free */
} llmp_path_t;

typedef struct {
    llmp_path_t             *elts;
    llmp_uint_t              mask;
} llmp_paths_t;

llmp_paths_t *llmp_dialect_paths(llmp_pool_t *pool);
const llmp_dialect_t *llmp_dialect_path(const llmp_paths_t *paths,
    const llmp_str_t *path, llmp_str_t *model);

/*
 * Whether a path, in lower case, is that of a built-in route but for case, or
 * ends like one where something is generated: some servers go by that, and
 * so may a location that passes a part of the path.
 */
llmp_uint_t llmp_dialect_route_like(const llmp_str_t *path);


/* a policy's JSON Pointer, as steps of a watched path */

typedef struct {
    llmp_str_t               text;     /* as in the document, "/meta/a~1b" */
    llmp_step_t             *steps;
    llmp_uint_t              nsteps;
} llmp_pointer_t;

/*
 * Makes the tree of what is to be watched in requests of a dialect, with the
 * policy's pointers.  shared is what llmp_dialect_shared() returned: the tree
 * of what is watched in every dialect, which is made once.  line() does so for
 * requests that are in lines of a file, see llmp_batch_t.  All return NULL if
 * there is no memory.
 */
llmp_watch_t *llmp_dialect_shared(llmp_pool_t *pool);
llmp_watch_t *llmp_dialect_watch(llmp_pool_t *pool,
    const llmp_dialect_t *dialect, llmp_watch_t *shared,
    const llmp_pointer_t *pointers, llmp_uint_t npointers);
llmp_watch_t *llmp_dialect_line(llmp_pool_t *pool,
    const llmp_dialect_t *dialect, llmp_watch_t *shared,
    const llmp_pointer_t *pointers, llmp_uint_t npointers);

/*
 * Makes the tree of what is to be watched in responses; dialects that have the
 * same reports may share it.  Returns NULL if there is no memory.
 */
llmp_watch_t *llmp_dialect_responses(llmp_pool_t *pool,
    const llmp_dialect_t *dialect);

/* where the requests are in a tree that llmp_dialect_watch() has made */
llmp_watch_t *llmp_dialect_requests(llmp_watch_t *root,
    const llmp_dialect_t *dialect);


#endif /* LLMP_DIALECT_H_INCLUDED_ */
