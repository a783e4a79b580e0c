import type { Credentials } from './credentials.ts';
import { OutcomeUnknown } from './errors.ts';
import { openFeed } from './feed.ts';
import { newClientOid } from './rest.ts';
import type { AmendOrder, Order, PlaceOrder, Refused } from './types.ts';

export type OrderEntryOptions = {
  /** `ws://127.0.0.1:3000/feed` */
  readonly url: string;
  readonly credentials?: Credentials;
  /** The exchange cancels the session's open orders when the socket ends. */
  readonly cancelOnDisconnect?: boolean;
  /** How long an order may wait for a lost socket to come back before it is given up as unknown. */
  readonly patienceMs?: number;
};

export type OrderEntry = ReturnType<typeof openOrderEntry>;

/** Orders by one socket: any number may be under way, each is answered when it is decided. */
export function openOrderEntry(options: OrderEntryOptions) {
  const { patienceMs = 15_000, cancelOnDisconnect } = options;
  let opened = Promise.withResolvers<void>();
  let refused: string | null = null;
  const feed = openFeed({
    url: options.url,
    ...(options.credentials ? { credentials: options.credentials } : {}),
    logon: cancelOnDisconnect === undefined ? {} : { cancel_on_disconnect: cancelOnDisconnect },
    onState: (state, why) => {
      if (state === 'open') {
        refused = null;
        opened.resolve();
      } else if (state === 'closed') {
        refused = why;
        opened = renewed(opened);
      }
    },
  });

  /** What may be sent again is sent again when the socket is back; the exchange takes an order once by its `client_oid`. */
  async function again<T>(method: string, params: unknown): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      await within(opened.promise, deadline - Date.now(), () => refused);
      try {
        return await feed.call<T>(method, params);
      } catch (error) {
        if (!(error instanceof OutcomeUnknown) || Date.now() >= deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  return {
    placeOrder: (order: PlaceOrder) => again<Order>('order.place', { client_oid: newClientOid(), ...order }),
    placeBatch: (orders: readonly PlaceOrder[]) =>
      again<(Order | Refused)[]>(
        'order.batch',
        orders.map((order) => ({ client_oid: newClientOid(), ...order })),
      ),
    /** Places all of them, or none if one is refused: limit orders of products that one shard has. */
    placeAllOrNone: (orders: readonly PlaceOrder[]) =>
      again<(Order | Refused)[]>('order.batch', {
        all_or_none: true,
        orders: orders.map((order) => ({ client_oid: newClientOid(), ...order })),
      }),
    amendOrder: (id: string, change: AmendOrder) => again<Order>('order.amend', { id, ...change }),
    order: (id: string) => again<Order>('order.get', { id }),
    /** Not sent again: a second cancel is refused, and would hide that the first was done. */
    cancelOrder: (id: string) => feed.call<string>('order.cancel', { id }),
    cancelAll: (productId?: string) =>
      again<string[]>('order.cancelAll', productId === undefined ? {} : { product_id: productId }),
    close: feed.close,
  };
}

function renewed(opened: PromiseWithResolvers<void>): PromiseWithResolvers<void> {
  const next = Promise.withResolvers<void>();
  // Whoever waits already goes on waiting, for the next one.
  next.promise.then(opened.resolve);
  return next;
}

async function within(promise: Promise<void>, ms: number, why: () => string | null): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new OutcomeUnknown(`the socket is not open: ${why() ?? 'no answer'}`)),
      ms,
    );
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
