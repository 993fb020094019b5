
/*
 * Copyright (C) llm-policy authors
 */


#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/llmp_array.h"
#include "loader/llmp_source.h"


/* as in nginx's "include" */
#define LLMP_SOURCE_WILD  "*?["


static size_t llmp_source_folder(const llmp_source_t *source);
static llmp_int_t llmp_source_expand(const llmp_source_include_t *include,
    llmp_uint_t i, llmp_pool_t *pool, llmp_source_parts_t *parts);
static llmp_int_t llmp_source_add_found(const glob_t *found, llmp_uint_t i,
    llmp_pool_t *pool, llmp_source_parts_t *parts);
static llmp_int_t llmp_source_add(const char *name, llmp_uint_t i, int err,
    llmp_pool_t *pool, llmp_source_parts_t *parts);
static int llmp_source_unreadable(const char *folder, int err);
static int llmp_source_name_cmp(const void *one, const void *two);
static int llmp_source_hash(EVP_MD_CTX *md, const llmp_str_t *name,
    const llmp_source_file_t *file);


/* errno of the folder that glob() could not read */
static _Thread_local int  llmp_source_err;


llmp_int_t
llmp_source_include(const llmp_source_t *source, llmp_pool_t *pool,
    const llmp_str_t *text, llmp_source_include_t *include)
{
    u_char  *p;
    size_t   i, folder;

    include->pattern = (strpbrk((char *) text->data, LLMP_SOURCE_WILD) != NULL);

    folder = (text->data[0] == '/') ? 0 : llmp_source_folder(source);

    p = llmp_palloc(pool, 2 * folder + text->len + 1);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    include->path.data = p;

    /* only the text is a pattern */

    for (i = 0; i < folder; i++) {

        if (include->pattern
            && strchr(LLMP_SOURCE_WILD "\\", source->name.data[i]) != NULL)
        {
            *p++ = '\\';
        }

        *p++ = source->name.data[i];
    }

    memcpy(p, text->data, text->len);
    p += text->len;

    *p = '\0';
    include->path.len = p - include->path.data;

    return LLMP_OK;
}


/* returns the length of the folder of the document, with the last "/" */

static size_t
llmp_source_folder(const llmp_source_t *source)
{
    size_t  len;

    for (len = source->name.len; len > 0; len--) {
        if (source->name.data[len - 1] == '/') {
            break;
        }
    }

    return len;
}


