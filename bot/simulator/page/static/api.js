// The page's only way to the server: JSON over relative addresses, so that it works wherever it is mounted.

/** An answer of the server that is not a success; `message` is its sentence. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '' && value !== null));
  return answered(await fetch(`${path}?${query}`, { headers: { Accept: 'application/json' }, cache: 'no-store' }));
}

export async function post(path, body = {}) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  return answered(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** Send a file's bytes as they are; what belongs to them goes into the address. */
export async function upload(path, file, parameters = {}) {
  const query = new URLSearchParams({ ...parameters, name: file.name || 'photo.jpg' });
  const headers = {
    'Content-Type': file.type || 'application/octet-stream',
    'X-Simulator-Upload': '1',
    Accept: 'application/json',
  };
  return answered(await fetch(`${path}?${query}`, { method: 'POST', headers, body: file }));
}

async function answered(response) {
  const text = await response.text();
  let value = {};
  try {
    value = text ? JSON.parse(text) : {};
  } catch {
    throw new Refused(response.status, text.slice(0, 200));
  }
  if (!response.ok) throw new Refused(response.status, value.message ?? String(response.status));
  return value;
}
