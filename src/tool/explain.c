
/*
 * Copyright (C) llm-policy authors
 *
 * Prints the decision of the module on a request.
 */


#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/llmp_date.h"
#include "base/llmp_edit.h"
#include "body/llmp_body.h"
#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_error_body.h"
#include "explain_variables.h"
#include "llm_policy.h"
#include "print_json.h"
#include "read.h"
#include "uri.h"
#include "usage.h"


/* maximum size of a body; nginx has client_max_body_size */
#define EXPLAIN_BODY_MAX  (256 * 1024 * 1024)

typedef struct {
    const char           *file;
    llmp_identity_t       identity;
    llmp_uint_t           json;

    explain_variables_t   variables;   /* given values */
    llmp_arena_t          arena;
    llmp_policy_t        *policy;
    llmp_request_t        request;
    llmp_caller_t         caller;
    llmp_body_t          *read;
    llmp_decision_t      *decision;   /* decision of read */
    llmp_str_t            body;       /* body of the request, then edited */
    const char           *status;
} explain_t;


static int explain_report(explain_t *ex);
static llmp_int_t explain_parse_options(explain_t *ex, int argc, char **argv);
static llmp_int_t explain_set_time(explain_t *ex, const char *value);
static llmp_int_t explain_set_rate(explain_t *ex, const char *name,
    const char *value);
static llmp_int_t explain_add_header(explain_t *ex, char *line);
static const llmp_str_t *explain_key_name(const explain_t *ex);
static void explain_check_request(explain_t *ex);
static llmp_int_t explain_find_caller(explain_t *ex);
static llmp_int_t explain_apply_policy(explain_t *ex);
static llmp_int_t explain_read_body(explain_t *ex);
static llmp_int_t explain_nomem(explain_t *ex);
static void explain_print(explain_t *ex);
static void explain_print_tier(const llmp_tier_t *tier);
static void explain_print_tenant(const llmp_tenant_t *tenant);
static void explain_print_row(const llmp_change_t *change);
static llmp_int_t explain_print_json(explain_t *ex);
static json_t *explain_json_extends(const llmp_tier_t *tier);
static json_t *explain_json_row(const llmp_change_t *change);
static json_t *explain_json_rows(explain_t *ex);
static json_t *explain_json_string(const llmp_str_t *str);
static const char *explain_place(const llmp_change_t *change);
static llmp_uint_t explain_is_shown(const llmp_change_t *change);
static llmp_uint_t explain_is_extra(const llmp_change_t *change);


int
explain_run(int argc, char **argv)
{
    int         rc;
    explain_t   ex;

    memset(&ex, 0, sizeof(explain_t));
    llmp_arena_init(&ex.arena);
    llmp_request_init(&ex.request);
    explain_variables_init(&ex.variables);

    ex.request.variables = &ex.variables.variables;

    ex.read = llmp_body_create(&ex.arena.pool);
    if (ex.read == NULL) {
        fprintf(stderr, "llm-policy: out of memory\n");
        return LLM_POLICY_ERROR;
    }

    ex.decision = llmp_body_decision(ex.read);
    llmp_decision_init(ex.decision);

    rc = explain_parse_options(&ex, argc, argv);

    if (rc != LLMP_OK) {
        llmp_arena_reset(&ex.arena);

        return (rc == LLMP_DECLINED) ? LLM_POLICY_ERROR : usage_print();
    }

    rc = LLM_POLICY_ERROR;
    ex.policy = read_policy(&ex.arena, ex.file, 0);

    if (ex.policy != NULL
        && explain_variables_check(&ex.variables, ex.policy) == LLMP_OK
        && read_file(&ex.arena, NULL, EXPLAIN_BODY_MAX, &ex.body)
           == LLMP_OK)
    {
        explain_check_request(&ex);

        if (explain_variables_finish(&ex.variables) == LLMP_OK) {
            rc = explain_report(&ex);
        }
    }

    if (ex.policy != NULL) {
        llmp_policy_free(ex.policy);
    }

    llmp_arena_reset(&ex.arena);

    return rc;
}


/* prints the decision; returns an exit code */

