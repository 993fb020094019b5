#!/usr/bin/perl

# The variables of a changed document, which workers load: they are found among
# those of the configuration, also if nothing else there uses them.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', document('$http_x_first'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    map $http_x_first $mapped {
        one      "first";
        default  "";
    }

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_reload 200ms;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        server_name gw;

        location / {
            set $sent "set here";
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

is(answer(), '{"user":"one"}', 'at the start');

# by name: of "map", "set", nginx itself, and of a prefix

for my $case (
    [ '$mapped', 'first' ], [ '$SENT', 'set here' ],
    [ '$server_name/$request_method', 'gw/POST' ],
    [ '$http_x_second.$arg_a', 'two.b' ], [ '$llm_tier', 't' ],
    [ '$host', 'localhost' ],
) {
    my ($template, $user) = @$case;

    $t->write_file('policy.json', document($template));
    becomes(qq({"user":"$user"}), $template);
}

# An unknown variable, among others: the policy stays as it was.

$t->write_file('policy.json', document('$http_x_first$colour$taste'));

ok($t->logged(qr/has changed, but stays as it was/), 'not in force');

like($t->error_log, qr{\[error\]\ .*/policy\.json:2:\d+:
    \ /tiers/t/parameters/~1user/force_from:\ unknown\ variable
    \ "\$$_"}x, "an unknown variable, $_") for qw(colour taste);

is(answer(), '{"user":"localhost"}', 'the one before');

$t->write_file('policy.json', document('$http_x_first'));
becomes('{"user":"one"}', 'corrected');

$t->done;

sub document {
    my ($template) = @_;

    return <<"EOF";
{ "version": 1, "default_tier": "t", "tiers": { "t": { "parameters": {
  "/user": { "force_from": "$template" } } } } }
EOF
}

sub answer {
    return verdict($t->post('/v1/chat/completions?a=b', '{}',
        'X-First' => 'one', 'X-Second' => 'two'));
}

sub becomes {
    my ($expected, $name) = @_;
    my $end = time + ($ENV{TEST_TIMEOUT} // 30);

    sleep 0.02 while time < $end && answer() ne $expected;

    is(answer(), $expected, $name);
}
