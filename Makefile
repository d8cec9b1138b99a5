# libipc: one makefile, no recursion into folders, no configure step.
#
#   make            everything, into build/          make help    every target
#   make demo       needs only cc, make and apt      make test    likewise
#   make MODE=asan  the same into build/asan         V=1          show the commands
#
# Sources are found by wildcard: a new .c file in a room needs no line here. The order below:
# version, modes, flags, the rooms and their flags, products, tests, checks, installation.

# The one place of the version; tests/lint/version.sh holds the symbol map and the header to it.
VERSION := 0.1.0
MAJOR   := $(firstword $(subst ., ,$(VERSION)))
MODE    ?= release
CC      := $(if $(filter default,$(origin CC)),gcc,$(CC))
CXX     := $(if $(filter default,$(origin CXX)),g++,$(CXX))

PREFIX     ?= /usr/local
exec_prefix = $(PREFIX)
bindir      = $(exec_prefix)/bin
libdir      = $(exec_prefix)/lib
includedir  = $(PREFIX)/include
mandir      = $(PREFIX)/share/man
pcdir       = $(libdir)/pkgconfig
bashdir     = $(PREFIX)/share/bash-completion/completions
zshdir      = $(PREFIX)/share/zsh/site-functions
schemadir   = $(PREFIX)/share/libipc/schema

# ---- modes ---------------------------------------------------------------------------------------
# Release keeps its assertions: a broken invariant in shared memory is everybody's, so stop early.
# The sanitizers watch -O1 code, where the optimiser warns of things that are not; release has
# refused every warning already, so there they are shown and do not stop the build. That for
# addresses also has what tests kill processes by (base/failpoint.h); what passes between processes
# is nothing that the one for threads could see.

flags.mode.release := -O2 -g
flags.mode.debug   := -Og -g3 -fno-omit-frame-pointer
flags.mode.asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,float-cast-overflow \
		      -fno-sanitize-recover=all -DLIBIPC_FAILPOINTS
flags.mode.tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread -Wno-tsan
flags.mode.fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,float-cast-overflow,fuzzer-no-link \
		      -fno-sanitize-recover=all
# Not for use: what counters and samples cost is measured against it (make bench-bars).
flags.mode.uncounted := -O2 -g -DLIBIPC_UNCOUNTED
SANITIZED          := $(filter asan tsan fuzz,$(MODE))

ifndef flags.mode.$(MODE)
$(error MODE is one of release, debug, asan, tsan, fuzz, uncounted; not '$(MODE)')
endif

B := build$(if $(filter-out release,$(MODE)),/$(MODE))
O := $(B)/obj

# ---- flags ---------------------------------------------------------------------------------------
# CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS are the caller's and come last; WERROR= builds with a compiler
# that knows more warnings than ours. Not asked for: -Wconversion (index and sequence arithmetic is
# modular on purpose) and -Wnull-dereference (gcc 12 sees paths that do not exist).

WERROR ?= $(if $(SANITIZED),,-Werror)
WARN   := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wundef -Wvla -Wformat=2 \
	  -Wwrite-strings -Wimplicit-fallthrough -Wstrict-prototypes -Wmissing-prototypes \
	  -Wold-style-definition -Wredundant-decls -Wno-unused-parameter

BASE_CPPFLAGS := -D_GNU_SOURCE -Ilibipc/include
BASE_CFLAGS   := -std=gnu11 -pthread $(flags.mode.$(MODE)) $(WARN) $(WERROR)
BASE_LDFLAGS  := -pthread $(filter -fsanitize=%,$(flags.mode.$(MODE))) \
		 -Wl,--as-needed -Wl,-z,relro,-z,now

# Asked for in recipes only, so that a missing pkg-config is not an error before `make test` or
# `make demo` had the chance to install it; the plain names are right on most systems anyway.
PKG_CONFIG ?= pkg-config
pkg         = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null || echo $(2))
LIBS.lttng   = $(call pkg,lttng-ust,-llttng-ust -ldl)
LIBS.monitor = $(call pkg,ncursesw,-lncursesw -ltinfo) $(call pkg,libdw,-ldw) -lelf \
	       $(call pkg,libzstd,-lzstd) $(call pkg,libmicrohttpd,-lmicrohttpd) -lm
