/*
 * Copyright (C) llm-policy authors
 *
 * nlohmann's JSON, used by llama.cpp's server: the last of equal names wins,
 * and a NUL ends the document.
 */


#include <nlohmann/json.hpp>

#include "reader.hh"


using nlohmann::json;


struct nlohmann_reader_t {
    typedef const json  *Node;

    json  document;

    bool parse(std::string &body)
    {
        document = json::parse(body, nullptr, false);
        return !document.is_discarded();
    }

    bool root(Node &node)
    {
        node = &document;
        return true;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        if (!node->is_object() || !node->contains(name)) {
            return false;
        }

        child = &node->at(name);
        return true;
    }

    template <class F> void each(Node &node, F f)
    {
        if (!node->is_array()) {
            return;
        }

        for (const json &element : *node) {
            Node  pointer = &element;
            f(pointer);
        }
    }

    std::string text(Node &node)
    {
        if (node->is_number()) {
            return number_text(node->get<double>());
        }

        if (node->is_string()) {
            const std::string  &text = node->get_ref<const std::string &>();
            return string_text(text.data(), text.size());
        }

        return node->is_null() ? "null" : !node->is_boolean() ? "other"
               : node->get<bool>() ? "true" : "false";
    }
};


int
main()
{
    return serve(nlohmann_reader_t());
}
