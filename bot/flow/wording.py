"""From pydantic's errors to problems a clerk can mend: where it is in the file, what it is, what was probably meant."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.flow import content, model, richmenu, scenario
from bot.flow.fields import Part
from bot.flow.problems import Problem, Sentence
from bot.flow.sentences import did_you_mean, sentence
from bot.flow.source import Path, Source

_PARTS: dict[str, type[Part]] = {
    "buttons": content.Button,
    "choices": content.Option,
    "item:content": content.Content,
    "card": content.Card,
    "cards": content.Card,
    "location": content.Place,
    "sticker": content.Sticker,
    "start": model.Start,
    "menu": model.MenuEntry,
    "rows": model.Row,
    "areas": richmenu.Area,
    "moves": scenario.Move,
    "actions": scenario.Answer,
}


def problems_of(error: ValidationError, source: Source, kind: type[Part] = model.Flow) -> list[Problem]:
    """Return one problem per place; `kind` is what the whole file should be."""
    found: dict[tuple[Any, ...], Problem] = {}
    details = error.errors(include_url=False)
    misspelt = {
        (detail["loc"][:-1], did_you_mean(str(detail["loc"][-1]), _known_keys(detail["loc"][:-1], kind)))
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    for detail in details:
        if detail["type"] == "missing" and (detail["loc"][:-1], detail["loc"][-1]) in misspelt:
            continue
        problem = _problem(detail, source, kind)
        found.setdefault((problem.place, problem.code), problem)
    return list(found.values())


def resolve(location: tuple[str | int, ...], value: Any) -> Path:
    """Return the part of pydantic's location that is a path in the file (its own tags are left out)."""
    path: list[str | int] = []
    for element in location:
        if (isinstance(value, dict) and isinstance(element, str) and element in value) or (
            isinstance(value, list) and isinstance(element, int) and element < len(value)
        ):
            path.append(element)
            value = value[element]  # type: ignore[index]  # a str for a dict, an int for a list
    return tuple(path)


def at(path: Path, value: Any) -> Any:
    """Return what the file holds at `path`."""
    for element in path:
        value = value[element]
    return value


def _problem(detail: ErrorDetails, source: Source, kind: type[Part]) -> Problem:
    path = resolve(detail["loc"], source.value)
    code = detail["type"]
    last = detail["loc"][-1] if detail["loc"] else ""
    if code == "extra_forbidden":
        return _unknown_key(str(last), path, _known_keys(detail["loc"][:-1], kind), source)
    if code in {"union_tag_invalid", "union_tag_not_found"}:
        return _no_verb(path, source)
    if code == "missing":
        name = {"else_": "else", "if_": "if", "with_": "with", "from_": "from"}.get(str(last), str(last))
        what = Sentence(f"「{name}」がありません。", f"“{name}” is missing.")
        remedy = Sentence(f"「{name}: …」の行を加えてください。", f"Add a line “{name}: …”.")
        return source.problem("missing_key", path, what, remedy)
    if code == "text_missing" and (hash_ := _commented(source, path)) is not None:
        return source.problem("text_is_comment", path, *hash_)
    return source.problem(code, path, *sentence(detail, str(path[-1]) if path else ""))


def _commented(source: Source, path: Path) -> tuple[Sentence, Sentence] | None:
    """Tell whether the text begins with a #, after which YAML reads nothing."""
    _, found, rest = source.line(source.place(path)).partition(": ")
    if not found or not rest.lstrip().startswith("#"):
        return None
    what = Sentence(
        "「#」から後ろは読まれないため、文章がありません。", "What follows # is not read, so there is no text."
    )
    return what, Sentence("文章を引用符で囲んでください。", "Put the text in quotation marks.")


def _unknown_key(key: str, path: Path, known: list[str], source: Source) -> Problem:
    step = at(path[:-1], source.value)
    other = model.verb_of(step) if len(path) > 1 and isinstance(path[-2], int) else None
    if key in model.VERBS and other is not None and path[-3:-2] != ("buttons",):
        if "if" in step:
            # “if” and what is to be done then were written side by side.
            inner = other if key == "if" else key
            ja, en = (
                f"「if」のステップに「{inner}」を並べて書くことはできません。",
                f"“{inner}” cannot stand beside “if”.",
            )
            mend = f"「then:」の行を加え、その下に字下げして「- {inner}: …」と書いてください。"
            remedy = Sentence(mend, f"Add a line “then:” and write “- {inner}: …” below it, indented.")
            return source.problem("beside_if", path, Sentence(ja, en), remedy, key=True)
        what = Sentence(
            f"一つのステップに「{other}」と「{key}」が両方あります。", f"“{other}” and “{key}” stand in the same step."
        )
        remedy = Sentence(
            f"「- {key}: …」と、- を付けて別のステップに分けてください。", f"Begin a step of its own: “- {key}: …”."
        )
        return source.problem("two_steps_in_one", path, what, remedy, key=True)
    meant = did_you_mean(key, known)
    what = Sentence(f"「{key}」という項目はここにはありません。", f"“{key}” is not known here.")
    if meant:
        what = Sentence(
            f"「{key}」という項目はここにはありません。「{meant}」ではありませんか。",
            f"“{key}” is not known here. Did you mean “{meant}”?",
        )
    remedy = Sentence(f"ここに書ける項目：{'、'.join(known)}", f"Possible here: {', '.join(known)}")
    return source.problem("unknown_key", path, what, remedy, key=True)


def _known_keys(location: tuple[str | int, ...], kind: type[Part]) -> list[str]:
    for element in location:
        if isinstance(element, str):
            name = element.removeprefix("step:") if element.startswith("step:") else None
            kind = model.VERBS[name] if name in model.VERBS else _PARTS.get(element, kind)
    return [field.alias or name for name, field in kind.model_fields.items()]


def _no_verb(path: Path, source: Source) -> Problem:
    value = at(path, source.value)
    verbs = list(model.VERBS)
    words = "、".join(verbs)
    if isinstance(value, dict):
        for key in value:
            if (meant := did_you_mean(str(key), verbs)) is not None:
                what = Sentence(
                    f"「{key}」というステップはありません。「{meant}」ではありませんか。",
                    f"There is no step “{key}”. Did you mean “{meant}”?",
                )
                remedy = Sentence(f"ステップの種類：{words}", f"Steps are: {', '.join(verbs)}")
                return source.problem("unknown_step_kind", (*path, key), what, remedy, key=True)
    what = Sentence(
        f"これはステップになっていません。{words} のどれかで始めてください。",
        f"This is no step: it begins with one of {', '.join(verbs)}.",
    )
    return source.problem("no_step", path, what)
