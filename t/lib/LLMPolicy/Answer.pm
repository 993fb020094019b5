package LLMPolicy::Answer;

# Answers of a chat completions API that say which temperature the request had.

use strict;
use warnings;

use JSON::PP ();

my $json = JSON::PP->new->utf8->canonical;

# For LLMPolicy::Upstream.  The text of the answer is "temperature: " and the
# number as it was written, or "none".

sub chat {
    my ($request) = @_;
    my $asked = decode($request->{body});

    if (ref $asked ne 'HASH') {
        return { status => 400, body => $json->encode({
            error => { message => 'the upstream cannot read this body' },
        }) };
    }

    my $text = 'temperature: ' . written($asked->{temperature});
    my %common = (
        id => 'chatcmpl-0', created => 0, model => $asked->{model} // 'none',
    );

    return $asked->{stream} ? streamed($text, %common) : whole($text, %common);
}

# Numbers become strings that start with "=", since reading them as numbers
# would lose how they were written.

sub decode {
    my ($body) = @_;

    # what is no JSON before is not to become JSON
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

sub streamed {
    my ($text, %common) = @_;
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
        chunks => [ map { ("data: $_\n\n", \20) } @events ],
    };
}

1;
