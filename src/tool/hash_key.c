
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


static void hash_key_open(struct termios *saved);
static int hash_key_lines(char *buf, llmp_uint_t one);
static llmp_int_t hash_key_read(char *buf, llmp_str_t *key);
static int hash_key_print(const llmp_str_t *key);


int
hash_key_run(int argc, char **argv)
{
    int             rc, tty;
    char            buf[HASH_KEY_MAX];
    struct termios  saved;

    (void) argv;

    if (argc != 1) {
        return usage_print();
    }

    /* unbuffered: stdio would keep a copy of the API key */

    setvbuf(stdin, NULL, _IONBF, 0);

    tty = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &saved) == 0;

    if (tty) {
        hash_key_open(&saved);
    }

    rc = hash_key_lines(buf, tty);

    if (tty) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
        fputs("\n", stderr);
    }

    OPENSSL_cleanse(buf, sizeof(buf));

    return rc;
}


/* turns the echo of a terminal off, and asks for an API key */

static void
hash_key_open(struct termios *saved)
{
    struct termios  silent;

    silent = *saved;
    silent.c_lflag &= ~(tcflag_t) ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);

    fputs("API key: ", stderr);
    fflush(stderr);
}


/* prints the hash of each line, or of the first one only */

static int
hash_key_lines(char *buf, llmp_uint_t one)
{
    int          rc;
    llmp_int_t   found;
    llmp_str_t   key;
    llmp_uint_t  line, nkeys;

    nkeys = 0;

    for (line = 1; /* void */ ; line++) {
        found = hash_key_read(buf, &key);

        if (found == LLMP_DECLINED && key.len == 0) {
            break;
        }

        if (found == LLMP_ERROR) {
            fprintf(stderr, "llm-policy: line %zu is no API key: it is longer "
                            "than %d bytes, or has a NUL\n", (size_t) line,
                    HASH_KEY_MAX);
            return LLM_POLICY_ERROR;
        }

        if (key.len == 0) {
            fprintf(stderr, "llm-policy: line %zu is empty, and skipped\n",
                    (size_t) line);

        } else {
            rc = hash_key_print(&key);

            if (rc != LLM_POLICY_OK) {
                return rc;
            }

            nkeys++;
        }

        if (one || found == LLMP_DECLINED) {
            break;
        }
    }

    if (nkeys == 0) {
        fprintf(stderr, "llm-policy: an API key of at most %d bytes is "
                        "expected on standard input\n", HASH_KEY_MAX);
        return LLM_POLICY_ERROR;
    }

    return LLM_POLICY_OK;
}


/*
 * Reads a line, without the white space around it, as in a header field.
 * Returns LLMP_OK, LLMP_DECLINED if it is the last one, or LLMP_ERROR.
 */

static llmp_int_t
hash_key_read(char *buf, llmp_str_t *key)
{
    int     c;
    size_t  len;

    len = 0;

    for ( ;; ) {
        c = getc(stdin);

        if (c == EOF || c == '\n') {
            break;
        }

        if (c == '\0' || len == HASH_KEY_MAX) {
            return LLMP_ERROR;
        }

        if (len != 0 || (c != ' ' && c != '\t')) {
            buf[len++] = (char) c;
        }
    }

    if (len != 0 && buf[len - 1] == '\r') {
        len--;
    }

    while (len != 0 && (buf[len - 1] == ' ' || buf[len - 1] == '\t')) {
        len--;
    }

    key->data = (u_char *) buf;
    key->len = len;

    return (c == EOF) ? LLMP_DECLINED : LLMP_OK;
}


static int
hash_key_print(const llmp_str_t *key)
{
    char    text[72];
    u_char  hash[LLMP_KEY_HASH];

    if (llmp_key_hash(hash, key) != LLMP_OK) {
        fprintf(stderr, "llm-policy: OpenSSL failed to hash the API key\n");
        return LLM_POLICY_ERROR;
    }

    llmp_key_format(text, hash);
    puts(text);

    return LLM_POLICY_OK;
}
