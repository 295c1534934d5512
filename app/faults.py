"""What an error may say: our own errors their sentence, all others their kind and place alone.

The text of a foreign exception can hold words of a note (pydantic repeats the input, databases
their parameters), so it is never shown, logged or stored.
"""

import traceback
from pathlib import Path

_OURS = frozenset({"app", "audit", "pipeline", "taxonomy", "resources"})


def is_ours(error: BaseException) -> bool:
    """Tell whether an error belongs to this program, so that its text is a sentence of ours."""
    return any(base.__module__.partition(".")[0] in _OURS for base in type(error).__mro__)


def sentence(error: BaseException) -> str:
    """Return the sentence of one of our errors, or the kind and place of any other."""
    if is_ours(error) and str(error):
        return str(error)
    return f"A fault inside Chartproof ({fault(error)}); please report this line."


def fault(error: BaseException) -> str:
    """Return an error's type and the line it rose from, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if _OURS & set(Path(f.filename).parts)]
    if not frames:
        return type(error).__name__
    place = (ours or frames)[-1]
    parts = Path(place.filename).parts
    tail = next((parts[i:] for i, part in enumerate(parts) if part in _OURS), parts[-1:])
    return f"{type(error).__name__} at {'/'.join(tail)}:{place.lineno}"
