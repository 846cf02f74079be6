"""Staff and departments: who may sign in, what they may do where, and who takes over when somebody leaves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Row, func, or_, select, update
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional

from bot.console import audit, handover, lists, lockout, people
from bot.console.access import ALL_SERVICES, Permission, Role, allow, person
from bot.console.console import Console, console
from bot.console.language import LANGUAGES
from bot.console.passwords import hashed
from bot.console.security import apart
from bot.console.titles import service_titles
from bot.models import Department, DepartmentService, Membership, Staff

MANAGE = Permission("staff.manage", frozenset({Role.ADMINISTRATOR}), scoped=False)


class Particulars(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What is said about somebody."""

    name = StringField(lazy_gettext("氏名"), [DataRequired(), Length(max=80)], render_kw={"autocomplete": "off"})
    sign_in = StringField(
        lazy_gettext("メールアドレス"),
        [DataRequired(), Length(max=160), Email()],
        description=lazy_gettext("サインインに使います。"),
        render_kw={"autocomplete": "off", "type": "email"},
    )
    language = SelectField(
        lazy_gettext("管理画面のことば"), choices=[SelectChoice(code, title) for code, title in LANGUAGES.items()]
    )
    expires_on = DateField(
        lazy_gettext("有効期限"),
        [Optional()],
        description=lazy_gettext("この日までサインインできます。空なら期限はありません。"),
    )


class DepartmentForm(FlaskForm):  # type: ignore[misc]  # likewise
    """A department."""

    name = StringField(lazy_gettext("部署の名前"), [DataRequired(), Length(max=80)], render_kw={"autocomplete": "off"})


def pages(console: Console) -> Blueprint:
    """Return the pages about staff."""
    blueprint = Blueprint("staff", __name__, url_prefix="/staff")
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/new", view_func=new, methods=["GET", "POST"])
    blueprint.add_url_rule("/<int:number>", view_func=one, methods=["GET", "POST"])
    blueprint.add_url_rule("/<int:number>/reset", view_func=reset, methods=["POST"])
    blueprint.add_url_rule("/<int:number>/close", view_func=close, methods=["POST"])
    blueprint.add_url_rule("/<int:number>/reopen", view_func=reopen, methods=["POST"])
    blueprint.add_url_rule("/<int:number>/hand-over", view_func=hand_over, methods=["POST"])
    blueprint.add_url_rule("/departments", view_func=departments, methods=["GET", "POST"])
    blueprint.add_url_rule("/departments/<int:number>", view_func=department, methods=["GET", "POST"])
    console.navigate("manage", lazy_gettext("職員と部署"), "staff.listing", MANAGE, icon="people", order=10)
    return blueprint


@allow(MANAGE)
def listing() -> str:
    """List staff, with what they may do."""
    wanted = request.args.get("q", "").strip()[:100]
    statement = select(*Staff.__table__.columns)
    if request.args.get("state", "active") == "active":
        statement = statement.where(Staff.active.is_(True))
    if wanted:
        like = f"%{wanted.lower()}%"
        statement = statement.where(or_(func.lower(Staff.name).like(like), Staff.sign_in.like(like)))
    with console().database.read() as connection:
        page = lists.page(connection, statement, Staff.name, Staff.id, descending=False)
        roles = _roles_of(connection, [row.id for row in page.rows])
    return render_template("console/staff/list.html", page=page, roles=roles, today=console().wall.tokyo().date())


@allow(MANAGE)
def new() -> Response | str:
    """Enter somebody; their first password is shown once."""
    form = Particulars(language="ja")
    with console().database.read() as connection:
        known = _departments(connection)
    if form.validate_on_submit():
        password = people.first_password()
        account = people.Account(
            form.name.data.strip(), form.sign_in.data, form.language.data, form.expires_on.data, _asked_roles(known)
        )
        secret = apart(hashed, password)
        try:
            with console().database.write() as connection:
                number = people.add(connection, account, secret, console().now())
                audit.record(connection, "staff.add", f"staff:{number}")
        except people.Taken:
            form.sign_in.errors = [_("このアドレスはもう使われています。")]
        else:
            return _show_password(account.name, account.sign_in, password)
    return render_template("console/staff/one.html", form=form, staff=None, departments=known, held=_asked_roles(known))


