package LLMPolicy::Answer;

# Responses of a chat completions API that contain the temperature of the
# request.

use strict;
use warnings;

use JSON::PP ();

my $json = JSON::PP->new->utf8->canonical;

# For LLMPolicy::Upstream.  The text of the response is "temperature: " and the
# number as it was written, or "none".

sub chat {
    my ($request) = @_;
    my $asked = decode($request->{body});

    return unreadable() if ref $asked ne 'HASH';

    my $text = 'temperature: ' . written($asked->{temperature});

    return $asked->{stream} ? streamed($text, 20, common($asked))
        : whole($text, common($asked));
}

# The same for a demonstration: a streamed response has sentences, sent at
# reading speed.

sub talk {
    my ($request) = @_;
    my $asked = decode($request->{body});

    return chat($request) if ref $asked ne 'HASH' || !$asked->{stream};

    my ($temperature, $max_tokens) = map { written($_) }
        @$asked{qw(temperature max_tokens)};

    my $answer = streamed("temperature: $temperature, max_tokens: $max_tokens. "
        . 'That is what stood in the request when it reached this server, '
        . 'which is no model: it only tells what it was asked for, word by '
        . 'word, as a model would answer.', 30, common($asked));

    add_usage($answer, common($asked))
        if ref $asked->{stream_options} eq 'HASH'
            && $asked->{stream_options}{include_usage};

    return $answer;
}

sub unreadable {
    return { status => 400, body => $json->encode({
        error => { message => 'the upstream cannot read this body' },
    }) };
}

sub common {
    my ($asked) = @_;

    return (
        id => 'chatcmpl-0', created => 0, model => $asked->{model} // 'none',
    );
}

# Numbers become strings that start with "=", since parsing them as numbers
# would lose their spelling.

sub decode {
    my ($body) = @_;

    # text that is not JSON must not become JSON
    eval { $json->decode($body); 1 } or return undef;

    $body =~ s{("[^"\\]*+(?:\\.[^"\\]*+)*+")|([-+.\deE]*\d[-+.\deE]*)}
        {$1 || "\"=$2\""}gex;

    return $json->decode($body);
}

sub written {
    my ($value) = @_;

    return 'none' if !defined $value;
    return $value =~ /^=(.*)/ ? $1 : $json->allow_nonref->encode($value);
}

sub whole {
    my ($text, %common) = @_;

    return { body => $json->encode({
        %common,
        object => 'chat.completion',
        choices => [ {
            index => 0, finish_reason => 'stop',
            message => { role => 'assistant', content => $text },
        } ],
        usage => {
            prompt_tokens => 1, completion_tokens => 1, total_tokens => 2,
        },
    }) };
}

# Each event is followed by a pause, in ms.

sub streamed {
    my ($text, $pause, %common) = @_;
    my @deltas = map { { content => $_ } } $text =~ /\S+\s*/g;

    my @events = map { $json->encode({
        %common,
        object => 'chat.completion.chunk',
        choices => [ { index => 0, finish_reason => undef, delta => $_ } ],
    }) } { role => 'assistant', content => '' }, @deltas;

    push @events, $json->encode({
        %common,
        object => 'chat.completion.chunk',
        choices => [ { index => 0, finish_reason => 'stop', delta => {} } ],
    }), '[DONE]';

    return {
        headers => { 'Content-Type' => 'text/event-stream' },
        chunks => [ map { ("data: $_\n\n", \$pause) } @events ],
    };
}

# Each word counts as a token, and so does the prompt.  The usage event precedes
# the last one, which is [DONE].

sub add_usage {
    my ($answer, %common) = @_;
    my $words = () = join('', @{ $answer->{chunks} }) =~ /"content":"[^"]/g;

    splice @{ $answer->{chunks} }, -2, 0, 'data: ' . $json->encode({
        %common,
        object => 'chat.completion.chunk',
        choices => [],
        usage => {
            prompt_tokens => 1, completion_tokens => $words,
            total_tokens => 1 + $words,
        },
    }) . "\n\n";
}

1;
