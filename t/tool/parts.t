#!/usr/bin/perl

# A document in parts, for each command that loads one: it is the same policy as
# the document in one file, and a rule has the place where it is written.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;
my @key = map { 'sha256:' . sprintf '%064x', $_ } 1 .. 3;

my %free = (parameters => { temperature => { max => 1 } });
my %pro = (parameters => { temperature => { max => 1.5 },
    '/user' => { force => 'pro' } });
my @models = map { { match => [$_], parameters => $_ eq 'own'
    ? { temperature => { max => 0.5 } } : { temperature => {}, "/$_" =>
    { remove => JSON::PP::true } } } } 'own', 'b', 'own|b';
my %tenants = (acme => { tier => 'pro', keys => [ $key[0] ] },
    lab => { tier => 'free', keys => [ @key[1, 2] ] });
my @routes = map { { path => $_, action => 'pass' } } '/a', '/b';

my %document = (version => 1, default_tier => 'free');

write_json('whole.json', { %document, tiers => { free => \%free, pro => \%pro },
    models => \@models, tenants => \%tenants, routes => \@routes });

mkdir "$dir/$_" or die "mkdir: $!\n" for 'own', 'own/[parts]', 'elsewhere';

write_json('own/policy.json', { %document, tiers => { free => \%free },
    models => [ $models[0] ], include => [ '[[]parts]/*.json',
        '../elsewhere/models.json', "$dir/elsewhere/routes.json" ] });
write_json('own/[parts]/a.json', { version => 1, '$schema' => 'x',
    tiers => { pro => \%pro }, tenants => { lab => $tenants{lab} },
    routes => [ $routes[0] ] });
write_json('own/[parts]/b.json', { tenants => { acme => $tenants{acme} } });
write_json('elsewhere/models.json', { models => [ @models[1, 2] ] });
write_json('elsewhere/routes.json', { routes => [ $routes[1] ] });

my $parts = "$dir/own/policy.json";

is_deeply(tool('', 'check', $parts), { exit => 0, err => '', out => "$parts is "
    . "valid (parts: 4, tiers: 2, models: 3, tenants: 2, keys: 3, "
    . "routes: 2)\n" }, 'check');

my $diff = tool('', 'diff', "$dir/whole.json", $parts);

is_deeply($diff, tool('', 'diff', ("$dir/whole.json") x 2), 'diff: the same');
is($diff->{exit}, 0, 'diff: no difference');

# A rule, by the model and the tier of the request.

my @rules = (
    [ 'own', 'free', '/models/0/parameters/temperature' ],
    [ 'other', 'free', '/tiers/free/parameters/temperature' ],
    [ 'other', 'pro',
        '[parts]/a.json#/tiers/pro/parameters/temperature' ],
    [ 'b', 'pro', 'models.json#/models/0/parameters/~1b', 1 ],
);

for my $case (@rules) {
    my ($model, $tier, $place, $row) = @$case;
    my $body = encode_json({ model => $model, temperature => 1.9, b => 1 });
    my @explain = ('explain', $parts, '--tier', $tier, '--path',
        '/v1/chat/completions');

    like(tool($body, @explain)->{out}, qr/ \S*\Q$place\E$/m, "$model, $tier");

    my $rows = decode_json(tool($body, @explain, '--json')->{out});

    like((grep { $_->{parameter} eq ($row ? '/b' : 'temperature') }
        @{$rows->{parameters}})[0]{rule}, qr/\Q$place\E$/, '--json');
}

# "replay" with the document in one file, and in parts.

$t->write_file('access.log', join '', map { encode_json({ %$_, path =>
    '/v1/chat/completions', dialect => 'openai.chat', status => 'passed',
    requested => { temperature => '1.9' } }) . "\n" } { tier => 'free' },
    { tier => 'pro' });

is_deeply(tool('', 'replay', $parts, "$dir/access.log"),
    tool('', 'replay', "$dir/whole.json", "$dir/access.log"), 'replay');

# Mistakes have their file, in each command.

write_json('own/[parts]/b.json', { tenants => { lab => $tenants{acme} } });

my $mistake = qr{^\Q$dir\E/own/\[parts\]/b\.json:1:\d+:\ /tenants/lab:
    \ tenant\ "lab"\ is\ already\ defined\ at
    \ \Q$dir\E/own/\[parts\]/a\.json:1:\d+\n\z}x;

for my $arguments ([ 'check', $parts ], [ 'diff', "$dir/whole.json", $parts ],
    [ 'replay', $parts, "$dir/access.log" ],
    [ 'explain', $parts, '--path', '/v1/chat/completions' ])
{
    like(tool('{}', @$arguments)->{err}, $mistake, $arguments->[0]);
}

$t->leave;
done_testing();

sub write_json {
    my ($name, $value) = @_;

    $t->write_file($name, JSON::PP->new->canonical->encode($value));
}
