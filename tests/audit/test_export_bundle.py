"""Bundles: what is in them, and that two verifiers written apart say the same of damaged ones."""

import base64
import hashlib
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from audit import AuditError, Places, Store, log
from audit.checkpoints import CheckpointFile
from audit.export import VERIFIER, Choice, ExportError, export_bundle, verify_bundle
from audit.people import LOCAL_NOTICE
from audit.place import store_key
from audit.signednote import SigningKey, find_signing_key, new_signing_key
from audit.staff import Staff
from pipeline.model import Route
from resources import read_json
from tests.audit.builders import CODER, TEXT
from tests.audit.conftest import SOAK

PROGRAM = Path(__file__).parents[2] / "resources" / "verifier" / VERIFIER
CODES = {"intact": 0, "altered": 1, "unreadable": 2, "anchor": 3}


@pytest.fixture(scope="session")
def standalone() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chartproof_verify", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chartproof_verify"] = module  # its type hints are read from there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def whole(filled: Path, where: Places, tmp_path: Path) -> Path:
    with Store.open(filled, places=where, actor=CODER) as store:
        Staff(store).enrol("Robin Marlow", "a long passphrase")
        export_bundle(store, tmp_path / "whole", Choice(), texts=True)
    return tmp_path / "whole"


@pytest.fixture
def part(filled: Path, where: Places, tmp_path: Path) -> Path:
    with Store.open(filled, places=where, actor=CODER) as store:
        export_bundle(store, tmp_path / "part", Choice(cases=("e-1", "e-2")), texts=True)
    return tmp_path / "part"


def key_of(bundle: Path) -> str:
    return (bundle / "key.txt").read_text().strip()


def both(
    standalone: ModuleType, bundle: Path, *, key: str | None = None, against: Path | None = None
) -> str:
    """Return the verdict that both verifiers give, which must be one."""
    ours = verify_bundle(bundle, key=key, against=against)
    theirs = standalone.examine(str(bundle), key, None if against is None else str(against))
    said = (ours.status.value, ours.exit_code)
    assert said == (theirs["verdict"], theirs["exit_code"]), (ours.problems, theirs["problems"])
    assert bool(ours.problems) == bool(theirs["problems"])
    assert ours.exit_code == CODES[ours.status]
    return ours.status.value


def test_a_good_bundle_is_intact_under_its_key_and_says_so_without(
    standalone: ModuleType, whole: Path, part: Path
) -> None:
    for bundle in (whole, part):
        assert both(standalone, bundle, key=key_of(bundle)) == "intact"
        fingerprint = standalone.read_key(key_of(bundle)).fingerprint
        assert both(standalone, bundle, key=f"SHA256:{fingerprint.upper()}") == "intact"
        assert both(standalone, bundle, key=str(bundle / "key.txt")) == "intact"
        assert both(standalone, bundle) == "anchor"
        assert "signer not established" in verify_bundle(bundle).problems[0]
        assert both(standalone, bundle, key="0" * 64) == "anchor"
        assert both(standalone, bundle, key="nonsense") == "unreadable"


