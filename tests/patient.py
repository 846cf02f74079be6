"""The product's gunicorn configuration for tests, with more patience than LINE has: a busy machine may stand still for seconds.

What holds the product to LINE's own two seconds starts it with `bot.serve` itself.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

from bot import db, runtime  # noqa: E402 - everything after this line must see patched modules
from bot.line import webhook  # noqa: E402 - likewise
from bot.serve import *  # noqa: E402, F403 - likewise, and gunicorn reads everything that is set there

db.CONNECT_SECONDS = 30
runtime.CONVERSATION_PATIENCE = 6.0
webhook.ANSWER_WITHIN = 8.0
