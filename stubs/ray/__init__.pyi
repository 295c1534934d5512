from typing import Any

from ray import exceptions as exceptions

def init(
    *,
    address: str,
    ignore_reinit_error: bool = ...,
    log_to_driver: bool = ...,
    logging_level: int = ...,
    namespace: str = ...,
) -> Any: ...
def shutdown() -> None: ...
def available_resources() -> dict[str, float]: ...
