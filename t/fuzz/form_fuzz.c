
/*
 * Copyright (C) llm-policy authors
 *
 * Decides on any form, at once and in pieces, which must agree; then parses the
 * forwarded form as lax readers do: every field that one of them could take for
 * a policed one must be within the policy.  A second decision must change
 * nothing.
 *
 * The first byte of the input selects the dialect and the boundary, the second
 * one the splits.
 */


#include <strings.h>

#include "base/llmp_arena.h"
#include "body/llmp_body_state.h"
#include "dialect/llmp_dialect.h"
#include "fuzz.h"


/* a part of a form as a lax reader finds it */

typedef struct {
    llmp_str_t  head;
    llmp_str_t  value;      /* without the line end before the boundary */
} part_t;


/* a value that a reader could assign to a name */

typedef void (*seen_pt)(const char *name, const llmp_str_t *value);


static llmp_arena_t    policy_arena;
static llmp_policy_t  *policy;

static llmp_str_t      boundary;
static int             batch;           /* set by a field "purpose" */
static int             temperatures;    /* number of fields of that name */


static const char  document[] =
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"
    "\"parameters\":{"
    "\"temperature\":{\"default\":0.2,\"min\":0.1,\"max\":0.5},"
    "\"max_tokens\":{\"max\":100},"
    "\"n\":{\"max\":1,\"on_violation\":\"reject\"},"
    "\"seed\":{\"remove\":true},"
    "\"stream\":{\"force\":false},"
    "\"/x\":{\"remove\":true},"
    "\"/user\":{\"default\":\"g\\\"w\"}}}},"
    "\"models\":[{\"match\":[\"~^o\"],"
    "\"parameters\":{\"top_p\":{\"remove\":true}}}]}";


static const char *const  dialects[] = {
    "openai.transcriptions", "openai.files", "openai.image_edits",
    "mistral.files"
};


static const char *const  boundaries[] = { "b", "--b-----b", "aaa", "-" };


int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static llmp_int_t decide(llmp_body_t *body, llmp_arena_t *arena,
    const llmp_dialect_t *dialect, const llmp_str_t *text, uint8_t seed);
static llmp_int_t feed(llmp_body_t *body, const llmp_str_t *text,
    uint8_t seed);
static void check_same(const llmp_body_t *a, const llmp_body_t *b);
static void read_form(const llmp_str_t *form, seen_pt seen);
static const u_char *next_boundary(const u_char *p, const u_char *end,
    const u_char *start);
static void read_part(const u_char *p, const u_char *end, seen_pt seen);
static void read_head(const part_t *part, seen_pt seen);
static void read_line(const char *line, const part_t *part, seen_pt seen);
static void read_name(const char *p, const part_t *part, seen_pt seen);
static int has_word(const char *name, const char *word);
static int is_word(const char *p, size_t len, const char *word);
static void seen_purpose(const char *name, const llmp_str_t *value);
static void seen_field(const char *name, const llmp_str_t *value);
static void check_lines(const llmp_str_t *file);
static void check_line(const u_char *line, size_t len);
static void check_object(json_t *object);
static int is_off(const json_t *value);
static void check_number(const llmp_str_t *value, double min, double max);


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;

    llmp_arena_init(&policy_arena);

    policy = fuzz_policy(&policy_arena.pool, document);

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    llmp_int_t             rc;
    llmp_str_t             text, sent, name;
    llmp_body_t            once, pieces, again;
    llmp_arena_t           arena;
    const llmp_dialect_t  *dialect;

    if (size < 2) {
        return 0;
    }

    name.data = (u_char *) dialects[data[0] & 3];
    name.len = strlen(dialects[data[0] & 3]);
    dialect = llmp_dialect_find(&name);

    boundary.data = (u_char *) boundaries[data[0] >> 2 & 3];
    boundary.len = strlen((char *) boundary.data);

    text.data = (u_char *) data + 2;
    text.len = size - 2;

    llmp_arena_init(&arena);

    rc = decide(&once, &arena, dialect, &text, 0);

    must(decide(&pieces, &arena, dialect, &text, data[1]) == rc,
         "other pieces, another verdict");
    check_same(&once, &pieces);

    if (rc == LLMP_OK) {
        sent = llmp_edit_apply(&once.decision.edits, &arena.pool, &text);
        must(sent.data != NULL, "the edits cannot be applied");

        batch = 0;
        temperatures = 0;

        if (dialect->batch != NULL) {
            read_form(&sent, seen_purpose);
        }

        read_form(&sent, seen_field);

        must(!dialect->generates || temperatures == 1, "no temperature");

        /* nothing remains of a form whose fields were all removed */

        if (sent.data[2 + boundary.len] != '-') {
            must(decide(&again, &arena, dialect, &sent, 0) == LLMP_OK,
                 "refused on the second pass");
            must(again.decision.edits.nelts == 0,
                 "changed on the second pass");
        }
    }

    llmp_arena_reset(&arena);

    return 0;
}


