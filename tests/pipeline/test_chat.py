"""The seam: silence changes nothing."""

from pipeline.chat import ChatRequest, SilentChat


def test_silence_answers_nothing_and_says_its_name() -> None:
    request = ChatRequest(sentence="Gout.", mention="Gout", titles=("Gout, unspecified",))
    assert SilentChat().choose(request) is None
    assert SilentChat().name == "silent"
