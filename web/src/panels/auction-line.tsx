import type { Product } from '@cardstock/client/types';
import { trimZeros } from '../money/decimal.ts';
import { grouped } from '../money/format.ts';
import { type Auction, auction } from '../state/auction.ts';

const names: Record<Auction['auction_state'], string> = {
  collection: 'Auction',
  suspended: 'Auction suspended',
  complete: 'Opened',
};

/** What the auction would come to, above the book whose bids may stand above its asks. */
export function AuctionLine({ product }: { readonly product: Product }) {
  const now = auction.value;
  if (!now) return null;
  const isOver = now.auction_state === 'complete';
  const size = (text: string): string => `${grouped(trimZeros(text))} ${product.base_currency}`;
  return (
    <section class="auction-line" aria-label="Auction">
      {/* Only this is read aloud by itself: the figures may change twenty times a second. */}
      <strong role="status">{names[now.auction_state]}</strong>
      <dl>
        <Fact
          name={isOver ? 'Opening price' : 'Indicative price'}
          text={now.open_price && grouped(now.open_price)}
        />
        <Fact name="Size" text={now.open_price && size(now.open_size)} />
        {!isOver && (
          <Fact
            name="Left over"
            text={now.imbalance_side && `${size(now.imbalance_size)} to ${now.imbalance_side}`}
          />
        )}
      </dl>
    </section>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string | null }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{text ?? '—'}</dd>
    </div>
  );
}
