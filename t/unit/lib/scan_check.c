
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "dialect/llmp_param.h"
#include "json/llmp_json_string.h"

#include "scan_check.h"


static uint64_t scan_check_skip(const u_char *doc, size_t len, uint64_t pos);
static const char *scan_check_name(const llmp_scan_t *scan,
    const llmp_member_t *m, const u_char *doc, size_t len);
static const char *scan_check_commas(const llmp_member_t *m, const u_char *doc,
    size_t len);
static const char *scan_check_text(const llmp_member_t *m, const u_char *doc);
static const char *scan_check_members(const llmp_scan_t *scan,
    const u_char *doc, size_t len);
static const char *scan_check_string(const llmp_member_t *m, json_t *value);
static const char *scan_check_scalar(const llmp_member_t *m, json_t *value);
static json_t *scan_check_inner(const llmp_watch_t *watch, uint32_t index,
    json_t *value);
static uint32_t scan_check_inside(const llmp_member_t *m, json_t *value);
static const char *scan_check_container(const llmp_scan_t *scan, uint32_t i,
    json_t *value);
static const char *scan_check_json(const llmp_scan_t *scan, uint32_t i,
    json_t *value);
static const char *scan_check_jansson(const llmp_scan_t *scan,
    const u_char *doc, size_t len);


const char *
scan_check_same_refusal(const llmp_refusal_t *a, const llmp_refusal_t *b)
{
    if (a->code != b->code) {
        return "refused for another reason";
    }

    if (strcmp(a->message, b->message) != 0
        || strcmp(a->param, b->param) != 0)
    {
        return "refused with another message";
    }

    return NULL;
}


const char *
scan_check_same_members(const llmp_members_t *a, const llmp_members_t *b)
{
    uint32_t              i;
    const llmp_member_t  *m, *n;

    if (a->nelts != b->nelts) {
        return "another number of members";
    }

    for (i = 0; i < a->nelts; i++) {
        m = &a->elts[i];
        n = &b->elts[i];

        if (m->watch != n->watch || m->comma != n->comma || m->key != n->key
            || m->start != n->start || m->end != n->end || m->next != n->next
            || m->parent != n->parent || m->last != n->last
            || m->index != n->index || m->count != n->count
            || m->type != n->type || m->cut != n->cut
            || !llmp_str_eq(&m->text, &n->text))
        {
            return "another member";
        }
    }

    return NULL;
}


const char *
scan_check_same(const llmp_scan_t *a, const llmp_scan_t *b)
{
    const char  *wrong;

    wrong = scan_check_same_refusal(&a->refusal, &b->refusal);

    /* the members of a refused document do not matter */

    if (wrong != NULL || a->refusal.code != LLMP_REFUSE_NONE) {
        return wrong;
    }

    return scan_check_same_members(&a->members, &b->members);
}


/* Returns the offset of the first byte from pos on that is not white space. */

static uint64_t
scan_check_skip(const u_char *doc, size_t len, uint64_t pos)
{
    while (pos < len && strchr(" \t\n\r", doc[pos]) && doc[pos] != '\0') {
        pos++;
    }

    return pos;
}


static const char *
scan_check_name(const llmp_scan_t *scan, const llmp_member_t *m,
    const u_char *doc, size_t len)
{
    uint64_t           colon;
    const llmp_str_t  *name;

    if (scan->members.elts[m->parent].type == LLMP_TYPE_ARRAY) {
        return (m->key == m->start) ? NULL : "an element's key";
    }

    name = &m->watch->name;

    if (m->key + name->len + 2 > m->start
        || doc[m->key] != '"' || doc[m->key + 1 + name->len] != '"'
        || memcmp(doc + m->key + 1, name->data, name->len) != 0)
    {
        return "key is not where the name is";
    }

    colon = scan_check_skip(doc, len, m->key + name->len + 2);

    return (doc[colon] == ':'
            && scan_check_skip(doc, len, colon + 1) == m->start)
           ? NULL : "the value does not follow its name";
}


