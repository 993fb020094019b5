#!/usr/bin/perl

# The JSON Schema for editors agrees with the loader: it accepts every document
# that the loader accepts, and refuses the errors that a schema can express.

use strict;
use warnings;

use File::Temp;
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Schema;

my $top = "$FindBin::Bin/../../..";
my $tool = ($ENV{BUILD} // 'build') . '/llm-policy';
$tool = "$top/$tool" if $tool !~ m{^/};

my $dir = File::Temp->newdir;
my $schema = LLMPolicy::Schema->new(decode_json(slurp(
    "$top/conf/llm-policy.schema.json")));

sub slurp {
    my ($name) = @_;

    open my $file, '<', $name or die "$name: $!\n";
    local $/;

    return <$file>;
}

sub write_part {
    my ($text) = @_;

    open my $file, '>', "$dir/part.part" or die "$dir/part.part: $!\n";
    print $file $text;
    close $file or die "$dir/part.part: $!\n";
}

# Shipped documents include the models.

{
    open my $file, '>', "$dir/models.json" or die "$dir/models.json: $!\n";
    print $file slurp("$top/conf/models.json");
    close $file or die "$dir/models.json: $!\n";
}

# Returns the loader's errors.

sub check {
    my ($text) = @_;

    open my $file, '>', "$dir/policy.json" or die "$dir/policy.json: $!\n";
    print $file $text;
    close $file or die "$dir/policy.json: $!\n";

    my $says = `$tool check $dir/policy.json 2>&1`;
    die "$tool: $says\n" if $? & 127 || $? >> 8 > 1;

    return ($? == 0, $says);
}

sub rules {
    my ($rules) = @_;

    return qq({"version":1,"default_tier":"t",)
           . qq("tiers":{"t":{"parameters":{$rules}}}});
}

sub top {
    my ($members) = @_;

    return qq({"version":1,"default_tier":"t","tiers":{"t":{}},$members});
}

sub including {
    my ($members) = @_;

    return qq({"version":1,"default_tier":"t","include":["part.part"]$members});
}

sub limits {
    my ($limits) = @_;

    return top(qq("tenants":{"a":{"tier":"t","keys":[],)
        . qq("limits":{$limits}}}));
}

sub list {
    my ($objects) = @_;

    return qq({"version":1,"default_tier":"t",)
           . qq("tiers":{"t":{"limits":[$objects]},"u":{}}});
}

sub costs {
    my ($limits) = @_;

    return qq({"version":1,"default_tier":"t",)
           . qq("tiers":{"t":{"limits":{$limits}}},)
           . qq("models":[{"match":["~"],"price":{"input":1,"output":1}}]});
}

sub priced {
    my ($price) = @_;

    return top(qq("models":[{"match":["a"],"price":{$price}}]));
}

sub prompt {
    my ($limits) = @_;

    return qq({"version":1,"default_tier":"t",)
           . qq("tiers":{"t":{"prompt":{$limits}}}});
}

sub keys_of {
    my ($keys) = @_;

    return top(qq("tenants":{"a":{"tier":"t","keys":[$keys]}}));
}

write_part('{"tiers":{"t":{}}}');

my $key = '"sha256:' . 'A0' x 32 . '"';

# both accept

my @right = (
    (map { slurp($_) =~ s{"\.\./models\.json", }{}r }
        grep { !/schema|grafana|models/ }
        glob("$top/conf/*.json"), glob "$top/conf/*/*.json"),
    rules(''),
    rules('"temperature":{"min":0,"max":1.5,"default":1,'
          . '"on_violation":"reject"}'),
    rules('"n":{"require":true,"max":1.0},"seed":{"force":-1}'),
    rules('"top_k":{"min":0,"max":40},"max_tokens":{"default":-1}'),
    rules('"stop":{"default":["a"]},"logit_bias":{"force":{"1":-100}}'),
    rules('"stream":{"allow":[true]},"store":{"remove":true}'),
    rules('"logprobs":{"max":5,"default":1},"verbosity":{"deny":true}'),
    rules('"reasoning_effort":{"allow":["low"],"default":"low"}'),
    rules('"reasoning_effort":{"min":"low","max":"max","default":"high"}'),
    rules('"verbosity":{"max":"medium","on_violation":"reject"}'),
    rules('"thinking_budget":{"min":0,"max":0,"default":0}'),
    rules('"thinking_budget":{"force":-1}'),
    rules('"/a/b~1~0/0":{"force":null},"/x":{"allow":[1,"1",true]}'),
    rules('"/a":{"force_from":"$x"},"/b":{"default_from":"a-${x}_$y_1.${z}"}'),
    rules('"/a":{"default_from":"$llm_tenant","allow":["a","b"]}'),
    top('"$schema":"x","unknown_key":"default","models":[],"routes":[]'),
    top('"models":[{"match":["~*^a"],"parameters":{"n":{}}}]'),
    top('"models":[{"name":"a","match":["b"],"parameters":{},"source":["c"]}]'),
    rules('"max_tokens":{"as":"max_completion_tokens","max":9}'),
    rules('"temperature":{"takes":[1],"not_beside":["top_p"],"force":1}'),
    rules('"reasoning_effort":{"takes":[],"allow":["low"]}'),
    top(qq("tenants":{"a":{"tier":"t","keys":[$key]},"b":{"tier":"t"}})),
    top('"tenants":{"a":{"tier":"t","parameters":{"n":{"max":1},"/x":{}},'
        . '"models":{"allow":["~^a"],"deny":[]}}}'),
    top('"models":[{"match":["a"],"parameters":{},"tiers":["t"]}]'),
    (map { keys_of(qq({"hash":$key$_})) } '', ',"name":"C i/\u00e4"',
        ',"blocked":true',
        ',"blocked":false,"not_after":"2027-01-31T00:00:00Z"',
        ',"not_after":"9999-12-31t23:59:59.25-23:59"'),
    top('"tenants":{"A b/\u00e4 (c)":{"tier":"t","keys":[]}}'),
    limits('"requests_per_minute":1,"tokens_per_minute":2.0'),
    limits('"tokens_per_day":1e12,"concurrent_requests":1'),
    (map { list(qq({"requests_per_day":1$_})) } '', ',"by":[]',
        ',"by":["model","key","caller"]', ',"models":["~^a","b"]',
        ',"warn_at":1', ',"warn_at":0.001', ',"over":{"tier":"u"}',
        ',"by":["key"],"models":["~"],"warn_at":0.8,"over":{"tier":"u"}'),
    list(join(',', ('{"requests_per_day":1}') x 16)),
    list('{"concurrent_requests":1},{"concurrent_requests":1,"tokens_per_day":1'
        . ',"over":{"tier":"u"}}'),
    (map { costs(qq("cost_per_month":$_)) } '0.000001', 20, '0.35', 1000000),
    top('"limits":{"input_tokens_per_week":1,"by":[]}'),
    top('"limits":[{"output_tokens_per_hour":1}]'),
    keys_of(qq({"hash":$key,"limits":{"requests_per_hour":1}})),
    keys_of(qq({"hash":$key,"limits":[{"requests_per_hour":1,"by":[]}]})),
    (map { priced($_) } '"input":0,"output":0',
        '"input":1.25,"cached_input":0.125,"cache_write":1.5625,"output":10,'
        . '"request":0.000001',
        '"input":1000000,"output":1000000,"request":1000000'),
    (map { top(qq("weights":{$_})) } '', '"input":0,"cached_input":0.001',
        '"output":1000,"reasoning":0'),
    (map { top(qq("utc_offset":"$_")) } '+00:00', '-14:00', '+05:45'),
    top('"models":[{"match":["~"],"parameters":{}}]'),
    prompt(''), prompt('"max_bytes":1,"max_tokens":2.0,"max_messages":1e12'),
    top('"routes":[{"path":"/a","action":"pass","encoded":true}]'),
    top('"routes":[{"path":"/a","action":"pass"},'
        . '{"path":"~b","dialect":"openai.chat"}]'),
    top('"parameters":{"n":{"max":1},"/x":{"max":1}}'),
    '{"version":1,"default_tier":"t","tiers":{"t":{"extends":"u"},"u":{}}}',
    top('"include":[]'), top('"include":["none/*.json"]'),
    including(''), including(',"tiers":{}'), including(',"tiers":{"u":{}}'),
);

# neither does

my @wrong = (
    '[]', '{}', top('"x":1'), top('"unknown_key":"no"'),
    '{"version":2,"default_tier":"t","tiers":{"t":{}}}',
    '{"version":1,"default_tier":"t","tiers":{}}',
    '{"version":1,"default_tier":"t","tiers":{"t":1}}',
    '{"version":1,"default_tier":"","tiers":{"":{}}}',
    rules('"temprature":{}'), rules('"temperature":1'),
    rules('"temperature":{"maximum":1}'), rules('"temperature":{"max":"1"}'),
    rules('"temperature":{"default":null}'), rules('"n":{"max":0.5}'),
    rules('"n":{"allow":[]}'), rules('"n":{"allow":[1,1]}'),
    rules('"n":{"allow":["1"]}'), rules('"/x":{"allow":[null]}'),
    rules('"max_tokens":{"max":0}'), rules('"top_k":{"max":9,"default":0}'),
    rules('"stop":{"max":1}'), rules('"stream":{"force":1}'),
    rules('"verbosity":{"min":1}'), rules('"verbosity":{"max":"xhigh"}'),
    rules('"verbosity":{"max":"low","default":"loud"}'),
    rules('"reasoning_effort":{"max":"ultra"}'),
    rules('"thinking_budget":{"max":-1}'),
    rules('"thinking_budget":{"max":9,"default":-1}'),
    rules('"thinking_budget":{"max":"low"}'), rules('"/x":{"max":"low"}'),
    rules('"service_tier":{"max":"low"}'), rules('"logit_bias":{"allow":[1]}'),
    rules('"logprobs":{"max":5,"default":true}'),
    rules('"n":{"remove":false}'), rules('"n":{"on_violation":"clamp"}'),
    rules('"n":{"max":1,"on_violation":"no"}'),
    map({ rules(qq("/a":{"force_from":$_})) }
        1, '""', '"x"', '"$"', '"$1"', '"${x"', '"$x$"', '"${}"', '["$x"]'),
    rules('"n":{"force_from":"$x"}'), rules('"stop":{"default_from":"$x"}'),
    rules('"reasoning_effort":{"force_from":"$x"}'),
    rules('"stream":{"default_from":"$x"}'),
    rules('"seed":{"force_from":"$x"}'),
    rules('"logit_bias":{"force_from":"$x"}'),
    rules('"service_tier":{"force_from":"$x"}'),
    rules('"thinking_budget":{"force_from":"$x"}'),
    rules('"logprobs":{"force_from":"$x"}'),
    rules('"/":{}'), rules('"/a//b":{}'), rules('"/a~2":{}'),
    rules('"/a/b/c/d/e/f/g/h/i":{}'),
    top('"models":[{"match":[],"parameters":{}}]'),
    top('"models":[{"match":["~*"],"parameters":{}}]'),
    top('"models":[{"name":"","match":["b"],"parameters":{}}]'),
    top('"models":[{"name":"a b","match":["b"],"parameters":{}}]'),
    top('"models":[{"match":["b"],"parameters":{},"source":"c"}]'),
    rules('"max_tokens":{"as":1}'), rules('"/x":{"takes":[1]}'),
    rules('"n":{"takes":["1"]}'), rules('"n":{"takes":1}'),
    rules('"top_p":{"not_beside":[1]}'),
    top('"models":[{"match":["a"]}]'), top('"models":[{"parameters":{}}]'),
    map({ top(qq("tenants":{"$_":{"tier":"t","keys":[]}})) }
        '', ' ', 'a ', ' a', 'a\r\nb', 'a\u007f', '\u0085a'),
    top('"tenants":{"a":{"tier":"t","parameters":[]}}'),
    top('"tenants":{"a":{"tier":"t","parameters":{"max_tokens":{"max":0}}}}'),
    top('"tenants":{"a":{"tier":"t","models":["a"]}}'),
    top('"tenants":{"a":{"tier":"t","models":{"only":["a"]}}}'),
    top('"tenants":{"a":{"tier":"t","unknown_members":"pass"}}'),
    top('"models":[{"match":["a"],"parameters":{},"tiers":[]}]'),
    top('"models":[{"match":["a"],"parameters":{},"tiers":"t"}]'),
    top('"models":[{"match":["a"],"parameters":{},"tiers":["t","t"]}]'),
    top('"models":[{"match":["a"],"parameters":{},"tiers":[1]}]'),
    top('"tenants":{"a":{}}'), top('"tenants":{"a":{"keys":[]}}'),
    top('"tenants":{"a":{"tier":"t","keys":["x"]}}'),
    top(qq("tenants":{"a":{"tier":"t","keys":[$key,$key]}})),
    (map { keys_of(qq({"hash":$key,$_})) } '"name":""', '"name":" a"',
        '"name":1', '"blocked":1', '"not_after":1801353600', '"limit":1',
        map { qq("not_after":"$_") } '', '2027-01-31', '2027-13-31T00:00:00Z',
        '2027-01-32T00:00:00Z', '2027-01-31T24:00:00Z', '2027-01-31 00:00:00Z',
        '2026-12-31T23:59:60Z', '2027-01-31T00:00:00', '2027-01-31T00:00:00+1',
        '2027-01-31T00:00:00+24:00', '2027-01-31T00:00:00.Z'),
    keys_of('{}'), keys_of('{"name":"a"}'), keys_of('{"hash":"x"}'),
    keys_of('null'),
    limits('"requests_per_minute":0'), limits('"tokens_per_day":1.5'),
    limits('"tokens_per_day":1000000000001'), limits('"requests":1'),
    limits('"concurrent_requests":"1"'), limits('"tokens_per_minute":null'),
    limits(''), limits('"by":[],"warn_at":0.5'), list(''), list('[]'),
    list(join(',', ('{"requests_per_day":1}') x 17)),
    (map { list(qq({"requests_per_day":1,$_})) } '"by":"key"', '"by":[1]',
        '"by":["tenant"]', '"by":["key","key"]', '"models":[]',
        '"models":"a"', '"models":["~*"]', '"warn_at":0', '"warn_at":1.001',
        '"warn_at":"1"', '"over":"u"', '"over":{}', '"over":{"tier":1}',
        '"over":{"tier":"u","x":1}', '"requests_per_year":1'),
    list('{"concurrent_requests":1,"over":{"tier":"u"}}'),
    (map { costs(qq("cost_per_month":$_)) } 0, -1, '1000000.1', '"1"'),
    keys_of(qq({"hash":$key,"limits":{}})),
    keys_of(qq({"hash":$key,"limits":[]})),
    top('"limits":{}'), top('"limits":1'), top('"limits":{"by":[]}'),
    (map { priced($_) } '', '"input":1', '"output":1', '"input":-1,"output":1',
        '"input":1,"output":1000001', '"input":"1","output":1',
        '"input":1,"output":1,"cached":1'),
    top('"models":[{"match":["a"],"price":1}]'),
    (map { top(qq("weights":{$_})) } '"input":-1', '"output":1001', '"cost":1',
        '"reasoning":"1"'),
    top('"weights":1'),
    (map { top(qq("utc_offset":$_)) } 2, '""', '"Z"', '"02:00"', '"+2:00"',
        '"+14:01"', '"+02:60"', '"+15:00"'),
    prompt('"max_bytes":0'), prompt('"max_tokens":1.5'), prompt('"max":1'),
    prompt('"max_messages":-1'), prompt('"max_messages":"1"'),
    prompt('"max_bytes":1000000000001'), prompt('"max_bytes":null'),
    top('"routes":[{"path":"/a"}]'), top('"routes":[{"action":"pass"}]'),
    top('"routes":[{"path":"a","action":"pass"}]'),
    top('"routes":[{"path":"/a","action":"no"}]'),
    top('"routes":[{"path":"/a","action":"pass","encoded":1}]'),
    top('"routes":[{"path":"/a","dialect":"no"}]'),
    top('"routes":[{"path":"/a","dialect":"openai.chat","action":"pass"}]'),
    top('"parameters":{"n":{"maximum":1}}'), top('"parameters":[]'),
    '{"version":1,"default_tier":"t","tiers":{"t":{"extends":""}}}',
    '{"version":1,"default_tier":"t","tiers":{"t":{"extends":1}}}',
    top('"include":"none/*.json"'), top('"include":[""]'),
    top('"include":[{}]'),
    top('"include":[' . join(',', ('"none/*"') x 1001) . ']'),
);

# parts

my @right_parts = (
    slurp("$top/conf/models.json"),
    '{}', '{"$schema":"x","version":1,"tiers":{"u":{}},"models":[],'
        . qq("tenants":{"a":{"tier":"t","keys":[$key]}},"routes":[]}),
    '{"tiers":{}}',
);

