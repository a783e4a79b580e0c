import type { Side, Stop, TimeInForce } from '../../core/order.ts';
import {
  type Funding,
  noRules,
  type ProductRules,
  type ProductStatus,
  type SelfTradePrevention,
} from '../../core/product.ts';
import { formatAmount, parseAmount } from '../../core/units.ts';
import type {
  Amend,
  Batch,
  Cancel,
  Command,
  Deposit,
  Freeze,
  Place,
  ProductChange,
  Time,
  Transfer,
  Withdraw,
} from '../../core/wire/commands.ts';
import type { AccountState, BookEvent, Match, Report } from '../../core/wire/reports.ts';
import type { Stored } from './stored.ts';

/**
 * A scenario is a table. A row is a command and, after the bar, what becomes of it; lines without a bar draw the book of
 * A-USD at that point, the dearest level first, each order as `<row>:<remaining>`. An order is called by its row.
 *
 *     1 ann sell 3 @ 5.00        | 1 open 3
 *     2 bob buy 5 @ 5.00 ioc dc  | 3 @ 5.00 with 1, 1 filled, 2 time_in_force 2
 *     3 bob buy 2 for 9.00       | 3 no_liquidity 2
 *     4 ann cancel 1             | refused order_not_resting
 *     empty
 *
 * An amend reads `amend 1 to 4 @ 5.00`, either part of which may be missing; its report `1 amended 4 @ 5.00 left 1 kept`.
 * `in B-USD` after a command names the other product, `product A-USD offline` changes one; `makers 3`, `size 5`, `collar 100000`,
 * `maker_fee 4000` and `taker_fee 6000` behind that are its rules. A trade `for 1 and 2` has fees of 1 for the maker and 2 for the taker.
 *
 * `ann sell 3 @ 5.00 loss 6.00` waits until a trade at 6.00 or below, and one with `until 9` at its end expires with `time 9`. An
 * outcome says `3 waits for 6.00`, and `3 triggered` before what it does then.
 *
 * `ann sell 9 @ 5.00 show 2` is an iceberg. What remains of it reads `2+7`, shown and hidden, and `1 shows 2+5` that its tip was refilled.
 *
 * Where an auction ends a trade names its taker too: `2 3 @ 5.00 with 1`.
 *
 * `batch 3` makes an all-or-none batch of the next three rows.
 *
 * `freeze ann` and `unfreeze ann` say who may cancel only.
 *
 * Money moves by `ann deposit 100 USD`, `ann withdraw 5 USD` and `ann transfer 5 USD to bob`. Accounts that a command changed
 * come last in its outcome, as `ann 80+20 USD` if 80 are available and 20 on hold, and as `ann 80 USD` if nothing is.
 */
export type Segment = { readonly rows: Row[]; readonly book: string[] };
export type Row = { readonly text: string; readonly command: Command; readonly outcome: string };

const traders = ['system', 'ann', 'bob', 'cid', 'dan'];
const nameOf = (traderId: number): string => (traderId === -1 ? 'fees' : traders[traderId]!);
const cent = { digits: 2, units: 1 };
const origin = { time: 1_700_000_000_000, requestId: null };

/** `base` is what an order's id is above its row; A-USD is paid for as `funding` says. */
type Setting = { readonly base: number; readonly funding: Funding | null };

/** Splits a table where a book is drawn. */
export function readScenario(table: string, setting: Setting): Segment[] {
  const segments: Segment[] = [{ rows: [], book: [] }];
  for (const line of table.split('\n').map((text) => text.trim().replace(/\s+/g, ' '))) {
    if (line === '') continue;
    if (!line.includes('|')) segments.at(-1)!.book.push(line);
    else {
      if (segments.at(-1)!.book.length > 0) segments.push({ rows: [], book: [] });
      segments.at(-1)!.rows.push(readRow(line, setting));
    }
  }
  return segments;
}

function readRow(line: string, { base, funding }: Setting): Row {
  const [text, outcome] = line.split(' | ') as [string, string];
  const [, row = '', words = ''] = /^(\d+) (.+)$/.exec(text) ?? [];
  const command =
    readPlace(words) ??
    readCancel(words, base) ??
    readAmend(words, base) ??
    readMovement(words, `row-${row}`) ??
    readTime(words) ??
    readFreeze(words) ??
    readBatch(words) ??
    readProduct(words, funding);
  if (!command) throw new Error(`not a row of a scenario: ${line}`);
  return { text, outcome, command };
}

