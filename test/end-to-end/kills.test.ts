import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { startExchange } from '../support/exchange.ts';
import { runLoad } from '../support/load.ts';
import type { ProcessName } from '../support/processes.ts';
import { sameAsNaive } from '../support/same-as-naive.ts';
import { seed } from '../support/seed.ts';

type Kills = {
  readonly matchers: number;
  readonly writers: number;
  readonly victims: readonly ProcessName[];
};

/** Orders come in while processes are killed and started again; nothing may be lost, and nothing come twice. */
const killing = test.macro(async (t, { matchers, writers, victims }: Kills) => {
  t.log(`SEED=${seed}`);
  const exchange = await startExchange({ matchers, writers });
  t.teardown(() => exchange.stop());
  const funded = await exchange.addProduct({ funded: true, stp: 'dc' });
  const products = [await exchange.addProduct({ stp: 'dc' }), await exchange.addProduct(), funded];
  const currencies = funded.split('-');
  let isOver = false;
  const forever = Number.POSITIVE_INFINITY;
  const load = runLoad(exchange, {
    ...{ products, currencies, clients: 30, requests: forever, seed },
    isOver: () => isOver,
  });
  for (const victim of victims) {
    await wait(300);
    const count = exchange.processes[victim].length;
    await exchange.kill(victim);
    await Promise.all(Array.from({ length: count }, () => exchange.start(victim)));
  }
  isOver = true;
  const { commands, trades } = await sameAsNaive(t, exchange, await load);
  t.log(`${commands.length} commands, ${trades.length} trades`);
});

test('matcher and writer are killed under load', killing, {
  ...{ matchers: 1, writers: 1 },
  victims: ['matcher', 'writer', 'writer', 'matcher'],
});
test('matchers and writers come in pairs, and both of a pair are killed under load', killing, {
  ...{ matchers: 2, writers: 2 },
  victims: ['writer', 'matcher'],
});
