package LLMPolicy::Bench::Callgrind;

# nginx as a single process under callgrind, and its counts between two points
# in time.
#
#   my $c = LLMPolicy::Bench::Callgrind->new($conf, %files);
#   $c->count(sub { ... });    # { all => ..., module => ... } instructions
#
# "all" is everything that the process ran; "module" is the functions of our
# module and the libraries that they call.  It excludes nginx code called by the
# module, most of which is the further processing of the request.
#
# nginx reopens its log files on a signal, and callgrind dumps its counts when
# nginx does so.

use strict;
use warnings;

use IO::Socket::INET;
use Time::HiRes ();

use LLMPolicy::Test;

# attempts, one every 10 ms
use constant PATIENCE => 3000;

my $ours = qr/ngx_http_llm_policy_module\.so$/;
my $library = qr{/lib[^/]*$};

sub new {
    my ($class, $conf, %files) = @_;
    my $t = LLMPolicy::Test->new;
    my $self = bless { t => $t, dumps => 0 }, $class;
    my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';

    $t->write_file($_, $files{$_}) for keys %files;
    $t->write_file('callgrind', <<"EOS");
#!/bin/sh
exec valgrind --tool=callgrind --callgrind-out-file=%%TESTDIR%%/counts \\
    --dump-after=ngx_reopen_files --log-file=%%TESTDIR%%/valgrind.log \\
    $binary "\$@"
EOS
    chmod 0755, $t->testdir . '/callgrind';

    local $ENV{TEST_NGINX_BINARY} = $t->testdir . '/callgrind';
    local $ENV{TEST_LLM_POLICY_MODULE} = without_debug($t);

    $t->run("master_process off;\n$conf");

    return $self;
}

# A copy of the module without the debugging data of newer compilers, which
# valgrind cannot read.

sub without_debug {
    my ($t) = @_;
    my $module = $t->expand('%%MODULE%%');
    my $copy = $t->testdir . '/ngx_http_llm_policy_module.so';

    system('objcopy', '--strip-debug', $module, $copy) == 0
        or die "cannot copy $module\n";

    return $copy;
}

sub t {
    my ($self) = @_;

    return $self->{t};
}

sub count {
    my ($self, $run) = @_;

    $self->dump;
    $run->();

    return counts($self->dump);
}

# Returns callgrind's dump of everything since the previous one.

sub dump {
    my ($self) = @_;
    my $file = $self->{t}->testdir . '/counts.' . ++$self->{dumps};
    my $text = '';

    $self->{t}->signal('USR1');

    for (my $n = 0; $text !~ /^totals: /m; $n++) {
        die "callgrind wrote nothing\n" if $n > PATIENCE;

        $self->wake if $n % 100 == 99;
        Time::HiRes::sleep(0.01);
        $text = LLMPolicy::Upstream::slurp($file) if -e $file;
    }

    return $text;
}

# A single process that receives a signal just before it waits for events
# continues to wait: a connection is an event.  Returns false if there is no
# nginx.

sub wake {
    my ($self) = @_;

    return defined IO::Socket::INET->new(
        PeerAddr => '127.0.0.1:' . $self->{t}->port(0));
}

# Sums up a profile.  A name is written out once, "(1) name", and then referred
# to by its number; a line of costs after "calls=" is the cost of the whole
# call.

sub counts {
    my ($text) = @_;
    my %objects;
    my ($object, $called, $calls) = ('', '', 0);
    my %count = (all => 0, module => 0);

    for (split /\n/, $text) {

        if (/^(c?ob)=\((\d+)\)(?: (.*))?/) {
            $objects{$2} = $3 if defined $3;

            if ($1 eq 'ob') {
                $object = $objects{$2};
            } else {
                $called = $objects{$2};
            }

        } elsif (/^calls=/) {
            $calls = 1;

        } elsif (/^[+\-*\d]\S* (\d+)$/) {
            my $cost = $1;
            if (!$calls) {
                $count{all} += $cost;
                $count{module} += $cost if $object =~ $ours;

            } elsif ($object =~ $ours && $called =~ $library) {
                $count{module} += $cost;
            }

            ($calls, $called) = (0, '') if $calls;
        }
    }

    return \%count;
}

sub leave {
    my ($self) = @_;

    $self->{t}->signal('QUIT');

    for (my $n = 0; $n < PATIENCE && $self->wake; $n++) {
        Time::HiRes::sleep(0.01);
    }

    $self->{t}->leave;
}

1;
