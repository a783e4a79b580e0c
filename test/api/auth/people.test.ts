import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { TOTP } from 'otpauth';
import { newSealingKey } from '../../../core/sealing.ts';
import { issueToken } from '../../../sql/tokens.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { type Answer, type Client, createClient } from '../../support/http.ts';
import { startMailServer } from '../../support/mail.ts';
import { portOf } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;

test.before(async () => {
  exchange = await startExchange({ env: { DEMO_LOGIN: 'on', CORS_ORIGINS: 'https://pages.example' } });
});
test.after.always(() => exchange?.stop());

const password = 'correct horse battery';
let names = 0;

async function signUp(said: Record<string, unknown> = {}): Promise<{ name: string; trader_id: string }> {
  const name = `person-${++names}`;
  const { status, body } = await exchange.anonymous.post('/traders', { name, password, ...said });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

function logIn(name: string, said: Record<string, unknown> = {}): Promise<Answer> {
  return exchange.anonymous.post('/sessions', { name, password, ...said });
}

async function person(): Promise<{ name: string; traderId: string; token: string; client: Client }> {
  const { name, trader_id: traderId } = await signUp();
  const { token } = (await logIn(name)).body;
  return { name, traderId, token, client: createClient(exchange.baseUrl, token) };
}

const order = { product_id: 'BULBASAUR-USD', side: 'buy', price: '1.00', size: '1' };

test('whoever signs up is a new trader, logs in, and trades', async (t) => {
  const { name, trader_id: traderId } = await signUp();
  t.true(Number(traderId) > 10_000);
  const { status, body, headers } = await logIn(name.toUpperCase());
  t.is(status, 200);
  t.like(body, { trader_id: traderId, role: 'trader', name, current: true });
  t.regex(
    headers.get('set-cookie')!,
    new RegExp(`^cardstock_session=${body.token}; path=/; expires=.*; samesite=strict; httponly$`),
  );
  const client = createClient(exchange.baseUrl, body.token);
  const placed = await client.post('/orders', order);
  t.like(placed.body, { status: 'open', profile_id: traderId });
  t.is((await exchange.operator.get(`/orders/${placed.body.id}?trader_id=${traderId}`)).status, 200);
});

const refusedSignUps: [what: string, said: Record<string, unknown>, status: number, message: RegExp][] = [
  ['a short password', { password: 'short' }, 400, /^Invalid password: must have at least 8 letters/],
  ['no password', { password: undefined }, 400, /^Invalid password: required/],
  ['an empty name', { name: '' }, 400, /^Invalid name: must be 1 to 64/],
  ['a name with a line break', { name: 'a\nb' }, 400, /^Invalid name: must be 1 to 64/],
  ['a name that is markup', { name: '<b>' }, 400, /^Invalid name: must be 1 to 64/],
  ['a role of its own', { role: 'operator' }, 401, /CB-ACCESS-KEY header is required/],
  ['a trader of its own', { trader_id: 1 }, 401, /CB-ACCESS-KEY header is required/],
];
for (const [what, said, status, message] of refusedSignUps)
  test(`nobody signs up with ${what}`, async (t) => {
    const answer = await exchange.anonymous.post('/traders', { name: 'refused', password, ...said });
    t.is(answer.status, status);
    t.regex(answer.body.message, message);
  });

test('a name is taken once, whatever its case, also by many at once', async (t) => {
  const name = 'Unique';
  const answers = await Promise.all(
    ['Unique', 'unique', 'UNIQUE', 'uniquE'].map((name) =>
      exchange.anonymous.post('/traders', { name, password }),
    ),
  );
  t.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400, 400]);
  t.regex((await exchange.anonymous.post('/traders', { name, password })).body.message, /it is taken/);
});

test('an operator makes staff, and logins for traders there are; nobody else does', async (t) => {
  const { operator } = exchange;
  t.deepEqual((await operator.post('/traders', { name: 'auditor-1', password, role: 'auditor' })).body, {
    name: 'auditor-1',
    role: 'auditor',
  });
  const auditor = createClient(exchange.baseUrl, (await logIn('auditor-1')).body.token);
  t.is((await auditor.get('/orders?trader_id=5')).status, 200);
  t.is((await auditor.post('/orders', { ...order, trader_id: 5 })).status, 403);
  t.is(
    (await auditor.post('/password', { old_password: password, new_password: 'another one' })).status,
    200,
  );
  const five = await operator.post('/traders', { name: 'five', password, trader_id: 5 });
  t.deepEqual(five.body, { trader_id: '5', name: 'five', role: 'trader' });
  t.is((await operator.post('/traders', { name: 'five-2', password, trader_id: 5 })).status, 400);
  t.is((await operator.post('/traders', { name: 'no', password, trader_id: 99_999 })).status, 400);
  const { client } = await person();
  t.is((await client.post('/traders', { name: 'no', password, role: 'operator' })).status, 403);
});

