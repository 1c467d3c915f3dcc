"""Fixtures that tests of several packages share."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import sys
from pathlib import Path
from types import ModuleType

import hypothesis
import jinja2
import pytest

ROOT = Path(__file__).parent.parent
NODE = ROOT / ".venv" / "clients" / "bin" / "node"
DIGEST = "d" * 64

# A shell makes what it starts in the background deaf to Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test depends on time or chance. To look for new examples: pytest --hypothesis-profile=explore
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("same", deadline=None, derandomize=True)
hypothesis.settings.load_profile("same")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The tier with the real clients is run when it is asked for, and told of otherwise."""
    if "clients" in config.getoption("markexpr"):
        return
    why = "they are installed, and a tier of their own" if NODE.exists() else "Node and they are not installed"
    for item in items:
        if item.get_closest_marker("clients"):
            item.add_marker(pytest.mark.skip(reason=f"real agents, tools and frameworks: {why}; make clients"))


def load_environment(folder: Path) -> ModuleType:
    """The module environment.py of a server's folder, under a name of its own."""
    name = f"environment_of_{folder.name}"
    spec = importlib.util.spec_from_file_location(name, folder / "environment.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def render_server(folder: Path) -> None:
    """Write server.py, README.md and manifest.json beside the environment.py in `folder`."""
    environment = load_environment(folder)
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates" / "server"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    variables = {
        "name": environment.NAME,
        "title": environment.TITLE,
        "summary": "Things to do, and what was done.",
        "introduction": "A list of things to do. It's kept by one person.",
        "rules": ["A finished item is not finished again.", "Nothing is ever removed."],
        "policies": ["Ask before adding more than ten items."],
        "tools": environment.TOOLS,
        "digest": DIGEST,
        "version": "1.0.0",
    }
    for name in ("server.py", "README.md", "manifest.json"):
        (folder / name).write_text(templates.get_template(f"{name}.jinja").render(variables), encoding="utf-8")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small server that stands alone."""
    folder = tmp_path_factory.mktemp("servers") / "todo_list"
    shutil.copytree(ROOT / "tests" / "fixtures" / "todo_server", folder)
    render_server(folder)
    return folder
