#!/usr/bin/perl

# No model of conf/models.json answers 400 to what the shipped policies, and the
# examples of the documents, write: the upstream here refuses what the APIs
# refuse.  Each request is one that the API accepts without the policy.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Upstream;

my $top = "$FindBin::Bin/../../..";

# Families of models, as of 2026-11-30, with what they refuse.  Sources are in
# conf/models.json.
#
#   fixed    parameters that are refused
#   one      refused: temperature and top_p together
#   tokens   the name of max_tokens in chat completions
#   efforts  values of reasoning_effort; none: the parameter is refused

my @sampling = qw(temperature top_p presence_penalty frequency_penalty logprobs
                  top_logprobs logit_bias);
my %reasoning = (
    provider => 'openai', fixed => [ @sampling, 'stop' ],
    tokens => 'max_completion_tokens'
);
my %claude = (provider => 'anthropic');
my @gone = qw(temperature top_p top_k);

my @families = (
    { names => [ qw(gpt-4o gpt-4o-mini gpt-4.1 gpt-4-turbo gpt-3.5-turbo) ],
      provider => 'openai', tokens => 'max_tokens' },
    { names => [ qw(gpt-5 gpt-5-mini gpt-5-nano-2025-08-07) ], %reasoning,
      efforts => [ qw(minimal low medium high) ] },
    { names => [ qw(gpt-5.1 gpt-5.1-2025-11-13) ], %reasoning,
      efforts => [ qw(none low medium high) ] },
    { names => [ qw(gpt-5.2 gpt-5.4 gpt-5.4-mini gpt-5.6-sol) ], %reasoning,
      efforts => [ qw(none low medium high xhigh) ] },
    { names => [ qw(gpt-5-pro gpt-5.4-pro) ], %reasoning,
      efforts => [ qw(high) ] },
    { names => [ qw(gpt-6-sol gpt-6-astra gpt-6.1-luna) ], %reasoning,
      efforts => [ qw(low medium high xhigh) ] },
    { names => [ qw(o1 o3 o3-mini o4-mini-2025-04-16 o3-pro) ], %reasoning,
      fixed => [ @sampling, qw(stop parallel_tool_calls verbosity) ],
      efforts => [ qw(low medium high) ] },
    { names => [ qw(ft:o4-mini-2025-04-16:acme::x openai/o3) ], %reasoning,
      fixed => [ @sampling, qw(stop parallel_tool_calls verbosity) ],
      efforts => [ qw(low medium high) ] },
    { names => [ 'openai/gpt-5.4', 'ft:gpt-5.1-mini:acme:x:y' ], %reasoning,
      efforts => [ qw(none low medium high) ] },
    { names => [ qw(gpt-5-chat-latest gpt-5.2-chat-latest) ],
      provider => 'openai', tokens => 'max_completion_tokens' },
    { names => [ qw(claude-3-haiku-20240307 claude-3-7-sonnet-20250219
                    claude-opus-4-20250514 claude-sonnet-4-20250514) ],
      %claude },
    { names => [ qw(claude-opus-4-1-20250805 claude-sonnet-4-5-20250929
                    claude-haiku-4-5) ], %claude, one => 1 },
    { names => [ qw(claude-opus-4-5-20251101) ], %claude, one => 1,
      efforts => [ qw(low medium high) ] },
    { names => [ qw(claude-opus-4-6 claude-sonnet-4-6) ], %claude, one => 1,
      efforts => [ qw(low medium high max) ] },
    { names => [ qw(claude-opus-4-7 claude-opus-4-8 claude-opus-5
                    claude-opus-5-5 claude-sonnet-5 claude-haiku-5-5
                    claude-fable-5) ],
      %claude, fixed => \@gone, efforts => [ qw(low medium high xhigh max) ] },
    { names => [ qw(gemini-2.5-pro gemini-2.5-flash) ], provider => 'google',
      fixed => [ qw(presence_penalty frequency_penalty) ] },
    { names => [ qw(gemini-3.1-pro-preview) ], provider => 'google',
      fixed => [ qw(presence_penalty frequency_penalty verbosity) ],
      efforts => [ qw(low high) ] },
    { names => [ qw(gemini-3.7-flash) ], provider => 'google',
      fixed => [ qw(presence_penalty frequency_penalty verbosity) ],
      efforts => [ qw(minimal low medium high) ] },
    { names => [ qw(mistral-large-2512 llama-3.3-70b meta-llama/llama-4-scout
                    deepseek-chat) ], provider => 'other' }
);

# The names of parameters, by path.

my %chat = (map { $_ => $_ } @sampling, qw(stop n reasoning_effort verbosity
            parallel_tool_calls store service_tier top_k));
