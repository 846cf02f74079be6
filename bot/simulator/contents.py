"""The bytes behind images, videos, audio and files that residents sent: in preparation, ready, unsent, gone."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

KEPT = 500


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

    def put(self, message_id: str, channel: str, content: Content) -> None:
        """Keep a file; the oldest goes, as LINE deletes content after an undisclosed time."""
        content.channel = channel
        self._contents[message_id] = content
        while len(self._contents) > KEPT:
            self._contents.popitem(last=False)

    def get(self, message_id: str) -> Content | None:
        """Return the file of a message."""
        return self._contents.get(message_id)

    def unsend(self, message_id: str) -> None:
        """Drop the bytes but remember that they were taken back."""
        content = self._contents.get(message_id)
        if content is not None:
            content.unsent = True
            content.body = b""

    def clear(self) -> None:
        """Forget all files."""
        self._contents.clear()