LIBS.bt2     = $(call pkg,babeltrace2,-lbabeltrace2) -lm
LIBS.fd-libuv = $(call pkg,libuv,-luv)
LIBS.cmocka  = $(call pkg,cmocka,-lcmocka)

# ---- rooms ---------------------------------------------------------------------------------------
# What a folder may see is part of the architecture, so it is a table: flags.FOLDER, or else that of
# the folder above, or of the top. The monitor and the examples get the public headers and nothing more.
#
# Library objects serve the .so, the .a and the unit tests alike, so they are all position
# independent. Without -fno-semantic-interposition gcc refuses to inline what it exports.

flags.libipc               := -Ilibipc -fPIC -fvisibility=hidden -fno-semantic-interposition
# No tail calls: the line that ipcmon shows for a wait is then the one that made the call.
flags.libipc/examples      := -Ilibipc/examples -fPIE -fno-optimize-sibling-calls
flags.monitor              := -Imonitor -fPIE
# LTTng's macros define what they do not declare; and it finds its probes as exported symbols.
flags.tracepoints          := -Ilibipc -Itracepoints -fPIC -Wno-missing-prototypes \
			      -Wno-redundant-decls -Wno-shadow -Wno-cast-qual -Wno-undef
flags.tracepoints/analysis := -fPIE
flags.tests                := -Ilibipc -Imonitor -I. -Itests -fPIE
flags.tests/system         := -I. -Itests -fPIE
flags.tests/count          := -fPIE
flags.tests/bench          := -fPIE $(addprefix -isystem ,$(wildcard /usr/include/iceoryx/v*))
flags.tests/crash          := -I. -Itests -fPIE
flags.tests/crash/rivals   := $(flags.tests/bench) -DRIVALS_DIR='"$(CURDIR)/tests/crash/rivals"'

up       = $(patsubst %/,%,$(dir $(1)))
flags_of = $(or $(flags.$(call up,$(1))),$(flags.$(call up,$(call up,$(1)))),$(flags.$(firstword \
	   $(subst /, ,$(1)))))
compile  = $(CC) $(BASE_CPPFLAGS) $(BASE_CFLAGS) $(call flags_of,$(1)) $(CPPFLAGS) $(CFLAGS)
link     = $(CC) $(BASE_LDFLAGS) $(CFLAGS) $(LDFLAGS)
objects  = $(patsubst %.c,$(O)/%.o,$(1))

