// What clients sent and what they were answered, kept outside of the exchange.

/** An order as a client meant it, in ticks and lots. The same one may be sent again by its client order id. */
export type Meant = {
  readonly traderId: number;
  readonly clientOid: string | null;
  readonly productId: string;
  readonly side: 'buy' | 'sell';
  readonly price: number | null;
};

/** What a request is for. */
export type What =
  | { readonly kind: 'place'; readonly orders: readonly Meant[]; readonly isAllOrNone: boolean }
  | { readonly kind: 'cancel' | 'amend' | 'read'; readonly orderId: string }
  | { readonly kind: 'cancel all' }
  | { readonly kind: 'status'; readonly productId: string; readonly status: 'auction' | 'online' }
  | {
      readonly kind: 'move';
      readonly transferId: string;
      readonly shard: string;
      /** In units of its currency. */
      readonly amount: number;
    }
  | {
      readonly kind: 'move between';
      readonly transferId: string;
      readonly fromShard: string;
      readonly toShard: string;
      readonly traderId: number;
      readonly toTraderId: number;
      readonly amount: number;
    };

/** What a trader is told of an order. */
export type Told = {
  readonly id: string;
  readonly status: string;
  readonly done_reason?: string;
  readonly filled_size: string;
  readonly executed_value: string;
};

export type Answer = { readonly status: number; readonly retryAfter: string | null; readonly body: unknown };

export type Sent = {
  readonly requestId: string;
  /** The kind of the last fault before it was sent. */
  readonly during: string;
  readonly what: What;
  /** Null if the connection broke before it came. */
  answer: Answer | null;
};

/** Why an order is refused that is as it should be, and what is answered then. */
const refusals = {
  insufficient_funds: 'Insufficient funds',
  price_collar: 'price is too far from the last trade',
  auction: 'Auction mode: the product takes limit orders now that may wait, and stop orders',
  all_or_none: 'Not placed: another order of the all-or-none batch was refused',
} as const;
export type Refused = { readonly refused: keyof typeof refusals };

export function isGood({ answer }: Sent): boolean {
  return answer !== null && answer.status < 300;
}

/** Nothing more comes of it: a transfer between shards that waits for one of them is answered 202. */
export function isFinal({ what, answer }: Sent): boolean {
  return answer !== null && answer.status < 500 && !(what.kind === 'move between' && answer.status === 202);
}

/** The answer says that nothing was done. */
export function saysNothingTaken({ answer }: Sent): boolean {
  return answer?.status === 503 && messageIn(answer.body)?.includes('nothing was taken') === true;
}

/** For want of money, for its price, in an auction, or with its batch; the order or movement is recorded as refused. */
export function refusalIn(body: unknown): Refused | null {
  const message = messageIn(body);
  const found = Object.entries(refusals).find(([, text]) => text === message);
  return found ? { refused: found[0] as Refused['refused'] } : null;
}

export function messageIn(body: unknown): string | null {
  const { message } = (body ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : null;
}

/** What is said of each order of a request, as far as it is said. */
export function toldOf({ what, answer }: Sent): (Told | Refused | null)[] {
  if (what.kind !== 'place') return [];
  const { orders } = what;
  if (answer === null || (answer.status >= 300 && !refusalIn(answer.body))) return orders.map(() => null);
  const { first_id: first, count } = answer.body as { first_id?: string; count?: number };
  if (count !== undefined) return orders.map((_, i) => (count === orders.length ? pending(first!, i) : null));
  return [answer.body]
    .flat()
    .map((one) => refusalIn(one) ?? (messageIn(one) === null ? (one as Told) : null));
}

function pending(first: string, i: number): Told {
  return { id: String(Number(first) + i), status: 'pending', filled_size: '0', executed_value: '0' };
}
