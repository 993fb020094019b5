
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_type.h"
#include "loader/llmp_load_facts.h"
#include "loader/llmp_load_rule.h"
#include "loader/llmp_load_template.h"


/* a verb precedes the verbs that it excludes */

typedef enum {
    LLMP_VERB_FORCE = 0,
    LLMP_VERB_FORCE_FROM,
    LLMP_VERB_REMOVE,
    LLMP_VERB_DENY,
    LLMP_VERB_REQUIRE,
    LLMP_VERB_ALLOW,
    LLMP_VERB_DEFAULT,
    LLMP_VERB_DEFAULT_FROM,
    LLMP_VERB_MIN,
    LLMP_VERB_MAX,
    LLMP_VERB_ON_VIOLATION,

    /* no verbs: facts */

    LLMP_VERB_AS,
    LLMP_VERB_TAKES,
    LLMP_VERB_NOT_BESIDE,
    LLMP_VERBS
} llmp_verb_e;


#define LLMP_VERBS_FACTS  3


#define llmp_verb(verb)  (1u << (verb))

#define LLMP_VERBS_VALUE                                                      \
    (llmp_verb(LLMP_VERB_ALLOW) | llmp_verb(LLMP_VERB_DEFAULT)                \
     | llmp_verb(LLMP_VERB_DEFAULT_FROM)                                      \
     | llmp_verb(LLMP_VERB_MIN) | llmp_verb(LLMP_VERB_MAX))


typedef struct {
    llmp_loader_t          *loader;
    const llmp_param_t     *param;  /* NULL: a pointer */
    const llmp_doc_node_t  *verbs[LLMP_VERBS];
} llmp_rule_reader_t;


typedef struct {
    const llmp_value_t     *value;
    const llmp_doc_node_t  *node;
} llmp_load_rule_allowed_t;


static llmp_facts_t *llmp_load_rule_facts(llmp_rule_reader_t *reader);
static llmp_uint_t llmp_load_rule_has_facts_only(llmp_rule_reader_t *reader);
static void llmp_load_rule_check_exclusions(llmp_rule_reader_t *reader);
static unsigned llmp_load_rule_flag(llmp_rule_reader_t *reader,
    llmp_verb_e verb);
static llmp_value_t *llmp_load_rule_value(llmp_rule_reader_t *reader,
    llmp_verb_e verb);
static llmp_template_t *llmp_load_rule_template(llmp_rule_reader_t *reader,
    llmp_verb_e verb, llmp_verb_e constant);
static llmp_value_t *llmp_load_rule_bound(llmp_rule_reader_t *reader,
    llmp_verb_e verb);
static llmp_uint_t llmp_load_rule_is_comparable(llmp_rule_reader_t *reader,
    const llmp_value_t *value);
static void llmp_load_rule_refuse_value(llmp_rule_reader_t *reader,
    const llmp_doc_node_t *node, const char *why);
static void llmp_load_rule_allow(llmp_rule_reader_t *reader, llmp_rule_t *rule);
static llmp_int_t llmp_load_rule_read(llmp_rule_reader_t *reader,
    const llmp_doc_node_t *node, llmp_value_t *value);
static llmp_int_t llmp_load_rule_check_value(llmp_rule_reader_t *reader,
    const llmp_doc_node_t *node, const llmp_value_t *value);
static void llmp_load_rule_check_repeats(llmp_rule_reader_t *reader,
    llmp_load_rule_allowed_t *allowed, llmp_uint_t nallowed);
static void llmp_load_rule_check_bounds(llmp_rule_reader_t *reader,
    const llmp_rule_t *rule);
static void llmp_load_rule_check_default(llmp_rule_reader_t *reader,
    const llmp_rule_t *rule);
static llmp_int_t llmp_load_rule_is_unlimited(const llmp_rule_reader_t *reader,
    const llmp_value_t *value);
static int llmp_load_rule_allowed_cmp(const void *one, const void *two);
static int llmp_load_rule_value_cmp(const llmp_value_t *a,
    const llmp_value_t *b);


