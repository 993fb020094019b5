
/*
 * Copyright (C) llm-policy authors
 *
 * Prints the decision of the module on a request.
 */


#include <stdio.h>

#include "base/llmp_edit.h"
#include "body/llmp_body.h"
#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_error_body.h"
#include "llm_policy.h"
#include "print_json.h"
#include "read.h"
#include "usage.h"


/* maximum size of a body; nginx has client_max_body_size */
#define EXPLAIN_BODY_MAX  (256 * 1024 * 1024)

/* maximum length of the JSON Pointer of a rule */
#define EXPLAIN_POINTER_MAX  512


typedef struct {
    const char        *file;
    llmp_str_t         tier;
    llmp_uint_t        json;

    llmp_arena_t       arena;
    llmp_policy_t     *policy;
    llmp_request_t     request;
    llmp_caller_t      caller;
    llmp_body_t       *read;
    llmp_decision_t   *decision;   /* decision of read */
    llmp_str_t         body;       /* body of the request, then edited */
    const char        *status;
} explain_t;


static llmp_int_t explain_parse_options(explain_t *ex, int argc, char **argv);
static llmp_int_t explain_add_header(explain_t *ex, char *line);
static void explain_check_request(explain_t *ex);
static llmp_int_t explain_apply_policy(explain_t *ex);
static llmp_int_t explain_read_body(explain_t *ex);
static llmp_int_t explain_nomem(explain_t *ex);
static void explain_print(explain_t *ex);
static void explain_print_row(explain_t *ex, const llmp_change_t *change);
static llmp_int_t explain_print_json(explain_t *ex);
static json_t *explain_json_row(explain_t *ex, const llmp_change_t *change);
static json_t *explain_json_rows(explain_t *ex);
static json_t *explain_json_string(const llmp_str_t *str);
static void explain_rule_pointer(explain_t *ex, const llmp_rule_t *rule,
    char *buf, size_t size);
static llmp_uint_t explain_has_rule(const llmp_policy_t *policy,
    const llmp_rules_t *rules, const llmp_rule_t *rule);
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

    ex.read = llmp_body_create(&ex.arena.pool);
    if (ex.read == NULL) {
        fprintf(stderr, "llm-policy: out of memory\n");
        return LLM_POLICY_ERROR;
    }

    ex.decision = llmp_body_decision(ex.read);
    llmp_decision_init(ex.decision);

    if (explain_parse_options(&ex, argc, argv) != LLMP_OK) {
        return usage_print();
    }

    rc = LLM_POLICY_ERROR;
    ex.policy = read_policy(&ex.arena, ex.file);

    if (ex.policy != NULL
        && read_file(&ex.arena, NULL, EXPLAIN_BODY_MAX, &ex.body)
           == LLMP_OK)
    {
        explain_check_request(&ex);

        rc = (ex.decision->refusal.code != LLMP_REFUSE_NONE)
             ? LLM_POLICY_REFUSED : LLM_POLICY_OK;

        if (!ex.json) {
            explain_print(&ex);

        } else if (explain_print_json(&ex) != LLMP_OK) {
            fprintf(stderr, "llm-policy: out of memory\n");
            rc = LLM_POLICY_ERROR;
        }
    }

    if (ex.policy != NULL) {
        llmp_policy_free(ex.policy);
    }

    llmp_arena_reset(&ex.arena);

    return rc;
}


static llmp_int_t
explain_parse_options(explain_t *ex, int argc, char **argv)
{
    int    i;
    char  *name, *value;

    ex->request.post = 1;

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
            ex->tier.data = (u_char *) value;
            ex->tier.len = strlen(value);

        } else if (strcmp(name, "--path") == 0) {
            ex->request.target.data = (u_char *) value;
            ex->request.target.len = strlen(value);

        } else if (strcmp(name, "--method") == 0) {
            ex->request.post = (strcmp(value, "POST") == 0);

        } else if (strcmp(name, "--unmatched") == 0) {
            ex->request.pass_unmatched = (strcmp(value, "pass") == 0);

        } else if (strcmp(name, "--signed-body") == 0) {
            ex->request.change_signed = (strcmp(value, "change") == 0);

        } else if (strcmp(name, "--header") == 0) {

            if (explain_add_header(ex, value) != LLMP_OK) {
                return LLMP_ERROR;
            }

        } else {
            return LLMP_ERROR;
        }
    }

    if (ex->file == NULL || ex->request.target.len == 0) {
        return LLMP_ERROR;
    }

    ex->request.path = ex->request.target;
    ex->request.path.len = strcspn((char *) ex->request.target.data, "?");

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

    if (ex->request.content_types == 0) {

        /* the default of a body on standard input */

        ex->request.content_type = type;
        ex->request.content_types = 1;
    }

    rc = llmp_request_check(&ex->request, ex->policy, &decision->refusal);

    if (rc == LLMP_DECLINED) {
        ex->status = "bypassed";
        return;
    }

    ex->status = "rejected";

    if (rc == LLMP_OK && explain_apply_policy(ex) == LLMP_OK) {
        ex->status = (decision->edits.nelts != 0) ? "modified" : "passed";
    }

    if (decision->model.len == 0) {
        decision->model = ex->request.model;
    }
}


