#!/usr/bin/perl

# The parts of the usage, as each API reports them: tokens of the prompt that
# were read from a cache, tokens of reasoning; with numbers that cannot be true.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $alone = LLMPolicy::Test->new;
my $chat = '/v1/chat/completions';
my %types = (json => 'application/json', sse => 'text/event-stream',
    ndjson => 'application/x-ndjson');

# path, type, response, the line of the log, members of the request:
# status|source|prompt+completion=total|cached|reasoning

my @cases = (
    [ $chat, 'json', '{"choices":[],"usage":{"prompt_tokens":100,'
        . '"completion_tokens":40,"total_tokens":140,'
        . '"prompt_tokens_details":{"cached_tokens":64,"audio_tokens":9},'
        . '"completion_tokens_details":{"reasoning_tokens":30,'
        . '"audio_tokens":5}}}',
        '200|reported|100+40=140|64|30' ],

    [ $chat, 'sse', 'data: {"choices":[],"usage":{"prompt_tokens":100,'
        . '"completion_tokens":40,"prompt_tokens_details":'
        . qq({"cached_tokens":64}}}\n\ndata: [DONE]\n\n),
        '200|reported|100+40=140|64|0' ],

    # not reported

    [ $chat, 'json', '{"usage":{"prompt_tokens":5,"completion_tokens":4,'
        . '"prompt_tokens_details":null}}', '200|reported|5+4=9|0|0' ],

    # xAI: reasoning is in the total only

    [ $chat, 'json', '{"usage":{"prompt_tokens":32,"completion_tokens":9,'
        . '"total_tokens":135,"completion_tokens_details":'
        . '{"reasoning_tokens":94}}}', '200|reported|32+103=135|0|94' ],

    [ '/v1/responses', 'sse', 'data: {"type":"response.completed","response":'
        . '{"usage":{"input_tokens":37,"input_tokens_details":'
        . '{"cached_tokens":32},"output_tokens":11,"output_tokens_details":'
        . qq({"reasoning_tokens":5},"total_tokens":48}}}\n\n),
        '200|reported|37+11=48|32|5' ],

    [ '/v1/messages', 'json', '{"usage":{"input_tokens":10,'
        . '"cache_creation_input_tokens":40,"cache_read_input_tokens":300,'
        . '"cache_creation":{"ephemeral_5m_input_tokens":40},'
        . '"output_tokens":50,"output_tokens_details":'
        . '{"thinking_tokens":44}}}', '200|reported|350+50=400|300|44' ],

    [ '/v1/messages', 'sse', 'data: {"type":"message_start","message":'
        . '{"usage":{"input_tokens":10,"cache_read_input_tokens":300,'
        . qq("output_tokens":1}}}\n\n)
        . 'data: {"type":"message_delta","usage":{"output_tokens":50,'
        . qq("output_tokens_details":{"thinking_tokens":44}}}\n\n),
        '200|reported|310+50=360|300|44' ],

    # a stream without its last event: the response is an estimate

    [ '/v1/messages', 'sse', 'data: {"type":"message_start","message":'
        . '{"usage":{"input_tokens":10,"cache_read_input_tokens":300,'
        . '"output_tokens":2,"output_tokens_details":'
        . qq({"thinking_tokens":2}}}}\n\n)
        . qq(data: {"delta":{"text":"12345678"}}\n\n),
        '200|estimated|310+2=312|300|0' ],

    [ '/v1beta/models/m:generateContent', 'json', '{"usageMetadata":'
        . '{"promptTokenCount":100,"cachedContentTokenCount":90,'
        . '"candidatesTokenCount":5,"thoughtsTokenCount":20,'
        . '"toolUsePromptTokenCount":7,"totalTokenCount":132}}',
        '200|reported|107+25=132|90|20' ],

    [ '/model/m/converse', 'json', '{"usage":{"inputTokens":4,'
        . '"outputTokens":60,"totalTokens":1514,"cacheReadInputTokens":1300,'
        . '"cacheWriteInputTokens":150}}', '200|reported|1454+60=1514|1300|0' ],

    [ '/v2/chat', 'json', '{"usage":{"billed_units":{"input_tokens":5,'
        . '"output_tokens":4},"tokens":{"input_tokens":71.0,'
        . '"output_tokens":9.0},"cached_tokens":64.0}}',
        '200|reported|71+9=80|64|0' ],

    [ '/api/chat', 'ndjson', qq({"done":false}\n{"done":true,)
        . qq("prompt_eval_count":26,"eval_count":290}\n),
        '200|reported|26+290=316|0|0' ],

    [ '/completion', 'json', '{"tokens_cached":257,"timings":'
        . '{"cache_n":236,"prompt_n":14,"predicted_n":8}}',
        '200|reported|250+8=258|236|0' ],

    [ '/generate', 'json', '{"meta_info":{"prompt_tokens":8,'
        . '"completion_tokens":4,"cached_tokens":6,"reasoning_tokens":3}}',
        '200|reported|8+4=12|6|3', '"text":"a"' ],

    # numbers that cannot be true

    [ $chat, 'json', '{"usage":{"prompt_tokens":10,"completion_tokens":5,'
        . '"prompt_tokens_details":{"cached_tokens":1000000000000},'
        . '"completion_tokens_details":{"reasoning_tokens":1000000000000}}}',
        '200|reported|10+5=15|10|5' ],

    [ $chat, 'json', '{"usage":{"prompt_tokens":10,"completion_tokens":5,'
        . '"prompt_tokens_details":{"cached_tokens":-1},'
        . '"completion_tokens_details":{"reasoning_tokens":1.5}}}',
        '200|reported|10+5=15|0|0' ],

    [ $chat, 'json', '{"usage":{"prompt_tokens":10,"completion_tokens":5,'
        . '"prompt_tokens_details":{"cached_tokens":1' . '0' x 400 . '},'
        . '"completion_tokens_details":{"reasoning_tokens":"5"}}}',
        '200|reported|10+5=15|0|0' ],

    # nothing is known: the parts of an estimate are 0

    [ $chat, 'json', '{"choices":[{"message":{"content":"12345678"}}],'
        . '"usage":{"prompt_tokens_details":{"cached_tokens":7},'
        . '"completion_tokens_details":{"reasoning_tokens":7}}}',
        qr/^200\|estimated\|\d+\+2=\d+\|0\|0$/ ],

    # an error: what it reports, or none

    [ $chat, 'error', '{"error":{},"usage":{"prompt_tokens":10,'
        . '"completion_tokens":5,"prompt_tokens_details":'
        . '{"cached_tokens":7},"completion_tokens_details":'
        . '{"reasoning_tokens":2}}}', '500|reported|10+5=15|7|2' ],

    [ $chat, 'error', '{"error":{}}', '500||+=||' ],

    # usage that only the gateway requested

    [ '/openai/v1/chat/completions', 'sse',
        qq(data: {"choices":[{"delta":{"content":"a"}}]}\n\n)
        . 'data: {"choices":[],"usage":{"prompt_tokens":100,'
        . '"completion_tokens":40,"total_tokens":140,'
        . '"prompt_tokens_details":{"cached_tokens":64},'
        . '"completion_tokens_details":{"reasoning_tokens":30}}}'
        . qq(\n\ndata: [DONE]\n\n), '200|reported|100+40=140|64|30' ],
);

