"""The wheel and the sdist: they hold what the repository holds, and what they install runs from another folder."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUNDLED = ("templates", "servers", "scenarios")
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def build(source: Path, target: str, folder: Path) -> Path:
    """Builds with hatchling, and gives the one file that it made."""
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=source)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_what_git_knows(wheel: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    known = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    expected = {name for name in known if name.startswith(("generator/", "harness/"))}
    expected |= {f"generator/_bundled/{name}" for name in known if name.startswith(BUNDLED)}
    assert set(content(wheel)) == {
        name for name in expected if (ROOT / name.replace("generator/_bundled/", "")).exists()
    }


def test_the_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = build(ROOT, "sdist", tmp_path / "sdist")
    run("tar", "-xzf", archive, cwd=tmp_path)
    again = build(tmp_path / archive.name.removesuffix(".tar.gz"), "wheel", tmp_path / "wheel")
    assert content(again) == content(wheel)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    assert Path(packages).is_relative_to(folder)
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def test_the_command_runs_elsewhere(installed: Path, tmp_path: Path) -> None:
    assert "Usage" in run(installed / "envwright", "--help", cwd=tmp_path)
    where = run(installed / "python", "-c", "import generator; print(generator.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_bundled_environments_are_found_and_run(installed: Path, tmp_path: Path) -> None:
    names = sorted(path.parent.name for path in (ROOT / "servers").glob("*/skeleton.yaml"))
    run(installed / "envwright", "check", names[0], cwd=tmp_path)
    scenarios = sorted((ROOT / "scenarios" / names[0]).glob("*.json"))
    if not scenarios:
        pytest.skip("no scenarios yet")
    options = ["--agent", "reference", "--scenarios", str(scenarios[0]), "--json"]
    report = run(installed / "envwright", "run", *options, cwd=tmp_path)
    assert json.loads(report)
    assert list((tmp_path / "runs").iterdir())
