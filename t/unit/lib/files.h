
/*
 * Copyright (C) llm-policy authors
 *
 * Files of unit tests, in a folder of their own, which is the current one.
 */


#ifndef LLMP_TEST_FILES_H_INCLUDED_
#define LLMP_TEST_FILES_H_INCLUDED_


#include "test.h"


/* Are the group's setup and teardown functions of cmocka. */
int files_setup(void **state);
int files_teardown(void **state);

/* Writes a file; text has ' instead of ", and ` instead of '. */
void files_write(const char *name, const char *text);

/* Makes a folder. */
void files_folder(const char *name);

/* Makes a symbolic link, or changes one. */
void files_link(const char *name, const char *target);


#endif /* LLMP_TEST_FILES_H_INCLUDED_ */