@allow(MANAGE)
def one(number: int) -> Response | str:
    """Show and change somebody."""
    with console().database.read() as connection:
        row = _row(connection, number)
        known = _departments(connection)
        held = frozenset(
            (found.department_id, Role(found.role))
            for found in connection.execute(select(Membership.__table__).where(Membership.staff_id == number))
        )
        colleagues = connection.execute(
            select(Staff.id, Staff.name).where(Staff.active.is_(True), Staff.id != number).order_by(Staff.name)
        ).all()
        waiting = handover.open_work(connection, number)
    form = Particulars(obj=row)
    if form.validate_on_submit():
        held = _asked_roles(known)
        if number == person().id and Role.ADMINISTRATOR not in {role for _department, role in held}:
            flash(_("自分の管理者の役割は外せません。ほかの管理者に頼んでください。"), "danger")
        elif _save(number, form, held):
            flash(_("保存しました。"), "good")
            return redirect(url_for(".one", number=number))
    return render_template(
        "console/staff/one.html",
        form=form,
        staff=row,
        departments=known,
        held=held,
        colleagues=colleagues,
        waiting=waiting,
    )


def _save(number: int, form: Any, held: frozenset[tuple[int, Role]]) -> bool:
    with console().database.write() as connection:
        other = people.find(connection, form.sign_in.data)
        if other is not None and other.id != number:
            form.sign_in.errors = [_("このアドレスはもう使われています。")]
            return False
        values = {
            "name": form.name.data.strip(), "sign_in": people.normal(form.sign_in.data), "language": form.language.data,
            "expires_on": form.expires_on.data,
        }  # fmt: skip
        connection.execute(update(Staff).where(Staff.id == number).values(values))
        people.set_roles(connection, number, held)
        roles = " ".join(sorted(f"{department}:{role}" for department, role in held))
        audit.record(connection, "staff.change", f"staff:{number}", roles=roles)
    return True


@allow(MANAGE)
def reset(number: int) -> str:
    """Let somebody begin anew: a first password, a new authenticator, no lock."""
    password = people.first_password()
    secret = apart(hashed, password)
    with console().database.write() as connection:
        row = _row(connection, number)
        people.reset(connection, number, secret, console().wall())
        lockout.clear(connection, console().lookup, row.sign_in)
        audit.record(connection, "staff.reset", f"staff:{number}")
    return _show_password(row.name, row.sign_in, password)


@allow(MANAGE)
def close(number: int) -> Response:
    """Let somebody sign in no more."""
    if number == person().id:
        flash(_("自分のアカウントは閉じられません。"), "danger")
        return redirect(url_for(".one", number=number))
    with console().database.write() as connection:
        _row(connection, number)
        people.close(connection, number, console().wall())
        audit.record(connection, "staff.close", f"staff:{number}")
    flash(_("アカウントを閉じました。サインインはすべて終わりました。"), "good")
    return redirect(url_for(".one", number=number))


@allow(MANAGE)
def reopen(number: int) -> Response:
    """Let somebody sign in again."""
    with console().database.write() as connection:
        _row(connection, number)
        connection.execute(update(Staff).where(Staff.id == number).values(active=True))
        audit.record(connection, "staff.reopen", f"staff:{number}")
    flash(_("アカウントをまた使えるようにしました。"), "good")
    return redirect(url_for(".one", number=number))


