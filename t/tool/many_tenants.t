#!/usr/bin/perl

# Loading a document with many tenants: its peak of memory for each tenant, and
# the instructions for each tenant and for the document itself.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Tool;

my $dir = File::Temp->newdir;
my $version = '"version":1,"default_tier":"free"';
my $tiers = '"tiers":{"free":{"parameters":{"temperature":{"max":1}}},'
    . '"pro":{}}';

my %key = (
    'a string' => '"%s"',
    'an object' => '{"hash":"%s","name":"main",'
        . '"not_after":"2099-01-31T00:00:00Z"}',
);

my $tenants = 20_000;

for my $key (sort keys %key) {
    my $least = peak(document(1, $key{$key}));
    my $most = peak(document($tenants, $key{$key}));
    my $bytes = 1024 * ($most - $least) / $tenants;

    cmp_ok($bytes, '<', 1024, "bytes for a tenant with $key")
        or diag "peaks: $least and $most KB";
    cmp_ok($bytes, '>', 100, 'the tenants are in memory');
}

my $few = 5_000;

for my $key (sort keys %key) {
    my $least = instructions('main', document(1, $key{$key}));
    my $most = instructions('main', document($few, $key{$key}));
    my $each = ($most - $least) / $few;
    my %most = ('a string' => 20_000, 'an object' => 40_000);

    cmp_ok($each, '<', $most{$key}, "instructions for a tenant with $key");
}

# most of what it takes to load a document without tenants: 4.6 million,
# and some 70,000 more for each new dialect

my $trees = instructions('llmp_load_watch', document(1, '"%s"'));

cmp_ok($trees, '<', 5_500_000, 'instructions for the trees of members');
cmp_ok($trees, '>', 500_000, 'the trees are built');

done_testing();

sub document {
    my ($n, $key) = @_;
    my @tenants = map {
        my $i = $_ * 7919 % 1_000_003;

        sprintf qq("tenant-%06d":{"tier":"%s","keys":[$key]}), $i,
            $i % 2 ? 'pro' : 'free', sprintf 'sha256:%064x', $i * 104_729;
    } 1 .. $n;

    return write_file('policy.json', "{$version,$tiers,\"tenants\":{"
        . join(",\n", @tenants) . '}}');
}

sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "cannot write $name: $!\n";
    print $out $text;
    close $out or die "cannot write $name: $!\n";

    return "$dir/$name";
}

# Returns the peak of memory in KB.  "replay" loads the document, and then reads
# more than a pipe holds.

sub peak {
    my ($policy) = @_;

    pipe my $in, my $out or die "pipe: $!\n";
    my $pid = fork // die "cannot fork: $!\n";

    if ($pid == 0) {
        close $out;
        open STDIN, '<&', $in;
        open STDOUT, '>', '/dev/null';

        exec { tool_path() } tool_path(), 'replay', $policy, '-'
            or POSIX::_exit(127);
    }

    close $in;
    local $SIG{PIPE} = 'IGNORE';
    print $out "{}\n" x 500_000;
    $out->flush;

    open my $status, '<', "/proc/$pid/status" or die "no /proc: $!\n";
    my ($kb) = map { /^VmHWM:\s*(\d+)/ } <$status>;

    close $out;
    waitpid $pid, 0;

    is($?, 0, 'the document is loaded');
    return $kb;
}

# Returns the instructions of a function, with those that it calls.

sub instructions {
    my ($function, $policy) = @_;
    my $profile = "$dir/profile";

    my $out = qx(valgrind --tool=callgrind --callgrind-out-file=$profile \\
        --toggle-collect=$function ${\tool_path()} check $policy 2>&1);

    like($out, qr/ is valid /, "$function");
    return $out =~ /Collected : (\d+)/ ? $1 : die "no count: $out";
}
