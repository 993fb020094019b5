/*
 * Copyright (C) llm-policy authors
 *
 * jansson: by default the last of equal names wins.
 */


#include <jansson.h>

#include "reader.hh"


struct jansson_reader_t {
    typedef json_t  *Node;

    json_t  *document = nullptr;

    bool parse(std::string &body)
    {
        json_error_t  error;

        json_decref(document);
        document = json_loadb(body.data(), body.size(),
                              JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK,
                              &error);

        return document != nullptr;
    }

    bool root(Node &node)
    {
        node = document;
        return true;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        child = json_object_get(node, name);
        return child != nullptr;
    }

    template <class F> void each(Node &node, F f)
    {
        size_t  i;
        Node    element;

        json_array_foreach(node, i, element) {
            f(element);
        }
    }

    std::string text(Node &node)
    {
        switch (json_typeof(node)) {
        case JSON_REAL:
        case JSON_INTEGER:
            return number_text(json_number_value(node));
        case JSON_STRING:
            return string_text(json_string_value(node),
                               json_string_length(node));
        case JSON_NULL:
            return "null";
        case JSON_TRUE:
            return "true";
        case JSON_FALSE:
            return "false";
        default:
            return "other";
        }
    }
};


int
main()
{
    return serve(jansson_reader_t());
}
