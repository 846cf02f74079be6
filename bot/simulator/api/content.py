"""The files residents sent: 202 while in preparation, then 200; 404 unknown, 410 unsent."""

from __future__ import annotations

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.contents import Content
from bot.simulator.errors import LineError


def found(call: Call) -> Content:
    """Return the file of a message sent to this bot, wherever it stands in its preparation."""
    content = call.world.contents.get(call.path[0])
    if content is None or content.channel != call.channel.name:
        raise LineError(404, "not found")
    if content.unsent:
        raise LineError(410, "The content is gone")
    return content


def content(call: Call) -> Answer:
    """GET /v2/bot/message/{messageId}/content."""
    file = found(call)
    if call.now < file.ready_at:
        return Answer(b"", 202)
    if file.failed:
        raise LineError(404, "not found")
    return Answer(file.body, content_type=file.content_type)


def transcoding(call: Call) -> Answer:
    """GET /v2/bot/message/{messageId}/content/transcoding: `processing`, `succeeded` or `failed`."""
    file = found(call)
    if not file.content_type.startswith(("video/", "audio/")):
        raise LineError(400, "Transcoding status doesn't support this type of content")
    if call.now < file.ready_at:
        return Answer({"status": "processing"})
    return Answer({"status": "failed" if file.failed else "succeeded"})


def preview(call: Call) -> Answer:
    """GET /v2/bot/message/{messageId}/content/preview: of images and videos; here an image is its own preview."""
    file = found(call)
    if not file.content_type.startswith(("image/", "video/")):
        raise LineError(400, "The content can not be previewed")
    if call.now < file.ready_at:
        return Answer(b"", 202)
    return Answer(file.body, content_type=file.content_type)


ROUTES = [
    Route("content", "GET", "/v2/bot/message/{messageId}/content", content),
    Route("content-transcoding", "GET", "/v2/bot/message/{messageId}/content/transcoding", transcoding),
    Route("content-preview", "GET", "/v2/bot/message/{messageId}/content/preview", preview),
]
