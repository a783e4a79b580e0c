import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { TOTP } from 'otpauth';
import { readSignature } from '../../../api/auth/keys/signed-request.ts';
import { createFindKey } from '../../../api/auth/keys/verify.ts';
import { createLog } from '../../../core/log.ts';
import { createSealing, newSealingKey, parseSealingKeys } from '../../../core/sealing.ts';
import { openPool } from '../../../sql/pool.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { type Exchange, sealingKey, startExchange } from '../../support/exchange.ts';
import { type Client, createClient } from '../../support/http.ts';
import { portOf } from '../../support/processes.ts';
import { runScript } from '../../support/scripts.ts';
import { type ApiKey, type Slip, signedClient, signedHeaders } from '../../support/signed.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let alice: Client;

test.before(async () => {
  exchange = await startExchange({ env: { API_WORKERS: '2' } });
  alice = await exchange.trader(1);
});
test.after.always(() => exchange?.stop());

async function newKey(said: Record<string, unknown> = {}): Promise<ApiKey & { id: string }> {
  const permissions = ['view', 'trade', 'transfer', 'manage'];
  const { status, body } = await alice.post('/api-keys', { permissions, ...said });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };

test('a key signs every method, with the target and the body as they are sent', async (t) => {
  const send = signedClient(exchange.baseUrl, await newKey());
  t.deepEqual((await send('GET', '/users/self/verify')).body, { id: '1' });
  const placed = await send('POST', '/orders', { ...order, client_oid: 'signed' });
  t.is(placed.status, 200, JSON.stringify(placed.body));
  t.is((await send('PUT', `/orders/${placed.body.id}`, { price: '1.01' })).body.price, '1.01');
  t.is((await send('GET', '/orders/client:signed')).body.id, placed.body.id);
  t.is((await send('GET', '/orders?start_date=2020-01-01T00%3A00%3A00Z&limit=1')).status, 200);
  t.is(
    (await send('DELETE', '/orders?body=%5Bobject%20Object%5D', { product_id: 'PIKACHU/USD' })).status,
    200,
  );
  const fractional = await send('GET', '/orders', undefined, { timestamp: (Date.now() / 1_000).toFixed(3) });
  t.is(fractional.status, 200);
});

test('two equal requests of one second are both legal, and the body of a GET is signed along', async (t) => {
  const key = await newKey();
  const send = signedClient(exchange.baseUrl, key);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  for (const _ of [1, 2]) t.is((await send('GET', '/accounts', undefined, { timestamp })).status, 200);
  const { request } = await import('node:http');
  const withBody = (body: string) =>
    new Promise<number>((resolve, reject) => {
      const { signedHeaders } = signing;
      const headers = signedHeaders(key, { method: 'GET', target: '/orders', body: '{}' });
      const outgoing = request(
        `${exchange.baseUrl}/orders`,
        { method: 'GET', headers: { ...headers, 'content-length': body.length } },
        (answer) => resolve(answer.resume().statusCode!),
      );
      outgoing.on('error', reject).end(body);
    });
  const signing = await import('../../support/signed.ts');
  t.is(await withBody('{}'), 200);
  t.is(await withBody('[]'), 401);
});

