#!/usr/bin/perl

# A document that is mounted as a single file, and replaced where it is mounted
# from: the mount leads to the old one, which has no name any more.  The log,
# the status and the metrics say so.  A descriptor of this test is such a mount.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;
my $dir = $t->testdir;
my $body = '{"temperature":1.9}';

mkdir "$dir/outside" or die "mkdir: $!\n";
$t->write_file('outside/policy.json', document(1));

open my $mount, '<', "$dir/outside/policy.json" or die "open: $!\n";
mount($mount);

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_reload 100ms;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /status {
            llm_policy_status;
        }
    }
}

EOF

is(sent(), 1, 'the document');
is(in_force(), 'true ', 'in force');

# it is replaced, as the recipe does

$t->write_file('outside/policy.json.new', document(0.5));
rename "$dir/outside/policy.json.new", "$dir/outside/policy.json"
    or die "rename: $!\n";

my $reason = qq("$dir/policy.json" has been deleted or replaced where it is )
    . 'mounted from: mount its folder, not the file';

ok($t->logged(qr/\[err\w*\] .*\Q$reason, the policy stays as it was\E/),
    'logged');
is(in_force(), "false $reason", 'told by the status');
like($t->get('/status')->{body},
    qr/^llm_policy_document_in_force\{file="\S+"\} 0$/m, 'and the metrics');
is(sent(), 1, 'the old one remains in force');
unlike($t->error_log, qr/and is in force/, 'nothing was read');

# the container begins again, with the new one

open my $other, '<', "$dir/outside/policy.json" or die "open: $!\n";
mount($other);

ok($t->logged(qr/has changed, and is in force/), 'read');
is(sent(), 0.5, 'the new one');
is(in_force(), 'true ', 'in force');

my $times = () = $t->error_log =~ /mounted from/g;

is($times, 1, 'logged once');

$t->done;

sub document {
    my ($max) = @_;

    return '{"version":1,"default_tier":"t","tiers":{"t":{"parameters":{'
        . qq("temperature":{"max":$max}}}}});
}

sub mount {
    my ($descriptor) = @_;

    symlink "/proc/$$/fd/" . fileno $descriptor, "$dir/policy.new"
        or die "symlink: $!\n";
    rename "$dir/policy.new", "$dir/policy.json" or die "rename: $!\n";
}

sub sent {
    $t->post('/v1/chat/completions', $body);

    return decode_json($up->last->{body})->{temperature};
}

sub in_force {
    my $status = decode_json($t->get('/status?format=json')->{body});
    my ($document) = @{ $status->{documents} };

    return ($document->{in_force} ? 'true' : 'false') . " $document->{error}";
}
