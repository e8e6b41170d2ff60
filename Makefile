# Two commands: `make run` and `make test`. Both fetch what they need (scripts/tools.txt) and say so.
.PHONY: run test check bench bench-large bench-peers
CARGO ?= cargo
# Many tests wait for a deadline to pass: as many at once as there are cores would leave these idle.
export RUST_TEST_THREADS ?= $(shell expr 2 \* $$(nproc 2>/dev/null || echo 2))

run: ## serve on the embedded default, with a local nats-server and a synthetic district to look at
	@scripts/run

test: ## every test
	scripts/tool nats-server >/dev/null
	scripts/postgres </dev/null >/dev/null
	$(CARGO) test --workspace

check: ## what CI runs: the contract, what comes in from others, the form of the code, its lints, then the tests
	scripts/check-contract
	scripts/check-supply
	$(CARGO) fmt --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(MAKE) test
	@if [ "$$(scripts/postgres programs)" = "$$(XIAOER_POSTGRES=pinned scripts/postgres programs)" ]; then \
	  echo "the tests have run on the pinned Postgres: none is installed that they would have taken"; \
	else \
	  echo "again on the pinned Postgres, but for the longest, which ask the same statements the most often"; \
	  XIAOER_POSTGRES=pinned $(CARGO) test --workspace --test conformance --test promises postgres -- --skip every_position --skip same_answers; \
	fi

bench: ## speed, as ratios against raw limits of the same run
	scripts/bench ratios
	scripts/bench abuse
	scripts/bench figures

bench-large: ## the last million of ten million events against the first, and what the server needs for them
	scripts/bench large

bench-peers: ## other event stores beside ours
	scripts/bench peers
