package LLMPolicy::Bench::Instructions;

# The instructions per request, which hardly differ between runs, compared with
# the expected ones: t/bench/instructions.json.
#
#   my $counts = measure();         # { case => { all, module } }
#   my $expected = expected();      # { compiler, cpu, cases => { case => n } }
#   write_expected($counts);
#
#   change($n, $expected_n);        # by how many percent it is more
#   candidates();                   # [ case, the same without a candidate ]
#   bound($expected);               # by how many it may be, either way
#
# The counts belong to one compiler and to one code path selected by the CPU;
# with others, only their magnitude must match.

use strict;
use warnings;

use Cwd ();
use Exporter qw(import);
use File::Basename qw(dirname);
use JSON::PP ();
use List::Util qw(uniq);

use LLMPolicy::Bench::Callgrind;
use LLMPolicy::Bench::Gateways;
use LLMPolicy::Bench::Report;
use LLMPolicy::Bench::Upstream;
use LLMPolicy::Bodies;
use LLMPolicy::Client;

our @EXPORT = qw(bound candidates cases change expected identity measure
    write_expected);

my $top = Cwd::abs_path(dirname(__FILE__) . '/../../../..');
my $file = "$top/t/bench/instructions.json";

my $uri = '/v1/chat/completions';

use constant {
    SAME => 5,             # percent, either way
    OTHER_COMPILER => 25,
    OTHER_CPU => 200,      # without AVX2, strings are read in other steps
    PROCESSES => 3,        # that each case is counted in
};

# the body, a row of LLMPolicy::Bench::Gateways, and the number of requests

my @cases = (
    [ 'chat-1k', 'proxy_pass, body in memory', 100 ],
    [ 'chat-1k', 'llm_policy, changes nothing', 100 ],
    [ 'chat-1k', 'llm_policy, clamps', 100 ],
    [ 'chat-1k', 'llm_policy, clamps, metrics', 100 ],
    [ 'chat-1k', 'llm_policy, clamps, limits', 100 ],
    [ 'chat-1k', 'llm_policy, clamps, candidate', 100 ],
    [ 'chat-1k', 'llm_policy, clamps, tenant', 100 ],
    [ 'chat-1k', 'llm_policy, clamps, tenant, share', 100 ],
    [ 'chat-1k', 'proxy_request_buffering off', 100 ],
    [ 'chat-1k', 'llm_policy, clamps, streaming', 100 ],
    [ 'chat-16k', 'proxy_pass, body in memory', 100 ],
    [ 'chat-16k', 'llm_policy, clamps', 100 ],
    [ 'chat-16k', 'llm_policy, clamps, candidate', 100 ],
    [ 'chat-16k', 'proxy_request_buffering off', 100 ],
    [ 'chat-16k', 'llm_policy, clamps, streaming', 100 ],
    [ 'chat-256k', 'proxy_pass, body in memory', 20 ],
    [ 'chat-256k', 'llm_policy, clamps', 20 ],
);

# Prints the table.  Returns the number of failures: always 0.

sub run {
    my $report = LLMPolicy::Bench::Report->new('instructions',
        'Instructions of a request');
    my $counts = measure();
    my $expected = expected();
    my %plain;

    my @lines = map {
        my ($body, $row) = @$_;
        my $count = $counts->{ name($_) };
        my $before = $expected->{cases}{ name($_) };

        $plain{$body} //= $count->{all};

        [ $body, $row, map({ sprintf '%.0f', $_ } @$count{qw(module all)}),
            sprintf('%.2f', $count->{all} / $plain{$body}),
            $before ? sprintf '%+.1f %%', change($count->{module}, $before)
                : '' ];
    } @cases;

    $report->text("\nCounted by callgrind, in user space: those of the module"
        . " and of libraries that it\ncalls, and those of all of nginx.\n");
    $report->table([ 'body', 'row', 'module', 'all', 'all, to plain',
        'module, to instructions.json' ], @lines);

    return $report->keep;
}

sub name {
    my ($case) = @_;

    return "$case->[0], $case->[1]";
}

