# The commands of README.md. Each installs what it needs by itself (.ci/prepare).
.PHONY: demo test long check lock
VENV = .venv/bin

demo: ## dial a campaign through the gate, on real Asterisk; DEMO="--keep" leaves everything running
	@.ci/prepare demo
	@$(VENV)/telephony demo $(DEMO)

test: ## every test, the ones on real Asterisk, PostgreSQL and Chromium included
	@.ci/prepare test
	@.ci/test $(TESTS)

long: ## the same tests at full numbers, seeded: before a change of the core is called done
	@.ci/prepare test
	@TELEPHONY_LONG=1 .ci/test $(TESTS)

check: ## what a newcomer needs in under a minute: no server
	@.ci/prepare check
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(VENV)/python -m pytest -q -n auto -m "not asterisk and not postgresql and not browser and not slow" $(TESTS)

lock: ## write requirements.lock anew from pyproject.toml
	@$(VENV)/python -m uv pip compile -q pyproject.toml --extra plots --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header -o requirements.lock
