
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include <jansson.h>

#include "form_run.h"
#include "scan_check.h"
#include "watch_tree.h"


static const char *const  form_paths[] = {
    "temperature",
    "model",
    "stop",
    "max_tokens",
    "options.temperature",
    "options.top_k",
    "store"
};


static llmp_int_t form_file(void *data, uint64_t offset, const u_char *buf,
    size_t len, llmp_refusal_t *refusal);
static llmp_int_t form_feed(llmp_form_t *form, const u_char *data, size_t len,
    llmp_int_t last);
static void form_fail(const llmp_str_t *doc, const char *how, const char *what);
static const char *form_check_same(const llmp_form_t *a, const llmp_form_t *b);
static const char *form_check(const llmp_form_t *form, const llmp_str_t *doc);
static int form_delimiter(const llmp_form_t *form, const llmp_str_t *doc,
    uint64_t pos);
static int form_text_is(const llmp_member_t *m, const llmp_str_t *doc);
static int form_is(const llmp_str_t *doc, uint64_t pos, const void *text,
    size_t len);
static const char *form_found(const llmp_form_t *form);


int
form_setup(void **state)
{
    static form_fixture_t  f;

    llmp_arena_init(&f.tree);
    llmp_arena_init(&f.arena);

    f.root = watch_tree(&f.tree.pool, form_paths, test_nelts(form_paths));

    *state = &f;

    return f.root == NULL;
}


int
form_teardown(void **state)
{
    form_fixture_t  *f = *state;

    llmp_arena_reset(&f->tree);
    llmp_arena_reset(&f->arena);

    return 0;
}


void
form_good(form_fixture_t *f, const char *boundary, const llmp_str_t *doc,
    const char *found)
{
    llmp_str_t  b;

    b = test_cstr(boundary);

    form_scan(f, &b, doc);

    if (f->form.refusal.code != LLMP_REFUSE_NONE) {
        form_fail(doc, "refused", f->form.refusal.message);
    }

    if (strcmp(form_found(&f->form), found) != 0) {
        form_fail(doc, found, form_found(&f->form));
    }
}


void
form_bad(form_fixture_t *f, const char *boundary, const llmp_str_t *doc,
    llmp_refusal_e code, const char *message)
{
    llmp_str_t  b;

    b = test_cstr(boundary);

    form_scan(f, &b, doc);

    if (f->form.refusal.code == LLMP_REFUSE_NONE) {
        form_fail(doc, "accepted", message);
    }

    if (strcmp(f->form.refusal.message, message) != 0) {
        form_fail(doc, message, f->form.refusal.message);
    }

    assert_int_equal(f->form.refusal.code, code);
}


void
form_scan(form_fixture_t *f, const llmp_str_t *boundary,
    const llmp_str_t *doc)
{
    size_t  i;

    form_once(f, boundary, doc);

    form_check_pieces(f, boundary, doc, 1, 1);
    form_check_pieces(f, boundary, doc, 2, 3);

    for (i = 0; i < doc->len; i++) {
        form_check_pieces(f, boundary, doc, i, doc->len);
    }
}


void
form_once(form_fixture_t *f, const llmp_str_t *boundary,
    const llmp_str_t *doc)
{
    llmp_int_t   rc;
    const char  *what;

    llmp_arena_reset(&f->arena);

    assert_int_equal(form_start(f, &f->form, boundary, &f->arena.pool),
                     LLMP_OK);

    rc = form_feed(&f->form, doc->data, doc->len, 1);

    what = form_check(&f->form, doc);

    if (rc != (f->form.refusal.code == LLMP_REFUSE_NONE ? LLMP_OK
                                                        : LLMP_ERROR))
    {
        what = "the return code";
    }

    if (what != NULL) {
        form_fail(doc, "at once", what);
    }

    /* the result is final */

    if (rc == LLMP_ERROR) {
        assert_int_equal(form_feed(&f->form, (u_char *) "--b", 3, 0),
                         LLMP_ERROR);
        assert_int_equal(form_feed(&f->form, (u_char *) "", 0, 1),
                         LLMP_ERROR);
    }
}


