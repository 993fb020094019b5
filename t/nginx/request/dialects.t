#!/usr/bin/perl

# One policy has the same effect on every API: the same decisions, at each API's
# own paths, in its own members, and in its own errors.  llm-policy explain
# agrees.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
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
    { "path": "~^/v1/conversations(/[^/]+)?$",
      "dialect": "mistral.conversations" },
    { "path": "/sglang/generate", "dialect": "sglang.generate" },
    { "path": "/mistral/files", "dialect": "mistral.files" },
    { "path": "/local/chat", "dialect": "compatible.chat" },
    { "path": "/local/messages", "dialect": "compatible.messages" }
  ]
}
EOP

$t->run(decision_conf());

# A request around its temperature, <T>.  The upstream's own value applies if
# there is none: a number, "?" if it differs, "none" if the API generates
# nothing, and nothing is ever added.

my @endpoints = map { "/$_/projects/p/locations/l/endpoints/{e}" }
    qw(v1 v1beta1);

my ($top, $vertex, $vertex_beta) = ('{"model":"m",<"temperature":T>}',
    map { "/$_/projects/p/locations/l/publishers" } qw(v1 v1beta1));

# A form: a field is CR LF, name, CR LF, content.

my @form = map { "--b\r\nContent-Disposition: form-data; name=\"$_\r\n\r\n" }
    qw(file"; model" temperature" purpose");

my $audio = "$form[1]m\r\n" . ($form[0] =~ s/;\r/; filename="a.mp3"\r/r)
    . "\0\n--\r\n<$form[2]T\r\n>--b--\r\n";

my $file = "$form[3]batch\r\n" . ($form[0] =~ s/;\r/; filename="a.jsonl"\r/r)
    . "LINE\n\r\n--b--\r\n";

my ($line, $plain_line, $mistral_line) = map { $file =~ s/LINE/$_/r }
    map({ my $url = $_; '{"custom_id":"c","method":"POST","url":"/v1/' . $url
        . '","body":{"model":"m",<"temperature":T>}}' }
        qw(chat/completions embeddings)),
    '{"custom_id":"c","body":{"model":"m",<"temperature":T>}}';

# dialect, shape of its errors, upstream's value, request, paths: "*" is each of
# the prefixes, {} encloses the model

