
/*
 * Copyright (C) llm-policy authors
 *
 * The grammar of objects and arrays (RFC 8259, sections 2 to 5), written once.
 * Each reader of tokens includes this file after it has defined:
 *
 *   LLMP_GRAMMAR            the name of the function
 *   LLMP_GRAMMAR_READER     a type: the state of the reader
 *   LLMP_GRAMMAR_START(reader, p, end, limit)
 *       prepares the reader
 *   LLMP_GRAMMAR_NAME_END(reader, p, limit)
 *       returns the closing quote of the name that begins with the quote at p,
 *       or NULL if the name is not plain or not complete
 *   LLMP_GRAMMAR_NAME(scan, frame, p, n)
 *       takes a plain name of n bytes, and sets scan->watch for its value;
 *       returns LLMP_OK, or LLMP_ERROR after a refusal
 *   LLMP_GRAMMAR_HAS_COLON(p, limit)
 *       1 if there is a colon at p, just behind a name
 *   LLMP_GRAMMAR_STRING(reader, scan, p, end, limit, &next)
 *       1 if the string that begins with the quote at p is complete, and next
 *       is behind it; 0 if next is a byte inside the string
 *   LLMP_GRAMMAR_SCALAR(p, end, &next)
 *       returns the type of the number or literal at p, and the byte behind it
 *       in next; or 0 if it is not complete, or may not be valid
 *   LLMP_GRAMMAR_RECORD(scan, frame, type, p, next, zero)
 *       records the scalar [p, next); returns LLMP_OK, or LLMP_ERROR after
 *       a refusal
 *   LLMP_GRAMMAR_OPEN(scan, frame, p, zero)
 *       opens the object or array at p, and returns its frame, or NULL after
 *       a refusal
 *   LLMP_GRAMMAR_CLOSE(scan, frame, &p, zero)
 *       closes the object or array at p, moves p behind it and returns the
 *       frame around it; or NULL, if the document has ended, or with p NULL
 *       after a refusal
 *
 * zero is the offset in the document less the address, the same for all bytes
 * of the buffer.
 *
 * A reader takes the tokens that it knows to be complete and valid.  All others
 * are entered here in a state inside the token, which llmp_scan_run() goes on
 * from, byte by byte: llmp_scan_token.c finds and reports what is invalid.
 *
 * The function reads tokens from p.  Each begins at limit at the latest.
 * It returns the first byte that was not taken, with scan->state set, or NULL
 * after a refusal.  It always takes at least one byte if p <= limit.  It is one
 * function, so that its variables stay in registers.
 */


static const u_char *LLMP_GRAMMAR(llmp_scan_t *scan, const u_char *p,
    const u_char *end, const u_char *limit);


