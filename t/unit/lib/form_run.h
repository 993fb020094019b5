
/*
 * Copyright (C) llm-policy authors
 *
 * Scans of forms in unit tests: at once, byte by byte, and split at each
 * offset.  All results must agree.
 */


#ifndef LLMP_TEST_FORM_RUN_H_INCLUDED_
#define LLMP_TEST_FORM_RUN_H_INCLUDED_


#include "test.h"

#include "base/llmp_arena.h"
#include "form/llmp_form.h"


#define FORM       LLMP_REFUSE_INVALID_FORM
#define DUPLICATE  LLMP_REFUSE_DUPLICATE_MEMBER
#define AMBIGUOUS  LLMP_REFUSE_AMBIGUOUS_MEMBER
#define TYPE       LLMP_REFUSE_INVALID_TYPE

#define AT         "invalid form at byte "
#define IN         "invalid form, field "

/* parts of forms with the boundary "b" */

#define START      "--b\r\n"
#define NAMED      "Content-Disposition: form-data; name="
#define HEAD(n)    START NAMED "\"" n "\"\r\n\r\n"
#define PART(n, v) HEAD(n) v "\r\n"
#define FILED(n, v)                                                           \
                   START NAMED "\"" n "\"; filename=\"f.jsonl\"\r\n"          \
                   "Content-Type: application/octet-stream\r\n\r\n" v "\r\n"
#define END        "--b--\r\n"


typedef struct {
    const char      *file;     /* name of the wanted file, or NULL */
    llmp_watch_t    *root;
    llmp_arena_t     tree;     /* memory of the root */
    llmp_arena_t     arena;    /* memory of the last form */
    llmp_form_t      form;

    /* content of the wanted file, as given to the handler */

    u_char           content[4096];
    size_t           len;
    uint64_t         start;
    const char      *refuse;   /* text in it that is refused, or NULL */
} form_fixture_t;


/* Sets up a form_fixture_t with the watched paths of form_run.c. */
int form_setup(void **state);
int form_teardown(void **state);

/*
 * Scans with all splits; the form must be accepted.  `found` lists the watched
 * fields, for example `temperature 1.9, model "m"`.
 */
void form_good(form_fixture_t *f, const char *boundary, const llmp_str_t *doc,
    const char *found);

/* Scans with all splits; the form must be refused. */
void form_bad(form_fixture_t *f, const char *boundary, const llmp_str_t *doc,
    llmp_refusal_e code, const char *message);

/* Scans a form at once into f->form, then with all splits. */
void form_scan(form_fixture_t *f, const llmp_str_t *boundary,
    const llmp_str_t *doc);

/* Scans a form at once into f->form. */
void form_once(form_fixture_t *f, const llmp_str_t *boundary,
    const llmp_str_t *doc);

/*
 * Scans pieces, the first one of another size than the others, and compares
 * the result with f->form.
 */
void form_check_pieces(form_fixture_t *f, const llmp_str_t *boundary,
    const llmp_str_t *doc, size_t first, size_t size);

/* Starts a scan, with the file of the fixture. */
llmp_int_t form_start(form_fixture_t *f, llmp_form_t *form,
    const llmp_str_t *boundary, llmp_pool_t *pool);

/* Feeds pieces and the end.  Returns the result. */
llmp_int_t form_pieces(llmp_form_t *form, const llmp_str_t *doc, size_t first,
    size_t size);

/* Returns the position of a text by plain search, or NULL. */
const u_char *form_find(const void *data, size_t len, const char *text);


#endif /* LLMP_TEST_FORM_RUN_H_INCLUDED_ */
