#!/usr/bin/perl

# dav_methods PUT, which moves the file that contains the body: it works on a
# route that passes, and is refused on a policed one.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": 1 } } } },
  "routes": [ { "path": "~^/files/", "action": "pass" } ]
}
EOF

$t->run(gateway(http2 => 1, server => <<'EOF'));

root %%TESTDIR%%/root;
dav_methods PUT;
create_full_put_path on;

EOF

my $body = "\0{\"temperature\":1.9,\n";

for my $size (0, 30_000) {
    my $content = $body . 'x' x $size;

    $t->request('PUT', '/files/length', $content);
    $t->request('PUT', '/files/chunked', $content, chunks => [ 1, 5, 900 ]);

    my $h2 = $t->http2(1);
    $h2->response($h2->request('PUT', '/files/http2', $content, cut => [ 3 ],
        length => 0));

    for my $name (qw(length chunked http2)) {
        ok($t->read_file("root/files/$name") eq $content, "$name, $size");
    }
}

for my $uri ('/v1/chat/completions', '/unknown') {
    my $r = $t->request('PUT', $uri, '{"temperature":0}');

    is($r->{status}, 403, "$uri: refused");
    ok(!-e $t->testdir . "/root$uri", "$uri: no file");
}

$t->done;
