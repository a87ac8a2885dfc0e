/**
 * A stranger's side of bench/flood.ts: `node bench/junk.mjs PORT COUNT`. Sends COUNT pieces of junk to the callback's port
 * in 48 lanes, every kind in its turn, and tells its parent how each was answered. It knows the path and nothing else.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
const PATH = '/wecom/callback';
const LANES = 48;
const MOST_HELD = 700;
const PATIENCE_MS = 20_000;
const MOST_BYTES = 64 * 1024;

const hex = (bytes) => randomBytes(bytes).toString('hex');
const signed = () => `msg_signature=${hex(20)}&timestamp=${Math.floor(Date.now() / 1000)}&nonce=${hex(4)}`;
const full = (head, piece) => head + piece.repeat(Math.floor((MOST_BYTES - head.length) / piece.length));
const request = (target, body, method = 'POST') =>
  `${method} ${target} HTTP/1.1\r\nHost: bot\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const envelope = (encrypt) =>
  `<xml><ToUserName>ww1</ToUserName><AgentID>1</AgentID><Encrypt>${encrypt}</Encrypt></xml>`;

/** Made once: making 64 KB is dearer than sending them. */
const BIG = {
  'escaped quotes': full('{"', '\\"'),
  'open JSON': full('{"a":', '['),
  'open XML': full('', '<a>'),
  'text behind the root': full('<xml></xml>', 'a'),
  'a big wrong envelope': envelope(randomBytes(45_000).toString('base64')),
  'not UTF-8': full('<xml>', '\xff'),
  'too large': 'x'.repeat(200_000),
};

/** What is answered. */
const ASKED = {
  'bad signature': () => request(`${PATH}?${signed()}`, envelope(randomBytes(96).toString('base64'))),
  'bad echo': () => request(`${PATH}?${signed()}&echostr=${hex(48)}`, '', 'GET'),
  unsigned: () => request(PATH, envelope('QUJD')),
  'no such path': () => request(`/${hex(4)}`, '', 'GET'),
  'signed, wrong path': () => request(`/${hex(4)}?${signed()}`, envelope('QUJD')),
  method: () => request(PATH, '', 'PUT'),
  'no path at all': () => request('http://[x', '', 'GET'),
  ...Object.fromEntries(Object.entries(BIG).map(([name, body]) => [name, () => request(`${PATH}?${signed()}`, body)])),
};

/** What is not: a connection of its own each, left to the server. */
const HELD = {
  'half-open': '',
  'slow headers': `POST ${PATH} HTTP/1.1\r\nHost: bot\r\n`,
  'slow body': `POST ${PATH}?${signed()} HTTP/1.1\r\nHost: bot\r\nContent-Length: 60000\r\n\r\n<xml>`,
};
const CUT = {
  'broken off': `POST ${PATH}?${signed()} HTTP/1.1\r\nHost: bot\r\nContent-Length: 60000\r\n\r\n<xml>`,
  'no HTTP': '\x16\x03\x01 nonsense\r\n\r\n',
};

const held = new Set();
const answers = {};
const note = (what) => {
  answers[what] = (answers[what] ?? 0) + 1;
};

setInterval(() => {
  for (const socket of held) if (socket.opening !== '') socket.write('a');
}, 1_000).unref();

function hold(opening) {
  const socket = Object.assign(connect(port, '127.0.0.1'), { opening });
  socket.on('error', () => {}).on('close', () => held.delete(socket));
  socket.resume().write(opening);
  held.add(socket);
  if (held.size > MOST_HELD) {
    const [oldest] = held;
    oldest.destroy();
  }
}

function cut(opening) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(opening));
    socket.on('error', () => {}).on('close', resolve);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy()).resume();
  });
}

/** One request after the other on a connection that is kept as long as the server keeps it. */
function lane() {
  let socket;
  let heard = '';
  let settle = () => {};

  const open = () => {
    socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('silence')));
    socket.on('data', (text) => {
      heard += text;
      if (heard.includes('\r\n\r\n')) settle(heard.slice(9, 12));
    });
    socket.on('error', () => {}).on('close', () => settle('closed'));
  };

  return {
    ask: (text) =>
      new Promise((resolve) => {
        if (socket === undefined || !socket.writable) open();
        heard = '';
        settle = (status) => {
          settle = () => {};
          resolve(status);
        };
        socket.write(text, 'latin1');
      }),
    close: () => socket?.destroy(),
  };
}

const kinds = [...Object.keys(ASKED), ...Object.keys(HELD), ...Object.keys(CUT)];
let next = 0;
const began = performance.now();
await Promise.all(
  Array.from({ length: LANES }, async () => {
    const own = lane();
    while (next < count) {
      const kind = kinds[next++ % kinds.length];
      if (kind in ASKED) note(await own.ask(ASKED[kind]()));
      else if (kind in CUT) await cut(CUT[kind]).then(() => note('cut'));
      else {
        hold(HELD[kind]);
        note('held');
      }
    }
    own.close();
  }),
);
process.send({ answers, seconds: (performance.now() - began) / 1000 });
process.exit();
