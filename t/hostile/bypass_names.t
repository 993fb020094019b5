#!/usr/bin/perl

# Every name and every object that contains parameters of a dialect, in all the
# ways in which readers may confuse the name with another, or the object with
# another value.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Dialects;
use LLMPolicy::Readers;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);
my $readers = LLMPolicy::Readers->new;

my %rules = (
    temperature => { min => '0.2', max => '0.9' },
    map({ $_ => { max => '0.9' } } qw(top_p typical_p)),
    map({ $_ => { max => '0' } } qw(presence_penalty frequency_penalty)),
    min_p => { max => '0.5' }, repetition_penalty => { max => '1.1' },
    top_k => { max => '40' }, max_tokens => { max => '300' },
    n => { max => '1' }, seed => { max => '5' }, top_logprobs => { max => '2' },
    map({ $_ => { allow => '["low"]' } }
        qw(reasoning_effort verbosity service_tier)),
    map({ $_ => { deny => 'true' } }
        qw(stop stream logprobs logit_bias store parallel_tool_calls)),
);

# members that bypass rules about models are refused, too
$t->write_file('policy.json', routed('{ "version": 1, "default_tier": "free",
    "tiers": { "free": { "models": { "deny": ["denied"] },
    "parameters": { ' . rules_text(%rules) . ' } } } }'));

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    upstream kept {
        server %%UPSTREAM%%;
        keepalive 4;
    }

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    llm_policy on;
    llm_policy_file policy.json;

    # some APIs have no code in their errors
    add_header X-Reason $llm_reason always;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        keepalive_requests 100000;

        location / {
            proxy_pass http://kept;
        }
    }
}

EOC

my ($ambiguous, $duplicate, $type) = map { qr/^400 (?:$_)$/ }
    qw(ambiguous_member ambiguous_member|duplicate_member invalid_type);

my ($client, $count) = (undef, 0);

