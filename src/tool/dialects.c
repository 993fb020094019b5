
/*
 * Copyright (C) llm-policy authors
 *
 * Prints the tables of the dialects as Markdown.
 */


#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dialect/llmp_dialect_routes.h"
#include "llm_policy.h"
#include "usage.h"


/* width of the page, in columns */
#define DIALECTS_WIDTH  80

/* longest paragraph, in bytes */
#define DIALECTS_TEXT   16384


static void dialects_print(const llmp_dialect_t *dialect);
static void dialects_print_routes(const llmp_dialect_t *dialect);
static void dialects_print_params(const llmp_dialect_t *dialect);
static void dialects_print_param(const llmp_slot_t *slot);
static void dialects_add_range(const llmp_slot_t *slot);
static void dialects_add_names(const llmp_slot_t *slot);
static void dialects_print_notes(const llmp_dialect_t *dialect);
static void dialects_print_documented(const llmp_dialect_t *dialect);
static void dialects_print_names(const llmp_documented_t *object,
    const char *top, const char *where);
static void dialects_print_model(const llmp_dialect_t *dialect);
static void dialects_print_conflicts(const llmp_conflict_t *conflict);
static void dialects_print_choices(const llmp_choice_t *choice);
static void dialects_print_needs(const llmp_need_t *need);
static void dialects_print_batch(const llmp_batch_t *batch);
static void dialects_print_shared(void);
static void dialects_print_spellings(void);
static void dialects_print_thinking(void);
static void dialects_print_underminers(const llmp_bypass_t *under,
    llmp_uint_t flag, const char *title, const char *mark);
static void dialects_add_neutral(const llmp_bypass_t *under);
static void dialects_add(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
static void dialects_flush(const char *mark);


/* the current paragraph or list item */

static char    dialects_text[DIALECTS_TEXT];
static size_t  dialects_len;


int
dialects_run(int argc, char **argv)
{
    llmp_uint_t         i;
    const char *const  *prefix;

    (void) argv;

    if (argc != 1) {
        return usage_print();
    }

    printf("# Dialects\n\n"
           "This page is the output of `llm-policy dialects`.\n\n"
           "It lists the built-in routes of each dialect:\n\n"
           "- `PREFIX` is empty, or one of\n");

    for (prefix = llmp_route_prefixes; **prefix != '\0'; prefix++) {
        dialects_add("%s`%s`", (prefix != llmp_route_prefixes) ? ", " : "",
                     *prefix);
    }

    dialects_flush("  ");

    printf("- `{model}` is the model, `{model:text}` a model with that text in "
           "its name\n"
           "- `{}` is any name\n\n"
           "and its parameters:\n\n"
           "- the range of values that the policy writes\n"
           "- the default of the API; if it is unknown, a bound is always "
           "written; if\n"
           "  there is none, an absent parameter has no value\n"
           "- the names; the first one is written, all of them are checked\n\n"
           "Other members are those that the API documents as well. With\n"
           "[unknown_members](policy.md#unknown-members), a policy removes or "
           "refuses the\nrest.\n");

    for (i = 0; i < llmp_ndialects; i++) {
        dialects_print(llmp_dialects[i]);
    }

    dialects_print_shared();

    return LLM_POLICY_OK;
}


static void
dialects_print(const llmp_dialect_t *dialect)
{
    printf("\n\n## %s\n", (char *) dialect->name.data);

    dialects_print_routes(dialect);
    dialects_print_params(dialect);
    dialects_print_notes(dialect);
    dialects_print_documented(dialect);
}


static void
dialects_print_routes(const llmp_dialect_t *dialect)
{
    llmp_uint_t                  n;
    const llmp_dialect_route_t  *route;

    n = 0;

    for (route = llmp_routes; route->path != NULL; route++) {

        if (route->dialect != dialect) {
            continue;
        }

        if (n++ == 0) {
            printf("\nRoutes:\n\n");
        }

        dialects_add("`%s%s`", route->prefixed ? "PREFIX" : "", route->path);
        dialects_flush("- ");
    }

    if (n == 0) {
        printf("\nRoutes: only those of the policy.\n");
    }
}


static void
dialects_print_params(const llmp_dialect_t *dialect)
{
    const llmp_slot_t  *slot;

    if (dialect->batch != NULL) {
        printf("\n");
        dialects_add("If `%s` is `%s`, each line of `%s` is a request.",
                     dialect->batch->purpose, dialect->batch->batch,
                     dialect->batch->file);
        dialects_flush("");
        return;
    }

    if (dialect->chooses) {
        printf("\nParameters are those of the dialect that the body "
               "chooses.\n");
        return;
    }

    if (dialect->slots[0].paths[0] == NULL) {
        printf("\nNo parameters: nothing is generated, and nothing is "
               "added.\n");
        return;
    }

    printf("\nParameters:\n\n");

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {
        dialects_print_param(slot);
    }

    if (!dialect->generates) {
        printf("\nNothing is added.\n");
    }
}


static void
dialects_print_param(const llmp_slot_t *slot)
{
    dialects_add("`%s`: ", (char *) llmp_params[slot->param].name.data);

    dialects_add_range(slot);

    if (slot->absent == NULL) {
        dialects_add(", default unknown");

    } else if (*slot->absent == '\0') {
        dialects_add(", no default");

    } else {
        dialects_add(", default %s", slot->absent);
    }

    dialects_add_names(slot);
    dialects_flush("- ");
}


static void
dialects_add_range(const llmp_slot_t *slot)
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
            dialects_add("%s to %s", slot->min, slot->max);

        } else if (slot->min != NULL) {
            dialects_add("from %s", slot->min);

        } else {
            dialects_add("number");
        }

        return;
    }

    separator = "";

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (slot->types & types[i].type) {
            dialects_add("%s%s", separator, types[i].name);
            separator = " or ";
        }
    }
}


