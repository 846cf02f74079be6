"""The composition root: puts the parts of a web process together."""

from __future__ import annotations

import importlib
import os

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bot.alerts.page import alert_page
from bot.campaigns.pictures import pictures_page
from bot.config import Settings, read_settings
from bot.console.app import PATH, create_console
from bot.desk.page import talk_page
from bot.line.webhook import webhook_blueprint
from bot.now import Now
from bot.owndata.page import own_data_page
from bot.runtime import Runtime


def create_app(settings: Settings, now: Now | None = None, *, demo: bool = False) -> Flask:
    """Make the WSGI application. Its runtime is `app.extensions["madoguchi"]`; the server starts and stops it."""
    app = Flask("madoguchi", static_folder=None)
    runtime = Runtime(settings, now)
    app.extensions["madoguchi"] = runtime
    _mount_console(app, runtime, demo=demo)
    if settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    app.register_blueprint(
        webhook_blueprint(runtime.channels(), runtime.reception, runtime.redelivery.refuses, runtime.forwarders)
    )
    for service in runtime.services.all:
        if service.public is not None:
            app.register_blueprint(importlib.import_module(service.public).public_pages(runtime))
    if settings.public_url is not None:
        app.register_blueprint(own_data_page(runtime.database, runtime.lookup, runtime.talks.context, runtime.now))
        app.register_blueprint(
            talk_page(
                runtime.database, runtime.lookup, runtime.talks.desk, runtime.talks.on_page, runtime.now,
                settings.public_url,
            )
        )  # fmt: skip
        app.register_blueprint(pictures_page(runtime.database))
        app.register_blueprint(alert_page(runtime.database, runtime.lookup, runtime.now))
    if settings.metrics_token is not None:
        from bot.metrics import metrics_page

        page = metrics_page(runtime.database, settings.metrics_token, settings.quota_reserve, runtime.now)
        app.register_blueprint(page)
    _add_health(app, runtime)
    return app


def runtime_of(app: Flask) -> Runtime:
    """Return the runtime of `app`."""
    runtime: Runtime = app.extensions["madoguchi"]
    return runtime


def from_environment() -> Flask:
    """Make the application from the environment, as gunicorn does."""
    return create_app(read_settings(os.environ))


def _mount_console(app: Flask, runtime: Runtime, *, demo: bool) -> None:
    """Serve the console below /console as an application of its own: a webhook passes none of its hooks."""
    console = create_console(runtime, demo=demo)
    app.extensions["console"] = console
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PATH: console})  # type: ignore[method-assign]  # Flask's documented way


def _add_health(app: Flask, runtime: Runtime) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            with runtime.database.read() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return Response("the database does not answer\n", 503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")
