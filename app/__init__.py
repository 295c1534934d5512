"""The program around the pipeline: commands, use cases and the window.

`AppError` is the root of this package's errors. Its text is always a sentence for the person at
the keyboard: what happened, to which file or setting, and what to do.
"""

import os

# The program uses several cores by several processes. Threads of the numerical libraries would only
# wait for each other; they read this when they are first imported, in workers as well.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")


class AppError(Exception):
    """Root of the errors of this package; `exit_code` is what the command line ends with."""

    exit_code = 1


class UsageError(AppError):
    """The command was given something it cannot work with."""

    exit_code = 2