static const llmp_doc_member_t  llmp_rule_members[LLMP_VERBS] = {
    { "force", 0, 0 },
    { "force_from", LLMP_TYPE_STRING, 0 },
    { "remove", LLMP_TYPE_BOOLEAN, 0 },
    { "deny", LLMP_TYPE_BOOLEAN, 0 },
    { "require", LLMP_TYPE_BOOLEAN, 0 },
    { "allow", LLMP_TYPE_ARRAY, 0 },
    { "default", 0, 0 },
    { "default_from", LLMP_TYPE_STRING, 0 },
    { "min", 0, 0 },
    { "max", 0, 0 },
    { "on_violation", LLMP_TYPE_STRING, 0 },
    { "as", LLMP_TYPE_STRING, 0 },
    { "takes", LLMP_TYPE_ARRAY, 0 },
    { "not_beside", LLMP_TYPE_ARRAY, 0 }
};


static const unsigned  llmp_rule_exclusions[LLMP_VERBS] = {

    /* force */
    LLMP_VERBS_VALUE | llmp_verb(LLMP_VERB_FORCE_FROM)
    | llmp_verb(LLMP_VERB_REMOVE) | llmp_verb(LLMP_VERB_DENY)
    | llmp_verb(LLMP_VERB_REQUIRE),

    /* force_from */
    LLMP_VERBS_VALUE | llmp_verb(LLMP_VERB_REMOVE)
    | llmp_verb(LLMP_VERB_DENY) | llmp_verb(LLMP_VERB_REQUIRE),

    /* remove */
    LLMP_VERBS_VALUE | llmp_verb(LLMP_VERB_DENY)
    | llmp_verb(LLMP_VERB_REQUIRE),

    /* deny */
    LLMP_VERBS_VALUE | llmp_verb(LLMP_VERB_REQUIRE),

    /* require */
    llmp_verb(LLMP_VERB_DEFAULT) | llmp_verb(LLMP_VERB_DEFAULT_FROM),

    /* allow */
    llmp_verb(LLMP_VERB_MIN) | llmp_verb(LLMP_VERB_MAX),

    /* default */
    llmp_verb(LLMP_VERB_DEFAULT_FROM),

    /* default_from: its values are strings */
    llmp_verb(LLMP_VERB_MIN) | llmp_verb(LLMP_VERB_MAX),

    /* min, max, on_violation, facts */
    0, 0, 0, 0, 0, 0
};


/* index: bit reject of llmp_rule_t */

static const char *const  llmp_rule_violations[] = { "clamp", "reject" };


llmp_rule_t *
llmp_load_rule(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_param_t *param, llmp_facts_t **facts)
{
    llmp_str_t               name;
    llmp_rule_t             *rule;
    llmp_rule_reader_t       reader;
    const llmp_doc_node_t  **verbs;

    reader.loader = loader;
    reader.param = param;

    verbs = reader.verbs;
    *facts = NULL;

    rule = llmp_loader_alloc(loader, 1, sizeof(llmp_rule_t));
    if (rule == NULL || !llmp_doc_is(&loader->doc, node, LLMP_TYPE_OBJECT)) {
        return NULL;
    }

    name.data = (u_char *) node->name;
    name.len = strlen(node->name);

    rule->name = llmp_loader_copy(loader, &name);
    rule->place = llmp_loader_place(loader, node);
    llmp_loader_add_rule(loader, rule, node);

    llmp_doc_find(&loader->doc, node, llmp_rule_members, LLMP_VERBS, verbs);

    llmp_load_rule_check_exclusions(&reader);

    llmp_doc_check(&loader->doc, llmp_rule_members, LLMP_VERBS, verbs);

    rule->remove = llmp_load_rule_flag(&reader, LLMP_VERB_REMOVE);
    rule->deny = llmp_load_rule_flag(&reader, LLMP_VERB_DENY);
    rule->require = llmp_load_rule_flag(&reader, LLMP_VERB_REQUIRE);

    if (verbs[LLMP_VERB_ON_VIOLATION] != NULL) {
        rule->reject = llmp_doc_one_of(&loader->doc,
                                       verbs[LLMP_VERB_ON_VIOLATION],
                                       llmp_rule_violations, 2)
                       == 1;
    }

    rule->force = llmp_load_rule_value(&reader, LLMP_VERB_FORCE);
    rule->fallback = llmp_load_rule_value(&reader, LLMP_VERB_DEFAULT);
    rule->force_from = llmp_load_rule_template(&reader, LLMP_VERB_FORCE_FROM,
                                               LLMP_VERB_FORCE);
    rule->fallback_from = llmp_load_rule_template(&reader,
                                                  LLMP_VERB_DEFAULT_FROM,
                                                  LLMP_VERB_DEFAULT);
    rule->min = llmp_load_rule_bound(&reader, LLMP_VERB_MIN);
    rule->max = llmp_load_rule_bound(&reader, LLMP_VERB_MAX);

    llmp_load_rule_allow(&reader, rule);

    llmp_load_rule_check_bounds(&reader, rule);
    llmp_load_rule_check_default(&reader, rule);

    *facts = llmp_load_rule_facts(&reader);

    /* a rule without anything is one: it replaces that of the tier */

    return (*facts != NULL && llmp_load_rule_has_facts_only(&reader))
           ? NULL : rule;
}


