import { type Side, type Stop, sides, type TimeInForce, timesInForce } from '../order.ts';
import {
  type Funding,
  noRules,
  type ProductRules,
  type ProductStatus,
  productStatuses,
  type SelfTradePrevention,
  selfTradePreventions,
} from '../product.ts';
import { encodeFunding, encodeRules, noTerms, readFunding, readRules, readTerms, termsOf } from './terms.ts';
import { Words } from './words.ts';

/**
 * What was accepted, one line of text each. A command's sequence is not in its line: the entry that carries it has the
 * sequence of its first line as stream id, and its lines follow on from there.
 *
 *     place <trader> <product> <side> <price> <size> <funds> <time in force> <post|-> <stp> <client oid> <time> <request>
 *     order <trader> <product> <side> <price> <size> <funds> <time in force> <post|-> <stp> <terms> <client oid> <time> <request>
 *     batch <orders> <time> <request>
 *     cancel <trader> <order> <product> <time> <request>
 *     time <product> <until> <time> <request>
 *     amend <trader> <order> <price> <size> <time> <request>
 *     change <trader> <order> <price> <size> <terms> <time> <request>
 *     product <product> <status> <version> <funding> [<rules>] <time> <request>
 *     freeze <trader> <time> <request>
 *     unfreeze <trader> <time> <request>
 *     deposit <trader> <currency> <amount> <transfer id> <time> <request>
 *     withdraw <trader> <currency> <amount> <transfer id> <time> <request>
 *     transfer <trader> <to trader> <currency> <amount> <transfer id> <time> <request>
 *
 * Prices are ticks, sizes lots, funds quote units, amounts units of their currency, times Unix milliseconds stamped by the
 * api; the request is the id of the HTTP request; `-` stands for none. A batch is followed by so many places. An order is a place, and a change an amend, with
 * terms. Terms and rules are `<name>:<number>` with commas between; the terms are `loss` or `entry` with the stop price, `stop` with a
 * new one, `expire` with Unix milliseconds, and `floor` with the lots of an order that are shown at a time.
 *
 * What was written once is read for ever. Before there was money, lines ended otherwise:
 *
 *     place … <stp> <time> <client oid>
 *     cancel … <time>, amend … <time>
 *     product <product> <status> <version> <time>
 */
export type Command = Place | OtherCommand;
type OtherCommand = Batch | Cancel | Amend | Time | ProductChange | Freeze | Deposit | Withdraw | Transfer;

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
  readonly stop: Stop | null;
  readonly stopPrice: number | null;
  /** When a GTT order expires. */
  readonly expireTime: number | null;
  /** At most so much of it is shown at a time; null shows all. */
  readonly maxFloor: number | null;
  readonly clientOid: string | null;
};

/** All of the places that follow, so many, come in, or none does. */
export type Batch = Origin & { readonly kind: 'batch'; readonly count: number };

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
  readonly stopPrice: number | null;
  readonly expireTime: number | null;
};

