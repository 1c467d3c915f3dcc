"""Renders a skeleton to the files of its folder, and loads a rendered environment."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import types
from typing import Any

import jinja2

from generator.errors import RenderingError
from generator.rendering.bundled import templates
from generator.rendering.environment import EnvironmentWriter, instructions
from generator.scengenerator.scenario import digest
from generator.skeleton.checker import check
from generator.skeleton.document import Skeleton
from generator.skeleton.model import Model
from generator.skeleton.writing import write_skeleton

LINE_LENGTH = 110


@functools.cache
def _templates() -> jinja2.Environment:
    environment = templates("server", code=True)
    environment.filters["string"] = _string
    environment.filters["docstring"] = _docstring
    return environment


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _docstring(text: str) -> str:
    """A docstring of one paragraph, whatever the text holds."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}{" " if text.endswith(chr(34)) else ""}"""'


def environment_source(model: Model, *, formatted: bool = True) -> str:
    """The text of environment.py. Raises RenderingError when the formatter is missing."""
    context = EnvironmentWriter(model).context()
    document = model.document
    source = (
        _templates()
        .get_template("environment.py.jinja")
        .render(
            **context,
            name=document.id,
            title=document.title,
            about=_inside_quotes(f"{document.title}: {document.summary}"),
            version=skeleton_digest(document)[:12],
            instructions=_inside_quotes(instructions(model)),
        )
    )
    return format_python(source) if formatted else source


def _inside_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def format_python(source: str) -> str:
    """The source as `ruff format` writes it; ruff's version is pinned, so that the bytes are too."""
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", f"--line-length={LINE_LENGTH}", "--target-version=py311"]
    try:
        sorted_imports = subprocess.run(
            [*ruff, "check", "--quiet", "--fix", "--select=F401,I", *options, "-"],
            input=source,
            capture_output=True,
            text=True,
            check=False,
        )  # exit code 1 only says that something could not be fixed
        done = subprocess.run(
            [*ruff, "format", *options, "-"], input=sorted_imports.stdout, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise RenderingError(
            f"cannot start ruff, which formats rendered code: {error}; install envwright again"
        ) from error
    if done.returncode:
        raise RenderingError(f"the rendered code cannot be formatted, which is a bug of envwright: {done.stderr}")
    return done.stdout


def skeleton_digest(document: Skeleton) -> str:
    """SHA-256 of the canonical text of a skeleton."""
    return digest(write_skeleton(document))


def digests(document: Skeleton) -> tuple[str, str]:
    """SHA-256 of the skeleton's canonical text and of the rendered environment.py."""
    text = write_skeleton(document)
    return digest(text), digest(_rendered_environment(text))


def environment_digest(document: Skeleton) -> str:
    """SHA-256 of the rendered environment.py."""
    return digest(_rendered_environment(write_skeleton(document)))


@functools.lru_cache(maxsize=64)
def _rendered_environment(text: str) -> str:
    from generator.skeleton.reading import parse_skeleton

    return environment_source(check(parse_skeleton(text, "skeleton")))


def load_environment(document: Skeleton | Model) -> types.ModuleType:
    """The rendered environment as a module of this process: our own code, compiled from a checked document.

    The module is made once for each skeleton. Raises SkeletonError when the document does not pass the checker.
    """
    if isinstance(document, Model):
        document = document.document
    return _loaded(write_skeleton(document))


@functools.lru_cache(maxsize=256)
def _loaded(text: str) -> types.ModuleType:
    from generator.skeleton.reading import parse_skeleton

    model = check(parse_skeleton(text, "skeleton"))
    name = f"environment_{model.document.id}_{digest(text)[:8]}"
    module = types.ModuleType(name)
    module.__file__ = f"<rendered {model.document.id}>/environment.py"
    sys.modules[name] = module  # dataclasses look their module up
    exec(compile(environment_source(model, formatted=False), module.__file__, "exec"), module.__dict__)
    return module


def render(document: Skeleton, initial_state: dict[str, Any]) -> dict[str, str]:
    """File name → text, for everything in the folder of an environment but the skeleton itself.

    `initial_state` is what the server starts from without a scenario. Raises SkeletonError and RenderingError.
    """
    module = load_environment(document)
    environment = _rendered_environment(write_skeleton(document))
    context = {
        "name": document.id,
        "title": document.title,
        "summary": document.summary,
        "introduction": document.introduction,
        "rules": [rule.text for rule in document.rules.values()],
        "policies": [policy.text for policy in document.policies.values()],
        "tools": module.TOOLS,
        "digest": digest(environment),
        "version": "1.0.0",
    }
    files = {"environment.py": environment}
    for name in ("server.py", "README.md", "manifest.json"):
        text = _templates().get_template(f"{name}.jinja").render(**context)
        files[name] = format_python(text) if name.endswith(".py") else text
    files["state.json"] = json.dumps(initial_state, indent=1, ensure_ascii=False) + "\n"
    return files
