"""Count how often each rule fires on coded notes (`python benchmarks/rule_rates.py`).

Runs the validator over the codes people gave to the CodiEsp training notes (Spanish case reports
coded with the Spanish edition of 2018, an inpatient one; no order, age or sex known), as a
facility's inpatient claim. A rule that fires as an error on more than 5 % of documents is wrong
until shown right; rules on validity are listed apart, because the edition is another than ours.
"""

import gzip
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pipeline.model import Claim, Setting, Severity
from pipeline.validate import CodeEntry, CodeSet, Role, Validator
from taxonomy import load

LIMIT = 0.05
EDITION = frozenset({"exists", "billable", "seventh-character", "placeholder"})
SHARED = Path(os.environ.get("CHARTPROOF_SHARED_DATA", "../shared/data"))


def main() -> int:
    path = SHARED / "codiesp_en" / "codiesp_en_train.jsonl.gz"
    if not path.is_file():
        print(f"No coded notes at {path}; set CHARTPROOF_SHARED_DATA.")
        return 2
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    documents = [
        tuple(dict.fromkeys(a["code"] for a in json.loads(line)["annotations"])) for line in lines
    ]
    documents = [codes for codes in documents if codes]
    validator = Validator.read()
    with tempfile.TemporaryDirectory() as folder:
        taxonomy = load(Path(folder))
    fired: Counter[tuple[str, Severity]] = Counter()
    asked: Counter[str] = Counter()
    for codes in documents:
        checked = validator.check_set(
            CodeSet(
                entries=tuple(CodeEntry(code=code, role=Role.UNORDERED) for code in codes),
                setting=Setting.INPATIENT,
                claim=Claim.FACILITY,
            ),
            taxonomy,
        )
        fired.update({(finding.rule, finding.severity) for finding in checked.findings})
        asked.update(passed.partition("=")[0] for passed in checked.passes)
    total = len(documents)
    print(f"{total} documents, {sum(map(len, documents))} codes")
    print(f"{'rule':34} {'severity':9} {'fires on':>9} {'share':>7} {'passes on':>10}")
    wrong = []
    for (rule, severity), times in fired.most_common():
        share = times / total
        print(f"{rule:34} {severity:9} {times:9} {share:7.1%} {asked[rule]:10}")
        if severity is Severity.ERROR and share > LIMIT and rule not in EDITION:
            wrong.append(rule)
    print(f"errors on more than {LIMIT:.0%}, editions apart: {', '.join(wrong) or 'none'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
