"""What both verifiers say of a bundle, and what a forger would make fit in it."""

import hashlib
import json
from pathlib import Path
from types import ModuleType

from audit import log
from audit.export import verify_bundle
from audit.signednote import SigningKey

CODES = {"intact": 0, "altered": 1, "unreadable": 2, "anchor": 3}


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


def fitted(bundle: Path, key: SigningKey) -> None:
    """Make the digests of the manifest and its signature fit, as a forger would."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
    content = log.canonical(manifest)
    (bundle / "manifest.json").write_text(content)
    digest = hashlib.sha256(content.encode()).hexdigest()
    (bundle / "manifest.sig").write_text(key.sign(f"{key.name}/export\n{digest}\n"))
