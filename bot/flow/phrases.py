"""The sentences the engine itself says, in polite Japanese, やさしい日本語 and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_PHRASES: Final[dict[str, dict[str, str]]] = {
    "expired": {
        "ja": "前回の「{title}」は、時間がたったため終了しました。入力の途中の内容は残していません。",
        "ja-easy": "まえの「{title}」は、時間が すぎたので おわりました。とちゅうの こたえは 消しました。",
        "en": "“{title}” has ended because some time has passed. Your unfinished answers were not kept.",
    },
    "restart": {
        "ja": "「{title}」の内容が新しくなりました。お手数ですが、はじめからお願いします。",
        "ja-easy": "「{title}」が 新しくなりました。すみませんが、はじめから おねがいします。",
        "en": "“{title}” has been updated. We are sorry, but please start again from the beginning.",
    },
    "unreadable": {
        "ja": "申し訳ありません。途中だったお手続きを続けられませんでした。お手数ですが、はじめからお願いします。",
        "ja-easy": "すみません。とちゅうの 手つづきが つづけられませんでした。はじめから おねがいします。",
        "en": "We are sorry: we could not go on with what you had begun. Please start again from the beginning.",
    },
    "gone": {
        "ja": "このお手続きは、ただいまご利用いただけません。",
        "ja-easy": "この 手つづきは、いま つかうことが できません。",
        "en": "This service is not available at the moment.",
    },
    "resumed": {
        "ja": "「{title}」の続きです。",
        "ja-easy": "「{title}」の つづきです。",
        "en": "Continuing with “{title}”.",
    },
    "stopped": {
        "ja": "「{title}」をやめました。入力された内容は保存していません。",
        "ja-easy": "「{title}」を やめました。こたえは のこしていません。",
        "en": "“{title}” has been stopped. Your answers were not saved.",
    },
    "nothing_to_stop": {
        "ja": "いま進めている手続きはありません。",
        "ja-easy": "いま している 手つづきは ありません。",
        "en": "Nothing is in progress at the moment.",
    },
    "first_question": {
        "ja": "これより前の質問には戻れません。",
        "ja-easy": "これより まえの しつもんには もどれません。",
        "en": "You cannot go back any further.",
    },
    "cannot_skip": {
        "ja": "この質問はスキップできません。",
        "ja-easy": "この しつもんは とばすことが できません。",
        "en": "This question cannot be skipped.",
    },
    "no_why": {
        "ja": "お手続きを進めるためにお聞きしています。",
        "ja-easy": "手つづきを するために きいています。",
        "en": "We ask this so that we can go on with your request.",
    },
    "help": {
        "ja": """いつでも次の言葉を送れます。
・戻る：一つ前の質問へ
・スキップ：答えずに次へ（答えなくてもよい質問）
・なぜ？：おたずねする理由
・やめる：手続きをやめる
・メニュー：最初の画面へ
・ことば：言語を選ぶ""",
        "ja-easy": """いつでも つぎの ことばを おくることが できます。
・もどる：まえの しつもん
・とばす：こたえないで つぎへ（こたえなくても いい しつもん）
・なぜ？：どうして きくか
・やめる：おわりにする
・メニュー：はじめの がめん
・ことば：ことばを えらぶ""",
        "en": """You can send these words at any time.
