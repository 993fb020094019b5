
/*
 * Copyright (C) llm-policy authors
 *
 * A line of the access log.  It is read by the scanner of requests, which takes
 * it in pieces, keeps what is asked for alone, and needs the same memory for
 * any line: it reads a log about three times as fast as jansson does.
 */


#define _GNU_SOURCE  /* memmem() */

#include <openssl/rand.h>

#include "json/llmp_json_string.h"
#include "replay/llm_policy_replay.h"
#include "watch/llmp_watch_build.h"


/* what a member is; those of parameters follow */

typedef enum {
    LLM_POLICY_FIELD_NONE = 0,
    LLM_POLICY_FIELD_REQUEST_ID,
    LLM_POLICY_FIELD_STATUS,
    LLM_POLICY_FIELD_REASON,
    LLM_POLICY_FIELD_PARAMETER,
    LLM_POLICY_FIELD_TIER,
    LLM_POLICY_FIELD_TENANT,
    LLM_POLICY_FIELD_DIALECT,
    LLM_POLICY_FIELD_MODEL,
    LLM_POLICY_FIELD_ADJUSTMENTS,
    LLM_POLICY_FIELD_LLM,
    LLM_POLICY_FIELD_PARAMS
} llm_policy_field_e;

/* of each parameter */

#define LLM_POLICY_REQUESTED  0
#define LLM_POLICY_EFFECTIVE  1
#define LLM_POLICY_ACTION     2
#define LLM_POLICY_MEMBERS    3

/* a parameter that is absent, as the log has it */

#define LLM_POLICY_ABSENT       "{\"requested\":\"\""
#define LLM_POLICY_ABSENT_REST  ",\"effective\":\"\",\"action\":\"\""

#define llm_policy_field(param, member)                                       \
    (LLM_POLICY_FIELD_PARAMS + LLM_POLICY_MEMBERS * (param) + (member))


struct llm_policy_entries_s {
    llmp_watch_t    *root;
    uint64_t         seed;
    llmp_uint_t      failed;
    llmp_scratch_t   scratch;
    llmp_scan_t      scan;
};


typedef struct {
    const char         *name;
    llm_policy_field_e  field;
    llmp_uint_t         outside;   /* it is beside "llm" */
} llm_policy_name_t;


static llmp_int_t llm_policy_entries_tree(llm_policy_entries_t *es,
    llmp_pool_t *pool);
static llmp_int_t llm_policy_entries_watch(llm_policy_entries_t *es,
    llmp_pool_t *pool, const char *outer, const char *inner,
    const char *last, llmp_uint_t field);
static void llm_policy_entries_set(llmp_watch_t *node, void *data);
static void llm_policy_entries_scan(llm_policy_entries_t *es,
    const u_char *buf, size_t len);
static llmp_int_t llm_policy_entry_member(llm_policy_entries_t *es,
    llm_policy_entry_t *entry, const llmp_member_t *m);
static llmp_int_t llm_policy_entry_text(llm_policy_entries_t *es,
    llm_policy_entry_t *entry, const llmp_member_t *m, llmp_uint_t field,
    llmp_str_t *text);
static llmp_str_t *llm_policy_entry_name(llm_policy_entry_t *entry,
    llmp_uint_t field);
static void llm_policy_entry_status(llm_policy_entry_t *entry);


static const llm_policy_name_t  llm_policy_names[] = {
    { "request_id", LLM_POLICY_FIELD_REQUEST_ID, 1 },
    { "status", LLM_POLICY_FIELD_STATUS, 0 },
    { "reason", LLM_POLICY_FIELD_REASON, 0 },
    { "reason_parameter", LLM_POLICY_FIELD_PARAMETER, 0 },
    { "tier", LLM_POLICY_FIELD_TIER, 0 },
    { "tenant", LLM_POLICY_FIELD_TENANT, 0 },
    { "dialect", LLM_POLICY_FIELD_DIALECT, 0 },
    { "model", LLM_POLICY_FIELD_MODEL, 0 },
    { "adjustments", LLM_POLICY_FIELD_ADJUSTMENTS, 0 },

    /* "stream" was there before other parameters, as a string */

    { "stream_requested",
      llm_policy_field(LLMP_STREAM, LLM_POLICY_REQUESTED), 0 },
    { "stream", llm_policy_field(LLMP_STREAM, LLM_POLICY_EFFECTIVE), 0 },
    { "stream_action", llm_policy_field(LLMP_STREAM, LLM_POLICY_ACTION), 0 },

    { NULL, LLM_POLICY_FIELD_NONE, 0 }
};

