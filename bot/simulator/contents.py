"""The bytes behind images, videos, audio and files that residents sent: in preparation, ready, unsent, gone."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

KEPT = 500
BYTES_KEPT = 256 * 1024 * 1024


@dataclass(eq=False, slots=True)
class Content:
    """A file; the bot may fetch it from the epoch second `ready_at` on, unless `failed` or `unsent`."""

    body: bytes
    content_type: str
    ready_at: float = 0.0
    channel: str = ""
    failed: bool = False
    unsent: bool = False


class Contents:
    """The latest files by message id."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, Content] = OrderedDict()
        self._bytes = 0

    def put(self, message_id: str, channel: str, content: Content) -> None:
        """Keep a file; the oldest goes, as LINE deletes content after an undisclosed time."""
        content.channel = channel
        self._contents[message_id] = content
        self._bytes += len(content.body)
        while len(self._contents) > KEPT or (self._bytes > BYTES_KEPT and len(self._contents) > 1):
            _, oldest = self._contents.popitem(last=False)
            self._bytes -= len(oldest.body)

    def get(self, message_id: str) -> Content | None:
        """Return the file of a message."""
        return self._contents.get(message_id)

    def unsend(self, message_id: str) -> None:
        """Drop the bytes but remember that they were taken back."""
        content = self._contents.get(message_id)
        if content is not None:
            content.unsent = True
            self._bytes -= len(content.body)
            content.body = b""

    def clear(self) -> None:
        """Forget all files."""
        self._contents.clear()
        self._bytes = 0
