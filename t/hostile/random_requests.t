#!/usr/bin/perl

# Some random requests through nginx: each forwarded request is within the
# policy for every JSON reader, and otherwise unchanged; and a seed reproduces
# the same requests.

use strict;
use warnings;

use FindBin;
use Test::More;

my $fuzzer = "$FindBin::Bin/../fuzz/requests";

my $said = run(qw(--seed=1 --runs=600));

like($said, qr/^600 requests, \d+ forwarded, \d+ changed, 0 wrong$/m,
    'requests through nginx') or diag($said);

my ($one, $again, $other) = map { digest(run($_, qw(--from=200 --runs=100))) }
    qw(--seed=1 --seed=1 --seed=2);

is($again, $one, 'the same once more');
isnt($other, $one, 'others with another seed');

done_testing();

sub run {
    my @command = ($^X, $fuzzer, 'nginx', @_);

    open my $out, '-|', @command or die "cannot run $fuzzer: $!\n";
    local $/;

    return <$out> . (close $out ? '' : "exit code $?");
}

sub digest {
    my ($said) = @_;

    return ($said =~ /: ([0-9a-f]{32})$/m)[0] // 'none';
}
