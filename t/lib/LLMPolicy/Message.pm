package LLMPolicy::Message;

# HTTP/1.1 messages, read from a stream and kept with their exact bytes:
#
#   raw         all bytes of the message, as they came
#   complete    false if the input ended within the message
#   start       the first line
#   fields      [name, value] of each header field, in order
#   headers     { lower-case name => value }, repeated ones joined by ", "
#   body        with the chunks put together, as far as it came
#   chunks      the number of chunks, if it was chunked
#   method, uri, version      of a request
#   status                    of a response

use strict;
use warnings;

sub read_request {
    my ($class, $stream) = @_;

    return $class->_read($stream, sub { 0 });
}

sub read_response {
    my ($class, $stream, $method) = @_;

    return $class->_read($stream, sub {
        my ($self) = @_;

        return $method ne 'HEAD' && $self->{status} !~ /^(?:1..|204|304)$/;
    });
}

# Reads a recorded request.

sub parse_request {
    my ($class, $raw) = @_;

    return $class->read_request(LLMPolicy::Message::Bytes->new($raw));
}

sub header {
    my ($self, $name) = @_;

    return $self->{headers}{lc $name};
}

# Returns the message; undef if the stream ended before its first byte.

sub _read {
    my ($class, $stream, $until_close) = @_;
    my $self = bless { raw => '', body => '', complete => 0 }, $class;

    $self->{complete} = $self->_head($stream)
        && $self->_body($stream, $until_close);

    if (!$self->{complete}) {
        my $rest = $stream->take(length $stream->{buffer});

        $self->{raw} .= $rest;
        $self->{body} .= $rest if defined $self->header('Content-Length');
    }

    return length $self->{raw} ? $self : undef;
}

sub _next {
    my ($self, $stream, $how, $what) = @_;
    my $bytes = $stream->$how($what);

    $self->{raw} .= $bytes if defined $bytes;

    return $bytes;
}

sub _head {
    my ($self, $stream) = @_;
    my $head = $self->_next($stream, 'take_through', "\r\n\r\n") // return 0;

    my ($start, @lines) = split /\r\n/, $head;

    $self->{start} = $start;
    $self->{fields} = [ map { [ /^([^:]*):[ \t]*(.*?)[ \t]*$/ ] } @lines ];

    if ($start =~ m{^HTTP/[\d.]+ (\d+)}) {
        $self->{status} = $1;

    } else {
        @$self{qw(method uri version)} = split / /, $start;
    }

    for my $field (@{ $self->{fields} }) {
        my $name = lc $field->[0];
        my $old = $self->{headers}{$name};

        $self->{headers}{$name} = defined $old ? "$old, $field->[1]"
            : $field->[1];
    }

    return 1;
}

sub _body {
    my ($self, $stream, $until_close) = @_;

    if (lc($self->header('Transfer-Encoding') // '') eq 'chunked') {
        return $self->_chunks($stream);
    }

    if (defined(my $length = $self->header('Content-Length'))) {
        $self->{body} = $self->_next($stream, 'take', $length) // return 0;

    } elsif ($until_close->($self)) {
        $self->{body} = $self->_next($stream, 'take_rest');
    }

    return 1;
}

sub _chunks {
    my ($self, $stream) = @_;

    for ($self->{chunks} = 0; ; $self->{chunks}++) {
        my $line = $self->_next($stream, 'take_through', "\r\n") // return 0;
        my $size = hex(($line =~ /^([0-9a-fA-F]+)/)[0] // return 0);

        last if $size == 0;

        my $chunk = $self->_next($stream, 'take', $size + 2) // return 0;
        $self->{body} .= substr $chunk, 0, $size;
    }

    # trailers

    while (defined(my $line = $self->_next($stream, 'take_through', "\r\n"))) {
        return 1 if $line eq "\r\n";
    }

    return 0;
}


package LLMPolicy::Message::Bytes;

# A stream whose bytes are all in memory.

use parent -norequire, 'LLMPolicy::Stream';

use LLMPolicy::Stream;

sub new {
    my ($class, $bytes) = @_;

    return bless { buffer => $bytes }, $class;
}

sub fill {
    return 0;
}

1;
