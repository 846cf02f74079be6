"""Composing a campaign in three steps: what it says, whom it is for, when it is sent. Each step is saved by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from bot import segment
from bot.campaigns import builder, campaign, pictures
from bot.campaigns.campaign import Opened
from bot.campaigns.composition import Composition
from bot.campaigns.content import Content
from bot.campaigns.pictures import NoPicture
from bot.campaigns.reach import reach
from bot.campaigns.states import CannotDo, State
from bot.console import audit
from bot.console.access import allow, person
from bot.console.broadcasts import audience, forms, phone, rights
from bot.console.broadcasts.rights import COMPOSE
from bot.console.console import console
from bot.console.language import language_of_request
from bot.console.security import apart
from bot.models import Channel, Department, SavedSegment


def add_to(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/new", view_func=new, methods=["GET", "POST"])
    blueprint.add_url_rule("/<int:id_>/content", view_func=content, methods=["GET", "POST"])
    blueprint.add_url_rule("/<int:id_>/preview", view_func=preview, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/audience", view_func=whom, methods=["GET", "POST"])
    blueprint.add_url_rule("/<int:id_>/audience/reach", view_func=reached, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/schedule", view_func=schedule, methods=["GET", "POST"])


@allow(COMPOSE)
def new() -> str | Response:
    """Begin a campaign."""
    there, who = console(), person()
    form = forms.NewForm()
    with there.database.read() as connection:
        form.channel.choices = [tuple(row) for row in connection.execute(select(Channel.id, Channel.name)).all()]
        mine = select(Department.id, Department.name).order_by(Department.id)
        mine = mine.where(Department.id.in_(sorted(who.departments_for(COMPOSE))))
        form.department.choices = [tuple(row) for row in connection.execute(mine).all()]
    if not form.validate_on_submit():
        return render_template("console/broadcasts/new.html", form=form)
    empty = Composition(form.title.data.strip(), Content())
    with there.database.write() as connection:
        id_ = campaign.compose(
            connection, there.vault, form.channel.data, empty, who.id, there.now(), department_id=form.department.data
        )
        audit.record(connection, "broadcast.composed", f"campaign:{id_}")
    return redirect(url_for(".content", id_=id_))


@allow(COMPOSE)
def content(id_: int) -> str | Response:
    """Write what a campaign says."""
    languages = console().book().town.languages
    found = _draft(id_)
    before = found.composition.content
    form = forms.content_form(languages)(data=forms.content_values(before, languages))
    if form.validate_on_submit():
        written = forms.content_of(form, languages, before)
        try:
            written = _with_pictures(form, written)
        except NoPicture as error:
            form.image.errors = [error.in_(language_of_request())]
        else:
            return _save(found, replace(found.composition, content=written), "content", ".whom")
    return render_template(
        "console/broadcasts/content.html",
        found=found,
        form=form,
        fields={language: forms.fields_of(form, language) for language in languages},
        spoken=languages,
        phones=_phones(found, found.composition.content),
        edition=found.row.edition,
    )


@allow(COMPOSE)
def preview(id_: int) -> str:
    """Return the telephones that show what is being typed."""
    languages = console().book().town.languages
    found = _draft(id_)
    form = forms.content_form(languages)()
    typed = forms.content_of(form, languages, found.composition.content)
    return render_template("console/broadcasts/phones.html", phones=_phones(found, typed))


def _phones(found: Opened, content: Content) -> list[phone.Phone]:
    return phone.phones(content, console().now.tokyo().date(), segment.topic_of(found.composition.to))


def _with_pictures(form: Any, written: Content) -> Content:
    if form.image.data and not form.no_image.data:
        written = replace(written, image=_published(form.image.data.stream))
    if form.card_image.data and not form.no_card_image.data:
        written = replace(written, card_image=_published(form.card_image.data.stream))
    return written


def _published(uploaded: BinaryIO) -> str:
    drawn = apart(pictures.sized, pictures.clean(uploaded))
    with console().database.write() as connection:
        token = pictures.publish(connection, drawn, person().id, console().now())
        audit.record(connection, "broadcast.picture")
    return token


@allow(COMPOSE)
def whom(id_: int) -> str | Response:
    """Choose whom a campaign is for."""
    found = _draft(id_)
    if found.row.corrects_id is not None:
        return redirect(url_for(".schedule", id_=id_))
    if request.method == "GET":
        return _audience_page(found, builder.taken_apart(found.composition.to) or builder.Builder())
    form = audience.read(request.form)
    if (saved := request.form.get("use")) and saved.isdigit():
        return _use_saved(found, int(saved))
    if request.form.get("do") != "save":
        return _audience_page(found, audience.changed(form, request.form.get("do", "")))
    chosen = replace(found.composition, to=form.segment(), segment_name=None)
    return _save(found, chosen, "audience", ".schedule")


def _use_saved(found: Opened, saved_id: int) -> Response:
    with console().database.read() as connection:
        saved = connection.execute(select(SavedSegment.__table__).where(SavedSegment.id == saved_id)).one_or_none()
    if saved is None:
        abort(404)
    chosen = replace(found.composition, to=segment.read(saved.segment), segment_name=saved.name)
    return _save(found, chosen, "audience", ".schedule")


def _audience_page(found: Opened, form: builder.Builder) -> str:
    there = console()
    with there.database.read() as connection:
        choices = audience.choices(connection, form)
        saved = connection.execute(select(SavedSegment.__table__).order_by(SavedSegment.name)).all()
        template = "audience_part.html" if "X-Partial" in request.headers else "audience.html"
    return render_template(
        f"console/broadcasts/{template}",
        found=found,
        form=form,
        choices=choices,
        saved=saved,
        edition=found.row.edition,
        said=choices.said(form.segment(), language_of_request()),
        count_at=url_for(".reached", id_=found.row.id),
    )


@allow(COMPOSE)
def reached(id_: int) -> str:
    """Return how many the conditions in the form mean, ten of them, and what the month's quota says to it."""
    there, found = console(), _draft(id_)
    who = audience.read(request.form).segment()
    with there.database.read() as connection:
        seen = reach(connection, found.row.channel_id, who, there.settings.quota_reserve, found.row.corrects_id)
    return render_template("console/broadcasts/reach.html", seen=seen)


@allow(COMPOSE)
def schedule(id_: int) -> str | Response:
    """Choose when a campaign is sent, and when again."""
    found = _draft(id_)
    form = forms.ScheduleForm(data=forms.schedule_values(found.composition))
    if form.validate_on_submit() and (chosen := form.composition(found.composition)) is not None:
        return _save(found, chosen, "schedule", ".campaign_page")
    return render_template("console/broadcasts/schedule.html", found=found, form=form, edition=found.row.edition)


def _draft(id_: int) -> Opened:
    with console().database.read() as connection:
        found = rights.opened(connection, id_)
    if found.state is not State.DRAFT:
        abort(409)
    return found


def _save(found: Opened, composition: Composition, part: str, then: str) -> Response:
    """Store a step; what somebody else changed meanwhile is not overwritten."""
    there, id_ = console(), found.row.id
    edition = request.form.get("edition", "")
    try:
        with there.database.write() as connection:
            number = int(edition) if edition.isdigit() else 0
            campaign.change(connection, there.vault, id_, number, composition, person().id, there.now())
            audit.record(connection, "broadcast.changed", f"campaign:{id_}", part=part)
    except CannotDo as error:
        flash(error.in_(language_of_request()), "danger")
        return redirect(url_for(".campaign_page", id_=id_))
    flash(_("保存しました。"), "good")
    return redirect(url_for(then, id_=id_))
