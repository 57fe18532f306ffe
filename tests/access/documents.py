"""What a document says, whatever its format: all the words of a PDF, a workbook or a CSV file."""

from __future__ import annotations

import io
import zipfile

import httpx
import pypdf


def text_of(answer: httpx.Response) -> str:
    """Every word, once, in a text that can be searched; an answer that is no document says what it says."""
    kind = answer.headers.get("content-type", "")
    if kind == "application/pdf":
        document = pypdf.PdfReader(io.BytesIO(answer.content))
        pages = [" ".join(page.extract_text().split()) for page in document.pages]
        return "\n".join(
            [*pages, str(document.metadata), str(document.xmp_metadata and document.xmp_metadata.dc_title)]
        )
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return answer.text
