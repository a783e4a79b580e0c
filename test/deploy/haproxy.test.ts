// The balancer of the compose file, before two apis that say what the test wants of themselves.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { findHaproxy } from '../../scripts/launcher/cluster/haproxy.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { startProgram, stopProgram } from '../../scripts/launcher/servers/process.ts';
import { eraseData } from '../../scripts/launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../../scripts/launcher/servers/temporary-folder.ts';
import { until } from '../support/until.ts';

const shipped = fileURLToPath(new URL('../../deploy/compose/haproxy.cfg', import.meta.url));
const bin = findHaproxy();
const withHaproxy = bin ? test : test.skip;

type FakeApi = { isReady: boolean; isLive: boolean; readonly server: Server; readonly port: number };

async function startApi(name: string): Promise<FakeApi> {
  const server = createServer(({ url }, response) => {
    const isWell = url === '/health/ready' ? api.isReady : api.isLive;
    response.writeHead(isWell ? 200 : 503).end(name);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = { isReady: true, isLive: true, server, port: (server.address() as AddressInfo).port };
  return api;
}

/** The shipped file with addresses that there are outside a network of containers. */
function onThisMachine(port: number, apis: readonly FakeApi[]): string {
  const [one, other] = apis.map(({ port }) => `127.0.0.1:${port}`);
  return (
    readFileSync(shipped, 'utf8')
      .replaceAll(' resolvers docker init-addr none', '')
      .replaceAll('bind :3000', `bind 127.0.0.1:${port}`)
      .replaceAll('server api api:3000', `server api ${one}`)
      .replaceAll('server-template more 4 api-more:3000', `server more ${other}`)
      .replaceAll('inter 2s', 'inter 50ms')
      // Else an answer may take no longer than the time between two.
      .replaceAll('timeout connect 5s', 'timeout connect 5s\n    timeout check 5s')
      // Each takes two file descriptors, of which a container has more.
      .replaceAll('maxconn 20000', 'maxconn 200')
  );
}

withHaproxy('HAProxy finds nothing wrong with the file', async (t) => {
  await t.notThrowsAsync(promisify(execFile)(bin!, ['-c', '-f', shipped]));
});

withHaproxy('ready apis are asked, and live ones where none is ready', async (t) => {
  const folder = makeTemporaryFolder('haproxy');
  const apis = await Promise.all(['one', 'other'].map(startApi));
  const [one, other] = apis as [FakeApi, FakeApi];
  const port = await freePort();
  writeFileSync(`${folder}/haproxy.cfg`, onThisMachine(port, apis));
  const haproxy = startProgram({
    ...{ bin: bin!, args: ['-db', '-f', `${folder}/haproxy.cfg`], stdio: 'ignore' },
    parentDeathSignal: 'KILL',
  });
  t.teardown(async () => {
    await stopProgram(haproxy, { signal: 'SIGTERM', graceMs: 5_000 });
    for (const { server } of apis) server.close();
    eraseData(folder);
  });

  /** Who answers several requests; empty where somebody did not. */
  const answering = async (): Promise<string> => {
    const ask = () =>
      fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then(
        async (answer) => (answer.ok ? answer.text() : null),
        () => null,
      );
    const names: (string | null)[] = [];
    for (let i = 0; i < 6; i++) names.push(await ask());
    return names.includes(null) ? '' : [...new Set(names)].sort().join(' ');
  };
  const answer = (names: string) => until(async () => (await answering()) === names);

  await answer('one other');
  one.isReady = false;
  await answer('other');
  other.isReady = false;
  await answer('one other');
  other.isLive = false;
  await answer('one');
  one.isReady = true;
  other.isReady = other.isLive = true;
  await answer('one other');
  t.pass();
});
