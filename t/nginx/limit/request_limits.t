#!/usr/bin/perl

# Limits on requests: their keys, the response of a caller that has used them
# up, and the log.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $uri = '/v1/chat/completions';
my $body = '{"model":"m"}';

my %key = map { $_ => sha256_hex("key-$_") } qw(small large plain);

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "limits": { "requests_per_minute": 3 } },
    "paid": { "limits": { "requests_per_minute": 2,
                          "concurrent_requests": 50 } },
    "open": {}
  },
  "tenants": {
    "small": { "tier": "paid", "keys": [ "sha256:$key{small}" ] },
    "large": { "tier": "paid", "keys": [ "sha256:$key{large}" ],
               "limits": { "requests_per_minute": 5 } },
    "plain": { "tier": "open", "keys": [ "sha256:$key{plain}" ] }
  },
  "routes": [ { "path": "~/chat/completions\$", "dialect": "openai.chat" } ]
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:1m;

    log_format limits '$status|$llm_status|$llm_reason|$llm_limit_status|'
        '$llm_limit|$llm_remaining_requests_per_minute|'
        '$llm_remaining_concurrent_requests';
    access_log %%TESTDIR%%/limits.log limits;

    llm_policy on;
    llm_policy_file policy.json;

    # a request that passes is admitted before its body is known: for any model,
    # and even if it is refused later

    llm_policy_streaming off;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /headers/ {
            llm_policy_limit_headers on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /string/ {
            llm_policy_limit_key $http_x_user;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /model/ {
            llm_policy_limit_key "$llm_model of $llm_tier";
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/ {
            llm_policy_limit_key dry;
            llm_policy_limit_dry_run on;
            llm_policy_limit_headers on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/all/ {
            llm_policy_limit_key all;
            llm_policy_dry_run on;
            llm_policy_limit_dry_run off;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# The key of a limit.

is(statuses(4), '200 200 200 429', 'by address');
is(statuses(4, Authorization => 'Bearer key-other'), '200 200 200 429',
    'by a key that no tenant has');
is(statuses(4, Authorization => 'Bearer key-another'), '200 200 200 429',
    'by another');
is(statuses(3, Authorization => 'Bearer key-small'), '200 200 429',
    "a tenant: its tier's");
is(statuses(6, Authorization => 'Bearer key-large'),
    '200 200 200 200 200 429', 'a tenant: its own');
is(statuses(6, Authorization => 'Bearer key-plain'),
    '200 200 200 200 200 200', 'a tenant: none');

$uri = '/string/v1/chat/completions';
is(statuses(4, 'X-User' => 'one'), '200 200 200 429', 'by a string');
is(statuses(4, 'X-User' => 'two'), '200 200 200 429', 'by another');
is(statuses(4, 'X-User' => 'x' x 2000), '200 200 200 429', 'by a long one');
is(statuses(4, 'X-User' => 'x' x 2000 . 'y'), '200 200 200 429',
    'by another long one');
is(statuses(1), 429, 'an empty string: by address, as without');

$uri = '/model/v1/chat/completions';
is(statuses(4), '200 200 200 429', 'by a variable of the module');
$body = '{"model":"another"}';
is(statuses(4), '200 200 200 429', 'by another model');
$body = '{"model":"m"}';

# Uncounted requests: refused by the policy, without a body, or without a
# caller.

$uri = '/v1/chat/completions';
my %fresh = (Authorization => 'Bearer key-fresh');

is($t->post($uri, '{"temperature":', %fresh)->{status}, 400, 'refused')
    for 1 .. 4;
is($t->get('/v1/models', %fresh)->{status}, 200, 'no body') for 1 .. 4;
is(statuses(4, %fresh), '200 200 200 429', 'and does not count');

# The response of a refusal.

my $response = $t->post($uri, $body);
is($response->{status}, 429, 'OpenAI');
is($response->header('Content-Type'), 'application/json', 'a document');
is_deeply(decode_json($response->{body}), { error => {
    message => 'rate limit reached: 3 (requests_per_minute); try again in '
        . $response->header('Retry-After') . ' s',
    type => 'rate_limit_error', param => undef, code => 'rate_limit_exceeded',
} }, 'in its shape');

within($response->header('Retry-After'), 1, 20, 'Retry-After');
is($response->header('X-RateLimit-Limit-Requests'), 3, 'limit');
is($response->header('X-RateLimit-Remaining-Requests'), 0, 'remaining');
like($response->header('X-RateLimit-Reset-Requests'), qr/^(?:5\d|60)s$|^1m0s$/,
    'reset');
is($response->header('X-RateLimit-Limit-Tokens'), undef, 'no other limit');

$response = $t->post('/v1/messages',
    '{"model":"m","max_tokens":5,"messages":[]}');
is($response->{status}, 429, 'Anthropic');
is(decode_json($response->{body})->{error}{type}, 'rate_limit_error',
    'in its shape');
within($response->header('Retry-After'), 1, 20, 'Retry-After');
is($response->header('Anthropic-RateLimit-Requests-Limit'), 3, 'limit');
is($response->header('Anthropic-RateLimit-Requests-Remaining'), 0,
    'remaining');
like($response->header('Anthropic-RateLimit-Requests-Reset'),
    qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'reset');

$response = $t->post('/v1beta/models/m:generateContent', '{}');
is(decode_json($response->{body})->{error}{status}, 'RESOURCE_EXHAUSTED',
    'Google');

# Fields in other responses, if enabled; they replace those of the upstream.

$response = $t->post("/headers$uri", $body, Authorization => 'Bearer key-h');
is($response->{status}, 200, 'a response');
is($response->header('X-RateLimit-Remaining-Requests'), 2, 'has them, too');
is($response->header('Retry-After'), undef, 'except those');

# Dry run.

for my $path ('/dry', '/dry/all') {
    $uri = "$path/v1/chat/completions";
    is(statuses(5), '200 200 200 200 200', "$path: nothing is refused");
}

like($t->error_log, qr/dry run: request refused: rate limit reached: 3 /,
    'but logged');

my @log = $t->access_log(68, 'limits.log');

is($log[0], '200|passed||passed||2|', 'log: passed');
is($log[3], '429|rejected|rate_limit_exceeded|rejected|requests_per_minute|0|',
    'log: refused');
is((grep { /passed\|\|1\|49$/ } @log)[0], '200|passed||passed||1|49',
    'log: another limit');
is($log[-10], '200|passed||passed||2|', 'log: dry run of limits, passed');
is($log[-6], '200|passed||rejected_dry_run|requests_per_minute|0|',
    'log: dry run of limits, refused');
is($log[-1], '200|rejected_dry_run|rate_limit_exceeded|rejected_dry_run|'
    . 'requests_per_minute|0|', 'log: dry run, refused');

unlike($t->error_log, qr/key-/, 'no key is logged');

$t->done;

sub statuses {
    my ($n, %fields) = @_;

    return join ' ', map { $t->post($uri, $body, %fields)->{status} } 1 .. $n;
}

sub within {
    my ($value, $least, $most, $name) = @_;

    ok(defined $value && $value >= $least && $value <= $most, $name)
        or diag('got: ', $value // 'undef');
}
