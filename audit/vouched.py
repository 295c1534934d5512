"""What a walk along the log learns of signatures and of texts that were destroyed.

A signature is good where its key made it over its statement, the key is the one its person had
enrolled before and that was not reset since, and the statement is about the event it stands in.
That the event it names as the newest before it is really that one is looked up by the caller
(`after`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from audit.governance import CaseSigned
from audit.log import DISPOSED
from audit.signing import valid


@dataclass(slots=True)
class Vouched:
    """`disposed` maps a destroyed text to the event that says so; `problems` are sentences.

    `after` has `[signature, event, hash]`: what each signature says stood before it.
    """

    disposed: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    after: list[tuple[int, int, bytes]] = field(default_factory=list)
    _keys: dict[str, str] = field(default_factory=dict)

    def note(self, seq: int, fields: Mapping[str, Any]) -> None:
        """Take in one event; KeyError or TypeError where it is not of the shape of its kind."""
        kind = fields.get("kind")
        if kind == DISPOSED:
            for ref in fields["data"]["texts"]:
                self.disposed.setdefault(str(ref), seq)
        elif kind == "person.enrolled":
            self._keys[str(fields["data"]["person"])] = str(fields["data"]["key"])
        elif kind == "signing.reset":
            self._keys.pop(str(fields["data"]["person"]), None)
        elif kind == "case.signed":
            problem = self._signature(seq, fields)
            if problem:
                self.problems.append(f"The signature of event {seq} {problem}.")

    def _signature(self, seq: int, fields: Mapping[str, Any]) -> str:
        try:
            # From Python values an enumeration is refused by a strict model, and a list as well.
            signed = CaseSigned.model_validate(fields["data"], strict=False)
        except ValidationError:
            return "does not have the shape of one"
        said = signed.statement
        self.after.append((seq, said.after[0], bytes.fromhex(said.after[1])))
        if said.person != fields["actor"]["id"] or said.case_id != fields["case_id"]:
            return "is about another person or another case"
        if self._keys.get(said.person) != signed.key:
            return f"was made with a key that {said.person} had not enrolled or that was reset"
        if said.after[0] >= seq or not valid(signed):
            return "is not that of its key over its statement"
        return ""
