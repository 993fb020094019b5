#!/usr/bin/perl

# OpenAI's official client for Node, unchanged but for its base URL.  The
# gateway is here; the client, and what it talks to, in openai.test.js.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;

my $conf = "$FindBin::Bin/../../conf";
my %keys = map { $_ => "sk-$_-" . sha256_hex("$_ $$ " . rand) }
    qw(free pro internal unknown);
my %hashes = map { $_ => 'sha256:' . sha256_hex($keys{$_}) } keys %keys;

my $t = LLMPolicy::Test->new;

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "unknown_key": "reject",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "min": 0, "max": 1 },
        "top_p": { "max": 0.95 },
        "max_tokens": { "default": 512, "max": 1024 },
        "n": { "max": 1, "on_violation": "reject" },
        "reasoning_effort": { "allow": ["low", "medium"] },
        "logit_bias": { "deny": true },
        "/metadata/trace": { "remove": true }
      },
      "models": { "allow": ["gpt-4o-mini", "~^o[134](-|\$)"] }
    },
    "pro": {
      "parameters": { "temperature": { "default": 0.7, "max": 1.5 } }
    },
    "internal": { "parameters": {} }
  },
  "models": [
    {
      "match": ["~^o[134](-|\$)", "~^gpt-5"],
      "parameters": {
        "temperature": { "remove": true },
        "top_p": { "remove": true }
      }
    }
  ],
  "tenants": {
    "trial": { "tier": "free", "keys": ["$hashes{free}"] },
    "acme": { "tier": "pro", "keys": ["$hashes{pro}"] },
    "research": { "tier": "internal", "keys": ["$hashes{internal}"] }
  }
}
EOF

$t->run(<<"EOF");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    include $conf/llm-policy-log.conf;

    upstream api {
        server 127.0.0.1:%%PORT_api%%;
        keepalive 16;
    }

    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        include $conf/llm-policy-errors.conf;

        llm_policy on;
        access_log %%TESTDIR%%/llm.log llm_policy;
        add_header X-Connection \$connection always;

        location / {
            include $conf/llm-policy-proxy.conf;
            proxy_set_header Authorization "";
            proxy_pass http://api;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_plain%%;

        location / {
            include $conf/llm-policy-proxy.conf;
            proxy_set_header Authorization "";
            proxy_pass http://api;
        }
    }
}

EOF

$ENV{TEST_CLIENT} = encode_json({
    gateway => 'http://127.0.0.1:' . $t->port(0),
    plain => 'http://127.0.0.1:' . $t->port('plain'),
    upstream => $t->port('api'),
    access_log => $t->testdir . '/llm.log',
    error_log => $t->testdir . '/error.log',
    keys => \%keys,
});

relay('node', '--test-reporter=tap', "$FindBin::Bin/openai.test.js");

my $logs = $t->read_file('llm.log') . $t->error_log;

is(scalar(grep { index($logs, $_) >= 0 } values %keys), 0, 'no key in a log');
is(scalar(() = $logs =~ /weather/gi), 0, 'no prompt in a log');

$t->done;

# Runs a program that prints TAP: its tests are tests here, and one that was
# skipped has failed.  (TAP::Parser cannot read node's YAML about failures.)

sub relay {
    my (@command) = @_;
    my ($seen, $planned, $passed) = (0, 'no plan', 1);

    open my $output, '-|', @command or die "cannot run $command[0]: $!\n";

    while (my $line = <$output>) {
        if ($line =~ /^(not )?ok \d+ - (.*?)( # .*)?$/) {
            $passed = !$1 && !$3;
            ok($passed, $2);
            $seen++;

        } elsif ($line =~ /^1\.\.(\d+)$/) {
            $planned = $1;

        } elsif (!$passed) {
            diag($line =~ s/\n//r);
        }
    }

    is($seen, $planned, 'all results are there');
    ok(close $output, 'the client came to its end');
}
