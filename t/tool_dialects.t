#!/usr/bin/perl

# llm-policy dialects: docs/dialects.md is what it prints, so that the page is
# what the tables say.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";

use LLMPolicy::Tool;

my $ran = tool('', 'dialects');

is($ran->{exit}, 0, 'exit code');
is($ran->{err}, '', 'no errors');

open my $page, '<', "$FindBin::Bin/../docs/dialects.md"
    or die "docs/dialects.md: $!\n";
is($ran->{out}, join('', <$page>), 'docs/dialects.md');

is(tool('', 'dialects', 'x')->{exit}, 1, 'no arguments');

done_testing;
