"""A log held against signed checkpoints: those of this machine, and one that was kept elsewhere.

The chain shows that a log is whole in itself, and whoever can write it can make it whole anew. A
signed root over its first events shows that they are still those that were signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audit.chain import Walk
from audit.checkpoints import CheckpointError, Kept, read_checkpoints, roots
from audit.signednote import PublicKey, SignatureError, read_vkey, signer_name


def lacking(count: int) -> str:
    """Return how a sentence begins that says how many of the newest events are missing."""
    return "The newest event is missing" if count == 1 else f"The newest {count} events are missing"


@dataclass(slots=True, kw_only=True)
class Anchors:
    """What a log must agree with, and after `judge` what it does not agree with.

    `kept` are the checkpoints of this machine, or why there are none; `against` those brought from
    elsewhere; `local` is the key this machine signs with, None where it has none; `expected` tells
    whether this machine must have checkpoints of a log that names who signs them. `shortened` tells
    after `judge` that more events were signed than the log has.
    """

    store_id: str
    kept: tuple[Kept, ...] | CheckpointError
    against: tuple[Kept, ...] = ()
    local: PublicKey | None = None
    expected: bool = True
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    shortened: bool = False

    def sizes(self) -> frozenset[int]:
        """Return the sizes at which the walk has to note the root."""
        kept = () if isinstance(self.kept, CheckpointError) else self.kept
        return roots((*kept, *self.against))

    def judge(self, walk: Walk) -> None:
        """Compare what the walk saw; sentences go to `altered` and `missing`."""
        signers = _keys(walk.signers)
        if signers and self.local is not None and self.local not in signers:
            self.altered.append(
                "The log does not name the key with which this machine signs its checkpoints: it "
                "is not the log that was signed here."
            )
        if isinstance(self.kept, CheckpointError):
            if signers and self.expected:
                self.missing.append(str(self.kept))
        else:
            self._compare(self.kept, walk, signers, "a checkpoint of this machine")
        trusted = (*signers, *(() if self.local is None else (self.local,)))
        self._compare(self.against, walk, trusted, "the checkpoint given")

    def judge_bundle(self, walk: Walk, *, part: bool) -> tuple[PublicKey, ...]:
        """Compare a bundle, which must agree with its own checkpoints; return the keys it names.

        Of a part of a log, `walk` has the roots of its checkpoints and the size they reach to.
        """
        signers = _keys(walk.signers)
        assert not isinstance(self.kept, CheckpointError)
        self._compare(self.kept, walk, signers, "a checkpoint of the bundle")
        self.altered += self.missing
        self.missing = []
        known = [each for each in self.against if not part or each.checkpoint.size in walk.roots]
        self._compare(known, walk, signers, "the checkpoint given")
        for each in self.against:
            if each not in known:
                self.missing.append(
                    f"This part of a log cannot be compared with a checkpoint over "
                    f"{each.checkpoint.size} events. Ask for the whole log."
                )
        return signers

    def _compare(
        self, kept: Sequence[Kept], walk: Walk, signers: Sequence[PublicKey], what: str
    ) -> None:
        good = 0
        for each in kept:
            size = each.checkpoint.size
            if each.checkpoint.origin != signer_name(self.store_id):
                self.missing.append(f"{what.capitalize()} is one of another store.")
                return
            if not any(each.signed.checked(key) for key in signers):
                self.missing.append(
                    f"{what.capitalize()}, over {size} events, is not signed by a key of this log."
                )
            if size > walk.head.seq:
                self.shortened = True
                self.missing.append(
                    f"{lacking(size - walk.head.seq)}: the log ends at event {walk.head.seq}, and "
                    f"{what} was signed over {size} events."
                )
                return  # one difference says it; those behind follow from it
            if walk.roots.get(size) != each.checkpoint.root:
                span = f"Events {good + 1} to {size} are" if size > good + 1 else f"Event {size} is"
                self.altered.append(
                    f"{span} not as signed: {what} has another root over {size} events, so the "
                    "log was written anew or changed."
                )
                return
            good = max(good, size)


def read_anchor(path: Path) -> tuple[Kept, ...]:
    """Return the checkpoints of a file kept elsewhere; CheckpointError where it has none."""
    try:
        content = path.read_bytes().replace(b"\r\n", b"\n")  # a mail program may have been there
        kept = read_checkpoints(content.rstrip(b"\n") + b"\n\n") if content.strip() else ()
    except OSError as error:
        raise CheckpointError(f"The checkpoint {path} cannot be read: {error.strerror}.") from None
    except CheckpointError as error:
        raise CheckpointError(f"The file {path} is no checkpoint: a part of it {error}.") from None
    if not kept:
        raise CheckpointError(f"The file {path} holds no checkpoint.")
    return kept


def _keys(lines: Sequence[str]) -> tuple[PublicKey, ...]:
    keys = []
    for line in lines:
        try:
            keys.append(read_vkey(line))
        except SignatureError:
            continue  # an altered line names no key, and the chain has told that it was altered
    return tuple(keys)
