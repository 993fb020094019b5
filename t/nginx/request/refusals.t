#!/usr/bin/perl

# The response of a refusal: the status, and OpenAI's error object, so that SDKs
# raise their usual exceptions.  The message has the parameter, the value and
# the bound, and the connection remains usable.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "unknown_key": "reject",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "min": 0.2, "max": 1, "on_violation": "reject" },
        "max_tokens": { "max": 100, "on_violation": "reject" },
        "reasoning_effort": { "allow": ["low", "medium"] },
        "stop": { "allow": ["."] },
        "logit_bias": { "deny": true },
        "/user": { "require": true }
      },
      "models": { "allow": ["~^gpt"] }
    },
    "say \"hi\"": { "parameters": { "n": { "deny": true } } }
  },
  "tenants": { "acme": { "tier": "free", "keys": [
    "sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"
  ] } },
  "routes": [ { "path": "/closed", "action": "reject" } ]
}
EOP

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

# a refusal is not a page of nginx, which error_page would replace
error_page 400 401 403 415 =200 /page;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location = /page {
    return 200 page;
}

EOF

# Permitted except for one member.

sub body {
    return '{"model":"gpt","user":"u",' . shift() . '}';
}

my $chat = '/v1/chat/completions';
my $deep = '[' x 64 . ']' x 64;

# status, code, param, message; then the request: body, path, method, fields

