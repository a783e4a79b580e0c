import type { Side, TimeInForce } from './order.ts';
import type { ProductStatus, SelfTradePrevention } from './product.ts';

/**
 * What was accepted, one line of text each. A command's sequence is not in its line: the entry that carries it has the
 * sequence of its first line as stream id, and its lines follow on from there.
 *
 *     place <trader> <product> <side> <price> <size> <funds> <time in force> <post|-> <stp> <time> <client oid>
 *     cancel <trader> <order> <product> <time>
 *     amend <trader> <order> <price> <size> <time>
 *     product <product> <status> <version> <time>
 *
 * Prices are ticks, sizes lots, funds quote units, times Unix milliseconds stamped by the api; `-` stands for none.
 */
export type Command = Place | Cancel | Amend | ProductChange;

/** A limit order has price and size; a market order has no price, and size or funds or both. */
export type Place = {
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
  readonly time: number;
  readonly clientOid: string | null;
};

/** With a product, the order is canceled only if it is of that product. */
export type Cancel = {
  readonly kind: 'cancel';
  readonly traderId: number;
  readonly orderId: number;
  readonly productId: string | null;
  readonly time: number;
};

/** `size` is the new total, filled part included; null keeps what the order has. */
export type Amend = {
  readonly kind: 'amend';
  readonly traderId: number;
  readonly orderId: number;
  readonly price: number | null;
  readonly size: number | null;
  readonly time: number;
};

/** Announces a product row, new or changed, at a definite place in the sequence. */
export type ProductChange = {
  readonly kind: 'product';
  readonly productId: string;
  readonly status: ProductStatus;
  readonly version: number;
  readonly time: number;
};

export function encodeCommand(command: Command): string {
  const c = command;
  switch (c.kind) {
    case 'place':
      return `place ${c.traderId} ${c.productId} ${c.side} ${c.price ?? '-'} ${c.size ?? '-'} ${c.funds ?? '-'} ${c.timeInForce} ${c.postOnly ? 'post' : '-'} ${c.selfTradePrevention} ${c.time} ${c.clientOid ?? '-'}`;
    case 'cancel':
      return `cancel ${c.traderId} ${c.orderId} ${c.productId ?? '-'} ${c.time}`;
    case 'amend':
      return `amend ${c.traderId} ${c.orderId} ${c.price ?? '-'} ${c.size ?? '-'} ${c.time}`;
    case 'product':
      return `product ${c.productId} ${c.status} ${c.version} ${c.time}`;
  }
}

/** Reads a command from the words of its line, which start at `words[at]`. Throws on an unknown verb. */
export function decodeCommand(words: readonly string[], at = 0): Command {
  const word = (offset: number): string => words[at + offset]!;
  const number = (offset: number): number => Number(words[at + offset]);
  const optional = (offset: number): number | null => (word(offset) === '-' ? null : number(offset));
  switch (words[at]) {
    case 'place':
      return {
        kind: 'place',
        traderId: number(1),
        productId: word(2),
        side: word(3) as Side,
        price: optional(4),
        size: optional(5),
        funds: optional(6),
        timeInForce: word(7) as TimeInForce,
        postOnly: word(8) === 'post',
        selfTradePrevention: word(9) as SelfTradePrevention,
        time: number(10),
        clientOid: word(11) === '-' ? null : word(11),
      };
    case 'cancel': {
      const productId = word(3) === '-' ? null : word(3);
      return { kind: 'cancel', traderId: number(1), orderId: number(2), productId, time: number(4) };
    }
    case 'amend':
      return {
        kind: 'amend',
        traderId: number(1),
        orderId: number(2),
        price: optional(3),
        size: optional(4),
        time: number(5),
      };
    case 'product': {
      const status = word(2) as ProductStatus;
      return { kind: 'product', productId: word(1), status, version: number(3), time: number(4) };
    }
    default:
      throw new Error(`unknown command: ${words.slice(at).join(' ')}`);
  }
}