void
form_check_pieces(form_fixture_t *f, const llmp_str_t *boundary,
    const llmp_str_t *doc, size_t first, size_t size)
{
    char          how[64];
    size_t        len;
    u_char        content[sizeof(f->content)];
    uint64_t      start;
    llmp_int_t    rc;
    const char   *what;
    llmp_form_t   form;
    llmp_arena_t  arena;

    llmp_arena_init(&arena);

    len = f->len;
    start = f->start;
    memcpy(content, f->content, len);

    assert_int_equal(form_start(f, &form, boundary, &arena.pool), LLMP_OK);

    rc = form_pieces(&form, doc, first, size);

    what = form_check_same(&f->form, &form);

    if (rc != (form.refusal.code == LLMP_REFUSE_NONE ? LLMP_OK : LLMP_ERROR)) {
        what = "the return code";
    }

    /* the end of the file's content in a refused form does not matter */

    if (form.refusal.code == LLMP_REFUSE_NONE
        && (f->len != len || memcmp(f->content, content, len) != 0
            || (len != 0 && f->start != start)))
    {
        what = "another content of the file";
    }

    if (what != NULL) {
        snprintf(how, sizeof(how), "pieces of %zu, then %zu", first, size);
        form_fail(doc, how, what);
    }

    f->len = len;
    f->start = start;
    memcpy(f->content, content, len);

    llmp_arena_reset(&arena);
}


llmp_int_t
form_start(form_fixture_t *f, llmp_form_t *form, const llmp_str_t *boundary,
    llmp_pool_t *pool)
{
    f->len = 0;

    if (llmp_form_init(form, f->root, boundary, pool) != LLMP_OK) {
        return LLMP_ERROR;
    }

    form->file = f->file;
    form->handler = form_file;
    form->data = f;

    return LLMP_OK;
}


/* Collects the content of the wanted file, without gaps or repetition. */

static llmp_int_t
form_file(void *data, uint64_t offset, const u_char *buf, size_t len,
    llmp_refusal_t *refusal)
{
    form_fixture_t *f = data;

    /* without gaps and repetitions */

    if (f->len == 0) {
        f->start = offset;
    }

    assert_int_not_equal(len, 0);
    assert_int_equal(offset, f->start + f->len);
    assert_in_range(f->len + len, 0, sizeof(f->content));

    memcpy(f->content + f->len, buf, len);
    f->len += len;

    if (f->refuse != NULL && form_find(f->content, f->len, f->refuse)) {
        return llmp_refuse(refusal, LLMP_REFUSE_PARAMETER_DENIED, "x", "x");
    }

    return LLMP_OK;
}


const u_char *
form_find(const void *data, size_t len, const char *text)
{
    size_t         i;
    const u_char  *p = data;

    for (i = 0; i + strlen(text) <= len; i++) {
        if (memcmp(p + i, text, strlen(text)) == 0) {
            return p + i;
        }
    }

    return NULL;
}


llmp_int_t
form_pieces(llmp_form_t *form, const llmp_str_t *doc, size_t first,
    size_t size)
{
    llmp_int_t     rc;
    test_pieces_t  p;

    test_pieces_start(&p, doc->data, doc->len, first, size);

    while (test_pieces_next(&p)) {
        rc = llmp_form_feed(form, p.piece, p.len, 0);

        assert_int_equal(rc, form->refusal.code == LLMP_REFUSE_NONE
                             ? LLMP_AGAIN : LLMP_ERROR);
    }

    return form_feed(form, (u_char *) "", 0, 1);
}


static llmp_int_t
form_feed(llmp_form_t *form, const u_char *data, size_t len, llmp_int_t last)
{
    u_char      *piece;
    llmp_int_t   rc;

    piece = test_piece(data, len);

    rc = llmp_form_feed(form, piece, len, last);

    test_piece_gone(piece, len);

    return rc;
}


