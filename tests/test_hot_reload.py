"""In development a saved file is in force within seconds; a broken one is named in the log and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import PATIENCE, ROOT, Product, wait_until

FILE = "tax/remind.yaml"
ASKED = "どの税のお知らせですか。"


@pytest.fixture
def edited(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """The product on a copy of the flows that the test edits."""
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", flows)
    with Product(database_url, tmp_path, flows) as product:
        product.start({"MADOGUCHI_HOT_RELOAD": "1"})
        yield product


def test_a_saved_file_is_in_force_for_new_talks_and_a_broken_one_is_named_in_the_log(edited: Product) -> None:
    file = edited.flows / FILE
    text = file.read_text(encoding="utf-8")
    asks = iter(range(1, 1000))

    def asked(words: str) -> bool:
        resident = edited.line.resident(f"住民{next(asks)}")
        resident.say("自動車税")
        resident.wait_for("税のお知らせですか")
        return any(words in str(answer) for answer in resident.answers())

    talking = edited.line.resident("花子")
    talking.say("自動車税")
    talking.wait_for(ASKED)
    file.write_text(text.replace(ASKED, "どちらの税のお知らせですか。"), encoding="utf-8")
    wait_until(lambda: asked("どちらの税"), PATIENCE, "the saved words to be in force")

    number = text.splitlines().index("    type: choice") + 1
    file.write_text(text.replace("    type: choice\n", "    tpye: choice\n", 1), encoding="utf-8")
    place = f"flows/{FILE}:{number}:5: 「tpye」という項目はここにはありません。「type」ではありませんか。"
    wait_until(lambda: place in edited.log.read_text(encoding="utf-8"), PATIENCE, "the log to name the line")
    assert asked("どちらの税")

    talking.say("1")
    talking.wait_for("何日前")
    talking.say("戻る")
    talking.wait_for(ASKED, count=2)
