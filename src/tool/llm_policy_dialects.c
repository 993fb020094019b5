
/*
 * Copyright (C) llm-policy authors
 *
 * What the tables of the dialects say, as Markdown.
 */


#include <stdio.h>
#include <string.h>

#include "dialect/llmp_dialect_routes.h"
#include "llm_policy.h"


static void llm_policy_print_table(void);
static void llm_policy_print_params(const llmp_dialect_t *dialect);
static void llm_policy_print_refused(const llmp_dialect_t *dialect);
static void llm_policy_print_routes(const llmp_dialect_t *dialect);
static llmp_uint_t llm_policy_print_paths(const llmp_dialect_t *dialect,
    const char *separator);
static void llm_policy_print_slots(const llmp_dialect_t *dialect);
static void llm_policy_print_range(const llmp_slot_t *slot);
static void llm_policy_print_notes(const llmp_dialect_t *dialect);
static void llm_policy_print_clashes(const llmp_clash_t *clash);
static void llm_policy_print_batch(const llmp_batch_t *batch);
static void llm_policy_print_shared(void);
static void llm_policy_print_underminers(const llmp_underminer_t *under,
    llmp_uint_t flag, const char *title);


int
llm_policy_dialects(int argc, char **argv)
{
    llmp_uint_t            i;
    const char *const     *prefix;
    const llmp_dialect_t  *dialect;

    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        llm_policy_print_table();
        return LLM_POLICY_OK;
    }

    if (argc != 1) {
        return llm_policy_usage();
    }

    printf("# Dialects\n\n"
           "This page is what `llm-policy dialects` prints.\n\n"
           "For each dialect: its built-in routes; where it keeps each "
           "parameter (the first name is the one that is written, all are "
           "held); the range that the policy writes within; what the "
           "upstream takes if the parameter is absent (\"-\": unknown, a "
           "bound is then always written; \"none\": an absent one is no "
           "value).\n\nPREFIX in a route is nothing, or one of");

    for (prefix = llmp_route_prefixes; **prefix != '\0'; prefix++) {
        printf(" `%s`", *prefix);
    }

    printf("; `{model}` is the model, `{model:text}` one with that text in "
           "it, `{}` any name.\n");

    for (i = 0; i < llmp_ndialects; i++) {
        dialect = llmp_dialects[i];

        printf("\n\n## %s\n\n", (char *) dialect->name.data);

        llm_policy_print_routes(dialect);
        llm_policy_print_slots(dialect);
        llm_policy_print_notes(dialect);
    }

    llm_policy_print_shared();

    return LLM_POLICY_OK;
}


/* a row for each dialect: what README.md has */

static void
llm_policy_print_table(void)
{
    llmp_uint_t            i;
    const llmp_dialect_t  *dialect;

    printf("| dialect | routes | parameters: where if not under that name, "
           "range, what an absent one is | refused beside a bound |\n"
           "|---|---|---|---|\n");

    for (i = 0; i < llmp_ndialects; i++) {
        dialect = llmp_dialects[i];

        printf("| `%s` | ", (char *) dialect->name.data);

        if (llm_policy_print_paths(dialect, "<br>") == 0) {
            printf("those of the policy");
        }

        printf(" | ");
        llm_policy_print_params(dialect);

        printf(" | ");
        llm_policy_print_refused(dialect);

        printf(" |\n");
    }
}


static void
llm_policy_print_params(const llmp_dialect_t *dialect)
{
    const char         *name, *separator;
    const llmp_slot_t  *slot;

    separator = "";

    if (dialect->batch != NULL) {
        printf("a form; each line of `%s` if `%s` is `%s`",
               dialect->batch->file, dialect->batch->purpose,
               dialect->batch->batch);
        return;
    }

    if (dialect->form) {
        printf("a form");
        separator = ": ";
    }

    if (dialect->scope != NULL) {
        printf("each `%s`", dialect->scope);
        separator = ": ";
    }

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {
        name = (char *) llmp_params[slot->param].name.data;

        printf("%s`%s`", separator, name);
        separator = "; ";

        if (strcmp(slot->paths[0], name) != 0) {
            printf(" in `%s`", slot->paths[0]);
        }

        printf(", ");
        llm_policy_print_range(slot);

        if (slot->absent == NULL) {
            printf(", unknown");

        } else if (*slot->absent != '\0') {
            printf(", %s", slot->absent);
        }
    }

    if (!dialect->generates) {
        printf("%snothing is added", separator);
    }
}


