#!/usr/bin/perl

# Budgets of thinking: below max_tokens, under a rule of their own, and next to
# a rule about the effort.  llm-policy explain agrees.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Decision;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "max",
  "tiers": {
    "max": { "parameters": { "max_tokens": { "max": 8192 } } },
    "same": { "parameters": { "max_tokens": { "max": 10000 } } },
    "force": { "parameters": { "max_tokens": { "force": 4096 } } },
    "default": { "parameters": { "max_tokens": { "default": 2048 } } },
    "small": {
      "parameters": {
        "max_tokens": { "max": 1024 },
        "temperature": { "max": 0.5 }
      }
    },
    "budget": { "parameters": { "thinking_budget": { "max": 2000 } } },
    "effort": { "parameters": { "reasoning_effort": { "allow": ["low"] } } },
    "medium": { "parameters": { "reasoning_effort": { "max": "medium" } } },
    "both": {
      "parameters": {
        "reasoning_effort": { "allow": ["low"] },
        "thinking_budget": { "max": 2000 }
      }
    },
    "top": { "parameters": { "reasoning_effort": { "max": "xhigh" } } },
    "min": { "parameters": { "reasoning_effort": { "min": "xhigh" } } },
    "given": {
      "parameters": {
        "reasoning_effort": { "default": "medium", "max": "high" },
        "thinking_budget": { "max": 2000 }
      }
    },
    "hot": { "parameters": { "temperature": { "force": 1 } } }
  }
}
EOP

$t->run(decision_conf());

my $chat = '/v1/chat/completions';
my $gemini = '/v1beta/models/gemini-2.5-flash:generateContent';

# Claude, in each of its routes.

for my $path ('/v1/messages', '/model/anthropic.claude-sonnet-4/invoke',
    '/v1/projects/p/locations/l/publishers/anthropic/models/claude:rawPredict')
{
    my $all = '"messages":[],"a":"b"';

    for my $case (
        [ max => thinks(10000), 8192, thinks(8191) ],
        [ same => thinks(10000), 10000, thinks(9999) ],
        [ force => thinks(10000), 4096, thinks(4095) ],
        [ max => thinks(5000), 8192, thinks(5000) ],
        [ small => thinks(10000), 1024, '"thinking":{"type":"disabled"}',
            ',"temperature":0.5' ],
        [ budget => thinks(10000), 32000, thinks(2000) ],
        [ both => thinks(63999), 32000, thinks(2000) ],
        [ hot => '"temperature":0,"thinking":{"type":"adaptive"}', 32000,
            '"temperature":1,"thinking":{"type":"adaptive"}' ],
        [ hot => '"temperature":0,' . thinks(5000), 32000,
            '"temperature":1,' . thinks(5000) ],
    ) {
        my ($tier, $asked, $tokens, $thinking, $added) = @$case;

        $added //= '';

        # thinking behind max_tokens, and before it
        sends($path, $tier, qq({$all,"max_tokens":32000,$asked}),
            qq({$all,"max_tokens":$tokens,$thinking$added}));
        sends($path, $tier, qq({$asked,"max_tokens":32000,$all}),
            qq({$thinking,"max_tokens":$tokens,$all$added}));
    }

    # max_tokens that the policy adds
    sends($path, 'default', '{' . thinks(10000) . ",$all}",
        '{' . thinks(2047) . qq(,$all,"max_tokens":2048}));

    refuses($path, 'effort', '{' . thinks(63999) . ",$all}",
        'the policy needs a rule for thinking_budget');
    refuses($path, 'budget', qq({$all,"thinking":{"type":"adaptive"}}),
        'the policy needs a rule for reasoning_effort');
}

# "adaptive" leaves thinking to the effort, which is high if it is absent: the
# effort gets its bound, or the request is refused where it has no place.

my $adaptive = '"thinking":{"type":"adaptive"}';

for my $case ([ medium => 'medium' ], [ min => 'xhigh' ], [ given => 'medium' ])
{
    my ($tier, $effort) = @$case;

    for my $null ('', ',"output_config":{"effort":null}') {
        sends('/v1/messages', $tier, qq({"a":"b",$adaptive$null}),
            qq({"a":"b",$adaptive,"output_config":{"effort":"$effort"}}));
    }

    sends('/v1/messages/batches', $tier,
        qq({"requests":[{"params":{$adaptive}}]}),
        qq({"requests":[{"params":{$adaptive,)
            . qq("output_config":{"effort":"$effort"}}}]}));
    refuses('/model/anthropic.claude-sonnet-4/invoke', $tier, "{$adaptive}",
        'send an effort');
}

