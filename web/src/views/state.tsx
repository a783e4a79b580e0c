import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { grouped, when } from '../money/format.ts';
import { type Column, Table } from '../panels/table.tsx';
import { newFaults, type Reading, read, type ShardState } from './readings.ts';

type Fault = { readonly id: number; readonly at: string | null; readonly text: string };

const reading = signal<Reading | null>(null);
const ready = signal('…');
const faults = signal<readonly Fault[]>([]);
const readEveryMs = 2_000;
const mostFaults = 50;
let told = 0;

async function look(): Promise<void> {
  const call = (path: string) => fetch(path, { credentials: 'same-origin' });
  try {
    const [health, metrics] = await Promise.all([call('/health/ready'), call('/metrics')]);
    const notReady = health.ok ? '' : reasonOf(await health.text());
    ready.value = health.ok ? 'ready' : `not ready: ${notReady}`;
    take(read(await metrics.text(), notReady));
  } catch {
    if (ready.value !== unanswered) tell([unanswered], false);
    ready.value = unanswered;
  }
}
const unanswered = 'the exchange does not answer';

function reasonOf(body: string): string {
  try {
    return JSON.parse(body).message ?? body;
  } catch {
    return body.slice(0, 200);
  }
}

function take(now: Reading): void {
  tell(newFaults(reading.value, now), reading.value === null);
  reading.value = now;
}

/** The newest first. Of what was so before anybody looked, nobody knows since when. */
function tell(texts: readonly string[], isOld: boolean): void {
  if (texts.length === 0) return;
  const at = isOld ? null : new Date().toISOString();
  const fresh = texts.map((text) => ({ id: ++told, at, text }));
  faults.value = [...fresh, ...faults.value].slice(0, mostFaults);
}

const lag = (value: number, badFrom: number) => (
  <span class={value >= badFrom ? 'sell' : ''}>{grouped(String(value))}</span>
);

const columns: readonly Column<ShardState>[] = [
  { name: 'Shard', cell: ({ shard }) => <b>{shard}</b> },
  { name: 'Commands', isNumber: true, cell: ({ commands }) => grouped(String(commands)) },
  { name: 'Not matched yet', isNumber: true, cell: ({ unmatched }) => lag(unmatched, 1_000) },
  { name: 'Not in PostgreSQL yet', isNumber: true, cell: ({ unpersisted }) => lag(unpersisted, 50_000) },
  { name: 'PostgreSQL behind, ms', isNumber: true, cell: ({ behindMs }) => lag(behindMs, 5_000) },
  {
    name: 'Redis',
    cell: ({ hasRedis }) => (
      <span class={`tag ${hasRedis ? 'good' : 'bad'}`}>{hasRedis ? 'answers' : 'away'}</span>
    ),
  },
];

/** How each shard does, and what went wrong of late. */
export function State() {
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), readEveryMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <section class="panel" aria-label="State of the exchange">
      <header>
        <h2>State</h2>
        <span class={`tag ${ready.value === 'ready' ? 'good' : 'bad'}`}>{ready.value}</span>
      </header>
      <div class="scroll" role="region" aria-label="Shards and last faults" tabIndex={0}>
        <Table rows={reading.value?.shards ?? []} columns={columns} keyOf={({ shard }) => shard} />
        <h3 class="padded">Last faults</h3>
        {faults.value.length === 0 && (
          <p class="empty">None. What goes wrong while this view is open is listed here.</p>
        )}
        <ol class="plain-list padded" aria-label="Last faults">
          {faults.value.map(({ id, at, text }) => (
            <li key={id}>
              <span>{text}</span>
              <small>{at ? when(at) : 'before'}</small>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
