/*
 * Copyright (C) llm-policy authors
 *
 * json-c, with the defaults of its tokener: accepts comments, single quotes,
 * NaN, and anything after the document.  Names end at a NUL.
 */


#include <json-c/json.h>

#include "reader.hh"


struct json_c_reader_t {
    typedef json_object  *Node;

    json_object  *document = nullptr;

    bool parse(std::string &body)
    {
        json_tokener  *tokener = json_tokener_new();

        json_object_put(document);
        document = json_tokener_parse_ex(tokener, body.data(), body.size());

        bool  success = json_tokener_get_error(tokener) == json_tokener_success;

        json_tokener_free(tokener);

        return success;
    }

    bool root(Node &node)
    {
        node = document;
        return true;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        return json_object_object_get_ex(node, name, &child);
    }

    template <class F> void each(Node &node, F f)
    {
        Node  element;

        if (!json_object_is_type(node, json_type_array)) {
            return;
        }

        for (size_t i = 0; i < json_object_array_length(node); i++) {
            element = json_object_array_get_idx(node, i);
            f(element);
        }
    }

    std::string text(Node &node)
    {
        switch (json_object_get_type(node)) {
        case json_type_double:
        case json_type_int:
            return number_text(json_object_get_double(node));
        case json_type_string:
            return string_text(json_object_get_string(node),
                               json_object_get_string_len(node));
        case json_type_boolean:
            return json_object_get_boolean(node) ? "true" : "false";
        case json_type_null:
            return "null";
        default:
            return "other";
        }
    }
};


int
main()
{
    return serve(json_c_reader_t());
}