def test_the_program_in_the_bundle_runs_alone(whole: Path, tmp_path: Path) -> None:
    """In an interpreter that sees no package but the standard library, from another folder."""
    for arguments, code in (
        (["--key", key_of(whole)], 0),
        ([], 3),
        (["--json", "--key", key_of(whole)], 0),
    ):
        done = subprocess.run(
            [sys.executable, "-I", "-S", whole / VERIFIER, whole, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["verdict"] == "intact"
    assert (whole / VERIFIER).read_bytes() == PROGRAM.read_bytes()


def test_a_whole_bundle_holds_the_stored_bytes_and_a_part_only_its_cases(
    filled: Path, where: Places, whole: Path, part: Path
) -> None:
    with Store.open(filled, places=where, actor=CODER) as store:
        events = store.events()
        cases = {row.encounter_id: row.case_id for row in store.cases()}
    exported = (whole / "events.jsonl").read_bytes().splitlines()
    assert exported == [event.body.encode() for event in events[: len(exported)]]
    assert events[len(exported) - 1].kind == "record.exported"  # the export is in what it exports
    chosen = [json.loads(line) for line in (part / "events.jsonl").read_bytes().splitlines()]
    assert chosen[0]["kind"] == "store.created"
    assert {event["case_id"] for event in chosen[1:]} == {cases["e-1"], cases["e-2"]}
    manifest = json.loads((part / "manifest.json").read_text())
    assert (manifest["whole"], manifest["cases"], manifest["events"]) == (False, 2, 17)
    assert manifest["roles"] == LOCAL_NOTICE
    assert [path.stat().st_mode & 0o777 for path in part.iterdir()] == [0o600] * 8
    assert part.stat().st_mode & 0o777 == 0o700


def test_texts_go_along_or_stay_but_locked_keys_always_stay(
    filled: Path, where: Places, whole: Path, tmp_path: Path, standalone: ModuleType
) -> None:
    texts = [json.loads(line) for line in (whole / "texts.jsonl").read_text().splitlines()]
    assert sum(text.get("text") == TEXT for text in texts) == 4
    with Store.open(filled, places=where, actor=CODER) as store:
        enrolled = next(event for event in store.events() if event.kind == "person.enrolled")
        export_bundle(store, tmp_path / "bare", Choice(), texts=False)
    assert enrolled.blobs[0] not in {text["ref"] for text in texts}
    assert not (tmp_path / "bare" / "texts.jsonl").exists()
    assert both(standalone, tmp_path / "bare", key=key_of(whole)) == "intact"
    content = b"".join(path.read_bytes() for path in (tmp_path / "bare").iterdir())
    assert b"Okonkwo" not in content
    assert b"hypertension" not in content


@pytest.mark.parametrize(("was", "now"), [('"seq":1}', '"seq":true}'), ('"seq":1}', '"seq":1.0}')])
def test_a_number_of_another_type_is_no_proof(
    part: Path, filled: Path, where: Places, standalone: ModuleType, was: str, now: str
) -> None:
    mine = find_signing_key(where, store_key(filled, where)[0], "")
    assert mine is not None
    proofs = (part / "proofs.jsonl").read_text()
    assert proofs.count(was) == 1
    (part / "proofs.jsonl").write_text(proofs.replace(was, now))
    fitted(part, mine)
    assert both(standalone, part, key=key_of(part)) == "altered"


def test_what_a_bundle_says_of_roles_is_signed_and_an_older_one_says_nothing(
    whole: Path, filled: Path, where: Places, standalone: ModuleType, tmp_path: Path
) -> None:
    mine = find_signing_key(where, store_key(filled, where)[0], "")
    assert mine is not None
    content = (whole / "manifest.json").read_text()
    changes: tuple[dict[str, object], ...] = ({"roles": ""}, {"roles": 7}, {})
    for number, changed in enumerate(changes):
        bundle = tmp_path / str(number)
        shutil.copytree(whole, bundle)
        fields = {**json.loads(content), **changed}
        if not changed:
            del fields["roles"]
        (bundle / "manifest.json").write_text(log.canonical(fields))
        assert both(standalone, bundle, key=key_of(whole)) == "altered"
        fitted(bundle, mine)
        assert both(standalone, bundle, key=key_of(whole)) == "intact"


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (Choice(coder="coder-1"), 4),
        (Choice(lane=Route.REVIEW), 4),
        (Choice(first=date(2026, 5, 4), last=date(2026, 5, 4)), 4),
        (Choice(cases=("e-3",), coder="coder-1", first=date(2026, 1, 1)), 1),
    ],
)
def test_filters_choose_whole_cases(
    filled: Path, where: Places, tmp_path: Path, choice: Choice, found: int
) -> None:
    with Store.open(filled, places=where, actor=CODER) as store:
        manifest = export_bundle(store, tmp_path / "out", choice, texts=False)
        assert manifest["cases"] == found
        event = next(e for e in reversed(store.events()) if e.kind == "record.exported")
    assert event.data["cases"] == found
    assert event.data["coder"] == choice.coder
    assert "e-3" not in event.body  # an encounter id may be a file name


@pytest.mark.parametrize(
    "choice",
    [
        Choice(coder="nobody"),
        Choice(lane=Route.AUTO),
        Choice(last=date(2020, 1, 1)),
        Choice(cases=("no-such",)),
    ],
)
def test_what_chooses_nothing_is_an_error_and_writes_nothing(
    filled: Path, where: Places, tmp_path: Path, choice: Choice
) -> None:
    with Store.open(filled, places=where, actor=CODER) as store:
        with pytest.raises(AuditError):
            export_bundle(store, tmp_path / "out", choice, texts=True)
        assert store.events()[-1].kind != "record.exported"
    assert not list(tmp_path.glob("*out*"))


