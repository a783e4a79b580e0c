import test from 'ava';
import fc from 'fast-check';
import { doneReasons, sides, stops } from '../../../core/order.ts';
import { rejectReasons } from '../../../core/reject-reasons.ts';
import { type Command, encodeCommand } from '../../../core/wire/commands.ts';
import { decodeReports } from '../../../core/wire/decode-reports.ts';
import {
  type AccountState,
  type BookEvent,
  feedNumbers,
  type Match,
  type Open,
  orderIdOf,
  type Report,
  type Wait,
} from '../../../core/wire/reports.ts';
import { anyCommand } from '../../support/arbitrary-commands.ts';
import {
  amendCommand,
  cancelCommand,
  depositCommand,
  placeCommand,
  productCommand,
} from '../../support/commands.ts';
import { seed } from '../../support/seed.ts';

const whole = fc.maxSafeNat();
const fee = fc.record({ units: whole, rate: whole, over: whole });
/** Lines of most products end without fees and rates. */
const fees = fc.option(fc.record({ makerFee: fee, takerFee: fee }), { nil: {} });
const rates = fc.option(fc.record({ rates: fc.record({ maker: whole, taker: whole }) }), { nil: {} });
const hidden = fc.option(fc.record({ hidden: whole }), { nil: {} });
/** The fields of both. */
const joined = <A, B>(one: fc.Arbitrary<A>, other: fc.Arbitrary<B>): fc.Arbitrary<A & B> =>
  fc.tuple(one, other).map(([a, b]) => ({ ...a, ...b }));
/** Of a match it is known from the lines before it. */
const taker = { takerOrderId: whole, takerTraderId: whole };
const event: fc.Arbitrary<BookEvent> = fc.oneof(
  joined(
    fc.record({
      ...taker,
      kind: fc.constant('match' as const),
      tradeId: whole,
      takerSide: fc.constantFrom(...sides),
      makerOrderId: whole,
      makerTraderId: whole,
      price: whole,
      size: whole,
    }),
    fees,
  ),
  joined(
    fc.record({
      kind: fc.constant('change' as const),
      orderId: whole,
      why: fc.constantFrom('amend', 'self_trade'),
      price: fc.option(whole),
      size: whole,
      remaining: whole,
      kept: fc.boolean(),
    }),
    hidden,
  ),
  joined(
    joined(fc.record({ kind: fc.constant('open' as const), orderId: whole, remaining: whole }), rates),
    hidden,
  ),
  fc.record({ kind: fc.constant('refill' as const), orderId: whole, remaining: whole, hidden: whole }),
  joined(
    fc.record({
      kind: fc.constant('wait' as const),
      orderId: whole,
      price: fc.option(whole),
      size: fc.option(whole),
      stopPrice: whole,
    }),
    rates,
  ),
  joined(
    fc.record({
      kind: fc.constant('activate' as const),
      orderId: whole,
      traderId: whole,
      side: fc.constantFrom(...sides),
      price: fc.option(whole),
      size: fc.option(whole),
      funds: fc.option(whole),
      stop: fc.constantFrom(...stops),
      stopPrice: whole,
    }),
    fc.option(fc.record({ maxFloor: whole }), { nil: {} }),
  ),
  fc.record({
    kind: fc.constant('leave' as const),
    orderId: whole,
    reason: fc.constantFrom(...doneReasons),
    remaining: fc.option(whole),
  }),
  joined(
    fc.record({
      kind: fc.constant('done' as const),
      orderId: whole,
      reason: fc.constantFrom(...doneReasons),
      remaining: fc.option(whole),
    }),
    hidden,
  ),
);
const account: fc.Arbitrary<AccountState> = fc.record({
  traderId: whole,
  currency: fc.constantFrom('USD', 'CARD'),
  available: fc.maxSafeInteger(),
  hold: whole,
});
/** Matches with the takers that the lines before them say. */
function withTakers(report: Report): Report {
  let taker = {
    orderId: orderIdOf(report) ?? 0,
    traderId: 'traderId' in report.command ? report.command.traderId : 0,
  };
  const events = report.events.map((e) => {
    if (e.kind === 'activate') taker = e;
    return e.kind === 'match' ? { ...e, takerOrderId: taker.orderId, takerTraderId: taker.traderId } : e;
  });
  return { ...report, events };
}

const accepted: fc.Arbitrary<Report> = fc
  .record({
    sequence: whole,
    command: anyCommand,
    rejectReason: fc.constant(null),
    productId: fc.constantFrom('A-USD', 'B-USD'),
    feedSequence: whole,
    events: fc.array(event),
    accounts: fc.array(account),
  })
  .map(withTakers);
