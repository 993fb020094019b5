
/*
 * Copyright (C) llm-policy authors
 */


#include <string.h>

#include "llm_policy.h"
#include "usage.h"


typedef struct {
    const char  *name;
    int          (*run)(int argc, char **argv);
} llm_policy_command_t;


static const llm_policy_command_t  llm_policy_commands[] = {
    { "check", check_run },
    { "explain", explain_run },
    { "replay", replay_run },
    { "diff", diff_run },
    { "hash-key", hash_key_run },
    { "dialects", dialects_run },
    { NULL, NULL }
};


int
main(int argc, char **argv)
{
    const llm_policy_command_t  *command;

    if (argc < 2) {
        return usage_print();
    }

    for (command = llm_policy_commands; command->name != NULL; command++) {
        if (strcmp(argv[1], command->name) == 0) {
            return command->run(argc - 1, argv + 1);
        }
    }

    return usage_print();
}
