
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_pattern.h"


/*
 * Limits of the cost of a match.  The subjects are model names and paths, which
 * are short: ordinary patterns need some hundreds of steps.  PCRE2 takes some
 * milliseconds to reach these limits.
 */

#define LLMP_PATTERN_STEPS  100000
#define LLMP_PATTERN_DEPTH  100000
#define LLMP_PATTERN_HEAP   1024     /* KiB */


static size_t llmp_pattern_prefix(const llmp_str_t *text, uint32_t *options);
static llmp_int_t llmp_pattern_create_data(llmp_pattern_t *pattern);
static const char *llmp_pattern_error_text(llmp_pool_t *pool, int rc);
static void llmp_pattern_capture(const llmp_pattern_t *pattern,
    const llmp_str_t *subject, llmp_str_t *capture);


llmp_int_t
llmp_pattern_compile(llmp_pattern_t *pattern, llmp_pool_t *pool,
    const llmp_str_t *text, const char **message, size_t *offset)
{
    int          rc;
    size_t       prefix;
    uint32_t     options;
    llmp_str_t  *copy;

    memset(pattern, 0, sizeof(llmp_pattern_t));

    *message = NULL;
    *offset = 0;

    prefix = llmp_pattern_prefix(text, &options);

    /* "~" matches all: it ends a list, or prices the rest of the models */

    if (text->len == prefix && prefix != 1) {
        *message = "the pattern is empty";
        *offset = prefix;
        return LLMP_ERROR;
    }

    copy = &pattern->text;

    copy->data = llmp_palloc(pool, text->len + 1);
    if (copy->data == NULL) {
        return LLMP_ERROR;
    }

    memcpy(copy->data, text->data, text->len);
    copy->data[text->len] = '\0';
    copy->len = text->len;

    if (prefix == 0) {
        return LLMP_OK;
    }

    pattern->code = pcre2_compile(copy->data + prefix, copy->len - prefix,
                                  options, &rc, offset, NULL);

    if (pattern->code == NULL) {
        *message = llmp_pattern_error_text(pool, rc);
        *offset += prefix;
        return LLMP_ERROR;
    }

    /* without JIT the pattern is interpreted, within the same limits */

    (void) pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);

    if (llmp_pattern_create_data(pattern) != LLMP_OK) {
        llmp_pattern_free(pattern);
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


llmp_int_t
llmp_pattern_match(const llmp_pattern_t *pattern, const llmp_str_t *subject,
    llmp_str_t *capture)
{
    int  rc;

    if (capture != NULL) {
        capture->len = 0;
        capture->data = NULL;
    }

    if (pattern->code == NULL) {
        return llmp_str_eq(&pattern->text, subject) ? LLMP_OK : LLMP_DECLINED;
    }

    /* PCRE2 does not accept NULL, not even for an empty subject */

    rc = pcre2_match(pattern->code,
                     subject->len ? subject->data : (PCRE2_SPTR) "",
                     subject->len, 0, 0, pattern->data, pattern->limits);

    if (rc == PCRE2_ERROR_NOMATCH) {
        return LLMP_DECLINED;
    }

    if (rc < 0) {
        return LLMP_ERROR;
    }

    if (capture != NULL) {
        llmp_pattern_capture(pattern, subject, capture);
    }

    return LLMP_OK;
}


void
llmp_pattern_free(llmp_pattern_t *pattern)
{
    /* these functions accept NULL */

    pcre2_match_context_free(pattern->limits);
    pcre2_match_data_free(pattern->data);
    pcre2_code_free(pattern->code);

    pattern->limits = NULL;
    pattern->data = NULL;
    pattern->code = NULL;
}


/* returns the length of "~" or "~*" before a regular expression, or 0 for a
   literal; sets *options */

static size_t
llmp_pattern_prefix(const llmp_str_t *text, uint32_t *options)
{
    /*
     * "$" matches at the very end only: a name allowed by "^name$" must not be
     * followed by a line feed, which some upstreams strip and others do not.
     */

    *options = PCRE2_DOLLAR_ENDONLY;

    if (text->len == 0 || text->data[0] != '~') {
        return 0;
    }

    if (text->len == 1 || text->data[1] != '*') {
        return 1;
    }

    *options |= PCRE2_CASELESS;

    return 2;
}


static llmp_int_t
llmp_pattern_create_data(llmp_pattern_t *pattern)
{
    pattern->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    pattern->limits = pcre2_match_context_create(NULL);

    if (pattern->data == NULL || pattern->limits == NULL) {
        return LLMP_ERROR;
    }

    (void) pcre2_set_match_limit(pattern->limits, LLMP_PATTERN_STEPS);
    (void) pcre2_set_depth_limit(pattern->limits, LLMP_PATTERN_DEPTH);
    (void) pcre2_set_heap_limit(pattern->limits, LLMP_PATTERN_HEAP);

    return LLMP_OK;
}


static const char *
llmp_pattern_error_text(llmp_pool_t *pool, int rc)
{
    size_t   len;
    u_char   buf[256], *p;

    if (rc == PCRE2_ERROR_HEAP_FAILED) {
        return NULL;
    }

    (void) pcre2_get_error_message(rc, buf, sizeof(buf));

    len = strlen((char *) buf) + 1;

    p = llmp_palloc(pool, len);
    if (p != NULL) {
        memcpy(p, buf, len);
    }

    return (const char *) p;
}


/* sets *capture to the group "model"; each alternative may have a group of this
   name, and one of them has matched */

static void
llmp_pattern_capture(const llmp_pattern_t *pattern, const llmp_str_t *subject,
    llmp_str_t *capture)
{
    int          size;
    uint32_t     n;
    PCRE2_SPTR   entry, last;
    PCRE2_SIZE  *vector;

    size = pcre2_substring_nametable_scan(pattern->code, (PCRE2_SPTR) "model",
                                          &entry, &last);
    if (size < 0) {
        return;
    }

    vector = pcre2_get_ovector_pointer(pattern->data);

    for ( /* void */ ; entry <= last; entry += size) {
        n = entry[0] << 8 | entry[1];

        if (vector[2 * n] != PCRE2_UNSET) {
            capture->data = subject->data + vector[2 * n];
            capture->len = vector[2 * n + 1] - vector[2 * n];
            return;
        }
    }
}
