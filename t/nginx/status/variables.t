#!/usr/bin/perl

# The variables, in log_format, add_header, map and proxy_set_header.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my $hash = 'sha256:' . sha256_hex('key');

$t->write_file('policy.json', <<"EOP");
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "min": 0.2, "max": 1 },
        "top_p": { "remove": true },
        "seed": { "force": 7 },
        "n": { "max": 1, "on_violation": "reject" },
        "/metadata/trace": { "remove": true }
      },
      "models": { "deny": ["bad"] }
    },
    "open": {}
  },
  "tenants": { "acme": { "tier": "open", "keys": ["$hash"] } }
}
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    map $llm_action_temperature $was_clamped {
        default  no;
        min      yes;
        max      yes;
    }

    map $llm_status $loggable {
        default   1;
        bypassed  0;
    }

    log_format  llm  escape=none
        '$llm_status|$llm_reason|$llm_tier|$llm_tenant|$llm_dialect|'
        '$llm_model|$llm_requested_temperature|$llm_effective_temperature|'
        '$llm_action_temperature|$llm_adjustments';

    log_format  others  escape=none
        '$llm_requested_seed|$llm_effective_seed|$llm_action_seed|'
        '$llm_requested_top_p|$llm_effective_top_p|$llm_action_top_p|'
        '$llm_requested_stop|$llm_effective_stop|$llm_action_stop|';

    access_log %%TESTDIR%%/llm.log llm;
    access_log %%TESTDIR%%/others.log others;
    access_log %%TESTDIR%%/some.log llm if=$loggable;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        add_header X-Temperature $llm_effective_temperature always;
        add_header X-Clamped $was_clamped always;
        add_header X-Reason $llm_reason always;

        location / {
            llm_policy on;
            llm_policy_file policy.json;

            proxy_set_header X-Tier $llm_tier;
            proxy_set_header X-Status $llm_status;
            proxy_set_header X-Adjustments $llm_adjustments;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /off {
            proxy_pass http://%%UPSTREAM%%;
        }

        # evaluated before the response, it is correct later all the same
        location /api/ {
            llm_policy on;
            llm_policy_file policy.json;
            set $early "$llm_status$llm_tier$llm_requested_temperature";

            proxy_set_header X-Early "<$early>";
            proxy_set_header X-Status $llm_status;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $chat = '/v1/chat/completions';
my $seven = '"seed":7';

# the request; its lines in llm.log, in others.log

my @requests = (

    # passed, changed
    [ [ POST => $chat, qq({"model":"m","temperature":0.30,$seven}) ],
        'passed||free||openai.chat|m|0.30|0.30|none|',
        '7|7|none|||||||' ],
    [ [ POST => $chat, qq({"temperature":1.9,"model":"m",$seven}) ],
        'modified||free||openai.chat|m|1.9|1|max|temperature=1.9->1 (max)',
        '7|7|none|||||||' ],
    [ [ POST => $chat, qq({"temperature":-1,$seven}) ],
        'modified||free||openai.chat||-1|0.2|min|temperature=-1->0.2 (min)',
        '7|7|none|||||||' ],
    [ [ POST => $chat, "{$seven}" ],
        'modified||free||openai.chat|||0.7|default|'
            . 'temperature=->0.7 (default)',
        '7|7|none|||||||' ],
    [ [ POST => $chat, qq({"temperature":null,$seven}) ],
        'modified||free||openai.chat||null|0.7|default|'
            . 'temperature=null->0.7 (default)',
        '7|7|none|||||||' ],
    [ [ POST => $chat, '{"temperature":1,"seed":8,"top_p":0.5}' ],
        'modified||free||openai.chat||1|1|none|'
            . 'seed=8->7 (force), top_p=0.5-> (remove)',
        '8|7|force|0.5||remove||||' ],
    [ [ POST => $chat, '{"temperature":1,"metadata":{"trace":"t"}}' ],
        'modified||free||openai.chat||1|1|none|'
            . '/metadata/trace="..."-> (remove), seed=->7 (force)',
        '|7|force|||||||' ],
    [ [ POST => '/v1/responses', '{"temperature":1.9}' ],
        'modified||free||openai.responses||1.9|1|max|'
            . 'temperature=1.9->1 (max)', '|||||||||' ],
    [ [ POST => '/v1/embeddings', '{"model":"e"}' ],
        'passed||free||openai.embeddings|e||||', '|||||||||' ],

    # parameters without a rule have variables, too
    [ [ POST => $chat, '{"model":"\u0062ad","temperature":1.9,"stop":["\n"],'
        . '"seed":9007199254740993}', 'x-api-key' => 'key' ],
        'passed||open|acme|openai.chat|bad|1.9|1.9|none|',
        '9007199254740993|9007199254740993|none||||[...]|[...]|none|' ],
    [ [ POST => $chat, '{"stop":"\n"}', 'x-api-key' => 'key' ],
        'passed||open|acme|openai.chat|||||', '||||||"\n"|"\n"|none|' ],

    # the spelling of another server, since the API's own was absent
    [ [ POST => $chat, qq({"options":{"temperature":3},$seven}) ],
        'modified||free||openai.chat||3|0.7|default|'
            . 'temperature=3->1 (max), temperature=->0.7 (default)',
        '7|7|none|||||||' ],

    # refused
    [ [ POST => $chat, qq({"model":"m","temperature":1.9,"n":2}) ],
        'rejected|value_not_allowed|free||openai.chat|m|1.9||none|',
        '|||||||||' ],
    [ [ POST => $chat, '{"temperature":"hot"}' ],
        'rejected|invalid_type|free||openai.chat||"hot"||none|',
        '|||||||||' ],
    [ [ POST => $chat, '{"model":"bad","temperature":1}' ],
        'rejected|model_not_allowed|free||openai.chat|bad|1||none|',
        '|||||||||' ],
    [ [ POST => $chat, '{"temperature":1' ],
        'rejected|invalid_json|free||openai.chat|||||', '|||||||||' ],
    [ [ POST => $chat, '{}', 'Content-Type' => undef ],
        'rejected|unsupported_content_type|||openai.chat|||||',
        '|||||||||' ],
    [ [ POST => '/unknown', '{}' ], 'rejected|unknown_route||||||||',
        '|||||||||' ],

    # bypassed, and not policed at all
    [ [ GET => $chat ], 'bypassed|||||||||', '|||||||||' ],
    [ [ POST => '/off', '{"temperature":1.9}' ], '|||||||||', '|||||||||' ],
);

my (@headers, @upstream);

for my $request (@requests) {
    $up->clear;
    my $r = $t->request(@{ $request->[0] });

    push @headers, [ map { $r->header("X-$_") }
        qw(Temperature Clamped Reason) ];
    push @upstream, map { [ map { $up->last->header("X-$_") }
        qw(Status Tier Adjustments) ] } 1 .. $up->count;
}

is_deeply([ $t->access_log(scalar @requests, 'llm.log') ],
    [ map { $_->[1] } @requests ], 'log_format');
is_deeply([ $t->access_log(scalar @requests, 'others.log') ],
    [ map { $_->[2] } @requests ], 'parameters');

# An empty value sends no header field.

my @llm = map { [ map { length ? $_ : undef } split /\|/, $_->[1], -1 ] }
    @requests;

is_deeply(\@headers, [ map { [ $_->[7],
    ($_->[8] // '') =~ /^m/ ? 'yes' : 'no', $_->[1] ] } @llm ],
    'add_header, and a map');

is_deeply(\@upstream, [ map { [ @$_[0, 2, 9] ] }
    grep { ($_->[0] // '') ne 'rejected' } @llm ], 'proxy_set_header');

# access_log ... if=, with a map: excludes bypassed requests

is(scalar $t->access_log(@requests - 1, 'some.log'), @requests - 1,
    'a condition');
unlike($t->read_file('some.log'), qr/bypassed/, 'requests that do not meet it');

$t->post('/api/v1/chat/completions', '{"temperature":1.9}');
is($up->last->header('X-Early'), '<>', 'evaluated too early');
is($up->last->header('X-Status'), 'modified', 'evaluated again');
is(($t->access_log(@requests + 1, 'llm.log'))[-1],
    'modified||free||openai.chat||1.9|1|max|temperature=1.9->1 (max), '
    . 'seed=->7 (force)', 'and in the log');

$t->done;