static llmp_int_t
decide(llmp_body_t *body, llmp_arena_t *arena, const llmp_dialect_t *dialect,
    const llmp_str_t *text, uint8_t seed)
{
    llmp_int_t      rc;
    llmp_caller_t   caller;
    llmp_request_t  request;

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = policy->default_tier;

    llmp_request_init(&request);
    request.dialect = dialect;
    request.boundary = boundary;

    must(llmp_body_init(body, policy, &request, &caller, &arena->pool, 1)
         == LLMP_OK, "no memory");

    rc = feed(body, text, seed);

    if (rc == LLMP_DECLINED) {
        must(llmp_body_restart(body) == LLMP_OK, "no memory");

        rc = feed(body, text, seed);
    }

    must(rc == LLMP_OK || rc == LLMP_ERROR, "no verdict");
    must((rc == LLMP_OK) == (body->decision.refusal.code == LLMP_REFUSE_NONE),
         "the verdict is not its refusal");

    return rc;
}


/* Feeds pieces of pseudo-random lengths; one piece if the seed is 0. */

static llmp_int_t
feed(llmp_body_t *body, const llmp_str_t *text, uint8_t seed)
{
    size_t    pos, len;
    u_char   *piece;
    uint32_t  state;

    state = seed;

    for (pos = 0; pos < text->len; pos += len) {
        len = text->len - pos;

        if (seed != 0) {
            state = state * 1103515245 + 12345;

            if (len > 1 + (state >> 16) % (seed & 31 ? seed & 31 : 99)) {
                len = 1 + (state >> 16) % (seed & 31 ? seed & 31 : 99);
            }
        }

        /* a block of its own, so that the sanitizer knows its end */

        piece = malloc(len);
        must(piece != NULL, "no memory");

        memcpy(piece, text->data + pos, len);
        (void) llmp_body_feed(body, piece, len);
        free(piece);
    }

    return llmp_body_decide(body);
}


static void
check_same(const llmp_body_t *a, const llmp_body_t *b)
{
    llmp_uint_t         i;
    const llmp_edit_t  *e, *f;

    must(a->decision.refusal.code == b->decision.refusal.code
         && strcmp(a->decision.refusal.message, b->decision.refusal.message)
            == 0, "other pieces, another refusal");

    must(a->decision.edits.nelts == b->decision.edits.nelts,
         "other pieces, other edits");

    for (i = 0; i < a->decision.edits.nelts; i++) {
        e = &a->decision.edits.elts[i];
        f = &b->decision.edits.elts[i];

        must(e->offset == f->offset && e->len == f->len
             && llmp_str_eq(&e->text, &f->text), "other pieces, other edits");
    }
}


/* ---- a reader that takes nearly anything ---- */

static void
read_form(const llmp_str_t *form, seen_pt seen)
{
    const u_char  *p, *end, *next;

    end = form->data + form->len;
    p = next_boundary(form->data, end, form->data);

    while (p < end) {
        p += 2 + boundary.len;

        next = next_boundary(p, end, form->data);

        read_part(p, next, seen);

        p = next;
    }
}


/* at the start of a line, after any kind of line end */

