
/*
 * Copyright (C) llm-policy authors
 *
 * The variants of llmp_skip_plain() against a plain loop, at every length and
 * alignment, in memory that has a guard page at both ends.
 */


#include "test.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "llmp_scan.h"


#define LENGTH_MAX  200
#define ALIGN_MAX   33


typedef struct {
    const char    *name;
    llmp_skip_pt   run;
} variant_t;


typedef struct {
    u_char        *map;
    u_char        *start;      /* between the guard pages */
    u_char        *end;
    size_t         page;
    variant_t      variants[4];
    size_t         nvariants;
} fixture_t;


/* what the contract says, byte by byte */

static int
is_plain(u_char ch)
{
    return ch >= 0x20 && ch < 0x80 && ch != '"' && ch != '\\';
}


static void
check(fixture_t *f, const u_char *p, const u_char *end)
{
    size_t         i;
    const u_char  *expected, *got;

    for (expected = p; expected < end; expected++) {
        if (!is_plain(*expected)) {
            break;
        }
    }

    for (i = 0; i < f->nvariants; i++) {
        got = f->variants[i].run(p, end);

        if (got != expected) {
            print_error("%s: %td instead of %td of %td bytes\n",
                        f->variants[i].name, got - p, expected - p, end - p);
            fail();
        }
    }
}


/* all that is outside the text is special, so that a byte too many shows */

static u_char *
place(fixture_t *f, u_char *p, size_t len)
{
    memset(f->start, '"', f->page);
    memset(p, 'a', len);

    return p;
}


/* a special byte at each place of the text, and none */

static void
check_text(fixture_t *f, u_char *p, size_t len)
{
    size_t  i;

    static const u_char  special[] = {
        '"', '\\', '\0', '\n', 0x1f, 0x80, 0xc3, 0xff
    };

    place(f, p, len);
    check(f, p, p + len);

    for (i = 0; i < len; i++) {
        p[i] = special[(i + len) % sizeof(special)];
        check(f, p, p + len);
        p[i] = 'a';
    }
}


static void
test_start_of_page(void **state)
{
    size_t      len, align;
    fixture_t  *f = *state;

    for (align = 0; align < ALIGN_MAX; align++) {
        for (len = 0; len <= LENGTH_MAX; len++) {
            check_text(f, f->start + align, len);
        }
    }
}


static void
test_end_of_page(void **state)
{
    size_t      len, align;
    fixture_t  *f = *state;

    for (align = 0; align < ALIGN_MAX; align++) {
        for (len = 0; len <= LENGTH_MAX; len++) {
            check_text(f, f->end - align - len, len);
        }
    }
}


/* every byte that there is, at each place of the widest vector */

static void
test_every_byte(void **state)
{
    size_t      i, byte;
    u_char     *p;
    fixture_t  *f = *state;

    for (i = 0; i < 64; i++) {
        p = place(f, f->end - 64, 64);

        for (byte = 0; byte < 256; byte++) {
            p[i] = (u_char) byte;
            check(f, p, f->end);
        }
    }
}


/* of several special bytes, the first one counts */

static void
test_first_counts(void **state)
{
    size_t      i, j;
    u_char     *p;
    fixture_t  *f = *state;

    for (i = 0; i < 70; i++) {
        for (j = 0; j < 70; j++) {
            p = place(f, f->start + 1, 100);
            p[i] = '\\';
            p[j] = 0xe4;
            check(f, p, p + 100);
        }
    }
}


static void
test_whole_page(void **state)
{
    fixture_t  *f = *state;

    place(f, f->start, f->page);
    check(f, f->start, f->end);

    f->end[-1] = '"';
    check(f, f->start, f->end);
}


static void
add_variant(fixture_t *f, const char *name, llmp_skip_pt run)
{
    f->variants[f->nvariants++] = (variant_t) { name, run };
}


static int
setup(void **state)
{
    static fixture_t  f;

    f.page = (size_t) sysconf(_SC_PAGESIZE);

    f.map = mmap(NULL, 3 * f.page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0);
    if (f.map == MAP_FAILED
        || mprotect(f.map + f.page, f.page, PROT_READ | PROT_WRITE) != 0)
    {
        return -1;
    }

    f.start = f.map + f.page;
    f.end = f.start + f.page;

    add_variant(&f, "best", llmp_skip_plain);
    add_variant(&f, "scalar", llmp_skip_scalar);

    if (llmp_skip_sse2 != NULL) {
        add_variant(&f, "sse2", llmp_skip_sse2);
    }

#if (__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        add_variant(&f, "avx2", llmp_skip_avx2);
    }
#endif

    *state = &f;

    return 0;
}


static int
teardown(void **state)
{
    fixture_t  *f = *state;

    return munmap(f->map, 3 * f->page);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_start_of_page),
        cmocka_unit_test(test_end_of_page),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_first_counts),
        cmocka_unit_test(test_whole_page)
    };

    return cmocka_run_group_tests_name("skip", tests, setup, teardown);
}
