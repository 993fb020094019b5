#!/usr/bin/perl

# A redirect within nginx before the body is read, to a location in which the
# variables of llm_policy_tier and llm_policy_key have other values: that
# location decides.

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

my %key = map { $_ => 'sha256:' . sha256_hex("key-$_") } qw(acme lab lab2);

my $policy = <<"EOP";
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "parameters": { "temperature": { "max": 1 } } },
    "pro":  { "parameters": { "temperature": { "max": 2 } } }
  },
  "tenants": {
    "acme": { "tier": "pro", "keys": ["$key{acme}"] },
    "lab":  { "tier": "free", "keys": ["$key{lab}"],
              "limits": { "requests_per_minute": 1000 } },
    "lab2": { "tier": "free", "keys": ["$key{lab2}"] }
  },
  "routes": [ { "path": "~/chat/completions\$", "dialect": "openai.chat" } ]
}
EOP

$t->write_file('policy.json', $policy);
$t->write_file('known.json', $policy =~ s/"tiers"/"unknown_key": "reject",$&/r);

my $locations = '';

# name; in the first location, in the second one

my @values = (
    [ 'tier', 'set $tier pro;', 'set $tier free;' ],
    [ 'same', 'set $tier free;', 'set $tier free;' ],
    [ 'up', 'set $tier free;', 'set $tier pro;' ],
    [ 'key', 'set $key key-acme;', 'set $key key-lab;' ],
    [ 'tenant', 'set $key key-lab2;', 'set $key key-lab;' ],
    [ 'no_key', 'set $key key-acme;', 'set $key "";' ],
    [ 'stranger', 'llm_policy_file known.json; set $key key-acme;',
        'llm_policy_file known.json; set $key key-nobody;' ],
    [ 'map', 'set $who a;', 'set $who b;' ],
);

for my $value (@values) {
    my ($name, $first, $second) = @$value;

    $locations .= <<"EOL";

        location /$name/ {
            $first
            root %%TESTDIR%%/none;
            try_files \$uri \@$name;
        }

        location \@$name {
            $second
            proxy_pass http://%%UPSTREAM%%;
        }

        # POST to a file is 405

        location /error/$name/ {
            $first
            root %%TESTDIR%%/none;
            error_page 404 405 = \@$name;
        }
EOL
}

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    map "\$tier\$who" \$mapped {
        volatile;
        a        pro;
        b        free;
        default  \$tier;
    }

    proxy_request_buffering off;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier \$mapped;
    llm_policy_key \$key;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        set \$tier "";
        set \$who "";
        set \$key "";

        add_header X-Tier \$llm_tier always;
        add_header X-Tenant \$llm_tenant always;
        $locations
    }
}

EOC

# name; tier, tenant, and the temperature for 1.9

my @expected = (
    [ tier => 'free', undef, '1' ], [ same => 'free', undef, '1' ],
    [ up => 'pro', undef, '1' ], [ key => 'free', 'lab', '1' ],
    [ tenant => 'free', 'lab', '1' ],
    [ no_key => 'free', undef, '1' ], [ map => 'free', undef, '1' ],
);

for my $case (@expected) {
    my ($name, $tier, $tenant, $sent) = @$case;

    for my $prefix ('', '/error') {
        for my $chunked (0, 1) {
            my $what = "$prefix/$name" . ($chunked ? ', chunked' : '');

            $up->clear;

            my $r = ask("$prefix/$name", '{"temperature":1.9}', $chunked);

            is(verdict($r), qq({"temperature":$sent}), $what);
            is($r->header('X-Tier'), $tier, "$what: tier");
            is($r->header('X-Tenant'), $tenant, "$what: tenant");
            is($up->count, 1, "$what: forwarded once");
        }
    }
}

for my $prefix ('', '/error') {
    $up->clear;
    is(verdict(ask("$prefix/stranger", '{"temperature":1.9}')),
        '401 unknown_key', "$prefix/stranger");
    is($up->count, 0, "$prefix/stranger: not forwarded");
}

$t->done;

sub ask {
    my ($prefix, $body, $chunked) = @_;
    my $client = $t->client;
    my @fields = $chunked
        ? ('Transfer-Encoding' => 'chunked', 'Content-Length' => undef) : ();

    $body = sprintf "%x\r\n%s\r\n0\r\n\r\n", length $body, $body if $chunked;

    $client->request('POST', "$prefix/v1/chat/completions", $body,
        Connection => 'close', @fields);

    return $client->response;
}
