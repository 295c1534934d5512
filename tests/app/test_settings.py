import re
from pathlib import Path

import pytest

from app import UsageError
from app.settings import default_workers, load
from pipeline.model import Scope, Setting


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    folder = tmp_path / "config" / "chartproof"
    folder.mkdir(parents=True)
    return folder / "settings.toml"


def test_defaults_lie_in_the_folders_of_the_user(file: Path, tmp_path: Path) -> None:
    settings = load({})
    assert settings.store == tmp_path / "data" / "chartproof" / "store"
    assert settings.demo == tmp_path / "data" / "chartproof" / "demo-store"
    assert settings.cache == tmp_path / "cache" / "chartproof"
    assert settings.state == tmp_path / "state" / "chartproof"
    assert settings.file == file
    assert settings.scope is Scope.REPORTABLE
    assert settings.setting is None
    assert settings.workers == default_workers()
    assert settings.actor
    assert settings.library == tmp_path / "data" / "chartproof" / "taxonomy"
    assert not settings.sex_advisory
    assert not settings.hcc


def test_the_environment_wins_over_the_file(file: Path, tmp_path: Path) -> None:
    file.write_text('store = "/srv/a"\nscope = "documented"\nworkers = 3\nsetting = "inpatient"\n')
    from_file = load({})
    assert from_file.store == Path("/srv/a")
    assert from_file.scope is Scope.DOCUMENTED
    assert (from_file.workers, from_file.setting) == (3, Setting.INPATIENT)
    both = load({"CHARTPROOF_WORKERS": "5", "CHARTPROOF_SCOPE": "reportable", "OTHER": "x"})
    assert (both.workers, both.scope) == (5, Scope.REPORTABLE)
    assert both.store == Path("/srv/a")


def test_blank_variables_and_those_of_other_parts_are_passed_over(file: Path) -> None:
    blank = load({"CHARTPROOF_STORE": " ", "CHARTPROOF_KEYRING": "off", "CHARTPROOF_SOAK": "3"})
    assert blank == load({})


def test_what_the_checks_of_a_change_set_is_no_setting() -> None:
    script = Path(__file__).parents[2] / ".ci" / "run"
    names = re.findall(r"CHARTPROOF_[A-Z_]+", script.read_text(encoding="utf-8"))
    assert len(names) > 1
    assert load(dict.fromkeys(names, "required")) == load({})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stroe = 'x'", "stroe in .*settings.toml is no setting"),
        ("workers = 0", "workers in .* is not a whole number from 1 to 64"),
        ("workers = 'many'", "workers in"),
        ("scope = 'all'", "scope in .* is not reportable or documented"),
        ("setting = 'ward'", "setting in .* is not one of inpatient, outpatient"),
        ("store = [1]", "store in .* is not a folder"),
        ("hcc = 'maybe'", "hcc in .* is not true or false"),
        ("broken = ", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_key(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError, match=says):
        load({})


@pytest.mark.parametrize(
    ("name", "value"),
    [("CHARTPROOF_STROE", "x"), ("CHARTPROOF_SCOPE", "all"), ("CHARTPROOF_WORKERS", "-1")],
)
def test_a_wrong_variable_is_refused_by_name(file: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"{name} in the environment"):
        load({name: value})


def test_a_password_does_not_lie_in_the_settings(file: Path) -> None:
    file.write_text('database = "postgresql://ada:HUSH@localhost/charts"\n')
    with pytest.raises(UsageError, match="holds a password") as told:
        load({})
    assert "HUSH" not in str(told.value)
    file.write_text('database = "postgresql://ada@localhost/charts"\n')
    assert load({}).database == "postgresql://ada@localhost/charts"
    from_outside = load({"CHARTPROOF_DATABASE": "postgresql://ada:HUSH@localhost/charts"})
    assert "HUSH" not in repr(from_outside)
