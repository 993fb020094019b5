
/*
 * Copyright (C) llm-policy authors
 *
 * Loads any bytes as a policy: the result is a policy, or errors with their
 * positions.
 */


#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/llmp_arena.h"
#include "base/llmp_utf8.h"
#include "dialect/llmp_dialect_watch.h"
#include "loader/llmp_doc.h"
#include "loader/llmp_load.h"


#define must(condition)                                                       \
    if (!(condition)) {                                                       \
        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);       \
        abort();                                                              \
    }


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_nodes(const uint8_t *data, size_t size);
static int is_value(const llmp_doc_node_t *node, json_t *json);
static void check_errors(const llmp_load_errors_t *errors, const uint8_t *data,
    size_t size);
static void check_text(const llmp_str_t *text);
static void check_policy(const llmp_policy_t *policy);
static void check_rules(const llmp_rules_t *rules,
    const llmp_policy_t *policy);
static void check_rule(const llmp_rule_t *rule);
static void check_template(const llmp_template_t *template);
static void check_value(const llmp_value_t *value);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    llmp_str_t           file = llmp_string("fuzz");
    llmp_uint_t          i;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    llmp_arena_init(&arena);

    policy = llmp_load_policy(&arena.pool, &file, data, size, &errors);

    if (policy != NULL) {
        check_errors(&errors, data, size);

        for (i = 0; i < errors.nelts; i++) {
            must(memcmp(errors.elts[i].message.data, LLMP_LOAD_WARNING,
                        sizeof(LLMP_LOAD_WARNING) - 1)
                 == 0);
        }

        check_policy(policy);
        llmp_policy_free(policy);

    } else {
        must(errors.nelts > 0);
        check_errors(&errors, data, size);
    }

    llmp_arena_reset(&arena);

    check_nodes(data, size);

    return 0;
}


/* the parser accepts what jansson does, and each value is at the position in
   the text that jansson reads it from */

static void
check_nodes(const uint8_t *data, size_t size)
{
    json_t              *json;
    uint32_t             i;
    llmp_str_t           name = llmp_string("fuzz");
    llmp_doc_t           doc;
    llmp_arena_t         arena;
    llmp_doc_node_t     *node;
    llmp_doc_file_t     *text;
    llmp_load_errors_t   errors;

    llmp_arena_init(&arena);
    llmp_doc_init(&doc, &arena.pool, &errors);

    json = json_loadb((char *) data, size,
                      JSON_REJECT_DUPLICATES|JSON_DECODE_ANY
                      |JSON_DECODE_INT_AS_REAL, NULL);

    if (llmp_doc_parse(&doc, &name, data, size, 0) == LLMP_OK) {
        must(json != NULL);

        text = doc.files;

        for (i = 0; i < text->nnodes; i++) {
            node = &text->nodes[i];

            must(node->start < node->end && node->end <= size);
            must(node->count > 0 && node->count <= text->nnodes - i);
            must(node->parent <= i && (node->parent == 0) == (i == 0));

            json_decref(json);
            json = json_loadb((char *) data + node->start,
                              node->end - node->start,
                              JSON_DECODE_ANY|JSON_DECODE_INT_AS_REAL, NULL);
            must(json != NULL && is_value(node, json));
        }

    } else {
        /* jansson takes a NUL for the end */

        must(json == NULL || memchr(data, '\0', size) != NULL);
    }

    json_decref(json);
    llmp_doc_free(&doc);
    llmp_arena_reset(&arena);
}


static int
is_value(const llmp_doc_node_t *node, json_t *json)
{
    const char  *string;

    static const llmp_uint_t  types[] = {
        LLMP_TYPE_OBJECT, LLMP_TYPE_ARRAY, LLMP_TYPE_STRING, LLMP_TYPE_NUMBER,
        LLMP_TYPE_NUMBER, LLMP_TYPE_BOOLEAN, LLMP_TYPE_BOOLEAN, LLMP_TYPE_NULL
    };

    string = json_string_value(json);

    return llmp_doc_type(node) == types[json_typeof(json)]
           && node->is_true == json_is_true(json)
           && (string == NULL) == (node->string == NULL)
           && (string == NULL || strcmp(string, node->string) == 0)
           && (node->count == 1
               || llmp_doc_size(node) == json_array_size(json)
                                         + json_object_size(json));
}


static void
check_errors(const llmp_load_errors_t *errors, const uint8_t *data, size_t size)
{
    size_t              i, line, lines, longest, start;
    llmp_uint_t         n;
    llmp_load_error_t  *error;

    lines = 1;
    longest = 0;
    start = 0;

    for (i = 0; i < size; i++) {
        if (data[i] == '\n') {
            lines++;
            start = i + 1;

        } else if (i + 1 - start > longest) {
            longest = i + 1 - start;
        }
    }

    line = 1;

    for (n = 0; n < errors->nelts; n++) {
        error = &errors->elts[n];

        must(error->line >= line && error->line <= lines);
        must(error->column >= 1 && error->column <= longest + 1);
        must(error->path.len == 0 || error->path.data[0] == '/');
        must(error->message.len > 0);

        check_text(&error->path);
        check_text(&error->message);

        line = error->line;
    }
}


static void
check_text(const llmp_str_t *text)
{
    size_t         n;
    const u_char  *p, *last;

    last = text->data + text->len;

    must(*last == '\0');

    for (p = text->data; p < last; p += n) {
        n = llmp_utf8_len(p, last);
        must(n > 0 && *p >= ' ');
    }
}


