"""All campaigns, and one of them: what it says to whom and when, what its approval says, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, func, select
from werkzeug.wrappers import Response

from bot import approvals
from bot.campaigns import builder, campaign, pictures, starting, testers
from bot.campaigns import content as contents
from bot.campaigns import repeat as repeats
from bot.campaigns.campaign import KIND, Opened
from bot.campaigns.reach import Reach, reach
from bot.campaigns.states import State, Unsound
from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.broadcasts import phone, rights
from bot.console.broadcasts.rights import APPROVE, COMPOSE, VIEW
from bot.console.console import console
from bot.console.language import language_of_request
from bot.models import Broadcast, Campaign, CampaignRun, Department, Staff
from bot.now import TOKYO
from bot.said import Said
from bot.segment import topic_of


def add_to(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/", view_func=campaigns)
    blueprint.add_url_rule("/<int:id_>", view_func=campaign_page)
    blueprint.add_url_rule("/<int:id_>/reach", view_func=reach_of)
    blueprint.add_url_rule("/<int:id_>/submit", view_func=submit, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/approve", view_func=approve, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/refuse", view_func=refuse, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/test", view_func=test, methods=["POST"])
    verbs = ",".join(sorted(_ACTS))
    blueprint.add_url_rule(f"/<int:id_>/<any({verbs}):verb>", view_func=act, methods=["POST"])


@allow(VIEW)
def campaigns() -> str:
    """List campaigns, the latest first."""
    wanted = request.args.get("state", "")
    department = Department.__table__
    found = (
        select(
            Campaign.id, Campaign.title, Campaign.state, Campaign.segment_name, Campaign.send_at, Campaign.next_at,
            Campaign.repeat, Campaign.urgent, Campaign.corrects_id, Campaign.edited_at,
            Staff.name.label("author"), department.c.name.label("department"),
        )
        .join(Staff, Staff.id == Campaign.author_id)
        .outerjoin(department, department.c.id == Campaign.department_id)
        .where(*rights.within(person(), VIEW))
    )  # fmt: skip
    if wanted in set(State):
        found = found.where(Campaign.state == wanted)
    with console().database.read() as connection:
        page = lists.page(connection, found, Campaign.__table__.c.id)
        latest = _latest_runs(connection, [row.id for row in page.rows])
    return render_template(
        "console/broadcasts/list.html", page=page, latest=latest, states=list(State), wanted=wanted, compose=COMPOSE
    )


def _latest_runs(connection: Connection, ids: list[int]) -> dict[int, Any]:
    """Return of each campaign the latest time it was due, with the broadcast's status."""
    newest = (
        select(CampaignRun.campaign_id, func.max(CampaignRun.scheduled_for).label("at"))
        .where(CampaignRun.campaign_id.in_(ids))
        .group_by(CampaignRun.campaign_id)
        .subquery()
    )
    found = (
        select(CampaignRun.__table__, Broadcast.status, Broadcast.planned)
        .join(newest, (newest.c.campaign_id == CampaignRun.campaign_id) & (newest.c.at == CampaignRun.scheduled_for))
        .outerjoin(Broadcast, Broadcast.id == CampaignRun.broadcast_id)
    )
    return {row.campaign_id: row for row in connection.execute(found)}


@allow(VIEW)
def campaign_page(id_: int) -> str:
    """Show one campaign."""
    there, who = console(), person()
    with there.database.read() as connection:
        found = rights.opened(connection, id_)
        asked = approvals.history(connection, KIND, str(id_))
        runs = campaign.runs(connection, id_)
        alike = campaign.alike(connection, found, there.now()) if _open(found) else []
        used = builder.attributes_in(found.composition.to)
        choices = builder.choices(connection, there.book(), language_of_request(), used)
        registered = [row for row in testers.registered(connection) if row.channel_id == found.row.channel_id]
    rule = found.composition.repeat
    department = found.row.department_id
    day = (found.composition.send_at or there.now()).astimezone(TOKYO).date()
    return render_template(
        "console/broadcasts/campaign.html",
        found=found,
        faults=rights.means().faults(found.composition, day),
        phones=phone.phones(found.composition.content, day, topic_of(found.composition.to)),
        to=found.row.segment_name or choices.said(found.composition.to, language_of_request()),
        rule=None if rule is None else repeats.said(rule, language_of_request()),
        upcoming=_upcoming(found),
        asked=asked,
        reasons={row.id: approvals.reason_of(there.vault, row) for row in asked if row.reason},
        runs=runs,
        alike=alike,
        registered=registered,
        may_compose=rights.reaches(who, COMPOSE, department),
        may_approve=rights.reaches(who, APPROVE, department) and who.id not in _wrote(found, asked),
        State=State,
        spoken=there.book().town.languages,
        mine=[row for row in asked if row.decision is None and row.asked_by == who.id],
    )


def _open(found: Opened) -> bool:
    return found.state in (State.DRAFT, State.ASKED)


def _wrote(found: Opened, asked: Any) -> set[int]:
    return {found.row.author_id, found.row.edited_by, *(row.asked_by for row in asked if row.decision is None)}


