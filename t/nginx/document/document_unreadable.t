#!/usr/bin/perl

# A document that nginx's master can read and its workers cannot: the error log
# has it at the start, not only with the first change.  The master differs from
# the workers if root runs the test.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $root = $> == 0;
my $user = $root ? 'user nobody nogroup;' : '';

$t->upstream(1, sub { {} });

$t->write_file('policy.json', '{ "version": 1, "default_tier": "free",'
    . ' "include": ["part.json"], "tiers": { "free": {} } }');
$t->write_file('part.json', '{ "tiers": { "pro": {} } }');

chmod 0755, $t->testdir or die "chmod: $!\n";
chmod 0644, map { $t->testdir . "/$_.json" } qw(policy part);

my $conf = <<"EOC";

daemon off;
$user
pid %%TESTDIR%%/nginx.pid;
error_log %%TESTDIR%%/error.log info;

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_file policy.json;
    llm_policy_reload RELOAD;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            llm_policy on;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

for (
    [ 0644, 0644, '1s', 0, 'both are readable' ],
    [ 0600, 0644, '1s', 1, 'the document is not' ],
    [ 0644, 0600, '1s', 1, 'a part is not' ],
    [ 0600, 0600, 'off', 0, 'no changes are taken up' ],
) {
    my ($document, $part, $reload, $expected, $name) = @$_;

    chmod $root ? $document : 0644, $t->testdir . '/policy.json';
    chmod $root ? $part : 0644, $t->testdir . '/part.json';

    $t->run($conf =~ s/RELOAD/$reload/r);
    is($t->post('/v1/chat/completions', '{}')->{status}, 200, "$name: runs");

    # a worker writes it, perhaps not the one that has answered
    $t->logged(qr/workers cannot read/) if $root && $expected;

    my @lines = $t->error_log =~ /\[error\].*(workers cannot read ".*")/g;

    is(@lines, $root ? $expected : 0, "$name: lines");
    like($lines[0], $document == 0600 ? qr/policy\.json"$/ : qr/part\.json"$/,
        "$name: the file") if @lines;
    $t->stop;
}

$t->done;
