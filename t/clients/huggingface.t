#!/usr/bin/perl

# Hugging Face's official client, unchanged except for its endpoint.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('huggingface.test.js');
