import { trimZeros } from '../money/decimal.ts';
import { grouped, timeOfDay } from '../money/format.ts';
import { tape } from '../state/market.ts';
import { connection } from '../state/session.ts';

const mostShown = 60;

/** The latest public trades, with the side of who took. */
export function Tape() {
  const trades = tape.value.slice(0, mostShown);
  return (
    <section class={`panel tape ${connection.value.state === 'open' ? '' : 'is-stale'}`} aria-label="Trades">
      <header>
        <h2>Trades</h2>
      </header>
      <div class="ladder-head" aria-hidden="true">
        <span>Price</span>
        <span>Size</span>
        <span>Time</span>
      </div>
      <div class="scroll">
        {trades.length === 0 && <p class="empty">No trade yet. The first one appears here as it happens.</p>}
        <ol class="tape-rows">
          {trades.map(({ id, side, price, size, time }) => (
            <li key={id} class={side}>
              <span class="price">{price}</span>
              <span class="size">{grouped(trimZeros(size))}</span>
              <time dateTime={time}>{timeOfDay(time)}</time>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
