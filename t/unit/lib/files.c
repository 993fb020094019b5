
/*
 * Copyright (C) llm-policy authors
 */


#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "policy_load.h"


#define FILES_FOLDER  "/tmp/llm-policy-unit-XXXXXX"


static void files_empty(void);


static char  files_root[] = FILES_FOLDER;


int
files_setup(void **state)
{
    (void) state;

    return (mkdtemp(files_root) != NULL) ? chdir(files_root) : -1;
}


int
files_teardown(void **state)
{
    (void) state;

    files_empty();

    return (chdir("/") == 0) ? rmdir(files_root) : -1;
}


/* Removes everything in the current folder. */

static void
files_empty(void)
{
    DIR            *dir;
    struct stat     st;
    struct dirent  *entry;

    dir = opendir(".");
    assert_non_null(dir);

    while ((entry = readdir(dir)) != NULL) {

        if (strcmp(entry->d_name, ".") == 0
            || strcmp(entry->d_name, "..") == 0)
        {
            continue;
        }

        if (lstat(entry->d_name, &st) == 0 && S_ISDIR(st.st_mode)) {
            assert_int_equal(chdir(entry->d_name), 0);
            files_empty();
            assert_int_equal(chdir(".."), 0);
        }

        assert_int_equal(remove(entry->d_name), 0);
    }

    closedir(dir);
}


void
files_write(const char *name, const char *text)
{
    char    buf[8192];
    FILE   *file;
    size_t  len;

    quote(buf, sizeof(buf), text);
    len = strlen(buf);

    file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(buf, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}


void
files_folder(const char *name)
{
    assert_int_equal(mkdir(name, 0700), 0);
}


void
files_link(const char *name, const char *target)
{
    (void) unlink(name);
    assert_int_equal(symlink(target, name), 0);
}
