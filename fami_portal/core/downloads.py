# SPDX-License-Identifier: EUPL-1.2
"""A list handed out as a file, with the filters of its page: CSV as it is read, XLSX through a temporary file."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.urls import register_converter, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fami_portal.core.components import Link
from fami_portal.core.exports import Column, Sheet, csv_chunks, write_xlsx

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")


class ExportFormat:
    """Path converter of the format: `path("bodies/export.<export:fmt>", …)`."""

    regex = "csv|xlsx"

    def to_python(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Give it as it is."""
        return value


register_converter(ExportFormat, "export")


def export_links(request: HttpRequest, url_name: str, **kwargs: Any) -> list[Link]:
    """Return the links of the filter bar: the same selection as the page, in each format (`fmt` in the address)."""
    query = request.GET.copy()
    query.pop("page", None)
    suffix = f"?{query.urlencode()}" if query else ""
    return [
        Link(fmt.upper(), reverse(url_name, kwargs={**kwargs, "fmt": fmt}) + suffix, _("download of these results"))
        for fmt in FORMATS
    ]


def download_list(
    *, name: str, title: Any, fmt: str, columns: Sequence[Column], rows: Iterable[Any]
) -> FileResponse | StreamingHttpResponse:
    """Answer with the rows as a file named after the list and the day. Rows are read once."""
    filename = f"{name}-{timezone.localdate():%Y-%m-%d}.{fmt}"
    if fmt == "xlsx":
        target = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        write_xlsx(target, [Sheet(title, columns, rows)], title=title)
        target.seek(0)
        return FileResponse(target, as_attachment=True, filename=filename, content_type=XLSX_TYPE)
    return StreamingHttpResponse(
        csv_chunks(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
