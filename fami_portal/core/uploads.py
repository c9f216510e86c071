# SPDX-License-Identifier: EUPL-1.2
"""Where an upload waits while its request is answered: in memory, or on disk under a key that only this process knows.

Django writes big uploads to the temporary folder as they are. They may carry names, and a machine that dies keeps what
its disk holds: so what does not fit in memory is encrypted with a key that is never written, in a file that has no name.
"""

import io
import secrets
import tempfile
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

_BLOCK = 16


class EncryptedTemporaryFile(io.RawIOBase):
    """A temporary file that is written once, then read anywhere; on disk it means nothing to anybody.

    AES-256 in counter mode: the key serves this file alone, and each place of it is written once. Nobody but this
    process is asked to trust the bytes, so that they carry no proof of their own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, buffering=0)  # noqa: SIM115  closed by `close`
        self._key = secrets.token_bytes(32)

    def readable(self) -> bool:
        """It is read,"""
        return True

    def writable(self) -> bool:
        """written"""
        return True

    def seekable(self) -> bool:
        """and rewound."""
        return True

    def write(self, data: Any) -> int:
        """Add at the end; what was written stays."""
        place = self._file.seek(0, io.SEEK_END)
        coded = self._turned(place, bytes(data))
        while coded:
            coded = coded[self._file.write(coded) :]
        return len(data)

    def readinto(self, buffer: Any) -> int:
        """Read from where it stands."""
        place = self._file.tell()
        clear = self._turned(place, self._file.read(len(buffer)) or b"")
        buffer[: len(clear)] = clear
        return len(clear)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file, which is gone with it."""
        self._file.close()
        super().close()

    def _turned(self, place: int, data: bytes) -> bytes:
        counter, skipped = divmod(place, _BLOCK)
        cipher = Cipher(algorithms.AES(self._key), modes.CTR(counter.to_bytes(_BLOCK, "big"))).encryptor()
        return cipher.update(bytes(skipped) + data)[skipped:]


class EncryptedUploadHandler(FileUploadHandler):
    """Takes what the handler for small uploads does not keep in memory."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = EncryptedTemporaryFile()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return UploadedFile(
            file=self.file,  # type: ignore[arg-type]  what is asked of a file it does
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
