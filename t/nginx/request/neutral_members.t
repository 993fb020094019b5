#!/usr/bin/perl

# Members that bypass a bound pass with a value that bypasses nothing, and so
# does thinking that is off: in every dialect, and as a user interface sends
# them.  llm-policy explain agrees.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Decision;
use LLMPolicy::Dialects;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

# nothing is added to a request, and every member bypasses one of the rules

$t->write_file('policy.json', routed(<<'EOP'));
{
  "version": 1,
  "default_tier": "deny",
  "tiers": {
    "deny": {
      "models": { "deny": ["denied"] },
      "parameters": {
        "temperature": { "deny": true },
        "max_tokens": { "deny": true },
        "n": { "deny": true },
        "reasoning_effort": { "deny": true },
        "logit_bias": { "deny": true },
        "presence_penalty": { "deny": true },
        "service_tier": { "deny": true },
        "stop": { "deny": true },
        "top_logprobs": { "deny": true },
        "top_p": { "deny": true }
      }
    },
    "sampling": {
      "parameters": {
        "temperature": { "deny": true },
        "top_p": { "deny": true },
        "presence_penalty": { "deny": true }
      }
    },
    "max": {
      "parameters": {
        "temperature": { "max": 1 },
        "top_p": { "max": 1 },
        "top_k": { "max": 40 },
        "min_p": { "max": 0.1 },
        "typical_p": { "max": 1 },
        "repetition_penalty": { "max": 1.2 }
      }
    }
  }
}
EOP

$t->run(decision_conf());

my $refused = 'undermines_policy';
my $chat = '/by-name/openai.chat';

# some are objects with parameters, too: an array is refused

