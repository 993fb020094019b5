#!/usr/bin/perl

# A body that will be decided on while it passes, and a redirect before it is
# read: the new path and location decide on it, also after limits have refused
# the request in dry run at the first ones.

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
  }, "path": {
    "parameters": { "max_tokens": { "max": 10 } }
  } },
  "routes": [
    { "path": "~/chat/completions$", "dialect": "openai.chat" },
    { "path": "~/embeddings$", "dialect": "openai.embeddings" }
  ]
}
EOP

$t->run(<<'EOP');

%%GLOBALS%%

load_module %%MODULES%%/ndk_http_module.so;
load_module %%MODULES%%/ngx_http_lua_module.so;
load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$llm_status';
    access_log %%TESTDIR%%/llm.log llm;

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
            llm_policy_limit_dry_run on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /strict {
            root %%TESTDIR%%;
            error_page 404 405 = @strict;
        }

        location @strict {
            llm_policy_dry_run off;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry {
            root %%TESTDIR%%;
            error_page 404 405 = @dry;
        }

        location @dry {
            llm_policy_unmatched pass;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /path {
            llm_policy_dry_run off;
            llm_policy_tier path;

            content_by_lua_block {
                if ngx.var.uri == '/path/v1/embeddings' then
                    return ngx.exec('/path/v1/chat/completions')
                end

                ngx.req.read_body()
                ngx.print(ngx.req.get_body_data())
            }
        }
    }
}

EOP

for my $case ('admitted', 'refused in dry run') {
    $up->clear;

    is($t->post($uri, $body)->{status}, 200, "$case: forwarded");
    is($up->last->{body}, $edited, "$case: the new location has edited it");
}

is($t->post("/strict$uri", $body)->{status}, 429,
    'refused in dry run: refused where limits hold');

is($t->post("/dry$uri", $body)->{status}, 200, 'dry run: forwarded');
is(($t->access_log(4, 'llm.log'))[-1], 'rejected_dry_run',
    'dry run: the refusal is logged');

# to another path of the same location

is($t->post('/path/v1/embeddings', '{"input":"x"}')->{body},
    '{"input":"x","max_tokens":10}', 'path: decided on for the new one');

$t->done;
