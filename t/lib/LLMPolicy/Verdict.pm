package LLMPolicy::Verdict;

# The result of a request, as one string to compare.
#
#   my $up = $t->upstream(1, \&echo);
#
#   is(verdict($t->post('/v1/chat/completions', '{"temperature":1.9}')),
#       '{"temperature":1}', 'clamped');
#   is(verdict($t->post('/v1/chat/completions', '{"temperature":"1.9"}')),
#       '400 invalid_type', 'refused');

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();

use LLMPolicy::Upstream;

our @EXPORT = qw(echo verdict message post_to tiers);

# A handler for upstreams that responds with the received body, without padding.

sub echo {
    my ($request) = @_;

    return { body => LLMPolicy::Upstream::unpadded($request)->{body} };
}

# Returns the body at the upstream; for a refused request the status and the
# code, or "nginx" if the response is one of nginx's own pages.

sub verdict {
    my ($response) = @_;

    return 'no response' if !$response;
    return $response->{body} if $response->{status} == 200;

    return "$response->{status} " . (error($response)->{code} // 'nginx');
}

# Returns the message of a refusal.

sub message {
    my ($response) = @_;

    return error($response)->{message};
}

# Sends a POST to the server on the n-th port of a test.

sub post_to {
    my ($t, $n, $uri, $body, %options) = @_;
    my $client = $t->client($n);

    $client->request('POST', $uri, $body, Connection => 'close', %options);

    return $client->response;
}

# Returns a policy document with a tier for each set of rules: "0", "1", ...

sub tiers {
    my (@rules) = @_;

    return '{ "version": 1, "default_tier": "0", "tiers": {'
        . join(",\n", map { qq("$_": { "parameters": { $rules[$_] } }) }
            0 .. $#rules)
        . '} }';
}

sub error {
    my ($response) = @_;
    my $answer = eval { JSON::PP::decode_json($response->{body}) } // {};

    return $answer->{error} // {};
}

1;
