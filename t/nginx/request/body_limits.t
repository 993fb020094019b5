#!/usr/bin/perl

# nginx's limits, the scanner's limits, and a disk that cannot be written: a
# body without a decision is not forwarded.

use strict;
use warnings;

use File::Path ();
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json', one_tier(
    '"temperature": { "default": 0.7, "max": 1 }', '~/chat$' => 'openai.chat'));

$t->run(gateway(http2 => 1, http => 'client_max_body_size 1k;',
    server => <<'EOF'));

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /file/ {
    client_body_in_file_only clean;
    proxy_http_version 1.0;
    proxy_pass http://%%UPSTREAM%%;
}

location /redirect/ {
    try_files /none /memory/chat;
}

location /named/ {
    try_files /none @named;
}

location /unlimited/ {
    client_max_body_size 0;
    proxy_pass http://%%UPSTREAM%%;
}

location /down/ {
    proxy_pass http://127.0.0.1:%%PORT_dead%%;
}

location @named {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

# client_max_body_size applies to the client's body, without the policy's
# additions.

my ($fits, $large) = map { '{"stop":"' . 'x' x ($_ - 11) . '"}' } 1024, 1025;
my $grown = $fits =~ s/\}$/,"temperature":0.7}/r;

for my $where (qw(memory file)) {
    for my $chunks (undef, [ 1000 ]) {
        $t->post("/$where/chat", $fits, chunks => $chunks);
        $t->is_sent($up, $grown, "$where: as large as may be");

        is_refused(413, "/$where/chat", $large, chunks => $chunks);
    }

    for my $length (1, 0) {
        my $h2 = $t->http2(1);

        $h2->response($h2->request('POST', "/$where/chat", $fits,
            length => $length));
        $t->is_sent($up, $grown, "$where, HTTP/2: as large as may be");

        my $id = $h2->request('POST', "/$where/chat", $large,
            length => $length);
        is($h2->response($id)->{status}, 413, "$where, HTTP/2: too large");
    }
}

# After a redirect, nginx checks the larger body again; a streamed one has not
# grown at that time.

$t->post('/named/chat', $fits);
$t->is_sent($up, $grown, 'grown, named location');

if ($t->streams) {
    $t->post('/redirect/chat', $fits);
    $t->is_sent($up, $grown, 'as large as may be, redirect');

} else {
    is_refused(413, '/redirect/chat', $fits);
}

my $less = $fits =~ s/x{18}//r;
$t->post('/redirect/chat', $less);
$t->is_sent($up, $less =~ s/\}$/,"temperature":0.7}/r, 'grown, redirect');

# The scanner's limits.

my %beyond = (
    depth => '{"a":' . '[' x 64 . ']' x 64 . '}',
    members => '{' . join(',', map { "\"$_\":0" } 1 .. 16385) . '}',
    'requests of a batch' => '{"instances":['
        . join(',', ('{"temperature":1}') x 4096) . ']}',
);

for my $what (sort keys %beyond) {
    is_refused(400, '/unlimited/chat', $beyond{$what});
}

$t->post('/unlimited/chat', '{"a":' . '[' x 63 . ']' x 63 . '}');
is($up->count, 1, 'not beyond');
$up->clear;

# An upstream that is down.

my $client = $t->client;

for my $chunks (undef, [ 100 ]) {
    $client->request('POST', '/down/chat', $fits, chunks => $chunks);
    is($client->response->{status}, 502, 'upstream down');
}

$client->request('POST', '/memory/chat', '{}');
is($client->response->{status}, 200, 'the connection is usable');
$t->is_sent($up, '{"temperature":0.7}', 'the connection is usable: sent');

# No folder for files: nginx responds by itself.  A streamed body without a
# length for an upstream of HTTP/1.0 is kept in a file, too.

File::Path::remove_tree($t->testdir . '/client_body');
$t->excuse(qr/open\(\) ".*client_body.*" failed/);

is_refused(500, '/file/chat', '{}', chunks => $t->streams ? [ 1 ] : undef);

is($up->count, 0, 'nothing else sent');
$t->is_whole($up);

$t->done;

sub is_refused {
    my ($status, $uri, $body, %options) = @_;

    is($t->post($uri, $body, %options)->{status}, $status, "$uri: $status");
    is($up->count, 0, "$uri: not sent");
}