ROOMS        := base ring runtime object observe
SRC.lib      := $(wildcard $(ROOMS:%=libipc/%/*.c))
SRC.trace    := $(wildcard tracepoints/*.c)
SRC.latency  := $(wildcard tracepoints/analysis/*.c)
SRC.monitor  := $(wildcard monitor/*.c monitor/*/*.c)
SRC.examples := $(wildcard libipc/examples/*.c)
# This one shows the library with another, and is built where that is installed.
ifeq ($(shell printf '\043include <uv.h>\n' | $(CC) -E -x c - >/dev/null 2>&1 && echo yes),)
SRC.examples := $(filter-out %/fd-libuv.c,$(SRC.examples))
endif
# NAME.c is an example; NAME/*.c, where they exist, are its parts.
SRC.parts    := $(wildcard libipc/examples/*/*.c)
SRC.bench    := $(wildcard tests/bench/*.c)
SRC.count    := $(wildcard tests/count/*.c)
SRC.crash    := $(wildcard tests/crash/*.c)
SRC.rivals   := $(wildcard tests/crash/rivals/*.c)
SRC.fuzz     := $(wildcard tests/fuzz/*.c)
SRC.support  := $(wildcard tests/support/*.c tests/deadlock/sys_*.c)
SRC.unit     := $(wildcard tests/unit/test_*.c)
SRC.mon_unit := $(wildcard tests/unit/monitor_*.c)
# prog_*.c are programs that system tests start; nobody runs them alone.
SRC.system   := $(wildcard $(foreach d,system deadlock,tests/$(d)/test_*.c))
SRC.prog     := $(wildcard $(foreach d,system deadlock,tests/$(d)/prog_*.c))
SH.tests     := $(wildcard $(foreach d,system crash deadlock screen,tests/$(d)/*.sh))
SRC          := $(sort $(foreach v,$(filter SRC.%,$(.VARIABLES)),$($(v))))

# What ipcbench compares with: header, name, library.
PEERS := zmq.h zmq -lzmq  nng/nng.h nng -lnng  ck_ring.h ck -lm \
	 boost/interprocess/ipc/message_queue.hpp boost -lstdc++ \
	 iceoryx_binding_c/runtime.h iceoryx -liceoryx_binding_c

HEADERS := $(wildcard libipc/include/ipc/*.h)
PAGES   := $(wildcard libipc/man/*.[1-8])
SCHEMAS := $(wildcard monitor/schema/*.json)
SCRIPTS := $(wildcard tracepoints/ipc-* tracepoints/ipctrace-*)

OBJ.lib     := $(call objects,$(SRC.lib))
OBJ.monitor := $(call objects,$(SRC.monitor))
OBJ.bench   := $(patsubst %.cc,$(O)/%.o,$(wildcard tests/bench/*.cc))
OBJ.rivals  := $(patsubst %.cc,$(O)/%.o,$(wildcard tests/crash/rivals/*.cc))
OBJ.cc      := $(OBJ.bench) $(OBJ.rivals)
TESTS.unit  := $(SRC.unit:%.c=$(B)/%)
TESTS.mon   := $(SRC.mon_unit:%.c=$(B)/%)
TESTS.sys   := $(SRC.system:%.c=$(B)/%)
PROGS       := $(SRC.prog:%.c=$(B)/%)

SO := libipc.so.$(VERSION)

# Tools of other folders are built once their folder has sources. The provider is left out under the
# sanitizers: it is preloaded, and a sanitizer's runtime must be the first library of a process.
LIBS     := $(B)/libipc.so $(B)/libipc.a
TRACE    := $(if $(SANITIZED),,$(if $(SRC.trace),$(B)/libipc-trace.so))
TOOLS    := $(if $(SRC.monitor),$(B)/ipcmon) $(if $(SRC.latency),$(B)/ipctrace-latency)
BENCH    := $(if $(SRC.bench),$(B)/ipcbench)
COUNT    := $(B)/tests/count/count
FUZZ     := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ.own := $(call objects,$(filter-out %/driver.c,$(filter-out tests/fuzz/fuzz_%,$(SRC.fuzz))))
EXAMPLES := $(SRC.examples:libipc/examples/%.c=$(B)/examples/%)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
# No .SECONDARY here: an empty one turns every file into an intermediate one, FORCE included, and
# then changed flags go unnoticed or unchanged ones rebuild. Static pattern rules keep objects too.
.PHONY: FORCE all lib test run-tests check run-check sanitize models deadlock mutants bench \
	crash controls fuzz fuzz-targets demo demo-deadlock demo-slow deps models-deps test-deps check-deps bench-deps bench-bars bench-readme instructions torture soak respawn rivals install uninstall format clean help

ifeq ($(V),)
Q   := @
say  = @printf '  %-7s %s\n' '$(1)' '$(2)'
endif

PRODUCTS := $(TRACE) $(TOOLS) $(BENCH) $(EXAMPLES) $(B)/compile_commands.json
all: lib $(PRODUCTS) ## everything (MODE=release|debug|asan|tsan)
lib: $(LIBS) ## the library alone; needs nothing but cc, binutils and make

# ---- compiling -----------------------------------------------------------------------------------
# Objects depend on a stamp that changes with the flags, products on one that changes with the list
# of files, so neither a new flag nor a removed file leaves something stale behind.

stamp = @mkdir -p $(@D); printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' >$@

$(B)/.flags: FORCE
	$(call stamp,$(compile) $(foreach v,$(sort $(filter flags.%,$(.VARIABLES))),$($(v))) \
		$(LDFLAGS) $(LDLIBS))
$(B)/.files: FORCE
	$(call stamp,$(SRC))

$(O)/%.o: %.c $(B)/.flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(call compile,$<) -MMD -MP -c -o $@ $<

-include $(wildcard $(patsubst %.c,$(O)/%.d,$(SRC)) $(OBJ.cc:.o=.d))

# What is not the library needs packages; say which before the compiler says it in its own way.
$(B)/.have-%: tests/support/bootstrap.sh
	$(Q)mkdir -p $(@D)
	$(Q)tests/support/bootstrap.sh --check $*
	$(Q)touch $@

$(call objects,$(SRC.trace) $(SRC.latency) $(SRC.monitor)): | $(B)/.have-build
$(call objects,$(filter tests/%,$(filter-out $(SRC.bench) $(SRC.count),$(SRC)))): | $(B)/.have-test
$(call objects,$(SRC.count)): | $(B)/.have-check

# For editors, clang-tidy and cppcheck: the very commands of this makefile. The provider is left
# out; nothing useful is said about LTTng's macros.
comma := ,
JSON  := $(filter-out $(SRC.trace),$(SRC))
$(B)/compile_commands.json: $(B)/.flags $(B)/.files
	$(file >$@,[)
	$(foreach f,$(JSON),$(file >>$@,{"directory": "$(CURDIR)"$(comma) "file": "$(f)"$(comma) \
		"command": "$(subst ",\",$(call compile,$(f))) -c $(f)"}$(if \
		$(filter-out $(lastword $(JSON)),$(f)),$(comma))))
	$(file >>$@,])
	@:

# ---- the library ---------------------------------------------------------------------------------

$(B)/.version: Makefile libipc/libipc.map $(HEADERS) tests/lint/version.sh
	$(Q)mkdir -p $(@D)
	$(Q)VERSION=$(VERSION) tests/lint/version.sh
	$(Q)touch $@

# libipc.so needs libc and nothing else. Its run path is its own folder, so that IPC_TRACE=1 finds
# the provider beside it, in build/ as after installation.
$(B)/$(SO): $(OBJ.lib) libipc/libipc.map $(B)/.files $(B)/.version
	$(call say,LINK,$@)
	$(Q)$(link) -shared -Wl,-soname,libipc.so.$(MAJOR) -Wl,--version-script=libipc/libipc.map \
		$(if $(SANITIZED),,-Wl,-z,defs) -Wl,-Bsymbolic-functions -Wl,-rpath,'$$ORIGIN' \
		-o $@ $(OBJ.lib) $(LDLIBS)
$(B)/libipc.so.$(MAJOR): $(B)/$(SO)
	$(Q)ln -sf $(<F) $@
$(B)/libipc.so: $(B)/libipc.so.$(MAJOR)
	$(Q)ln -sf $(<F) $@

# One object with the hidden symbols made local: what the .so hides, the archive hides too.
$(B)/libipc.a: $(OBJ.lib) $(B)/.files
	$(call say,AR,$@)
	$(Q)$(CC) -r -nostdlib -o $(O)/libipc.o $(OBJ.lib)
	$(Q)objcopy --localize-hidden $(O)/libipc.o
	$(Q)rm -f $@ && ar rcs $@ $(O)/libipc.o

# ---- the programs --------------------------------------------------------------------------------
# Tools link the archive and run from anywhere; examples link the shared library and find it beside
# them, because that is how programs use it and because only then can it be traced by preload.

$(B)/libipc-trace.so: $(call objects,$(SRC.trace)) $(B)/libipc.so $(B)/.files
	$(call say,LINK,$@)
	$(Q)$(link) -shared -Wl,-soname,libipc-trace.so -Wl,-rpath,'$$ORIGIN' -o $@ $(filter %.o,$^) \
		-L$(B) -lipc $(LIBS.lttng) $(LDLIBS)

$(B)/ipcmon: $(OBJ.monitor) $(B)/libipc.a $(B)/.files
	$(call say,LINK,$@)
	$(Q)$(link) -pie -o $@ $(filter %.o,$^) $(B)/libipc.a $(LIBS.monitor) $(LDLIBS)

# Peers of ipcbench are there if their headers are, and come and go with packages: the stamp says
# which, and what to link. The file of one that is not there makes an empty object.
$(B)/.peers: FORCE
	$(Q)mkdir -p $(@D); printf '#if __has_include(<%s>)\n%s %s\n#endif\n' $(PEERS) | \
		$(CC) $(flags.tests/bench) -E -P -x c - 2>/dev/null | \
		if command -v $(firstword $(CXX)) >/dev/null; then cat; else grep -v boost; fi >$@.new; \
		cmp -s $@.new $@ || cp $@.new $@; rm -f $@.new

$(filter $(O)/tests/bench/impl% $(O)/tests/crash/rivals/rival%,$(call objects,$(SRC.bench) $(SRC.rivals))): $(B)/.peers

$(OBJ.cc): $(O)/%.o: %.cc $(B)/.peers $(B)/.flags
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)if grep -q boost $(B)/.peers; then $(CXX) $(BASE_CPPFLAGS) -std=gnu++17 -pthread \
		$(flags.mode.$(MODE)) -Wall -Wextra $(WERROR) $(call flags_of,$<) $(CPPFLAGS) \
		$(CXXFLAGS) -MMD -MP -c -o $@ $<; else $(CC) -x c -c -o $@ /dev/null; fi

$(B)/ipcbench: $(call objects,$(SRC.bench)) $(OBJ.bench) $(B)/libipc.a $(B)/.files $(B)/.peers
	$(call say,LINK,$@)
	$(Q)$(link) -pie -o $@ $(filter %.o,$^) $(B)/libipc.a $$(cut -s -d ' ' -f 2 $(B)/.peers) -lm -lrt $(LDLIBS)

$(B)/ipcrivals: $(call objects,$(SRC.rivals)) $(OBJ.rivals) $(B)/libipc.a $(B)/.files $(B)/.peers
	$(call say,LINK,$@)
	$(Q)$(link) -pie -o $@ $(filter %.o,$^) $(B)/libipc.a $$(cut -s -d ' ' -f 2 $(B)/.peers) -lm -lrt $(LDLIBS)

$(B)/ipctrace-latency: $(call objects,$(SRC.latency)) $(B)/.files
	$(call say,LINK,$@)
	$(Q)$(link) -pie -o $@ $(filter %.o,$^) $(LIBS.bt2) $(LDLIBS)

.SECONDEXPANSION:
$(EXAMPLES): $(B)/examples/%: $(O)/libipc/examples/%.o \
		$$(call objects,$$(wildcard libipc/examples/$$*/*.c)) $(B)/libipc.so $(B)/.files
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(link) -pie -Wl,-rpath,'$$ORIGIN/..' -o $@ $(filter %.o,$^) -L$(B) -lipc -lm $(LIBS.$*) \
		$(LDLIBS)