my @dialects = (
    [ 'openai.chat', 'openai', 1, $top,
        '*/chat/completions', '*/chat/completions/batch',
        '/openai/deployments/{gpt-4o}/chat/completions' ],
    [ 'compatible.chat', 'openai', '?', $top, '/local/chat' ],
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
    [ 'openai.moderations', 'openai', 'none', $top, '*/moderations',
        map { "/v1/$_" } qw(chat/moderations classifications
            chat/classifications) ],
    [ 'openai.images', 'openai', 'none', $top,
        '*/images/generations', '/openai/deployments/{d}/images/generations' ],
    [ 'openai.speech', 'openai', 'none', $top,
        '*/audio/speech', '/openai/deployments/{d}/audio/speech' ],
    [ 'openai.input', 'openai', 'none', $top,
        '*/responses/compact', '*/responses/input_tokens' ],
    [ 'openai.transcriptions', 'openai', 0, $audio,
        '*/audio/transcriptions', '*/audio/translations',
        map { "/openai/deployments/{m}/audio/$_" } qw(transcriptions
            translations) ],
    [ 'openai.image_edits', 'openai', 'none', $audio,
        '*/images/edits', '*/images/variations',
        '/openai/deployments/{m}/images/edits' ],
    [ 'openai.files', 'openai', 1, $line, '*/files' ],
    [ 'openai.files', 'openai', 'none', $plain_line, '/v1/files' ],
    [ 'openai.batches', 'openai', 'none', $top =~ s/"model":"m"/"id":"f"/r,
        '*/batches' ],
    [ 'openai.threads', 'openai', 'none', $top =~ s/"model":"m"/"role":"user"/r,
        map { "*/threads$_" } '', qw(/thread_t /t/messages /t/messages/m
            /t/runs/r /t/runs/r/submit_tool_outputs) ],
    [ 'rerank', 'openai', 'none', $top, '*/rerank', '*/score' ],
    [ 'tokenize', 'openai', 'none', $top, '*/tokenize', '*/detokenize' ],

    [ 'compatible.messages', 'anthropic', '?', $top, '/local/messages' ],
    [ 'anthropic.messages', 'anthropic', 1, $top, '/v1/messages',
        map { "$vertex/anthropic/models/{claude-opus-4\@20250514}:$_" }
            qw(rawPredict streamRawPredict) ],
    [ 'anthropic.batches', 'anthropic', 1, '{"requests":[{"custom_id":"c",'
            . '"params":{"model":"m",<"temperature":T>}}]}',
        '/v1/messages/batches' ],
    [ 'anthropic.complete', 'anthropic', 1, $top, '/v1/complete' ],
    [ 'anthropic.count_tokens', 'anthropic', 'none', $top,
        '/v1/messages/count_tokens',
        '/v1/projects/p/locations/l/publishers/anthropic/models/'
            . 'count-tokens:rawPredict' ],

    [ 'gemini.generate', 'google', '?',
        '{"contents":[],"generationConfig":{<"temperature":T>}}',
        map { my $path = $_; map { "$path:$_" }
                qw(generateContent streamGenerateContent) }
            '/v1beta/models/{gemini-2.5-pro}', '/v1/models/{gemini-2.5-pro}',
            '/v1alpha/models/{m}', '/v1beta/dynamic/{m}', @endpoints,
            '/v1beta/tunedModels/{m}', map { "$_/google/models/{m}" }
                $vertex, $vertex_beta, '/v1/publishers',
                '/v1beta1/publishers' ],
    [ 'gemini.generate', 'google', '?',
        '{"contents":[],"generation_config":{<"temperature":T>}}',
        '/v1beta/models/{m}:generateContent' ],
    [ 'gemini.plain', 'google', 'none', '{"contents":[],<"temperature":T>}',
        map({ my $path = $_; map { "$path/models/{m}:$_" }
                qw(countTokens embedContent batchEmbedContents) }
            '/v1beta', '/v1', '/v1alpha'),
        map({ "$_:countTokens" } @endpoints),
        map { "$_/google/models/{m}:countTokens" } $vertex, $vertex_beta,
            '/v1/publishers', '/v1beta1/publishers' ],

    [ 'gemini.batch', 'google', '?',
        '{"batch":{"inputConfig":{"requests":{"requests":[{"request":{'
            . '"contents":[],"generationConfig":{<"temperature":T>}}}]}}}}',
        '/v1beta/models/{m}:batchGenerateContent',
        '/v1/models/{m}:batchGenerateContent',
        '/v1alpha/models/{m}:batchGenerateContent' ],

    [ 'bedrock.converse', 'message', '?',
        '{"messages":[],"inferenceConfig":{<"temperature":T>}}',
        map { "/model/{anthropic.claude-v2:1}/$_" } qw(converse
            converse-stream) ],
    map({
        my ($dialect, $own, $model, $in) = @$_;
        [ "bedrock.$dialect", 'message', $own,
            '{"prompt":"p",' . ($in ? qq("$in":{<"temperature":T>}})
                : '<"temperature":T>}'),
            map { "/model/{$model}/$_" } qw(invoke
                invoke-with-response-stream) ]
    } [ anthropic => 1, 'eu.anthropic.claude-sonnet-4-v1:0' ],
        [ nova => '?', 'amazon.nova-lite-v1:0', 'inferenceConfig' ],
        [ titan => 0.7, 'amazon.titan-text-express-v1',
            'textGenerationConfig' ],
        [ llama => 0.5, 'meta.llama3-8b-instruct-v1:0' ],
        [ mistral => '?', 'mistral.mistral-large-2402-v1:0' ],
        [ cohere => '?', 'cohere.command-r-v1:0' ],
        map { [ openai => '?', $_ ] } qw(openai.gpt-oss-120b-1:0 qwen.qwen3
            ai21.jamba-1-5-large-v1:0)),
    [ 'cohere.chat', 'message', 0.3, $top, '/v2/chat', '/v1/chat',
        '/v1/generate' ],
    [ 'cohere.plain', 'message', 'none', $top, '/v2/rerank', '/v2/embed',
        '/v1/embed' ],
    [ 'mistral.chat', 'openai', '?', $top, '/v1/fim/completions' ],
    [ 'mistral.agents', 'openai', 'none', $top, '/v1/agents/completions' ],
    [ 'mistral.conversations', 'openai', '?',
        '{"model":"m","completion_args":{<"temperature":T>}}',
        '/v1/conversations', '/v1/conversations/c',
        '/v1/conversations/c/restart' ],
    [ 'mistral.files', 'openai', '?', $mistral_line, '/mistral/files' ],
    [ 'mistral.jobs', 'openai', '?',
        '{"model":"m","requests":[{"body":{"messages":[],<"temperature":T>}}]}',
        '/v1/batch/jobs' ],

    [ 'ollama', 'ollama', '?', '{"model":"m","options":{<"temperature":T>}}',
        '/api/chat', '/api/generate' ],
    [ 'ollama.embed', 'ollama', 'none', $top, '/api/embed',
        '/api/embeddings', '/api/show' ],
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

