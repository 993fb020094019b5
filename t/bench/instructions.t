#!/usr/bin/perl

# Compares the instructions of our module per request with
# t/bench/instructions.json.  A difference is reported with its amount; "make
# instructions" writes the new values if it is intended.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Bench::Instructions;

# summing up a profile: self cost, calls into a library, into nginx, and into
# code without a name

is_deeply(LLMPolicy::Bench::Callgrind::counts(<<'EOF'),
events: Ir
ob=(1) /usr/sbin/nginx
fn=(1) main
10 1000
cob=(2) /usr/lib/nginx/modules/ngx_http_llm_policy_module.so
cfn=(2) handler
calls=2 20
+1 770
ob=(2)
fn=(2)
20 50
* 7
cfn=(3) inner
calls=2 30
-3 13
cob=(3) /usr/lib/x86_64-linux-gnu/libc.so.6
cfn=(4) memcpy
calls=1 0
* 600
cob=(1)
cfn=(5) ngx_palloc
calls=1 0
+2 100
cob=(4) ???
cfn=(6) 0x1234
calls=1 0
+2 20000
fn=(3)
30 13
ob=(3)
fn=(4)
0 600
totals: 1670
EOF
    { all => 1670, module => 670 }, 'a profile');

is(sprintf('%.1f', change(105, 100)), '5.0', 'more');
is(sprintf('%.1f', change(90, 100)), '-10.0', 'fewer');
is(bound(identity()), 5, 'a narrow bound');
is(bound({ %{ identity() }, compiler => 'another' }), 25, 'another compiler');
is(bound({ %{ identity() }, cpu => 'another' }), 200, 'another CPU');

my $expected = expected();
my $counts = measure();
my $bound = bound($expected);

is_deeply([ sort keys %{ $expected->{cases} } ], [ sort(cases()) ],
    'all cases are expected');

for my $case (cases()) {
    my $change = change($counts->{$case}{module},
        $expected->{cases}{$case} // 1);

    ok(abs $change <= $bound, sprintf '%s: %+.1f %%, at most %d %%', $case,
        $change, $bound)
        or diag('if this is meant to be, run "make instructions"');
}

# a candidate costs a decision, not another scan, nor another hash of the key

for (candidates()) {
    my ($with, $without) = map { $counts->{$_}{module} } @$_;

    cmp_ok($with / $without, '<=', 1.3, "$_->[0]: at most 1.3 times")
        or diag(sprintf '%.2f times', $with / $without);
}

done_testing();
