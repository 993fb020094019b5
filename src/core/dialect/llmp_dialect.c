
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect.h"
#include "watch/llmp_fold.h"
#include "watch/llmp_watch.h"


const llmp_dialect_t *
llmp_dialect_find(const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < llmp_ndialects; i++) {
        if (llmp_str_eq(&llmp_dialects[i]->name, name)) {
            return llmp_dialects[i];
        }
    }

    return NULL;
}


llmp_uint_t
llmp_dialect_index(const llmp_dialect_t *dialect)
{
    llmp_uint_t  i;

    for (i = 0; llmp_dialects[i] != dialect; i++) { /* void */ }

    return i;
}


const llmp_slot_t *
llmp_dialect_slot(const llmp_dialect_t *dialect, llmp_param_e param)
{
    const llmp_slot_t  *slot;

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {
        if (slot->param == param) {
            return slot;
        }
    }

    return NULL;
}


const char *
llmp_dialect_default(const llmp_dialect_t *dialect, const llmp_slot_t *slot,
    const llmp_str_t *model)
{
    size_t                 len;
    llmp_str_t             infix, rest;
    const llmp_default_t  *d;

    for (d = dialect->defaults; d != NULL && d->model != NULL; d++) {
        len = strlen(d->model);

        if (d->param != slot->param || model->len < len
            || memcmp(model->data, d->model, len) != 0)
        {
            continue;
        }

        if (d->infix == NULL) {
            return d->absent;
        }

        infix.data = (u_char *) d->infix;
        infix.len = strlen(d->infix);
        rest = *model;

        for ( /* void */ ; rest.len >= infix.len; rest.data++, rest.len--) {
            if (memcmp(rest.data, infix.data, infix.len) == 0) {
                return d->absent;
            }
        }
    }

    return slot->absent;
}


llmp_uint_t
llmp_dialect_same_name(const llmp_dialect_t *dialect, const llmp_str_t *one,
    const llmp_str_t *two)
{
    u_char      first[LLMP_WATCH_RAW_NAME_MAX], second[LLMP_WATCH_RAW_NAME_MAX];
    llmp_str_t  a, b;

    if (llmp_str_eq(one, two)) {
        return 1;
    }

    if (!dialect->reject_aliases) {
        return 0;
    }

    a.data = first;
    a.len = llmp_fold(first, one->data, one->len);
    b.data = second;
    b.len = llmp_fold(second, two->data, two->len);

    return llmp_str_eq(&a, &b);
}