static llmp_facts_t *
llmp_load_rule_facts(llmp_rule_reader_t *reader)
{
    llmp_load_facts_t  nodes;

    nodes.as = reader->verbs[LLMP_VERB_AS];
    nodes.takes = reader->verbs[LLMP_VERB_TAKES];
    nodes.not_beside = reader->verbs[LLMP_VERB_NOT_BESIDE];

    return llmp_load_facts(reader->loader, &nodes, reader->param);
}


static llmp_uint_t
llmp_load_rule_has_facts_only(llmp_rule_reader_t *reader)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_VERBS - LLMP_VERBS_FACTS; i++) {
        if (reader->verbs[i] != NULL) {
            return 0;
        }
    }

    return 1;
}


static void
llmp_load_rule_check_exclusions(llmp_rule_reader_t *reader)
{
    llmp_doc_t              *doc;
    llmp_uint_t              i, j;
    const llmp_doc_node_t  **verbs;

    doc = &reader->loader->doc;
    verbs = reader->verbs;

    for (i = 0; i < LLMP_VERBS; i++) {

        for (j = i + 1; j < LLMP_VERBS; j++) {

            if (verbs[i] != NULL && verbs[j] != NULL
                && (llmp_rule_exclusions[i] & llmp_verb(j)))
            {
                llmp_doc_error(doc, verbs[j],
                               "\"%s\" excludes \"%s\"; use one of them",
                               llmp_rule_members[j].name,
                               llmp_rule_members[i].name);
            }
        }
    }

    if (verbs[LLMP_VERB_ON_VIOLATION] != NULL
        && verbs[LLMP_VERB_MIN] == NULL && verbs[LLMP_VERB_MAX] == NULL)
    {
        llmp_doc_error(doc, verbs[LLMP_VERB_ON_VIOLATION],
                       "\"on_violation\" requires \"min\" or \"max\"");
    }
}


static unsigned
llmp_load_rule_flag(llmp_rule_reader_t *reader, llmp_verb_e verb)
{
    const llmp_doc_node_t  *node;

    node = reader->verbs[verb];

    if (node == NULL) {
        return 0;
    }

    if (!node->is_true) {
        llmp_doc_error(&reader->loader->doc, node,
                       "must be true, or absent");
    }

    return 1;
}


static llmp_value_t *
llmp_load_rule_value(llmp_rule_reader_t *reader, llmp_verb_e verb)
{
    llmp_value_t           *value;
    const llmp_doc_node_t  *node;

    node = reader->verbs[verb];

    if (node == NULL) {
        return NULL;
    }

    value = llmp_loader_alloc(reader->loader, 1, sizeof(llmp_value_t));

    if (value == NULL || llmp_load_rule_read(reader, node, value) != LLMP_OK) {
        return NULL;
    }

    return value;
}


