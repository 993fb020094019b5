
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_need.h"
#include "decide/llmp_decide_stream_usage.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"


static llmp_uint_t llmp_decide_stream_usage_is_stream(llmp_decider_t *dc);
static llmp_uint_t llmp_decide_stream_usage_is_ruled(llmp_decider_t *dc);
static uint32_t llmp_decide_stream_usage_find(llmp_decider_t *dc, uint32_t base,
    llmp_uint_t role);
static llmp_int_t llmp_decide_stream_usage_add(llmp_decider_t *dc,
    uint32_t base, const llmp_step_t *step, const llmp_str_t *text);


static const llmp_step_t  llmp_options_step =
    { llmp_string(LLMP_STREAM_OPTIONS), 0 };

static const llmp_step_t  llmp_usage_step =
    { llmp_string(LLMP_STREAM_USAGE), 0 };


llmp_int_t
llmp_decide_stream_usage(llmp_decider_t *dc)
{
    uint32_t              options, usage;
    llmp_int_t            rc;
    const llmp_member_t  *m;

    static const llmp_str_t  yes = llmp_string("true");
    static const llmp_str_t  object =
        llmp_string("{\"" LLMP_STREAM_USAGE "\":true}");

    if (!dc->decision->dialect->usage || dc->decision->digest
        || !llmp_decide_stream_usage_is_stream(dc)
        || llmp_decide_stream_usage_is_ruled(dc))
    {
        return LLMP_OK;
    }

    m = dc->members->elts;
    options = llmp_decide_stream_usage_find(dc, dc->scope, LLMP_ROLE_OPTIONS);

    if (options == 0) {
        rc = llmp_decide_stream_usage_add(dc, dc->scope, &llmp_options_step,
                                          &object);

    } else if (m[options].type == LLMP_TYPE_NULL) {
        rc = llmp_decide_edits_set_value(dc, &m[options], &object);

    } else if (m[options].type != LLMP_TYPE_OBJECT) {

        /* the upstream reports the error */

        return LLMP_OK;

    } else {
        usage = llmp_decide_stream_usage_find(dc, options, LLMP_ROLE_USAGE);

        if (usage == 0) {
            rc = llmp_decide_stream_usage_add(dc, options, &llmp_usage_step,
                                              &yes);

        } else if (m[usage].type == LLMP_TYPE_NULL
                   || llmp_str_is(&m[usage].text, "false"))
        {
            rc = llmp_decide_edits_set_value(dc, &m[usage], &yes);

        } else {
            return LLMP_OK;
        }
    }

    dc->decision->added_usage = 1;

    return rc;
}


/* returns whether the request, as it will be sent, requests a stream */

static llmp_uint_t
llmp_decide_stream_usage_is_stream(llmp_decider_t *dc)
{
    llmp_int_t           folds;
    const llmp_watch_t  *w;

    w = llmp_watch_find(dc->members->elts[dc->scope].watch,
                        &llmp_params[LLMP_STREAM].name, &folds);

    return w != NULL && !folds && llmp_decide_need_is_sent(dc, w);
}


/* returns whether a pointer rule applies to "stream_options" */

static llmp_uint_t
llmp_decide_stream_usage_is_ruled(llmp_decider_t *dc)
{
    llmp_uint_t             i;
    const llmp_pointer_t   *pointer;

    for (i = 0; i < dc->decision->policy->npointers; i++) {
        pointer = &dc->decision->policy->pointers[i];

        if (dc->pointers[i] != NULL && pointer->nsteps != 0
            && llmp_str_is(&pointer->steps[0].name, LLMP_STREAM_OPTIONS))
        {
            return 1;
        }
    }

    return 0;
}


/* returns the index of the child of member base with a role, or 0 */

static uint32_t
llmp_decide_stream_usage_find(llmp_decider_t *dc, uint32_t base,
    llmp_uint_t role)
{
    uint32_t              i;
    const llmp_member_t  *members;

    members = dc->members->elts;

    for (i = base + 1; i <= members[base].last; i = members[i].last + 1) {
        if (members[i].watch->rules.role == role) {
            return i;
        }
    }

    return 0;
}


static llmp_int_t
llmp_decide_stream_usage_add(llmp_decider_t *dc, uint32_t base,
    const llmp_step_t *step, const llmp_str_t *text)
{
    llmp_decider_place_t  place;

    place.base = base;
    place.steps = step;
    place.nsteps = 1;

    return llmp_decide_edits_add_member(dc, &place, 0, text);
}
