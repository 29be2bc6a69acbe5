# Each target is an npm script; `npm run` lists them all.
# ARGS are handed on: make start ARGS="--library movie=/srv/films"
.DEFAULT_GOAL := help
.PHONY: help start test check build bench bench-start bench-http bench-scan bench-jobs bench-cpu bench-mem clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

start: ## run the server (npm ci has built it)
	npm start -- $(ARGS)

test: ## all tests
	npm test -- $(ARGS)

check: ## types, lint, import boundaries, format
	npm run check

build: ## compile what changed
	npm run build

bench: ## every benchmark
	npm run bench -- $(ARGS)

bench-start: ## time to ready, memory when idle
	npm run bench:start -- $(ARGS)

bench-http: ## requests against a bare Koa
	npm run bench:http -- $(ARGS)

bench-scan: ## a library of 20,000 files
	npm run bench:scan -- $(ARGS)

bench-jobs: ## enqueue to start
	npm run bench:jobs -- $(ARGS)

bench-cpu: ## a CPU profile of a benchmark's servers (ARGS=http|scan|jobs|start)
	npm run bench:cpu -- $(ARGS)

bench-mem: ## a heap profile of the same
	npm run bench:mem -- $(ARGS)

clean: ## remove what build made; DATA stays
	npm run build -- --clean
