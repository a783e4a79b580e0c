import type { Side } from '@cardstock/client/types';
import { useRef } from 'preact/hooks';
import { trimZeros } from '../money/decimal.ts';
import { grouped, short } from '../money/format.ts';
import { isBookProven } from '../state/market.ts';
import { isFillingSize } from '../state/settings.ts';
import { fillTicket } from '../state/ticket.ts';

/** Plain values alone: a row is drawn anew only if one of them is another one. */
type RowProps = {
  readonly side: Side;
  readonly price: string;
  readonly size: string;
  readonly total: string;
  /** Of the deepest row. */
  readonly share: number;
  readonly isGone: boolean;
  readonly isOwn: boolean;
};

export function LadderRow({ side, price, size, total, share, isGone, isOwn }: RowProps) {
  const before = useRef<{ price: string; size: string; turn: number }>({ price: '', size: '', turn: 0 });
  const known = before.current;
  const isChanged = known.price === price && known.size !== size;
  const turn = isChanged ? known.turn + 1 : known.price === price ? known.turn : 0;
  before.current = { price, size, turn };
  // Two names of one animation: changing the name starts it anew.
  const flash = turn === 0 ? '' : turn % 2 === 0 ? 'flash-a' : 'flash-b';
  return (
    <button
      type="button"
      tabIndex={-1}
      class={`ladder-row ${side} ${flash} ${isGone ? 'is-gone' : ''}`}
      disabled={!isBookProven.value}
      title={isOwn ? 'You have an order here' : undefined}
      onClick={() => fillTicket({ price, size: isFillingSize.value && total !== '' ? total : null })}
    >
      <i class="bar" style={{ transform: `scaleX(${share})` }} />
      <span class="price">
        <span class="visually-hidden">{side === 'buy' ? 'Bid ' : 'Ask '}</span>
        {isOwn && <i class="own" />}
        {price}
      </span>
      <span class="size">{isGone ? '—' : grouped(trimZeros(size))}</span>
      <span class="total">{total.length > 8 ? short(total) : grouped(trimZeros(total))}</span>
    </button>
  );
}
