/*
 * Copyright (C) llm-policy authors
 *
 * The protocol by which t/lib/LLMPolicy/Readers.pm queries a JSON library.
 *
 * Standard input has, for each body, a line "LENGTH PATH PATH ...", then LENGTH
 * bytes.  A path is member names joined by "/"; "*" is each element of an
 * array.  Standard output has a line for each body: "rejected", or the value at
 * each path, separated by spaces:
 *
 *     absent   null   true   false   other (an object, an array)
 *     1.8999999999999999     a number, as the double that the library makes
 *     "a%20b                 a string, what is not plain as %XX
 *     rejected               the library says so only now
 *
 * joined by commas if the path has "*"; "-" if there are no elements.
 *
 * The reader of a library is a struct with
 *
 *     Node                          what it knows a value by
 *     bool parse(std::string &)     false: rejected; the text stays
 *     bool root(Node &)
 *     bool member(Node &, const char *name, Node &)
 *     void each(Node &, F)          F(Node &) for each element
 *     std::string text(Node &)
 *
 * which look members up as an application of that library does.  A value of
 * another type has no members and no elements.
 */


#ifndef READER_HH_INCLUDED_
#define READER_HH_INCLUDED_


#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>


inline std::string
number_text(double number)
{
    char  buf[64];

    snprintf(buf, sizeof(buf), "%.17g", number);

    return buf;
}


inline std::string
string_text(const char *data, size_t len)
{
    char         buf[4];
    std::string  text = "\"";

    for (size_t i = 0; i < len; i++) {
        unsigned char  c = data[i];

        if (c <= ' ' || c >= 0x7f || c == '%' || c == ',') {
            snprintf(buf, sizeof(buf), "%%%02X", c);
            text += buf;

        } else {
            text += c;
        }
    }

    return text;
}


typedef std::vector<std::string>  steps_t;


template <class Reader>
void
look_up(Reader &reader, typename Reader::Node &node, const steps_t &steps,
    size_t step, std::vector<std::string> &found)
{
    typename Reader::Node  child;

    if (step == steps.size()) {
        found.push_back(reader.text(node));
        return;
    }

    if (steps[step] != "*") {
        if (reader.member(node, steps[step].c_str(), child)) {
            look_up(reader, child, steps, step + 1, found);

        } else if (std::count(steps.begin() + step, steps.end(), "*") == 0) {
            found.push_back("absent");
        }

        return;
    }

    reader.each(node, [&](typename Reader::Node &element) {
        look_up(reader, element, steps, step + 1, found);
    });
}


template <class Reader>
std::string
answer(Reader &reader, const steps_t &steps)
{
    std::string               text;
    typename Reader::Node     root;
    std::vector<std::string>  found;

    if (!reader.root(root)) {
        return "rejected";
    }

    look_up(reader, root, steps, 0, found);

    for (const std::string &value : found) {
        text += (text.empty() ? "" : ",") + value;
    }

    return text.empty() ? "-" : text;
}


inline steps_t
split(const std::string &path)
{
    steps_t             steps;
    std::string         step;
    std::istringstream  in(path);

    while (std::getline(in, step, '/')) {
        steps.push_back(step);
    }

    return steps;
}


/* most bodies are queried with the same paths */

inline std::vector<steps_t>
paths_of(const std::string &line)
{
    std::string           path;
    std::vector<steps_t>  paths;
    std::istringstream    in(line);

    while (in >> path) {
        paths.push_back(split(path));
    }

    return paths;
}


template <class Reader>
int
serve(Reader reader)
{
    int                   c;
    size_t                len;
    std::string           line, known;
    std::vector<steps_t>  paths;

    while (scanf("%zu", &len) == 1) {
        std::string  body(len, '\0');

        for (line.clear(); (c = getchar()) != '\n' && c != EOF; ) {
            line += c;
        }

        if (line != known) {
            paths = paths_of(line);
            known = line;
        }

        if (fread(&body[0], 1, len, stdin) != len) {
            return 1;
        }

        if (reader.parse(body)) {
            for (size_t i = 0; i < paths.size(); i++) {
                printf("%s%s", i ? " " : "", answer(reader, paths[i]).c_str());
            }

        } else {
            printf("rejected");
        }

        printf("\n");
        fflush(stdout);
    }

    return 0;
}


#endif /* READER_HH_INCLUDED_ */
