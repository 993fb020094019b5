#!/usr/bin/perl

# Names that differ only in case, inside an object whose only reader compares
# names exactly: metadata of compatible.chat.  llm-policy explain agrees.

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

my $ambiguous = '400 ambiguous_member';

write_policy('');

$t->run(decision_conf());

passes($_) for '{"userId":"1","userid":"2"}', '{"Enable_Thinking":"1"}',
    '{"User":"1","user":"2"}';

refused('{"enable_thinking":"1"}', '400 undermines_policy');
refused('{"enable_thinkin\u0067":"1"}', $ambiguous);
refused('{"a":"1","a":"2"}', '400 duplicate_member');

# A rule of the policy into the object may be for another reader.

write_policy(', "/metadata/user": { "deny": true }');

ok($t->reload, 'a rule into the object');

refused('{"userId":"1","userid":"2"}', $ambiguous);
refused('{"User":"1"}', $ambiguous);

$t->done;

sub write_policy {
    my ($rules) = @_;

    $t->write_file('policy.json',
        tiers(qq("reasoning_effort": { "max": "low" }$rules))
        =~ s/\}\s*\z/, "routes": [ { "path": "\/c",
            "dialect": "compatible.chat" } ] }/r);
}

sub request {
    my ($metadata) = @_;

    return { path => '/c', tier => 0,
        body => qq({"metadata":$metadata,"reasoning_effort":"low"}) };
}

sub passes {
    my ($metadata) = @_;
    my $request = request($metadata);

    is(LLMPolicy::Decision::nginx_says($t, $request)->{body}, $request->{body},
        "$metadata, nginx");
    is(LLMPolicy::Decision::tool_says($t, $request)->{body}, $request->{body},
        "$metadata, explain");
}

sub refused {
    my ($metadata, $refusal) = @_;

    is(verdict($t->post('/c', request($metadata)->{body}, 'X-Tier' => 0)),
        $refusal, "$metadata, refused");
}
