package LLMPolicy::Relay;

# Programs whose tests are taken for those of the caller: node's, above all.

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

our @EXPORT = qw(relay);

# all that a program may see of the environment, which can have keys, addresses
# and proxies that it would take
my $environment = qr/^(?:PATH|HOME|TMPDIR|LD_LIBRARY_PATH|TEST_\w+)$/;

# Runs a program that prints TAP: its tests are tests here, and one that was
# skipped has failed.  (TAP::Parser cannot read node's YAML about failures.)

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
    ok(close $output, 'the client came to its end');
}

1;
