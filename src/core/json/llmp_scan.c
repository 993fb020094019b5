
/*
 * Copyright (C) llm-policy authors
 *
 * A state machine that is left at the end of each buffer and entered again at
 * the next, one function for each kind of token.  These functions take what is
 * left of the buffer, and return where the next one goes on, or NULL after
 * a refusal.
 */


#include "json/llmp_scan_hash.h"
#include "json/llmp_scan_state.h"
#include "base/llmp_utf8.h"


static void llmp_scan_clear(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool);
static llmp_int_t llmp_scan_cut_short(llmp_scan_t *scan);
static const u_char *llmp_scan_run(llmp_scan_t *scan, const u_char *p,
    const u_char *end);

static const u_char *llmp_scan_structure(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_value(llmp_scan_t *scan, const u_char *p);
static llmp_uint_t llmp_scan_scalar(llmp_scan_t *scan, u_char ch);
static const u_char *llmp_scan_between(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_scalar_end(llmp_scan_t *scan,
    const u_char *end);
static void llmp_scan_after(llmp_scan_t *scan);

static const u_char *llmp_scan_string(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_quote(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_utf8(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_escape(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_code(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_escaped(llmp_scan_t *scan, const u_char *p,
    uint32_t code);

static const u_char *llmp_scan_literal(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_number(llmp_scan_t *scan, const u_char *p,
    const u_char *end);

static const u_char *llmp_scan_unexpected(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_unpaired(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_invalid(llmp_scan_t *scan, const u_char *p,
    const char *what);
static llmp_int_t llmp_scan_invalid_at(llmp_scan_t *scan, uint64_t pos,
    const char *what);


static const char  llmp_scan_nul[] = "a NUL byte, the body must be UTF-8";
static const char  llmp_scan_malformed[] = "malformed UTF-8";


/* in the order of llmp_scan_state_e */

static const char *const  llmp_scan_expected[] = {
    "the body must be an object",
    "expected a member name or \"}\"",
    "expected a member name",
    "expected a colon",
    "expected a value or \"]\"",
    "expected a value",
    "expected a comma or \"}\"",
    "expected a comma or \"]\"",
    "only white space may follow the object"
};


void
llmp_scan_init(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool, uint64_t seed)
{
    llmp_scan_clear(scan, root, pool);

    scan->point = llmp_scan_name_point(seed);
    scan->square = llmp_scan_hash(0, scan->point, scan->point);
}


void
llmp_scan_init_lax(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool)
{
    llmp_scan_clear(scan, root, pool);

    scan->lax = 1;
}


static void
llmp_scan_clear(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool)
{
    /* the stack and the texts are written before they are read, and those of
       the refusal are many for a request that has none */

    memset(scan, 0, offsetof(llmp_scan_t, refusal));

    scan->refusal.code = LLMP_REFUSE_NONE;
    scan->refusal.param[0] = '\0';
    scan->refusal.message[0] = '\0';

    memset(&scan->lax, 0, offsetof(llmp_scan_t, stack)
                          - offsetof(llmp_scan_t, lax));

    scan->pool = pool;
    scan->path = llmp_text_best();
    scan->watch = root;
    scan->state = sw_start;
}


llmp_int_t
llmp_scan_feed(llmp_scan_t *scan, const u_char *buf, size_t len,
    llmp_int_t last)
{
    const u_char  *end;

    if (scan->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    if (len != 0) {
        scan->buf = buf;
        end = buf + len;

        if (llmp_scan_run(scan, buf, end) == NULL) {
            return LLMP_ERROR;
        }

        if (scan->keep) {
            llmp_scan_keep(scan, end);
        }

        scan->offset += len;
    }

    if (!last) {
        return LLMP_AGAIN;
    }

    return (scan->state == sw_done) ? LLMP_OK : llmp_scan_cut_short(scan);
}


llmp_int_t
llmp_scan_first(llmp_scan_t *scan, const u_char *buf, size_t len,
    size_t *taken)
{
    const u_char  *p;

    if (scan->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    scan->single = 1;
    scan->buf = buf;

    p = llmp_scan_run(scan, buf, buf + len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    if (scan->keep) {
        llmp_scan_keep(scan, p);
    }

    *taken = (size_t) (p - buf);
    scan->offset += *taken;

    return (scan->state == sw_done) ? LLMP_OK : LLMP_AGAIN;
}


void
llmp_scan_place(const llmp_scan_t *scan, llmp_scan_place_t *place)
{
    place->depth = scan->depth;
    place->string = (scan->state >= sw_string && scan->state <= sw_low_u);
    place->escape = (scan->state == sw_escape || scan->state == sw_low_u);
    place->nrest = 0;

    if (scan->state == sw_utf8) {
        place->nrest = scan->utf8_len;
        memcpy(place->rest, scan->utf8, sizeof(place->rest));
    }
}


uint64_t
llmp_scan_edge(const llmp_scan_t *scan)
{
    uint64_t                  pos;
    const llmp_scan_frame_t  *frame;

    if (scan->state == sw_done) {
        return scan->members.elts[0].end - 1;
    }

    pos = scan->offset;

    if (scan->state == sw_utf8) {

        /* what is no character may have swallowed the end of the document */

        pos -= scan->utf8_len;
    }

    if (scan->depth == 0) {
        return pos;
    }

    frame = llmp_scan_frame(scan);

    if (frame->watch == NULL) {
        return pos;
    }

    switch (scan->state) {

    case sw_name:
        return scan->comma;

    case sw_value:

        if (!frame->object) {
            return scan->comma;
        }

        /* fall through */

    case sw_colon:

        if (scan->watch == NULL) {
            return pos;
        }

        break;

    default:

        if (!scan->in_name || scan->key_len > LLMP_KEY_MAX) {
            return pos;
        }
    }

    return (frame->count > 1) ? scan->comma : scan->key_start;
}


static llmp_int_t
llmp_scan_cut_short(llmp_scan_t *scan)
{
    uint64_t     pos;
    const char  *what;

    pos = scan->offset;
    what = "the body ends within the object";

    if (scan->state == sw_start) {
        what = "the body is empty";

    } else if (scan->state == sw_utf8) {
        pos -= scan->utf8_len;
        what = llmp_scan_malformed;
    }

    return llmp_scan_invalid_at(scan, pos, what);
}


static const u_char *
llmp_scan_run(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    while (p != NULL && p < end) {

        switch (scan->state) {

        case sw_done:
            if (scan->single) {
                return p;
            }

            p = llmp_scan_structure(scan, p, end);
            break;

        case sw_string:
            p = llmp_scan_string(scan, p, end);
            break;

        case sw_utf8:
            p = llmp_scan_utf8(scan, p);
            break;

        case sw_escape:
        case sw_hex:
        case sw_low_escape:
        case sw_low_u:
            p = llmp_scan_escape(scan, p, end);
            break;

        case sw_literal:
            p = llmp_scan_literal(scan, p, end);
            break;

        case sw_minus:
        case sw_zero:
        case sw_integer:
        case sw_point:
        case sw_fraction:
        case sw_exponent:
        case sw_exponent_sign:
        case sw_exponent_digit:
            p = llmp_scan_number(scan, p, end);
            break;

        default:
            p = llmp_scan_between(scan, p, end);
        }
    }

    return p;
}


static const u_char *
llmp_scan_between(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    const u_char  *next;

    next = p;

    if (scan->path->quick && (scan->depth != 0 || scan->lax)) {
        next = scan->lax ? llmp_scan_lax(scan, p, end)
                         : llmp_scan_quick(scan, p, end);
    }

    return (next == p) ? llmp_scan_structure(scan, p, end) : next;
}


static const u_char *
llmp_scan_structure(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    for ( /* void */ ; p < end; p++) {

        if (llmp_scan_is_white(*p)) {
            continue;
        }

        switch (scan->state) {

        case sw_start:
            return (*p == '{') ? llmp_scan_open(scan, p)
                               : llmp_scan_unexpected(scan, p);

        case sw_first_name:
            if (*p == '}') {
                return llmp_scan_close(scan, p);
            }

            /* fall through */

        case sw_name:
            if (*p != '"') {
                return llmp_scan_unexpected(scan, p);
            }

            llmp_scan_item(scan, llmp_scan_pos(scan, p));
            llmp_scan_name_start(scan);
            scan->state = sw_string;

            return p + 1;

        case sw_colon:
            if (*p != ':') {
                return llmp_scan_unexpected(scan, p);
            }

            scan->state = sw_value;
            break;

        case sw_first_element:
            if (*p == ']') {
                return llmp_scan_close(scan, p);
            }

            /* fall through */

        case sw_value:
            return llmp_scan_value(scan, p);

        case sw_after_member:
        case sw_after_element:
            if (*p != ',') {
                return llmp_scan_close(scan, p);
            }

            scan->comma = llmp_scan_pos(scan, p);
            scan->state = (scan->state == sw_after_member) ? sw_name
                                                           : sw_value;
            break;

        default: /* sw_done */
            return llmp_scan_unexpected(scan, p);
        }
    }

    return p;
}


static const u_char *
llmp_scan_value(llmp_scan_t *scan, const u_char *p)
{
    uint64_t     pos;
    llmp_uint_t  type;

    pos = llmp_scan_pos(scan, p);

    if (!llmp_scan_frame(scan)->object
        && llmp_scan_element(scan, pos) != LLMP_OK)
    {
        return NULL;
    }

    if (*p == '{' || *p == '[') {
        return llmp_scan_open(scan, p);
    }

    type = llmp_scan_scalar(scan, *p);
    if (type == 0) {
        return llmp_scan_unexpected(scan, p);
    }

    if (scan->watch != NULL
        && llmp_scan_record_scalar(scan, type, pos) != LLMP_OK)
    {
        return NULL;
    }

    return p + 1;
}


/* enters the state for a scalar by its first byte; returns its type, or 0 */

static llmp_uint_t
llmp_scan_scalar(llmp_scan_t *scan, u_char ch)
{
    switch (ch) {

    case '"':
        scan->state = sw_string;
        return LLMP_TYPE_STRING;

    case 't':
        scan->literal = "rue";
        scan->state = sw_literal;
        return LLMP_TYPE_BOOLEAN;

    case 'f':
        scan->literal = "alse";
        scan->state = sw_literal;
        return LLMP_TYPE_BOOLEAN;

    case 'n':
        scan->literal = "ull";
        scan->state = sw_literal;
        return LLMP_TYPE_NULL;

    case '-':
        scan->state = sw_minus;
        return LLMP_TYPE_NUMBER;

    case '0':
        scan->state = sw_zero;
        return LLMP_TYPE_NUMBER;
    }

    if (ch < '1' || ch > '9') {
        return 0;
    }

    scan->state = sw_integer;

    return LLMP_TYPE_NUMBER;
}


const u_char *
llmp_scan_open(llmp_scan_t *scan, const u_char *p)
{
    llmp_uint_t  type;

    if (scan->depth == LLMP_DEPTH_MAX) {
        (void) llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d nested objects and arrays",
                           LLMP_DEPTH_MAX);
        return NULL;
    }

    type = (*p == '{') ? LLMP_TYPE_OBJECT : LLMP_TYPE_ARRAY;

    if (scan->watch != NULL
        && llmp_scan_record(scan, type, llmp_scan_pos(scan, p)) != LLMP_OK)
    {
        return NULL;
    }

    (void) llmp_scan_push(scan, type == LLMP_TYPE_OBJECT);

    if (scan->handler != NULL && scan->watch != NULL && scan->watch->scope) {
        scan->inside = (scan->depth > 1);
    }

    return p + 1;
}


const u_char *
llmp_scan_close(llmp_scan_t *scan, const u_char *p)
{
    llmp_member_t      *m;
    llmp_scan_frame_t  *frame;

    frame = llmp_scan_frame(scan);

    if (*p != (frame->object ? '}' : ']')) {
        return llmp_scan_unexpected(scan, p);
    }

    p++;

    if (frame->recorded) {
        m = &scan->members.elts[frame->member];
        m->end = llmp_scan_pos(scan, p);
        m->last = scan->members.nelts - 1;
        m->count = frame->count;
    }

    llmp_scan_names_forget(scan, frame->names);

    scan->depth--;

    llmp_scan_after(scan);

    if (scan->handler != NULL && frame->watch != NULL && scan->depth != 0
        && llmp_scan_handled(scan, frame) != LLMP_OK)
    {
        return NULL;
    }

    return p;
}


/* what may come after a value */

static void
llmp_scan_after(llmp_scan_t *scan)
{
    if (scan->depth == 0) {
        scan->state = sw_done;
        return;
    }

    scan->state = llmp_scan_frame(scan)->object ? sw_after_member
                                                : sw_after_element;
}


static const u_char *
llmp_scan_string(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    const u_char  *start;

    start = p;

    if (scan->in_name) {

        while (p < end && llmp_text_is_plain(*p)) {
            p++;
        }

        llmp_scan_name_plain(scan, start, p);

    } else {
        p = scan->path->text(scan->buf, p, end);
    }

    if (p == end) {
        return p;
    }

    if (*p >= 0x80) {
        scan->utf8_len = 0;
        scan->state = sw_utf8;
        return p;
    }

    switch (*p) {

    case '"':
        return llmp_scan_quote(scan, p);

    case '\\':
        scan->escaped = 1;
        scan->state = sw_escape;
        return p + 1;

    case '\0':
        return llmp_scan_invalid(scan, p, llmp_scan_nul);
    }

    return llmp_scan_invalid(scan, p, "a control character in a string");
}


static const u_char *
llmp_scan_quote(llmp_scan_t *scan, const u_char *p)
{
    p++;

    if (!scan->in_name) {
        return llmp_scan_scalar_end(scan, p);
    }

    scan->state = sw_colon;

    return (llmp_scan_name_end(scan) == LLMP_OK) ? p : NULL;
}


/*
 * Takes a character byte by byte: one that may be split, or that is not well
 * formed; it is then refused for the same byte wherever it is split.
 */

static const u_char *
llmp_scan_utf8(llmp_scan_t *scan, const u_char *p)
{
    size_t  n;

    scan->utf8[scan->utf8_len++] = *p++;

    n = llmp_utf8_len(scan->utf8, scan->utf8 + scan->utf8_len);

    if (n != 0) {
        scan->state = sw_string;

        if (scan->in_name) {
            llmp_scan_name_char(scan, llmp_utf8_decode(scan->utf8, n));
        }

        return p;
    }

    if (scan->utf8_len == sizeof(scan->utf8)) {
        (void) llmp_scan_invalid_at(scan, llmp_scan_pos(scan, p)
                                          - scan->utf8_len,
                                    llmp_scan_malformed);
        return NULL;
    }

    return p;
}


static const u_char *
llmp_scan_escape(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    int     digit;
    u_char  ch;

    for ( /* void */ ; p < end; p++) {

        switch (scan->state) {

        case sw_escape:
            if (*p == 'u') {
                scan->hex = 4;
                scan->state = sw_hex;
                break;
            }

            ch = llmp_scan_unescape(*p);
            if (ch == 0) {
                return llmp_scan_invalid(scan, p, "an invalid escape");
            }

            return llmp_scan_escaped(scan, p, ch);

        case sw_hex:
            digit = llmp_scan_digit(*p);
            if (digit < 0) {
                return llmp_scan_invalid(scan, p,
                                         "expected a hexadecimal digit");
            }

            scan->code = (scan->code << 4) | (uint32_t) digit;

            if (--scan->hex == 0) {
                return llmp_scan_code(scan, p);
            }

            break;

        case sw_low_escape:
            if (*p != '\\') {
                return llmp_scan_unpaired(scan, p);
            }

            scan->state = sw_low_u;
            break;

        default: /* sw_low_u */
            if (*p != 'u') {
                return llmp_scan_unpaired(scan, p);
            }

            scan->hex = 4;
            scan->state = sw_hex;
        }
    }

    return p;
}


/* p is at the last digit of the code */

static const u_char *
llmp_scan_code(llmp_scan_t *scan, const u_char *p)
{
    uint32_t  code, high;

    code = scan->code;
    scan->code = 0;

    if (scan->lax) {

        /* streams of some servers have the halves of a pair apart */

        return llmp_scan_escaped(scan, p, code);
    }

    high = scan->surrogate;
    scan->surrogate = 0;

    if (high != 0) {

        if (!llmp_scan_is_low(code)) {
            return llmp_scan_unpaired(scan, p);
        }

        return llmp_scan_escaped(scan, p, llmp_scan_pair(high, code));
    }

    if (llmp_scan_is_low(code)) {
        return llmp_scan_unpaired(scan, p);
    }

    if (llmp_scan_is_high(code)) {
        scan->surrogate = (uint16_t) code;
        scan->state = sw_low_escape;
        return p + 1;
    }

    return llmp_scan_escaped(scan, p, code);
}


/* p is at the last byte of the escape */

static const u_char *
llmp_scan_escaped(llmp_scan_t *scan, const u_char *p, uint32_t code)
{
    scan->state = sw_string;

    if (!scan->in_name) {
        return p + 1;
    }

    /* C strings end at NUL, and lines of logs at a line feed */

    if (code < 0x20 && !scan->lax) {
        (void) llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL,
                           "a member name holds a control character, "
                           "at byte %" PRIu64, scan->key_start);
        return NULL;
    }

    llmp_scan_name_char(scan, code);

    return p + 1;
}


static const u_char *
llmp_scan_literal(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    for ( /* void */ ; p < end; p++) {

        if (*p != (u_char) *scan->literal) {
            return llmp_scan_invalid(scan, p, "expected true, false or null");
        }

        scan->literal++;

        if (*scan->literal == '\0') {
            return llmp_scan_scalar_end(scan, p + 1);
        }
    }

    return p;
}


static const u_char *
llmp_scan_number(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    llmp_int_t  digit;

    for ( /* void */ ; p < end; p++) {

        digit = (*p >= '0' && *p <= '9');

        switch (scan->state) {

        case sw_minus:
            if (*p == '0') {
                scan->state = sw_zero;
                continue;
            }

            scan->state = sw_integer;
            break;

        case sw_zero:
            if (digit) {
                return llmp_scan_invalid(scan, p,
                                         "a number with a leading zero");
            }

            /* fall through */

        case sw_integer:
            if (digit) {
                continue;
            }

            if (*p == '.') {
                scan->state = sw_point;
                continue;
            }

            /* fall through */

        case sw_fraction:
            if (digit) {
                continue;
            }

            if (*p == 'e' || *p == 'E') {
                scan->state = sw_exponent;
                continue;
            }

            return llmp_scan_scalar_end(scan, p);

        case sw_point:
            scan->state = sw_fraction;
            break;

        case sw_exponent:
            scan->state = sw_exponent_sign;

            if (*p == '+' || *p == '-') {
                continue;
            }

            /* fall through */

        case sw_exponent_sign:
            scan->state = sw_exponent_digit;
            break;

        default: /* sw_exponent_digit */
            if (digit) {
                continue;
            }

            return llmp_scan_scalar_end(scan, p);
        }

        /* the part that begins here has at least one digit */

        if (!digit) {
            return llmp_scan_invalid(scan, p, "expected a digit");
        }
    }

    return p;
}


static const u_char *
llmp_scan_scalar_end(llmp_scan_t *scan, const u_char *end)
{
    llmp_scan_after(scan);

    if (scan->keep && llmp_scan_kept(scan, end) != LLMP_OK) {
        return NULL;
    }

    return end;
}


static const u_char *
llmp_scan_unexpected(llmp_scan_t *scan, const u_char *p)
{
    if (*p == '\0') {
        return llmp_scan_invalid(scan, p, llmp_scan_nul);
    }

    if (scan->state == sw_start && *p >= 0xef) {
        return llmp_scan_invalid(scan, p, "the body must be an object, "
                                          "without a byte order mark");
    }

    return llmp_scan_invalid(scan, p, llmp_scan_expected[scan->state]);
}


static const u_char *
llmp_scan_unpaired(llmp_scan_t *scan, const u_char *p)
{
    return llmp_scan_invalid(scan, p, "an unpaired surrogate");
}


static const u_char *
llmp_scan_invalid(llmp_scan_t *scan, const u_char *p, const char *what)
{
    (void) llmp_scan_invalid_at(scan, llmp_scan_pos(scan, p), what);

    return NULL;
}


static llmp_int_t
llmp_scan_invalid_at(llmp_scan_t *scan, uint64_t pos, const char *what)
{
    return llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                       "invalid JSON at byte %" PRIu64 ": %s", pos, what);
}


llmp_int_t
llmp_scan_nomem(llmp_scan_t *scan)
{
    return llmp_refuse(&scan->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "no memory to read the request");
}
