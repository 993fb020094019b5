package LLMPolicy::Bench::Upload;

# A large body from a slow client: the time until the upstream has its first
# byte, the memory of the gateway, and the CPU time.

use strict;
use warnings;

use Time::HiRes qw(CLOCK_MONOTONIC clock_gettime);

use LLMPolicy::Bench::Figures;
use LLMPolicy::Bench::Gateways;
use LLMPolicy::Bench::Process;
use LLMPolicy::Bench::Report;
use LLMPolicy::Bench::Sink;
use LLMPolicy::Bodies;
use LLMPolicy::Client;
use LLMPolicy::Test;

use constant {
    SIZE => 20_000_000,
    RATE => 50_000_000,    # bytes in a second
    PIECE => 65536,
    PLAIN => 'proxy_request_buffering off',
    STREAMING => 'llm_policy, clamps, streaming',

    # permitted difference to plain: milliseconds, KiB, and a ratio
    FIRST => 1, MEMORY => 64, CPU => 1.10,
};

my $uri = '/v1/chat/completions';

# The reference rows come first.

my @rows = map { LLMPolicy::Bench::Gateways::row($_) } (PLAIN,
    'proxy_pass, body in memory', 'proxy_pass, defaults (temp file)',
    'llm_policy, clamps', STREAMING);

sub run {
    my ($class, $rounds) = @_;
    my $report = LLMPolicy::Bench::Report->new('upload',
        'Uploads: 20 MB at 50 MB/s', $rounds);
    my $t = LLMPolicy::Test->new;
    my $sink = LLMPolicy::Bench::Sink->new('127.0.0.1:' . $t->port(0),
        $t->testdir . '/sink')->start;

    my $self = bless {
        report => $report, sink => $sink, figures => {}, bytes => large(),
        gateways => LLMPolicy::Bench::Gateways->new($t->port(0)),
    }, $class;

    $self->measure($rounds);
    $self->print_table;
    $self->print_goals;

    $self->{gateways}->leave;
    $sink->stop;
    $t->leave;

    return $report->keep;
}

# The image request, several times as long.

sub large {
    my $bytes = body('image-4m', '1.9');
    my $at = index($bytes, 'base64,') + length 'base64,';
    my $more = substr $bytes, $at, 1_000_000;

    substr $bytes, $at, 0, substr $more x 20, 0, SIZE - length $bytes;

    return $bytes;
}

sub measure {
    my ($self, $rounds) = @_;
    my %failed;

    for my $round (1 .. $rounds) {
        for my $row (grep { !$failed{ $_->{name} } } @rows) {
            alarm 120;

            my $why = $self->measure_row($row) // next;

            $failed{ $row->{name} } = 1;
            $self->{report}->failed($row->{name}, $why);
        }
    }
}

# Runs in a new process, since its memory does not shrink.  Returns the reason
# of a failure.

sub measure_row {
    my ($self, $row) = @_;

    $self->{gateways}->start($row);

    my $failure = $self->{gateways}->failure($row);
    return $failure if defined $failure;

    my $pid = $self->{gateways}->pid($row);
    my $client = LLMPolicy::Client->new($self->{gateways}->port($row));

    eval { $self->upload($client, body('chat-1k')) for 1 .. 50; 1 }
        or return $@;

    my ($peak, $cpu) = (memory_peak($pid), cpu_time($pid));
    my $first = eval { $self->upload($client, $self->{bytes}) } // return $@;
    my %figures = (
        cpu => 1e3 * (cpu_time($pid) - $cpu),
        memory => memory_peak($pid) - $peak, first => 1e3 * $first,
    );

    push @{ $self->{figures}{ $row->{name} }{$_} }, $figures{$_}
        for keys %figures;

    $client->close;

    return undef;
}

# Returns the seconds between the first byte sent and the first byte at the
# upstream.

sub upload {
    my ($self, $client, $bytes) = @_;
    my $head = LLMPolicy::Client::request_bytes('POST', $uri, undef,
        'Content-Type' => 'application/json',
        'Content-Length' => length $bytes);
    my $start = clock_gettime(CLOCK_MONOTONIC);

    for (my $sent = 0; $sent < length $bytes; $sent += PIECE) {
        my $early = $start + $sent / RATE - clock_gettime(CLOCK_MONOTONIC);

        Time::HiRes::sleep($early) if $early > 0;

        $client->send(($sent ? '' : $head) . substr $bytes, $sent, PIECE)
            or die "the connection was closed\n";
    }

    my $response = $client->response or die "no answer\n";
    my $first = $response->header('X-First-Byte');

    die "answered with $response->{status}\n"
        if $response->{status} != 200 || !defined $first;

    return $first - $start;
}

sub figures {
    my ($self, $name, $what) = @_;

    return @{ $self->{figures}{$name}{$what} // [] };
}

sub cpu_ratios {
    my ($self, $name) = @_;

    return ratios([ $self->figures($name, 'cpu') ],
        [ $self->figures(PLAIN, 'cpu') ]);
}

sub print_table {
    my ($self) = @_;
    my @lines;

    for my $name (grep { $self->{figures}{$_} } map { $_->{name} } @rows) {
        push @lines, [
            $name,
            spread('%.2f', $self->figures($name, 'first')),
            spread('%.0f', $self->figures($name, 'memory')),
            spread('%.1f', $self->figures($name, 'cpu')),
            spread('%.2f', $self->cpu_ratios($name)),
        ];
    }

    $self->{report}->table([ 'row', 'first byte upstream, ms', 'memory, KiB',
        'CPU, ms', 'ratio' ], @lines);
}

sub print_goals {
    my ($self) = @_;

    return if !$self->{figures}{ (STREAMING) };

    my ($first, $memory) = map {
        median($self->figures(STREAMING, $_))
            - median($self->figures(PLAIN, $_))
    } qw(first memory);
    my $cpu = median($self->cpu_ratios(STREAMING));
    my $met = sub { $_[0] <= $_[1] ? 'met' : 'not met' };

    $self->{report}->text("\n## Goals of streaming, beside plain unbuffered\n");
    $self->{report}->table([ 'what', 'goal, at most', 'is', '' ],
        [ 'first byte later by, ms', FIRST, sprintf('%.2f', $first),
            $met->($first, FIRST) ],
        [ 'more memory, KiB', MEMORY, sprintf('%.0f', $memory),
            $met->($memory, MEMORY) ],
        [ 'CPU, ratio', sprintf('%.2f', CPU), sprintf('%.3f', $cpu),
            $met->($cpu, CPU) ]);
}

1;
