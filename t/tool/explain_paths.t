#!/usr/bin/perl

# The path of a request: explain normalises it as nginx does, and both find the
# same route, dialect, model and verdict, also on routes with "encoded".

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": { "temperature": { "max": 1 } },
    "models": { "deny": ["~denied", "arn:aws:a:1:p/no"] }
  } },
  "routes": [
    { "path": "~^/encoded/(?<model>.+)/converse$",
      "dialect": "bedrock.converse", "encoded": true },
    { "path": "~^/any/.+/converse", "dialect": "bedrock.converse",
      "encoded": true },
    { "path": "/chat room", "dialect": "openai.chat", "encoded": true },
    { "path": "/chat", "dialect": "openai.chat", "encoded": true },
    { "path": "~^/free/(?<model>.+)/apply$", "action": "pass",
      "encoded": true },
    { "path": "~^/plain/(?<model>.+)/converse$",
      "dialect": "bedrock.converse" }
  ]
}
EOP

$t->run(gateway(server => <<'EOF'));

add_header X-Dialect $llm_dialect always;
add_header X-Model $llm_model always;
add_header X-Reason $llm_reason always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /unmatched {
    llm_policy_unmatched pass;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $body = '{"messages":[],"inferenceConfig":{"temperature":1.9},'
    . '"temperature":1.9}';

my $arn = 'arn%3Aaws%3Aa%3A1%3Ap';
my $passes = 200;
my $ambiguous = '400 ambiguous_path';
my $nginx = '400 nginx';
my $unknown = '403 unknown_route';

# target; verdict; dialect; model

my @targets = (

    # a Bedrock ARN, as the AWS SDKs send it

    [ "/encoded/$arn%2Fyes/converse", $passes, 'bedrock.converse',
        'arn:aws:a:1:p/yes' ],
    [ "/encoded/$arn%2fyes/converse?x=%2F", $passes, 'bedrock.converse',
        'arn:aws:a:1:p/yes' ],
    [ "/encoded/$arn%2Fno/converse", '403 model_not_allowed',
        'bedrock.converse', 'arn:aws:a:1:p/no' ],
    [ "/encoded/$arn/yes/converse", $passes, 'bedrock.converse',
        'arn:aws:a:1:p/yes' ],
    [ '/encoded/%64enied/converse', '403 model_not_allowed',
        'bedrock.converse', 'denied' ],
    [ '/encoded/v1%2E0%2D%7Ex/converse', $passes, 'bedrock.converse',
        'v1.0-~x' ],
    [ '/encoded/100%25/converse', $passes, 'bedrock.converse', '100%' ],
    [ '/encoded/a%25zz/converse', $passes, 'bedrock.converse', 'a%zz' ],

    # refused whatever the route says

    (map { [ "/encoded/$_/converse", $ambiguous, 'bedrock.converse' ] }
        'a%2F..%2Fb', 'a%2F%2e%2e%2Fb', 'a%2F.%2Fb', 'a/./b', 'a/../b',
        'a%2F%2Fb', 'a%2F/b', 'a//b', 'a%5Cb', 'a\\b', 'a%3Bb', 'a;b',
        'a%3Fb', 'a%23b', 'a%20b', 'a%7Fb', 'a%c3%a4b', "a\xe4b",
        'a%c0%afb', 'a%252Fb', 'a%252e%252eb', 'a%25%32%46b', 'a%2525b',
        'a%2541b', 'a%25u002fb', 'a%2Fb%2F'),
    [ '/encoded/..%2Fencoded/a/converse', $ambiguous, 'bedrock.converse' ],
    [ '/x/..%2Fencoded/a/converse', $ambiguous, 'bedrock.converse' ],
    [ '/x/%2E%2E/encoded/a/converse', $ambiguous, 'bedrock.converse' ],
    [ '/encoded%2Fa/converse', $ambiguous, 'bedrock.converse' ],
    [ '/encoded/a%2Fconverse', $ambiguous, 'bedrock.converse' ],
    [ '/encoded/a%00b/converse', $nginx ],
    [ '/encoded/a%2/converse', $nginx ], [ '/encoded/a%', $nginx ],
    [ '/encoded/a%zzb/converse', $nginx ], [ '/../encoded/a', $nginx ],
    [ '/encoded/a/converse%0a', $ambiguous ],
    [ '/encoded/a%0ab/converse', $ambiguous ],

    # a variable with the model writes no field

    [ '/model/a%0d%0aX-Dialect:%20x/converse', $ambiguous,
        'bedrock.converse', '' ],

    # without a group: an upstream that splits first finds the route, too

    [ '/any/a%2Fb/converse', $passes, 'bedrock.converse' ],
    [ '/any/a/converse/invoke', $passes, 'bedrock.converse' ],
    [ '/any/a%2Fconverse/invoke', $ambiguous, 'bedrock.converse' ],
    [ '/any/a%2Fconverse', $ambiguous, 'bedrock.converse' ],
    [ '/ch%61t', $passes, 'openai.chat' ],
    [ '/%63hat', $passes, 'openai.chat' ],
    [ '/chat%20room', $ambiguous, 'openai.chat' ],
    [ '/free/a%2Fb/apply', $passes ],
    [ '/free/a%2F..%2Fb/apply', $ambiguous ],

    # any other route

    [ "/plain/$arn%2Fyes/converse", $ambiguous, 'bedrock.converse', '' ],
    [ '/model/anthropic.claude-3%3A0/converse', $passes, 'bedrock.converse',
        'anthropic.claude-3:0' ],
    [ '/model/anthropic.claude-3%3a0/invoke', $passes, 'bedrock.anthropic',
        'anthropic.claude-3:0' ],
    [ "/model/$arn%2Fyes/converse", $ambiguous ],
    [ '/v1/publishers/google/models/gemini%402%3AgenerateContent', $passes,
        'gemini.generate', 'gemini@2' ],
    [ '/v1/chat/%63ompletions', $ambiguous, 'openai.chat' ],
    [ '/v1//chat/completions', $ambiguous, 'openai.chat' ],
    [ '/v1/x/../chat/completions', $ambiguous, 'openai.chat' ],
    [ '/v1/chat/completions#x', $ambiguous, 'openai.chat' ],
    [ '/v1/chat/completions?x#y/../', $passes, 'openai.chat' ],
    [ '/v1/chat/completions/.', $ambiguous ],
    [ '/v1/chat/completions%3Fx', $ambiguous ],
    [ '/elsewhere', $unknown ], [ '/elsewhere%3A', $unknown ],
);

for my $target (@targets) {
    my ($path, $verdict, $dialect, $model) = @$target;
    my $got = compare($path);

    is($got->{verdict}, $verdict, shown($path));
    is($got->{dialect}, $dialect, shown($path) . ': dialect') if $dialect;
    is($got->{model}, $model, shown($path) . ': model') if defined $model;
}

# Random paths, the same ones each time.

srand 11;

my @pieces = (
    qw(/ / / / // . .. /. /.. /./ /../ %2e %2E%2e %2F %2f %3A %3a %40 %25 %2525
    %23 %3F %5c %00 %0a %20 %7f %61 %zz %2 % ; + : @ = a ~ encoded /encoded
    /any /plain /model /converse converse chat /chat ? ?a=/../b), '#', '#x',
    "\xc3",
    '/encoded/a/converse', '/chat', '/model/anthropic.x/converse',
);

for my $n (1 .. 200) {
    compare('/' . join '', map { $pieces[rand @pieces] } 1 .. 1 + int rand 8);
}

$t->done;

# Asserts that nginx and explain agree.  Returns the result of nginx.

sub compare {
    my ($path) = @_;
    my $client = $t->client;

    $client->request('POST', $path, $body, Connection => 'close');

    my $r = $client->response;
    my %nginx = (
        verdict => $r->{status} == 200 ? 200
            : "$r->{status} " . ($r->header('X-Reason') // 'nginx'),
        dialect => $r->header('X-Dialect') // '',
        model => $r->header('X-Model') // '',
    );

    my $ran = tool($body, 'explain', $t->testdir . '/policy.json', '--json',
        '--path', $path, ('--unmatched', 'pass') x ($path =~ m{^/unmatched}));
    my $said = decode_json($ran->{out});
    my $refusal = $said->{refusal};
    my %explain = (
        verdict => $refusal ? "$refusal->{status} $refusal->{code}" : 200,
        dialect => $said->{dialect} // '',
        model => $said->{model} // '',
    );

    # nginx's own page

    $explain{verdict} = $nginx
        if $refusal && $refusal->{message} =~ /^nginx itself/;

    is_deeply(\%explain, \%nginx, 'explain: ' . shown($path));

    return \%nginx;
}

sub shown {
    return $_[0] =~ s/([^ -~]|#)/sprintf '\x%02x', ord $1/ger;
}