static const u_char *
LLMP_GRAMMAR(llmp_scan_t *scan, const u_char *p, const u_char *end,
    const u_char *limit)
{
    uint64_t              zero;
    llmp_uint_t           type;
    const u_char         *next;
    llmp_scan_frame_t    *frame;
    LLMP_GRAMMAR_READER   reader;

    zero = scan->offset - (uintptr_t) scan->buf;

    LLMP_GRAMMAR_START(&reader, p, end, limit);

    frame = (scan->depth != 0) ? llmp_scan_frame(scan) : scan->stack;

    switch (scan->state) {

    case LLMP_SCAN_START:
        goto start;

    case LLMP_SCAN_FIRST_NAME:
    case LLMP_SCAN_NAME:
        goto name;

    case LLMP_SCAN_COLON:
        goto colon;

    case LLMP_SCAN_FIRST_ELEMENT:
    case LLMP_SCAN_VALUE:
        goto value;

    case LLMP_SCAN_AFTER_MEMBER:
    case LLMP_SCAN_AFTER_ELEMENT:
        goto after;

    default: /* LLMP_SCAN_DONE */
        goto done;
    }

start:

    if (p > limit) {
        return p;
    }

    if (*p == '{') {
        goto open;
    }

    if (!llmp_json_char_is_white(*p)) {
        return llmp_scan_error_unexpected(scan, p);
    }

    p++;
    goto start;

name:

    if (p > limit || *p != '"') {
        goto no_name;
    }

    next = LLMP_GRAMMAR_NAME_END(&reader, p, limit);

    llmp_scan_record_item_in(scan, frame, zero + (uintptr_t) p);

    if (next == NULL) {
        llmp_scan_name_start(scan);
        scan->state = LLMP_SCAN_STRING;

        return p + 1;
    }

    if (LLMP_GRAMMAR_NAME(scan, frame, p + 1, (size_t) (next - p - 1))
        != LLMP_OK)
    {
        return NULL;
    }

    p = next + 1;

    if (!LLMP_GRAMMAR_HAS_COLON(p, limit)) {
        scan->state = LLMP_SCAN_COLON;
        goto colon;
    }

    p++;

value:

    if (p > limit) {
        goto no_value;
    }

    if (*p == '"') {

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }

        if (!LLMP_GRAMMAR_STRING(&reader, scan, p, end, limit, &next)) {
            return llmp_scan_token_enter_string(scan, p, next);
        }

        type = LLMP_TYPE_STRING;

    } else if (*p == '{' || *p == '[') {

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }

        goto open;

    } else if (*p <= ' ' && llmp_json_char_is_white(*p)) {
        p++;
        goto value;

    } else {
        type = LLMP_GRAMMAR_SCALAR(p, end, &next);

        if (type == 0) {
            goto no_value;
        }

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }
    }

    if (LLMP_GRAMMAR_RECORD(scan, frame, type, p, next, zero) != LLMP_OK) {
        return NULL;
    }

    p = next;

after:

    if (p > limit) {
        goto no_after;
    }

    if (*p == ',') {
        scan->comma = zero + (uintptr_t) p;
        p++;

        if (frame->object) {
            goto name;
        }

        goto value;
    }

    if (*p != (frame->object ? '}' : ']')) {
        goto no_after;
    }

close:

    frame = LLMP_GRAMMAR_CLOSE(scan, frame, &p, zero);

    if (frame == NULL) {
        return p;
    }

    goto after;

open:

    frame = LLMP_GRAMMAR_OPEN(scan, frame, p, zero);

    if (frame == NULL) {
        return NULL;
    }

    p++;

    if (frame->object) {
        goto name;
    }

    goto value;

colon:

    if (p > limit) {
        return p;
    }

    if (*p == ':') {
        p++;
        goto value;
    }

    if (!llmp_json_char_is_white(*p)) {
        return llmp_scan_error_unexpected(scan, p);
    }

    p++;
    goto colon;

done:

    if (p > limit) {
        return p;
    }

    if (!llmp_json_char_is_white(*p)) {
        return llmp_scan_error_unexpected(scan, p);
    }

    p++;
    goto done;

no_name:

    if (p <= limit && llmp_json_char_is_white(*p)) {
        p++;
        goto name;
    }

    scan->state = (frame->count == 0) ? LLMP_SCAN_FIRST_NAME : LLMP_SCAN_NAME;

    if (p > limit) {
        return p;
    }

    if (*p == '}' && frame->count == 0) {
        goto close;
    }

    return llmp_scan_error_unexpected(scan, p);

no_value:

    scan->state = (frame->count == 0 && !frame->object)
                  ? LLMP_SCAN_FIRST_ELEMENT : LLMP_SCAN_VALUE;

    if (p > limit) {
        return p;
    }

    if (*p == ']' && scan->state == LLMP_SCAN_FIRST_ELEMENT) {
        goto close;
    }

    return llmp_scan_token_begin_scalar(scan, p);

no_after:

    if (p <= limit && llmp_json_char_is_white(*p)) {
        p++;
        goto after;
    }

    scan->state = llmp_scan_container_state(frame);

    return (p > limit) ? p : llmp_scan_error_unexpected(scan, p);
}
