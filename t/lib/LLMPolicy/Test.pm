package LLMPolicy::Test;

# An nginx for one test, with its clients and upstreams.
#
#   my $t = LLMPolicy::Test->new;
#   my $up = $t->upstream;
#
#   $t->write_file('policy.json', '{ ... }');
#   $t->run(<<'EOC');
#   %%GLOBALS%%
#   load_module %%MODULE%%;
#   events {}
#   http {
#       %%GLOBALS_HTTP%%
#       server {
#           listen 127.0.0.1:%%PORT_0%%;
#           llm_policy on;
#           llm_policy_file policy.json;
#           location / { proxy_pass http://%%UPSTREAM%%; }
#       }
#   }
#   EOC
#
#   my $r = $t->post('/v1/chat/completions', '{"temperature": 1.9}');
#   is($r->{status}, 200, 'answered');
#   is($up->last->{body}, '{"temperature": 1}', 'clamped');
#
#   $t->done;
#
# done() ends nginx and asserts that it exited by itself, that error.log has no
# alert, crit or emerg, and that no sanitizer reported.
#
# %%TESTDIR%%, %%PORT_n%% (n-th free port; PORT_0 is used by post() and the
# clients), %%UPSTREAM%%, %%UPSTREAM_n%% (addresses of upstream(n)), %%MODULE%%,
# %%MODULES%% (the folder of nginx's own modules), %%GLOBALS%% and
# %%GLOBALS_HTTP%% are replaced in each file that write_file() writes, including
# nginx.conf.
#
# Environment:
#
#   TEST_NGINX_BINARY        "nginx"
#   TEST_LLM_POLICY_MODULE   build/ngx_http_llm_policy_module.so
#   TEST_NGINX_STATIC        true: the module is a part of nginx, not loaded
#   TEST_NGINX_PRELOAD       sanitizer libraries that nginx is to preload
#   TEST_NGINX_DEBUG         true: error.log at level debug
#   TEST_NGINX_LEAVE         true: the test's folder is kept
#   TEST_STREAMING           true: bodies are decided on while they pass, unless
#                            a test's nginx.conf says otherwise
#   TEST_TIMEOUT             seconds that any wait takes at the most, 30

use strict;
use warnings;

use Cwd ();
use File::Basename qw(dirname);
use File::Path ();
use File::Temp ();
use IO::Socket::INET;
use JSON::PP ();
use POSIX qw(WNOHANG);
use Scalar::Util qw(weaken);
use Test::More ();
use Time::HiRes ();

use LLMPolicy::Client;
use LLMPolicy::FastCGI;
use LLMPolicy::HTTP2;
use LLMPolicy::Upstream;

use constant {
    FIRST_PORT => 10000, LAST_PORT => 29999,   # below the ephemeral ones
    UNWANTED => qr/\[(?:alert|crit|emerg)\]/,
};

my $root = Cwd::abs_path(dirname(__FILE__) . '/../../..');
my @running;

sub new {
    my ($class) = @_;

    my $self = bless {
        dir => File::Temp::tempdir('llm-policy-test-XXXXXX', TMPDIR => 1),
        owner => $$, ports => {}, upstreams => {}, excused => [],
    }, $class;

    chmod 0755, $self->{dir};

    $SIG{ALRM} = sub { die "the test takes too long\n" };
    alarm 10 * $LLMPolicy::Stream::TIMEOUT;

    push @running, $self;

    return $self;
}

sub testdir {
    my ($self) = @_;

    return $self->{dir};
}

# Returns the n-th port.  A bound UDP socket reserves it against parallel tests.

sub port {
    my ($self, $n) = @_;

    return $self->{ports}{$n}{port} if $self->{ports}{$n};

    for (1 .. 1000) {
        my $port = FIRST_PORT + int rand(LAST_PORT - FIRST_PORT);
        my %address = (LocalAddr => '127.0.0.1', LocalPort => $port);

        my $lock = IO::Socket::INET->new(%address, Proto => 'udp') or next;
        IO::Socket::INET->new(%address, Listen => 1, ReuseAddr => 1) or next;

        $self->{ports}{$n} = { port => $port, lock => $lock };
        return $port;
    }

    die "no free port\n";
}

# Returns the n-th recording upstream, which is started on the first call; the
# handler is that of LLMPolicy::Upstream.

