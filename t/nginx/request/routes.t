#!/usr/bin/perl

# The policed paths and their dialects: built-in routes, those of the document,
# and bodies on any other path.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": { "temperature": { "default": 0.7, "max": 1 } },
    "models": { "deny": ["bad"] }
  } },
  "routes": [
    { "path": "/chat", "dialect": "openai.chat" },
    { "path": "/v1/completions", "action": "pass" },
    { "path": "/v1/responses", "action": "reject" },
    { "path": "~^/apps/\\w+/chat$", "dialect": "openai.chat" },
    { "path": "~*^/LEGACY/", "dialect": "openai.completions" },
    { "path": "~^/deployments/(?<model>[^/]+)/chat$",
      "dialect": "openai.chat" },
    { "path": "/vectors", "dialect": "openai.embeddings" },
    { "path": "~^/apps/", "action": "reject" },
    { "path": "~^/open/", "action": "pass" },
    { "path": "/a b", "action": "pass" }
  ]
}
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        add_header X-Status $llm_status always;
        add_header X-Dialect $llm_dialect always;
        add_header X-Model $llm_model always;

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

my $unknown = '403 unknown_route';

# The API of an application.

is(verdict($t->post('/chat', '{"prompt": "Hi", "temperature": 1.9}')),
    '{"prompt": "Hi", "temperature": 1}', 'clamped');
is(verdict($t->post('/chat', '{"prompt": "Hi", "temperature": 0.9}')),
    '{"prompt": "Hi", "temperature": 0.9}', 'within');
is(verdict($t->post('/chat', '{"prompt": "Hi"}')),
    '{"prompt": "Hi","temperature":0.7}', 'absent');

# path, name of the case, the dialect

my $body = '{"temperature":1.9}';
my $clamped = '{"temperature":1}';

my @routes = (

    # built in
    [ '/v1/chat/completions', $clamped, 'openai.chat' ],
    [ '/chat/completions', $clamped, 'openai.chat' ],
    [ '/openai/v1/chat/completions', $clamped, 'openai.chat' ],
    [ '/api/v1/chat/completions', $clamped, 'openai.chat' ],
    [ '/responses', $clamped, 'openai.responses' ],
    [ '/v1/assistants', $clamped, 'openai.assistants' ],
    [ '/v1/threads/runs', $clamped, 'openai.assistants' ],
    [ '/v1/evals', $clamped, 'openai.evals' ],
    [ '/v1/embeddings', $clamped, 'openai.embeddings' ],
    [ '/v1/moderations', $clamped, 'openai.moderations' ],
    [ '/v1/images/generations', $clamped, 'openai.images' ],
    [ '/v1/audio/speech', $clamped, 'openai.speech' ],
    [ '/v1/responses/compact', $clamped, 'openai.input' ],
    [ '/v2/rerank', $clamped, 'cohere.plain' ],
    [ '/v1/tokenize', $clamped, 'tokenize' ],
    [ '/v1/batches', $clamped, 'openai.batches' ],
    [ '/model/eu.meta.llama3-8b-v1:0/invoke', $clamped, 'bedrock.llama' ],
    [ '/model/eu.meta.llama3-8b-v1%3A0/invoke', $clamped, 'bedrock.llama' ],

    # routes of the document, in order, before the built-in ones
    [ '/chat', $clamped, 'openai.chat' ],
    [ '/chat?a=b', $clamped, 'openai.chat' ],
    [ '/apps/one/chat', $clamped, 'openai.chat' ],
    [ '/apps/one/other', $unknown, '' ],
    [ '/apps/one/chat/', $unknown, '' ],
    [ '/legacy/x', $clamped, 'openai.completions' ],
    [ '/vectors', $clamped, 'openai.embeddings' ],
    [ '/v1/completions', $body, '' ],
    [ '/completions', $clamped, 'openai.completions' ],
    [ '/v1/responses', $unknown, '' ],
    [ '/open/sesame', $body, '' ],

    # unknown
    [ '/', $unknown, '' ],
    [ '/v1', $unknown, '' ],
    [ '/v1/chatter', $unknown, '' ],
    [ '/v1/chat/completions/', $unknown, '' ],
    [ '/V1/chat/completions', $unknown, '' ],
    [ '/v2/chat/completions', $unknown, '' ],
    [ '/chat/', $unknown, '' ],
    [ '/xchat', $unknown, '' ],
    map({ [ "/v1/$_", $unknown, '' ] } qw(files/f conversations
        realtime/sessions fine_tuning/jobs vector_stores uploads models)),
    map({ [ $_, $unknown, '' ] } qw(/invocations /vertex /api/create /api/pull
        /predict /v1beta/models/m:asyncBatchEmbedContent /model/m/invoke)),
);

