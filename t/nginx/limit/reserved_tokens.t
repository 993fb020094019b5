#!/usr/bin/perl

# The record of a request, and the tokens that limits reserve for it, go by the
# values that are sent: whichever rule writes them, and under whichever name.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

use constant TOKENS => 10_000;

my $chat = '/v1/chat/completions';
my $text = 'x' x 40;

# rules; path; body; max_tokens as requested, as sent and why; reserved tokens,
# in addition to the prompt

my @rows = (
    [ '"/max_completion_tokens": { "max": 1024 }', $chat,
        '"max_completion_tokens":9999', '9999|1024|max', 1024 ],
    [ '"/max_completion_tokens": { "max": 1024 }', $chat,
        '"max_completion_tokens":-1', '-1|1024|max', 1024 ],
    [ '"/max_completion_tokens": { "max": 1024 }', $chat,
        '"max_tokens":3000', '3000|3000|none', 3000 ],
    [ '"/max_tokens": { "force": 50 }', $chat, '', '|50|force', 50 ],
    [ '"/max_tokens": { "remove": true }', $chat,
        '"max_tokens":3000', '3000||remove', 0 ],
    [ '"/options/num_predict": { "max": 1024 }', '/api/chat',
        '"options":{"num_predict":9999}', '9999|1024|max', 1024 ],
    [ '"/options/num_predict": { "default": 70 }', '/api/chat',
        '"options":{"num_predict":null}', 'null|70|default', 70 ],
    [ '"/options": { "remove": true }', '/api/chat',
        '"options":{"num_predict":9999}', '9999||remove', 0 ],
    [ '"/generationConfig/maxOutputTokens": { "max": 1024 }',
        '/v1beta/models/m:generateContent',
        '"generationConfig":{"maxOutputTokens":9999}', '9999|1024|max',
        1024 ],
    [ '"/max_tokens": { "max": 1024 }', '/v1/messages', '"max_tokens":9999',
        '9999|1024|max', 1024 ],
    [ '"max_tokens": { "max": 1024 }', $chat, '"n_predict":9999',
        '9999|1024|max', 1024 ],

    # one choice if "n" is absent, with or without "n" in the API

    [ '"n": { "max": 8 }', $chat, '"max_tokens":100', '100|100|none', 100 ],
    [ '"n": { "max": 8 }', $chat, '"max_tokens":100,"n":9',
        '100|100|none', 800 ],
    [ '"n": { "max": 16 }, "max_tokens": { "max": 1024 }', '/v1/messages',
        '"max_tokens":1024', '1024|1024|none', 1024 ],
    [ '"n": { "max": 16 }, "max_tokens": { "max": 1024 }', '/api/chat', '',
        '|1024|max', 1024 ],
    [ '"n": { "max": 16 }, "max_tokens": { "max": 1024 }', $chat, '',
        '|1024|max', 1024 ],
);

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json', '{ "version": 1, "default_tier": "0",'
    . ' "tiers": {' . join(",\n", map {
        qq("$_": { "parameters": { $rows[$_][0] },)
        . ' "limits": { "tokens_per_minute": ' . TOKENS . ' } }'
    } 0 .. $#rows) . '} }');

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$llm_requested_max_tokens|$llm_effective_max_tokens|'
        '$llm_action_max_tokens|$llm_remaining_tokens_per_minute|$status';
    access_log %%TESTDIR%%/llm.log llm;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        llm_policy on;
        llm_policy_file policy.json;
        llm_policy_tier $http_x_tier;
        llm_policy_limit_key $http_x_tier;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

for my $tier (0 .. $#rows) {
    my ($rules, $path, $members, $record, $reserved) = @{ $rows[$tier] };
    my $body = qq({"prompt":"$text") . ($members && ",$members") . '}';
    my $name = "$rules, $path, $members";

    $t->post($path, $body, 'X-Tier' => $tier);

    my $line = ($t->access_log($tier + 1, 'llm.log'))[-1];
    my $left = TOKENS - $reserved - int((length($body) + 3) / 4);

    is($line, "$record|$left|200", "$name: nginx");

    my $ran = tool($body, 'explain', $t->testdir . '/policy.json', '--tier',
        $tier, '--path', $path, '--json');
    my ($row) = grep { $_->{parameter} eq 'max_tokens' }
        @{ decode_json($ran->{out})->{parameters} };

    is(join('|', @$row{qw(requested effective action)}), $record,
        "$name: explain");
}

$t->done;
