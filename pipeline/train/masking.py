"""Measure what masking finds, class by class, on 200 notes that we invented.

The notes are made by a fixed seed from sentences written as clinicians write them, with what should
be taken out marked as it is put in. Some hide a name where no rule can tell it from a word. Counted
is what is wholly covered. Rules and sentences are by the same hand, so a real note will hide more.
Run: `python -m pipeline.train.masking`.
"""

import json
import math
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.chat.masking import Masker

NOTES = 200
SEED = 20261126
OUT = Path(__file__).parents[2] / "resources" / "rules" / "masking_recall.json"

_FIRST = [
    "Amara",
    "Benedikt",
    "Chiara",
    "Dmitri",
    "Esther",
    "Farid",
    "Greta",
    "Hollis",
    "Imani",
    "Jovan",
    "Keiko",
    "Lucia",
]
_FIRST += [
    "Marisol",
    "Nadia",
    "Oren",
    "Priya",
    "Quentin",
    "Rosalind",
    "Stellan",
    "Tomasz",
    "Uma",
    "Viktor",
    "Wren",
    "Xiomara",
]
_LAST = [
    "Abernathy",
    "Bellweather",
    "Castellanos",
    "Drummond",
    "Eskildsen",
    "Farrow",
    "Grimaldi",
    "Hathaway",
]
_LAST += [
    "Ivarsson",
    "Jankowski",
    "Kowalczyk",
    "Lindqvist",
    "Mbeki",
    "Nakagawa",
    "O'Halloran",
    "Pemberton",
]
_LAST += [
    "Quintana",
    "Rasmussen",
    "St.Clair",
    "Thornbury",
    "Underhill",
    "Vasquez",
    "Whitlock",
    "Yamamoto",
]
_STREETS = [
    "Juniper",
    "Harrow",
    "Old",
    "Mill",
    "Tamarack",
    "Willow",
    "Fourth",
    "Larkspur",
    "Quarry",
]
_WAYS = ["Street", "Ave", "Road", "Lane", "Drive", "Court", "Blvd", "Way"]
_TOWNS = (("Elmhaven", "OH"), ("Port Carrow", "ME"), ("Sable Creek", "OR"), ("Denby", "TX"))
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
]

_LINES = (
    "Patient: {name}",
    "PATIENT NAME: {name}   MRN: {record}",
    "DOB: {date}",
    "Date of service: {date}",
    "Mr. {last} is seen for follow-up of hypertension.",
    "Mrs {last} returns after her knee replacement on {date}.",
    "Ms. {name} was admitted on {date} with pneumonia.",
    "{name} is a pleasant {years} year old with heart failure.",
    "She is {age} years old and lives alone at {address}.",
    "A {age}-year-old man with a fall on {date}.",
    "Discussed with Dr. {last}, who agrees.",
    "Referred by {name}, MD, for dyspnea.",
    "Daughter {first} is at the bedside.",
    "His wife, {first}, gives the history.",
    "Reach the family at {phone}.",
    "Call her cell {phone} with results.",
    "Home phone {phone}; work {phone}.",
    "Fax records to {phone}.",
    "E-mail: {email}",
    "She prefers messages to {email}.",
    "Portal: {url}",
    "See {url} for the leaflet.",
    "Account number {record}, visit no {record}.",
    "Medical record number {record}.",
    "Policy number {record}.",
    "SSN {ssn}.",
    "Lives at {address}.",
    "Address: {address}",
    "Electronically signed by: {name}",
    "Dictated by {name} on {date}.",
    "Last colonoscopy {date}, normal.",
    "Symptoms since {month}.",
    "Attending: {name}",
    "Spoke with {name} from the pharmacy about the refill.",
    "Blood pressure 128/76, pulse 72, weight 81 kg. Strength 5/5.",
    "Metformin 1000 mg twice a day; A1c 7.1.",
    "Assessment: type 2 diabetes mellitus without complications.",
    "Chest film without infiltrate. Pain 3/10.",
    "{first} was tearful when we spoke of the diagnosis.",
    "As {last} told the nurse, the pain began at night.",
    "Neighbor {name} found him on the floor.",
    "Follow up in two weeks; sooner if fever.",
)
_PLACE = re.compile(r"\{(\w+)\}")
_CLASS = {"first": "name", "last": "name", "ssn": "record", "month": "date"}


@dataclass(frozen=True, slots=True)
class Invented:
    """A note and what should be taken out of it: (start, end, class)."""

    text: str
    marks: tuple[tuple[int, int, str], ...]


def notes() -> tuple[Invented, ...]:
    """Return the invented notes, the same each time."""
    chance = random.Random(SEED)
    return tuple(_note(chance) for _ in range(NOTES))


