"""From pydantic's errors to problems a clerk can mend: where it is in the file, what it is, what was probably meant."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.flow import content, model, offices, richmenu, scenario
from bot.flow.fields import Part
from bot.flow.problems import Problem, Sentence
from bot.flow.sentences import did_you_mean, sentence
from bot.flow.source import Path, Source
from bot.flow.words import means_end

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
    "desk": scenario.AtDesk,
    "offices": offices.Office,
    "hours": offices.Hours,
    "special": offices.Span,
}

_ELSEWHERE = {
    "optional": "required: false", "mandatory": "required: true", "question": "text: …", "message": "text: …",
    "options": "choices: …", "validation": "constraint: …", "condition": "relevant: …", "when": "relevant: …",
    "必須": "required: …", "選択肢": "choices: …", "質問": "text: …", "種類": "type: …", "理由": "why: …",
}  # fmt: skip
"""What other form builders, and Japanese, call what has a name here."""
_TIGHT = re.compile(r"\s*([A-Za-z_]+)\s*([:：])")


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
    if (plain := key.strip()) != key and plain in known:
        what = Sentence(f"「{plain}」に全角スペースが付いています。", f"A full-width space stands beside “{plain}”.")
        remedy = Sentence("半角スペースに直してください。", "Use ordinary spaces.")
        return source.problem("full_width_space", path, what, remedy, key=True)
    if key in model.Start.model_fields and "keywords" not in known and "start" in known and len(path) == 1:
        what = Sentence(f"「{key}」は「start:」の中に書きます。", f"“{key}” stands inside “start:”.")
        remedy = Sentence(f"「start: {{{key}: …}}」としてください。", f"Write “start: {{{key}: …}}”.")
        return source.problem("inside_start", path, what, remedy, key=True)
    if key.casefold().replace(" ", "") in {"elif", "elseif", "elsif"}:
        what = Sentence(f"「{key}」はありません。", f"There is no “{key}”.")
        remedy = Sentence(
            "「else:」の行を加え、その下に字下げして「- if: …」と書いてください。",
            "Add a line “else:” and write “- if: …” below it, indented.",
        )
        return source.problem("else_if", path, what, remedy, key=True)
    if "：" in key and (name := key.partition("：")[0].strip()) in known:
        what = Sentence(f"「{name}」のあとが全角の「：」です。", f"“{name}” is followed by a full-width colon.")
        remedy = Sentence(f"半角にして「{name}: 」と書いてください。", f"Write “{name}: ”, with an ordinary colon.")
        return source.problem("full_width_colon", path, what, remedy, key=True)
    if (ours := _ELSEWHERE.get(key.casefold())) is not None and ours.partition(":")[0] in known:
        what = Sentence(f"「{key}」という項目はありません。", f"There is no “{key}”.")
        remedy = Sentence(f"「{ours}」と書きます。", f"It is written “{ours}”.")
        return source.problem("unknown_key", path, what, remedy, key=True)
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
    if (meant_step := _almost_step(value, verbs)) is not None:
        return source.problem(meant_step[0], path, *meant_step[1:])
    what = Sentence(
        f"これはステップになっていません。{words} のどれかで始めてください。",
        f"This is no step: it begins with one of {', '.join(verbs)}.",
    )
    return source.problem("no_step", path, what)


def _almost_step(value: Any, verbs: list[str]) -> tuple[str, Sentence, Sentence] | None:
    """Return what a step lacks that reads like one: a space after its colon, its `if`, its small letters."""
    if isinstance(value, dict) and (branch := next((key for key in ("then", "else") if key in value), None)):
        what = Sentence(f"「{branch}」だけのステップは書けません。", f"“{branch}” is no step of its own.")
        ja = f"「- 」を付けず、上の「if」と同じ字下げで「{branch}:」と書いてください。"
        remedy = Sentence(ja, f"Write “{branch}:” without a dash, in line with the “if” above.")
        return "branch_alone", what, remedy
    if not isinstance(value, str):
        return None
    word, colon = (tight.group(1), tight.group(2)) if (tight := _TIGHT.match(value)) else (value.strip(), "")
    verb = word.casefold() if word.casefold() in verbs else did_you_mean(word.casefold(), verbs)
    if not colon and means_end(word):
        verb = "end"
    if verb is None:
        return None
    if colon == ":":
        what = Sentence(f"「{word}:」のあとに半角スペースがありません。", f"There is no space after “{word}:”.")
        return "no_space_after_colon", what, Sentence(f"「- {verb}: …」と書いてください。", f"Write “- {verb}: …”.")
    if colon:
        what = Sentence(f"「{word}」のあとが全角の「：」です。", f"“{word}” is followed by a full-width colon.")
        return "full_width_colon", what, Sentence(f"「- {verb}: …」と書いてください。", f"Write “- {verb}: …”.")
    if verb == "end":
        what = Sentence(f"「{word}」というステップはありません。", f"There is no step “{word}”.")
        return "unknown_step_kind", what, Sentence("「- end」と書いてください。", "Write “- end”.")
    what = Sentence(f"「{word}」のあとに「:」がありません。", f"There is no colon after “{word}”.")
    return "missing_colon", what, Sentence(f"「- {verb}: …」と書いてください。", f"Write “- {verb}: …”.")
