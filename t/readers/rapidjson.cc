/*
 * Copyright (C) llm-policy authors
 *
 * RapidJSON: FindMember() takes the first of equal names.  The text ends at a
 * NUL; "rapidjson lenient" stops after the document, and accepts comments,
 * trailing commas, NaN and invalid UTF-8.
 */


#include <cstring>

#include <rapidjson/document.h>

#include "reader.hh"


using namespace rapidjson;


template <unsigned flags>
struct rapidjson_reader_t {
    typedef const Value  *Node;

    Document  document;

    bool parse(std::string &body)
    {
        document = Document();
        document.Parse<flags>(body.c_str());

        return !document.HasParseError();
    }

    bool root(Node &node)
    {
        node = &document;
        return true;
    }

    bool member(Node &node, const char *name, Node &child)
    {
        if (!node->IsObject()) {
            return false;
        }

        auto  found = node->FindMember(name);

        if (found == node->MemberEnd()) {
            return false;
        }

        child = &found->value;
        return true;
    }

    template <class F> void each(Node &node, F f)
    {
        if (!node->IsArray()) {
            return;
        }

        for (const Value &element : node->GetArray()) {
            Node  pointer = &element;
            f(pointer);
        }
    }

    std::string text(Node &node)
    {
        if (node->IsNumber()) {
            return number_text(node->GetDouble());
        }

        if (node->IsString()) {
            return string_text(node->GetString(), node->GetStringLength());
        }

        return node->IsNull() ? "null" : !node->IsBool() ? "other"
               : node->GetBool() ? "true" : "false";
    }
};


int
main(int argc, char **argv)
{
    const unsigned  strict = kParseFullPrecisionFlag
                             | kParseValidateEncodingFlag;
    const unsigned  lenient = kParseStopWhenDoneFlag | kParseCommentsFlag
                              | kParseTrailingCommasFlag
                              | kParseNanAndInfFlag;

    if (argc > 1 && strcmp(argv[1], "lenient") == 0) {
        return serve(rapidjson_reader_t<lenient>());
    }

    return serve(rapidjson_reader_t<strict>());
}
