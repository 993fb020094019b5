
/*
 * Copyright (C) llm-policy authors
 *
 * Measures how fast JSON texts are read, in GB/s, by our scanner and by others.
 *
 *   scanners [--json] [--rounds=N] FILE...
 *
 * All read the same bytes in turn, round after round; each figure is the median
 * of the rounds, with the minimum and the maximum.
 */


#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <jansson.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <simdjson.h>

#include "ours.h"


using namespace simdjson;

typedef std::chrono::steady_clock  steady;

struct scanner_t {
    std::string           name;
    std::function<bool()> run;
    size_t                times;      /* runs in a round */
    std::vector<double>   rates;
};


/* duration of one scanner and body in a round, in seconds */
static const double  slice = 0.004;

static const size_t  piece = 16 * 1024;


static double
seconds(steady::time_point since)
{
    return std::chrono::duration<double>(steady::now() - since).count();
}


static bool
run_rapidjson(const char *data, size_t len)
{
    rapidjson::Reader               reader;
    rapidjson::MemoryStream         stream(data, len);
    rapidjson::BaseReaderHandler<>  handler;

    return !reader.Parse<rapidjson::kParseValidateEncodingFlag>(
                stream, handler).IsError();
}


static bool
run_jansson(const char *data, size_t len)
{
    json_t  *value = json_loadb(data, len, JSON_REJECT_DUPLICATES, nullptr);

    json_decref(value);

    return value != nullptr;
}


static bool
run_ondemand(ondemand::parser &parser, const padded_string &body)
{
    double              temperature;
    std::string_view    model;
    ondemand::document  document;

    return parser.iterate(body).get(document) == SUCCESS
           && document["model"].get(model) == SUCCESS
           && document["temperature"].get(temperature) == SUCCESS;
}


/* all scanners for one body, which must outlive them */

static std::vector<scanner_t>
scanners(const padded_string &body, std::string &copy)
{
    std::vector<scanner_t>  list;
    const char             *data = body.data();
    size_t                  len = body.size();

    static dom::parser       tree;
    static ondemand::parser  ondemand;

    auto add = [&](const std::string &name, std::function<bool()> run) {
        list.push_back({ name, run, 1, {} });
    };

    for (size_t i = 0; ours_path(i) != nullptr; i++) {
        std::string  name = ours_path(i);

        add(name, [=] { return ours_scan(i, data, len, len) == 1; });
        add(name + " 16k", [=] { return ours_scan(i, data, len, piece) == 1; });
    }

    add("simdjson dom", [&body] {
        return tree.parse(body).error() == SUCCESS;
    });

    add("simdjson ondemand", [&body] { return run_ondemand(ondemand, body); });
    add("rapidjson sax", [=] { return run_rapidjson(data, len); });
    add("jansson", [=] { return run_jansson(data, len); });

    copy.resize(len);

    add("memcpy", [&copy, data, len] {
        memcpy(&copy[0], data, len);
        __asm__ volatile("" : : "r" (copy.data()) : "memory");
        return true;
    });

    return list;
}


static double
timed(const scanner_t &scanner)
{
    auto  start = steady::now();

    for (size_t i = 0; i < scanner.times; i++) {
        if (!scanner.run()) {
            fprintf(stderr, "refused by %s\n", scanner.name.c_str());
            exit(1);
        }
    }

    return seconds(start);
}


/* Warms up, and finds how often a scanner can read the body in a slice. */

static void
calibrate(scanner_t &scanner)
{
    double  took = timed(scanner);

    while (took < slice / 2) {
        scanner.times *= 2;
        took = timed(scanner);
    }
}


static void
measure(std::vector<scanner_t> &list, size_t len, int rounds)
{
    for (auto &scanner : list) {
        calibrate(scanner);
    }

    for (int i = 0; i < rounds; i++) {
        for (auto &scanner : list) {
            scanner.rates.push_back(len * scanner.times / timed(scanner) / 1e9);
        }
    }

    for (auto &scanner : list) {
        std::sort(scanner.rates.begin(), scanner.rates.end());
    }
}


static void
print(const std::string &name, const std::vector<scanner_t> &list)
{
    printf("%s\n", name.c_str());

    for (auto &scanner : list) {
        auto  &r = scanner.rates;

        printf("  %-20s %7.2f  (%.2f to %.2f)\n", scanner.name.c_str(),
               r[r.size() / 2], r.front(), r.back());
    }
}


static void
print_json(const std::string &name, const std::vector<scanner_t> &list,
    bool first)
{
    const char  *separator = "";

    printf("%s\n  \"%s\": {", first ? "" : ",", name.c_str());

    for (auto &scanner : list) {
        auto  &r = scanner.rates;

        printf("%s\n    \"%s\": { \"median\": %.3f, \"min\": %.3f, "
               "\"max\": %.3f }", separator, scanner.name.c_str(),
               r[r.size() / 2], r.front(), r.back());

        separator = ",";
    }

    printf("\n  }");
}


/* chat-1k of .../chat-1k.json */

static std::string
base(const std::string &file)
{
    size_t  start = file.find_last_of('/') + 1;

    return file.substr(start, file.find_last_of('.') - start);
}


static std::string
read(const std::string &file)
{
    std::ifstream       in(file, std::ios::binary);
    std::stringstream   bytes;

    bytes << in.rdbuf();

    if (!in || bytes.str().empty()) {
        fprintf(stderr, "%s cannot be read\n", file.c_str());
        exit(1);
    }

    return bytes.str();
}


int
main(int argc, char **argv)
{
    int                       rounds = 25;
    bool                      json = false;
    std::string               copy;
    std::vector<std::string>  files;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = true;

        } else if (strncmp(argv[i], "--rounds=", 9) == 0) {
            rounds = std::max(1, atoi(argv[i] + 9));

        } else {
            files.push_back(argv[i]);
        }
    }

    if (files.empty() || ours_init() != 0) {
        fprintf(stderr, "usage: %s [--json] [--rounds=N] FILE...\n", argv[0]);
        return 2;
    }

    if (json) {
        printf("{");
    }

    for (auto &file : files) {
        padded_string  body(read(file));
        auto           list = scanners(body, copy);

        measure(list, body.size(), rounds);

        if (json) {
            print_json(base(file), list, &file == &files.front());

        } else {
            print(base(file), list);
        }
    }

    if (json) {
        printf("\n}\n");
    }

    return 0;
}