/** Expires the orders of a product whose time has come: the earliest, as many as a command may meet makers. */
export type Time = Origin & {
  readonly kind: 'time';
  readonly productId: string;
  readonly until: number;
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

/** Bars a trader from placing and amending, or lets it again. */
export type Freeze = Origin & { readonly kind: 'freeze' | 'unfreeze'; readonly traderId: number };

type MoneyFields = Origin & {
  readonly traderId: number;
  readonly currency: string;
  readonly amount: number;
  readonly transferId: string;
};

/** Money from outside to a trader. */
export type Deposit = MoneyFields & { readonly kind: 'deposit' };

/** Money from a trader to outside. */
export type Withdraw = MoneyFields & { readonly kind: 'withdraw' };

/** Money from one trader to another. */
export type Transfer = MoneyFields & { readonly kind: 'transfer'; readonly toTraderId: number };

export function encodeCommand(command: Command): string {
  if (command.kind === 'place') return encodePlace(command);
  return `${verbOf(command)} ${encodeBody(command)} ${command.time} ${command.requestId ?? '-'}`;
}

/** What has no terms is written as it was before there were any. Nearly every command is a place, and made in one piece. */
function encodePlace(c: Place): string {
  const terms = termsOf(c);
  return `${terms ? 'order' : 'place'} ${c.traderId} ${c.productId} ${c.side} ${c.price ?? '-'} ${c.size ?? '-'} ${c.funds ?? '-'} ${c.timeInForce} ${c.postOnly ? 'post' : '-'} ${c.selfTradePrevention}${spaced(terms)} ${c.clientOid ?? '-'} ${c.time} ${c.requestId ?? '-'}`;
}

function verbOf(command: OtherCommand): string {
  return command.kind === 'amend' && termsOf(command) ? 'change' : command.kind;
}

function encodeBody(c: OtherCommand): string {
  switch (c.kind) {
    case 'batch':
      return String(c.count);
    case 'cancel':
      return `${c.traderId} ${c.orderId} ${c.productId ?? '-'}`;
    case 'amend':
      return `${c.traderId} ${c.orderId} ${c.price ?? '-'} ${c.size ?? '-'}${spaced(termsOf(c))}`;
    case 'time':
      return `${c.productId} ${c.until}`;
    case 'product':
      return `${c.productId} ${encodeProductRow(c)}`;
    case 'freeze':
    case 'unfreeze':
      return String(c.traderId);
    case 'deposit':
    case 'withdraw':
      return `${c.traderId} ${c.currency} ${c.amount} ${c.transferId}`;
    case 'transfer':
      return `${c.traderId} ${c.toTraderId} ${c.currency} ${c.amount} ${c.transferId}`;
  }
}

const spaced = (words: string): string => words && ` ${words}`;

/** What `{shard}:products` holds of a product: `<status> <version> <funding>`, and `<rules>` if there are any. */
export function encodeProductRow(row: ProductRow): string {
  return `${row.status} ${row.version} ${encodeFunding(row.funding)}${spaced(encodeRules(row.rules))}`;
}

type ProductRow = Pick<ProductChange, 'status' | 'version' | 'funding' | 'rules'>;

/** Reads a command from its line. Throws on what is none. */
export function decodeCommand(line: string): Command {
  return readCommand(new Words(line));
}

export const commandVerbs = [
  ...(['place', 'cancel', 'amend', 'product', 'deposit', 'withdraw', 'transfer'] as const),
  ...(['order', 'change', 'time', 'freeze', 'unfreeze', 'batch'] as const),
] as const;

/** Reads the line of a command from where it begins. */
export function readCommand(words: Words): Command {
  const kind = words.oneOf(commandVerbs);
  switch (kind) {
    case 'place':
      return readPlace(words, false);
    case 'order':
      return readPlace(words, true);
    case 'batch':
      return { kind, count: words.number(), ...readOrigin(words) };
    case 'cancel':
      return { kind, ...readWhose(words), productId: words.textOrNull(), ...readOrigin(words) };
    case 'amend':
    case 'change':
      return readAmend(words, kind === 'change');
    case 'time':
      return { kind, productId: words.text(), until: words.number(), ...readOrigin(words) };
    case 'product':
      return { kind, ...readProduct(words), ...readOrigin(words) };
    case 'freeze':
    case 'unfreeze':
      return { kind, traderId: words.number(), ...readOrigin(words) };
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
function readPlace(words: Words, hasTerms: boolean): Place {
  const traderId = words.number();
  const productId = words.text();
  const side = words.among(sides);
  const price = words.numberOrNull();
  const size = words.numberOrNull();
  const funds = words.numberOrNull();
  const timeInForce = words.among(timesInForce);
  const postOnly = words.text() === 'post';
  const selfTradePrevention = words.among(selfTradePreventions);
  const {
    stop = null,
    stopPrice,
    expireTime,
    maxFloor = null,
  } = hasTerms ? readTerms(words.text()) : noTerms;
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
    stop,
    stopPrice,
    expireTime,
    maxFloor,
    clientOid: isOld ? words.textOrNull() : next,
    time: isOld ? Number(next) : words.number(),
    requestId: isOld ? null : words.textOrNull(),
  };
}

function readAmend(words: Words, hasTerms: boolean): Amend {
  const whose = readWhose(words);
  const [price, size] = [words.numberOrNull(), words.numberOrNull()];
  const { stopPrice, expireTime } = hasTerms ? readTerms(words.text()) : noTerms;
  return { kind: 'amend', ...whose, price, size, stopPrice, expireTime, ...readOrigin(words) };
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
