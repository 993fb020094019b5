#!/usr/bin/perl

# Limits in "llm-policy check": the example of docs/policy.md, mistakes in each
# place, and in parts.

use strict;
use warnings;

use File::Temp;
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Tool;

my $dir = File::Temp->newdir;
my $page = slurp("$FindBin::Bin/../../docs/policy.md");
my ($section) = $page =~ /^## Limits in a document\n(.*?)^## /ms;
my ($example) = $section =~ /^```json\n(.*?)^```$/ms;
my ($parts) = $section =~ /^### Weights .*?^```json\n(.*?)^```$/ms;
my $key = 'sha256:' . '0' x 63 . '1';

# The examples of the page.

is(check($example), "valid (tiers: 2, models: 2, tenants: 0, keys: 0, "
    . "routes: 0)\n", 'the example');
is(check(qq({ "version": 1, "default_tier": "a", "tiers": { "a": {} },
    $parts })), "valid (tiers: 1, models: 0, tenants: 0, keys: 0, "
    . "routes: 0)\n", 'weights and offset');

# Mistakes in each place.

is(check(<<"EOP"), <<'EOT' =~ s/\\\n +//gr, 'mistakes');
{ "version": 1, "default_tier": "a",
  "limits": { "requests_per_day": 0 },
  "utc_offset": "Europe/Paris",
  "weights": { "output": 1.0005 },
  "tiers": {
    "a": { "limits": [{ "tokens_per_week": 1, "over": { "tier": "a" } }] },
    "b": { "limits": { "by": ["tenant"], "cost_per_day": 0.0000001 } }
  },
  "models": [{ "match": ["m"], "price": { "input": 1 } }],
  "tenants": { "t": {
    "tier": "a", "limits": { "requests_per_sec": 1 },
    "keys": [{ "hash": "$key", "limits": { "models": [],
               "requests_per_day": 1.5 } }]
  } }
}
EOP
2:35: /limits/requests_per_day: must be a whole number from 1 to 1000000000000
3:17: /utc_offset: must be an offset from UTC, "-14:00" to "+14:00", such as \
    "+02:00"
4:26: /weights/output: must be a number from 0 to 1000, with at most 3 \
    digits behind the point
6:65: /tiers/a/limits/0/over/tier: must be another tier than the one that \
    has these limits
7:31: /tiers/b/limits/by/0: unknown value "tenant"; expected one of \
    "caller", "key", "model"
7:58: /tiers/b/limits/cost_per_day: must be a number above 0 and up to \
    1000000, with at most 6 digits behind the point
9:41: /models/0/price: required member "output" is missing
11:30: /tenants/t/limits/requests_per_sec: unknown member \
    "requests_per_sec"; HINT
12:121: /tenants/t/keys/0/limits/models: must have at least one pattern; \
    limits without "models" count all of them
13:36: /tenants/t/keys/0/limits/requests_per_day: must be a whole number \
    from 1 to 1000000000000
EOT

# Tiers and prices may be in parts, limits of the document may not.

write_file('part.json', '{ "tiers": { "slow": { "limits":
    { "cost_per_day": 1, "over": { "tier": "fast" } } } },
    "models": [{ "match": ["~"], "price": { "input": 1, "output": 2 } }] }');

my $document = '{ "version": 1, "default_tier": "fast", "include": ["%s"],
    "tiers": { "fast": { "limits": { "requests_per_day": 1,
        "over": { "tier": "slow" } } } } }';

is(check(sprintf $document, 'part.json'), "valid (parts: 1, tiers: 2, "
    . "models: 1, tenants: 0, keys: 0, routes: 0)\n", 'a part');

write_file('wrong.json', '{ "tiers": { "slow": {} },
    "limits": { "requests_per_day": 1 } }');

is(check(sprintf $document, 'wrong.json'), 'wrong.json:2:5: /limits: "limits" '
    . "must be in the document itself, not in a part of it\n", 'a wrong part');

done_testing();

# Returns the output without the name of the file.

sub check {
    my ($text) = @_;

    write_file('policy.json', $text);

    my $ran = tool('', 'check', "$dir/policy.json");

    return ($ran->{out} . $ran->{err})
           =~ s{^\Q$dir\E/(?:policy\.json(?: is |:))?}{}gmr
           =~ s/(?:did you mean|expected one of) .*per.*/HINT/r;
}

sub write_file {
    my ($name, $text) = @_;

    open my $file, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $file $text;
    close $file or die "$dir/$name: $!\n";
}

sub slurp {
    my ($name) = @_;

    open my $file, '<', $name or die "$name: $!\n";
    local $/;

    return <$file>;
}
