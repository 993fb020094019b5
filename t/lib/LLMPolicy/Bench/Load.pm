package LLMPolicy::Bench::Load;

# Requests over kept connections, sent by h2load.
#
#   my @seconds = send_load(
#       port => 8080, file => 'body.json', count => 1000, clients => 8,
#       fields => [ 'X-Tier: free' ],
#   );
#
# Returns the time per request.  Dies unless all responses have status 200.

use strict;
use warnings;

use Exporter qw(import);
use File::Temp ();

use LLMPolicy::Bench::Process;
use LLMPolicy::Upstream;

our @EXPORT = qw(send_load);

# longest batch, in seconds
use constant PATIENCE => 60;

my $uri = '/v1/chat/completions';

sub send_load {
    my (%load) = @_;
    my $log = File::Temp->new;
    my $output = File::Temp->new;
    my $clients = $load{clients} < $load{count} ? $load{clients}
        : $load{count};

    my @command = ('timeout', PATIENCE, pinned('client'), 'h2load', '--h1',
        '-n', $load{count}, '-c', $clients, '-d', $load{file},
        (map { ('-H', $_) } 'Content-Type: application/json',
            @{ $load{fields} // [] }),
        "--log-file=$log", "http://127.0.0.1:$load{port}$uri");

    run("$output", @command) == 0
        or die "h2load failed: ", LLMPolicy::Upstream::slurp("$output");

    my @lines = map { [ split ] }
        split /\n/, LLMPolicy::Upstream::slurp("$log");
    my $good = grep { $_->[1] == 200 } @lines;

    die "$good of $load{count} requests were answered with 200\n"
        if $good != $load{count};

    return map { $_->[2] / 1e6 } @lines;
}

sub run {
    my ($output, @command) = @_;
    my $pid = fork // die "cannot fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', $output;
        open STDERR, '>&', \*STDOUT;
        exec @command or print STDERR "cannot run $command[0]: $!\n";
        POSIX::_exit(127);
    }

    waitpid $pid, 0;

    return $?;
}

1;
