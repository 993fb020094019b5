#!/usr/bin/perl

# A redirect to a location with another tier and the same limits: the response
# of the second is charged to them, also if the client closes before the end of
# the response.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Stream;
use LLMPolicy::Test;

use constant { TOKENS => 100_000, OUTPUT => 1000, TEXT => 400 };

my $uri = '/v1/chat/completions';
my $body = '{"max_tokens":' . OUTPUT . '}';
my $prompt = int((length($body) + 3) / 4);
my $text = '{"choices":[{"message":{"content":"' . 'x' x TEXT;
my $wait = 20_000;

my $t = LLMPolicy::Test->new;

$t->upstream(1, sub { { status => 503 } });

my $up = $t->upstream(2, sub {
    my ($request) = @_;
    my %headers = ('Content-Type' => 'application/json');

    if ($request->{raw} =~ /^X-User: whole\r$/m) {
        return { headers => \%headers, body => '{"usage":{"total_tokens":7}}' };
    }

    if ($request->{raw} =~ /^X-User: compressed\r$/m) {
        $headers{'Content-Encoding'} = 'br';
    }

    return { headers => \%headers, chunks => [ $text, \$wait, '"}}]}' ] };
});

$t->write_file('policy.json', <<"EOP");
{
  "version": 1,
  "default_tier": "one",
  "tiers": {
    "one": { "limits": { "tokens_per_day": @{[ TOKENS ]} } },
    "two": { "parameters": { "temperature": { "max": 1 } },
             "limits": { "tokens_per_day": @{[ TOKENS ]} } }
  }
}
EOP

$t->run(gateway(main => 'worker_processes 1;', http => <<'EOH',

llm_policy_limit_key $http_x_user;

server {
    listen 127.0.0.1:%%PORT_2%%;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_limit_headers on;

    location / {
        proxy_pass http://%%UPSTREAM%%;
    }
}

EOH
    server => <<'EOF'));

location / {
    proxy_pass http://%%UPSTREAM%%;
    proxy_intercept_errors on;
    error_page 503 = @two;
}

location @two {
    llm_policy_tier two;
    proxy_pass http://%%UPSTREAM_2%%;
}

EOF

my @cases = (
    [ 'readable', int(TEXT / 4) ],
    [ 'compressed', OUTPUT ],
);

for my $case (@cases) {
    my ($user, $completion) = @$case;
    my $client = $t->client;

    $client->request('POST', $uri, $body, 'X-User' => $user);
    $up->wait_for(1);
    LLMPolicy::Stream::pause(100);
    $client->close;
    LLMPolicy::Stream::pause(100);

    is(charged($user), $prompt + $completion, "$user: closed by the client");
    $up->clear;
}

is($t->request('POST', $uri, $body, 'X-User' => 'whole')->{status}, 200,
    'whole: forwarded');
is(charged('whole'), 7, 'whole: the reported tokens');

$t->done;

# Returns the tokens that a user was charged before.  This request reserves as
# many as the others, and is not charged, as its upstream fails.

sub charged {
    my ($user) = @_;
    my $client = $t->client(2);

    $client->request('POST', $uri, $body, 'X-User' => $user);

    return TOKENS - $prompt - OUTPUT
        - $client->response->{headers}{'x-ratelimit-remaining-tokens'};
}
