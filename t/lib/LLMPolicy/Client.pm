package LLMPolicy::Client;

# An HTTP/1.1 client that sends the given bytes unchanged.

use strict;
use warnings;

use parent 'LLMPolicy::Stream';

use IO::Socket::INET;

use LLMPolicy::Message;

sub new {
    my ($class, $port) = @_;

    my $socket = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $port,
        Timeout => $LLMPolicy::Stream::TIMEOUT,
    ) or die "cannot connect to port $port: $!\n";

    my $self = $class->SUPER::new($socket);
    $self->{method} = 'GET';

    return $self;
}

# Sends pieces with a pause in ms between them; returns true if all were sent.

sub send_pieces {
    my ($self, $pause, @pieces) = @_;

    while (@pieces) {
        $self->send(shift @pieces) or return 0;
        LLMPolicy::Stream::pause($pause) if @pieces;
    }

    return 1;
}

# Sends a request with Content-Length, or chunked if $options{chunks} is a list
# of sizes (the remainder is the last chunk).  Fields with the value undef are
# left out.

sub request {
    my ($self, $method, $uri, $body, %options) = @_;

    return $self->send(request_bytes($method, $uri, $body, %options))
        && ($self->{method} = $method);
}

sub request_bytes {
    my ($method, $uri, $body, %options) = @_;
    my $chunks = delete $options{chunks};
    my %fields = (Host => 'localhost');

    if (defined $body) {
        $fields{'Content-Type'} = 'application/json';
        $fields{$chunks ? 'Transfer-Encoding' : 'Content-Length'}
            = $chunks ? 'chunked' : length $body;
    }

    %fields = (%fields, %options);

    return join '', "$method $uri HTTP/1.1\r\n",
        (map { "$_: $fields{$_}\r\n" }
            grep { defined $fields{$_} } sort keys %fields),
        "\r\n",
        !defined $body ? '' : $chunks ? chunked($body, @$chunks) : $body;
}

sub chunked {
    my ($body, @sizes) = @_;
    my $bytes = '';

    while (length $body) {
        my $chunk = substr $body, 0, shift(@sizes) || length $body, '';
        $bytes .= sprintf "%x\r\n%s\r\n", length $chunk, $chunk;
    }

    return "${bytes}0\r\n\r\n";
}

# Reads the next response, including 1xx; returns undef if there is none.

sub next_response {
    my ($self) = @_;

    return LLMPolicy::Message->read_response($self, $self->{method});
}

# Reads the next final response.

sub response {
    my ($self) = @_;

    while (my $response = $self->next_response) {
        return $response if ($response->{status} // 0) !~ /^1/;
    }

    return undef;
}

1;