# ---- tests ---------------------------------------------------------------------------------------
# Units see inside: they link the library's objects, before hiding. System tests see what a user
# sees: the shared library. Members of the support archive come along only where they are called.

$(B)/support.a: $(call objects,$(SRC.support)) $(B)/.files
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

link_test = $(call say,LINK,$@)$(if $(Q),;) mkdir -p $(@D) && \
	$(link) -pie -o $@ $(filter %.o,$^) $(B)/support.a

$(TESTS.unit): $(B)/%: $(O)/%.o $(OBJ.lib) $(B)/support.a $(B)/.files
	$(link_test) $(LIBS.cmocka) -lm $(LDLIBS)
$(TESTS.mon): $(B)/%: $(O)/%.o $(filter-out $(O)/monitor/main.o,$(OBJ.monitor)) $(OBJ.lib) \
		$(B)/support.a $(B)/.files
	$(link_test) $(LIBS.cmocka) $(LIBS.monitor) $(LDLIBS)
$(TESTS.sys) $(PROGS): $(B)/%: $(O)/%.o $(B)/support.a $(B)/libipc.so
	$(link_test) -Wl,-rpath,'$$ORIGIN/../..' -L$(B) -lipc $(LIBS.cmocka) -lm $(LDLIBS)

# Against the shared library: its instructions are told from the caller's by where they lie.
$(COUNT): $(call objects,$(SRC.count)) $(B)/libipc.so $(B)/.files
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(link) -pie -Wl,-rpath,'$$ORIGIN/../..' -o $@ $(filter %.o,$^) -L$(B) -lipc $(LDLIBS)

