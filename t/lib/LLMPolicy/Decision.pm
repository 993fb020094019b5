package LLMPolicy::Decision;

# Decisions on a request, by nginx and by llm-policy explain, which must agree.
#
#   $t->run(decision_conf());
#
#   decided($t, 'clamped', {
#       path => '/v1/messages', tier => 'free', body => '{"temperature":2}',
#   }, {
#       status => 'modified', dialect => 'anthropic.messages', model => '',
#       refused => '', body => '{"temperature":1}',
#   });
#
# The upstream responds with the body that it received (echo), so "body" is the
# forwarded body, or the document of a refusal.  The header fields of a request,
# the server of the test (port), and the policy's file are optional.
#
# decision_conf() returns the nginx.conf: that of gateway(), with the tier of
# X-Tier, one upstream, and further directives of http.  A test that needs more
# has decision_fields() in its own.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();
use Test::More ();

use LLMPolicy::Conf;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

our @EXPORT = qw(decided decision_conf decision_fields refusal);

my $json = JSON::PP->new->allow_nonref;

# types of errors by status: OpenAI and Anthropic, Google

my %type = (
    400 => [ 'invalid_request_error', 'INVALID_ARGUMENT' ],
    401 => [ 'authentication_error', 'UNAUTHENTICATED' ],
    403 => [ 'permission_error', 'PERMISSION_DENIED' ],
    415 => [ 'invalid_request_error', 'INVALID_ARGUMENT' ],
);

sub decision_conf {
    my ($http) = @_;

    return gateway(http => decision_fields() . ($http // ''),
        server => <<'EOC');

    llm_policy_tier $http_x_tier;

    location / {
        proxy_pass http://%%UPSTREAM%%;
    }

EOC
}

# Directives by which nginx reports its decision.

sub decision_fields {
    return <<'EOC';
    add_header X-Status $llm_status always;
    add_header X-Dialect $llm_dialect always;
    add_header X-Model $llm_model always;
    add_header X-Reason $llm_reason always;
EOC
}

# Returns the document of a refusal in the shape of an API.

sub refusal {
    my ($shape, $status, $code, $param, $message) = @_;
    my ($type, $google) = @{ $type{$status} };

    $_ = $json->encode($_) for $message, $param;

    return qq({"error":{"message":$message,"type":"$type","param":$param,)
        . qq("code":"$code"}}) if $shape eq 'openai';

    return qq({"type":"error","error":{"type":"$type","message":$message}})
        if $shape eq 'anthropic';

    return qq({"error":{"code":$status,"message":$message,)
        . qq("status":"$google"}}) if $shape eq 'google';

    return qq({"error":$message}) if $shape eq 'ollama';
    return qq({"message":$message}) if $shape eq 'message';

    die "no shape $shape\n";
}

# Asserts that both decide as expected.

sub decided {
    my ($t, $name, $request, $expected) = @_;

    # a failed assertion reports the line of the caller
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Test::More::is_deeply(nginx_says($t, $request), $expected, $name);
    Test::More::is_deeply(tool_says($t, $request), $expected,
        "$name, explained");
}

sub nginx_says {
    my ($t, $request) = @_;
    my $fields = $request->{fields} // {};

    my $r = post_to($t, $request->{port} // 0, $request->{path},
        $request->{body}, 'X-Tier' => $request->{tier}, %$fields);

    my %said = map { $_ => $r->header("X-$_") // '' }
        qw(status dialect model reason);

    return {
        %said{qw(status dialect model)}, body => $r->{body},
        refused => $r->{status} == 200 ? '' : "$r->{status} $said{reason}",
    };
}

sub tool_says {
    my ($t, $request) = @_;
    my $fields = $request->{fields} // {};

    my $ran = tool($request->{body}, 'explain',
        $t->testdir . '/' . ($request->{file} // 'policy.json'),
        '--path', $request->{path}, '--tier', $request->{tier},
        map { ('--header', "$_: $fields->{$_}") } sort keys %$fields);

    # the head; the parameters, unless refused; the body
    my ($head, $rest) = split /\n\n/, $ran->{out}, 2;
    my %said = ($head // '') =~ /^(\w+) +(.*)$/mg;

    $rest = (split /\n\n/, $rest, 2)[1] if defined $rest && !$said{refused};

    return {
        map({ $_ => $said{$_} // '' } qw(status dialect model refused)),
        body => ($rest // $ran->{err}) =~ s/(?<!\r)\n\z//r,
    };
}

1;
