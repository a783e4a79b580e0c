import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { placeCommand, productCommand } from '../support/commands.ts';
import { type Engine, openEngine, play } from '../support/engine.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const { redis, newShard } = useRedis();
const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/book.ts', import.meta.url));

async function market(): Promise<Engine> {
  const engine = await openEngine(redis, newShard());
  await play(engine, [
    productCommand(),
    placeCommand({ side: 'sell', price: 510, size: 3 }),
    placeCommand({ side: 'sell', price: 510, size: 4 }),
    placeCommand({ side: 'sell', price: 512, size: 9 }),
    placeCommand({ price: 499, size: 5 }),
    placeCommand({ price: 510, size: 2, traderId: 2 }),
  ]);
  return engine;
}

const environment = ({ shard }: Engine) => ({ ...process.env, REDIS_URL: redisUrl(), SHARD: shard });

test('the book of a product is drawn from Redis alone, with its last trades', async (t) => {
  const env: NodeJS.ProcessEnv = {
    ...environment(await market()),
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  };
  const { stdout } = await run(process.execPath, [script, 'a-usd', '--once'], { env });
  const rows = stdout.split('\n').map((row) => row.replace(/▒/g, '').trim().replace(/ +/g, ' '));
  t.deepEqual(rows, [
    ...['A-USD online', '', 'size price time price size'],
    '9 5.12 22:13:20.000 5.10 2',
    ...['5 5.10', 'spread 0.11', '5 4.99', ''],
  ]);
  const units = await run(process.execPath, [script, 'A-USD', '--once', '--tick', '1', '--lot', '0.5'], {
    env,
  });
  t.regex(units.stdout, / 4\.5 +512 /);
});

test('without a terminal each trade and each new best price is a line', async (t) => {
  const engine = await market();
  const child = spawn(process.execPath, [script, 'A-USD'], { env: environment(engine) });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (piece) => {
    output += piece;
  });
  await until(() => output.includes('best  bid 4.99 x 5  ask 5.10 x 5'));
  await play(engine, [placeCommand({ side: 'sell', price: 499, size: 1, traderId: 3 })]);
  await until(() => output.includes('best  bid 4.99 x 4  ask 5.10 x 5'));
  t.regex(output, /trade {2}2023-11-14T22:13:20\.000Z {2}sell {2}4\.99 x 1 {2}#2\n/);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  t.is(await ended, 0);
});

test('what cannot be shown is told in a sentence', async (t) => {
  const env = environment(await market());
  const failing = async (...words: string[]): Promise<string> => {
    const error = await t.throwsAsync(run(process.execPath, [script, ...words], { env }));
    return String((error as Error & { stderr?: string }).stderr);
  };
  t.regex(await failing('NO-USD'), /has no product NO-USD\. There are A-USD/);
  t.regex(await failing('A-USD', '--depth', '0'), /--depth must be a whole number from 1 to 100/);
  t.regex(await failing(), /missing required argument/);
  const { stdout } = await run(process.execPath, [script, '--help'], { env });
  t.regex(stdout, /^Usage: npm run book -- <product>/);
});
