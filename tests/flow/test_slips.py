"""Slips of clerks who know spreadsheets, forms and school arithmetic better than YAML: the first line says what to write."""

from __future__ import annotations

import pytest

from tests.flow.checking import change, first_line, problems

SLIPS = {
    "colon in a text between braces": (
        change("ja: 満員です。", "ja: 時間: 満員です。"),
        ("flows/tax.yaml:18:17:", "文章の中に「: 」", "その文章を引用符"),
    ),
    "branch without then": (
        change("  - end\n", "  - if: kind == 'car'\n    - say: 満員です。\n"),
        ("flows/tax.yaml:17:5:", "「then:」の行がありません", "この行の上に「then:」"),
    ),
    "step in line with the dashes": (
        change("  - do: tax.register\n", "  do: tax.register\n"),
        ("flows/tax.yaml:11:3:", "「- 」で始まっていません", "新しいステップなら「- 」を付け"),
    ),
    "step without a space after its colon": (
        change("  - end\n", "  - say:満員です。\n"),
        ("flows/tax.yaml:16:5:", "「say:」のあとに半角スペース", "「- say: …」"),
    ),
    "step with a full-width colon": (
        change("  - end\n", "  - goto：sorry\n"),
        ("flows/tax.yaml:16:5:", "「goto」のあとが全角の「：」", "「- goto: …」"),
    ),
    "step without its colon": (
        change("  - end\n", "  - goto\n"),
        ("flows/tax.yaml:16:5:", "「goto」のあとに「:」がありません"),
    ),
    "step in capitals": (change("  - end\n", "  - END\n"), ("flows/tax.yaml:16:5:", "「- end」と書いて")),
    "else with a dash": (
        change("  - end\n", "  - if: kind == 'car'\n    then: sorry\n  - else: done\n"),
        ("flows/tax.yaml:18:5:", "「else」だけのステップ", "上の「if」と同じ字下げ"),
    ),
    "full-width colon after a language": (
        change("text: {ja: 種類", "text: {ja：種類"),
        ("flows/tax.yaml:6:11:", "「ja」のあとが全角の「：」", "「ja: 」"),
    ),
    "full-width colon between braces": (
        change("{value: kei,", "{value：kei,"),
        ("flows/tax.yaml:10:10:", "「value」のあとが全角の「：」", "「value: 」"),
    ),
    "text that begins with a bracket": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: [重要] 満員です。"),
        ("flows/tax.yaml:18:10:", "「[」で始まっています", '" と " で囲んで'),
    ),
    "text that begins with a dash": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: - 満員です。"),
        ("flows/tax.yaml:18:10:", "「-」で始まっています", '" と " で囲んで'),
    ),
    "backslash": (
        change("ja: 満員です。", 'ja: "C:\\町です。"'),
        ("flows/tax.yaml:18:18:", "「\\」があります", "「\\\\」と二つ"),
    ),
    "telephone number alone": (
        change(
            "It is full.}\n", "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}, open: 0120-000-000}]\n"
        ),
        ("flows/tax.yaml:19:", "「tel:0120-000-000」ではありませんか"),
    ),
    "site without https": (
        change(
            "It is full.}\n",
            "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}, open: www.example.jp/a}]\n",
        ),
        ("flows/tax.yaml:19:", "「https://www.example.jp/a」ではありませんか"),
    ),
    "full-width telephone number": (
        change(
            "It is full.}\n",
            "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}, open: 'tel：１８９'}]\n",
        ),
        ("flows/tax.yaml:19:", "「tel:189」ではありませんか"),
    ),
    "type in Japanese": (
        change("type: choice", "type: 選択"),
        ("flows/tax.yaml:7:11:", "「選択」は使えません", "「choice」ではありませんか"),
    ),
    "type of another form builder": (
        change("type: choice", "type: select_one"),
        ("flows/tax.yaml:7:11:", "「choice」ではありませんか"),
    ),
    "key of another form builder": (
        change("    type: choice\n", "    type: choice\n    optional: true\n"),
        ("flows/tax.yaml:8:5:", "「optional」", "「required: false」と書きます"),
    ),
    "signs of school arithmetic": (
        change("  - end\n", "  - if: due ≧ today\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "「≧」ではなく「>=」"),
    ),
    "and in capitals": (
        change("  - end\n", "  - if: kind == 'car' AND due\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "「AND」ではなく「and」"),
    ),
    "and in Japanese": (
        change("  - end\n", "  - if: kind == 'car' かつ due\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "「かつ」ではなく「and」"),
    ),
    "full-width digit in a condition": (
        change("  - end\n", "  - if: due > ２\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "全角の「２」"),
    ),
    "constraint with the name of its question": (
        change("    type: choice\n", "    type: choice\n    constraint: kind == 'car'\n"),
        ("flows/tax.yaml:8:17:", "「kind」ではなく「answer」"),
    ),
    "answers wanted where nothing leads": (
        change("  - do: tax.register\n", "  - goto: sorry\n  - confirm: [kind]\n  - do: tax.register\n"),
        ("flows/tax.yaml:12:15:", "どこからも進めないため、「kind」の答えがありません", "goto や end を見直す"),
    ),
    "file that begins with a dash": ("- flow: tax\n", ("flows/tax.yaml:1:1:", "「flow: …」「title: …」「steps:」")),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_the_first_line_says_what_to_write_instead(slip: str) -> None:
    text, expected = SLIPS[slip]
    line = first_line(text)
    assert all(part in line for part in expected), line
    assert first_line(text, "en").startswith(expected[0])


def test_every_slip_is_said_in_japanese_and_english() -> None:
    found = [problem for text, _ in SLIPS.values() for problem in problems(text)]
    assert all(problem.what.ja != problem.what.en for problem in found)
