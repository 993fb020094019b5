#!/usr/bin/perl

# The demo as "make demo" starts it, on its own ports: its output, its
# responses, and its page in Chromium.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Relay;
use LLMPolicy::Test;

my $root = abs_path("$FindBin::Bin/../..");
my $t = LLMPolicy::Test->new;
my $url = 'http://127.0.0.1:' . $t->port(0) . '/';

my $module = $ENV{TEST_LLM_POLICY_MODULE}
    // "$root/build/ngx_http_llm_policy_module.so";

# the files that done() checks, and the module that the demo loads
symlink 'demo/error.log', $t->testdir . '/error.log';
symlink abs_path($module), $t->testdir . '/ngx_http_llm_policy_module.so';

sub demo {
    my (@arguments) = @_;

    local $ENV{BUILD} = $t->testdir;
    local $ENV{NGX_BINARY} = $ENV{TEST_NGINX_BINARY} || 'nginx';
    local $ENV{DEMO_PORT} = $t->port(0);
    local $ENV{DEMO_UPSTREAM_PORT} = $t->port('upstream');

    # a file, since the started processes would keep a pipe open
    my $output = $t->testdir . '/output';
    my $pid = fork // die "cannot fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', $output;
        open STDERR, '>&', \*STDOUT;
        exec "$root/demo/run", @arguments;
    }

    waitpid $pid, 0;

    return $t->read_file('output');
}

my $printed = demo();

like($printed, qr/^above the bound +1\.9 +1 +1\.9 -> 1 \(max\) +200$/m,
    'a table of results');
like($printed, qr/^  \Q$url\E +to try it$/m, 'the address of the page');
is($t->get('/dashboard')->{status}, 200, 'and that of the dashboard')
    if $printed =~ /^  \Q$url\Edashboard /m or fail('no dashboard');

my %page = map { $_ => $t->get("/$_") } '', qw(chat.js chat.css chat.svg);

is_deeply([ map { $page{$_}{status} } sort keys %page ], [ (200) x 4 ],
    'the page and its files');
is(scalar(grep {
    $_->header('Content-Security-Policy') !~ /^default-src 'none';(?!.*unsafe)/
} values %page), 0, 'with a strict policy');

is_deeply(
    [ map { $t->get($_)->{status} } qw(/index.html /headers.conf /policy.json
        /../policy.json /page/index.html /v2/models) ],
    [ 404, 404, 404, 400, 404, 404 ], 'no other files');
isnt($t->post('/', '{"temperature": 1.9}')->{status}, 200, 'GET only');

{
    local $ENV{TEST_DEMO} = $url;
    relay('node', '--test-reporter=tap', "$FindBin::Bin/demo.test.js");
}

unlike($t->read_file('demo/access.log') . $t->error_log,
    qr/sky|demo-pro-key|no-such-key/, 'no prompt and no key in a log');

like(demo('stop'), qr/^the demo is stopped$/m, 'it can be stopped');

$t->done;

# it ends in any event

END {
    demo('stop') if $t && $t->{owner} == $$ && !$t->{done};
}
