#!/usr/bin/perl

# llm-policy explain: the decision on a request, as text and as JSON.  nginx
# makes the same decision.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my $hash = 'sha256:' . sha256_hex('key');

my $document = <<"EOP";
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "min": 0, "max": 1 },
        "top_p": { "max": 0.95 },
        "max_tokens": { "default": 512, "max": 1024 },
        "n": { "max": 1, "on_violation": "reject" },
        "seed": { "force": 7 },
        "reasoning_effort": { "allow": ["low", "medium"] },
        "logit_bias": { "deny": true },
        "/metadata/trace": { "remove": true },
        "/a~1b": { "max": 5 }
      },
      "models": { "allow": ["gpt-4o-mini", "~^llama-3", "~^o1"] }
    },
    "pro": { "parameters": { "temperature": { "max": 1.5 } } },
    "strict": { "parameters": { "temperature": { "require": true } } }
  },
  "models": [
    { "match": ["~^gpt-5"], "parameters": { "top_p": { "remove": true } } },
    { "match": ["~^o[134]"], "parameters": { "temperature": { "remove": true },
      "/metadata/trace": { "deny": true } } }
  ],
  "tenants": { "acme": { "tier": "pro", "keys": ["$hash"] } },
  "routes": [
    { "path": "/chat", "dialect": "openai.chat" },
    { "path": "~^/files(/|\$)", "action": "pass" },
    { "path": "~^/deployments/(?<model>[^/]+)/chat\$",
      "dialect": "openai.chat" }
  ]
}
EOP

$t->write_file('policy.json', $document);
$t->write_file('known.json',
    $document =~ s/"tiers"/"unknown_key": "reject", $&/r);

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    add_header X-Status $llm_status always;
    add_header X-Tenant $llm_tenant always;
    add_header X-Dialect $llm_dialect always;
    add_header X-Model $llm_model always;
    add_header X-Requested $llm_requested_temperature always;
    add_header X-Effective $llm_effective_temperature always;
    add_header X-Action $llm_action_temperature always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_known%%;
        llm_policy_file known.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_pass%%;
        llm_policy_unmatched pass;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $file = $t->testdir . '/policy.json';
my $chat = '/v1/chat/completions';

# As text.

my $ran = tool('{"model":"llama-3","temperature":1.9,"metadata":{"trace":1},'
    . '"reasoning_effort":"low","a/b":6}', 'explain', $file, '--tier', 'free',
    '--path', $chat);

my $here = '/tiers/free/parameters';

is($ran->{out}, <<'EOT' . table(
status   modified
dialect  openai.chat
tier     free
model    llama-3

EOT
    [ 'temperature', 1.9, 1, 'max', "$here/temperature" ],
    [ 'top_p', '-', 0.95, 'max', "$here/top_p" ],
    [ 'max_tokens', '-', 512, 'default', "$here/max_tokens" ],
    [ 'seed', '-', 7, 'force', "$here/seed" ],
    [ 'reasoning_effort', '"low"', '"low"', 'none', "$here/reasoning_effort" ],
    [ '/metadata/trace', 1, '-', 'remove', "$here/~1metadata~1trace" ],
    [ '/a~1b', 6, 5, 'max', "$here/~1a~01b" ],
) . '{"model":"llama-3","temperature":1,"metadata":{},"reasoning_effort":"low",'
    . qq("a/b":5,"top_p":0.95,"max_tokens":512,"seed":7}\n), 'changed');
is("$ran->{exit}$ran->{err}", '0', 'changed, exit code');

$ran = tool('{"model":"llama-3","n":2}', 'explain', $file, '--path', $chat,
    '--header', 'Authorization: Bearer nobody');

