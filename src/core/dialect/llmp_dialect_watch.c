
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect_tables.h"
#include "dialect/llmp_dialect_watch.h"
#include "watch/llmp_watch_build.h"


/* properties of the node at the end of a path of the tables */

typedef struct {
    uint64_t                params;
    uint64_t                bypasses;
    uint64_t                hides_defaults;
    uint64_t                conflicts;
    uint64_t                freezes;
    const char             *freezes_at;
    const char *const      *conflict_values;
    const char *const      *neutral;
    const llmp_thinking_t  *thinking;
    llmp_watch_t           *shared;
    llmp_watch_t           *documented;
    llmp_uint_t             rank;
    unsigned                native:1;
    unsigned                model:1;
    unsigned                scope:1;
    unsigned                unless_object:1;
    unsigned                empty:1;
    unsigned                bypasses_models:1;
    unsigned                thinking_type:1;
    unsigned                upper_case:1;
    unsigned                apart:1;
    unsigned                messages:1;
    unsigned                exact:1;
    unsigned                role:3;
} llmp_dialect_watch_mark_t;


typedef struct {
    llmp_pool_t           *pool;
    llmp_watch_t          *root;
    const char            *wrap;   /* path of the request in a line of a file,
                                      or NULL */
    const char            *scope;  /* scope of the dialect, or its sibling */
    llmp_dialect_trees_t  *trees;  /* NULL for the shared tree */
    llmp_step_t            steps[LLMP_WATCH_STEPS_MAX];
} llmp_dialect_builder_t;


static llmp_int_t llmp_dialect_watch_begin(llmp_dialect_builder_t *b,
    llmp_pool_t *pool, const char *wrap, const char *scope);
