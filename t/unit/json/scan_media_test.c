
/*
 * Copyright (C) llm-policy authors
 *
 * Media in Base64 are counted at the places where APIs read them; text is not,
 * whatever it looks like.  The result does not depend on how a document is
 * split.
 */


#include <stdio.h>

#include "base/llmp_arena.h"
#include "json/llmp_scan.h"

#include "test.h"
#include "watch/llmp_watch_build.h"


#define MIN   256
#define SIZE  8192

#define PNG   "iVBORw0KGgo"
#define JPEG  "\\/9j\\/"
#define URL   "data:image/png;base64,"


typedef struct {
    const char  *document;  /* ' is ", # is a long run of Base64 */
    llmp_uint_t  count;
} case_t;


static const case_t  cases[] = {

    /* each API */

    { "{'messages':[{'content':[{'type':'image_url','image_url':{'url':'"
      URL "#'}},{'type':'text','text':'what is it?'}]}]}", 1 },
    { "{'input':[{'content':[{'type':'input_image','image_url':'" URL "#'},"
      "{'type':'input_image','image_url':'" URL "#'}]}]}", 2 },
    { "{'messages':[{'content':[{'input_audio':{'data':'#','format':'wav'}},"
      "{'file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,"
      "#'}}]}]}", 2 },
    { "{'content':[{'type':'image','source':{'type':'base64','media_type':"
      "'image/png','data':'" PNG "#'}}]}", 1 },
    { "{'content':[{'source':{'data':'" JPEG "#','type':'base64'}}]}", 1 },
    { "{'contents':[{'parts':[{'inlineData':{'data':'#'}},{'inline_data':"
      "{'mime_type':'a','data':'#'}}]}]}", 2 },
    { "{'messages':[{'content':[{'image':{'format':'png','source':{'bytes':"
      "'#'}}}]}]}", 1 },
    { "{'prompt':'p','images':['#','#','" URL "#']}", 3 },
    { "{'messages':[{'role':'user','content':'c','images':['#']}]}", 1 },
    { "{'text':'t','image_data':'" URL "#'}", 1 },
    { "{'content':[{'type':'document_url','document_url':'" URL "#'},"
      "{'type':'input_audio','input_audio':'#'}]}", 2 },
    { "{'instances':[{'image':{'bytesBase64Encoded':'#'}}]}", 1 },
    { "{'prompt':{'prompt_string':'p','multimodal_data':['#']}}", 1 },

    /* spellings of JSON and of Base64 */

    { "{ 'images' : [ '#' , '#' ] }", 2 },
    { "{'im\\u0061ges':['#']}", 1 },
    { "{'images':['#==']}", 1 },
    { "{'images':['#_-#']}", 1 },
    { "{'images':['#\\/#\\/\\/#']}", 1 },
    { "{'image_url':{'url':'data:image\\/png;charset=x;base64,\\/#'}}", 1 },

    /* text, also where it looks like Base64 */

    { "{'messages':[{'content':'#'}]}", 0 },
    { "{'messages':[{'content':'" URL "#'}]}", 0 },
    { "{'messages':[{'content':[{'type':'text','text':'" URL "#'}]}]}", 0 },
    { "{'prompt':'#','input':['#','" URL "#']}", 0 },
    { "{'data':'#','url':'" URL "#','bytes':'#'}", 0 },
    { "{'source':{'type':'text','media_type':'text/plain','data':'#'}}", 0 },
    { "{'source':{'type':'url','url':'" URL "#'}}", 0 },
    { "{'image_url':{'url':'https://x.example/#'}}", 0 },
    { "{'image_url':{'url':'#'}}", 0 },
    { "{'image_url':{'url':'data:text/plain,#'}}", 0 },
    { "{'image_url':{'url':'data:text/plain;base64;,#'}}", 0 },
    { "{'image_url':{'detail':'" URL "#'}}", 0 },
    { "{'image_url':[{'url':'" URL "#'}]}", 1 },
    { "{'image_url':{'x':{'url':'" URL "#'}}}", 0 },
    { "{'images':{'a':'#'}}", 0 },
    { "{'Images':['#']}", 0 },

    /* the whole string is Base64 */

    { "{'images':['# and a question']}", 0 },
    { "{'images':['#\\n#']}", 0 },
    { "{'images':['#\\u0041#']}", 0 },
    { "{'images':['#\\u002f#']}", 0 },
    { "{'images':['#\\\\\\\\#']}", 0 },
    { "{'images':['#\303\251#']}", 0 },
    { "{'images':['.#']}", 0 },
    { "{'images':['#.']}", 0 },
    { "{'images':['','abc','iVBORw0KGgo=']}", 0 }
};


