import { trimZeros } from '../money/decimal.ts';
import { grouped, timeOfDay, when } from '../money/format.ts';
import { type TapeTrade, tape } from '../state/market.ts';
import { product } from '../state/products.ts';
import { connection } from '../state/session.ts';
import { linkedTrade } from '../state/share.ts';
import { ColumnNames } from './column-names.tsx';

const mostShown = 60;

/** The latest public trades, with the side of who took. */
export function Tape() {
  const linked = linkedTrade.value;
  const trades = tape.value.slice(0, mostShown);
  return (
    <section class={`panel tape ${connection.value.state === 'open' ? '' : 'is-stale'}`} aria-label="Trades">
      <header>
        <h2>Trades</h2>
      </header>
      {linked && (
        <p class="linked-trade">
          Trade {linked.id}: {grouped(trimZeros(linked.size))} at {linked.price}, {when(linked.time)}
        </p>
      )}
      <ColumnNames names={['Price', 'Size', 'Time']} />
      <div class="scroll">
        {trades.length === 0 && <p class="empty">No trade yet. The first one appears here as it happens.</p>}
        <ol class="tape-rows" onKeyDown={moveFocus}>
          {trades.map((trade, at) => (
            <TapeRow key={trade.id} trade={trade} isFirst={at === 0} />
          ))}
        </ol>
      </div>
    </section>
  );
}

type TapeRowProps = { readonly trade: TapeTrade; readonly isFirst: boolean };

/** Reads a signal, so that it is drawn anew for other values alone. */
function TapeRow({ trade: { id, side, price, size, time }, isFirst }: TapeRowProps) {
  return (
    <li class={`${side} ${id === linkedTrade.value?.id ? 'is-linked' : ''}`}>
      <button
        type="button"
        title="Mark this trade"
        tabIndex={isFirst ? 0 : -1}
        onClick={() => {
          location.hash = `#/${product.value?.id}?trade_id=${id}`;
        }}
      >
        <span class="price">{price}</span>
        <span class="size">{grouped(trimZeros(size))}</span>
        <time dateTime={time}>{timeOfDay(time)}</time>
      </button>
    </li>
  );
}

/** One stop for the tab key; arrows go from row to row. */
function moveFocus(event: KeyboardEvent): void {
  const row = (event.target as HTMLElement).closest('li');
  const next =
    event.key === 'ArrowDown'
      ? row?.nextElementSibling
      : event.key === 'ArrowUp' && row?.previousElementSibling;
  if (!next) return;
  event.preventDefault();
  next.querySelector('button')?.focus();
}
