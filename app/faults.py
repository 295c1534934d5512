"""What an error may say: our own errors their sentence, all others their kind and place alone.

The text of a foreign exception can hold words of a note (pydantic repeats the input, databases
their parameters), so it is never shown, logged or stored.
"""

import traceback
from pathlib import Path

_OURS = frozenset({"app", "audit", "pipeline", "taxonomy", "resources"})

_ROOT = Path(__file__).parent.parent


def is_ours(error: BaseException) -> bool:
    """Tell whether an error belongs to this program, so that its text is a sentence of ours."""
    return any(base.__module__.partition(".")[0] in _OURS for base in type(error).__mro__)


def sentence(error: BaseException) -> str:
    """Return the sentence of one of our errors, or the kind and place of any other."""
    if is_ours(error) and str(error):
        return str(error)
    return f"A fault inside Chartproof ({fault(error)}); please report this line."


def fault(error: BaseException) -> str:
    """Return an error's type and where it rose, without its text.

    Where that is in a library, the line of ours that called it follows.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [_place(frame) for frame in frames[-1:]]
    ours = [_place(frame) for frame in frames if _relative(frame)]
    if ours and ours[-1] not in places:
        places.append(ours[-1])
    return " at ".join([type(error).__name__, ", called from ".join(places)]).removesuffix(" at ")


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    return f"{_relative(frame) or '/'.join(path.parts[-2:])}:{frame.lineno}"


def _relative(frame: traceback.FrameSummary) -> str:
    """Return the path of a frame of ours below the program's folder, else ""."""
    path = Path(frame.filename)
    relative = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path()
    return relative.as_posix() if relative.parts[:1] and relative.parts[0] in _OURS else ""
