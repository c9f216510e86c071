# SPDX-License-Identifier: EUPL-1.2
"""Static files of our dependencies, one by one: the packages ship thousands, the pages need these."""

import fnmatch
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# package, folder in it, folder in the collected files, patterns. Bootstrap Italia's script is left out on purpose: the
# bundle weighs 296 kB compressed and what we need of it is written in `static/portal/portal.js`.
SELECTION = (
    (
        "bootstrap_italia_template",
        "static",
        "bootstrap-italia",
        (
            "css/bootstrap-italia.min.css",
            "svg/sprites.svg",
            "fonts/Titillium_Web/*latin-regular.woff2",
            "fonts/Titillium_Web/*latin-italic.woff2",
            "fonts/Titillium_Web/*latin-600.woff2",
            "fonts/Titillium_Web/*latin-700.woff2",
            "fonts/Lora/*latin-regular.woff2",
            "fonts/Roboto_Mono/*latin-regular.woff2",
            "fonts/*/*.txt",
        ),
    ),
    ("django_htmx", "static/django_htmx", "django_htmx", ("htmx-2.min.js",)),
)


class PrefixedStorage(FileSystemStorage):
    """Files of one package, collected under a folder of their own."""

    def __init__(self, location: Path, prefix: str) -> None:
        super().__init__(location=location)
        self.prefix = prefix


class SelectedPackagesFinder(BaseFinder):
    """Finds the files of `SELECTION` and nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources: list[tuple[PrefixedStorage, list[str]]] = []
        for package, folder, prefix, patterns in SELECTION:
            spec = find_spec(package)
            if spec is None or not spec.submodule_search_locations:
                raise LookupError(f"static files: the package {package} is not installed")
            root = Path(next(iter(spec.submodule_search_locations))) / folder
            names = sorted(
                str(path.relative_to(root))
                for pattern in patterns
                for path in root.glob(pattern)
                if fnmatch.fnmatch(str(path.relative_to(root)), pattern)
            )
            self.sources.append((PrefixedStorage(root, prefix), list(dict.fromkeys(names))))

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        matches = [
            storage.path(name)
            for storage, names in self.sources
            for name in names
            if path == f"{storage.prefix}/{name}"
        ]
        return matches if find_all else (matches[0] if matches else [])

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, PrefixedStorage]]:
        for storage, names in self.sources:
            for name in names:
                yield name, storage


class PortalStaticStorage(CompressedManifestStaticFilesStorage):
    """Fingerprinted and compressed files; source maps that packages name and we do not ship are not looked for."""

    patterns = (
        (
            "*.css",
            (
                r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",
                (
                    r"""(?P<matched>@import\s*["']\s*(?P<url>.*?)["'])""",
                    """@import url("%(url)s")""",
                ),
            ),
        ),
    )
