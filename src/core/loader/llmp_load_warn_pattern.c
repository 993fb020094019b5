
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "loader/llmp_load_warn_pattern.h"


/* characters of globs and regular expressions that no model's name has */
#define LLMP_LOAD_WARN_PATTERN_WILD  "*?[^$\\"


static const char *llmp_load_warn_pattern_repeated(const char *text);


void
llmp_load_warn_pattern_list(llmp_loader_t *loader, const llmp_doc_node_t *list)
{
    const llmp_doc_node_t  *child;

    if (list == NULL) {
        return;
    }

    llmp_doc_each(child, list) {
        llmp_load_warn_pattern(loader, child, LLMP_LOAD_WARN_PATTERN_WILD);
    }
}


void
llmp_load_warn_pattern(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const char *wild)
{
    const char  *text, *found;

    text = (char *) llmp_doc_string(node).data;

    if (*text == '~') {
        found = llmp_load_warn_pattern_repeated(text);

        if (found != NULL) {
            llmp_doc_warning(&loader->doc, node, "\"*\" repeats the \"%c\" "
                             "before it; any text is \".*\"", found[-1]);
        }

        return;
    }

    found = strpbrk(text, wild);

    if (found != NULL) {
        llmp_doc_warning(&loader->doc, node, "this is no pattern, but a name "
                         "with \"%c\"; a regular expression begins with \"~\", "
                         "as \"~^%.*s\"", *found, (int) (found - text), text);
    }
}


/* returns the first "*" behind a letter, digit, "-" or "/", or NULL: hardly
   anyone wants these repeated */

static const char *
llmp_load_warn_pattern_repeated(const char *text)
{
    const char  *p;

    for (p = text + 1; *p != '\0'; p++) {

        if (*p == '\\' && p[1] != '\0') {
            p++;
            continue;
        }

        if (p[1] == '*'
            && (llmp_ascii_is_alnum((u_char) *p) || *p == '-' || *p == '/'))
        {
            return p + 1;
        }
    }

    return NULL;
}