static void
llm_policy_print_refused(const llmp_dialect_t *dialect)
{
    const char               *separator;
    llmp_uint_t               i;
    const llmp_underminer_t  *under, *lists[2];

    lists[0] = dialect->bypasses;
    lists[1] = dialect->root_bypasses;

    separator = "";

    for (i = 0; i < 2; i++) {
        for (under = lists[i]; under && under->path; under++) {

            if (!(under->flags & LLMP_BYPASS_DEFAULT)) {
                printf("%s`%s`", separator, under->path);
                separator = ", ";
            }
        }
    }

    if (dialect->reject_aliases) {
        printf("%sa parameter under two names", separator);
    }
}


static void
llm_policy_print_routes(const llmp_dialect_t *dialect)
{
    printf("Routes: ");

    if (llm_policy_print_paths(dialect, ", ") == 0) {
        printf("only those that the policy gives it");
    }

    printf(".\n");
}


/* returns how many there are */

static llmp_uint_t
llm_policy_print_paths(const llmp_dialect_t *dialect, const char *separator)
{
    llmp_uint_t                  n;
    const llmp_builtin_route_t  *route;

    n = 0;

    for (route = llmp_routes; route->path != NULL; route++) {

        if (route->dialect == dialect) {
            printf("%s`%s%s`", n++ ? separator : "",
                   route->prefixed ? "PREFIX" : "", route->path);
        }
    }

    return n;
}


static void
llm_policy_print_slots(const llmp_dialect_t *dialect)
{
    llmp_uint_t         i;
    const llmp_slot_t  *slot;

    if (dialect->batch != NULL) {
        printf("\nThe form's `%s` has a request in each line, if its `%s` is "
               "`%s`.\n", dialect->batch->file, dialect->batch->purpose,
               dialect->batch->batch);
        return;
    }

    if (dialect->slots[0].paths[0] == NULL) {
        printf("\nNothing is generated, and nothing is ever added.\n");
        return;
    }

    printf("\n| parameter | where | range | if absent |\n|---|---|---|---|\n");

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {
        printf("| `%s` | ", (char *) llmp_params[slot->param].name.data);

        for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {
            printf("%s`%s`", i ? ", " : "", slot->paths[i]);
        }

        printf(" | ");
        llm_policy_print_range(slot);

        printf(" | %s |\n", (slot->absent == NULL) ? "-"
                            : (*slot->absent == '\0') ? "none"
                            : slot->absent);
    }

    if (!dialect->generates) {
        printf("\nNothing is ever added.\n");
    }
}


static void
llm_policy_print_range(const llmp_slot_t *slot)
{
    static const struct {
        llmp_uint_t  type;
        const char  *name;
    } types[] = {
        { LLMP_TYPE_BOOLEAN, "boolean" },
        { LLMP_TYPE_STRING, "string" },
        { LLMP_TYPE_ARRAY, "array" },
        { LLMP_TYPE_OBJECT, "object" }
    };

    size_t       i;
    const char  *separator;

    if (slot->types & LLMP_TYPE_NUMBER) {

        if (slot->min != NULL && slot->max != NULL) {
            printf("%s to %s", slot->min, slot->max);

        } else if (slot->min != NULL) {
            printf("from %s", slot->min);

        } else {
            printf("number");
        }

        return;
    }

    separator = "";

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (slot->types & types[i].type) {
            printf("%s%s", separator, types[i].name);
            separator = " or ";
        }
    }
}


