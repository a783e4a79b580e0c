import type { Order, Product } from '@cardstock/client/types';
import { effect } from '@preact/signals';
import type { IPriceLine, ISeriesApi } from 'lightweight-charts';
import { placesOf, trimZeros } from '../money/decimal.ts';
import { amend, open } from '../state/orders.ts';
import { colors } from './chart-style.ts';

type Drawn = { readonly order: Order; readonly line: IPriceLine };
type Candles = ISeriesApi<'Candlestick'>;

/** How near the pointer must be to a line to take hold of it, in pixels. */
const reach = 6;

/** Draws own open orders as lines; dragging a line amends its order's price. Returns what ends it. */
export function drawOrders(frame: HTMLElement, candles: Candles, product: Product): () => void {
  let drawn: Drawn[] = [];
  let held: Drawn | null = null;
  const { buy, sell } = colors();
  const endDrawing = effect(() => {
    const own = open.value.rows.filter(
      (order) => order.product_id === product.id && order.price !== undefined,
    );
    if (held) return;
    for (const { line } of drawn) candles.removePriceLine(line);
    drawn = own.map((order) => ({
      order,
      line: candles.createPriceLine(lineOf(order, order.side === 'buy' ? buy : sell)),
    }));
  });
  const endDragging = dragging(frame, {
    at: (y) => {
      const near = ({ order }: Drawn) =>
        Math.abs((candles.priceToCoordinate(Number(order.price)) ?? -99) - y) <= reach;
      return drawn.find(near) ?? null;
    },
    start: (line) => {
      held = line;
    },
    move: (y) => {
      const price = priceAt(candles, y, product);
      if (price !== null)
        held?.line.applyOptions({ price: Number(price), title: `${held.order.side} → ${price}` });
    },
    drop: (y) => {
      const price = priceAt(candles, y, product);
      const { order } = held!;
      held = null;
      if (price !== null && price !== order.price) void amend(order.id, { price });
      else open.value = { ...open.value };
    },
  });
  return () => {
    endDrawing();
    endDragging();
  };
}

function lineOf(order: Order, color: string) {
  const left = trimZeros(order.size ?? '');
  return {
    ...({ price: Number(order.price), color, lineWidth: 1, lineStyle: 2 } as const),
    axisLabelVisible: true,
    title: `${order.side} ${left}`,
  };
}

/** The price at a height, on the product's tick. A picture's height is no money: the text that is sent is on the tick. */
function priceAt(candles: Candles, y: number, { quote_increment }: Product): string | null {
  const price = candles.coordinateToPrice(y);
  if (price === null || price <= 0) return null;
  const tick = Number(quote_increment);
  return (Math.round(price / tick) * tick).toFixed(placesOf(quote_increment));
}

type Handlers<T> = {
  readonly at: (y: number) => T | null;
  readonly start: (thing: T) => void;
  readonly move: (y: number) => void;
  readonly drop: (y: number) => void;
};

/** The chart itself must not move while a line is dragged, so its events are caught before it. */
function dragging<T>(frame: HTMLElement, { at, start, move, drop }: Handlers<T>): () => void {
  const events = new AbortController();
  const options = { capture: true, signal: events.signal };
  const heightOf = (event: MouseEvent) => event.clientY - frame.getBoundingClientRect().top;
  let isHeld = false;
  const keep = (event: Event): void => {
    event.stopPropagation();
    event.preventDefault();
  };
  const down = (event: MouseEvent): void => {
    const thing = event.button === 0 ? at(heightOf(event)) : null;
    if (!thing) return;
    keep(event);
    isHeld = true;
    start(thing);
  };
  frame.addEventListener('mousedown', down, options);
  frame.addEventListener(
    'mousemove',
    (event) => {
      frame.classList.toggle('can-drag', isHeld || at(heightOf(event)) !== null);
    },
    options,
  );
  addEventListener(
    'mousemove',
    (event) => {
      if (!isHeld) return;
      keep(event);
      move(heightOf(event));
    },
    options,
  );
  addEventListener(
    'mouseup',
    (event) => {
      if (!isHeld) return;
      keep(event);
      isHeld = false;
      drop(heightOf(event));
    },
    options,
  );
  return () => events.abort();
}