my @wrong_parts = (
    '[]', '{"version":2}', '{"x":1}', '{"default_tier":"t"}',
    '{"unknown_key":"default"}', '{"include":[]}', '{"parameters":{}}',
    '{"limits":{"requests_per_day":1}}', '{"weights":{}}',
    '{"utc_offset":"+00:00"}',
    '{"tiers":{"":{}}}',
    '{"tiers":{"u":1}}', '{"models":[{"match":["a"]}]}',
    '{"tenants":{"a":{"tier":"t","keys":["x"]}}}',
    '{"routes":[{"path":"/a"}]}',
);

# each pair of verbs that exclude each other

my %verbs = (
    force => 1, remove => 'true', deny => 'true', require => 'true',
    allow => '[1]', default => 1, min => 1, max => 1,
    force_from => '"$x"', default_from => '"$x"',
);

for my $one (sort keys %verbs) {
    for my $two (grep { $_ gt $one } sort keys %verbs) {
        my $document = rules(
            qq("/v":{"$one":$verbs{$one},"$two":$verbs{$two}}));

        push @{(check($document))[0] ? \@right : \@wrong}, $document;
    }
}

for my $document (@right) {
    my ($loads, $says) = check($document);

    ok($loads, 'loads') or diag($document, "\n", $says);
    ok($schema->accepts(decode_json($document)), 'valid') or diag($document);
}

