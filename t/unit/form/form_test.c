
/*
 * Copyright (C) llm-policy authors
 *
 * Forms: real clients' forms are accepted; forms that readers parse differently
 * are refused.
 */


#include <stdio.h>

#include "base/llmp_decimal.h"
#include "form/llmp_form_write.h"

#include "test.h"
#include "form_run.h"


/* ---- forms of clients ---- */

static void
test_clients(void **state)
{
    size_t  i;

    static const struct {
        const char  *boundary;
        llmp_str_t   doc;
        const char  *found;
    } forms[] = {

        /* curl -F */

        { "------------------------d74496d66958873e",
          llmp_string(
              "--------------------------d74496d66958873e\r\n"
              "Content-Disposition: form-data; name=\"model\"\r\n"
              "\r\n"
              "whisper-1\r\n"
              "--------------------------d74496d66958873e\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"a b.mp3\"\r\n"
              "Content-Type: audio/mpeg\r\n"
              "\r\n"
              "ID3\x03\0\0\r\n--\xff\xfb\r\n"
              "--------------------------d74496d66958873e\r\n"
              "Content-Disposition: form-data; name=\"temperature\"\r\n"
              "\r\n"
              "0.2\r\n"
              "--------------------------d74496d66958873e--\r\n"),
          "model \"whisper-1\", temperature 0.2" },

        /* a browser: a file that was not chosen, an escaped name */

        { "----WebKitFormBoundary7MA4YWxkTrZu0gW",
          llmp_string(
              "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"\"\r\n"
              "Content-Type: application/octet-stream\r\n"
              "\r\n"
              "\r\n"
              "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
              "Content-Disposition: form-data; name=\"image[]\"; "
              "filename=\"%22\xc3\xa4\xe2\x82\xac%22.png\"\r\n"
              "Content-Type: image/png\r\n"
              "\r\n"
              "\x89PNG\r\n\x1a\n\r\n"
              "------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
              "Content-Disposition: form-data; name=\"temperature\"\r\n"
              "\r\n"
              "1e-1\r\n"
              "------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n"),
          "temperature 1e-1" },

        { "---------------------------9051914041544843365972754266",
          llmp_string(
              "-----------------------------9051914041544843365972754266\r\n"
              "Content-Disposition: form-data; name=\"stop\"\r\n"
              "\r\n"
              "\r\n"
              "-----------------------------9051914041544843365972754266--"
              "\r\n"),
          "stop \"\"" },

        /*
         * undici, of node; some versions write no line end after the last
         * boundary
         */

        { "----formdata-undici-012345678901",
          llmp_string(
              "------formdata-undici-012345678901\r\n"
              "Content-Disposition: form-data; name=\"temperature\"\r\n"
              "\r\n"
              "-0\r\n"
              "------formdata-undici-012345678901\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"blob\"\r\n"
              "Content-Type: application/octet-stream\r\n"
              "\r\n"
              "------formdata-undici-01234567890\r\n"
              "------formdata-undici-012345678901--"),
          "temperature -0" },

        /* requests and httpx, of Python; urllib3 names files this way */

        { "8f2e9d6b4a1c3e5f7a9b0c2d4e6f8a1b",
          llmp_string(
              "--8f2e9d6b4a1c3e5f7a9b0c2d4e6f8a1b\r\n"
              "Content-Disposition: form-data; name=\"model\"\r\n"
              "\r\n"
              "gpt-4o-transcribe\r\n"
              "--8f2e9d6b4a1c3e5f7a9b0c2d4e6f8a1b\r\n"
              "Content-Disposition: form-data; "
              "name=\"timestamp_granularities[]\"\r\n"
              "\r\n"
              "word\r\n"
              "--8f2e9d6b4a1c3e5f7a9b0c2d4e6f8a1b\r\n"
              "Content-Disposition: form-data; "
              "name=\"timestamp_granularities[]\"\r\n"
              "\r\n"
              "segment\r\n"
              "--8f2e9d6b4a1c3e5f7a9b0c2d4e6f8a1b\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"n.wav\"; filename*=UTF-8''na%C3%AFve.wav\r\n"
              "\r\n"
              "RIFF\r\n"
              "--8f2e9d6b4a1c3e5f7a9b0c2d4e6f8a1b--\r\n"),
          "model \"gpt-4o-transcribe\"" },

        /* mime/multipart, of Go */

        { "0e5f2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccdde",
          llmp_string(
              "--0e5f2d3c4b5a69788796a5b4c3d2e1f0"
              "0112233445566778899aabbccdde\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"x\"\r\n"
              "Content-Type: application/octet-stream\r\n"
              "\r\n"
              "\r\n\r\n\r\n"
              "--0e5f2d3c4b5a69788796a5b4c3d2e1f0"
              "0112233445566778899aabbccdde\r\n"
              "Content-Disposition: form-data; name=\"temperature\"\r\n"
              "\r\n"
              "1\r\n"
              "--0e5f2d3c4b5a69788796a5b4c3d2e1f0"
              "0112233445566778899aabbccdde--\r\n"),
          "temperature 1" },

        /* HttpClient, of Java */

        { "uqMg0Rf_4pTBN2-Yx",
          llmp_string(
              "--uqMg0Rf_4pTBN2-Yx\r\n"
              "Content-Disposition: form-data; name=\"temperature\"\r\n"
              "Content-Type: text/plain; charset=UTF-8\r\n"
              "Content-Transfer-Encoding: 8bit\r\n"
              "\r\n"
              "0.50\r\n"
              "--uqMg0Rf_4pTBN2-Yx\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"a.mp3\"\r\n"
              "Content-Type: application/octet-stream\r\n"
              "Content-Transfer-Encoding: binary\r\n"
              "\r\n"
              "\0\0\0\r\n"
              "--uqMg0Rf_4pTBN2-Yx--\r\n"),
          "temperature 0.50" },

        /* OkHttp 4, of Java */

        { "3e8f0e6e-4c6a-4a4e-8f3e-6a0f4f0c1d2b",
          llmp_string(
              "--3e8f0e6e-4c6a-4a4e-8f3e-6a0f4f0c1d2b\r\n"
              "Content-Disposition: form-data; name=\"temperature\"\r\n"
              "Content-Length: 4\r\n"
              "\r\n"
              "0.50\r\n"
              "--3e8f0e6e-4c6a-4a4e-8f3e-6a0f4f0c1d2b\r\n"
              "Content-Disposition: form-data; name=\"file\"; "
              "filename=\"a.mp3\"\r\n"
              "Content-Type: audio/mpeg\r\n"
              "Content-Length: 3\r\n"
              "\r\n"
              "\0\0\0\r\n"
              "--3e8f0e6e-4c6a-4a4e-8f3e-6a0f4f0c1d2b--\r\n"),
          "temperature 0.50" },

        /* names in any case, Content-Type first */

        { "b",
          llmp_string(
              "--b\r\n"
              "content-type: text/plain\r\n"
              "CONTENT-DISPOSITION: form-data; name=\"model\"\r\n"
              "content-transfer-encoding: 7BIT\r\n"
              "\r\n"
              "m\r\n"
              "--b--"),
          "model \"m\"" }
    };

    for (i = 0; i < test_nelts(forms); i++) {
        form_good(*state, forms[i].boundary, &forms[i].doc, forms[i].found);
    }
}


