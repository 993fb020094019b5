package LLMPolicy::Bench::Portkey;

# Portkey's gateway, a node process that "make bench" installs with npm.  Its
# configuration is in the request.

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP ();
use POSIX qw(WNOHANG);
use Time::HiRes ();

use LLMPolicy::Bench::Process;
use LLMPolicy::Stream;

my $program = 'node_modules/@portkey-ai/gateway/build/start-server.js';

my $upstream_port;

sub start {
    my ($class, $port, $directory, $upstream) = @_;

    die "$program is not installed: npm has failed\n"
        if !-f "$directory/$program";

    $upstream_port = $upstream;

    my $pid = fork // die "cannot fork: $!\n";

    if ($pid == 0) {
        # otherwise it refuses local upstreams
        $ENV{TRUSTED_CUSTOM_HOSTS} = '127.0.0.1';
        $ENV{NODE_ENV} = 'production';

        open STDOUT, '>', '/dev/null';
        open STDERR, '>&', \*STDOUT;
        exec pinned('gateway'), 'node', "$directory/$program", '--headless',
            "--port=$port" or POSIX::_exit(127);
    }

    my $self = bless { pid => $pid }, $class;

    $self->wait_for($port);

    return $self;
}

sub wait_for {
    my ($self, $port) = @_;
    my $end = Time::HiRes::time() + $LLMPolicy::Stream::TIMEOUT;

    while (Time::HiRes::time() < $end) {
        return if IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port");

        if (waitpid($self->{pid}, WNOHANG) != 0) {
            delete $self->{pid};
            last;
        }

        Time::HiRes::sleep(0.05);
    }

    $self->stop;
    die "Portkey's gateway does not start\n";
}

# The configuration of a request: its upstream, and another temperature.

sub fields {
    return sub {
        'x-portkey-config: ' . JSON::PP->new->canonical->encode({
            provider => 'openai', api_key => 'none',
            custom_host => "http://127.0.0.1:$upstream_port/v1",
            override_params => { temperature => 1 },
        })
    };
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    kill 'TERM', $pid;
    waitpid $pid, 0;
}

sub DESTROY {
    my ($self) = @_;

    local $?;
    $self->stop;
}

1;
