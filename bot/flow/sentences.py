"""One sentence per kind of wrong value, and what was probably meant."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import Any

from pydantic_core import ErrorDetails

from bot.flow import spoken
from bot.flow.fields import DIGITS, STEP
from bot.flow.problems import Sentence
from bot.flow.words import means_end

_LANGUAGES = {
    "jp": "ja", "jpn": "ja", "japanese": "ja", "日本語": "ja", "easy": "ja-easy", "ja_easy": "ja-easy", "jaeasy": "ja-easy",
    "english": "en", "eng": "en", "英語": "en", "us": "en", "uk": "en",
}  # fmt: skip
"""What people write for a language code."""

_TYPES = {
    "string": "text", "文字": "text", "文章": "text", "int": "number", "integer": "number", "数": "number",
    "数字": "number", "数値": "number", "日付": "date", "時刻": "time", "時間": "time", "日時": "datetime",
    "boolean": "yes_no", "bool": "yes_no", "はい・いいえ": "yes_no", "はいいいえ": "yes_no", "select": "choice",
    "select_one": "choice", "radio": "choice", "選択": "choice", "選択肢": "choice", "select_multiple": "choices",
    "multiple": "choices", "checkbox": "choices", "複数選択": "choices", "tel": "phone", "電話": "phone",
    "電話番号": "phone", "郵便番号": "postal_code", "zip": "postal_code", "メール": "email", "かな": "kana",
    "カナ": "kana", "カタカナ": "kana", "場所": "location", "位置情報": "location", "image": "photo", "写真": "photo",
    "ファイル": "file", "言語": "language",
}  # fmt: skip
"""What people, and other form builders, call a type of answer."""

_EVERY = {
    "毎日": "day",
    "平日": "weekday",
    "毎週": "week",
    "毎月": "month",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
}
"""What people call how often something comes."""

_NAMING = {"goto", "start", "do", "call", "id", "ask", "flow", "remind", "stop_reminder", "handoff", "table", "topic"}
"""Keys that are followed by a name."""


def did_you_mean(word: str, known: list[str]) -> str | None:
    """Return the known word that `word` was probably meant to be."""
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.6)), None)


def meant_language(code: str) -> tuple[str, str]:
    """Return “did you mean …?” for a language code, empty when nothing is near."""
    meant = _LANGUAGES.get(code.casefold().strip())
    return (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")


_EXAMPLES = {
    "start": "start: {keywords: [納税]}",
    "set": "set: {total: people * 500}",
    "location": "location: {title: 町役場, address: 見本町1-1, latitude: 35.6, longitude: 139.7}",
    "sticker": "sticker: {package: 11537, sticker: 52002734}",
    "card": "card: {title: 見出し, text: 文章}",
}
"""How some parts are written whole."""

_SINGLE = frozenset({"duration", "literal_error", "time_of_day", "bool_type", "int_type", "float_type", "int_parsing"})
"""What is wrong with a value that stands alone."""

_CONDITIONS = frozenset({"if", "relevant", "constraint", "count", "office"})

Said = tuple[Sentence, Sentence | None]
"""What is wrong, and how to mend it."""


def sentence(detail: ErrorDetails, name: str) -> Said:
    """Return what is wrong with the value called `name` and how to mend it."""
    return (
        _not_single(detail, name)
        or _text(detail, name)
        or _number(detail, name)
        or _shape(detail, name)
        or _anything(detail, name)
    )


def _not_single(detail: ErrorDetails, name: str) -> Said | None:
    """Return what to say where a single value belongs and there is none, or a whole part of a file."""
    given = detail.get("input")
    if detail["type"] not in _SINGLE or not (given is None or isinstance(given, dict | list)):
        return None
    if given is None:
        what = Sentence(f"「{name}:」のあとに何も書かれていません。", f"Nothing follows “{name}:”.")
        return what, Sentence("書くか、この行を消してください。", "Write it, or remove the line.")
    what = Sentence(f"「{name}」には一つの値を書きます。", f"“{name}” takes one value.")
    return what, Sentence("[ ] や { } や「- 」の並びは使えません。", "No [ ], { } or list of lines.")


def _text(detail: ErrorDetails, name: str) -> Said | None:
    given = detail.get("input")
    match detail["type"]:
        case "string_type" if given is None:
            return _nameless(name)
        case "text_missing":
            if name in _NAMING:
                return _nameless(name)
            if name in _CONDITIONS:
                what = Sentence(f"「{name}:」のあとに条件がありません。", f"No condition follows “{name}:”.")
                return what, Sentence('「kind == "car"」のように書いてください。', 'Write it like “kind == "car"”.')
            what = Sentence(f"「{name}」の文章がありません。", f"The text of “{name}” is missing.")
            return what, Sentence("「:」のあとに文章を書いてください。", "Write the text after the colon.")
        case "text_is_bool":
            ja, en = f"「{name}」の true / false は文章として読めません。", f"“{name}” is true or false, not a text."
            return Sentence(ja, en), Sentence("引用符で囲んでください。", "Put it in quotation marks.")
        case "text_wrong" if name in _CONDITIONS and isinstance(given, dict):
            what = Sentence(f"「{name}」に {{{{ }}}} はいりません。", f"“{name}” is written without {{{{ }}}}.")
            return what, Sentence("中身だけを書いてください。", "Write only what is inside.")
        case "text_wrong" | "string_type":
            what = Sentence(f"「{name}」には一つの文章か名前を書きます。", f"“{name}” takes one text or name.")
            return what, Sentence("[ ] や { } や「- 」の並びは使えません。", "No [ ], { } or list of lines.")
        case "language_code":
            return _language(detail)
        case "duration":
            what = Sentence(f"「{name}」の「{given}」は期間として読めません。", f"“{given}” is no span of time.")
            return what, _span(name, given)
        case "time_of_day":
            what = Sentence(f"「{name}」の「{given}」は時刻として読めません。", f"“{given}” is no time of day.")
            written = spoken.time_of_day(str(given)) or "09:30"
            ja = f"「{written}」{'と' if written != '09:30' else 'のように'}、24時間で書いてください。"
            return what, Sentence(ja, f"Write it like {written}, by 24 hours.")
        case "string_pattern_mismatch":
            return _pattern(detail, name)
    return None


def _span(name: str, given: Any) -> Sentence:
    """Return how a span of time is written that was written otherwise."""
    written = str(given).strip()
    if (meant := spoken.span(written)) is not None:
        return Sentence(f"「{meant}」と書いてください。", f"Write “{meant}”.")
    if written.isdigit():
        return Sentence(
            f"「{written}分」「{written}日」のように、単位を付けてください。",
            f"Add its unit: “{written} minutes” or “{written} days”.",
        )
    if name == "retain_answers" and spoken.truth(written) == "false":
        return Sentence("保存しないなら、この行を消してください。", "To keep nothing, remove the line.")
    ja = "「30分」「7日」「30 minutes」「7 days」のように書いてください。"
    return Sentence(ja, "Write “30 minutes” or “7 days”.")


def _pattern(detail: ErrorDetails, name: str) -> Said:
    given, pattern = detail.get("input"), str(detail.get("ctx", {}).get("pattern"))
    if r"\d{4}" in pattern:
        what = Sentence(f"「{name}」の「{given}」は日付として読めません。", f"“{given}” is no date.")
        return what, Sentence('"2026-05-31" のように書いてください。', 'Write it like "2026-05-31".')
    if "#" in pattern:
        what = Sentence(f"「{name}」の「{given}」は色として読めません。", f"“{given}” is no colour.")
        return what, Sentence('"#1F4E79" のように書いてください。', 'Write it like "#1F4E79".')
    if pattern == DIGITS:
        what = Sentence(
            f"「{name}」には数字だけを書きます（いま「{given}」）。", f"“{name}” takes digits only, not “{given}”."
        )
        return what, Sentence(
            "スタンプの組と番号は、LINEの一覧にあります。", "LINE lists its stickers by these numbers."
        )
    return _misnamed(str(given), pattern) or _no_name(given)


def _misnamed(given: str, pattern: str) -> Said | None:
    """Return what to say to names that only their signs keep from being names."""
    wide = next((sign for sign in given if sign in "、，"), None)
    parts = [part.strip() for part in re.split("[、，]", given)]
    if wide is not None and all(re.fullmatch(pattern, part) for part in parts):
        what = Sentence(
            f"「{given}」の区切りが全角の「{wide}」です。", f"“{given}” is divided by a full-width “{wide}”."
        )
        listed = ", ".join(parts)
        return what, Sentence(f"半角にして「{listed}」と書いてください。", f"Write “{listed}”, with ordinary commas.")
    if pattern == STEP and means_end(given):
        what = Sentence(f"「{given}」というステップはありません。", f"There is no step “{given}”.")
        return what, Sentence("「end」ではありませんか。", "Did you mean “end”?")
    if pattern == STEP and re.search("[。！？]", given):
        what = Sentence(
            f"「{given}」は文章です。ここにはステップの名前を書きます。",
            f"“{given}” is a text; a step's name goes here.",
        )
        return what, Sentence(
            f"文章なら「- say: {given}」を、下に字下げして書いてください。",
            f"Write a text as “- say: {given}”, indented below.",
        )
    narrow = unicodedata.normalize("NFKC", given).strip()
    tidy = re.sub(r"[-\s]+", "_", narrow)
    for name in (tidy, tidy.casefold()):
        if name != narrow and re.fullmatch(pattern, name):
            what = Sentence(f"「{given}」は名前として使えません。", f"“{given}” cannot be a name.")
            return what, Sentence(f"「{name}」のように書いてください。", f"Write it like “{name}”.")
    if narrow != given and re.fullmatch(pattern, narrow):
        what = Sentence(f"「{given}」が全角です。", f"“{given}” is full-width.")
        return what, Sentence(f"半角にして「{narrow}」と書いてください。", f"Write “{narrow}”.")
    return None


def _no_name(given: Any) -> Said:
    if (pair := re.fullmatch(r"\s*(\w+)\s*=\s*(.+)", str(given))) is not None:
        name, value = pair.groups()
        what = Sentence(f"「{name}」のあとが「=」です。", f"“{name}” is followed by “=”.")
        return what, Sentence(f"「{name}: {value}」と書いてください。", f"Write “{name}: {value}”.")
    what = Sentence(f"「{given}」は名前として使えません。", f"“{given}” cannot be a name.")
    ja = "半角の英字で始め、英数字と _ だけで書いてください。"
    return what, Sentence(ja, "Begin with a letter; use letters, digits and _ only.")


def _nameless(name: str) -> Said:
    what = Sentence(f"「{name}:」のあとに名前がありません。", f"No name follows “{name}:”.")
    return what, Sentence("「:」のあとに名前を書いてください。", "Write one after the colon.")


def _language(detail: ErrorDetails) -> Said:
    context = detail.get("ctx", {})
    code = str(context.get("code", ""))
    if "：" in code:
        written = code.partition("：")[0].strip()
        what = Sentence(f"「{written}」のあとが全角の「：」です。", f"“{written}” is followed by a full-width colon.")
        remedy = Sentence(
            f"半角にして「{written}: 」と書いてください。", f"Write “{written}: ”, with an ordinary colon."
        )
        return what, remedy
    if context.get("cut"):
        ja, en = (
            f"{{ }} の中の「,」で文章が切れています（「{code}」）。",
            f"A comma inside {{ }} has cut the text in two (“{code}”).",
        )
        return Sentence(ja, en), Sentence("文章を引用符で囲んでください。", "Put the text in quotation marks.")
    ja, en = meant_language(code)
    what = Sentence(f"「{code}」は言語の記号ではありません。{ja}", f"“{code}” is no language code.{en}")
    return what, Sentence("ja、ja-easy、en などと書いてください。", "Write ja, ja-easy, en …")


def _number(detail: ErrorDetails, name: str) -> Said | None:
    context, given = detail.get("ctx", {}), detail.get("input")
    match detail["type"]:
        case "bool_type" | "bool_parsing":
            what = Sentence(f"「{name}」は true か false です。", f"“{name}” is true or false.")
            if (meant := spoken.truth(str(given))) is None:
                return what, None
            return what, Sentence(f"「{name}: {meant}」と書いてください。", f"Write “{name}: {meant}”.")
        case "int_parsing" | "int_type" | "int_from_float" | "float_parsing" | "float_type":
            ja, en = (
                f"「{name}」には数を書きます。「{given}」は数ではありません。",
                f"“{name}” takes a number, not “{given}”.",
            )
            if (digits := spoken.number_in(str(given))) is not None:
                return Sentence(ja, en), Sentence(f"「{digits}」と書いてください。", f"Write “{digits}”.")
            return Sentence(ja, en), Sentence("半角の数字で書いてください。", "Write it in digits.")
        case "greater_than_equal":
            ja, en = f"「{name}」は {context.get('ge')} 以上です", f"“{name}” is at least {context.get('ge')}"
        case "less_than_equal":
            ja, en = f"「{name}」は {context.get('le')} 以下です", f"“{name}” is at most {context.get('le')}"
            if name == "latitude":
                what = Sentence(
                    f"緯度（latitude）は90以下です（いま {given}）。", f"A latitude is at most 90 (now {given})."
                )
                return what, Sentence(
                    "経度（longitude）と逆になっていませんか。", "Was it exchanged with the longitude?"
                )
        case _:
            return None
    return Sentence(f"{ja}（いま {given}）。", f"{en} (now {given})."), None


def _shape(detail: ErrorDetails, name: str) -> Said | None:
    context, given = detail.get("ctx", {}), detail.get("input")
    match detail["type"]:
        case "literal_error" if name == "end":
            what = Sentence("「end:」のあとには何も書きません。", "Nothing follows “end:”.")
            return what, Sentence(
                "文章は、この上に「- say: …」と書いてください。", "Write a text as “- say: …” above it."
            )
        case "literal_error":
            return _among(str(context.get("expected", "")), name, given)
        case "too_long":
            most = context.get("max_length")
            return Sentence(f"「{name}」は {most} 個までです。", f"“{name}” holds at most {most}."), None
        case "too_short":
            return Sentence(f"「{name}」が空です。", f"“{name}” is empty."), None
        case "list_type" if given is None:
            ja, en = "「- 」で始まる行を、その下に加えてください。", "Add lines below it that begin with “- ”."
            return Sentence(f"「{name}」の下が空です。", f"There is nothing below “{name}”."), Sentence(ja, en)
        case "list_type" if isinstance(given, dict):
            ja, en = "「- 」で始まる行にしてください。", "Begin each of them with “- ”, also a single one."
            return Sentence(f"「{name}」には、いくつかを並べて書きます。", f"“{name}” takes a list."), Sentence(ja, en)
        case "list_type":
            given = re.sub(r"\s*[、，]\s*", ", ", str(given))
            ja = f"一つだけでも [{given}] のように [ ] で囲むか、「- 」で始まる行にしてください。"
            en = f"Even a single one is written [{given}], or as a line that begins with “- ”."
            return Sentence(f"「{name}」には、いくつかを並べて書きます。", f"“{name}” takes a list."), Sentence(ja, en)
        case "dict_type" | "model_attributes_type" | "model_type":
            if not name:
                what = Sentence(
                    "ファイルのはじめは「項目: 値」の行です。", "A file begins with lines of “name: value”."
                )
                ja = "「flow: …」「title: …」「steps:」の行から書いてください。"
                return what, Sentence(ja, "Begin with the lines “flow: …”, “title: …” and “steps:”.")
            ja, en = f"「{name}」の下には「項目: 値」の行を書きます。", f"“{name}” holds lines of “name: value”."
            example = _EXAMPLES.get(name)
            return Sentence(ja, en), None if example is None else Sentence(f"例：{example}", f"Such as {example}.")
    return None


def _among(expected: str, name: str, given: Any) -> Said:
    known = expected.replace("'", "").replace(" or ", ", ").split(", ")
    called = _TYPES.get(str(given).casefold().strip()) or _EVERY.get(str(given))
    meant = called if called in known else did_you_mean(str(given), known)
    ja, en = (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")
    what = Sentence(f"「{name}」に「{given}」は使えません。{ja}", f"“{given}” cannot be used for “{name}”.{en}")
    return what, Sentence(f"使えるもの：{'、'.join(known)}", f"Possible: {', '.join(known)}")


def _anything(detail: ErrorDetails, name: str) -> Said:
    message = detail["msg"]
    if not name:
        ja = "ファイルの中身が「項目: 値」の行になっていません。"
        return Sentence(ja, f"The file does not hold lines of “name: value” ({message})."), None
    return Sentence(f"「{name}」の書き方が正しくありません（{message}）。", f"“{name}”: {message}."), None
