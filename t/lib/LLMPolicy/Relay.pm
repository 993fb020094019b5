package LLMPolicy::Relay;

# Runs test programs of other languages (node) as part of a Perl test.

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

our @EXPORT = qw(relay);

# the environment of such a program; the whole one could contain keys, addresses
# and proxies that it would use
my $environment = qr/^(?:PATH|HOME|TMPDIR|LD_LIBRARY_PATH|TEST_\w+)$/;

# Runs a program that prints TAP: its tests become tests of the caller, and a
# skipped test fails.  (TAP::Parser cannot parse node's YAML of failures.)

sub relay {
    my (@command) = @_;
    my ($seen, $planned, $passed) = (0, 'no plan', 1);

    local %ENV = map { $_ => $ENV{$_} } grep { $_ =~ $environment } keys %ENV;

    open my $output, '-|', @command or die "cannot run $command[0]: $!\n";

    while (my $line = <$output>) {
        if ($line =~ /^(not )?ok \d+ - (.*?)( # .*)?$/) {
            $passed = !$1 && !$3;
            ok($passed, $2);
            $seen++;

        } elsif ($line =~ /^1\.\.(\d+)$/) {
            $planned = $1;

        } elsif (!$passed) {
            diag($line =~ s/\n//r);
        }
    }

    is($seen, $planned, 'all results are there');
    ok(close $output, 'the client ended normally');
}

1;
