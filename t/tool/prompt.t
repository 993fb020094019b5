#!/usr/bin/perl

# Limits of prompts in the tool: the example of docs/policy.md, mistakes, the
# rates of an estimate, differences, and a replay, which has no prompt.

use strict;
use warnings;

use File::Temp;
use FindBin;
use JSON::PP;
use MIME::Base64;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Tool;

my $dir = File::Temp->newdir;
my $page = slurp("$FindBin::Bin/../../docs/policy.md");
my ($section) = $page =~ /^### Prompts\n(.*?)^### /ms;
my ($example) = $section =~ /^```json\n(.*?)^```$/ms;
my ($output) = $section =~ /^ {4}\$ .*? < long\.json\n(.*?)^(?=[^\s])/ms;
my @chat = ('--path', '/v1/chat/completions');

$output =~ s/^ {4}//mg;
$output =~ s/\n+\z/\n/;

write_file('prompts.json', $example);

# The example, and what the page shows.

my $ran = ask(messages(51));

is($ran->{out}, $output, 'the output of the page');
is($ran->{exit}, 2, 'it is a refusal');

is(ask(messages(50))->{exit}, 0, 'as many messages as permitted');
like(ask(messages(51), '--tier', 'pro')->{out}, qr/tier \\"pro\\"/,
    'an inherited limit');

# Bytes and tokens, and the rates of an estimate.

my $text = '{"messages":["' . 'word ' x 7000 . '"]}';
my $tokens = length($text) / 4;

like(ask($text)->{out}, qr/has 87\d\d tokens, as estimated, above /, 'tokens');
is(ask($text, '--tier', 'pro')->{exit}, 0, "another tier's limit");
is(ask($text, '--token-bytes', '4.5')->{exit}, 0, 'more bytes to a token');
like(ask($text, '--tier', 'pro', '--token-bytes', '1')->{out},
    qr/has 350\d\d tokens/, 'fewer bytes to a token');
like(ask('{"messages":["' . 'w' x 200000 . '"]}')->{out},
    qr/the request has 200017 bytes, above the maximum 200000/, 'bytes');

my $image = 'data:image/png;base64,' . encode_base64("\x89PNG" x 12000, '');
my $picture = qq({"messages":[{"content":[{"image_url":{"url":"$image"}}]}]});

is(ask($picture)->{exit}, 0, 'an image');
like(ask($picture, '--token-media', '9000')->{out}, qr/has 90\d\d tokens/,
    'more tokens for an image');

for my $wrong ([ '--token-bytes', '0' ], [ '--token-bytes', 'x' ],
    [ '--token-media', '' ], [ '--token-media', '1000001' ])
{
    $ran = ask('{}', @$wrong);

    is($ran->{exit}, 1, "@$wrong: exit code");
    like($ran->{err}, qr/^llm-policy: $wrong->[0] must be a number/,
        "@$wrong: message");
}

# Mistakes.

write_file('wrong.json', tiers('{"max_bytes":0,"max_messages":2.5,'
    . '"max_tokens":"9","max_byte":1}'));

is(run('check', 'wrong.json')->{err} =~ s/^\S+: //mgr, <<'EOT', 'mistakes');
/tiers/t/prompt/max_bytes: must be a whole number from 1 to 1000000000000
/tiers/t/prompt/max_messages: must be a whole number from 1 to 1000000000000
/tiers/t/prompt/max_tokens: must be a number, not a string
/tiers/t/prompt/max_byte: unknown member "max_byte"; did you mean "max_bytes"?
EOT

# The differences.

write_file('old.json', tiers('{"max_bytes":100,"max_messages":3}'));
write_file('new.json', tiers('{"max_bytes":200,"max_tokens":5}'));

my $said = decode_json(run('diff', 'old.json', 'new.json', '--json')->{out});

is_deeply($said->[0]{changes}, [
    { name => 'prompt max_bytes', was => '100', now => '200' },
    { name => 'prompt max_tokens', was => undef, now => '5' },
    { name => 'prompt max_messages', was => '3', now => undef },
], 'diff: as JSON');

like(run('diff', 'old.json', 'new.json')->{out},
    qr/^ {4}prompt max_bytes +100 -> 200$/m, 'diff: in words');

# A replay: what passed is not refused for a prompt that the log does not have.

write_file('tiny.json', tiers('{"max_bytes":1,"max_tokens":1}'));
write_file('log', join '', map { encode_json({ llm => { tier => 't',
    dialect => 'openai.chat', model => 'm', temperature => { requested => '1',
    effective => '1', action => 'none' }, @$_ } }) . "\n" }
    [ status => 'passed' ], [ status => 'rejected',
    reason => 'prompt_too_large' ]);

$said = decode_json(run('replay', 'tiny.json', 'log', '--json')->{out});

is($said->{replayed}, 1, 'replay: one request');
is($said->{different}, 0, 'replay: it is not refused');
is_deeply($said->{not_replayable}{refused}, { prompt_too_large => 1 },
    'replay: a refused one is counted');

done_testing();

sub messages {
    my ($n) = @_;

    return '{"model":"m","messages":[' . join(',', ('{"content":"a"}') x $n)
        . ']}';
}

sub tiers {
    my ($prompt) = @_;

    return qq({"version":1,"default_tier":"t",)
        . qq("tiers":{"t":{"prompt":$prompt}}});
}

sub ask {
    my ($body, @rest) = @_;

    return tool($body, 'explain', "$dir/prompts.json", @chat, @rest);
}

sub run {
    my ($command, @rest) = @_;

    return tool('', $command, map { -e "$dir/$_" ? "$dir/$_" : $_ } @rest);
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
