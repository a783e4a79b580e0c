import {
  addTrade,
  type Candle,
  type CandleTrade,
  candleOf,
  joinCandles,
  minuteOf,
} from '../../core/candles.ts';
import { addExact, type Sum } from '../../core/units.ts';

const minutesOfDay = 24 * 60;
const minutesOfHour = 60;
const hoursOfMonth = 30 * 24;

/**
 * What a product traded lately: the minutes of the last 24 hours, and the volume of each hour of the last 30 days.
 * `day` and `month` are sums over those from `fromMinute` and `fromHour` on, and follow the clock when they are asked for.
 */
export type TradeWindow = {
  readonly minutes: Map<number, Candle>;
  readonly hours: Map<number, Sum>;
  fromMinute: number;
  fromHour: number;
  day: Candle | null;
  month: Sum;
};

/** Prices in ticks, null if nothing traded; volumes in lots. */
export type Stats = {
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  /** Of the last 24 hours, to the minute. */
  readonly volume: Sum;
  /** Of the last 30 days, to the hour. */
  readonly volume30Days: Sum;
};

export function newWindow(): TradeWindow {
  return { minutes: new Map(), hours: new Map(), fromMinute: 0, fromHour: 0, day: null, month: 0 };
}

/** The first minute of the 24 hours that end at `now`, in Unix milliseconds. */
export function firstMinute(now: number): number {
  return minuteOf(now) - minutesOfDay;
}

/** The first hour, since 1970, of the 30 days that end at `now`. */
export function firstHour(now: number): number {
  return Math.floor(minuteOf(now) / minutesOfHour) - hoursOfMonth;
}

/** Puts in a minute that is over, or the part of one that is stored. */
export function putMinute(window: TradeWindow, minute: number, candle: Candle): void {
  window.minutes.set(minute, candle);
  window.day = window.day ? joinCandles(window.day, candle) : { ...candle };
}

export function putHour(window: TradeWindow, hour: number, lots: Sum): void {
  window.hours.set(hour, addExact(window.hours.get(hour) ?? 0, lots));
  window.month = addExact(window.month, lots);
}

/** Adds a trade with the highest trade id so far. */
export function addToWindow(window: TradeWindow, time: number, trade: CandleTrade): void {
  const minute = minuteOf(time);
  const hour = Math.floor(minute / minutesOfHour);
  if (hour >= window.fromHour) putHour(window, hour, trade.size);
  if (minute < window.fromMinute) return;
  const candle = window.minutes.get(minute);
  if (candle) addTrade(candle, trade);
  else {
    // Nobody may ask for long, and what is old would gather.
    if (window.minutes.size >= 2 * minutesOfDay) moveWindow(window, time);
    window.minutes.set(minute, candleOf(trade));
  }
  if (window.day) addTrade(window.day, trade);
  else window.day = candleOf(trade);
}

export function statsAt(window: TradeWindow, now: number): Stats {
  moveWindow(window, now);
  const { day, month } = window;
  return {
    open: day?.open ?? null,
    high: day?.high ?? null,
    low: day?.low ?? null,
    volume: day?.volume ?? 0,
    volume30Days: month,
  };
}

/** Drops what is older than the window that ends at `now`, which costs a pass over the minutes once a minute. */
function moveWindow(window: TradeWindow, now: number): void {
  const [fromMinute, fromHour] = [firstMinute(now), firstHour(now)];
  if (fromMinute > window.fromMinute) {
    window.fromMinute = fromMinute;
    window.day = null;
    for (const [minute, candle] of window.minutes) {
      if (minute < fromMinute) window.minutes.delete(minute);
      else window.day = window.day ? joinCandles(window.day, candle) : { ...candle };
    }
  }
  if (fromHour > window.fromHour) {
    window.fromHour = fromHour;
    for (const [hour, lots] of window.hours) {
      if (hour >= fromHour) continue;
      window.hours.delete(hour);
      window.month = addExact(window.month, -lots);
    }
  }
}
