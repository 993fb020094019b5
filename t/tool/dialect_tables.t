#!/usr/bin/perl

# llm-policy dialects: docs/dialects.md and a table of README.md are its output,
# so that the pages are up to date.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";

use LLMPolicy::Tool;

my $ran = tool('', 'dialects');

is($ran->{exit}, 0, 'exit code');
is($ran->{err}, '', 'no errors');
is($ran->{out}, page('docs/dialects.md'), 'docs/dialects.md');

$ran = tool('', 'dialects', '--table');

my $start = "<!-- llm-policy dialects --table -->\n\n";
my ($table) = page('README.md') =~ /\Q$start\E(.*)\n<!-- end -->/s;

is($ran->{exit}, 0, 'exit code of the table');
is($ran->{out}, $table, 'README.md');

is(tool('', 'dialects', @$_)->{exit}, 1, "arguments: @$_")
    for [ 'x' ], [ '--table', 'x' ];

done_testing;

sub page {
    my ($name) = @_;

    open my $page, '<', "$FindBin::Bin/../../$name" or die "$name: $!\n";

    return join '', <$page>;
}
