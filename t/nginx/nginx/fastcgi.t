#!/usr/bin/perl

# fastcgi_pass: CONTENT_LENGTH and standard input are those of the edited body,
# also for a repeated request.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

# each first try is repeated

my $first = $t->fastcgi(1, sub { { status => 503 } });
my $second = $t->fastcgi(2);

$t->write_file('policy.json', one_tier(<<'EOF', '~/chat$' => 'openai.chat'));
"temperature": { "default": 0.7, "max": 1 },
"presence_penalty": { "min": -0.25 },
"/user": { "remove": true }
EOF

$t->run(gateway(http2 => 1, http => <<'EOH', server => <<'EOF'));

upstream u {
    server %%UPSTREAM_1%% max_fails=0;
    server %%UPSTREAM_2%% backup;
}

fastcgi_next_upstream http_503 non_idempotent;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;

client_body_buffer_size 1m;
llm_policy_hold 1m;

EOH

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
            is_sent($where, $after, "$where, $size");

            # a streamed body has its length only if all of it arrives at once

            $t->post("/$where/chat", $before, chunks => [ 7 ]);
            is_sent($where, $after, "$where, $size, chunked",
                $t->streams && $where eq 'streamed' ? 'any' : length $after);

            my $h2 = $t->http2(1);
            $h2->response($h2->request('POST', "/$where/chat", $before,
                length => 0));
            is_sent($where, $after, "$where, $size, HTTP/2 without length",
                $t->streams && $where eq 'streamed' ? '' : length $after);
        }
    }
}

is($t->post('/memory/chat', '{"temperature":"1"}')->{status}, 400, 'refused');
is($first->count, 0, 'refused: not sent');

is($_->cut_requests, 0, 'each request ended with its body')
    for $first, $second;

$t->done;

sub is_sent {
    my ($where, $body, $name, $length) = @_;
    my $tries = tries($first);

    $length //= length $body;
    $length = $tries->[0][1] eq '' ? '' : length $body if $length eq 'any';

    my $expected = [ LLMPolicy::Test::squeezed($body), $length, length $body ];

    is_deeply($tries, [ $expected ], "$name, first try");

    # nginx repeats only requests that it keeps

    return if $t->streams && $where eq 'streamed' && !$second->count;

    is_deeply(tries($second), [ $expected ], "$name, second try");
}

sub tries {
    my ($server) = @_;
    my @tries = map { [
        LLMPolicy::Test::squeezed($_->{body}), $_->{params}{CONTENT_LENGTH},
        $_->{params}{HTTP_CONTENT_LENGTH} // length $_->{body},
    ] } $server->wait_for(1);

    $server->clear;

    return \@tries;
}
