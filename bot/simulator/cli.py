"""`madoguchi simulator`: the stand-in as a process of its own, for any LINE bot."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gevent.pywsgi import WSGIServer

    from bot.simulator.world import World

PARENT_CHECK_SECONDS = 0.5
LOCAL = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8900, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--webhook", default="", help="The bot's webhook URL.")
@click.option("--secret", "secrets", multiple=True, required=True, help="Channel secret; the first one signs.")
@click.option("--token", default=None, help="Channel access token; without it every token is accepted.")
@click.option("--channel-id", default=None, help="Channel id, for bots that fetch stateless tokens.")
@click.option("--bot-user-id", default=None, help="The bot's own user id (destination of webhooks).")
@click.option("--name", default="", help="What the bot is called on its page.")
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), help="Keep people and chats here.")
@click.option(
    "--still", is_flag=True, help="Let time stand still until it is moved, so that no test depends on its pace."
)
@click.option("--attached", is_flag=True, help="End when the process that started this one ends.")
def simulator(
    host: str,
    port: int,
    webhook: str,
    secrets: tuple[str, ...],
    token: str | None,
    channel_id: str | None,
    bot_user_id: str | None,
    name: str,
    path: Path | None,
    still: bool,
    attached: bool,
) -> None:
    """Run a stand-in for LINE on this machine: Messaging API, webhooks, and a chat page.

    Point the bot's API base (SDK: Configuration(host=…)) at the address printed on the first line.
    """
    from gevent import monkey

    monkey.patch_all()
    import threading
    import time

    from bot.simulator.clock import Clock
    from bot.simulator.storage import keep
    from bot.simulator.world import World

    began = time.time()
    clock = Clock((lambda: began) if still else time.time)
    world = World(clock, advance=clock.advance)
    world.add_channel(
        secret=list(secrets),
        token=token,
        webhook_url=webhook,
        channel_id=channel_id,
        bot_user_id=bot_user_id,
        display_name=name,
    )
    stop = threading.Event()
    try:
        save = keep(world, path, stop) if path else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error
    _serve(world, host, port, attached=attached)
    stop.set()
    if save is not None:
        save()


def _serve(world: World, host: str, port: int, *, attached: bool) -> None:
    """Serve API and page until a signal ends it, or the process that started this one is gone (`attached`)."""
    import signal

    import gevent
    from gevent import signal_handler

    from bot.simulator import create_app
    from bot.simulator.page.app import create_page
    from bot.simulator.server import make_server

    try:
        server = make_server(create_app(world, create_page(world), remote=host not in LOCAL), host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}; try --port 0") from error
    if attached:
        # Asked for now: who started us may be gone as soon as it has read the first line.
        gevent.spawn(_end_with_parent, server, os.getppid())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal_handler(number, server.stop, 0)
    click.echo(f"simulator on http://{host}:{server.server_port}")
    server.serve_forever()


def _end_with_parent(server: WSGIServer, parent: int) -> None:
    """Stop the server when the process `parent` that started it is gone."""
    import gevent

    while os.getppid() == parent:
        gevent.sleep(PARENT_CHECK_SECONDS)
    server.stop(0)
