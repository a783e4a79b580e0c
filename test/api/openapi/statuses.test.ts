// Every status that the description names is produced here, route by route: nothing is described that nobody can meet.

import test from 'ava';
import { TOTP } from 'otpauth';
import { accessOf, type RouteName } from '../../../api/auth/permissions.ts';
import { described, openApiDocument } from '../../../api/openapi/document.ts';
import { openProxy } from '../../../scripts/lab/faults/proxy.ts';
import { buildPage } from '../../../scripts/launcher/page.ts';
import { execute } from '../../support/database.ts';
import { holdAgainstDescription } from '../../support/described-answers.ts';
import type { Exchange } from '../../support/exchange.ts';
import { type MailServer, startMailServer } from '../../support/mail.ts';
import { portOf } from '../../support/processes.ts';
import { proxyRedis } from '../../support/proxied-redis.ts';
import { signedHeaders } from '../../support/signed.ts';
import { startTwoShards, type TwoShards } from '../../support/two-shards.ts';

const names = Object.keys(described) as RouteName[];
const produced = new Map<RouteName, Set<number>>(names.map((name) => [name, new Set()]));

/** Found if the page is built, which it is here. */
const ofPage: ReadonlySet<RouteName> = new Set(['GET /', 'GET /favicon.svg', 'GET /assets/:file']);

type Asked = {
  /** The path with its query, where it is not the route's own. */
  readonly path?: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
};

// biome-ignore lint/suspicious/noExplicitAny: each route has a body of its own
type Answered = { readonly status: number; readonly body: any };

async function ask(baseUrl: string, name: RouteName, asked: Asked = {}): Promise<Answered> {
  const [method, pattern] = name.split(' ') as [string, string];
  const path = asked.path ?? pattern;
  const answer = await fetch(baseUrl + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
      ...asked.headers,
    },
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  const body = isJson ? JSON.parse(text) : text;
  holdAgainstDescription(method, path, answer.status, body);
  produced.get(name)!.add(answer.status);
  return { status: answer.status, body };
}

let two: TwoShards;
let exchange: Exchange;
let mail: MailServer;
/** Tokens of a trader, an operator and an auditor. */
const tokens = { trader: '', operator: '', auditor: '' };
const password = 'correct horse battery';
const product = 'PIKACHU-USD';
const order = { product_id: product, side: 'buy', price: '1.00', size: '1' };
/** What a route takes, for whoever may ask it. */
const good = new Map<RouteName, Asked>();

test.before(async () => {
  // Another test may build it at any moment.
  await buildPage();
  mail = await startMailServer();
  const env = { DEMO_LOGIN: 'on', SMTP_URL: mail.url, PUBLIC_URL: 'http://exchange.example' };
  two = await startTwoShards(env);
  exchange = two.exchange;
  tokens.trader = await exchange.tokenOf(1);
  tokens.operator = exchange.operatorToken;
  const { operator, anonymous } = exchange;
  await operator.post('/traders', { name: 'auditor', password, role: 'auditor' });
  tokens.auditor = (await anonymous.post('/sessions', { name: 'auditor', password })).body.token;
});
test.after.always(async () => {
  await two?.stop();
  mail?.close();
});

/** Asks what the route takes, or takes with a little more, and remembers it. */
async function take(name: RouteName, asked: Asked = {}): Promise<Answered> {
  const access = accessOf[name];
  const isOperators = access !== 'everybody' && !access.roles.includes('trader');
  const token = access === 'everybody' ? {} : { token: isOperators ? tokens.operator : tokens.trader };
  const full = { ...token, ...asked };
  good.set(name, full);
  const answered = await ask(exchange.baseUrl, name, full);
  if (answered.status > 302)
    throw new Error(`${name} answered ${answered.status}: ${JSON.stringify(answered.body)}`);
  return answered;
}

