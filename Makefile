# Thin lines over the presets of CMakePresets.json. `make help` lists the targets.
# JOBS=N: how much runs at once. PREFIX=/opt/corewalk: where `make install` puts it.
FUZZ_SECONDS ?= 300
JOBS ?= $(shell nproc)
DESTDIR ?=
PREFIX ?= /usr/local

build_with = cmake --preset $(1) && cmake --build --preset $(1) --parallel $(JOBS)

.DEFAULT_GOAL := all
.PHONY: all check cores asan tsan fuzz bench tidy format docs install package clean help

all: ## Build and run the unit tests
	$(call build_with,release)
	ctest --preset release --parallel $(JOBS)

check: ## Everything that CI runs: set-up, build, all tests
	./.ci/run

cores: ## Only the tests on real cores
	$(call build_with,ci)
	ctest --preset cores --parallel $(JOBS)

asan: ## Unit tests and the fuzz corpus under AddressSanitizer and UndefinedBehaviorSanitizer
	$(call build_with,asan)
	ctest --preset asan --parallel $(JOBS)

tsan: ## Unit tests under ThreadSanitizer
	$(call build_with,tsan)
	ctest --preset tsan --parallel $(JOBS)

fuzz: ## Fuzz damage to a real core for five minutes (needs clang; tests/fuzz)
	$(call build_with,fuzz) --target fuzz_heap
	mkdir -p build/fuzz/corpus
	COREWALK_FUZZ_CORES=$$(./scripts/corefiles path --node 22 --program midalloc)/core \
	  ./build/fuzz/tests/fuzz/fuzz_heap -max_total_time=$(FUZZ_SECONDS) -max_len=256 -len_control=0 \
	  -timeout=20 build/fuzz/corpus tests/fuzz/corpus/heap

bench: ## Measure time and memory against reading the core once, and against V8's snapshots
	./scripts/bench
	./scripts/bench-graph

tidy: ## Check the code with clang-tidy
	./scripts/tidy

format: ## Format the code with clang-format
	./scripts/format

docs: ## Write docs/commands.md from the commands themselves
	$(call build_with,release)
	./build/release/bin/corewalk manual --markdown > docs/commands.md.new
	mv docs/commands.md.new docs/commands.md

install: ## Build and install under PREFIX (default /usr/local)
	$(call build_with,release)
	DESTDIR=$(DESTDIR) cmake --install build/release --strip --prefix $(PREFIX)

package: ## Make a Debian package in build/release
	$(call build_with,release)
	cd build/release && cpack -G DEB

clean: ## Delete everything that was built (cores stay: scripts/corefiles clean --all)
	rm -rf build

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
