#!/usr/bin/perl

# llm_policy_streaming, and limits that depend on the model: nothing is
# forwarded before the model is known, and the request is admitted by it, or in
# the tier over which it is decided instead.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Client;
use LLMPolicy::Test;

use constant HOLD => 8192;

my $uri = '/v1/chat/completions';
my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {
    body => '{"usage":{"prompt_tokens":1000,"completion_tokens":100}}'
} });
my $n = 0;

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "models",
  "models": [
    { "match": [ "dear" ], "price": { "input": 2, "output": 10 },
      "parameters": { "top_p": { "max": 0.5 } } },
    { "match": [ "cheap" ], "price": { "input": 0.2, "output": 1 } }
  ],
  "tiers": {
    "models": { "limits": [ { "models": [ "dear" ],
                              "requests_per_hour": 2 } ] },
    "cost": { "limits": [ { "cost_per_month": 0.02 } ],
              "parameters": { "max_tokens": { "default": 100, "max": 100 } } },
    "over": {
      "limits": [ { "by": [ "model" ], "requests_per_hour": 1,
                    "over": { "tier": "slow" } } ],
      "parameters": { "temperature": { "max": 1.5 } } },
    "slow": {
      "limits": { "requests_per_hour": 2 }, "unknown_members": "remove",
      "parameters": { "temperature": { "force": 0.5 },
                      "max_tokens": { "max": 10 } } }
  }
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

    log_format llm '$status|$llm_tier|$llm_reason|$llm_limit_status|$llm_cost';
    access_log %%TESTDIR%%/llm.log llm;

    proxy_request_buffering off;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;
    llm_policy_hold 8k;
    llm_policy_tier $http_x_tier;
    llm_policy_limit_key $http_x_user;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $text = 'x' x 3000;
my $tail = qq("messages":[{"role":"user","content":"$text"}]);

# By the model, wherever it is within what is held.

for my $body (qq({"model":"dear","top_p":1,$tail}),
    qq({"top_p":1,$tail,"model":"dear"}))
{
    is(ask('models', $body)->{status}, 200, 'models: admitted');
    is(decode_json($up->last->{body})->{top_p}, 0.5, 'models: by its rules');
}

$up->clear;

for my $body (qq({"model":"dear",$tail}), qq({$tail,"model":"dear"})) {
    my $r = ask('models', $body);

    is($r->{status}, 429, 'models: refused');
    is(logged(), '429|models|rate_limit_exceeded|rejected|', 'models: log');
}

is($up->count, 0, 'models: nothing was forwarded');
is(ask('models', qq({"model":"other",$tail}))->{status}, 200, 'models: others');

# A model that follows too late.

my $late = 'y' x (2 * HOLD);
my $r = ask('models', qq({"prompt":"$late",$tail,"model":"dear"}));

is($r->{status}, 413, 'late: refused');
is(decode_json($r->{body})->{error}{message}, 'the limits depend on the model, '
    . 'which must follow within 8192 bytes: put it first', 'late: message');

# By its costs: 1000 and 100 tokens cost 0.003.

for my $i (1 .. 5) {
    is(ask('cost', qq({"model":"dear",$tail}))->{status}, 200, "cost: $i");
}

is(logged(), '200|cost||passed|0.003', 'cost: log');
is(ask('cost', qq({"model":"dear",$tail}))->{status}, 200, 'cost: the last');
is(ask('cost', qq({"model":"dear",$tail}))->{status}, 429, 'cost: refused');
is(ask('cost', qq({"model":"cheap",$tail}))->{status}, 200,
    'cost: a cheap one');

$r = ask('cost', qq({$tail,"model":"other"}));
is($r->{status}, 403, 'cost: a model without a price');
is(logged(), '403|cost|model_not_priced||', 'cost: log');

# In another tier, before its first byte is forwarded.

my $body = qq({"temperature":2,"model":"m","max_tokens":50,"new":1,$tail});

is(ask('over', $body)->{status}, 200, 'over: the first');
is_deeply(sent(), { temperature => 1.5, max_tokens => 50, new => 1 },
    'over: by its own tier');

for my $i (1 .. 2) {
    is(ask('over', $body)->{status}, 200, "over: $i");
    is_deeply(sent(), { temperature => 0.5, max_tokens => 10 },
        'over: by the other tier');
    is(logged(), '200|slow||over|', 'over: log');
}

# The same, of bodies that arrive as a whole: they are decided on once.

for my $i (1 .. 2) {
    is($t->post($uri, qq({"temperature":2,"model":"m","new":1}),
        'X-Tier' => 'over', 'X-User' => 'whole')->{status}, 200, "whole: $i");
}

$n += 2;
is(decode_json($up->last->{body})->{new}, undef, 'whole: by the other tier');
is(logged(), '200|slow||over|', 'whole: log');

$up->clear;
is(ask('over', $body)->{status}, 429, 'over: refused there');
is(logged(), '429|slow|rate_limit_exceeded|rejected|', 'over: log');
is($up->count, 0, 'over: nothing was forwarded');

$t->done;

# Sends a body in pieces of 700 bytes, each of which arrives by itself.

sub ask {
    my ($tier, $body) = @_;
    my $client = $t->client;
    my $bytes = LLMPolicy::Client::request_bytes('POST', $uri, $body,
        'X-Tier' => $tier, 'X-User' => $tier);

    $n++;
    $client->send_pieces(5, unpack '(a700)*', $bytes);

    return $client->response;
}

sub sent {
    my $sent = decode_json($up->last->{body});

    delete @$sent{qw(model messages)};

    return $sent;
}

sub logged {
    return ($t->access_log($n, 'llm.log'))[-1];
}
