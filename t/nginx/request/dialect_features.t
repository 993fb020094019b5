#!/usr/bin/perl

# Features of a single API: members that conflict, several requests in one body,
# two spellings of a name, absent objects, its own bounds, a model in the path,
# a signature of the body.  llm-policy explain agrees.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Decision;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

# dialect => path, shape of its errors

my %api = (
    'anthropic.messages' => [ '/v1/messages', 'anthropic' ],
    'anthropic.batches' => [ '/v1/messages/batches', 'anthropic' ],
    'gemini.generate' => [ '/v1beta/models/m:generateContent', 'google' ],
    'bedrock.converse' => [ '/model/m/converse', 'message' ],
    'cohere.chat' => [ '/v2/chat', 'message' ],
    'mistral.conversations' => [ '/v1/conversations', 'openai' ],
    'ollama' => [ '/api/chat', 'ollama' ],
    'vllm.generate' => [ '/inference/v1/generate', 'openai' ],
    'tgi.generate' => [ '/generate_stream', 'ollama' ],
    'openai.evals' => [ '/v1/evals', 'openai' ],
    'openai.assistants' => [ '/v1/threads/runs', 'openai' ],
);

# dialect => rules, request, forwarded body (undef: unchanged) or, if refused,
# code, param and message

my $both = '"temperature": { "default": 0.7, "max": 0.9 }';
my ($default, $max, $force) = map { qq("temperature": { $_ }) }
    '"default": 0.7', '"max": 0.9', '"force": 0';

my ($allowed, $low) = map { qq("reasoning_effort": { $_ }) }
    '"allow": ["low", "medium"]', '"force": "low"';
my @high = ('value_not_allowed', 'reasoning_effort',
    'reasoning_effort "high" is not among the values allowed for tier "%s"');

my ($messages, $batches, $gemini)
    = qw(anthropic.messages anthropic.batches gemini.generate);