static int
explain_report(explain_t *ex)
{
    if (!ex->json) {
        explain_print(ex);

    } else if (explain_print_json(ex) != LLMP_OK) {
        fprintf(stderr, "llm-policy: out of memory\n");
        return LLM_POLICY_ERROR;
    }

    return (ex->decision->refusal.code != LLMP_REFUSE_NONE)
           ? LLM_POLICY_REFUSED : LLM_POLICY_OK;
}


/* returns LLMP_DECLINED if an error was printed */

static llmp_int_t
explain_parse_options(explain_t *ex, int argc, char **argv)
{
    int    i;
    char  *name, *value;

    ex->request.post = 1;
    ex->identity.now = (int64_t) time(NULL);
    ex->request.rates.bytes = LLMP_PROMPT_TOKEN_BYTES;
    ex->request.rates.media = LLMP_PROMPT_TOKEN_MEDIA;

    for (i = 1; i < argc; i++) {
        name = argv[i];

        if (strcmp(name, "--json") == 0) {
            ex->json = 1;
            continue;
        }

        if (strncmp(name, "--", 2) != 0) {

            if (ex->file != NULL) {
                return LLMP_ERROR;
            }

            ex->file = name;
            continue;
        }

        if (++i == argc) {
            return LLMP_ERROR;
        }

        value = argv[i];

        if (strcmp(name, "--tier") == 0) {
            ex->identity.tier.data = (u_char *) value;
            ex->identity.tier.len = strlen(value);

        } else if (strcmp(name, "--tenant") == 0) {
            ex->identity.tenant.data = (u_char *) value;
            ex->identity.tenant.len = strlen(value);

        } else if (strcmp(name, "--path") == 0) {
            ex->request.target.data = (u_char *) value;
            ex->request.target.len = strlen(value);

        } else if (strcmp(name, "--method") == 0) {
            ex->request.post = (strcmp(value, "POST") == 0);
            ex->request.options = (strcmp(value, "OPTIONS") == 0);

        } else if (strcmp(name, "--unmatched") == 0) {
            ex->request.pass_unmatched = (strcmp(value, "pass") == 0);

        } else if (strcmp(name, "--signed-body") == 0) {
            ex->request.change_signed = (strcmp(value, "change") == 0);

        } else if (strcmp(name, "--variable") == 0) {

            if (explain_variables_add(&ex->variables, value) != LLMP_OK) {
                return LLMP_DECLINED;
            }

        } else if (strcmp(name, "--header") == 0) {

            if (explain_add_header(ex, value) != LLMP_OK) {
                return LLMP_ERROR;
            }

        } else if (strcmp(name, "--token-bytes") == 0
                   || strcmp(name, "--token-media") == 0)
        {
            if (explain_set_rate(ex, name, value) != LLMP_OK) {
                return LLMP_ERROR;
            }

        } else if (strcmp(name, "--time") == 0) {

            if (explain_set_time(ex, value) != LLMP_OK) {
                return LLMP_ERROR;
            }

        } else {
            return LLMP_ERROR;
        }
    }

    if (ex->file == NULL || ex->request.target.len == 0
        || ex->request.target.data[0] != '/')
    {
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


static llmp_int_t
explain_set_time(explain_t *ex, const char *value)
{
    llmp_str_t   text;
    const char  *wrong;

    text.data = (u_char *) value;
    text.len = strlen(value);

    wrong = llmp_date_parse(&ex->identity.now, &text);

    if (wrong != NULL) {
        fprintf(stderr, "llm-policy: --time %s\n", wrong);
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


/* sets a value of llm_policy_token_bytes, which has two decimals at most, or of
   llm_policy_token_media */

static llmp_int_t
explain_set_rate(explain_t *ex, const char *name, const char *value)
{
    char         *end;
    double        number;
    llmp_uint_t   bytes;

    bytes = (strcmp(name, "--token-bytes") == 0);
    number = strtod(value, &end);

    if (bytes) {
        number *= 100;
    }

    if (end == value || *end != '\0' || !(number >= 1 && number <= 1000000)) {
        fprintf(stderr, "llm-policy: %s must be a number, as in nginx.conf\n",
                name);
        return LLMP_ERROR;
    }

    if (bytes) {
        ex->request.rates.bytes = (llmp_uint_t) (number + 0.5);

    } else {
        ex->request.rates.media = (llmp_uint_t) number;
    }

    return LLMP_OK;
}


static llmp_int_t
explain_add_header(explain_t *ex, char *line)
{
    char        *colon;
    llmp_str_t   name, value;

    colon = strchr(line, ':');

    if (colon == NULL || colon == line) {
        return LLMP_ERROR;
    }

    name.data = (u_char *) line;
    name.len = colon - line;

    colon++;
    colon += strspn(colon, " \t");

    value.data = (u_char *) colon;
    value.len = strlen(colon);

    llmp_request_header(&ex->request, &name, &value);

    return LLMP_OK;
}


static void
explain_check_request(explain_t *ex)
{
    llmp_int_t        rc;
    llmp_str_t        type = llmp_string("application/json");
    llmp_decision_t  *decision;

    decision = ex->decision;
    ex->request.body = (ex->body.len != 0);
    ex->request.size = ex->body.len;
    ex->request.media_min = llmp_prompt_media_min(&ex->request.rates);

    if (ex->request.content_types == 0) {

        /* the default of a body on standard input */

        ex->request.content_type = type;
        ex->request.content_types = 1;
    }

    ex->status = "rejected";

    rc = uri_normalise(&ex->arena.pool, &ex->request.target,
                       &ex->request.path);

    if (rc == LLMP_ERROR) {
        (void) explain_nomem(ex);
        return;
    }

    if (rc == LLMP_DECLINED) {
        (void) llmp_refuse(&decision->refusal, LLMP_REFUSE_AMBIGUOUS_PATH,
                           NULL, "nginx itself refuses this path, with a page "
                           "of its own");
        return;
    }

    rc = llmp_request_check(&ex->request, ex->policy, &decision->refusal);

    if ((rc == LLMP_OK || llmp_request_needs_key(&ex->request, ex->policy))
        && explain_find_caller(ex) != LLMP_OK)
    {
        rc = LLMP_ERROR;
    }

    if (rc == LLMP_DECLINED) {
        ex->status = "bypassed";
        decision->model = ex->request.model;
        return;
    }

    if (rc == LLMP_OK) {
        rc = llmp_request_check_size(&ex->request, ex->caller.tier,
                                     &decision->refusal);
    }

    if (rc == LLMP_OK && explain_apply_policy(ex) == LLMP_OK) {
        ex->status = (decision->edits.nelts != 0) ? "modified" : "passed";
    }

    if (decision->model.len == 0) {
        decision->model = ex->request.model;
    }
}


/* a refusal of the path gives way to one for the API key */

static llmp_int_t
explain_find_caller(explain_t *ex)
{
    llmp_str_t      none = llmp_null_string;
    llmp_refusal_t  refusal;

    if (llmp_request_key(&ex->request, &none, &ex->arena.pool,
                         &ex->identity.key)
        != LLMP_OK)
    {
        return explain_nomem(ex);
    }

    ex->identity.no_bearer = ex->request.no_bearer;

    /* a tier can be tried without an API key of one of its tenants */

    ex->identity.no_key = (ex->identity.tier.len != 0);

    if (llmp_request_caller(&ex->caller, ex->policy, &ex->identity, &refusal)
        != LLMP_OK)
    {
        ex->decision->refusal = refusal;
        return LLMP_ERROR;
    }

    if (ex->caller.unknown_tier) {
        fprintf(stderr, "llm-policy: tier \"%s\" is not defined, using "
                "\"%s\"\n", (char *) ex->identity.tier.data,
                (char *) ex->caller.tier->name.data);
    }

    return LLMP_OK;
}


static llmp_int_t
explain_apply_policy(explain_t *ex)
{
    llmp_int_t        rc;
    llmp_pool_t      *pool;
    llmp_decision_t  *decision;

    decision = ex->decision;
    pool = &ex->arena.pool;

    /* a single document: its hash needs no secret seed */

    if (llmp_body_init(ex->read, ex->policy, &ex->request, &ex->caller, pool,
                       1)
        != LLMP_OK)
    {
        return explain_nomem(ex);
    }

    rc = explain_read_body(ex);

    if (rc == LLMP_DECLINED) {

        if (llmp_body_restart(ex->read) != LLMP_OK) {
            return explain_nomem(ex);
        }

        rc = explain_read_body(ex);
    }

    ex->request.dialect = decision->dialect;

    if (rc != LLMP_OK) {
        return rc;
    }

    ex->body = llmp_edit_apply(&decision->edits, pool, &ex->body);

    return (ex->body.data != NULL) ? LLMP_OK : explain_nomem(ex);
}


static llmp_int_t
explain_read_body(explain_t *ex)
{
    /* errors are reported by llmp_body_decide() */

    (void) llmp_body_feed(ex->read, ex->body.data, ex->body.len);

    return llmp_body_decide(ex->read);
}


static llmp_int_t
explain_nomem(explain_t *ex)
{
    return llmp_refuse(&ex->decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "no memory for the request");
}


static void
explain_print(explain_t *ex)
{
    size_t             len;
    u_char             buf[LLMP_ERROR_BODY_MAX];
    llmp_uint_t        i;
    llmp_shape_e       shape;
    llmp_decision_t   *decision;

    decision = ex->decision;

    printf("status   %s\n", ex->status);

    if (ex->request.dialect != NULL) {
        printf("dialect  %s\n", (char *) ex->request.dialect->name.data);
    }

    if (ex->caller.tier != NULL) {
        explain_print_tier(ex->caller.tier);
    }

    if (ex->caller.tenant != NULL) {
        explain_print_tenant(ex->caller.tenant);
    }

    if (explain_key_name(ex) != NULL) {
        printf("key      %s\n", (char *) explain_key_name(ex)->data);
    }

    if (decision->model.len != 0) {
        printf("model    %.*s\n", (int) decision->model.len,
               (char *) decision->model.data);
    }

    if (decision->cause.len != 0) {
        printf("cause    %.*s\n", (int) decision->cause.len,
               (char *) decision->cause.data);
    }

    if (decision->refusal.code != LLMP_REFUSE_NONE) {
        shape = (ex->request.dialect != NULL) ? ex->request.dialect->shape
                                              : LLMP_SHAPE_OPENAI;
        len = llmp_error_body(&decision->refusal, shape, buf);

        printf("refused  %zu %s\n\n%.*s\n",
               (size_t) llmp_refusal_status(decision->refusal.code),
               llmp_refusal_name(decision->refusal.code), (int) len,
               (char *) buf);
        return;
    }

    printf("\n%-22s %-14s %-14s %-9s %s\n", "parameter", "requested",
           "effective", "action", "rule");

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (explain_is_shown(llmp_decision_param(decision, i))) {
            explain_print_row(llmp_decision_param(decision, i));
        }
    }

    for (i = 0; i < decision->nchanges && i < LLMP_CHANGES_MAX; i++) {
        if (explain_is_extra(&decision->changes[i])) {
            explain_print_row(&decision->changes[i]);
        }
    }

    printf("\n");
    fwrite(ex->body.data, 1, ex->body.len, stdout);

    if (ex->body.len == 0 || ex->body.data[ex->body.len - 1] != '\n') {
        printf("\n");
    }
}


/* prints a tier, and those from which it inherits */

static void
explain_print_tier(const llmp_tier_t *tier)
{
    const char         *separator;
    const llmp_tier_t  *base;

    printf("tier     %s", (char *) tier->name.data);

    separator = " (extends ";

    for (base = tier->base; base != NULL; base = base->base) {
        printf("%s%s", separator, (char *) base->name.data);
        separator = ", ";
    }

    printf("%s\n", (tier->base != NULL) ? ")" : "");
}


static void
explain_print_tenant(const llmp_tenant_t *tenant)
{
    printf("tenant   %s%s\n", (char *) tenant->name.data,
           (tenant->tier->tenant != NULL) ? " (has rules of its own)" : "");
}


/* returns the name of the API key, or NULL */

static const llmp_str_t *
explain_key_name(const explain_t *ex)
{
    const llmp_key_terms_t  *terms;

    terms = ex->caller.terms;

    return (terms != NULL && terms->name.len != 0) ? &terms->name : NULL;
}


static llmp_uint_t
explain_is_shown(const llmp_change_t *change)
{
    return change->requested.len != 0 || change->effective.len != 0;
}


/* returns whether a change is of no parameter: of a pointer, or of unknown
   members */

static llmp_uint_t
explain_is_extra(const llmp_change_t *change)
{
    return llmp_param_find(&change->name) == LLMP_PARAM_MAX;
}


static void
explain_print_row(const llmp_change_t *change)
{
    printf("%-22s %-14.*s %-14.*s %-9s %s\n", (char *) change->name.data,
           change->requested.len ? (int) change->requested.len : 1,
           change->requested.len ? (char *) change->requested.data : "-",
           change->effective.len ? (int) change->effective.len : 1,
           change->effective.len ? (char *) change->effective.data : "-",
           llmp_decision_action_name(change->action),
           explain_place(change));
}


/* returns the place of the rule in the document */

static const char *
explain_place(const llmp_change_t *change)
{
    return (change->rule != NULL) ? (char *) change->rule->place.data : "-";
}


static llmp_int_t
explain_print_json(explain_t *ex)
{
    json_t              *root, *refusal;
    llmp_str_t           name;
    llmp_refusal_t      *r;

    r = &ex->decision->refusal;
    refusal = json_null();

    if (r->code != LLMP_REFUSE_NONE) {
        refusal = json_pack("{s:i, s:s, s:s, s:s}",
                            "status", (int) llmp_refusal_status(r->code),
                            "code", llmp_refusal_name(r->code),
                            "param", r->param,
                            "message", r->message);
    }

    if (ex->decision->cause.len != 0) {
        (void) json_object_set_new(refusal, "cause",
                                   explain_json_string(&ex->decision->cause));
    }

    name.data = (u_char *) ex->status;
    name.len = strlen(ex->status);

    root = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "status", explain_json_string(&name),
        "dialect", ex->request.dialect
                   ? explain_json_string(&ex->request.dialect->name)
                   : json_null(),
        "tier", ex->caller.tier
                ? explain_json_string(&ex->caller.tier->name)
                : json_null(),
        "extends", explain_json_extends(ex->caller.tier),
        "tenant", ex->caller.tenant
                  ? explain_json_string(&ex->caller.tenant->name)
                  : json_null(),
        "key_name", explain_key_name(ex)
                    ? explain_json_string(explain_key_name(ex))
                    : json_null(),
        "model", ex->decision->model.len
                 ? explain_json_string(&ex->decision->model)
                 : json_null(),
        "refusal", refusal,
        "parameters", explain_json_rows(ex),
        "body", (r->code == LLMP_REFUSE_NONE)
                ? explain_json_string(&ex->body)
                : json_null());

    return print_json(root);
}


/* returns the names of the tiers from which a tier inherits */

static json_t *
explain_json_extends(const llmp_tier_t *tier)
{
    json_t             *names;
    const llmp_tier_t  *base;

    names = json_array();
    base = (tier != NULL) ? tier->base : NULL;

    for ( /* void */ ; base != NULL; base = base->base) {
        json_array_append_new(names, explain_json_string(&base->name));
    }

    return names;
}


static json_t *
explain_json_rows(explain_t *ex)
{
    json_t               *rows;
    llmp_uint_t           i;
    llmp_decision_t      *decision;
    const llmp_change_t  *record;

    decision = ex->decision;

    rows = json_array();
    if (rows == NULL) {
        return NULL;
    }

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        record = llmp_decision_param(decision, i);

        if (explain_is_shown(record)) {
            json_array_append_new(rows, explain_json_row(record));
        }
    }

    for (i = 0; i < decision->nchanges && i < LLMP_CHANGES_MAX; i++) {
        if (explain_is_extra(&decision->changes[i])) {
            json_array_append_new(rows,
                                  explain_json_row(&decision->changes[i]));
        }
    }

    return rows;
}


static json_t *
explain_json_row(const llmp_change_t *change)
{
    return json_pack("{s:o, s:o, s:o, s:s, s:s}",
                     "parameter", explain_json_string(&change->name),
                     "requested", explain_json_string(&change->requested),
                     "effective", explain_json_string(&change->effective),
                     "action", llmp_decision_action_name(change->action),
                     "rule", explain_place(change));
}


/* returns null if the text is not UTF-8, as a bypassed body may be */

static json_t *
explain_json_string(const llmp_str_t *str)
{
    json_t  *value;

    value = json_stringn(str->len ? (char *) str->data : "", str->len);

    return (value != NULL) ? value : json_null();
}
