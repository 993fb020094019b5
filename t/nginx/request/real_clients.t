#!/usr/bin/perl

# Requests as real clients send them: nginx and "llm-policy explain" decide
# alike, with the same message.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict qw(echo post_to);

my $t = LLMPolicy::Test->new;
$t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": { "temperature": { "max": 1 } },
      "models": { "allow": ["prod", "~whisper"], "deny": ["~secret"] }
    }
  },
  "models": [
    { "match": ["gpt-4o"], "parameters": { "temperature": { "max": 0.1 } } },
    { "match": ["prod"], "parameters": { "temperature": { "max": 0.5 } } }
  ],
  "routes": [
    { "path": "~^/az/openai/deployments/(?<model>[^/]+)/chat/completions$",
      "dialect": "openai.chat" },
    { "path": "~^/own/(?<model>[^/]+)/chat$", "dialect": "openai.chat" }
  ]
}
EOP

my $hash = sha256_hex('AIza-1');

$t->write_file('known.json', <<'EOP' =~ s/%%HASH%%/$hash/r);
{ "version": 1, "default_tier": "a", "unknown_key": "reject",
  "tiers": { "a": {}, "b": {} },
  "tenants": { "acme": { "tier": "b", "keys": [
    "sha256:%%HASH%%"
  ] } },
  "routes": [ { "path": "/own/gemini", "dialect": "gemini.generate" } ]
}
EOP

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

add_header X-Reason $llm_reason always;

server {
    listen 127.0.0.1:%%PORT_known%%;
    llm_policy on;
    llm_policy_file known.json;

    location / {
        proxy_pass http://%%UPSTREAM%%;
    }
}

EOH

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

# ---- Azure: the deployment in the path decides ----

my $azure = '/openai/deployments/prod';
my @form = ('Content-Type' => 'multipart/form-data; boundary=xyz');

for my $path ("$azure/chat/completions", "/az$azure/chat/completions") {
    for my $model ('"gpt-4o"', '"prod"', '"secret"', 'null', '5', '"a,b"') {

        # the rules of the deployment hold, not those of the body's name

        both($path, qq({"model":$model,"temperature":0.9}),
            qq({"model":$model,"temperature":0.5}));
    }

    both($path, '{"model":"a","model":"b"}', '400 duplicate_member');
    both($path, '{"Model":"a"}', '400 ambiguous_member');
    both($path =~ s/prod/secret/r, '{"model":"prod"}', '403 model_not_allowed');
    both($path =~ s/prod/other/r, '{"model":"prod"}', '403 model_not_allowed');
}

both("$azure/$_", '{"model":"gpt-4o","temperature":0}')
    for qw(completions embeddings images/generations audio/speech);
both("$azure/$_", form(model => 'gpt-4o'), undef, @form)
    for qw(audio/transcriptions audio/translations images/edits);

# elsewhere the upstream may use either name

both('/own/prod/chat', '{"model":"gpt-4o"}', '400 ambiguous_member');
both('/own/prod/chat', '{"model":"prod","temperature":0}');

# ---- a key without "Bearer" ----

known($_, 'an API key is required: Authorization must be "Bearer", a space '
        . 'and the API key', Authorization => 'sk-1')
    for '/v1/chat/completions', '/v1/messages', '/v1/embeddings', '/api/chat',
        '/model/m/converse', '/v1beta/models/m:generateContent';

# ---- the key in the query, in the APIs of Google ----

my @google = ('/own/gemini', '/v1/models/m:generateContent',
    map({ "/v1beta/models/m:$_" } qw(generateContent streamGenerateContent
        batchGenerateContent countTokens embedContent)),
    '/v1/projects/p/locations/l/publishers/google/models/m:generateContent');

for my $path (@google) {
    decide('known', 'known.json', "$path?key=AIza-1", '{}', '{}');
    decide('known', 'known.json', "$path?alt=sse&key=AIza%2D1&x", '{}', '{}');
    known("$path?key=AIza-2", 'the API key is not known');
    known("$path?$_", 'an API key is required')
        for 'key=', 'key', 'Key=AIza-1', 'apikey=AIza-1', 'a=?key=AIza-1',
            'a%26key=AIza-1', 'k%65y=AIza-1';
    known("$path?key=$_", 'the API key is not known')
        for 'AIza-1%', 'AIza-1%0', 'AIza-1%00', 'x&key=AIza-1', 'AIza-1;x';

    # a header field comes first, also an unknown one
    known("$path?key=AIza-1", 'the API key is not known',
        'x-goog-api-key' => 'x');
    decide('known', 'known.json', "$path?key=x", '{}', '{}',
        'x-goog-api-key' => 'AIza-1');
}

# not elsewhere

known("$_?key=AIza-1", 'an API key is required')
    for '/v1/chat/completions', '/v1/messages', '/model/m/converse',
        '/v1beta/openai/chat/completions';

# ---- parts with their length, as of OkHttp and Guzzle ----

my $trans = '/v1/audio/transcriptions';
my %wav = ("file\"; filename=\"a.wav" => 'RIFF');

sub measured {
    return form(@_) =~ s/(name=".*?"\r\n)\r\n(.*?)(?=\r\n--xyz)/
        "$1Content-Length: " . length($2) . "\r\n\r\n$2"/gser;
}

