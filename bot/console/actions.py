"""What the log's actions are called; one without a title is shown as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext

TITLES: dict[str, Any] = {
    "sign_in": lazy_gettext("サインイン"),
    "sign_in.failed": lazy_gettext("サインインの失敗"),
    "sign_out": lazy_gettext("サインアウト"),
    "account.password": lazy_gettext("パスワードの変更"),
    "account.end_sessions": lazy_gettext("サインインの終了"),
    "staff.add": lazy_gettext("職員の追加"),
    "staff.change": lazy_gettext("職員の変更"),
    "staff.reset": lazy_gettext("サインインの再設定"),
    "staff.close": lazy_gettext("アカウントの停止"),
    "staff.reopen": lazy_gettext("アカウントの再開"),
    "staff.hand_over": lazy_gettext("担当の引き継ぎ"),
    "department.add": lazy_gettext("部署の追加"),
    "department.change": lazy_gettext("部署の変更"),
    "audit.verify": lazy_gettext("記録の検査"),
    "audit.export": lazy_gettext("記録の書き出し"),
    "datamap.export": lazy_gettext("データマップの書き出し"),
    "resident.view": lazy_gettext("住民の情報の閲覧"),
    "resident.export": lazy_gettext("住民のデータの書き出し"),
    "resident.erase": lazy_gettext("住民のデータの消去"),
    "resident.release": lazy_gettext("LINEアカウントの登録解除"),
    "flow.pause": lazy_gettext("会話の停止"),
    "flow.resume": lazy_gettext("会話の再開"),
    "flow.try": lazy_gettext("会話のお試し"),
    "flow.publish": lazy_gettext("会話の公開"),
    "alert.roster.add": lazy_gettext("呼び出しの名簿への登録"),
    "alert.roster.remove": lazy_gettext("呼び出しの名簿からの削除"),
    "alert.take": lazy_gettext("呼び出しの引き受け"),
    "alert.try": lazy_gettext("試しの呼び出し"),
    "broadcast.approved": lazy_gettext("配信の承認"),
    "broadcast.changed": lazy_gettext("配信の変更"),
    "broadcast.composed": lazy_gettext("配信の作成"),
    "broadcast.corrected": lazy_gettext("配信の訂正"),
    "broadcast.exported": lazy_gettext("配信の結果の書き出し"),
    "broadcast.picture": lazy_gettext("配信の画像"),
    "broadcast.refused": lazy_gettext("配信の差し戻し"),
    "broadcast.submitted": lazy_gettext("配信の承認依頼"),
    "broadcast.tested": lazy_gettext("配信の試し送り"),
    "broadcast.suspend": lazy_gettext("配信の休止"),
    "broadcast.resume": lazy_gettext("配信の再開"),
    "broadcast.stop": lazy_gettext("配信の中止"),
    "broadcast.withdraw": lazy_gettext("配信の承認依頼の取り下げ"),
    "broadcast.discard": lazy_gettext("配信の下書きの破棄"),
    "broadcast.sending.pause": lazy_gettext("送信の一時停止"),
    "broadcast.sending.resume": lazy_gettext("送信の再開"),
    "broadcast.sending.stop": lazy_gettext("送信の中止"),
    "broadcast.redraft": lazy_gettext("配信を下書きに戻した"),
    "segment.saved": lazy_gettext("配信先の条件の保存"),
    "segment.deleted": lazy_gettext("配信先の条件の削除"),
    "tester.invited": lazy_gettext("試し送り先の招待"),
    "tester.removed": lazy_gettext("試し送り先の削除"),
    "delivery.released": lazy_gettext("保留した送信の再開"),
    "delivery.retried": lazy_gettext("送信のやり直し"),
    "event.opened": lazy_gettext("失敗したイベントの閲覧"),
    "event.again": lazy_gettext("失敗したイベントの再処理"),
    "submissions.list": lazy_gettext("申請・通報の一覧の閲覧"),
    "submissions.view": lazy_gettext("申請・通報の閲覧"),
    "submissions.print": lazy_gettext("申請・通報の印刷"),
    "submissions.table": lazy_gettext("申請・通報のCSV"),
    "submissions.file": lazy_gettext("添付ファイルの閲覧"),
    "submissions.enter": lazy_gettext("電話・窓口での受付"),
    "submissions.template": lazy_gettext("文例の変更"),
    "submissions.drop_template": lazy_gettext("文例の削除"),
    "imports.upload": lazy_gettext("ファイルのアップロード"),
    "imports.check": lazy_gettext("ファイルの検査"),
    "imports.columns": lazy_gettext("列の対応づけ"),
    "imports.start": lazy_gettext("取り込みの開始"),
    "imports.cancel": lazy_gettext("取り込みの取り消し"),
    "imports.view": lazy_gettext("取り込みの閲覧"),
    "imports.faults": lazy_gettext("取り込みの誤りの書き出し"),
    "desk.view": lazy_gettext("相談の閲覧"),
    "desk.take": lazy_gettext("相談の引き受け"),
    "desk.join": lazy_gettext("相談に二人目として参加"),
    "desk.leave": lazy_gettext("相談から手を離した"),
    "desk.pause": lazy_gettext("相談の休止"),
    "desk.resume": lazy_gettext("相談の再開"),
    "desk.hand": lazy_gettext("相談の引き継ぎ"),
    "desk.grade": lazy_gettext("緊急度の変更"),
    "desk.note": lazy_gettext("相談のメモ"),
    "desk.close": lazy_gettext("相談の終了"),
    "desk.reopen": lazy_gettext("終わった相談を開いた"),
    "desk.send": lazy_gettext("相談への返事"),
    "desk.draft": lazy_gettext("返事の下書き"),
    "desk.draft_send": lazy_gettext("下書きの確認と送信"),
    "desk.draft_discard": lazy_gettext("下書きの取り消し"),
    "desk.assign": lazy_gettext("相談の担当の指定"),
    "desk.refer": lazy_gettext("ほかの機関へつないだ"),
    "desk.hold": lazy_gettext("相談の記録の保全"),
    "desk.release": lazy_gettext("保全の解除"),
    "desk.ask-deletion": lazy_gettext("相談の記録の削除依頼"),
    "desk.delete": lazy_gettext("相談の記録の削除"),
    "desk.keep": lazy_gettext("削除依頼の却下"),
    "desk.move": lazy_gettext("ほかの窓口への移動"),
    "desk.sheet": lazy_gettext("受付票の変更"),
    "desk.sheet_view": lazy_gettext("受付票の閲覧"),
    "desk.print": lazy_gettext("相談の印刷"),
    "desk.export": lazy_gettext("相談の書き出し"),
    "desk.file": lazy_gettext("相談のファイルの閲覧"),
    "desk.office": lazy_gettext("相談窓口の設定"),
    "desk.reply_added": lazy_gettext("相談の文例の追加"),
    "desk.reply_removed": lazy_gettext("相談の文例の削除"),
}


def name_actions(titles: Mapping[str, Any]) -> None:
    """Give a service's actions their titles (`lazy_gettext`)."""
    TITLES.update(titles)


def name_action(action: str, title: Any) -> None:
    """Give an action its title (`lazy_gettext`), from the module that records it."""
    TITLES[action] = title


def action_title(action: str) -> str:
    """Return the title of an action in the language of this request."""
    return str(TITLES.get(action, action))
