"""Bundles damaged by the hundred: the verifier that travels along says the same as ours."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from audit import AuditError, Places
from audit.export import VERIFIER
from audit.place import store_key
from audit.signednote import find_signing_key
from tests.audit.export.verdicts import CODES, both, fitted, key_of
from tests.soak import times

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


@pytest.mark.soak
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
    for number in range(times(60, 250)):
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
