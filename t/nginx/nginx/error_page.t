#!/usr/bin/perl

# error_page: pages for failed upstreams work, and the body of a request that
# failed before a decision is never forwarded, whatever the error page does.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { status => 429 } });
my $fallback = $t->upstream(2, sub { {} });

$t->write_file('error.html', 'the page');
$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": 1 } } } },
  "routes": [
    { "path": "~/chat$", "dialect": "openai.chat" },
    { "path": "~/pass$", "action": "pass" }
  ]
}
EOF

$t->run(gateway(http2 => 1, http => 'client_max_body_size 1k;',
    server => <<'EOF'));

location /static/ {
    error_page 400 401 403 413 415 429 500 502 /error.html;
    proxy_intercept_errors on;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /static/down/ {
    error_page 502 /error.html;
    proxy_pass http://127.0.0.1:%%PORT_dead%%;
}

location /uri/ {
    error_page 400 413 429 /fallback;
    proxy_intercept_errors on;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /named/ {
    error_page 400 413 429 @fallback;
    proxy_intercept_errors on;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /named/off/ {
    error_page 400 413 429 @off;
    proxy_intercept_errors on;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /named/file/ {
    client_body_in_file_only clean;
    error_page 400 413 429 @fallback;
    proxy_intercept_errors on;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /denied/ {
    deny all;
    error_page 403 /fallback;
}

location /denied/named/ {
    deny all;
    error_page 403 @fallback;
}

location /late/ {
    llm_policy off;
    error_page 502 @fallback;
    proxy_pass http://127.0.0.1:%%PORT_dead%%;
}

location /post/ {
    post_action @off;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /post/file/ {
    client_body_in_file_only clean;
    post_action @off;
    proxy_pass http://%%UPSTREAM_1%%;
}

location = /error.html {
    root %%TESTDIR%%;
}

location = /fallback {
    proxy_pass http://%%UPSTREAM_2%%;
}

location @fallback {
    proxy_pass http://%%UPSTREAM_2%%;
}

location @off {
    llm_policy off;
    proxy_pass http://%%UPSTREAM_2%%;
}

EOF

my $body = '{"temperature":1.9}';
my $edited = '{"temperature":1}';
my $in_file = $t->edited('{"temperature":1<.9>}', 1);

# A static page; the connection remains open.

my $client = $t->client;

for my $case ([ 'static', 429 ], [ 'static/down', 502 ]) {
    my ($where, $status) = @$case;

    for my $chunks (undef, [ 5 ]) {
        $client->request('POST', "/$where/chat", $body, chunks => $chunks);

        my $r = $client->response;
        is($r->{status}, $status, $where);
        is($r->{body}, 'the page', "$where: page");
    }
}

my $h2 = $t->http2(1);
my $r = $h2->response($h2->request('POST', '/static/down/chat', $body));
is("$r->{status} $r->{body}", '502 the page', 'HTTP/2, page');

# The API's own errors are not replaced.

$up->clear;

for my $case (
    [ 400, $body, 'X-Http-Method' => 'GET' ],
    [ 400, '{' ],
    [ 400, '{"temperature":"1"}' ],
    [ 415, $body, 'Content-Type' => 'text/plain' ],
) {
    my ($status, $body, %fields) = @$case;
    my $r = $t->post('/static/chat', $body, %fields);

    is($r->{status}, $status, "refused with $status");
    like($r->{body}, qr/^\{"error":/, "refused with $status: no page");
}

is($up->count, 0, 'nothing sent');

# A refusal has its own status if the error page has a policy.

is($t->post('/late/chat', '{"temperature":"1"}')->{status}, 400,
    'refused for an error page');
is($fallback->count, 0, 'nothing sent');

# A body with a decision is forwarded, if it is still the same request; after a
# redirect to a URI it is another one, without a body.

$t->post('/named/chat', $body);
$t->is_sent($up, $edited, 'upstream');
$r = $t->is_sent($fallback, $edited, 'named');
is($r->{method}, 'POST', 'named: method');

$t->post('/named/file/chat', $body);
$t->is_sent($up, $in_file, 'upstream');
$t->is_sent($fallback, $in_file, 'named, file');

$t->post('/named/pass', 'anything');
$t->is_sent($up, 'anything', 'upstream');
$t->is_sent($fallback, 'anything', 'named, not policed');

$t->post('/uri/chat', $body);
$t->is_sent($up, $edited, 'upstream');
$r = $t->is_sent($fallback, '', 'URI');
is($r->{method}, 'GET', 'URI: method');

$t->post('/uri/pass', 'anything');
$t->is_sent($up, 'anything', 'upstream');
$t->is_sent($fallback, '', 'URI, not policed');

# It may be redirected before it is read.

$client = $t->client;

for my $chunks (undef, [ 5 ]) {
    $client->request('POST', '/denied/named/chat', $body, chunks => $chunks);
    is($client->response->{status}, 403, 'not authorized, named');
    $t->is_sent($fallback, $edited, 'not authorized, named');

    $client->request('POST', '/denied/chat', $body, chunks => $chunks);
    is($client->response->{status}, 403, 'not authorized, URI');
    $t->is_sent($fallback, '', 'not authorized, URI');
}

my $long = '{"stop":"' . 'x' x 2000 . '","temperature":1.9}';

for my $where ('named', 'named/off', 'uri') {
    is($t->post("/$where/chat", $long)->{status}, 413, "too large, $where");
    $t->is_sent($fallback, '', "too large, $where");
}

# An incomplete body is never forwarded.

my $head = "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n";
my $bad = sprintf "%x\r\n%s\r\nx\r\n", length $body, $body;
my $large = LLMPolicy::Client::chunked('{"stop":"' . 'x' x 2000 . '"}', 500);

for my $where (qw(named named/off named/file uri static)) {
    for my $case ([ 'bad chunk', 400, $bad ], [ 'too large', 413, $large ]) {
        my ($name, $status, $chunks) = @$case;

        for my $late (0, 1) {
            my $client = $t->client;
            my $start = "POST /$where/chat $head";

            $client->send_pieces(1, $late ? ($start, $chunks)
                : $start . $chunks);
            $r = $client->response;

            is($r->{status}, $status, "$where, $name: refused");
            ok($client->at_end, "$where, $name: closed");

            next if $where eq 'static';
            $t->is_sent($fallback, '', "$where, $name: sent on");
        }
    }
}

for my $where (qw(named named/off named/file uri)) {
    my $h2 = $t->http2(1);

    my $id = $h2->request('POST', "/$where/chat", $long, cut => [ 1000 ],
        length => 0, pause => 1);
    is($h2->response($id)->{status}, 413, "$where, HTTP/2: refused");
    $t->is_sent($fallback, '', "$where, HTTP/2: sent on");

    $id = $h2->request('POST', "/$where/chat", $body);
    $h2->response($id);
    $up->clear;
    $fallback->wait_for(1);
    $fallback->clear;
}

is($up->count, 0, 'nothing else sent');

# The same for actions after the request.

$t->post('/post/chat', $body);
$t->is_sent($up, $edited, 'upstream');
$t->is_sent($fallback, $edited, 'post_action');

$t->post('/post/file/chat', $body);
$t->is_sent($up, $in_file, 'upstream');
$t->is_sent($fallback, $in_file, 'post_action, file');

$t->post('/post/chat', '{"temperature":"1"}');
$t->is_sent($fallback, '', 'post_action of a refused request');

is($up->count, 0, 'nothing else sent');
is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $fallback;

$t->done;
