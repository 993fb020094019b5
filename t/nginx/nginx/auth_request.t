#!/usr/bin/perl

# auth_request: the tier comes from the response to a subrequest, which is made
# before the body is read and has no body.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;

# the key is the tier; an empty one is refused, and the response for the slow
# one is delayed

my $auth = $t->upstream(2, sub {
    my ($request) = @_;
    my ($key) = ($request->header('Authorization') // '') =~ /^Bearer (\w+)$/;

    return { status => 401 } if !$key;
    return {
        status => 204, headers => { 'X-Tier' => $key },
        delay => $key eq 'slow' ? 20 : 0,
    };
});

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "parameters": { "temperature": { "max": 0.5 } } },
    "slow": { "parameters": { "temperature": { "max": 1 } } },
    "pro": { "parameters": { "temperature": { "max": 1.5 } } }
  }
}
EOF

$t->run(gateway(http2 => 1, server => <<'EOF'));

llm_policy_tier $tier;

auth_request /auth;
auth_request_set $tier $upstream_http_x_tier;

location / {
    proxy_pass http://%%UPSTREAM_1%%;
}

location /v1/completions {
    client_body_in_file_only clean;
    proxy_pass http://%%UPSTREAM_1%%;
}

location = /auth {
    internal;
    auth_request off;
    proxy_pass http://%%UPSTREAM_2%%;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}

EOF

my $body = '{"temperature":1.9}';
my %sent = (free => '0.5', slow => '1', pro => '1.5');

for my $tier (sort keys %sent) {
    my $memory = qq({"temperature":$sent{$tier}});
    my $file = $t->edited(
        $memory =~ s/\}/'<' . ' ' x (3 - length $sent{$tier}) . '>}'/er, 1);

    my %expected = (
        '/v1/chat/completions' => $memory, '/v1/completions' => $file,
    );

    for my $uri (sort keys %expected) {
        my $expected = $expected{$uri};
        my %key = (Authorization => "Bearer $tier");

        $t->post($uri, $body, %key);
        $t->is_sent($up, $expected, "$tier, length");

        $t->post($uri, $body, %key, chunks => [ 16 ]);
        $t->is_sent($up, $expected, "$tier, chunked");

        my $client = $t->client;
        $client->request('POST', $uri, '', %key, Expect => '100-continue',
            'Content-Length' => length $body);
        is($client->next_response->{status}, 100, "$tier, continue");
        $client->send_pieces(0.2, split //, $body);
        $client->response;
        $t->is_sent($up, $expected, "$tier, late");

        for my $length (1, 0) {
            my $h2 = $t->http2(1);
            $h2->response($h2->request('POST', $uri, $body, cut => [ 16 ],
                pause => 1, length => $length,
                headers => { authorization => "Bearer $tier" }));
            $t->is_sent($up, $expected, "$tier, HTTP/2");
        }
    }
}

is(scalar(grep { $_->{body} ne '' } $auth->requests), 0,
    'auth requests have no body');

# A request that is not authorized is not requested to send its body.

my $client = $t->client;
$client->request('POST', '/v1/chat/completions', '', Expect => '100-continue',
    'Content-Length' => length $body);
is($client->next_response->{status}, 401, 'not authorized');
is($up->count, 0, 'nothing sent');

# An authorized request may still be refused.

my $r = $t->post('/v1/chat/completions', '{"temperature":"hot"}',
    Authorization => 'Bearer pro');
is($r->{status}, 400, 'refused');
is($up->count, 0, 'nothing sent');

# A tier that is not in the policy is replaced by the default one.

$t->post('/v1/chat/completions', $body, Authorization => 'Bearer gold');
is($up->last->{body}, '{"temperature":0.5}', 'default tier');
ok($t->logged(qr/\[warn\].*tier "gold" is not defined, using "free"/),
    'with a warning');

is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $auth;

$t->done;
