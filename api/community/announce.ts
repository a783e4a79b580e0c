import { sleep } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { Message } from './presentation.ts';
import { addEntry } from './stream.ts';

/** Tells every api process of a message that PostgreSQL has. Never throws. */
export type Announce = (product: ListedProduct, message: Message) => Promise<void>;

const retryMs = 1_000;

/** While Redis takes nothing, rooms are noted in which something was not told; once it does, all are told to read these again. */
export function createAnnounce({
  shards,
  log,
  stopping,
}: Pick<Api, 'shards' | 'log' | 'stopping'>): Announce {
  const untold = new Map<string, ListedProduct>();
  let isRetrying = false;
  const tell = ({ productId, shard }: ListedProduct, message: Message | null): Promise<void> =>
    addEntry(shards.named(shard).redis, shard, { productId, message });
  const retry = async (): Promise<void> => {
    isRetrying = true;
    while (untold.size > 0 && !stopping.aborted) {
      await sleep(retryMs, stopping);
      for (const product of [...untold.values()]) {
        untold.delete(product.productId);
        await tell(product, null).catch(() => untold.set(product.productId, product));
      }
    }
    isRetrying = false;
  };
  return async (product, message) => {
    try {
      await tell(product, message);
    } catch (error) {
      log.warn(
        { error: String(error), product: product.productId },
        'a message was not told; all will read it later',
      );
      untold.set(product.productId, product);
      if (!isRetrying) void retry();
    }
  };
}
