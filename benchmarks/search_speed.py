"""Time the encoder as it is typed into, keystroke by keystroke, over all codes and index terms.

python benchmarks/search_speed.py

Limits: 15 ms at p95 for a keystroke; 0.5 s and 150 MB to load a release from its compiled file, in
a process of its own. The index and its tables are read from ../shared/data (CHARTPROOF_SHARED_DATA
names another folder); without them the codes alone are searched, and the output says so. Pages are
timed beside it, each with all its notes resolved.
"""

import gzip
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.terms import lexicon
from taxonomy import Encoder, Index, IndexBook, IndexSource, Taxonomy, Term, load
from taxonomy.importing.indexfiles import read_index_csv, read_index_xml

KEYSTROKE_MS = 15.0
LOAD_S = 0.5
LOAD_MB = 150.0
SAMPLE = 120
HITS = 40
SHARED = Path(os.environ.get("CHARTPROOF_SHARED_DATA", "../shared/data")) / "icd10cm" / "fy2025"
LOAD = """
import sys, time
from pathlib import Path
from taxonomy import load
wall, processor = time.perf_counter(), time.process_time()
load(Path(sys.argv[1]))
status = Path("/proc/self/status").read_text()
peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
print(time.perf_counter() - wall, time.process_time() - processor, int(peak.split()[1]) / 1024)
"""
QUERIES = (
    "type 2 diabetes with neuropathy", "diab neurop", "dm2 ckd", "t2dm", "heart failure", "chf",
    "acute on chronic systolic heart failure", "hfref", "htn", "hypertensive heart disease",
    "afib", "atrial fib parox", "copd exac", "asthma", "acute bronchitis", "pneumonia",
    "pneumona", "pna", "sepsis", "septic shock", "sepsis due to e coli", "uti", "pyelonephritis",
    "cystitis hematuria", "aki", "acute kidney injury", "ckd stage 3", "end stage renal",
    "anemia chronic disease", "iron def anem", "hypothyroid", "hyperlipidemia", "obesity bmi",
    "low back pain", "lumbago sciat", "osteoarthritis knee", "oa right knee",
    "fracture femur neck left", "fract fem neck", "hip fx", "colles fracture", "rad frac dist",
    "ankle sprain", "rotator cuff tear", "concussion", "fall stairs", "laceration scalp",
    "dog bite hand", "burn second degree forearm", "depression", "mdd recurrent", "anxiety",
    "gad", "bipolar", "schizophrenia", "etoh abuse", "alcohol withdrawal", "opioid dependence",
    "tobacco", "nicotine dependence cigarettes", "copd with acute lower resp", "covid",
    "influenza a", "chest pain", "sob", "dyspnea", "syncope", "headache", "migraine aura",
    "seizure", "epilepsy intract", "stroke", "cva", "tia", "hemiplegia left",
    "dementia alzheimer", "parkinson", "gerd", "gastritis", "diverticulitis", "appendicitis",
    "appendicits", "cholecystitis", "cirrhosis", "hepatitis c", "breast cancer",
    "malig neoplasm breast upper outer", "lung ca", "colon polyp", "prostate hyperplasia",
    "pregnancy 2nd trimester", "gestational diabetes", "preeclampsia", "newborn jaundice",
    "cellulitis leg", "pressure ulcer sacral stage 3", "mrsa", "cdiff", "hiv",
    "long term insulin", "z79", "E11.6", "e1165", "S72.001", "s72001a", "T36.0X5", "M54.5",
    "adverse effect penicillin", "aspirin poisoning", "overdose acetaminophen",
    "screening colon", "encounter for vaccination", "history of breast cancer",
    "family history colon cancer", "glaucoma right eye", "cataract nuclear", "otitis media",
    "strep throat", "dvt leg", "pulmonary embolism", "cad", "nstemi", "stemi anterior",
    "cabg status", "pacemaker",
)  # fmt: skip