$_->upstream(1, sub {
    my ($request) = @_;
    my (undef, $type, $body) = @{ $cases[$request->header('X-Case')] };

    return { status => 500, body => $body } if $type eq 'error';

    return { headers => { 'Content-Type' => $types{$type} },
        chunks => [ unpack '(a7)*', $body ] };
}) for $t, $alone;

$_->write_file('policy.json', <<'EOF') for $t, $alone;
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "max": 1, "on_violation": "reject" } } } }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format tokens '$status|$llm_tokens_source|'
        '$llm_prompt_tokens+$llm_completion_tokens=$llm_total_tokens|'
        '$llm_cached_tokens|$llm_reasoning_tokens';
    access_log %%TESTDIR%%/tokens.log tokens;

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/ {
            llm_policy_stream_usage on;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# one of the variables is enough for responses to be read

$alone->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format tokens '$llm_reasoning_tokens';
    access_log %%TESTDIR%%/tokens.log tokens;

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $n = 0;

for my $case (@cases) {
    my ($path, $type, undef, $expected, $members) = @$case;
    my $stream = $type =~ /json|error/ ? 'false' : 'true';

    $members //= '"model":"m"';

    my $response = $t->post($path, qq({"stream":$stream,$members}),
        'X-Case' => $n++);
    my $line = ($t->access_log($n, 'tokens.log'))[-1];

    if (ref $expected) {
        like($line, $expected, "$path, $type");

    } else {
        is($line, $expected, "$path, $type: $expected");
    }

    unlike($response->{body}, qr/usage/, 'nothing of it for the client')
        if $path =~ /openai/;
}

# A request that no model had.

$t->post($chat, '{"temperature":2}', 'X-Case' => 0);

is(($t->access_log($n + 1, 'tokens.log'))[-1], '400||+=||', 'refused: empty');

$alone->post($chat, '{"model":"m"}', 'X-Case' => 0);

is(($alone->access_log(1, 'tokens.log'))[0], '30', 'a variable alone');

ok($alone->leave, 'the second nginx exited');
$t->done;
