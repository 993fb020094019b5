#!/usr/bin/perl

# The attributes of conf/otel.conf.  The otel module is not available: the maps
# are those of the file, and the attributes are logged, at the time at which the
# module would read them.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

$t->upstream(1, sub { {
    body => '{"usage":{"prompt_tokens":11,"completion_tokens":22}}',
} });

open my $in, '<', "$FindBin::Bin/../../../conf/otel.conf"
    or die "otel.conf: $!\n";
my $conf = do { local $/; <$in> } =~ s/^ *#.*\n//mgr;

my @attributes = $conf =~ /^otel_span_attr\s+(\S+)\s+(\$\w+);$/mg;
my $maps = join "\n", $conf =~ /^(map .*?^\})$/smg;

# the remaining directives are for the otel module only
my @others = $conf =~ /^((?!map|otel_span_attr)\w+)/mg;

is_deeply(\@others, [qw(otel_exporter otel_service_name otel_trace
    otel_trace_context otel_span_name)], 'the directives');

my %attributes = @attributes;

is(2 * keys %attributes, @attributes, 'no attribute twice');
is_deeply([ grep { $_ !~ /^(?:gen_ai|llm_policy|error)\.[a-z_.]+$/ }
    sort keys %attributes ], [], 'names');

my $format = join ',', map { qq("$_":"$attributes{$_}") } sort keys %attributes;

$t->write_file('policy.json', <<'EOP');
{ "version": 1, "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "max": 1 }, "n": { "max": 2, "on_violation": "reject" }
  } } } }
EOP

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    $maps

    log_format spans escape=json '{$format}';
    access_log %%TESTDIR%%/spans.log spans;

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /fails/ {
            return 503;
        }
    }
}

EOC

# Returns the non-empty attributes of a request.

sub span {
    my ($path, $body) = @_;

    $t->post($path, $body);

    my $line = (split /\n/, logged())[-1];
    my $span = decode_json($line);

    return { map { ($_ => $span->{$_}) } grep { $span->{$_} ne '' }
        keys %$span };
}

my $lines = 0;

sub logged {
    $lines++;

    # a request is logged after its response
    for (1 .. 1000) {
        my $log = $t->read_file('spans.log');

        return $log if ($log =~ tr/\n//) >= $lines;
        select undef, undef, undef, 0.01;
    }

    die "nothing logged\n";
}

is_deeply(span('/v1/chat/completions',
    '{"model":"m","temperature":1.9,"top_p":0.5,"seed":7,"stream":false}'), {
    'gen_ai.operation.name' => 'chat',
    'gen_ai.provider.name' => 'openai',
    'gen_ai.request.model' => 'm',
    'gen_ai.request.temperature' => '1',
    'gen_ai.request.top_p' => '0.5',
    'gen_ai.request.seed' => '7',
    'gen_ai.request.stream' => 'false',
    'gen_ai.usage.input_tokens' => '11',
    'gen_ai.usage.output_tokens' => '22',
    'llm_policy.status' => 'modified',
    'llm_policy.tier' => 'free',
    'llm_policy.dialect' => 'openai.chat',
    'llm_policy.adjustments' => 'temperature=1.9->1 (max)',
    'llm_policy.requested.temperature' => '1.9',
    'llm_policy.action.temperature' => 'max',
}, 'changed');

my $refused = span('/v1/chat/completions', '{"model":"m","n":3}');

is($refused->{'error.type'}, 'value_not_allowed', 'refused');
is($refused->{'gen_ai.request.choice.count'}, undef, 'nothing was sent');

for my $case (
    [ '/v1/messages', 'chat', 'anthropic' ],
    [ '/v1/complete', 'text_completion', 'anthropic' ],
    [ '/v1/completions', 'text_completion', 'openai' ],
    [ '/v1/responses', 'chat', 'openai' ],
    [ '/v1/embeddings', 'embeddings', 'openai' ],
    [ '/api/chat', 'chat', 'ollama' ],
    [ '/api/embed', 'embeddings', 'ollama' ],
    [ '/v1beta/models/m:generateContent', 'generate_content', 'gcp.gen_ai' ],
    [ '/model/m/converse', 'chat', 'aws.bedrock' ],
    [ '/completion', 'text_completion', 'llama.cpp' ],
) {
    my ($path, @want) = @$case;
    my $span = span($path, '{"model":"m","messages":[]}');

    is_deeply([ @$span{qw(gen_ai.operation.name gen_ai.provider.name)} ],
        \@want, $path);
}

is(span('/fails/', undef)->{'error.type'}, '503', 'failed');

$t->done;
