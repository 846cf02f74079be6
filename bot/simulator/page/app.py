"""The page as a small Flask app: one HTML shell, static modules, and a JSON API with relative addresses only.

It works at any mount point, needs no session, and holds no thread per viewer: the page asks again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from bot.simulator.page import residents, tools
from bot.simulator.page.state import state
from bot.simulator.world import World

LARGEST = 64 * 1024 * 1024
POLICY = (
    "default-src 'self'; img-src 'self' https: data: blob:; media-src 'self' https: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
Travel = Callable[[float], object]
"""Moves the service's time forward by seconds and returns when everything due on the way has happened."""


def create_page(world: World, *, travel: Travel | None = None) -> Flask:
    """Return the page as a WSGI app.

    `travel` is the host's time machine; without it the world's own clock is moved, where it has one.
    """
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it, its base class not
    if travel is None and world.can_travel:
        travel = world.advance
    app.extensions["simulator"] = {"world": world, "travel": travel}
    app.before_request(_refuse_strangers)
    app.after_request(_protect)
    app.register_error_handler(HTTPException, _problem)
    app.register_error_handler(KeyError, lambda error: _sentence(f"not found: {error}", 404))
    app.register_error_handler(ValueError, lambda error: _sentence(str(error), 400))

    @app.get("/")
    def index() -> str:
        return render_template("index.html")

    @app.get("/api/state")
    def news() -> Response:
        return jsonify(state(world, int(request.args.get("since", "-1")), travels=travel is not None))

    app.register_blueprint(residents.pages)
    app.register_blueprint(tools.pages)
    return app


# A page elsewhere on the web cannot send these without the browser asking us first, and we never agree.
def _refuse_strangers() -> AnyResponse | None:
    if not request.environ.get("PATH_INFO"):
        return redirect(f"{request.script_root}/")
    if request.method == "POST" and not request.is_json and "X-Simulator-Upload" not in request.headers:
        return _sentence("send JSON, or a file with the header X-Simulator-Upload", 415)
    return None


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.mimetype == "application/json":
        response.headers["Cache-Control"] = "no-store"
    return response


def _problem(error: HTTPException) -> Any:
    return _sentence(error.description or error.name, error.code or 500)


def _sentence(message: str, status: int) -> Response:
    response = jsonify({"message": message})
    response.status_code = status
    return response
