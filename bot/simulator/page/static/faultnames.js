// What the faults are called, for those who do not think in status codes; the code stands beside the words.

import { language } from './i18n.js';

const NAMES = {
  400: ['内容の誤り', 'bad request'],
  401: ['認証の失敗', 'not authorised'],
  403: ['許可されていない', 'forbidden'],
  404: ['見つからない', 'not found'],
  409: ['受け付け済み', 'accepted before'],
  410: ['もう存在しない', 'gone'],
  413: ['大きすぎる', 'too large'],
  415: ['形式が違う', 'unsupported type'],
  '429-rate': ['回数の超過', 'too many requests'],
  '429-concurrency': ['同時接続の超過', 'too many at once'],
  '429-monthly': ['今月の通数の超過', 'monthly limit reached'],
  '429-user': ['一人への送りすぎ', 'too many to one user'],
  500: ['LINE内部のエラー', 'internal error'],
  502: ['中継のエラー', 'bad gateway'],
  503: ['一時停止中', 'unavailable'],
  504: ['中継の時間切れ', 'gateway timeout'],
  'html-502': ['エラーのHTMLが返る', 'an HTML error page'],
  redirect: ['別の場所への転送', 'a redirect'],
  'drop-before': ['届く前に切断', 'cut before it arrives'],
  reset: ['接続の拒否', 'connection reset'],
  hang: ['応答なし', 'no answer'],
  'drop-after': ['受け付けてから切断', 'done, then cut'],
  '500-after': ['受け付けてからエラー', 'done, then an error'],
  'hang-after': ['受け付けてから応答なし', 'done, then no answer'],
  'empty-200': ['空の応答', 'an empty answer'],
  'broken-200': ['壊れた応答', 'a broken answer'],
  'html-200': ['HTMLの応答', 'an HTML answer'],
  slow: ['遅い応答', 'a slow answer'],
  'reset-after': ['受け付けてから接続の中断', 'done, then reset'],
};

/** The words for a kind of fault with its code, the code alone where it has none. */
export function faultNamed(kind) {
  const words = NAMES[kind];
  if (!words) return kind;
  return language() === 'ja' ? `${words[0]}（${kind}）` : `${words[1]} (${kind})`;
}
