
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "llm_policy.h"
#include "usage.h"


int
usage_print(void)
{
    fputs("usage: llm-policy check FILE\n"
          "       llm-policy explain FILE --path PATH [--tier TIER]\n"
          "                  [--tenant TENANT] [--header 'Name: value']...\n"
          "                  [--variable name=value]...\n"
          "                  [--method METHOD] [--time TIME]\n"
          "                  [--token-bytes N] [--token-media N]\n"
          "                  [--unmatched pass|reject] "
          "[--signed-body reject|change]\n"
          "                  [--limits] [--json] < body.json\n"
          "       llm-policy replay FILE [--was FILE] [--examples N] "
          "[--json]\n"
          "                  [--no-progress] access.log...\n"
          "       llm-policy diff OLD NEW [--json]\n"
          "       llm-policy hash-key < keys\n"
          "       llm-policy dialects\n"
          "\n"
          "check     loads a policy document and prints every error in it\n"
          "explain   prints the decision on a request, and the edited body;\n"
          "          with --limits also what each limit would reserve for it\n"
          "replay    counts the requests of access logs that a changed\n"
          "          document would treat differently; the logs are in the\n"
          "          format of llm-policy-log.conf\n"
          "diff      prints what changes, and for whom, from one document to\n"
          "          another\n"
          "hash-key  reads API keys, one a line, and prints their hashes\n"
          "dialects  prints the tables of the supported APIs as Markdown\n",
          stderr);

    return LLM_POLICY_ERROR;
}