llmp_int_t
llmp_source_parts(const llmp_source_t *source, llmp_pool_t *pool,
    llmp_source_parts_t *parts)
{
    llmp_int_t              rc;
    llmp_uint_t             i;
    llmp_source_include_t  *include;

    memset(parts, 0, sizeof(llmp_source_parts_t));

    for (i = 0; i < source->nincludes; i++) {
        include = &source->includes[i];

        rc = include->pattern
             ? llmp_source_expand(include, i, pool, parts)
             : llmp_source_add((char *) include->path.data, i, 0, pool, parts);

        if (rc != LLMP_OK) {
            return rc;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_source_expand(const llmp_source_include_t *include, llmp_uint_t i,
    llmp_pool_t *pool, llmp_source_parts_t *parts)
{
    int          rc;
    char        *path;
    glob_t       found;
    llmp_int_t   result;

    path = (char *) include->path.data;

    /* glob() would sort by the locale */

    rc = glob(path, GLOB_NOSORT, llmp_source_unreadable, &found);

    switch (rc) {

    case 0:
        result = llmp_source_add_found(&found, i, pool, parts);
        break;

    case GLOB_NOMATCH:
        result = LLMP_OK;
        break;

    case GLOB_ABORTED:
        result = llmp_source_add(path, i, llmp_source_err, pool, parts);
        break;

    default: /* GLOB_NOSPACE */
        result = LLMP_ERROR;
        break;
    }

    globfree(&found);

    return result;
}


/* a folder that is missing has no files; one that cannot be read may have */

static int
llmp_source_unreadable(const char *folder, int err)
{
    (void) folder;

    llmp_source_err = err;

    return err != ENOENT && err != ENOTDIR;
}


static llmp_int_t
llmp_source_add_found(const glob_t *found, llmp_uint_t i, llmp_pool_t *pool,
    llmp_source_parts_t *parts)
{
    size_t  n;

    qsort(found->gl_pathv, found->gl_pathc, sizeof(char *),
          llmp_source_name_cmp);

    for (n = 0; n < found->gl_pathc; n++) {

        if (llmp_source_add(found->gl_pathv[n], i, 0, pool, parts) != LLMP_OK) {
            return LLMP_ERROR;
        }

        if (parts->nelts > LLMP_SOURCE_PARTS) {
            break;
        }
    }

    return LLMP_OK;
}


static int
llmp_source_name_cmp(const void *one, const void *two)
{
    char *const  *a, *const  *b;

    a = one;
    b = two;

    return strcmp(*a, *b);
}


static llmp_int_t
llmp_source_add(const char *name, llmp_uint_t i, int err, llmp_pool_t *pool,
    llmp_source_parts_t *parts)
{
    size_t               len;
    u_char              *p;
    llmp_source_part_t  *part;

    if (parts->nelts > LLMP_SOURCE_PARTS) {
        return LLMP_OK;
    }

    part = llmp_array_grow(pool, parts->elts, parts->nelts, &parts->size, 8,
                           sizeof(llmp_source_part_t));
    if (part == NULL) {
        return LLMP_ERROR;
    }

    parts->elts = part;
    part += parts->nelts;

    len = strlen(name);

    p = llmp_palloc(pool, len + 1);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    memcpy(p, name, len + 1);

    part->name.data = p;
    part->name.len = len;
    part->include = i;
    part->err = err;

    parts->nelts++;

    return LLMP_OK;
}


llmp_source_file_t
llmp_source_file(const llmp_str_t *name)
{
    struct stat         st;
    llmp_source_file_t  file;

    memset(&file, 0, sizeof(llmp_source_file_t));

    if (stat((char *) name->data, &st) == -1) {
        file.err = errno;

    } else {
        file.size = st.st_size;
        file.dev = st.st_dev;
        file.ino = st.st_ino;
        file.mtime = st.st_mtim;
        file.ctime = st.st_ctim;
    }

    return file;
}


llmp_int_t
llmp_source_identify(const llmp_source_t *source,
    const llmp_source_file_t *file, const llmp_source_parts_t *parts,
    llmp_source_identity_t *identity)
{
    int                        ok;
    EVP_MD_CTX                *md;
    llmp_uint_t                i;
    llmp_source_file_t         f;
    const llmp_source_part_t  *part;

    md = EVP_MD_CTX_new();
    if (md == NULL) {
        return LLMP_ERROR;
    }

    ok = EVP_DigestInit_ex(md, EVP_sha256(), NULL)
         && llmp_source_hash(md, &source->name, file);

    for (i = 0; ok && i < parts->nelts; i++) {
        part = &parts->elts[i];

        if (part->err == 0) {
            f = llmp_source_file(&part->name);

        } else {
            memset(&f, 0, sizeof(llmp_source_file_t));
            f.err = part->err;
        }

        ok = llmp_source_hash(md, &part->name, &f);
    }

    ok = ok && EVP_DigestFinal_ex(md, identity->hash, NULL);

    EVP_MD_CTX_free(md);

    return ok ? LLMP_OK : LLMP_ERROR;
}


/* adds a file to a hash; returns 0 if there is no memory */

static int
llmp_source_hash(EVP_MD_CTX *md, const llmp_str_t *name,
    const llmp_source_file_t *file)
{
    /* the NUL ends the name */

    return EVP_DigestUpdate(md, name->data, name->len + 1)
           && EVP_DigestUpdate(md, file, sizeof(llmp_source_file_t));
}


llmp_int_t
llmp_source_look(const llmp_source_t *source, llmp_pool_t *pool,
    llmp_source_identity_t *identity)
{
    llmp_source_file_t   file;
    llmp_source_parts_t  parts;

    file = llmp_source_file(&source->name);

    if (llmp_source_parts(source, pool, &parts) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return llmp_source_identify(source, &file, &parts, identity);
}


llmp_str_t
llmp_source_relative(const llmp_source_t *source, const llmp_str_t *name)
{
    size_t      folder;
    llmp_str_t  rest;

    rest = *name;
    folder = llmp_source_folder(source);

    if (rest.len > folder
        && memcmp(rest.data, source->name.data, folder) == 0)
    {
        rest.data += folder;
        rest.len -= folder;
    }

    return rest;
}
