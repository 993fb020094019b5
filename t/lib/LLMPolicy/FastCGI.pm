package LLMPolicy::FastCGI;

# A FastCGI responder that keeps its requests: each has params (a hash), body
# (its standard input), raw, complete.

use strict;
use warnings;

use parent 'LLMPolicy::Upstream';

use constant {
    BEGIN_REQUEST => 1, END_REQUEST => 3, PARAMS => 4, STDIN_DATA => 5,
    STDOUT_DATA => 6,
};

sub read_request {
    my ($self, $stream) = @_;
    my %data = (PARAMS, '', STDIN_DATA, '');
    my $request = { raw => '', complete => 0 };

    while (my $record = read_record($stream, $request)) {
        my ($type, $id, $content) = @$record;

        $request->{id} = $id;
        $data{$type} .= $content;

        if ($type == STDIN_DATA && $content eq '') {
            $request->{complete} = 1;
            last;
        }
    }

    return undef if $request->{raw} eq '';

    $request->{params} = parse_params($data{+PARAMS});
    $request->{body} = $data{+STDIN_DATA};

    return $request;
}

sub read_record {
    my ($stream, $request) = @_;

    my $header = $stream->take(8) // return undef;
    my (undef, $type, $id, $length, $padding) = unpack 'CCnnC', $header;
    my $content = $stream->take($length + $padding) // return undef;

    $request->{raw} .= $header . $content;

    return [ $type, $id, substr $content, 0, $length ];
}

sub parse_params {
    my ($bytes) = @_;
    my %params;

    while (length $bytes) {
        my ($name_length, $value_length) = (length_of(\$bytes),
            length_of(\$bytes));
        my $name = substr $bytes, 0, $name_length, '';
        $params{$name} = substr $bytes, 0, $value_length, '';
    }

    return \%params;
}

sub length_of {
    my ($bytes) = @_;

    return ord substr $$bytes, 0, 1, '' if ord $$bytes < 128;
    return 0x7fffffff & unpack 'N', substr $$bytes, 0, 4, '';
}

sub parse_request {
    my ($self, $raw) = @_;

    return $self->read_request(LLMPolicy::Message::Bytes->new($raw));
}

sub answer {
    my ($self, $stream, $request, $answer) = @_;
    my $body = $answer->{body} // '{"object":"ok"}';
    my $status = $answer->{status} // 200;

    $stream->send(
        record(STDOUT_DATA, $request->{id}, "Status: $status\r\n"
            . "Content-Type: application/json\r\n\r\n$body")
        . record(STDOUT_DATA, $request->{id}, '')
        . record(END_REQUEST, $request->{id}, pack 'NCx3', 0, 0));

    return 0;
}

sub record {
    my ($type, $id, $content) = @_;

    return pack('CCnnCx', 1, $type, $id, length $content, 0) . $content;
}

1;