for my $document (@wrong) {
    ok(!(check($document))[0], 'does not load') or diag($document);
    ok(!$schema->accepts(decode_json($document)), 'not valid')
        or diag($document);
}

# the schema of parts refers to the other one

my $definitions = $schema->{root}{definitions};
my $of_parts = decode_json(slurp("$top/conf/llm-policy-part.schema.json"));

is_deeply($of_parts->{allOf},
          [ { '$ref' => 'llm-policy.schema.json#/definitions/part' } ],
          'schema of parts');

my $including = qq({"version":1,"default_tier":"t","tiers":{"t":{}},)
                . qq("include":["part.part"]});

for my $right (1, 0) {
    for my $part ($right ? @right_parts : @wrong_parts) {
        write_part($part);
        my ($loads, $says) = check($including);

        is($loads ? 1 : 0, $right, "part: $part") or diag($says);
        is($schema->accepts(decode_json($part), $definitions->{part}) ? 1 : 0,
           $right, "schema: $part");
    }
}

# the schema and the loader know the same names

my ($table) = slurp("$top/src/core/dialect/llmp_param.c")
              =~ /\bllmp_params\[LLMP_PARAM_MAX\] = \{(.*?)\n\};/s;

is_deeply([ sort keys %{$definitions->{parameters}{properties}} ],
          [ sort $table =~ /llmp_string\("(\w+)"\)/g ], 'parameters');

my $says = (check(top('"routes":[{"path":"/","dialect":"?"}]')))[1];

my ($limits) = slurp("$top/src/core/policy/llmp_limits.c")
               =~ /\bllmp_limits_names\[LLMP_LIMIT_MAX\] = \{(.*?)\n\};/s;

is_deeply([ sort keys %{$definitions->{limitsObject}{properties}} ],
          [ sort 'by', 'models', 'warn_at', 'over', $limits =~ /"(\w+)"/g ],
          'limits');

is_deeply([ @{$definitions->{route}{properties}{dialect}{enum}} ],
          [ $says =~ /"([\w.]+)"/g ], 'dialects');

done_testing();
