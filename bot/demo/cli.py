"""`madoguchi demo`: the whole product on this machine, with LINE's stand-in in place of LINE and a clock that can be moved."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path

import click

FOLDER = ".demo"


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--folder", default=FOLDER, show_default=True, help="Where the demo keeps its database; emptied at each start."
)
def demo(port: int, folder: str) -> None:
    """Open the whole product on http://localhost:8000 without a LINE account."""
    place = Path(folder)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    environment = _environment(place.resolve(), port)
    os.environ.update(environment)
    _prepare_database()
    click.echo(_welcome(port))
    executable = Path(sys.executable).with_name("gunicorn")
    os.execv(executable, [str(executable), "--config", "python:bot.demo.serve", "bot.demo.app:make()"])  # noqa: S606 - our own server


def _environment(place: Path, port: int) -> dict[str, str]:
    from bot.crypto import new_key

    return {
        "DATABASE_URL": f"sqlite:///{place}/demo.db",
        "LINE_CHANNEL_SECRET": secrets.token_hex(16),
        "LINE_CHANNEL_ACCESS_TOKEN": secrets.token_hex(16),
        "LINE_API_BASE": f"http://127.0.0.1:{port}/simulator",
        "ENCRYPTION_KEYS": new_key(),
        "LOOKUP_KEYS": new_key(),
        "MADOGUCHI_HOT_RELOAD": "1",
        "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://localhost:{port}",
        "PORT": str(port),
    }


def _prepare_database() -> None:
    from bot import migrate
    from bot.config import read_settings
    from bot.db import Database
    from bot.service import load_services

    settings = read_settings(os.environ)
    load_services(settings.services)
    database = Database(settings.database_url)
    migrate.upgrade(database)
    database.close()


def _welcome(port: int) -> str:
    from bot.console.access import Role
    from bot.demo.staff import DOMAIN, PASSWORD

    accounts = "\n      ".join(f"{role.value}@{DOMAIN}" for role in Role)
    return f"""
  まどぐち / Madoguchi demo

    住民のチャット  the resident's chat   http://localhost:{port}/simulator/
    職員の管理画面  the staff console     http://localhost:{port}/console/

      {accounts}
      パスワード password  {PASSWORD}   （番号は画面に出ます。The page shows the code.）

  「自動車税」と送り、登録してから時計を進めると、お知らせが届きます。
  Send 自動車税, register, then move the clock forward: the reminder arrives.
  Ctrl+C で終わります。 Ctrl+C ends it.
"""