/* ---- values ---- */

static void
test_values(void **state)
{
    size_t  i;

    static const struct {
        llmp_str_t   doc;
        const char  *found;
    } forms[] = {
        { llmp_string(PART("temperature", "") END), "temperature \"\"" },
        { llmp_string(PART("temperature", "0") END), "temperature 0" },
        { llmp_string(PART("temperature", "1.90E+00") END),
          "temperature 1.90E+00" },
        { llmp_string(PART("store", "true") PART("stop", "false") END),
          "store true, stop false" },

        /* values without a JSON literal are strings */

        { llmp_string(PART("temperature", "null") END),
          "temperature \"null\"" },
        { llmp_string(PART("store", "True") PART("stop", "on") END),
          "store \"True\", stop \"on\"" },
        { llmp_string(PART("temperature", "\"1\"") END),
          "temperature \"\\\"1\\\"\"" },
        { llmp_string(PART("temperature", "01") END), "temperature \"01\"" },
        { llmp_string(PART("temperature", "+1") END), "temperature \"+1\"" },
        { llmp_string(PART("temperature", "1.") END), "temperature \"1.\"" },
        { llmp_string(PART("temperature", ".9") END), "temperature \".9\"" },
        { llmp_string(PART("temperature", "0x1") END), "temperature \"0x1\"" },
        { llmp_string(PART("temperature", "NaN") END), "temperature \"NaN\"" },
        { llmp_string(PART("temperature", "1_9") END), "temperature \"1_9\"" },
        { llmp_string(PART("temperature", " 1") END), "temperature \" 1\"" },
        { llmp_string(PART("temperature", "1 ") END), "temperature \"1 \"" },
        { llmp_string(PART("temperature", "1\n") END),
          "temperature \"1\\u000a\"" },
        { llmp_string(PART("temperature", "1\r\n") END),
          "temperature \"1\\u000d\\u000a\"" },
        { llmp_string(PART("temperature", "1\r") END),
          "temperature \"1\\u000d\"" },
        { llmp_string(PART("temperature", "\r\n1") END),
          "temperature \"\\u000d\\u000a1\"" },
        { llmp_string(PART("temperature", "1\0") END),
          "temperature \"1\\u0000\"" },
        { llmp_string(PART("temperature", "1,9") END), "temperature \"1,9\"" },
        { llmp_string(PART("temperature", "\xef\xbc\x91") END),
          "temperature \"\xef\xbc\x91\"" },

        { llmp_string(PART("stop", "a\"b\\c\t\x1f\x7f/\xc3\xa9"
                           "\xf0\x9f\x98\x80") END),
          "stop \"a\\\"b\\\\c\\u0009\\u001f\x7f/\xc3\xa9\xf0\x9f\x98\x80\"" },
        { llmp_string(PART("stop", "-") PART("model", "--") END),
          "stop \"-\", model \"--\"" },
        { llmp_string(PART("stop", "\r\n--") PART("model", "\r\n-b") END),
          "stop \"\\u000d\\u000a--\", model \"\\u000d\\u000a-b\"" },
        { llmp_string(PART("stop", "[1,2]") PART("options", "{\"top_k\":1}")
                      END),
          "stop \"[1,2]\", options \"{\\\"top_k\\\":1}\"" },

        /* other fields are not parsed */

        { llmp_string(PART("prompt", "temperature") PART("x", "\xff\xfe\0")
                      END), "" },
        { llmp_string(PART("a.b[c]-d_e", "1") PART("top_k", "1") END), "" },
        { llmp_string(PART("x[]", "1") PART("x[]", "2") PART("x", "3") END),
          "" },
        { llmp_string(PART("x", "1") PART("X", "2") END), "" },
        { llmp_string(PART("[]", "1") END), "" }
    };

    for (i = 0; i < test_nelts(forms); i++) {
        form_good(*state, "b", &forms[i].doc, forms[i].found);
    }
}


/* text, including possible numbers, is kept up to a maximum length */

