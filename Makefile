# Two commands: `make run` and `make test`. Both fetch what they need (scripts/tools.txt) and say so.
.PHONY: run test check
CARGO ?= cargo

run: ## start the server on the embedded default, with a local nats-server
	scripts/tool nats-server >/dev/null
	$(CARGO) build --release -p xiaoer
	exec target/release/xiaoer serve --data data

test: ## every test
	scripts/tool nats-server >/dev/null
	$(CARGO) test --workspace

check: ## what CI runs: lints of the contract and the code, then the tests
	"$$(scripts/tool buf)" lint
	$(CARGO) clippy --workspace -- -D warnings
	$(MAKE) test
