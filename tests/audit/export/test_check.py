"""What two verifiers, written apart, say of a bundle: one verdict."""

import base64
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from audit import Places, log
from audit.checkpoints import Checkpoint, CheckpointFile
from audit.export import verify_bundle
from audit.merkle import Tree
from audit.place import store_key
from audit.signednote import SigningKey, find_signing_key, new_signing_key
from tests.audit.export.verdicts import both, fitted, key_of


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
        assert "more lines" not in " ".join(standalone.examine(str(bundle), None, None)["problems"])


def test_a_bundle_written_anew_and_signed_with_another_key_is_not_vouched_for(
    whole: Path, standalone: ModuleType
) -> None:
    trusted = key_of(whole)
    other = SigningKey(trusted.split("+")[0], bytes(range(32)))
    body = [json.loads(line) for line in (whole / "events.jsonl").read_text().splitlines()]
    body[0]["data"]["signer"] = other.public.vkey
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


def test_of_many_problems_the_first_are_named_and_the_rest_counted(whole: Path) -> None:
    lines = (whole / "events.jsonl").read_bytes().splitlines()
    (whole / "events.jsonl").write_bytes(b"".join(line + b" \n" for line in lines))
    problems = verify_bundle(whole, key=key_of(whole)).problems
    assert len(problems) == 21
    assert problems[-1].startswith("There are ")