static void
test_length(void **state)
{
    int                   n;
    size_t                i;
    llmp_str_t            doc;
    form_fixture_t       *f = *state;
    const llmp_member_t  *m;

    static char           buf[1024], digits[LLMP_MEMBER_TEXT_MAX + 8];
    static const size_t   lengths[] = {
        0, 1, LLMP_DECIMAL_MAX, LLMP_DECIMAL_MAX + 1,
        LLMP_MEMBER_TEXT_MAX - 1, LLMP_MEMBER_TEXT_MAX,
        LLMP_MEMBER_TEXT_MAX + 1, LLMP_MEMBER_TEXT_MAX + 2,
        LLMP_MEMBER_TEXT_MAX + 3, LLMP_MEMBER_TEXT_MAX + 7
    };

    memset(digits, '1', sizeof(digits));

    for (i = 0; i < test_nelts(lengths); i++) {
        n = snprintf(buf, sizeof(buf), HEAD("stop") "%.*s\r\n" END,
                     (int) lengths[i], digits);

        doc.data = (u_char *) buf;
        doc.len = (size_t) n;

        form_scan(f, &test_str("b"), &doc);

        assert_int_equal(f->form.refusal.code, LLMP_REFUSE_NONE);
        assert_int_equal(f->form.members.nelts, 2);

        m = &f->form.members.elts[1];

        assert_int_equal(m->end - m->start, lengths[i]);
        assert_int_equal(m->cut, lengths[i] > LLMP_MEMBER_TEXT_MAX);
        assert_int_equal(m->type, lengths[i] != 0
                                  && lengths[i] <= LLMP_DECIMAL_MAX
                                  ? LLMP_TYPE_NUMBER : LLMP_TYPE_STRING);
        assert_int_equal(m->text.len, m->cut ? LLMP_MEMBER_TEXT_MAX + 2
                                      : m->type == LLMP_TYPE_NUMBER
                                      ? lengths[i] : lengths[i] + 2);
    }

    /* a character that is split between two pieces */

    for (i = 1; i < 4; i++) {
        n = snprintf(buf, sizeof(buf),
                     HEAD("stop") "%.*s\xf0\x9f\x98\x80 and so on\r\n" END,
                     (int) (LLMP_MEMBER_TEXT_MAX - i), digits);

        doc.len = (size_t) n;

        form_scan(f, &test_str("b"), &doc);

        assert_int_equal(f->form.refusal.code, LLMP_REFUSE_NONE);

        m = &f->form.members.elts[1];

        assert_int_equal(m->cut, 1);
        assert_int_equal(m->text.len, LLMP_MEMBER_TEXT_MAX - i + 2);
    }
}


/* ---- refused forms ---- */