sub upstream {
    my ($self, $n, $handler) = @_;

    return $self->_server('LLMPolicy::Upstream', $n // 1, $handler);
}

# Returns a FastCGI responder as the n-th upstream.

sub fastcgi {
    my ($self, $n, $handler) = @_;

    return $self->_server('LLMPolicy::FastCGI', $n // 1,
        $handler // sub { {} });
}

sub _server {
    my ($self, $class, $n, $handler) = @_;

    return $self->{upstreams}{$n} //= $class->new(
        '127.0.0.1:' . $self->port("upstream $n"), "$self->{dir}/upstream_$n",
        $handler)->start;
}

sub write_file {
    my ($self, $name, $content) = @_;

    open my $file, '>:raw', "$self->{dir}/$name"
        or die "cannot write $name: $!\n";
    print $file $self->expand($content);
    close $file or die "cannot write $name: $!\n";
}

sub read_file {
    my ($self, $name) = @_;

    return LLMPolicy::Upstream::slurp("$self->{dir}/$name");
}

sub expand {
    my ($self, $text) = @_;

    my $module = $ENV{TEST_LLM_POLICY_MODULE}
        // "$root/build/ngx_http_llm_policy_module.so";
    my $level = $ENV{TEST_NGINX_DEBUG} ? 'debug' : 'info';
    my $user = $> == 0 ? 'user root;' : '';

    my $http = join '', map { "${_}_temp_path $self->{dir}/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);

    $http .= streaming($text) if $ENV{TEST_STREAMING};
    $self->{streams} ||= "$text$http" =~ /^\s*llm_policy_streaming on;/m;

    $text =~ s/^\s*load_module %%MODULE%%;\n//m if $ENV{TEST_NGINX_STATIC};
    $text =~ s/%%GLOBALS%%/
        daemon off;
        $user
        pid %%TESTDIR%%\/nginx.pid;
        error_log %%TESTDIR%%\/error.log $level;
    /gx;
    $text =~ s/%%GLOBALS_HTTP%%/
        access_log %%TESTDIR%%\/access.log;
        $http
    /gx;
    $text =~ s/%%MODULE%%/Cwd::abs_path($module) || $module/ge;
    $text =~ s/%%MODULES%%/modules_path()/ge;
    $text =~ s/%%TESTDIR%%/$self->{dir}/g;
    $text =~ s/%%PORT_(\w+)%%/$self->port($1)/ge;
    $text =~ s/%%UPSTREAM(?:_(\w+))?%%/$self->upstream($1)->{address}/ge;

    return $text;
}

# Returns the directives that make a configuration with the module stream.

sub streaming {
    my ($text) = @_;

    return '' if $text !~ /^\s*load_module %%MODULE%%;/m;

    return join '', map { "$_->[0] $_->[1];\n" } grep { $text !~ /\b$_->[0]\b/ }
        [ llm_policy_streaming => 'on' ],
        map { [ "${_}_request_buffering" => 'off' ] }
            qw(proxy fastcgi uwsgi scgi);
}

sub modules_path {
    my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';

    return (`$binary -V 2>&1` =~ /--modules-path=(\S+)/)[0] // 'modules';
}

# Writes nginx.conf and starts nginx; dies with nginx's messages if it fails.

sub run {
    my ($self, $conf) = @_;

    $self->write_file('nginx.conf', $conf) if defined $conf;
    $self->write_file('error.log', '');

    $self->{pid} = fork // die "cannot fork: $!\n";
    $self->_exec("$self->{dir}/stderr") if $self->{pid} == 0;

    return $self if $self->_wait(sub {
        -s "$self->{dir}/nginx.pid"
            || waitpid($self->{pid}, WNOHANG) && !($self->{pid} = 0);
    }) && $self->{pid};

    die "nginx did not start:\n", $self->read_file('stderr'), $self->error_log;
}

# Runs "nginx -t" on nginx.conf.  Returns its messages; '' if there are none.

sub config_errors {
    my ($self, $conf) = @_;

    $self->write_file('nginx.conf', $conf) if defined $conf;

    my $pid = fork // die "cannot fork: $!\n";
    $self->_exec("$self->{dir}/check", '-t') if $pid == 0;
    waitpid $pid, 0;

    return $? == 0 ? '' : $self->read_file('check') || "exit code $?";
}

sub _exec {
    my ($self, $output, @arguments) = @_;

    open STDOUT, '>', $output;
    open STDERR, '>&', \*STDOUT;

    if ($ENV{TEST_NGINX_PRELOAD}) {
        $ENV{LD_PRELOAD} = $ENV{TEST_NGINX_PRELOAD};

        # memory that nginx itself does not free at exit is not our leak
        $ENV{ASAN_OPTIONS} = join ':', 'detect_leaks=0',
            'detect_odr_violation=0', $ENV{ASAN_OPTIONS} // ();
    }

    exec $ENV{TEST_NGINX_BINARY} || 'nginx', '-p', $self->{dir},
        '-c', "$self->{dir}/nginx.conf", @arguments
        or print STDERR "cannot run nginx: $!\n";

    POSIX::_exit(127);
}

# Sends a signal to the master.

sub signal {
    my ($self, $signal) = @_;

    kill $signal, $self->{pid};
}

# Reloads.  Returns true once only new workers accept connections, false if
# nginx refuses the new configuration.

sub reload {
    my ($self, $conf) = @_;

    $self->write_file('nginx.conf', $conf) if defined $conf;

    my $seen = length $self->error_log;
    my $new = sub { substr $self->error_log, $seen };
    my @old = $self->workers;

    $self->signal('HUP');
    $self->_wait(sub {
        my @leaving = $new->() =~ /gracefully shutting down/g;
        @leaving >= @old || $new->() =~ /\[emerg\]/;
    }) or die "nginx does not reload\n";

    return $new->() !~ /\[emerg\]/;
}

# Returns the pids of the most recently started workers.

sub workers {
    my ($self) = @_;

    # the pid file is written before the workers start
    $self->logged(qr/start worker processes\n.*start worker process \d/s);
    my ($last) = $self->error_log =~ /.*start worker processes\n(.*)/s;

    return $last =~ /start worker process (\d+)/g;
}

sub _wait {
    my ($self, $until) = @_;
    my $end = Time::HiRes::time() + $LLMPolicy::Stream::TIMEOUT;

    while (Time::HiRes::time() < $end) {
        return 1 if $until->();
        Time::HiRes::sleep(0.01);
    }

    return 0;
}

# Ends nginx gracefully, so that lost requests and connections are detected:
# nginx logs an alert, or does not exit.

sub stop {
    my ($self) = @_;
    my $pid = $self->{pid} or return 1;
    my $left = sub { waitpid($pid, WNOHANG) != 0 };

    $self->signal('QUIT');
    my $graceful = $self->_wait($left);

    if (!$graceful) {
        $self->signal('TERM');
        $self->_wait($left) or $self->signal('KILL');
    }

    $self->{pid} = 0;

    return $graceful;
}

sub error_log {
    my ($self) = @_;

    return $self->read_file('error.log');
}

# Waits until error.log matches; returns true if it does.

sub logged {
    my ($self, $pattern) = @_;

    return $self->_wait(sub { $self->error_log =~ $pattern });
}

# Returns the lines of access.log once there are $n.

sub access_log {
    my ($self, $n, $name) = @_;
    my @lines;

    $self->_wait(sub {
        @lines = split /\n/, $self->read_file($name // 'access.log');
        @lines >= $n;
    });

    return @lines;
}

# Permits alert, crit and emerg lines that match.

sub excuse {
    my ($self, $pattern) = @_;

    push @{ $self->{excused} }, $pattern;
}

# Sends a request on a new connection.

sub post {
    my ($self, $uri, $body, %options) = @_;

    return $self->request('POST', $uri, $body, %options);
}

sub get {
    my ($self, $uri, %options) = @_;

    return $self->request('GET', $uri, undef, %options);
}

sub request {
    my ($self, $method, $uri, $body, %options) = @_;
    my $client = $self->client;

    $client->request($method, $uri, $body, Connection => 'close', %options);

    return $client->response;
}

sub client {
    my ($self, $n) = @_;

    return $self->_connected(LLMPolicy::Client->new($self->port($n // 0)));
}

sub http2 {
    my ($self, $n) = @_;

    return $self->_connected(LLMPolicy::HTTP2->new($self->port($n // 0)));
}

# Registers a client: an open connection at the end of a test would delay
# nginx's exit.

sub _connected {
    my ($self, $client) = @_;

    push @{ $self->{clients} }, $client;
    weaken($self->{clients}[-1]);

    return $client;
}

# Returns the expected body.  In $text, <> encloses removed text, which becomes
# spaces if nginx had the whole body in a file before the decision.  Single
# documents that are streamed are never in a file, unless $in_file is "always":
# another module has read the body before.

sub edited {
    my ($self, $text, $in_file) = @_;

    $in_file = 0 if $self->{streams} && $text =~ /^\s*\{/
        && ($in_file // '') ne 'always';

    return $text =~ s/<(.*?)>/$in_file ? ' ' x length $1 : ''/ger;
}

# Asserts that the upstream received one request since the last such assertion,
# with this body, framed by its length.  Returns the request.

sub is_sent {
    my ($self, $upstream, $body, $name) = @_;
    my @requests = $upstream->wait_for(1);

    # a failed assertion reports the line of the caller
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $upstream->clear;

    Test::More::is_deeply(
        [ map { [
            squeezed($_->{body}),
            $_->header('Content-Length') // 0,
            $_->header('Transfer-Encoding'),
        ] } @requests ],
        [ [ squeezed($body), length $body, undef ] ], $name);

    return $requests[0];
}

# Returns whether request bodies are streamed.

sub streams {
    my ($self) = @_;

    return $self->{streams};
}

# Returns a body that an echoing upstream sent, without padding.

sub unpadded {
    my ($self, $body) = @_;

    return LLMPolicy::Upstream::unpadded({ body => $body })->{body};
}

# Asserts that an upstream received no body since the last such assertion.  If
# bodies are streamed, a part of one may have arrived: a request that was cut
# off is kept without a body.

sub is_unsent {
    my ($self, $upstream, $name) = @_;
    my @requests = $upstream->requests;

    # a failed assertion reports the line of the caller
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    if ($self->{streams}) {
        @requests = grep { $_->{body} ne '' } @requests;
        $upstream->clear;
    }

    Test::More::is(@requests, 0, $name);
}

# Asserts that each request at an upstream ended with the end of its body.  If
# bodies are streamed, refused or unfinished requests are cut off earlier.

sub is_whole {
    my ($self, @upstreams) = @_;
    my @cut = map { $_->cut_requests } @upstreams;

    # a failed assertion reports the line of the caller
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    if ($self->{streams}) {
        @cut = grep {
            eval { JSON::PP->new->decode($_->{body} // ''); 1 }
        } @cut;
    }

    Test::More::is(@cut, 0, 'each request ended with its body');
}

# Shortens messages: a long run of one character is written as "x*1000".

sub squeezed {
    my ($body) = @_;

    return $body =~ s/(x{99,}| {99,})/substr($1, 0, 1) . '*' . length $1/ger;
}

# Ends nginx and the upstreams, and the list of tests.

sub done {
    my ($self) = @_;

    # a failed assertion reports the line of the caller
    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $graceful = $self->leave;

    Test::More::ok($graceful, 'nginx exited gracefully');
    Test::More::is(join('', $self->unwanted), '', 'no alerts');
    Test::More::is($self->sanitizer_reports, '', 'no sanitizer reports');
    Test::More::done_testing();
}

# Ends nginx and the upstreams without assertions, for programs that are not
# tests.

sub leave {
    my ($self) = @_;

    $_->close for grep { defined } @{ $self->{clients} };

    my $graceful = $self->stop;
    $_->stop for values %{ $self->{upstreams} };

    $self->{done} = 1;

    return $graceful;
}

# Returns the lines of error.log that fail a test.

sub unwanted {
    my ($self) = @_;
    my @lines = grep { $_ =~ UNWANTED } split /^/, $self->error_log;

    for my $excuse (@{ $self->{excused} }) {
        @lines = grep { $_ !~ $excuse } @lines;
    }

    return @lines;
}

# Returns the reports of sanitizers.  They are on standard error, which becomes
# error.log: nginx overwrites its environment, including the options that would
# select another file.

sub sanitizer_reports {
    my ($self) = @_;
    my @lines = map { split /^/, $self->read_file($_) }
        grep { -e "$self->{dir}/$_" } qw(check stderr error.log);

    return join '', grep { /runtime error:|Sanitizer/ .. /\[notice\]/ } @lines;
}

# A test cleans up however it ends, and fails if it did not reach its end.

END {
    my $status = $?;

    for my $self (grep { $_->{owner} == $$ } @running) {
        $self->stop;
        $_->stop for values %{ $self->{upstreams} };

        $status ||= 1 if !$self->{done};

        if ($ENV{TEST_NGINX_LEAVE}) {
            Test::More::diag("left in $self->{dir}");

        } else {
            File::Path::remove_tree($self->{dir});
        }
    }

    $? = $status;
}

1;