/* omits a single name that is the parameter's own */

static void
dialects_add_names(const llmp_slot_t *slot)
{
    llmp_uint_t  i;

    if (slot->paths[1] == NULL
        && strcmp(slot->paths[0],
                  (char *) llmp_params[slot->param].name.data)
           == 0)
    {
        return;
    }

    for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {
        dialects_add("%s `%s`", i ? "," : ", in", slot->paths[i]);
    }
}


static void
dialects_print_notes(const llmp_dialect_t *dialect)
{
    const char *const     *path;
    const llmp_default_t   *d;
    const llmp_spelling_t  *override;

    printf("\nNotes:\n\n");

    if (dialect->form) {
        printf("- the request is a form, multipart/form-data\n");
    }

    if (dialect->batch != NULL) {
        dialects_print_batch(dialect->batch);
        return;
    }

    if (dialect->chooses) {
        dialects_print_choices(dialect->choices);
        return;
    }

    dialects_print_model(dialect);

    if (dialect->scope != NULL) {
        printf("- each `%s` is a request\n", dialect->scope);
    }

    if (dialect->sibling != NULL) {
        printf("- each `%s` is a request, too\n", dialect->sibling);
    }

    if (dialect->batchable) {
        printf("- the request may be a line of a file\n");
    }

    if (dialect->no_new_objects) {
        printf("- members are added only to objects in the request\n");
    }

    if (dialect->reject_aliases) {
        printf("- a parameter under two of these names is refused\n");
    }

    if (dialect->renamed & llmp_mask(LLMP_MAX_TOKENS)) {
        dialects_add("`max_tokens` is written as `max_completion_tokens` for "
                     "o1, gpt-5 and later models of OpenAI, and where the "
                     "policy has this name (`as`)");
        dialects_flush("- ");
    }

    for (d = dialect->defaults; d != NULL && d->model != NULL; d++) {
        dialects_add("`%s` is %s by default for models that start with `%s`",
                     (char *) llmp_params[d->param].name.data, d->absent,
                     d->model);

        if (d->infix != NULL) {
            dialects_add(" and contain `%s`", d->infix);
        }

        dialects_flush("- ");
    }

    for (override = dialect->overrides; override && override->path; override++)
    {
        dialects_add("`%s` is set for a part of the request by `%s`",
                     (char *) llmp_params[override->param].name.data,
                     override->path);
        dialects_flush("- ");
    }

    dialects_print_conflicts(dialect->conflicts);
    dialects_print_needs(dialect->needs);

    for (path = dialect->not_parameters;
         path != NULL && *path != NULL;
         path++)
    {
        dialects_add("not checked, since it has another meaning here: `%s`",
                     *path);
        dialects_flush("- ");
    }

    if (dialect->root_bypasses != NULL) {
        dialects_print_underminers(dialect->root_bypasses, 0,
                                   "refused if a bound applies:", "- ");
    }

    if (dialect->bypasses != NULL) {
        dialects_print_underminers(dialect->bypasses, 0,
                                   "refused if a bound applies:", "- ");
        dialects_print_underminers(dialect->bypasses, LLMP_BYPASS_DEFAULT,
                                   "a bound is always written next to:", "- ");
    }
}


/* prints the members that are no parameters */

