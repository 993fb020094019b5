#!/usr/bin/perl

# API keys that are objects: the example of docs/tenants.md; what "check" warns
# of, what "diff" names, and what "replay" refuses at the time of the log.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Temp;
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Tool;

my $dir = File::Temp->newdir;
my $page = slurp("$FindBin::Bin/../../docs/tenants.md");
my ($section) = $page =~ /^## Keys that end\n(.*?)^## /ms;
my ($example) = $section =~ /^```json\n(.*?)^```$/ms;
my ($arguments, $output) = $section =~ m{
    ^[ ]{4}\$[ ]llm-policy[ ](.*?)\ <\ /dev/null\n(.*?)^(?=[^\s])
}msx;

$output =~ s/^ {4}//mg;
$output =~ s/\n+\z/\n/;

# The example, and what the page shows.

write_file('tenants.json', $example);

my @arguments = $arguments =~ s/\\\n//r =~ /'[^']*'|\S+/g;

s/'//g for @arguments;

my $ran = run(@arguments);

is($ran->{out}, $output, 'the output of the page');
is($ran->{exit}, 2, 'it is a refusal');

for my $case (
    [ 'acme-main', '2099-01-31T00:00:01Z', 'passed', undef ],
    [ 'acme-ci', '2099-01-31T00:00:00Z', 'passed', 'ci' ],
    [ 'acme-ci', '2099-01-31T01:00:00+01:00', 'passed', 'ci' ],
    [ 'acme-ci', '2099-01-31T00:00:01Z', 'key_expired', 'ci' ],
    [ 'acme-laptop', '2026-01-31T00:00:00Z', 'key_blocked', 'laptop' ],
    [ 'other', '2026-01-31T00:00:00Z', 'unknown_key', undef ],
) {
    my ($key, $time, $result, $name) = @$case;
    my $said = decode_json(run('explain', 'tenants.json', '--path',
        '/v1/chat/completions', '--header', "x-api-key: $key", '--time', $time,
        '--json')->{out});

    is($said->{refusal} ? $said->{refusal}{code} : $said->{status}, $result,
        "$key, $time");
    is($said->{key_name}, $name, "$key, $time: name");
    is($said->{tenant}, $result eq 'unknown_key' ? undef : 'acme',
        "$key, $time: tenant");
}

# Without --time, it is now; a mistake in it is named.

write_file('past.json', policy([ key(1, not_after => '2020-02-29T12:00:00Z') ],
    [ key(2, not_after => '9999-01-01T00:00:00Z') ]));

my @chat = ('past.json', '--path', '/v1/chat/completions');

like(run('explain', @chat, '--header', 'x-api-key: 1')->{out},
    qr/^refused  401 key_expired$/m, 'now: expired');
like(run('explain', @chat, '--header', 'x-api-key: 2')->{out},
    qr/^status   passed$/m, 'now: valid');

$ran = run('explain', @chat, '--time', '2027-02-29T00:00:00Z');

like($ran->{err}, qr/^llm-policy: --time must be a date with a day that its/,
    'a mistake in --time');
is($ran->{exit}, 1, 'its exit code');

# A key that has expired is a warning, not an error.

$ran = run('check', 'past.json');

is($ran->{exit}, 0, 'check: valid');
is($ran->{err} =~ s/^.*?: (?=\/)//r, '/tenants/acme/keys/0: warning: this key '
    . "has expired: it was valid until 2020-02-29T12:00:00Z\n",
    'check: the warning');

# The differences.

write_file('old.json', policy([ key(1), key(2, name => 'ci'),
    key(3, name => 'a', not_after => '2030-01-01T00:00:00Z'),
    key(4, name => 'gone'), key(5, blocked => JSON::PP::true), key(7) ],
    [ key(6, name => 'b') ]));
write_file('new.json', policy([ key(1, blocked => JSON::PP::true),
    key(2, name => 'ci', not_after => '2030-01-01T01:00:00+01:00'),
    key(3, name => 'c', not_after => '2030-01-01T00:00:00Z'),
    key(5, blocked => JSON::PP::true, not_after => '2031-01-01T00:00:00Z'),
    key(6, name => 'b'), key(7, blocked => JSON::PP::false) ], []));

