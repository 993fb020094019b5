
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/llmp_key.h"
#include "llm_policy.h"
#include "usage.h"


#define HASH_KEY_MAX  4096


static llmp_int_t hash_key_read(char *buf, llmp_str_t *key);


int
hash_key_run(int argc, char **argv)
{
    int         rc;
    char        buf[HASH_KEY_MAX + 2], text[72];
    u_char      hash[LLMP_KEY_HASH];
    llmp_str_t  key;

    (void) argv;

    if (argc != 1) {
        return usage_print();
    }

    rc = LLM_POLICY_ERROR;

    if (hash_key_read(buf, &key) != LLMP_OK) {
        fprintf(stderr, "llm-policy: an API key of at most %d bytes is "
                        "expected on standard input\n", HASH_KEY_MAX);

    } else if (llmp_key_hash(hash, &key) != LLMP_OK) {
        fprintf(stderr, "llm-policy: OpenSSL failed to hash the API key\n");

    } else {
        llmp_key_format(text, hash);
        puts(text);
        rc = LLM_POLICY_OK;
    }

    OPENSSL_cleanse(buf, sizeof(buf));

    return rc;
}


/* reads a line, without echo on a terminal */

static llmp_int_t
hash_key_read(char *buf, llmp_str_t *key)
{
    int             tty;
    char           *line;
    struct termios  saved, silent;

    tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved) == 0;

    if (tty) {
        silent = saved;
        silent.c_lflag &= ~(tcflag_t) ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);

        fputs("API key: ", stderr);
        fflush(stderr);
    }

    /* unbuffered: stdio would keep a copy of the API key */

    setvbuf(stdin, NULL, _IONBF, 0);
    line = fgets(buf, HASH_KEY_MAX + 2, stdin);

    if (tty) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
        fputs("\n", stderr);
    }

    if (line == NULL) {
        return LLMP_ERROR;
    }

    /* trim white space, as in a header field */

    line += strspn(line, " \t");

    key->data = (u_char *) line;
    key->len = strcspn(line, "\r\n");

    while (key->len != 0
           && (line[key->len - 1] == ' ' || line[key->len - 1] == '\t'))
    {
        key->len--;
    }

    if (key->len == 0 || key->len > HASH_KEY_MAX) {
        return LLMP_ERROR;
    }

    return LLMP_OK;
}
