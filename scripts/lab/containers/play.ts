// An exchange in containers, as the compose file has it: started, traded with, killed in parts, audited, ended.

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../launcher/servers/ports.ts';
import type { Bases } from './bases.ts';
import type { Shell } from './commands.ts';
import type { Engine } from './engine.ts';

const core = ['api', 'matcher', 'writer', 'notifier', 'redis', 'postgres'];
/** What there are stand-ins for; Grafana, Loki, Tempo and Alloy run where their images can be pulled. */
const beside = ['proxy', 'prometheus', 'alertmanager'];
const pulled = ['grafana', 'loki', 'tempo', 'alloy'];

type Played = { readonly engine: Engine; readonly shell: Shell; readonly say: (line: string) => void };

export async function play({ engine, shell, say }: Played, bases: Bases): Promise<void> {
  const isStandIn = Object.keys(bases).length > 0;
  const [port, httpsPort, httpPort, grafanaPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const ports = { PORT: port, HTTPS_PORT: httpsPort, HTTP_PORT: httpPort, GRAFANA_PORT: grafanaPort };
  for (const [name, value] of Object.entries({ ...bases, ...ports })) shell.env[name] = String(value);
  const services = [...core, ...beside, ...(isStandIn ? [] : pulled)];
  const up = () => engine.compose(['up', '-d', ...services]);
  const baseUrl = `http://127.0.0.1:${port}`;
  try {
    await engine.compose(['build', 'secrets']);
    say('the image is built');
    await up();
    await ready(baseUrl);
    say('everything is up, and ready');
    await hardened(engine, say);
    // As the owner of the tables: the processes have no such rights.
    const tool = (...words: string[]) =>
      engine.compose(['run', '--rm', '--no-deps', '-T', 'migrate', 'node', ...words]);
    const [operator, first, second] = await Promise.all(
      ['operator', '1', '2'].map((owner) => tool('scripts/token.ts', owner)),
    );
    await trade({ baseUrl, httpsPort, tokens: [first!, second!] });
    say('one order by HTTP and one through the TLS proxy traded');
    await limitsSeeTheClient(baseUrl);
    say('who forges X-Forwarded-For is limited all the same');
    await scraped(engine, say);
    await killed({ engine, up, baseUrl, token: first! }, say);
    say(await tool('scripts/audit.ts'));
    await up(); // the second start finds its secrets
    await ready(baseUrl);
    assert.equal(
      (await ask(`${baseUrl}/operations`, operator!)).status,
      200,
      'its tokens are not known any more',
    );
    say('it was started again with the passwords of its first start');
  } catch (error) {
    say(await engine.compose(['logs', '--tail', '20']).catch(String));
    throw error;
  } finally {
    await engine.compose(['down', '--volumes', '--timeout', '20']).catch((error) => say(String(error)));
  }
}

function ask(
  url: string,
  token: string,
  order?: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(order ? { method: 'POST', body: JSON.stringify(order) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
}

async function ready(baseUrl: string): Promise<void> {
  for (let i = 0; i < 240; i++) {
    const answer = await fetch(`${baseUrl}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(500);
  }
  throw new Error('the api was not ready within two minutes');
}

/** Every container of the project runs as somebody, writes nowhere but to its volumes, and has limits. */
async function hardened(engine: Engine, say: Played['say']): Promise<void> {
  const ids = (await engine.compose(['ps', '--quiet'])).split('\n');
  const format =
    '{{.Name}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.CapDrop}}';
  const rows = (await engine.docker(['inspect', '--format', format, ...ids])).split('\n');
  for (const row of rows) assert.match(row, /^\S+ true [1-9]\d+ [1-9]\d* \[ALL\]$/);
  for (const service of ['api', 'redis', 'postgres', 'notifier'])
    assert.notEqual(await engine.compose(['exec', '-T', service, 'id', '-u']), '0', `${service} is root`);
  say(`${rows.length} containers have a read-only root, no capabilities, and limits of memory and processes`);
}

type Traded = { readonly baseUrl: string; readonly httpsPort: number; readonly tokens: readonly string[] };

async function trade({ baseUrl, httpsPort, tokens }: Traded): Promise<void> {
  const order = { product_id: 'PIKACHU-USD', price: '7.00', size: '1' };
  const resting = await ask(`${baseUrl}/orders`, tokens[0]!, { ...order, side: 'sell' });
  assert.equal(resting.status, 200, `an order was answered ${resting.status} ${await resting.text()}`);
  const taking = await throughProxy(httpsPort, tokens[1]!, { ...order, side: 'buy' });
  assert.equal(taking.status, 'done', JSON.stringify(taking));
  const trades = (await (await fetch(`${baseUrl}/products/PIKACHU-USD/trades`)).json()) as {
    price: string;
  }[];
  assert.equal(Number(trades[0]!.price), 7);
}

/** Its certificate is of the proxy's own authority, which nobody here knows. */
function throughProxy(port: number, token: string, order: object): Promise<{ status?: string }> {
  const options = {
    ...{
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      path: '/orders',
      method: 'POST',
      rejectUnauthorized: false,
    },
    headers: { host: 'localhost', authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(order));
  });
}

async function limitsSeeTheClient(baseUrl: string): Promise<void> {
  const asked = Array.from({ length: 60 }, (_, i) =>
    fetch(`${baseUrl}/time`, { headers: { 'x-forwarded-for': `203.0.113.${i}` } }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.ok(statuses.includes(429), 'sixty requests at once were all answered');
}

async function scraped(engine: Engine, say: Played['say']): Promise<void> {
  const id = await engine.compose(['ps', '--quiet', 'prometheus']);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  const address = await engine.docker(['inspect', '--format', format, id]);
  const query = encodeURIComponent('sum by (job) (up{job=~"cardstock-.*"})');
  for (let i = 0; i < 60; i++) {
    const answer = await fetch(`http://${address}:9090/api/v1/query?query=${query}`).catch(() => undefined);
    const found = answer?.ok ? ((await answer.json()) as Found).data.result : [];
    const sums = Object.fromEntries(found.map(({ metric, value }) => [metric.job.slice(10), value[1]]));
    if (sums.api === '1' && sums.matcher === '2' && sums.writer === '2' && sums.notifier === '1')
      return say('Prometheus scrapes an api, two matchers, two writers and a notifier');
    await sleep(1_000);
  }
  throw new Error('Prometheus did not find everything within a minute');
}

type Found = { data: { result: { metric: { job: string }; value: [number, string] }[] } };
type Killed = Pick<Played, 'engine'> & { up: () => Promise<string>; baseUrl: string; token: string };

/** Orders go on while containers are killed; an order that was not answered may be there or not, and the audit knows. */
async function killed({ engine, up, baseUrl, token }: Killed, say: Played['say']): Promise<void> {
  let isOver = false;
  const counts = { taken: 0, refused: 0, unanswered: 0 };
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1', time_in_force: 'IOC' };
  const sending = (async () => {
    while (!isOver) {
      const answer = await ask(`${baseUrl}/orders`, token, order).catch(() => undefined);
      counts[answer === undefined ? 'unanswered' : answer.ok ? 'taken' : 'refused']++;
      await sleep(20);
    }
  })();
  for (const service of ['matcher', 'writer', 'redis', 'postgres', 'api']) {
    const [id] = (await engine.compose(['ps', '--quiet', service])).split('\n');
    await engine.docker(['kill', id!]);
    await sleep(1_000);
    await up();
    await ready(baseUrl);
    say(`${service} was killed and is back`);
  }
  await sleep(1_000);
  isOver = true;
  await sending;
  assert.ok(counts.taken > 50, JSON.stringify(counts));
  say(
    `meanwhile ${counts.taken} orders were taken, ${counts.refused} refused, ${counts.unanswered} not answered`,
  );
}
