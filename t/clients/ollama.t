#!/usr/bin/perl

# Ollama's official client, unchanged except for its address and the API key.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('ollama.test.js');