# Names of the cases in which our module takes part.

sub cases {
    return map { name($_) } grep { $_->[1] =~ /llm_policy/ } @cases;
}

# Cases with a candidate, and the same nginx.conf without it: candidates are
# seen on a status page, whose metrics have their own costs.

sub candidates {
    return map { [ map { "chat-1k, llm_policy, clamps, $_" } @$_ ] }
        [ 'candidate', 'metrics' ], [ 'tenant, share', 'tenant' ];
}

# With the secret of one worker in 32, "role" and "content" share a bit, and
# both are compared twice: the minimum of several workers is used.

sub measure {
    my $upstream = LLMPolicy::Bench::Upstream::start();
    my %counts;

    for my $gateway ((uniq map { row($_)->{gateway} } @cases) x PROCESSES) {
        alarm 300;

        my $callgrind = LLMPolicy::Bench::Callgrind->new(
            LLMPolicy::Bench::Gateways::nginx_conf($gateway,
                $upstream->port(0)),
            LLMPolicy::Bench::Gateways::files());

        for my $case (grep { row($_)->{gateway} eq $gateway } @cases) {
            my ($name, $count) = (name($case), count($callgrind, $case));

            $counts{$name} = $count
                if !$counts{$name} || $count->{all} < $counts{$name}{all};
        }

        $callgrind->leave;
    }

    $upstream->leave;

    return \%counts;
}

sub row {
    my ($case) = @_;

    return LLMPolicy::Bench::Gateways::row($case->[1]);
}

# Instructions of one further request: excludes everything that runs once.

sub count {
    my ($callgrind, $case) = @_;
    my ($body, undef, $requests) = @$case;
    my $row = row($case);
    my $client = $callgrind->t->client;
    my $request = LLMPolicy::Client::request_bytes('POST', $uri,
        body($body, $row->{temperature} // '1.9'),
        $row->{key} ? (Authorization => "Bearer $row->{key}") : ());

    my $send = sub {
        for (1 .. $_[0]) {
            $client->send($request);
            my $response = $client->response;
            die "no answer\n" if !$response || $response->{status} != 200;
        }
    };

    $send->(10);

    my $few = $callgrind->count(sub { $send->($requests / 5) });
    my $many = $callgrind->count(sub { $send->($requests / 5 + $requests) });

    $client->close;

    return { map { $_ => ($many->{$_} - $few->{$_}) / $requests } keys %$few };
}

sub expected {
    return -e $file ? JSON::PP::decode_json(LLMPolicy::Upstream::slurp($file))
        : { compiler => '', cpu => '', cases => {} };
}

sub write_expected {
    my ($counts) = @_;
    my $json = JSON::PP->new->canonical->indent->space_before->space_after
        ->indent_length(2);

    open my $out, '>', $file or die "$file: $!\n";
    print {$out} $json->encode({
        %{ identity() },
        cases => { map { $_ => int $counts->{$_}{module} + 0.5 } cases() },
    });
    close $out or die "$file: $!\n";
}

# The counts depend on the compiler that made the module, and on the widest
# vectors that the CPU has and valgrind supports.

sub identity {
    my $module = $ENV{TEST_LLM_POLICY_MODULE}
        || "$top/build/ngx_http_llm_policy_module.so";
    my @compilers = `readelf -p .comment '$module'` =~ /\]\s+(\S.*)/g;
    my ($flags) = LLMPolicy::Upstream::slurp('/proc/cpuinfo')
        =~ /^flags\s*:(.*)/m;

    return {
        # clang is named after GCC, whose startup files it uses
        compiler => $compilers[-1] // 'unknown',
        cpu => ($flags // '') =~ /\bavx2\b/ ? 'avx2' : 'other',
    };
}

sub change {
    my ($count, $expected) = @_;

    return 100 * ($count / $expected - 1);
}

sub bound {
    my ($expected) = @_;
    my $here = identity();

    return OTHER_CPU if $here->{cpu} ne $expected->{cpu};
    return OTHER_COMPILER if $here->{compiler} ne $expected->{compiler};
    return SAME;
}

1;
