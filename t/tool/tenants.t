#!/usr/bin/perl

# The examples of docs/tenants.md and docs/policy.md, about rules of tenants and
# entries for some tiers, do what these pages promise.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Tool;

my $docs = "$FindBin::Bin/../../docs";

# Writes the example of a section into a file.

sub example {
    my ($page, $section) = @_;

    open my $in, '<', "$docs/$page" or die "$page: $!\n";
    my $text = do { local $/; <$in> };

    my ($json) = $text =~ /^#+ \Q$section\E\n\n```json\n(.*?)^```$/ms
        or die "no example of $section\n";

    my $file = File::Temp->new(SUFFIX => '.json');
    print $file $json;
    close $file or die "cannot write $file: $!\n";

    return $file;
}

sub decided {
    my ($file, $body, @options) = @_;

    return decode_json(tool($body, 'explain', "$file", '--json', '--path',
        '/v1/chat/completions', @options)->{out});
}

my $file = example('tenants.md', 'Rules of a tenant');
my $asked = '{"model":"gpt-4o-mini","temperature":2,"max_tokens":9999}';

for ([ 1, 8192, 'beta' ], [ 0.5, 8192, 'acme' ],
     [ 0.5, 1024, 'acme', '--tier', 'free' ])
{
    my ($temperature, $tokens, @tenant) = @$_;
    my $body = decode_json(decided($file, $asked, '--tenant', @tenant)->{body});

    is_deeply([ @$body{qw(temperature max_tokens)} ],
        [ $temperature, $tokens ], "@tenant");
}

is(decided($file, '{"model":"gpt-4.1"}', '--tenant', 'acme')->{refusal},
    undef, 'a model of the tenant');
is(decided($file, '{"model":"gpt-4.1"}', '--tenant', 'beta')->{refusal}{code},
    'model_not_allowed', 'not of its tier');
is(decided($file, '{"model":"gpt-4o-mini","seed":1}', '--tenant',
    'acme')->{refusal}{message}, 'seed is not permitted for tenant "acme"',
    'a rule of the tenant');

$file = example('policy.md', 'Entries for some tiers');

for ([ 'free', 'low' ], [ 'trial', 'low' ], [ 'pro', 'high' ]) {
    my ($tier, $effort) = @$_;

    is(decode_json(decided($file,
        '{"model":"gpt-5","reasoning_effort":"xhigh"}', '--tier',
        $tier)->{body})->{reasoning_effort}, $effort, "an entry for $tier");
}

done_testing();
