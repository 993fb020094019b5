
/*
 * Copyright (C) llm-policy authors
 *
 * Buffers, hexadecimal digits, arrays that grow, and strings of JSON.
 */


#include "base/llmp_arena.h"
#include "base/llmp_array.h"
#include "base/llmp_buf.h"
#include "base/llmp_hex.h"
#include "base/llmp_json_write.h"
#include "json/llmp_json_string.h"

#include "test.h"


static void
buf_cut(void **state)
{
    char        text[8] = "zzzzzzz";
    llmp_buf_t  buf;

    (void) state;

    llmp_buf_init(&buf, text, 5);

    llmp_buf_add_text(&buf, "abc");
    llmp_buf_add_byte(&buf, 'd');
    llmp_buf_add(&buf, "", 0);
    llmp_buf_add_text(&buf, "efg");
    llmp_buf_add_byte(&buf, 'h');

    assert_int_equal(buf.len, 8);
    assert_memory_equal(text, "abcdezz", 8);
}


static void
buf_length(void **state)
{
    llmp_buf_t  buf;
    llmp_str_t  none = llmp_null_string;

    (void) state;

    llmp_buf_init(&buf, NULL, 0);

    llmp_buf_add_text(&buf, "abc");
    llmp_buf_add_str(&buf, &none);
    llmp_buf_add_byte(&buf, 'd');

    assert_int_equal(buf.len, 4);
}


static void
hex_digits(void **state)
{
    int     byte;
    u_char  text[2];

    (void) state;

    for (byte = 0; byte < 256; byte++) {
        assert_ptr_equal(llmp_hex_write(text, (u_char) byte), text + 2);
        assert_int_equal(llmp_hex_value(text[0]) << 4
                         | llmp_hex_value(text[1]), byte);
    }

    assert_int_equal(llmp_hex_value('F'), 15);
    assert_int_equal(llmp_hex_value('g'), -1);
    assert_int_equal(llmp_hex_value('/'), -1);
    assert_int_equal(llmp_hex_value('@'), -1);
    assert_int_equal(llmp_hex_value(0x10), -1);
}


static void
array_grows(void **state)
{
    int           *elts, *p;
    llmp_uint_t    i, size;
    llmp_arena_t   arena;

    (void) state;

    llmp_arena_init(&arena);

    elts = NULL;
    size = 0;

    for (i = 0; i < 100; i++) {
        p = llmp_array_grow(&arena.pool, elts, i, &size, 3, sizeof(int));
        assert_non_null(p);

        elts = p;
        elts[i] = (int) i;
    }

    assert_int_equal(size, 192);

    for (i = 0; i < 100; i++) {
        assert_int_equal(elts[i], i);
    }

    arena.fail_after = arena.allocs + 1;
    assert_null(llmp_array_grow(&arena.pool, elts, size, &size, 3,
                                sizeof(int)));
    assert_int_equal(size, 192);

    llmp_arena_reset(&arena);
}


static void
json_strings(void **state)
{
    int         ch;
    u_char      text[128], json[llmp_json_write_size(128)], back[800];
    llmp_buf_t  buf;
    llmp_str_t  str;

    (void) state;

    for (ch = 0; ch < 128; ch++) {
        text[ch] = (u_char) ch;
    }

    str.data = text;
    str.len = sizeof(text);

    llmp_buf_init(&buf, json, sizeof(json));
    llmp_json_write_string(&buf, &str);

    assert_true(buf.len <= sizeof(json));

    str.data = json;
    str.len = buf.len;

    assert_int_equal(llmp_json_string_decode(back, &str), sizeof(text));
    assert_memory_equal(back, text, sizeof(text));

    str.data = (u_char *) "a\"\n";
    str.len = 3;

    llmp_buf_init(&buf, json, sizeof(json));
    llmp_json_write_name(&buf, &str);

    assert_int_equal(buf.len, 12);
    assert_memory_equal(json, "\"a\\\"\\u000a\":", 12);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(buf_cut),
        cmocka_unit_test(buf_length),
        cmocka_unit_test(hex_digits),
        cmocka_unit_test(array_grows),
        cmocka_unit_test(json_strings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
