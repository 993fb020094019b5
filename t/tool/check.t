#!/usr/bin/perl

# llm-policy check: all errors of a document at once, with their positions and
# corrections.  "nginx -t" agrees.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;
my $key = 'sha256:' . '0123456789abcdef' x 4;

# A valid document.

$t->write_file('right.json', <<"EOP");
{
  "\$schema": "llm-policy.schema.json",
  "version": 1,
  "default_tier": "free",
  "unknown_key": "default",
  "tiers": {
    "free": {
      "parameters": {
        "temperature":      { "default": 0.7, "min": 0, "max": 1 },
        "top_p":            { "max": 0.95 },
        "max_tokens":       { "default": 512, "max": 1024 },
        "n":                { "max": 1, "on_violation": "reject" },
        "reasoning_effort": { "allow": ["low", "medium"] },
        "logit_bias":       { "deny": true },
        "/metadata/trace":  { "remove": true }
      },
      "models": { "allow": ["gpt-4o-mini", "~^llama-3"] }
    },
    "pro":      { "parameters": {
      "temperature": { "default": 0.7, "max": 1.5 } } },
    "internal": { "parameters": {} }
  },
  "models": [
    { "match": ["~^o[134](-|\$)", "~^gpt-5"],
      "parameters": { "temperature": { "remove": true } } }
  ],
  "tenants": { "acme": { "tier": "pro", "keys": ["$key"] } },
  "routes":  [ { "path": "/chat", "dialect": "openai.chat" } ]
}
EOP

my $ran = tool('', 'check', "$dir/right.json");

is($ran->{out}, "$dir/right.json is valid (tiers: 3, models: 1, tenants: 1, "
    . "keys: 1, routes: 1)\n", 'right');
is($ran->{err}, '', 'right, no errors');
is($ran->{exit}, 0, 'right, exit code');

my $root = "$FindBin::Bin/../../conf";
my @shipped = (glob("$root/*.json"), glob "$root/*/*.json");

# models.json is a part of documents

for my $file (grep { !/schema|grafana|models/ } @shipped) {
    my $ran = tool('', 'check', $file);

    is("$ran->{exit}$ran->{err}", '0', 'conf' . $file =~ s{.*/conf}{}r);
}

# A document with an error of each kind.

my @wrong = split /\n/, <<'EOP';
{
  "version": 2,
  "default_tier": "fre",
  "unknown_key": "refuse",
  "tiers": {
    "free": {
      "parameters": {
        "temprature":  { "max": 1 },
        "temperature": { "min": 1.5, "max": 1, "default": 2 },
        "top_p":       { "force": "high" },
        "top_k":       { "max": 0 },
        "max_tokens":  { "default": 2000, "max": 1024 },
        "n":           { "max": 1.5 },
        "seed":        { "remove": true, "force": 1 },
        "stop":        { "min": 1 },
        "logprobs":    { "deny": false },
        "min_p":       { "on_violation": "reject" },
        "n_predict":   {},
        "stream":      { "allow": [true, true] },
        "verbosity":   { "allow": ["low"], "default": "high" },
        "store":       { "allow": [] },
        "user":        {},
        "/a//b":       {},
        "/a~b":        {}
      },
      "modles": {}
    },
    "pro": []
  },
  "models": [
    { "match": ["~^o[134"], "parameters": {} },
    { "match": [] }
  ],
  "tenants": {
    "acme": { "tier": "pr", "keys": ["sk-SECRET"] },
    "lab":  { "tier": "free", "keys": ["KEY", "KEY"] }
  },
  "routes": [
    { "path": "chat", "dialect": "openai.chat" },
    { "path": "/chat", "dialect": "openai.chats" },
    { "path": "/chat" },
    { "path": "/chat", "action": "pass", "dialect": "openai.chat" },
    { "dialect": "openai.chat", "action": "drop" }
  ],
  "extra": true
}
EOP

s/KEY/$key/g for @wrong;

$t->write_file('wrong.json', join "\n", @wrong, '');
$ran = tool('', 'check', "$dir/wrong.json");

is($ran->{exit}, 1, 'wrong, exit code');
is($ran->{out}, '', 'wrong, no output');

