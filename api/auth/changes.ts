import { Client } from 'pg';
import { backoff, sleep } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';

/** What changed in the database of what this process may have in memory. */
export type Change = { readonly kind: 'token' | 'key'; readonly name: string };

export type Changes = {
  /** Whether every change that is older than a second has been told. */
  readonly isHearing: () => boolean;
  /** `onReset`: changes may have been missed. */
  readonly follow: (onChange: (change: Change) => void, onReset: () => void) => void;
  readonly close: () => Promise<void>;
};

const beatMs = 300;
/** A beat is answered behind everything that was notified before it was sent. */
const trustMs = 900;

/** Listens on a connection of its own; opens another one when it breaks. Beats show that it is not broken without a word. */
export function listenForChanges(databaseUrl: string, log: Log): Changes {
  const followers: { onChange: (change: Change) => void; onReset: () => void }[] = [];
  const closing = new AbortController();
  let heardAt = Number.NEGATIVE_INFINITY;

  const listenOnce = async (): Promise<void> => {
    const client = new Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 5_000,
      query_timeout: 1_000,
    });
    const broken = new AbortController();
    client.on('error', () => broken.abort());
    client.on('end', () => broken.abort());
    client.on('notification', ({ payload = '' }) => {
      const [kind, name] = payload.split(' ') as [Change['kind'], string];
      for (const { onChange } of followers) onChange({ kind, name });
    });
    try {
      await client.connect();
      await client.query('listen credentials');
      for (const { onReset } of followers) onReset();
      const over = AbortSignal.any([broken.signal, closing.signal]);
      while (!over.aborted) {
        const sentAt = performance.now();
        await client.query('select 1');
        heardAt = sentAt;
        await sleep(beatMs, over);
      }
    } finally {
      heardAt = Number.NEGATIVE_INFINITY;
      client.end().catch(() => {});
    }
  };
  const keepListening = async (): Promise<void> => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      const since = performance.now();
      await listenOnce().catch((error) =>
        log.warn({ error: String(error) }, 'changes of credentials are not heard'),
      );
      if (performance.now() - since > 10_000) attempt = 0;
      await sleep(backoff(attempt), closing.signal);
    }
  };
  const ended = keepListening();
  return {
    isHearing: () => performance.now() - heardAt < trustMs,
    follow: (onChange, onReset) => followers.push({ onChange, onReset }),
    close: async () => {
      closing.abort();
      await ended;
    },
  };
}
