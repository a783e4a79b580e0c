/** The writer process of one shard. One writes, any others stand by and take over when it is gone. */
import { hostname } from 'node:os';
import { readConfig } from '../core/config.ts';
import { announceReady, stopSignal } from '../core/lifecycle.ts';
import { createLog } from '../core/log.ts';
import { connectPatiently } from '../core/redis.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { writeLoop } from './loop.ts';

const config = readConfig();
const log = createLog('writer', config.logLevel);
const signal = stopSignal(log);

const redis = connectPatiently(config.redisUrl, log);
const blocking = connectPatiently(config.redisUrl, log);
const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 60_000 });
const consumer = `${hostname()}-${process.pid}`;

try {
  announceReady(log);
  await writeLoop(pool, { config, log, redis, blocking, consumer }, signal);
  log.info('stopped');
} catch (error) {
  log.fatal({ error: String(error) }, 'the writer cannot go on');
  process.exitCode = 1;
} finally {
  redis.disconnect();
  blocking.disconnect();
  await pool.end();
}
// Nothing is under way any more; timers of closed connections would hold the process for seconds.
process.exit();
