#!/usr/bin/perl

# LangChain's package for OpenAI, unchanged except for its base URL.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('langchain.test.js');
