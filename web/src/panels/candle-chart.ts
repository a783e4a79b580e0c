import type { Granularity, Product } from '@cardstock/client/types';
import { effect } from '@preact/signals';
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type SeriesMarker,
  type UTCTimestamp,
} from 'lightweight-charts';
import { placesOf } from '../money/decimal.ts';
import type { Range } from '../state/address.ts';
import { type Bar, barsBefore, barsBetween, isLatest, latestBars, withTrade } from '../state/candles.ts';
import { onTrade, type TapeTrade } from '../state/market.ts';
import { textOf } from '../state/notices.ts';
import { fills } from '../state/orders.ts';
import { drawOrders } from './chart-orders.ts';
import { colors, commonOptions } from './chart-style.ts';

export type CandleChartOptions = {
  readonly product: Product;
  readonly granularity: Granularity;
  /** What is to be seen at first, if not the latest. */
  readonly range: Range | null;
  /** A trade that is marked. */
  readonly trade: TapeTrade | null;
  /** What is to be said over the chart; '' is nothing. */
  readonly onNote: (text: string) => void;
};

type Candles = ISeriesApi<'Candlestick'>;
type Volume = ISeriesApi<'Histogram'>;

/** Trades change the last bar faster than anyone reads it, and each change paints the whole chart. */
const drawEveryMs = 100;

/** So many bars before the left edge ask for older ones. */
const aheadBars = 20;

export function createCandleChart(frame: HTMLElement, options: CandleChartOptions) {
  const { product, granularity, onNote } = options;
  const range = rangeOf(options);
  const isLive = !range || isLatest(granularity, range);
  const chart = createChart(frame, { ...commonOptions(), timeScale: timeScale(granularity) });
  const { candles, volume } = addSeries(chart, product);
  let bars: Bar[] = [];
  let isClosed = false;
  const draw = createDraw(candles, volume);

  const begin = async (): Promise<void> => {
    try {
      bars = isLive
        ? await latestBars(product.id, granularity)
        : await barsBetween(product.id, granularity, range);
    } catch (error) {
      if (!isClosed) onNote(textOf(error));
      return;
    }
    if (isClosed) return;
    draw.all(bars);
    if (range && bars.length > 0) chart.timeScale().setVisibleLogicalRange(barsOf(range, bars));
    const nothing = isLive
      ? 'No trade yet: the first candle is drawn with the first trade.'
      : 'There was no trade at that time.';
    onNote(bars.length === 0 ? nothing : '');
  };
  const endTrades = onTrade((trade) => {
    if (!isLive) return;
    const bar = withTrade(bars.at(-1), trade, granularity);
    if (!bar || isClosed) return;
    if (bar.time === bars.at(-1)?.time) bars[bars.length - 1] = bar;
    else bars.push(bar);
    if (bars.length === 1) onNote('');
    draw.last(bar);
  });
  loadOlder(chart, {
    first: () => bars[0]?.time,
    load: (time) => barsBefore(product.id, granularity, time),
    prepend: (older) => {
      if (isClosed) return;
      bars = [...older, ...bars];
      draw.all(bars);
    },
  });
  const endMarks = markFills(candles, product.id, granularity);
  if (options.trade) markTrade(candles, options.trade, granularity);
  const endOrders = drawOrders(frame, candles, product);
  void begin();
  return {
    /** What is to be seen, unless that is the latest. */
    range(): Range | null {
      const seen = chart.timeScale().getVisibleLogicalRange();
      const times = chart.timeScale().getVisibleRange();
      if (!seen || !times || times.from === times.to) return null;
      if (isLive && seen.to >= bars.length - 1) return null;
      return { from: Number(times.from), to: Number(times.to) };
    },
    close(): void {
      isClosed = true;
      for (const end of [endTrades, endMarks, endOrders, draw.end]) end();
      chart.remove();
    },
  };
}

/** So many bars before and after a trade. */
const besideBars = 50;

function rangeOf({ range, trade, granularity }: CandleChartOptions): Range | null {
  if (range || !trade) return range;
  const at = Date.parse(trade.time) / 1_000;
  return { from: at - besideBars * granularity, to: at + besideBars * granularity };
}

/** A range in bars. Few of them are not drawn as wide as the chart. */
function barsOf({ from, to }: Range, bars: readonly Bar[]): Range {
  const last = bars.findLastIndex(({ time }) => time <= to);
  const first = bars.findIndex(({ time }) => time >= from);
  const spare = Math.max(0, besideBars - (last - first) / 2);
  return { from: (first === -1 ? bars.length - 1 : first) - spare, to: Math.max(last, 0) + spare };
}