is($ran->{out}, <<'EOT' =~ s/\\\n//r, 'refused');
status   rejected
dialect  openai.chat
tier     free
model    llama-3
refused  400 value_not_allowed

{"error":{"message":"n 2 is above the maximum 1 for tier \"free\"",\
"type":"invalid_request_error","param":"n","code":"value_not_allowed"}}
EOT
is("$ran->{exit}$ran->{err}", '2', 'refused, exit code');

$ran = tool('{"model":"o1","temperature":1}', 'explain', '--path', $chat,
    '--header', 'x-api-key:key', $file);

is($ran->{out}, <<'EOT' . table(
status   modified
dialect  openai.chat
tier     pro
tenant   acme
model    o1

EOT
    [ 'temperature', 1, '-', 'remove', '/models/1/parameters/temperature' ],
) . qq({"model":"o1"}\n), 'a rule of the model');

$ran = tool('{}', 'explain', $file, '--tier', 'none', '--path', '/v1/rerank');
is($ran->{err}, qq(llm-policy: tier "none" is not defined, using "free"\n),
    'an unknown tier');

# As JSON.

$ran = tool('{"model":"gpt-5","temperature":1.9,"top_p":1}', 'explain', $file,
    '--tier', 'pro', '--json', '--path', $chat);

is_deeply(decode_json($ran->{out}), {
    status => 'modified', dialect => 'openai.chat', tier => 'pro',
    extends => [], tenant => undef, key_name => undef, model => 'gpt-5',
    refusal => undef,
    body => '{"model":"gpt-5","temperature":1.5}',
    parameters => [
        { parameter => 'temperature', requested => '1.9', effective => '1.5',
          action => 'max', rule => '/tiers/pro/parameters/temperature' },
        { parameter => 'top_p', requested => '1', effective => '',
          action => 'remove', rule => '/models/0/parameters/top_p' },
    ],
}, 'changed, as JSON');

$ran = tool('{', 'explain', $file, '--json', '--path', $chat);

is_deeply(decode_json($ran->{out}), {
    status => 'rejected', dialect => 'openai.chat', tier => 'free',
    extends => [], tenant => undef, key_name => undef, model => undef,
    body => undef,
    parameters => [],
    refusal => { status => 400, code => 'invalid_json', param => '',
        message => 'invalid JSON at byte 1: the body ends within the object' },
}, 'refused, as JSON');
is($ran->{exit}, 2, 'refused, as JSON, exit code');

# Requests that cannot be explained.

for my $arguments (
    [ $file ], [ '--path', $chat ], [ $file, '--path' ],
    [ $file, $file, '--path', $chat ], [ $file, '--path', $chat, '--what' ],
    [ $file, '--path', $chat, '--header', 'no colon' ],
    [ $t->testdir . '/none.json', '--path', $chat ],
) {
    my $ran = tool('{}', 'explain', @$arguments);

    is($ran->{exit}, 1, "exit code: @$arguments");
    is($ran->{out}, '', "no output: @$arguments");
    isnt($ran->{err}, '', "an error: @$arguments");
}

# nginx makes the same decisions: [ path, body, tier, header fields, method,
# server ]

my $llama = '"model":"llama-3"';

my @requests = (
    [ $chat, qq({$llama,"temperature":0.3}) ],
    [ $chat, qq({$llama,"temperature":1.9}), 'pro' ],
    [ $chat, qq({$llama,"temperature":0.3}), 'pro' ],
    [ $chat, qq({$llama}), 'strict' ],
    [ $chat, qq({$llama,"temperature":5}), 'strict' ],
    [ $chat, qq({$llama}), 'none' ],
    [ $chat, qq({$llama,"temperature":null, "top_p":1}) ],
    [ $chat, qq( {"metadata":{"trace":[],"x":1},$llama,"max_tokens":-1}\n) ],
    [ $chat, qq({$llama,"options":{"temperature":2,"num_predict":9}}) ],
    [ $chat, qq({$llama,"sampling_params":[{"top_p":1},{"top_p":0.1}]}) ],
    [ $chat, qq({$llama,"n":2}) ],
    [ $chat, qq({$llama,"reasoning_effort":"high"}) ],
    [ $chat, qq({$llama,"logit_bias":{}}) ],
    [ $chat, qq({$llama,"mirostat":2}) ],
    [ $chat, qq({$llama,"temperature":"1"}) ],
    [ $chat, qq({$llama,"temperature":1,"temperature":2}) ],
    [ $chat, qq({$llama,"Temperature":1}) ],
    [ $chat, qq({$llama,"t\\u0065mperature":1}) ],
    [ $chat, qq({$llama) ],
    [ $chat, qq({$llama,"a":"\xe2\x82\xac \\ud83d\\udd25"}) ],
    [ $chat, '{"model":"gpt-5"}' ],
    [ $chat, '{"model":"gpt-5","top_p":0.5}', 'pro' ],
    [ $chat, '{"model":"o1-mini","temperature":1}' ],
    [ $chat, '{"model":"o1","metadata":{"trace":1}}' ],
    [ $chat, '{}' ],
    [ '/chat', qq({"prompt":"p",$llama,"temperature":9}) ],
    [ '/v1/completions', qq({$llama}) ],
    [ '/responses', qq({$llama,"reasoning":{"effort":"low"}}) ],
    [ '/responses', qq({$llama,"previous_response_id":"r"}), 'pro' ],
    [ '/v1/embeddings', qq({$llama,"input":"i"}) ],
    [ '/v1/embeddings', '{"model":"e"}' ],
    [ '/deployments/llama-3/chat', '{}' ],
    [ '/deployments/other/chat', '{}' ],
    [ '/files', '{"temperature":9}' ],
    [ '/unknown', '{}' ],
    [ '/unknown', '{}', '', {}, 'POST', 'pass' ],
    [ '/V1/chat/completions', '{}', '', {}, 'POST', 'pass' ],
    [ '/v1/chat/completions/', '{}' ],
    [ '/v1/chat/completions;x', '{}' ],
    [ "$chat?temperature=2", qq({$llama}) ],
    [ "$chat?beta=true", qq({$llama}) ],
    [ $chat, '', '', {}, 'GET' ],
    [ $chat, '{}', '', {}, 'PUT' ],
    [ $chat, qq({$llama}), '', { 'Content-Type' => 'text/plain' } ],
    [ $chat, qq({$llama}), '', { 'Content-Encoding' => 'gzip' } ],
    [ $chat, qq({$llama}), '', { 'Content-Encoding' => 'identity' } ],
    [ $chat, qq({$llama}), '', { 'Content-Digest' => 'x' } ],
    [ $chat, qq({$llama,"temperature":1}), 'pro', { Digest => 'x' } ],
    [ $chat, qq({$llama}), '', { 'X-Method-Override' => 'GET' } ],
    [ $chat, '', '', { Upgrade => 'websocket' }, 'GET' ],
    [ $chat, '', '', { Upgrade => 'h2c' }, 'GET' ],
    [ $chat, qq({$llama}), '', { Upgrade => 'h2c', 'HTTP2-Settings' => 'AA' } ],
    [ $chat, qq({$llama}), '', { Upgrade => 'h2c, websocket' } ],
    [ $chat, qq({$llama,"temperature":9}), '',
        { Authorization => 'Bearer key' } ],
    [ $chat, qq({$llama,"temperature":9}), '', { 'api-key' => 'key' } ],
    [ $chat, qq({$llama,"temperature":9}), 'free', { 'api-key' => 'key' } ],
    [ $chat, qq({$llama}), '', {}, 'POST', 'known' ],
    [ $chat, qq({$llama}), '', { 'x-api-key' => 'x' }, 'POST', 'known' ],
    [ $chat, qq({$llama}), '', { 'x-api-key' => 'key' }, 'POST', 'known' ],
);

for my $request (@requests) {
    my ($path, $body, $tier, $fields, $method, $server) = @$request;

    $_ //= '' for $tier, $server;
    $fields //= {};
    $method //= 'POST';

    is_deeply(
        tool_says($path, $body, $tier, $fields, $method, $server),
        nginx_says($path, $body, $tier, $fields, $method, $server),
        join ' ', $method, $path, $tier, %$fields, $server,
            $body =~ s/[^ -~]/?/gr);
}

# An alias: all that follows goes by the model that is sent.

$t->write_file('alias.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "max": 1 },
        "max_tokens": { "max": 1024 }
      },
      "models": { "allow": ["o3-mini"] }
    }
  },
  "models": [
    { "match": ["fast"],
      "parameters": {
        "/model": { "force": "o3-mini" }, "top_p": { "force": 0.5 } } },
    { "match": ["~^o3"], "parameters": { "temperature": { "remove": true } } }
  ]
}
EOP

