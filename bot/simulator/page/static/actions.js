// What happens when a resident taps something: the actions of the Messaging API reference, "Action objects".

import { t } from './i18n.js';
import { pick } from './picker.js';
import { choice } from './safe.js';
import { say } from './sheet.js';
import { addressOf } from './tap.js';
import { minuteOf, now } from './time.js';

/** Return `act(action, element)` for one chat. `chat` sends on the resident's behalf and owns menu and keyboard. */
export function actor(chat) {
  const run = {
    message: (action) => chat.sendText(action.text ?? ''),
    postback: (action) => postback(chat, action),
    uri: (action) => openAddress(action),
    datetimepicker: (action) => pickAndSend(chat, action),
    clipboard: (action) => copy(action.clipboardText ?? ''),
    richmenuswitch: (action) => chat.switchMenu(action),
    camera: () => chat.choosePhoto(true),
    cameraRoll: () => chat.choosePhoto(false),
    location: () => chat.chooseLocation(),
  };
  return async (action) => {
    try {
      await choice(action?.type, run)?.(action);
    } catch (refused) {
      say(t('failed', { reason: refused.message }));
    }
  };
}

async function postback(chat, action) {
  if (action.inputOption) chat.inputOption(action.inputOption, action.fillInText);
  if (action.text) await chat.sendText(action.text);
  await chat.sendPostback({ data: action.data ?? '', displayText: action.displayText });
}

async function pickAndSend(chat, action) {
  const params = await pick(action, minuteOf(now()));
  if (params) await chat.sendPostback({ data: action.data ?? '', params });
}

// Web addresses and telephone numbers are links already (tap.js); what arrives here only LINE itself could open, or nobody should.
function openAddress(action) {
  const href = addressOf(action);
  if (href?.startsWith('line:')) say(t('lineOnly', { uri: href }));
  else if (href) window.open(href, '_blank', 'noopener,noreferrer');
  else say(t('badLink'));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(t('copied'));
  } catch {
    say(t('copyFailed', { text })); // the browser allows copying on https and localhost only
  }
}
