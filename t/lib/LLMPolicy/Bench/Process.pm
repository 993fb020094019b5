package LLMPolicy::Bench::Process;

# CPU time and memory of a process from the kernel, and the CPU that it runs on.
#
#   cpu_time($pid)       seconds that all its threads ran
#   memory_peak($pid)    KiB that were resident at the most
#   memory_now($pid)     KiB that are
#   cpu_of($what)        the number of the CPU that "gateway", "upstream" and
#                        "client" run on; undef if they are not to be told apart
#   pinned($what)        what to put before a command so that it runs there
#   nginx_affinity($what) the same as a directive for nginx

use strict;
use warnings;

use Exporter qw(import);
use POSIX ();

use LLMPolicy::Upstream;

our @EXPORT = qw(cpu_time memory_peak memory_now pinned nginx_affinity);

my %order = (gateway => 0, upstream => 1, client => 2);

sub cpu_time {
    my ($pid) = @_;
    my @tasks = glob "/proc/$pid/task/*/schedstat";

    return ticks($pid) if !@tasks;

    my $time = 0;

    for (@tasks) {
        my ($ran) = LLMPolicy::Upstream::slurp($_) =~ /^(\d+)/;
        $time += $ran // 0;
    }

    return $time / 1e9;
}

# A fallback for kernels without finer times.

sub ticks {
    my ($pid) = @_;
    my $stat = LLMPolicy::Upstream::slurp("/proc/$pid/stat") =~ s/.*\) //sr;
    my ($user, $system) = (split / /, $stat)[11, 12];

    return ($user + $system) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub field {
    my ($pid, $name) = @_;
    my ($value) = LLMPolicy::Upstream::slurp("/proc/$pid/status")
        =~ /^$name:\s+(\d+)/m;

    return $value;
}

sub memory_peak {
    return field($_[0], 'VmHWM');
}

sub memory_now {
    return field($_[0], 'VmRSS');
}

# The gateway has a CPU of its own if there are two.

sub cpu_of {
    my ($what) = @_;
    my @cpus = allowed();

    return @cpus > 1 ? $cpus[ $order{$what} ] // $cpus[1] : undef;
}

sub allowed {
    my ($list) = LLMPolicy::Upstream::slurp('/proc/self/status')
        =~ /^Cpus_allowed_list:\s+(\S+)/m;

    return map { my ($from, $to) = split /-/; $from .. $to // $from }
        split /,/, $list // '';
}

sub pinned {
    my $cpu = cpu_of($_[0]);

    return defined $cpu ? ('taskset', '-c', $cpu) : ();
}

sub nginx_affinity {
    my $cpu = cpu_of($_[0]);

    return defined $cpu ? 'worker_cpu_affinity 1' . '0' x $cpu . ';' : '';
}

1;
