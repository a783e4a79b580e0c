import type { SocketMessage } from '@cardstock/client/socket';
import { signal } from '@preact/signals';
import { feed } from './session.ts';

/** What the auction of the product on the screen would come to, or came to as it ended. */
export type Auction = {
  readonly auction_state: 'collection' | 'suspended' | 'complete';
  readonly open_price: string | null;
  readonly open_size: string;
  readonly imbalance_side: 'buy' | 'sell' | null;
  readonly imbalance_size: string;
};

/** An opening is shown for so long. */
const openingMs = 60_000;

export const auction = signal<Auction | null>(null);

/** Follows a product's auctions. Returns what ends it. */
export function watchAuction(productId: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (now: Auction | null): void => {
    clearTimeout(timer);
    auction.value = now;
    if (now?.auction_state === 'complete') timer = setTimeout(show, openingMs, null);
  };
  show(null);
  const end = feed.subscribe({
    channel: 'auction',
    productIds: [productId],
    onMessage: (message: SocketMessage) => show(message as unknown as Auction),
    // If it still goes on, it is told again.
    onReset: () => show(null),
  });
  return () => {
    end();
    show(null);
  };
}