/* constant is the verb for values without variables */

static llmp_template_t *
llmp_load_rule_template(llmp_rule_reader_t *reader, llmp_verb_e verb,
    llmp_verb_e constant)
{
    const char             *name;
    const llmp_doc_node_t  *node;

    node = reader->verbs[verb];
    name = llmp_rule_members[constant].name;

    if (node == NULL) {
        return NULL;
    }

    if (reader->param != NULL) {
        llmp_doc_error(&reader->loader->doc, node, "\"%s\" is for JSON "
                       "Pointers, such as \"/user\"; the value of \"%s\" "
                       "must be known here: write \"%s\"", node->name,
                       (char *) reader->param->name.data, name);
        return NULL;
    }

    return llmp_load_template(reader->loader, node, name);
}


static llmp_value_t *
llmp_load_rule_bound(llmp_rule_reader_t *reader, llmp_verb_e verb)
{
    char                    types[LLMP_TYPE_LIST];
    const char             *least;
    llmp_value_t           *value;
    const llmp_param_t     *param;
    const llmp_doc_node_t  *node;

    node = reader->verbs[verb];
    param = reader->param;

    if (node != NULL && param != NULL && !(param->types & LLMP_TYPE_NUMBER)
        && param->order == NULL)
    {
        llmp_doc_error(&reader->loader->doc, node, "\"%s\" is for numbers, "
                       "but \"%s\" takes %s",
                       node->name, (char *) param->name.data,
                       llmp_type_list(types, param->types));
        return NULL;
    }

    if (node != NULL && (param == NULL || param->order == NULL)
        && !llmp_doc_is(&reader->loader->doc, node, LLMP_TYPE_NUMBER))
    {
        return NULL;
    }

    value = llmp_load_rule_value(reader, verb);

    if (value != NULL && !llmp_load_rule_is_comparable(reader, value)) {
        llmp_load_rule_refuse_value(reader, node, "");
        return NULL;
    }

    least = (param != NULL && (param->flags & LLMP_PARAM_UNLIMITED)) ? "1"
                                                                     : "0";

    if (value != NULL && verb == LLMP_VERB_MAX
        && llmp_load_rule_is_unlimited(reader, value))
    {
        llmp_doc_error(&reader->loader->doc, node,
                       "must be at least %s: some upstreams read \"%s\" below "
                       "%s as no limit", least, (char *) param->name.data,
                       least);
        return NULL;
    }

    return value;
}


/* returns whether a value may be compared with bounds */

static llmp_uint_t
llmp_load_rule_is_comparable(llmp_rule_reader_t *reader,
    const llmp_value_t *value)
{
    llmp_decimal_t       rank;
    const llmp_param_t  *param;

    param = reader->param;

    if (param == NULL || param->order == NULL) {
        return value->type == LLMP_TYPE_NUMBER;
    }

    return value->type == LLMP_TYPE_STRING
           && llmp_param_rank(param, &value->string, &rank) == LLMP_OK;
}


static void
llmp_load_rule_refuse_value(llmp_rule_reader_t *reader,
    const llmp_doc_node_t *node, const char *why)
{
    char          list[LLMP_PARAM_ORDER];
    const char   *name;

    if (reader->param == NULL || reader->param->order == NULL) {
        llmp_doc_error(&reader->loader->doc, node, "must be a number%s",
                       why);
        return;
    }

    name = (char *) reader->param->name.data;

    llmp_doc_error(&reader->loader->doc, node, "must be one of the values of "
                   "\"%s\"%s; from the least: %s", name, why,
                   llmp_param_list(list, reader->param));
}


