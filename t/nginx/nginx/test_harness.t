#!/usr/bin/perl

# The harness without the module: it reports the known behavior of plain nginx,
# and finds everything that a test must not leave behind.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

my $up = $t->upstream(1, sub {
    my ($request) = @_;

    return { close => 1 } if $request->{uri} eq '/close';
    return LLMPolicy::Answer::chat($request);
});

my $busy = $t->upstream(2, sub { { status => 503 } });

my $conf = <<'EOF';
%%GLOBALS%%

events {
}

http {
    %%GLOBALS_HTTP%%

    upstream twice {
        server %%UPSTREAM_2%%;
        server %%UPSTREAM%% backup;
    }

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_http2%% http2;

        client_max_body_size 4m;
        client_body_buffer_size 1k;
        proxy_next_upstream http_503 non_idempotent;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /retry {
            proxy_pass http://twice;
        }

        location /refused {
            return 429;
        }
    }
}
EOF

like($t->config_errors("nonsense;\n$conf"),
    qr/unknown directive "nonsense" in .*nginx\.conf:1\n/,
    'a configuration that is wrong');
is($t->config_errors($conf), '', 'a configuration that is right');

$t->run($conf);

# HTTP/1.1 in all framings, and the requests at the upstream

my $body = qq({"temperature" :0.10, "a": "\\u00e9 \xc3\xa9 2.50" }\r\n);

for my $options ([], [ chunks => [ 1, 2, 30 ] ]) {
    $up->clear;

    like($t->post('/a?b', $body, @$options)->{body},
        qr/"temperature: 0\.10"/, 'a number, unchanged');

    my ($seen) = $up->requests;
    is($seen->{body}, $body, 'the bytes of the body');
    like($seen->{start}, qr{^POST /a\?b HTTP/1\.[01]$}, 'the first line');
    is($seen->header('content-length'), length $body, 'the length');
}

like($t->post('/', '{"stream": true}')->{body},
    qr/^data: .*"none".*\ndata: \[DONE\]\n\n$/s, 'a streamed response');
is($t->post('/', '{"temperature": }')->{status}, 400, 'no JSON');
is($t->post('/close', '{}')->{status}, 502, 'no response');

$up->clear;
is($t->post('/retry', '{}')->{status}, 200, 'answered by the second');
is($busy->last->{raw}, $up->last->{raw}, 'both got the same');

my $client = $t->client;

$client->send_pieces(1, split //, LLMPolicy::Client::request_bytes('POST', '/',
    '{}', Expect => '100-continue'));
is($client->next_response->{status}, 100, 'continue');
is($client->next_response->{status}, 200, 'final');
ok(!$client->at_end(0.1), 'the connection stays');

$client->request('POST', '/refused', '{}', Connection => 'close');
is($client->response->{status}, 429, 'refused on the same connection');
ok($client->at_end, 'the connection is closed');

# HTTP/2: small frames, more than a window, and without a length

my $http2 = $t->http2('http2');
my $large = '{"a": "' . 'x' x 300_000 . '"}';

for my $options ([ cut => [ 1, 0, 2 ] ], [ length => 0, empty_end => 1 ]) {
    $up->clear;
    is($http2->response($http2->request('POST', '/', $large, @$options))
        ->{status}, 200, 'status over HTTP/2');
    is($up->last->{body}, $large, 'body over HTTP/2');
}

my $refused = $http2->response($http2->request('GET', '/refused'));
is($refused->{status}, 429, 'a status that is not in the table');
is(defined $refused->{reset}, '', 'not reset');

# reloads

my ($old) = $t->workers;
ok($t->reload, 'reload');
isnt(($t->workers)[0], $old, 'a new worker');

ok(!$t->reload('nonsense;'), 'refused reload');
like(join('', $t->unwanted), qr/^[^\n]*\[emerg\][^\n]*"nonsense"[^\n]*\n$/,
    'it is an unwanted line');

$t->excuse(qr/"nonsense"/);
is(join('', $t->unwanted), '', 'until it is excused');

# the report of a sanitizer, as it is written to error.log

is($t->sanitizer_reports, '', 'no report');

my $log = $t->error_log;
$t->write_file('error.log', "a.c:1:2: runtime error: left shift\n$log");
like($t->sanitizer_reports, qr/runtime error: left shift\n/, 'a report');
$t->write_file('error.log', $log);

$t->done;
