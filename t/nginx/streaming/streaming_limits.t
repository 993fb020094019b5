#!/usr/bin/perl

# llm_policy_streaming and limits: a request is admitted before its first byte
# is forwarded, with the maximum that the policy permits, and reserves the
# requested amount once that is known.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Client;
use LLMPolicy::Stream;
use LLMPolicy::Test;

use constant { TOKENS => 10_000, MOST => 1000 };

my $uri = '/v1/chat/completions';
my $answer = '{"usage":{"prompt_tokens":3,"completion_tokens":4}}';

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => $answer } });

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": {
      "temperature": { "max": 1 },
      "max_tokens": { "default": 100, "max": @{[ MOST ]} }
    },
    "limits": { "tokens_per_minute": @{[ TOKENS ]}, "concurrent_requests": 2 }
  } }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$status|$llm_limit_status|$llm_limit|'
        '$llm_remaining_tokens_per_minute|$llm_total_tokens';
    access_log %%TESTDIR%%/llm.log llm;

    proxy_request_buffering off;
    client_body_timeout 60s;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;
    llm_policy_limit_key $http_x_user;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# nothing is charged before a test: each has its own user

my $prompt = 'x' x 2000;
my $n = 0;

# Concurrency: requests that are still arriving count.

my @clients = map { begun('slots') } 1 .. 2;

ok(until_status(429, 'slots'), 'slots: taken before the bodies arrive');
like(logged(), qr/^429\|rejected\|concurrent_requests\|/,
    'slots: log');

ended($clients[0], ',"max_tokens":10}');
is(answer($clients[0])->{status}, 200, 'slots: one has its response');
ok(until_status(200, 'slots'), 'slots: and its place is free');

$clients[1]->close;
$n++;
ok(until_status(200, 'slots'), 'slots: as is that of one that left');

# Tokens: first the maximum of the policy, then the requested number

my $first = begun('tokens');
my $held = $first->{tokens} + MOST;

is(status('tokens', '{"max_tokens":10}'), 200, 'tokens: with another request');
is(remaining(), TOKENS - $held - estimate('{"max_tokens":10}') - 10,
    'tokens: the maximum of the other is reserved');

ended($first, ',"max_tokens":20}');
is(answer($first)->{status}, 200, 'tokens: answered');
my $last = logged();
my $left = TOKENS - $first->{tokens} - 20;

# the other request was charged 7 tokens, and some of these may have refilled
like($last, qr/^200\|passed\|\|(\d+)\|7$/, 'tokens: log');
ok($last =~ /\|(\d+)\|7$/ && $1 >= $left - 7 && $1 <= $left,
    'tokens: the rest of it is returned');

# Too many tokens, which is known only at the end

$up->clear;

my $large = begun('large');

ended($large, ',"max_tokens":900,"n":50}');

my $response = answer($large);

is($response->{status}, 429, 'large: refused');
like(logged(), qr/^429\|rejected\|tokens_per_minute\|/,
    'large: log');
like($response->{body}, qr/may take \d+ tokens \(estimated\), but the limit /,
    'large: and why');
is($response->header('X-Should-Retry'), 'false', 'large: never fits');
is($up->count, 0, 'large: the upstream has not got all of it');
is(status('large', '{"max_tokens":10}'), 200, 'large: nothing is held');
is(remaining(), TOKENS - estimate('{"max_tokens":10}') - 10,
    'large: nothing was charged');

# Chunks do not announce the length

my $chunked = $t->client;
my $bytes = LLMPolicy::Client::request_bytes('POST', $uri,
    qq({"prompt":"$prompt","max_tokens":30}), chunks => [ 500 ],
    'X-User' => 'chunked');

$chunked->send_pieces(5, substr($bytes, 0, 1000), substr $bytes, 1000);
is(answer($chunked)->{status}, 200, 'chunked: answered');
is(remaining(), TOKENS - 30
    - estimate(qq({"prompt":"$prompt","max_tokens":30})),
    'chunked: the length counts once it is known');

$t->done;

# Returns a request whose beginning was sent, and has arrived.

sub begun {
    my ($user) = @_;
    my $client = $t->client;
    my $tail = ',"max_tokens":900,"n":50}';

    $client->{length} = length(qq({"prompt":"$prompt")) + length $tail;
    $client->{tokens} = int(($client->{length} + 3) / 4);

    $client->send_pieces(0, join "\r\n", "POST $uri HTTP/1.1",
        'Host: localhost', "X-User: $user", 'Content-Type: application/json',
        "Content-Length: $client->{length}", '', qq({"prompt":"$prompt"));

    $client->{tail} = length $tail;

    return $client;
}

# Sends the rest, with the announced length.

sub ended {
    my ($client, $rest) = @_;

    $client->send_pieces(0,
        $rest . ' ' x ($client->{tail} - length $rest));
}

sub answer {
    my ($client) = @_;

    $n++;

    return $client->response;
}

sub status {
    my ($user, $body) = @_;

    $n++;

    return $t->post($uri, $body // '{"max_tokens":1}', 'X-User' => $user)
        ->{status};
}

# Returns whether the status appears in time.

sub until_status {
    my ($status, $user) = @_;

    for (1 .. 500) {
        return 1 if status($user) == $status;
        LLMPolicy::Stream::pause(10);
    }

    return 0;
}

sub estimate {
    my ($body) = @_;

    return int((length($body) + 3) / 4);
}

# Returns the last line of the log, once it has all requests; remaining() the
# remaining tokens in it.

sub logged {
    return ($t->access_log($n, 'llm.log'))[-1];
}

sub remaining {
    return (split /\|/, logged())[3];
}
