
/*
 * Copyright (C) llm-policy authors
 *
 * What must hold of any scan, whatever the document; for the scanner's unit
 * test and its fuzzer.  The checks return NULL, or what is wrong.
 */


#ifndef LLMP_SCAN_CHECK_H_INCLUDED_
#define LLMP_SCAN_CHECK_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/llmp_arena.h"
#include "json/llmp_json_string.h"
#include "json/llmp_scan.h"
#include "watch/llmp_watch_build.h"


static const char *scan_check_json(const llmp_scan_t *scan, uint32_t i,
    json_t *value);


/* ---- a tree of what is watched, of paths like "requests[].params" ---- */

static inline void
scan_tree_set(llmp_watch_t *node, void *data)
{
    node->rules.params |= *(uint64_t *) data;
}


static inline llmp_uint_t
scan_tree_steps(llmp_step_t *steps, const char *path)
{
    llmp_uint_t  n;

    n = 0;

    while (*path != '\0') {
        path += (*path == '.');

        steps[n].is_element = (*path == '[');
        steps[n].name.data = (u_char *) path;
        steps[n].name.len = steps[n].is_element ? 0 : strcspn(path, ".[");

        path += steps[n].is_element ? 2 : steps[n].name.len;
        n++;
    }

    return n;
}


/* the i-th path gets the i-th bit, modulo 64; NULL if there is no memory */

static inline llmp_watch_t *
scan_tree(llmp_pool_t *pool, const char *const *paths, size_t npaths)
{
    size_t         i;
    uint64_t       mask;
    llmp_uint_t    n;
    llmp_step_t    steps[LLMP_STEPS_MAX];
    llmp_watch_t  *root;

    root = llmp_watch_create(pool);
    if (root == NULL) {
        return NULL;
    }

    for (i = 0; i < npaths; i++) {
        mask = llmp_mask(i % 64);
        n = scan_tree_steps(steps, paths[i]);

        if (llmp_watch_add(pool, root, steps, n, scan_tree_set, &mask)
            != LLMP_OK)
        {
            return NULL;
        }
    }

    return (llmp_watch_finish(pool, root) == LLMP_OK) ? root : NULL;
}


/* ---- two scans of one document ---- */

static inline const char *
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


static inline const char *
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


static inline const char *
scan_check_same(const llmp_scan_t *a, const llmp_scan_t *b)
{
    const char  *wrong;

    wrong = scan_check_same_refusal(&a->refusal, &b->refusal);

    /* where a refusal leaves the members does not matter */

    if (wrong != NULL || a->refusal.code != LLMP_REFUSE_NONE) {
        return wrong;
    }

    return scan_check_same_members(&a->members, &b->members);
}


/* ---- members against the bytes of the document ---- */


/* the position of the first byte from pos on that is no white space */

static inline uint64_t
scan_check_skip(const u_char *doc, size_t len, uint64_t pos)
{
    while (pos < len && strchr(" \t\n\r", doc[pos]) && doc[pos] != '\0') {
        pos++;
    }

    return pos;
}


static inline const char *
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


static inline const char *
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


static inline const char *
scan_check_text(const llmp_member_t *m, const u_char *doc)
{
    size_t  n;

    if (!(m->type & LLMP_TYPE_SCALAR)) {
        return (m->text.len == 0 && !m->cut) ? NULL
                                             : "the text of a container";
    }

    n = m->end - m->start;

    if (m->cut != (n > LLMP_TEXT_MAX)) {
        return "wrongly said to be cut, or not";
    }

    if (n > LLMP_TEXT_MAX) {
        n = LLMP_TEXT_MAX;
    }

    return (m->text.len == n && memcmp(m->text.data, doc + m->start, n) == 0
            && m->count == 0)
           ? NULL : "the text is not the value";
}


static inline const char *
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


/* ---- against jansson ---- */

static inline const char *
scan_check_string(const llmp_member_t *m, json_t *value)
{
    size_t  n;
    u_char  buf[LLMP_TEXT_MAX];

    n = llmp_unescape(buf, &m->text);

    if (n > json_string_length(value)
        || (!m->cut && n != json_string_length(value))
        || memcmp(buf, json_string_value(value), n) != 0)
    {
        return "jansson decodes another string";
    }

    return NULL;
}


static inline const char *
scan_check_scalar(const llmp_member_t *m, json_t *value)
{
    char  buf[LLMP_TEXT_MAX + 1];

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


/* what jansson has for a member of the object, or an element of the array */

static inline json_t *
scan_check_inner(const llmp_watch_t *watch, uint32_t index, json_t *value)
{
    char  name[LLMP_NAME_MAX + 1];

    if (json_is_array(value)) {
        return json_array_get(value, index);
    }

    memcpy(name, watch->name.data, watch->name.len);
    name[watch->name.len] = '\0';

    return json_object_get(value, name);
}


/* how many watched members or elements jansson has directly inside */

static inline uint32_t
scan_check_inside(const llmp_member_t *m, json_t *value)
{
    uint32_t     n;
    llmp_uint_t  i;

    n = 0;

    if (json_is_array(value)) {
        for (i = 0; i < json_array_size(value); i++) {
            n += (llmp_watch_element(m->watch, i) != NULL);
        }

        return n;
    }

    for (i = 0; i < m->watch->nchildren; i++) {
        n += (scan_check_inner(m->watch->children[i], 0, value) != NULL);
    }

    return n;
}


static inline const char *
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
 * What is accepted has to be so by jansson, but for numbers that no double
 * holds.  What is refused as no JSON, or for a duplicate, has to be refused by
 * jansson, but for a NUL byte, which jansson 2.14 overlooks behind a number.
 * All other refusals are for what jansson may take.
 */

static inline const char *
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


/* all of the above for a scan that is over */

static inline const char *
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


#endif /* LLMP_SCAN_CHECK_H_INCLUDED_ */