$(B)/ipccrash: $(call objects,$(SRC.crash)) $(B)/support.a $(B)/libipc.so $(B)/.files
	$(link_test) -Wl,-rpath,'$$ORIGIN' -L$(B) -lipc $(LIBS.cmocka) $(LDLIBS)

# Targets see inside, as units do. libFuzzer brings its own main(); elsewhere there is driver.c.
fuzz_main = $(if $(filter fuzz,$(MODE)),-fsanitize=fuzzer,$(O)/tests/fuzz/driver.o)
$(FUZZ): $(B)/%: $(O)/%.o $(FUZZ.own) $(O)/tests/fuzz/driver.o \
		$(filter-out $(O)/monitor/main.o,$(OBJ.monitor)) $(OBJ.lib) $(B)/support.a $(B)/.files
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(link) -pie -o $@ $(filter-out %/driver.o,$(filter %.o,$^)) $(fuzz_main) $(B)/support.a \
		$(LIBS.monitor) $(LIBS.cmocka) -lm $(LDLIBS)

# A recipe's make gets -j where the caller gave none: a newcomer should not wait for one core.
jobs = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
again = +@$(MAKE) --no-print-directory $(jobs)

# TSan sees the threads of one process and not what another process does to the same page: between
# processes it finds nothing, and after a fork from threads it gives up. So it runs the library's
# units, and the system tests whose name says that all their parties are threads. The monitor has
# one thread: there is nothing in it that TSan could see.
RUN  := $(TESTS.unit) $(TESTS.mon) $(TESTS.sys) $(SH.tests)
WITH := all $(PROGS) $(B)/ipccrash
ifeq ($(MODE),tsan)
RUN  := $(TESTS.unit) $(filter $(B)/tests/system/test_threads_%,$(TESTS.sys))
WITH := $(PROGS)
endif

