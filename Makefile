# llm-policy: the nginx module, its command-line tool, their tests.
#
#   make              the module and the tool, in build/
#   make test         all tests, with one count at the end
#   make demo         starts a gateway on 127.0.0.1:8080
#   make demo-stop    stops it
#   make install      the module, the tool, the examples
#   make check-style  checks of format, names and layout
#   make fuzz         the fuzzers, FUZZ_TIME seconds each
#   make bench        the cost compared with plain proxy_pass, and its parts
#   make instructions updates the expected instructions per request
#   make clean
#
# Finer: module, static (an nginx that contains the module, from NGINX_SRC),
# tool, unit, fuzzers, readers, scanners; make test RINGS="unit nginx" runs some
# rings of the tests (util/test lists them); make bench
# BENCH="proxy growth" BENCH_ROUNDS=5 runs some sections of the benchmark, with
# fewer rounds (t/bench/run lists them).
#
# The module is built for the nginx of Debian's nginx-dev.  For any other, set
# its sources, its configure flags (nginx -V), and, for the tests and the demo,
# its binary:
#
#   make NGINX_SRC=../nginx-1.28.0 NGINX_CONFIGURE="--with-compat" NGINX=...
#
# make DASHBOARD= omits the dashboard, the only part that requires Node.js and
# npm.
#
# make Q= shows the commands as they run.

# the environment may set these, too
BUILD           ?= build
NGINX_SRC       ?=
NGINX_CONFIGURE ?= --with-compat
DESTDIR         ?=
PREFIX          ?= /usr/local
DASHBOARD       ?= dashboard

NGINX         = nginx

CC            = cc
CFLAGS        = -g -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2
LDFLAGS       = -Wl,-z,relro -Wl,-z,now
WARNINGS      = -Wall -Wextra

Q             = @
RINGS         =
BENCH         =
FUZZ_TIME     = 60

# a build with other flags has a folder of its own
OUT           = $(BUILD)
SANITIZE      =


core      := $(shell sed 's/[\#].*//' src/core/sources)
core      := $(addprefix src/core/,$(core) base/llmp_arena.c)

core_objs  = $(core:%.c=$(OUT)/%.o)
tool_objs  = $(patsubst %.c,$(OUT)/%.o, \
             $(wildcard src/tool/*.c src/tool/*/*.c))
