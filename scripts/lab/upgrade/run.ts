// An upgrade and a downgrade of an exchange at work, one process after another, and the proof that nobody noticed.

import { privateSettings } from '../exchange.ts';
import type { ActorName } from '../faults/actor.ts';
import { type Availability, watchAvailability } from '../faults/availability.ts';
import { compareBooks } from '../faults/books.ts';
import { compareAll } from '../faults/compare.ts';
import type { Findings } from '../faults/findings.ts';
import { type Load, startLoad } from '../faults/load.ts';
import { until, whileSettled, withPostgres } from '../faults/look.ts';
import { products, usualShard } from '../faults/orders.ts';
import { type Proof, prove } from '../faults/prove.ts';
import type { Sent } from '../faults/record.ts';
import type { StageServers } from '../faults/stage.ts';
import { readStored } from '../faults/stored.ts';
import { type Fleet, openFleet } from './fleet.ts';
import { ownVersion, runCommand, type Version } from './version.ts';

export type UpgradeParts = {
  readonly servers: StageServers;
  readonly old: Version;
  /** Orders that each mix of versions answers before the next process is replaced. */
  readonly orders: number;
  readonly seed: number;
  readonly say: (line: string) => void;
};

export type UpgradeResult = {
  /** Each mix of versions, in turn. */
  readonly steps: readonly Step[];
  readonly sent: readonly Sent[];
  readonly findings: Findings;
  readonly ownEnds: readonly string[];
  readonly proof: Proof;
};

export type Step = {
  readonly step: string;
  readonly mix: string;
  readonly requests: number;
  readonly refused: readonly Sent[];
  readonly orders: number;
  /** The longest time in which no order was answered. */
  readonly longestMs: number;
};

type Run = UpgradeParts & {
  readonly fleet: Fleet;
  readonly load: Load;
  readonly answering: Availability;
  readonly mixes: Map<string, string>;
};

/** Those before whose forms others must read come last on the way up, and first on the way down. */
const order: readonly ActorName[] = ['matcher', 'writer', 'api'];

export async function playUpgrade(parts: UpgradeParts): Promise<UpgradeResult> {
  const { servers, old } = parts;
  const env = {
    ...privateSettings(),
    ...{ REDIS_URL: servers.redis.url, DATABASE_URL: servers.postgres.url },
  };
  await runCommand(old, ['sql/migrate.ts', '--seed'], env);
  const token = await runCommand(old, ['scripts/token.ts', 'operator'], env);
  const fleet = openFleet(servers.dataDir, env);
  try {
    for (const name of order) for (const _ of [0, 1]) await fleet.start(name, old);
    const run = begin(parts, { fleet, token });
    try {
      await playSteps(run, env);
    } finally {
      await run.load.stop();
    }
    return await check(run);
  } finally {
    await fleet.stop();
  }
}

/** A request is answered, though not always with what it asks for; what says "later", or nothing, is refused. */
function isRefused({ answer }: Sent): boolean {
  return answer === null || answer.status === 429 || answer.status >= 500;
}

function begin(parts: UpgradeParts, { fleet, token }: { fleet: Fleet; token: string }): Run {
  const answering = watchAvailability();
  const mixes = new Map<string, string>();
  const load = startLoad({
    ...{ port: fleet.apiPort, token, seed: parts.seed },
    during: () => [...mixes.keys()].at(-1) ?? 'start',
    onAnswered: answering.answered,
  });
  return { ...parts, fleet, load, answering, mixes };
}

async function playSteps(run: Run, env: NodeJS.ProcessEnv): Promise<void> {
  const { fleet, old } = run;
  await play(run, 'all old', async () => {});
  await play(run, 'migrate', async () => {
    await runCommand(ownVersion, ['sql/migrate.ts'], env);
  });
  const rounds = [
    { version: ownVersion, names: order },
    { version: old, names: order.toReversed() },
  ];
  for (const { version, names } of rounds)
    for (const name of names)
      for (const number of [1, 2])
        await play(run, `${name} ${number} ${version.name}`, () => fleet.replace(name, version));
}

/** What happens, and then some orders in the mix to which it leads. */
async function play(
  { fleet, load, answering, mixes, orders, say }: Run,
  step: string,
  act: () => Promise<void>,
): Promise<void> {
  mixes.set(step, '');
  answering.begin(step);
  await act();
  mixes.set(step, fleet.mix());
  say(`${step}: ${fleet.mix()}`);
  const before = load.answered();
  await until(`${orders} orders after ${step}`, async () => load.answered() >= before + orders);
}

async function check({ servers, fleet, load, answering, mixes, say }: Run): Promise<UpgradeResult> {
  const { stored, books } = await whileSettled(servers, async () => {
    const stored = await withPostgres(servers, readStored);
    const books = await compareBooks({ port: fleet.apiPort(), products }, stored, 'the end');
    return { stored, books };
  });
  const found = compareAll(load.sent, stored);
  say('audit and replay');
  const proof = await prove(servers, usualShard, () => {});
  return {
    steps: [...mixes].map(([step, mix]) => stepOf(step, { mix, sent: load.sent, answering })),
    sent: load.sent,
    findings: { ...found, contradicted: [...found.contradicted, ...books] },
    ownEnds: fleet.ownEnds,
    proof,
  };
}

type During = { readonly mix: string; readonly sent: readonly Sent[]; readonly answering: Availability };

function stepOf(step: string, { mix, sent, answering }: During): Step {
  const own = sent.filter(({ during }) => during === step);
  const { answered, longestMs } = answering.of(step);
  return { step, mix, requests: own.length, refused: own.filter(isRefused), orders: answered, longestMs };
}
