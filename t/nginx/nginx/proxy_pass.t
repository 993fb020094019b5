#!/usr/bin/perl

# The forms of proxy_pass, nginx's variables with an edited body, and locations
# without a policy.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json', one_tier(
    '"temperature": { "default": 0.7, "max": 1 }', '~/chat$' => 'openai.chat'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    upstream keepalive {
        server %%UPSTREAM%%;
        keepalive 1;
    }

    server {
        listen 127.0.0.1:%%PORT_0%%;

        # variables that are evaluated before the body is read

        set $early $content_length$http_content_length;
        set $early $request_body$request_body_file;

        llm_policy on;
        llm_policy_file policy.json;

        location /plain/ {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /uri/ {
            proxy_pass http://%%UPSTREAM%%/v1/;
        }

        location ~ ^/variable(/.*) {
            proxy_pass http://%%UPSTREAM%%/v1$1;
        }

        location /if/ {
            if ($request_method = POST) {
                proxy_pass http://%%UPSTREAM%%;
            }
        }

        location /limit_except/ {
            limit_except GET {
                allow all;
            }

            proxy_pass http://%%UPSTREAM%%;
        }

        location /keepalive/ {
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://keepalive;
        }

        location /headers/ {
            proxy_set_header Content-Length $content_length;
            proxy_set_header X-Length $http_content_length;
            proxy_set_header X-Body $request_body;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /body/ {
            proxy_set_body $request_body;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /none/ {
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://%%UPSTREAM%%;
        }

        location /off/ {
            llm_policy off;
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $edited = '{"temperature":1}';

my %paths = (
    '/plain/chat' => '/plain/chat',
    '/plain/chat?a=1' => '/plain/chat?a=1',
    '/uri/chat' => '/v1/chat',
    '/variable/chat' => '/v1/chat',
    '/if/chat' => '/if/chat',
    '/limit_except/chat' => '/limit_except/chat',
    '/keepalive/chat' => '/keepalive/chat',
);

for my $from (sort keys %paths) {
    for my $chunks (undef, [ 3 ]) {
        $t->post($from, '{"temperature":1.9}', chunks => $chunks);
        my $request = $t->is_sent($up, $edited, $from);
        is($request->{uri}, $paths{$from}, "$from: path");
    }
}

# Lengths on a kept connection to the upstream.

for my $body ('{}', '{"temperature":1.9}', $edited, '{"temperature":null}') {
    for my $chunks (undef, [ 1 ]) {
        $t->post('/keepalive/chat', $body, chunks => $chunks);
        $t->is_sent($up, $body eq '{}' || $body =~ /null/
            ? '{"temperature":0.7}' : $edited, "keepalive, $body");
    }
}

# Variables have the forwarded body.

for my $body ('{"temperature":1.9}', '{}') {
    my $expected = $body eq '{}' ? '{"temperature":0.7}' : $edited;

    $t->post('/headers/chat', $body);
    my $request = $t->is_sent($up, $expected, "variables, $body");
    is($request->header('X-Length'), length $expected, '$http_content_length');
    is($request->header('X-Body'), $expected, '$request_body');

    $t->post('/headers/chat', $body, chunks => [ 1 ]);
    $request = $t->is_sent($up, $expected, "variables, $body, chunked");
    is($request->header('X-Length'), undef, 'no $http_content_length');
    is($request->header('X-Body'), $expected, '$request_body');

    $t->post('/body/chat', $body);
    $t->is_sent($up, $expected, "proxy_set_body, $body");
}

$t->post('/none/chat', '{"temperature":1.9}');
$t->is_sent($up, '', 'proxy_pass_request_body off');

# Without a policy nothing is checked.

my $strange = "\0\xff\x{fe}{\"temperature\":1.9,\"temperature\":[1.9}";

for my $size (10, 30_000) {
    my $body = $strange . 'x' x $size;

    for my $port (0, 1) {
        for my $request (
            [ 'POST', '/off/v1/chat/completions' ],
            [ 'PUT', '/off/unknown', 'Content-Type' => 'text/plain' ],
            [ 'POST', '/off/%2e/c%68at', 'Content-Encoding' => 'gzip' ],
            [ 'GET', '/off/chat', chunks => [ 7, 1 ] ],
        ) {
            my ($method, $uri, %options) = @$request;
            my $client = $t->client($port);

            $client->request($method, $uri, $body, %options);
            is($client->response->{status}, 200, 'no policy');

            my $sent = $t->is_sent($up, $body, "$method $uri");
            is("$sent->{method} $sent->{uri}", "$method $uri", "$uri: as is");
        }
    }
}

is($up->cut_requests, 0, 'each request ended with its body');

$t->done;