both($trans, measured(model => 'whisper', temperature => '0.5', %wav), undef,
    @form);

# a changed field loses the line, the others keep it

my $hot = measured(model => 'whisper', temperature => '1.9', %wav);

both($trans, $hot, $hot =~ s/Content-Length: 3\r\n\r\n1.9/\r\n1/r, @form);

my $text = 'Content-Type: text/plain; charset=utf8';

both($trans, $hot =~ s/Content-Length: 3\r\n/$text\r\n$&/r,
    $hot =~ s/Content-Length: 3\r\n\r\n1.9/$text\r\n\r\n1/r, @form);

# aiohttp reads by the length, others by the boundary

both($trans, $hot =~ s/Length: 3/Length: $_/r, '400 invalid_form', @form)
    for 0, 1, 2, 4, 62, '03', '3, 3', "3\r\nContent-Length: 3",
        "3\r\nContent-Length: 1";
both($trans, $hot =~ s/Length: 4/Length: 90/r, '400 invalid_form', @form);

# a file of requests that is changed loses the line, too

my $url = '"url":"/v1/completions"';
my $line = qq({$url,"body":{"model":"prod","temperature":0.9}});
my $file = measured(purpose => 'batch', "file\"; filename=\"b" => $line);

both('/v1/files', $file, $file =~ s/Content-Length: \d\d+\r\n//r
    =~ s/0\.9/0.5/r, @form);
both('/v1/files', $file =~ s/0\.9/0.4/r, undef, @form);
both('/v1/files', $file =~ s/Length: \d\d+/Length: 5/r, '400 invalid_form',
    @form);

# ---- utf8 ----

both('/v1/chat/completions', '{"model":"prod","temperature":0}', undef,
    'Content-Type' => "application/json; charset=$_") for qw(utf8 "UTF8");
both('/v1/chat/completions', '{}', '415 unsupported_content_type',
    'Content-Type' => "application/json; charset=$_")
    for qw(utf-7 "utf-7" utf7 utf-16 utf8x utf8;charset=utf-7 latin1);

# ---- Upgrade, as of every JDK client on plain HTTP; a WebSocket, as of Codex

for my $path (qw(/v1/chat/completions /v1/responses /v1/messages /api/chat)) {
    my $body = '{"model":"prod","temperature":0,"max_tokens":1,'
        . '"options":{"temperature":0}}';
    my @h2c = (Connection => 'Upgrade, HTTP2-Settings', Upgrade => 'h2c',
        'HTTP2-Settings' => 'AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA');

    both($path, $body, $body, @h2c);
    both($path, $body, '426 upgrade_refused', Connection => 'Upgrade',
        Upgrade => 'websocket');
}

# ---- Vertex counts the tokens of a request to Claude ----

my $claude = '/v1/projects/p/locations/l/publishers/anthropic/models';

both("$claude/count-tokens:rawPredict", '{"model":"prod","messages":[]}');
both("$claude/count-tokens:rawPredict", '{"model":"prod","temperature":2}',
    '{"model":"prod","temperature":0.5}');
both("$claude/count-tokens:rawPredict", '{"model":"secret"}',
    '403 model_not_allowed');
both("$claude/count-tokens:rawPredict", '{}', '403 model_not_allowed');
both("$claude/$_:rawPredict", '{"messages":[]}', '403 model_not_allowed')
    for 'Count-Tokens', 'count-tokens-2';
both("$claude/prod:rawPredict", '{"messages":[],"max_tokens":1}',
    '{"messages":[],"max_tokens":1,"temperature":0.5}');

$t->done;

sub form {
    my (@fields) = @_;
    my $form = '';

    while (my ($name, $value) = splice @fields, 0, 2) {
        $form .= "--xyz\r\nContent-Disposition: form-data; name=\"$name\"\r\n"
            . "\r\n$value\r\n";
    }

    return "$form--xyz--\r\n";
}

# The expected verdict is the same body by default.

sub both {
    decide(0, 'policy.json', @_);
}

# A message is expected, of a 401, with a policy that requires an API key.

sub known {
    my ($path, $message, %fields) = @_;

    is(decide('known', 'known.json', $path, '{}', '401 unknown_key', %fields),
        $message, "$path: $message");
}

sub decide {
    my ($server, $file, $path, $body, $expected, %fields) = @_;
    my $text = join ' ', $path, %fields, $body =~ s/\r\n/|/gr;

    my $r = post_to($t, $server, $path, $body, %fields);

    my $got = $r->{status} == 200 ? $r->{body}
        : "$r->{status} " . $r->header('X-Reason');

    is($got, $expected // $body, "nginx: $text");

    my $ran = tool($body, 'explain', '--json', '--path', $path,
        map({ ('--header', "$_: $fields{$_}") } sort keys %fields),
        $t->testdir . "/$file");

    my $said = JSON::PP::decode_json($ran->{out});
    my $refusal = $said->{refusal};

    is($refusal ? "$refusal->{status} $refusal->{code}" : $said->{body},
        $expected // $body, "explain: $text");
    return if !$refusal;

    # the shape of the document depends on the API

    my ($message) = $r->{body} =~ /"(?:message|error)":("(?:[^"\\]|\\.)*")/;
    my $json = JSON::PP->new->allow_nonref->utf8;

    is($refusal->{message}, $json->decode($message // '""'), "message: $text");

    return $refusal->{message};
}
