
/*
 * Copyright (C) llm-policy authors
 */


#include "json/llmp_text.h"
#include "json/llmp_text_avx2.h"
#include "json/llmp_text_avx512.h"
#include "json/llmp_text_scalar.h"
#include "json/llmp_text_sse2.h"


static int llmp_text_is_supported(const llmp_text_path_t *path);


/* ordered from slowest to fastest */

static const llmp_text_path_t  llmp_text_paths[] = {
    { "scalar", llmp_text_scalar, 0 },
#if (__x86_64__)
    { "sse2", llmp_text_sse2, 1 },
    { "avx2", llmp_text_avx2, 1 },
    { "avx512", llmp_text_avx512, 1 },
#endif
    { NULL, NULL, 0 }
};


const llmp_text_path_t *
llmp_text_best_path(void)
{
    const llmp_text_path_t         *path, *best;
    static const llmp_text_path_t  *chosen;

    /* atomic, since the first calls may come from several threads */

    best = __atomic_load_n(&chosen, __ATOMIC_RELAXED);

    if (best != NULL) {
        return best;
    }

    for (path = llmp_text_paths; path->name != NULL; path++) {
        if (llmp_text_is_supported(path)) {
            best = path;
        }
    }

    __atomic_store_n(&chosen, best, __ATOMIC_RELAXED);

    return best;
}


const llmp_text_path_t *
llmp_text_nth_path(llmp_uint_t i)
{
    const llmp_text_path_t  *path;

    for (path = llmp_text_paths; path->name != NULL; path++) {
        if (llmp_text_is_supported(path) && i-- == 0) {
            return path;
        }
    }

    return NULL;
}


static int
llmp_text_is_supported(const llmp_text_path_t *path)
{
#if (__x86_64__)

    if (path->text == llmp_text_avx2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    }

    if (path->text == llmp_text_avx512) {
        return __builtin_cpu_supports("avx512f")
               && __builtin_cpu_supports("avx512bw")
               && __builtin_cpu_supports("bmi");
    }

#endif

    return path->text != NULL;
}
