#!/usr/bin/perl

# llm-policy replay: the logs that it reads.  Plain and compressed by gzip, from
# a pipe, several, truncated, damaged, hostile, and long ones, which take no
# more memory than short ones; and its output.

use strict;
use warnings;

use File::Temp;
use FindBin;
use IO::Compress::Gzip qw(gzip $GzipError);
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/../lib";
use LLMPolicy::LogLine;
use LLMPolicy::Tool;

my $dir = File::Temp->newdir;
my $policy = write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "parameters": {
      "temperature": { "max": 1 },
      "n": { "max": 1, "on_violation": "reject" },
      "stop": { "deny": true },
      "/metadata/trace": { "require": true }
    } },
    "pro \u00e9": {}
  }
}
EOP

# Returns a line of a request with a temperature that passed.

sub passed {
    my ($temperature, %others) = @_;

    return log_line(request_id => 'r1', llm_status => 'passed',
        llm_tier => 'free', llm_dialect => 'openai.chat',
        $temperature eq '' ? () : (llm_requested_temperature => $temperature,
            llm_effective_temperature => $temperature,
            llm_action_temperature => 'none'), %others);
}

my ($high, $low, $rest) = (passed('1.9'), passed('0.5'), passed(''));
my $some = $high . $low x 2 . $rest;

# The table.

my $file = write_file('some.log', $some
    . passed('', llm_requested_n => 2, llm_effective_n => 2,
        llm_action_n => 'none', request_id => 'r2')
    . log_line(llm_status => 'rejected', llm_reason => 'rate_limit_exceeded')
    . log_line(llm_status => 'rejected', llm_reason => 'invalid_json')
    . log_line() . "{}\n" . passed('0', llm_tier => "ol\e[1md") . "{\n");

my $ran = run('--examples', 9, $file);

my $refused = 'refused for parts of the request that are not logged';

is($ran->{out}, join('', map({ line(@$_) }
    [ 'lines read', 11 ], [ 'requests replayed', 6 ],
    [ '  treated differently', 2, '33.3%' ], [ 'not replayable', 5 ],
    [ '  malformed', 1, 'not a JSON object, or longer than 1 MiB' ],
    [ '  not_llm_policy', 1,
        'not in the log_format of llm-policy' ],
    [ '  off', 1, 'llm_policy was off' ],
    [ '  rate_limit_exceeded', 1, $refused ],
    [ '  invalid_json', 1, $refused ]),

    "\ntiers that are not in the document: default_tier was used\n",
    line('  ol?[1md', 1, 'requests'),

    "\nnot in the log, and so not checked: stop, /metadata/trace\n\n",

    cells('', '', 'newly', 'newly', 'no longer', 'no longer', 'changed'),
    cells('tier', 'parameter', 'changed', 'refused', 'changed', 'refused',
        'otherwise', 'unchanged'),
    cells(free => 'temperature', 1, 0, 0, 0, 0, 3),
    cells(free => 'n', 0, 1, 0, 0, 0, 0),
    cells('total', '', 1, 1, 0, 0, 0, 3),

    "\nr1  free  temperature  1.9 -> 1\n",
    "r2  free  n  2 -> refused (value_not_allowed)\n"), 'a table');
is("$ran->{exit}$ran->{err}", '0', 'exit code, and no progress in a file');

is_deeply(decode_json(run('--json', '--examples', 1, $file)->{out}), {
    lines => 11, replayed => 6, different => 2, near => 0, over => 0,
    limits => {},
    not_replayable => { malformed => 1, truncated => 0, not_llm_policy => 1,
        off => 1, bypassed => 0, batch => 0, unknown_dialect => 0, unclear => 0,
        unexplained => 0, refused => { rate_limit_exceeded => 1,
            invalid_json => 1 } },
    unknown_tiers => { 'ol?[1md' => 1 }, moved => {},
    not_in_log => [ 'stop', '/metadata/trace' ],
    rows => [ row(free => 'temperature', 1, 0, 0, 0, 0, 3),
        row(free => 'n', 0, 1, 0, 0, 0, 0) ],
    total => counts(1, 1, 0, 0, 0, 3),
    examples => [ { request_id => 'r1', tier => 'free',
        parameter => 'temperature', outcome => 'newly_changed',
        before => '1.9', after => '1' } ],
}, 'as JSON');

