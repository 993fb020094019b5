#!/usr/bin/perl

# All bytes outside edits reach the upstream unchanged: 64-bit seeds, spellings
# of numbers and strings, the order of members, white space.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', one_tier(<<'EOF'));
"temperature": { "default": 0.7, "max": 1 },
"/metadata/trace": { "remove": true }
EOF

$t->run(gateway(server => <<'EOF'));

# removed text would leave spaces in a file
client_body_buffer_size 64k;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

# text around the edits, which must not change

my @around = (
    '"seed":9007199254740993',
    '"seed":-9223372036854775808',
    '"seed":123456789012345678901234567890',
    '"top_p":0.10',
    '"top_p":1e0',
    '"top_p":1.0E+00',
    '"n":1.0',
    '"presence_penalty":-0',
    '"frequency_penalty":-0.0e-7',
    '"max_tokens":0e0',
    '"z":1,"a":2,"m":3',
    qq{\n\t"user" :\r\n "u" },
    qq{"user":"\xf0\x9f\x94\xa5 \xe2\x82\xac \xc3\xa9 \x7f"},
    '"user":"\ud83d\udd25 \u0000 \u001f \/ \" \\\\ \b\f\n\r\t \u00E9"',
    '"us\u0065r":"an escape in a name that nobody polices"',
    '"messages":[{"role":"user","content":"temperature\":1.9,\"temperature"}]',
    '"tools":[{"temperature":1.9,"max":{"temperature":"1.9"}}]',
    '"x":[ ] ,"y":{ } ,"z":[[],{},[{}],null,true,false]',
    '"":"a member without a name"',
    '"long":"' . 'x' x 3000 . '"',
    '"deep":' . '[' x 60 . ']' x 60,
);

# the edits: [ before, after ] of the request and of the forwarded body

my @edits = (
    [ 'clamped after it', '{%s,"temperature":1.9}', '{%s,"temperature":1}' ],
    [ 'clamped before', '{"temperature":1.9,%s}', '{"temperature":1,%s}' ],
    [ 'left alone', '{%s,"temperature":0.10}', '{%s,"temperature":0.10}' ],
    [ 'added', '{%s}', '{%s,"temperature":0.7}' ],
    [ 'null', '{"temperature":null,%s}', '{"temperature":0.7,%s}' ],

    [ 'removed',
        '{"temperature":1e0,"metadata":{"trace":"t"},%s}',
        '{"temperature":1e0,"metadata":{},%s}' ],

    [ 'both sides',
        '{"metadata":{"a":"b", "trace":[1,2] ,"c":0.0},%s,"temperature":2}',
        '{"metadata":{"a":"b" ,"c":0.0},%s,"temperature":1}' ],
);

for my $around (@around) {
    for my $edit (@edits) {
        my ($name, $before, $after) = @$edit;
        my $shown = substr($around, 0, 30) =~ s/[^ -~]/?/gr;

        is(verdict($t->post('/v1/chat/completions', sprintf $before, $around)),
            sprintf($after, $around), "$name: $shown");
    }
}

# White space around the object is part of the body.

is(verdict($t->post('/v1/chat/completions',
    qq{ \r\n\t{ "temperature" : 1.9 } \n\n})),
    qq{ \r\n\t{ "temperature" : 1 } \n\n}, 'white space around the object');

# The length is that of the forwarded body, and the rest of the head is
# unchanged.

$t->post('/v1/chat/completions', '{"temperature":1.9}',
    'User-Agent' => 'test/1', 'OpenAI-Beta' => 'x=1;y', 'X-Empty' => '');

is($up->last->{raw} =~ s/^Host: .*\r\n//mr =~ s/^Connection: .*\r\n//mr,
    join("\r\n", 'POST /v1/chat/completions HTTP/1.0', 'Content-Length: 17',
        'Content-Type: application/json', 'OpenAI-Beta: x=1;y',
        'User-Agent: test/1', 'X-Empty: ', '', '{"temperature":1}'),
    'the whole request');

$t->post('/v1/chat/completions?api-version=2026-01-01&beta=true&stream=1',
    '{"temperature":1.9}');

is($up->last->{uri},
    '/v1/chat/completions?api-version=2026-01-01&beta=true&stream=1',
    'the query');

$t->done;
