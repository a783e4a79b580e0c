import type { Level } from '@cardstock/client/book';
import type { Product } from '@cardstock/client/types';
import { effect } from '@preact/signals';
import { AreaSeries, type AutoscaleInfo, createOptionsChart, LineType } from 'lightweight-charts';
import { placesOf } from '../money/decimal.ts';
import { bookVersion, market } from '../state/market.ts';
import { colors, commonOptions } from './chart-style.ts';

const points = 120;
/** The book changes faster than anyone reads a shape. */
const drawEveryMs = 250;

/** The cumulated book on an axis of prices. A picture: nothing is computed with its numbers. */
export function createDepthChart(frame: HTMLElement, product: Product) {
  const { buy, sell, buySoft, sellSoft } = colors();
  const places = placesOf(product.quote_increment);
  const chart = createOptionsChart(frame, {
    ...commonOptions(),
    rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0 } },
    localization: { precision: places },
    handleScroll: false,
    handleScale: false,
  });
  const half = (color: string, soft: string) =>
    chart.addSeries(AreaSeries, {
      ...{
        lineColor: color,
        topColor: soft,
        bottomColor: 'transparent',
        lineWidth: 2,
        lineType: LineType.WithSteps,
      },
      ...{ priceLineVisible: false, lastValueVisible: false, priceFormat: { type: 'volume' } },
      autoscaleInfoProvider: fromZero,
    });
  const [bids, asks] = [half(buy, buySoft), half(sell, sellSoft)];
  let drawnAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const draw = (): void => {
    timer = undefined;
    drawnAt = performance.now();
    const book = market.value?.book;
    if (book?.productId !== product.id) return;
    const [bidLevels, askLevels] = [book.bids.best(500), book.asks.best(500)];
    const step = stepOf(bidLevels, askLevels, Number(product.quote_increment));
    if (step === null) return;
    bids.setData(curve(bidLevels, -step).reverse());
    asks.setData(curve(askLevels, step));
    chart.timeScale().fitContent();
  };
  const end = effect(() => {
    bookVersion.value;
    timer ??= setTimeout(draw, Math.max(0, drawnAt + drawEveryMs - performance.now()));
  });
  return {
    close(): void {
      end();
      clearTimeout(timer);
      chart.remove();
    },
  };
}

/** Nothing rests below nothing. */
function fromZero(original: () => AutoscaleInfo | null): AutoscaleInfo | null {
  const info = original();
  if (!info?.priceRange) return info;
  return { ...info, priceRange: { minValue: 0, maxValue: info.priceRange.maxValue } };
}

/** The step in price from point to point, so that most of both halves is seen and outliers do not flatten it. */
function stepOf(bids: readonly Level[], asks: readonly Level[], tick: number): number | null {
  const ranges = [bids, asks]
    .filter((half) => half.length > 0)
    .map((half) => {
      const far = half[Math.floor((half.length - 1) * 0.9)]!;
      return Math.abs(Number(far[0]) - Number(half[0]![0]));
    });
  if (ranges.length === 0) return null;
  const ticks = Math.max(1, Math.ceil(Math.max(...ranges) / tick / points));
  return ticks * tick;
}

/** What rests from the best price to each point. */
function curve(levels: readonly Level[], step: number): { time: number; value: number }[] {
  if (levels.length === 0) return [];
  const start = Number(levels[0]![0]);
  const drawn: { time: number; value: number }[] = [];
  let [at, total] = [0, 0];
  for (let point = 0; point <= points; point++) {
    const price = start + step * point;
    if (price <= 0) break;
    while (
      at < levels.length &&
      (step > 0 ? Number(levels[at]![0]) <= price + 1e-9 : Number(levels[at]![0]) >= price - 1e-9)
    )
      total += Number(levels[at++]![1]);
    drawn.push({ time: Number(price.toFixed(8)), value: total });
  }
  return drawn;
}