static const u_char *
next_boundary(const u_char *p, const u_char *end, const u_char *start)
{
    for ( /* void */ ; p < end; p++) {

        if ((p == start || p[-1] == '\n' || p[-1] == '\r')
            && (size_t) (end - p) >= 2 + boundary.len
            && p[0] == '-' && p[1] == '-'
            && memcmp(p + 2, boundary.data, boundary.len) == 0)
        {
            break;
        }
    }

    return p;
}


static void
read_part(const u_char *p, const u_char *end, seen_pt seen)
{
    part_t  part;
    size_t  n, blank;

    /* the rest of the boundary's line, unless it is the last boundary */

    while (p < end && *p != '\n') {
        p++;
    }

    part.head.data = (u_char *) p;

    for (blank = 1; p < end && blank < 2; p++) {

        if (*p == '\n') {
            blank++;

        } else if (*p != '\r') {
            blank = 0;
        }

        /* the first line end belongs to the boundary */

        if (p == part.head.data) {
            blank = 1;
        }
    }

    part.head.len = (size_t) (p - part.head.data);
    part.value.data = (u_char *) p;

    n = (size_t) (end - p);

    while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'
                     || p[n - 1] == ' ' || p[n - 1] == '\t'))
    {
        n--;
    }

    part.value.len = n;

    read_head(&part, seen);
}


/* Reads lines; a folded line belongs to the previous one. */

static void
read_head(const part_t *part, seen_pt seen)
{
    char    line[4096];
    size_t  i, n;
    u_char  ch;

    n = 0;

    for (i = 0; i < part->head.len; i++) {
        ch = part->head.data[i];

        if (ch == '\n' || ch == '\r') {

            if (i + 1 < part->head.len
                && (part->head.data[i + 1] == ' '
                    || part->head.data[i + 1] == '\t'))
            {
                continue;
            }

            line[n] = '\0';
            read_line(line, part, seen);
            n = 0;
            continue;
        }

        if (n < sizeof(line) - 1 && ch != '\0') {
            line[n++] = (char) ch;
        }
    }
}


/* Returns each "name" in a line, under any disposition. */

static void
read_line(const char *line, const part_t *part, seen_pt seen)
{
    const char  *p;

    line += strspn(line, " \t");

    if (strncasecmp(line, "content-disposition", 19) != 0) {
        return;
    }

    for (p = line + 19; *p != '\0'; p++) {

        if ((p[-1] == ';' || p[-1] == ' ' || p[-1] == '\t')
            && strncasecmp(p, "name", 4) == 0)
        {
            read_name(p + 4, part, seen);
        }
    }
}


/* Reads a value: quoted or not, escaped or not, encoded or not. */

static void
read_name(const char *p, const part_t *part, seen_pt seen)
{
    char      name[256];
    size_t    n;
    unsigned  hex;

    while (*p == ' ' || *p == '*' || *p == '0') {
        p++;
    }

    if (*p++ != '=') {
        return;
    }

    if (strncasecmp(p, "utf-8''", 7) == 0) {
        p += 7;
    }

    n = 0;

    for ( /* void */ ; *p != '\0' && *p != ';' && n < sizeof(name) - 1; p++) {

        if (*p == '"' || *p == '\\' || *p == ' ') {
            continue;
        }

        if (*p == '%' && sscanf(p + 1, "%2x", &hex) == 1 && hex > 0) {
            name[n++] = (char) hex;
            p += 2;
            continue;
        }

        name[n++] = *p;
    }

    name[n] = '\0';

    seen(name, &part->value);
}


/* Returns whether a part of a name is this name, in any spelling. */

static int
has_word(const char *name, const char *word)
{
    size_t  n;

    for ( /* void */ ; *name != '\0'; name += n + (name[n] != '\0')) {
        n = strcspn(name, "[]. ");

        if (is_word(name, n, word)) {
            return 1;
        }
    }

    return 0;
}


