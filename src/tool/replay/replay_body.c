
/*
 * Copyright (C) llm-policy authors
 *
 * Rebuilds the body of a request from a line of the log: the requested values,
 * each where the API has its parameter.  Other members are not logged.
 */


#include "dialect/llmp_dialect.h"
#include "replay/replay.h"


typedef struct {
    u_char        *pos;
    llmp_uint_t    comma;      /* a comma must precede the next member */
    llmp_uint_t    depth;      /* open objects inside the root */
    llmp_str_t     open[REPLAY_BODY_STEPS];
} replay_body_writer_t;


static llmp_int_t replay_body_value(const replay_param_t *logged,
    llmp_str_t *value);
static llmp_uint_t replay_body_was_added(const replay_param_t *logged);
static llmp_uint_t replay_body_is_string(const llmp_str_t *text);
static void replay_body_write_member(replay_body_writer_t *wr,
    const char *path, const llmp_str_t *value);
static void replay_body_write_name(replay_body_writer_t *wr,
    const llmp_str_t *name);


llmp_int_t
replay_body_from_log(const replay_policy_t *doc, const replay_entry_t *entry,
    const llmp_dialect_t *dialect, u_char *buf, size_t *len)
{
    llmp_str_t             value;
    llmp_uint_t            i;
    replay_body_writer_t   wr;
    const replay_place_t  *place;
    const replay_param_t  *logged;

    place = &doc->places[llmp_dialect_index(dialect) * LLMP_PARAM_MAX];

    wr.pos = buf;
    wr.comma = 0;
    wr.depth = 0;

    *wr.pos++ = '{';

    for (i = 0; i < LLMP_PARAM_MAX; i++, place++) {
        logged = &entry->params[place->param];

        if (logged->requested.len == 0) {

            /* the parameter was added, so its object was in the request */

            if (dialect->no_new_objects && replay_body_was_added(logged)) {
                replay_body_write_member(&wr, place->path, NULL);
            }

            continue;
        }

        if (replay_body_value(logged, &value) != LLMP_OK) {
            return LLMP_DECLINED;
        }

        replay_body_write_member(&wr, place->path, &value);
    }

    while (wr.depth != 0) {
        *wr.pos++ = '}';
        wr.depth--;
    }

    *wr.pos++ = '}';

    *len = wr.pos - buf;

    return LLMP_OK;
}


static llmp_int_t
replay_body_value(const replay_param_t *logged, llmp_str_t *value)
{
    static const llmp_str_t  array = llmp_string("[]");
    static const llmp_str_t  object = llmp_string("{}");
    static const llmp_str_t  string = llmp_string("\"...\"");

    /* with more digits than any rule accepts */

    static const llmp_str_t  number = llmp_string(
        "11111111111111111111111111111111111111111111111111111111111111111111");

    if (replay_body_was_added(logged)
        && llmp_str_is(&logged->action, "default")
        && !llmp_str_is(&logged->requested, "null"))
    {
        /* it was requested under a name of another server */

        return LLMP_DECLINED;
    }

    if (logged->cut) {
        *value = (logged->requested.data[0] == '"') ? string : number;
        return LLMP_OK;
    }

    if (llmp_str_is(&logged->requested, "[...]")) {
        *value = array;
        return LLMP_OK;
    }

    if (llmp_str_is(&logged->requested, "{...}")) {
        *value = object;
        return LLMP_OK;
    }

    *value = logged->requested;

    return replay_body_is_scalar(value) ? LLMP_OK : LLMP_DECLINED;
}


static llmp_uint_t
replay_body_was_added(const replay_param_t *logged)
{
    return logged->action.len != 0 && !llmp_str_is(&logged->action, "none")
           && !llmp_str_is(&logged->action, "remove");
}


/* a log may contain anything: other text could add members to the body */

llmp_uint_t
replay_body_is_scalar(const llmp_str_t *text)
{
    size_t  i;

    if (text->len == 0) {
        return 0;
    }

    if (text->data[0] == '"') {
        return replay_body_is_string(text);
    }

    if (text->data[0] == '-'
        || (text->data[0] >= '0' && text->data[0] <= '9'))
    {
        for (i = 0; i < text->len; i++) {
            if (text->data[i] == '\0'
                || strchr("0123456789.eE+-", text->data[i]) == NULL)
            {
                return 0;
            }
        }

        return 1;
    }

    return llmp_str_is(text, "true") || llmp_str_is(text, "false")
           || llmp_str_is(text, "null");
}


static llmp_uint_t
replay_body_is_string(const llmp_str_t *text)
{
    size_t  i;

    for (i = 1; i < text->len && text->data[i] != '"'; i++) {
        if (text->data[i] == '\\') {
            i++;
        }
    }

    return i + 1 == text->len;
}


/*
 * Writes a member at a path.  Objects of the previous member are still open and
 * are used again if the paths share them.  Without a value, only the objects
 * are written.
 */

static void
replay_body_write_member(replay_body_writer_t *wr, const char *path,
    const llmp_str_t *value)
{
    llmp_str_t   name;
    llmp_uint_t  n;

    for (n = 0; /* void */; n++) {
        name.data = (u_char *) path;
        name.len = strcspn(path, ".");

        if (path[name.len] == '\0') {
            break;
        }

        path += name.len + 1;

        if (n < wr->depth && llmp_str_eq(&wr->open[n], &name)) {
            continue;
        }

        for ( /* void */ ; wr->depth > n; wr->depth--) {
            *wr->pos++ = '}';
            wr->comma = 1;
        }

        replay_body_write_name(wr, &name);

        *wr->pos++ = '{';
        wr->comma = 0;
        wr->open[wr->depth++] = name;
    }

    for ( /* void */ ; wr->depth > n; wr->depth--) {
        *wr->pos++ = '}';
        wr->comma = 1;
    }

    if (value == NULL) {
        return;
    }

    replay_body_write_name(wr, &name);

    wr->pos = (u_char *) memcpy(wr->pos, value->data, value->len) + value->len;
    wr->comma = 1;
}


static void
replay_body_write_name(replay_body_writer_t *wr, const llmp_str_t *name)
{
    if (wr->comma) {
        *wr->pos++ = ',';
    }

    *wr->pos++ = '"';
    wr->pos = (u_char *) memcpy(wr->pos, name->data, name->len) + name->len;
    *wr->pos++ = '"';
    *wr->pos++ = ':';
}
