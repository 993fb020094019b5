#!/usr/bin/perl

# HTTP/2: bodies with and without content-length, DATA frames cut at will.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

use constant { DATA => 0, RST_STREAM => 3, END_STREAM => 1, PADDED => 8 };

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;

$t->write_file('policy.json', one_tier(<<'EOF'));
"temperature": { "default": 0.7, "max": 1 },
"logit_bias": { "deny": true }
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%% http2;

        llm_policy on;
        llm_policy_file policy.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            client_body_in_file_only clean;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $chat = '/v1/chat/completions';
my $file = '/v1/completions';
my $body = '{"stop":"x","temperature":1.9}';
my $edited = '{"stop":"x","temperature":1}';
my $in_file = $t->edited('{"stop":"x","temperature":1<.9>}', 1);

my $h2 = $t->http2;

my %framings = (
    'a frame' => {},
    'a frame and an empty one' => { empty_end => 1 },
    'a byte a frame' => { cut => [ (1) x length $body ] },
    'a byte a frame, late' => { cut => [ (1) x length $body ], pause => 0.5 },
    'empty frames between' => { cut => [ 0, 0, 10, 0, 17 ], pause => 0.5 },
    'late and empty' => { cut => [ 28 ], pause => 0.5, empty_end => 1 },
);

for my $how (sort keys %framings) {
    for my $length (1, 0) {
        my %options = (%{ $framings{$how} }, length => $length);
        my $name = $how . ($length ? '' : ', no length');

        is_sent($name, $edited, $chat, $body, %options);
        is_sent("$name, file", $in_file, $file, $body, %options);
        is_sent("$name, grown", '{"temperature":0.7}', $chat, '{}', %options);
        is_sent("$name, unchanged", $edited, $chat, $edited, %options);
    }
}

# cut in two anywhere, while another body arrives

for my $i (0 .. length $body) {
    my $slow = $h2->request('POST', $chat, $body, cut => [ $i ],
        unfinished => 1);
    is_sent("another stream, $i", $edited, $chat, $body, cut => [ $i ]);

    $h2->data($slow, '', 1);
    is($h2->response($slow)->{status}, 200, "another stream, $i: ended");
    $t->is_sent($up, $edited, "another stream, $i: edited");
}

# padding is not part of the body

my $id = $h2->request('POST', $chat, '', unfinished => 1, length => 0);
$h2->frame(DATA, PADDED, $id, "\5" . substr($body, 0, 27) . "12345");
$h2->frame(DATA, PADDED | END_STREAM, $id, "\2" . substr($body, 27) . "12");
is($h2->response($id)->{status}, 200, 'padded');
$t->is_sent($up, $edited, 'padded: edited');

# larger than any window

my $large = '{"stop":"' . 'x' x 900_000 . '","temperature":1.9}';
my $large_edited = $t->edited($large =~ s/1\.9/1<.9>/r, 1);

for my $length (1, 0) {
    is_sent('large', $large_edited, $chat, $large, length => $length);
}

# Refusals, of the body and of the head; later streams are not affected.

for my $length (1, 0) {
    my %length = (length => $length);

    is_refused('denied', 400, $chat, '{"logit_bias":{}}', %length);
    is_refused('not JSON', 400, $chat, 'x' x 70_000, %length);
    is_refused('cut short', 400, $file, '{"temperature":1.', %length);
    is_refused('unknown route', 403, '/v1/unknown', $body, %length);
    is_refused('wrong content-type', 415, $chat, $large, %length,
        headers => { 'content-type' => 'text/plain' });
}

$id = $h2->request('POST', '/v1/unknown', $body, cut => [ 5 ], unfinished => 1);
is($h2->response($id)->{status}, 403, 'refused before the body');
$h2->frame(DATA, 0, $id, substr $body, 5, 10);
$h2->frame(DATA, END_STREAM, $id, substr $body, 15);
is_sent('after an early refusal', $edited, $chat, $body);

# A body that does not end, or not as announced, is not forwarded.

$id = $h2->request('POST', $chat, $body, unfinished => 1);
$h2->frame(RST_STREAM, 0, $id, pack 'N', 8);
is_sent('after a stream that was reset', $edited, $chat, $body);

for my $length (0, 10, length($body) - 1, 1 + length $body, 100) {
    my $id = $h2->request('POST', $chat, $body,
        headers => { 'content-length' => $length });

    is($h2->response($id)->{status}, 400, "content-length $length");
    $t->is_unsent($up, "content-length $length: not forwarded");
}

is($h2->goaway, undef, 'one connection for it all');
$t->is_whole($up);

$t->done;

sub is_sent {
    my ($name, $expected, $path, $body, %options) = @_;

    my $id = $h2->request('POST', $path, $body, %options);

    is($h2->response($id)->{status}, 200, $name);
    $t->is_sent($up, $expected, "$name: sent");
}

sub is_refused {
    my ($name, $status, $path, $body, %options) = @_;
    my $id = $h2->request('POST', $path, $body, %options);
    my $response = $h2->response($id);

    is($response->{status}, $status, $name);
    like($response->{body}, qr/^\{"error":/, "$name: the API's own shape");
    is($up->count, 0, "$name: not forwarded");
}
