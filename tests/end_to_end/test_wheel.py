"""The built wheel, installed apart from the work tree, codes a note from an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
NOTE = "ASSESSMENT\n1. Essential hypertension, continue lisinopril.\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", str(REPOSITORY), "--wheel-dir", str(folder)),
            *("--no-deps", "--no-build-isolation", "--no-index", "--quiet"),
        ],
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_resource_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    resources = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "resources").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert resources - names == set()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"app", "audit", "pipeline", "resources", "taxonomy"}


def test_the_wheel_codes_a_note_from_an_empty_folder(
    wheel: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    packages = environment / "lib" / "python3.11" / "site-packages"
    # Our libraries, without the path entries of this environment: the work tree is not among them.
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", str(wheel)),
            *("--no-deps", "--no-index", "--quiet"),
        ],
        check=True,
    )
    folder = tmp_path / "empty"
    folder.mkdir()
    (tmp_path / "note.txt").write_text(NOTE)
    cache = request.config.cache
    assert cache is not None
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "CHARTPROOF_KEYRING": "off",
        "CHARTPROOF_CACHE": str(cache.mkdir("chartproof")),
    }
    command = [
        str(environment / "bin" / "chartproof"),
        "code",
        str(tmp_path / "note.txt"),
        "--json",
    ]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    value = json.loads(done.stdout)
    (suggestion,) = value["suggestions"]
    assert suggestion["code"] == "I10"
    info = subprocess.run(
        [str(environment / "bin" / "chartproof"), "info", "--json"],
        cwd=folder,
        env=variables,
        capture_output=True,
        check=True,
    )
    program = json.loads(info.stdout)["paths"]["program"]
    assert Path(program).is_relative_to(environment), "not the work tree"
    assert not list(folder.iterdir())
