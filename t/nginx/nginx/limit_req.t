#!/usr/bin/perl

# limit_req precedes the policy: a request over the limit sends no body, and a
# delayed one is decided on after the delay.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json', one_tier('"temperature": { "max": 1 }',
    '~/chat$' => 'openai.chat'));

$t->run(gateway(http2 => 1, http => <<'EOH', server => <<'EOF'));

limit_req_zone $uri zone=delay:1m rate=2r/s;
limit_req_zone $uri zone=reject:1m rate=1r/m;

EOH

location /delay/ {
    limit_req zone=delay burst=10;
    proxy_pass http://%%UPSTREAM%%;
}

location /delay/file/ {
    client_body_in_file_only clean;
    limit_req zone=delay burst=10;
    proxy_pass http://%%UPSTREAM%%;
}

location /reject/ {
    limit_req zone=reject;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $body = '{"temperature":1.9}';
my %edited = (
    '/delay/chat' => '{"temperature":1}',
    '/delay/file/chat' => $t->edited('{"temperature":1<.9>}', 1),
);

# The body arrives before or after the end of the delay.  A request is delayed
# if it arrives within half a second of the last one.

for my $uri (sort keys %edited) {
    $t->post($uri, $body);
    $t->is_sent($up, $edited{$uri}, "$uri: not delayed");

    for my $pause (1, 600) {
        my $client = $t->client;
        $client->request('POST', $uri, substr($body, 0, 10),
            'Content-Length' => length $body);
        LLMPolicy::Stream::pause($pause);
        $client->send(substr $body, 10);
        is($client->response->{status}, 200, "$uri: answered");
        $t->is_sent($up, $edited{$uri}, "$uri: body after $pause ms");

        my $h2 = $t->http2(1);
        my $id = $h2->request('POST', $uri, $body, cut => [ 10 ],
            pause => $pause);
        is($h2->response($id)->{status}, 200, "$uri, HTTP/2: answered");
        $t->is_sent($up, $edited{$uri}, "$uri, HTTP/2: body after $pause ms");
    }
}

like($t->error_log, qr/\[warn\].* delaying request/, 'delayed');

$t->post('/reject/chat', $body);
$t->is_sent($up, '{"temperature":1}', 'within the limit');

my $client = $t->client;
$client->request('POST', '/reject/chat', '', Expect => '100-continue',
    'Content-Length' => length $body);
is($client->next_response->{status}, 503, 'over the limit');
is($up->count, 0, 'over the limit: not sent');

$t->done;
