#!/usr/bin/perl

# A body that will be decided on while it passes, and a redirect before it is
# read: the new location decides on it, also after limits have refused the
# request in dry run at the first one.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $uri = '/v1/chat/completions';
my $body = '{"model":"gpt-4o","temperature":2}';
my $edited = '{"model":"gpt-4o","temperature":1}';

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => '{}' } });

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": { "temperature": { "max": 1 } },
    "limits": { "requests_per_minute": 1 }
  } }
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

    proxy_request_buffering off;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;
    llm_policy_dry_run on;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        # POST to a file is 405
        location / {
            root %%TESTDIR%%;
            error_page 404 405 = @other;
        }

        location @other {
            llm_policy_dry_run off;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOP

for my $case ('admitted', 'refused in dry run') {
    $up->clear;

    is($t->post($uri, $body)->{status}, 200, "$case: forwarded");
    is($up->last->{body}, $edited, "$case: the new location has edited it");
}

$t->done;
