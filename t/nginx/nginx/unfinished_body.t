#!/usr/bin/perl

# A body that is still being sent on a route that passes, when its upstream
# turns out to be dead: the error page has a policy, and gets the request
# without a body, at once.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";

use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => 'error page' } });

$t->write_file('policy.json', <<'EOF');
{ "version": 1, "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": 1 } } } },
  "routes": [ { "path": "/pass", "action": "pass" } ] }
EOF

$t->run(<<'EOC');
%%GLOBALS%%
load_module %%MODULE%%;
events {}
http {
    %%GLOBALS_HTTP%%
    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_http2%% http2;

        location /pass {
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            error_page 502 /error;
        }

        location /error {
            proxy_pass http://%%UPSTREAM%%;
            proxy_http_version 1.1;
        }
    }
}
EOC

my %framing = (
    chunked => [ "5\r\nhello\r\n", 'Transfer-Encoding' => 'chunked' ],
    length => [ 'hello', 'Content-Length' => 10 ],
);

for my $name (sort keys %framing) {
    my ($start, %fields) = @{ $framing{$name} };
    my $client = $t->client;

    $up->clear;
    $client->request('POST', '/pass', '', 'Content-Length' => undef, %fields);
    $client->send($start);

    answered($name, $client->next_response);
}

for my $length (0, 1) {
    my $name = 'HTTP/2, ' . ($length ? 'length' : 'no length');
    my $http2 = $t->http2('http2');

    $up->clear;
    my $id = $http2->request('POST', '/pass', 'x' x 100, length => $length,
        unfinished => 1);

    answered($name, $http2->response($id));
}

$t->done;

sub answered {
    my ($name, $r) = @_;

    is("$r->{status} $r->{body}", '502 error page', "$name, answered");
    is($up->last->{body}, '', "$name, no body");
    is($up->last->header('Transfer-Encoding'), undef, "$name, no chunks");
}
