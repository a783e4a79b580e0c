import { accountKey } from '../../../core/keys.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { addExact, formatAmount, type Sum } from '../../../core/units.ts';
import type { Report } from '../../../core/wire/reports.ts';
import { iso } from '../../http/iso.ts';
import type { Catalogue } from '../../products/catalogue.ts';
import type { Shard } from '../../shard/shard.ts';
import type { Shards } from '../../shard/shards.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub, Topic } from '../hub.ts';

/** An account that a matching run changed, as it left it in its shard. */
type Changed = {
  readonly topic: Topic;
  readonly traderId: number;
  readonly currency: string;
  readonly time: number;
  readonly held: Held;
};
type Held = { readonly available: Sum; readonly hold: Sum };

const retryMs = 1_000;

/** What a trader's accounts hold after a matching run that changed them. */
export function balanceChannel(hub: Hub, shards: Shards, catalogue: Catalogue): Channel {
  const publish = ({ topic, traderId, currency, time, held: { available, hold } }: Changed): void => {
    const funded = catalogue.fundedCurrency(currency);
    if (!funded) return;
    const message = {
      ...{ type: 'balance', account_id: `${traderId}-${currency}`, currency },
      holds: formatAmount(hold, funded.increment),
      available: formatAmount(available, funded.increment),
      ...{ updated: iso(time), timestamp: iso(Date.now()) },
    };
    hub.publish(topic, textFrame(JSON.stringify(message)));
  };
  const tellSums = summedOver(shards, publish);
  return {
    name: 'balance',
    of: 'own',
    onRunEnd: (reports) => {
      const changed = changedIn(reports, hub);
      if (shards.all.length > 1) tellSums(changed);
      else for (const one of changed.values()) publish(one);
    },
  };
}

type ByAccount = ReadonlyMap<string, Changed>;

function changedIn(reports: readonly Report[], hub: Hub): ByAccount {
  const changed = new Map<string, Changed>();
  for (const { accounts, command } of reports)
    for (const { traderId, currency, ...held } of accounts) {
      const topic = hub.topics(traderId)?.get('balance');
      if (!topic) continue;
      changed.set(`${traderId} ${currency}`, { topic, traderId, currency, time: command.time, held });
    }
  return changed;
}

/**
 * A trader's account is the sum of what its shards have of it, and a report says only what one has: the others are asked. What
 * changes meanwhile is asked for once more.
 */
function summedOver(shards: Shards, publish: (one: Changed) => void): (changed: ByAccount) => void {
  const waiting = new Map<string, Changed>();
  let isAsking = false;
  const ask = async (): Promise<void> => {
    isAsking = true;
    while (waiting.size > 0) {
      const asked = [...waiting];
      waiting.clear();
      try {
        const sums = await sumsOf(
          shards.all,
          asked.map(([, one]) => one),
        );
        for (const [i, held] of sums.entries()) publish({ ...asked[i]![1], held });
      } catch {
        // A shard's Redis is away. Nothing is told that is not known.
        for (const [key, one] of asked) if (!waiting.has(key)) waiting.set(key, one);
        await sleep(retryMs);
      }
    }
    isAsking = false;
  };
  return (changed) => {
    for (const [key, one] of changed) waiting.set(key, one);
    if (!isAsking && waiting.size > 0) void ask();
  };
}

async function sumsOf(shards: readonly Shard[], accounts: readonly Changed[]): Promise<Held[]> {
  const ofShards = await Promise.all(
    shards.map(({ name, redis }) =>
      Promise.all(
        accounts.map(({ traderId, currency }) =>
          redis.hmget(accountKey(name, traderId), `${currency}:available`, `${currency}:hold`),
        ),
      ),
    ),
  );
  return accounts.map((_, i) => {
    const sum = (at: 0 | 1): Sum =>
      ofShards.reduce((total: Sum, held) => addExact(total, Number(held[i]![at] ?? 0)), 0);
    return { available: sum(0), hold: sum(1) };
  });
}
