
/*
 * Copyright (C) llm-policy authors
 *
 * Parses lines of the access log with the scanner of requests, which reads
 * pieces, records only the watched members, and needs the same memory for each
 * line.  It is about three times as fast as jansson.
 */


#define _GNU_SOURCE  /* memmem() */

#include <openssl/rand.h>

#include "json/llmp_json_string.h"
#include "replay/replay.h"
#include "watch/llmp_watch_build.h"


/* the watched members; REPLAY_MEMBERS of each parameter follow */

typedef enum {
    REPLAY_FIELD_NONE = 0,
    REPLAY_FIELD_REQUEST_ID,
    REPLAY_FIELD_TIME,
    REPLAY_FIELD_STATUS,
    REPLAY_FIELD_REASON,
    REPLAY_FIELD_PARAMETER,
    REPLAY_FIELD_TIER,
    REPLAY_FIELD_TENANT,
    REPLAY_FIELD_KEY_NAME,
    REPLAY_FIELD_DIALECT,
    REPLAY_FIELD_MODEL,
    REPLAY_FIELD_ADJUSTMENTS,
    REPLAY_FIELD_LIMIT_STATUS,
    REPLAY_FIELD_LIMIT,
    REPLAY_FIELD_LLM,
    REPLAY_FIELD_PARAMS
} replay_field_e;

/* members of a parameter */

#define REPLAY_MEMBER_REQUESTED  0
#define REPLAY_MEMBER_EFFECTIVE  1
#define REPLAY_MEMBER_ACTION     2
#define REPLAY_MEMBERS           3

/* an absent parameter in the log */

#define REPLAY_LINE_ABSENT       "{\"requested\":\"\""
#define REPLAY_LINE_ABSENT_REST  ",\"effective\":\"\",\"action\":\"\""

#define replay_line_field(param, member)                                      \
    (REPLAY_FIELD_PARAMS + REPLAY_MEMBERS * (param) + (member))


struct replay_line_s {
    llmp_watch_t    *root;
    uint64_t         seed;
    llmp_uint_t      failed;
    llmp_scratch_t   scratch;
    llmp_scan_t      scan;
};


typedef struct {
    const char     *name;
    const char     *member;    /* name in an object of name, or NULL */
    replay_field_e  field;
    llmp_uint_t     outside;   /* a member next to "llm", not in it */
} replay_line_name_t;


static llmp_int_t replay_line_watch_all(replay_line_t *line, llmp_pool_t *pool);
static llmp_int_t replay_line_watch(replay_line_t *line, llmp_pool_t *pool,
    const char *outer, const char *inner, const char *last, llmp_uint_t field);
static void replay_line_set_field(llmp_watch_t *node, void *data);
static void replay_line_scan(replay_line_t *line, const u_char *buf,
    size_t len);
static llmp_int_t replay_line_read_member(replay_line_t *line,
    replay_entry_t *entry, const llmp_member_t *m);
static llmp_int_t replay_line_read_text(replay_line_t *line,
    replay_entry_t *entry, const llmp_member_t *m, llmp_uint_t field,
    llmp_str_t *text);
static llmp_str_t *replay_line_text_of(replay_entry_t *entry,
    llmp_uint_t field);
static void replay_line_read_status(replay_entry_t *entry);


static const replay_line_name_t  replay_line_names[] = {
    { "request_id", NULL, REPLAY_FIELD_REQUEST_ID, 1 },
    { "time", NULL, REPLAY_FIELD_TIME, 1 },
    { "status", NULL, REPLAY_FIELD_STATUS, 0 },
    { "reason", NULL, REPLAY_FIELD_REASON, 0 },
    { "reason_parameter", NULL, REPLAY_FIELD_PARAMETER, 0 },
    { "tier", NULL, REPLAY_FIELD_TIER, 0 },
    { "tenant", NULL, REPLAY_FIELD_TENANT, 0 },
    { "key_name", NULL, REPLAY_FIELD_KEY_NAME, 0 },
    { "dialect", NULL, REPLAY_FIELD_DIALECT, 0 },
    { "model", NULL, REPLAY_FIELD_MODEL, 0 },
    { "adjustments", NULL, REPLAY_FIELD_ADJUSTMENTS, 0 },
    { "limit", "status", REPLAY_FIELD_LIMIT_STATUS, 0 },
    { "limit", "name", REPLAY_FIELD_LIMIT, 0 },

    /* older logs contain "stream" as a string, and no other parameter */

    { "stream_requested", NULL,
      replay_line_field(LLMP_STREAM, REPLAY_MEMBER_REQUESTED), 0 },
    { "stream", NULL,
      replay_line_field(LLMP_STREAM, REPLAY_MEMBER_EFFECTIVE), 0 },
    { "stream_action", NULL,
      replay_line_field(LLMP_STREAM, REPLAY_MEMBER_ACTION), 0 },

    { NULL, NULL, REPLAY_FIELD_NONE, 0 }
};

