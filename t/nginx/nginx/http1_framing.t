#!/usr/bin/perl

# The framings of a body in HTTP/1.  The upstream always gets a length: that of
# the forwarded body.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;

$t->write_file('policy.json', one_tier(
    '"temperature": { "default": 0.7, "max": 1 }'));

$t->run(gateway(server => <<'EOF'));

add_header X-Status $llm_status always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /v1/completions {
    client_body_in_file_only clean;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $uri = '/v1/chat/completions';
my $edited = '{"stop":"x","temperature":1}';
my $long = '{"stop":"' . 'x' x 20_000 . '","temperature":1.9}';
my $long_edited = $t->edited($long =~ s/1\.9/1<.9>/r, 1);

# Content-Length

$t->post($uri, '{"stop":"x","temperature":1.9}');
$t->is_sent($up, $edited, 'length, edited');

$t->post($uri, '{"stop":"x"}');
$t->is_sent($up, '{"stop":"x","temperature":0.7}', 'length, grown');

$t->post($uri, $edited);
$t->is_sent($up, $edited, 'length, unchanged');

my $client = $t->client;
$client->send("POST $uri HTTP/1.0\r\nContent-Type: application/json\r\n"
    . "Content-Length: 19\r\n\r\n" . '{"temperature":1.9}');
is($client->response->{status}, 200, 'HTTP/1.0');
$t->is_sent($up, '{"temperature":1}', 'HTTP/1.0, edited');

# chunked

$t->post($uri, '{"stop":"x","temperature":1.9}', chunks => [ 3, 1, 11, 1, 1 ]);
$t->is_sent($up, $edited, 'chunked, edited');

$t->post($uri, '{"stop":"x"}', chunks => [ 11 ]);
$t->is_sent($up, '{"stop":"x","temperature":0.7}', 'chunked, grown');

$t->post($uri, $edited, chunks => []);
$t->is_sent($up, $edited, 'chunked, unchanged');

$t->post($uri, $long, chunks => [ 1, 4095, 4096, 4097, 7711, 20, 1, 1 ]);
$t->is_sent($up, $long_edited, 'chunked, in a file');

$client = $t->client;
$client->send(LLMPolicy::Client::request_bytes('POST', $uri, '', chunks => [])
    =~ s/0\r\n\r\n$//r . join "\r\n", '00A; a="b"', '{"stop":"x',
    '12;c', '","temperature":1.', '2', '9}', '000', 'Temperature: 2', '', '');
is($client->response->{status}, 200, 'extensions and a trailer');
my $request = $t->is_sent($up, $edited, 'extensions and a trailer, edited');
is($request->header('Temperature'), undef, 'the trailer is not sent');

# bodies without a byte: no decision is necessary

for my $uri ($uri, '/v1/completions') {
    for my $empty ([], [ '' ], [ '', chunks => [] ]) {
        my $r = $t->post($uri, @$empty);
        $t->is_sent($up, '', 'no body');
        is($r->header('X-Status'), 'bypassed', 'no body, no decision');
    }
}

# Expect: the body is requested, and sent afterwards

$client = $t->client;
$client->request('POST', $uri, '', Expect => '100-continue',
    'Content-Length' => length $long);
is($client->next_response->{status}, 100, 'continue');
is($up->count, 0, 'nothing is sent before the whole body');
$client->send($long);
is($client->next_response->{status}, 200, 'continued');
$request = $t->is_sent($up, $long_edited, 'edited after 100');
is($request->header('Expect'), undef, 'Expect is not sent');

is($up->cut_requests, 0, 'each request ended with its body');

$t->done;
