package LLMPolicy::Stream;

# A socket with a buffer: reads lines, counts and patterns, with a time limit.

use strict;
use warnings;

use IO::Select;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes ();

our $TIMEOUT = $ENV{TEST_TIMEOUT} || 30;

sub new {
    my ($class, $socket) = @_;

    # pieces must be sent as they are cut
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    return bless { socket => $socket, buffer => '' }, $class;
}

# Reads available data; returns false at the end of input, on an error, on a
# timeout.

sub fill {
    my ($self, $timeout) = @_;

    if (!IO::Select->new($self->{socket})->can_read($timeout // $TIMEOUT)) {
        return 0;
    }

    return sysread $self->{socket}, $self->{buffer}, 65536,
        length $self->{buffer};
}

# Returns the next $size bytes; undef if the input ends first.

sub take {
    my ($self, $size) = @_;

    while (length $self->{buffer} < $size) {
        $self->fill or return undef;
    }

    return substr $self->{buffer}, 0, $size, '';
}

# Returns everything up to and including $mark; undef if the input ends first.

sub take_through {
    my ($self, $mark) = @_;
    my ($end, $from) = (-1, 0);

    while (($end = index $self->{buffer}, $mark, $from) < 0) {
        $from = length($self->{buffer}) - length($mark) + 1;
        $from = 0 if $from < 0;
        $self->fill or return undef;
    }

    return $self->take($end + length $mark);
}

# Returns everything until the input ends.

sub take_rest {
    my ($self) = @_;

    1 while $self->fill;

    return $self->take(length $self->{buffer});
}

# Returns true if the peer closes without sending anything.

sub at_end {
    my ($self, $timeout) = @_;

    return 0 if length $self->{buffer};
    return 0 if !IO::Select->new($self->{socket})->can_read($timeout // 5);

    return !$self->fill;
}

sub send {
    my ($self, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while (length $bytes) {
        my $sent = syswrite $self->{socket}, $bytes;
        return 0 if !defined $sent;
        substr $bytes, 0, $sent, '';
    }

    return 1;
}

sub pause {
    my ($ms) = @_;

    Time::HiRes::sleep($ms / 1000);
}

# Ends sending.  Unlike close(), it never resets the connection, so the rest of
# the peer's data arrives.

sub end {
    my ($self) = @_;

    CORE::shutdown $self->{socket}, 1;
}

sub close {
    my ($self) = @_;

    CORE::close $self->{socket};
}

1;
