
/*
 * Copyright (C) llm-policy authors
 *
 * The text that wrong arguments print.
 */


#ifndef USAGE_H_INCLUDED_
#define USAGE_H_INCLUDED_


/* Prints the usage to standard error.  Returns LLM_POLICY_ERROR. */
int usage_print(void);


#endif /* USAGE_H_INCLUDED_ */
