#!/usr/bin/perl

# The lines of a request in the error log, and llm_policy_log_level.

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

$t->write_file('policy.json',
    one_tier(<<'EOF', '~^/(changed|refused)/' => 'openai.chat'));
"temperature": { "default": 0.7, "min": 0.2, "max": 1 },
"top_p": { "max": 0.95, "on_violation": "reject" },
"max_tokens": { "max": 100 },
"seed": { "remove": true },
"stream": { "force": false },
"stop": { "default": "." },
"reasoning_effort": { "allow": ["low", "medium"] },
"/metadata/trace": { "force": "t" }
EOF

$t->run(gateway(server => <<'EOF'));

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location ~ /info$ {
    llm_policy_log_level info;
    proxy_pass http://%%UPSTREAM%%;
}

location ~ /notice$ {
    llm_policy_log_level notice;
    proxy_pass http://%%UPSTREAM%%;
}

location ~ /warn$ {
    llm_policy_log_level warn;
    proxy_pass http://%%UPSTREAM%%;
}

location ~ /error$ {
    llm_policy_log_level error;
    proxy_pass http://%%UPSTREAM%%;
}

# a line below the level of error_log is not even composed
location /quiet {
    error_log %%TESTDIR%%/quiet.log warn;
    llm_policy_log_level notice;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

# Permitted; the changes of a request are in one line.

my $rest = '"top_p":0.5,"max_tokens":9,"stream":false,"stop":"x",'
    . '"metadata":{"trace":"t"}}';

my @changes = (
    [ '{"temperature":0.9,', undef ],
    [ '{"temperature":1.9,', 'temperature 1.9 changed to 1 (max)' ],
    [ '{"temperature":19e-1,', 'temperature 19e-1 changed to 1 (max)' ],
    [ '{"temperature":-0.10,', 'temperature -0.10 changed to 0.2 (min)' ],
    [ '{', 'temperature 0.7 added (default)' ],
    [ '{"temperature":null,', 'temperature null changed to 0.7 (default)' ],
    [ '{"temperature":1,"seed":9007199254740993,',
        'seed 9007199254740993 removed (remove)' ],
    [ '{"temperature":2,"options":{"temperature":3},"seed":1,',
        'temperature 2 changed to 1 (max), temperature 3 changed to 1 (max), '
        . 'seed 1 removed (remove)' ],
);

for my $change (@changes) {
    my ($start, $said) = @$change;

    is(said($start . $rest), $said && qq([info] $said, tier "free"),
        $said // 'no line');
}

is(said('{"temperature":1,"top_p":0.5,"stream":true}'),
    '[info] stream true changed to false (force), /metadata/trace "t" added '
    . '(force), max_tokens 100 added (max), stop "." added (default), tier '
    . '"free"', 'several in the order of the request, then those that were '
    . 'absent');

# Refused: the parameter, the value, the bound; at least "notice" here.

is(said($_->[0]), "[notice] request refused: $_->[1]", $_->[0]) for (
    [ '{"top_p":0.96}', 'top_p 0.96 is above the maximum 0.95 for tier "free" '
        . '(value_not_allowed), tier "free"' ],
    [ '{"reasoning_effort":"high"}', 'reasoning_effort "high" is not among the '
        . 'values allowed for tier "free" (value_not_allowed), tier "free"' ],
    [ '{"temperature":"1.9"}', 'temperature must be a number, not a string '
        . '(invalid_type), tier "free"' ],
    [ '{"temperature":1.}', 'invalid JSON at byte 17: expected a digit '
        . '(invalid_json), tier "free"' ],
);

# Levels: changes are one lower than refusals, but not below info.

my %levels = (info => 'info', notice => 'info', warn => 'notice',
    error => 'warn');

for my $level (sort keys %levels) {
    is(said('{"temperature":2,' . $rest, "/changed/$level"),
        qq([$levels{$level}] temperature 2 changed to 1 (max), tier "free"),
        "$level, changed");

    like(said('{', "/refused/$level"), qr/^\[$level\] request refused: /,
        "$level, refused");
}

$t->post('/quiet', '{"temperature":2}');
is($t->read_file('quiet.log'), '', 'below the level of error_log');

# The line ends like all lines of nginx.

$t->post('/v1/chat/completions?x=1', '{"temperature":2,' . $rest);

my ($last) = $t->error_log =~ /tier "free"(, client.*\n)\z/;

is($last, ', client: 127.0.0.1, server: , request: '
    . '"POST /v1/chat/completions?x=1 HTTP/1.1", host: "localhost"' . "\n",
    'client and request');

$t->done;

# Returns the new lines of the error log: level and message.

sub said {
    my ($body, $path) = @_;
    my $seen = length $t->error_log;

    $t->post($path // '/v1/chat/completions', $body);

    my ($level, $text) = substr($t->error_log, $seen)
        =~ /(\[\w+\]) \S+: \*\d+ (.*?), client: /;

    return defined $level ? "$level $text" : undef;
}
