#!/usr/bin/perl

# llm-policy dialects: docs/dialects.md is its output, so the page shows the
# tables of the source.

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

is(tool('', 'dialects', 'x')->{exit}, 1, 'an argument is a mistake');

done_testing;

sub page {
    my ($name) = @_;

    open my $page, '<', "$FindBin::Bin/../../$name" or die "$name: $!\n";

    return join '', <$page>;
}
