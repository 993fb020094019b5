package LLMPolicy::Tool;

# Runs llm-policy.
#
#   my $ran = tool('{"temperature":1.9}', 'explain', $file, '--path', '/chat');
#   is("$ran->{exit} $ran->{out}", ...);
#
# The first argument is its standard input; out, err and exit are its output,
# messages and exit code.  Environment:
#
#   BUILD    the folder that has it, "build"

use strict;
use warnings;

use Cwd ();
use Exporter qw(import);
use File::Temp ();
use POSIX ();

our @EXPORT = qw(tool tool_path);

my $path = ($ENV{BUILD} // 'build') . '/llm-policy';

# resolved before a test changes the folder
$path = Cwd::abs_path($path) // $path;

sub tool_path {
    return $path;
}

sub tool {
    my ($input, @arguments) = @_;
    my %file = map { $_ => File::Temp->new } qw(in out err);

    print { $file{in} } $input;
    close $file{in} or die "cannot write $file{in}: $!\n";

    my $pid = fork // die "cannot fork: $!\n";

    if ($pid == 0) {
        open STDIN, '<', $file{in}->filename;
        open STDOUT, '>', $file{out}->filename;
        open STDERR, '>', $file{err}->filename;

        exec { $path } $path, @arguments or POSIX::_exit(127);
    }

    waitpid $pid, 0;
    die "llm-policy was ended by signal ", $? & 127, "\n" if $? & 127;

    return {
        out => slurp($file{out}), err => slurp($file{err}), exit => $? >> 8,
    };
}

sub slurp {
    my ($file) = @_;

    open my $in, '<:raw', $file->filename or die "cannot read $file: $!\n";
    local $/;

    return <$in> // '';
}

1;