my @names = grep { !m{[/*]} && !/^(?:generation_config|adapter)$/ }
    undermining();
my @empty = grep { !undone_by_empty($_) } @names;

for my $dialect (dialects()) {
    my $path = "/by-name/$dialect->{name}";
    my $scope = $dialect->{scope};
    my $inside = $scope eq '' ? 'options' : "$scope/options";

    # in a batch, objects with parameters are nothing else
    my @scalars = grep { $scope eq '' || $_ ne 'thinking' } @names;

    my %bodies = (
        scalars => object(map { my $name = $_;
            map { [ $name, $_ ] } (neutral($name))[0] // () } @scalars),
        others => object(map { my $name = $_;
            map { [ $name, $_ ] } (neutral($name))[-1] // () } @scalars),
        objects => object(map { [ $_, '{}' ] } @empty),
        arrays => object(map { [ $_, '[]' ] } grep { $_ ne 'thinking' } @empty),
    );

    for my $kind (sort keys %bodies) {
        same($path, 'deny', wrapped($_, $bodies{$kind}),
            "$dialect->{name}, $kind") for $scope, $inside;
    }

    same($path, 'deny', wrapped($_, '{}'), "$dialect->{name}, $_")
        for grep { !/\*/ } @{ $dialect->{undermine} };

    # a value that is not neutral, next to neutral ones
    no_longer($path, 'deny', wrapped($scope, $bodies{scalars}
        =~ s/"mirostat":0/"mirostat":0.0001/r), "$dialect->{name}, hostile");
    no_longer($path, 'deny', wrapped($scope, $bodies{arrays}
        =~ s/"models":\[\]/"models":[[]]/r), "$dialect->{name}, in an array");
}

# Each member by itself: its neutral values, and others of any type.

for my $name (@names) {
    my %neutral = map { $_ => 1 } neutral($name);

    # it may be an object with parameters, or a scalar
    delete $neutral{'[]'} if $name eq 'thinking';

    same($chat, 'deny', qq({"$name":$_}), "$name $_") for sort keys %neutral;

    # an object about thinking is read
    $neutral{'{"":0}'} = 1 if $name eq 'thinking';

    no_longer($chat, 'deny', qq({"$name":$_}), "$name $_") for
        grep { !$neutral{$_} } qw(0.0001 2 "0" true false [[]] {"":0}),
            undone_by_empty($name) ? '[]' : ();
}

# A logit bias does not raise a temperature: only a rule of its own refuses it.

for my $dialect (dialects()) {
    my $path = "/by-name/$dialect->{name}";
    my $body = wrapped($dialect->{scope}, '{"logit_bias":{"50256":100}}');

    same($path, 'sampling', $body, "$dialect->{name}, logit_bias");
    agreed($path, 'deny', $body, { refused => '400 parameter_denied' },
        "$dialect->{name}, logit_bias is denied");
}

# A budget of 0 turns thinking off: no effort is meant.

for my $dialect (dialects()) {
    my $path = "/by-name/$dialect->{name}";
    my %own = map { $_ => 1 } own($dialect, 'thinking_budget');

    for my $name (grep { !$own{$_} } spellings('thinking_budget')) {
        my $body = wrapped($dialect->{scope}, wrapped($name, '0'));

        same($path, 'deny', $body, "$dialect->{name}, $name");
        no_longer($path, 'deny', $body =~ s/:0/:1/r,
            "$dialect->{name}, $name");
    }
}

# Numbers are compared as decimals.

same($chat, 'deny', qq({"mirostat":$_})) for qw(-0 0.0 0e5 0E-7 -0.00e+9);
same($chat, 'deny', qq({"top_n_sigma":$_})) for qw(-1.0 -10e-1 -0.1E1);
no_longer($chat, 'deny', qq({"mirostat":$_})) for qw(1e-300 0.1e0),
    '0.' . '0' x 60 . '1', '0' . '.' . '0' x 80;
no_longer($chat, 'deny', qq({"smoothing_curve":$_})) for
    '1.' . '0' x 30 . '1', '0.' . '9' x 40;

# A user interface sends all samplers, as does SillyTavern (November 2026) to a
# server of text completions.

my $interface = '{"prompt":"p","model":"m","max_tokens":250,"n":1,'
    . '"temperature":1,"top_p":1,"typical_p":1,"typical":1,"min_p":0,'
    . '"repetition_penalty":1,"frequency_penalty":0,"presence_penalty":0,'
    . '"top_k":1,"min_tokens":0,"length_penalty":1,"early_stopping":false,'
    . '"add_bos_token":true,"dynamic_temperature":false,"dynatemp_low":1,'
    . '"dynatemp_high":1,"dynatemp_range":0,"dynatemp_exponent":1,'
    . '"smoothing_factor":0,"smoothing_curve":1,"dry_multiplier":0,'
    . '"stop":["x"],"ban_eos_token":false,"top_a":0,"tfs":1,"tfs_z":1,'
    . '"epsilon_cutoff":0,"eta_cutoff":0,"mirostat_mode":0,"mirostat":0,'
    . '"mirostat_tau":5,"mirostat_eta":0.1,"custom_token_bans":"",'
    . '"banned_strings":[],"xtc_threshold":0.1,"xtc_probability":0,'
    . '"nsigma":0,"top_n_sigma":0,"min_keep":0,"adaptive_target":-0.01,'
    . '"adaptive_decay":0.9,"rep_pen":1,"penalty_alpha":0,'
    . '"temperature_last":false,"do_sample":true,"guidance_scale":1,'
    . '"negative_prompt":"","grammar_string":"","repeat_penalty":1,'
    . '"skew":0,"min_temp":1,"max_temp":1,"sampler_order":[],'
    . '"logit_bias":[],"models":[],"extra_body":{},"drop_params":false,'
    . '"azure":false,"do_preprocess":true,"beam_width":1,"repetition_decay":0,'
    . '"repetition_range":-1,"prompt_ignore_length":0,"lora_id":[],'
    . '"return_sampling_mask":false,"return_context_logits":false,'
    . '"negative_prompt_scale":1}';

for my $path (qw(/v1/completions /by-name/compatible.chat)) {
    same($path, 'max', $interface, "an interface, $path");

    no_longer($path, 'max', $interface =~ s/$_->[0]/$_->[1]/r,
        "an interface, $path: $_->[1]")
        for [ '"mirostat_mode":0', '"mirostat_mode":2' ],
            [ '"dynatemp_high":1', '"dynatemp_high":2' ],
            [ '"xtc_probability":0', '"xtc_probability":0.5' ],
            [ '"do_sample":true', '"do_sample":false' ];
}

# Transformers and TGI

same('/by-name/tgi.generate', 'deny',
    '{"inputs":"i","parameters":{"do_sample":true,"seed":1}}');
no_longer('/by-name/tgi.generate', 'deny',
    '{"inputs":"i","parameters":{"do_sample":"true"}}');

$t->done;

sub object {
    return '{' . join(',', map { qq("$_->[0]":$_->[1]) } @_) . '}';
}

sub same {
    my ($path, $tier, $body, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    agreed($path, $tier, $body, { refused => '', body => $body },
        $name // $body);
}

sub no_longer {
    my ($path, $tier, $body, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    agreed($path, $tier, $body, { refused => "400 $refused" },
        ($name // $body) . ', refused');
}

sub agreed {
    my ($path, $tier, $body, $expected, $name) = @_;
    my $request = { path => $path, tier => $tier, body => $body };
    my %said = (nginx => LLMPolicy::Decision::nginx_says($t, $request),
        explain => LLMPolicy::Decision::tool_says($t, $request));

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is_deeply({ map { my $says = $said{$_};
        ($_ => { map { $_ => $says->{$_} } keys %$expected }) } keys %said },
        { nginx => $expected, explain => $expected }, $name);
}
