from collections.abc import Iterator, Sequence
from os import PathLike
from types import TracebackType
from typing import BinaryIO, Self

from pyarrow import RecordBatch, Schema, Table

class RowGroup:
    total_byte_size: int

class Metadata:
    def row_group(self, number: int) -> RowGroup: ...

class ParquetFile:
    schema_arrow: Schema
    metadata: Metadata
    num_row_groups: int
    def __init__(
        self,
        source: BinaryIO,
        *,
        page_checksum_verification: bool = False,
        pre_buffer: bool = ...,
        buffer_size: int = ...,
    ) -> None: ...
    def iter_batches(
        self, batch_size: int = ..., columns: Sequence[str] | None = None
    ) -> Iterator[RecordBatch]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class ParquetWriter:
    def __init__(self, where: PathLike[str], schema: Schema, *, compression: str = ...) -> None: ...
    def write_table(self, table: Table) -> None: ...
    def close(self) -> None: ...

def read_table(source: PathLike[str]) -> Table: ...
def write_table(
    table: Table,
    where: PathLike[str],
    *,
    compression: str = ...,
    row_group_size: int | None = None,
    use_dictionary: bool = ...,
    write_page_checksum: bool = False,
) -> None: ...
