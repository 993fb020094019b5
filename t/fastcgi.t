#!/usr/bin/perl

# fastcgi_pass: CONTENT_LENGTH and standard input tell of the edited body, also
# when it is sent again.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

# every other try is to be repeated

my $up = $t->fastcgi(1, sub { { status => $_[0]{n} % 2 ? 503 : 200 } });

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "default": 0.7, "max": 1 },
    "presence_penalty": { "min": -0.25 },
    "/user": { "remove": true }
  } } },
  "routes": [ { "path": "~/chat$", "dialect": "openai.chat" } ]
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    upstream u {
        server %%UPSTREAM%% max_fails=0;
        server %%UPSTREAM%% max_fails=0;
    }

    fastcgi_next_upstream http_503 non_idempotent;
    fastcgi_param REQUEST_METHOD $request_method;
    fastcgi_param CONTENT_TYPE $content_type;
    fastcgi_param CONTENT_LENGTH $content_length;

    client_body_buffer_size 1m;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        llm_policy on;
        llm_policy_file policy.json;

        location / {
            fastcgi_pass u;
        }

        location /streamed/ {
            fastcgi_request_buffering off;
            fastcgi_pass u;
        }

        location /file/ {
            client_body_in_file_only clean;
            fastcgi_pass u;
        }
    }
}

EOF

my @edits = (
    [ '{"stop":"...","temperature":1.9}',
        '{"stop":"...","temperature":1<.9>}' ],
    [ '{"stop":"..."}', '{"stop":"...","temperature":0.7}' ],
    [ '{"user":1,"temperature":null,"stop":"...","presence_penalty":-1}',
        '{<"user":1,>"temperature":0.7<l>,"stop":"...",'
            . '"presence_penalty":-0.25<-1>}' ],
    [ '{"stop":"...","temperature":1}', '{"stop":"...","temperature":1}' ],
);

for my $where (qw(memory streamed file)) {
    for my $edit (@edits) {

        # a record of FastCGI has up to 32 Kbytes here

        for my $size (10, 2000, 100_000) {
            my ($before, $after) = map { s/\.\.\./'x' x $size/er }
                $edit->[0], $t->edited($edit->[1], $where eq 'file');

            $t->post("/$where/chat", $before);
            is_sent($after, "$where, $size");

            $t->post("/$where/chat", $before, chunks => [ 7 ]);
            is_sent($after, "$where, $size, chunked");

            my $h2 = $t->http2(1);
            $h2->response($h2->request('POST', "/$where/chat", $before,
                length => 0));
            is_sent($after, "$where, $size, HTTP/2 without length");
        }
    }
}

is($t->post('/memory/chat', '{"temperature":"1"}')->{status}, 400, 'refused');
is($up->count, 0, 'refused: not sent');

is($up->cut_requests, 0, 'each request ended where its body did');

$t->done;

sub is_sent {
    my ($body, $name) = @_;
    my @tries = map { [
        LLMPolicy::Test::squeezed($_->{body}), $_->{params}{CONTENT_LENGTH},
        $_->{params}{HTTP_CONTENT_LENGTH} // length $body,
    ] } $up->wait_for(2);

    my $expected
        = [ LLMPolicy::Test::squeezed($body), length $body, length $body ];

    is_deeply(\@tries, [ $expected, $expected ], "$name, both tries");
    $up->clear;
}