static void
dialects_print_documented(const llmp_dialect_t *dialect)
{
    printf("\nOther members:\n\n");

    dialects_print_names(dialect->outer_documented, "at the top",
                         ", around the requests");
    dialects_print_names(dialect->documented,
                         (dialect->scope != NULL) ? "in a request"
                                                  : "at the top", "");
}


static void
dialects_print_names(const llmp_documented_t *object, const char *top,
    const char *where)
{
    const char *const  *name;

    for ( /* void */ ; object != NULL && object->object != NULL; object++) {

        if (*object->object == '\0') {
            dialects_add("%s:", top);

        } else {
            dialects_add("in `%s`%s:", object->object, where);
        }

        for (name = object->names; *name != NULL; name++) {
            dialects_add("%s `%s`", (name != object->names) ? "," : "", *name);
        }

        if (name == object->names) {
            dialects_add(" none");
        }

        dialects_flush("- ");
    }
}


static void
dialects_print_model(const llmp_dialect_t *dialect)
{
    if (dialect->model_optional) {
        printf("- no model is required, even by rules for models\n");

    } else if (dialect->model == NULL) {
        printf("- the model is that of the path, if it has one\n");

    } else {
        dialects_add("the model is `%s`, or that of the path",
                     dialect->model);
        dialects_flush("- ");
    }

    if (dialect->outer_model != NULL) {
        dialects_add("or else `%s` of the batch", dialect->outer_model);
        dialects_flush("- ");
    }
}


static void
dialects_print_conflicts(const llmp_conflict_t *conflict)
{
    llmp_uint_t         p;
    const char         *separator;
    const char *const  *when;

    for ( /* void */ ; conflict && conflict->path; conflict++) {
        dialects_add("not added");

        if (conflict->fixed != NULL) {
            dialects_add(" or changed, except to %s,", conflict->fixed);
        }

        dialects_add(" next to `%s`", conflict->path);

        for (when = conflict->values; when != NULL && *when != NULL; when++) {
            dialects_add("%s\"%s\"", (when == conflict->values) ? " " : " or ",
                         *when);
        }

        separator = ":";

        for (p = 0; p < LLMP_PARAM_MAX; p++) {
            if (conflict->params & llmp_mask(p)) {
                dialects_add("%s `%s`", separator,
                             (char *) llmp_params[p].name.data);
                separator = ",";
            }
        }

        dialects_flush("- ");
    }
}


static void
dialects_print_choices(const llmp_choice_t *choice)
{
    for ( /* void */ ; choice->name != NULL; choice++) {
        dialects_add("a request with `%s` is in the dialect %s", choice->name,
                     (char *) choice->dialect->name.data);
        dialects_flush("- ");
    }

    dialects_add("a request with members of two dialects is refused, and so "
                 "is one without any of them");
    dialects_flush("- ");
}


static void
dialects_print_needs(const llmp_need_t *need)
{
    llmp_uint_t  i;

    for ( /* void */ ; need && need->path; need++) {
        dialects_add(need->flags ? "removed with"
                                 : "never written without, and removed with");

        for (i = 0; i < LLMP_NEED_PATHS && need->others[i] != NULL; i++) {
            dialects_add("%s `%s`", i ? " or" : "", need->others[i]);
        }

        dialects_add(": `%s`", need->path);
        dialects_flush("- ");
    }
}


static void
dialects_print_batch(const llmp_batch_t *batch)
{
    const char *const  *other;

    dialects_add("a line is a JSON object; its `" LLMP_LINE_BODY "` is the "
                 "request, of ");

    if (batch->dialect != NULL) {
        dialects_add("%s", (char *) batch->dialect->name.data);

    } else {
        dialects_add("the dialect of its `" LLMP_LINE_URL "`, the same in "
                     "all lines");
    }

    dialects_flush("- ");

    dialects_add("files are not read if `%s` is ", batch->purpose);

    for (other = batch->others; *other != NULL; other++) {
        dialects_add("%s`%s`", (other == batch->others) ? ""
                               : (other[1] != NULL) ? ", " : " or ",
                     *other);
    }

    dialects_flush("- ");

    dialects_add("any other `%s` is refused", batch->purpose);
    dialects_flush("- ");
}