static void
check_policy(const llmp_policy_t *policy)
{
    llmp_uint_t         i;
    const llmp_tier_t  *tier;

    must(policy->ntiers > 0 && policy->default_tier != NULL);

    for (i = 0; i < policy->ntiers; i++) {
        must(llmp_policy_tier(policy, &policy->tiers[i].name)
             == &policy->tiers[i]);
        must(policy->tiers[i].named == &policy->tiers[i]);
    }

    for (i = 0; i < policy->ntiers + policy->nown; i++) {
        must(policy->tiers[i].entries == policy->tiers[i].named->entries);
        check_rules(&policy->tiers[i].rules, policy);
    }

    for (i = 0; i < policy->nmodels; i++) {
        must(policy->models[i].match.nelts > 0);
        check_rules(&policy->models[i].rules, policy);
    }

    for (i = 0; i < policy->ntenants; i++) {
        tier = policy->tenants[i].tier;

        must(tier != NULL);
        must(tier->named - policy->tiers < (int) policy->ntiers);
        must(tier == tier->named || tier->tenant == &policy->tenants[i]);
    }

    for (i = 0; i < policy->nkeys; i++) {
        must(policy->keys[i].tenant != NULL);
        must(i == 0 || memcmp(policy->keys[i - 1].hash, policy->keys[i].hash,
                              LLMP_KEY_HASH) < 0);
    }

    for (i = 0; i < policy->nroutes; i++) {
        must(policy->routes[i].path.text.len > 0);
        must((policy->routes[i].action == LLMP_ROUTE_POLICE)
             == (policy->routes[i].dialect != NULL));
    }

    for (i = 0; i < policy->npointers; i++) {
        must(policy->pointers[i].nsteps > 0);
    }

    for (i = 0; i < llmp_ndialects; i++) {
        must(policy->watch[i] != NULL);
    }
}


static void
check_rules(const llmp_rules_t *rules, const llmp_policy_t *policy)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (rules->params[i] != NULL) {
            must(llmp_str_eq(&rules->params[i]->name, &llmp_params[i].name));
            check_rule(rules->params[i]);
        }
    }

    if (rules->pointers == NULL) {
        return;
    }

    for (i = 0; i < policy->npointers; i++) {
        if (rules->pointers[i] != NULL) {
            must(llmp_str_eq(&rules->pointers[i]->name,
                             &policy->pointers[i].text));
            check_rule(rules->pointers[i]);
        }
    }
}


static void
check_rule(const llmp_rule_t *rule)
{
    llmp_uint_t  i;

    check_value(rule->fallback);
    check_value(rule->force);
    check_value(rule->min);
    check_value(rule->max);

    for (i = 0; i < rule->nallow; i++) {
        check_value(&rule->allow[i]);
    }

    must((rule->allow != NULL) == (rule->nallow > 0));
    must(!rule->reject || rule->min != NULL || rule->max != NULL);
    must((rule->force != NULL) + (rule->force_from != NULL) + rule->remove
         + rule->deny + rule->require <= 1);
    must((rule->fallback != NULL) + (rule->fallback_from != NULL) <= 1);

    if (llmp_rule_template(rule) != NULL) {
        check_template(llmp_rule_template(rule));
    }

    if (rule->min != NULL && rule->max != NULL) {
        must(llmp_decimal_cmp(&rule->min->number, &rule->max->number) <= 0);
    }

    if (rule->fallback != NULL && rule->max != NULL) {
        must(rule->fallback->type == LLMP_TYPE_NUMBER);
        must(llmp_decimal_cmp(&rule->fallback->number, &rule->max->number)
             <= 0);
    }
}


/* the parts of a template are its text, in order */

static void
check_template(const llmp_template_t *template)
{
    size_t                       len;
    llmp_uint_t                  i, variables;
    const llmp_template_part_t  *part;

    len = 0;
    variables = 0;

    for (i = 0; i < template->nparts; i++) {
        part = &template->parts[i];

        if (part->variable == LLMP_VARIABLE_NONE) {
            must(part->literal.len != 0);
            must(memchr(part->literal.data, '$', part->literal.len) == NULL);
            len += part->literal.len;

        } else {
            must(part->variable == LLMP_VARIABLE_NGINX
                 || part->variable < LLMP_VARIABLE_KNOWN);
            variables++;
        }
    }

    must(variables != 0);
    must(len < template->string.len);
    must(template->text.len <= LLMP_TEMPLATE_MAX);
}


/* a value can be written into a request without changes */

static void
check_value(const llmp_value_t *value)
{
    json_t          *json;
    llmp_decimal_t   number;

    if (value == NULL) {
        return;
    }

    json = json_loadb((char *) value->text.data, value->text.len,
                      JSON_DECODE_ANY|JSON_REJECT_DUPLICATES
                      |JSON_DECODE_INT_AS_REAL, NULL);
    must(json != NULL);

    if (value->type == LLMP_TYPE_STRING) {
        must(json_string_length(json) == value->string.len);
        must(memcmp(json_string_value(json), value->string.data,
                    value->string.len)
             == 0);
    }

    if (value->type == LLMP_TYPE_NUMBER) {
        must(llmp_decimal_parse(&number, &value->text) == LLMP_OK);
        must(llmp_decimal_cmp(&number, &value->number) == 0);
    }

    json_decref(json);
}
