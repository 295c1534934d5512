"""Small official files of an invented year, written to the XSDs, and how to import them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from taxonomy.importing.command import Imported, ImportOptions, import_files
from taxonomy.importing.lists import AGES
from taxonomy.importing.parts import Limits
from taxonomy.library import Library

TINY = Limits(least={("poa-exempt", "codes"): 2, ("tabular", "rows"): 3}, known={})

TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2099</version>
<chapter><name>1</name><desc>First chapter (A00-A01)</desc>
  <sectionIndex><sectionRef first="A00" last="A01" id="A00-A01">First</sectionRef></sectionIndex>
  <section id="A00-A01"><desc>First section (A00-A01)</desc>
    <diag><name>A00</name><desc>Fever of the ear</desc>
      <diag><name>A00.0</name><desc>Fever of the left ear</desc></diag>
      <diag><name>A00.1</name><desc>Fever of the right ear</desc></diag>
    </diag>
    <diag><name>A01</name><desc>Broken ear</desc>
      <sevenChrDef><extension char="A">initial encounter</extension>
        <extension char="S">sequela</extension></sevenChrDef></diag>
  </section>
</chapter>
</ICD10CM.tabular>
"""
_ROWS = (
    ("A00", 0, "Fever of the ear"),
    ("A000", 1, "Fever of the left ear"),
    ("A001", 1, "Fever of the right ear"),
    ("A01", 0, "Broken ear"),
    ("A01XXXA", 1, "Broken ear, initial encounter"),
    ("A01XXXS", 1, "Broken ear, sequela"),
)
ORDER = "".join(
    f"{number:05d} {code:<7} {billable} {title:<60} {title}\n"
    for number, (code, billable, title) in enumerate(_ROWS, start=1)
)
POA = (
    "Order99\tPOAexemptCode\tDescription\r\n00003\tA00.1\tFever of the right ear\r\n"
    '00006\tA01.XXXS\t"Broken ear, sequela"\r\n'
)
INDEX = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index><version>2099</version><title>ICD-10-CM INDEX TO DISEASES and INJURIES</title>
<letter><title>E</title>
  <mainTerm><title>Ear<nemod>(inner) (outer)</nemod> NEC</title><seeAlso>Fever</seeAlso>
    <term level="1"><title>broken</title><code>A01.-</code>
      <term level="2"><title>by fever</title><code>A00.0</code><manif>[A01]</manif></term></term>
    <term level="1"><title>hot</title><see>Fever, ear</see></term>
  </mainTerm></letter>
<letter><title>F</title>
  <mainTerm><title>Fever, feverish</title>
    <term level="1"><title>ear</title><code>A00</code></term>
    <term level="1"><title>elsewhere</title><subcat>A00.1</subcat></term></mainTerm></letter>
</ICD10CM.index>
"""
EXTERNAL = INDEX.replace("INDEX TO DISEASES and INJURIES", "EXTERNAL CAUSE of INJURIES INDEX")
HEADS = "".join(f'<head col="{at}">Column {at}</head>' for at in range(2, 8))
CELLS = "".join(
    f'<cell col="{at}">{code}</cell>'
    for at, code in enumerate(("A00.0", "A00.1", "--", "A01", "--", "--"), start=2)
)
DRUGS = f"""<ICD10CM.index><version>2099</version>
<indexHeading><head col="1">Substance</head>{HEADS}</indexHeading>
<letter><title>W</title><mainTerm><title>Wax<nemod>(ear)</nemod></title>{CELLS}
<term level="1"><title>warm</title><see>Wax</see></term></mainTerm></letter></ICD10CM.index>
"""
NEOPLASMS = DRUGS.replace("Substance", "Neoplasm")
CSV = (
    "RowID,Letter,Level,Term,See,SeeAlso,NonEssModif,Code\n1,E,0,Ear,,Fever,(inner),\n"
    '2,E,1,broken,,,,A01.-\n3,F,0,"Fever, feverish",,,,A00\n'
)
_EDITS = {
    "manifestation_not_pdx": ["A000"],
    "unacceptable_pdx": ["A01XXXS", "A001"],
    "unacceptable_pdx_unless_secondary": [],
    "age_newborn": ["A000"],
    "age_pediatric": [],
    "age_maternity": [],
    "age_adult": [],
}
EDITS = json.dumps(
    {
        "description": "CMS Medicare Code Editor (MCE) diagnosis edit lists",
        "age_categories": {
            name: {"min_age": low, "max_age": high} for name, (low, high) in AGES.items()
        },
        "codes": {
            name: [{"code": code, "description": "…"} for code in codes]
            for name, codes in _EDITS.items()
        },
        "counts": {name: len(codes) for name, codes in _EDITS.items()},
    }
)
EDITS_TEXT = (
    "MCE_Version\tICD_Version\tMCE_Section\tMCE_Subsection\tMCE_Edit_Type\tICD_Code_Type\tICD_Code"
    "\tICD_Desc\n116\t10\t4\tA\tNewborn_Only\tD\tA000\tFever\n116\t10\t5\tB\tFemale_Only\tP\t0W\tx"
)
HCC = "diagnosis_code,cc,model_name\nA000,115,CMS-HCC Model V28\nA001,39,CMS-HCC Model V28\n"
LABELS = (
    "cc,label,model_domain,model_version,model_fullname\n"
    'HCC115,"Ear, hot",CMS-HCC,V28,V28L1\nHCC39,Ear,CMS-HCC,V28,V28L1'
)
HIERARCHIES = (
    "cc_parent,cc_child,model_domain,model_version,model_fullname\n115,39,CMS-HCC,V28,V28H1\n"
)

FILES: dict[str, bytes] = {
    name: text.encode()
    for name, text in {
        "tabular": TABULAR,
        "order": ORDER,
        "poa-exempt": POA,
        "index": INDEX,
        "external-causes": EXTERNAL,
        "drugs": DRUGS,
        "neoplasms": NEOPLASMS,
        "edits": EDITS,
        "hcc": HCC,
        "hcc-labels": LABELS,
        "hcc-hierarchies": HIERARCHIES,
    }.items()
}

Take = Callable[..., Imported]


@pytest.fixture
def files() -> dict[str, bytes]:
    return dict(FILES)


@pytest.fixture
def csv_index() -> bytes:
    return CSV.encode()


@pytest.fixture
def edits_text() -> bytes:
    return EDITS_TEXT.encode()


@pytest.fixture
def tiny() -> Limits:
    return TINY


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def take(tmp_path: Path, library: Library) -> Take:
    """Import bytes, each written to a file of its own, into the library."""

    def take(*contents: bytes, limits: Limits = TINY, **options: object) -> Imported:
        paths = []
        for number, content in enumerate(contents):
            path = tmp_path / f"given-{number}.bin"
            path.write_bytes(content)
            paths.append(path)
        return import_files(
            paths,
            library=library,
            cache_dir=tmp_path / "cache",
            options=ImportOptions(limits=limits, **options),  # type: ignore[arg-type]
        )

    return take


@pytest.fixture
def snapshot(library: Library) -> Callable[[], dict[str, bytes]]:
    """Return what lies in the library, file by file."""

    def snapshot() -> dict[str, bytes]:
        return {
            str(path.relative_to(library.folder)): path.read_bytes()
            for path in sorted(library.folder.rglob("*"))
            if path.is_file() and path.name != ".lock"
        }

    return snapshot
