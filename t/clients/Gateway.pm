package Gateway;

# The gateway for the tests of official clients: one for all of them, with one
# policy, since a rule has the same effect in every API.
#
#   use Gateway;
#
#   run_client('openai.test.js');
#
# runs that file, which creates the client and its upstream, and makes its tests
# those of the caller.  This module has nginx, with a server with the policy and
# one without, the API keys, and the logs.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Relay;
use LLMPolicy::Test;

our @EXPORT = qw(run_client);

my $conf = "$FindBin::Bin/../../conf";

sub run_client {
    my ($file) = @_;

    my %keys = map { $_ => "sk-$_-" . sha256_hex("$_ $$ " . rand) }
        qw(free pro internal limited spent unknown);
    my $t = LLMPolicy::Test->new;

    write_policy($t, %keys);
    run_gateway($t);

    local $ENV{TEST_CLIENT} = encode_json({
        gateway => 'http://127.0.0.1:' . $t->port(0),
        plain => 'http://127.0.0.1:' . $t->port('plain'),
        upstream => $t->port('api'),
        access_log => $t->testdir . '/llm.log',
        error_log => $t->testdir . '/error.log',
        keys => \%keys,
    });

    relay('node', '--test-reporter=tap', "$FindBin::Bin/$file");

    my $logs = $t->read_file('llm.log') . $t->error_log;

    is(scalar(grep { index($logs, $_) >= 0 } values %keys), 0,
        'no key in a log');
    is(scalar(() = $logs =~ /weather/gi), 0, 'no prompt in a log');

    $t->done;
}

sub write_policy {
    my ($t, %keys) = @_;
    my %hashes = map { $_ => 'sha256:' . sha256_hex($keys{$_}) } keys %keys;

    $t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "unknown_key": "reject",
  "unknown_members": "reject",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "min": 0, "max": 1 },
        "top_p": { "max": 0.95 },
        "top_k": { "max": 40 },
        "max_tokens": { "default": 512, "max": 1024 },
        "n": { "max": 1, "on_violation": "reject" },
        "reasoning_effort": { "allow": ["low", "medium"] },
        "logit_bias": { "deny": true },
        "seed": {},
        "/metadata/trace": { "remove": true },
        "/safe_prompt": {}
      },
      "models": {
        "allow": [
          "gpt-4o-mini", "~^o[134](-|\$)", "~^claude-", "llama3.2",
          "~^gemini-", "~^(mistral|codestral)-", "~^(command|rerank)-", "tgi"
        ]
      }
    },
    "pro": {
      "parameters": { "temperature": { "default": 0.7, "max": 1.5 } }
    },
    "internal": { "parameters": {} }
  },
  "models": [
    {
      "match": ["~^o[134](-|\$)", "~^gpt-5", "~^claude-opus-"],
      "parameters": {
        "temperature": { "remove": true },
        "top_p": { "remove": true },
        "top_k": { "remove": true }
      }
    }
  ],
  "tenants": {
    "trial": { "tier": "free", "keys": ["$hashes{free}"] },
    "acme": { "tier": "pro", "keys": ["$hashes{pro}"] },
    "research": { "tier": "internal", "keys": ["$hashes{internal}"] },
    "limited": {
      "tier": "pro", "keys": ["$hashes{limited}"],
      "limits": { "requests_per_minute": 30 }
    },
    "spent": {
      "tier": "pro", "keys": ["$hashes{spent}"],
      "limits": { "tokens_per_day": 1000 }
    }
  }
}
EOF
}

sub run_gateway {
    my ($t) = @_;

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
}

1;
