#!/usr/bin/perl

# A mirrored request of Gemini's API has its API key in the query: the mirror is
# for the same caller, and gets the same body.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $hash = sha256_hex('key-of-acme');
my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => '{}' } });
my $mirrored = $t->upstream(2, sub { { body => '{}' } });

$t->write_file('policy.json', <<"EOP");
{
  "version": 1,
  "default_tier": "free",
  "unknown_key": "reject",
  "tiers": {
    "free": { "parameters": { "temperature": { "max": 0.5 } } },
    "pro": { "parameters": { "temperature": { "max": 1 } } }
  },
  "tenants": { "acme": { "tier": "pro", "keys": ["sha256:$hash"] } }
}
EOP

$t->run(<<'EOP');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            mirror /mirror;
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /mirror {
            internal;
            proxy_pass http://%%UPSTREAM_2%%$request_uri;
        }
    }
}

EOP

my $path = '/v1beta/models/gemini-pro:generateContent';
my $body = '{"generationConfig":{"temperature":2}}';

is($t->post("$path?key=key-of-acme", $body)->{status}, 200, 'accepted');
is($up->last->{body}, '{"generationConfig":{"temperature":1}}', 'sent');

for (1 .. 100) {
    last if $mirrored->last;
    select undef, undef, undef, 0.05;
}

is($mirrored->last && $mirrored->last->{body},
    '{"generationConfig":{"temperature":1}}', 'mirrored');

is($t->post("$path?key=another", $body)->{status}, 401, 'an unknown key');

$t->done;