@allow(MANAGE)
def hand_over(number: int) -> Response:
    """Give somebody's open work to a colleague."""
    successor = request.form.get("successor", type=int)
    with console().database.write() as connection:
        _row(connection, number)
        if successor is None or successor == number:
            abort(400)
        _row(connection, successor)
        moved = handover.hand_over(connection, number, successor, console().now())
        audit.record(connection, "staff.hand_over", f"staff:{number}", to=successor, number=moved)
    flash(_("%(number)s件を引き継ぎました。", number=moved), "good")
    return redirect(url_for(".one", number=number))


@allow(MANAGE)
def departments() -> Response | str:
    """List departments, and enter one."""
    form = DepartmentForm()
    if form.validate_on_submit():
        with console().database.write() as connection:
            number = people.department(connection, form.name.data.strip())
            audit.record(connection, "department.add", f"department:{number}")
        return redirect(url_for(".department", number=number))
    with console().database.read() as connection:
        known = _departments(connection)
        members = dict(
            connection.execute(
                select(Membership.department_id, func.count(Membership.staff_id.distinct()))
                .join(Staff, Staff.id == Membership.staff_id)
                .where(Staff.active.is_(True))
                .group_by(Membership.department_id)
            ).all()
        )
        services = _services(connection)
    return render_template(
        "console/staff/departments.html", form=form, departments=known, members=members, services=services,
        titles=service_titles(console()),
    )  # fmt: skip


@allow(MANAGE)
def department(number: int) -> Response | str:
    """Show a department, and change its name and the services it looks after."""
    with console().database.read() as connection:
        row = connection.execute(select(Department.__table__).where(Department.id == number)).one_or_none() or abort(
            404
        )
        services = _services(connection).get(number, [])
        members = connection.execute(
            select(Staff.id, Staff.name, Staff.active, Membership.role)
            .join(Membership, Membership.staff_id == Staff.id)
            .where(Membership.department_id == number)
            .order_by(Staff.name, Membership.role)
        ).all()
    form = DepartmentForm(obj=row)
    if form.validate_on_submit():
        wanted = [
            name for name in request.form.getlist("service") if name in {ALL_SERVICES, *service_titles(console())}
        ]
        with console().database.write() as connection:
            connection.execute(update(Department).where(Department.id == number).values(name=form.name.data.strip()))
            people.set_services(connection, number, wanted)
            audit.record(connection, "department.change", f"department:{number}", services=" ".join(sorted(wanted)))
        flash(_("保存しました。"), "good")
        return redirect(url_for(".departments"))
    return render_template(
        "console/staff/department.html", form=form, department=row, services=services, members=members,
        titles=service_titles(console()), everything=ALL_SERVICES,
    )  # fmt: skip


def _show_password(name: str, sign_in: str, password: str) -> str:
    return render_template("console/staff/password.html", name=name, sign_in=people.normal(sign_in), password=password)


def _row(connection: Connection, number: int) -> Row[Any]:
    found = connection.execute(select(Staff.__table__).where(Staff.id == number)).one_or_none()
    return found or abort(404)


def _departments(connection: Connection) -> list[Any]:
    statement = select(Department.__table__).where(Department.closed_at.is_(None)).order_by(Department.name)
    return list(connection.execute(statement).all())


def _services(connection: Connection) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in connection.execute(select(DepartmentService.__table__).order_by(DepartmentService.service)):
        found.setdefault(row.department_id, []).append(row.service)
    return found


def _asked_roles(known: list[Any]) -> frozenset[tuple[int, Role]]:
    """Return the roles that the form asks for: boxes named "department:role"."""
    possible = {f"{row.id}:{role}": (row.id, role) for row in known for role in Role}
    return frozenset(possible[box] for box in request.form.getlist("role") if box in possible)


def _roles_of(connection: Connection, numbers: list[int]) -> dict[int, list[tuple[str, str]]]:
    statement = (
        select(Membership.staff_id, Membership.role, Department.name)
        .join(Department, Department.id == Membership.department_id)
        .where(Membership.staff_id.in_(numbers))
        .order_by(Department.name, Membership.role)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.staff_id, []).append((row.name, row.role))
    return found
