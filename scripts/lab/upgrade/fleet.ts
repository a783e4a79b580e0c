// Processes of two versions on the same servers, and the apis that clients are sent to.

import { setTimeout as sleep } from 'node:timers/promises';
import { launchChild } from '../../launcher/child.ts';
import { rememberedPorts } from '../../launcher/servers/ports.ts';
import type { Started } from '../../launcher/servers/process.ts';
import type { ActorName } from '../faults/actor.ts';
import type { Version } from './version.ts';

export type Member = {
  readonly name: ActorName;
  readonly version: Version;
  readonly port: number;
  readonly started: Started;
};

export type Fleet = {
  /** How many of each version are there: `matcher old new`. */
  readonly mix: () => string;
  /** An api that takes requests; each in turn. */
  readonly apiPort: () => number;
  readonly start: (name: ActorName, version: Version) => Promise<void>;
  /** Starts one of this version, then ends one of another, as a deployment does. */
  readonly replace: (name: ActorName, by: Version) => Promise<void>;
  /** Which processes ended by themselves, and how. */
  readonly ownEnds: readonly string[];
  readonly stop: () => Promise<void>;
};

/** Of the chart: so long an api is asked nothing before it is told to end. */
const drainMs = 2_000;
const graceMs = 30_000;

export function openFleet(dataDir: string, env: NodeJS.ProcessEnv): Fleet {
  let members: readonly Member[] = [];
  /** Those that clients are sent to. */
  let apis: readonly Member[] = [];
  let turn = 0;
  let count = 0;
  const ownEnds: string[] = [];
  const start = async (name: ActorName, version: Version): Promise<void> => {
    const port = await rememberedPorts(dataDir).pick(`${name}-${++count}`);
    const own = { PORT: String(port), MATCHER_METRICS_PORT: '0', WRITER_METRICS_PORT: '0' };
    const log = () => {};
    const { root } = version;
    const started = await launchChild({ name, root, dataDir, graceMs, log, env: { ...env, ...own } });
    const member = { name, version, port, started };
    void started.exited.then((how) => {
      if (members.includes(member)) ownEnds.push(`a ${version.name} ${name} ended by itself (${how})`);
    });
    await started.ready;
    members = [...members, member];
    if (name === 'api') apis = [...apis, member];
  };
  const end = async (member: Member): Promise<void> => {
    apis = apis.filter((one) => one !== member);
    if (member.name === 'api') await sleep(drainMs);
    members = members.filter((one) => one !== member);
    await member.started.stop();
  };
  return {
    ...{ start, ownEnds },
    mix: () => mixOf(members),
    apiPort: () => apis[turn++ % apis.length]!.port,
    replace: async (name, by) => {
      const former = members.find((one) => one.name === name && one.version !== by);
      if (!former) throw new Error(`there is no ${name} to replace`);
      await start(name, by);
      await end(former);
    },
    stop: async () => {
      for (const name of ['api', 'matcher', 'writer'])
        await Promise.all(members.filter((one) => one.name === name).map(end));
    },
  };
}

function mixOf(members: readonly Member[]): string {
  const names = ['matcher', 'writer', 'api'] as const;
  const versionsOf = (name: ActorName) =>
    members.filter((one) => one.name === name).map(({ version }) => version.name);
  return names.map((name) => `${name} ${versionsOf(name).sort().join(' ')}`).join(', ');
}