const refused: fc.Arbitrary<Report> = fc.record({
  sequence: whole,
  command: anyCommand,
  rejectReason: fc.constantFrom(...rejectReasons),
  productId: fc.constant(null),
  feedSequence: fc.constant(0),
  events: fc.constant([]),
  accounts: fc.constant([]),
});

/** As the comment on `Report` has it. */
function encode(report: Report): string {
  const { sequence, command, rejectReason, productId, feedSequence, events, accounts } = report;
  const head = `${sequence} ${rejectReason ?? 'ok'} ${productId ?? '-'} ${feedSequence} ${encodeCommand(command)}`;
  return [head, ...events.map(encodeEvent), ...accounts.map(encodeAccount)].join('\n');
}

function encodeAccount({ traderId, currency, available, hold }: AccountState): string {
  return `account ${traderId} ${currency} ${available} ${hold}`;
}

const ratesOf = ({ rates }: Open | Wait): string => (rates ? ` ${rates.maker} ${rates.taker}` : '');

const hiddenOf = ({ hidden }: { hidden?: number }): string => (hidden === undefined ? '' : ` ${hidden}`);

function feesOf({ makerFee, takerFee }: Match): string {
  const fees = makerFee && takerFee ? [makerFee, takerFee] : [];
  return fees.map(({ units, rate, over }) => ` ${units} ${rate} ${over}`).join('');
}

function encodeEvent(e: BookEvent): string {
  switch (e.kind) {
    case 'match':
      return `match ${e.tradeId} ${e.takerSide} ${e.makerOrderId} ${e.makerTraderId} ${e.price} ${e.size}${feesOf(e)}`;
    case 'change':
      return `change ${e.orderId} ${e.why} ${e.price ?? '-'} ${e.size} ${e.remaining} ${e.kept ? 'kept' : 'moved'}${hiddenOf(e)}`;
    case 'open':
      return `open ${e.orderId} ${e.remaining}${ratesOf(e)}${hiddenOf(e)}`;
    case 'refill':
      return `refill ${e.orderId} ${e.remaining}${hiddenOf(e)}`;
    case 'wait':
      return `wait ${e.orderId} ${e.price ?? '-'} ${e.size ?? '-'} ${e.stopPrice}${ratesOf(e)}`;
    case 'activate':
      return `activate ${e.orderId} ${e.traderId} ${e.side} ${e.price ?? '-'} ${e.size ?? '-'} ${e.funds ?? '-'} ${e.stop} ${e.stopPrice}${e.maxFloor === undefined ? '' : ` ${e.maxFloor}`}`;
    case 'leave':
    case 'done':
      return `${e.kind} ${e.orderId} ${e.reason} ${e.remaining ?? '-'}${hiddenOf(e)}`;
  }
}

test('every report is decoded from the text that its comment describes', (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(accepted, refused), { minLength: 1 }), (reports) => {
      t.deepEqual(decodeReports(reports.map(encode).join('\n')), reports);
    }),
    { numRuns: 500, seed },
  );
});

test('a line that is neither a head nor an event is an error that shows it', (t) => {
  const text = `${encode(report(placeCommand()))}\nsold out 3`;
  t.throws(() => decodeReports(text), { message: 'unknown report line: sold out 3' });
});

function report(command: Command, different: Partial<Report> = {}): Report {
  return {
    sequence: 7,
    command,
    rejectReason: null,
    productId: 'A-USD',
    feedSequence: 0,
    events: [],
    accounts: [],
    ...different,
  };
}

test('an accepted order takes a feed number for itself and one for each event', (t) => {
  const events: BookEvent[] = [{ kind: 'open', orderId: 7, remaining: 1 }];
  t.is(feedNumbers(report(placeCommand(), { events })), 2);
  t.is(feedNumbers(report(cancelCommand(), { events })), 1);
  t.is(feedNumbers(report(placeCommand(), { rejectReason: 'offline' })), 0);
  t.is(feedNumbers(report(productCommand())), 0);
  const accounts: AccountState[] = [{ traderId: 1, currency: 'USD', available: 5, hold: 0 }];
  t.is(feedNumbers(report(placeCommand(), { events, accounts })), 2);
  t.is(feedNumbers(report(depositCommand(), { accounts })), 0);
});

test('a report is about the order that was placed, canceled or amended', (t) => {
  t.is(orderIdOf(report(placeCommand())), 7);
  t.is(orderIdOf(report(cancelCommand({ orderId: 3 }))), 3);
  t.is(orderIdOf(report(amendCommand({ orderId: 4 }))), 4);
  t.is(orderIdOf(report(productCommand())), null);
  t.is(orderIdOf(report(depositCommand())), null);
});
