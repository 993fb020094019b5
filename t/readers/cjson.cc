/*
 * Copyright (C) llm-policy authors
 *
 * cJSON: takes the first of equal names, ignoring case; "cjson exact": with
 * case.  It ignores anything after the document.
 */


#include <cstring>

#include <cjson/cJSON.h>

#include "reader.hh"


struct cjson_reader_t {
    typedef cJSON  *Node;

    bool    exact;
    cJSON  *document = nullptr;

    bool parse(std::string &body)
    {
        cJSON_Delete(document);
        document = cJSON_ParseWithLength(body.data(), body.size());

        return document != nullptr;
    }

    bool root(Node &node)
    {
        node = document;
        return true;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        if (!cJSON_IsObject(node)) {
            return false;
        }

        child = exact ? cJSON_GetObjectItemCaseSensitive(node, name)
                      : cJSON_GetObjectItem(node, name);

        return child != nullptr;
    }

    template <class F> void each(Node &node, F f)
    {
        Node  element;

        if (!cJSON_IsArray(node)) {
            return;
        }

        cJSON_ArrayForEach(element, node) {
            f(element);
        }
    }

    std::string text(Node &node)
    {
        if (cJSON_IsNumber(node)) {
            return number_text(cJSON_GetNumberValue(node));
        }

        if (cJSON_IsString(node)) {
            return string_text(node->valuestring, strlen(node->valuestring));
        }

        return cJSON_IsNull(node) ? "null" : cJSON_IsTrue(node) ? "true"
               : cJSON_IsFalse(node) ? "false" : "other";
    }
};


int
main(int argc, char **argv)
{
    return serve(cjson_reader_t{argc > 1 && strcmp(argv[1], "exact") == 0});
}