my %short = map { $_ => substr hash($_), 0, 19 } 1 .. 7;
my %expected = (
    acme => {
        'keys' => [ '6', '6 (1 new)' ],
        "key $short{1}" => [ 'valid', 'blocked' ],
        'key "ci"' => [ 'valid', 'valid until 2030-01-01T00:00:00Z' ],
        "name of key $short{3}" => [ 'a', 'c' ],
        'key "gone"' => [ 'valid', undef ],
        "key $short{5}" => [ 'blocked',
            'blocked, valid until 2031-01-01T00:00:00Z' ],
        'key "b"' => [ undef, 'valid' ],
    },
    beta => { keys => [ '1', '0' ], 'key "b"' => [ 'valid', undef ] },
);

my $said = decode_json(run('diff', 'old.json', 'new.json', '--json')
    ->{out});

is_deeply({ map { my $subject = $_; $subject->{tenants}[0] => {
    map { $_->{name} => [ $_->{was}, $_->{now} ] } @{$subject->{changes}} } }
    @$said }, \%expected, 'diff: as JSON');

my ($one, $three) = @short{1, 3};
my $words = run('diff', 'old.json', 'new.json')->{out};

like($words, qr/^    key $one +valid -> blocked$/m, 'diff: blocked');
like($words, qr/^    key "ci" +valid -> valid until 2030-01-01T00:00:00Z$/m,
    'diff: an end');
like($words, qr/^    name of key $three +a -> c$/m, 'diff: renamed');

is(run('diff', 'old.json', 'old.json')->{out}, "nothing changes\n",
    'diff: the same document');

# The replay of a log: key, tenant, time, and whether it would be refused.

write_file('now.json', policy([ key(1, name => 'ci',
    not_after => '2026-11-30T12:00:00Z'), key(2, name => 'off',
    blocked => JSON::PP::true), key(3, name => 'on') ],
    [ key(4, name => 'ci') ]));

for my $case (
    [ 'ci', 'acme', '2026-11-30T12:00:00+00:00', 0 ],
    [ 'ci', 'acme', '2026-11-30T13:00:00+01:00', 0 ],
    [ 'ci', 'acme', '2026-11-30T12:00:01+00:00', 1 ],
    [ 'ci', 'beta', '2026-11-30T12:00:01+00:00', 0 ],
    [ 'off', 'acme', '2026-11-30T11:00:00+00:00', 1 ],
    [ 'off', 'acme', undef, 1 ],
    [ 'ci', 'acme', undef, 0 ],
    [ 'ci', 'acme', 1796040001, 0 ],
    [ 'on', 'acme', '2026-11-30T12:00:01+00:00', 0 ],
    [ 'other', 'acme', '2026-11-30T12:00:01+00:00', 0 ],
    [ '', 'acme', '2026-11-30T12:00:01+00:00', 0 ],
    [ undef, 'acme', '2026-11-30T12:00:01+00:00', 0 ],
) {
    my ($name, $tenant, $time, $refused) = @$case;
    my $title = join ', ', map { $_ // 'none' } @$case[0 .. 2];
    my %llm = (status => 'passed', tier => 't', tenant => $tenant,
        dialect => 'openai.chat', model => 'm',
        temperature => { requested => '1', effective => '1',
            action => 'none' });

    $llm{key_name} = $name if defined $name;

    write_file('log', encode_json({ request_id => 'x', llm => \%llm,
        defined $time ? (time => $time) : () }) . "\n");

    my $counts = decode_json(run('replay', 'now.json', 'log', '--json')
        ->{out});

    is($counts->{replayed}, 1, "replay: $title");
    is($counts->{total}{newly_refused}, $refused, "replay: $title: refused");
    is_deeply([ map { $_->{parameter} } grep { $_->{newly_refused} }
        @{$counts->{rows}} ], [ ('key') x $refused ], "replay: $title: row");
}

done_testing();

sub hash {
    return 'sha256:' . sha256_hex($_[0]);
}

sub key {
    my ($key, %members) = @_;

    return %members ? { hash => hash($key), %members } : hash($key);
}

sub policy {
    my ($acme, $beta) = @_;

    return JSON::PP->new->canonical->encode({
        version => 1, default_tier => 't', tiers => { t => {} },
        tenants => { acme => { tier => 't', keys => $acme },
            beta => { tier => 't', keys => $beta } },
    });
}

sub run {
    my ($command, @rest) = @_;

    return tool($command eq 'explain' && !grep({ $_ eq 'GET' } @rest)
        ? '{"model":"m"}' : '',
        $command, map { -e "$dir/$_" ? "$dir/$_" : $_ } @rest);
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
