/*
 * Copyright (C) llm-policy authors
 *
 * simdjson: builds a tree of the whole document, and finds the first of equal
 * names; "simdjson ondemand" reads only the requested values, from the
 * beginning for each path, and compares names as they are written.  "simdjson
 * version" prints the version.
 */


#include <cstdio>
#include <cstring>

#include <simdjson.h>

#include "reader.hh"


using namespace simdjson;


static std::string
scalar(const dom::element &node)
{
    bool              flag;
    double            number;
    std::string_view  string;

    if (node.get(number) == SUCCESS) {
        return number_text(number);
    }

    if (node.get(string) == SUCCESS) {
        return string_text(string.data(), string.size());
    }

    if (node.get(flag) == SUCCESS) {
        return flag ? "true" : "false";
    }

    return node.is_null() ? "null" : "other";
}


struct dom_reader_t {
    typedef dom::element  Node;

    dom::parser   parser;
    dom::element  document;

    bool parse(std::string &body)
    {
        return parser.parse(body).get(document) == SUCCESS;
    }

    bool root(Node &node)
    {
        node = document;
        return true;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        dom::object  object;

        return node.get(object) == SUCCESS
               && object.at_key(name).get(child) == SUCCESS;
    }

    template <class F> void each(Node &node, F f)
    {
        dom::array  array;

        if (node.get(array) != SUCCESS) {
            return;
        }

        for (dom::element element : array) {
            f(element);
        }
    }

    std::string text(Node &node)
    {
        return scalar(node);
    }
};


struct ondemand_reader_t {
    typedef ondemand::value  Node;

    padded_string       body;
    ondemand::parser    parser;
    ondemand::document  document;

    bool parse(std::string &text)
    {
        body = padded_string(text);

        return parser.iterate(body).get(document) == SUCCESS;
    }

    bool root(Node &node)
    {
        return parser.iterate(body).get(document) == SUCCESS
               && document.get_value().get(node) == SUCCESS;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        ondemand::object  object;

        return node.get_object().get(object) == SUCCESS
               && object.find_field_unordered(name).get(child) == SUCCESS;
    }

    template <class F> void each(Node &node, F f)
    {
        ondemand::array  array;

        if (node.get_array().get(array) != SUCCESS) {
            return;
        }

        for (auto element : array) {
            ondemand::value  value;

            if (element.get(value) != SUCCESS) {
                break;
            }

            f(value);
        }
    }

    std::string text(Node &node)
    {
        bool                 flag;
        double               number;
        std::string_view     string;
        ondemand::json_type  type;

        if (node.type().get(type) != SUCCESS) {
            return "rejected";
        }

        switch (type) {
        case ondemand::json_type::number:
            return node.get_double().get(number) == SUCCESS
                   ? number_text(number) : "rejected";
        case ondemand::json_type::string:
            return node.get_string().get(string) == SUCCESS
                   ? string_text(string.data(), string.size()) : "rejected";
        case ondemand::json_type::boolean:
            return node.get_bool().get(flag) == SUCCESS
                   ? (flag ? "true" : "false") : "rejected";
        case ondemand::json_type::null:
            return "null";
        default:
            return "other";
        }
    }
};


int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "version") == 0) {
        printf("%d.%d.%d\n", SIMDJSON_VERSION_MAJOR, SIMDJSON_VERSION_MINOR,
               SIMDJSON_VERSION_REVISION);
        return 0;
    }

    if (argc > 1 && strcmp(argv[1], "ondemand") == 0) {
        return serve(ondemand_reader_t());
    }

    return serve(dom_reader_t());
}
