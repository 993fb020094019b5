package LLMPolicy::Upstream;

# A server in its own process that keeps the exact bytes of every request.
#
# The handler is called in that process with the request (LLMPolicy::Message,
# with its number, from 1, in {n}), and returns the response; all members are
# optional:
#
#   status    200
#   headers   { name => value }
#   body      sent with a Content-Length
#   chunks    [bytes, ...] sent chunked in place of body; a number's reference
#             is a pause of so many ms
#   delay     ms before the answer
#   close     true: the connection is closed; without an answer, if nothing
#             else is said

use strict;
use warnings;

use Errno qw(EEXIST);
use IO::Socket::INET;
use POSIX ();

use LLMPolicy::Answer;
use LLMPolicy::Message;
use LLMPolicy::Stream;

# Listens on $address ("ip:port"), and keeps requests in $dir if it is given.

sub new {
    my ($class, $address, $dir, $handler) = @_;

    my $listen = IO::Socket::INET->new(
        LocalAddr => $address, Listen => 128, ReuseAddr => 1,
    ) or die "cannot listen on $address: $@\n";

    return bless {
        listen => $listen, address => $address, dir => $dir, seen => 0,
        handler => $handler // \&LLMPolicy::Answer::chat,
    }, $class;
}

sub start {
    my ($self) = @_;

    mkdir $self->{dir};

    $self->{pid} = fork // die "cannot fork: $!\n";

    if ($self->{pid} == 0) {
        setpgrp;
        eval { $self->serve };
        POSIX::_exit(1);
    }

    CORE::close $self->{listen};

    return $self;
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    # connections are processes of their own
    kill '-TERM', $pid or kill 'TERM', $pid;
    waitpid $pid, 0;
}

# Serves forever, with a process per connection.

sub serve {
    my ($self) = @_;

    $SIG{CHLD} = 'IGNORE';
    $SIG{TERM} = 'DEFAULT';

    while (1) {
        my $socket = $self->{listen}->accept or next;
        my $pid = fork // next;

        if ($pid == 0) {
            eval { $self->connection(LLMPolicy::Stream->new($socket)) };
            print STDERR "upstream: $@" if $@;
            POSIX::_exit(0);
        }
    }
}

sub connection {
    my ($self, $stream) = @_;

    while (my $request = $self->read_request($stream)) {

        $request->{n} = $self->_keep($request);
        last if !$request->{complete};

        my $answer = $self->{handler}->($request) // {};

        last if !$self->answer($stream, $request, $answer);
    }
}

# The methods that depend on the protocol: reading a request, reading a kept one
# (both return a hash with raw and complete), and responding.

sub read_request {
    my ($self, $stream) = @_;

    return LLMPolicy::Message->read_request($stream);
}

sub parse_request {
    my ($self, $raw) = @_;

    return LLMPolicy::Message->parse_request($raw);
}

# Returns true if the connection stays open.

sub answer {
    my ($self, $stream, $request, $answer) = @_;

    LLMPolicy::Stream::pause($answer->{delay}) if $answer->{delay};

    return 0 if $answer->{close} && keys %$answer == 1;

    my $body = $answer->{body} // '{"object":"ok"}';
    my %headers = (
        'Content-Type' => 'application/json',
        $answer->{chunks} ? ('Transfer-Encoding' => 'chunked')
            : ('Content-Length' => length $body),
        Connection => $answer->{close} ? 'close' : 'keep-alive',
        %{ $answer->{headers} // {} },
    );

    $stream->send(join "\r\n",
        sprintf('HTTP/1.1 %d %s', $answer->{status} // 200, 'Answer'),
        (map { "$_: $headers{$_}" } sort keys %headers), '', '') or return 0;

    my $sent = $answer->{chunks} ? send_chunks($stream, $answer->{chunks})
        : $request->{method} eq 'HEAD' || $stream->send($body);

    return $sent && !$answer->{close};
}

sub send_chunks {
    my ($stream, $chunks) = @_;

    for my $chunk (@$chunks) {
        if (ref $chunk) {
            LLMPolicy::Stream::pause($$chunk);

        } else {
            $stream->send(sprintf "%x\r\n%s\r\n", length $chunk, $chunk)
                or return 0;
        }
    }

    return $stream->send("0\r\n\r\n");
}

# Keeps a request under the next free number, atomically.

sub _keep {
    my ($self, $request) = @_;

    defined $self->{dir} or return 0;

    my $part = "$self->{dir}/part.$$";
    my $kind = $request->{complete} ? 'whole' : 'cut';

    open my $file, '>:raw', $part or die "cannot write $part: $!\n";
    print $file $request->{raw};
    CORE::close $file or die "cannot write $part: $!\n";

    my $n = 1;
    while (!link $part, sprintf '%s/%s.%06d', $self->{dir}, $kind, $n) {
        $!{EEXIST} or die "cannot keep $part: $!\n";
        $n++;
    }

    unlink $part;

    return $n;
}

# Returns the requests since clear(), in order; cut_requests() those that were
# cut off.

sub requests {
    my ($self) = @_;
    my @all = $self->_kept('whole');

    return @all[$self->{seen} .. $#all];
}

sub cut_requests {
    my ($self) = @_;

    return $self->_kept('cut');
}

sub _kept {
    my ($self, $kind) = @_;

    return map { unpadded($self->parse_request(slurp($_))) }
        sort glob "$self->{dir}/$kind.*";
}

# Returns a request without the spaces by which streaming pads a body to its
# announced length, for tests that pass in both modes.

sub unpadded {
    my ($request) = @_;

    return $request if !$ENV{TEST_STREAMING};

    my $padded = length($request->{body} // return $request);

    $request->{body} =~ s/(?<=\}) +\z//;

    for ($request->{headers}{'content-length'},
        map { $_->[1] } grep { lc $_->[0] eq 'content-length' }
            @{ $request->{fields} // [] })
    {
        $_ = length $request->{body} if defined && $_ eq $padded;
    }

    for (grep { defined } @{ $request->{params} // {} }
        {qw(CONTENT_LENGTH HTTP_CONTENT_LENGTH)})
    {
        $_ = length $request->{body} if $_ eq $padded;
    }

    return $request;
}

sub slurp {
    my ($path) = @_;

    open my $file, '<:raw', $path or die "cannot read $path: $!\n";
    local $/;

    return <$file> // '';
}

sub count {
    my ($self) = @_;
    my @all = glob "$self->{dir}/whole.*";

    return @all - $self->{seen};
}

sub last {
    my ($self) = @_;

    return ($self->requests)[-1];
}

sub clear {
    my ($self) = @_;

    $self->{seen} += $self->count;
}

# Waits until $n requests arrived since clear(), and returns them; after a
# timeout, returns those that arrived.

sub wait_for {
    my ($self, $n) = @_;

    for (1 .. 500) {
        last if $self->count >= $n;
        LLMPolicy::Stream::pause(10);
    }

    return $self->requests;
}

1;