function readPlace(text: string): Place | undefined {
  const pattern =
    /^(\w+) (buy|sell)( \d+)?(?: @ ([\d.]+))?(?: for ([\d.]+))?((?: [a-z]+)*?)(?: (loss|entry) ([\d.]+))?(?: until (\d+))?(?: show (\d+))?(?: in (\S+))?$/;
  const [
    ,
    trader,
    side,
    size,
    price,
    funds,
    flags,
    stop = null,
    stopPrice,
    until,
    shown,
    productId = 'A-USD',
  ] = pattern.exec(text) ?? [];
  if (!trader) return undefined;
  const flag = <T extends string>(...names: T[]): T | undefined =>
    names.find((name) => flags!.split(' ').includes(name));
  const rests = until ? 'GTT' : 'GTC';
  const timeInForce = (flag('ioc', 'fok')?.toUpperCase() ?? (price ? rests : 'IOC')) as TimeInForce;
  const selfTradePrevention: SelfTradePrevention = flag('dc', 'co', 'cn', 'cb') ?? 'none';
  return {
    kind: 'place',
    traderId: traders.indexOf(trader),
    productId,
    side: side as Side,
    price: ticks(price),
    size: size ? Number(size) : null,
    funds: ticks(funds),
    timeInForce,
    postOnly: flag('post') !== undefined,
    selfTradePrevention,
    stop: stop as Stop | null,
    stopPrice: ticks(stopPrice),
    expireTime: until ? Number(until) : null,
    maxFloor: shown ? Number(shown) : null,
    clientOid: null,
    ...origin,
  };
}

function readCancel(text: string, base: number): Cancel | undefined {
  const [, trader, row, productId = null] = /^(\w+) cancel (\d+)(?: in (\S+))?$/.exec(text) ?? [];
  if (!trader) return undefined;
  return {
    kind: 'cancel',
    traderId: traders.indexOf(trader),
    orderId: Number(row) + base,
    productId,
    ...origin,
  };
}

function readAmend(text: string, base: number): Amend | undefined {
  const pattern = /^(\w+) amend (\d+)(?: to (\d+))?(?: @ ([\d.]+))?(?: stop ([\d.]+))?(?: until (\d+))?$/;
  const [, trader, row, size, price, stopPrice, until] = pattern.exec(text) ?? [];
  if (!trader) return undefined;
  const orderId = Number(row) + base;
  const newSize = size ? Number(size) : null;
  return {
    kind: 'amend',
    traderId: traders.indexOf(trader),
    orderId,
    price: ticks(price),
    size: newSize,
    stopPrice: ticks(stopPrice),
    expireTime: until ? Number(until) : null,
    ...origin,
  };
}

/** A movement of money. */
export function readMovement(text: string, transferId: string): Deposit | Withdraw | Transfer | undefined {
  const [, trader, kind, amount, currency, to] =
    /^(\w+) (deposit|withdraw|transfer) (\d+) (\w+)(?: to (\w+))?$/.exec(text) ?? [];
  if (!trader) return undefined;
  const movement = {
    traderId: traders.indexOf(trader),
    currency: currency!,
    amount: Number(amount),
    transferId,
  };
  return kind === 'transfer'
    ? { kind, ...movement, toTraderId: traders.indexOf(to!), ...origin }
    : { kind: kind as 'deposit' | 'withdraw', ...movement, ...origin };
}

function readTime(text: string): Time | undefined {
  const [, until, productId = 'A-USD'] = /^time (\d+)(?: in (\S+))?$/.exec(text) ?? [];
  return until ? { kind: 'time', productId, until: Number(until), ...origin } : undefined;
}

function readFreeze(text: string): Freeze | undefined {
  const [, kind, trader] = /^(freeze|unfreeze) (\w+)$/.exec(text) ?? [];
  if (!trader) return undefined;
  return { kind: kind as Freeze['kind'], traderId: traders.indexOf(trader), ...origin };
}

function readBatch(text: string): Batch | undefined {
  const [, count] = /^batch (\d+)$/.exec(text) ?? [];
  return count ? { kind: 'batch', count: Number(count), ...origin } : undefined;
}