for my $dialect (dialects()) {
    for my $parameter (sort keys %rules) {
        for my $place (own($dialect, $parameter)) {
            my ($object, $name) = $place =~ m{^(?:(.*)/)?([^/]+)$};
            my @wrong = map { tried($dialect, [$parameter], @$_) }
                members($object // '', $name, $parameter),
                objects($object // '', $name);

            is(join("\n", @wrong), '', "$dialect->{name}, $parameter: $place");
        }
    }
}

# Members that some server reads: all names in all places, in as few requests as
# possible; and members that bypass a bound.

my @bounded = grep { defined $rules{$_}{max} } sort keys %rules;
my $undone = qr/^400 undermines_policy$/;

for my $dialect (dialects()) {
    my $everything = everything($dialect);
    my (@rooms, %taken);

    for my $place (grep { !cannot_have($dialect, $_) } shared()) {
        my ($first) = split m{/}, $place;

        push @{ $rooms[ $taken{ $first // '' }++ ] },
            wrapped($place, $everything) =~ s/^\{|\}\z//gr;
    }

    my @requests = map { [ '{' . join(',', @$_) . '}', 'forwarded' ] } @rooms;

    push @requests, map { [ wrapped($_, '"x"'), $undone ] }
        grep { !exists $rules{$_} } undermining(),
        @{ $dialect->{undermine} };

    is(join("\n", map { tried($dialect, [ keys %rules ], @$_) }
        @requests), '',
        "$dialect->{name}, of any server");
}

is($up->count, $count, 'nothing else reached the upstream');

$readers->stop;
$t->done;

# Returns whether an object cannot have them all: Gemini's API refuses two names
# of one parameter, and vLLM's has no list where another server's has one.

sub cannot_have {
    my ($dialect, $place) = @_;

    return $dialect->{one_name} && $place =~ /^generation/
        || $dialect->{name} eq 'vllm.generate'
            && $place eq 'sampling_params/*';
}

# Returns an object with every name of the bounded parameters, which will be
# clamped.

sub everything {
    my ($dialect) = @_;
    my %inner;

    for my $name (map { spellings($_) } @bounded) {
        my ($outer, $rest) = split m{/}, $name;

        push @{ $inner{$outer} }, $rest ? qq("$rest":7777) : 7777;
    }

    return '{' . join(',', map { my @values = @{ $inner{$_} };
        qq("$_":) . ($values[0] eq '7777' ? 7777
            : '{' . join(',', @values) . '}') } sort keys %inner) . '}';
}

# Returns requests with the member, and the expected results: "forwarded", or a
# refusal.

sub members {
    my ($object, $name, $parameter) = @_;
    my $rule = $rules{$parameter};
    my $member = sub { wrapped($object, '{' . join(',', @_) . '}') };

    my ($bad, $beyond) = $rule->{deny} ? ('7777', qr/^400 parameter_denied$/)
        : $rule->{allow} ? ('"high"', qr/^400 value_not_allowed$/)
        : ('7777', 'forwarded');
    my @values = $rule->{deny} ? () : $rule->{allow} ? qw(7777 true [] {})
        : ('"7777"', 'true', '[7777]', '{"a":7777}', '1e400', '7777e999999',
            '0.' . '0' x 70);

    return (
        [ $member->(qq("$name":$bad)), $beyond ],
        [ $member->(qq("$name":null)), 'forwarded' ],
        map({ [ $member->(qq("$name":$_)), $type ] } @values),

        # twice, in either order, and once escaped
        map({ [ $member->(@$_), $duplicate ] }
            [ qq("$name":null), '"a":[{}]', qq("$name":$bad) ],
            [ qq("$name":$bad), qq("$name":null) ],
            map { [ qq("$name":null), qq("$_":$bad) ] }
                written_otherwise($name)),

        map({ [ $member->(qq("$_":$bad)), $ambiguous ] }
            written_otherwise($name)),

        # a place that no server reads
        [ wrapped('metadata', $member->(qq("$name":$bad))), 'forwarded' ],
    );
}

# The same with the object that contains it.

sub objects {
    my ($object, $name) = @_;
    my ($outer, $inner) = $object =~ m{^(?:(.*)/)?([^/*]+)$} or return ();
    my $member = qq({"$name":7777});
    my $in = sub { wrapped($outer // '', '{' . join(',', @_) . '}') };

    my $text = JSON::PP->new->allow_nonref->encode($member);
    my @others = ($text, '"x"', '7', 'true', "[[$member]]", '["x"]',
        $inner eq 'sampling_params' ? () : "[$member]");

    # a value that is not an object belongs to another server, and bypasses
    # bounds
    my $refused = $inner eq 'generation_config'
        ? qr/^400 undermines_policy$/ : $type;

    return (
        map({ [ $in->(qq("$inner":$_)), $refused ] } @others),
        map({ [ $in->(qq("$_":$member)), $ambiguous ] }
            written_otherwise($inner)),
        map({ [ $in->(@$_), $duplicate ] }
            [ qq("$inner":{}), qq("$inner":$member) ],
            [ qq("$inner":{}), qq("$inner":null) ],
            map { [ qq("$inner":{}), qq("$_":$member) ] }
                written_otherwise($inner)),
    );
}

# Returns the spellings of a name that some readers take for it.

sub written_otherwise {
    my ($name) = @_;
    my $folded = $name =~ s/k/\xe2\x84\xaa/r =~ s/s/\xc5\xbf/r;

    my @names = (
        uc $name, ucfirst $name, lcfirst uc $name, $folded,
        $name =~ s/k/\\u212A/r =~ s/s/\\u017f/r,
        $name =~ s/^(.)/sprintf '\\u%04x', ord $1/er,
        $name =~ s/(.)$/sprintf '\\u%04X', ord $1/er,
        $name =~ s/(.)/sprintf '\\u%04x', ord $1/egr,
        "$name\\u0000", "$name\\u0000x", "\\u0000$name",
        $name =~ s/_/-/gr, uc($name) =~ s/_/-/gr,
    );

    my %seen = ($name => 1);

    return grep { !$seen{$_}++ } @names;
}

# Returns the defects of the result of a request, for these parameters.

sub tried {
    my ($dialect, $parameters, $body, $expected) = @_;

    $client //= $t->client;
    $client->request('POST', "/by-name/$dialect->{name}", $body);

    my $response = $client->response;
    my $sent = $response->{body};
    my @wrong;

    $client = undef if ($response->header('Connection') // '') eq 'close';

    if ($response->{status} != 200) {
        my $code = "$response->{status} " . $response->header('X-Reason');

        return $code =~ $expected ? () : "$body: $code";
    }

    $count++;

    push @wrong, "$body: sent as $sent" if $expected ne 'forwarded';
    push @wrong, map { "$body: $_" } $readers->within($sent, map { (
        bounds($dialect, $_, $rules{$_}),
        required($dialect, $_, $rules{$_}, $sent),
    ) } @$parameters);

    return @wrong;
}