$ran = tool('{"model":"fast","temperature":0.5,"max_tokens":9999}', 'explain',
    $t->testdir . '/alias.json', '--path', $chat);

is($ran->{out}, <<'EOT' . table(
status   modified
dialect  openai.chat
tier     free
model    o3-mini

EOT
    [ 'temperature', 0.5, '-', 'remove', '/models/1/parameters/temperature' ],
    [ 'max_tokens', 9999, 1024, 'max', "$here/max_tokens" ],
    [ '/model', '"..."', '"o3-mini"', 'force',
        '/models/0/parameters/~1model' ],
) . qq({"model":"o3-mini","max_completion_tokens":1024}\n), 'an alias');

$t->done;

# Returns explain's output about parameters, above the body.

sub table {
    my @rows = ([ qw(parameter requested effective action rule) ], @_);

    return join '', map({ sprintf "%-22s %-14s %-14s %-9s %s\n", @$_ } @rows),
        "\n";
}

sub nginx_says {
    my ($path, $body, $tier, $fields, $method, $server) = @_;
    my $client = $t->client($server || 0);

    $client->request($method, $path, $body eq '' ? undef : $body,
        'X-Tier' => $tier, Connection => 'close', %$fields);

    my $r = $client->response;
    my %said = map { $_ => $r->header("X-$_") // '' }
        qw(status tenant dialect model requested effective action);

    return { %said, verdict => verdict($r), message => message($r) };
}

sub tool_says {
    my ($path, $body, $tier, $fields, $method, $server) = @_;

    my $ran = tool($body, 'explain', '--json', '--path', $path, '--tier', $tier,
        '--method', $method, map({ ('--header', "$_: $fields->{$_}") }
            sort keys %$fields),
        $server eq 'pass' ? ('--unmatched', 'pass') : (),
        $t->testdir . ($server eq 'known' ? '/known.json' : '/policy.json'));

    my $said = decode_json($ran->{out});
    my $refusal = $said->{refusal};

    my ($temperature) = grep { $_->{parameter} eq 'temperature' }
        @{ $said->{parameters} };

    utf8::encode($_) for grep { defined } $said->{body};

    is($ran->{exit}, $refusal ? 2 : 0, "$path, exit code");

    return {
        map({ $_ => $said->{$_} // '' } qw(status tenant dialect model)),
        map({ $_ => $temperature->{$_} // '' } qw(requested effective action)),
        verdict => $refusal ? "$refusal->{status} $refusal->{code}"
            : $said->{body},
        message => $refusal && $refusal->{message},
    };
}