my @rows = (

    # a message may set the effort for those behind it, and is not enough to set
    # it for all
    [ $messages, $allowed,
        turn('"medium"', '"output_config":{"effort":"low"}') ],
    [ $messages, $allowed, turn('"high"'), @high ],
    [ $batches, $allowed, '{"requests":[{"params":' . turn('"high"') . '}]}',
        @high ],
    [ $messages, $low, turn('"high"', '"output_config":{"effort":"max"}'),
        turn('"low"', '"output_config":{"effort":"low"}') ],
    [ $messages, $low, turn('"high"', '"output_config":{"effort":"low"}'),
        turn('"low"', '"output_config":{"effort":"low"}') ],
    [ $messages, $low, turn('"high"', '"stream":false'),
        turn('"low"', '"stream":false,"output_config":{"effort":"low"}') ],

    # combinations that Anthropic refuses are not written
    [ $messages, $default, '{"top_p":0.5}' ],
    [ $messages, $default, '{"top_p":null}',
        '{"top_p":null,"temperature":0.7}' ],
    [ $messages, qq($default, "top_p": { "max": 0.9 }), '{}',
        '{"temperature":0.7}' ],
    [ $messages, '"top_p": { "max": 0.9 }', '{"temperature":0.5}' ],
    [ $messages, $default, '{"thinking":{"type":"enabled"}}' ],
    [ $messages, $default, '{"thinking":{"type":"adaptive"}}' ],
    [ $messages, $default, '{"thinking":{"type":"disabled"}}',
        '{"thinking":{"type":"disabled"},"temperature":0.7}' ],
    [ $messages, $max, '{"temperature":1,"thinking":{"type":"enabled"}}',
        'value_not_allowed', 'temperature', 'temperature must be 0.9, but the '
            . 'API refuses that value next to other members of the request' ],
    [ $messages, '"temperature": { "force": 1.5 }', '{"temperature":0.5}',
        '{"temperature":1}' ],
    [ $messages, '"max_tokens": { "max": 9 }',
        '{"max_tokens":99,"thinking":{"type":"enabled","budget_tokens":7}}',
        '{"max_tokens":9,"thinking":{"type":"enabled","budget_tokens":7}}' ],
    [ $messages, '"max_tokens": { "max": 9 }',
        '{"max_tokens":99,"thinking":{"type":"enabled","budget_tokens":77}}',
        '{"max_tokens":9,"thinking":{"type":"disabled"}}' ],

    # each request of a batch by itself, and members next to them
    [ $batches, $both,
        '{"requests":[{"params":{"temperature":1}},'
            . '{"custom_id":"a","params":{"top_p":1}},{"params":{"n":1}}]}',
        '{"requests":[{"params":{"temperature":0.9}},'
            . '{"custom_id":"a","params":{"top_p":1}},'
            . '{"params":{"n":1,"temperature":0.7}}]}' ],
    [ $batches, $both, '{"requests":[]}' ],
    [ $batches, $both, '{"temperature":2,"requests":[]}',
        '{"temperature":0.9,"requests":[]}' ],
    [ $batches, qq($max, "seed": { "deny": true }),
        '{"requests":[{"params":{"temperature":1}},{"params":{"seed":1}}]}',
        'parameter_denied', 'seed', 'seed is not permitted for tier "%s"' ],
    [ $batches, $max, '{"requests":[],"fallbacks":[1]}', 'undermines_policy',
        'fallbacks',
        'fallbacks can undo the bound on temperature for tier "%s"' ],
    [ $batches, $max, '{"requests":"x"}', 'invalid_type', 'requests',
        'requests must be an object, not a string: the policy checks '
            . 'temperature inside it' ],
    [ $batches, $max, '{"requests":[{"params":"{}"}]}', 'invalid_type', undef,
        'a request must be an object' ],

    # both spellings of protobuf
    [ $gemini, '"top_p": { "max": 0.9 }',
        '{"generation_config":{"top_p":1}}',
        '{"generation_config":{"top_p":0.9}}' ],
    [ $gemini, '"top_p": { "default": 0.9 }', '{"generation_config":{}}',
        '{"generation_config":{"topP":0.9}}' ],
    [ $gemini, '"top_p": { "max": 0.9 }',
        '{"generationConfig":{"top_p":0.5,"topP":0.6}}', 'ambiguous_member',
        'generationConfig.topP',
        'generationConfig.topP is another name of a member that is present; '
            . 'send one of them' ],
    [ $gemini, '"top_p": { "max": 0.9 }',
        '{"generationConfig":{"top_p":0.5},"generation_config":{}}',
        'ambiguous_member', 'generation_config',
        'generation_config is another name of a member that is present; send '
            . 'one of them' ],
    [ $gemini, '"seed": { "remove": true }',
        '{"generationConfig":{"top_p":0.5,"topP":0.6}}' ],

    # an absent object is created, unless it might not belong there
    [ $gemini, $default, '{"contents":[]}',
        '{"contents":[],"generationConfig":{"temperature":0.7}}' ],
    [ 'bedrock.converse', $max, '{}',
        '{"inferenceConfig":{"temperature":0.9}}' ],
    [ 'mistral.conversations', $default, '{"inputs":"i"}',
        '{"inputs":"i","completion_args":{"temperature":0.7}}' ],
    [ 'ollama', qq($default, "max_tokens": { "default": 5 }), '{"model":"m"}',
        '{"model":"m","options":{"temperature":0.7,"num_predict":5}}' ],
    [ 'ollama', $max, '{"options":null,"model":"m"}',
        '{"options":{"temperature":0.9},"model":"m"}' ],
    [ 'ollama', $max, '{"temperature":2}',
        '{"temperature":0.9,"options":{"temperature":0.9}}' ],
    [ 'ollama', $max, '{"options":[]}', 'invalid_type', 'options',
        'options must be an object, not an array: the policy checks '
            . 'temperature inside it' ],
    [ 'vllm.generate', $default, '{}',
        '{"sampling_params":{"temperature":0.7}}' ],
    [ 'openai.evals', $default, '{"data_source":{"type":"jsonl"}}' ],
    [ 'openai.evals', $default, '{"data_source":{"sampling_params":{}}}',
        '{"data_source":{"sampling_params":{"temperature":0.7}}}' ],
    [ 'openai.evals', $max,
        '{"testing_criteria":[{"sampling_params":{"temperature":2}}]}',
        '{"testing_criteria":[{"sampling_params":{"temperature":0.9}}]}' ],
    [ $batches, $max, '{"requests":[],"fallbacks":[]}' ],
    [ 'openai.evals', $max, '{"grader":{"graders":{}}}' ],
    [ 'openai.evals', $max, '{"grader":{"graders":{"a":1}}}',
        'undermines_policy', 'grader.graders',
        'grader.graders can undo the bound on temperature for tier "%s"' ],

    # TGI requires more than 0, and less than 1
    [ 'tgi.generate', $force, '{}', '{"parameters":{"temperature":0.01}}' ],
    [ 'tgi.generate', $force, '{"parameters":{"temperature":1}}',
        '{"parameters":{"temperature":0.01}}' ],
    [ 'tgi.generate', '"top_p": { "default": 1 }', '{}',
        '{"parameters":{"top_p":0.99}}' ],

    # Cohere's names
    [ 'cohere.chat', '"top_p": { "max": 0.5 }, "top_k": { "max": 40 }', '{}',
        '{"p":0.5,"k":40}' ],
    [ 'cohere.chat', $max, '{"preset":"p"}', 'undermines_policy', 'preset',
        'preset can undo the bound on temperature for tier "%s"' ],

    # the settings of a stored assistant are unknown
    [ 'openai.assistants', '"temperature": { "max": 1.5 }', '{}' ],
    [ 'openai.assistants', '"temperature": { "max": 1.5 }',
        '{"assistant_id":"a"}', '{"assistant_id":"a","temperature":1}' ],
);

