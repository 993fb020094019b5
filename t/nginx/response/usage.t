#!/usr/bin/perl

# The account of a thousand mixed requests, by several concurrent clients over
# two workers: exactly the tokens reported by the upstreams, and those that the
# log shows as estimated.

use strict;
use warnings;

use FindBin;
use IO::Compress::Gzip qw(gzip);
use JSON::PP;
use List::Util qw(sum0);
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Load;
use LLMPolicy::Test;

use constant { CLIENTS => 8, EACH => 125, LIMIT => 1_000_000_000 };

# prices of a token, and of a request, in millionths of a millionth
use constant { INPUT => 2_500_000, CACHED => 250_000, OUTPUT => 10_000_000,
    REQUEST => 1_000_000_000, COSTS => 1_000_000 };

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;
my $chat = '/v1/chat/completions';

$t->upstream(1, \&model);

# an upstream that reads a request and closes the connection
$t->upstream('bad', sub { { close => 1 } });

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "models": [ { "match": [ "~" ], "price": { "input": 2.5,
      "cached_input": 0.25, "output": 10, "request": 0.001 } } ],
  "tiers": { "free": {
    "parameters": { "max_tokens": { "max": 1000 },
                    "temperature": { "max": 1, "on_violation": "reject" } },
    "limits": { "tokens_per_day": @{[ LIMIT ]},
                "cost_per_month": @{[ COSTS ]} }
  } }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:1m;

    log_format tokens '$status $http_x_kind '
        '$llm_tokens_source $llm_prompt_tokens $llm_completion_tokens '
        '$llm_total_tokens $llm_cached_tokens $llm_reasoning_tokens '
        '$llm_cost';
    log_format left $llm_remaining_cost_per_month;
    access_log %%TESTDIR%%/tokens.log tokens;
    access_log %%TESTDIR%%/left.log left;

    upstream retried {
        server %%UPSTREAM_bad%% max_fails=0;
        server %%UPSTREAM%% max_fails=0;
    }

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_limit_key all;
    llm_policy_limit_headers on;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            proxy_next_upstream error non_idempotent;
            proxy_pass http://retried;
        }

        location /openai/v1/chat/completions {
            # held back, and in a file for a slow client
            proxy_buffer_size 1k;
            proxy_buffers 2 1k;
            proxy_busy_buffers_size 1k;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/messages {
            proxy_buffering off;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# kind, path, members of the request in addition to the numbers

my %kinds = (
    json => [ $chat, '"stream":false' ],
    gzip => [ $chat, '"model":"gzip"' ],
    stream => [ $chat, '"stream":true,'
        . '"stream_options":{"include_usage":true}' ],
    buffered => [ "/openai$chat", '"stream":true,"model":"long",'
        . '"stream_options":{"include_usage":true}' ],
    retry => [ '/v1/completions', '"prompt":"x"' ],
    claude => [ '/v1/messages', '"stream":false' ],
    claude_stream => [ '/v1/messages', '"stream":true' ],
    gemini => [ '/v1beta/models/m:generateContent', '"contents":[]' ],
    responses => [ '/v1/responses', '"stream":false' ],
    converse => [ '/model/m/converse', '"messages":[]' ],
    ollama => [ '/api/chat', '"stream":true' ],
    silent => [ $chat, '"model":"silent"' ],
    failed => [ $chat, '"model":"failed"' ],
    charged => [ $chat, '"model":"500"' ],
    moved => [ $chat, '"model":"302"' ],
    filtered => [ '/v1/messages', '"model":"400"' ],
    refused => [ $chat, '"temperature":2' ],
    aborted => [ $chat, '"stream":true,"model":"slow"' ],
    gone => [ $chat, '"model":"slower"' ],
);
my @kinds = sort keys %kinds;

my $load = LLMPolicy::Load->start($t, CLIENTS, sub {
    my ($client, $n) = @_;
    return if $n == EACH;

    my $i = $client * EACH + $n;
    my $kind = $kinds[$i % @kinds];

    return sub { abort($kind, $i) } if $kind =~ /aborted|gone/;

    return [ 'POST', $kinds{$kind}[0], request($kind, $i), 'X-Kind' => $kind ];
});

my $count = $load->finish;
my @log = $t->access_log(CLIENTS * EACH, 'tokens.log');
my %log;

for my $line (@log) {
    my ($status, $kind, $source, $prompt, $completion, $total, $cached,
        $reasoning, $cost) = split / /, $line, -1;

    push @{ $log{$kind} }, { status => $status, source => $source,
        prompt => $prompt, completion => $completion, total => $total,
        cached => $cached, reasoning => $reasoning, cost => $cost };
}

is(@log, CLIENTS * EACH, 'a thousand requests');
cmp_ok($count->{200}, '>', 500, 'most are answered');

# Reported usage.

my (%sent, %cached, %reasoning);

for my $line (split /\n/, $t->read_file('sent')) {
    my ($kind, $total, $cached, $reasoning) = split / /, $line;

    $sent{$kind} += $total;
    $cached{$kind} += $cached;
    $reasoning{$kind} += $reasoning;
}

for my $kind (grep { !/silent|failed|refused|aborted|gone/ } @kinds) {
    my @lines = @{ $log{$kind} };

    is((grep { $_->{source} ne 'reported' } @lines), 0, "$kind: reported");
    is(sum0(map { $_->{total} } @lines), $sent{$kind}, "$kind: to the token");
    is(sum0(map { $_->{prompt} + $_->{completion} } @lines), $sent{$kind},
        "$kind: in two parts");
    is(sum0(map { $_->{cached} } @lines), $cached{$kind}, "$kind: cached");
    is(sum0(map { $_->{reasoning} } @lines), $reasoning{$kind},
        "$kind: reasoning");
}

# Estimated usage.

for my $kind (qw(silent aborted gone)) {
    is((grep { $_->{source} ne 'estimated' } @{ $log{$kind} }), 0,
        "$kind: estimated");
    is((grep { "$_->{cached} $_->{reasoning}" ne '0 0' } @{ $log{$kind} }), 0,
        "$kind: without parts");
}

for my $kind (qw(failed refused)) {
    is((grep { "$_->{total}$_->{cached}$_->{reasoning}" ne '' }
        @{ $log{$kind} }), 0, "$kind: none");
}

# "silent" has 8 words of 5 bytes in its response, "aborted" saw 5 of them

is((grep { $_->{completion} != 10 } @{ $log{silent} }), 0,
    'silent: by the text of the response');
is((grep { $_->{completion} != 7 } @{ $log{aborted} }), 0,
    'aborted: by the part that arrived');
is((grep { $_->{completion} != 500 } @{ $log{gone} }), 0,
    'gone: by the requested tokens');

# The account.  The last request reports the rest after its own reservation.

my $body = request('json', 1);
my $last = $t->post($chat, $body);
my $used = LIMIT - $last->header('X-RateLimit-Remaining-Tokens')
    - (int((3 + length $body) / 4) + 500);

is($used, sum0(map { $_->{total} || 0 } map { @$_ } values %log),
    'the account is the sum of the log');
is($used, sum0(values %sent)
    + sum0(map { $_->{total} } map { @{ $log{$_} } } qw(silent aborted gone)),
    'and of the upstream, with estimates');

# The bill, to the last part of it: what each request has cost, and the sum.

my @used = grep { $_->{total} ne '' } map { @$_ } values %log;

is((grep { parts($_->{cost}) != cost($_) } @used), 0, 'each has its cost');

my $left = ($t->access_log(CLIENTS * EACH + 1, 'left.log'))[-1];
my $reserved = REQUEST + int((3 + length $body) / 4) * INPUT + 500 * OUTPUT;

is(COSTS * 1e12 - parts($left) - $reserved, sum0(map { cost($_) } @used),
    'the account of costs is the bill');

$t->done;

# Returns a decimal in parts of 10^-12, which are whole numbers below 2^63.

sub parts {
    my ($whole, $rest) = split /\./, $_[0];

    return $whole * 1_000_000_000_000 + substr +($rest // '') . '0' x 12, 0, 12;
}

sub cost {
    my ($used) = @_;

    return REQUEST + ($used->{prompt} - $used->{cached}) * INPUT
        + $used->{cached} * CACHED + $used->{completion} * OUTPUT;
}

sub request {
    my ($kind, $i) = @_;

    return qq({"max_tokens":500,"seed":$i,$kinds{$kind}[1]});
}

# A client that closes: in the middle of the response, or before it.

sub abort {
    my ($kind, $i) = @_;
    my $client = $t->client;

    $client->request('POST', $kinds{$kind}[0], request($kind, $i),
        'X-Kind' => $kind);

    if ($kind eq 'aborted') {
        $client->take_through('word ') for 1 .. 5;

    } else {
        LLMPolicy::Stream::pause(10) until -e "$dir/asked.$i";
    }

    $client->close;

    return 'left';
}

# The model's responses.  It writes down the usage that it reports.

sub model {
    my ($request) = @_;
    my $asked = decode_json($request->{body});
    my $kind = $request->header('X-Kind') // 'none';
    my $model = $asked->{model} // '';
    my ($prompt, $completion) = (7 + $asked->{seed} % 100,
        1 + $asked->{seed} % 300);
    my ($cached, $written) = ($asked->{seed} % 5, $asked->{seed} % 3);
    my $reasoning = int($completion / 2);
    my $usage = sub {
        my ($p, $c, $t) = @_;

        return sprintf '"%s":%d,"%s":%d%s', $p, $prompt, $c, $completion,
            $t ? sprintf(',"%s":%d', $t, $prompt + $completion) : '';
    };
    my $openai = '{' . $usage->(qw(prompt_tokens completion_tokens
        total_tokens)) . qq(,"prompt_tokens_details":{"cached_tokens":$cached},)
        . qq("completion_tokens_details":{"reasoning_tokens":$reasoning}});
    my $responses = '{' . $usage->(qw(input_tokens output_tokens total_tokens))
        . qq(,"input_tokens_details":{"cached_tokens":$cached},)
        . qq("output_tokens_details":{"reasoning_tokens":$reasoning}});

    # beside the other tokens of the prompt

    my $input = sprintf '"input_tokens":%d,"cache_read_input_tokens":%d,'
        . '"cache_creation_input_tokens":%d', $prompt - $cached - $written,
        $cached, $written;
    my $output = qq("output_tokens":$completion,)
        . qq("output_tokens_details":{"thinking_tokens":$reasoning});
    my $chunk = sub {
        return qq(data: {"choices":[{"delta":{"content":"$_[0]"}}]}\n\n);
    };
    my $words = join '', ('word ') x 8;

    if ($model eq 'failed') {
        return { status => 500, body => '{"error":{}}' };
    }

    if ($model eq 'silent') {
        return { body => qq({"choices":[{"message":{"content":"$words"}}]}) };
    }

    if ($model eq 'slow') {
        return { headers => { 'Content-Type' => 'text/event-stream' },
            chunks => [ (map { $chunk->('word ') } 1 .. 5), \2000,
                $chunk->('never') ] };
    }

    if ($model eq 'slower') {
        open my $file, '>', "$dir/asked.$asked->{seed}" or die "$dir: $!\n";

        return { delay => 2000, body => '{}' };
    }

    open my $file, '>>', "$dir/sent" or die "$dir/sent: $!\n";

    $reasoning = 0 if $kind =~ /converse|ollama/;
    $cached = 0 if $kind eq 'ollama';

    syswrite $file, join(' ', $kind, $prompt + $completion, $cached,
        $reasoning) . "\n" if $kind ne 'none';

    if ($model =~ /^\d+$/) {
        return { status => $model, body => '{"error":{},"usage":'
            . ($kind eq 'filtered' ? "{$input,$output}" : $openai) . '}' };
    }

    if ($kind eq 'claude') {
        return { body => qq({"type":"message","usage":{$input,$output}}) };
    }

    return { body => qq({"output":[],"usage":$responses}) }
        if $kind eq 'responses';

    return { body => sprintf '{"usage":{"inputTokens":%d,"outputTokens":%d,'
        . '"cacheReadInputTokens":%d,"cacheWriteInputTokens":%d}}',
        $prompt - $cached - $written, $completion, $cached, $written }
        if $kind eq 'converse';

    if ($kind eq 'claude_stream') {
        return { headers => { 'Content-Type' => 'text/event-stream' },
            chunks => [
                qq(event: message_start\ndata: {"type":"message_start",)
                . qq("message":{"usage":{$input,"output_tokens":1}}}\n\n),
                qq(event: content_block_delta\ndata: {"type":)
                . qq("content_block_delta","delta":{"text":"$words"}}\n\n),
                qq(event: message_delta\ndata: {"type":"message_delta",)
                . qq("usage":{$output}}\n\n),
                qq(event: message_stop\ndata: {"type":"message_stop"}\n\n),
            ] };
    }

    if ($kind eq 'gemini') {
        return { body => sprintf '{"candidates":[],"usageMetadata":'
            . '{"promptTokenCount":%d,"cachedContentTokenCount":%d,'
            . '"candidatesTokenCount":%d,"thoughtsTokenCount":%d,'
            . '"totalTokenCount":%d}}', $prompt, $cached,
            $completion - $reasoning, $reasoning, $prompt + $completion };
    }

    if ($kind eq 'ollama') {
        return { headers => { 'Content-Type' => 'application/x-ndjson' },
            chunks => [ qq({"message":{"content":"word"},"done":false}\n),
                qq({"message":{"content":""},"done":true,)
                . qq("prompt_eval_count":$prompt,)
                . qq("eval_count":$completion}\n) ] };
    }

    if ($asked->{stream}) {
        return { headers => { 'Content-Type' => 'text/event-stream' },
            chunks => [ (map { $chunk->($words) }
                1 .. ($model eq 'long' ? 300 : 5)),
                qq(data: {"choices":[],"usage":$openai}\n\n),
                "data: [DONE]\n\n" ] };
    }

    my $body = qq({"choices":[{"message":{"content":"$words"}}],)
        . qq("usage":$openai});

    if ($model eq 'gzip') {
        gzip(\$body, \my $gzip);

        return { headers => { 'Content-Encoding' => 'gzip' }, body => $gzip };
    }

    return { body => $body };
}