- back: the previous question
- skip: go on without an answer (where none is required)
- why: why we ask
- stop: stop this request
- menu: the main menu
- language: choose a language""",
    },
    "help_my_data": {
        "ja": "・自分のデータ：お預かりしている内容を見る・消す",
        "ja-easy": "・じぶんの データ：のこっている ものを 見る・なくす",
        "en": "- my data: see or erase what we keep about you",
    },
    "help_notices": {
        "ja": "・通知の設定：届くお知らせを見る・変える",
        "ja-easy": "・おしらせの せってい：とどく おしらせを かえる",
        "en": "- notifications: see or change what we send you",
    },
    "unknown_text": {
        "ja": "申し訳ありません。メッセージの内容がわかりませんでした。",
        "ja-easy": "すみません。メッセージが わかりませんでした。",
        "en": "Sorry, we did not understand your message.",
    },
    "no_such_service": {
        "ja": "下のボタンからお選びください。",
        "ja-easy": "下の ボタンから えらんでください。",
        "en": "Please choose from the buttons below.",
    },
    "overtaken": {
        "ja": "メッセージが前後して届いたため、もう一度お聞きします。",
        "ja-easy": "メッセージの じゅんばんが かわりました。もういちど ききます。",
        "en": "Your messages arrived out of order, so let us ask once more.",
    },
    "old_button": {
        "ja": "そのボタンは前の質問のものです。いまの質問にお答えください。",
        "ja-easy": "その ボタンは まえの しつもんの ものです。いまの しつもんに こたえてください。",
        "en": "That button belongs to an earlier question. Please answer the current one.",
    },
    "old_button_ended": {
        "ja": "そのボタンの手続きはすでに終わっています。",
        "ja-easy": "その ボタンの 手つづきは もう おわっています。",
        "en": "The request that button belongs to has already ended.",
    },
    "sticker": {
        "ja": "スタンプをありがとうございます。",
        "ja-easy": "スタンプ ありがとうございます。",
        "en": "Thank you for the sticker.",
    },
    "unwanted": {
        "ja": "この質問では、写真やファイルなどは受け取れません。",
        "ja-easy": "この しつもんでは、しゃしんや ファイルは うけとることが できません。",
        "en": "Photos and files cannot be accepted for this question.",
    },
    "unwanted_idle": {
        "ja": "申し訳ありません。いまは写真やファイルなどを受け取れません。",
        "ja-easy": "すみません。いまは しゃしんや ファイルを うけとることが できません。",
        "en": "Sorry, photos and files cannot be accepted at the moment.",
    },
    "done": {
        "ja": "承りました。",
        "ja-easy": "わかりました。",
        "en": "Done. Thank you.",
    },
    "ended": {
        "ja": "以上で終了です。ありがとうございました。",
        "ja-easy": "これで おわりです。ありがとうございました。",
        "en": "That is all. Thank you.",
    },
    "trouble": {
        "ja": "申し訳ありません。うまく進めることができませんでした。メニューからもう一度お試しください。",
        "ja-easy": "すみません。うまく できませんでした。メニューから もういちど おねがいします。",
        "en": "Sorry, something did not work. Please try again from the menu.",
    },
    "language_set": {
        "ja": "日本語でご案内します。",
        "ja-easy": "やさしい 日本語で はなします。",
        "en": "We will continue in English.",
    },
    "which_language": {
        "ja": "ことばを選んでください。\nPlease choose a language.",
        "ja-easy": "ことばを えらんでください。\nPlease choose a language.",
        "en": "Please choose a language.\nことばを選んでください。",
    },
    "menu_text": {
        "ja": "ご用件をお選びください。",
        "ja-easy": "したいことを えらんでください。",
        "en": "How can we help you?",
    },
    "choose_below": {
        "ja": "次からお選びください。",
        "ja-easy": "つぎから えらんでください。",
        "en": "Please choose.",
    },
    "stop_notice": {"ja": "このお知らせを止める", "ja-easy": "この おしらせを とめる", "en": "Stop these messages"},
    "topic_stopped": {
        "ja": "「{title}」のお知らせを止めました。もう一度受け取りたいときは「通知の設定」と送ってください。",
        "ja-easy": "「{title}」の おしらせを とめました。また うけとりたいときは「つうちの せってい」と おくってください。",
        "en": "You will get no more messages about “{title}”. Send “notifications” to get them again.",
    },
    "reminder_stopped": {
        "ja": "「{title}」のお知らせを止めました。",
        "ja-easy": "「{title}」の おしらせを とめました。",
        "en": "The reminder from “{title}” has been stopped.",
    },
    "page_offer": {
        "ja": "続きは専用の安全なページで行います。内容はLINEに残りません。下のボタンから10分以内に開いてください。",
        "ja-easy": "つづきは あんぜんな ページで します。LINEには のこりません。10分（ふん）のうちに ボタンを おしてください。",
        "en": "We talk on a secure page of our own; nothing of it stays on LINE. Please open it within ten minutes.",
    },
    "page_open": {"ja": "ページをひらく", "ja-easy": "ページを ひらく", "en": "Open the page"},
    "page_fresh": {"ja": "新しいリンクをもらう", "ja-easy": "あたらしい リンク", "en": "Get a fresh link"},
    "desk_open": {
        "ja": "相談の窓口につながっています。このまま書いてください。",
        "ja-easy": "そうだんの まどぐちに つながっています。このまま 書いてください。",
        "en": "You are connected with our counter. Just write here.",
    },
    "desk_received": {
        "ja": "届いています。担当者が順番に読みますので、このままお待ちください。続けて書いてもかまいません。",
        "ja-easy": "とどきました。かかりの人が じゅんばんに よみます。つづけて 書いても いいです。",
        "en": "We have got it. Staff read messages in turn; please wait. You may go on writing.",
    },
    "desk_kept": {
        "ja": "お預かりしました。窓口が開いたら担当者が読みます。",
        "ja-easy": "あずかりました。まどぐちが あいたら かかりの人が よみます。",
        "en": "We keep it for you: staff will read it when the counter opens.",
    },
    "desk_nowhere": {
        "ja": "申し訳ありません。いまは担当者におつなぎできません。",
        "ja-easy": "すみません。いまは かかりの人と はなすことが できません。",
        "en": "Sorry, we cannot connect you with staff at the moment.",
    },
    "desk_end": {"ja": "話を終える", "ja-easy": "はなしを おわる", "en": "End this talk"},
    "desk_stop_how": {
        "ja": "終わりにするときは、下の「話を終える」を押してください。",
        "ja-easy": "おわるときは、下の「はなしを おわる」を おしてください。",
        "en": "To end this talk, press “End this talk” below.",
    },
    "call_110": {"ja": "110（警察）に電話", "ja-easy": "110に でんわする", "en": "Call 110 (police)"},
    "call_119": {"ja": "119（救急）に電話", "ja-easy": "119に でんわする", "en": "Call 119 (ambulance)"},
    "call_189": {"ja": "189（児童相談所）に電話", "ja-easy": "189に でんわする", "en": "Call 189 (children)"},
    "pick_date": {"ja": "カレンダー", "ja-easy": "カレンダー", "en": "Calendar"},
    "start_again": {"ja": "はじめから", "ja-easy": "はじめから", "en": "Start again"},
    "yes": {"ja": "はい", "ja-easy": "はい", "en": "Yes"},
    "no": {"ja": "いいえ", "ja-easy": "いいえ", "en": "No"},
    "answer_yes_no": {
        "ja": "「はい」か「いいえ」でお答えください。",
        "ja-easy": "「はい」か「いいえ」で こたえてください。",
        "en": "Please answer “yes” or “no”.",
    },
    "answer_choice": {
        "ja": "番号か言葉でお選びください。",
        "ja-easy": "ばんごうか ことばで えらんでください。",
        "en": "Please choose by number or word.",
    },
    "answer_digits": {
        "ja": "数字だけで入力してください。",
        "ja-easy": "すうじ だけを 入れてください。",
        "en": "Please enter digits only.",
    },
    "answer_number": {
        "ja": "数字で入力してください。",
        "ja-easy": "すうじで 入れてください。",
        "en": "Please enter a number.",
    },
    "answer_date": {
        "ja": "日付として読み取れませんでした。「2026年5月31日」や「令和8年5月31日」のように入力してください。",
        "ja-easy": "日にちが わかりませんでした。「2026年5月31日」のように 入れてください。",
        "en": "We could not read that as a date. Please enter it like 2026-05-31.",
    },
    "answer_time": {
        "ja": "時刻として読み取れませんでした。「10:30」や「午後3時」のように入力してください。",
        "ja-easy": "じかんが わかりませんでした。「10:30」のように 入れてください。",
        "en": "We could not read that as a time. Please enter it like 10:30.",
    },
    "answer_datetime": {
        "ja": "日時として読み取れませんでした。「2026年5月31日 10:30」のように入力してください。",
        "ja-easy": "日にちと じかんが わかりませんでした。「2026年5月31日 10:30」のように 入れてください。",
        "en": "We could not read that as a date and time. Please enter it like 2026-05-31 10:30.",
    },
    "answer_choices": {
        "ja": "番号か言葉でお選びください。「1,3」のように、いくつでも選べます。",
        "ja-easy": "ばんごうか ことばで えらんでください。「1,3」のように いくつでも えらべます。",
        "en": "Please choose by number or word. You can choose several, like “1,3”.",
    },
    "answer_phone": {
        "ja": "電話番号を、市外局番から数字で入力してください。",
        "ja-easy": "でんわばんごうを 0から すうじで 入れてください。",
        "en": "Please enter a Japanese telephone number with its area code.",
    },
    "answer_postal_code": {
        "ja": "郵便番号を7桁の数字で入力してください。",
        "ja-easy": "ゆうびんばんごうを 7つの すうじで 入れてください。",
        "en": "Please enter the postal code in 7 digits.",
    },
    "answer_email": {
        "ja": "メールアドレスを半角で入力してください。",
        "ja-easy": "メールアドレスを 入れてください。",
        "en": "Please enter an e-mail address.",
    },
    "answer_kana": {
        "ja": "ひらがなかカタカナで入力してください。",
        "ja-easy": "ひらがなか カタカナで 入れてください。",
        "en": "Please enter it in hiragana or katakana.",
    },
    "answer_location": {
        "ja": "下の「位置情報を送る」から、場所をお送りください。",
        "ja-easy": "下の「ばしょを おくる」を おして、ばしょを おくってください。",
        "en": "Please send the place with “Send location” below.",
    },
    "answer_photo": {
        "ja": "写真を送ってください。",
        "ja-easy": "しゃしんを おくってください。",
        "en": "Please send a photo.",
    },
    "answer_file": {
        "ja": "ファイルを送ってください。",
        "ja-easy": "ファイルを おくってください。",
        "en": "Please send a file.",
    },
    "did_you_mean": {
        "ja": "「{label}」のことでしょうか。よろしければ「はい」をお選びください。",
        "ja-easy": "「{label}」ですか。「はい」を おしてください。",
        "en": "Did you mean “{label}”? If so, please choose “Yes”.",
    },
    "lookup_which": {
        "ja": "次の中にありますか。番号か名前でお選びください。なければ、別の言い方でもう一度入力してください。",
        "ja-easy": "この中に ありますか。ばんごうで えらんでください。ないときは、べつの ことばで 入れてください。",
        "en": "Is it one of these? Choose by number or name. If not, please try another word.",
    },
    "lookup_none": {
        "ja": "一覧に見つかりませんでした。短い言葉や別の言い方でもう一度お試しください。",
        "ja-easy": "見つかりませんでした。みじかい ことばや、べつの ことばで 入れてください。",
        "en": "Nothing was found. Please try a shorter or a different word.",
    },
    "chosen_so_far": {
        "ja": "選択中：{labels}\nほかにもあれば選び、終わったら「決定」を押してください。",
        "ja-easy": "えらんだもの：{labels}\nおわったら「きめる」を おしてください。",
        "en": "Chosen: {labels}\nChoose more, or press “Done”.",
    },
    "decide": {"ja": "決定", "ja-easy": "きめる", "en": "Done"},
    "none_chosen": {"ja": "なし", "ja-easy": "なし", "en": "none"},
    "pick_time": {"ja": "時刻を選ぶ", "ja-easy": "じかんを えらぶ", "en": "Choose a time"},
    "send_location": {"ja": "位置情報を送る", "ja-easy": "ばしょを おくる", "en": "Send location"},
    "take_photo": {"ja": "写真を撮る", "ja-easy": "しゃしんを とる", "en": "Take a photo"},
    "choose_photo": {"ja": "写真を選ぶ", "ja-easy": "しゃしんを えらぶ", "en": "Choose a photo"},
    "agree": {"ja": "同意する", "ja-easy": "はい（いいです）", "en": "I agree"},
    "disagree": {"ja": "同意しない", "ja-easy": "いいえ", "en": "I do not agree"},
    "refused": {
        "ja": "同意いただけない場合は、ここでは手続きを進められません。お話しいただいた内容は保存していません。",
        "ja-easy": "「いいえ」のときは、ここでは 手つづきが できません。こたえは のこしていません。",
        "en": "Without your consent we cannot go on here. Nothing you told us was saved.",
    },
    "confirm_text": {
        "ja": "次の内容でよろしいですか。直したいものは、番号でお選びください。",
        "ja-easy": "これで いいですか。かえたいものは、ばんごうで えらんでください。",
        "en": "Is this correct? To change something, choose its number.",
    },
    "confirm_yes": {"ja": "これでよい", "ja-easy": "これでいい", "en": "Correct"},
    "confirm_change": {"ja": "{label}を直す", "ja-easy": "{label}を かえる", "en": "Change {label}"},
    "confirm_line": {"ja": "{label}：{answer}", "ja-easy": "{label}：{answer}", "en": "{label}: {answer}"},
    "between": {"ja": "、", "ja-easy": "、", "en": ", "},
    "no_answer": {"ja": "（なし）", "ja-easy": "（なし）", "en": "(none)"},
    "hidden": {"ja": "（表示しません）", "ja-easy": "（見せません）", "en": "(hidden)"},
    "several": {"ja": "{count}件", "ja-easy": "{count}", "en": "{count}"},
    "sent": {"ja": "（送信ずみ）", "ja-easy": "（おくりました）", "en": "(sent)"},
    "too_many_tries": {
        "ja": "何度かうまく読み取れませんでした。",
        "ja-easy": "なんどか わかりませんでした。",
        "en": "We could not read your answer several times.",
    },
    "answer_empty": {
        "ja": "お答えを入力してください。",
        "ja-easy": "こたえを 入れてください。",
        "en": "Please enter your answer.",
    },
    "answer_long": {
        "ja": "{limit}文字以内で入力してください。",
        "ja-easy": "{limit}もじ までで 入れてください。",
        "en": "Please use at most {limit} characters.",
    },
    "too_small": {
        "ja": "{limit}以上で入力してください。",
        "ja-easy": "{limit} か それより 大きい すうじを 入れてください。",
        "en": "Please enter {limit} or more.",
    },
    "too_large": {
        "ja": "{limit}以下で入力してください。",
        "ja-easy": "{limit} か それより 小さい すうじを 入れてください。",
        "en": "Please enter {limit} or less.",
    },
    "too_early": {
        "ja": "{limit}以降の日付を入力してください。",
        "ja-easy": "{limit} か それより あとの 日にちを 入れてください。",
        "en": "Please enter a date on or after {limit}.",
    },
    "too_late": {
        "ja": "{limit}以前の日付を入力してください。",
        "ja-easy": "{limit} か それより まえの 日にちを 入れてください。",
        "en": "Please enter a date on or before {limit}.",
    },
    "too_few": {
        "ja": "{limit}個以上お選びください。",
        "ja-easy": "{limit}つ か それより 多く えらんでください。",
        "en": "Please choose at least {limit}.",
    },
    "too_many": {
        "ja": "{limit}個までお選びください。",
        "ja-easy": "{limit}つまで えらんでください。",
        "en": "Please choose at most {limit}.",
    },
    "constraint": {
        "ja": "このお答えは受け付けられません。もう一度お確かめください。",
        "ja-easy": "この こたえは つかうことが できません。もういちど みてください。",
        "en": "This answer cannot be accepted. Please check it.",
    },
}


def phrase(name: str, language: str, values: Mapping[str, Any] | None = None) -> str:
    """Return the sentence called `name` in `language` (Japanese when there is none), its places filled from `values`."""
    texts = _PHRASES[name]
    text = texts.get(language) or texts["ja"]
    for key, value in (values or {}).items():
        text = text.replace("{" + key + "}", str(value))
    return text