static llmp_watch_t *llmp_dialect_watch_end(llmp_dialect_builder_t *b);
static llmp_int_t llmp_dialect_watch_close_objects(llmp_dialect_builder_t *b);
static llmp_int_t llmp_dialect_watch_add_all(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_messages(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_paths(llmp_dialect_builder_t *b,
    const char *const *paths, llmp_dialect_watch_mark_t *mark);
static llmp_int_t llmp_dialect_watch_add_pointers(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static const char *llmp_dialect_watch_base(const llmp_dialect_t *dialect,
    const char *scope);
static llmp_int_t llmp_dialect_watch_add_pointer(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, const llmp_step_t *rest, llmp_uint_t nrest,
    llmp_uint_t n, uint32_t number);
static void llmp_dialect_watch_mark_param(llmp_dialect_watch_mark_t *mark,
    llmp_param_e param);
static llmp_int_t llmp_dialect_watch_add_slots(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_overrides(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_bypasses(llmp_dialect_builder_t *b,
    const llmp_bypass_t *bypass, const char *container);
static llmp_int_t llmp_dialect_watch_add_conflicts(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_exceptions(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_documented(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_int_t llmp_dialect_watch_add_names(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, const char *prefix,
    const llmp_documented_t *objects);
static llmp_int_t llmp_dialect_watch_add_needs(llmp_dialect_builder_t *b,
    const llmp_need_t *need, llmp_uint_t own);
static llmp_int_t llmp_dialect_watch_add_dependents(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect);
static llmp_uint_t llmp_dialect_watch_may_cut(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, const char *path);
static llmp_int_t llmp_dialect_watch_add_containers(llmp_dialect_builder_t *b);
static llmp_int_t llmp_dialect_watch_add_inside(llmp_dialect_builder_t *b,
    const char *prefix, llmp_dialect_watch_mark_t *mark, llmp_watch_t *nothing);
static llmp_uint_t llmp_dialect_watch_is_list(const char *container);
static llmp_int_t llmp_dialect_watch_add_role(llmp_dialect_builder_t *b,
    const char *path, llmp_uint_t role);
static llmp_int_t llmp_dialect_watch_add_choices(llmp_dialect_builder_t *b,
    const llmp_choice_t *choice);
static llmp_int_t llmp_dialect_watch_add_reports(llmp_pool_t *pool,
    llmp_watch_t *root, const llmp_report_t *reports);
static llmp_int_t llmp_dialect_watch_add(llmp_dialect_builder_t *b,
    const char *prefix, const char *path, llmp_dialect_watch_mark_t *mark);
static llmp_uint_t llmp_dialect_watch_steps(llmp_step_t *steps, llmp_uint_t n,
    const char *path);
static void llmp_dialect_watch_mark(llmp_watch_t *node, void *data);
static void llmp_dialect_watch_mark_pointer(llmp_watch_t *node, void *data);
static void llmp_dialect_watch_mark_report(llmp_watch_t *node, void *data);


llmp_watch_t *
llmp_dialect_watch_requests(llmp_dialect_trees_t *trees,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_builder_t  b;

    if (llmp_dialect_watch_begin(&b, trees->pool, NULL, dialect->scope)
        != LLMP_OK)
    {
        return NULL;
    }

    b.trees = trees;

    if (llmp_dialect_watch_add_all(&b, dialect) != LLMP_OK) {
        return NULL;
    }

    b.scope = dialect->sibling;

    if (b.scope != NULL && llmp_dialect_watch_add_all(&b, dialect) != LLMP_OK) {
        return NULL;
    }

    if (dialect->batch != NULL
        && llmp_dialect_watch_add_role(&b, dialect->batch->purpose,
                                       LLMP_ROLE_PURPOSE)
           != LLMP_OK)
    {
        return NULL;
    }

    if (llmp_dialect_watch_add_choices(&b, dialect->choices) != LLMP_OK) {
        return NULL;
    }

    if (dialect->usage
        && (llmp_dialect_watch_add_role(&b, LLMP_STREAM_OPTIONS,
                                        LLMP_ROLE_OPTIONS)
            != LLMP_OK
            || llmp_dialect_watch_add_role(&b, LLMP_STREAM_OPTIONS "."
                                            LLMP_STREAM_USAGE,
                                           LLMP_ROLE_USAGE)
               != LLMP_OK))
    {
        return NULL;
    }

    return llmp_dialect_watch_end(&b);
}


llmp_watch_t *
llmp_dialect_watch_line(llmp_dialect_trees_t *trees,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_builder_t  b;

    if (llmp_dialect_watch_begin(&b, trees->pool, LLMP_LINE_BODY,
                                 dialect->scope)
        != LLMP_OK)
    {
        return NULL;
    }

    b.trees = trees;

    if (llmp_dialect_watch_add_all(&b, dialect) != LLMP_OK
        || llmp_dialect_watch_add_role(&b, LLMP_LINE_URL, LLMP_ROLE_URL)
           != LLMP_OK
        || llmp_dialect_watch_add_role(&b, LLMP_LINE_METHOD, LLMP_ROLE_METHOD)
           != LLMP_OK)
    {
        return NULL;
    }

    return llmp_dialect_watch_end(&b);
}


llmp_watch_t *
llmp_dialect_watch_shared(llmp_pool_t *pool)
{
    llmp_dialect_watch_mark_t   mark;
    const char *const          *path;
    const llmp_spelling_t      *spelling;
    const llmp_thinking_t      *thinking;
    llmp_dialect_builder_t      b;

    if (llmp_dialect_watch_begin(&b, pool, NULL, NULL) != LLMP_OK) {
        return NULL;
    }

    for (spelling = llmp_spellings; spelling->path != NULL; spelling++) {
        llmp_dialect_watch_mark_param(&mark, spelling->param);

        if (llmp_dialect_watch_add(&b, NULL, spelling->path,
                                   &mark) != LLMP_OK)
        {
            return NULL;
        }
    }

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.upper_case = 1;

    for (path = llmp_upper_case; *path != NULL; path++) {
        if (llmp_dialect_watch_add(&b, NULL, *path, &mark) != LLMP_OK) {
            return NULL;
        }
    }

    for (thinking = llmp_thinking; thinking->object != NULL; thinking++) {
        memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
        mark.thinking = thinking;

        if (llmp_dialect_watch_add(&b, NULL, thinking->object,
                                   &mark) != LLMP_OK)
        {
            return NULL;
        }
    }

    if (llmp_dialect_watch_add_bypasses(&b, llmp_bypasses, NULL) != LLMP_OK
        || llmp_dialect_watch_close_objects(&b) != LLMP_OK)
    {
        return NULL;
    }

    return llmp_dialect_watch_end(&b);
}


/* sets that no API documents a member inside the objects with parameters of the
   shared tree, unless its own table has the object */

static llmp_int_t
llmp_dialect_watch_close_objects(llmp_dialect_builder_t *b)
{
    const char *const          *object;
    llmp_dialect_watch_mark_t   mark;

    static const char *const  objects[] = {
        "output_config", "reasoning", "thinking", "thinkingConfig",
        "thinking_config", NULL
    };

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

    mark.documented = llmp_watch_build_root(b->pool);
    if (mark.documented == NULL) {
        return LLMP_ERROR;
    }

    for (object = objects; *object != NULL; object++) {
        if (llmp_dialect_watch_add(b, NULL, *object, &mark) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


llmp_watch_t *
llmp_dialect_watch_responses(llmp_pool_t *pool, const llmp_dialect_t *dialect)
{
    llmp_watch_t  *root;

    root = llmp_watch_build_root(pool);

    if (root == NULL
        || llmp_dialect_watch_add_reports(pool, root, llmp_reports) != LLMP_OK
        || llmp_dialect_watch_add_reports(pool, root,
                                          dialect->reports) != LLMP_OK
        || llmp_watch_build_finish(pool, root) != LLMP_OK
        || llmp_watch_build_spellings(pool, root) != LLMP_OK)
    {
        return NULL;
    }

    return root;
}


llmp_watch_t *
llmp_dialect_watch_find(const llmp_watch_t *node, const char *path)
{
    llmp_uint_t  n;
    llmp_step_t  steps[LLMP_WATCH_STEPS_MAX];

    n = llmp_dialect_watch_steps(steps, 0, path);

    return llmp_watch_find_path((llmp_watch_t *) node, steps, n);
}


llmp_watch_t *
llmp_dialect_watch_find_requests(llmp_watch_t *root,
    const llmp_dialect_t *dialect)
{
    return llmp_dialect_watch_find(root,
                                   llmp_dialect_watch_base(dialect,
                                                           dialect->scope));
}


static llmp_int_t
llmp_dialect_watch_begin(llmp_dialect_builder_t *b, llmp_pool_t *pool,
    const char *wrap, const char *scope)
{
    b->pool = pool;
    b->wrap = wrap;
    b->scope = scope;
    b->trees = NULL;
    b->root = llmp_watch_build_root(pool);

    return (b->root != NULL) ? LLMP_OK : LLMP_ERROR;
}


static llmp_watch_t *
llmp_dialect_watch_end(llmp_dialect_builder_t *b)
{
    return (llmp_watch_build_finish(b->pool,
                                    b->root) == LLMP_OK) ? b->root : NULL;
}


static llmp_int_t
llmp_dialect_watch_add_all(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_watch_mark_t  mark;

    /* numbered elements must be added before "any element" */

    if (llmp_dialect_watch_add_pointers(b, dialect) != LLMP_OK
        || llmp_dialect_watch_add_slots(b, dialect) != LLMP_OK
        || llmp_dialect_watch_add_overrides(b, dialect) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.scope = 1;

    if (llmp_dialect_watch_add(b, NULL, b->scope, &mark) != LLMP_OK) {
        return LLMP_ERROR;
    }

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.model = 1;

    if (dialect->model != NULL
        && llmp_dialect_watch_add(b, b->scope, dialect->model, &mark)
           != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (dialect->outer_model != NULL
        && llmp_dialect_watch_add(b, NULL, dialect->outer_model,
                                  &mark) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (llmp_dialect_watch_add_bypasses(b, dialect->bypasses, b->scope)
        != LLMP_OK
        || llmp_dialect_watch_add_bypasses(b, dialect->root_bypasses,
                                           NULL) != LLMP_OK
        || llmp_dialect_watch_add_bypasses(b, llmp_tool_bypasses, b->scope)
           != LLMP_OK
        || llmp_dialect_watch_add_conflicts(b, dialect) != LLMP_OK
        || llmp_dialect_watch_add_exceptions(b, dialect) != LLMP_OK
        || llmp_dialect_watch_add_dependents(b, dialect) != LLMP_OK
        || llmp_dialect_watch_add_needs(b, llmp_needs, 0) != LLMP_OK
        || llmp_dialect_watch_add_needs(b, dialect->needs, 1) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if ((b->trees->needs & LLMP_DIALECT_WATCH_NAMES)
        && llmp_dialect_watch_add_documented(b, dialect) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if ((b->trees->needs & LLMP_DIALECT_WATCH_MESSAGES)
        && llmp_dialect_watch_add_messages(b, dialect) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    return llmp_dialect_watch_add_containers(b);
}


static llmp_int_t
llmp_dialect_watch_add_messages(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_watch_mark_t  mark;

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.messages = 1;

    return llmp_dialect_watch_add_paths(b, dialect->messages, &mark);
}


/* adds each path of a list, which may be NULL */

static llmp_int_t
llmp_dialect_watch_add_paths(llmp_dialect_builder_t *b,
    const char *const *paths, llmp_dialect_watch_mark_t *mark)
{
    for ( /* void */ ; paths != NULL && *paths != NULL; paths++) {
        if (llmp_dialect_watch_add(b, b->scope, *paths, mark) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_pointers(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    uint32_t               number;
    llmp_uint_t            i, n;
    const llmp_pointer_t  *pointer;

    for (i = 0; i < b->trees->npointers; i++) {
        pointer = &b->trees->pointers[i];
        number = (uint32_t) i + 1;

        n = llmp_dialect_watch_steps(b->steps, 0, b->wrap);
        n = llmp_dialect_watch_steps(b->steps, n,
                                     llmp_dialect_watch_base(dialect,
                                                             b->scope));

        if (llmp_dialect_watch_add_pointer(b, dialect, pointer->steps,
                                           pointer->nsteps, n, number)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* returns the path at which pointers start: NULL (the root) for a form with a
   file, else the scope of the requests */

static const char *
llmp_dialect_watch_base(const llmp_dialect_t *dialect, const char *scope)
{
    return (dialect->batch != NULL) ? NULL : scope;
}


/*
 * Adds the rest of a pointer after the n steps in b->steps, in both spellings
 * of each name if the API has two.
 */

static llmp_int_t
llmp_dialect_watch_add_pointer(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, const llmp_step_t *rest, llmp_uint_t nrest,
    llmp_uint_t n, uint32_t number)
{
    llmp_str_t  other;

    if (nrest == 0) {
        return llmp_watch_build_add(b->pool, b->root, b->steps, n,
                                    llmp_dialect_watch_mark_pointer, &number);
    }

    b->steps[n] = *rest;

    if (llmp_dialect_watch_add_pointer(b, dialect, rest + 1, nrest - 1, n + 1,
                                       number)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (!dialect->reject_aliases) {
        return LLMP_OK;
    }

    other.data = llmp_palloc(b->pool, 2 * LLMP_WATCH_NAME_MAX);
    if (other.data == NULL) {
        return LLMP_ERROR;
    }

    other.len = llmp_dialect_respell(other.data, &rest->name);

    if (other.len > LLMP_WATCH_NAME_MAX || llmp_str_eq(&other, &rest->name)) {
        return LLMP_OK;
    }

    b->steps[n].name = other;

    return llmp_dialect_watch_add_pointer(b, dialect, rest + 1, nrest - 1,
                                          n + 1, number);
}


/* a budget of thinking stands for an effort: it bypasses a rule about that,
   unless it has one of its own */

static void
llmp_dialect_watch_mark_param(llmp_dialect_watch_mark_t *mark,
    llmp_param_e param)
{
    static const char *const  off[] = { "0", NULL };

    memset(mark, 0, sizeof(llmp_dialect_watch_mark_t));

    mark->params = llmp_mask(param);

    if (param == LLMP_THINKING_BUDGET) {
        mark->bypasses = llmp_mask(LLMP_REASONING_EFFORT);
        mark->neutral = off;
    }
}


static llmp_int_t
llmp_dialect_watch_add_slots(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_uint_t                 i;
    const llmp_slot_t          *slot;
    llmp_dialect_watch_mark_t   mark;

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {

        for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {
            llmp_dialect_watch_mark_param(&mark, slot->param);
            mark.native = 1;
            mark.rank = i;

            if (llmp_dialect_watch_add(b, b->scope, slot->paths[i], &mark)
                != LLMP_OK)
            {
                return LLMP_ERROR;
            }
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_overrides(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    const llmp_spelling_t      *override;
    llmp_dialect_watch_mark_t   mark;

    for (override = dialect->overrides;
         override != NULL && override->path != NULL;
         override++)
    {
        memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
        mark.params = llmp_mask(override->param);

        if (llmp_dialect_watch_add(b, b->scope, override->path,
                                   &mark) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_bypasses(llmp_dialect_builder_t *b,
    const llmp_bypass_t *bypass, const char *container)
{
    llmp_dialect_watch_mark_t  mark;

    for ( /* void */ ; bypass != NULL && bypass->path != NULL; bypass++) {
        memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

        if (bypass->flags & LLMP_BYPASS_DEFAULT) {
            mark.hides_defaults = bypass->params;

        } else {
            mark.bypasses = bypass->params;
        }

        mark.neutral = bypass->neutral;
        mark.unless_object = (bypass->flags & LLMP_BYPASS_UNLESS_OBJECT) != 0;
        mark.empty = (bypass->flags & LLMP_BYPASS_EMPTY) != 0;
        mark.bypasses_models = (bypass->flags & LLMP_BYPASS_MODELS) != 0;
        mark.thinking_type = (bypass->flags & LLMP_BYPASS_THINKING) != 0;

        if (llmp_dialect_watch_add(b, container, bypass->path,
                                   &mark) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_conflicts(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_watch_mark_t   mark;
    const llmp_conflict_t      *conflict;

    for (conflict = dialect->conflicts;
         conflict != NULL && conflict->path != NULL;
         conflict++)
    {
        memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

        mark.conflicts = conflict->params;
        mark.conflict_values = conflict->values;

        if (conflict->fixed != NULL) {
            mark.freezes = conflict->params;
            mark.freezes_at = conflict->fixed;
        }

        if (llmp_dialect_watch_add(b, b->scope, conflict->path,
                                   &mark) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_exceptions(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_watch_mark_t  mark;

    /* a native member is no parameter of another API */

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.native = 1;
    mark.apart = 1;

    if (llmp_dialect_watch_add_paths(b, dialect->not_parameters, &mark)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.exact = 1;

    return llmp_dialect_watch_add_paths(b, dialect->exact, &mark);
}


/* adds the names that the API documents in its objects, and those of the object
   around the request in a line of a file */

static llmp_int_t
llmp_dialect_watch_add_documented(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_dialect_watch_mark_t  mark;

    static const char *const  line[] = {
        LLMP_LINE_BODY, LLMP_LINE_URL, LLMP_LINE_METHOD, "custom_id", NULL
    };

    if (llmp_dialect_watch_add_names(b, dialect, NULL,
                                     dialect->outer_documented) != LLMP_OK
        || llmp_dialect_watch_add_names(b, dialect, b->scope,
                                        dialect->documented) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (b->wrap == NULL) {
        return LLMP_OK;
    }

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

    mark.documented = llmp_dialect_watch_documented(&b->trees->names, b->pool,
                                                    dialect, line);
    if (mark.documented == NULL) {
        return LLMP_ERROR;
    }

    llmp_dialect_watch_mark(b->root, &mark);

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_names(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, const char *prefix,
    const llmp_documented_t *objects)
{
    llmp_dialect_watch_mark_t  mark;

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

    for ( /* void */ ; objects != NULL && objects->object != NULL; objects++) {

        mark.documented = llmp_dialect_watch_documented(&b->trees->names,
                                                        b->pool, dialect,
                                                        objects->names);
        if (mark.documented == NULL
            || llmp_dialect_watch_add(b, prefix, objects->object,
                                      &mark) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/*
 * Marks the members that need another one, if a slot or pointer may write them,
 * and watches the other ones.  Those that are not the API's own need nothing if
 * it has a slot for them.
 */

static llmp_int_t
llmp_dialect_watch_add_needs(llmp_dialect_builder_t *b,
    const llmp_need_t *need, llmp_uint_t own)
{
    llmp_uint_t                 i, n;
    llmp_watch_t               *node;
    llmp_dialect_watch_mark_t   mark;

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

    for ( /* void */ ; need != NULL && need->path != NULL; need++) {
        n = llmp_dialect_watch_steps(b->steps, 0, b->wrap);
        n = llmp_dialect_watch_steps(b->steps, n, b->scope);
        n = llmp_dialect_watch_steps(b->steps, n, need->path);

        node = llmp_watch_find_path(b->root, b->steps, n);

        if (node == NULL || (!own && node->rules.native)) {
            continue;
        }

        node->rules.need = need;

        for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {
            if (llmp_dialect_watch_add(b, b->scope, need->others[i], &mark)
                != LLMP_OK)
            {
                return LLMP_ERROR;
            }
        }
    }

    return LLMP_OK;
}


/*
 * Watches the members that need another one which the policy may take out of a
 * request: a rule removes or forces it, or a pointer leads to it, into it, or
 * around it.
 */

static llmp_int_t
llmp_dialect_watch_add_dependents(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect)
{
    llmp_uint_t                 i;
    const llmp_need_t          *need;
    llmp_dialect_watch_mark_t   mark;

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));

    for (need = dialect->needs; need != NULL && need->path != NULL; need++) {

        for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {

            if (!llmp_dialect_watch_may_cut(b, dialect, need->others[i])) {
                continue;
            }

            if (llmp_dialect_watch_add(b, b->scope, need->path, &mark)
                != LLMP_OK)
            {
                return LLMP_ERROR;
            }

            break;
        }
    }

    return LLMP_OK;
}


/* returns whether the policy may take the member of a path out of a request */

static llmp_uint_t
llmp_dialect_watch_may_cut(llmp_dialect_builder_t *b,
    const llmp_dialect_t *dialect, const char *path)
{
    size_t                 len;
    llmp_uint_t            i;
    const llmp_slot_t     *slot;
    const llmp_pointer_t  *pointer;

    for (slot = dialect->slots; slot->param != LLMP_PARAM_MAX; slot++) {

        for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {

            if ((b->trees->cuts & llmp_mask(slot->param))
                && strcmp(slot->paths[i], path) == 0)
            {
                return 1;
            }
        }
    }

    len = strcspn(path, ".[");

    for (i = 0; i < b->trees->npointers; i++) {
        pointer = &b->trees->pointers[i];

        if (pointer->nsteps != 0 && pointer->steps[0].name.len == len
            && memcmp(pointer->steps[0].name.data, path, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* watches the shared members at the top, in each request, and in containers, of
   which the API documents no member unless it is in a table */

static llmp_int_t
llmp_dialect_watch_add_containers(llmp_dialect_builder_t *b)
{
    llmp_watch_t               *nothing;
    llmp_dialect_watch_mark_t   mark;

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.shared = b->trees->shared;

    llmp_dialect_watch_mark(b->root, &mark);

    nothing = NULL;

    if (b->trees->needs & LLMP_DIALECT_WATCH_NAMES) {
        nothing = llmp_watch_build_root(b->pool);
        if (nothing == NULL) {
            return LLMP_ERROR;
        }
    }

    if (llmp_dialect_watch_add_inside(b, NULL, &mark, nothing) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return (b->scope != NULL)
           ? llmp_dialect_watch_add_inside(b, b->scope, &mark, nothing)
           : LLMP_OK;
}


/* watches the shared members in an object, and in the containers inside it */

static llmp_int_t
llmp_dialect_watch_add_inside(llmp_dialect_builder_t *b, const char *prefix,
    llmp_dialect_watch_mark_t *mark, llmp_watch_t *nothing)
{
    const char *const  *container;

    mark->documented = NULL;

    if (llmp_dialect_watch_add(b, prefix, NULL, mark) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (container = llmp_containers; *container != NULL; container++) {
        mark->documented = llmp_dialect_watch_is_list(*container) ? NULL
                                                                  : nothing;

        if (llmp_dialect_watch_add(b, prefix, *container, mark) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* returns whether a container is in a list of tools or plugins: their members
   are schemas, and settings of any kind */

static llmp_uint_t
llmp_dialect_watch_is_list(const char *container)
{
    return strncmp(container, "tools", 5) == 0
           || strncmp(container, "plugins", 7) == 0;
}


/* adds a member next to the requests, outside of b->wrap */

static llmp_int_t
llmp_dialect_watch_add_role(llmp_dialect_builder_t *b, const char *path,
    llmp_uint_t role)
{
    llmp_uint_t                n;
    llmp_dialect_watch_mark_t  mark;

    memset(&mark, 0, sizeof(llmp_dialect_watch_mark_t));
    mark.role = role;

    n = llmp_dialect_watch_steps(b->steps, 0, path);

    return llmp_watch_build_add(b->pool, b->root, b->steps, n,
                                llmp_dialect_watch_mark, &mark);
}


static llmp_int_t
llmp_dialect_watch_add_choices(llmp_dialect_builder_t *b,
    const llmp_choice_t *choice)
{
    for ( /* void */ ; choice != NULL && choice->name != NULL; choice++) {
        if (llmp_dialect_watch_add_role(b, choice->name, LLMP_ROLE_CHOICE)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add_reports(llmp_pool_t *pool, llmp_watch_t *root,
    const llmp_report_t *reports)
{
    llmp_uint_t           n;
    llmp_step_t           steps[LLMP_WATCH_STEPS_MAX];
    const llmp_report_t  *report;

    for (report = reports; report && report->path; report++) {
        n = llmp_dialect_watch_steps(steps, 0, report->path);

        if (llmp_watch_build_add(pool, root, steps, n,
                                 llmp_dialect_watch_mark_report,
                                 (void *) report)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_dialect_watch_add(llmp_dialect_builder_t *b, const char *prefix,
    const char *path, llmp_dialect_watch_mark_t *mark)
{
    llmp_uint_t  n;

    n = llmp_dialect_watch_steps(b->steps, 0, b->wrap);
    n = llmp_dialect_watch_steps(b->steps, n, prefix);
    n = llmp_dialect_watch_steps(b->steps, n, path);

    return llmp_watch_build_add(b->pool, b->root, b->steps, n,
                                llmp_dialect_watch_mark, mark);
}


/* appends the steps of a path to n others, and returns the number of all;
   "requests[].params" -> "requests", any element, "params" */

static llmp_uint_t
llmp_dialect_watch_steps(llmp_step_t *steps, llmp_uint_t n, const char *path)
{
    size_t  len;

    while (path != NULL && *path != '\0') {

        if (*path == '.') {
            path++;
        }

        if (*path == '[') {
            len = 2;
            steps[n].name.data = NULL;
            steps[n].name.len = 0;
            steps[n].is_element = 1;

        } else {
            len = strcspn(path, ".[");
            steps[n].name.data = (u_char *) path;
            steps[n].name.len = len;
            steps[n].is_element = 0;
        }

        path += len;
        n++;
    }

    return n;
}


static void
llmp_dialect_watch_mark(llmp_watch_t *node, void *data)
{
    llmp_dialect_watch_mark_t  *mark = data;

    if (mark->native) {
        node->rules.native = 1;
        node->rules.rank = (uint8_t) mark->rank;
    }

    node->rules.params |= mark->params;

    if (mark->bypasses != 0 || mark->bypasses_models) {
        llmp_watch_build_set_neutral(node, mark->neutral);
    }

    node->rules.bypasses |= mark->bypasses;
    node->rules.hides_defaults |= mark->hides_defaults;
    node->rules.conflicts |= mark->conflicts;
    node->rules.freezes |= mark->freezes;

    if (mark->conflict_values != NULL) {
        node->rules.conflict_values = mark->conflict_values;
    }

    if (mark->freezes_at != NULL) {
        node->rules.freezes_at = mark->freezes_at;
    }

    if (mark->thinking != NULL) {
        node->rules.thinking = mark->thinking;
    }

    if (mark->shared != NULL) {
        node->shared = mark->shared;
    }

    if (mark->documented != NULL && node->documented == NULL) {
        node->documented = mark->documented;
    }

    node->rules.model |= mark->model;
    node->rules.scope |= mark->scope;
    node->rules.unless_object |= mark->unless_object;
    node->rules.empty |= mark->empty;
    node->rules.bypasses_models |= mark->bypasses_models;
    node->rules.thinking_type |= mark->thinking_type;
    node->rules.upper_case |= mark->upper_case;
    node->rules.apart |= mark->apart;
    node->rules.messages |= mark->messages;
    node->rules.exact |= mark->exact;
    node->rules.role |= mark->role;
}


static void
llmp_dialect_watch_mark_pointer(llmp_watch_t *node, void *data)
{
    llmp_watch_t  *outer;

    node->rules.pointer = *(uint32_t *) data;

    for (outer = node->parent; outer != NULL; outer = outer->parent) {
        outer->rules.inner = 1;
    }
}


static void
llmp_dialect_watch_mark_report(llmp_watch_t *node, void *data)
{
    const llmp_report_t  *report = data;

    node->rules.usage = (uint8_t) report->usage;
    node->rules.source = (uint8_t) report->source;
}