test('sign-up can be turned off', async (t) => {
  const closed = await exchange.start('api', { SIGN_UP: 'off', DEMO_LOGIN: 'off' });
  const url = `http://127.0.0.1:${await portOf(closed)}`;
  t.is((await createClient(url, null).post('/traders', { name: 'late', password })).status, 401);
  t.is((await createClient(url, null).post('/sessions/demo', {})).status, 404);
  const answer = await createClient(url, await issueToken(exchange.databaseUrl, 'operator')).post(
    '/traders',
    {
      name: 'by-operator',
      password,
    },
  );
  t.is(answer.status, 200);
});

test('an address signs up so often, and others may go on', async (t) => {
  const busy = await exchange.start('api', { API_WORKERS: '1', TRUSTED_PROXIES: '1' });
  const anybody = createClient(`http://127.0.0.1:${await portOf(busy)}`, null);
  const { name } = await signUp();
  const trySignUp = (from: string) =>
    anybody.post('/traders', { name, password }, { 'x-forwarded-for': from });
  const tried = await Promise.all(Array.from({ length: 60 }, () => trySignUp('192.0.2.1')));
  const limited = tried.filter(({ status }) => status === 429);
  t.is(limited.length, 10);
  t.is(limited[0]!.body.message, 'Too many attempts; try again later');
  t.is((await trySignUp('192.0.2.2')).status, 400, 'its name is taken');
});

test('who guesses is told nothing, and is slowed down; the right password still counts from elsewhere', async (t) => {
  const { name } = await person();
  const wrong = await logIn(name, { password: 'wrong password' });
  const unknown = await logIn('nobody-at-all', { password: 'wrong password' });
  t.deepEqual([wrong.status, wrong.body], [unknown.status, unknown.body]);
  t.is(wrong.status, 401);
  const guesses = await Promise.all(
    Array.from({ length: 40 }, (_, i) => logIn(name, { password: `guess number ${i}` })),
  );
  const limited = guesses.filter(({ status }) => status === 429);
  t.true(limited.length >= 30, `${limited.length} of 40`);
  t.true(Number(limited[0]!.headers.get('retry-after')) > 0);
  t.is(limited[0]!.body.message, 'Too many attempts; try again later');
  t.is((await logIn(name)).status, 429, 'the guesser may not know that it was right');
});

test('sessions are listed and ended, one by one or all at once', async (t) => {
  const { name, client } = await person();
  const other = (await logIn(name)).body;
  const third = (await logIn(name)).body;
  const { body } = await client.get('/sessions');
  t.is(body.length, 3);
  t.deepEqual(body.filter(({ current }: { current: boolean }) => current).length, 1);
  t.false(JSON.stringify(body).includes(other.token));
  t.deepEqual((await client.delete(`/sessions/${other.id}`)).body, [other.id]);
  await sleep(1_000);
  t.is((await createClient(exchange.baseUrl, other.token).get('/orders')).status, 401);
  const stranger = await person();
  t.is((await stranger.client.delete(`/sessions/${third.id}`)).status, 404);
  t.is((await client.get('/sessions/current')).body.name, name);
  t.is((await client.delete('/sessions')).body.length, 2);
  await sleep(1_000);
  for (const token of [third.token])
    t.is((await createClient(exchange.baseUrl, token).get('/orders')).status, 401);
  t.is((await client.get('/orders')).status, 401);
  t.is((await stranger.client.get('/orders')).status, 200);
});

test('a login draws a new token, whatever token the request carried', async (t) => {
  const { name, token } = await person();
  const { status, body } = await exchange.anonymous.post(
    '/sessions',
    { name, password },
    { cookie: `cardstock_session=${token}` },
  );
  t.is(status, 200);
  t.not(body.token, token);
  t.is((await createClient(exchange.baseUrl, body.token).get('/orders')).status, 200);
  const planted = await exchange.anonymous.get('/orders', {
    cookie: 'cardstock_session=planted-by-somebody',
  });
  t.is(planted.status, 401);
});