static void
form_fail(const llmp_str_t *doc, const char *how, const char *what)
{
    print_error("%.*s: %s: %s\n", (int) (doc->len < 400 ? doc->len : 400),
                doc->data, how, what);
    fail();
}


static const char *
form_check_same(const llmp_form_t *a, const llmp_form_t *b)
{
    const char  *wrong;

    wrong = scan_check_same_refusal(&a->refusal, &b->refusal);

    if (wrong != NULL || a->refusal.code != LLMP_REFUSE_NONE) {
        return wrong;
    }

    if (a->files != b->files) {
        return "another number of files";
    }

    return scan_check_same_members(&a->members, &b->members);
}


/* Checks the members of an accepted form against its bytes. */

static const char *
form_check(const llmp_form_t *form, const llmp_str_t *doc)
{
    uint32_t              i;
    const llmp_member_t  *m, *root;

    if (form->refusal.code != LLMP_REFUSE_NONE) {
        return NULL;
    }

    root = &form->members.elts[0];

    if (!form_delimiter(form, doc, root->end - 1)
        || !form_is(doc, root->end - 1 + form->delimiter_len, "--", 2)
        || root->last != form->members.nelts - 1 || root->count == 0)
    {
        return "the root";
    }

    for (i = 1; i < form->members.nelts; i++) {
        m = &form->members.elts[i];

        if (!form_delimiter(form, doc, m->key)
            || !form_delimiter(form, doc, m->next)
            || m->next != m->end + 2 || !form_is(doc, m->end, "\r\n", 2)
            || !form_is(doc, m->start - 4, "\r\n\r\n", 4)
            || m->key >= m->start || m->start > m->end
            || m->parent != 0 || m->last != i || m->index >= root->count)
        {
            return "where a member is";
        }

        if (m->index == 0 ? m->key != 0
                          : m->comma + 2 != m->key
                            || !form_is(doc, m->comma, "\r\n", 2))
        {
            return "where the comma of a member is";
        }

        if (i > 1 && m->key < (m - 1)->next) {
            return "the order of members";
        }

        if (!form_text_is(m, doc)) {
            return "the text of a member is not its value";
        }
    }

    return NULL;
}


static int
form_delimiter(const llmp_form_t *form, const llmp_str_t *doc, uint64_t pos)
{
    return form_is(doc, pos, form->delimiter, form->delimiter_len);
}


/* Returns 1 if a member's text is equal to its value in the form. */

static int
form_text_is(const llmp_member_t *m, const llmp_str_t *doc)
{
    int      is;
    json_t  *value;
    size_t   len;

    len = m->end - m->start;

    if (m->type != LLMP_TYPE_STRING) {
        return m->text.len == len
               && form_is(doc, m->start, m->text.data, len);
    }

    value = json_loadb((char *) m->text.data, m->text.len,
                       JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    is = json_is_string(value)
         && (m->cut ? json_string_length(value) <= LLMP_MEMBER_TEXT_MAX
                      && len > LLMP_MEMBER_TEXT_MAX
                    : json_string_length(value) == len)
         && form_is(doc, m->start, json_string_value(value),
                    json_string_length(value));

    json_decref(value);

    return is;
}


static int
form_is(const llmp_str_t *doc, uint64_t pos, const void *text, size_t len)
{
    return pos <= doc->len && len <= doc->len - pos
           && memcmp(doc->data + pos, text, len) == 0;
}


/* Returns the list of watched fields, such as `temperature 1.9, model "m"`. */

static const char *
form_found(const llmp_form_t *form)
{
    int                   n;
    uint32_t              i;
    const llmp_member_t  *m;
    static char           buf[4096];

    n = 0;
    buf[0] = '\0';

    for (i = 1; i < form->members.nelts; i++) {
        m = &form->members.elts[i];

        n += snprintf(buf + n, sizeof(buf) - n, "%s%.*s %.*s",
                      i > 1 ? ", " : "", (int) m->watch->name.len,
                      m->watch->name.data, (int) m->text.len, m->text.data);

        assert_in_range(n, 0, sizeof(buf) - 1);
    }

    return buf;
}