function timeScale(granularity: Granularity) {
  const { line } = colors();
  return {
    borderColor: line,
    timeVisible: granularity < 86_400,
    secondsVisible: false,
    rightOffset: 4,
    barSpacing: 7,
  };
}

function addSeries(chart: IChartApi, { quote_increment }: Product) {
  const { buy, sell } = colors();
  const candles = chart.addSeries(CandlestickSeries, {
    ...{ upColor: buy, downColor: sell, wickUpColor: buy, wickDownColor: sell, borderVisible: false },
    priceFormat: { type: 'price', precision: placesOf(quote_increment), minMove: Number(quote_increment) },
  });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.24 } });
  const volume = chart.addSeries(HistogramSeries, {
    ...{
      priceFormat: { type: 'volume' },
      priceScaleId: '',
      lastValueVisible: false,
      priceLineVisible: false,
    },
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  return { candles, volume };
}

function createDraw(candles: Candles, volume: Volume) {
  const { buySoft, sellSoft } = colors();
  const candleOf = ({ time, open, high, low, close }: Bar) => ({
    time: time as UTCTimestamp,
    open,
    high,
    low,
    close,
  });
  const volumeOf = ({ time, open, close, volume: value }: Bar) => ({
    ...{ time: time as UTCTimestamp, value },
    color: close >= open ? buySoft : sellSoft,
  });
  let waiting: Bar | null = null;
  let drawnAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const drawLast = (): void => {
    clearTimeout(timer);
    [timer, drawnAt] = [undefined, performance.now()];
    if (!waiting) return;
    candles.update(candleOf(waiting));
    volume.update(volumeOf(waiting));
    waiting = null;
  };
  return {
    all: (bars: readonly Bar[]): void => {
      waiting = null;
      candles.setData(bars.map(candleOf));
      volume.setData(bars.map(volumeOf));
    },
    last: (bar: Bar): void => {
      if (waiting && waiting.time !== bar.time) drawLast();
      waiting = bar;
      timer ??= setTimeout(drawLast, Math.max(0, drawnAt + drawEveryMs - performance.now()));
    },
    end: (): void => clearTimeout(timer),
  };
}

type Older = {
  readonly first: () => number | undefined;
  readonly load: (before: number) => Promise<Bar[]>;
  readonly prepend: (bars: readonly Bar[]) => void;
};

/** Takes older bars as one scrolls there. A range without trades has none: then it looks no further. */
function loadOlder(chart: IChartApi, { first, load, prepend }: Older): void {
  let isLoading = false;
  let isAtEnd = false;
  chart.timeScale().subscribeVisibleLogicalRangeChange(async (range) => {
    const before = first();
    if (!range || range.from > aheadBars || isLoading || isAtEnd || before === undefined) return;
    isLoading = true;
    const older = await load(before).catch(() => []);
    isLoading = false;
    isAtEnd = older.length === 0;
    if (older.length > 0) prepend(older);
  });
}

/** Own fills, as arrows at their bars. */
function markFills(candles: Candles, productId: string, granularity: Granularity): () => void {
  const { buy, sell } = colors();
  const marks = createSeriesMarkers<UTCTimestamp>(candles as never, []);
  return effect(() => {
    const own = fills.value.rows.filter(({ product_id }) => product_id === productId);
    const shown = own.map(
      ({ side, created_at, price }): SeriesMarker<UTCTimestamp> => ({
        time: barOf(created_at, granularity),
        position: side === 'buy' ? 'belowBar' : 'aboveBar',
        shape: side === 'buy' ? 'arrowUp' : 'arrowDown',
        color: side === 'buy' ? buy : sell,
        size: 0.8,
        id: price,
      }),
    );
    marks.setMarkers(shown.sort((a, b) => a.time - b.time));
  });
}

function markTrade(candles: Candles, { id, time, price }: TapeTrade, granularity: Granularity): void {
  const mark: SeriesMarker<UTCTimestamp> = {
    ...{ time: barOf(time, granularity), price: Number(price), text: `Trade ${id}` },
    ...{ position: 'atPriceMiddle', shape: 'circle', color: colors().accent },
  };
  createSeriesMarkers<UTCTimestamp>(candles as never, [mark]);
}

const barOf = (time: string, granularity: Granularity): UTCTimestamp =>
  (Math.floor(Date.parse(time) / 1_000 / granularity) * granularity) as UTCTimestamp;