static const char *
scan_check_commas(const llmp_member_t *m, const u_char *doc, size_t len)
{
    uint64_t  pos;

    if (m->index == 0) {

        if (m->comma != 0) {
            return "a comma before the first member";
        }

    } else if (doc[m->comma] != ','
               || scan_check_skip(doc, len, m->comma + 1) != m->key)
    {
        return "comma is not where the comma is";
    }

    pos = scan_check_skip(doc, len, m->end);

    if (doc[pos] == ',') {
        return (m->next == scan_check_skip(doc, len, pos + 1))
               ? NULL : "next is not where the next one is";
    }

    if (doc[pos] != '}' && doc[pos] != ']') {
        return "end is not where the value ends";
    }

    return (m->next == 0) ? NULL : "next after the last member";
}


static const char *
scan_check_text(const llmp_member_t *m, const u_char *doc)
{
    size_t  n;

    if (!(m->type & LLMP_TYPE_SCALAR)) {
        return (m->text.len == 0 && !m->cut) ? NULL
                                             : "the text of a container";
    }

    n = m->end - m->start;

    if (m->cut != (n > LLMP_MEMBER_TEXT_MAX)) {
        return "wrongly said to be cut, or not";
    }

    if (n > LLMP_MEMBER_TEXT_MAX) {
        n = LLMP_MEMBER_TEXT_MAX;
    }

    return (m->text.len == n && memcmp(m->text.data, doc + m->start, n) == 0
            && m->count == 0)
           ? NULL : "the text is not the value";
}


static const char *
scan_check_members(const llmp_scan_t *scan, const u_char *doc, size_t len)
{
    uint32_t              i;
    const char           *what;
    const llmp_member_t  *m, *parent;

    for (i = 0; i < scan->members.nelts; i++) {
        m = &scan->members.elts[i];

        if (m->start >= m->end || m->end > len || m->last < i
            || m->last >= scan->members.nelts)
        {
            return "a member's bounds";
        }

        what = scan_check_text(m, doc);

        if (what == NULL && i != 0) {
            parent = &scan->members.elts[m->parent];

            if (m->parent >= i || m->last > parent->last
                || m->start <= parent->start || m->end >= parent->end
                || m->index >= parent->count || m->start <= m[-1].start)
            {
                return "a member outside its parent";
            }

            what = scan_check_name(scan, m, doc, len);

            if (what == NULL) {
                what = scan_check_commas(m, doc, len);
            }
        }

        if (what != NULL) {
            return what;
        }
    }

    return NULL;
}


static const char *
scan_check_string(const llmp_member_t *m, json_t *value)
{
    size_t  n;
    u_char  buf[LLMP_MEMBER_TEXT_MAX];

    n = llmp_json_string_decode(buf, &m->text);

    if (n > json_string_length(value)
        || (!m->cut && n != json_string_length(value))
        || memcmp(buf, json_string_value(value), n) != 0)
    {
        return "jansson decodes another string";
    }

    return NULL;
}


static const char *
scan_check_scalar(const llmp_member_t *m, json_t *value)
{
    char  buf[LLMP_MEMBER_TEXT_MAX + 1];

    switch (m->type) {

    case LLMP_TYPE_NULL:
        return json_is_null(value) ? NULL : "no null for jansson";

    case LLMP_TYPE_BOOLEAN:
        return (json_is_boolean(value)
                && m->text.data[0] == (json_is_true(value) ? 't' : 'f'))
               ? NULL : "another boolean for jansson";

    case LLMP_TYPE_STRING:
        return json_is_string(value) ? scan_check_string(m, value)
                                     : "no string for jansson";
    }

    memcpy(buf, m->text.data, m->text.len);
    buf[m->text.len] = '\0';

    return (json_is_number(value)
            && (m->cut || strtod(buf, NULL) == json_number_value(value)))
           ? NULL : "another number for jansson";
}


/* Returns the value that jansson has for a watched member or element. */

