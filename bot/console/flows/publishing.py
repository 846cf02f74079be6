"""Publishing by two people: one proposes what they wrote, another looks at what changes and lets it into force."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from bot import approvals
from bot.console import audit
from bot.console.access import allow, person, scope, service_of
from bot.console.actions import name_action
from bot.console.console import console
from bot.console.flows import trying
from bot.console.flows.reading import compared, examined, file_of, program_of
from bot.console.flows.rights import DECIDE, PROPOSE, SEE
from bot.console.language import language_of_request
from bot.console.titles import flow_title
from bot.editions import FlowsBroken, history, in_force, read_folder, texts_of
from bot.models import Publication

KIND = approvals.register(
    approvals.Kind(
        "flows.publish",
        {"ja": "会話の公開", "en": "Publishing of flows"},
        lambda subject: f"/console/flows/publications/{subject}",
        permission=DECIDE.name,
    )
)


@allow(SEE)
def publications() -> str:
    """List publications, what is in force, and what waits for approval."""
    with console().database.read() as connection:
        activations = history(connection)
        current = in_force(connection)
        waiting = [row for row in approvals.waiting(connection) if row.kind == KIND.name]
        on_disk = _changed_names(connection, read_folder(console().settings.flows)) if _whole() else []
    return render_template(
        "console/flows/publications.html", activations=activations, current=current, waiting=waiting, on_disk=on_disk,
        may_propose=person().may(PROPOSE),
    )  # fmt: skip


@allow(SEE)
def publication(number: int) -> str:
    """Show what a publication changes against what is in force, and its approvals."""
    with console().database.read() as connection:
        row = _row(connection, number)
        coming = texts_of(connection, number)
        _refuse_others(connection, coming)
        current = in_force(connection)
        digest = _digest(row, current)
        differences = _differences(connection, coming)
        asked = approvals.history(connection, KIND, str(number))
    changes, broken = _fates(coming)
    waits = next((one for one in asked if one.decision is None), None)
    return render_template(
        "console/flows/publication.html", row=row, number=number, current=current, differences=differences,
        changes=changes, broken=broken, asked=asked, waits=waits, digest=digest.hex(), may_ask=person().may(PROPOSE),
        may_decide=person().may(DECIDE), titles={one.flow: flow_title(console(), one.flow) for one in changes},
    )  # fmt: skip


@allow(PROPOSE)
def propose(flow: str) -> Response | str:
    """Keep the edited text of one flow as a publication to be approved."""
    program_of(flow)
    with console().database.read() as connection:
        name, _text = file_of(connection, flow)
        number = in_force(connection)
        texts = {} if number is None else texts_of(connection, number)
    typed = trying.typed()
    if typed.too_long:
        return trying.page(flow, typed)
    texts[name] = typed.text
    broken = [one for one in examined(texts)[1] if one.severity == "error"]
    # What was typed stays on the page: it may be the work of an hour.
    return trying.page(flow, typed, broken) if broken else _propose(texts, url_for(".sandbox", flow=flow))


@allow(PROPOSE)
def propose_folder() -> Response:
    """Keep the files of this installation's folder as a publication to be approved."""
    texts = read_folder(console().settings.flows)
    examined(texts)
    return _propose(texts, url_for(".publications"))


def _propose(texts: dict[str, str], otherwise: str) -> Response:
    with console().database.read() as connection:
        _refuse_others(connection, texts)
    try:
        number = console().runtime.editions.propose(texts)
    except FlowsBroken as error:
        flash(_("公開できません: %(problem)s", problem=str(error)), "danger")
        return redirect(otherwise)
    return redirect(url_for(".publication", number=number))


@allow(PROPOSE)
def ask(number: int) -> Response:
    """Ask a second person."""
    who = person()
    with console().database.write() as connection:
        row = _row(connection, number)
        coming = texts_of(connection, number)
        _refuse_others(connection, coming)
        names = ", ".join(_changed_names(connection, coming)) or "–"
        try:
            approvals.ask(
                connection, KIND, str(number), _digest(row, in_force(connection)), who.id, console().now(),
                title=names, service=_service(connection, coming),
            )  # fmt: skip
        except approvals.CannotApprove as error:
            flash(error.in_(language_of_request()), "warning")
        else:
            audit.record(connection, "flow.propose", f"publication:{number}")
            flash(_("承認を依頼しました。"), "good")
    return redirect(url_for(".publication", number=number))