function readProduct(text: string, funding: Funding | null): Command | undefined {
  const [, productId, status, rules] =
    /^product (\S+) (online|cancel_only|offline|auction)((?: \w+ \d+)*)$/.exec(text) ?? [];
  if (!productId) return undefined;
  return announcement(productId, status as ProductStatus, {
    funding: productId === 'A-USD' ? funding : null,
    rules: readScenarioRules(rules!),
  });
}

/** ` makers 3 size 5` */
function readScenarioRules(text: string): ProductRules {
  const value = (name: string): number | null => {
    const found = new RegExp(` ${name} (\\d+)`).exec(text);
    return found ? Number(found[1]) : null;
  };
  return {
    maxMakers: value('makers'),
    maxSize: value('size'),
    collar: value('collar'),
    makerFee: value('maker_fee'),
    takerFee: value('taker_fee'),
  };
}

export function announcement(
  productId: string,
  status: ProductStatus,
  { funding = null, rules = noRules }: Partial<Pick<ProductChange, 'funding' | 'rules'>> = {},
): Command {
  return { kind: 'product', productId, status, version: 1, funding, rules, ...origin };
}

function ticks(text: string | undefined): number | null {
  return text === undefined ? null : (parseAmount(text, cent) as number);
}

function decimal(ticks: number | null): string {
  return ticks === null ? 'market' : formatAmount(ticks, cent);
}

/** A report in the words of a table. */
export function describe({ rejectReason, events, accounts }: Report, base: number): string {
  const outcome = rejectReason
    ? `refused ${rejectReason}`
    : events.map((event) => describeEvent(event, base)).join(', ') || 'ok';
  return [outcome, ...accounts.map(describeAccount)].join(', ');
}

function describeAccount({ traderId, currency, available, hold }: AccountState): string {
  return `${nameOf(traderId)} ${available}${hold ? `+${hold}` : ''} ${currency}`;
}

function describeEvent(event: BookEvent, base: number): string {
  switch (event.kind) {
    case 'match':
      return `${event.uncrosses ? `${event.takerOrderId - base} ` : ''}${event.size} @ ${decimal(event.price)} with ${event.makerOrderId - base}${describeFees(event)}`;
    case 'open':
      return `${event.orderId - base} open ${leftText(event)}`;
    case 'refill':
      return `${event.orderId - base} shows ${leftText(event)}`;
    case 'done':
    case 'leave':
      return `${event.orderId - base} ${event.reason}${event.remaining ? ` ${leftText(event)}` : ''}`;
    case 'wait':
      return `${event.orderId - base} waits for ${decimal(event.stopPrice)}`;
    case 'activate':
      return `${event.orderId - base} triggered`;
    case 'change': {
      const [what, where] = [event.why === 'amend' ? 'amended' : 'self_trade', event.kept ? 'kept' : 'moved'];
      return `${event.orderId - base} ${what} ${event.size} @ ${decimal(event.price)} left ${leftText(event)} ${where}`;
    }
  }
}

const leftText = ({ remaining, hidden }: { remaining: number | null; hidden?: number }): string =>
  hidden ? `${remaining}+${hidden}` : String(remaining);

/** What maker and taker pay for a trade. */
function describeFees({ makerFee, takerFee }: Match): string {
  return makerFee && takerFee ? ` for ${makerFee.units} and ${takerFee.units}` : '';
}

/** The book of A-USD that Redis holds, in the words of a table. */
export function draw({ orders, halves }: Stored, base: number): string[] {
  const asks = drawHalf('ask', halves['A-USD:asks'] ?? [], orders, base);
  const bids = drawHalf('bid', halves['A-USD:bids'] ?? [], orders, base);
  const levels = [...asks.reverse(), ...bids];
  return levels.length > 0 ? levels : ['empty'];
}

function drawHalf(
  name: string,
  members: readonly string[],
  orders: Record<string, string>,
  base: number,
): string[] {
  const levels = new Map<string, string>();
  for (let i = 0; i < members.length; i += 2) {
    const id = Number(members[i]!.split(':').at(-1));
    const price = decimal(Math.abs(Number(members[i + 1])));
    const remaining = orders[id]?.split(' ')[1];
    levels.set(price, `${levels.get(price) ?? `${name} ${price}`} ${id - base}:${remaining}`);
  }
  return [...levels.values()];
}