def _note(chance: random.Random) -> Invented:
    pieces: list[str] = []
    marks: list[tuple[int, int, str]] = []
    at = 0
    for line in chance.sample(_LINES, 9):
        last = 0
        for place in _PLACE.finditer(line):
            before = line[last : place.start()]
            value = _value(place[1], chance)
            at += len(before)
            if place[1] != "years":
                marks.append((at, at + len(value), _CLASS.get(place[1], place[1])))
            at += len(value)
            pieces += [before, value]
            last = place.end()
        pieces += [line[last:], "\n"]
        at += len(line) - last + 1
    return Invented("".join(pieces), tuple(marks))


def _value(kind: str, chance: random.Random) -> str:
    def digits(count: int) -> str:
        return "".join(chance.choice("0123456789") for _ in range(count))

    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    year, day, month = chance.randint(1931, 2026), chance.randint(1, 28), chance.randint(1, 12)
    named = _MONTHS[chance.randrange(len(_MONTHS))]
    town, state = chance.choice(_TOWNS)
    street = f"{chance.randint(1, 9999)} {chance.choice(_STREETS)} {chance.choice(_WAYS)}"
    area = f"{chance.randint(2, 9)}{digits(2)}"
    made: Mapping[str, tuple[str, ...]] = {
        "first": (first,),
        "last": (last,),
        "name": (
            f"{first} {last}",
            f"{last}, {first}",
            f"{first} {chance.choice('ABCDE')}. {last}",
        ),
        "years": (str(chance.randint(20, 88)),),
        "age": (str(chance.randint(90, 104)),),
        "date": (
            f"{month}/{day}/{year}",
            f"{month:02}-{day:02}-{year % 100:02}",
            f"{year}-{month:02}-{day:02}",
            f"{named} {day}, {year}",
            f"{day} {named[:3]} {year}",
        ),
        "month": (f"{named} {year}", f"{named} of {year}", str(year)),
        "phone": (
            f"({area}) {digits(3)}-{digits(4)}",
            f"{area}-{digits(3)}-{digits(4)}",
            f"{area}.{digits(3)}.{digits(4)}",
            f"+1 {area} {digits(3)} {digits(4)}",
        ),
        "email": (
            f"{first.lower()}.{last.lower()}@example.org".replace("'", ""),
            f"{first[0].lower()}{digits(3)}@mail.example.net",
        ),
        "url": (
            "https://portal.example.org/p/" + digits(5),
            "www.example.com/care",
            "example-clinic.org",
        ),
        "record": (digits(7), digits(10), f"A{digits(8)}", f"{digits(3)}-{digits(5)}", digits(6)),
        "ssn": (f"{digits(3)}-{digits(2)}-{digits(4)}", digits(9)),
        "address": (
            street,
            f"{street}, Apt {digits(2)}",
            f"{street}, {town}, {state} {digits(5)}",
            f"PO Box {digits(4)}, {town}, {state}",
        ),
    }
    return chance.choice(made[kind])


def measure() -> Mapping[str, object]:
    """Return, for each class, how many marks are wholly covered, and what else was taken out.

    `at_least` is the lower end of the Wilson interval at 95 %. `letters_kept` is the share of the
    letters outside the marks that stay.
    """
    masker = Masker.read()
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    outside = kept = 0
    for note in notes():
        covered = [False] * len(note.text)
        for each in masker.find(note.text):
            covered[each.start : each.end] = [True] * (each.end - each.start)
        wanted = [False] * len(note.text)
        for start, end, kind in note.marks:
            total[kind] += 1
            words = [n for n in range(start, end) if note.text[n].isalnum()]
            found[kind] += all(covered[n] for n in words)
            wanted[start:end] = [True] * (end - start)
        plain = [n for n in range(len(note.text)) if note.text[n].isalnum() and not wanted[n]]
        outside += len(plain)
        kept += sum(not covered[n] for n in plain)
    return {
        "about": f"What the masking rules find in {NOTES} invented notes.",
        "rules": masker.digest,
        "notes": NOTES,
        "classes": {
            kind: {
                "found": found[kind],
                "of": total[kind],
                "recall": round(found[kind] / total[kind], 4),
                "at_least": round(_wilson(found[kind], total[kind]), 4),
            }
            for kind in sorted(total)
        },
        "letters_kept": round(kept / outside, 4),
    }


def _wilson(right: int, of: int) -> float:
    z = 1.96
    share = right / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of))


def missed() -> Mapping[str, list[str]]:
    """Return the lines in which something was missed, by class: to look at, not to tune on."""
    masker = Masker.read()
    lines: dict[str, list[str]] = {}
    for note in notes():
        found = masker.find(note.text)
        for start, end, kind in note.marks:
            if not any(each.start <= start and end <= each.end for each in found):
                low = note.text.rfind("\n", 0, start) + 1
                lines.setdefault(kind, []).append(note.text[low : note.text.find("\n", end)])
    return lines


if __name__ == "__main__":
    OUT.write_text(json.dumps(measure(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(OUT.read_text(encoding="utf-8"))