test('the cookie works from its own pages only', async (t) => {
  const { token } = await person();
  const cookie = `cardstock_session=${token}`;
  const { send, get } = exchange.anonymous;
  t.is((await get('/orders', { cookie })).status, 200);
  const place = (headers: Record<string, string>) =>
    send('POST', '/orders', JSON.stringify(order), { cookie, ...headers }).then(({ status }) => status);
  t.is(await place({ origin: exchange.baseUrl }), 200);
  t.is(await place({ origin: 'https://pages.example' }), 200);
  t.is(await place({ 'sec-fetch-site': 'same-origin' }), 200);
  t.is(await place({ origin: 'https://evil.example' }), 403);
  t.is(await place({ origin: 'null' }), 403);
  t.is(await place({ 'sec-fetch-site': 'cross-site' }), 403);
  t.is(await place({}), 403);
});

test('pages of named origins are answered with their cookie, and others are not', async (t) => {
  const preflight = (origin: string) =>
    fetch(`${exchange.baseUrl}/orders`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'content-type',
      },
    });
  const named = await preflight('https://pages.example');
  t.is(named.status, 204);
  t.is(named.headers.get('access-control-allow-origin'), 'https://pages.example');
  t.is(named.headers.get('access-control-allow-credentials'), 'true');
  t.regex(named.headers.get('access-control-allow-methods')!, /DELETE/);
  t.is((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
  const { headers } = await exchange.anonymous.get('/time', { origin: 'https://pages.example' });
  t.regex(headers.get('access-control-expose-headers')!, /CB-BEFORE,CB-AFTER/);
  const open = await exchange.start('api', { CORS_ORIGINS: '*' });
  const answer = await fetch(`http://127.0.0.1:${await portOf(open)}/time`, {
    headers: { origin: 'https://any' },
  });
  t.is(answer.headers.get('access-control-allow-origin'), '*');
  t.is(answer.headers.get('access-control-allow-credentials'), null);
});

test('a new password ends the other sessions, and needs the old one', async (t) => {
  const { name, client } = await person();
  const other = (await logIn(name)).body;
  t.is((await client.post('/password', { old_password: 'not this', new_password: 'a new one' })).status, 401);
  const changed = await client.post('/password', { old_password: password, new_password: 'a new password' });
  t.is(changed.status, 200);
  await sleep(1_000);
  t.is((await client.get('/orders')).status, 200);
  t.is((await createClient(exchange.baseUrl, other.token).get('/orders')).status, 401);
  t.is((await logIn(name)).status, 401);
  t.is((await logIn(name, { password: 'a new password' })).status, 200);
  const byToken = await exchange.trader(9);
  const refused = await byToken.post('/password', { old_password: password, new_password: 'a new password' });
  t.deepEqual([refused.status, refused.body.message], [403, 'Log in by name and password to do this']);
});

test('an operator passes on a link that sets a password once', async (t) => {
  const { name, client } = await person();
  const path = `/people/${name}/password-resets`;
  t.is((await client.post(path, {})).status, 403);
  const first = (await exchange.operator.post(path, {})).body;
  const { token, link } = (await exchange.operator.post(path, {})).body;
  t.true(link.endsWith(`/#reset=${token}`), 'a fragment is not sent to any server');
  const redeem = (token: string) =>
    exchange.anonymous.post('/password-resets/redeem', { token, password: 'set by link' });
  t.is((await redeem(first.token)).status, 400, 'a later link replaces an earlier one');
  t.is((await redeem(token)).status, 200);
  t.is((await redeem(token)).status, 400);
  await sleep(1_000);
  t.is((await client.get('/orders')).status, 401);
  t.is((await logIn(name, { password: 'set by link' })).status, 200);
  const seeded = await exchange.operator.post('/people/seeded/password-resets', { trader_id: 6 });
  t.like(seeded.body, { trader_id: '6', name: 'seeded' });
  t.is((await exchange.operator.post('/people/never/password-resets', {})).status, 404);
  t.is((await exchange.anonymous.post('/password-resets', { name })).status, 503, 'there is no mail');
});

test('where mail is sent, a link goes to whoever has an address as name, and the answer tells nothing', async (t) => {
  const mails = await startMailServer();
  t.teardown(mails.close);
  const api = await exchange.start('api', { SMTP_URL: mails.url, PUBLIC_URL: 'https://cards.example' });
  const { post } = createClient(`http://127.0.0.1:${await portOf(api)}`, null);
  await signUp({ name: 'somebody@mail.example' });
  const known = await post('/password-resets', { name: 'somebody@mail.example' });
  const unknown = await post('/password-resets', { name: 'nobody@mail.example' });
  t.deepEqual([known.status, known.body], [unknown.status, unknown.body]);
  t.is(known.status, 202);
  const mail = await mails.next();
  t.regex(mail, /^To: somebody@mail.example/m);
  const [, token] = /https:\/\/cards\.example\/#reset=(?:3D)?([\w-]{32})/.exec(mail.replace(/=\r\n/g, ''))!;
  t.is((await post('/password-resets/redeem', { token, password: 'set by mail' })).status, 200);
  t.is(mails.received(), 1);
});

