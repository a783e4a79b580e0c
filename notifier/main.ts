/** The notifier process: tells traders' webhooks what happened. Any number may run. */
import { randomBytes } from 'node:crypto';
import { readConfig } from '../core/config.ts';
import { announceReady, stopSignal, within } from '../core/lifecycle.ts';
import { createLog, switchLevelOnSignal } from '../core/log.ts';
import { createRegistry, serveMetrics } from '../core/metrics.ts';
import { createSealing, parseSealingKeys } from '../core/sealing.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { createRounds, type Delivering } from './deliver.ts';
import { createWork } from './loop.ts';
import { createNotifierMetrics } from './metrics.ts';
import { oldestUntold } from './queries/lag.ts';

const config = readConfig();
const log = createLog('notifier', config.logLevel);
switchLevelOnSignal(log);
const signal = stopSignal(log);
const registry = createRegistry({ process: 'notifier' });
if (!config.secretsKey) {
  log.fatal('SECRETS_KEY is needed: the secrets of webhooks are sealed with it');
  process.exit(1);
}
const sealing = createSealing(parseSealingKeys(config.secretsKey));
const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 4, statementTimeout: 10_000 });
const work = createWork(
  (): Delivering => ({
    ...{
      pool,
      sealing,
      log,
      metrics,
      rounds: createRounds(pool),
      claim: randomBytes(12).toString('base64url'),
    },
    timeoutMs: config.webhookTimeoutMs,
    allowPrivate: config.webhookAllowPrivate,
  }),
);
const metrics = createNotifierMetrics(registry, { working: work.working, lag });
const { host, notifierMetricsPort: port } = config;
serveMetrics({ registry, host, port, variable: 'NOTIFIER_METRICS_PORT', log });

/** Before the first look nothing waits for this notifier. */
async function lag(): Promise<number | null> {
  const noted = work.noted();
  if (noted === null) return 0;
  const asked = oldestUntold(pool, noted).catch(() => null);
  const ms = await within<number | null>(1_000, asked, () => null);
  return ms === null ? null : ms / 1_000;
}

announceReady(log);
await work.run(signal);
await pool.end();
log.info('stopped');
process.exit();
