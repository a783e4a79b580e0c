import type { Side } from '@cardstock/client/types';
import { trimZeros } from '../money/decimal.ts';
import { grouped } from '../money/format.ts';
import { isLimit, isStop, type Kind, kinds, mayRest } from '../money/ticket.ts';
import { dialog } from '../state/dialogs.ts';
import { product } from '../state/products.ts';
import { isTrader } from '../state/session.ts';
import {
  change,
  estimated,
  free,
  isAsking,
  isGathering,
  isSending,
  refusal,
  submit,
  ticket,
} from '../state/ticket.ts';
import { Tabs } from '../ui/tabs.tsx';
import { Holdings } from './holdings.tsx';
import { ByChoice, Input, More, Parts, TimeInForce } from './ticket-fields.tsx';

const kindNames: Record<Kind, string> = {
  limit: 'Limit',
  market: 'Market',
  'stop-limit': 'Stop limit',
  'stop-market': 'Stop',
};

export function TicketPanel() {
  const wish = ticket.value;
  const shown = product.value;
  return (
    <section class="panel ticket" aria-label="Order ticket">
      <form
        id="ticket"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="sides" role="radiogroup" aria-label="Side">
          <SideButton side="buy" />
          <SideButton side="sell" />
        </div>
        <Tabs
          label="Order type"
          controls="ticket-fields"
          selected={wish.kind}
          onSelect={(kind) => change({ kind })}
          tabs={kinds.map((kind) => [kind, kindNames[kind]] as const)}
        />
        <div id="ticket-fields" role="tabpanel" aria-labelledby={`ticket-fields-${wish.kind}`} class="fields">
          {isStop(wish) && <Input field="stopPrice" label="Stop price" unit={shown?.quote_currency} />}
          {isLimit(wish) && <Input field="price" label="Price" unit={shown?.quote_currency} />}
          {!isLimit(wish) && <ByChoice />}
          {isLimit(wish) || wish.by === 'size' ? (
            <Input field="size" label="Size" unit={shown?.base_currency} />
          ) : (
            <Input field="funds" label="Funds" unit={shown?.quote_currency} />
          )}
          <Parts />
          {isLimit(wish) && <TimeInForce />}
          <More />
        </div>
        <InAuction />
        <Costs />
        <Submit />
      </form>
      <Holdings />
    </section>
  );
}

function SideButton({ side }: { readonly side: Side }) {
  const isChosen = ticket.value.side === side;
  return (
    <button
      type="button"
      role="radio"
      aria-checked={isChosen}
      aria-keyshortcuts={side === 'buy' ? 'b' : 's'}
      class={`side ${side}`}
      onClick={() => change({ side })}
    >
      {side === 'buy' ? 'Buy' : 'Sell'}
      <kbd>{side === 'buy' ? 'B' : 'S'}</kbd>
    </button>
  );
}

/** Says what becomes of the order in an auction. Nothing trades at once, so that nothing is estimated. */
function InAuction() {
  if (!isGathering.value) return null;
  const wish = ticket.value;
  const fate = isStop(wish)
    ? 'a stop order waits, and the opening price counts for it.'
    : mayRest(wish) && !wish.postOnly
      ? 'the order waits with the others. They all trade at one price once it opens.'
      : 'only limit orders that may rest, and stop orders, are taken until it opens.';
  return (
    <p class="hint" role="note">
      Auction: {fate}
    </p>
  );
}

function Costs() {
  const shown = product.value;
  const now = estimated.value;
  const { side } = ticket.value;
  const { base, quote } = free.value;
  const amount = side === 'buy' ? quote : base;
  const currency = side === 'buy' ? shown?.quote_currency : shown?.base_currency;
  const line = (name: string, value: string, unit = '') => (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} <small>{unit}</small>
      </dd>
    </div>
  );
  const money = (text: string | null | undefined) => (text ? grouped(text) : '—');
  const hasRest = now?.remaining && !/^[0.]*$/.test(now.remaining);
  return (
    <dl class="costs">
      {line(
        'Available',
        amount === null ? (isTrader.value ? 'unlimited' : '—') : grouped(trimZeros(amount)),
        currency,
      )}
      {line(side === 'buy' ? 'Cost now' : 'Proceeds now', money(now?.value), shown?.quote_currency)}
      {line('Average price', money(now?.averagePrice))}
      {line('Fee', money(now?.fee), shown?.quote_currency)}
      {line(
        restName(),
        hasRest ? grouped(trimZeros(now.remaining!)) : '—',
        hasRest ? shown?.base_currency : '',
      )}
    </dl>
  );
}

/** What becomes of what does not trade at once. */
function restName(): string {
  return mayRest(ticket.value) ? 'Rests in the book' : 'Finds nobody';
}

function Submit() {
  const shown = product.value;
  const { side } = ticket.value;
  const what = `${side === 'buy' ? 'Buy' : 'Sell'} ${shown?.base_currency ?? ''}`;
  if (!isTrader.value)
    return (
      <button type="button" class="submit plain" onClick={() => (dialog.value = 'account')}>
        Log in to trade
      </button>
    );
  return (
    <>
      <p class="refusal" role="alert">
        {refusal.value}
      </p>
      <button type="submit" class={`submit ${side}`} disabled={isSending.value || !shown}>
        {isAsking.value ? `Yes, ${what}` : what}
      </button>
    </>
  );
}