static const char *const  replay_line_members[] = {
    "requested", "effective", "action"
};


replay_line_t *
replay_line_create(llmp_pool_t *pool)
{
    replay_line_t  *line;

    line = llmp_pcalloc(pool, sizeof(replay_line_t));
    if (line == NULL) {
        return NULL;
    }

    llmp_scratch_init(&line->scratch, pool);

    /* clients may choose names whose hashes collide */

    if (RAND_bytes((u_char *) &line->seed, sizeof(line->seed)) != 1) {
        return NULL;
    }

    line->root = llmp_watch_build_root(pool);

    if (line->root == NULL
        || replay_line_watch_all(line, pool) != LLMP_OK
        || llmp_watch_build_finish(pool, line->root) != LLMP_OK)
    {
        return NULL;
    }

    return line;
}


static llmp_int_t
replay_line_watch_all(replay_line_t *line, llmp_pool_t *pool)
{
    llmp_uint_t                i, p;
    const char                *param;
    const replay_line_name_t  *name;

    if (replay_line_watch(line, pool, "llm", NULL, NULL,
                          REPLAY_FIELD_LLM)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    for (name = replay_line_names; name->name != NULL; name++) {
        if (replay_line_watch(line, pool,
                              name->outside ? name->name : "llm",
                              name->outside ? NULL : name->name,
                              name->member, name->field)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    for (p = 0; p < LLMP_PARAM_MAX; p++) {
        param = (char *) llmp_params[p].name.data;

        for (i = 0; p != LLMP_STREAM && i < REPLAY_MEMBERS; i++) {
            if (replay_line_watch(line, pool, "llm", param,
                                  replay_line_members[i],
                                  replay_line_field(p, i))
                != LLMP_OK)
            {
                return LLMP_ERROR;
            }
        }
    }

    return LLMP_OK;
}


static llmp_int_t
replay_line_watch(replay_line_t *line, llmp_pool_t *pool, const char *outer,
    const char *inner, const char *last, llmp_uint_t field)
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

    return llmp_watch_build_add(pool, line->root, steps, n,
                                replay_line_set_field, &field);
}


/* stores the field in the member for the number of a JSON Pointer */

static void
replay_line_set_field(llmp_watch_t *node, void *data)
{
    node->rules.pointer = (uint32_t) *(llmp_uint_t *) data;
}


void
replay_line_begin(replay_line_t *line)
{
    llmp_scratch_reset(&line->scratch);
    llmp_scan_init(&line->scan, line->root, &line->scratch.pool, line->seed);

    line->failed = 0;
}


/*
 * Skips the second and third member of parameters that are absent, as most of
 * them are, since names take most of the time.  The skipped text cannot be part
 * of a string: its quotes would be escaped there.
 */

void
replay_line_feed(replay_line_t *line, const u_char *buf, size_t len)
{
    size_t         n;
    const u_char  *p;

    static const char  absent[] =
        REPLAY_LINE_ABSENT REPLAY_LINE_ABSENT_REST "}";

    while (!line->failed) {
        p = memmem(buf, len, absent, sizeof(absent) - 1);

        if (p == NULL) {
            replay_line_scan(line, buf, len);
            return;
        }

        n = p - buf + sizeof(REPLAY_LINE_ABSENT) - 1;
        replay_line_scan(line, buf, n);

        n += sizeof(REPLAY_LINE_ABSENT_REST) - 1;
        buf += n;
        len -= n;
    }
}


static void
replay_line_scan(replay_line_t *line, const u_char *buf, size_t len)
{
    if (!line->failed
        && llmp_scan_feed(&line->scan, buf, len, 0) != LLMP_AGAIN)
    {
        line->failed = 1;
    }
}


llmp_int_t
replay_line_end(replay_line_t *line, replay_entry_t *entry)
{
    uint32_t         i;
    llmp_members_t  *members;

    if (llmp_scan_feed(&line->scan, (u_char *) "", 0, 1) != LLMP_OK) {
        return (line->scan.refusal.code == LLMP_REFUSE_INTERNAL) ? LLMP_ERROR
                                                               : LLMP_DECLINED;
    }

    memset(entry, 0, sizeof(replay_entry_t));

    members = &line->scan.members;

    for (i = 1; i < members->nelts; i++) {
        if (replay_line_read_member(line, entry, &members->elts[i])
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    replay_line_read_status(entry);

    return LLMP_OK;
}


static llmp_int_t
replay_line_read_member(replay_line_t *line, replay_entry_t *entry,
    const llmp_member_t *m)
{
    llmp_uint_t      field, param;
    replay_param_t  *logged;

    field = m->watch->rules.pointer;

    if (field == REPLAY_FIELD_NONE) {
        return LLMP_OK;
    }

    if (field == REPLAY_FIELD_LLM) {
        entry->llm = (m->type == LLMP_TYPE_OBJECT);
        return LLMP_OK;
    }

    if (field < REPLAY_FIELD_PARAMS) {
        return replay_line_read_text(line, entry, m, field,
                                     replay_line_text_of(entry, field));
    }

    param = (field - REPLAY_FIELD_PARAMS) / REPLAY_MEMBERS;
    logged = &entry->params[param];

    switch ((field - REPLAY_FIELD_PARAMS) % REPLAY_MEMBERS) {

    case REPLAY_MEMBER_REQUESTED:
        entry->present |= llmp_mask(param);
        logged->cut = m->cut;

        return replay_line_read_text(line, entry, m, field, &logged->requested);

    case REPLAY_MEMBER_EFFECTIVE:
        return replay_line_read_text(line, entry, m, field, &logged->effective);

    default: /* REPLAY_MEMBER_ACTION */
        return replay_line_read_text(line, entry, m, field, &logged->action);
    }
}


static llmp_int_t
replay_line_read_text(replay_line_t *line, replay_entry_t *entry,
    const llmp_member_t *m, llmp_uint_t field, llmp_str_t *text)
{
    if (m->type != LLMP_TYPE_STRING) {

        /* a log_format of one's own may have a number */

        entry->wrong_type |= (field != REPLAY_FIELD_TIME);
        return LLMP_OK;
    }

    if (m->cut && field >= REPLAY_FIELD_TIER && field <= REPLAY_FIELD_MODEL) {
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

    text->data = llmp_palloc(&line->scratch.pool, m->text.len);
    if (text->data == NULL) {
        return LLMP_ERROR;
    }

    text->len = llmp_json_string_decode(text->data, &m->text);

    return LLMP_OK;
}


static llmp_str_t *
replay_line_text_of(replay_entry_t *entry, llmp_uint_t field)
{
    switch (field) {

    case REPLAY_FIELD_REQUEST_ID:
        return &entry->request_id;

    case REPLAY_FIELD_TIME:
        return &entry->time;

    case REPLAY_FIELD_STATUS:
        return &entry->status;

    case REPLAY_FIELD_REASON:
        return &entry->reason;

    case REPLAY_FIELD_PARAMETER:
        return &entry->parameter;

    case REPLAY_FIELD_TIER:
        return &entry->tier;

    case REPLAY_FIELD_TENANT:
        return &entry->tenant;

    case REPLAY_FIELD_KEY_NAME:
        return &entry->key_name;

    case REPLAY_FIELD_DIALECT:
        return &entry->dialect;

    case REPLAY_FIELD_MODEL:
        return &entry->model;

    case REPLAY_FIELD_LIMIT_STATUS:
        return &entry->limit_status;

    case REPLAY_FIELD_LIMIT:
        return &entry->limit;

    default: /* REPLAY_FIELD_ADJUSTMENTS */
        return &entry->adjustments;
    }
}


static void
replay_line_read_status(replay_entry_t *entry)
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
    entry->over = llmp_str_is(&entry->limit_status, "over");
}