test: ## install what is missing, build, run all (T=regex CASE=pattern LIMIT=seconds V=1)
	@tests/support/bootstrap.sh test
	$(again) run-tests

run-tests: $(RUN) $(WITH)
	@BUILD_DIR=$(B) MODE=$(MODE) SKIP='$(if $(SANITIZED),^system/.*trace)' tests/support/run.sh $(RUN)

check: ## format, clang-tidy, cppcheck, headers, symbols, layers, READMEs, instructions (T=regex)
	@tests/support/bootstrap.sh check
	$(again) MODE=asan fuzz-targets
	$(again) MODE=release run-check

run-check: $(LIBS) $(COUNT) $(B)/compile_commands.json
	@BUILD_DIR=$(B) VERSION=$(VERSION) CC='$(CC)' tests/support/run.sh $(wildcard tests/lint/*.sh)

instructions: ## count those of the fast paths anew, into tests/count/instructions.txt
	@tests/support/bootstrap.sh check
	$(again) MODE=release build/tests/count/count
	@CC='$(CC)' tests/lint/instructions.sh --write

sanitize: ## the tests again under ASan with UBSan, then under TSan
	@tests/support/bootstrap.sh test
	@r=0; for m in asan tsan; do echo "== $$m"; \
		$(MAKE) --no-print-directory $(jobs) MODE=$$m run-tests || r=1; done; exit $$r

soak: ## fast programs looked at 60 000 times each: no verdict of any kind (SCANS=)
	$(again) MODE=release build/tests/system/test_scanned
	@SCANS=$(or $(SCANS),60000) BUILD_DIR=build V=1 tests/support/run.sh build/tests/system/test_scanned

rivals: ## the same kills for other queues, and a table; some minutes (KILLS=100 SEED=1)
	$(again) MODE=release build/ipcrivals
	@build/ipcrivals -k $(or $(KILLS),100) -s $(or $(SEED),1)

respawn: ## a word count, a worker of which is killed every 50 ms; ipcmon looks on (SECONDS=600)
	$(again) MODE=release all
	@RESPAWN=$(or $(SECONDS),600) BUILD_DIR=build V=1 tests/support/run.sh tests/system/respawn.sh

torture: ## ten million messages, 20 to 20: processes, then threads under TSan (SEED= MESSAGES=)
	@tests/support/bootstrap.sh test
	$(again) MODE=release build/tests/system/prog_torture
	$(again) MODE=tsan build/tsan/tests/system/prog_torture
	@tests/support/torture.sh processes
	@BUILD_DIR=build/tsan tests/support/torture.sh threads

deadlock: ## scenarios, random systems and soak for longer, with figures; some minutes
	@tests/support/bootstrap.sh test
	$(again) MODE=release all build/tests/unit/test_observe_random \
		$(patsubst %,build/tests/deadlock/test_%,scenarios random)
	@BUILD_DIR=build tests/deadlock/full

mutants: ## take each rule out of the detector, and see a test fail; some minutes (T=regex)
	@tests/support/bootstrap.sh test
	$(again) MODE=release all $(TESTS.unit)
	@tests/deadlock/mutate '$(T)'

models: ## check the Spin models of tests/models, and that their mutants fail (T=regex)
	@tests/support/bootstrap.sh models
	@CC='$(CC)' tests/models/run.sh '$(T)'

bench: ## the tables of README, of this machine; or what ARGS='--case oneway --size 96' asks for
	$(again) MODE=release build/ipcbench
	@build/ipcbench $(or $(ARGS),--markdown)

bench-bars: ## what libipc promises about its speed, and whether it is kept here (RUNS=3)
	$(again) MODE=uncounted build/uncounted/ipcbench
	$(again) MODE=release build/ipcbench build/ipcmon
	@RUNS='$(RUNS)' tests/bench/bars.sh $(ARGS)

bench-readme: ## put this machine's figures into README.md
	$(again) MODE=release build/ipcbench
	@tests/bench/readme.sh $(ARGS)

demo: ## a word count over /usr/include, watched live by ipcmon
	@tests/support/bootstrap.sh demo
	$(again) all
	@BUILD_DIR=$(B) libipc/examples/demo.sh wordcount

demo-deadlock: ## a program that joins before it drains, and what ipcmon says of it
	@tests/support/bootstrap.sh demo
	$(again) all
	@BUILD_DIR=$(B) libipc/examples/demo.sh deadlock

demo-slow: ## a pipeline of which one stage is too slow, and how ipcmon finds its line
	@tests/support/bootstrap.sh demo
	$(again) all
	@BUILD_DIR=$(B) libipc/examples/demo.sh slow

crash: ## kill at each instruction that matters, and at random; writes FIGURES.md (KILLS= ONLY= ARGS=)
	@tests/support/bootstrap.sh test
	$(again) MODE=release build/ipccrash
	@BUILD_DIR=$(CURDIR)/build tests/crash/full $(ARGS)

controls: ## break the library in ways that make crash must find (T=regex)
	@tests/support/bootstrap.sh test
	$(again) MODE=release build/ipccrash
	@BUILD_DIR=$(CURDIR)/build tests/crash/controls '$(T)'

fuzz: ## feed observer, joining and streams with nonsense, by libFuzzer (SECONDS=60 each, T=regex)
	@tests/support/bootstrap.sh fuzz
	$(again) MODE=fuzz CC=clang WERROR= fuzz-targets
	@BUILD_DIR=build/fuzz SECONDS_EACH=$(or $(SECONDS),60) tests/fuzz/run.sh '$(T)'
fuzz-targets: $(FUZZ)

deps: ## install what building needs (also: test-deps, check-deps, bench-deps, models-deps)
	@tests/support/bootstrap.sh build
test-deps check-deps bench-deps models-deps:
	@tests/support/bootstrap.sh $(@:-deps=)

format: ## rewrite all C files in the project's format
	@tests/lint/format.sh --fix

# ---- installation --------------------------------------------------------------------------------
# libipc.pc is written here and not earlier: written by `make`, it would keep the PREFIX of then.

D = $(DESTDIR)
INSTALL = install

install: lib $(TRACE) $(TOOLS) ## into PREFIX (/usr/local), below DESTDIR if given
	$(INSTALL) -d '$(D)$(bindir)' '$(D)$(libdir)' '$(D)$(pcdir)' '$(D)$(includedir)/ipc'
	$(INSTALL) -m 644 $(HEADERS) '$(D)$(includedir)/ipc'
	$(INSTALL) -m 755 $(B)/$(SO) '$(D)$(libdir)'
	ln -sf $(SO) '$(D)$(libdir)/libipc.so.$(MAJOR)'
	ln -sf libipc.so.$(MAJOR) '$(D)$(libdir)/libipc.so'
	$(INSTALL) -m 644 $(B)/libipc.a '$(D)$(libdir)'
	$(if $(TRACE),$(INSTALL) -m 755 $(TRACE) '$(D)$(libdir)')
	$(if $(strip $(TOOLS) $(SCRIPTS)),$(INSTALL) -m 755 $(TOOLS) $(SCRIPTS) '$(D)$(bindir)')
	@set -e; for p in $(PAGES); do \
		$(INSTALL) -D -m 644 $$p "$(D)$(mandir)/man$${p##*.}/$${p##*/}"; done
	$(if $(SRC.monitor),$(INSTALL) -d '$(D)$(bashdir)' '$(D)$(zshdir)' '$(D)$(schemadir)' && \
		$(B)/ipcmon completion bash >'$(D)$(bashdir)/ipcmon' && \
		$(B)/ipcmon completion zsh >'$(D)$(zshdir)/_ipcmon' && \
		$(INSTALL) -m 644 $(SCHEMAS) '$(D)$(schemadir)')
	@sed -e 's|@PREFIX@|$(PREFIX)|;s|@LIBDIR@|$(libdir)|;s|@INCLUDEDIR@|$(includedir)|' \
		-e 's|@VERSION@|$(VERSION)|' libipc/libipc.pc.in >'$(D)$(pcdir)/libipc.pc'
	@test -n '$(D)' || ldconfig 2>/dev/null || :

uninstall: ## remove what install put there
	rm -f $(patsubst libipc/include/%,'$(D)$(includedir)/%',$(HEADERS))
	rm -f '$(D)$(libdir)/'libipc.so '$(D)$(libdir)/'libipc.so.$(MAJOR) '$(D)$(libdir)/'$(SO) \
		'$(D)$(libdir)/'libipc.a '$(D)$(libdir)/'libipc-trace.so '$(D)$(pcdir)/libipc.pc'
	rm -f $(patsubst %,'$(D)$(bindir)/%',$(notdir $(TOOLS) $(SCRIPTS)))
	@for p in $(PAGES); do rm -f "$(D)$(mandir)/man$${p##*.}/$${p##*/}"; done
	rm -f '$(D)$(bashdir)/ipcmon' '$(D)$(zshdir)/_ipcmon' \
		$(patsubst monitor/schema/%,'$(D)$(schemadir)/%',$(SCHEMAS))
	-@rmdir '$(D)$(includedir)/ipc' '$(D)$(schemadir)' '$(D)$(PREFIX)/share/libipc' 2>/dev/null || :

clean: ## remove build/
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