const slips: [what: string, slip: Slip, message: string][] = [
  ['another method', { signedMethod: 'get' }, 'invalid signature'],
  ['another target', { signedTarget: '/orders?limit=2' }, 'invalid signature'],
  ['another body', { signedBody: '{"product_id":"PIKACHU-USD"}' }, 'invalid signature'],
  ['an old time', { timestamp: String(Math.floor(Date.now() / 1_000) - 100) }, 'request timestamp expired'],
  [
    'a time to come',
    { timestamp: String(Math.floor(Date.now() / 1_000) + 3_600) },
    'request timestamp expired',
  ],
  ['a time in words', { timestamp: 'now' }, 'invalid timestamp'],
  ['a time in milliseconds', { timestamp: String(Date.now()) }, 'request timestamp expired'],
  ['no signature', { headers: { 'cb-access-sign': '' } }, 'CB-ACCESS-SIGN header is required'],
  ['no time', { headers: { 'cb-access-timestamp': '' } }, 'CB-ACCESS-TIMESTAMP header is required'],
  ['no passphrase', { headers: { 'cb-access-passphrase': '' } }, 'CB-ACCESS-PASSPHRASE header is required'],
  [
    'no key',
    { headers: { 'cb-access-key': '' } },
    'CB-ACCESS-KEY header is required, or Authorization with a bearer token',
  ],
  ['an unknown key', { headers: { 'cb-access-key': '0'.repeat(32) } }, 'Invalid API Key'],
  ['a key that is none', { headers: { 'cb-access-key': "' or 1=1" } }, 'Invalid API Key'],
  ['another passphrase', { headers: { 'cb-access-passphrase': 'guess' } }, 'Invalid Passphrase'],
  ['half a signature', { headers: { 'cb-access-sign': 'c2hvcnQ=' } }, 'invalid signature'],
];
for (const [what, slip, message] of slips)
  test(`a request with ${what} is refused`, async (t) => {
    const send = signedClient(exchange.baseUrl, await newKey());
    for (const [method, body] of [
      ['GET', undefined],
      ['DELETE', { product_id: 'SQUIRTLE-USD' }],
    ] as const) {
      if (method === 'GET' && slip.signedMethod) continue;
      const answer = await send(method, '/orders', body, slip);
      t.deepEqual([answer.status, answer.body.message], [401, message]);
    }
  });

test('a key that is looked up anew, as happens every now and then, has its passphrase hashed no second time', async (t) => {
  const key = await newKey();
  const log = createLog('test', 'silent');
  const pool = await openPool(exchange.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });
  t.teardown(() => pool.end());
  let lookAnew = () => {};
  const changes = {
    isHearing: () => true,
    follow: (_: unknown, onReset: () => void) => {
      lookAnew = onReset;
    },
    close: async () => {},
  };
  const sealing = createSealing(parseSealingKeys(sealingKey));
  const find = createFindKey({ pool, changes, sealing, log, onUse: () => {} });
  const signed = { method: 'GET', target: '/orders' };
  const signature = readSignature(signedHeaders(key, { ...signed, body: '' }));
  const once = (await find(signature, signed, undefined)).verify('');
  t.true(once instanceof Promise);
  await once;
  lookAnew();
  t.is((await find(signature, signed, undefined)).verify(''), undefined, 'there is nothing to wait for');
});

test('a key is good for what it was given, and gives no more than that', async (t) => {
  const viewer = signedClient(exchange.baseUrl, await newKey({ permissions: ['view'] }));
  t.is((await viewer('GET', '/orders')).status, 200);
  const refused = await viewer('POST', '/orders', order);
  t.deepEqual([refused.status, refused.body.message], [401, 'The API key has no permission to trade']);
  const manager = signedClient(exchange.baseUrl, await newKey({ permissions: ['view', 'manage'] }));
  const more = await manager('POST', '/api-keys', { permissions: ['trade'] });
  t.deepEqual([more.status, more.body.message], [400, 'Invalid permissions: trade is not yours to give']);
  t.is((await manager('POST', '/api-keys', { permissions: ['view'] })).status, 200);
});

test('a key may be used from its addresses, until it expires', async (t) => {
  const elsewhere = await newKey({ allowed_addresses: ['10.0.0.0/8', '2001:db8::1'] });
  const answer = await signedClient(exchange.baseUrl, elsewhere)('GET', '/orders');
  t.deepEqual([answer.status, answer.body.message], [401, 'IP does not match IP whitelist']);
  const here = await newKey({ allowed_addresses: ['10.0.0.0/8', '127.0.0.0/8'] });
  t.is((await signedClient(exchange.baseUrl, here)('GET', '/orders')).status, 200);
  const until = Date.now() + 1_500;
  const send = signedClient(exchange.baseUrl, await newKey({ expires_at: new Date(until).toISOString() }));
  for (let isGood = true; isGood; ) {
    const asked = Date.now();
    const { status, body } = await send('GET', '/orders');
    isGood = status === 200;
    if (isGood) t.true(asked < until, 'it is good for no longer');
    else t.true(Date.now() >= until && body.message === 'Invalid API Key', 'it is good for as long');
  }
});

