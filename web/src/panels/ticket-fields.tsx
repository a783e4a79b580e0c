import type { SelfTradePrevention } from '@cardstock/client/types';
import { stepBy } from '../money/decimal.ts';
import { type Field, isLimit, isStop, mayRest, sizeOfPart, type Ticket } from '../money/ticket.ts';
import { market } from '../state/market.ts';
import { product } from '../state/products.ts';
import { isConfirming } from '../state/settings.ts';
import { change, free, problem, ticket, touched } from '../state/ticket.ts';

export function Input({
  field,
  label,
  unit,
  placeholder = '0',
}: {
  readonly field: Field;
  readonly label: string;
  readonly unit: string | undefined;
  readonly placeholder?: string;
}) {
  const id = `ticket-${field}`;
  const wrong =
    problem.value?.field === field && (touched.value.has(field) || ticket.value[field] !== '')
      ? problem.value.message
      : null;
  const touch = (): void => {
    if (ticket.value[field] !== '') touched.value = new Set([...touched.value, field]);
  };
  const step = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    const next = stepped(ticket.value[field], field, event.key === 'ArrowUp' ? 1n : -1n);
    if (next === null) return;
    event.preventDefault();
    change({ [field]: next });
  };
  return (
    <div class={`field ${wrong ? 'is-wrong' : ''}`}>
      <label for={id}>{label}</label>
      <div class="input">
        <input
          id={id}
          name={field}
          inputMode="decimal"
          autocomplete="off"
          spellcheck={false}
          placeholder={placeholder}
          value={ticket.value[field]}
          aria-invalid={wrong !== null}
          aria-describedby={`${id}-problem`}
          onInput={({ currentTarget }) => change({ [field]: currentTarget.value.replace(',', '.') })}
          onBlur={touch}
          onKeyDown={step}
        />
        <span class="unit">{unit}</span>
      </div>
      <p id={`${id}-problem`} class="problem" role={wrong ? 'alert' : undefined}>
        {wrong}
      </p>
    </div>
  );
}

function stepped(text: string, field: Field, by: bigint): string | null {
  const shown = product.value;
  if (!shown || field === 'funds') return null;
  return stepBy(
    text === '' ? bestPrice(field) : text,
    isOfSize(field) ? shown.base_increment : shown.quote_increment,
    by,
  );
}

const isOfSize = (field: Field): boolean => field === 'size' || field === 'maxFloor';

function bestPrice(field: Field): string {
  const book = market.value?.book;
  if (isOfSize(field) || !book) return '0';
  const half = ticket.value.side === 'buy' ? book.bids : book.asks;
  return half.prices()[0] ?? '0';
}

export function ByChoice() {
  const choose = (by: Ticket['by']) => () => change({ by });
  return (
    <div class="choice" role="radiogroup" aria-label="Amount by">
      {(['size', 'funds'] as const).map((by) => (
        <button
          key={by}
          type="button"
          role="radio"
          aria-checked={ticket.value.by === by}
          onClick={choose(by)}
        >
          {by === 'size' ? 'By size' : 'By funds'}
        </button>
      ))}
    </div>
  );
}

const percents = [25n, 50n, 75n, 100n];

export function Parts() {
  const { side, price, by } = ticket.value;
  const shown = product.value;
  if (!shown || (!isLimit(ticket.value) && by === 'funds')) return null;
  const opposite = side === 'buy' ? market.value?.book.asks : market.value?.book.bids;
  const priceNow = isLimit(ticket.value) ? price : (opposite?.prices()[0] ?? null);
  return (
    <div class="parts" role="group" aria-label="Part of what is available">
      {percents.map((percent) => {
        const size = sizeOfPart({ side, percent, price: priceNow }, free.value, shown);
        return (
          <button
            key={String(percent)}
            type="button"
            disabled={size === null}
            onClick={() => size !== null && change({ size })}
          >
            {String(percent)}%
          </button>
        );
      })}
    </div>
  );
}

const timesInForce: readonly (readonly [Ticket['timeInForce'], string])[] = [
  ['GTC', 'GTC · until canceled'],
  ['GTT', 'GTT · until a time'],
  ['IOC', 'IOC · now or cancel'],
  ['FOK', 'FOK · all or nothing'],
];

export function TimeInForce() {
  const wish = ticket.value;
  const rests = ([timeInForce]: readonly [Ticket['timeInForce'], string]): boolean =>
    timeInForce === 'GTC' || timeInForce === 'GTT';
  const offered = isStop(wish) ? timesInForce.filter(rests) : timesInForce;
  const isResting = !isStop(wish) && rests([wish.timeInForce, '']);
  return (
    <div class="row">
      <label class="select">
        <span class="visually-hidden">Time in force</span>
        <select
          value={wish.timeInForce}
          onChange={({ currentTarget }) =>
            change({ timeInForce: currentTarget.value as Ticket['timeInForce'], postOnly: false })
          }
        >
          {offered.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {wish.timeInForce === 'GTT' && (
        <label class="select">
          <span class="visually-hidden">Expires after</span>
          <select
            value={wish.cancelAfter}
            onChange={({ currentTarget }) =>
              change({ cancelAfter: currentTarget.value as Ticket['cancelAfter'] })
            }
          >
            <option value="min">minute</option>
            <option value="hour">hour</option>
            <option value="day">day</option>
          </select>
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          disabled={!isResting}
          checked={wish.postOnly}
          onChange={({ currentTarget }) => change({ postOnly: currentTarget.checked })}
        />
        Post only
      </label>
    </div>
  );
}

const preventions: readonly (readonly [SelfTradePrevention | '', string])[] = [
  ['', 'As the product says'],
  ['dc', 'dc · decrease and cancel'],
  ['co', 'co · cancel oldest'],
  ['cn', 'cn · cancel newest'],
  ['cb', 'cb · cancel both'],
];

export function More() {
  return (
    <details class="more" open={problem.value?.field === 'maxFloor' || undefined}>
      <summary>More</summary>
      {mayRest(ticket.value) && (
        <Input
          field="maxFloor"
          label="Shown at a time"
          unit={product.value?.base_currency}
          placeholder="all"
        />
      )}
      <label class="select">
        Self-trade prevention
        <select
          value={ticket.value.stp}
          onChange={({ currentTarget }) => change({ stp: currentTarget.value as Ticket['stp'] })}
        >
          {preventions.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isConfirming.value}
          onChange={({ currentTarget }) => (isConfirming.value = currentTarget.checked)}
        />
        Ask before an order is sent
      </label>
    </details>
  );
}
