
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_key.h"

#include "test.h"


/* from FIPS 180: the SHA-256 of "abc" and of nothing */

#define ABC  "sha256:ba7816bf8f01cfea414140de5dae2223"                        \
             "b00361a396177a9cb410ff61f20015ad"

#define NOTHING  "sha256:e3b0c44298fc1c149afbf4c8996fb924"                    \
                 "27ae41e4649b934ca495991b7852b855"


static void
test_hash(void **state)
{
    char        buf[72];
    u_char      hash[LLMP_KEY_HASH];
    llmp_str_t  key, empty = llmp_null_string;

    (void) state;

    /* the algorithm is cached the second time */

    key = test_str("abc");
    assert_int_equal(llmp_key_hash(hash, &key), LLMP_OK);
    assert_int_equal(llmp_key_hash(hash, &key), LLMP_OK);

    llmp_key_format(buf, hash);
    assert_string_equal(buf, ABC);

    assert_int_equal(llmp_key_hash(hash, &empty), LLMP_OK);

    llmp_key_format(buf, hash);
    assert_string_equal(buf, NOTHING);
}


static void
test_parse(void **state)
{
    char        buf[72];
    u_char      hash[LLMP_KEY_HASH];
    size_t      i;
    llmp_str_t  text;

    (void) state;

    text = test_str(ABC);
    assert_int_equal(llmp_key_parse(hash, &text), LLMP_OK);

    llmp_key_format(buf, hash);
    assert_string_equal(buf, ABC);

    /* digits may be in upper case, the prefix may not */

    for (i = sizeof("sha256:") - 1; i < text.len; i++) {
        if (buf[i] >= 'a') {
            buf[i] -= 'a' - 'A';
        }
    }

    text = test_cstr(buf);
    assert_int_equal(llmp_key_parse(hash, &text), LLMP_OK);

    llmp_key_format(buf, hash);
    assert_string_equal(buf, ABC);
}


static void
test_other_forms(void **state)
{
    char        buf[128];
    u_char      hash[LLMP_KEY_HASH];
    size_t      i, len;
    llmp_str_t  text;

    static const char  wrong[] = "gG/:@`{ -\x80";

    (void) state;

    len = strlen(ABC);

    for (i = 0; i < len; i++) {
        text.data = (u_char *) ABC;
        text.len = i;
        assert_int_equal(llmp_key_parse(hash, &text), LLMP_ERROR);
    }

    memcpy(buf, ABC "0", len + 2);
    text = test_cstr(buf);
    assert_int_equal(llmp_key_parse(hash, &text), LLMP_ERROR);

    /* one wrong byte at any position */

    text.len = len;

    for (i = 0; i < len; i++) {
        memcpy(buf, ABC, len);
        buf[i] = wrong[i % (sizeof(wrong) - 1)];
        assert_int_equal(llmp_key_parse(hash, &text), LLMP_ERROR);
    }

    memcpy(buf, ABC, len);
    memcpy(buf, "SHA256", 6);
    assert_int_equal(llmp_key_parse(hash, &text), LLMP_ERROR);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_other_forms)
    };

    return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
