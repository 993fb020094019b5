package LLMPolicy::Bench::Sink;

# An upstream that reads bodies as they arrive, keeps nothing, and reports in
# X-First-Byte of the response when the first byte arrived, in seconds of
# CLOCK_MONOTONIC.

use strict;
use warnings;

use parent 'LLMPolicy::Upstream';

use Time::HiRes qw(CLOCK_MONOTONIC clock_gettime);

sub connection {
    my ($self, $stream) = @_;
    my $socket = $stream->{socket};
    my $buffer = '';

    while (1) {
        while ($buffer !~ /\r\n\r\n/) {
            sysread $socket, $buffer, 65536, length $buffer or return;
        }

        my ($head, $rest) = split /\r\n\r\n/, $buffer, 2;
        my $chunked = $head =~ /^transfer-encoding:\s*chunked/mi;
        my ($length) = $head =~ /^content-length:\s*(\d+)/mi;
        my $first = read_body($socket, $rest, $chunked ? undef : $length // 0)
            or return;

        $buffer = '';
        $self->answer($stream, { method => 'POST' }, {
            headers => { 'X-First-Byte' => sprintf '%.6f', $first },
        });
    }
}

# Reads a number of bytes, or, if it is undef, up to the last chunk.

sub read_body {
    my ($socket, $rest, $length) = @_;
    my $got = length $rest;
    my $first = $got ? clock_gettime(CLOCK_MONOTONIC) : undef;
    my $end = substr $rest, -5;

    while (defined $length ? $got < $length : $end ne "0\r\n\r\n") {
        my $n = sysread $socket, my $bytes, 262144 or return undef;

        $first //= clock_gettime(CLOCK_MONOTONIC);
        $got += $n;
        $end = substr $end . $bytes, -5;
    }

    return $first // clock_gettime(CLOCK_MONOTONIC);
}

1;
