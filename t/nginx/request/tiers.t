#!/usr/bin/perl

# The tier of a request: llm_policy_tier, else the tenant of the API key, else
# the default tier.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my %key = map { $_ => 'sha256:' . sha256_hex("key-$_") } qw(acme acme2 lab);

my $policy = <<"EOP";
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free":  { "parameters": { "temperature": { "force": 0.1 } } },
    "pro":   { "parameters": { "temperature": { "force": 0.2 } } },
    "a b/c": { "parameters": { "temperature": { "force": 0.3 } } }
  },
  "tenants": {
    "acme": { "tier": "pro", "keys": ["$key{acme}", "$key{acme2}"] },
    "lab":  { "tier": "a b/c", "keys": ["$key{lab}"] }
  }
}
EOP

$t->write_file('policy.json', $policy);
$t->write_file('known.json', $policy =~ s/"tiers"/"unknown_key": "reject",$&/r);

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    map $http_x_team $team_tier {
        default  "";
        blue     pro;
        red      "a b/c";
        green    none;
        yellow   PRO;
    }

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        add_header X-Tier $llm_tier always;
        add_header X-Tenant $llm_tenant always;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/ {
            llm_policy_tier $team_tier;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/ {
            llm_policy_tier pro;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /api/ {
            llm_policy_key $http_x_gateway_key;
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_known%%;

        llm_policy_file known.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/ {
            llm_policy_tier $team_tier;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /api/ {
            llm_policy_key "$http_x_gateway_key";
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my %tier = ('0.1' => 'free', '0.2' => 'pro', '0.3' => 'a b/c');
my ($free, $pro, $abc) = (0.1, 0.2, 0.3);

# path below /chat/completions, header fields, forwarded body, the tenant

my @callers = (

    # no tenant
    [ '', {}, $free ],
    [ '', { Authorization => 'Bearer key-nobody' }, $free ],
    [ '', { Authorization => 'Basic a2V5LWFjbWU=' }, $free ],
    [ '', { Authorization => 'key-acme' }, $free ],
    [ '', { Authorization => 'Bearer' }, $free ],
    [ '', { Authorization => 'Bearer ' }, $free ],
    [ '', { Authorization => 'Bearerkey-acme' }, $free ],
    [ '', { Authorization => "Bearer $key{acme}" }, $free ],
    [ '', { Authorization => 'Bearer KEY-ACME' }, $free ],
    [ '', { 'Proxy-Authorization' => 'Bearer key-acme' }, $free ],

    # the key of a tenant, in each of the headers
    [ '', { Authorization => 'Bearer key-acme' }, $pro, 'acme' ],
    [ '', { Authorization => 'Bearer key-acme2' }, $pro, 'acme' ],
    [ '', { Authorization => 'bEARER   key-acme  ' }, $pro, 'acme' ],
    [ '', { 'x-api-key' => 'key-acme' }, $pro, 'acme' ],
    [ '', { 'API-Key' => 'key-lab' }, $abc, 'lab' ],
    [ '', { 'x-goog-api-key' => 'key-lab' }, $abc, 'lab' ],

    # the first of these headers contains the key, known or unknown
    [ '', { Authorization => 'Bearer key-lab', 'x-api-key' => 'key-acme' },
        $abc, 'lab' ],
    [ '', { Authorization => 'Bearer nobody', 'x-api-key' => 'key-acme' },
        $free ],
    [ '', { Authorization => 'Basic eA==', 'x-api-key' => 'key-acme' },
        $pro, 'acme' ],
    [ '', { 'x-api-key' => 'key-acme', 'api-key' => 'key-lab',
            'x-goog-api-key' => 'key-lab' }, $pro, 'acme' ],

    # llm_policy_tier with a variable; empty: as if it were not set
    [ '/v1', { 'X-Team' => 'blue' }, $pro ],
    [ '/v1', { 'X-Team' => 'red' }, $abc ],
    [ '/v1', { 'X-Team' => 'red', 'x-api-key' => 'key-acme' }, $abc, 'acme' ],
    [ '/v1', { 'X-Team' => 'other', 'x-api-key' => 'key-acme' },
        $pro, 'acme' ],
    [ '/v1', {}, $free ],

    # an unknown tier: the default, with any key
    [ '/v1', { 'X-Team' => 'green' }, $free ],
    [ '/v1', { 'X-Team' => 'green', 'x-api-key' => 'key-acme' }, $free,
        'acme' ],
    [ '/v1', { 'X-Team' => 'yellow' }, $free ],

    # a constant
    [ '/openai/v1', { 'x-api-key' => 'key-lab' }, $pro, 'lab' ],

    # llm_policy_key instead of the headers; its value is used unchanged
    [ '/api/v1', { 'X-Gateway-Key' => 'key-lab' }, $abc, 'lab' ],
    [ '/api/v1', { 'X-Gateway-Key' => 'Bearer key-lab' }, $free ],
    # empty: the headers
    [ '/api/v1', { 'x-api-key' => 'key-lab' }, $abc, 'lab' ],
    [ '/api/v1', { 'X-Gateway-Key' => '', 'x-api-key' => 'key-lab' }, $abc,
        'lab' ],
    [ '/api/v1', { 'X-Gateway-Key' => 'x', 'x-api-key' => 'key-lab' }, $free ],
    [ '/api/v1', {}, $free ],
);

for my $caller (@callers) {
    my ($prefix, $headers, $sent, $tenant) = @$caller;
    my $name = join ' ', $prefix || '/', %$headers;
    my $r = $t->post("$prefix/chat/completions", '{}', %$headers);

    is(verdict($r), qq({"temperature":$sent}), $name);
    is($r->header('X-Tier'), $tier{$sent}, "$name, tier");
    is($r->header('X-Tenant'), $tenant, "$name, tenant");
}

# An unknown tier is an error of the operator: a warning each time.

my @warnings = $t->error_log =~ /\[warn\] .*?: \*\d+ (tier .*?), client/g;

is_deeply(\@warnings, [
    ('tier "none" is not defined, using "free"') x 2,
    'tier "PRO" is not defined, using "free"',
], 'warnings');

# unknown_key: "reject"

my $unknown = '401 unknown_key';

my $no_bearer = 'an API key is required: Authorization must be "Bearer", a '
    . 'space and the API key';

my @known = (
    [ '', {}, $unknown, 'an API key is required' ],
    map({ [ '', { Authorization => $_ }, $unknown, $no_bearer ] }
        'key-acme', 'Basic a2V5LWFjbWU=', 'Token key-acme', 'Bearer',
        'Bearerkey-acme', 'ApiKey key-acme'),
    [ '', { Authorization => 'key-acme', 'x-api-key' => 'nobody' }, $unknown,
        'the API key is not known' ],
    [ '', { Authorization => 'key-nobody', 'x-api-key' => 'key-acme' },
        '{"temperature":0.2}' ],
    [ '', { Authorization => 'Bearer key-nobody' }, $unknown,
        'the API key is not known' ],
    [ '', { Authorization => 'Bearer key-acme' }, '{"temperature":0.2}' ],
    [ '', { Authorization => 'Bearer nobody', 'x-api-key' => 'key-acme' },
        $unknown, 'the API key is not known' ],

    # whatever llm_policy_tier is, and also if it is no tier
    map({ (
        [ '/v1', { 'X-Team' => $_ }, $unknown, 'an API key is required' ],
        [ '/v1', { 'X-Team' => $_, 'x-api-key' => 'nobody' }, $unknown,
            'the API key is not known' ],
    ) } 'blue', 'red', 'green'),
    [ '/v1', { 'X-Team' => 'blue', 'x-api-key' => 'key-lab' },
        '{"temperature":0.2}' ],
    [ '/v1', { 'X-Team' => 'green', 'x-api-key' => 'key-lab' },
        '{"temperature":0.1}' ],
    [ '/v1', { 'X-Team' => 'other' }, $unknown, 'an API key is required' ],

    [ '/api/v1', {}, $unknown, 'an API key is required' ],
    [ '/api/v1', { Authorization => 'key-acme' }, $unknown, $no_bearer ],
    [ '/api/v1', { 'x-api-key' => 'key-acme' }, '{"temperature":0.2}' ],
    [ '/api/v1', { 'X-Gateway-Key' => 'no', 'x-api-key' => 'key-acme' },
        $unknown, 'the API key is not known' ],
    [ '/api/v1', { 'X-Gateway-Key' => 'key-acme' }, '{"temperature":0.2}' ],
);

for my $caller (@known) {
    my ($prefix, $headers, $expected, $message) = @$caller;
    my $name = join ' ', 'reject', $prefix || '/', %$headers;
    my $r = post_to($t, 'known', "$prefix/chat/completions", '{}', %$headers);

    is(verdict($r), $expected, $name);
    is(message($r), $message, "$name, message") if $message;
}

# The key is forwarded to the upstream: the operator may remove it.

$t->post('/chat/completions', '{}', Authorization => 'Bearer key-acme');
is($up->last->header('Authorization'), 'Bearer key-acme', 'key forwarded');

$t->done;
