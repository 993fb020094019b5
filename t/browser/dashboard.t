#!/usr/bin/perl

# The dashboard: nginx's responses with the page, and the page in Chromium, with
# the gateway's status and with a status made by the test.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Relay;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

my $hash = 'sha256:' . sha256_hex('key');

$t->upstream(1, sub { {
    body => '{"usage":{"prompt_tokens":11,"completion_tokens":22}}',
} });

$t->write_file('policy.json', <<"EOP");
{ "version": 1, "default_tier": "free",
  "tiers": { "free": {
    "parameters": { "temperature": { "max": 1 } },
    "limits": { "requests_per_minute": 4 }
  } },
  "tenants": { "acme": { "tier": "free", "keys": [ "$hash" ] } } }
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_unmatched reject;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location /v1/ {
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /llm {
            llm_policy_dashboard;
        }

        location = /blank {
            default_type text/html;
            return 200 "<link rel=icon href=data:,>";
        }
    }
}

EOC

my $page = $t->get('/llm');

is($page->{status}, 200, 'the page');
is($page->header('Content-Type'), 'text/html; charset=utf-8', 'its type');
is($page->header('X-Content-Type-Options'), 'nosniff', 'no guess of it');
is($page->header('Referrer-Policy'), 'no-referrer', 'no referrer');
is($page->header('Cache-Control'), 'no-cache', 'revalidated each time');
is($page->header('Content-Length'), length $page->{body}, 'its length');

my $source = qr{'sha256-[\w+/]{43}='};

like($page->header('Content-Security-Policy'), qr/^
    default-src\ 'none';\ script-src\ $source;\ style-src\ $source;
    \ connect-src\ 'self';\ img-src\ data:;\ base-uri\ 'none';
    \ form-action\ 'none';\ frame-ancestors\ 'none';
    \ require-trusted-types-for\ 'script'$/x, 'its policy');

like($page->{body}, qr/The MIT License.*Leon Sorokin/s,
    'with the license of its code');
unlike($page->{body} =~ s/<script>.*//sr, qr{(?:src|href)="(?!data:)},
    'no links to other servers');

my $etag = $page->header('ETag');

like($etag, qr/^"[0-9a-f]{32}"$/, 'its tag');
is($t->get('/llm', 'If-None-Match' => $etag)->{status}, 304, 'not sent again');
is($t->get('/llm', 'If-None-Match' => q("other"))->{status}, 200,
    'sent again if it differs');
is($t->get('/llm?format=jso')->{body}, $page->{body}, 'no such format');

my $head = $t->request(HEAD => '/llm');

is("$head->{status} $head->{body}", '200 ', 'HEAD');
is($head->header('Content-Length'), length $page->{body}, 'HEAD, its length');

is($t->request($_ => '/llm')->{status}, 405, $_)
    for qw(POST PUT DELETE OPTIONS PATCH);

# Traffic for the first of the browser's tests.

$t->post('/v1/chat/completions', '{"temperature":1.9}',
    Authorization => 'Bearer key') for 1 .. 5;
$t->logged(qr/rate limit reached/);

local $ENV{TEST_DASHBOARD} = 'http://127.0.0.1:' . $t->port(0);
relay('node', '--test-reporter=tap', "$FindBin::Bin/dashboard.test.js");

$t->done;