test('a key that is revoked is refused by every process within a second', async (t) => {
  const other = await exchange.start('api');
  const urls = [exchange.baseUrl, `http://127.0.0.1:${await portOf(other)}`];
  const key = await newKey();
  for (const url of urls.flatMap((url) => Array(8).fill(url)))
    t.is((await signedClient(url, key)('GET', '/orders')).status, 200);
  const revoked = await alice.delete(`/api-keys/${key.id}`);
  t.is(revoked.status, 200);
  await sleep(1_000);
  for (const url of urls.flatMap((url) => Array(8).fill(url)))
    t.is((await signedClient(url, key)('GET', '/orders')).status, 401);
  t.is((await alice.delete(`/api-keys/${key.id}`)).status, 404);
});

test('keys are listed without their secrets, and are their owner’s alone', async (t) => {
  const bob = await exchange.trader(2);
  const key = await newKey({ label: 'mine' });
  await signedClient(exchange.baseUrl, key)('GET', '/orders');
  const { body } = await alice.get('/api-keys');
  const shown = body.find(({ id }: { id: string }) => id === key.id);
  t.like(shown, { key: key.key, label: 'mine', trader_id: '1', role: 'trader', expires_at: null });
  t.false(JSON.stringify(body).includes(key.secret) || JSON.stringify(body).includes(key.passphrase));
  t.deepEqual((await bob.get('/api-keys')).body, []);
  t.is((await bob.delete(`/api-keys/${key.id}`)).status, 404);
  t.is((await bob.get('/api-keys?trader_id=1')).status, 400);
  t.is((await bob.post('/api-keys', { permissions: ['view'], trader_id: 1 })).status, 400);
  t.is((await bob.post('/api-keys', { permissions: ['view'], role: 'operator' })).status, 403);
  t.true((await exchange.operator.get('/api-keys?trader_id=1')).body.length > 0);
});

test('an operator makes keys for traders and for staff', async (t) => {
  const ofTrader = await exchange.operator.post('/api-keys', { trader_id: 3, permissions: ['view'] });
  t.deepEqual((await signedClient(exchange.baseUrl, ofTrader.body)('GET', '/users/self/verify')).body, {
    id: '3',
  });
  const auditor = await exchange.operator.post('/api-keys', { role: 'auditor', permissions: ['view'] });
  const audit = signedClient(exchange.baseUrl, auditor.body);
  t.is((await audit('GET', '/orders?trader_id=3')).status, 200);
  t.is((await audit('POST', '/orders', { ...order, trader_id: 3 })).status, 403);
  t.is((await exchange.operator.post('/api-keys', { role: 'auditor', permissions: ['trade'] })).status, 400);
  t.is((await exchange.operator.post('/api-keys', { permissions: ['view'] })).status, 400);
  t.is((await exchange.operator.post('/api-keys', { trader_id: 77_777, permissions: ['view'] })).status, 400);
});

const badBodies: [what: string, said: Record<string, unknown>, message: RegExp][] = [
  ['no permissions', { permissions: undefined }, /^Invalid permissions: /],
  ['an empty list', { permissions: [] }, /^Invalid permissions: must have at least one/],
  ['an unknown permission', { permissions: ['admin'] }, /^Invalid permissions.0: must be of view, trade/],
  [
    'a host as address',
    { allowed_addresses: ['example.org'] },
    /^Invalid allowed_addresses.0: must be an address/,
  ],
  [
    'too many bits',
    { allowed_addresses: ['10.0.0.0/33'] },
    /^Invalid allowed_addresses.0: must be an address/,
  ],
  [
    'a time that is past',
    { expires_at: '2020-01-01T00:00:00Z' },
    /^Invalid expires_at: must be an ISO 8601 time in the/,
  ],
  ['a long label', { label: 'x'.repeat(65) }, /^Invalid label: must be at most 64/],
];
for (const [what, said, message] of badBodies)
  test(`a key with ${what} is refused`, async (t) => {
    const { status, body } = await alice.post('/api-keys', { permissions: ['view'], ...said });
    t.is(status, 400);
    t.regex(body.message, message);
  });

const sealedPlaces = ['api_keys', 'people', 'webhooks', 'old webhooks'];
const everywhere = (key: string) => sealedPlaces.map((place) => `${place} ${key}`).sort();

/** With which sealing keys what is sealed, and where. */
async function sealedWith(): Promise<string[]> {
  const { rows } = await withPostgres(exchange.databaseUrl, (client) =>
    client.query<{ name: string }>(`
      select 'api_keys ' || sealed_with as name from api_keys
      union select 'people ' || totp_sealed_with from people where totp is not null
      union select 'webhooks ' || secret_sealed_with from webhooks
      union select 'old webhooks ' || old_secret_sealed_with from webhooks where old_secret is not null`),
  );
  return rows.map(({ name }) => name).sort();
}