static size_t
write_document(u_char *buf, const char *text)
{
    size_t       i, n;
    const char  *digits;

    n = 0;
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for ( /* void */ ; *text != '\0'; text++) {

        if (*text != '#') {
            buf[n++] = (u_char) ((*text == '\'') ? '"' : *text);
            continue;
        }

        for (i = 0; i < MIN + 37; i++) {
            buf[n++] = (u_char) digits[(i * 7) % 64];
        }
    }

    return n;
}


static void
scan_document(const llmp_watch_t *root, const u_char *buf, size_t len,
    size_t first, size_t step, uint64_t *count, uint64_t *bytes)
{
    size_t        pos, n;
    u_char       *piece;
    llmp_scan_t   scan;
    llmp_arena_t  arena;

    llmp_arena_init(&arena);
    llmp_scan_init(&scan, root, &arena.pool, 7);

    scan.media_min = MIN;

    for (pos = 0; pos < len; pos += n) {
        n = (pos == 0) ? first : step;
        n = (len - pos < n) ? len - pos : n;

        piece = malloc(n);
        memcpy(piece, buf + pos, n);

        assert_int_equal(llmp_scan_feed(&scan, piece, n, 0), LLMP_AGAIN);

        free(piece);
    }

    if (llmp_scan_feed(&scan, (u_char *) "", 0, 1) != LLMP_OK) {
        fail_msg("%.80s: %s", (char *) buf, scan.refusal.message);
    }

    *count = scan.media_count;
    *bytes = scan.media_bytes;

    llmp_arena_reset(&arena);
}


static void
test_cases(void **state)
{
    size_t         i, len, split, step;
    u_char         buf[SIZE];
    uint64_t       count, bytes, again, size;
    llmp_arena_t   arena;
    llmp_watch_t  *root;

    (void) state;

    llmp_arena_init(&arena);

    root = llmp_watch_build_root(&arena.pool);
    assert_non_null(root);
    assert_int_equal(llmp_watch_build_finish(&arena.pool, root), LLMP_OK);

    for (i = 0; i < test_nelts(cases); i++) {
        len = write_document(buf, cases[i].document);
        assert_true(len < SIZE);

        scan_document(root, buf, len, len, len, &count, &bytes);

        if (count != cases[i].count) {
            fail_msg("%s: %zu media", cases[i].document, (size_t) count);
        }

        assert_true((bytes >= count * MIN) && bytes < len);

        for (step = 1; step < 300; step = step * 3 + 1) {
            scan_document(root, buf, len, step, step, &again, &size);

            assert_int_equal(again, count);
            assert_int_equal(size, bytes);
        }

        for (split = 1; split < len; split++) {
            scan_document(root, buf, len, split, len, &again, &size);

            assert_int_equal(again, count);
            assert_int_equal(size, bytes);
        }
    }

    llmp_arena_reset(&arena);
}


/* shorter strings, and those of a scan that counts none */

static void
test_least(void **state)
{
    size_t         len;
    u_char         buf[SIZE];
    uint64_t       count, bytes;
    llmp_scan_t    scan;
    llmp_arena_t   arena;
    llmp_watch_t  *root;

    (void) state;

    llmp_arena_init(&arena);

    root = llmp_watch_build_root(&arena.pool);
    assert_int_equal(llmp_watch_build_finish(&arena.pool, root), LLMP_OK);

    len = write_document(buf, "{'images':['#']}");

    llmp_scan_init(&scan, root, &arena.pool, 7);
    assert_int_equal(llmp_scan_feed(&scan, buf, len, 1), LLMP_OK);
    assert_int_equal(scan.media_count, 0);

    scan_document(root, buf, len, len, len, &count, &bytes);
    assert_int_equal(count, 1);
    assert_int_equal(bytes, MIN + 37);

    /* one byte less than the least */

    len -= 38;
    memcpy(buf + len - 3, "\"]}", 3);

    scan_document(root, buf, len, len, len, &count, &bytes);
    assert_int_equal(count, 0);

    llmp_arena_reset(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_least)
    };

    return cmocka_run_group_tests_name("scan_media", tests, NULL, NULL);
}