test('a second factor is asked for once it is on; its codes and recovery codes are good once', async (t) => {
  const { name, client } = await person();
  t.is((await client.post('/totp', { password: 'not this one' })).status, 401);
  const { secret, url } = (await client.post('/totp', { password })).body;
  t.regex(url, /^otpauth:\/\/totp\/Cardstock:/);
  t.is((await logIn(name)).status, 200, 'it is not on before a code was shown');
  const totp = new TOTP({ secret });
  const codeIn = (seconds: number) => totp.generate({ timestamp: Date.now() + seconds * 1_000 });
  t.is((await client.post('/totp/confirm', { totp: '000000' })).status, 400);
  const code = codeIn(0);
  const { recovery_codes: recovery } = (await client.post('/totp/confirm', { totp: code })).body;
  t.is(new Set(recovery).size, 10);
  const without = await logIn(name);
  t.deepEqual([without.status, without.body.message], [401, 'totp is required']);
  t.is((await logIn(name, { totp: code })).status, 401, 'it was used');
  t.is((await logIn(name, { totp: codeIn(30) })).status, 200);
  const twice = await Promise.all([1, 2].map(() => logIn(name, { totp: recovery[0] })));
  t.deepEqual(twice.map(({ status }) => status).sort(), [200, 401]);
  const off = await client.send('DELETE', '/totp', JSON.stringify({ password, totp: recovery[1] }));
  t.is(off.status, 200, JSON.stringify(off.body));
  t.is((await logIn(name)).status, 200);
});

for (const [what, SECRETS_KEY] of [
  ['no sealing key', ''],
  ['another sealing key', newSealingKey('test')],
] as const)
  test(`a server with ${what} says that it is at fault, not the second factor, which stays on`, async (t) => {
    const { name, client } = await person();
    const { secret } = (await client.post('/totp', { password })).body;
    const code = () => new TOTP({ secret }).generate();
    const confirmed = await client.post('/totp/confirm', { totp: code() });
    t.is(confirmed.status, 200, JSON.stringify(confirmed.body));
    const recovery = confirmed.body.recovery_codes;
    const plain = await exchange.start('api', { SECRETS_KEY, API_WORKERS: '1' });
    const anybody = createClient(`http://127.0.0.1:${await portOf(plain)}`, null);
    const refused = await anybody.post('/sessions', { name, password, totp: '123456' });
    t.is(refused.status, 503);
    t.regex(refused.body.message, /^The server cannot read this second factor: its SECRETS_KEY is missing/);
    t.is((await anybody.post('/sessions', { name, password })).body.message, 'totp is required');
    await until(() => plain.lines.some((line) => line.includes('a second factor cannot be read')));
    const withRecovery = await anybody.post('/sessions', { name, password, totp: recovery[0] });
    t.is(withRecovery.status, 200, 'recovery codes are not sealed');
  });

test('whoever has all of an API key may have a session that may do no more', async (t) => {
  const { client } = await person();
  const key = (await client.post('/api-keys', { permissions: ['view'] })).body;
  const { secret, passphrase } = key;
  const login = (said: object) =>
    exchange.anonymous.post('/sessions', { key: key.key, secret, passphrase, ...said });
  t.is((await login({ passphrase: 'wrong' })).status, 401);
  t.is((await login({ secret: Buffer.from('wrong').toString('base64') })).status, 401);
  const { status, body } = await login({});
  t.is(status, 200);
  t.deepEqual(body.permissions, ['view']);
  const session = createClient(exchange.baseUrl, body.token);
  t.is((await session.get('/orders')).status, 200);
  t.is((await session.post('/orders', order)).status, 401);
  await client.delete(`/api-keys/${key.id}`);
  await sleep(1_000);
  t.is((await session.get('/orders')).status, 401, 'it ends with its key');
});

test('a private exchange logs in as a demo trader at once, and never for the page of another site', async (t) => {
  const demo = (headers: Record<string, string> = {}, body: unknown = {}) =>
    exchange.anonymous.post('/sessions/demo', body, headers);
  const { status, body } = await demo();
  t.deepEqual([status, body.trader_id], [200, '1']);
  t.is((await demo({ origin: exchange.baseUrl }, { trader_id: 2 })).body.trader_id, '2');
  t.is((await demo({ origin: 'https://pages.example' })).status, 403);
  t.is((await demo({}, { trader_id: 77 })).status, 400);
});
