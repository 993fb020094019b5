
/*
 * Copyright (C) llm-policy authors
 *
 * Files are read whole, up to a size; what is no file is refused at once.
 */


#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/llmp_arena.h"
#include "base/llmp_file.h"

#include "files.h"


static void
test_sizes(void **state)
{
    llmp_str_t          text;
    llmp_uint_t         pipes;
    llmp_arena_t        arena;
    llmp_file_error_t   error;

    (void) state;

    llmp_arena_init(&arena);

    files_write("ten", "0123456789");
    files_write("empty", "");

    for (pipes = 0; pipes < 2; pipes++) {
        assert_int_equal(llmp_file_read(&arena.pool, "ten", pipes, 10, &text,
                                        &error),
                         LLMP_OK);
        assert_str_is(text, "0123456789");

        assert_int_equal(llmp_file_read(&arena.pool, "ten", pipes, 9, &text,
                                        &error),
                         LLMP_DECLINED);

        assert_int_equal(llmp_file_read(&arena.pool, "empty", pipes, 0, &text,
                                        &error),
                         LLMP_OK);
        assert_int_equal(text.len, 0);
    }

    llmp_arena_reset(&arena);
}


static void
test_pipe(void **state)
{
    int                 fd[2];
    size_t              i;
    char                piece[1024];
    llmp_str_t          text;
    llmp_arena_t        arena;
    llmp_file_error_t   error;

    (void) state;

    llmp_arena_init(&arena);
    assert_int_equal(pipe(fd), 0);

    /* as much as a pipe holds, which fills the first allocation */

    for (i = 0; i < 64; i++) {
        memset(piece, (int) i, sizeof(piece));
        assert_int_equal(write(fd[1], piece, sizeof(piece)), sizeof(piece));
    }

    close(fd[1]);

    assert_int_equal(llmp_file_read_fd(&arena.pool, fd[0], 65536, &text,
                                       &error),
                     LLMP_OK);
    assert_int_equal(text.len, 65536);

    for (i = 0; i < text.len; i++) {
        assert_int_equal(text.data[i], i / 1024);
    }

    close(fd[0]);

    /* too large */

    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], piece, 11), 11);
    close(fd[1]);

    assert_int_equal(llmp_file_read_fd(&arena.pool, fd[0], 10, &text, &error),
                     LLMP_DECLINED);

    close(fd[0]);
    llmp_arena_reset(&arena);
}


/* a named pipe without a writer would be waited for */

static void
test_no_file(void **state)
{
    size_t              i;
    llmp_str_t          text;
    llmp_arena_t        arena;
    llmp_file_error_t   error;

    static const struct {
        const char  *name;
        const char  *call;
        int          err;
    } cases[] = {
        { "none", "open()", ENOENT },
        { "ten/none", "open()", ENOTDIR },
        { "loop", "open()", ELOOP },
        { "folder", "read()", EISDIR },
        { "pipe", "read()", ENOTSUP }
    };

    (void) state;

    llmp_arena_init(&arena);

    files_write("ten", "0123456789");
    files_folder("folder");
    files_link("loop", "loop");
    assert_int_equal(mkfifo("pipe", 0600), 0);

    for (i = 0; i < test_nelts(cases); i++) {
        assert_int_equal(llmp_file_read(&arena.pool, cases[i].name, 0, 10,
                                        &text, &error),
                         LLMP_ERROR);
        assert_string_equal(error.call, cases[i].call);
        assert_int_equal(error.err, cases[i].err);
    }

    arena.fail_after = arena.allocs + 1;

    assert_int_equal(llmp_file_read(&arena.pool, "ten", 0, 10, &text, &error),
                     LLMP_ERROR);
    assert_null(error.call);

    llmp_arena_reset(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_no_file)
    };

    return cmocka_run_group_tests_name("file", tests, files_setup,
                                       files_teardown);
}
