#!/usr/bin/perl

# llm-policy hash-key: prints the line for a tenant's "keys" for each API key on
# standard input, which is never shown.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Fcntl qw(O_NOCTTY O_RDWR);
use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Stream;
use LLMPolicy::Tool;

my $key = 'sk-proj-0123456789_abc.def';

# input, and whether it is a valid key

for my $input ("$key\n", $key, "$key\r\n", " \t$key\t \r\n") {
    my $ran = tool($input, 'hash-key');

    is_deeply($ran, { exit => 0, out => 'sha256:' . sha256_hex($key) . "\n",
        err => '' }, $input =~ s/[\r\n]/./gr);
}

my $longest = 'x' x 4096;

is(tool("$longest\n", 'hash-key')->{out},
    'sha256:' . sha256_hex($longest) . "\n", 'as long as may be');

for my $input ('', "\n", "\r\n", "\n \t\n") {
    my $ran = tool($input, 'hash-key');

    is("$ran->{exit}$ran->{out}", '1', 'no key: ' . length $input);
    like($ran->{err}, qr/^llm-policy: an API key of at most 4096 bytes is /m,
        'no key, reported');
}

# Each line is an API key; what is none is reported by its number only.

my @lines = map { "$_-$key" } 1 .. 300;
my @hashes = map { 'sha256:' . sha256_hex($_) . "\n" } @lines;

is_deeply(tool(join("\n", @lines, ''), 'hash-key'),
    { exit => 0, out => join('', @hashes), err => '' }, 'many lines');

is_deeply(tool("$lines[0]\r\n\r\n \n$lines[1]", 'hash-key'), { exit => 0,
    out => "$hashes[0]$hashes[1]", err => join('',
        map { "llm-policy: line $_ is empty, and skipped\n" } 2, 3) },
    'empty lines');

for my $line ("${longest}x", "$key\0more") {
    is_deeply(tool("$lines[0]\n$line\n$lines[1]\n", 'hash-key'), { exit => 1,
        out => $hashes[0], err => 'llm-policy: line 2 is no API key: it is '
            . "longer than 4096 bytes, or has a NUL\n" },
        'no API key: ' . length $line);
}

# the key is not an argument, which other users could see

my $ran = tool('', 'hash-key', $key);

is("$ran->{exit}$ran->{out}", '1', 'an argument');
is(index($ran->{err}, $key), -1, 'an argument is not repeated');

# At a terminal: there is a prompt, no echo, and the settings are restored.

my ($master, $terminal) = pseudo_terminal();
pipe my $reader, my $writer or die "cannot make a pipe: $!\n";

my $pid = fork // die "cannot fork: $!\n";

if ($pid == 0) {
    open STDIN, '<&', $terminal;
    open STDOUT, '>&', $writer;
    open STDERR, '>&', $terminal;

    exec tool_path(), 'hash-key' or POSIX::_exit(127);
}

close $writer;

my $stream = LLMPolicy::Stream->new($master);

is($stream->take_through(': '), 'API key: ', 'a prompt');
ok(wait_for(sub { !echo($terminal) }), 'the echo is off');

syswrite $master, "$key\n";

is(<$reader>, 'sha256:' . sha256_hex($key) . "\n", 'typed');
waitpid $pid, 0;
is($?, 0, 'typed, exit code');

$stream->fill(0);
is($stream->{buffer}, "\r\n", 'it is not shown');
ok(echo($terminal), 'the echo is on again');

done_testing();

# Returns both ends of a terminal.

sub pseudo_terminal {
    my ($unlock, $number) = (pack('i', 0), pack 'i', 0);

    sysopen my $master, '/dev/ptmx', O_RDWR | O_NOCTTY
        or die "cannot open /dev/ptmx: $!\n";

    # TIOCSPTLCK, TIOCGPTN
    ioctl $master, 0x40045431, $unlock or die "cannot unlock: $!\n";
    ioctl $master, 0x80045430, $number or die "has no number: $!\n";

    my $name = '/dev/pts/' . unpack 'i', $number;

    sysopen my $terminal, $name, O_RDWR | O_NOCTTY
        or die "cannot open $name: $!\n";

    return ($master, $terminal);
}

sub echo {
    my ($terminal) = @_;
    my $termios = POSIX::Termios->new;

    $termios->getattr(fileno $terminal);

    return $termios->getlflag & POSIX::ECHO;
}

sub wait_for {
    my ($until) = @_;

    for (1 .. 500) {
        return 1 if $until->();
        LLMPolicy::Stream::pause(10);
    }

    return 0;
}