static const char *const  llm_policy_members[] = {
    "requested", "effective", "action"
};


llm_policy_entries_t *
llm_policy_entries_create(llmp_pool_t *pool)
{
    llm_policy_entries_t  *es;

    es = llmp_pcalloc(pool, sizeof(llm_policy_entries_t));
    if (es == NULL) {
        return NULL;
    }

    llmp_scratch_init(&es->scratch, pool);

    /* names in a log may collide on purpose, as those of a request may */

    if (RAND_bytes((u_char *) &es->seed, sizeof(es->seed)) != 1) {
        return NULL;
    }

    es->root = llmp_watch_create(pool);

    if (es->root == NULL
        || llm_policy_entries_tree(es, pool) != LLMP_OK
        || llmp_watch_finish(pool, es->root) != LLMP_OK)
    {
        return NULL;
    }

    return es;
}


static llmp_int_t
llm_policy_entries_tree(llm_policy_entries_t *es, llmp_pool_t *pool)
{
    llmp_uint_t               i, p;
    const char               *param;
    const llm_policy_name_t  *name;

    if (llm_policy_entries_watch(es, pool, "llm", NULL, NULL,
                                 LLM_POLICY_FIELD_LLM)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    for (name = llm_policy_names; name->name != NULL; name++) {
        if (llm_policy_entries_watch(es, pool,
                                     name->outside ? name->name : "llm",
                                     name->outside ? NULL : name->name, NULL,
                                     name->field)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        param = (char *) llmp_params[p].name.data;

        for (i = 0; p != LLMP_STREAM && i < LLM_POLICY_MEMBERS; i++) {
            if (llm_policy_entries_watch(es, pool, "llm", param,
                                         llm_policy_members[i],
                                         llm_policy_field(p, i))
                != LLMP_OK)
            {
                return LLMP_ERROR;
            }
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llm_policy_entries_watch(llm_policy_entries_t *es, llmp_pool_t *pool,
    const char *outer, const char *inner, const char *last, llmp_uint_t field)
{
    llmp_uint_t  i, n;
    const char  *names[] = { outer, inner, last };
    llmp_step_t  steps[sizeof(names) / sizeof(names[0])];

    n = 0;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {

        if (names[i] == NULL) {
            break;
        }

        steps[n].name.data = (u_char *) names[i];
        steps[n].name.len = strlen(names[i]);
        steps[n].is_element = 0;
        n++;
    }

    return llmp_watch_add(pool, es->root, steps, n, llm_policy_entries_set,
                          &field);
}


/* a tree of the tool's own: the number of a pointer is that of a field */

static void
llm_policy_entries_set(llmp_watch_t *node, void *data)
{
    node->rules.pointer = (uint32_t) *(llmp_uint_t *) data;
}


void
llm_policy_entries_begin(llm_policy_entries_t *es)
{
    llmp_scratch_reset(&es->scratch);
    llmp_scan_init(&es->scan, es->root, &es->scratch.pool, es->seed);

    es->failed = 0;
}


/*
 * Most parameters are neither asked for nor sent.  Names are what takes the
 * time, and two of three need not be looked at there: in a string, the quotes
 * would be escaped, so the text is nothing else.
 */

void
llm_policy_entries_feed(llm_policy_entries_t *es, const u_char *buf,
    size_t len)
{
    size_t         n;
    const u_char  *p;

    static const char  absent[] = LLM_POLICY_ABSENT LLM_POLICY_ABSENT_REST "}";

    while (!es->failed) {
        p = memmem(buf, len, absent, sizeof(absent) - 1);

        if (p == NULL) {
            llm_policy_entries_scan(es, buf, len);
            return;
        }

        n = p - buf + sizeof(LLM_POLICY_ABSENT) - 1;
        llm_policy_entries_scan(es, buf, n);

        n += sizeof(LLM_POLICY_ABSENT_REST) - 1;
        buf += n;
        len -= n;
    }
}


static void
llm_policy_entries_scan(llm_policy_entries_t *es, const u_char *buf,
    size_t len)
{
    if (!es->failed && llmp_scan_feed(&es->scan, buf, len, 0) != LLMP_AGAIN) {
        es->failed = 1;
    }
}


llmp_int_t
llm_policy_entries_end(llm_policy_entries_t *es, llm_policy_entry_t *entry)
{
    uint32_t         i;
    llmp_members_t  *members;

    if (llmp_scan_feed(&es->scan, (u_char *) "", 0, 1) != LLMP_OK) {
        return (es->scan.refusal.code == LLMP_REFUSE_INTERNAL) ? LLMP_ERROR
                                                               : LLMP_DECLINED;
    }

    memset(entry, 0, sizeof(llm_policy_entry_t));

    members = &es->scan.members;

    for (i = 1; i < members->nelts; i++) {
        if (llm_policy_entry_member(es, entry, &members->elts[i]) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    llm_policy_entry_status(entry);

    return LLMP_OK;
}


static llmp_int_t
llm_policy_entry_member(llm_policy_entries_t *es, llm_policy_entry_t *entry,
    const llmp_member_t *m)
{
    llmp_uint_t           field, param;
    llm_policy_logged_t  *logged;

    field = m->watch->rules.pointer;

    if (field == LLM_POLICY_FIELD_NONE) {
        return LLMP_OK;
    }

    if (field == LLM_POLICY_FIELD_LLM) {
        entry->llm = (m->type == LLMP_TYPE_OBJECT);
        return LLMP_OK;
    }

    if (field < LLM_POLICY_FIELD_PARAMS) {
        return llm_policy_entry_text(es, entry, m, field,
                                     llm_policy_entry_name(entry, field));
    }

    param = (field - LLM_POLICY_FIELD_PARAMS) / LLM_POLICY_MEMBERS;
    logged = &entry->params[param];

    switch ((field - LLM_POLICY_FIELD_PARAMS) % LLM_POLICY_MEMBERS) {

    case LLM_POLICY_REQUESTED:
        entry->carried |= llmp_mask(param);
        logged->cut = m->cut;

        return llm_policy_entry_text(es, entry, m, field, &logged->requested);

    case LLM_POLICY_EFFECTIVE:
        return llm_policy_entry_text(es, entry, m, field, &logged->effective);

    default: /* LLM_POLICY_ACTION */
        return llm_policy_entry_text(es, entry, m, field, &logged->action);
    }
}


static llmp_int_t
llm_policy_entry_text(llm_policy_entries_t *es, llm_policy_entry_t *entry,
    const llmp_member_t *m, llmp_uint_t field, llmp_str_t *text)
{
    if (m->type != LLMP_TYPE_STRING) {
        entry->strange = 1;
        return LLMP_OK;
    }

    if (m->cut && field >= LLM_POLICY_FIELD_TIER
        && field <= LLM_POLICY_FIELD_MODEL)
    {
        entry->cut = 1;
    }

    if (m->text.len == 2) {
        return LLMP_OK;
    }

    if (memchr(m->text.data, '\\', m->text.len) == NULL && !m->cut) {
        text->data = m->text.data + 1;
        text->len = m->text.len - 2;
        return LLMP_OK;
    }

    text->data = llmp_palloc(&es->scratch.pool, m->text.len);
    if (text->data == NULL) {
        return LLMP_ERROR;
    }

    text->len = llmp_unescape(text->data, &m->text);

    return LLMP_OK;
}


static llmp_str_t *
llm_policy_entry_name(llm_policy_entry_t *entry, llmp_uint_t field)
{
    switch (field) {

    case LLM_POLICY_FIELD_REQUEST_ID:
        return &entry->request_id;

    case LLM_POLICY_FIELD_STATUS:
        return &entry->status;

    case LLM_POLICY_FIELD_REASON:
        return &entry->reason;

    case LLM_POLICY_FIELD_PARAMETER:
        return &entry->parameter;

    case LLM_POLICY_FIELD_TIER:
        return &entry->tier;

    case LLM_POLICY_FIELD_TENANT:
        return &entry->tenant;

    case LLM_POLICY_FIELD_DIALECT:
        return &entry->dialect;

    case LLM_POLICY_FIELD_MODEL:
        return &entry->model;

    default: /* LLM_POLICY_FIELD_ADJUSTMENTS */
        return &entry->adjustments;
    }
}


static void
llm_policy_entry_status(llm_policy_entry_t *entry)
{
    size_t                   len;
    static const llmp_str_t  suffix = llmp_string("_dry_run");

    len = entry->status.len;

    if (len > suffix.len
        && memcmp(entry->status.data + len - suffix.len, suffix.data,
                  suffix.len)
           == 0)
    {
        entry->dry_run = 1;
        entry->status.len -= suffix.len;
    }

    entry->rejected = llmp_str_is(&entry->status, "rejected");
}