my @expected = split /\n/, <<'EOP' =~ s/\\\n +//gr;
2:14: /version: must be 1, the only version of the format
3:19: /default_tier: tier "fre" is not defined; did you mean "free"?
4:18: /unknown_key: unknown value "refuse"; expected one of "default", "reject"
8:9: /tiers/free/parameters/temprature: unknown parameter "temprature"; \
    did you mean "temperature"?
9:33: /tiers/free/parameters/temperature/min: min 1.5 is greater than max 1
9:59: /tiers/free/parameters/temperature/default: default 2 is greater than \
    max 1
10:35: /tiers/free/parameters/top_p/force: "top_p" takes a number, not a string
11:33: /tiers/free/parameters/top_k/max: must be at least 1: some upstreams \
    read "top_k" below 1 as no limit
12:37: /tiers/free/parameters/max_tokens/default: default 2000 is greater than \
    max 1024
13:33: /tiers/free/parameters/n/max: "n" takes a whole number
14:36: /tiers/free/parameters/seed/remove: "remove" excludes "force"; use one \
    of them
15:33: /tiers/free/parameters/stop/min: "min" is for numbers, but "stop" takes \
    a string or an array
16:34: /tiers/free/parameters/logprobs/deny: must be true, or absent
17:42: /tiers/free/parameters/min_p/on_violation: "on_violation" requires \
    "min" or "max"
18:9: /tiers/free/parameters/n_predict: unknown parameter "n_predict"; \
    use "max_tokens", which includes it
19:42: /tiers/free/parameters/stream/allow/1: this value is already in the list
20:55: /tiers/free/parameters/verbosity/default: must be one of the values \
    of "allow"
21:35: /tiers/free/parameters/store/allow: must have at least one value
22:9: /tiers/free/parameters/user: unknown parameter "user"; for a member of \
    the body write a JSON Pointer, "/user"
23:9: /tiers/free/parameters/~1a~1~1b: a JSON Pointer must have a name after \
    each "/"
24:9: /tiers/free/parameters/~1a~0b: "~" in a JSON Pointer must be written \
    "~0" ("~1" is a "/")
26:7: /tiers/free/modles: unknown member "modles"; did you mean "models"?
28:12: /tiers/pro: must be an object, not an array
31:17: /models/0/match/0: pattern does not compile: missing terminating ] for \
    character class at offset 7
32:5: /models/1: required member "parameters" or "price" is missing
32:16: /models/1/match: must have at least one pattern
35:23: /tenants/acme/tier: tier "pr" is not defined; did you mean "pro"?
35:38: /tenants/acme/keys/0: must be "sha256:" and 64 hex digits, as \
    "llm-policy hash-key" prints them
36:115: /tenants/lab/keys/1: this API key is already listed for tenant "lab"
39:15: /routes/0/path: must start with "/", or with "~" if it is a regular \
    expression
40:35: /routes/1/dialect: unknown dialect "openai.chats"; did you mean \
    "openai.chat"?
41:5: /routes/2: must have "dialect" or "action"
42:34: /routes/3/action: "action" excludes "dialect"; use one of them
43:5: /routes/4: required member "path" is missing
43:43: /routes/4/action: "action" excludes "dialect"; use one of them
43:43: /routes/4/action: unknown value "drop"; expected one of "pass", "reject"
45:3: /extra: unknown member "extra"; expected one of "$schema", "version", \
    "default_tier", "unknown_key", "unknown_members", "tiers", "models", \
    "tenants", "routes", "include", "parameters", "limits", "weights", \
    "utc_offset"
EOP

is($ran->{err}, join('', map { "$dir/wrong.json:$_\n" } @expected),
    'wrong, every error');

# nginx loads the same document.

my $conf = <<'EOC';
%%GLOBALS%%
load_module %%MODULE%%;
events {}
http {
    %%GLOBALS_HTTP%%
    llm_policy_file FILE;
}
EOC

my $says = $t->config_errors($conf =~ s/FILE/wrong.json/r);
my @emerg = $says =~ m{\[emerg\] \S+ \Q$dir\E/wrong\.json:(.*) in \Q$dir\E/}g;

is_deeply(\@emerg, \@expected, 'nginx reports the same');
is($t->config_errors($conf =~ s/FILE/right.json/r), '', 'nginx accepts it');

# A document that hardly means what it says has warnings, and is valid.

