#!/usr/bin/perl

# Which tier may use which model, and the parameters that a model rejects.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "max": 1 },
        "top_p": { "default": 0.9 },
        "/user": { "force": "u" }
      },
      "models": { "allow": ["gpt-4o-mini", "~^llama-3", "~*^qwen.*instruct$",
                            "~^o[134]", "fixed", "h\u00e9", "a\"\\"] }
    },
    "pro":  { "models": { "deny": ["gpt-4-32k", "~^o1-pro"] } },
    "both": { "models": { "allow": ["~^gpt"], "deny": ["~-audio"] } },
    "none": { "models": { "allow": [] } },
    "any":  {}
  },
  "models": [
    { "match": ["~^o[134](-|$)"], "parameters": {
      "temperature": { "remove": true }
    } },
    { "match": ["fixed", "~mini$"], "parameters": {
      "temperature": { "force": 0 }, "top_p": {}
    } },
    { "match": ["~."], "parameters": {
      "temperature": { "deny": true }, "/user": { "remove": true }
    } }
  ]
}
EOP

# without a rule about models

$t->write_file('open.json', <<'EOP');
{ "version": 1, "default_tier": "a", "tiers": { "a": { "parameters":
    { "temperature": { "max": 1 } } } } }
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/ {
            llm_policy_file open.json;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my ($chat, $embeddings) = ('/v1/chat/completions', '/v1/embeddings');
my ($same, $refused) = (undef, '403 model_not_allowed');

# Permitted models: this check comes first.

my @access = (

    # literals are compared completely, as bytes
    [ free => '"gpt-4o-mini"', 1 ],
    [ free => '"gpt-4o\u002dmini"', 1 ],
    [ free => '"gpt-4o-mini "', 0 ],
    [ free => '"gpt-4o-mini-2024"', 0 ],
    [ free => '"gpt-4o"', 0 ],
    [ free => '"GPT-4o-mini"', 0 ],
    [ free => '"h\u00e9"', 1 ],
    [ free => qq("h\xc3\xa9"), 1 ],
    [ free => '"a\u0022\\\\"', 1 ],

    # regular expressions
    [ free => '"llama-3.1-8b"', 1 ],
    [ free => '"meta/llama-3"', 0 ],
    [ free => '"Llama-3"', 0 ],
    [ free => '"QWEN-2.5-INSTRUCT"', 1 ],
    [ free => '"llama-3,gpt-4o"', 0 ],

    # no name, or not a name
    [ free => undef, 0 ],
    [ free => '""', 0 ],
    [ free => 'null', 0 ],

    [ pro => '"gpt-4-32k"', 0 ],
    [ pro => '"gpt-4-32K"', 1 ],
    [ pro => '"o1-pro-2025"', 0 ],
    [ pro => undef, 1 ],

    [ both => '"gpt-4o"', 1 ],
    [ both => '"gpt-4o-audio-preview"', 0 ],
    [ both => '"o1"', 0 ],

    [ none => '"gpt-4o"', 0 ],
    [ none => undef, 0 ],
    [ any => '"gpt-4o"', 1 ],
);

for my $row (@access) {
    my ($tier, $model, $allowed) = @$row;
    my $body = defined $model ? qq({"model":$model}) : '{}';

    for my $path ($embeddings, '/moderations', '/v1/images/generations') {
        is(verdict($t->post($path, $body, 'X-Tier' => $tier)),
            $allowed ? $body : $refused, "$path, $tier: $body");
    }
}

is(verdict($t->post($chat, '{"model":"x","temperature":"x"}')), $refused,
    'before the parameters');

# A model that is not a string, or too long, is refused if there is a rule about
# models; otherwise the upstream decides.

for my $model ('5', 'true', '["gpt-4o-mini"]', '{}', '"' . 'x' x 300 . '"') {
    my $body = qq({"model":$model});
    my $code = $model =~ /^"/ ? $refused : '400 invalid_type';

    is(verdict($t->post($chat, $body, 'X-Tier' => 'any')), $code,
        substr $body, 0, 30);
    is(verdict($t->post("/openai$chat", $body)), $body, substr $body, 0, 30);
}

is(verdict($t->post($chat, '{"Model":"gpt-4o-mini"}')), '400 ambiguous_member',
    'case');
is(verdict($t->post($chat, '{"mod\u0065l":"gpt-4o-mini"}')),
    '400 ambiguous_member', 'escape');

# Rejected parameters: the first entry with a rule for the parameter replaces
# the tier's rule.

check(free => @$_) for (
    [ '{"model":"o3","temperature":0.2}', '{"model":"o3"}' ],
    [ '{"model":"o3-mini","temperature":1.9,"user":"me"}',
        '{"model":"o3-mini"}' ],
    [ '{"model":"o3","temperature":{}}', '{"model":"o3"}' ],
    [ '{"model":"fixed"}', '{"model":"fixed","temperature":0}' ],
    [ '{"temperature":1,"model":"gpt-4o-mini"}',
        '{"temperature":0,"model":"gpt-4o-mini"}' ],
    [ '{"model":"llama-3","temperature":0}', '400 parameter_denied' ],
    [ '{"model":"llama-3","user":"me"}', '{"model":"llama-3","top_p":0.9}' ],
);

check(any => @$_) for (
    [ '{}', $same ],
    [ '{"temperature":1.9}', $same ],
    [ '{"model":"o1","temperature":1}', '{"model":"o1"}' ],
    [ '{"model":"o10","temperature":1}', '400 parameter_denied' ],
    [ '{"user":"me"}', $same ],
);

# Rules about models also apply to APIs without a temperature.

is(verdict($t->post($embeddings, '{"model":"o3","user":"me"}')),
    '{"model":"o3"}', 'embeddings');

$t->done;

sub check {
    my ($tier, $body, $expected) = @_;

    is(verdict($t->post($chat, $body, 'X-Tier' => $tier)),
        $expected // $body, "$tier: $body");
}