units      = $(patsubst %.c,$(OUT)/%,$(wildcard t/unit/*/*_test.c))
replay     = $(OUT)/src/tool/replay/replay
module     = $(OUT)/ngx_http_llm_policy_module.so
unit_objs  = $(patsubst %.c,$(OUT)/%.o,$(wildcard t/unit/lib/*.c))
unit_lib   = $(OUT)/t/unit/lib/libtest.a
fuzzers    = $(patsubst %.c,$(OUT)/%,$(wildcard t/fuzz/*_fuzz.c))

# the same for all builds, too
page       = $(BUILD)/dashboard/ngx_llmp_dashboard_page.h

# JSON readers that tests compare with, the same for all builds
reading    = $(BUILD)/readers
readers    = $(addprefix $(reading)/,cjson jansson json-c nlohmann rapidjson \
             simdjson golang Jackson.class)
jars       = /usr/share/java/jackson

# Eclipse's compiler: the script "ecj" of Debian 13 lacks the second file, which
# Debian 12 does not have
jdt        = /usr/share/java/eclipse-jdt-core
ecj        = java -cp $(jdt).jar$(addprefix :,$(wildcard \
             $(jdt)-compiler-batch.jar)) \
             org.eclipse.jdt.internal.compiler.batch.Main

# the JDK's HTTP client, for t/clients
jdk        = $(BUILD)/clients/Jdk.class

# our scanner and other JSON readers, for t/bench/scanners/run
scanners   = $(OUT)/t/bench/scanners/scanners

# the core alone, for the growth of its cost
growth     = $(OUT)/t/bench/growth

compile    = $(CC) -std=c11 -D_DEFAULT_SOURCE -fvisibility=hidden -Isrc/core \
             -Isrc/tool $(includes) $(WARNINGS) $(CFLAGS) $(SANITIZE) -MMD -MP \
             -c -o $@
link       = $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@
build      = CC="$(CC)" CFLAGS="$(strip $(CFLAGS) $(SANITIZE))" \
             LDFLAGS="$(strip $(LDFLAGS) $(SANITIZE))" \
             WARNINGS="$(WARNINGS)" util/build
libs       = -ljansson -lpcre2-8 -lcrypto -lz

# Debian's folder of nginx, which is not in the path of every user
PATH      := $(PATH):/usr/local/sbin:/usr/sbin

# nginx uses a variable NGINX for inherited sockets
unexport NGINX
NGX_BINARY = $(NGINX)

export BUILD NGX_BINARY NGINX_SRC NGINX_CONFIGURE PATH


.PHONY: all setup module static dashboard tool unit fuzzers readers scanners \
        clients browser test install demo demo-stop check-style fuzz bench \
        instructions clean

all: setup
	@$(MAKE) --no-print-directory module tool

# the packages to install depend on the goal
lacking = build $(DASHBOARD)
test: lacking = build dashboard test readers clients browser
fuzz: lacking = build test readers
bench: lacking = build test bench
instructions: lacking = build test
demo: lacking = build $(DASHBOARD) demo

setup:
	@util/setup $(lacking)

module: $(DASHBOARD)
	@echo "  MAKE  $(module)"
	$(Q)$(build) $(OUT)

static: $(DASHBOARD)
	@echo "  MAKE  $(OUT)/nginx-static"
	$(Q)$(build) $(OUT) static

dashboard: $(page)
	@:

$(page): $(wildcard src/dashboard/*) util/dashboard
	@echo "  PAGE  $(@D)/dashboard.html"
	$(Q)util/dashboard $(@D)

tool: $(OUT)/llm-policy
	@:

unit: $(units)
	@:

fuzzers: $(fuzzers) $(OUT)/t/fuzz/driver $(OUT)/t/fuzz/limits_driver
	@:

clients: $(jdk)

clients browser: %: t/%/node_modules/.package-lock.json
	@:

t/%/node_modules/.package-lock.json: t/%/package-lock.json
	cd $(@D)/.. && npm ci --loglevel=error --no-audit --no-fund --ignore-scripts
	touch $@

# only tests see the headers of t/unit/lib
$(OUT)/t/%.o: includes = -It/unit/lib

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(compile) $<

$(OUT)/libllmp.a: $(core_objs)
	@echo "  AR    $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(OUT)/llm-policy: $(tool_objs) $(OUT)/libllmp.a
	@echo "  LINK  $@"
	$(Q)$(link) $^ $(libs)

$(unit_lib): $(unit_objs)
	@echo "  AR    $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(units): %: %.o $(unit_lib) $(OUT)/libllmp.a
	@echo "  LINK  $@"
	$(Q)$(link) $(filter %.o,$^) $(filter %.a,$^) -lcmocka $(libs)

# objects of the tool, which are not in the core's library
$(OUT)/t/unit/tool/replay_test: $(addprefix $(replay)_,line.o policy.o body.o \
                                 decide.o)

$(OUT)/t/fuzz/driver $(OUT)/t/fuzz/limits_driver: %: %.o $(OUT)/libllmp.a
	@echo "  LINK  $@"
	$(Q)$(link) $^ $(libs)

$(fuzzers): %: %.o $(OUT)/libllmp.a
	@echo "  LINK  $@"
	$(Q)$(link) -fsanitize=fuzzer $(filter %.o,$^) $(filter %.a,$^) $(libs)

$(OUT)/t/fuzz/scan_fuzz: $(addprefix $(OUT)/t/unit/lib/,scan_check.o \
                         watch_tree.o)
$(OUT)/t/fuzz/replay_fuzz: $(addprefix $(replay)_,line.o policy.o body.o \
                           decide.o compare.o tally.o)

readers: $(readers)
	@:

$(reading)/cjson: reader_libs = -lcjson
$(reading)/jansson: reader_libs = -ljansson
$(reading)/json-c: reader_libs = -ljson-c
$(reading)/simdjson: reader_libs = -lsimdjson

$(reading)/%: t/readers/%.cc t/readers/reader.hh
	@mkdir -p $(@D)
	@echo "  CXX   $@"
	$(Q)$(CXX) -std=c++17 -O1 -Wall -Wextra -o $@ $< $(reader_libs)

$(reading)/golang: t/readers/golang.go
	@mkdir -p $(@D)
	@echo "  GO    $@"
	$(Q)GOCACHE=$(abspath $(reading))/go GOFLAGS= go build -o $@ $<

$(reading)/%.class: t/readers/%.java
	@mkdir -p $(@D)
	@echo "  JAVA  $@"
	$(Q)$(ecj) -17 -proc:none -d $(@D) \
	    -cp $(jars)-core.jar:$(jars)-databind.jar $<

$(jdk): t/clients/agents/Jdk.java
	@mkdir -p $(@D)
	@echo "  JAVA  $@"
	$(Q)$(ecj) -17 -proc:none -d $(@D) $<

scanners: $(scanners)
	@:

$(scanners): t/bench/scanners/scanners.cc $(OUT)/t/bench/scanners/ours.o \
             $(OUT)/libllmp.a
	@echo "  CXX   $@"
	$(Q)$(CXX) -std=c++17 -O2 -DRAPIDJSON_SSE2 -Wall -Wextra -It/bench/scanners \
	    -o $@ $^ -lsimdjson $(libs)

$(growth): %: %.o $(OUT)/libllmp.a
	@echo "  LINK  $@"
	$(Q)$(link) $^ $(libs)

# keeps intermediate files for the next build
.SECONDARY:


test: setup
	@util/test $(RINGS)

check-style:
	@util/check-style

fuzz: setup
	@$(MAKE) --no-print-directory OUT=$(BUILD)/fuzz CC=clang fuzzers tool \
	    SANITIZE="-fsanitize=fuzzer-no-link,address,undefined"
	@$(MAKE) --no-print-directory module readers
	@set -e; for fuzzer in $(wildcard t/fuzz/*_fuzz.c); do \
	    util/fuzz $$fuzzer -max_total_time=$(FUZZ_TIME); done
	@set -e; for level in core nginx; do \
	    BUILD=$(BUILD)/fuzz TEST_READERS=$(reading) \
	    TEST_NGINX_BINARY="$(NGINX)" TEST_LLM_POLICY_MODULE=$(module) \
	    t/fuzz/requests $$level --time=$(FUZZ_TIME); done

# if npm cannot install a gateway, its rows fail and the rest is measured
bench: setup
	@$(MAKE) --no-print-directory module tool scanners $(growth)
	-@$(MAKE) --no-print-directory t/bench/node_modules/.package-lock.json
	@TEST_NGINX_BINARY="$(NGINX)" TEST_LLM_POLICY_MODULE="$(module)" \
	t/bench/run $(BENCH)

instructions: setup
	@$(MAKE) --no-print-directory module
	@TEST_NGINX_BINARY="$(NGINX)" TEST_LLM_POLICY_MODULE="$(module)" \
	t/bench/expect

demo: all
	@demo/run

demo-stop:
	@demo/run stop


install: all
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" util/install $(OUT)

clean:
	rm -rf $(BUILD) $(addsuffix /node_modules,t/clients t/browser t/bench)


-include $(core_objs:.o=.d) $(tool_objs:.o=.d) $(units:=.d) \
         $(unit_objs:.o=.d) $(fuzzers:=.d) \
         $(OUT)/t/fuzz/driver.d $(OUT)/t/bench/scanners/ours.d \
         $(growth).d