def read_book() -> IndexBook | None:
    """Return the whole index with its tables; None where the files are not there."""
    csv = SHARED / "icd10cm-index-2025-flattened.csv.gz"
    if not csv.exists():
        return None
    tables: dict[str, Index] = {}
    for name in ("drug", "eindex", "neoplasm"):
        data = gzip.decompress((SHARED / f"icd-10-cm-{name}-2025.xml.gz").read_bytes())
        kind, columns, entries = read_index_xml(data)
        tables[kind] = Index(IndexSource(kind=kind, year=2025, columns=columns), entries)
    index = read_index_csv(gzip.decompress(csv.read_bytes()).decode())
    return IndexBook(
        index=Index(IndexSource(kind="index", year=2025), index),
        external_causes=tables["external-causes"],
        drugs=tables["drugs"],
        neoplasms=tables["neoplasms"],
    )


def typed(taxonomy: Taxonomy, book: IndexBook | None, chance: random.Random) -> list[str]:
    """Return what is in the field after each keystroke: coders' words, titles, index lines."""
    texts = [term.text for term in chance.sample(list(taxonomy.terms()), SAMPLE)]
    for index in () if book is None else book.indexes():
        lines = chance.sample(range(len(index)), SAMPLE // 4)
        texts += [" ".join(index.path(line).words) for line in lines]
    cut = [" ".join(word[:4] for word in text.split()) for text in texts]
    whole = [*QUERIES, *(text[:40] for text in texts), *(text[:40] for text in cut)]
    return [text[:size] for text in whole for size in range(1, len(text) + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Sorted times in milliseconds: on the clock, and of the processor alone."""

    wall: list[float]
    processor: list[float]

    def __str__(self) -> str:
        return (
            f"{len(self.wall):,} of them: p50 {at(self.wall, 0.5):.2f} ms, "
            f"p95 {at(self.wall, 0.95):.2f} ms, p99 {at(self.wall, 0.99):.2f} ms, "
            f"slowest {self.wall[-1]:.0f} ms; processor alone "
            f"p50 {at(self.processor, 0.5):.2f} ms, p95 {at(self.processor, 0.95):.2f} ms"
        )


def timed(action: Callable[[str], object], arguments: list[str]) -> Taken:
    wall, processor = [], []
    for argument in arguments:
        start, used = time.perf_counter(), time.process_time()
        action(argument)
        processor.append(1000 * (time.process_time() - used))
        wall.append(1000 * (time.perf_counter() - start))
    return Taken(wall=sorted(wall), processor=sorted(processor))


def at(values: list[float], part: float) -> float:
    return values[int(part * (len(values) - 1))]


def load_alone(folder: str) -> tuple[float, float, float]:
    """Load in a process of its own; return seconds, processor seconds and peak megabytes."""
    command = [sys.executable, "-c", LOAD, folder]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    wall, processor, peak = map(float, done.stdout.split())
    return wall, processor, peak


def main() -> int:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        load_alone(folder)  # compiles
        load_s, load_cpu_s, load_mb = load_alone(folder)
        taxonomy = load(Path(folder))
    book = read_book()
    terms = [Term(text=e.text, code=e.code, kind=e.source) for e in lexicon() if e.code in taxonomy]
    start, used = time.perf_counter(), time.process_time()
    encoder = Encoder(taxonomy, terms, book)
    built, built_cpu = time.perf_counter() - start, time.process_time() - used
    strokes = timed(lambda text: encoder.search(text, limit=HITS), typed(taxonomy, book, chance))
    rows = chance.sample(range(1, len(taxonomy) + 1), 2_000)
    pages = timed(encoder.page, [taxonomy.at(row).code for row in rows])
    lines = sum(len(index) for index in book.indexes()) if book is not None else 0
    load_average = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, {load_average:.1f} processes waiting for one")
    print(
        f"{len(taxonomy):,} codes, {lines:,} index lines" + ("" if book else f" (none at {SHARED})")
    )
    print(f"load from the compiled file: {load_s:.2f} s (limit {LOAD_S}; processor alone "
          f"{load_cpu_s:.2f} s), {load_mb:.0f} MB (limit {LOAD_MB:.0f})")  # fmt: skip
    print(f"encoder built in {built:.1f} s (processor alone {built_cpu:.1f} s)")
    print(f"keystroke (limit {KEYSTROKE_MS:.0f} ms at p95), {strokes}")
    print(f"page, {pages}")
    over = at(strokes.wall, 0.95) > KEYSTROKE_MS or load_s > LOAD_S or load_mb > LOAD_MB
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