static int
is_word(const char *p, size_t len, const char *word)
{
    const char  *end;

    for (end = p + len; p < end; p++) {

        if (*p == '_' || *p == '-') {
            continue;
        }

        if (*word == '\0' || (*p | 0x20) != *word) {
            return 0;
        }

        word++;
    }

    return *word == '\0';
}


static void
seen_purpose(const char *name, const llmp_str_t *value)
{
    if (has_word(name, "purpose") && value->len == 5
        && strncasecmp((char *) value->data, "batch", 5) == 0)
    {
        batch = 1;
    }
}


static void
seen_field(const char *name, const llmp_str_t *value)
{
    if (has_word(name, "temperature")) {
        temperatures++;
        check_number(value, 0.1, 0.5);
    }

    if (has_word(name, "maxtokens") || has_word(name, "npredict")) {
        check_number(value, 1, 100);
    }

    if (has_word(name, "n")) {
        check_number(value, -1e308, 1);
    }

    must(!has_word(name, "seed") && strcmp(name, "x") != 0,
         "a field that is to be removed");

    if (has_word(name, "stream")) {
        must(value->len == 5 && memcmp(value->data, "false", 5) == 0,
             "stream");
    }

    if (has_word(name, "mirostat")
        && !(value->len == 5 && memcmp(value->data, "false", 5) == 0))
    {
        check_number(value, 0, 0);
    }

    if (batch && strcasecmp(name, "file") == 0) {
        check_lines(value);
    }
}


/* ---- the file ---- */

static void
check_lines(const llmp_str_t *file)
{
    size_t         n;
    const u_char  *p, *end;

    end = file->data + file->len;

    for (p = file->data; p < end; p += n + 1) {

        for (n = 0; p + n < end && p[n] != '\n' && p[n] != '\r'; n++) {
            /* void */
        }

        check_line(p, n);
    }
}


static void
check_line(const u_char *line, size_t len)
{
    json_t        *root, *body;
    json_error_t   error;

    while (len != 0 && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }

    if (len == 0) {
        return;
    }

    root = json_loadb((char *) line, len, JSON_REJECT_DUPLICATES
                      | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);

    if (root == NULL) {

        /* a number without a rule may be too large for a double */

        must(json_error_code(&error) == json_error_numeric_overflow,
             error.text);
        return;
    }

    body = json_object_get(root, "body");

    must(json_is_object(body), "a line without a request");

    check_object(root);
    check_object(body);

    if (json_is_object(json_object_get(body, "options"))) {
        check_object(json_object_get(body, "options"));
    }

    json_decref(root);
}


static void
check_object(json_t *object)
{
    json_t      *value;
    const char  *key;

    json_object_foreach(object, key, value) {

        if (strcasecmp(key, "temperature") == 0) {
            fuzz_range(value, 0.1, 0.5);

        } else if (strcasecmp(key, "max_tokens") == 0
                   || strcasecmp(key, "n_predict") == 0)
        {
            fuzz_range(value, 1, 100);

        } else if (strcasecmp(key, "n") == 0) {
            fuzz_range(value, -1e308, 1);

        } else if (strcasecmp(key, "stream") == 0) {
            must(json_is_false(value), "stream");

        } else {
            must(strcasecmp(key, "seed") != 0
                 && (strcasecmp(key, "mirostat") != 0 || is_off(value)),
                 key);
        }
    }
}


/* returns whether "mirostat" has a value that bypasses nothing */

static int
is_off(const json_t *value)
{
    return json_is_null(value) || json_is_false(value)
           || (json_is_number(value) && json_number_value(value) == 0)
           || (json_is_object(value) && json_object_size(value) == 0)
           || (json_is_array(value) && json_array_size(value) == 0);
}


/* ---- values ---- */

static void
check_number(const llmp_str_t *value, double min, double max)
{
    char    text[64], *end;
    double  number;

    must(value->len != 0 && value->len < sizeof(text), "not a number");

    memcpy(text, value->data, value->len);
    text[value->len] = '\0';

    number = strtod(text, &end);

    must(end == text + value->len, "not a number");
    must(number >= min, "below the minimum");
    must(number <= max, "above the maximum");
}
