"""gunicorn's configuration for the demo: as in production, but only on this machine."""

from bot.serve import *  # noqa: F403 - all settings of the real server are settings of the demo
from bot.serve import _settings

bind = f"127.0.0.1:{_settings.port}"