$t->write_file('policy.json', tiers(map { $_->[1] } @rows)
    =~ s/\}\s*\z/, "routes": [ { "path": "\/v1\/conversations",
        "dialect": "mistral.conversations" } ] }/r);

$t->write_file('models.json', <<'EOP');
{
  "version": 1,
  "default_tier": "some",
  "tiers": {
    "some": {
      "models": { "allow": ["~^good"] }
    },
    "bound": { "parameters": { "temperature": { "max": 0.9 } } }
  }
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

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    proxy_set_header Host $http_host;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_file%%;

        client_body_in_file_only clean;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_models%%;

        llm_policy_file models.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

for my $i (0 .. $#rows) {
    my ($dialect, $rules, $body, $result, $param, $message) = @{ $rows[$i] };
    my ($path, $shape) = @{ $api{$dialect} };

    # the tier is one of many
    $message =~ s/%s/$i/ if defined $message;

    decided($t, "$dialect, $rules: $body",
        { path => $path, tier => $i, body => $body },
        { dialect => $dialect, model => "$path $body" =~ /\bm\b/ ? 'm' : '',
            expected($shape, $body, $result, $param, $message) });
}

# A batch in memory and in a file, in which removed text leaves spaces.

my ($tier) = grep { $rows[$_][1] eq $both } 0 .. $#rows;

my @batch = (
    [ '"params":{"model":"m","temperature":0.50,"messages":["..."]}' ],
    [ '"params":{"temperature":1.95,"messages":["..."]}',
        '"params":{"temperature":0.9<5>,"messages":["..."]}' ],
    [ '"params":{"messages":["..."],"max_tokens":9 }',
        '"params":{"messages":["..."],"max_tokens":9 ,"temperature":0.7}' ],
    [ '"params":{"temperature":null,"stream":true}',
        '"params":{"temperature":0.7<l>,"stream":true}' ],
);

for my $run ([ 0, 10, 1 ], [ 0, 10, 200 ], [ 0, 30_000, 1 ], [ 'file', 10, 1 ],
    [ 'file', 10, 200 ], [ 'file', 30_000, 1 ])
{
    my ($port, $size, $times) = @$run;

    my ($before, $after) = map { my $n = $_;
        '{"requests":[' . join(',', map { '{"custom_id":"c",'
            . ($_->[$n] // $_->[0]) . '}' } (@batch) x $times) . ']}' } 0, 1;

    s/\.\.\./'x' x $size/ge for $before, $after;

    $up->clear;
    post_to($t, $port, $api{$batches}[0], $before, 'X-Tier' => $tier);
    $t->is_sent($up, $t->edited($after,
            $port || length $before > 16_384 ? 'always' : 0),
        "a batch, server $port, $size bytes, $times times");
}

# A model in the path.  If the API also reads one from the body, the upstream
# may use either.

my $vertex = '/v1/projects/p/locations/l/publishers';

for my $route (
    [ '/openai/deployments/MODEL/chat/completions', 'openai.chat', 'openai' ],
    [ "$vertex/anthropic/models/MODEL:rawPredict", $messages, 'anthropic' ],
    [ "$vertex/google/models/MODEL:generateContent", $gemini, 'google' ],
    [ '/v1beta/models/MODEL:streamGenerateContent', $gemini, 'google' ],
    [ '/model/MODEL/converse', 'bedrock.converse', 'message' ],
) {
    my ($path, $dialect, $shape) = @$route;

    by_model($path, $dialect, $shape, 'good-1', '{}');
    by_model($path, $dialect, $shape, 'bad', '{}', 403, 'model_not_allowed',
        'model bad is not permitted for tier "some"');

    next if $shape !~ /^(?:openai|anthropic)$/;

    by_model($path, $dialect, $shape, 'good', '{"model":"good"}');

    # Azure does not read the model of the body
    by_model($path, $dialect, $shape, 'good', '{"model":"good-2"}',
        $path =~ m{^/openai/deployments/} ? () : (400, 'ambiguous_member',
            'model "good-2" is not the one in the path'));
}

# Refusals before the body is read have the API's shape, too.

for my $dialect (sort keys %api) {
    my ($path, $shape) = @{ $api{$dialect} };

    decided($t, "$dialect, no JSON", {
        path => $path, tier => 0, body => '{}',
        fields => { 'Content-Type' => 'text/plain' },
    }, {
        status => 'rejected', dialect => $dialect,
        model => $path =~ /\bm\b/ ? 'm' : '',
        refused => '415 unsupported_content_type',
        body => refusal($shape, 415, 'unsupported_content_type', undef,
            'the request must have one Content-Type, application/json, in '
            . 'UTF-8'),
    });
}

# AWS signs the body: changes by the policy are refused, unchanged bodies pass,
# and the signature remains valid.

my $nova = '/model/amazon.nova-lite/converse';

for my $row (
    [ '{"inferenceConfig":{"temperature":0.50}}' ],
    [ '{ "inferenceConfig": {"maxTokens":5, "temperature":9e-1}}' ],
    [ '{"inferenceConfig":{"temperature":1}}',
        '{"inferenceConfig":{"temperature":0.9}}' ],
    [ '{"messages":[]}',
        '{"messages":[],"inferenceConfig":{"temperature":0.9}}' ],
) {
    my ($body, $changed) = @$row;
    my %request = (port => 'models', file => 'models.json', path => $nova,
        tier => 'bound', body => $body);

    decided($t, "unsigned: $body", \%request, {
        dialect => 'bedrock.converse', model => 'amazon.nova-lite',
        expected('message', $body, $changed),
    });

    for my $fields ({ Authorization => aws4($nova, 'localhost', $body) },
        { 'X-Amz-Content-Sha256' => sha256_hex($body) })
    {
        $up->clear;

        decided($t, join(' ', 'signed by', keys %$fields) . ": $body",
            { %request, fields => { 'X-Amz-Date' => '20260102T030405Z',
                %$fields } },
            { dialect => 'bedrock.converse', model => 'amazon.nova-lite',
                expected('message', $body, $changed && 'undermines_policy',
                    undef, 'the request has a digest or signature of its body, '
                    . 'but the policy would change it: temperature') });

        is($up->count, $changed ? 0 : 1, 'at the upstream');
        next if $changed || !$fields->{Authorization};

        my $sent = $up->last;

        is(aws4($sent->{uri}, $sent->header('Host'), $sent->{body}),
            $sent->header('Authorization'), 'the signature holds');
    }
}

$t->done;

# Returns the expected decision for a request that is forwarded as $result, or
# refused with it.

sub expected {
    my ($shape, $body, $result, $param, $message) = @_;

    return (status => 'passed', refused => '', body => $body)
        if !defined $result;

    return (status => 'modified', refused => '', body => $result)
        if $result =~ /^\{/;

    return (status => 'rejected', refused => "400 $result",
        body => refusal($shape, 400, $result, $param, $message));
}

# Returns a request in which a message sets the effort; $members follow.

sub turn {
    my ($effort, $members) = @_;
    my @messages = map({ qq({"role":"user","content":"$_"}) } 'a', 'b');

    splice @messages, 1, 0,
        qq({"role":"system","content":[],"output_config":{"effort":$effort}});

    return '{' . join(',', '"messages":[' . join(',', @messages) . ']',
        $members // ()) . '}';
}

sub by_model {
    my ($path, $dialect, $shape, $model, $body, $status, $code, $message) = @_;

    $path =~ s/MODEL/$model/;

    decided($t, "$path: $body", {
        port => 'models', file => 'models.json', path => $path, tier => 'some',
        body => $body,
    }, {
        dialect => $dialect, model => $model, expected($shape, $body),
        !defined $status ? () : (
            status => 'rejected', refused => "$status $code",
            body => refusal($shape, $status, $code, 'model', $message),
        ),
    });
}

# Returns a POST with AWS Signature Version 4.

sub aws4 {
    my ($path, $host, $body) = @_;
    my @scope = qw(20260102 us-east-1 bedrock aws4_request);
    my ($date, $signed) = ('20260102T030405Z', 'host;x-amz-date');

    my $canonical = join "\n", 'POST', $path, '', "host:$host",
        "x-amz-date:$date", '', $signed, sha256_hex($body);
    my $text = join "\n", 'AWS4-HMAC-SHA256', $date, join('/', @scope),
        sha256_hex($canonical);

    my $key = 'AWS4secret';
    $key = hmac_sha256($_, $key) for @scope;

    return 'AWS4-HMAC-SHA256 Credential=' . join('/', 'id', @scope)
        . ", SignedHeaders=$signed, Signature="
        . hmac_sha256_hex($text, $key);
}
