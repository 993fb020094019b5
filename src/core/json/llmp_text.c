
/*
 * Copyright (C) llm-policy authors
 */


#include "json/llmp_text_state.h"
#include "base/llmp_utf8.h"


static int llmp_text_runs(const llmp_text_path_t *path);
static const u_char *llmp_text_escape(const u_char *p, const u_char *end);
static int llmp_text_unit(const u_char *p, const u_char *end);


/* the slowest first */

static const llmp_text_path_t  llmp_text_paths[] = {
    { "scalar", llmp_text_scalar, 0 },
#if (__x86_64__)
    { "sse2", llmp_text_sse2_text, 1 },
    { "avx2", llmp_text_avx2_text, 1 },
    { "avx512", llmp_text_avx512_text, 1 },
#endif
    { NULL, NULL, 0 }
};


const llmp_text_path_t *
llmp_text_best(void)
{
    const llmp_text_path_t         *path, *best;
    static const llmp_text_path_t  *chosen;

    /* atomic, since nothing says that the first calls come from one thread */

    best = __atomic_load_n(&chosen, __ATOMIC_RELAXED);

    if (best != NULL) {
        return best;
    }

    for (path = llmp_text_paths; path->name != NULL; path++) {
        if (llmp_text_runs(path)) {
            best = path;
        }
    }

    __atomic_store_n(&chosen, best, __ATOMIC_RELAXED);

    return best;
}


const llmp_text_path_t *
llmp_text_path(llmp_uint_t i)
{
    const llmp_text_path_t  *path;

    for (path = llmp_text_paths; path->name != NULL; path++) {
        if (llmp_text_runs(path) && i-- == 0) {
            return path;
        }
    }

    return NULL;
}


static int
llmp_text_runs(const llmp_text_path_t *path)
{
#if (__x86_64__)

    if (path->text == llmp_text_avx2_text) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    }

    if (path->text == llmp_text_avx512_text) {
        return __builtin_cpu_supports("avx512f")
               && __builtin_cpu_supports("avx512bw")
               && __builtin_cpu_supports("bmi");
    }

#endif

    return path->text != NULL;
}


const u_char *
llmp_text_scalar(const u_char *buf, const u_char *p, const u_char *end)
{
    const u_char  *next;

    (void) buf;

    while (p < end) {

        if (llmp_text_is_plain(*p)) {
            p++;
            continue;
        }

        next = llmp_text_step(p, end);

        if (next == p) {
            break;
        }

        p = next;
    }

    return p;
}


const u_char *
llmp_text_step(const u_char *p, const u_char *end)
{
    if (*p >= 0x80) {
        return p + llmp_utf8_len(p, end);
    }

    if (*p == '\\') {
        return llmp_text_escape(p, end);
    }

    return (*p < 0x20 || *p == '"') ? p : p + 1;
}


static const u_char *
llmp_text_escape(const u_char *p, const u_char *end)
{
    int  code, low;

    if (end - p < 2) {
        return p;
    }

    if (llmp_scan_unescape(p[1])) {
        return p + 2;
    }

    code = llmp_text_unit(p, end);

    if (code < 0 || llmp_scan_is_low(code)) {
        return p;
    }

    if (!llmp_scan_is_high(code)) {
        return p + 6;
    }

    low = llmp_text_unit(p + 6, end);

    return llmp_scan_is_low(low) ? p + 12 : p;
}


/* the code of \uXXXX, or -1 if that is not what is there */

static int
llmp_text_unit(const u_char *p, const u_char *end)
{
    int     code, digit;
    size_t  i;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }

    code = 0;

    for (i = 2; i < 6; i++) {
        digit = llmp_scan_digit(p[i]);

        if (digit < 0) {
            return -1;
        }

        code = code << 4 | digit;
    }

    return code;
}
