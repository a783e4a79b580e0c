// Every route and every method of order entry, with what their own schemas nearly allow: no failure, no answer that is not described,
// none that takes long, and no trace of what was refused. `npm run fuzz:api` does it for an hour, or for FUZZ_SECONDS.

import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { accessOf, type RouteName } from '../../api/auth/permissions.ts';
import { resultsByMethod } from '../../api/feed/described.ts';
import { described } from '../../api/openapi/document.ts';
import { issueToken } from '../../sql/tokens.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { keepAsking, secondsOr } from '../support/fuzz.ts';
import {
  type FuzzedMessage,
  type FuzzedRequest,
  messagesFor,
  requestsTo,
  socketMethods,
} from '../support/fuzzed-requests.ts';
import type { Client } from '../support/http.ts';
import { type FeedClient, openSocket } from '../support/socket.ts';
import { watchState } from '../support/state-of.ts';

let exchange: Exchange;
let clients: Client[];
let sockets: FeedClient[];
test.before(async () => {
  exchange = await startExchange();
  const { operator, anonymous } = exchange;
  clients = [await exchange.trader(1), operator, anonymous];
});
test.after.always(() => exchange?.stop());

/** One that is not used within five seconds is closed, so they are opened when their turn comes. */
async function openSockets(): Promise<void> {
  const { baseUrl, operatorToken } = exchange;
  const token = await issueToken(exchange.databaseUrl, { traderId: 2 });
  sockets = await Promise.all([
    openSocket(baseUrl, { token }),
    openSocket(baseUrl, { token: operatorToken }),
    openSocket(baseUrl),
  ]);
}

const parts = 3;
const seconds = secondsOr(9) / parts;
/** They would end the credentials that the fuzz works with. */
const left = new Set<RouteName>(['DELETE /sessions', 'DELETE /sessions/current', 'DELETE /sessions/:id']);
const names = (Object.keys(accessOf) as RouteName[]).filter(
  (name) => !left.has(name) && described[name].answer !== null && !name.startsWith('GET /health'),
);
const anyRequest = fc.oneof(...names.map(requestsTo));
const anyMessage = fc.oneof(...socketMethods.map(messagesFor));

/** Throws if it is answered with a failure. Returns the status. */
async function statusOf(
  answer: Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<number> {
  const { status, body } = await answer;
  if (status >= 500 && status !== 503) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return status;
}

const byHttp = (client: Client, { method, target, body }: FuzzedRequest) => client.send(method, target, body);

let messages = 0;

async function bySocket(socket: FeedClient, { method, params }: FuzzedMessage) {
  const id = ++messages;
  socket.send({ id, method, params });
  const { status, result, error } = await socket.next((message) => message.id === id);
  if (status < 400) assert.deepEqual(resultsByMethod[method].parse(result), result);
  return { status, body: result ?? error };
}

const among = <T>(length: number, arbitrary: fc.Arbitrary<T>) => fc.tuple(fc.nat(length - 1), arbitrary);

test.serial('no request makes a route fail, stall, or answer what is not described', async (t) => {
  const count = await keepAsking(seconds, among(clients.length, anyRequest), async ([by, request]) => {
    await statusOf(byHttp(clients[by]!, request));
  });
  t.log(`${count} requests`);
  t.true(count > 0);
  t.is((await exchange.anonymous.get('/health/ready')).status, 200);
});

test.serial('no message makes order entry fail, stall, or answer what is not described', async (t) => {
  await openSockets();
  const count = await keepAsking(seconds, among(sockets.length, anyMessage), async ([by, message]) => {
    await statusOf(bySocket(sockets[by]!, message));
  });
  t.log(`${count} messages`);
  t.true(count > 0);
  for (const { ws } of sockets) t.is(ws.readyState, ws.OPEN);
});

/** What changes something later, when others may be refused: switches of time, and orders that expire. */
const delayed = /cancel-after|cancel_on_disconnect|GTT|expire|cancel_after/;

test.serial('what is refused changes nothing, whichever way it came', async (t) => {
  await openSockets();
  const asked = fc
    .oneof(
      fc.record({ by: fc.nat(clients.length - 1), request: anyRequest }),
      fc.record({ by: fc.nat(sockets.length - 1), message: anyMessage }),
    )
    .filter((one) => !delayed.test(JSON.stringify(one)));
  const state = await watchState(exchange);
  t.teardown(state.close);
  let before = await state.look();
  let refused = 0;
  await keepAsking(seconds, asked, async (one) => {
    const status = await statusOf(
      'request' in one ? byHttp(clients[one.by]!, one.request) : bySocket(sockets[one.by]!, one.message),
    );
    const after = await state.look();
    if (status >= 400 && status < 500) {
      refused++;
      assert.deepEqual(after, before, `refused with ${status}`);
    }
    before = after;
  });
  t.log(`${refused} refusals`);
  t.true(refused > 0);
});
