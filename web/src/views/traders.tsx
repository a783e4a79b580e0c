import type { TraderState } from '@cardstock/client/types';
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { when } from '../money/format.ts';
import { Listed } from '../panels/listed.tsx';
import { attempt, say } from '../state/notices.ts';
import type { List } from '../state/orders.ts';
import { rest, who } from '../state/session.ts';
import { TextField } from '../ui/text-field.tsx';

const pageLength = 50;
const none: List<TraderState> = { rows: [], after: null, state: 'loading', error: '' };
const traders = signal(none);

let asked = 0;

type Wanted = { readonly isOnlyFrozen: boolean; readonly from: string };

/** The newest traders, those from a number downwards, or what comes after the list. The last question is the one whose answer is shown. */
async function load({ isOnlyFrozen, from }: Wanted, isMore = false): Promise<void> {
  const question = ++asked;
  const before = isMore ? traders.value : none;
  const after = before.after ?? (/^\d{1,9}$/.test(from) ? String(Number(from) + 1) : null);
  const page = await attempt(() =>
    rest.traders({
      limit: pageLength,
      ...(after === null ? {} : { after }),
      ...(isOnlyFrozen ? { frozen: 'true' } : {}),
    }),
  );
  if (!page || question !== asked) return;
  traders.value = { ...none, rows: [...before.rows, ...page.rows], after: page.after, state: 'there' };
}

async function setFrozen({ trader_id }: TraderState, frozen: boolean): Promise<void> {
  const changed = await attempt(() => rest.setFrozen(Number(trader_id), frozen));
  if (!changed) return;
  // An answer without the trader says that a shard has not met it yet.
  const isInEffect = changed.frozen === frozen;
  const state = frozen ? 'frozen' : 'no longer frozen';
  say('good', `Trader ${trader_id} is ${state}${isInEffect ? '' : ' as soon as each matcher is at work'}`);
  const rows = traders.value.rows.map((one) =>
    one.trader_id === trader_id ? { ...one, ...changed, frozen } : one,
  );
  traders.value = { ...traders.value, rows };
}

async function setMuted({ trader_id }: TraderState, muted: boolean): Promise<void> {
  const changed = await attempt(() => rest.setMuted(Number(trader_id), muted));
  if (!changed) return;
  say('good', `Trader ${trader_id} is ${muted ? 'muted' : 'no longer muted'} in rooms`);
  const rows = traders.value.rows.map((one) => (one.trader_id === trader_id ? changed : one));
  traders.value = { ...traders.value, rows };
}

/** Who trades here, and who may not. */
export function Traders() {
  const [isOnlyFrozen, from] = [useSignal(false), useSignal('')];
  const only = isOnlyFrozen.value;
  const look = (isMore = false) => load({ isOnlyFrozen: only, from: from.value.trim() }, isMore);
  useEffect(() => void look(), [only]);
  return (
    <section class="panel" aria-label="Traders">
      <header>
        <h2>Traders</h2>
        <div class="head-tools">
          <label class="check">
            <input
              type="checkbox"
              checked={only}
              onChange={({ currentTarget }) => (isOnlyFrozen.value = currentTarget.checked)}
            />
            Frozen only
          </label>
        </div>
      </header>
      <form
        class="row padded"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <TextField label="From trader" text={from} />
        <button type="submit" class="plain">
          Look
        </button>
      </form>
      <div class="scroll" role="region" aria-label="List of traders" tabIndex={0}>
        <Listed
          list={traders.value}
          keyOf={({ trader_id }) => trader_id}
          empty={only ? 'Nobody is frozen.' : 'No trader yet. Who signs up is listed here.'}
          more={() => look(true)}
          columns={[
            { name: 'Trader', isNumber: true, cell: ({ trader_id }) => <b>{trader_id}</b> },
            { name: 'Name', cell: ({ name }) => name ?? <span class="muted">—</span> },
            { name: 'In rooms', cell: ({ author }) => author ?? <span class="muted">—</span> },
            { name: 'Since', cell: ({ created_at }) => when(created_at) },
            {
              name: 'State',
              cell: ({ frozen, frozen_at }) => (
                <span class={`tag ${frozen ? 'bad' : ''}`} title={frozen_at ? when(frozen_at) : undefined}>
                  {frozen ? 'frozen' : 'trades'}
                </span>
              ),
            },
            { name: 'Change', cell: (trader) => <Changes trader={trader} /> },
          ]}
        />
      </div>
    </section>
  );
}

function Changes({ trader }: { readonly trader: TraderState }) {
  const { trader_id, frozen, muted } = trader;
  const button = (verb: string, onClick: () => void) => (
    <button
      type="button"
      class="plain small"
      aria-label={`${verb} trader ${trader_id}`}
      disabled={who.value?.role !== 'operator'}
      onClick={onClick}
    >
      {verb}
    </button>
  );
  return (
    <>
      {button(frozen ? 'Unfreeze' : 'Freeze', () => void setFrozen(trader, !frozen))}{' '}
      {button(muted ? 'Unmute' : 'Mute', () => void setMuted(trader, !muted))}
    </>
  );
}
