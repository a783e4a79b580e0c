import type { Side, TimeInForce } from './order.ts';
import type { Funding, ProductStatus, SelfTradePrevention } from './product.ts';

/**
 * What was accepted, one line of text each. A command's sequence is not in its line: the entry that carries it has the
 * sequence of its first line as stream id, and its lines follow on from there.
 *
 *     place <trader> <product> <side> <price> <size> <funds> <time in force> <post|-> <stp> <client oid> <time> <request>
 *     cancel <trader> <order> <product> <time> <request>
 *     amend <trader> <order> <price> <size> <time> <request>
 *     product <product> <status> <version> <funding> <time> <request>
 *     deposit <trader> <currency> <amount> <transfer id> <time> <request>
 *     withdraw <trader> <currency> <amount> <transfer id> <time> <request>
 *     transfer <trader> <to trader> <currency> <amount> <transfer id> <time> <request>
 *
 * Prices are ticks, sizes lots, funds quote units, amounts units of their currency, times Unix milliseconds stamped by the
 * api; the request is the id of the HTTP request; `-` stands for none.
 */
export type Command = Place | Cancel | Amend | ProductChange | Deposit | Withdraw | Transfer;

/** What every command has. */
type Origin = { readonly time: number; readonly requestId: string | null };

/** A limit order has price and size; a market order has no price, and size or funds or both. */
export type Place = Origin & {
  readonly kind: 'place';
  readonly traderId: number;
  readonly productId: string;
  readonly side: Side;
  readonly price: number | null;
  readonly size: number | null;
  readonly funds: number | null;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly clientOid: string | null;
};

/** With a product, the order is canceled only if it is of that product. */
export type Cancel = Origin & {
  readonly kind: 'cancel';
  readonly traderId: number;
  readonly orderId: number;
  readonly productId: string | null;
};

/** `size` is the new total, filled part included; null keeps what the order has. */
export type Amend = Origin & {
  readonly kind: 'amend';
  readonly traderId: number;
  readonly orderId: number;
  readonly price: number | null;
  readonly size: number | null;
};

/** Announces a product row, new or changed, at a definite place in the sequence. */
export type ProductChange = Origin & {
  readonly kind: 'product';
  readonly productId: string;
  readonly status: ProductStatus;
  readonly version: number;
  readonly funding: Funding | null;
};

type Movement = Origin & {
  readonly traderId: number;
  readonly currency: string;
  readonly amount: number;
  readonly transferId: string;
};

/** Money from outside to a trader. */
export type Deposit = Movement & { readonly kind: 'deposit' };

/** Money from a trader to outside. */
export type Withdraw = Movement & { readonly kind: 'withdraw' };

/** Money from one trader to another. */
export type Transfer = Movement & { readonly kind: 'transfer'; readonly toTraderId: number };

export function encodeCommand(command: Command): string {
  return `${command.kind} ${encodeBody(command)} ${command.time} ${command.requestId ?? '-'}`;
}

function encodeBody(c: Command): string {
  switch (c.kind) {
    case 'place':
      return `${c.traderId} ${c.productId} ${c.side} ${c.price ?? '-'} ${c.size ?? '-'} ${c.funds ?? '-'} ${c.timeInForce} ${c.postOnly ? 'post' : '-'} ${c.selfTradePrevention} ${c.clientOid ?? '-'}`;
    case 'cancel':
      return `${c.traderId} ${c.orderId} ${c.productId ?? '-'}`;
    case 'amend':
      return `${c.traderId} ${c.orderId} ${c.price ?? '-'} ${c.size ?? '-'}`;
    case 'product':
      return `${c.productId} ${encodeProductRow(c)}`;
    case 'deposit':
    case 'withdraw':
      return `${c.traderId} ${c.currency} ${c.amount} ${c.transferId}`;
    case 'transfer':
      return `${c.traderId} ${c.toTraderId} ${c.currency} ${c.amount} ${c.transferId}`;
  }
}

/** What `{shard}:products` holds of a product: `<status> <version> <funding>`. */
export function encodeProductRow(row: Pick<ProductChange, 'status' | 'version' | 'funding'>): string {
  const f = row.funding;
  const funding = f ? `${f.baseCurrency}:${f.baseUnits}:${f.quoteCurrency}:${f.quoteUnits}` : '-';
  return `${row.status} ${row.version} ${funding}`;
}

/** Reads a command from the words of its line, which start at `words[at]`. Throws on an unknown verb. */
export function decodeCommand(words: readonly string[], at = 0): Command {
  const time = Number(words.at(-2));
  const requestId = text(words.at(-1)!);
  const kind = words[at];
  switch (kind) {
    case 'place':
      return {
        kind,
        traderId: Number(words[at + 1]),
        productId: words[at + 2]!,
        side: words[at + 3] as Side,
        price: number(words[at + 4]!),
        size: number(words[at + 5]!),
        funds: number(words[at + 6]!),
        timeInForce: words[at + 7] as TimeInForce,
        postOnly: words[at + 8] === 'post',
        selfTradePrevention: words[at + 9] as SelfTradePrevention,
        clientOid: text(words[at + 10]!),
        time,
        requestId,
      };
    case 'cancel':
      return { kind, ...whose(words, at), productId: text(words[at + 3]!), time, requestId };
    case 'amend':
      return {
        kind,
        ...whose(words, at),
        price: number(words[at + 3]!),
        size: number(words[at + 4]!),
        time,
        requestId,
      };
    case 'product':
      return { kind, ...decodeProduct(words, at), time, requestId };
    case 'deposit':
    case 'withdraw':
      return { kind, traderId: Number(words[at + 1]), ...decodeAmount(words, at + 2), time, requestId };
    case 'transfer':
      return { kind, ...between(words, at), ...decodeAmount(words, at + 3), time, requestId };
    default:
      throw new Error(`unknown command: ${words.slice(at).join(' ')}`);
  }
}

const text = (word: string): string | null => (word === '-' ? null : word);
const number = (word: string): number | null => (word === '-' ? null : Number(word));

const whose = (words: readonly string[], at: number) => ({
  traderId: Number(words[at + 1]),
  orderId: Number(words[at + 2]),
});

const between = (words: readonly string[], at: number) => ({
  traderId: Number(words[at + 1]),
  toTraderId: Number(words[at + 2]),
});

const decodeAmount = (words: readonly string[], at: number) => ({
  currency: words[at]!,
  amount: Number(words[at + 1]),
  transferId: words[at + 2]!,
});

function decodeProduct(
  words: readonly string[],
  at: number,
): Omit<ProductChange, 'kind' | 'time' | 'requestId'> {
  const [baseCurrency, baseUnits, quoteCurrency, quoteUnits] = words[at + 4]!.split(':');
  const funded = baseUnits !== undefined;
  return {
    productId: words[at + 1]!,
    status: words[at + 2] as ProductStatus,
    version: Number(words[at + 3]),
    funding: funded
      ? {
          baseCurrency: baseCurrency!,
          baseUnits: Number(baseUnits),
          quoteCurrency: quoteCurrency!,
          quoteUnits: Number(quoteUnits),
        }
      : null,
  };
}
