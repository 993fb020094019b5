#!/usr/bin/perl

# Attempts of a client to hide the usage of its response: compression, types and
# ranges that make it unreadable, or closing early.  The requested tokens are
# charged then.

use strict;
use warnings;

use FindBin;
use List::Util qw(sum0);
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

use constant { LIMIT => 1_000_000, ASKED => 500 };

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;
my $chat = '/v1/chat/completions';
my $answer = '{"choices":[{"message":{"content":"word"}}],"usage":'
    . '{"prompt_tokens":7,"completion_tokens":30,"total_tokens":37}}';

$t->upstream(1, sub {
    my ($request) = @_;
    my ($kind) = $request->{body} =~ /"model":"(\w+)"/;

    return { headers => { 'Content-Encoding' => $kind }, body => $answer }
        if $kind =~ /^(?:br|zstd|gzip|identity)$/;

    return { headers => { 'Content-Type' => 'text/plain' }, body => $answer }
        if $kind eq 'text';

    return { status => 206, body => substr $answer, 0, 9 } if $kind eq 'part';

    return { headers => { 'Content-Type' => 'text/event-stream' }, chunks => [
        qq(data: {"choices":[],"usage":{"prompt_tokens":0,)
        . qq("completion_tokens":0,"total_tokens":0}}\n\n),
        qq(data: {"choices":[{"delta":{"content":"@{[ 'word ' x 8 ]}"}}]}\n\n),
        \2000, "data: [DONE]\n\n" ] } if $kind eq 'early';

    return { headers => { 'Cache-Control' => 'max-age=60' }, chunks => [
        '{"choices":[{"message":{"content":"', ('word ') x 100, \200,
        ('word ' x 1000) x 40, '"}}]}' ] } if $kind eq 'long';

    return { status => 400, body => '{}' } if $kind eq 'wrong';

    if ($kind eq 'late') {
        open my $file, '>', "$dir/asked" or die "$dir/asked: $!\n";

        return { delay => 200, body => $answer };
    }

    return { headers => { 'Accept-Ranges' => 'bytes', ETag => '"x"',
        'Cache-Control' => 'max-age=60' }, body => $answer };
});

$t->write_file('policy.json', <<"EOF2");
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "limits": { "tokens_per_day": @{[ LIMIT ]} } } }
}
EOF2

$t->run(<<'EOF2');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format tokens '$status $llm_tokens_source $llm_completion_tokens '
        '$llm_total_tokens';
    access_log %%TESTDIR%%/tokens.log tokens;

    proxy_cache_path %%TESTDIR%%/cache keys_zone=cache:1m;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_limit_headers on;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            proxy_ignore_client_abort on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/v1/completions {
            proxy_intercept_errors on;
            error_page 400 =200 /page;
            post_action /after;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /page {
            return 200 page;
        }

        location /after {
            llm_policy off;
            return 204;
        }

        location /openai/ {
            proxy_cache cache;
            proxy_cache_methods POST;
            proxy_cache_key $request_body;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF2

my $asked = 'estimated ' . ASKED;
my $n = 0;

is_charged('br', 200, $asked, 'a coding that is not known');
is_charged('zstd', 200, $asked, 'another');
is_charged('gzip', 200, $asked, 'a coding that it has not');
is_charged('identity', 200, 'reported 30', 'no coding');
is_charged('text', 200, $asked, 'a type that is not known');
is_charged('part', 206, $asked, 'a part');

# Responses that nginx derives from the model's response, which it caches: the
# model was called all the same.

my $kept = '/openai/v1/chat/completions';

is_charged('kept1', 200, 'reported 30', 'a range', $kept,
    Range => 'bytes=0-0');
is_charged('kept2', 412, $asked, 'a condition', $kept, 'If-Match' => '"y"');
is_charged('kept3', 304, $asked, 'another', $kept,
    'If-None-Match' => '"x"');
is_charged('kept1', 200, '- -', 'from the cache', $kept);

# A client that closes after an early report.

my $client = $t->client;

$client->request('POST', $chat, body('early'));
$client->take_through('word word');
$client->close;

is(logged(), 'estimated 10', 'a report that was too early');

# The same, while nginx caches the response.

$client = $t->client;
$client->request('POST', $kept, body('long', 100_000));
$client->take_through('word ');
$client->close;

is(logged(), 'estimated 100000', 'a response that is cached');
is($t->post($kept, body('long', 100_000))->{status}, 200, 'later');
is(logged(), '- -', 'later: nothing');

# nginx continues to read a response that no client waits for.

$client = $t->client;
$client->request('POST', '/v1/completions', body('late'));
LLMPolicy::Stream::pause(10) until -e "$dir/asked";
$client->close;

is(logged(), 'reported 30', 'a response without a client');

# Actions after the response, or instead of it.

my $other = '/openai/v1/completions';

is_charged('identity', 200, 'reported 30', 'an action after the response',
    $other);
is_charged('wrong', 200, '- -', 'a page for an error', $other);

unlink "$dir/asked";
$client = $t->client;
$client->request('POST', $other, body('late'));
LLMPolicy::Stream::pause(10) until -e "$dir/asked";
$client->close;

is(logged(), $asked, 'an action after the client has left');

my @log = $t->access_log($n, 'tokens.log');
my $last = $t->post($chat, body('identity'));

is(LIMIT - $last->header('X-RateLimit-Remaining-Tokens')
    - (int((3 + length body('identity')) / 4) + ASKED),
    sum0(map { (split / /, $_, -1)[3] || 0 } @log), 'everything is charged');

$t->done;

sub body {
    my ($kind, $asked) = @_;

    return sprintf '{"model":"%s","max_tokens":%d}', $kind, $asked // ASKED;
}

sub is_charged {
    my ($kind, $status, $tokens, $name, $uri, @fields) = @_;
    my $response = $t->post($uri // $chat, body($kind), @fields);

    is($response->{status}, $status, "$name: $status");
    is(logged(), $tokens, "$name: $tokens");
}

# source and completion of the last request

sub logged {
    my @log = $t->access_log(++$n, 'tokens.log');
    my ($source, $completion) = (split / /, $log[-1], -1)[1, 2];

    return join ' ', map { length ? $_ : '-' } $source, $completion;
}
