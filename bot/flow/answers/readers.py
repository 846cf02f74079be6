"""Which reader reads which type of answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.flow.answers.choice import read_choice, read_choices
from bot.flow.answers.contact import read_email, read_kana, read_phone, read_postal_code
from bot.flow.answers.dates import read_date
from bot.flow.answers.plain import read_digits, read_number, read_text, read_yes_no
from bot.flow.answers.reading import NotUnderstood, Question, Reading
from bot.flow.answers.times import read_datetime, read_time


def _sent(phrase: str) -> Callable[[str, Question], Reading]:
    """Return a reader for what is never typed: it asks for the thing itself."""

    def read(text: str, question: Question) -> Reading:
        del text, question
        return NotUnderstood(phrase)

    return read


READERS: Final[dict[str, Callable[[str, Question], Reading]]] = {
    "text": read_text,
    "number": read_number,
    "digits": read_digits,
    "date": read_date,
    "time": read_time,
    "datetime": read_datetime,
    "yes_no": read_yes_no,
    "consent": read_yes_no,
    "choice": read_choice,
    "choices": read_choices,
    "language": read_choice,
    "services": read_choice,
    "confirm": read_choice,
    "phone": read_phone,
    "postal_code": read_postal_code,
    "email": read_email,
    "kana": read_kana,
    "location": _sent("answer_location"),
    "photo": _sent("answer_photo"),
    "file": _sent("answer_file"),
}
