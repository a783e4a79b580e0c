import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findPrometheus, startPrometheus } from '../../scripts/lab/alerts/prometheus.ts';
import { makeTemporaryFolder } from '../../scripts/launcher/servers/temporary-folder.ts';
import { dashboards } from '../../scripts/ops/dashboards/boards.ts';
import { startExchange } from '../support/exchange.ts';
import { portOf } from '../support/processes.ts';

const folder = fileURLToPath(new URL('../../deploy/grafana/dashboards/', import.meta.url));

type Target = {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly uid: string };
};
type Panel = { readonly title: string; readonly targets: readonly Target[] };

/** Every query of Prometheus, under its dashboard and panel. */
const queries = Object.entries(dashboards).flatMap(([board, build]) =>
  (build().panels as unknown as Panel[]).flatMap(({ title, targets }) =>
    targets
      .filter(({ datasource }) => datasource.uid === 'prometheus')
      .map(({ expr }) => ({ name: `${board}, ${title}`, expr })),
  ),
);

/** What is only there once something went wrong, or with a replica: the query is valid, and gives nothing. */
const emptyIfWell = /4\.\.|5\.\.|_limit_bytes|rejected_commands|webhook_attempt|replica_reads/;

test('deploy/grafana/dashboards is what the source makes', (t) => {
  t.deepEqual(
    readdirSync(folder).sort(),
    Object.keys(dashboards)
      .map((name) => `${name}.json`)
      .sort(),
  );
  for (const [name, build] of Object.entries(dashboards))
    t.is(
      readFileSync(`${folder}${name}.json`, 'utf8'),
      `${JSON.stringify(build(), null, 2)}\n`,
      'npm run dashboards',
    );
});

test('the queries of a panel have names of their own', (t) => {
  for (const build of Object.values(dashboards))
    for (const { title, targets } of build().panels as unknown as Panel[])
      t.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
});

test('every query finds something in a Prometheus that scraped an exchange at work', async (t) => {
  const bin = findPrometheus();
  if (!bin) {
    t.log('There is no prometheus on PATH, so no query was run; Debian has the package prometheus.');
    return t.pass();
  }
  const exchange = await startExchange();
  t.teardown(exchange.stop);
  await exchange.start('notifier');
  const { matcher, writer, notifier } = exchange.processes;
  const ports = await Promise.all(
    [matcher, writer, notifier].map(([one]) => portOf(one!, 'serving metrics')),
  );
  const data = makeTemporaryFolder('prometheus');
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  const prometheus = await startPrometheus(bin, {
    ...{ folder: data, speed: 20 },
    targets: {
      'cardstock-api': [Number(new URL(exchange.baseUrl).port)],
      'cardstock-matcher': [ports[0]!],
      'cardstock-writer': [ports[1]!],
      'cardstock-notifier': [ports[2]!],
    },
  });
  t.teardown(prometheus.stop);
  const [seller, buyer] = [await exchange.trader(1), await exchange.trader(2)];
  const trade = async (): Promise<void> => {
    for (const [trader, side] of [
      [seller, 'sell'],
      [buyer, 'buy'],
    ] as const)
      await trader.post('/orders', { product_id: 'PIKACHU-USD', side, price: '5.00', size: '1' });
    await buyer.get('/fills?product_id=PIKACHU-USD');
  };
  const ask = (expr: string) =>
    prometheus.query(
      expr
        .replaceAll('$__rate_interval', '10s')
        .replaceAll('$shard', exchange.shard)
        .replaceAll('[24h]', '[10s]'),
    );
  const isThere = async (expr: string): Promise<boolean> => {
    const samples = await ask(expr);
    return samples.some(({ value }) => !Number.isNaN(value));
  };
  let missing = queries;
  const mustCome = () => missing.filter(({ expr }) => !emptyIfWell.test(expr));
  for (let attempts = 0; mustCome().length > 0 && attempts < 30; attempts++) {
    await trade();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const found = await Promise.all(missing.map(({ expr }) => isThere(expr)));
    missing = missing.filter((_, i) => !found[i]);
  }
  t.true(queries.length > 60, `${queries.length}`);
  t.deepEqual(mustCome(), []);
  t.log(`${queries.length - missing.length} of ${queries.length} queries gave a value, the others nothing`);
});