# tier, temperature, forwarded temperature: a reference is a value to add, if
# the API generates text and the upstream's own value is not within the bounds;
# or the message of a refusal

my $absent;

my @decisions = (
    [ nothing => 1.9, 1.9 ],

    [ default => $absent, \'0.70' ],
    [ default => 'null', \'0.70' ],
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

    [ refuse => 0.9, 0.9 ],
    [ refuse => 1.9, 'value_not_allowed',
        'temperature 1.9 is above the maximum 0.9 for tier "refuse"' ],
);

my (%paths, $sent);

for my $dialect (@dialects) {
    my ($name, $shape, $own, $request, $first, @others) = @$dialect;
    my @paths = $first =~ /^\*(.*)/ ? map { "$_$1" } @prefixes : $first;

    check($dialect, $paths[0], @$_) for @decisions;

    # one decision suffices to know that the other paths use the same tables

    push @paths, map { s/^\*/\/v1/r } @others;
    check($dialect, $_, max => 1.9, 0.9) for @paths[1 .. $#paths];

    push @{ $paths{$name} }, @paths;
}

is($up->count, $sent, 'nothing else reached the upstream');

# All dialects, and all of their routes, are in this test.  "generate" is one of
# two dialects, by the body.

$paths{generate} = $paths{'tgi.generate'};

my %routes = tool('', 'dialects')->{out}
    =~ /^## ([\w.]+)\n\nRoutes:(.*?)\n\n(?!-)/msg;

is_deeply([ sort keys %paths ], [ sort keys %routes ], 'all dialects');

for my $dialect (sort keys %routes) {
    for my $route ($routes{$dialect} =~ /`(.*?)`/g) {
        my $pattern = quotemeta($route =~ s/^PREFIX//r)
            =~ s/\\\{(?:model)?\\\}/[^\/]+/gr
            =~ s/\\\{model\\:(.*?)\\\}/'[^\/]*' . $1 . '[^\/]*'/er;

        isnt(scalar grep({ /$pattern$/ } @{ $paths{$dialect} // [] }), 0,
            "$dialect, $route");
    }
}

$t->done;

# Returns the request with a temperature, or without one.

sub with {
    my ($request, $temperature) = @_;

    return defined $temperature
        ? $request =~ s/<(.*)T(.*)>/$1$temperature$2/sr
        : $request =~ s/,?<.*>//sr;
}

# Returns the text that is forwarded instead of a temperature.

sub sent_for {
    my ($own, $tier, $temperature, $result) = @_;

    return $result if !ref $result;
    return $temperature if $own eq 'none';

    my $added = $own eq '?' || $tier eq 'default'
        || ($tier eq 'max' ? $own > $$result : $own < $$result);

    return $added ? $$result : $temperature;
}

sub check {
    my ($dialect, $path, $tier, $temperature, $result, $message) = @_;
    my ($name, $shape, $own, $request) = @$dialect;

    my $form = $request =~ /^--b\r\n/;

    if ($request eq $audio && ($temperature // '') eq 'null') {

        # the value is a text there

        return if $tier eq 'remove' || $own eq 'none';
        ($result, $message) = ('invalid_type',
            'temperature must be a number, not a string');
    }

    # the message for a file names the line

    if (defined $message && $form && $request ne $audio) {
        $message = "line 1: $message";
    }

    my $body = with($request, $temperature);
    my $model = $path =~ /\{(.*)\}/ ? $1
        : $request =~ /"model":"(.*?)"/ ? $1
        : $request eq $audio ? 'm' : '';

    $path =~ s/[{}]//g;

    my %expected = defined $message
        ? (status => 'rejected', refused => "400 $result",
            body => refusal($shape, 400, $result, 'temperature', $message))
        : (refused => '',
            body => with($request, sent_for($own, $tier, $temperature,
                $result)));

    $expected{status} //= $expected{body} eq $body ? 'passed' : 'modified';
    $sent++ if !defined $message;

    decided($t, "$path, $tier: $body",
        { path => $path, tier => $tier, body => $body,
            $form ? (fields => { 'Content-Type' =>
                'multipart/form-data; boundary=b' }) : () },
        { dialect => $name, model => $model, %expected });
}
