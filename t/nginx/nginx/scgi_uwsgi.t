#!/usr/bin/perl

# scgi_pass and uwsgi_pass: CONTENT_LENGTH and the body are those of the edited
# body.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

my $up = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('up'), Listen => 8, ReuseAddr => 1,
);

$t->write_file('policy.json', one_tier(
    '"temperature": { "default": 0.7, "max": 1 }', '~/chat$' => 'openai.chat'));

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

scgi_param CONTENT_LENGTH $content_length;
uwsgi_param CONTENT_LENGTH $content_length;

EOH

location /scgi/ {
    scgi_pass 127.0.0.1:%%PORT_up%%;
}

location /uwsgi/ {
    uwsgi_pass 127.0.0.1:%%PORT_up%%;
}

location /scgi/file/ {
    client_body_in_file_only clean;
    scgi_pass 127.0.0.1:%%PORT_up%%;
}

location /uwsgi/file/ {
    client_body_in_file_only clean;
    uwsgi_pass 127.0.0.1:%%PORT_up%%;
}

EOF

my %read = (scgi => \&read_scgi, uwsgi => \&read_uwsgi);

my @edits = (
    [ '{"stop":"x","temperature":1.9}', '{"stop":"x","temperature":1<.9>}' ],
    [ '{"stop":"x"}', '{"stop":"x","temperature":0.7}' ],
);

for my $where (qw(scgi uwsgi scgi/file uwsgi/file)) {
    my ($protocol, $in_file) = split m{/}, $where;

    for my $edit (@edits) {
        for my $chunks (undef, [ 5 ]) {
            my $body = $t->edited($edit->[1], $in_file);

            my $client = $t->client;
            $client->request('POST', "/$where/chat", $edit->[0],
                chunks => $chunks);

            my $stream = LLMPolicy::Stream->new(scalar $up->accept);
            my $params = $read{$protocol}->($stream);

            is($params->{CONTENT_LENGTH}, length $body, "$where: length");
            is($stream->take($params->{CONTENT_LENGTH}), $body, "$where: body");
            ok(!$stream->fill(0.01), "$where: no bytes after it");

            $stream->send(($protocol eq 'scgi' ? 'Status:' : 'HTTP/1.0')
                . " 204 OK\r\n\r\n");
            $stream->close;
            is($client->response->{status}, 204, "$where: answered");
        }
    }
}

$t->done;

# a netstring of names and values, each ended by NUL

sub read_scgi {
    my ($stream) = @_;
    my ($length) = $stream->take_through(':') =~ /(\d+)/;
    my %params = $stream->take($length) =~ /(.*?)\0/gs;

    $stream->take(1);

    return \%params;
}

# names and values with their lengths, after the length of all

sub read_uwsgi {
    my ($stream) = @_;
    my $length = unpack 'xv', $stream->take(4);

    return { unpack '(v/a*)*', $stream->take($length) };
}
