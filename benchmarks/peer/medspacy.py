"""Peer: medspaCy's target matcher over the terms, with its ConText and its section detection.

Settings: `drop` names the attributes of ConText for which a match is left out; `assessed` counts
matches in assessed sections only, where a note has any. medspaCy's own table of headings does not
know the bare headings of visit notes, so it is given ours.
"""

from functools import lru_cache
from typing import Any

import medspacy
from loguru import logger
from medspacy.ner import TargetRule
from medspacy.section_detection import SectionRule
from spacy.language import Language

from benchmarks.peer.exchange import Coder, Job, Settings, Term, nearest, serve

_PARTS = (
    "medspacy_tokenizer",
    "medspacy_pyrush",
    "medspacy_target_matcher",
    "medspacy_context",
)
_ASSESSED = "assessed"


@lru_cache(maxsize=1)
def pipeline(terms: tuple[Term, ...], headings: tuple[tuple[str, str], ...]) -> Language:
    """Build the pipeline with one rule per phrase and per spelling of a heading."""
    logger.remove()  # its sentence splitter logs every token
    nlp: Language = medspacy.load(medspacy_enable=_PARTS)
    rules = []
    for term in nearest(terms):
        pattern = [{"TEXT": word.text} for word in nlp.make_doc(term.text)] if term.caps else None
        rules.append(TargetRule(term.text, term.code, pattern=pattern))
    matcher: Any = nlp.get_pipe("medspacy_target_matcher")
    matcher.add(rules)
    config = {"rules": None, "phrase_matcher_attr": "ORTH", "require_start_line": True}
    sectionizer: Any = nlp.add_pipe("medspacy_sectionizer", config=config)
    sectionizer.add(
        [
            SectionRule(spelling, role)
            for heading, role in headings
            for spelling in (
                heading.upper(),
                f"{heading.upper()}:",
                f"{heading.title()}:",
                f"{heading.capitalize()}:",
            )
        ]
    )
    return nlp


def make(job: Job, settings: Settings) -> Coder:
    """Return the coder of a setting; parts of the pipeline that it does not need are not run."""
    nlp = pipeline(job.terms, tuple(job.headings.items()))
    drop, assessed = settings["drop"], settings[_ASSESSED]
    needed = {"medspacy_context": bool(drop), "medspacy_sectionizer": assessed}
    off = [name for name, wanted in needed.items() if not wanted]

    def code(text: str) -> set[str]:
        with nlp.select_pipes(disable=off):
            doc = nlp(text)
        only = assessed and _ASSESSED in doc._.section_categories
        return {
            entity.label_
            for entity in doc.ents
            if not any(getattr(entity._, name) for name in drop)
            and (not only or entity._.section_category == _ASSESSED)
        }

    return code


if __name__ == "__main__":
    serve(make)
