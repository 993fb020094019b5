package LLMPolicy::HTTP2;

# An HTTP/2 client (cleartext, prior knowledge) that cuts frames at given
# positions.  It sends header fields as literals without indexing, and parses
# only :status of responses.

use strict;
use warnings;

use parent 'LLMPolicy::Client';

use constant {
    DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, PING => 6,
    GOAWAY => 7, WINDOW_UPDATE => 8, END_STREAM => 1, ACK => 1,
    END_HEADERS => 4,
    INITIAL_WINDOW_SIZE => 4, MAX_FRAME => 16384,
};

sub new {
    my ($class, $port) = @_;
    my $self = $class->SUPER::new($port);

    $self->{next_id} = 1;
    $self->{streams} = {};
    $self->{initial_window} = 65535;
    $self->{window} = 65535;

    $self->send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    $self->frame(SETTINGS, 0, 0, '');

    return $self;
}

# Sends a request and returns the number of its stream.  %options:
#
#   length      false: no content-length
#   cut         a list of sizes of DATA frames; the rest goes in large ones
#   pause       ms between DATA frames
#   empty_end   true: END_STREAM stands on an empty DATA frame
#   unfinished  true: END_STREAM is not sent
#   headers     { name => value }; undef leaves one out

sub request {
    my ($self, $method, $path, $body, %options) = @_;
    my $id = $self->{next_id};
    my $has_body = defined $body;

    my %headers = ('content-type' => 'application/json');
    $headers{'content-length'} = length $body if $has_body;
    delete $headers{'content-length'} if !($options{length} // 1);
    %headers = $has_body ? (%headers, %{ $options{headers} // {} })
        : %{ $options{headers} // {} };

    $self->{next_id} += 2;
    $self->{streams}{$id} = {
        window => $self->{initial_window}, body => '', ended => 0,
    };

    my $block = fields(
        ':method', $method, ':scheme', 'http', ':path', $path,
        ':authority', 'localhost',
        map { $_, $headers{$_} }
            grep { defined $headers{$_} } sort keys %headers,
    );

    $self->frame(HEADERS, END_HEADERS | ($has_body ? 0 : END_STREAM), $id,
        $block);

    $self->send_body($id, $body, %options) if $has_body;

    return $id;
}

sub send_body {
    my ($self, $id, $body, %options) = @_;
    my @sizes = @{ $options{cut} // [] };
    my $last = !$options{empty_end} && !$options{unfinished};

    while (length $body) {
        my $size = @sizes ? shift @sizes : MAX_FRAME;
        my $piece = substr $body, 0, $size > MAX_FRAME ? MAX_FRAME : $size, '';
        my $end = $last && !length $body;

        $self->data($id, $piece, $end) or return 0;
        LLMPolicy::Stream::pause($options{pause}) if $options{pause};
    }

    return !$options{empty_end}
        || $self->frame(DATA, END_STREAM, $id, '');
}

# Sends a DATA frame once the windows permit it; returns false if the stream
# ended first.

sub data {
    my ($self, $id, $piece, $end) = @_;
    my $stream = $self->{streams}{$id};

    while ($self->{window} < length $piece
           || $stream->{window} < length $piece)
    {
        return 0 if $stream->{ended};
        $self->read_frame or return 0;
    }

    $self->{window} -= length $piece;
    $stream->{window} -= length $piece;

    return $self->frame(DATA, $end ? END_STREAM : 0, $id, $piece);
}

# Reads until a stream has ended.  Returns { status, body, ended, reset (its
# error code, or undef) }; ended is false if the connection was closed.

sub response {
    my ($self, $id) = @_;
    my $stream = $self->{streams}{$id};

    while (!$stream->{ended}) {
        $self->read_frame or last;
    }

    return $stream;
}

# Returns the code and debug data of GOAWAY, or undef.

sub goaway {
    my ($self) = @_;

    return $self->{goaway};
}

sub frame {
    my ($self, $type, $flags, $id, $payload) = @_;

    return $self->send(substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $id) . $payload);
}

sub read_frame {
    my ($self) = @_;

    my $header = $self->take(9) // return 0;
    my ($type, $flags, $id) = unpack 'x3CCN', $header;
    my $length = unpack 'N', "\0" . substr $header, 0, 3;
    my $payload = $self->take($length) // return 0;
    my $stream = $self->{streams}{$id};

    if ($type == SETTINGS) {
        $self->settings($payload) if !($flags & ACK);

    } elsif ($type == PING) {
        $self->frame(PING, ACK, 0, $payload) if !($flags & ACK);

    } elsif ($type == WINDOW_UPDATE) {
        ($id ? $stream : $self)->{window} += unpack 'N', $payload;

    } elsif ($type == GOAWAY) {
        my ($code, $debug) = unpack 'x4Na*', $payload;
        $self->{goaway} = { code => $code, debug => $debug };

    } elsif ($type == RST_STREAM) {
        $stream->{reset} = unpack 'N', $payload;
        $stream->{ended} = 1;

    } elsif ($type == HEADERS) {
        $stream->{status} //= status($payload);

    } elsif ($type == DATA) {
        $stream->{body} .= $payload;
        $self->window_updates($id, $length) if $length;
    }

    if (($type == HEADERS || $type == DATA) && $flags & END_STREAM) {
        $stream->{ended} = 1;
    }

    return 1;
}

sub settings {
    my ($self, $payload) = @_;

    while ($payload =~ s/^(......)//s) {
        my ($name, $value) = unpack 'nN', $1;
        next if $name != INITIAL_WINDOW_SIZE;

        for my $stream (values %{ $self->{streams} }) {
            $stream->{window} += $value - $self->{initial_window};
        }

        $self->{initial_window} = $value;
    }

    $self->frame(SETTINGS, ACK, 0, '');
}

sub window_updates {
    my ($self, $id, $length) = @_;

    $self->frame(WINDOW_UPDATE, 0, $_, pack 'N', $length) for 0, $id;
}

# HPACK: literals without indexing, without Huffman coding.

sub fields {
    my @pairs = @_;
    my $block = '';

    while (my ($name, $value) = splice @pairs, 0, 2) {
        $block .= "\0" . string($name) . string($value);
    }

    return $block;
}

sub string {
    my ($text) = @_;
    my $length = length $text;

    return chr($length) . $text if $length < 127;

    my $prefix = chr 127;
    for ($length -= 127; $length > 127; $length >>= 7) {
        $prefix .= chr($length & 127 | 128);
    }

    return $prefix . chr($length) . $text;
}

# nginx sends :status first; at most a table size update precedes it.

sub status {
    my ($block) = @_;
    my @indexed = (200, 204, 206, 304, 400, 404, 500);

    while ((ord($block) & 0xe0) == 0x20) {
        my $long = (ord($block) & 0x1f) == 0x1f;
        $block = substr $block, 1;
        $block =~ s/^[\x80-\xff]*[\0-\x7f]//s if $long;
    }

    return $indexed[(ord($block) & 0x7f) - 8] if ord($block) & 0x80;
    return substr $block, 2, 3 if ord(substr $block, 1, 1) == 3;
    return undef;
}

1;