async function takeMarket(): Promise<void> {
  const one = `/products/${product}`;
  await take('GET /products/:id', { path: one });
  await take('GET /currencies/:id', { path: '/currencies/USD' });
  for (const part of ['book', 'ticker', 'stats', 'trades'] as const)
    await take(`GET /products/:id/${part}`, { path: `${one}/${part}` });
  await take('GET /products/:id/candles', { path: `${one}/candles?granularity=60` });
  await take('POST /graphql', { body: { query: '{ products(first: 1) { nodes { id } } }' } });
  await take('GET /docs/:file', { path: '/docs/start.js' });
  await take('GET /graphql/:file', { path: '/graphql/schema.graphql' });
  await take('GET /favicon.svg');
  const { body: html } = await take('GET /');
  await take('GET /assets/:file', { path: /\/assets\/[^"]+/.exec(html)![0] });
}

async function takeMoney(): Promise<void> {
  const money = { currency: 'USD', amount: '10.00', shard: exchange.shard };
  await take('POST /deposits', { body: { ...money, trader_id: 1, transfer_id: 'in' } });
  await take('POST /withdrawals', { body: { ...money, amount: '1.00', trader_id: 1, transfer_id: 'out' } });
  await take('POST /transfers', {
    body: { ...money, amount: '1.00', from_trader_id: 1, to_trader_id: 2, transfer_id: 'over' },
  });
  await take('POST /transfers', { body: acrossShards('across') });
  await take('GET /transfers/:id', { path: '/transfers/across' });
  const { body: accounts } = await take('GET /accounts');
  const account = `/accounts/${accounts[0].id}`;
  await take('GET /accounts/:id', { path: account });
  for (const part of ['ledger', 'holds', 'transfers'] as const)
    await take(`GET /accounts/:id/${part}`, { path: `${account}/${part}` });
}

const acrossShards = (transfer_id: string) => ({
  ...{ currency: 'USD', amount: '1.00', from_trader_id: 1, to_trader_id: 5, transfer_id },
  ...{ from_shard: exchange.shard, to_shard: two.second },
});

async function takeOrders(): Promise<void> {
  const { body: placed } = await take('POST /orders', { body: order });
  await take('POST /orders', { body: order, headers: { prefer: 'respond-async' } });
  const { body: batch } = await take('POST /orders/batch', { body: [order, order] });
  await take('POST /orders/batch', { body: [order], headers: { prefer: 'respond-async' } });
  const path = `/orders/${placed.id}`;
  await take('GET /orders/:id', { path });
  await take('PUT /orders/:id', { path, body: { price: '1.01' } });
  await take('PUT /orders/batch', { body: [{ id: batch[0].id, price: '1.02' }] });
  await take('DELETE /orders/batch', { body: [batch[0].id] });
  await take('DELETE /orders/:id', { path });
  await take('DELETE /orders');
  await take('POST /orders/cancel-after', { body: { timeout_ms: 60_000 } });
  await take('GET /fills', { path: `/fills?product_id=${product}` });
}

async function takePeople(): Promise<void> {
  const name = 'ada';
  await take('POST /traders', { body: { name, password } });
  const logIn = async (): Promise<string> =>
    (await take('POST /sessions', { body: { name, password } })).body.token;
  const [token] = [await logIn(), await logIn()];
  await take('GET /sessions/current', { token });
  const { body: sessions } = await take('GET /sessions', { token });
  const own = sessions.find(({ current }: { current: boolean }) => !current);
  await take('DELETE /sessions/:id', { token, path: `/sessions/${own.id}` });
  await take('POST /password', { token, body: { old_password: password, new_password: password } });
  const { body: enrolled } = await take('POST /totp', { token, body: { password } });
  const totp = new TOTP({ secret: enrolled.secret });
  const { body: confirmed } = await take('POST /totp/confirm', { token, body: { totp: totp.generate() } });
  await take('DELETE /totp', { token, body: { password, totp: confirmed.recovery_codes[0] } });
  await take('POST /password-resets', { body: { name } });
  const { body: link } = await take('POST /people/:name/password-resets', {
    path: `/people/${name}/password-resets`,
  });
  await take('POST /password-resets/redeem', { body: { token: link.token, password } });
  await take('POST /sessions/demo', { body: { trader_id: 1 } });
  await take('DELETE /sessions/current', { token: await logIn() });
  await take('DELETE /sessions', { token: await logIn() });
}

async function takeKeysAndWebhooks(): Promise<void> {
  const { body: key } = await take('POST /api-keys', { body: { permissions: ['view'] } });
  await take('DELETE /api-keys/:id', { path: `/api-keys/${key.id}` });
  const { body: webhook } = await take('POST /webhooks', {
    body: { url: 'https://8.8.8.8/', events: ['order.done'] },
  });
  const path = `/webhooks/${webhook.id}`;
  await execute(
    exchange.databaseUrl,
    `insert into dead_letters (webhook_id, message_id, event, body, error)
      values (${webhook.id}, 'one', 'order.done', '{}', 'It answered 500')`,
  );
  await take('GET /webhooks/:id', { path });
  await take('GET /webhooks/:id/dead-letters', { path: `${path}/dead-letters` });
  await take('POST /webhooks/:id/dead-letters/:message', { path: `${path}/dead-letters/one` });
  await take('POST /webhooks/:id/secret', { path: `${path}/secret` });
  await take('POST /webhooks/:id/enable', { path: `${path}/enable` });
  await take('DELETE /webhooks/:id', { path });
}

async function takeCommunity(): Promise<void> {
  const path = `/products/${product}/messages`;
  const { body: message } = await take('POST /products/:id/messages', { path, body: { text: 'hello' } });
  await take('GET /products/:id/messages', { path });
  const { body: link } = await take('POST /links', { body: { product_id: product } });
  await take('GET /s/:code', { path: `/s/${link.code}` });
  await take('DELETE /messages/:id', { path: `/messages/${message.id}` });
}

async function takeOperations(): Promise<void> {
  await take('GET /traders/:id', { path: '/traders/3' });
  const changes: [name: RouteName, asked: (i: number) => Asked][] = [
    ['PUT /traders/:id', (i) => ({ path: '/traders/3', body: { frozen: i === 0 } })],
    ['PUT /products/:id', (i) => ({ path: `/products/${product}`, body: { max_price: `${9 + i}.00` } })],
    ['POST /products', (i) => ({ body: newProduct(`NEW${i}-USD`) })],
  ];
  for (const [name, asked] of changes) await take(name, asked(0));
  // With no matcher at work they are stored, and in effect later.
  await exchange.kill('matcher');
  const later = take('POST /transfers', { body: acrossShards('later') });
  await Promise.all([later, ...changes.map(([name, asked]) => take(name, asked(1)))]);
  await Promise.all([exchange.shard, two.second].map((shard) => two.serve('matcher', shard)));
}

const newProduct = (id: string) => ({
  ...{ id, quote_increment: '0.01', base_increment: '1', max_price: '10.00', base_max_size: '10' },
});

test.serial('every route does what it is for', async (t) => {
  await takeMarket();
  await takeMoney();
  await takeOrders();
  await takePeople();
  await takeKeysAndWebhooks();
  await takeCommunity();
  await takeOperations();
  for (const name of names) if (!good.has(name)) await take(name);
  t.deepEqual(unmet(200, 202, 302), []);
});

/** What is described of these statuses, or of all, and was not met yet. */
function unmet(...statuses: readonly number[]): string[] {
  const { paths } = openApiDocument() as unknown as {
    paths: Record<string, Record<string, { responses: object }>>;
  };
  return names.flatMap((name) => {
    const [method, pattern] = name.split(' ') as [string, string];
    const { responses } = paths[pattern.replaceAll(/:(\w+)/g, '{$1}')]![method.toLowerCase()]!;
    const met = new Set([...produced.get(name)!, ...(ofPage.has(name) ? [404] : [])]);
    return Object.keys(responses)
      .map(Number)
      .filter((status) => !met.has(status) && (statuses.length === 0 || statuses.includes(status)))
      .map((status) => `${name} never answered ${status}`);
  });
}

const isCallers = (name: RouteName): boolean => accessOf[name] !== 'everybody';
const targetOf = (name: RouteName): string => good.get(name)?.path ?? name.split(' ')[1]!;
const withQuery = (path: string, query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`;

test.serial('every route refuses what is wrong', async (t) => {
  const wrong: Partial<Record<RouteName, Asked>> = {
    'GET /products/:id/candles': { path: `/products/${product}/candles?granularity=61` },
    'GET /products/:id/book': { path: `/products/${product}/book?level=4` },
    'GET /fills': { path: '/fills' },
    'GET /orders/:id': { path: '/orders/x' },
  };
  const logIn = async () =>
    (await exchange.anonymous.post('/sessions', { name: 'ada', password })).body.token;
  let token = await logIn();
  for (const name of names) {
    const { token: taken, ...rest } = good.get(name) ?? {};
    const isOperators = taken === tokens.operator;
    const asked = taken === undefined ? rest : { ...rest, token: isOperators ? taken : token };
    const path = targetOf(name);
    const tries: Asked[] = [
      { ...asked, ...wrong[name] },
      { ...asked, path: withQuery(path, 'limit=0') },
      { ...asked, path: withQuery(path, 'trader_id=x') },
      { ...asked, path: withQuery(path, 'frozen=x') },
      ...(name.startsWith('GET')
        ? []
        : [
            { ...asked, body: [] },
            { ...asked, body: 'x' },
          ]),
    ];
    for (const each of tries) if (!produced.get(name)!.has(400)) await ask(exchange.baseUrl, name, each);
    if (name.startsWith('DELETE /sessions')) token = await logIn();
  }
  // A key has no session.
  const { body: key } = await exchange.operator.post('/api-keys', { trader_id: 1, permissions: ['view'] });
  for (const method of ['GET', 'DELETE'] as const) {
    const headers = signedHeaders(key, { method, target: '/sessions/current', body: '' });
    await ask(exchange.baseUrl, `${method} /sessions/current`, { headers });
  }
  t.deepEqual(unmet(400), []);
});

test.serial('every route refuses who may not ask it, and what is not there', async (t) => {
  const { baseUrl } = exchange;
  const elsewhere = { origin: 'https://elsewhere.example' };
  for (const name of names) {
    const { token: _, ...asked } = good.get(name) ?? {};
    if (isCallers(name)) {
      await ask(baseUrl, name, asked);
      for (const token of Object.values(tokens))
        if (!/DELETE|POST/.test(name)) await ask(baseUrl, name, { ...asked, token });
      const cookie = { cookie: `cardstock_session=${tokens.trader}`, ...elsewhere };
      if (!name.startsWith('GET')) await ask(baseUrl, name, { ...asked, headers: cookie });
    }
    const absent = name.split(' ')[1]!.replaceAll(/:\w+/g, '999999999');
    if (name.includes(':')) await ask(baseUrl, name, { ...good.get(name), path: absent });
  }
  await ask(baseUrl, 'POST /sessions', { body: { name: 'ada', password: 'wrong' } });
  const role = { name: 'eve', password, role: 'operator' };
  await ask(baseUrl, 'POST /traders', { body: role, token: 'nobody' });
  await ask(baseUrl, 'POST /traders', { body: role, token: tokens.trader });
  await ask(baseUrl, 'POST /sessions/demo', { headers: elsewhere });
  t.deepEqual(unmet(401, 403), []);
});

test.serial('every route refuses who asks too often', async (t) => {
  const env = { RATE_LIMITS: 'on', PUBLIC_RATE: '1/1', PRIVATE_RATE: '1/1', FILLS_RATE: '1/1' };
  const api = await exchange.start('api', { ...env, DEMO_LOGIN: 'off' });
  const baseUrl = `http://127.0.0.1:${await portOf(api)}`;
  await ask(baseUrl, 'POST /sessions/demo', { body: { trader_id: 1 } });
  for (const name of names)
    for (let i = 0; i < 5 && !produced.get(name)!.has(429); i++)
      await ask(baseUrl, name, { ...good.get(name), ...(isCallers(name) ? { token: `guess-${i}` } : {}) });
  api.child.kill('SIGKILL');
  t.deepEqual(unmet(429), []);
});

test.serial('every route that needs Redis or PostgreSQL says so while they are away', async (t) => {
  const database = new URL(exchange.addressesFor('api').DATABASE_URL!);
  const databaseProxy = await openProxy({ host: '127.0.0.1', port: Number(database.port) });
  t.teardown(() => databaseProxy.close());
  const { proxy, url } = await proxyRedis(t, exchange.redis);
  [database.hostname, database.port] = ['127.0.0.1', String(databaseProxy.port)];
  const api = await exchange.start('api', {
    ...{ DATABASE_URL: database.href, REDIS_URL: url, DEMO_LOGIN: 'on', SMTP_URL: undefined },
    ...{ READ_TIMEOUT_MS: '2000', REDIS_TIMEOUT_MS: '2000', WAIT_TIMEOUT_MS: '2000' },
  });
  const baseUrl = `http://127.0.0.1:${await portOf(api)}`;
  for (const each of [databaseProxy, proxy]) {
    each.aim(1);
    each.cut();
  }
  await Promise.all(names.map((name) => ask(baseUrl, name, good.get(name))));
  api.child.kill('SIGKILL');
  t.deepEqual(unmet(503), []);
});

test.serial('no other status is described', (t) => {
  t.deepEqual(unmet(), []);
});
