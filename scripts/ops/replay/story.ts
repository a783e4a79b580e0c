// The story of one order in words, from what it met and from the reports that touch it or those before it.

import {
  type BookEvent,
  type Change,
  type Done,
  type Match,
  orderIdOf,
  type Report,
} from '../../../core/wire/reports.ts';
import type { BookOrder } from './books.ts';
import type { Units } from './units.ts';

/** What an order meets as it comes in, or comes in again by an amend. */
export type Meeting = {
  readonly sequence: number;
  /** Of its own side, at a better price or at its own, best first; an order without a price has none. */
  readonly before: readonly BookOrder[];
  /** Of the other side, those that it could trade with; if there are none, the best one. */
  readonly against: readonly BookOrder[];
  readonly canTrade: boolean;
  /** Its price; null for a market order. */
  readonly price: number | null;
};

export type Story = {
  /** It is about to come in. */
  readonly meet: (meeting: Meeting) => void;
  readonly tell: (report: Report) => void;
  /** Nothing more can happen to it. */
  readonly isDone: () => boolean;
  readonly lines: () => readonly string[];
};

/** What became of the orders that were before it. */
type Queue = {
  readonly waiting: Map<number, BookOrder>;
  readonly all: number;
  readonly left: Map<string, number>;
};

export function createStory(orderId: number, units: Units): Story {
  const lines: string[] = [];
  let queue: Queue = { waiting: new Map(), all: 0, left: new Map() };
  let isDone = false;
  const say = (sequence: number, text: string): void => {
    lines.push(`  ${sequence}  ${text}`);
  };
  const tellOwn = (report: Report, event: BookEvent): void => {
    if (event.kind === 'match') say(report.sequence, takes(event, units));
    else if (event.kind === 'open')
      say(report.sequence, `rests with ${units.size(event.remaining)}, behind ${countOf(queue)}`);
    else if (event.kind === 'done' && event.orderId !== orderId && event.reason === 'self_trade')
      say(report.sequence, `order ${event.orderId} of the same trader goes by self-trade prevention`);
  };
  const tellMaker = (report: Report, event: BookEvent, taken: readonly Match[]): void => {
    if (event.kind !== 'match') return;
    const before = taken.filter(({ takerOrderId }) => takerOrderId === event.takerOrderId);
    if (event.makerOrderId === orderId)
      say(report.sequence, `${isTaken(report, event, units)}; ${whyNow(queue, before)}`);
    else if (event.takerOrderId === orderId)
      say(report.sequence, `as the auction ends, ${takes(event, units)}`);
  };
  const tellEnd = (report: Report, event: BookEvent): void => {
    if (event.kind === 'match' || event.orderId !== orderId) return;
    if (event.kind === 'wait') say(report.sequence, `waits for ${units.price(event.stopPrice)}`);
    else if (event.kind === 'activate') say(report.sequence, 'is triggered, and comes in');
    else if (event.kind === 'done' || event.kind === 'leave') {
      isDone = true;
      say(report.sequence, endOf(event, units));
    } else if (event.kind === 'change') say(report.sequence, isChanged(event, units));
  };
  return {
    meet: (meeting) => {
      queue = {
        waiting: new Map(meeting.before.map((o) => [o.id, o])),
        all: meeting.before.length,
        left: new Map(),
      };
      for (const text of describeMeeting(meeting, units)) say(meeting.sequence, text);
    },
    tell: (report) => {
      const isOwn = orderIdOf(report) === orderId;
      if (isOwn && report.rejectReason !== null) {
        say(report.sequence, `its ${report.command.kind} is refused: ${report.rejectReason}`);
        if (report.sequence === orderId) isDone = true;
        return;
      }
      const taken: Match[] = [];
      // The order that comes in, and after it each stop order that the command triggers.
      let incoming = orderIdOf(report);
      for (const event of report.events) {
        if (event.kind === 'activate') {
          incoming = event.orderId;
          taken.length = 0;
        }
        if (incoming === orderId) tellOwn(report, event);
        else tellMaker(report, event, taken);
        if (event.kind === 'match') taken.push(event);
        tellEnd(report, event);
        follow(queue, event);
      }
    },
    isDone: () => isDone,
    lines: () => lines,
  };
}