def _upcoming(found: Opened) -> list[Any]:
    """Return the next three times of a campaign that is sent again and again."""
    composition = found.composition
    if composition.repeat is None or composition.send_at is None or found.state in (State.STOPPED, State.STARTED):
        return []
    times = repeats.times(composition.repeat, composition.excluded, composition.send_at, console().now())
    return [moment for _number, moment in zip(range(3), times, strict=False)]


@allow(VIEW)
def reach_of(id_: int) -> str:
    """Return how many a campaign means now, ten of them, and what that needs of the month."""
    with console().database.read() as connection:
        seen = _reach(connection, rights.opened(connection, id_))
    return render_template("console/broadcasts/reach.html", seen=seen)


def _reach(connection: Connection, found: Opened) -> Reach:
    reserve = console().settings.quota_reserve
    return reach(connection, found.row.channel_id, found.composition.to, reserve, found.row.corrects_id)


@allow(COMPOSE)
def submit(id_: int) -> Response:
    """Ask a second person."""
    knowingly = request.form.get("knowingly") == "yes"

    def do(connection: Connection) -> None:
        rights.opened(connection, id_)
        campaign.submit(connection, rights.means(), id_, person().id, console().now(), knowingly=knowingly)
        audit.record(connection, "broadcast.submitted", f"campaign:{id_}", knowingly=knowingly)

    return _done(id_, do, _("承認を依頼しました。"))


@allow(APPROVE)
def approve(id_: int) -> Response:
    """Allow what was shown; what is due begins at once."""
    there = console()

    def do(connection: Connection) -> None:
        rights.opened(connection, id_)
        try:
            shown = bytes.fromhex(request.form.get("shown", ""))
        except ValueError as error:
            raise approvals.Changed from error
        campaign.approve(connection, there.vault, id_, shown, person().id, there.now())
        audit.record(connection, "broadcast.approved", f"campaign:{id_}", shown=shown.hex()[:16])
        if _is_due(connection, id_):
            starting.begin(connection, rights.means(), id_, there.now())

    return _done(id_, do, _("承認しました。"))


def _is_due(connection: Connection, id_: int) -> bool:
    next_at = connection.execute(select(Campaign.next_at).where(Campaign.id == id_)).scalar_one()
    return next_at is not None and next_at <= console().now() + starting.AHEAD


@allow(APPROVE)
def refuse(id_: int) -> Response:
    """Send it back with a reason."""
    reason = request.form.get("reason", "").strip()[:500]

    def do(connection: Connection) -> None:
        rights.opened(connection, id_)
        campaign.refuse(connection, console().vault, id_, person().id, console().now(), reason)
        audit.record(connection, "broadcast.refused", f"campaign:{id_}")

    return _done(id_, do, _("差し戻しました。"))


@allow(COMPOSE)
def test(id_: int) -> Response:
    """Send it to the registered telephones of members of staff, and to nobody else."""
    there = console()
    chosen = {int(one) for one in request.form.getlist("staff") if one.isdigit()}
    with there.database.write() as connection:
        found = rights.opened(connection, id_)
        day = (found.composition.send_at or there.now()).astimezone(TOKYO).date()
        if rights.means().faults(found.composition, day):
            flash(Unsound().in_(language_of_request()), "danger")
            return redirect(url_for(".campaign_page", id_=id_))
        content = found.composition.content
        one = starting.told_to_one(connection, rights.means(), content)
        address = pictures.address_under(there.settings.public_url)
        topic = topic_of(found.composition.to)
        written = contents.messages(content, there.book().town_in, day, address, one, topic)
        number = testers.send(connection, there.outbox, written, found.row.channel_id, chosen, there.now())
        audit.record(connection, "broadcast.tested", f"campaign:{id_}", telephones=number)
    if number:
        flash(_("%(number)s台に試し送りしました。", number=number), "good")
    else:
        flash(_("試し送り先を選んでください。登録は「試し送り先」からできます。"), "warning")
    return redirect(url_for(".campaign_page", id_=id_))


def _take_back(connection: Connection, id_: int) -> None:
    campaign.take_back(connection, console().vault, id_, person().id, console().now())


_ACTS: dict[str, Callable[[Connection, int], None]] = {
    "withdraw": _take_back,
    "discard": campaign.discard,
    "suspend": campaign.suspend,
    "resume": campaign.resume,
    "stop": campaign.stop,
    "redraft": campaign.redraft,
}


@allow(COMPOSE)
def act(id_: int, verb: str) -> Response:
    """Do what the transitions of a campaign allow."""

    def do(connection: Connection) -> None:
        rights.opened(connection, id_)
        _ACTS[verb](connection, id_)
        audit.record(connection, f"broadcast.{verb}", f"campaign:{id_}")

    return _done(id_, do, _("変更しました。"))


def _done(id_: int, do: Callable[[Connection], None], said: str) -> Response:
    """Do it in one transaction and say how it went."""
    try:
        with console().database.write() as connection:
            do(connection)
    except Said as error:
        flash(error.in_(language_of_request()), "danger")
    else:
        flash(said, "good")
    return redirect(url_for(".campaign_page", id_=id_))
