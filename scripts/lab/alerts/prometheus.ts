// A real Prometheus that scrapes a private exchange once a second, with the shipped rules.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../launcher/servers/environment.ts';
import { findProgram } from '../../launcher/servers/find.ts';
import { rememberedPorts } from '../../launcher/servers/ports.ts';
import { hasEnded, type Running, startProgram, stopProgram } from '../../launcher/servers/process.ts';
import { scaleDurations } from './durations.ts';

/** By job, such as `cardstock-api`, the ports of its processes on this machine. */
export type Targets = Readonly<Record<string, readonly number[]>>;

export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

export type Prometheus = {
  readonly url: string;
  /** Names of the alerts that fire now. */
  readonly firing: () => Promise<Set<string>>;
  /** What an expression gives now: the values of its series. */
  readonly query: (expression: string) => Promise<Sample[]>;
  /** Replaces what is scraped; Prometheus notices within a second or so. */
  readonly scrape: (targets: Targets) => void;
  readonly stop: () => Promise<void>;
};

export type PrometheusParts = {
  readonly folder: string;
  readonly targets: Targets;
  /** Durations in the rules are divided by this. */
  readonly speed: number;
};

/** Undefined where the machine has none. */
export function findPrometheus(): string | undefined {
  return findProgram('prometheus');
}

const rules = ['recording', 'alerts'];
const patienceMs = 30_000;

export async function startPrometheus(bin: string, parts: PrometheusParts): Promise<Prometheus> {
  const { folder, targets, speed } = parts;
  mkdirSync(`${folder}/targets`, { recursive: true });
  for (const name of rules) {
    const text = readFileSync(`${projectRoot}/deploy/prometheus/rules/${name}.yml`, 'utf8');
    writeFileSync(`${folder}/${name}.yml`, scaleDurations(text, speed));
  }
  const scrape = (next: Targets): void => {
    for (const [job, ports] of Object.entries(next)) {
      const file = `${folder}/targets/${job}.json`;
      const targets = ports.map((port) => `127.0.0.1:${port}`);
      // It watches the folder, and must not read half a file.
      writeFileSync(`${file}.new`, JSON.stringify([{ targets, labels: { job } }]));
      renameSync(`${file}.new`, file);
    }
  };
  scrape(targets);
  writeFileSync(`${folder}/prometheus.yml`, configuration);
  const port = await rememberedPorts(folder).pick('prometheus');
  const program = startProgram({
    bin,
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    stdio: ['ignore', 'ignore', 'inherit'],
    parentDeathSignal: 'KILL',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(program, url);
  const query = (expression: string) => ask(url, expression);
  return {
    ...{ url, query, scrape },
    firing: async () =>
      new Set((await query('ALERTS{alertstate="firing"}')).map(({ labels }) => labels.alertname!)),
    stop: () => stopProgram(program, { signal: 'SIGTERM', graceMs: 5_000 }),
  };
}

const configuration = `
global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [recording.yml, alerts.yml]
scrape_configs:
  - job_name: cardstock
    file_sd_configs: [{ files: ['targets/*.json'], refresh_interval: 1s }]
`;

async function untilReady(program: Running, url: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await fetch(`${url}/-/ready`).catch(() => null))?.ok) {
    if (hasEnded(program) || performance.now() > deadline) throw new Error('Prometheus did not start');
    await sleep(100);
  }
}

type Answer = {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
};

async function ask(url: string, expression: string): Promise<Sample[]> {
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
  });
  const { status, error, data } = (await answer.json()) as Answer;
  if (status !== 'success') throw new Error(`${error}: ${expression}`);
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