my %responses = (
    temperature => 'temperature', top_p => 'top_p', store => 'store',
    reasoning_effort => 'reasoning.effort', verbosity => 'text.verbosity',
    top_logprobs => 'top_logprobs', service_tier => 'service_tier',
    parallel_tool_calls => 'parallel_tool_calls'
);
my %messages = (
    (map { $_ => $_ } qw(temperature top_p top_k)),
    stop => 'stop_sequences', reasoning_effort => 'output_config.effort'
);
my %converse = (
    temperature => 'inferenceConfig.temperature',
    top_p => 'inferenceConfig.topP', stop => 'inferenceConfig.stopSequences'
);
my %gemini = (
    temperature => 'generationConfig.temperature',
    top_p => 'generationConfig.topP', top_k => 'generationConfig.topK',
    presence_penalty => 'generationConfig.presencePenalty',
    frequency_penalty => 'generationConfig.frequencyPenalty',
    reasoning_effort => 'generationConfig.thinkingConfig.thinkingLevel'
);

# Returns the requests of a family's client, as (path, body) pairs.

sub requests {
    my ($family, $model) = @_;
    my $effort = ($family->{efforts} || [])->[-1];
    my $chat = '/v1/chat/completions';
    my @requests;

    my @chat = ('', '"temperature":null,', '"stream":true,');
    push @chat, '"max_tokens":null,', '"max_completion_tokens":null,';
    push @chat, qq("$family->{tokens}":99,), qq("$family->{tokens}":999999,)
        if $family->{tokens};
    push @chat, qq("reasoning_effort":"$effort",) if $effort;
    push @chat, '"temperature":1.0,', '"top_p":0.99,'
        if !grep { $_ eq 'temperature' } @{$family->{fixed}};

    push @requests, map {
        [ $chat, qq({$_"model":"$model","messages":[]}) ]
    } @chat;

    push @requests, map {
        [ '/v1/responses', qq({$_"model":"$model","input":"x"}) ]
    } '', '"reasoning":{},', '"max_output_tokens":99999,'
        if $family->{provider} eq 'openai';

    my @one = map { qq("$_":0.99) } grep {
        my $name = $_;
        !grep { $_ eq $name } @{$family->{fixed}}
    } qw(temperature top_p);

    if ($family->{provider} eq 'anthropic') {
        push @requests, map {
            [ '/v1/messages',
                qq({$_"model":"$model","max_tokens":99,"messages":[]}) ]
        } '', '"output_config":{},', map { "$_," } @one;

        push @requests, map {
            [ "/model/us.anthropic.$model-v1:0/converse",
                qq({$_"messages":[]}) ]
        } '', '"inferenceConfig":{},',
            map { '"inferenceConfig":{' . s/top_p/topP/r . '},' } @one;
    }

    push @requests, map {
        [ "/v1beta/models/$model:generateContent", qq({$_"contents":[]}) ]
    } '', '"generationConfig":{},' if $family->{provider} eq 'google';

    return @requests;
}

# Returns what an API answers to a request: a message, or undef if it is
# accepted.

