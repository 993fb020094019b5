
/*
 * Copyright (C) llm-policy authors
 *
 * Documents that are long enough for blocks and for the short way through
 * tokens: on all code paths, with all splits, and with a wrong byte anywhere,
 * the result is that of the scalar path.
 */


#include "test.h"
#include "scan_run.h"


static const llmp_str_t  docs[] = {

    /* as programs write them */

    llmp_string("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\","
        "\"content\":\"You are a helpful assistant.\"},{\"role\":\"user\","
        "\"content\":\"What is the weather in Z\xc3\xbcrich, \\\"the\\\" city "
        "of \xe4\xbd\xa0\xe5\xa5\xbd?\\n\\tAnd \xf0\x9f\x98\x80 \\u00e9 "
        "\\ud83d\\ude00 \\\\ C:\\\\temp\\\\new \\/ end of the text.\"}],"
        "\"temperature\":0.5,\"stop\":[\"a\",\"b\",null,-1.5e+3,0],"
        "\"options\":{\"top_k\":40,\"temperature\":1e0,\"other\":true},"
        "\"k\":false,\"max_tokens\":1024}"),

    /* small tokens */

    llmp_string("{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
        "\"t0\",\"parameters\":{\"type\":\"object\",\"properties\":{\"id\":{"
        "\"type\":\"integer\",\"minimum\":0,\"maximum\":-12.50},\"on\":{"
        "\"type\":\"boolean\",\"default\":false,\"enum\":[true,false,null]},"
        "\"a_rather_long_name_of_a_property\":{\"type\":\"array\",\"items\":{}"
        "}},\"required\":[\"id\"],\"additionalProperties\":false}}},[],{},"
        "[[1,2],[3,[4,[5]]]],\"\",0,\"\xc3\xa9\",\"\\n\"],\"requests\":["
        "{\"seed\":1},{\"params\":{\"temperature\":2,\"stop\":[\"x\"]}}]}"),

    /* as people write them */

    llmp_string("{\n  \"temperature\" : 0.7 ,\n  \"stop\":\t[ \"one\", "
        "\"two\" ],\r\n\n  \"options\" : {\n    \"top_k\": 1,\n    \"x\": { }"
        ",\n    \"y\": [ ]\n  },\n  \"\\u006eame\": \"value\",\n  \"n\xc3\xa4me"
        "\": 12,\n  \"a name that is longer than the sixty-four bytes that one "
        "can be said to have\": \"and a value\",\n  \"requests\": [\n    {\n  "
        "    \"seed\": 12345678901234567890\n    }\n  ]\n}\n  \n")
};


static void
test_splits(void **state)
{
    size_t           i, n;
    scan_fixture_t  *f = *state;

    for (i = 0; i < test_nelts(docs); i++) {
        scan_good(f, &docs[i]);

        for (n = 2; n < 200; n += 1 + n / 16) {
            scan_check_pieces(f, &docs[i], n, n, n);
        }
    }
}


static void
test_wrong(void **state)
{
    size_t           i, j, at;
    u_char           buf[1024];
    scan_fixture_t  *f = *state;
    llmp_str_t       doc;

    static const u_char  wrong[] = {
        '\0', '\n', ' ', '"', '\\', ',', ':', '{', '}', '[', ']', '0', '-',
        'e', 'u', 0x1f, 0x7f, 0x80, 0xc3, 0xe4, 0xff
    };

    for (i = 0; i < test_nelts(docs); i++) {
        doc.data = buf;
        doc.len = docs[i].len;

        memcpy(buf, docs[i].data, doc.len);

        for (at = 0; at < doc.len; at++) {
            for (j = 0; j < sizeof(wrong); j++) {
                buf[at] = wrong[j];

                scan_once(f, &doc);
                scan_check_pieces(f, &doc, doc.len, 1, 2);
                scan_check_pieces(f, &doc, at, doc.len, 3);
                scan_check_pieces(f, &doc, at + 1, 150, 4);
            }

            buf[at] = docs[i].data[at];
        }
    }
}


/* a document that is truncated anywhere is so on all paths */

static void
test_cut(void **state)
{
    size_t            i, len;
    scan_fixture_t   *f = *state;
    llmp_str_t        doc;

    for (i = 0; i < test_nelts(docs); i++) {
        for (len = 1; len < docs[i].len; len++) {
            doc.data = docs[i].data;
            doc.len = len;

            scan_once(f, &doc);
            scan_check_pieces(f, &doc, len, 1, 2);
            scan_check_pieces(f, &doc, len / 2, len, 3);
        }
    }
}


/* a string of any length, up to the end of the buffer or beyond it */

static void
test_ends(void **state)
{
    size_t            len, pad;
    scan_fixture_t   *f = *state;
    llmp_str_t        doc;

    for (len = 0; len < 300; len += (len < 200) ? 1 : 7) {
        for (pad = 0; pad < 2; pad++) {
            doc.data = NULL;
            doc_append(&doc, "{\"stop\":\"", 0);
            doc_append_times(&doc, len, pad ? "\\n" : "a");
            doc_append(&doc, "\",\"x\":[\"", 0);
            doc_append_times(&doc, len, pad ? "\xc3\xa9" : "b");
            doc_append(&doc, "\",12,\"c\"]}", 0);

            scan_once(f, &doc);
            scan_check_pieces(f, &doc, doc.len, 1, 2);
            scan_check_pieces(f, &doc, 9 + len * (1 + pad), doc.len, 3);
            scan_check_pieces(f, &doc, 10 + len * (1 + pad), doc.len, 4);
            scan_check_pieces(f, &doc, doc.len - 7, doc.len, 5);
            scan_check_pieces(f, &doc, doc.len - 8, doc.len, 6);
            scan_check_pieces(f, &doc, doc.len - 9, doc.len, 7);

            assert_int_equal(f->scan.refusal.code, LLMP_REFUSE_NONE);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_ends)
    };

    return cmocka_run_group_tests_name("scan_strict", tests, scan_setup,
                                       scan_teardown);
}
