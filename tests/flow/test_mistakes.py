"""A clerk's typical mistakes: the first line of each problem alone must let them mend it."""

from __future__ import annotations

import pytest

from bot.flow import lint, report
from bot.flow.load import load_texts
from tests.flow.checking import SOUND, change, first_line, problems

ASK = "    text: {ja: 種類は何ですか。, ja-easy: なんですか。, en: Which kind?}\n"
GROUP = """  - repeat: kids
    count: 2
    steps:
      - {ask: name, text: {ja: お名前は。, ja-easy: なまえは。, en: Name?}}
  - say: {ja: "{{ kids.name }}", ja-easy: "{{ kids|length }}", en: "{{ kids|length }}"}
"""

MISTAKES = {
    "indent": (
        change("    type: choice\n", "   type: choice\n"),
        ("flows/tax.yaml:7:4:", "半角スペース3個", "6行目と同じ半角スペース4個"),
    ),
    "first step without a dash": (
        change("  - ask: kind\n", "    ask: kind\n"),
        ("flows/tax.yaml:5:5:", "「- 」で始まっていません"),
    ),
    "no space after a dash": (
        change("  - do: tax.register\n", "  -do: tax.register\n"),
        ("flows/tax.yaml:11:3:", "「-」のあとに半角スペース"),
    ),
    "full-width dash": (
        change("  - do: tax.register\n", "  － do: tax.register\n"),
        ("flows/tax.yaml:11:3:", "「－」が半角ではありません"),
    ),
    "full-width comma": (
        change("ja: 種類は何ですか。, ja-easy", "ja: 種類は何ですか。、ja-easy"),
        ("flows/tax.yaml:6:24:", "全角の「、」"),
    ),
    "full-width braces": (
        change("text: {ja: 種類は何ですか。,", "text: ｛ja: 種類は何ですか。,"),
        ("flows/tax.yaml:6:11:", "全角の「｛」"),
    ),
    "full-width quotation marks": (
        change("ja: 満員です。", "ja: ”満員です。”"),
        ("flows/tax.yaml:18:15:", "全角の引用符"),
    ),
    "brace left open": (
        change("en: Which kind?}", "en: Which kind?"),
        ("flows/tax.yaml:6:11:", "「{」が閉じていません", "終わりに「}」"),
    ),
    "colon in a text": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: Sorry: full"),
        ("flows/tax.yaml:18:15:", "文章の中に「: 」", "引用符"),
    ),
    "text that begins with a number sign": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: #1です"),
        ("flows/tax.yaml:18:5:", "「#」から後ろは読まれない"),
    ),
    "unquoted date in a condition": (
        change("    type: choice\n", "    type: choice\n    relevant: today > 2026-05-31\n"),
        ("flows/tax.yaml:8:15:", '"2026-05-31" と引用符で囲んで'),
    ),
    "date in another form": (
        change("    type: choice\n", "    type: choice\n    min: 2026/5/31\n"),
        ("flows/tax.yaml:8:10:", '"2026-05-31" と引用符で囲んで', "「2026/5/31」"),
    ),
    "one value where several stand": (
        change("keywords: [納税]", "keywords: 納税"),
        ("flows/tax.yaml:3:19:", "「keywords」", "[納税] のように"),
    ),
    "a word where a number stands": (
        change("    type: choice\n", "    type: choice\n    retries: 三\n    on_fail: sorry\n"),
        ("flows/tax.yaml:8:14:", "「retries」には数", "「三」"),
    ),
    "number out of bounds": (
        change("    type: choice\n", "    type: choice\n    retries: 99\n    on_fail: sorry\n"),
        ("flows/tax.yaml:8:14:", "「retries」は 20 以下", "いま 99"),
    ),
    "button that does nothing": (
        change("It is full.}\n", "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}}]\n"),
        ("flows/tax.yaml:19:15:", "押しても何も起きません", "goto"),
    ),
    "button that does two things": (
        change(
            "It is full.}\n",
            "It is full.}\n    buttons: [{label: {ja: あ, ja-easy: あ, en: A}, goto: done, open: 'tel:189'}]\n",
        ),
        ("flows/tax.yaml:19:15:", "「goto」「open」"),
    ),
    "unknown key": (
        change("    text: {ja: 種類", "    txet: {ja: 種類"),
        ("flows/tax.yaml:6:5:", "「txet」", "「text」ではありませんか"),
    ),
    "missing colon": (
        change("flow: tax\n", "flow tax\n"),
        ("flows/tax.yaml:1:5:", "「flow」のあとに「:」がありません"),
    ),
    "missing colon in a step": (
        change("    type: choice\n", "    type choice\n"),
        ("flows/tax.yaml:7:", "「type」のあとに「:」がありません"),
    ),
    "full-width colon": (change("    type: choice\n", "    type：choice\n"), ("flows/tax.yaml:7:9:", "全角の「：」")),
    "full-width space": (change("    type: choice\n", "　　type: choice\n"), ("flows/tax.yaml:7:1:", "全角スペース")),
    "no space after a colon": (
        change("    type: choice\n", "    type:choice\n"),
        ("flows/tax.yaml:7:", "「type:」のあとに半角スペース"),
    ),
    "label too long": (
        change("軽自動車", "四輪の軽自動車（農耕作業用の特殊なものを含みます）"),
        ("flows/tax.yaml:10:", "20文字まで", "いま25文字"),
    ),
    "unknown goto": (
        change("full: sorry}", "full: sory}"),
        ("flows/tax.yaml:13:", "「sory」", "「sorry」ではありませんか"),
    ),
    "missing outcome": (change(", full: sorry}", "}"), ("flows/tax.yaml:13:", "「tax.register」", "「full」", "on:")),
    "unknown outcome": (
        change("full: sorry}", "ful: sorry, full: sorry}"),
        ("flows/tax.yaml:13:", "「ful」", "「full」ではありませんか"),
    ),
    "unquoted date as an answer": (
        change("value: car,", "value: 2026-05-31x,").replace("kind: kind", "kind: 2026-05-31"),
        ("flows/tax.yaml:12:", "car、kei"),
    ),
    "duplicate id": (
        change("  - id: sorry", "  - id: done").replace("full: sorry", "full: done"),
        ("flows/tax.yaml:17:", "「done」", "二つ"),
    ),
    "duplicate key": (
        change("    type: choice\n", "    type: choice\n    type: text\n"),
        ("flows/tax.yaml:8:5:", "「type」が二回", "7 行目"),
    ),
    "untranslated text": (change(", en: Which kind?}", "}"), ("flows/tax.yaml:6:11:", "en の文章がありません")),
    "undeclared variable": (
        change("kind: kind", "kind: kinds"),
        ("flows/tax.yaml:12:", "「kinds」", "「kind」ではありませんか"),
    ),
    "unreachable step": (
        change("  - end\n", "  - goto: sorry\n  - say: {ja: あ, ja-easy: あ, en: a}\n"),
        ("flows/tax.yaml:17:5:", "どこからも進めません"),
    ),
    "endless loop": (change("  - end\n", "  - goto: done\n"), ("flows/tax.yaml:14:5:", "終わりません")),
    "bad constraint": (
        change("    type: choice\n", "    type: choice\n    constraint: answer = 'car'\n"),
        ("flows/tax.yaml:8:17:", "「=」ではなく「==」"),
    ),
    "wrong type of value": (
        change("    type: choice\n", "    type: choice\n    required: たぶん\n"),
        ("flows/tax.yaml:8:15:", "true か false"),
    ),
    "unknown type": (
        change("type: choice", "type: choise"),
        ("flows/tax.yaml:7:11:", "「choise」", "「choice」ではありませんか"),
    ),
    "tab": (change("    type: choice\n", "\ttype: choice\n"), ("flows/tax.yaml:7:1:", "タブ")),
    "missing text": (
        change("    text: {ja: 種類は何ですか。, ja-easy: なんですか。, en: Which kind?}\n", ""),
        ("flows/tax.yaml:5:5:", "「text」がありません"),
    ),
    "empty text": (change("text: {ja: 種類は何ですか。,", "text: {ja: ,"), ("flows/tax.yaml:6:", "文章がありません")),
    "empty choices": (SOUND[: SOUND.index("    choices:")] + "    choices: []\n", ("flows/tax.yaml:7:", "choices")),
    "too many choices": (
        SOUND.replace(
            "      - {value: kei",
            "".join(f"      - {{value: k{n}, label: {{ja: 車, ja-easy: 車, en: Car}}}}\n" for n in range(51))
            + "      - {value: kei",
        ),
        ("flows/tax.yaml:8:5:", "50個まで", "53個"),
    ),
    "comma in a text between braces": (
        change("en: Which kind?}", "en: Which kind, or class?}"),
        ("flows/tax.yaml:6:", "「,」で文章が切れています（「or class?」）"),
    ),
    "bad language code": (
        change("en: Which kind?", "english: Which kind?"),
        ("flows/tax.yaml:6:", "「english」", "「en」ではありませんか"),
    ),
    "a language the town has not": (
        change("en: Which kind?", "jp: どれ"),
        ("flows/tax.yaml:6:", "「jp」", "town.yaml", "「ja」ではありませんか"),
    ),
    "misspelt step": (
        change("  - do: tax.register\n", "  - doo: tax.register\n"),
        ("flows/tax.yaml:11:5:", "「doo」", "「do」ではありませんか"),
    ),
    "no step at all": (change("  - end\n", "  - お知らせ\n"), ("flows/tax.yaml:16:5:", "ステップになっていません")),
    "unknown action": (
        change("do: tax.register", "do: tax.regist"),
        ("flows/tax.yaml:11:", "「tax.regist」", "「tax.register」ではありませんか"),
    ),
    "unknown argument": (
        change("{kind: kind}", "{kind: kind, day: 3}"),
        ("flows/tax.yaml:12:", "「day」", "「days」ではありませんか"),
    ),
    "missing argument": (change("    with: {kind: kind}\n", ""), ("flows/tax.yaml:11:", "「kind」が必要")),
    "unknown filter": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ due|jdat }}です。"'),
        ("flows/tax.yaml:15:", "「|jdate」ではありませんか"),
    ),
    "unclosed place": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ due|jdate です。"'),
        ("flows/tax.yaml:15:", "「{{」と「}}」"),
    ),
    "unknown town value": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ town.phon }}"'),
        ("flows/tax.yaml:15:", "town.phon", "「phone」ではありませんか"),
    ),
    "one text begins with braces": (
        change('ja: "{{ due|jdate }}です。"', "ja: {{ due|jdate }}です。"),
        ("flows/tax.yaml:15:", "「{{」で始まる文章"),
    ),
    "step beside an if": (
        change("  - end\n", "  - if: kind == 'car'\n    goto: done\n  - end\n"),
        ("flows/tax.yaml:17:5:", "「goto」を並べて", "「then:」の行を加え"),
    ),
    "today in Japanese": (
        change("    type: choice\n", "    type: choice\n    relevant: 今日 > '2026-05-31'\n"),
        ("flows/tax.yaml:8:15:", "「今日」は「today」と書きます"),
    ),
    "a word without quotation marks": (
        change("  - end\n", "  - if: kind == 軽\n    then: kind\n  - end\n"),
        ("flows/tax.yaml:16:9:", "「軽」が引用符で囲まれていません", "言葉は '軽' と"),
    ),
    "braces inside braces": (
        change('ja: "{{ due|jdate }}です。", ja-easy', "ja: 日は{{due}}です。, ja-easy"),
        ("flows/tax.yaml:15:15:", "{ } の中の、「{{」のある文章", "引用符"),
    ),
    "quotation mark left open above another": (
        change(
            "    text: {ja: 種類は何ですか。, ja-easy: なんですか。, en: Which kind?}\n",
            '    text:\n      ja: "種類は何ですか。\n      ja-easy: "なんですか。"\n      en: Which kind?\n',
        ),
        ("flows/tax.yaml:7:11:", "引用符が閉じていません"),
    ),
    "quotation mark left open": (
        change('en: "It is {{ due|jdate }}."}', 'en: "It is {{ due|jdate }}.}'),
        ("flows/tax.yaml:15:", "引用符が閉じていません"),
    ),
    "full-width space before a key": (
        change("    type: choice\n", "    　type: choice\n"),
        ("flows/tax.yaml:7:5:", "「type」に全角スペース", "半角スペースに直して"),
    ),
    "full-width braces around a value": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "｛｛ due|jdate ｝｝です。"'),
        ("flows/tax.yaml:15:", "全角の「｛｛」", "半角の {{ と }} に"),
    ),
    "nothing below choices": (
        SOUND[: SOUND.index("    choices:")] + "    choices:\n",
        ("flows/tax.yaml:8:5:", "「choices」の下が空です", "「- 」で始まる行"),
    ),
    "nothing after goto": (
        change("  - end\n", "  - goto:\n"),
        ("flows/tax.yaml:16:5:", "「goto:」のあとに名前がありません"),
    ),
    "odd sign in a condition": (
        change("    type: choice\n", "    type: choice\n    relevant: today >> '2026'\n"),
        ("flows/tax.yaml:8:15:", "「>」のあたりを確かめて"),
    ),
    "entry without its dash": (
        change("      - {value: kei,", "        {value: kei,"),
        ("flows/tax.yaml:10:9:", "「- 」で始まっていません", "上の行と同じように"),
    ),
    "text left of where it belongs": (
        change(ASK, "    text:\n    種類は何ですか。\n"),
        ("flows/tax.yaml:7:5:", "「項目: 値」の形になっていません", "右に字下げ"),
    ),
    "several lines of text left of where they belong": (
        change(ASK, "    text: |\n    種類は\n    何ですか。\n"),
        ("flows/tax.yaml:7:5:", "「項目: 値」の形になっていません", "右に字下げ"),
    ),
    "no line steps": (
        SOUND.replace("steps:\n", ""),
        ("flows/tax.yaml:4:3:", "「steps:」の行がありません", "この行の上に"),
    ),
    "quotation mark inside quotation marks": (
        change('ja: "{{ due|jdate }}です。"', """ja: "{{ due|jdate("和暦") }}です。\""""),
        ("flows/tax.yaml:15:29:", '「"」で囲んだ文章の中に「"」', "「'」に直して"),
    ),
    "apostrophe": (
        change("en: It is full.}", "en: 'It's full.'}"),
        ("flows/tax.yaml:18:49:", "「'」で囲んだ文章の中に「'」", '「"」で囲み直して'),
    ),
    "text that begins with a sign of YAML's": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: @町"),
        ("flows/tax.yaml:18:10:", "「@」で始まっています", '" と " で囲んで'),
    ),
    "text that begins with a percent sign": (
        change("say: {ja: 満員です。, ja-easy: もう 入れません。, en: It is full.}", "say: %割引"),
        ("flows/tax.yaml:18:10:", "「%」で始まっています"),
    ),
    "bullet": (change("  - end\n", "  ・end\n"), ("flows/tax.yaml:16:3:", "「・」で始まっています", "「- 」で始め")),
    "space from a web page": (
        change("    type: choice\n", "\u00a0\u00a0\u00a0 type: choice\n"),
        ("flows/tax.yaml:7:1:", "半角スペースに見える別の空白"),
    ),
    "two documents": (SOUND + "---\n" + SOUND, ("flows/tax.yaml:19:1:", "「---」", "別のファイル")),
    "brace of outcomes left open": (
        change("full: sorry}", "full: sorry"),
        ("flows/tax.yaml:13:9:", "「{」が閉じていません"),
    ),
    "brace never opened": (
        change("on: {registered", "on: registered"),
        ("flows/tax.yaml:13:38:", "「}」に合う「{」がありません"),
    ),
    "no name after ask": (
        change("- ask: kind\n", "- ask:\n"),
        ("flows/tax.yaml:5:5:", "「ask:」のあとに名前がありません"),
    ),
    "start as a list": (
        change("start: {keywords: [納税]}", "start: [納税]"),
        ("flows/tax.yaml:3:8:", "「start」の下には", "start: {keywords: [納税]}"),
    ),
    "keywords outside start": (
        change("start: {keywords: [納税]}", "keywords: [納税]"),
        ("flows/tax.yaml:3:1:", "「keywords」は「start:」の中に"),
    ),
    "buttons without dashes": (
        change("It is full.}\n", "It is full.}\n    buttons: {label: {ja: あ, ja-easy: あ, en: A}, goto: done}\n"),
        ("flows/tax.yaml:19:14:", "「buttons」には、いくつかを並べて", "「- 」で始まる行"),
    ),
    "else if": (
        change("  - end\n", "  - if: kind == 'car'\n    then: sorry\n    elif: kind == 'kei'\n"),
        ("flows/tax.yaml:18:5:", "「elif」はありません", "「else:」の行を加え"),
    ),
    "if that does nothing": (
        change("  - end\n", "  - if: kind == 'car'\n"),
        ("flows/tax.yaml:16:5:", "if だけでは何も起きません", "then:"),
    ),
    "condition between braces": (
        change("  - end\n", "  - if: {{ kind == 'car' }}\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "{{ }} はいりません"),
    ),
    "condition between quoted braces": (
        change("  - end\n", "  - if: \"{{ kind == 'car' }}\"\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "{{ }} はいりません"),
    ),
    "sign turned round": (
        change("  - end\n", "  - if: kind => 'car'\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "「=>」ではなく「>=」"),
    ),
    "and as a sign": (
        change("  - end\n", "  - if: kind == 'car' && due\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "「&&」ではなく「and」"),
    ),
    "comparison with a label": (
        change("  - end\n", "  - if: kind == '乗用車'\n    then: sorry\n"),
        ("flows/tax.yaml:16:9:", "「乗用車」ではなく", "'car' と比べて"),
    ),
    "comparison with a choice that is none": (
        change('ja: "{{ due|jdate }}です。"', """ja: "{% if kind in ['car', 'cra'] %}{{ due }}{% endif %}\""""),
        ("flows/tax.yaml:15:15:", "「cra」はありません", "「car」ではありませんか"),
    ),
    "single braces": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{due|jdate}です。"'),
        ("flows/tax.yaml:15:15:", "「{due|jdate}」は、そのまま", "「{{due|jdate}}」"),
    ),
    "something else after a place": (
        change('ja: "{{ due|jdate }}です。"', 'ja: "{{ due:jdate }}です。"'),
        ("flows/tax.yaml:15:15:", "{{ }} の中の「:」が読めません"),
    ),
    "constraint without the answer": (
        change("    type: choice\n", "    type: choice\n    constraint: '> 3'\n"),
        ("flows/tax.yaml:8:17:", "「>」の前に", "answer > …"),
    ),
    "constraint that looks at nothing": (
        change("    type: choice\n", "    type: choice\n    constraint: 1-10\n"),
        ("flows/tax.yaml:8:17:", "「1-10」は答えを調べていません", "answer >= 1 and answer <= 10"),
    ),
    "choices between full-width commas": (
        SOUND[: SOUND.index("    choices:")] + "    choices: [乗用車、軽自動車]\n",
        ("flows/tax.yaml:8:15:", "一つの選択肢", "半角の「, 」"),
    ),
    "words to begin with between full-width commas": (
        change("[納税]", "[納税、自動車税]"),
        ("flows/tax.yaml:3:20:", "一つの言葉", "半角の「, 」"),
    ),
    "no Japanese": (
        change("ja: 種類は何ですか。, ja-easy", "ja-easy"),
        ("flows/tax.yaml:6:11:", "ja（日本語）の文章がありません"),
    ),
    "nothing after type": (
        change("    type: choice\n", "    type:\n"),
        ("flows/tax.yaml:7:5:", "「type:」のあとに何も書かれていません", "この行を消して"),
    ),
    "several values for one": (
        change("steps:\n", "expires_after: [3 days, 4 days]\nsteps:\n"),
        ("flows/tax.yaml:4:16:", "「expires_after」には一つの値"),
    ),
    "sticker by its name": (
        change("  - end\n", "  - say: {sticker: {package: 11537, sticker: うさぎ}}\n  - end\n"),
        ("flows/tax.yaml:16:46:", "「sticker」には数字だけ", "「うさぎ」"),
    ),
    "list as one": (
        change("  - do: tax.register\n", GROUP + "  - do: tax.register\n"),
        ("flows/tax.yaml:15:10:", "「kids」は一覧なので", "{% for one in kids %}"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_first_line_of_a_problem_lets_a_clerk_mend_it(mistake: str) -> None:
    text, expected = MISTAKES[mistake]
    line = first_line(text)
    assert all(part in line for part in expected), line
    assert first_line(text, "en").startswith(expected[0])


def test_a_date_in_a_table_is_said_to_be_none() -> None:
    text = "table: rates\nrows:\n  - from: 2020/2/17\n    values: {first: 1}\n"
    [found] = lint.check(load_texts({"flows/rates.yaml": text}))
    line = report.text([found], "ja").splitlines()[0]
    assert line.startswith(
        'flows/rates.yaml:3:11: エラー: 「from」の「2020/2/17」は日付として読めません。"2026-05-31" のように'
    )


def test_every_problem_is_said_in_japanese_and_english() -> None:
    for text, _ in MISTAKES.values():
        for problem in problems(text):
            assert problem.what.ja
            assert problem.what.en
            assert problem.what.ja != problem.what.en
            assert 1 <= problem.place.line <= text.count("\n") + 1
