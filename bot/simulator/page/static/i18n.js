// The page's own words in Japanese and English; what bots and residents write is never translated.

const WORDS = {
  // people and lists
  residents: ['住民', 'Residents'],
  friends: ['トーク一覧', 'Chats'],
  addResident: ['住民を追加', 'Add a resident'],
  name: ['名前', 'Name'],
  language: ['ことば', 'Language'],
  add: ['追加', 'Add'],
  cancel: ['キャンセル', 'Cancel'],
  close: ['閉じる', 'Close'],
  unread: ['未読{n}件', '{n} unread'],
  notFriend: ['友だちではありません', 'Not a friend'],
  blocked: ['ブロック中', 'Blocked'],
  nobody: [
    'まだ住民がいません。「住民を追加」を押すと、トークを始められます。',
    'There is nobody here yet. Add a resident to start a chat.',
  ],
  noMessages: ['まだメッセージはありません', 'No messages yet'],
  openBeside: ['{name}を横に並べて開く', 'Open {name} beside'],
  showResidents: ['トーク一覧へ戻る', 'Back to chats'],
  closeColumn: ['この画面を閉じる', 'Close this chat'],
  // chat
  chatWith: ['{resident}さんと{bot}のトーク', '{resident}: chat with {bot}'],
  messages: ['メッセージ', 'Messages'],
  message: ['メッセージを入力', 'Message'],
  send: ['送信', 'Send'],
  whatToSend: ['送るものを選ぶ', 'Choose what to send'],
  more: ['添付を開く', 'Attach'],
  quickReplies: ['クイックリプライ', 'Quick replies'],
  read: ['既読', 'Read'],
  you: ['あなた', 'You'],
  edited: ['編集済み', 'Edited'],
  notDrawn: ['表示できないメッセージです（{kind}）', 'This message cannot be shown ({kind})'],
  unsent: ['メッセージの送信を取り消しました', 'Message unsent'],
  typing: ['{bot}が入力しています', '{bot} is typing'],
  today: ['今日', 'Today'],
  yesterday: ['昨日', 'Yesterday'],
  follow: ['友だちに追加', 'Add as a friend'],
  block: ['ブロック', 'Block'],
  unblock: ['ブロックを解除', 'Unblock'],
  addFirst: ['友だちに追加すると、トークできます。', 'Add the account as a friend to talk.'],
  isBlocked: [
    'ブロック中のため、メッセージは届きません。',
    'You have blocked this account; its messages do not arrive.',
  ],
  copied: ['コピーしました', 'Copied'],
  copyFailed: ['コピーできませんでした。次の文字列です：{text}', 'Could not copy. This is the text: {text}'],
  lineOnly: ['LINEアプリで開くリンクです：{uri}', 'LINE itself would open: {uri}'],
  badLink: ['開けないリンクです。', 'This link cannot be opened.'],
  failed: ['送れませんでした：{reason}', 'Not sent: {reason}'],
  offline: ['サーバーに接続できません。自動でつなぎ直します。', 'The server does not answer. Trying again.'],
  // things to send
  photo: ['写真', 'Photo'],
  camera: ['カメラ', 'Camera'],
  file: ['ファイル', 'File'],
  location: ['位置情報', 'Location'],
  sticker: ['スタンプ', 'Sticker'],
  emoji: ['絵文字', 'Emoji'],
  video: ['動画', 'Video'],
  audio: ['音声', 'Audio'],
  place: ['場所の名前', 'Place name'],
  address: ['住所', 'Address'],
  latitude: ['緯度', 'Latitude'],
  longitude: ['経度', 'Longitude'],
  whereAmI: ['現在地を使う', 'Use where I am'],
  noPosition: ['現在地がわかりません。数字を入れてください。', 'Your position is not available. Enter the numbers.'],
  openMap: ['地図を開く', 'Open the map'],
  sentSticker: ['スタンプを送信しました', 'Sent a sticker'],
  sentPhoto: ['写真を送信しました', 'Sent a photo'],
  sentVideo: ['動画を送信しました', 'Sent a video'],
  sentAudio: ['音声メッセージを送信しました', 'Sent a voice message'],
  sentFile: ['ファイルを送信しました', 'Sent a file'],
  sentLocation: ['位置情報を送信しました', 'Sent a location'],
  openLink: ['リンクを開く', 'Open the link'],
  tapArea: ['選ぶ', 'Choose'],
  // pickers
  pickDate: ['日付を選択', 'Choose a date'],
  pickTime: ['時刻を選択', 'Choose a time'],
  pickDatetime: ['日時を選択', 'Choose a date and time'],
  value: ['値', 'Value'],
  ok: ['決定', 'OK'],
  range: ['{min} から {max} まで', 'From {min} to {max}'],
  // rich menu
  menu: ['メニュー', 'Menu'],
  openMenu: ['メニューを開く：{bar}', 'Open the menu: {bar}'],
  closeMenu: ['メニューを閉じる：{bar}', 'Close the menu: {bar}'],
  keyboard: ['キーボードを表示', 'Show the keyboard'],
  menuArea: ['メニュー {n}', 'Menu item {n}'],
  // tools
  tools: ['開発ツール', 'Tools'],
  view: ['表示', 'View'],
  pageLanguage: ['画面のことば', 'Page language'],
  pcMode: ['パソコン版の表示（クイックリプライなし）', 'LINE for PC (no quick replies)'],
  fontSize: ['文字の大きさ', 'Font size'],
  small: ['小', 'Small'],
  normal: ['普通', 'Normal'],
  large: ['大', 'Large'],
  extraLarge: ['特大', 'Extra large'],
  lockScreen: ['ロック画面', 'Lock screen'],
  lockScreenOf: ['{name}さんのロック画面', '{name}’s lock screen'],
  lockHint: ['ほかの人にも見える文章です。', 'Anyone near the phone can read this.'],
  noNotifications: ['通知はまだありません', 'No notifications yet'],
  silent: ['音なし', 'silent'],
  traffic: ['通信', 'Traffic'],
  search: ['検索', 'Search'],
  kind: ['種類', 'Kind'],
  all: ['すべて', 'All'],
  apiCalls: ['API呼び出し', 'API calls'],
  webhooks: ['Webhook', 'Webhooks'],
  copyCurl: ['curlとしてコピー', 'Copy as curl'],
  request: ['リクエスト', 'Request'],
  answer: ['応答', 'Answer'],
  noAnswer: ['応答なし', 'no answer'],
  noTraffic: ['まだ通信はありません', 'No traffic yet'],
  events: ['Webhookを送る', 'Send webhooks'],
  resident: ['住民', 'Resident'],
  event: ['イベント', 'Event'],
  details: ['内容（JSON）', 'Details (JSON)'],
  sendEvent: ['イベントを送る', 'Send the event'],
  sent: ['送りました', 'Sent'],
  recentEvents: ['最近のイベント', 'Recent events'],
  standby: ['standbyモードで送る', 'In standby mode'],
  order: ['順番と束ね方', 'Order and batches'],
  holdBack: ['止めておく', 'Hold back'],
  release: ['順番どおり送る', 'Release in order'],
  releaseReversed: ['逆順で送る', 'Release reversed'],
  releaseTogether: ['まとめて送る', 'Release in one batch'],
  verify: ['検証（空のWebhook）', 'Verify (empty webhook)'],
  redeliver: ['再送', 'Redeliver'],
  duplicate: ['重複', 'Duplicate'],
  takeBack: ['送信取消', 'Unsend'],
  editText: ['編集', 'Edit'],
  seconds: ['秒数（応答なし・遅延）', 'Seconds (hang, slow)'],
  faults: ['障害を起こす', 'Faults'],
  endpoint: ['対象', 'Endpoint'],
  everyEndpoint: ['すべてのAPI', 'Every endpoint'],
  fault: ['障害', 'Fault'],
  times: ['回数（0は解除するまで）', 'Times (0: until cleared)'],
  percent: ['起きる割合（%）', 'Chance (%)'],
  inject: ['障害を仕掛ける', 'Inject the fault'],
  clearFaults: ['障害をすべて解除', 'Clear all faults'],
  noFaults: ['仕掛けた障害はありません', 'No faults are set'],
  time: ['時間', 'Time'],
  now: ['現在の時刻', 'The time is'],
  plusHour: ['1時間進める', '+1 hour'],
  plusDay: ['1日進める', '+1 day'],
  travelTo: ['移動先の日時', 'Go to'],
  travel: ['この日時へ進める', 'Go to this time'],
  noTravel: [
    '時計はここからは動かせません。サービスを起動した側で進めてください。',
    'The clock cannot be moved from here: move it where the service was started.',
  ],
  travelling: ['時間を進めています…', 'Moving the time…'],
  travelled: ['{time} になりました', 'It is now {time}'],
  transcript: ['会話の記録', 'Transcript'],
  download: ['記録をダウンロード（YAML）', 'Download the transcript (YAML)'],
  reset: ['初期化', 'Reset'],
  resetAll: ['すべてのトークを消して初期化', 'Erase all chats and start again'],
  resetSure: [
    'トークがすべて消え、住民は友だち追加の前に戻ります。よろしいですか。',
    'All chats will be erased, and nobody will be a friend any more. Are you sure?',
  ],
  resetNow: ['初期化する', 'Erase'],
  done: ['完了しました', 'Done'],
  wrongJson: ['JSONとして読めません：{reason}', 'This is not JSON: {reason}'],
};

