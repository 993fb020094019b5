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
#
#   run_client('agents.test.js', 'keys');
#
# takes the shipped policy conf/keys.json instead; the API keys of its tenants
# are replaced, and have their names.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use File::Spec;
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Relay;
use LLMPolicy::Test;

our @EXPORT = qw(run_client);

my $root = "$FindBin::Bin/../..";
my $conf = "$root/conf";
my $classes = File::Spec->rel2abs($ENV{BUILD} || "$root/build") . '/clients';

sub run_client {
    my ($file, $shipped) = @_;
    my $t = LLMPolicy::Test->new;
    my %keys = $shipped ? write_shipped($t, $shipped) : write_policy($t);

    run_gateway($t);

    local $ENV{TEST_CLIENT} = encode_json({
        gateway => 'http://127.0.0.1:' . $t->port(0),
        plain => 'http://127.0.0.1:' . $t->port('plain'),
        upstream => $t->port('api'),
        access_log => $t->testdir . '/llm.log',
        error_log => $t->testdir . '/error.log',
        keys => \%keys,
        policy => $shipped,
        classes => $classes,
    });

    relay('node', '--test-reporter=tap', "$FindBin::Bin/$file");

    my $logs = $t->read_file('llm.log') . $t->error_log;

    is(scalar(grep { index($logs, $_) >= 0 } values %keys), 0,
        'no key in a log');
    is(scalar(() = $logs =~ /weather/gi), 0, 'no prompt in a log');

    $t->done;
}

sub random_key {
    my ($name) = @_;

    return "sk-$name-" . sha256_hex("$name $$ " . rand);
}

# Writes a policy of conf with other API keys, and the files that it includes.
# Returns the API keys, by the names of their tenants.

sub write_shipped {
    my ($t, $name) = @_;
    my $text = slurp("$conf/$name.json");
    my %keys;

    for my $tenant (keys %{ decode_json($text)->{tenants} }) {
        my ($hash) = $text =~ /"\Q$tenant\E": \{[^]]*?"(sha256:[0-9a-f]+)"/
            or die "$name.json: no API key of $tenant\n";

        $keys{$tenant} = random_key($tenant);
        substr $text, index($text, $hash), length $hash,
            'sha256:' . sha256_hex($keys{$tenant});
    }

    $t->write_file('policy.json', $text);
    $t->write_file('models.json', slurp("$conf/models.json"))
        if -f "$conf/models.json";

    return %keys;
}

sub slurp {
    my ($name) = @_;

    open my $file, '<', $name or die "$name: $!\n";
    local $/;

    return scalar <$file>;
}

# Writes the policy for the official clients; returns the API keys, by name.

sub write_policy {
    my ($t) = @_;
    my %keys = map { $_ => random_key($_) }
        qw(free pro internal limited spent unknown);
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

    return %keys;
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
