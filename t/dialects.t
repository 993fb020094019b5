#!/usr/bin/perl

# One policy means the same on every API: the same decisions, at each API's own
# paths, in its own members, and in its own errors.  llm-policy explain says so
# too.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use LLMPolicy::Decision;
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "nothing",
  "tiers": {
    "nothing": {},
    "default": { "parameters": { "temperature": { "default": 0.70 } } },
    "max":     { "parameters": { "temperature": { "max": 0.9 } } },
    "min":     { "parameters": { "temperature": { "min": 0.2 } } },
    "remove":  { "parameters": { "temperature": { "remove": true } } },
    "refuse":  { "parameters": { "temperature":
                   { "max": 0.9, "on_violation": "reject" } } }
  },
  "routes": [
    { "path": "~^/v1/conversations(/[^/]+(/restart)?)?$",
      "dialect": "mistral.conversations" },
    { "path": "/sglang/generate", "dialect": "sglang.generate" }
  ]
}
EOP

$t->run(<<'EOC' =~ s/%%FIELDS%%/decision_fields()/er);

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

%%FIELDS%%

    server {
        listen 127.0.0.1:%%PORT_0%%;

        llm_policy on;
        llm_policy_file policy.json;
        llm_policy_tier $http_x_tier;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

# What is around the member that a request may have, the temperature: <T>.  The
# upstream's own is what it takes if there is none: a number, "?" if it differs,
# "none" where nothing is generated and nothing is ever added.

my ($top, $vertex, $vertex_beta) = ('{"model":"m",<"temperature":T>}',
    map { "/$_/projects/p/locations/l/publishers" } qw(v1 v1beta1));

# dialect, shape of its errors, upstream's own, request, paths: "*" is for each
# of the prefixes, {} around the model

my @dialects = (
    [ 'openai.chat', 'openai', 1, $top,
        '*/chat/completions', '*/chat/completions/batch',
        '/openai/deployments/{gpt-4o}/chat/completions' ],
    [ 'openai.completions', 'openai', 1, $top,
        '*/completions', '/openai/deployments/{d}/completions' ],
    [ 'openai.responses', 'openai', 1, $top, '*/responses' ],
    [ 'openai.assistants', 'openai', 1, $top,
        '*/threads/t1/runs', '*/threads/runs', '*/assistants',
        '*/assistants/a1' ],
    [ 'openai.evals', 'openai', 1,
        '{"data_source":{"model":"m","sampling_params":{<"temperature":T>}}}',
        '*/evals/e1/runs', '*/evals', '*/fine_tuning/alpha/graders/run' ],
    [ 'openai.embeddings', 'openai', 'none', $top,
        '*/embeddings', '/openai/deployments/{d}/embeddings' ],
    [ 'openai.moderations', 'openai', 'none', $top, '*/moderations' ],
    [ 'openai.images', 'openai', 'none', $top,
        '*/images/generations', '/openai/deployments/{d}/images/generations' ],
    [ 'openai.speech', 'openai', 'none', $top,
        '*/audio/speech', '/openai/deployments/{d}/audio/speech' ],
    [ 'openai.input', 'openai', 'none', $top,
        '*/responses/compact', '*/responses/input_tokens' ],
    [ 'rerank', 'openai', 'none', $top, '*/rerank', '*/score', '/v2/rerank' ],
    [ 'tokenize', 'openai', 'none', $top, '*/tokenize', '*/detokenize' ],

    [ 'anthropic.messages', 'anthropic', 1, $top, '/v1/messages',
        map { "$vertex/anthropic/models/{claude-opus-4\@20250514}:$_" }
            qw(rawPredict streamRawPredict) ],
    [ 'anthropic.batches', 'anthropic', 1, '{"requests":[{"custom_id":"c",'
            . '"params":{"model":"m",<"temperature":T>}}]}',
        '/v1/messages/batches' ],
    [ 'anthropic.complete', 'anthropic', 1, $top, '/v1/complete' ],
    [ 'anthropic.count_tokens', 'anthropic', 'none', $top,
        '/v1/messages/count_tokens' ],

    [ 'gemini.generate', 'google', '?',
        '{"contents":[],"generationConfig":{<"temperature":T>}}',
        map { my $path = $_; map { "$path:$_" }
                qw(generateContent streamGenerateContent) }
            '/v1beta/models/{gemini-2.5-pro}', '/v1/models/{gemini-2.5-pro}',
            "$vertex/google/models/{m}", "$vertex_beta/google/models/{m}" ],
    [ 'gemini.generate', 'google', '?',
        '{"contents":[],"generation_config":{<"temperature":T>}}',
        '/v1beta/models/{m}:generateContent' ],
    [ 'gemini.plain', 'google', 'none', '{"contents":[],<"temperature":T>}',
        map({ my $path = $_; map { "$path/models/{m}:$_" }
                qw(countTokens embedContent batchEmbedContents) }
            '/v1beta', '/v1'),
        map { "$_/google/models/{m}:countTokens" } $vertex, $vertex_beta ],

    [ 'bedrock.converse', 'message', '?',
        '{"messages":[],"inferenceConfig":{<"temperature":T>}}',
        map { "/model/{anthropic.claude-v2:1}/$_" } qw(converse
            converse-stream) ],
    [ 'cohere.chat', 'message', 0.3, $top, '/v2/chat', '/v1/chat',
        '/v1/generate' ],
    [ 'mistral.chat', 'openai', '?', $top, '/v1/fim/completions',
        '/v1/agents/completions' ],
    [ 'mistral.conversations', 'openai', '?',
        '{"model":"m","completion_args":{<"temperature":T>}}',
        '/v1/conversations', '/v1/conversations/c',
        '/v1/conversations/c/restart' ],

    [ 'ollama', 'ollama', '?', '{"model":"m","options":{<"temperature":T>}}',
        '/api/chat', '/api/generate' ],
    [ 'ollama.embed', 'ollama', 'none', $top, '/api/embed',
        '/api/embeddings' ],
    [ 'llamacpp.completion', 'openai', '?', $top, '/completion', '/infill' ],
    [ 'sglang.generate', 'openai', '?',
        '{"model":"m","sampling_params":{<"temperature":T>}}',
        '/sglang/generate' ],
    [ 'sglang.generate', 'openai', '?',
        '{"model":"m","sampling_params":[{"top_k":5,<"temperature":T>}]}',
        '/sglang/generate' ],
    [ 'vllm.generate', 'openai', '?',
        '{"model":"m","sampling_params":{<"temperature":T>}}',
        '/inference/v1/generate' ],
    [ 'tgi.generate', 'ollama', 1,
        '{"inputs":"i","parameters":{<"temperature":T>}}',
        '/generate', '/generate_stream' ],
);

my @prefixes = ('/v1', '/openai/v1', '/api/v1', '/v1beta/openai', '/beta',
    '/openai', '');

# tier, temperature (undef: absent), what is sent (a code: a refusal); $own is
# for what is sent only if the upstream's own is not within

my ($absent, $same, $own);

my @decisions = (
    [ nothing => 1.9, 1.9 ],

    [ default => $absent, '0.70' ],
    [ default => 'null', '0.70' ],
    [ default => 1.9, 1.9 ],

    [ max => 1.9, 0.9 ],
    [ max => '0.50', '0.50' ],
    [ max => $absent, \0.9 ],
    [ max => 'null', \0.9 ],
    [ max => '"0.5"', 'invalid_type',
        'temperature must be a number, not a string' ],

    [ min => 0.1, 0.2 ],
    [ min => $absent, \0.2 ],

    [ remove => 1.9, $absent ],
    [ remove => 'null', $absent ],
    [ remove => $absent, $absent ],

    [ refuse => 1.9, 'value_not_allowed',
        'temperature 1.9 is above the maximum 0.9 for tier "refuse"' ],
    [ refuse => 0.9, 0.9 ],
);

# the paths beside the first lead to the same tables

my @everywhere = grep { "@$_[0, 1]" =~ /^(?:max|refuse) 1\.9$/ }
    grep { defined $_->[1] } @decisions;

my (%paths, $sent);

for my $dialect (@dialects) {
    my ($name, $shape, $own, $request, @patterns) = @$dialect;

    my @paths = map { my $path = $_; $path =~ /^\*/
        ? map { $path =~ s/^\*/$_/r } @prefixes : $path } @patterns;

    push @{ $paths{$name} }, @paths;

    for my $path (@paths) {
        check($dialect, $path, $_)
            for $path eq $paths[0] ? @decisions : @everywhere;
    }
}

is($up->count, $sent, 'nothing else reached the upstream');

# No dialect, and no route of it, has been forgotten.

my $known = tool('', 'dialects')->{out};
my %routes = $known =~ /^## (\w[\w.]+)\n\nRoutes: (.*)$/mg;

is_deeply([ sort keys %paths ], [ sort keys %routes ], 'all dialects');

for my $dialect (sort keys %routes) {
    for my $route ($routes{$dialect} =~ /`(\S+)`/g) {
        my $prefix = grep { $_ eq $route } @prefixes;
        my $pattern = quotemeta($route) =~ s/\\\{(model)?\\\}/[^\/]+/gr;

        ok($prefix || grep({ s/[{}]//gr =~ /$pattern$/ } @{ $paths{$dialect} }),
            "$dialect, $route");
    }
}

$t->done;

# The request, with a temperature or without one.

sub request_of {
    my ($request, $temperature) = @_;

    return defined $temperature
        ? $request =~ s/<(.*)T(.*)>/$1$temperature$2/r
        : $request =~ s/,?<.*>//r;
}

# What is added to a request without one: $bound if the upstream's own is not
# within.

sub added {
    my ($tier, $own, $bound) = @_;

    return $bound if $own eq '?';
    return $tier eq 'max' && $own > $bound || $tier eq 'min' && $own < $bound
        ? $bound : undef;
}

sub check {
    my ($dialect, $path, $decision) = @_;
    my ($name, $shape, $own, $request) = @$dialect;
    my ($tier, $temperature, $sent_is, $message) = @$decision;

    my $model = $path =~ /\{(.*)\}/ ? $1
        : $request =~ /"model":"(.*?)"/ ? $1 : '';
    my $body = request_of($request, $temperature);
    my %expected = (dialect => $name, model => $model, refused => '');

    $path =~ s/[{}]//g;

    if (defined $message) {
        %expected = (%expected, status => 'rejected',
            refused => "400 $sent_is",
            body => refusal($shape, 400, $sent_is, 'temperature', $message));

    } else {
        my $absent = !defined $temperature || $temperature eq 'null';

        $sent_is = added($tier, $own, $$sent_is) // $temperature
            if ref $sent_is && $own ne 'none';
        $sent_is = $temperature if $absent && $own eq 'none'
            && $tier ne 'remove';

        $expected{body} = request_of($request, $sent_is);
        $expected{status} = $expected{body} eq $body ? 'passed' : 'modified';
        $sent++;
    }

    decided($t, "$path, $tier: $body",
        { path => $path, tier => $tier, body => $body }, \%expected);
}
