import { type Side, sides, type TimeInForce, timesInForce } from '../order.ts';
import {
  type Funding,
  noRules,
  type ProductRules,
  type ProductStatus,
  productStatuses,
  type SelfTradePrevention,
  selfTradePreventions,
} from '../product.ts';
import { Words } from './words.ts';

/**
 * What was accepted, one line of text each. A command's sequence is not in its line: the entry that carries it has the
 * sequence of its first line as stream id, and its lines follow on from there.
 *
 *     place <trader> <product> <side> <price> <size> <funds> <time in force> <post|-> <stp> <client oid> <time> <request>
 *     cancel <trader> <order> <product> <time> <request>
 *     amend <trader> <order> <price> <size> <time> <request>
 *     product <product> <status> <version> <funding> [<rules>] <time> <request>
 *     deposit <trader> <currency> <amount> <transfer id> <time> <request>
 *     withdraw <trader> <currency> <amount> <transfer id> <time> <request>
 *     transfer <trader> <to trader> <currency> <amount> <transfer id> <time> <request>
 *
 * Prices are ticks, sizes lots, funds quote units, amounts units of their currency, times Unix milliseconds stamped by the
 * api; the request is the id of the HTTP request; `-` stands for none. Rules are `<name>:<number>` with commas between.
 *
 * What was written once is read for ever. Before there was money, lines ended otherwise:
 *
 *     place … <stp> <time> <client oid>
 *     cancel … <time>, amend … <time>
 *     product <product> <status> <version> <time>
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
  readonly rules: ProductRules;
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

/** What `{shard}:products` holds of a product: `<status> <version> <funding>`, and `<rules>` if there are any. */
export function encodeProductRow(row: ProductRow): string {
  const f = row.funding;
  const funding = f ? `${f.baseCurrency}:${f.baseUnits}:${f.quoteCurrency}:${f.quoteUnits}` : '-';
  const rules = encodeRules(row.rules);
  return `${row.status} ${row.version} ${funding}${rules && ` ${rules}`}`;
}

type ProductRow = Pick<ProductChange, 'status' | 'version' | 'funding' | 'rules'>;

/** The words of rules, in the order in which they are written. */
const ruleWords: Readonly<Record<keyof ProductRules, string>> = { maxMakers: 'makers', maxSize: 'size' };
const ruleNames = Object.keys(ruleWords) as (keyof ProductRules)[];

function encodeRules(rules: ProductRules): string {
  const known = ruleNames.filter((name) => rules[name] !== null);
  return known.map((name) => `${ruleWords[name]}:${rules[name]}`).join(',');
}

function readRules(text: string): ProductRules {
  const rules: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [word, value] = part.split(':');
    const name = ruleNames.find((known) => ruleWords[known] === word);
    if (!name) throw new Error(`unknown rule: ${part}`);
    rules[name] = Number(value);
  }
  return { ...noRules, ...rules };
}

/** Reads a command from its line. Throws on what is none. */
export function decodeCommand(line: string): Command {
  return readCommand(new Words(line));
}

export const commandKinds = [
  'place',
  'cancel',
  'amend',
  'product',
  'deposit',
  'withdraw',
  'transfer',
] as const satisfies readonly Command['kind'][];

/** Reads the line of a command from where it begins. */
export function readCommand(words: Words): Command {
  const kind = words.oneOf(commandKinds);
  switch (kind) {
    case 'place':
      return readPlace(words);
    case 'cancel':
      return { kind, ...readWhose(words), productId: words.textOrNull(), ...readOrigin(words) };
    case 'amend':
      return {
        kind,
        ...readWhose(words),
        price: words.numberOrNull(),
        size: words.numberOrNull(),
        ...readOrigin(words),
      };
    case 'product':
      return { kind, ...readProduct(words), ...readOrigin(words) };
    case 'deposit':
    case 'withdraw':
      return { kind, traderId: words.number(), ...readAmount(words), ...readOrigin(words) };
    case 'transfer':
      return {
        kind,
        traderId: words.number(),
        toTraderId: words.number(),
        ...readAmount(words),
        ...readOrigin(words),
      };
    case null:
      throw new Error(`unknown command: ${words.rest()}`);
  }
}

/** Nearly every command is a place. Its fields are named one by one, since spreading takes several times as long. */
function readPlace(words: Words): Place {
  const traderId = words.number();
  const productId = words.text();
  const side = words.among(sides);
  const price = words.numberOrNull();
  const size = words.numberOrNull();
  const funds = words.numberOrNull();
  const timeInForce = words.among(timesInForce);
  const postOnly = words.text() === 'post';
  const selfTradePrevention = words.among(selfTradePreventions);
  const next = words.textOrNull();
  const isOld = words.atLastWord();
  return {
    kind: 'place',
    traderId,
    productId,
    side,
    price,
    size,
    funds,
    timeInForce,
    postOnly,
    selfTradePrevention,
    clientOid: isOld ? words.textOrNull() : next,
    time: isOld ? Number(next) : words.number(),
    requestId: isOld ? null : words.textOrNull(),
  };
}

function readOrigin(words: Words): Origin {
  const time = words.number();
  return { time, requestId: words.atLineStart() ? null : words.textOrNull() };
}

const readWhose = (words: Words) => ({ traderId: words.number(), orderId: words.number() });

const readAmount = (words: Words) => ({
  currency: words.text(),
  amount: words.number(),
  transferId: words.text(),
});

function readProduct(words: Words) {
  const productId = words.text();
  const status = words.among(productStatuses);
  const version = words.number();
  const funding = words.atLastWord() ? null : readFunding(words.textOrNull());
  const rules = words.atNumber() ? noRules : readRules(words.text());
  return { productId, status, version, funding, rules };
}

function readFunding(text: string | null): Funding | null {
  if (text === null) return null;
  const [baseCurrency, baseUnits, quoteCurrency, quoteUnits] = text.split(':') as [
    string,
    string,
    string,
    string,
  ];
  return { baseCurrency, baseUnits: Number(baseUnits), quoteCurrency, quoteUnits: Number(quoteUnits) };
}
