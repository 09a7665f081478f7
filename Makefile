# 环信通. `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv/bin
export FLASK_APP := app

.DEFAULT_GOAL := help
.PHONY: help run test walk soak lint format bench paths diagrams reset check migration requirements

help: ## this list 这份清单
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: ## set up and run everything 准备并运行 (PORT=8000 INSTANCE=instance DATABASE_URL=… DEMO=0)
	@$(PYTHON) -m tools.run

test: ## all tests, real-browser journeys included 全部测试
	@$(PYTHON) -m tools.test

walk: ## drive complaints to the archive 全流程走查 (FILE=…)
	@$(PYTHON) -m tools.setup
	@$(VENV)/flask walk $(FILE)

soak: ## kill web and worker again and again, play a year 反复强杀、模拟全年 (ROUNDS=1000 COUNTIES=12)
	@$(PYTHON) -m tools.setup test
	@ROUNDS=$${ROUNDS:-1000} COUNTIES=$${COUNTIES:-12} $(VENV)/python -m pytest -m soak tests $(ARGS)

lint: ## style, types, procedures, drawings, layers 检查代码和流程图
	@$(PYTHON) -m tools.setup test
	@$(VENV)/python -m tools.lint

format: ## put code into the one style 统一格式
	@$(VENV)/ruff check --fix . && $(VENV)/ruff format .

bench: ## figures as JSON lines 性能数字
	@$(PYTHON) -m tools.setup test
	@$(VENV)/python -m bench

paths: ## what every scenario does, by day, in docs/procedures 各情景的路径
	@$(PYTHON) -m tools.setup test
	@$(VENV)/python -m tools.paths

diagrams: ## pictures of every procedure in docs/diagrams 流程图
	@$(PYTHON) -m tools.setup test
	@$(VENV)/python tools/render_diagrams.py

check: lint test ## lint, then test 检查加测试

reset: ## remove instance/: database, files, secret 清空全部数据 (FORCE=1)
	@$(PYTHON) -m tools.reset

migration: ## a new migration from the models 生成迁移 (NAME="what changes")
	@$(VENV)/flask migration "$(NAME)"

requirements: ## pin the newest versions with hashes 更新锁定的版本
	@$(PYTHON) -m tools.requirements
