// Sockets on `full` of each product, that look on while something else is measured.

import { setTimeout as sleep } from 'node:timers/promises';
import type { PrivateExchange } from '../../exchange.ts';
import type { ProductShare } from '../options.ts';
import { startTool } from '../tool.ts';
import type { Watched, WatchOptions } from './watch.ts';

type Looking = { readonly subscribers: number; readonly products: readonly ProductShare[] };

/** What was sent last is on its way for some milliseconds. */
const settlingMs = 1_000;

/** Works while they look on, and says how many messages they were sent; null if there are none. */
export async function withSubscribers<T>(
  { port }: PrivateExchange,
  { subscribers: sockets, products }: Looking,
  work: () => Promise<T>,
): Promise<{ readonly done: T; readonly told: number | null }> {
  if (sockets === 0) return { done: await work(), told: null };
  const tool = startTool('feed/watch.ts');
  try {
    for (const { productId } of products) {
      const open: WatchOptions = { port, sockets, productId, channels: ['full'], isTimed: false };
      await tool.ask({ open });
    }
    await tool.ask({ reset: true });
    const done = await work();
    await sleep(settlingMs);
    const { messages } = (await tool.ask({ read: true })) as Watched;
    return { done, told: messages };
  } finally {
    await tool.stop();
  }
}
