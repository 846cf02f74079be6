"""What states, ways and kinds of change are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

from bot.submissions.states import Source, Status

STATES = {
    Status.NEW: lazy_gettext("未対応"),
    Status.WORKING: lazy_gettext("処理中"),
    Status.WAITING: lazy_gettext("住民の返事待ち"),
    Status.DONE: lazy_gettext("処理済み"),
    Status.CANCELLED: lazy_gettext("取り消し"),
}
TONES = {Status.NEW: "danger", Status.WORKING: "busy", Status.WAITING: "warning", Status.DONE: "good"}
SOURCES = {
    Source.LINE: lazy_gettext("LINE"),
    Source.TELEPHONE: lazy_gettext("電話"),
    Source.COUNTER: lazy_gettext("窓口"),
}
KINDS = {
    "entered": lazy_gettext("職員が入力"),
    "status": lazy_gettext("状況"),
    "assignment": lazy_gettext("担当の職員"),
    "note": lazy_gettext("メモ"),
    "message": lazy_gettext("住民へのメッセージ"),
    "hold": lazy_gettext("保存の延長"),
}
COLUMNS = (
    lazy_gettext("受付番号"),
    lazy_gettext("受付日時"),
    lazy_gettext("方法"),
    lazy_gettext("状況"),
    lazy_gettext("担当の職員"),
    lazy_gettext("住民の参照番号"),
)
TABLE_TEXTS = {
    "lacking": lazy_gettext("表せない文字の数"),
    "others": lazy_gettext("そのほかの回答"),
    "sealed": lazy_gettext("（復号できません）"),
    "file": lazy_gettext("（写真・ファイルあり）"),
}
