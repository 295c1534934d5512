"""The release, compiled once for all tests of the taxonomy, and a small list of our own."""

from pathlib import Path

import pytest

from taxonomy import Taxonomy, load

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "icd10cm"


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("taxonomy-cache")


@pytest.fixture(scope="session")
def taxonomy(cache_dir: Path) -> Taxonomy:
    return load(cache_dir)


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the shared ICD-10-CM tables are not at {SHARED}")
    return SHARED


SMALL = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2099</version>
<chapter><name>1</name><desc>First chapter (A00-A0B)</desc>
  <excludes1><note>things elsewhere (B00.-)</note></excludes1>
  <section id="A00-A0B"><desc>First section (A00-A0B)</desc>
    <diag><name>A00</name><desc>Fever of the left ear</desc>
      <useAdditionalCode><note>code to identify the ear (B00.1)</note></useAdditionalCode>
      <useAdditionalCode><note>code, in words</note></useAdditionalCode>
      <diag><name>A00.0</name><desc>Fever of the left ear, unspecified</desc></diag>
      <diag><name>A00.1</name><desc>High fever of the left ear</desc>
        <inclusionTerm><note>Hot ear</note></inclusionTerm></diag>
    </diag>
    <diag><name>A0B</name><desc>Letters come late</desc></diag>
  </section>
</chapter>
<chapter><name>2</name><desc>Second chapter (B00)</desc>
  <section id="B00"><desc>Broken ears (B00)</desc>
    <diag><name>B00</name><desc>Broken ear</desc>
      <sevenChrNote><note>one of</note></sevenChrNote>
      <sevenChrDef><extension char="A">initial encounter</extension><note>closed, too</note>
        <extension char="D">subsequent encounter</extension></sevenChrDef>
      <diag><name>B00.0</name><desc>Broken left ear</desc>
        <sevenChrDef><extension char="1">once</extension></sevenChrDef></diag>
      <diag><name>B00.1</name><desc>Broken right ear</desc></diag>
    </diag>
  </section>
</chapter>
</ICD10CM.tabular>
"""


@pytest.fixture(scope="session")
def small() -> bytes:
    return SMALL.encode()
