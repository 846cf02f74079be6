"""One sentence per kind of wrong value, and what was probably meant."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic_core import ErrorDetails

from bot.flow.problems import Sentence

_LANGUAGES = {
    "jp": "ja", "jpn": "ja", "japanese": "ja", "日本語": "ja", "easy": "ja-easy", "ja_easy": "ja-easy", "jaeasy": "ja-easy",
    "english": "en", "eng": "en", "英語": "en", "us": "en", "uk": "en",
}  # fmt: skip
"""What people write for a language code."""


def did_you_mean(word: str, known: list[str]) -> str | None:
    """Return the known word that `word` was probably meant to be."""
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.6)), None)


def meant_language(code: str) -> tuple[str, str]:
    """Return “did you mean …?” for a language code, empty when nothing is near."""
    meant = _LANGUAGES.get(code.casefold().strip())
    return (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")


Said = tuple[Sentence, Sentence | None]
"""What is wrong, and how to mend it."""


def sentence(detail: ErrorDetails, name: str) -> Said:
    """Return what is wrong with the value called `name` and how to mend it."""
    return _text(detail, name) or _number(detail, name) or _shape(detail, name) or _anything(detail, name)


def _text(detail: ErrorDetails, name: str) -> Said | None:
    given = detail.get("input")
    match detail["type"]:
        case "text_missing":
            what = Sentence(f"「{name}」の文章がありません。", f"The text of “{name}” is missing.")
            return what, Sentence("「:」のあとに文章を書いてください。", "Write the text after the colon.")
        case "text_is_bool":
            ja, en = f"「{name}」の true / false は文章として読めません。", f"“{name}” is true or false, not a text."
            return Sentence(ja, en), Sentence("引用符で囲んでください。", "Put it in quotation marks.")
        case "text_wrong":
            what = Sentence(f"「{name}」には一つの文章か名前を書きます。", f"“{name}” takes one text or name.")
            return what, Sentence("[ ] や { } や「- 」の並びは使えません。", "No [ ], { } or list of lines.")
        case "language_code":
            return _language(detail)
        case "duration":
            what = Sentence(f"「{name}」の「{given}」は期間として読めません。", f"“{given}” is no span of time.")
            ja = "「30分」「7日」「30 minutes」「7 days」のように書いてください。"
            return what, Sentence(ja, "Write “30 minutes” or “7 days”.")
        case "string_pattern_mismatch":
            ja, en = (
                "半角の英字で始め、英数字と _ だけで書いてください。",
                "Begin with a letter; use letters, digits and _ only.",
            )
            return Sentence(f"「{given}」は名前として使えません。", f"“{given}” cannot be a name."), Sentence(ja, en)
    return None


def _language(detail: ErrorDetails) -> Said:
    context = detail.get("ctx", {})
    code = str(context.get("code", ""))
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
            return Sentence(f"「{name}」は true か false です。", f"“{name}” is true or false."), None
        case "int_parsing" | "int_type" | "int_from_float" | "float_parsing" | "float_type":
            ja, en = (
                f"「{name}」には数を書きます。「{given}」は数ではありません。",
                f"“{name}” takes a number, not “{given}”.",
            )
            return Sentence(ja, en), Sentence("半角の数字で書いてください。", "Write it in digits.")
        case "greater_than_equal":
            ja, en = f"「{name}」は {context.get('ge')} 以上です", f"“{name}” is at least {context.get('ge')}"
        case "less_than_equal":
            ja, en = f"「{name}」は {context.get('le')} 以下です", f"“{name}” is at most {context.get('le')}"
        case _:
            return None
    return Sentence(f"{ja}（いま {given}）。", f"{en} (now {given})."), None


def _shape(detail: ErrorDetails, name: str) -> Said | None:
    context, given = detail.get("ctx", {}), detail.get("input")
    match detail["type"]:
        case "literal_error":
            return _among(str(context.get("expected", "")), name, given)
        case "too_long":
            most = context.get("max_length")
            return Sentence(f"「{name}」は {most} 個までです。", f"“{name}” holds at most {most}."), None
        case "too_short":
            return Sentence(f"「{name}」が空です。", f"“{name}” is empty."), None
        case "list_type":
            ja = f"一つだけでも [{given}] のように [ ] で囲むか、「- 」で始まる行にしてください。"
            en = f"Even a single one is written [{given}], or as a line that begins with “- ”."
            return Sentence(f"「{name}」には、いくつかを並べて書きます。", f"“{name}” takes a list."), Sentence(ja, en)
        case "dict_type" | "model_attributes_type":
            ja, en = f"「{name}」の下には「項目: 値」の行を書きます。", f"“{name}” holds lines of “name: value”."
            return Sentence(ja, en), None
    return None


def _among(expected: str, name: str, given: Any) -> Said:
    known = expected.replace("'", "").replace(" or ", ", ").split(", ")
    meant = did_you_mean(str(given), known)
    ja, en = (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")
    what = Sentence(f"「{name}」に「{given}」は使えません。{ja}", f"“{given}” cannot be used for “{name}”.{en}")
    return what, Sentence(f"使えるもの：{'、'.join(known)}", f"Possible: {', '.join(known)}")


def _anything(detail: ErrorDetails, name: str) -> Said:
    message = detail["msg"]
    if not name:
        ja = "ファイルの中身が「項目: 値」の行になっていません。"
        return Sentence(ja, f"The file does not hold lines of “name: value” ({message})."), None
    return Sentence(f"「{name}」の書き方が正しくありません（{message}）。", f"“{name}”: {message}."), None
