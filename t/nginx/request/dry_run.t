#!/usr/bin/perl

# llm_policy_dry_run: decisions are made and logged, and nothing is changed or
# refused.

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

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "default": 0.7, "max": 1 },
    "n": { "max": 1, "on_violation": "reject" },
    "/metadata/trace": { "remove": true }
  } } }
}
EOP

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

log_format  decided  escape=none
    '$request_method $status $llm_status "$llm_reason" "$llm_adjustments" '
    '$llm_requested_temperature $llm_effective_temperature '
    '$llm_action_temperature';

access_log %%TESTDIR%%/decided.log decided;

EOH

llm_policy_dry_run on;
llm_policy_tier $http_x_tier;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $chat = '/v1/chat/completions';
my @sent;

# method, path, body, header fields; access log; error log

my @requests = (
    [ [ POST => $chat, '{"temperature":0.5}' ],
        'passed_dry_run "" "" 0.5 0.5 none' ],

    [ [ POST => $chat, '{"temperature":1.9}' ],
        'modified_dry_run "" "temperature=1.9->1 (max)" 1.9 1.9 max',
        '[info] dry run: temperature 1.9 changed to 1 (max), tier "free"' ],

    [ [ POST => $chat, '{ }' ],
        'modified_dry_run "" "temperature=->0.7 (default)"   default',
        '[info] dry run: temperature 0.7 added (default), tier "free"' ],

    [ [ POST => $chat, '{"metadata":{"trace":1},"temperature":1}' ],
        'modified_dry_run "" "/metadata/trace=1-> (remove)" 1 1 none',
        '[info] dry run: /metadata/trace 1 removed (remove), tier "free"' ],

    [ [ POST => $chat, '{"temperature":0.5,"n":2}' ],
        'rejected_dry_run "value_not_allowed" "" 0.5 0.5 none',
        '[notice] dry run: request refused: n 2 is above the maximum 1 for tier'
        . ' "free" (value_not_allowed), tier "free"' ],

    [ [ POST => $chat, '{"temperature":1.9,"n":2}' ],
        'rejected_dry_run "value_not_allowed" "" 1.9 1.9 none',
        '[notice] dry run: request refused: n 2 is above the maximum 1 for tier'
        . ' "free" (value_not_allowed), tier "free"' ],

    [ [ POST => $chat, '{"temperature":' ],
        'rejected_dry_run "invalid_json" ""   ',
        '[notice] dry run: request refused: invalid JSON at byte 15: the body '
        . 'ends within the object (invalid_json), tier "free"' ],

    [ [ POST => $chat, '{"n":1,"n":2}' ],
        'rejected_dry_run "duplicate_member" ""   ',
        '[notice] dry run: request refused: "n" appears twice in the request '
        . '(duplicate_member), tier "free"' ],

    [ [ POST => $chat, 'temperature=1.9', 'Content-Type' => 'text/plain' ],
        'rejected_dry_run "unsupported_content_type" ""   ',
        '[notice] dry run: request refused: the request must have one '
        . 'Content-Type, application/json, in UTF-8 '
        . '(unsupported_content_type)' ],

    [ [ POST => '/unknown', '{"temperature":1.9}' ],
        'rejected_dry_run "unknown_route" ""   ',
        '[notice] dry run: request refused: no route is known for this path, '
        . 'and the request has a body (unknown_route)' ],

    [ [ PUT => $chat, '{"temperature":1.9}' ],
        'rejected_dry_run "unknown_route" ""   ',
        '[notice] dry run: request refused: a request with a body to this path '
        . 'must be a POST (unknown_route)' ],

    [ [ POST => '/v1/./chat/completions', '{"temperature":1.9}' ],
        'rejected_dry_run "ambiguous_path" ""   ',
        '[notice] dry run: request refused: the path must be written without '
        . 'escapes, ";", "\", "//" and dot segments (ambiguous_path)' ],

    [ [ GET => '/v1/models' ], 'bypassed_dry_run "" ""   ' ],
);

for my $request (@requests) {
    my ($method, $path, $body, @headers) = @{ $request->[0] };
    my $r = $t->request($method, $path, $body, 'X-Tier' => 'free', @headers);

    is(verdict($r), $body // '', "$method $path " . ($body // '')
        . ' passes unchanged');
}

my @decided = $t->access_log(scalar @requests, 'decided.log');

is_deeply(\@decided, [ map { "$_->[0][0] 200 $_->[1]" } @requests ],
    'the access log');

my @logged = $t->error_log
    =~ /(\[\w+\]) \S+: \*\d+ (dry run: .*?), client: .*\n/g;

is_deeply([ map { join ' ', splice @logged, 0, 2 } 1 .. @logged / 2 ],
    [ map { $_->[2] // () } @requests ], 'the error log');

$t->done;
