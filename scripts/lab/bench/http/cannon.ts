// Closed loop: each connection sends its next request when it has the answer to the last. By autocannon.
//
// Usage: started by bench-http.ts, which sends a `CannonOptions`

import { createHmac } from 'node:crypto';
import autocannon from 'autocannon';
import { createOrders, jsonOf, type Mix } from '../orders.ts';
import { answerMessages } from '../tool.ts';
import type { ApiKey, CannonOptions, CannonResult } from './runs.ts';

/** In all connections together; each takes its own share of them in turn. */
const preparedRequests = 20_000;

type Client = { setRequests: (requests: autocannon.Request[]) => void };

function ordersFor(mix: Mix, connections: number): () => autocannon.Request[] {
  const next = createOrders(mix);
  const each = Math.max(8, Math.floor(preparedRequests / connections));
  return () => Array.from({ length: each }, () => ({ body: jsonOf(next()) }));
}

/** Signs as clients do, ahead of the run, whose answers are what is measured. */
function signedBy({ key, secret, passphrase }: ApiKey, path: string) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const bytes = Buffer.from(secret, 'base64');
  return (request: autocannon.Request): autocannon.Request => ({
    ...request,
    headers: {
      'content-type': 'application/json',
      'cb-access-key': key,
      'cb-access-timestamp': timestamp,
      'cb-access-passphrase': passphrase,
      'cb-access-sign': createHmac('sha256', bytes)
        .update(`${timestamp}POST${path}${request.body}`)
        .digest('base64'),
    },
  });
}

function readsOf(paths: readonly string[]): () => autocannon.Request[] {
  let at = 0;
  return () => {
    at++; // so that connections do not ask for the same in step
    return paths.map((_, i) => ({ path: paths[(i + at) % paths.length]! }));
  };
}

async function fire(options: CannonOptions): Promise<CannonResult> {
  const { port, token, key, connections, seconds, mix, paths, isAsync } = options;
  const plain = mix ? ordersFor(mix, connections) : readsOf(paths);
  const sign = key ? signedBy(key, paths[0]!) : null;
  const requestsOf = sign ? () => plain().map(sign) : plain;
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${paths[0]}`,
    method: mix ? 'POST' : 'GET',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(mix ? { 'content-type': 'application/json' } : {}),
      ...(isAsync ? { prefer: 'respond-async' } : {}),
    },
    connections,
    duration: seconds,
    timeout: 30,
    setupClient: (client) => (client as Client).setRequests(requestsOf()),
  });
  const { latency, requests, errors, timeouts, non2xx } = result;
  const { p50, p90, p99, p99_9: p999 } = latency;
  return { requestsPerSecond: requests.average, p50, p90, p99, p999, errors: errors + timeouts + non2xx };
}

answerMessages(fire);