static json_t *
scan_check_inner(const llmp_watch_t *watch, uint32_t index, json_t *value)
{
    char  name[LLMP_WATCH_NAME_MAX + 1];

    if (json_is_array(value)) {
        return json_array_get(value, index);
    }

    memcpy(name, watch->name.data, watch->name.len);
    name[watch->name.len] = '\0';

    return json_object_get(value, name);
}


/* Returns the number of watched members or elements directly inside. */

static uint32_t
scan_check_inside(const llmp_member_t *m, json_t *value)
{
    uint32_t     n;
    llmp_uint_t  i;

    n = 0;

    if (json_is_array(value)) {
        for (i = 0; i < json_array_size(value); i++) {
            n += (llmp_watch_find_element(m->watch, i) != NULL);
        }

        return n;
    }

    for (i = 0; i < m->watch->nchildren; i++) {
        n += (scan_check_inner(m->watch->children[i], 0, value) != NULL);
    }

    return n;
}


static const char *
scan_check_container(const llmp_scan_t *scan, uint32_t i, json_t *value)
{
    json_t               *inner;
    uint32_t              j, n;
    const char           *what;
    const llmp_member_t  *m;

    m = &scan->members.elts[i];

    if (m->type == LLMP_TYPE_OBJECT ? !json_is_object(value)
                                    : !json_is_array(value))
    {
        return "no such container for jansson";
    }

    if (m->count != (json_is_object(value) ? json_object_size(value)
                                           : json_array_size(value)))
    {
        return "jansson counts otherwise";
    }

    n = 0;

    for (j = i + 1; j <= m->last; j = scan->members.elts[j].last + 1) {

        if (scan->members.elts[j].parent != i) {
            return "a member's parent";
        }

        inner = scan_check_inner(scan->members.elts[j].watch,
                                 scan->members.elts[j].index, value);

        what = scan_check_json(scan, j, inner);
        if (what != NULL) {
            return what;
        }

        n++;
    }

    return (n == scan_check_inside(m, value))
           ? NULL : "jansson has other watched members";
}


static const char *
scan_check_json(const llmp_scan_t *scan, uint32_t i, json_t *value)
{
    if (value == NULL) {
        return "a member that jansson does not have";
    }

    return (scan->members.elts[i].type & LLMP_TYPE_SCALAR)
           ? scan_check_scalar(&scan->members.elts[i], value)
           : scan_check_container(scan, i, value);
}


/*
 * jansson must accept each accepted document, except numbers that overflow a
 * double.  It must refuse each document that is refused as invalid JSON or for
 * a duplicate member, except for a NUL byte after a number, which jansson 2.14
 * does not notice.  Other refusals may concern documents that jansson accepts.
 */

static const char *
scan_check_jansson(const llmp_scan_t *scan, const u_char *doc, size_t len)
{
    json_t        *value;
    const char    *what;
    json_error_t   error;

    value = json_loadb((const char *) doc, len,
                       JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL
                       | JSON_DECODE_INT_AS_REAL, &error);

    what = NULL;

    if (scan->refusal.code == LLMP_REFUSE_NONE) {

        if (value != NULL) {
            what = scan_check_json(scan, 0, value);

        } else if (json_error_code(&error) != json_error_numeric_overflow) {
            what = "accepted what jansson refuses";
        }

    } else if (json_is_object(value)
               && strstr(scan->refusal.message, "NUL") == NULL
               && (scan->refusal.code == LLMP_REFUSE_DUPLICATE_MEMBER
                   || strncmp(scan->refusal.message, "invalid JSON", 12) == 0))
    {
        what = "refused what jansson accepts";
    }

    json_decref(value);

    return what;
}


const char *
scan_check(const llmp_scan_t *scan, const u_char *doc, size_t len)
{
    const char  *what;

    if (scan->refusal.code == LLMP_REFUSE_NONE) {
        what = scan_check_members(scan, doc, len);
        if (what != NULL) {
            return what;
        }
    }

    return scan_check_jansson(scan, doc, len);
}