static void
llmp_load_rule_allow(llmp_rule_reader_t *reader, llmp_rule_t *rule)
{
    size_t                     n;
    llmp_load_rule_allowed_t  *allowed;
    const llmp_doc_node_t     *node, *child;

    node = reader->verbs[LLMP_VERB_ALLOW];

    if (node == NULL) {
        return;
    }

    n = llmp_doc_size(node);

    if (n == 0) {
        llmp_doc_error(&reader->loader->doc, node,
                       "must have at least one value");
        return;
    }

    rule->allow = llmp_loader_alloc(reader->loader, n, sizeof(llmp_value_t));
    allowed = llmp_loader_alloc(reader->loader, n,
                                sizeof(llmp_load_rule_allowed_t));

    if (rule->allow == NULL || allowed == NULL) {
        return;
    }

    n = 0;

    llmp_doc_each(child, node) {

        if (llmp_doc_is(&reader->loader->doc, child,
                        LLMP_TYPE_SCALAR & ~LLMP_TYPE_NULL)
            && llmp_load_rule_read(reader, child, &rule->allow[n]) == LLMP_OK)
        {
            allowed[n].value = &rule->allow[n];
            allowed[n].node = child;
            n++;
        }
    }

    rule->nallow = n;

    llmp_load_rule_check_repeats(reader, allowed, n);
}


static llmp_int_t
llmp_load_rule_read(llmp_rule_reader_t *reader, const llmp_doc_node_t *node,
    llmp_value_t *value)
{
    llmp_str_t   text, string;
    llmp_doc_t  *doc;

    doc = &reader->loader->doc;

    text = llmp_doc_text(doc, node);

    value->type = llmp_doc_type(node);
    value->text = llmp_loader_copy(reader->loader, &text);

    if (value->type == LLMP_TYPE_STRING) {
        string = llmp_doc_string(node);
        value->string = llmp_loader_copy(reader->loader, &string);

        if (reader->param != NULL && reader->param->order != NULL) {
            (void) llmp_param_rank(reader->param, &string, &value->number);
        }
    }

    if (value->type == LLMP_TYPE_NUMBER
        && llmp_decimal_parse(&value->number, &text) != LLMP_OK)
    {
        llmp_doc_error(doc, node, "a number must have at most %d characters "
                       "and be below 1e308", LLMP_DECIMAL_MAX);
        return LLMP_ERROR;
    }

    if (doc->failed) {
        return LLMP_ERROR;
    }

    return llmp_load_rule_check_value(reader, node, value);
}


