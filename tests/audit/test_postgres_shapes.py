"""Events from which a member was left out, or that nobody could read, sent straight to the server.

They are whole otherwise: canonical, hashed as they must be, by a person who may append their kind.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from audit.events import KINDS
from audit.head import Head
from audit.postgres_guards import NO_EVENT, NOT_ALLOWED, NOT_THEIRS
from audit.postgres_shapes import SHAPES
from tests.audit.builders import sign_off
from tests.audit.conftest import OpenAs
from tests.audit.forged import OUT, REF, body_of, data_of, paths, sealed, spoilt, statement
from tests.postgres import Team

Send = Callable[..., str]


@pytest.fixture
def send(team: Team) -> Iterator[Send]:
    """Send bodies as they stand, as a person; give the SQLSTATE they were refused with.

    Nothing stays: the transaction is not committed.
    """
    with ExitStack() as opened:
        connections: dict[str, psycopg.Connection[Any]] = {}

        def tried(who: str, *bodies: dict[str, Any]) -> str:
            if who not in connections:
                connections[who] = opened.enter_context(
                    psycopg.connect(host=str(team.server.folder), user=who, dbname=team.name)
                )
            with connections[who].cursor() as cursor:
                newest = "select seq, hash from chartproof.audit_event order by seq desc limit 1"
                seq, digest = cursor.execute(newest).fetchone() or (0, b"")
                head = Head(seq, digest)
                try:
                    for body in bodies:
                        numbered = {"seq": head.seq + 1, "group": [seq + 1, seq + len(bodies)]}
                        given = {k: v for k, v in numbered.items() if body.get(k) in (0, [0, 0])}
                        row = sealed(body | given, head)
                        cursor.execute(INSERT, row)
                        head = Head(row[0], row[3])
                except psycopg.Error as error:
                    return str(error.sqlstate)
                finally:
                    connections[who].rollback()
            return ""

        yield tried


INSERT = "insert into chartproof.audit_event (seq, body, prev, hash) values (%s, %s, %s, %s)"
WHOLE = {
    "coded": ("ada", "case.signed"),
    "reviewed": ("rita", "case.signed"),
    "claimed": ("ben", "case.claimed"),
    "reopened": ("ben", "case.reopened"),
    "enrolled": ("ben", "person.enrolled"),
    "analysed": ("ben", "analysis.started"),
    "reset": ("adam", "signing.reset"),
    "disposed": ("carl", "texts.disposed"),
    "retained": ("carl", "retention.set"),
}


HARMLESS: set[tuple[str, tuple[str, ...], object]] = {
    ("analysed", ("case_id",), None),
    ("coded", ("data", "statement", "content"), None),
    ("reviewed", ("data", "statement", "content"), None),
    ("disposed", ("data", "due"), None),
    ("disposed", ("data", "reason"), None),
    ("retained", ("data", "years"), None),
}
"""What may be nothing. And a role is noted where one was asked for, which signing does."""


@pytest.mark.parametrize("name", WHOLE)
def test_no_member_of_an_event_can_be_left_out(
    send: Send, case_id: str, open_as: OpenAs, name: str
) -> None:
    """What is left out is NULL in SQL, and no comparison with it fails."""
    who, kind = WHOLE[name]
    of_case = case_id if kind.startswith(("case.", "analysis.")) else None
    before = []
    if name == "coded":
        before = [body_of("case.submitted", {}, who=who, case_id=of_case)]
    elif name in {"reviewed", "reopened"}:
        with open_as("ada") as store:
            sign_off(store, case_id)
    data = data_of(kind, who=who, case_id=case_id)
    if kind == "case.signed":
        data["statement"]["meaning"] = name
    whole = body_of(kind, data, who=who, case_id=of_case)
    assert send(who, *before, whole) == ""
    harmless = {(path, value) for each, path, value in HARMLESS if each == name}
    if kind != "case.signed":
        harmless |= {(("actor", "role"), OUT)}
    tried = [(path, value) for path in paths(whole) for value in (OUT, None, -7)]
    accepted = {
        (path, value)
        for path, value in tried
        if spoilt(whole, path, value) != whole
        and not send(who, *before, spoilt(whole, path, value))
    }
    assert accepted == harmless & set(tried)


def test_a_coder_signs_no_second_time_without_a_role(
    send: Send, case_id: str, open_as: OpenAs
) -> None:
    with open_as("ada") as store:
        sign_off(store, case_id)
    said = statement("ben", case_id, "reviewed")
    for gone in ((), ("actor",), ("statement",), ("actor", "statement")):
        body = body_of("case.signed", copy.deepcopy(said), who="ben", case_id=case_id)
        if "actor" in gone:
            del body["actor"]["role"]
        if "statement" in gone:
            del body["data"]["statement"]["role"]
        assert send("ben", body) in {NOT_ALLOWED, NOT_THEIRS, NO_EVENT}, gone


def test_what_every_workstation_reads_is_of_a_shape_it_reads(send: Send, open_as: OpenAs) -> None:
    """A key without a name, of the store and not of a case, would keep everybody from writing."""
    whole = data_of("person.enrolled", who="ada")
    assert send("ada", body_of("person.enrolled", whole, who="ada", case_id=None)) == ""
    for data in (
        {"person": "ada"},
        whole | {"more": 1},
        whole | {"key": REF.upper()},
        whole | {"key": REF + "\n"},
        whole | {"name": ""},
        whole | {"name": "x" * 101},
        whole | {"name": ["x"]},
    ):
        body = body_of("person.enrolled", data, who="ada", case_id=None)
        assert send("ada", body) == NO_EVENT, data
    gone = data_of("texts.disposed", who="carl")
    for texts in (None, REF, [1], [REF, "x"]):
        body = body_of("texts.disposed", gone | {"texts": texts}, who="carl", case_id=None)
        assert send("carl", body) == NO_EVENT, texts


@pytest.mark.parametrize("kind", SHAPES)
def test_the_shapes_of_the_server_are_those_of_the_program(kind: str) -> None:
    data = data_of(kind, who="ada")
    assert set(data) == set(KINDS[kind].model_fields)
    KINDS[kind].model_validate_json(json.dumps(data))