/** Whoever is done or moves is before it no more. */
function follow({ waiting, left }: Queue, event: BookEvent): void {
  const leave = (id: number, how: string): void => {
    if (waiting.delete(id)) left.set(how, (left.get(how) ?? 0) + 1);
  };
  if (event.kind === 'done') leave(event.orderId, event.reason === 'filled' ? 'filled' : 'canceled');
  else if (event.kind === 'change' && !event.kept) leave(event.orderId, 'moved');
}

function isChanged({ why, price, remaining, kept }: Change, units: Units): string {
  const by = why === 'amend' ? 'amended' : 'reduced by self-trade prevention';
  const at = price === null ? '' : ` at ${units.price(price)}`;
  return `${by}: ${units.size(remaining)} left${at}, ${kept ? 'place kept' : 'place lost'}`;
}

function takes({ tradeId, makerOrderId, makerTraderId, price, size }: Match, units: Units): string {
  return `trade ${tradeId}: takes ${units.size(size)} at ${units.price(price)} from order ${makerOrderId} of trader ${makerTraderId}, then the best of the other side`;
}

function isTaken(report: Report, match: Match, units: Units): string {
  const { tradeId, price, size, takerSide, takerOrderId, takerTraderId } = match;
  const { command } = report;
  const isCommands = takerOrderId === orderIdOf(report);
  const limit =
    isCommands && 'price' in command && command.price !== null ? ` at ${units.price(command.price)}` : '';
  return `trade ${tradeId}: order ${takerOrderId} of trader ${takerTraderId} (${takerSide}${limit}) takes ${units.size(size)} at ${units.price(price)}`;
}

function whyNow({ waiting, all, left }: Queue, taken: readonly Match[]): string {
  const gone = [...left].map(([how, count]) => `${count} ${how}`).join(', ');
  const before =
    all === 0 ? 'nobody was before it' : `of the ${all} before it ${gone === '' ? 'none is gone' : gone}`;
  const wait = waiting.size > 0 ? `, and ${waiting.size} wait still` : '';
  const first =
    taken.length > 0 ? `; the same order took ${listed(taken.map((m) => m.makerOrderId))} first` : '';
  return `${before}${wait}${first}`;
}

function countOf({ waiting }: Queue): string {
  return waiting.size === 0 ? 'nobody' : `the ${waiting.size} before it`;
}

function endOf({ reason, remaining }: Pick<Done, 'reason' | 'remaining'>, units: Units): string {
  const left = remaining === null || remaining === 0 ? '' : `, with ${units.size(remaining)} left`;
  return `done (${reason})${left}`;
}

/** Who was there, best first: the other side, the better prices of its own side, and the queue at its own price. */
function describeMeeting({ price, before, against, canTrade }: Meeting, units: Units): string[] {
  const at = price === null ? 'at any price' : `at ${units.price(price)}`;
  const better = before.filter((order) => order.price !== price);
  const same = before.filter((order) => order.price === price);
  const other = canTrade
    ? `it can trade with ${summary(against, units)}`
    : against.length === 0
      ? 'the other side is empty'
      : `it cannot trade: the best of the other side is ${summary(against, units)}`;
  const lines = [`comes in ${at}: ${other}`];
  if (price === null) return lines;
  if (better.length > 0) lines.push(`before it at better prices: ${summary(better, units)}`);
  lines.push(
    same.length > 0
      ? `before it at its own price: ${summary(same, units)}`
      : 'nobody is before it at its own price',
  );
  return lines;
}

const mostListed = 10;

function summary(orders: readonly BookOrder[], units: Units): string {
  const lots = orders.reduce((sum, { remaining }) => sum + remaining, 0);
  const shown = orders.slice(0, mostListed);
  const each = shown
    .map((o) => `#${o.id} (${units.size(o.remaining)} at ${units.price(o.price)})`)
    .join(', ');
  const more = orders.length - shown.length;
  return `${orders.length} order${orders.length === 1 ? '' : 's'} with ${units.size(lots)}: ${each}${more > 0 ? ` and ${more} more` : ''}`;
}

function listed(orderIds: readonly number[]): string {
  const shown = orderIds.slice(0, mostListed).map((id) => `#${id}`);
  const more = orderIds.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