static void
llm_policy_print_notes(const llmp_dialect_t *dialect)
{
    const char *const     *path;
    const llmp_variant_t  *variant;

    printf("\n");

    if (dialect->form) {
        printf("- the request is a form, multipart/form-data\n");
    }

    if (dialect->batch != NULL) {
        llm_policy_print_batch(dialect->batch);
        return;
    }

    if (dialect->model_optional) {
        printf("- rules about models do not ask for a model\n");

    } else if (dialect->model == NULL) {
        printf("- the model is that of the path, if it has one\n");

    } else {
        printf("- the model is `%s`, or that of the path\n", dialect->model);
    }

    if (dialect->outer_model != NULL) {
        printf("- or else `%s` of the whole\n", dialect->outer_model);
    }

    if (dialect->scope != NULL) {
        printf("- each `%s` is a request of its own\n", dialect->scope);
    }

    if (dialect->sibling != NULL) {
        printf("- so is each `%s`\n", dialect->sibling);
    }

    if (dialect->batchable) {
        printf("- a line of a file may be such a request\n");
    }

    if (dialect->no_new_objects) {
        printf("- nothing is added but in objects that are there\n");
    }

    if (dialect->reject_aliases) {
        printf("- a parameter under two of these names is refused\n");
    }

    for (variant = dialect->variants; variant && variant->model; variant++) {
        printf("- written as `%s` for models that start with `%s`\n",
               variant->path, variant->model);
    }

    llm_policy_print_clashes(dialect->clashes);

    for (path = dialect->never_clamped; path != NULL && *path != NULL; path++) {
        printf("- never brought to a bound, but refused beyond it: `%s`\n",
               *path);
    }

    for (path = dialect->not_parameters;
         path != NULL && *path != NULL;
         path++)
    {
        printf("- not held, since it is something else here: `%s`\n", *path);
    }

    if (dialect->root_bypasses != NULL) {
        llm_policy_print_underminers(dialect->root_bypasses, 0,
                                     "- refused beside a bound: ");
    }

    if (dialect->bypasses != NULL) {
        llm_policy_print_underminers(dialect->bypasses, 0,
                                     "- refused beside a bound: ");
        llm_policy_print_underminers(dialect->bypasses, LLMP_BYPASS_DEFAULT,
                                     "- a bound is always written beside: ");
    }
}


static void
llm_policy_print_clashes(const llmp_clash_t *clash)
{
    llmp_uint_t         p;
    const char *const  *when;

    for ( /* void */ ; clash && clash->path; clash++) {
        printf("- beside `%s`", clash->path);

        for (when = clash->when; when != NULL && *when != NULL; when++) {
            printf("%s\"%s\"", (when == clash->when) ? " " : " or ", *when);
        }

        printf(" not added%s:", clash->fixed ? ", nor changed" : "");

        for (p = 0; p < LLMP_PARAM_MAX; p++) {
            if (clash->params & llmp_mask(p)) {
                printf(" `%s`", (char *) llmp_params[p].name.data);
            }
        }

        printf("\n");
    }
}


static void
llm_policy_print_batch(const llmp_batch_t *batch)
{
    const char *const  *other;

    printf("- a line is a JSON object; its `" LLMP_LINE_BODY "` is the "
           "request, of ");

    if (batch->dialect != NULL) {
        printf("%s\n", (char *) batch->dialect->name.data);

    } else {
        printf("the dialect of its `" LLMP_LINE_URL "`, the same in all\n");
    }

    printf("- files of other kinds pass unread: ");

    for (other = batch->others; *other != NULL; other++) {
        printf("%s`%s`", (other != batch->others) ? ", " : "", *other);
    }

    printf("; any other `%s` is refused\n", batch->purpose);
}


static void
llm_policy_print_shared(void)
{
    llmp_uint_t             p;
    const char             *separator;
    const char *const      *container;
    const llmp_spelling_t  *spelling;

    printf("\n\n## In every dialect\n\n"
           "Any compatible server may be behind a route, so these names are "
           "held as well, at the top and inside ");

    for (container = llmp_containers; *container != NULL; container++) {
        printf("%s`%s`", (container != llmp_containers) ? ", " : "",
               *container);
    }

    printf(":\n\n| parameter | names |\n|---|---|\n");

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        printf("| `%s` | ", (char *) llmp_params[p].name.data);
        separator = "";

        for (spelling = llmp_spellings; spelling->path != NULL; spelling++) {

            if ((llmp_uint_t) spelling->param == p) {
                printf("%s`%s`", separator, spelling->path);
                separator = ", ";
            }
        }

        printf(" |\n");
    }

    printf("\n");
    llm_policy_print_underminers(llmp_underminers, 0,
                                 "These are refused beside a bound that they "
                                 "can undo, there too: ");

    printf("\n");
    llm_policy_print_underminers(llmp_tool_underminers, 0,
                                 "These at the top: ");
}


static void
llm_policy_print_underminers(const llmp_underminer_t *under,
    llmp_uint_t flag, const char *title)
{
    llmp_uint_t  n;

    n = 0;

    for ( /* void */ ; under->path != NULL; under++) {

        if ((under->flags & LLMP_BYPASS_DEFAULT) == flag) {
            printf("%s`%s`", n++ ? ", " : title, under->path);
        }
    }

    if (n != 0) {
        printf("\n");
    }
}
