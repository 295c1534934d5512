"""Documents made by hand, byte by byte; every patient and word in them is invented."""

import io
import zipfile
from collections.abc import Sequence

SHEET = "/MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(pages: Sequence[str], *, length: int | None = None) -> bytes:
    """Return a PDF with a line of text on each page; `length` is declared for the last stream."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        declared = len(content) if length is None else length
        objects += [
            f"<< /Type /Page /Parent 2 0 R {SHEET} /Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {declared} >>\nstream\n{content}\nendstream",
        ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode())
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    for place in places:
        out.write(f"{place:010} 00000 n \n".encode())
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode())
    out.write(f"startxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def docx(body: str, *, head: str = "") -> bytes:
    """Return a DOCX whose body is this WordprocessingML; `head` stands before the root."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?>{head}<w:document xmlns:w="{WORD}">'
            f"<w:body>{body}</w:body></w:document>",
        )
    return out.getvalue()


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(f'<w:r>{run}</w:r>' for run in runs)}</w:p>"


def words(text: str) -> str:
    return f"<w:t>{text}</w:t>"


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
)


def ccda(*, body: str = "", head: str = "", extra: str = "") -> bytes:
    return f"""<?xml version="1.0"?>{head}
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <id root="2.16.840.1.113883.19" extension="DOC-7"/>
  <code code="18842-5" displayName="Discharge summary"/>
  <title>Discharge Summary</title>
  <effectiveTime value="20260305101500+0000"/>
  <recordTarget><patientRole><id root="2.16" extension="PAT-3"/><patient>
    <administrativeGenderCode code="F"/><birthTime value="19480712"/></patient></patientRole>
  </recordTarget>
  <author><assignedAuthor><assignedPerson><name><given>Ada</given><family>Invented</family></name>
  </assignedPerson></assignedAuthor></author>
  <legalAuthenticator/>{extra}
  <componentOf><encompassingEncounter><id root="2.16" extension="ENC-9"/>
    <code code="IMP" codeSystem="2.16.840.1.113883.5.4"/>
    <effectiveTime><low value="20260301"/><high value="20260305"/></effectiveTime>
  </encompassingEncounter></componentOf>
  <component><structuredBody>{body or NARRATIVE}</structuredBody></component>
</ClinicalDocument>""".encode()


NARRATIVE = """
<component><section><title>Hospital Course</title>
  <text><paragraph>Treated for <content>community acquired pneumonia</content>.</paragraph>
  <list><item>Oxygen weaned</item><item>Walks alone</item></list></text>
  <entry><observation><value displayName="never read"/></observation></entry></section></component>
<component><section><title>Assessment</title>
  <text>Pneumonia, resolving.<br/>Type 2 diabetes mellitus.
  <table><tbody><tr><td>HbA1c</td><td>7.9</td></tr></tbody></table></text></section></component>
"""
