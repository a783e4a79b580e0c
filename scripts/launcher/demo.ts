// Two traders and an operator to try the exchange with, and where scripts find all of it.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { issueToken } from '../../sql/tokens.ts';

export type Demo = {
  baseUrl: string;
  /** By process, as far as it serves any. */
  metricsUrls: Record<string, string>;
  /** Host and port; null if there is no gRPC. */
  grpcAddress: string | null;
  redisUrl: string;
  databaseUrl: string;
  operator: { token: string };
  traders: { traderId: number; token: string }[];
};

type Owner = Parameters<typeof issueToken>[1];

const traderIds = [1, 2];
function demoFile(dataDir: string): string {
  return `${dataDir}/demo.json`;
}
/** Where demo.json waits while a part of the exchange is away. */
function hiddenFile(dataDir: string): string {
  return `${dataDir}/demo-away.json`;
}
function tokensFile(dataDir: string): string {
  return `${dataDir}/tokens.json`;
}

/** Readable by its owner only, and never seen half written. */
function writePrivate(file: string, value: unknown): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

function readTokens(dataDir: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(tokensFile(dataDir), 'utf8'));
  } catch {
    return {};
  }
}

/** A token of an earlier start is worth nothing when the database is another one by now. */
async function isAccepted(baseUrl: string, token: string | undefined): Promise<boolean> {
  if (token === undefined) return false;
  const answer = await fetch(`${baseUrl}/orders?limit=1`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status !== 401;
}

export type Address = {
  dataDir: string;
  baseUrl: string;
  metricsUrls: Demo['metricsUrls'];
  grpcAddress: Demo['grpcAddress'];
  redisUrl: string;
  databaseUrl: string;
};

/** Tokens stay the same from start to start, so that a script or a shell history goes on working. */
async function demoTokens({ dataDir, baseUrl, databaseUrl }: Address): Promise<Record<string, string>> {
  const before = readTokens(dataDir);
  const owners: [string, Owner][] = [
    ['operator', 'operator'],
    ...traderIds.map((traderId): [string, Owner] => [String(traderId), { traderId }]),
  ];
  const tokens: Record<string, string> = {};
  for (const [name, owner] of owners) {
    const known = before[name];
    const isGood = await isAccepted(baseUrl, known);
    tokens[name] = known !== undefined && isGood ? known : await issueToken(databaseUrl, owner);
  }
  writePrivate(tokensFile(dataDir), tokens);
  return tokens;
}

/** What the exchange that runs in this folder says of itself, all of it at work or not; undefined if none runs there. */
export function readDemo(dataDir: string): Demo | undefined {
  for (const file of [demoFile(dataDir), hiddenFile(dataDir)]) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      // Not there.
    }
  }
  return undefined;
}

export function removeDemo(dataDir: string): void {
  for (const file of [demoFile(dataDir), hiddenFile(dataDir)]) rmSync(file, { force: true });
}

/** The presence of demo.json says that everything is at work. Renaming needs no room on a full disk. */
export function showDemo(dataDir: string, isReady: boolean): void {
  const [from, to] = [hiddenFile(dataDir), demoFile(dataDir)];
  try {
    if (isReady) renameSync(from, to);
    else renameSync(to, from);
  } catch (error) {
    // Absent: it is so already, or nothing was ready yet. Otherwise saying nothing is better than saying what is not true.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') removeDemo(dataDir);
  }
}

export async function writeDemo(address: Address): Promise<Demo> {
  const { dataDir, ...urls } = address;
  const tokens = await demoTokens(address);
  const demo: Demo = {
    ...urls,
    operator: { token: tokens.operator ?? '' },
    traders: traderIds.map((traderId) => ({ traderId, token: tokens[traderId] ?? '' })),
  };
  writePrivate(demoFile(dataDir), demo);
  return demo;
}