my @refusals = (
    [ 400, 'invalid_json', undef,
        'invalid JSON at byte 26: expected a member name', body('') ],
    [ 400, 'invalid_json', undef,
        'invalid JSON at byte 0: the body must be an object', '[]' ],
    [ 400, 'invalid_json', undef,
        'invalid JSON at byte 2: only white space may follow the object',
        '{}{}' ],
    [ 400, 'invalid_json', undef, 'more than 64 nested objects and arrays',
        body(qq("a":$deep)) ],

    [ 400, 'duplicate_member', 'temperature',
        '"temperature" appears twice in the request',
        body('"temperature":1,"temperature":1') ],
    [ 400, 'duplicate_member', undef,
        'a member name appears twice in one object, at byte 39',
        body('"x":{"a":1,  "a":2}') ],

    [ 400, 'ambiguous_member', 'temperature',
        'a member is spelt almost like "temperature"',
        body('"Temperature":1') ],
    [ 400, 'ambiguous_member', 'temperature',
        'the name of "temperature" is written with an escape',
        body('"options":{"\u0074emperature":1}') ],
    [ 400, 'ambiguous_member', undef,
        'a member name contains a control character, at byte 26',
        body('"a\u0000":1') ],

    [ 400, 'invalid_type', 'temperature',
        'temperature must be a number, not a string',
        body('"temperature":"0.9"') ],
    [ 400, 'invalid_type', 'temperature',
        'temperature must be a number, not a boolean',
        body('"temperature":true') ],
    [ 400, 'invalid_type', 'temperature',
        'temperature must be a number of at most 64 characters, below 1e308',
        body('"temperature":1e400') ],
    [ 400, 'invalid_type', 'options',
        'options must be an object, not a string: the policy checks '
        . 'temperature inside it', body('"options":"x"') ],
    [ 400, 'invalid_type', 'model',
        'model must be a string of at most 256 bytes',
        '{"model":5,"user":"u"}' ],

    [ 400, 'value_not_allowed', 'temperature',
        'temperature 1.90 is above the maximum 1 for tier "free"',
        body('"temperature":1.90') ],
    [ 400, 'value_not_allowed', 'temperature',
        'temperature -1e-5 is below the minimum 0.2 for tier "free"',
        body('"temperature":-1e-5') ],
    [ 400, 'value_not_allowed', 'max_tokens',
        'max_tokens 101 is above the maximum 100 for tier "free"',
        body('"max_completion_tokens":101') ],
    [ 400, 'value_not_allowed', 'reasoning_effort',
        'reasoning_effort "hi\"gh" is not among the values allowed for tier '
        . '"free"', body('"reasoning_effort":"hi\"gh"') ],
    [ 400, 'value_not_allowed', 'stop',
        'stop [...] is not among the values allowed for tier "free"',
        body('"stop":["."]') ],

    [ 400, 'parameter_denied', 'logit_bias',
        'logit_bias is not permitted for tier "free"',
        body('"logit_bias":{"1":2}') ],
    [ 400, 'parameter_denied', 'n', 'n is not permitted for tier "say "hi""',
        '{"n":1}', $chat, 'POST', 'X-Tier' => 'say "hi"' ],

    [ 400, 'parameter_required', '/user', '/user is required for tier "free"',
        '{"model":"gpt"}' ],

    [ 400, 'undermines_policy', 'mirostat',
        'mirostat can undo the bound on temperature for tier "free"',
        body('"mirostat":2') ],
    [ 400, 'undermines_policy', 'lora',
        'lora can select a model that the policy does not check',
        body('"lora":[]') ],
    [ 400, 'undermines_policy', 'temperature',
        'temperature must not be in the query', body('"a":1'),
        "$chat?temperature=1" ],
    [ 400, 'undermines_policy', undef,
        'the request has a digest or signature of its body, but the policy '
        . 'would change it: max_tokens', body('"a":1'), $chat, 'POST',
        'Content-Digest' => 'sha-256=:x:' ],

    [ 400, 'ambiguous_path', undef,
        'the path must be written without escapes, ";", "\", "//" and dot '
        . 'segments', body('"a":1'), '/v1/chat/%63ompletions' ],
    [ 400, 'ambiguous_path', undef,
        'a header field overrides the method or the path', body('"a":1'), $chat,
        'POST', 'X-HTTP-Method-Override' => 'PUT' ],

    [ 401, 'unknown_key', undef, 'an API key is required', '{}', $chat, 'POST',
        'x-api-key' => undef ],
    [ 401, 'unknown_key', undef, 'the API key is not known', '{}', $chat,
        'POST', Authorization => 'Bearer another' ],

    # a caller that may not ask is not told what is wrong with the request
    map({ [ 401, 'unknown_key', undef, 'an API key is required', @$_,
            'x-api-key' => undef ] }
        [ '{}', '/unknown', 'POST' ], [ '{}', '/closed', 'POST' ],
        [ '{}', $chat, 'PUT' ], [ '', '/v1/models', 'GET' ],
        [ '', '/v1/files/x', 'DELETE' ],
        [ '{}', '/v1/chat/%63ompletions', 'POST' ],
        [ '', $chat, 'GET', Upgrade => 'websocket' ]),

    [ 403, 'model_not_allowed', 'model',
        'model "o\u0031" is not permitted for tier "free"',
        '{"model":"o\u0031"}' ],
    [ 403, 'model_not_allowed', 'model',
        'the request must have a model: tier "free" permits only some models',
        '{}' ],

    [ 403, 'unknown_route', undef,
        'no route is known for this path, and the request has a body', '{}',
        '/unknown' ],
    [ 403, 'unknown_route', undef,
        'requests to this path are not permitted', '{}', '/closed' ],
    [ 403, 'unknown_route', undef,
        'a request with a body to this path must be a POST', '{}', $chat,
        'PUT' ],
    [ 426, 'upgrade_refused', undef,
        'a WebSocket cannot be opened here; use HTTP requests', '{}', $chat,
        'POST', Upgrade => 'websocket' ],

    [ 415, 'unsupported_content_type', undef,
        'the request must have one Content-Type, application/json, in UTF-8',
        '{}', $chat, 'POST', 'Content-Type' => 'text/plain' ],
    [ 415, 'unsupported_content_encoding', undef,
        'the request must not have a Content-Encoding', '{}', $chat, 'POST',
        'Content-Encoding' => 'gzip' ],
);

my %type = (
    400 => 'invalid_request_error', 401 => 'authentication_error',
    403 => 'permission_error', 415 => 'invalid_request_error',
    426 => 'invalid_request_error',
);

my $json = JSON::PP->new->utf8->allow_nonref;
my $client = $t->client;

for my $refusal (@refusals) {
    my ($status, $code, $param, $message, $body, $path, $method, @fields)
        = @$refusal;

    $client->request($method // 'POST', $path // $chat, $body,
        'X-Tier' => 'free', 'x-api-key' => 'key', @fields);

    my $r = $client->response;
    my $name = "$code, " . ($param // '-') . ": $message";

    is("$r->{status} $r->{body}", sprintf(
        '%d {"error":{"message":%s,"type":"%s","param":%s,"code":"%s"}}',
        $status, $json->encode($message), $type{$status},
        $json->encode($param), $code), $name);

    is($r->header('Content-Type'), 'application/json', "$name, type");
}

is($up->count, 0, 'nothing reached the upstream');

# All requests used one connection, and it still works.

$client->request('POST', $chat, body('"temperature":0.9'),
    'X-Tier' => 'say "hi"', 'x-api-key' => 'key');
is($client->response->{status}, 200, 'the connection is usable');

is(scalar $t->access_log(@refusals + 1), @refusals + 1,
    'each in the access log');

$t->done;