def test_nothing_is_written_over(filled: Path, where: Places, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("x")
    with Store.open(filled, places=where, actor=CODER) as store:
        with pytest.raises(ExportError, match="is there already"):
            export_bundle(store, out, Choice(), texts=True)
        (out / "mine").unlink()
        export_bundle(store, out, Choice(), texts=True)


def test_an_anchor_is_held_against_a_bundle(
    filled: Path, where: Places, whole: Path, part: Path, tmp_path: Path, standalone: ModuleType
) -> None:
    store_id = store_key(filled, where)[0]
    kept = CheckpointFile(where.checkpoints(store_id)).read()
    anchor = tmp_path / "anchor"
    key = key_of(whole)
    size = json.loads((whole / "manifest.json").read_text())["size"]
    for each in kept:
        anchor.write_text(each.content)
        newer = each.checkpoint.size > size
        assert both(standalone, whole, key=key, against=anchor) == ("anchor" if newer else "intact")
    assert kept[-1].checkpoint.size > size
    mine = find_signing_key(where, store_id, "")
    assert mine is not None
    root = base64.b64encode(bytes(32)).decode()
    anchor.write_text(mine.sign(f"{mine.name}\n33\n{root}\n"))
    assert both(standalone, whole, key=key, against=anchor) == "altered"
    assert both(standalone, part, key=key, against=anchor) == "altered"
    anchor.write_text(mine.sign(f"{mine.name}\n20\n{root}\n"))
    assert both(standalone, whole, key=key, against=anchor) == "altered"
    assert both(standalone, part, key=key, against=anchor) == "anchor"
    other = SigningKey(mine.name, bytes(32))
    anchor.write_text(other.sign(kept[0].checkpoint.text))
    assert both(standalone, whole, key=key, against=anchor) == "anchor"
    anchor.write_text(new_signing_key("0" * 32).sign(f"chartproof/{'0' * 32}\n33\n{root}\n"))
    assert both(standalone, whole, key=key, against=anchor) == "anchor"
    for content in ("", "nonsense"):
        anchor.write_text(content)
        assert both(standalone, whole, key=key, against=anchor) == "unreadable"
    assert both(standalone, whole, key=key, against=tmp_path / "none") == "unreadable"


FILES = ("events.jsonl", "hashes.txt", "checkpoints.txt", "proofs.jsonl", "texts.jsonl", "key.txt")


def flipped(bundle: Path, chance: random.Random) -> None:
    path = bundle / chance.choice([*FILES, "manifest.json", "manifest.sig"])
    if not path.exists():
        path = bundle / "manifest.json"
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(bundle: Path, chance: random.Random) -> None:
    path = chance.choice([path for path in bundle.iterdir() if path.name != VERIFIER])
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(len(content))])


def removed(bundle: Path, chance: random.Random) -> None:
    chance.choice([path for path in bundle.iterdir() if path.name != VERIFIER]).unlink()


