"""What asking costs apart from waiting: questions, gate, journal values, requests, by the note.

The example encounters are coded with every supported mention asked about, by a sender that answers
at once, against the same pass without a model. Prints milliseconds
of processor time a note, and a question.

    python benchmarks/chat_overhead.py [--repeats N]
"""

import argparse
import re
import time
from dataclasses import dataclass, replace

from platformdirs import user_cache_path

import taxonomy
from app import demo
from pipeline.chat.address import Endpoint
from pipeline.chat.controlled import ControlledChat, Plan
from pipeline.chat.limits import Breaker, Limits
from pipeline.chat.masking import Masker
from pipeline.chat.model import MemoryJournal, Reply, Request
from pipeline.chat.prompts import Prompts
from pipeline.engine import Engine, EngineSettings, load
from pipeline.run import analyse

LIMIT = 5.0
_MARKED = re.compile(r"Words in question: (.*?)\\n")


@dataclass
class AtOnce:
    """Answers with the first description and the words themselves."""

    sent: int = 0

    def send(self, request: Request, endpoint: Endpoint, seconds: float) -> Reply:
        """Return a good answer."""
        assert endpoint
        assert seconds
        self.sent += 1
        found = _MARKED.search(request.body)
        words = found[1] if found else ""
        if request.prompt.startswith("extract"):
            return Reply(kind="ok", body='{"conditions": []}')
        held = '"documented": true, "current": true, "patient": true, "specific": true'
        return Reply(
            kind="ok",
            body=f'{{"choice": "A", "supports": "{words}", "contradicts": "", {held}, '
            '"laterality": true}',
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    cache = user_cache_path("chartproof")
    engine = load(cache, taxonomy=taxonomy.load(cache), settings=EngineSettings())
    sender = AtOnce()
    plan = Plan(
        servers=(Endpoint(url="http://127.0.0.1:9/v1", model="m"),), flight=1, limits=Limits()
    )
    chat = ControlledChat(
        plan=plan,
        prompts=Prompts.read(),
        journals=lambda _encounter, _provenance: MemoryJournal(),
        sender=sender,
        masks=Masker.read(),
        breaker=Breaker(time.monotonic),
        wait=time.sleep,
    )
    charts = demo.encounters()
    notes = sum(len(chart.notes) for chart in charts)
    _passes(engine, 1)
    off = min(_passes(engine, 1) for _ in range(options.repeats))
    sender.sent = 0
    on = min(_passes(replace(engine, chat=chat), 1) for _ in range(options.repeats))
    asked = sender.sent / options.repeats
    each = 1000 * (on - off) / notes
    told = "met" if each <= LIMIT else "NOT MET"
    print(f"{notes} notes, {asked:.0f} questions: without {off:.3f} s, with {on:.3f} s")
    print(
        f"{each:.2f} ms a note ({told}, limit {LIMIT:g} ms), {1000 * (on - off) / asked:.2f} a call"
    )


def _passes(engine: Engine, count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        for chart in demo.encounters():
            analyse(chart, engine, lambda _: None)
    return time.process_time() - start


if __name__ == "__main__":
    main()
