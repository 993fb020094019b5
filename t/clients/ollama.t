#!/usr/bin/perl

# Ollama's official client, unchanged but for its address and the key.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('ollama.test.js');