/** What a resident's LINE may be set to, each in its own words. */
export const LANGUAGES = { ja: '日本語', 'ja-easy': 'やさしい日本語', en: 'English' };

let column = 0;

/** Choose the page's language: `?lang=`, then what was chosen before, then the browser's. Returns 'ja' or 'en'. */
export function startLanguage() {
  const asked = new URLSearchParams(window.location.search).get('lang') ?? remembered() ?? navigator.language;
  column = asked.toLowerCase().startsWith('ja') ? 0 : 1;
  document.documentElement.lang = language();
  return language();
}

export function language() {
  return column === 0 ? 'ja' : 'en';
}

export function rememberLanguage(chosen) {
  try {
    window.localStorage.setItem('simulator-language', chosen);
  } catch (refused) {
    console.info('The browser keeps no settings for this page.', refused);
  }
}

function remembered() {
  try {
    return window.localStorage.getItem('simulator-language');
  } catch {
    return null; // storage is switched off: the browser's own language decides
  }
}

/** The words for `key` in the page's language, with `{places}` filled in. */
export function t(key, places = {}) {
  if (!Object.hasOwn(WORDS, key)) throw new Error(`No words for "${key}": add them to i18n.js`);
  return WORDS[key][column].replace(/\{(\w+)\}/g, (whole, place) => (place in places ? String(places[place]) : whole));
}
