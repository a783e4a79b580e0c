import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import test from 'ava';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce, connectPatiently } from '../../core/redis.ts';
import { proxyRedis } from '../support/proxied-redis.ts';
import { useRedis } from '../support/redis.ts';

const run = promisify(execFile);
const log = createLog('test', 'silent');
const { redis, newShard } = useRedis();
const timeoutMs = 1_000;

/** What was sent on the silent connection fails with it; asks until there is another one. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await wait(20);
    }
  }
}

test('texts are as fast with ioredis as without', async (t) => {
  const look =
    "await import('./core/redis.ts'); console.log(new Function('return %HasFastProperties(String.prototype)')())";
  const { stdout } = await run(process.execPath, [
    '--allow-natives-syntax',
    '--input-type=module',
    '-e',
    look,
  ]);
  t.is(stdout.trim(), 'true');
});

test('a read that blocks goes on after its connection fell silent', async (t) => {
  const { proxy, url } = await proxyRedis(t, redis);
  const reader = await connected(connectPatiently(url, log, { timeoutMs }));
  t.teardown(() => reader.disconnect());
  const stream = newShard();
  const read = reader.xread('COUNT', 1, 'BLOCK', 60_000, 'STREAMS', stream, '0');
  proxy.silence();
  await redis.xadd(stream, '*', 'a', 'b');
  t.is((await read)?.[0]?.[0], stream);
  await redis.del(stream);
});

test('a command whose connection fell silent fails and is not sent again, and the next one is answered', async (t) => {
  const { proxy, url } = await proxyRedis(t, redis);
  const once = await connected(connectOnce(url, log, { timeoutMs }));
  t.teardown(() => once.disconnect());
  const key = newShard();
  const sprung = proxy.spring({ pattern: 'incr', loses: 'answer' }, AbortSignal.timeout(10_000));
  await t.throwsAsync(once.incr(key));
  await sprung;
  t.is(await answered(() => once.get(key)), '1');
  await redis.del(key);
});

test('a connection that is quiet, since nothing is asked, stays', async (t) => {
  const { url } = await proxyRedis(t, redis);
  const once = await connected(connectOnce(url, log, { timeoutMs }));
  t.teardown(() => once.disconnect());
  await once.ping();
  const id = await once.client('ID');
  await wait(2 * timeoutMs);
  t.is(await once.client('ID'), id);
});