$ran = run(write_file('low.log', $low));
like($ran->{out}, qr/^No request would be treated differently\.\n\z/m,
    'nothing is different');
unlike($ran->{out}, qr/^tier/m, 'no table then');

like(run(write_file('none.log', ''))->{out},
    qr/^Nothing could be replayed\.\n\z/m, 'an empty log');

# All kinds of files.

my $gzip = write_file('some.log.gz', gzipped($some));
my $two = write_file('two.gz', gzipped($high) . gzipped($low . $low . $rest));
my $plain = write_file('plain.log', $some);
my $seen = { lines => 4, replayed => 4, different => 1 };

is_deeply(seen($gzip), $seen, 'gzip');
is_deeply(seen($two), $seen, 'gzip, two in one');
is_deeply(seen('-'), $seen, 'standard input');
is_deeply(seen($plain, $gzip, '-'), { lines => 12, replayed => 12,
    different => 3 }, 'several');
is_deeply(seen(write_file('crlf.log', $some =~ s/\n/\r\n/gr)), $seen, 'CR LF');

# Truncated, damaged, absent.

is_deeply(seen(write_file('cut.log', $some =~ s/\n\z//r)), $seen,
    'the last line feed is absent');

$ran = run('--json', write_file('cut.log', substr $some, 0, -20));
is(decode_json($ran->{out})->{not_replayable}{truncated}, 1, 'the last line');
is($ran->{exit}, 0, 'the last line, exit code');

my $long = gzipped(join '', map { passed(rand) } 1 .. 2000);
my $cut = write_file('cut.gz', substr $long, 0, length($long) / 2);

$ran = run('--json', $cut);
cmp_ok(decode_json($ran->{out})->{replayed}, '>', 100, 'gzip, cut short');
is($ran->{err}, "llm-policy: $cut: gzip ends too early, only what is before "
    . "that was counted\n", 'gzip, cut short, error');
is($ran->{exit}, 1, 'gzip, cut short, exit code');

substr $long, length($long) / 2, 100, 'x' x 100;
my $damaged = write_file('damaged.gz', $long);

$ran = run('--json', $damaged, $plain);
cmp_ok(decode_json($ran->{out})->{replayed}, '>', 4, 'gzip, damaged');
is($ran->{err}, "llm-policy: $damaged: gzip is damaged, only what is before "
    . "that was counted\n", 'gzip, damaged, error');
is($ran->{exit}, 1, 'gzip, damaged, exit code');

$ran = run('--json', "$dir/no.log", $plain, $dir);
is(decode_json($ran->{out})->{replayed}, 4, 'readable lines are counted');
like($ran->{err}, qr{^llm-policy: $dir/no.log: No such file or directory
llm-policy: $dir: .+\n\z}, 'damage is reported');
is($ran->{exit}, 1, 'damage, exit code');

$ran = tool('', 'replay', "$dir/no.json", $plain);
is("$ran->{exit} $ran->{err}", "1 llm-policy: $dir/no.json: No such file or "
    . "directory\n", 'no document');

$ran = tool('', 'replay', write_file('bad.json', '{"version":1}'), $plain);
is($ran->{exit}, 1, 'a document with errors, exit code');
like($ran->{err}, qr/^\S+bad\.json:1:1: .*: /, 'a document with errors');
is($ran->{out}, '', 'a document with errors, no output');

for my $arguments ([], [ $policy ], [ '--what', $policy, $plain ],
    [ $policy, $plain, '--was' ], [ $policy, $plain, '--examples' ],
    map { [ $policy, $plain, '--examples', $_ ] } qw(x -1 1001 1x), '')
{
    my $ran = tool('', 'replay', @$arguments);

    is($ran->{exit}, 1, "exit code: @$arguments");
    like($ran->{err}, qr/^usage: .*replay/s, "usage: @$arguments");
}

# Invalid lines.

my %hostile = (
    'no JSON' => [ "127.0.0.1 - - [x]\n", malformed => 1 ],
    'an empty line' => [ "\n\n", malformed => 2 ],
    'an array' => [ "[]\n", malformed => 1 ],
    'a NUL byte' => [ $low =~ s/r1/r\0/r, malformed => 1 ],
    'a NUL byte, escaped' => [ $low =~ s/r1/r\\u0000/r ],
    'no UTF-8' => [ $low =~ s/r1/\xff/r, malformed => 1 ],
    '\\x' => [ $low =~ s/r1/\\x41/r, malformed => 1 ],
    'a member twice' => [ $low =~ s/"tier":/"tier":"x",$&/r, malformed => 1 ],
    'deep' => [ '{"llm":' . '[' x 100000 . "\n", malformed => 1 ],
    'long' => [ '"' . 'x' x 10_000_000 . "\"\n", malformed => 1 ],
    'long, of white space' => [ ' ' x 2_000_000 . $low, malformed => 1 ],
    'long enough' => [ ' ' x 1_000_000 . $low ],
    '"llm" is no object' => [ qq({"llm":[]}\n), not_llm_policy => 1 ],
    'a number' => [ $low =~ s/"0\.5"/0.5/r, not_llm_policy => 1 ],
    'an unknown status' => [ passed('1', llm_status => 'x'),
        not_llm_policy => 1 ],
    'an unknown dialect' => [ passed('1', llm_dialect => 'x'),
        unknown_dialect => 1 ],
    'more than a value' => [ passed('1,"n":9'), unclear => 1 ],
    'a member in a string' => [ passed('"x","n":9,"a":"'), unclear => 1 ],
    'no value' => [ passed('x'), unclear => 1 ],
    'a string without an end' => [ passed('"x\\"'), unclear => 1 ],
    'half a number' => [ passed('1e'), unclear => 1 ],
    'a tier that is too long' => [ passed('1', llm_tier => 'x' x 300),
        unclear => 1 ],
);

for my $name (sort keys %hostile) {
    my ($lines, %skipped) = @{ $hostile{$name} };
    my $said = decode_json(run('--json', write_file('hostile.log',
        $lines . $high))->{out});

    is_deeply(skipped($said), \%skipped, $name);
    is($said->{replayed}, %skipped ? 1 : 2, "$name, the others");
}

is(decode_json(run('--json', write_file('hostile.log', passed('1e400')
    . passed('-1e-400') . passed('1' x 250)))->{out})->{total}{newly_refused},
    2, 'numbers that no reader takes');

# refused for a member that is not in the log

for my $parameter ('stop', '/metadata/trace', 'mirostat', '') {
    my $said = decode_json(run('--json', write_file('refused.log', log_line(
        llm_status => 'rejected', llm_reason => 'parameter_denied',
        llm_reason_parameter => $parameter, llm_tier => 'free',
        llm_dialect => 'openai.chat')))->{out});

    is_deeply($said->{not_replayable}{refused}, { parameter_denied => 1 },
        "refused for \"$parameter\"");
}

# rules about pointers are not replayed: what one changed is not compared

my %pointed = (llm_status => 'modified', llm_requested_seed => 9,
    llm_effective_seed => 5, llm_action_seed => 'max');

for ([ '/seed=9->5 (max)', 0 ], [ 'seed=9->5 (max)', 1 ],
    [ '/user="..."-> (remove), seed=9->5 (max)', 1 ])
{
    my ($adjustments, $different) = @$_;
    my $said = decode_json(run('--json', write_file('pointed.log',
        passed('', %pointed, llm_adjustments => $adjustments)))->{out});

    is($said->{different}, $different, "changed: $adjustments");
}

# names that can have any number of values

my $names = write_file('names.log', join '', map {
    log_line(llm_status => 'rejected', llm_reason => "r$_") } 1 .. 1000);
my $said = decode_json(run('--json', $names)->{out})->{not_replayable}{refused};

is(scalar keys %$said, 65, 'so many reasons are distinguished');
is($said->{'...'}, 936, 'the others are counted');
like(run($names)->{out}, qr/^lines read {22}1,000$/m, 'thousands');

# logs of earlier versions, without newer members

$said = decode_json(run('--json', write_file('old.log',
    $low =~ s/"n":\{.*?\},//r =~ s/"stream_requested":"",//r))->{out});

is($said->{replayed}, 1, 'a log with fewer members');
is_deeply($said->{not_in_log}, [ 'n', 'stop', '/metadata/trace' ],
    'its absent members');

# Memory does not depend on the length of a log.

my $block = '';
$block .= passed(sprintf '%.3f', rand 2) while length $block < 1_000_000;

my ($short, $large) = map { peak($_) } 20, 200;

cmp_ok($short->{kb}, '>', 1000, "20 MB, $short->{kb} KB");
cmp_ok($large->{kb}, '<', $short->{kb} + 1024, "200 MB, $large->{kb} KB");
is($_->{exit}, 0, 'exit code') for $short, $large;
diag(sprintf '200 MB in %.1f s', $large->{time});

# A progress bar, only on a terminal, which script(1) of Debian provides.

{
    my $name = write_file('long.log', $block x 150);
    my $command = join ' ', tool_path(), 'replay', $policy, $name;

    like(terminal($command), qr/\r\[#+\.+\] +\d+%, .*\d+ lines, \d+ MB\/s/,
        'a bar');
    unlike(terminal("$command --no-progress"), qr/MB/, 'no bar');
    like(terminal("cat $name | $command -"), qr/\r\d+ lines, /,
        'no bar for an unknown length');
}

done_testing();

sub run {
    my (@arguments) = @_;

    return tool($some, 'replay', $policy, @arguments);
}

# Output: a count, and a row of the table.

sub line {
    my ($name, $count, @text) = @_;

    return join('  ', sprintf('%-24s%13d', $name, $count), @text) . "\n";
}

sub cells {
    my ($tier, $parameter, @counts) = @_;

    return sprintf('%-7s%-20s', $tier, $parameter)
        . join('', map { sprintf ' %10s', $_ } @counts) . "\n";
}

sub write_file {
    my ($name, $text) = @_;

    open my $out, '>:raw', "$dir/$name" or die "cannot write $name: $!\n";
    print $out $text;
    close $out or die "cannot write $name: $!\n";

    return "$dir/$name";
}

sub gzipped {
    my ($text) = @_;
    my $out;

    gzip(\$text, \$out) or die "gzip: $GzipError\n";

    return $out;
}

sub counts {
    my %counts;

    @counts{qw(newly_changed newly_refused no_longer_changed no_longer_refused
        changed_otherwise unchanged)} = @_;

    return \%counts;
}

sub row {
    my ($tier, $parameter, @counts) = @_;

    return { tier => $tier, parameter => $parameter, %{ counts(@counts) } };
}

sub seen {
    my (@logs) = @_;
    my $said = decode_json(run('--json', @logs)->{out});

    return { map { $_ => $said->{$_} } qw(lines replayed different) };
}

sub skipped {
    my ($said) = @_;
    my %skipped = %{ $said->{not_replayable} };

    delete $skipped{refused};
    return { map { $skipped{$_} ? ($_ => $skipped{$_}) : () } keys %skipped };
}

# Returns the peak of memory, from the kernel, while the end of the log is still
# to come.

sub peak {
    my ($megabytes) = @_;
    my $start = time;

    pipe my $in, my $out or die "pipe: $!\n";
    my $pid = fork // die "cannot fork: $!\n";

    if ($pid == 0) {
        close $out;
        open STDIN, '<&', $in;
        open STDOUT, '>', '/dev/null';

        exec { tool_path() } tool_path(), 'replay', $policy, '-'
            or POSIX::_exit(127);
    }

    close $in;
    print $out $block for 1 .. $megabytes;
    $out->flush;

    open my $status, '<', "/proc/$pid/status" or die "no /proc: $!\n";
    my ($kb) = map { /^VmHWM:\s*(\d+)/ } <$status>;

    close $out;
    waitpid $pid, 0;

    return { kb => $kb, exit => $?, time => time - $start };
}

# Returns the output of a command on a terminal.

sub terminal {
    my ($command) = @_;
    my $log = "$dir/terminal";

    system("script -qec '$command' $log </dev/null >/dev/null 2>&1");

    return slurp($log);
}

sub slurp {
    my ($name) = @_;

    open my $in, '<:raw', $name or die "cannot read $name: $!\n";
    local $/;

    return <$in>;
}
