import type { ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { openProxy, type TcpProxy } from '../../scripts/lab/faults/proxy.ts';

/** The tests' Redis, reached by its port through a proxy. */
export async function proxyRedis(
  t: ExecutionContext,
  redis: Redis,
): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
  const [, port] = (await redis.config('GET', 'port')) as string[];
  const proxy = await openProxy({ host: '127.0.0.1', port: Number(port) });
  t.teardown(() => proxy.close());
  const { password } = redis.options;
  return { proxy, url: `redis://${password ? `:${password}@` : ''}127.0.0.1:${proxy.port}` };
}
