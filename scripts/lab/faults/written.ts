// Watches how far PostgreSQL is, as the writer says after each commit.

import { setTimeout as sleep } from 'node:timers/promises';
import { shardKeys } from '../../../core/keys.ts';
import { connectRestlessly } from '../../../core/redis.ts';
import type { StageServers } from './stage.ts';

const pollMs = 20;

/** Calls back whenever it is further than before. The answer ends the watch. */
export function watchWritten({ redis }: StageServers, shard: string, onWritten: () => void): () => void {
  const client = connectRestlessly(redis.url, pollMs, shard);
  client.on('error', () => {}); // it is away now and then
  let last = 0;
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const found = await client.hget(shardKeys(shard).state, 'persisted').catch(() => null);
      const written = Number(found);
      if (written > last) onWritten();
      last = Math.max(last, written);
      await sleep(pollMs);
    }
  };
  void watch();
  return () => {
    isOver = true;
    client.disconnect();
  };
}
