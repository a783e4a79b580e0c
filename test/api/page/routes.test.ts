import { gzipSync } from 'node:zlib';
import test from 'ava';
import { buildPage } from '../../../scripts/launcher/page.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';

let exchange: Exchange;
test.before(async () => {
  await buildPage();
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(exchange.baseUrl + path, { headers });

async function assets(): Promise<string[]> {
  const text = await (await get('/')).text();
  return [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
}

test('the page is served under a policy that lets nothing else in, and asked for anew each time', async (t) => {
  const answer = await get('/');
  t.is(answer.status, 200);
  t.regex(answer.headers.get('content-type')!, /^text\/html/);
  const policy = answer.headers.get('content-security-policy')!;
  t.regex(policy, /default-src 'none'/);
  t.notRegex(policy, /unsafe|\*|https?:/);
  t.is(answer.headers.get('cache-control'), 'no-cache');
  const etag = answer.headers.get('etag')!;
  // Without a word of its own, fetch asks past every cache.
  t.is((await get('/', { 'if-none-match': etag, 'cache-control': 'max-age=0' })).status, 304);
  t.notRegex(await answer.text(), /<script>|<style|onload=|style="/);
});

test('assets are kept for ever, and sent as small as the browser takes them', async (t) => {
  const paths = await assets();
  t.true(paths.length >= 2);
  let total = 0;
  for (const path of paths) {
    const plain = await get(path, { 'accept-encoding': 'identity' });
    t.regex(plain.headers.get('cache-control')!, /immutable/);
    total += gzipSync(Buffer.from(await plain.arrayBuffer())).length;
    t.is((await get(path, { 'accept-encoding': 'br' })).headers.get('content-encoding'), 'br');
    t.is((await get(path, { 'accept-encoding': 'gzip' })).headers.get('content-encoding'), 'gzip');
  }
  t.true(total <= 120 * 1_024, `${total} bytes gzipped`);
});

test('what is not built is not there, and no path leads out of the folder', async (t) => {
  for (const path of [
    '/assets/none.js',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e%2f.sources',
    '/assets/%00',
    '/index.html',
  ]) {
    const answer = await get(path);
    t.is(answer.status, 404, path);
    t.deepEqual(await answer.json(), { message: 'NotFound' });
  }
});

test('the page is told whether a session was brought, and whether anybody may enter as a demo trader', async (t) => {
  t.deepEqual(await (await get('/page/settings')).json(), { demo: false, sign_up: true, session: false });
  const cookie = 'cardstock_session=x';
  t.like(await (await get('/page/settings', { cookie })).json(), { session: true });
});
