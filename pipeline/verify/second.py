"""A second opinion on codes that would need no look: another model, which never sees the first.

Asked is one plain question on one description: do these words say that the patient has this now?
Where it says no, gives no quote that can be found, or nothing at all, the code goes to review.
"""

from collections.abc import Mapping, Sequence

from pipeline.chat import Question, Talk, Task
from pipeline.model import Encounter, Extraction, Route, Suggestion
from pipeline.verify.window import around, place_of
from taxonomy import Taxonomy


def opinions(
    encounter: Encounter,
    extraction: Extraction,
    suggestions: Sequence[Suggestion],
    taxonomy: Taxonomy,
    talk: Talk,
) -> Mapping[str, str]:
    """Return the codes that may not go unseen, each with its reason."""
    ours = [each for each in suggestions if each.route is Route.AUTO]
    if not ours or not talk.asks(Task.AUDIT):
        return {}
    questions = []
    for each in ours:
        span = each.evidence[0].span
        window = around(encounter, extraction.sentences, place_of(extraction.sentences, span), span)
        title = taxonomy.get(each.code)
        questions.append(
            Question(
                task=Task.AUDIT,
                passage=window.text,
                marked=window.marked,
                options=(title.title if title else each.code,),
            )
        )
    stopped = {}
    for each, answer in zip(ours, talk.ask(questions), strict=True):
        if answer.fault:
            stopped[each.code] = f"second-opinion-missing={answer.fault}"
        elif not answer.fields["holds"]:
            stopped[each.code] = "second-opinion-disagrees"
        elif answer.passage.locate(str(answer.fields["quote"])) is None:
            stopped[each.code] = "second-opinion-missing=quote-not-in-note"
    return stopped
