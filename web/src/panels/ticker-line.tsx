import { trimZeros } from '../money/decimal.ts';
import { grouped, percentChange, short } from '../money/format.ts';
import { auction } from '../state/auction.ts';
import { tape } from '../state/market.ts';
import { product, ticks } from '../state/products.ts';

/** What the product is and how its day went. */
export function TickerLine() {
  const shown = product.value;
  if (!shown) return <div class="ticker-line" />;
  const tick = ticks.value.get(shown.id);
  const last = tape.value[0]?.price ?? tick?.price;
  const change = tick && last ? percentChange(tick.open, last) : null;
  const tone = change === null || change.sign === 0 ? '' : change.sign > 0 ? 'buy' : 'sell';
  const fact = (name: string, value: string | undefined) => (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{value ?? '—'}</dd>
    </div>
  );
  return (
    <div class="ticker-line">
      <h1>
        <Badge currency={shown.base_currency} />
        {shown.display_name}
      </h1>
      {shown.status !== 'online' && <span class="tag bad">{shown.status}</span>}
      <AuctionTag isAuction={shown.auction_mode} />
      {shown.cancel_only && <span class="tag warn">cancel only</span>}
      <strong class={`last ${tone}`}>{last ? grouped(last) : '—'}</strong>
      <dl>
        <div class="fact">
          <dt>24h change</dt>
          <dd class={tone}>{change?.text ?? '—'}</dd>
        </div>
        {fact('24h high', tick && grouped(tick.high))}
        {fact('24h low', tick && grouped(tick.low))}
        {fact(`24h volume`, tick && `${short(trimZeros(tick.volume))} ${shown.base_currency}`)}
      </dl>
    </div>
  );
}

/** The price that an auction would open at stands beside the last one. */
function AuctionTag({ isAuction }: { readonly isAuction: boolean }) {
  const now = auction.value;
  if (!isAuction && now?.auction_state !== 'collection') return null;
  const price = now?.auction_state === 'collection' ? now.open_price : null;
  return <span class="tag warn">auction{price && `: indicative ${grouped(price)}`}</span>;
}

const hues = 12;

/** A mark of its own for each currency: the same letters always have the same color. */
export function Badge({ currency }: { readonly currency: string }) {
  let sum = 0;
  for (let at = 0; at < currency.length; at++) sum = (sum * 31 + currency.charCodeAt(at)) % 997;
  return (
    <span class={`badge hue-${sum % hues}`} aria-hidden="true">
      {currency.slice(0, 2)}
    </span>
  );
}
