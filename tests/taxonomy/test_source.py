import hashlib
import sys
from pathlib import Path

import pytest

from taxonomy import TaxonomyError, source
from taxonomy.source import FY2026, read_tabular, tabular_path


def test_the_installed_package_carries_the_official_bytes() -> None:
    data = read_tabular(tabular_path(), digest=FY2026.digest)
    assert hashlib.sha256(data).hexdigest() == FY2026.digest


def test_the_package_itself_is_never_imported() -> None:
    # Importing it parses the whole list again and takes three seconds.
    tabular_path()
    assert "simple_icd_10_cm" not in sys.modules


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    changed = tmp_path / "list.xml"
    data = bytearray(tabular_path().read_bytes())
    data[5_000_000] ^= 1
    changed.write_bytes(data)
    with pytest.raises(TaxonomyError, match=r"list\.xml is not the April 2026 release"):
        read_tabular(changed, digest=FY2026.digest)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match=r"absent\.xml cannot be read"):
        read_tabular(tmp_path / "absent.xml", digest=FY2026.digest)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "find_spec", lambda _name: None)
    with pytest.raises(TaxonomyError, match="simple-icd-10-cm, which carries"):
        tabular_path()
