// Closed loop: each connection sends its next request when it has the answer to the last. By autocannon.
//
// Usage: started by bench-http.ts, which sends a `CannonOptions`

import autocannon from 'autocannon';
import { createOrders, jsonOf, type Mix } from '../orders.ts';
import { answerMessages } from '../tool.ts';
import type { CannonOptions, CannonResult } from './runs.ts';

/** In all connections together; each takes its own share of them in turn. */
const preparedRequests = 20_000;

type Client = { setRequests: (requests: autocannon.Request[]) => void };

function ordersFor(mix: Mix, connections: number): () => autocannon.Request[] {
  const next = createOrders(mix);
  const each = Math.max(8, Math.floor(preparedRequests / connections));
  return () => Array.from({ length: each }, () => ({ body: jsonOf(next()) }));
}

function readsOf(paths: readonly string[]): () => autocannon.Request[] {
  let at = 0;
  return () => {
    at++; // so that connections do not ask for the same in step
    return paths.map((_, i) => ({ path: paths[(i + at) % paths.length]! }));
  };
}

async function fire(options: CannonOptions): Promise<CannonResult> {
  const { port, token, connections, seconds, mix, paths, isAsync } = options;
  const requestsOf = mix ? ordersFor(mix, connections) : readsOf(paths);
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
