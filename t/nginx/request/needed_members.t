#!/usr/bin/perl

# A member that an API accepts next to another one only is written next to that
# one, and not without it: by parameters and by pointers, in every dialect, also
# in batches.  If the policy takes that other one out, so is the member.
# llm-policy explain agrees.

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

$t->write_file('policy.json', tiers(
    '"/stream_options/include_usage": { "force": true }',
    '"/stream_options/include_usage": { "force": true },
     "stream": { "force": true }',
    '"parallel_tool_calls": { "default": false },
     "/tool_choice": { "default": "auto" }',
    '"top_logprobs": { "force": 2 }, "logprobs": { "default": true }',
    '"top_logprobs": { "force": 2 }',
    '"stream": { "force": false }',
    '"/tools": { "remove": true }',
    '"logprobs": { "remove": true }, "top_logprobs": { "max": 2 },
     "store": { "force": false }',
));

$t->run(decision_conf());

my $chat = '/v1/chat/completions';
my $asked = '"stream_options":{"include_usage":true}';
my $text = '"messages":["' . 'x' x 50000 . '"]';

# a stream

sent($_, 0, '{"model":"m"}') for $chat, qw(/v1/completions /v1/responses
    /v1/messages /api/chat /v1/chat /v1beta/models/m:generateContent);

sent($_, 0, '{"model":"m","stream":true}') for qw(/v1/responses /v1/messages
    /api/chat /v1/chat /v1/fim/completions);

sent($_, 0, '{"a":1,"stream":true}', qq({"a":1,"stream":true,$asked}))
    for $chat, '/v1/completions', '/openai/deployments/m/chat/completions';

sent($chat, 0, qq({"stream":$_,"stream_options":{}})) for qw(false null 1);

sent($chat, 0, qq({"stream_options":{},$text,"stream":true}),
    qq({$asked,$text,"stream":true}));
sent($chat, 0, qq({"stream":true,"stream_options":{},$text}),
    qq({"stream":true,$asked,$text}));
sent($chat, 0, qq({"stream_options":{},$text}));

sent($chat, 1, '{"model":"m"}', qq({"model":"m",$asked,"stream":true}));
sent('/v1/responses', 1, '{"model":"m"}', '{"model":"m","stream":true}');

# tools

sent($_, 2, '{"model":"m"}') for $chat, '/v1/messages';
sent($chat, 2, '{"tools":[],"tool_choice":null}');
sent($chat, 2, qq({"tool_choice":null,$text,"tools":[{"type":"function"}]}),
    qq({"tool_choice":"auto",$text,"tools":[{"type":"function"}],)
    . '"parallel_tool_calls":false}');
sent('/v1/messages', 2, '{"tools":[{"name":"n"}]}',
    '{"tools":[{"name":"n"}],"tool_choice":"auto"}');
sent('/v1/messages/batches', 2,
    '{"requests":[{"params":{"tools":[{}]}},{"params":{"a":1}}]}',
    '{"requests":[{"params":{"tools":[{}],"tool_choice":"auto"}},'
        . '{"params":{"a":1}}]}');

# probabilities

sent($chat, 3, '{"model":"m"}',
    '{"model":"m","logprobs":true,"top_logprobs":2}');
sent($chat, 3, '{"logprobs":false}');
sent($chat, 4, '{"model":"m"}');
sent($chat, 4, '{"top_logprobs":5}', '{"top_logprobs":2}');

my $gemini = '/v1beta/models/m:generateContent';
my $contents = '"contents":["' . 'x' x 50000 . '"]';

sent($gemini, 4, qq({"generationConfig":{},$contents}));
sent($gemini, 4, qq({"generationConfig":{"responseLogprobs":true},$contents}),
    qq({"generationConfig":{"responseLogprobs":true,"logprobs":2},$contents}));

# the policy takes the other member out, or changes it

for my $path ($chat, '/v1/completions',
    '/openai/deployments/m/chat/completions')
{
    sent($path, 5, qq({"model":"m",$asked,"stream":true}),
        '{"model":"m","stream":false}');
    sent($path, 5, qq({$asked,$text,"stream":true}),
        qq({$text,"stream":false}));
    sent($path, 5, qq({"stream":true,$text,$asked}),
        qq({"stream":false,$text}));
    sent($path, 5, qq({"stream":false,$asked,$text}));
    sent($path, 5, qq({$asked,$text}), qq({$asked,$text,"stream":false}));
}

sent('/v1/responses', 5,
    '{"stream_options":{"include_obfuscation":false},"a":1,"stream":true}',
    '{"a":1,"stream":false}');

my $choice = '"tool_choice":{"type":"function","function":{"name":"f"}}';
my $tools = '"tools":[{"type":"function","function":{"name":"f"}}]';

sent($chat, 6, qq({"a":1,$choice,$text,$tools,"parallel_tool_calls":true}),
    qq({"a":1,$text}));
sent($chat, 6, qq({$tools,"parallel_tool_calls":true,$choice,$text}),
    qq({$text}));
sent($chat, 6, qq({$choice,$text}));
sent('/v1/messages', 6,
    '{"tool_choice":{"type":"auto"},"tools":[{"name":"f"}],"model":"m"}',
    '{"model":"m"}');
sent('/v1/messages/batches', 6,
    '{"requests":[{"params":{"tools":[{}],"tool_choice":{"type":"any"}}}]}',
    '{"requests":[{"params":{}}]}');
sent($gemini, 6, '{"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},'
    . qq($contents,"tools":[{"functionDeclarations":[{"name":"f"}]}]}),
    qq({"toolConfig":{},$contents}));
sent($chat, 7, qq({"top_logprobs":5,$text,"logprobs":true,"store":false}),
    qq({$text,"store":false}));
sent($chat, 7, qq({"metadata":{"a":"b"},$text,"store":true}),
    qq({$text,"store":false}));

$t->done;

sub sent {
    my ($path, $tier, $body, $sent) = @_;
    my $request = { path => $path, tier => $tier, body => $body };
    my $name = substr("$path $tier $body", 0, 100);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is(short(LLMPolicy::Decision::nginx_says($t, $request)->{body}),
        short($sent // $body), "$name, nginx");
    is(short(LLMPolicy::Decision::tool_says($t, $request)->{body}),
        short($sent // $body), "$name, explain");
}

# Removes the spaces that fill a gap in a body, and shortens long text.

sub short {
    my ($body) = @_;

    return $body =~ s/ +(?=[,}])//gr =~ s/(?<=[{,]) +//gr
        =~ s/x{100,}/'x' . length $&/er;
}