const password = 'correct horse battery';

/** Of a person who logs in with it. */
async function addSecondFactor(): Promise<{ name: string; secret: string }> {
  const name = 'sealed-person';
  await exchange.anonymous.post('/traders', { name, password });
  const { token } = (await exchange.anonymous.post('/sessions', { name, password })).body;
  const person = createClient(exchange.baseUrl, token);
  const { secret } = (await person.post('/totp', { password })).body;
  const { status } = await person.post('/totp/confirm', { totp: new TOTP({ secret }).generate() });
  if (status !== 200) throw new Error(`the second factor is not on: ${status}`);
  return { name, secret };
}

/** With a new secret, and the old one. */
async function addWebhook(): Promise<void> {
  const { body } = await alice.post('/webhooks', { url: 'https://93.184.215.14/', events: ['order.done'] });
  const { status } = await alice.post(`/webhooks/${body.id}/secret`, {});
  if (status !== 200) throw new Error(`there is no webhook: ${JSON.stringify(body)}`);
}

// By itself: meanwhile the exchange cannot read the secrets of other keys.
test.serial('the script makes, lists and revokes keys, and seals them anew', async (t) => {
  const env = { DATABASE_URL: exchange.databaseUrl, SECRETS_KEY: sealingKey };
  const run = async (...args: string[]) => JSON.parse((await runScript('key', args, env)).stdout);
  const made = await run('create', '4', '--permissions', 'view', '--label', 'by script');
  const send = signedClient(exchange.baseUrl, made);
  t.is((await send('GET', '/orders')).status, 200);
  t.like((await run('list', '4'))[0], { key: made.key, label: 'by script', permissions: ['view'] });

  await addWebhook();
  const { name, secret } = await addSecondFactor();
  t.deepEqual(await sealedWith(), everywhere('test'));
  const rotated = `${newSealingKey('second')},${sealingKey}`;
  const resealed = await runScript('key', ['reseal'], { ...env, SECRETS_KEY: rotated });
  t.true(JSON.parse(resealed.stdout).sealed > 0);
  t.deepEqual(await sealedWith(), everywhere('second'));
  const port = await portOf(await exchange.start('api', { SECRETS_KEY: rotated, API_WORKERS: '1' }));
  t.is((await signedClient(`http://127.0.0.1:${port}`, made)('GET', '/orders')).status, 200);
  // The code of now was used when the second factor was turned on.
  const totp = new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 });
  const login = await createClient(`http://127.0.0.1:${port}`, null).post('/sessions', {
    ...{ name, password, totp },
  });
  t.is(login.status, 200, JSON.stringify(login.body));
  const back = await runScript('key', ['reseal'], {
    ...env,
    SECRETS_KEY: rotated.split(',').reverse().join(','),
  });
  t.true(JSON.parse(back.stdout).sealed > 0);
  t.is((await send('GET', '/orders')).status, 200);

  await run('revoke', made.key);
  await sleep(1_000);
  t.is((await send('GET', '/orders')).status, 401);
  const nobody = await runScript('key', ['revoke', made.key], env);
  t.regex(nobody.stderr, /There is no such key/);
  t.is(nobody.code, 1);
});

for (const [what, SECRETS_KEY] of [
  ['no sealing key', ''],
  ['another sealing key', newSealingKey('test')],
] as const)
  test(`a server with ${what} says that it is at fault, not the API key, and everything else works`, async (t) => {
    const plain = await exchange.start('api', { SECRETS_KEY, API_WORKERS: '1' });
    const url = `http://127.0.0.1:${await portOf(plain)}`;
    const refused = await signedClient(url, await newKey())('GET', '/orders');
    t.is(refused.status, 503);
    t.regex(refused.body.message, /^The server cannot read the secret of this API key/);
    await until(() => plain.lines.some((line) => line.includes('the secret of an API key cannot be read')));
    const unknown = { ...(await newKey()), key: '0'.repeat(32) };
    t.is((await signedClient(url, unknown)('GET', '/orders')).status, 401, 'of a key that there is not');
    t.is((await createClient(url, null).get('/time')).status, 200);
  });
