// A wallet that follows a trader's account by webhooks: each message is verified, booked once, and then answered.
//
// Usage: SECRET=whsec_… sh scripts/node examples/wallet.ts        TRADER=1 PORT=4000

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

const { SECRET = '', TRADER = '1', PORT = '4000' } = process.env;
const key = Buffer.from(SECRET.replace(/^whsec_/, ''), 'base64');
if (key.length === 0) throw new Error('SECRET must be the secret that POST /webhooks answered');

const toleranceSeconds = 300;

function isGenuine(headers: IncomingHttpHeaders, body: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = headers;
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > toleranceSeconds) return false;
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return String(given)
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((signature) => signature.length === wanted.length && timingSafeEqual(signature, wanted));
}

/** In the memory of this process; a real wallet has both in one transaction of its database. */
const booked = new Set<string>();
const balances = new Map<string, number>();

function book(currency: string, amount: number): void {
  balances.set(currency, (balances.get(currency) ?? 0) + amount);
}

type Data = Record<string, string>;

function bookMessage(type: string, data: Data): void {
  if (type === 'transfer') {
    const isIncoming = data.type === 'deposit' || data.to_trader_id === TRADER;
    book(data.currency!, Number(data.amount) * (isIncoming ? 1 : -1));
  } else if (type === 'trade') {
    const [base, quote] = data.product_id!.split('-') as [string, string];
    const sign = data.side === 'buy' ? 1 : -1;
    book(base, sign * Number(data.size));
    book(quote, -sign * Number(data.price) * Number(data.size));
  }
}

createServer(async (request, response) => {
  const body = await text(request);
  const id = String(request.headers['webhook-id']);
  if (!isGenuine(request.headers, body)) return response.writeHead(400).end();
  if (!booked.has(id)) {
    const { type, data } = JSON.parse(body) as { type: string; data: Data };
    bookMessage(type, data);
    booked.add(id);
    process.stdout.write(`${id} ${type}: ${JSON.stringify(Object.fromEntries(balances))}\n`);
  }
  response.writeHead(204).end();
}).listen(Number(PORT), '127.0.0.1', () => process.stdout.write(`listening on port ${PORT}\n`));
