"""`madoguchi simulator`: the stand-in as a process of its own, for any LINE bot."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8900, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--webhook", default="", help="The bot's webhook URL.")
@click.option("--secret", "secrets", multiple=True, required=True, help="Channel secret; the first one signs.")
@click.option("--token", default=None, help="Channel access token; without it every token is accepted.")
@click.option("--channel-id", default=None, help="Channel id, for bots that fetch stateless tokens.")
@click.option("--bot-user-id", default=None, help="The bot's own user id (destination of webhooks).")
def simulator(
    host: str,
    port: int,
    webhook: str,
    secrets: tuple[str, ...],
    token: str | None,
    channel_id: str | None,
    bot_user_id: str | None,
) -> None:
    """Run a stand-in for LINE on this machine: Messaging API, webhooks, and a chat page."""
    from gevent import monkey

    monkey.patch_all()
    import time

    from bot.simulator import create_app
    from bot.simulator.clock import Clock
    from bot.simulator.page import create_page
    from bot.simulator.server import make_server
    from bot.simulator.world import World

    clock = Clock(time.time)
    world = World(clock, advance=clock.advance)
    world.add_channel(
        secret=list(secrets), token=token, webhook_url=webhook, channel_id=channel_id, bot_user_id=bot_user_id
    )
    server = make_server(create_app(world, create_page(world)), host, port)
    click.echo(f"simulator on http://{host}:{server.server_port}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.stop()