sub refusal {
    my ($family, $path, $text) = @_;
    my $body = decode_json($text);

    my ($names) = map { $_->[1] } grep { $path =~ $_->[0] } (
        [ qr{/chat/completions} => \%chat ],
        [ qr{/responses} => \%responses ],
        [ qr{/messages} => \%messages ],
        [ qr{/converse} => \%converse ],
        [ qr{:generateContent} => \%gemini ]
    );

    my %sent;

    for my $name (keys %$names) {
        my $value = $body;

        for my $step (split /\./, $names->{$name}) {
            $value = ref $value eq 'HASH' ? $value->{$step} : undef;
        }

        $sent{$name} = $value if defined $value;
    }

    for my $name (@{$family->{fixed}}) {
        return "'$name' is not supported with this model"
            if defined $sent{$name};
    }

    return 'temperature and top_p cannot both be specified for this model'
        if $family->{one} && defined $sent{temperature}
           && defined $sent{top_p};

    my $effort = $sent{reasoning_effort};

    return "reasoning_effort '$effort' is not supported with this model"
        if defined $effort
           && !grep { $_ eq $effort } @{$family->{efforts} || []};

    return "'verbosity' is not supported with this model"
        if defined $sent{verbosity} && !$family->{efforts};

    return "'max_tokens' is not supported with this model"
        if $path =~ m{/chat/completions} && defined $body->{max_tokens}
           && ($family->{tokens} // '') eq 'max_completion_tokens';

    return "'parallel_tool_calls' is only allowed when 'tools' are specified"
        if defined $sent{parallel_tool_calls} && !$body->{tools}
           && $path =~ m{/chat/completions};

    return "'stream_options' is only allowed when 'stream' is enabled"
        if $body->{stream_options} && !$body->{stream};

    return "unknown parameter: 'n'"
        if defined $body->{n} && $path !~ m{/chat/completions};

    return undef;
}

my $t = LLMPolicy::Test->new;

$t->upstream(1, sub {
    my ($request) = @_;

    return { body => LLMPolicy::Upstream::unpadded($request)->{body} };
});

# the policies, each with a server of its own

sub slurp {
    my ($name) = @_;

    open my $file, '<', $name or die "$name: $!\n";
    local $/;

    return <$file>;
}

my $models = decode_json(slurp("$top/conf/models.json"));
my (%policies, $n);

$policies{"conf/$_.json"} = slurp("$top/conf/$_.json") for qw(hosted keys);
$policies{'demo/policy.json'} = slurp("$top/demo/policy.json");

for my $page ('README.md', 'docs/policy.md') {
    my $text = slurp("$top/$page");

    while ($text =~ /^```json\n(\{.*?)^```$/gms) {
        my $json = $1;

        $policies{"$page " . ++$n} = $json if $json =~ /"tiers"/;
    }
}

# every kind of rule that a policy may have for all models

$policies{'all defaults'} = encode_json({
    version => 1, default_tier => 't', tiers => { t => { parameters => {
        temperature => { default => 0.7, max => 1 },
        top_p => { max => 0.95 }, top_k => { default => 40 },
        max_tokens => { default => 512, max => 1024 }, n => { max => 1 },
        presence_penalty => { default => 0.1 },
        frequency_penalty => { max => 0.5 },
        stop => { default => ['x'] }, logprobs => { default => JSON::PP::true },
        reasoning_effort => { default => 'minimal' },
        verbosity => { default => 'low' },
        parallel_tool_calls => { default => JSON::PP::false },
        '/stream_options/include_usage' => { force => JSON::PP::true }
    } } }
});

my %tiers;

for my $name (keys %policies) {
    my $policy = decode_json($policies{$name});

    # who may use which model, and how often, is not the subject

    delete $policy->{include};
    delete $policy->{tenants};
    delete $policy->{unknown_key};

    for my $tier (values %{$policy->{tiers}}) {
        delete @$tier{qw(models limits prompt)};
    }

    push @{$policy->{models}}, @{$models->{models}};

    $tiers{$name} = [
        grep { %{$policy->{tiers}{$_}{parameters} || {}} }
        sort keys %{$policy->{tiers}}
    ];
    $policies{$name} = encode_json($policy);
}

my @names = sort keys %policies;
my $servers = '';

for my $i (0 .. $#names) {
    $t->write_file("policy$i.json", $policies{$names[$i]});

    $servers .= <<"EOF";
server {
    listen           127.0.0.1:%%PORT_0%%;
    server_name      policy$i;

    llm_policy       on;
    llm_policy_file  policy$i.json;
    llm_policy_tier  \$http_x_tier;

    location / {
        proxy_pass   http://%%UPSTREAM%%;
    }
}
EOF
}

$t->write_file('policy.json', one_tier(''));
$t->run(gateway(http => $servers, server => ''));

# Returns the requests of a model that the API refuses behind a policy; without
# $all, the first one of each path is sent.

sub wrong {
    my ($family, $model, $i, $tier, $all) = @_;
    my (@wrong, %seen);

    for my $request (requests($family, $model)) {
        my ($path, $body) = @$request;
        next if $seen{$path}++ && !$all;

        my $refused = refusal($family, $path, $body);

        die "$path $body: $refused\n" if defined $refused;

        my $r = $t->post($path, $body, Host => "policy$i", 'X-Tier' => $tier);

        # a policy may refuse what the client asks for

        next if $r->{status} == 400 && $r->{body} =~ /value_not_allowed/;

        $refused = $r->{status} == 200 ? refusal($family, $path, $r->{body})
            : $r->{body};

        push @wrong, "$path $body -> $r->{body}: $refused" if defined $refused;
    }

    return @wrong;
}

for my $i (0 .. $#names) {
    for my $tier (@{$tiers{$names[$i]}}) {
        for my $family (@families) {
            my ($first, @others) = @{$family->{names}};
            my $example = $names[$i] =~ /\.md|demo/;

            # the others differ from the first one in their names only, and
            # examples from other policies in their numbers

            @others = () if $example || $tier ne $tiers{$names[$i]}[0];

            my @wrong = (wrong($family, $first, $i, $tier, !$example),
                         map { wrong($family, $_, $i, $tier, 0) } @others);

            is_deeply(\@wrong, [], "$names[$i], $tier: $family->{names}[0]");
        }
    }
}

$t->done;
