"""Read the golden assertion sentences beside medspaCy's ConText: precision, recall and F1 by class.

    python -m venv /tmp/medspacy && /tmp/medspacy/bin/pip install medspacy
    python benchmarks/assertion_peers.py --medspacy /tmp/medspacy/bin/python [--markdown]

medspaCy wants spaCy below 3.8 and numpy 1, so it runs in an environment of its own and is spoken to
in JSON. Both read the same texts with the same marked mentions, each with its own sentences and its
rules as they ship. Where medspaCy gives a mention several modifiers, one is chosen in our order:
negated, family, hypothetical, possible, historical. Only totals are printed; the held-out sentences
are not for reading while rules are written.
"""

import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from pipeline.extract.assertion import Context, judge
from pipeline.extract.document import Tokens, language, sentences
from pipeline.extract.sections import Headings
from pipeline.model import Assertion

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
SETS = {"tuned": "assertions.jsonl", "held out": "assertions_heldout.jsonl"}

PEER = r"""
import json, sys, logging, warnings
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
try:
    from loguru import logger
    logger.remove()
except ImportError:
    pass
import medspacy
from spacy.util import filter_spans

nlp = medspacy.load(medspacy_enable=["medspacy_tokenizer", "medspacy_pyrush", "medspacy_context"])
context = nlp.get_pipe("medspacy_context")
ORDER = (
    ("NEGATED_EXISTENCE", "negated"),
    ("FAMILY", "family"),
    ("HYPOTHETICAL", "hypothetical"),
    ("POSSIBLE_EXISTENCE", "possible"),
    ("HISTORICAL", "historical"),
)
answers = []
for row in json.load(sys.stdin):
    with nlp.select_pipes(disable=["medspacy_context"]):
        doc = nlp(row["text"])
    doc.ents = (doc.char_span(row["start"], row["end"], label="X", alignment_mode="expand"),)
    context(doc)
    said = {modifier.category for modifier in doc.ents[0]._.modifiers}
    answers.append(next((ours for theirs, ours in ORDER if theirs in said), "present"))
version = __import__("importlib.metadata").metadata.version("medspacy")
json.dump({"version": version, "answers": answers}, sys.stdout)
"""


def rows_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / name).read_text("utf-8").splitlines()]


def ours(rows: list[dict[str, Any]]) -> list[str]:
    nlp, headings = language(), Headings.read()
    context = Context.read(nlp)
    answers = []
    for row in rows:
        tokens = Tokens.of(row["text"])
        start, end = row["start"], row["end"]
        low, high = next((a, b) for a, b in sentences(row["text"]) if a <= start < b)
        section = next(s.id for s in headings.split(row["text"]) if s.start <= start < s.end)
        scopes = context.scopes(
            tokens.run(low, high), context.triggers(tokens.doc(nlp.vocab), tokens)
        )
        answers.append(judge(scopes, start, end, section)[0].value)
    return answers


def theirs(python: str, rows: list[dict[str, Any]]) -> tuple[str, list[str]]:
    ran = subprocess.run(
        [python, "-c", PEER], input=json.dumps(rows), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise SystemExit(f"{python} could not run medspaCy; make its environment as above.")
    reply = json.loads(ran.stdout)
    return f"medspaCy {reply['version']}", reply["answers"]


def by_class(gold: list[str], answers: list[str]) -> dict[str, tuple[float, float, float]]:
    """Return precision, recall and F1 of each class; the last row is the share read as labelled."""
    right = Counter(g for g, a in zip(gold, answers, strict=True) if g == a)
    said, labelled = Counter(answers), Counter(gold)
    figures = {}
    for name in Assertion:
        precision = right[name] / said[name] if said[name] else 0.0
        recall = right[name] / labelled[name]
        f1 = 2 * right[name] / (said[name] + labelled[name])
        figures[name.value] = (precision, recall, f1)
    share = right.total() / len(gold)
    return {**figures, "all": (share, share, share)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--medspacy", metavar="PYTHON", help="python of medspaCy's environment")
    parser.add_argument("--markdown", action="store_true", help="print rows for the docs")
    options = parser.parse_args()
    for title, name in SETS.items():
        rows = rows_of(name)
        gold = [row["assertion"] for row in rows]
        readings = [("ours", ours(rows))]
        if options.medspacy:
            readings.append(theirs(options.medspacy, rows))
        texts = len({row["text"] for row in rows})
        print(f"\n{title}: {len(rows)} mentions in {texts} sentences (precision, recall, F1)")
        columns = [by_class(gold, answers) for _, answers in readings]
        labelled = Counter(gold)
        heads = ["class", "mentions", *(reader for reader, _ in readings)]
        lines = [heads] + [
            [kind, str(labelled[kind] or len(rows))]
            + [", ".join(f"{figure:.2f}" for figure in column[kind]) for column in columns]
            for kind in columns[0]
        ]
        for line in lines:
            if options.markdown:
                print("| " + " | ".join(line) + " |")
            else:
                print("  ".join(cell.ljust(18) for cell in line))


if __name__ == "__main__":
    main()
