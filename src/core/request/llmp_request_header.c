
/*
 * Copyright (C) llm-policy authors
 *
 * Notes the header fields that matter before the body is read.
 */


#include "base/llmp_ascii.h"
#include "base/llmp_field.h"
#include "base/llmp_media_type.h"
#include "request/llmp_request.h"


typedef void (*llmp_request_header_pt)(llmp_request_t *req,
    const llmp_str_t *value);


typedef struct {
    llmp_str_t               name;     /* lower-case name */
    llmp_request_header_pt   note;
} llmp_request_header_t;


static llmp_uint_t llmp_request_header_is(const llmp_str_t *known,
    const llmp_str_t *name);
static void llmp_request_header_content_type(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_content_encoding(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_upgrade(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_override(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_digest(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_authorization(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_x_api_key(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_api_key(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_x_goog_api_key(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_request_header_api_key_of_rank(llmp_request_t *req,
    const llmp_str_t *value, llmp_uint_t rank);


static const llmp_request_header_t  llmp_headers_6[] = {
    { llmp_string("digest"), llmp_request_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_7[] = {
    { llmp_string("upgrade"), llmp_request_header_upgrade },
    { llmp_string("api-key"), llmp_request_header_api_key },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_9[] = {
    { llmp_string("x-api-key"), llmp_request_header_x_api_key },
    { llmp_string("signature"), llmp_request_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_11[] = {
    { llmp_string("content-md5"), llmp_request_header_digest },
    { llmp_string("repr-digest"), llmp_request_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_12[] = {
    { llmp_string("content-type"), llmp_request_header_content_type },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_13[] = {
    { llmp_string("authorization"), llmp_request_header_authorization },
    { llmp_string("x-http-method"), llmp_request_header_override },
    { llmp_string("x-rewrite-url"), llmp_request_header_override },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_14[] = {
    { llmp_string("x-goog-api-key"), llmp_request_header_x_goog_api_key },
    { llmp_string("x-original-url"), llmp_request_header_override },
    { llmp_string("content-digest"), llmp_request_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_16[] = {
    { llmp_string("content-encoding"), llmp_request_header_content_encoding },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_17[] = {
    { llmp_string("x-method-override"), llmp_request_header_override },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_20[] = {
    { llmp_string("x-amz-content-sha256"), llmp_request_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_request_header_t  llmp_headers_22[] = {
    { llmp_string("x-http-method-override"), llmp_request_header_override },
    { llmp_null_string, NULL }
};


/* indexed by the length of the name: most fields of a request do not matter */

static const llmp_request_header_t *const  llmp_headers[] = {
    [6] = llmp_headers_6,
    [7] = llmp_headers_7,
    [9] = llmp_headers_9,
    [11] = llmp_headers_11,
    [12] = llmp_headers_12,
    [13] = llmp_headers_13,
    [14] = llmp_headers_14,
    [16] = llmp_headers_16,
    [17] = llmp_headers_17,
    [20] = llmp_headers_20,
    [22] = llmp_headers_22
};

#define LLMP_REQUEST_HEADERS  (sizeof(llmp_headers) / sizeof(llmp_headers[0]))


void
llmp_request_header(llmp_request_t *req, const llmp_str_t *name,
    const llmp_str_t *value)
{
    const llmp_request_header_t  *h;

    h = (name->len < LLMP_REQUEST_HEADERS) ? llmp_headers[name->len] : NULL;

    for ( /* void */ ; h != NULL && h->note != NULL; h++) {

        if (llmp_request_header_is(&h->name, name)) {
            h->note(req, value);
            return;
        }
    }
}


/* compares a name with that of a table, from the last byte, since many names
   begin alike; most are in lower case already */

static llmp_uint_t
llmp_request_header_is(const llmp_str_t *known, const llmp_str_t *name)
{
    u_char  ch;
    size_t  i;

    i = name->len - 1;

    if (llmp_ascii_lower(name->data[i]) != known->data[i]) {
        return 0;
    }

    if (memcmp(known->data, name->data, i) == 0) {
        return 1;
    }

    for ( /* void */ ; i != 0; i--) {
        ch = llmp_ascii_lower(name->data[i - 1]);

        if (ch == '_') {
            ch = '-';
        }

        if (ch != known->data[i - 1]) {
            return 0;
        }
    }

    return 1;
}


static void
llmp_request_header_content_type(llmp_request_t *req, const llmp_str_t *value)
{
    req->content_type = *value;
    req->content_types = (req->content_types == 0) ? 1 : 2;
}


static void
llmp_request_header_content_encoding(llmp_request_t *req,
    const llmp_str_t *value)
{
    req->content_encoding = *value;
    req->content_encodings = (req->content_encodings == 0) ? 1 : 2;
}


static void
llmp_request_header_upgrade(llmp_request_t *req, const llmp_str_t *value)
{
    size_t      i;
    llmp_str_t  rest;

    /* the value is a list; any spelling that contains the word counts */

    for (i = 0; i < value->len; i++) {
        rest.data = value->data + i;
        rest.len = value->len - i;

        if (llmp_field_skip_token(&rest, "websocket")) {
            req->websocket = 1;
            return;
        }
    }

    if (value->len != 0) {
        req->upgrade = 1;
    }
}


static void
llmp_request_header_override(llmp_request_t *req, const llmp_str_t *value)
{
    (void) value;

    req->override = 1;
}


static void
llmp_request_header_digest(llmp_request_t *req, const llmp_str_t *value)
{
    (void) value;

    req->digest = 1;
}


static void
llmp_request_header_authorization(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_str_t  rest;

    rest = *value;
    llmp_field_skip_spaces(&rest);

    if (llmp_field_skip_token(&rest, "aws4-")) {

        /* AWS Signature Version 4 covers a hash of the body */

        req->digest = 1;
        return;
    }

    if (!llmp_field_skip_token(&rest, "bearer") || rest.len == 0
        || (rest.data[0] != ' ' && rest.data[0] != '\t'))
    {
        req->no_bearer = 1;
        return;
    }

    llmp_request_header_api_key_of_rank(req, &rest, 4);
}


static void
llmp_request_header_x_api_key(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_request_header_api_key_of_rank(req, value, 3);
}


static void
llmp_request_header_api_key(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_request_header_api_key_of_rank(req, value, 2);
}


static void
llmp_request_header_x_goog_api_key(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_request_header_api_key_of_rank(req, value, 1);
}


/* notes an API key; of several, keeps the first of the highest rank */

static void
llmp_request_header_api_key_of_rank(llmp_request_t *req,
    const llmp_str_t *value, llmp_uint_t rank)
{
    llmp_str_t  key;

    key = *value;
    llmp_field_skip_spaces(&key);

    while (key.len != 0
           && (key.data[key.len - 1] == ' ' || key.data[key.len - 1] == '\t'))
    {
        key.len--;
    }

    if (key.len != 0 && rank > req->key_rank) {
        req->key = key;
        req->key_rank = rank;
    }
}