static void
dialects_print_shared(void)
{
    const char *const  *container;
    const llmp_need_t  *need;

    printf("\n\n## In every dialect\n\n");

    dialects_add("The upstream of a route may be any compatible server. "
                 "Therefore these names are checked, too, at the top level "
                 "and inside ");

    for (container = llmp_containers; *container != NULL; container++) {
        dialects_add("%s`%s`", (container != llmp_containers) ? ", " : "",
                     *container);
    }

    dialects_add(":");
    dialects_flush("");

    dialects_print_spellings();

    dialects_print_thinking();

    printf("\n");
    dialects_print_underminers(llmp_bypasses, 0,
                               "At the same places, these are refused if a "
                               "bound applies that they can bypass, unless "
                               "the value is null, an empty object or array, "
                               "or a value in parentheses:", "");

    printf("\n");
    dialects_print_underminers(llmp_tool_bypasses, 0,
                               "So are these at the top level:", "");

    printf("\n");
    dialects_add("Never written, also by a JSON Pointer, where an API does not "
                 "list them:");

    for (need = llmp_needs; need->path != NULL; need++) {
        dialects_add("%s `%s`", (need != llmp_needs) ? "," : "", need->path);
    }

    dialects_add(".");
    dialects_flush("");
}


static void
dialects_print_spellings(void)
{
    llmp_uint_t             p;
    const char             *separator;
    const llmp_spelling_t  *spelling;

    printf("\n");

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        dialects_add("`%s`", (char *) llmp_params[p].name.data);
        separator = ":";

        for (spelling = llmp_spellings; spelling->path != NULL; spelling++) {

            if ((llmp_uint_t) spelling->param == p) {
                dialects_add("%s `%s`", separator, spelling->path);
                separator = ",";
            }
        }

        dialects_flush("- ");
    }
}


static void
dialects_print_thinking(void)
{
    const char *const      *path;
    const llmp_thinking_t  *thinking;

    printf("\n");
    dialects_add("Values are compared in any case, and written in upper case, "
                 "as");

    for (path = llmp_upper_case; *path != NULL; path++) {
        dialects_add("%s `%s`", (path != llmp_upper_case) ? "," : "", *path);
    }

    dialects_add(".");
    dialects_flush("");

    printf("\n");
    dialects_add("If the policy changes `max_tokens` or the budget, a budget "
                 "of thinking is sent below `max_tokens`, or the object "
                 "without thinking:");
    dialects_flush("");
    printf("\n");

    for (thinking = llmp_thinking; thinking->object != NULL; thinking++) {
        dialects_add("`%s.%s`, at least %s; without thinking: `%s`",
                     thinking->object, thinking->budget, thinking->least,
                     thinking->off);
        dialects_flush("- ");
    }
}


static void
dialects_print_underminers(const llmp_bypass_t *under, llmp_uint_t flag,
    const char *title, const char *mark)
{
    const char  *separator;

    separator = title;

    for ( /* void */ ; under->path != NULL; under++) {

        if ((under->flags & LLMP_BYPASS_DEFAULT) == flag) {
            dialects_add("%s `%s`", separator, under->path);
            dialects_add_neutral(under);
            separator = ",";
        }
    }

    if (separator != title) {
        dialects_flush(mark);
    }
}


/* adds the values that pass, apart from null: "(0 or false)" */

static void
dialects_add_neutral(const llmp_bypass_t *under)
{
    const char *const  *value;

    if (under->flags & LLMP_BYPASS_EMPTY) {
        dialects_add(" (also if empty)");
    }

    if (under->neutral == NULL) {
        return;
    }

    for (value = under->neutral; *value != NULL; value++) {
        dialects_add("%s`%s`", (value == under->neutral) ? " (" : " or ",
                     *value);
    }

    dialects_add(")");
}


/* appends to the current paragraph */

static void
dialects_add(const char *fmt, ...)
{
    int      n;
    size_t   size;
    va_list  args;

    size = DIALECTS_TEXT - dialects_len;

    va_start(args, fmt);
    n = vsnprintf(dialects_text + dialects_len, size, fmt, args);
    va_end(args);

    if (n > 0) {
        dialects_len += ((size_t) n < size) ? (size_t) n : size - 1;
    }
}


/* prints the current paragraph after a mark; breaks lines at spaces */

static void
dialects_flush(const char *mark)
{
    int          indent, column, len;
    const char  *p;

    indent = (int) strlen(mark);
    column = printf("%s", mark);

    for (p = dialects_text; *p != '\0'; p += len) {

        if (*p == ' ') {
            p++;
        }

        len = (int) strcspn(p, " ");

        if (column > indent) {

            if (column + 1 + len > DIALECTS_WIDTH) {
                column = printf("\n%*s", indent, "") - 1;

            } else {
                column += printf(" ");
            }
        }

        column += printf("%.*s", len, p);
    }

    printf("\n");

    dialects_text[0] = '\0';
    dialects_len = 0;
}
