// Reading reports: each line as the comment on `Report` says.

import { doneReasons, sides, stops } from '../order.ts';
import { rejectReasons } from '../reject-reasons.ts';
import { readCommand } from './commands.ts';
import {
  type Activate,
  changeCauses,
  type Fee,
  type FeeRates,
  type Match,
  type Open,
  orderIdOf,
  type Report,
  type Wait,
} from './reports.ts';
import { Words } from './words.ts';

/** Decodes the text of one events entry. Throws on a line it does not know. */
export function decodeReports(text: Buffer | string): Report[] {
  const reports: Report[] = [];
  const words = new Words(text);
  let current: Report | undefined;
  const taker: Taker = { orderId: 0, traderId: 0 };
  while (!words.atEnd()) {
    if (words.atNumber()) {
      current = readHead(words);
      taker.orderId = orderIdOf(current) ?? 0;
      taker.traderId = 'traderId' in current.command ? current.command.traderId : 0;
      reports.push(current);
    } else {
      readLine(words, current!, taker);
    }
  }
  return reports;
}

const outcomes = ['ok', ...rejectReasons] as const;

function readHead(words: Words): Report {
  const sequence = words.number();
  const outcome = words.among(outcomes);
  const productId = words.textOrNull();
  const feedSequence = words.number();
  const command = readCommand(words);
  const rejectReason = outcome === 'ok' ? null : outcome;
  return { sequence, command, rejectReason, productId, feedSequence, events: [], accounts: [] };
}

/** Whose lines follow. */
type Taker = { orderId: number; traderId: number };

const lines = [
  'match',
  'open',
  'done',
  'change',
  'account',
  'wait',
  'activate',
  'leave',
  'cross',
  'refill',
] as const;

function readLine(words: Words, { events, accounts }: Report, taker: Taker): void {
  const kind = words.oneOf(lines);
  switch (kind) {
    case 'match':
      events.push(readMatch(words, taker));
      break;
    case 'cross': {
      const resting = { orderId: words.number(), traderId: words.number() };
      events.push({ ...readMatch(words, resting), uncrosses: true });
      break;
    }
    case 'open':
      events.push(readOpen(words));
      break;
    case 'refill':
      events.push({ kind, orderId: words.number(), remaining: words.number(), hidden: words.number() });
      break;
    case 'done':
    case 'leave':
      events.push(
        withHidden(words, {
          kind,
          orderId: words.number(),
          reason: words.among(doneReasons),
          remaining: words.numberOrNull(),
        }),
      );
      break;
    case 'change':
      events.push(
        withHidden(words, {
          kind,
          orderId: words.number(),
          why: words.among(changeCauses),
          price: words.numberOrNull(),
          size: words.number(),
          remaining: words.number(),
          kept: words.text() === 'kept',
        }),
      );
      break;
    case 'account':
      accounts.push({
        traderId: words.number(),
        currency: words.text(),
        available: words.number(),
        hold: words.number(),
      });
      break;
    case 'wait':
      events.push(readWait(words));
      break;
    case 'activate': {
      const event = readActivate(words);
      taker.orderId = event.orderId;
      taker.traderId = event.traderId;
      events.push(event);
      break;
    }
    case null:
      throw new Error(`unknown report line: ${words.rest()}`);
  }
}

/** Nearly every line is a match or an open; most have no fees, and spreading takes several times as long. */
function readMatch(words: Words, { orderId, traderId }: Taker): Match {
  const match: Match = {
    kind: 'match',
    tradeId: words.number(),
    takerSide: words.among(sides),
    makerOrderId: words.number(),
    makerTraderId: words.number(),
    takerOrderId: orderId,
    takerTraderId: traderId,
    price: words.number(),
    size: words.number(),
  };
  return words.atLineStart() ? match : { ...match, makerFee: readFee(words), takerFee: readFee(words) };
}

function readOpen(words: Words): Open {
  const event: Open = { kind: 'open', orderId: words.number(), remaining: words.number() };
  if (words.atLineStart()) return event;
  const first = words.number();
  if (words.atLineStart()) return { ...event, hidden: first };
  return withHidden(words, { ...event, rates: { maker: first, taker: words.number() } });
}

/** The event that was read, with what follows it of an iceberg. */
function withHidden<T extends object>(words: Words, event: T): T & { hidden?: number } {
  return words.atLineStart() ? event : { ...event, hidden: words.number() };
}

function readWait(words: Words): Wait {
  const wait: Wait = {
    kind: 'wait',
    orderId: words.number(),
    price: words.numberOrNull(),
    size: words.numberOrNull(),
    stopPrice: words.number(),
  };
  return words.atLineStart() ? wait : { ...wait, rates: readRates(words) };
}

const readFee = (words: Words): Fee => ({
  units: words.number(),
  rate: words.number(),
  over: words.number(),
});

const readRates = (words: Words): FeeRates => ({ maker: words.number(), taker: words.number() });

function readActivate(words: Words): Activate {
  const activate: Activate = {
    kind: 'activate',
    orderId: words.number(),
    traderId: words.number(),
    side: words.among(sides),
    price: words.numberOrNull(),
    size: words.numberOrNull(),
    funds: words.numberOrNull(),
    stop: words.among(stops),
    stopPrice: words.number(),
  };
  return words.atLineStart() ? activate : { ...activate, maxFloor: words.number() };
}