my @doubtful = split /\n/, <<'EOP';
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "top_p":       { "max": 95 },
        "temperature": { "min": -1, "max": 9 },
        "top_logprobs": { "max": 21 },
        "max_tokens":  { "max": 1024 },
        "n":           { "default": 2 }
      },
      "models": {
        "allow": ["gpt-4*", "gpt-4", "~^gpt-4.*", "meta/llama-3:8b@v1_x+y"],
        "deny": ["~^gpt-4*", "^o3", "~^a\\*b[0-9]*(c)*$"]
      },
      "limits": { "tokens_per_minute": 2048, "tokens_per_day": 2049 }
    },
    "pro": {
      "parameters": { "max_tokens": { "force": 512 } },
      "limits": { "tokens_per_minute": 600 }
    }
  },
  "models": [
    { "match": ["~^gpt-5"], "parameters": { "top_p": { "remove": true } } },
    { "match": ["gpt-5", "~^gpt-5-mini"],
      "parameters": { "top_p": { "max": 1 }, "seed": { "deny": true } } },
    { "match": ["gpt-5", "o3"], "parameters": { "top_p": { "max": 0.5 } } },
    { "match": ["~^gpt-5?-mini"], "parameters": { "top_p": { "max": 2 } } },
    { "match": ["o3"], "parameters": { "top_p": { "max": 0.4 } } },
    { "match": ["o3"], "parameters": { "/a/b": { "remove": true } } },
    { "match": ["o3"], "parameters": { "/a/b": { "deny": true } } }
  ],
  "tenants": {
    "acme": { "tier": "pro", "keys": [], "limits": { "tokens_per_day": 512 } },
    "lab":  { "tier": "pro", "keys": [] }
  },
  "routes": [
    { "path": "/v1/*", "dialect": "openai.chat" },
    { "path": "~^/v2/*", "dialect": "openai.chat" },
    { "path": "/v1/a(b)[c]", "dialect": "openai.chat" }
  ]
}
EOP

$t->write_file('doubtful.json', join "\n", @doubtful, '');
$ran = tool('', 'check', "$dir/doubtful.json");

my @warnings = split /\n/, <<'EOP' =~ s/\\\n +//gr;
7:33: /tiers/free/parameters/top_p/max: warning: no API accepts "top_p" above \
    1: this bound changes nothing
8:33: /tiers/free/parameters/temperature/min: warning: no API accepts \
    "temperature" below 0: this bound changes nothing
9:34: /tiers/free/parameters/top_logprobs/max: warning: no API accepts \
    "top_logprobs" above 20: this bound changes nothing
14:19: /tiers/free/models/allow/0: warning: this is no pattern, but a name \
    with "*"; a regular expression begins with "~", as "~^gpt-4"
15:18: /tiers/free/models/deny/0: warning: "*" repeats the "4" before it; any \
    text is ".*"
15:30: /tiers/free/models/deny/1: warning: this is no pattern, but a name with \
    "^"; a regular expression begins with "~", as "~^"
17:40: /tiers/free/limits/tokens_per_minute: warning: a request without \
    max_tokens reserves 2048 tokens and its prompt, so that it is always refused
27:32: /models/1/parameters/top_p: warning: this rule never holds: earlier \
    entries have one of "top_p" for all of these models, and the first one wins
29:69: /models/3/parameters/top_p/max: warning: no API accepts "top_p" above \
    1: this bound changes nothing
30:49: /models/4/parameters/top_p: warning: this rule never holds: earlier \
    entries have one of "top_p" for all of these models, and the first one wins
32:48: /models/6/parameters/~1a~1b: warning: this rule never holds: earlier \
    entries have one of "/a/b" for all of these models, and the first one wins
35:72: /tenants/acme/limits/tokens_per_day: warning: a request without \
    max_tokens reserves 512 tokens and its prompt, so that it is always refused
39:15: /routes/0/path: warning: this is no pattern, but a name with "*"; a \
    regular expression begins with "~", as "~^/v1/"
40:15: /routes/1/path: warning: "*" repeats the "/" before it; any text is ".*"
EOP

is($ran->{err}, join('', map { "$dir/doubtful.json:$_\n" } @warnings),
    'doubtful, every warning');
