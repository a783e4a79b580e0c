import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { createLog } from '../../core/log.ts';
import { connected, connectNow, connectOnce } from '../../core/redis.ts';
import { createSubmit, prepareShard } from '../../matcher/client.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { placeCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';
import { startRedisServer } from '../support/redis-servers.ts';
import { until } from '../support/until.ts';

const shard = 'main';
const folder = mkdtempSync(`${tmpdir()}/cardstock-tls-`);
const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];

test.before(() => {
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...[
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=redis',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
      ],
    ],
    { stdio: 'ignore' },
  );
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const tlsAt = (port: number): string[] => [
  ...[`tls-port ${port}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${cert}`],
  ...['tls-auth-clients no', 'tls-replication yes'],
];

const ways: Record<string, (t: ExecutionContext) => Promise<string>> = {
  'an address': async (t) => {
    const port = await freePort();
    await startRedisServer(t, { config: tlsAt(port) });
    return `rediss://localhost:${port}`;
  },
  sentinels: async (t) => {
    const [port, sentinel] = [await freePort(), await freePort()];
    await startRedisServer(t, { config: tlsAt(port) });
    const config = [...tlsAt(sentinel), `sentinel monitor cards 127.0.0.1 ${port} 1`];
    await startRedisServer(t, { sentinel: true, config });
    return `rediss+sentinel://localhost:${sentinel}/cards`;
  },
  'a cluster': async (t) => {
    const [port, bus] = [await freePort(), await freePort()];
    const config = [...tlsAt(port), 'cluster-enabled yes', 'tls-cluster yes', `cluster-port ${bus}`];
    const { client } = await startRedisServer(t, { config });
    await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until(async () => String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    return `rediss+cluster://localhost:${port}`;
  },
};

for (const [way, reach] of Object.entries(ways))
  test.serial(
    `through ${way} with TLS orders are taken, once the authority is known and not before`,
    async (t) => {
      const url = await reach(t);
      const usual = getCACertificates('default');
      t.teardown(() => setDefaultCACertificates(usual));
      await t.throwsAsync(connectNow(url), { message: /self-signed certificate/ });
      setDefaultCACertificates([...usual, readFileSync(cert, 'utf8')]);
      const once = await connected(
        connectOnce(url, createLog('test', 'silent'), { shard, timeoutMs: 5_000 }),
      );
      t.teardown(() => once.disconnect());
      await prepareShard(once, shard, 0);
      const [taken] = await createSubmit(once, shard, generous)([placeCommand()]);
      t.is(taken!.sequence, 1);
    },
  );