static llmp_int_t
explain_apply_policy(explain_t *ex)
{
    llmp_int_t        rc;
    llmp_str_t        key, none = llmp_null_string;
    llmp_pool_t      *pool;
    llmp_decision_t  *decision;

    decision = ex->decision;
    pool = &ex->arena.pool;

    if (llmp_request_key(&ex->request, &none, pool, &key) != LLMP_OK) {
        return explain_nomem(ex);
    }

    if (llmp_request_caller(&ex->caller, ex->policy, &ex->tier, &key,
                            ex->request.no_bearer,
                            &decision->refusal)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (ex->caller.unknown_tier) {
        fprintf(stderr, "llm-policy: tier \"%s\" is not defined, using "
                "\"%s\"\n", (char *) ex->tier.data,
                (char *) ex->caller.tier->name.data);
    }

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
        printf("tier     %s\n", (char *) ex->caller.tier->name.data);
    }

    if (ex->caller.tenant != NULL) {
        printf("tenant   %s\n", (char *) ex->caller.tenant->name.data);
    }

    if (decision->model.len != 0) {
        printf("model    %.*s\n", (int) decision->model.len,
               (char *) decision->model.data);
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
        if (explain_is_shown(&decision->params[i])) {
            explain_print_row(ex, &decision->params[i]);
        }
    }

    for (i = 0; i < decision->nchanges && i < LLMP_CHANGES_MAX; i++) {
        if (explain_is_extra(&decision->changes[i])) {
            explain_print_row(ex, &decision->changes[i]);
        }
    }

    printf("\n");
    fwrite(ex->body.data, 1, ex->body.len, stdout);

    if (ex->body.len == 0 || ex->body.data[ex->body.len - 1] != '\n') {
        printf("\n");
    }
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
explain_print_row(explain_t *ex, const llmp_change_t *change)
{
    char  origin[EXPLAIN_POINTER_MAX];

    explain_rule_pointer(ex, change->rule, origin, sizeof(origin));

    printf("%-22s %-14.*s %-14.*s %-9s %s\n", (char *) change->name.data,
           change->requested.len ? (int) change->requested.len : 1,
           change->requested.len ? (char *) change->requested.data : "-",
           change->effective.len ? (int) change->effective.len : 1,
           change->effective.len ? (char *) change->effective.data : "-",
           llmp_decision_action_name(change->action), origin);
}


/* writes the JSON Pointer of a rule in the document */

static void
explain_rule_pointer(explain_t *ex, const llmp_rule_t *rule, char *buf,
    size_t size)
{
    int                   n;
    const char           *p;
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = ex->policy;

    if (rule == NULL) {
        snprintf(buf, size, "-");
        return;
    }

    n = snprintf(buf, size, "/tiers/%s/parameters/",
                 (char *) ex->caller.tier->name.data);

    for (i = 0; i < policy->nmodels; i++) {
        if (explain_has_rule(policy, &policy->models[i].rules, rule)) {
            n = snprintf(buf, size, "/models/%zu/parameters/", (size_t) i);
            break;
        }
    }

    for (p = (char *) rule->name.data; *p != '\0'; p++) {

        if (n < 0 || (size_t) n + 3 > size) {
            return;
        }

        n += sprintf(buf + n, (*p == '/') ? "~1" : (*p == '~') ? "~0" : "%c",
                     *p);
    }
}


static llmp_uint_t
explain_has_rule(const llmp_policy_t *policy, const llmp_rules_t *rules,
    const llmp_rule_t *rule)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (rules->params[i] == rule) {
            return 1;
        }
    }

    for (i = 0; rules->pointers != NULL && i < policy->npointers; i++) {
        if (rules->pointers[i] == rule) {
            return 1;
        }
    }

    return 0;
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

    name.data = (u_char *) ex->status;
    name.len = strlen(ex->status);

    root = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "status", explain_json_string(&name),
        "dialect", ex->request.dialect
                   ? explain_json_string(&ex->request.dialect->name)
                   : json_null(),
        "tier", ex->caller.tier
                ? explain_json_string(&ex->caller.tier->name)
                : json_null(),
        "tenant", ex->caller.tenant
                  ? explain_json_string(&ex->caller.tenant->name)
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


static json_t *
explain_json_rows(explain_t *ex)
{
    json_t           *rows;
    llmp_uint_t       i;
    llmp_decision_t  *decision;

    decision = ex->decision;

    rows = json_array();
    if (rows == NULL) {
        return NULL;
    }

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (explain_is_shown(&decision->params[i])) {
            json_array_append_new(rows, explain_json_row(ex,
                                                &decision->params[i]));
        }
    }

    for (i = 0; i < decision->nchanges && i < LLMP_CHANGES_MAX; i++) {
        if (explain_is_extra(&decision->changes[i])) {
            json_array_append_new(rows, explain_json_row(ex,
                                                &decision->changes[i]));
        }
    }

    return rows;
}


static json_t *
explain_json_row(explain_t *ex, const llmp_change_t *change)
{
    char  origin[EXPLAIN_POINTER_MAX];

    explain_rule_pointer(ex, change->rule, origin, sizeof(origin));

    return json_pack("{s:o, s:o, s:o, s:s, s:s}",
                     "parameter", explain_json_string(&change->name),
                     "requested", explain_json_string(&change->requested),
                     "effective", explain_json_string(&change->effective),
                     "action", llmp_decision_action_name(change->action),
                     "rule", origin);
}


/* returns null if the text is not UTF-8, as a bypassed body may be */

static json_t *
explain_json_string(const llmp_str_t *str)
{
    json_t  *value;

    value = json_stringn(str->len ? (char *) str->data : "", str->len);

    return (value != NULL) ? value : json_null();
}