is($ran->{out}, "$dir/doubtful.json is valid (tiers: 2, models: 7, "
    . "tenants: 2, keys: 0, routes: 3)\n", 'doubtful, but valid');
is($ran->{exit}, 0, 'doubtful, exit code');
is(tool('{}', 'explain', "$dir/doubtful.json", '--path', '/v1/responses')
    ->{err}, '', 'only "check" prints warnings');

$t->config_errors($conf =~ s/FILE/doubtful.json/r);

my @warned = $t->read_file('check')
    =~ m{\[warn\] \S+ \Q$dir\E/doubtful\.json:(.*) in \Q$dir\E/}g;

is_deeply(\@warned, \@warnings, 'nginx warns of the same');

# What no API accepts: the value that is written is brought into the range.

my %beyond = (
    '"top_p": { "min": 95 }' => 'no API accepts "top_p" above 1',
    '"top_p": { "force": 95 }' => 'no API accepts "top_p" above 1',
    '"top_p": { "default": 1.01 }' => 'no API accepts "top_p" above 1',
    '"temperature": { "max": -0.1 }' => 'no API accepts "temperature" below 0',
    '"min_p": { "allow": [0.5, 5] }' => 'no API accepts "min_p" above 1',
);

for my $rule (sort keys %beyond) {
    $t->write_file('beyond.json', '{"version":1,"default_tier":"t","tiers":'
        . qq({"t":{"parameters":{$rule}}}}));

    my $ran = tool('', 'check', "$dir/beyond.json");

    is($ran->{exit}, 0, "$rule: valid");
    like($ran->{err}, qr{: warning: \Q$beyond{$rule}\E\n\z}, $rule);
}

# A text that is not JSON has one error.

my %broken = (
    qq({\n  "version": 1,\n}) =>
        '3:1: : a comma must not precede a closing bracket',
    qq({"version": 1\n "tiers": 2}) => "2:2: : '}' expected",
    qq({"version": 1, "version": 1}) =>
        '1:16: : the object already has a member of this name',
    "// policy\n{}" => '1:1: : invalid token',
    '' => '1:1: : the document is empty',
    qq({"a":"\xff"}) => '1:7: : the document must be UTF-8',
    '[]' => '1:1: : must be an object, not an array',
);

for my $text (sort keys %broken) {
    $t->write_file('broken.json', $text);
    my $ran = tool('', 'check', "$dir/broken.json");

    is("$ran->{exit} $ran->{err}", "1 $dir/broken.json:$broken{$text}\n",
        $text =~ s/[^ -~]/?/gr);
}

# Ten thousand tenants: well under a second of CPU time, or a few seconds with a
# sanitizer.

my $tenants = join ',', map { sprintf '"t%d":{"tier":"t","keys":["sha256:%064x"'
    . '],"limits":{"requests_per_minute":%d}}', $_, $_ * 7919, $_ } 1 .. 10_000;

$t->write_file('many.json', qq({"version":1,"default_tier":"t",)
    . qq("tiers":{"t":{}},"tenants":{$tenants}}));

my $start = cpu_time();
my $many = tool('', 'check', "$dir/many.json");

like($many->{out}, qr/tenants: 10000, keys: 10000/, 'many tenants');
cmp_ok(cpu_time() - $start, '<', $ENV{TEST_NGINX_PRELOAD} ? 5 : 0.7,
    'many tenants: CPU time');

# Files that are not documents, and commands that do not exist.

is_deeply(tool('', 'check', "$dir/none.json"), { exit => 1, out => '',
    err => "llm-policy: $dir/none.json: No such file or directory\n" },
    'no such file');
is_deeply(tool('', 'check', $dir), { exit => 1, out => '',
    err => "llm-policy: $dir: Is a directory\n" }, 'a folder');

for my $arguments ([], [ 'check' ], [ 'check', 'a', 'b' ], [ 'chek', 'a' ],
    [ '--help' ])
{
    my $ran = tool('', @$arguments);

    is("$ran->{exit}$ran->{out}", '1', "usage: @$arguments");
    like($ran->{err}, qr/^usage: llm-policy check FILE\n/,
        "usage: @$arguments, shown");
}

$t->leave;
done_testing();

# Returns the CPU time of the programs that have ended, in seconds.

sub cpu_time {
    my (undef, undef, $user, $system) = times;

    return $user + $system;
}