for my $path ('/v1/messages', '/model/anthropic.claude-sonnet-4/invoke') {
    my $low = qq({$adaptive,"a":"b","output_config":{"effort":"low"}});

    sends($path, $_, "{$adaptive}", "{$adaptive}") for 'top', 'effort';
    sends($path, $_, $low, $low) for qw(top effort medium both given);
    refuses($path, 'both', "{$adaptive}", 'send an effort');
    sends($path, $_, '{"thinking":{"type":"disabled"}}',
        '{"thinking":{"type":"disabled"}}') for qw(min medium both);
}

# Gemini, with -1 for "as long as the model likes"; an absent budget is that.

for my $config ('thinkingConfig', 'thinking_config') {
    for my $name ('thinkingBudget', 'thinking_budget') {
        my $body = qq({"generationConfig":{"$config":{"$name":%d}}});

        sends($gemini, 'budget', sprintf($body, $_), sprintf($body, 2000))
            for -1, 2001, 24576;
        sends($gemini, 'budget', sprintf($body, $_), sprintf($body, $_))
            for 0, 2000;
        refuses($gemini, 'effort', sprintf($body, $_),
            'the policy needs a rule for thinking_budget') for -1, 1;
        sends($gemini, 'effort', sprintf($body, 0), sprintf($body, 0));
    }
}

sends($gemini, 'budget', '{"generationConfig":{"topK":1},"contents":[]}',
    '{"generationConfig":{"topK":1,"thinkingConfig":{"thinkingBudget":2000}},'
        . '"contents":[]}');
sends($gemini =~ s/flash/flash-lite/r, 'budget', '{"contents":[]}',
    '{"contents":[]}');

# Levels are efforts, in upper case.

my $level = '{"generationConfig":{"thinkingConfig":{"thinkingLevel":"%s"}}}';

sends($gemini, 'effort', sprintf($level, $_), sprintf($level, $_))
    for qw(LOW low);
refuses($gemini, 'effort', sprintf($level, $_), 'is not among the values')
    for qw(HIGH high MEDIUM);
sends($gemini, 'medium', sprintf($level, $_), sprintf($level, 'MEDIUM'))
    for qw(HIGH high);

# Efforts have an order.

sends($chat, 'medium', '{"reasoning_effort":"xhigh"}',
    '{"reasoning_effort":"medium"}');
sends($chat, 'medium', $_, $_) for '{"reasoning_effort":"none"}', '{}';
refuses($chat, 'medium', '{"reasoning_effort":"ultra"}',
    'reasoning_effort must be one of none, minimal, low, medium, high, xhigh, '
        . 'max');

# Thinking that is turned on, without a budget.

sends($chat, 'effort', $_, $_) for '{"thinking":{"type":"disabled"}}',
    '{"enable_thinking":false}', '{"thinking_budget":0}', '{"thinking":false}';
refuses($chat, $_, '{"thinking":{"type":"enabled"}}',
    'thinking.type can undo the bound') for qw(effort both);
refuses($chat, 'effort', '{"enable_thinking":true}',
    'enable_thinking can undo the bound');
refuses($chat, 'budget', '{"thinking":true}', 'thinking can undo the bound');

# A budget is no spelling of max_tokens.

sends($chat, 'max', '{"max_tokens":9,"thinking_budget":99999}',
    '{"max_tokens":9,"thinking_budget":99999}');

$t->done;

sub thinks {
    my ($budget) = @_;

    return qq("thinking":{"type":"enabled","budget_tokens":$budget});
}

sub said {
    my ($path, $tier, $body) = @_;
    my $request = { path => $path, tier => $tier, body => $body };

    return ([ nginx => LLMPolicy::Decision::nginx_says($t, $request) ],
        [ explain => LLMPolicy::Decision::tool_says($t, $request) ]);
}

sub sends {
    my ($path, $tier, $body, $sent) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for (said($path, $tier, $body)) {
        my ($who, $said) = @$_;

        is($said->{refused} || $said->{body}, $sent, "$tier, $body, $who");
    }
}

sub refuses {
    my ($path, $tier, $body, $message) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for (said($path, $tier, $body)) {
        my ($who, $said) = @$_;

        like($said->{refused}, qr/^400 (?:undermines_policy|value_not_allowed)/,
            "$tier, $body, $who");
        like($said->{body}, qr/\Q$message\E/, 'the message');
    }
}
