// Sends requests without valid credentials at a fixed rate, whatever the answers are, and prints how many answers it got of
// each status: PORT, RATE (per second), SECONDS, and whose: `one` address, or `many`, as a proxy would name them.
import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const [port = '0', rate = '0', seconds = '0', whose = 'one'] = process.argv.slice(2);
const SOCKETS = 20;
const TICK_MS = 10;
const STATUS = /HTTP\/1\.1 (\d{3})/g;

const statuses = new Map<string, number>();

function connect(): Socket {
  const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    for (const [, status = ''] of text.matchAll(STATUS)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  });
  socket.on('error', () => statuses.set('broken', (statuses.get('broken') ?? 0) + 1));
  return socket;
}

/** Without a token, with a token that nobody has, or with a download link that nobody signed. */
function request(at: number): string {
  const cookie = randomBytes(40).toString('base64url');
  const link = `/v1/billing-group/4b2c9f0e-7a55-4f0d-9a41-2d9d1c6f8a10/invoice/ACME-1/${cookie}`;
  const isAnonymous = at % 2 === 0;
  const isLink = at % 4 === 1;
  return [
    `GET ${isLink ? link : '/v1/billing-group'} HTTP/1.1`,
    'host: billing.example.com',
    ...(isAnonymous || isLink ? [] : [`authorization: Bearer bgt_${randomBytes(32).toString('base64url')}`]),
    ...(whose === 'many' ? [`x-forwarded-for: 10.${[...randomBytes(3)].join('.')}`] : []),
    '\r\n',
  ].join('\r\n');
}

const sockets = Array.from({ length: SOCKETS }, connect);
const began = performance.now();
let sent = 0;
while (performance.now() - began < Number(seconds) * 1_000) {
  const due = Math.floor(((performance.now() - began) / 1_000) * Number(rate));
  for (; sent < due; sent++) sockets[sent % SOCKETS]?.write(request(sent));
  await wait(TICK_MS);
}
// what is still on its way
await wait(1_000);
for (const socket of sockets) socket.destroy();
process.stdout.write(JSON.stringify({ sent, statuses: Object.fromEntries(statuses) }));
process.exit();