@allow(DECIDE)
def decide(number: int) -> Response:
    """Grant or refuse; what is granted comes into force at once."""
    who, there = person(), console()
    granted = request.form.get("decision") == "grant"
    decision = approvals.Decision.GRANTED if granted else approvals.Decision.REFUSED
    with there.database.write() as connection:
        row = _row(connection, number)
        _refuse_others(connection, texts_of(connection, number))
        waits = approvals.find_waiting(connection, KIND, str(number)) or abort(404)
        now = _digest(row, in_force(connection))
        try:
            if request.form.get("digest") != now.hex():
                raise approvals.Changed
            reason = request.form.get("reason", "")[:500]
            approvals.decide(connection, there.vault, waits.id, decision, now, who.id, there.now(), reason)
        except approvals.CannotApprove as error:
            flash(error.in_(language_of_request()), "danger")
            return redirect(url_for(".publication", number=number))
        audit.record(connection, f"flow.{decision.value}", f"publication:{number}")
        may = granted and approvals.granted(connection, KIND, str(number), now) is not None
    if may:
        _put_in_force(number)
    else:
        flash(_("差し戻しました。"), "good")
    return redirect(url_for(".publication", number=number))


def _put_in_force(number: int) -> None:
    there = console()
    try:
        there.runtime.editions.activate(number, person().sign_in)
    except FlowsBroken as error:
        flash(_("公開できません: %(problem)s", problem=str(error)), "danger")
        return
    with there.database.write() as connection:
        audit.record(connection, "flow.publish", f"publication:{number}")
    there.runtime.editions.refresh()
    flash(_("公開しました。数秒ですべての会話に反映されます。"), "good")


def _row(connection: Connection, number: int) -> Any:
    columns = (Publication.id, Publication.digest, Publication.published_at)
    return connection.execute(select(*columns).where(Publication.id == number)).one_or_none() or abort(404)


def _digest(row: Any, current: int | None) -> bytes:
    """Return what an approval stands for: these files, in place of those in force when they were looked at."""
    return approvals.digest_of(row.id, row.digest, current)


def _changed_names(connection: Connection, coming: dict[str, str]) -> list[str]:
    number = in_force(connection)
    going = {} if number is None else texts_of(connection, number)
    return sorted(name for name in {*going, *coming} if going.get(name) != coming.get(name))


def _differences(connection: Connection, coming: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    number = in_force(connection)
    going = {} if number is None else texts_of(connection, number)
    return [(name, compared(going.get(name, ""), coming.get(name, ""))) for name in _changed_names(connection, coming)]


def _fates(coming: dict[str, str]) -> tuple[list[Any], str]:
    """Return what publishing does to each flow that changes, and why it cannot be done."""
    examined(coming)
    try:
        changes = console().runtime.editions.changes(coming, _open_state)
    except FlowsBroken as error:
        return [], str(error)
    return [one for one in changes if one.kind != "same"], ""


def _open_state(resident_id: int, sealed: bytes) -> bytes:
    return console().vault.open("conversations.state", resident_id, sealed)


def _whole() -> bool:
    return scope().everything


def _service(connection: Connection, coming: dict[str, str]) -> str | None:
    services = {_service_of_file(name) for name in _changed_names(connection, coming)}
    return services.pop() if len(services) == 1 else None


def _service_of_file(name: str) -> str:
    """Return the service whose folder a file is in; the file's own name at the top.

    >>> _service_of_file("flows/tax/remind.yaml"), _service_of_file("flows/town.yaml")
    ('tax', 'town')
    """
    return service_of(name.removeprefix("flows/").removesuffix(".yaml").replace("/", "."))


def _refuse_others(connection: Connection, coming: dict[str, str]) -> None:
    """End the request with 404 when files change that are not of services one looks after."""
    if any(_service_of_file(name) not in scope() for name in _changed_names(connection, coming)):
        abort(404)


def name_actions(lazy_gettext: Any) -> None:
    """Say what the log's actions are called."""
    name_action("flow.propose", lazy_gettext("会話の公開の依頼"))
    name_action("flow.granted", lazy_gettext("会話の公開の承認"))
    name_action("flow.refused", lazy_gettext("会話の公開の差し戻し"))
