package LLMPolicy::Load;

# Concurrent clients, each a process that sends one request after another.
#
#   my $load = LLMPolicy::Load->start($t, 8, sub {
#       my ($client, $n) = @_;           # of the client's own, from 0 on
#       return $n < 100 ? [ 'POST', '/v1/chat/completions', $body ] : undef;
#   });
#
#   my $count = $load->finish;           # { 200 => 60, 429 => 740 }
#
# A request may be a sub, which is called; its result is counted.  Connections
# are kept alive.  A request without a response, for example if a worker is
# killed, counts as "none", and the client connects again.

use strict;
use warnings;

use POSIX ();

sub start {
    my ($class, $t, $clients, $next) = @_;
    my $self = bless { results => [], pids => [] }, $class;

    for my $n (0 .. $clients - 1) {
        pipe my $read, my $write or die "no pipe: $!\n";
        my $pid = fork // die "cannot fork: $!\n";

        if ($pid == 0) {
            my $count = eval { _run($t, $n, $next) } // { failed => 1 };

            print STDERR $@ if $@;
            syswrite $write, join ' ', %$count;
            POSIX::_exit(0);
        }

        push @{ $self->{results} }, $read;
        push @{ $self->{pids} }, $pid;
    }

    return $self;
}

sub _run {
    my ($t, $n, $next) = @_;
    my ($client, %count);

    for (my $i = 0; my $request = $next->($n, $i); $i++) {

        if (ref $request eq 'CODE') {
            $count{ $request->() }++;
            next;
        }

        $client //= eval { $t->client };

        my $response = $client && $client->request(@$request)
            ? eval { $client->response } : undef;

        $count{ $response && $response->{status} ? $response->{status}
            : 'none' }++;

        undef $client if !$response || !$response->{status}
            || ($response->header('Connection') // '') eq 'close';
    }

    return \%count;
}

# Waits for all clients.

sub finish {
    my ($self) = @_;
    my %sum;

    for my $read (@{ $self->{results} }) {
        my %count = split ' ', readline($read) // 'failed 1';

        $sum{$_} += $count{$_} for keys %count;
    }

    waitpid $_, 0 for @{ $self->{pids} };

    return \%sum;
}

1;