for my $route (@routes) {
    my ($path, $expected, $dialect) = @$route;
    my $r = $t->post($path, $body);

    is(verdict($r), $expected, $path);
    is($r->header('X-Dialect') // '', $dialect, "$path, dialect");
    is($r->header('X-Status'),
        $expected =~ /^4/ ? 'rejected' : $dialect eq '' ? 'bypassed'
            : $expected eq $clamped ? 'modified' : 'passed', "$path, status");
}

# A model in the path.

my $r = $t->post('/deployments/good/chat', '{}');
is(verdict($r), '{"temperature":0.7}', 'a model in the path');
is($r->header('X-Model'), 'good', 'its name');

is(verdict($t->post('/deployments/bad/chat', '{}')), '403 model_not_allowed',
    'a model in the path, denied');

# With another model in the body, the upstream may use either.

for my $body ('{"model":"bad"}', '{"model":"other"}') {
    is(verdict($t->post('/deployments/good/chat', $body)),
        '400 ambiguous_member', "good in the path, $body");
}

is(verdict($t->post('/deployments/bad/chat', '{"model":"good"}')),
    '400 ambiguous_member', 'bad in the path, good in the body');
is(verdict($t->post('/deployments/bad/chat', '{"model":"bad"}')),
    '403 model_not_allowed', 'bad in both');
is(verdict($t->post('/deployments/good/chat', '{"model":"good"}')),
    '{"model":"good","temperature":0.7}', 'good in both');

# Requests without a body pass on any path; a body requires POST.

for my $path ('/v1/chat/completions', '/v1/files/f', '/unknown') {
    for my $method (qw(GET HEAD DELETE OPTIONS POST PUT)) {
        my $r = $t->request($method, $path, $method =~ /^P/ ? '' : undef);

        is($r->{status}, 200, "$method $path without a body");
        is($r->header('X-Status'), 'bypassed', "$method $path, status");
    }
}

for my $method (qw(GET PUT PATCH DELETE OPTIONS PROPFIND)) {
    is(verdict($t->request($method, '/v1/chat/completions', $body)), $unknown,
        "$method with a body");
}

is(verdict($t->request('PUT', '/open/x', $body)), $body, 'PUT on "pass"');

# llm_policy_unmatched pass

my @unmatched = (
    [ '/v1/uploads', $body ],
    [ '/v1/chatter', $body ],
    [ '/x/v1/chat/completions', '400 ambiguous_path' ],
    [ '/apps/one/other', $unknown ],
    [ '/v1/responses', $unknown ],
    [ '/v1/chat/completions', $clamped ],
    [ '/v1/chat/completions/', '400 ambiguous_path' ],
    [ '/V1/Chat/Completions', '400 ambiguous_path' ],
    [ '/chat/completions///', '400 ambiguous_path' ],
    [ '/Rerank', '400 ambiguous_path' ],
    [ '/chat/', '400 ambiguous_path' ],
    [ '/Chat', '400 ambiguous_path' ],
);

for my $route (@unmatched) {
    my ($path, $expected) = @$route;

    is(verdict(post_to($t, 'pass', $path, $body)), $expected,
        "unmatched pass: $path");
}

# APIs and servers generate on these, in shapes without a dialect.

for my $path (qw(
    /messages /invocations /predict /vertex_generate /
    /model/deepseek.r1-v1:0/invoke /api/extra/generate/stream
    /v9/models/m:generateContent /v1/projects/p/locations/l/endpoints/e:predict
    /api/v1/services/aigc/text-generation/generation
    /client/v4/accounts/a/ai/run/@cf/meta/llama
    /v1/conversations /v1/conversations/c /v1/agents /v1/sessions/s/events
    /v1/summarize /v2/batches /v1beta/interactions /v1/realtime/client_secrets
    /v1/realtime/sessions /retrieveAndGenerate /api/create /api/copy
    /ml/v1/text/generation
)) {
    my $r = post_to($t, 'pass', $path, '{"temperature":1.9}');

    is(verdict($r), '400 ambiguous_path', "$path, unmatched");
    like(message($r), qr/must have a route/, "$path, message");
}

for my $path (qw(
    /v1alpha/models/m:generateContent /v1beta/dynamic/m:generateContent
    /v1/projects/p/locations/l/endpoints/m:generateContent
)) {
    is(verdict(post_to($t, 'pass', $path,
        '{"generationConfig":{"temperature":1.9}}')),
        '{"generationConfig":{"temperature":1}}', $path);
}

is(verdict(post_to($t, 'pass', '/v1/conversations/c/restart',
    '{"inputs":"x","completion_args":{"temperature":1.9}}')),
    '{"inputs":"x","completion_args":{"temperature":1}}', 'a conversation');

$t->done;