def fitted(bundle: Path, key: SigningKey) -> None:
    """Make the digests of the manifest and its signature fit, as a forger would."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
    content = log.canonical(manifest)
    (bundle / "manifest.json").write_text(content)
    digest = hashlib.sha256(content.encode()).hexdigest()
    (bundle / "manifest.sig").write_text(key.sign(f"{key.name}/export\n{digest}\n"))


def lines_changed(bundle: Path, chance: random.Random) -> None:
    """Take a line out, put one in twice, exchange two, or write another value into one."""
    path = bundle / chance.choice([name for name in FILES if (bundle / name).exists()])
    lines = path.read_bytes().splitlines(keepends=True)
    at = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(chance.randrange(len(lines)), lines[at])
        case 2:
            to = chance.randrange(len(lines))
            lines[at], lines[to] = lines[to], lines[at]
        case 3:
            line = bytearray(lines[at])
            line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
            lines[at] = bytes(line)
        case _:
            lines.append(chance.choice([b"{}\n", b"[]\n", b"\n", b"null\n", b"\xff\n", b"1"]))
    path.write_bytes(b"".join(lines))


def values_changed(bundle: Path, chance: random.Random) -> None:
    """Write another value into one field of the manifest or of a line of JSON."""
    name = chance.choice(["manifest.json", "events.jsonl", "proofs.jsonl", "texts.jsonl"])
    lines = (bundle / name).read_text().split("\n")
    at = chance.randrange(len(lines) - (len(lines) > 1))
    fields = json.loads(lines[at])
    fields[chance.choice(sorted(fields))] = chance.choice(
        [None, True, 0, -1, 1, 7, 10**6, "", "x", "0" * 64, [], ["x"], [1, 2], {}, {"texts": [1]}]
    )
    lines[at] = json.dumps(fields)
    (bundle / name).write_text("\n".join(lines))


KINDS: list[Callable[[Path, random.Random], None]] = [
    flipped,
    cut,
    removed,
    lines_changed,
    values_changed,
]


@pytest.mark.parametrize("kind", ["whole", "part"])
def test_both_verifiers_say_the_same_of_damaged_bundles(
    kind: str,
    request: pytest.FixtureRequest,
    where: Places,
    filled: Path,
    tmp_path: Path,
    standalone: ModuleType,
) -> None:
    """Damage as it happens, and damage by someone who has the signing key and fits the rest."""
    bundle: Path = request.getfixturevalue(kind)
    key = key_of(bundle)
    mine = find_signing_key(where, store_key(filled, where)[0], "")
    assert mine is not None
    chance = random.Random(11)
    seen: dict[str, int] = dict.fromkeys(CODES, 0)
    for number in range(125 * SOAK if SOAK > 1 else 60):
        damaged = tmp_path / "damaged"
        shutil.copytree(bundle, damaged)
        before = {path.name: path.read_bytes() for path in damaged.iterdir()}
        KINDS[number % len(KINDS)](damaged, chance)
        forged = number % 2 == 1 and (damaged / "manifest.json").exists()
        try:
            if forged:
                fitted(damaged, mine)
        except (OSError, ValueError, KeyError, AttributeError, TypeError, AuditError):
            forged = False  # the manifest itself is what is damaged
        verdict = both(standalone, damaged, key=key)
        seen[verdict] += 1
        after = {path.name: path.read_bytes() for path in damaged.iterdir()}
        if {**before, "manifest.sig": b""} != {**after, "manifest.sig": b""} and not forged:
            assert verdict != "intact"
        shutil.rmtree(damaged)
    assert seen["altered"] > 10
    assert seen["unreadable"] > 5


def test_an_event_that_is_changed_and_fitted_is_named(
    whole: Path, part: Path, where: Places, filled: Path, standalone: ModuleType
) -> None:
    mine = find_signing_key(where, store_key(filled, where)[0], "")
    assert mine is not None
    for bundle, line, number in ((whole, 8, 9), (part, 3, 12)):
        lines = (bundle / "events.jsonl").read_bytes().splitlines(keepends=True)
        assert json.loads(lines[line])["seq"] == number
        lines[line] = lines[line].replace(b'"ts_utc":"2026', b'"ts_utc":"2025')
        (bundle / "events.jsonl").write_bytes(b"".join(lines))
        fitted(bundle, mine)
        assert both(standalone, bundle, key=key_of(bundle)) == "altered"
        told = (
            verify_bundle(bundle).problems[0],
            standalone.examine(str(bundle), None, None)["problems"][0],
        )
        assert all(f"vent {number} " in sentence for sentence in told), told


def test_a_bundle_written_anew_and_signed_with_another_key_is_not_vouched_for(
    whole: Path, standalone: ModuleType
) -> None:
    trusted = key_of(whole)
    other = SigningKey(trusted.split("+")[0], bytes(range(32)))
    body = [json.loads(line) for line in (whole / "events.jsonl").read_text().splitlines()]
    body[0]["data"]["signer"] = other.public.vkey
    from audit.checkpoints import Checkpoint  # noqa: PLC0415
    from audit.merkle import Tree  # noqa: PLC0415

    bodies = [log.canonical(each).encode() for each in body]
    chain, hashes = bytes(32), []
    for each in bodies:
        chain = log.chain_hash(chain, log.leaf_hash(each))
        hashes.append(chain.hex())
    root = Tree([log.leaf_hash(each) for each in bodies]).root()
    (whole / "events.jsonl").write_bytes(b"".join(each + b"\n" for each in bodies))
    (whole / "hashes.txt").write_text("".join(f"{each}\n" for each in hashes))
    checkpoint = Checkpoint(other.name, len(bodies), root)
    (whole / "checkpoints.txt").write_text(other.sign(checkpoint.text) + "\n")
    (whole / "proofs.jsonl").write_text("")
    (whole / "key.txt").write_text(f"{other.public.vkey}\n")
    fitted(whole, other)
    assert both(standalone, whole, key=trusted) == "anchor"
    assert both(standalone, whole) == "anchor"
    assert both(standalone, whole, key=other.public.vkey) == "intact"


def test_what_is_no_bundle_is_said(tmp_path: Path, standalone: ModuleType) -> None:
    assert both(standalone, tmp_path) == "unreadable"
    assert both(standalone, tmp_path / "nowhere") == "unreadable"
    (tmp_path / "manifest.json").mkdir()
    assert both(standalone, tmp_path) == "unreadable"


def test_the_rights_of_roles_hold_for_exports() -> None:
    table = read_json("people/roles.json")
    assert {role for role, rights in table.items() if "export" in rights} == {
        "reviewer",
        "compliance",
    }
