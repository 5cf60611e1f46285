"""Makers of small office and PDF files, sound and broken."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import docx

PLAN = "勞動部 {year} 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）辦理就業服務{year}。\n"

# --- office files -----------------------------------------------------------------------------------------------------

ODT = "application/vnd.oasis.opendocument.text"
ODF_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"'
)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{}</manifest:file-entry>'
    "</manifest:manifest>"
)
ENCRYPTED = '<manifest:encryption-data manifest:checksum="AAAA"/>'
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 50_000}">]>'
XXE_FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
WIDE_CELL = (
    '</text:p><table:table xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><table:table-row><table:table-cell '
    'table:number-columns-spanned="2147483648"><text:p>x</text:p></table:table-cell></table:table-row></table:table><text:p>'
)
XXE_HTTP = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


def plan(year: int) -> str:
    return PLAN.format(year=year)


def packed(members: dict[str, str | bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def odt(
    text: str = "",
    doctype: str = "",
    encryption: str = "",
    encoding: str = "utf-8",
    manifest: str = MANIFEST,
    **more: bytes,
) -> bytes:
    """A plan as ODT."""
    body = "".join(f"<text:p>{line}</text:p>" for line in (plan(120) + text).splitlines())
    content = (
        f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<office:document-content {ODF_NAMES}>'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    members = {
        "mimetype": ODT,
        "content.xml": content.encode(encoding),
        "META-INF/manifest.xml": manifest.replace("{}", encryption),
    }
    return packed({**members, **more})


def word(edit: Callable[[str], str] = str, part: str = "word/document.xml", **more: bytes) -> bytes:
    """A plan as DOCX, one part of it edited."""
    document, buffer = docx.Document(), BytesIO()
    for line in plan(121).splitlines():
        document.add_paragraph(line)
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    members[part] = edit(bytes(members[part]).decode()) if edit is not str else members[part]
    return packed({**members, **more})


def with_doctype(doctype: str) -> Callable[[str], str]:
    return lambda xml: xml.replace("?>", f"?>{doctype}", 1)


def with_links(xml: str) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    outside = "".join(
        f'<Relationship Id="out{number}" Type="{kind}/{name}" Target="http://127.0.0.1:9/x" TargetMode="External"/>'
        for number, name in enumerate(("image", "attachedTemplate", "oleObject", "frame"))
    )
    return xml.replace("</Relationships>", f"{outside}</Relationships>")


def with_wide_cell(xml: str) -> str:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="2147483648"/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>'
    return xml.replace("<w:sectPr", f"<w:tbl><w:tr>{cell}</w:tr></w:tbl><w:sectPr", 1)


def lying(data: bytes) -> bytes:
    """The archive with every size in its directory said to be 10 bytes."""
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data = data[: place + 24] + (10).to_bytes(4, "little") + data[place + 28 :]
        place += 4
    return data


def locked_zip(data: bytes) -> bytes:
    """The archive with every member said to be encrypted."""
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = 0
        while (place := data.find(signature, place)) >= 0:
            data = data[: place + offset] + b"\x01" + data[place + offset + 1 :]
            place += 4
    return data


def ole(stream: str) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1016) + stream.encode("utf-16-le") + bytes(2048)


# --- PDF --------------------------------------------------------------------------------------------------------------


def pdf(
    kids: str = "3 0 R",
    count: int = 1,
    box: str = "0 0 595 842",
    text: str = "Administrative Plan 2020",
    more: str = "",
) -> bytes:
    stream = zlib.compress(b"BT /F1 12 Tf 72 700 Td (" + text.encode("ascii") + b") Tj ET")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (
        table, more.encode(), len(data),
    )  # fmt: skip


LOCKED = (
    f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >> /ID [<00> <00>]"
)