static llmp_int_t
llmp_load_rule_check_value(llmp_rule_reader_t *reader,
    const llmp_doc_node_t *node, const llmp_value_t *value)
{
    char                 wanted[LLMP_TYPE_LIST], got[LLMP_TYPE_LIST];
    llmp_doc_t          *doc;
    const llmp_param_t  *param;

    doc = &reader->loader->doc;
    param = reader->param;

    if (param == NULL) {
        return LLMP_OK;
    }

    if (!(value->type & param->types)) {
        llmp_doc_error(doc, node, "\"%s\" takes %s, not %s",
                       (char *) param->name.data,
                       llmp_type_list(wanted, param->types),
                       llmp_type_list(got, value->type));
        return LLMP_ERROR;
    }

    if ((param->flags & LLMP_PARAM_INTEGER)
        && value->type == LLMP_TYPE_NUMBER
        && !llmp_decimal_is_integer(&value->number))
    {
        llmp_doc_error(doc, node, "\"%s\" takes a whole number",
                       (char *) param->name.data);
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


static void
llmp_load_rule_check_repeats(llmp_rule_reader_t *reader,
    llmp_load_rule_allowed_t *allowed, llmp_uint_t nallowed)
{
    llmp_uint_t  i;

    qsort(allowed, nallowed, sizeof(llmp_load_rule_allowed_t),
          llmp_load_rule_allowed_cmp);

    for (i = 1; i < nallowed; i++) {

        if (llmp_load_rule_value_cmp(allowed[i - 1].value,
                                     allowed[i].value) == 0)
        {
            llmp_doc_error(&reader->loader->doc, allowed[i].node,
                           "this value is already in the list");
        }
    }
}


static void
llmp_load_rule_check_bounds(llmp_rule_reader_t *reader, const llmp_rule_t *rule)
{
    const llmp_value_t  *min, *max;

    min = rule->min;
    max = rule->max;

    if (min != NULL && max != NULL
        && llmp_decimal_cmp(&min->number, &max->number) > 0)
    {
        llmp_doc_error(&reader->loader->doc, reader->verbs[LLMP_VERB_MIN],
                       "min %s is greater than max %s",
                       (char *) min->text.data, (char *) max->text.data);
    }
}


static void
llmp_load_rule_check_default(llmp_rule_reader_t *reader,
    const llmp_rule_t *rule)
{
    llmp_doc_t             *doc;
    llmp_uint_t             i;
    const llmp_value_t     *min, *max, *value;
    const llmp_doc_node_t  *node, *allow;

    doc = &reader->loader->doc;
    node = reader->verbs[LLMP_VERB_DEFAULT];
    value = rule->fallback;

    if (value == NULL) {
        return;
    }

    min = rule->min;
    max = rule->max;

    if ((min != NULL || max != NULL)
        && !llmp_load_rule_is_comparable(reader, value))
    {
        llmp_load_rule_refuse_value(reader, node, ", since it has bounds");
        return;
    }

    if (min != NULL && llmp_decimal_cmp(&value->number, &min->number) < 0) {
        llmp_doc_error(doc, node, "default %s is less than min %s",
                       (char *) value->text.data, (char *) min->text.data);

    } else if (max != NULL && llmp_load_rule_is_unlimited(reader, value)) {
        llmp_doc_error(doc, node, "some upstreams read default %s as no limit, "
                       "which exceeds max %s",
                       (char *) value->text.data, (char *) max->text.data);

    } else if (max != NULL
               && llmp_decimal_cmp(&value->number, &max->number) > 0)
    {
        llmp_doc_error(doc, node, "default %s is greater than max %s",
                       (char *) value->text.data, (char *) max->text.data);
    }

    allow = reader->verbs[LLMP_VERB_ALLOW];

    if (allow == NULL || rule->nallow != llmp_doc_size(allow)) {
        /* no list, or a list with errors */
        return;
    }

    for (i = 0; i < rule->nallow; i++) {
        if (llmp_load_rule_value_cmp(value, &rule->allow[i]) == 0) {
            return;
        }
    }

    llmp_doc_error(doc, node, "must be one of the values of \"allow\"");
}


/* checks that some API accepts a value that the rule permits */

static llmp_int_t
llmp_load_rule_is_unlimited(const llmp_rule_reader_t *reader,
    const llmp_value_t *value)
{
    const llmp_decimal_t  *number;

    number = &value->number;

    if (reader->param == NULL
        || !(reader->param->flags & LLMP_PARAM_UNLIMITED))
    {
        return reader->param != NULL && number->negative
               && (reader->param->flags & LLMP_PARAM_OFF);
    }

    return number->negative || number->ndigits == 0 || number->exponent < 1;
}


/* orders values; equal values in the order of the document */

static int
llmp_load_rule_allowed_cmp(const void *one, const void *two)
{
    int                              rc;
    const llmp_load_rule_allowed_t  *a, *b;

    a = one;
    b = two;

    rc = llmp_load_rule_value_cmp(a->value, b->value);

    if (rc != 0) {
        return rc;
    }

    return (a->value > b->value) - (a->value < b->value);
}


/* orders values by type first; returns 0 if both mean the same in JSON */

static int
llmp_load_rule_value_cmp(const llmp_value_t *a, const llmp_value_t *b)
{
    int                rc;
    const llmp_str_t  *x, *y;

    if (a->type != b->type) {
        return a->type < b->type ? -1 : 1;
    }

    if (a->type == LLMP_TYPE_NUMBER) {
        return llmp_decimal_cmp(&a->number, &b->number);
    }

    x = (a->type == LLMP_TYPE_STRING) ? &a->string : &a->text;
    y = (b->type == LLMP_TYPE_STRING) ? &b->string : &b->text;

    rc = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

    if (rc != 0) {
        return rc;
    }

    return (x->len > y->len) - (x->len < y->len);
}