static void
test_delimiters(void **state)
{
    size_t  i;

    static const struct {
        llmp_str_t   doc;
        const char  *message;
    } bad[] = {

        /* before the first boundary */

        { llmp_string(""), AT "0: the body ends within the form" },
        { llmp_string("--"), AT "2: the body ends within the form" },
        { llmp_string("\r\n" PART("x", "1") END),
          AT "0: the body must start with the boundary of its Content-Type" },
        { llmp_string("preamble\r\n" PART("x", "1") END),
          AT "0: the body must start with the boundary of its Content-Type" },
        { llmp_string(" " PART("x", "1") END),
          AT "0: the body must start with the boundary of its Content-Type" },
        { llmp_string("\xef\xbb\xbf" PART("x", "1") END),
          AT "0: the body must start with the boundary of its Content-Type" },
        { llmp_string("b\r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "0: the body must start with the boundary of its Content-Type" },
        { llmp_string("--B\r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "2: the body must start with the boundary of its Content-Type" },
        { llmp_string("{\"temperature\":1}"),
          AT "0: the body must start with the boundary of its Content-Type" },

        /* after a boundary */

        { llmp_string("--b"), AT "3: the body ends within the form" },
        { llmp_string("--bc\r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "3: a boundary must be followed by CR LF, or by \"--\"" },
        { llmp_string("--b \r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "3: a boundary must be followed by CR LF, or by \"--\"" },
        { llmp_string("--b\t\r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "3: a boundary must be followed by CR LF, or by \"--\"" },
        { llmp_string("--b\n" NAMED "\"x\"\n\n1\n--b--\n"),
          AT "3: a boundary must be followed by CR LF, or by \"--\"" },
        { llmp_string("--b\r" NAMED "\"x\"\r\r1\r--b--\r"),
          AT "4: a line must end with CR LF" },
        { llmp_string("--b\r\r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "4: a line must end with CR LF" },
        { llmp_string("--b-"), AT "4: the body ends within the form" },
        { llmp_string("--b-\r\n" NAMED "\"x\"\r\n\r\n1\r\n" END),
          AT "4: a boundary must be followed by CR LF, or by \"--\"" },
        { llmp_string(PART("x", "1") "--b -- "),
          AT "55: a boundary must be followed by CR LF, or by \"--\"" },
        { llmp_string(PART("x", "1\r\n--bc") END),
          AT "55: a boundary must be followed by CR LF, or by \"--\"" },

        /* not at the start of a line */

        { llmp_string(HEAD("x") END),
          AT "49: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(HEAD("x") "1" END),
          AT "50: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(HEAD("x") "\n" END),
          AT "50: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(HEAD("x") "1\n" PART("y", "2") END),
          AT "51: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(HEAD("x") "1\r" PART("y", "2") END),
          AT "51: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(PART("x", "1--b") END),
          AT "50: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(PART("x", "\r\n --b\r\n" NAMED "\"temperature\"") END),
          AT "52: a boundary must be at the start of a line, after CR LF" },
        { llmp_string(PART("x", "\r\n---b\r\n") END),
          AT "52: a boundary must be at the start of a line, after CR LF" },

        /* after the last boundary */

        { llmp_string(PART("x", "1")), AT "52: the body ends within the form" },
        { llmp_string(PART("x", "1") "--b\r\n"),
          AT "57: the body ends within the form" },
        { llmp_string(HEAD("x") "1"), AT "50: the body ends within the form" },
        { llmp_string(START NAMED "\"x\"\r\n"),
          AT "47: the body ends within the form" },
        { llmp_string(PART("x", "1") "--b--\r"),
          AT "58: the body ends within the form" },
        { llmp_string(PART("x", "1") "--b-- "),
          AT "57: nothing may follow the last boundary" },
        { llmp_string(PART("x", "1") "--b--\n"),
          AT "57: nothing may follow the last boundary" },
        { llmp_string(PART("x", "1") "--b--\r\r\n"),
          AT "58: nothing may follow the last boundary" },
        { llmp_string(PART("x", "1") "--b---"),
          AT "57: nothing may follow the last boundary" },
        { llmp_string(PART("x", "1") END "\r\n"),
          AT "59: nothing may follow the last boundary" },
        { llmp_string(PART("x", "1") END PART("temperature", "2") END),
          AT "59: nothing may follow the last boundary" },
        { llmp_string(PART("x", "1") END "\0"),
          AT "59: nothing may follow the last boundary" },

        /*
         * the boundary without its dashes, and the permitted characters of it
         */

        { llmp_string(PART("x", "xb\r\nContent-Disposition: form-data")
                      PART("y", "1") END),
          IN "1: its content has the boundary, and \"Content-Disposition\" "
          "after it" },
        { llmp_string(PART("x", "bb--ccontent-DISPOSITION")
                      PART("y", "1") END),
          IN "1: its content has the boundary, and \"Content-Disposition\" "
          "after it" },
        { llmp_string(PART("temperature", "bContent-Disposition")
                      PART("y", "1") END),
          IN "1: its content has the boundary, and \"Content-Disposition\" "
          "after it" },
        { llmp_string(PART("temperature", "1")
                      PART("y", "bContent-Disposition") END),
          IN "2: its content has the boundary, and \"Content-Disposition\" "
          "after it" },

        { llmp_string(END), IN "1: a form must have a field" },
        { llmp_string("--b--"), IN "1: a form must have a field" }
    };

    for (i = 0; i < test_nelts(bad); i++) {
        form_bad(*state, "b", &bad[i].doc, FORM, bad[i].message);
    }
}


/* a field with these header lines */

#define ONE(lines)  llmp_string(START lines "\r\n\r\n1\r\n" END)


static void
test_lines(void **state)
{
    char    message[LLMP_MESSAGE_MAX];
    size_t  i;

    static const char  others[] =
        "its only header lines must be Content-Disposition, Content-Type, "
        "Content-Length and Content-Transfer-Encoding";

    static const char  measured[] =
        "its Content-Length is not the length of its content";

    static const char  digits[] =
        "it must have one Content-Length at most, of digits only";

    static const struct {
        llmp_str_t   doc;
        const char  *message;
    } bad[] = {

        { llmp_string("--b\r\n\r\n1\r\n" END),
          "it must have a Content-Disposition" },
        { ONE("Content-Type: text/plain"),
          "it must have a Content-Disposition" },
        { ONE(NAMED "\"x\"\r\nContent-Length: 2"), measured },
        { ONE(NAMED "\"x\"\r\nContent-Length: 0"), measured },
        { ONE(NAMED "\"x\"\r\nContent-Length: 100"), measured },
        { ONE(NAMED "\"x\"\r\nContent-Length: 999999999999999999"),
          measured },
        { ONE(NAMED "\"x\"\r\nContent-Length: 1000000000000000001"), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: 1\r\nContent-Length: 1"),
          digits },
        { ONE("Content-Length: 1\r\n" NAMED "\"x\"\r\ncontent-length: 2"),
          digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: "), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: 01"), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: +1"), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: 1 "), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: 1, 1"), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length: 0x1"), digits },
        { ONE(NAMED "\"x\"\r\nContent-Length:  1"), others },
        { ONE(NAMED "\"x\"\r\nContent-Length:1"), others },
        { ONE(NAMED "\"x\"\r\nContent_Length: 1"), others },
        { ONE(NAMED "\"x\"\r\nContent-ID: 1"), others },
        { ONE("X: 1\r\n" NAMED "\"x\""), others },
        { ONE("Content-Disposition : form-data; name=\"x\""), others },
        { ONE(" " NAMED "\"x\""), others },
        { ONE("Content_Disposition: form-data; name=\"x\""), others },
        { ONE(NAMED "\"x\"\r\n folded"), others },
        { ONE(NAMED "\"x\";\r\n filename=\"f\""),
          "its disposition must have only name, filename and filename*, in "
          "this order, in quotes, without escapes" },
        { ONE("Content-Disposition:\r\n form-data; name=\"x\""),
          "its only header lines must be Content-Disposition, Content-Type, "
          "Content-Length and Content-Transfer-Encoding" },

        { ONE(NAMED "\"x\"\r\n" NAMED "\"x\""),
          "it has two Content-Disposition lines" },
        { ONE(NAMED "\"x\"\r\n" NAMED "\"temperature\""),
          "it has two Content-Disposition lines" },
        { ONE("Content-Type: text/plain\r\n" NAMED "\"x\"\r\n"
              "Content-Type: text/plain"),
          "it has two Content-Type lines" },
        { ONE(NAMED "\"x\"\r\nContent-Transfer-Encoding: binary\r\n"
              "Content-Transfer-Encoding: binary"),
          "its content must not be encoded" },
        { ONE(NAMED "\"x\"\r\nContent-Transfer-Encoding: base64"),
          "its content must not be encoded" },
        { ONE(NAMED "\"x\"\r\nContent-Transfer-Encoding: quoted-printable"),
          "its content must not be encoded" },
        { ONE(NAMED "\"x\"\r\nContent-Transfer-Encoding: binary, base64"),
          "its content must not be encoded" },
        { ONE(NAMED "\"x\"\r\nContent-Transfer-Encoding: "),
          "its content must not be encoded" },

        { ONE(NAMED "\"x\"\tb"), "a control character in a header line" },
        { ONE(NAMED "\"x\"\x7f"), "a control character in a header line" },
        { ONE(NAMED "\"x\"\nX: 1"), "a control character in a header line" },
        { ONE(NAMED "\"x\0\""), "a control character in a header line" },

        { ONE(NAMED "\"x\"; filename=\"--b\""),
          "a header line has the boundary" },
        { ONE(NAMED "\"x\"\r\n--b"), "a header line has the boundary" },
        { ONE("Content-Type: text/plain--b\r\n" NAMED "\"x\""),
          "a header line has the boundary" }
    };

    for (i = 0; i < test_nelts(bad); i++) {
        snprintf(message, sizeof(message), IN "1: %s", bad[i].message);

        form_bad(*state, "b", &bad[i].doc, FORM, message);
    }

    form_bad(*state, "b",
             &test_str(START NAMED "\"x\"\r\rtemperature\r\n\r\n1\r\n" END),
             FORM, AT "46: a line must end with CR LF");
    form_bad(*state, "b",
             &test_str(START NAMED "\"x\"\r\n\rtemperature\r\n" END),
             FORM, AT "48: a line must end with CR LF");

    /* one space after the colon, in each line */

    form_bad(*state, "b",
             &test_str(START NAMED "\"x\"\r\nContent-Type:  multipart/mixed; "
                       "boundary=c\r\n\r\n--c\r\n" END), FORM,
             IN "1: its only header lines must be Content-Disposition, "
             "Content-Type, Content-Length and Content-Transfer-Encoding");
    form_bad(*state, "b",
             &test_str(START NAMED "\"x\"\r\nContent-Transfer-Encoding:  "
                       "binary\r\n\r\n1\r\n" END), FORM,
             IN "1: its only header lines must be Content-Disposition, "
             "Content-Type, Content-Length and Content-Transfer-Encoding");

    /* the message counts the fields */

    form_bad(*state, "b",
             &test_str(PART("x", "1") PART("y", "2") START "X: 1\r\n"),
             FORM, IN "3: its only header lines must be Content-Disposition, "
             "Content-Type, Content-Length and Content-Transfer-Encoding");
}


static void
test_dispositions(void **state)
{
    char    message[LLMP_MESSAGE_MAX];
    size_t  i;

    static const char  name[] =
        "its name must be in quotes, after name=, and have only letters, "
        "digits, \"_\", \"-\", \".\" and brackets";
    static const char  disposition[] =
        "its disposition must have only name, filename and filename*, in "
        "this order, in quotes, without escapes";
    static const char  filename[] =
        "its filename must be in UTF-8, without escapes or \";\"";

    static const struct {
        llmp_str_t   doc;
        const char  *message;
    } bad[] = {
        { ONE("Content-Disposition: attachment; name=\"x\""),
          "its disposition must be form-data" },
        { ONE("Content-Disposition: name=\"x\""),
          "its disposition must be form-data" },
        { ONE("Content-Disposition: form-data"),
          "its disposition must be form-data" },
        { ONE("Content-Disposition: form-data ; name=\"x\""),
          "its disposition must be form-data" },
        { ONE("Content-Disposition: \"form-data\"; name=\"x\""),
          "its disposition must be form-data" },

        { ONE("Content-Disposition: form-data;"), name },
        { ONE(NAMED "x"), name },
        { ONE(NAMED "'x'"), name },
        { ONE(NAMED "\"\""), name },
        { ONE(NAMED "\"x"), name },
        { ONE(NAMED " \"x\""), name },
        { ONE("Content-Disposition: form-data; NAME=\"x\""), name },
        { ONE("Content-Disposition: form-data; name =\"x\""), name },
        { ONE("Content-Disposition: form-data; filename=\"f\"; name=\"x\""),
          name },
        { ONE("Content-Disposition: form-data; name*=UTF-8''x"), name },
        { ONE("Content-Disposition: form-data; name*0=\"x\""), name },
        { ONE("Content-Disposition: form-data; xname=\"x\""), name },
        { ONE("Content-Disposition: form-data; ; name=\"x\""), name },
        { ONE(NAMED "\"tempera\\ture\""), name },
        { ONE(NAMED "\"x\\\"\""), name },
        { ONE(NAMED "\"%74emperature\""), name },
        { ONE(NAMED "\"a b\""), name },
        { ONE(NAMED "\"a;b\""), name },
        { ONE(NAMED "\"a/b\""), name },
        { ONE(NAMED "\"a:b\""), name },
        { ONE(NAMED "\"\xc3\xa4\""), name },
        { ONE(NAMED "\"=?utf-8?q?temperature?=\""), name },
        { ONE(NAMED "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
              "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\""), name },

        { ONE(NAMED "\"x\";"), disposition },
        { ONE(NAMED "\"x\" "), disposition },
        { ONE(NAMED "\"x\"; name=\"temperature\""), disposition },
        { ONE(NAMED "\"x\"; name*=utf-8''temper%61ture"), disposition },
        { ONE(NAMED "\"x\"; size=1"), disposition },
        { ONE(NAMED "\"x\"temperature\""), disposition },
        { ONE(NAMED "\"x\"; filename=f"), disposition },
        { ONE(NAMED "\"x\"; FILENAME=\"f\""), disposition },
        { ONE(NAMED "\"x\"; filename=\"f"), disposition },
        { ONE(NAMED "\"x\"; filename=\"f\";"), disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; filename=\"g\""), disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; name=\"temperature\""),
          disposition },
        { ONE(NAMED "\"x\"; filename*=UTF-8''f"), disposition },
        { ONE(NAMED "\"x\"; filename*=UTF-8''f; filename=\"f\""),
          disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; filename*=ISO-8859-1''f"),
          disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; filename*=\"UTF-8''f\""),
          disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; filename*=UTF-8'de'f"),
          disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; filename*=UTF-8''f g"),
          disposition },
        { ONE(NAMED "\"x\"; filename=\"f\"; filename*=UTF-8''f; name=\"t\""),
          disposition },

        { ONE(NAMED "\"x\"; filename=\"f\\\"; name=\\\"temperature\""),
          filename },
        { ONE(NAMED "\"x\"; filename=\"\xff\""), filename },
        { ONE(NAMED "\"x\"; filename=\"\xc0\xa2\""), filename },
        { ONE(NAMED "\"x\"; filename=\"\xed\xa0\x80\""), filename },

        { ONE(NAMED "\"_charset_\""), "the charset must not be changed" }
    };

    for (i = 0; i < test_nelts(bad); i++) {
        snprintf(message, sizeof(message), IN "1: %s", bad[i].message);

        form_bad(*state, "b", &bad[i].doc, FORM, message);
    }

    /* all valid names, up to the longest */

    form_good(*state, "b",
              &test_str(START "Content-Disposition: form-data; name=\""
                        "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
                        "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\"; filename=\"\";"
                        " filename*=utf-8''!#$&+-.^_`|~%00\r\n\r\n\r\n" END),
              "");
}


/* ---- names ---- */

static void
test_names(void **state)
{
    size_t           i;
    form_fixture_t  *f = *state;

    static const struct {
        llmp_str_t       doc;
        llmp_refusal_e   code;
        const char      *param;
        const char      *message;
    } bad[] = {
        { llmp_string(PART("x", "1") PART("y", "2") PART("x", "1") END),
          DUPLICATE, "", "fields 1 and 3 have the same name" },
        { llmp_string(PART("temperature", "1") PART("temperature", "2") END),
          DUPLICATE, "", "fields 1 and 2 have the same name" },
        { llmp_string(PART("x[]y", "1") PART("x[]y", "2") END),
          DUPLICATE, "", "fields 1 and 2 have the same name" },
        { llmp_string(PART("[]", "1") PART("[]", "2") END),
          DUPLICATE, "", "fields 1 and 2 have the same name" },
        { llmp_string(PART("file", "1") FILED("file", "2") END),
          DUPLICATE, "", "fields 1 and 2 have the same name" },

        { llmp_string(PART("Temperature", "1") END), AMBIGUOUS, "temperature",
          "the name of field 1 may be read as temperature" },
        { llmp_string(PART("a", "1") PART("b", "2") PART("Temperature", "1")
                      END), AMBIGUOUS, "temperature",
          "the name of field 3 may be read as temperature" },
        { llmp_string(PART("tempera-ture", "1") END), AMBIGUOUS, "temperature",
          "the name of field 1 may be read as temperature" },
        { llmp_string(PART("maxTokens", "1") END), AMBIGUOUS, "max_tokens",
          "the name of field 1 may be read as max_tokens" },
        { llmp_string(PART("temperature[]", "1") END),
          AMBIGUOUS, "temperature",
          "the name of field 1 may be read as temperature" },
        { llmp_string(PART("temperature[0]", "1") END),
          AMBIGUOUS, "temperature",
          "the name of field 1 may be read as temperature" },
        { llmp_string(PART("[temperature]", "1") END),
          AMBIGUOUS, "temperature",
          "the name of field 1 may be read as temperature" },
        { llmp_string(PART("options[temperature]", "1") END),
          AMBIGUOUS, "options.temperature",
          "the name of field 1 may be read as options.temperature" },
        { llmp_string(PART("options.temperature", "1") END),
          AMBIGUOUS, "options.temperature",
          "the name of field 1 may be read as options.temperature" },
        { llmp_string(PART("a[b][TEMPERATURE][]", "1") END),
          AMBIGUOUS, "temperature",
          "the name of field 1 may be read as temperature" },
        { llmp_string(PART("max.tokens", "1") END), AMBIGUOUS, "max_tokens",
          "the name of field 1 may be read as max_tokens" },

        { llmp_string(FILED("temperature", "1") END), TYPE, "temperature",
          "temperature must be plain text in UTF-8, not a file" },
        { llmp_string(START NAMED "\"stop\"; filename=\"\"\r\n\r\n1\r\n" END),
          TYPE, "stop",
          "stop must be plain text in UTF-8, not a file" },
        { llmp_string(START NAMED "\"stop\"\r\nContent-Type: text/plain;"
                      " charset=utf-16\r\n\r\n1\r\n" END),
          TYPE, "stop",
          "stop must be plain text in UTF-8, not a file" },
        { llmp_string(START NAMED "\"stop\"\r\nContent-Type: "
                      "application/json\r\n\r\n1\r\n" END),
          TYPE, "stop",
          "stop must be plain text in UTF-8, not a file" },
        { llmp_string(START NAMED "\"stop\"\r\nContent-Type: multipart/mixed;"
                      " boundary=c\r\n\r\n--c\r\n" END),
          FORM, "",
          IN "1: it must not have parts inside" },
        { llmp_string(START "Content-Type: \r\n" NAMED "\"stop\"\r\n\r\n1\r\n"
                      END),
          TYPE, "stop",
          "stop must be plain text in UTF-8, not a file" },

        { llmp_string(PART("stop", "\xff\xfe" "1\0") END), FORM, "",
          IN "1: a policed field must be UTF-8 text" },
        { llmp_string(PART("x", "1") PART("stop", "a\xe4") END), FORM, "",
          IN "2: a policed field must be UTF-8 text" },
        { llmp_string(PART("stop", "\xc0\xb1") END), FORM, "",
          IN "1: a policed field must be UTF-8 text" }
    };

    for (i = 0; i < test_nelts(bad); i++) {
        form_bad(f, "b", &bad[i].doc, bad[i].code, bad[i].message);

        assert_string_equal(f->form.refusal.param, bad[i].param);
    }
}


/* ---- the wanted file ---- */

static void
test_file(void **state)
{
    size_t           i;
    form_fixture_t  *f = *state;

    static const struct {
        llmp_str_t   doc;
        const char  *content;
        llmp_uint_t  files;
    } good[] = {
        { llmp_string(FILED("file", "abc") END), "abc\r\n", 1 },
        { llmp_string(PART("x", "1") FILED("file", "") END), "\r\n", 1 },
        { llmp_string(FILED("file", "\r\n--\r\n--c-b--c\r\n-") PART("y", "")
                      END), "\r\n--\r\n--c-b--c\r\n-\r\n", 1 },
        { llmp_string(PART("x", "1") END), "", 0 },

        { llmp_string(PART("afile", "1") FILED("file", "a\r\nb\nc") END),
          "a\r\nb\nc\r\n", 1 }
    };

    static const struct {
        llmp_str_t       doc;
        llmp_refusal_e   code;
        const char      *message;
    } bad[] = {
        { llmp_string(PART("file", "1") END), TYPE, "file must be a file" },
        { llmp_string(FILED("file", "1") FILED("other", "2") END), TYPE,
          "no field except file may be a file" },
        { llmp_string(FILED("file[]", "1") END), TYPE,
          "no field except file may be a file" },
        { llmp_string(FILED("File", "1") END), TYPE,
          "no field except file may be a file" },
        { llmp_string(FILED("model", "1") END), TYPE,
          "no field except file may be a file" },
        { llmp_string(FILED("file", "1") FILED("file", "2") END), DUPLICATE,
          "fields 1 and 2 have the same name" },
        { llmp_string(FILED("file", "abc--b") END), FORM, NULL }
    };

    f->file = "file";

    for (i = 0; i < test_nelts(good); i++) {
        form_good(f, "b", &good[i].doc, "");

        assert_int_equal(f->form.files, good[i].files);

        assert_int_equal(f->len, strlen(good[i].content));
        assert_memory_equal(f->content, good[i].content, f->len);
    }

    for (i = 0; i < test_nelts(bad); i++) {
        form_bad(f, "b", &bad[i].doc, bad[i].code,
                 bad[i].message ? bad[i].message
                 : AT "115: a boundary must be at the start of a line, after "
                   "CR LF");
    }

    /* the handler may refuse, in any piece */

    f->refuse = "--c";

    form_bad(f, "b", &test_str(FILED("file", "a\r\n--c\r\n") END),
             LLMP_REFUSE_PARAMETER_DENIED, "x");

    f->refuse = NULL;
    f->file = NULL;
}


/* ---- overlapping boundaries ---- */

/* beginnings of a possible delimiter */

static const char *const  starts[] = {
    "-", "--", "\r", "\r\n", "\r\n-", "\r\n--", "\n--", "\r\r\n--", "---",
    "----", "-----", "------"
};


/*
 * Puts each beginning of the delimiter into the content, after a possible one
 * and before each rest of it; a plain search from the left gives the expected
 * result.
 */

static void
check_overlap(form_fixture_t *f, const char *boundary)
{
    int            n;
    char           buf[1024], delimiter[128];
    size_t         i, j, cut, len, head;
    llmp_str_t     doc, b;
    const u_char  *found;

    b = test_cstr(boundary);
    len = (size_t) snprintf(delimiter, sizeof(delimiter), "--%s", boundary);

    for (i = 0; i < test_nelts(starts); i++) {
        for (cut = 1; cut < len; cut++) {
            for (j = 0; j <= len; j++) {

                head = (size_t) snprintf(buf, sizeof(buf),
                                         "%s\r\n" NAMED "\"stop\"\r\n\r\n",
                                         delimiter);

                n = snprintf(buf + head, sizeof(buf) - head,
                             "%s%.*s%s\r\n%s--\r\n", starts[i], (int) cut,
                             delimiter, delimiter + j, delimiter);

                doc.data = (u_char *) buf;
                doc.len = head + (size_t) n;

                form_once(f, &b, &doc);
                form_check_pieces(f, &b, &doc, 1, 1);
                form_check_pieces(f, &b, &doc, 7, 3);

                found = form_find(buf + head, n, delimiter);

                if (found == (u_char *) buf + head + n - len - 4) {
                    assert_int_equal(f->form.refusal.code, LLMP_REFUSE_NONE);
                    assert_int_equal(f->form.members.elts[1].end,
                                     head + n - len - 6);
                    continue;
                }

                assert_int_equal(f->form.refusal.code, FORM);
            }
        }
    }
}


static void
test_overlaps(void **state)
{
    size_t           i;
    form_fixture_t  *f = *state;

    static const char *const  boundaries[] = {
        "--a-----a", "aaa", "-", "--", "-a", "a-", "a--a", "abab", "-----",
        "--a--a---a--a--", "aabaaab", "--a-----b"
    };

    static const struct {
        const char  *boundary;
        llmp_str_t   doc;
        const char  *found;
    } good[] = {

        { "--a-----a",
          llmp_string("----a-----a\r\n" NAMED "\"stop\"\r\n\r\n"
                      "----a----a\r\n----a-------a\r\n----a-----"
                      "\r\n----a-----a--"),
          "stop \"----a----a\\u000d\\u000a----a-------a\\u000d\\u000a"
          "----a-----\"" },

        { "aaa",
          llmp_string("--aaa\r\n" NAMED "\"stop\"\r\n\r\n"
                      "-aaa\r\n--aa-aaa\r\n--aa"
                      "\r\n--aaa--"),
          "stop \"-aaa\\u000d\\u000a--aa-aaa\\u000d\\u000a--aa\"" }
    };

    for (i = 0; i < test_nelts(good); i++) {
        form_good(f, good[i].boundary, &good[i].doc, good[i].found);
    }

    /* a delimiter that begins inside a partial match */

    form_bad(f, "aaa",
             &test_str("--aaa\r\n" NAMED "\"stop\"\r\n\r\n--a--aaa"
                       "\r\n--aaa--"),
             FORM, AT "57: a boundary must be at the start of a line, after "
             "CR LF");

    form_bad(f, "--a-----a",
             &test_str("----a-----a\r\n" NAMED "\"stop\"\r\n\r\n"
                       "----a-----b-----a-----a\r\n----a-----a--"),
             FORM, AT "72: a boundary must be at the start of a line, after "
             "CR LF");

    for (i = 0; i < test_nelts(boundaries); i++) {
        check_overlap(f, boundaries[i]);
    }
}


/* each content of five bytes made of the bytes of a delimiter */

static void
test_contents(void **state)
{
    char             buf[256];
    size_t           i, j, n, head;
    llmp_str_t       doc, b;
    const u_char    *found;
    form_fixture_t  *f = *state;

    static const char  bytes[] = "-a\r\n";

    b = test_str("a-a");

    head = (size_t) snprintf(buf, sizeof(buf),
                             "--a-a\r\n" NAMED "\"stop\"\r\n\r\n");

    for (i = 0; i < 4 * 4 * 4 * 4 * 4 * 4; i++) {

        for (j = 0, n = i; j < 6; j++, n /= 4) {
            buf[head + j] = bytes[n % 4];
        }

        strcpy(buf + head + 6, "\r\n--a-a--");

        doc.data = (u_char *) buf;
        doc.len = head + 6 + 9;

        form_once(f, &b, &doc);
        form_check_pieces(f, &b, &doc, 1, 1);
        form_check_pieces(f, &b, &doc, head + i % 7, 4);

        found = form_find(buf + head, 6 + 9, "--a-a");

        assert_int_equal(f->form.refusal.code == LLMP_REFUSE_NONE,
                         found == doc.data + head + 8);
    }
}


/* ---- limits ---- */

static void
test_limits(void **state)
{
    char             name[LLMP_FORM_LINE_MAX];
    size_t           i, len;
    llmp_str_t       doc, b;
    form_fixture_t  *f = *state;

    static char      buf[64 * 1024];

    b = test_str("b");
    doc.data = (u_char *) buf;

    /* number of fields */

    for (i = 0, len = 0; i < LLMP_FORM_FIELDS_MAX; i++) {
        len += (size_t) snprintf(buf + len, sizeof(buf) - len,
                                 START NAMED "\"x%zu\"\r\n\r\n1\r\n", i);
    }

    doc.len = len + (size_t) snprintf(buf + len, sizeof(buf) - len, END);

    form_once(f, &b, &doc);
    form_check_pieces(f, &b, &doc, 1, 1);

    assert_int_equal(f->form.refusal.code, LLMP_REFUSE_NONE);
    assert_int_equal(f->form.members.elts[0].count, LLMP_FORM_FIELDS_MAX);

    doc.len = len + (size_t) snprintf(buf + len, sizeof(buf) - len,
                                      PART("x[]", "") END);

    form_once(f, &b, &doc);
    form_check_pieces(f, &b, &doc, 1, 1);

    assert_int_equal(f->form.refusal.code, FORM);
    assert_string_equal(f->form.refusal.message,
                        IN "129: the form has too many fields");

    /* length of a line */

    len = sizeof("Content-Disposition: form-data; name=\"x\"; filename=\"\"")
          - 1;

    for (i = 0; i < 2; i++) {
        memset(name, 'f', sizeof(name));

        doc.len = (size_t) snprintf(buf, sizeof(buf),
                                    START NAMED "\"x\"; filename=\"%.*s\"\r\n"
                                    "\r\n\r\n" END,
                                    (int) (LLMP_FORM_LINE_MAX - len + i), name);

        form_scan(f, &b, &doc);

        assert_int_equal(f->form.refusal.code, i ? FORM : LLMP_REFUSE_NONE);
    }

    assert_string_equal(f->form.refusal.message,
                        IN "1: a header line is too long");

    /* length of a boundary */

    memset(name, '-', LLMP_BOUNDARY_MAX);
    b.data = (u_char *) name;
    b.len = LLMP_BOUNDARY_MAX;

    doc.len = (size_t) snprintf(buf, sizeof(buf),
                                "--%.*s\r\n" NAMED "\"stop\"\r\n\r\n%.*s"
                                "\r\n--%.*s--", (int) b.len, name,
                                (int) b.len + 1, "----------------------------"
                                "---------------------------------------------"
                                "-----------", (int) b.len, name);

    form_scan(f, &b, &doc);

    assert_int_equal(f->form.refusal.code, LLMP_REFUSE_NONE);
    assert_int_equal(f->form.members.nelts, 2);
    assert_int_equal(f->form.members.elts[1].end
                     - f->form.members.elts[1].start, b.len + 1);
}


/* no failed allocation may make an incomplete form complete */

static void
test_no_memory(void **state)
{
    size_t           n, failed;
    llmp_int_t       rc;
    llmp_str_t       doc, b;
    llmp_form_t      form;
    llmp_arena_t     arena;
    form_fixture_t  *f = *state;

    b = test_str("b");
    doc = test_str(PART("model", "m") PART("temperature", "1")
                   PART("store", "true") PART("x", "1") END);

    failed = 0;

    for (n = 1; ; n++) {
        llmp_arena_init(&arena);
        arena.fail_after = n;

        rc = form_start(f, &form, &b, &arena.pool);

        if (rc == LLMP_OK) {
            rc = form_pieces(&form, &doc, 1, 1);

            assert_int_equal(form.refusal.code,
                             rc == LLMP_OK ? LLMP_REFUSE_NONE
                                           : LLMP_REFUSE_INTERNAL);
        }

        llmp_arena_reset(&arena);

        if (rc == LLMP_OK) {
            break;
        }

        failed++;
    }

    /* allocations: names, members, four names, three texts */

    assert_int_equal(failed, 9);
}


/* ---- writing fields ---- */

static void
test_write(void **state)
{
    size_t        i, n;
    llmp_str_t    b, name, json, text;
    llmp_arena_t  arena;

    static const struct {
        const char  *json;
        const char  *text;    /* NULL: the value contains the boundary */
    } texts[] = {
        { "1.50", "1.50" },
        { "true", "true" },
        { "\"\"", "" },
        { "\"a\\\"b\\n\\u00e4\\ud83d\\ude00\"", "a\"b\n\xc3\xa4"
          "\xf0\x9f\x98\x80" },
        { "\"-bnd\"", "-bnd" },
        { "\"-- bnd\"", "-- bnd" },
        { "\"--bn\"", "--bn" },
        { "\"--bnd\"", NULL },
        { "\"x--bndx\"", NULL },
        { "\"---bnd\"", NULL },
        { "\"\\u002d-bn\\u0064\"", NULL },
        { "[\"--bnd\"]", NULL },
        { "{\"a\":[1]}", "{\"a\":[1]}" }
    };

    (void) state;

    b = test_str("bnd");
    name = test_str("temperature");

    for (i = 0; i < test_nelts(texts); i++) {
        llmp_arena_init(&arena);

        json = test_cstr(texts[i].json);

        assert_int_equal(llmp_form_write_value(&arena.pool, &b, &json, &text),
                         texts[i].text ? LLMP_OK : LLMP_ERROR);

        if (texts[i].text != NULL) {
            assert_str_is(text, texts[i].text);
        }

        assert_int_equal(llmp_form_write_field(&arena.pool, &b, &name, &json,
                                               &text),
                         texts[i].text ? LLMP_OK : LLMP_ERROR);

        if (texts[i].text != NULL) {
            n = sizeof("--bnd\r\n" NAMED "\"temperature\"\r\n\r\n") - 1;

            assert_int_equal(text.len, n + strlen(texts[i].text) + 2);
            assert_memory_equal(text.data, "--bnd\r\n" NAMED
                                "\"temperature\"\r\n\r\n", n);
            assert_memory_equal(text.data + n, texts[i].text,
                                strlen(texts[i].text));
            assert_memory_equal(text.data + text.len - 2, "\r\n", 2);
        }

        llmp_arena_reset(&arena);
    }

    /* a name in the policy that contains the boundary */

    llmp_arena_init(&arena);

    json = test_str("1");
    name = test_str("a--bnd");

    assert_int_equal(llmp_form_write_field(&arena.pool, &b, &name, &json,
                                           &text),
                     LLMP_ERROR);

    llmp_arena_reset(&arena);

    /* without memory */

    json = test_str("\"m\"");
    name = test_str("temperature");

    for (i = 1; i <= 2; i++) {
        llmp_arena_init(&arena);
        arena.fail_after = i;

        assert_int_equal(llmp_form_write_field(&arena.pool, &b, &name, &json,
                                               &text),
                         LLMP_ERROR);

        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_dispositions),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_overlaps),
        cmocka_unit_test(test_contents),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_write)
    };

    return cmocka_run_group_tests_name("form", tests, form_setup,
                                       form_teardown);
}
