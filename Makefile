# Everything a person does here is a target; `make` prints them. Recipes go through npm, so that they run on the Node
# that `npm ci` brings, whatever the machine has.
.DEFAULT_GOAL := help
.PHONY: help install build check test test-watch integration lint format golden options demo soak bench mutate graph pack clean

INSTALLED := node_modules/.installed

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{ printf "  %-12s %s\n", $$1, $$2 }'

$(INSTALLED): package.json package-lock.json
	npm ci --no-progress
	@touch $@

install: $(INSTALLED) ## Install the dependencies and the Node they need

build: install ## Compile to dist/
	@npm run --silent build

demo: build ## Learn the bundled shop and show its policies
	@npm run --silent demo

test: install ## Run the tests
	npm test

test-watch: install ## Run the tests again at every change
	npm run test:watch

integration: build ## Run the tests against real servers (CONTRIBUTING.md): needs Go, Java and Maven, and minutes the first time
	@npm run --silent integration

soak: build ## Kill collectors 500 times while a producer writes, and play 10,000 histories on GitHub: takes hours
	@npm run --silent soak

lint: install ## Check types, style, import directions and unused code
	npm run typecheck
	npm run lint

check: lint build test ## Everything a pull request needs
	npm run package

format: install ## Format the code
	npm run format

golden: install ## Write the golden files anew; look at the difference before you commit it
	npm run example
	npm test -- --update

options: install ## Write the option table in the README anew
	npm run options

bench: build ## Measure suggest, the evaluator, the reading of a large cluster, collecting from Kafka, a large state, audit logs and a large repository, each beside something plain
	npm run bench

mutate: install ## Plant mistakes in the evaluator: the tests must notice each
	npm run mutate

graph: install ## Draw the import graph (Mermaid) to .cache/imports.mmd
	@mkdir -p .cache
	npx depcruise --config .dependency-cruiser.mjs --output-type mermaid --collapse '^(src/[^/]+|generators)' src generators > .cache/imports.mmd
	@echo "wrote .cache/imports.mmd"

pack: build ## Make the package as it would be published
	npm pack

clean: ## Remove what was built
	rm -rf dist coverage .cache node_modules *.tgz
