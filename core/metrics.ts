import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Log } from './log.ts';

/** In seconds, for whatever takes from 1 ms to 10 s: requests, runs, commits. */
export const durationBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** The metrics of a process, Node's own among them. The labels, such as `process`, stand at each of them. */
export function createRegistry(labels: { readonly process: string; readonly shard?: string }): Registry {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  return registry;
}

export type Listening = {
  readonly registry: Registry;
  readonly host: string;
  /** 0 is any free port; null is none. */
  readonly port: number | null;
  /** The variable that sets the port. */
  readonly variable: string;
  readonly log: Log;
};

/** Answers `GET /metrics` and nothing else. A port that cannot be had is only a warning: observing must not stop trading. */
export function serveMetrics({ registry, host, port, variable, log }: Listening): void {
  if (port === null) return;
  const server = createServer((request, response) => void answer(registry, request, response));
  server.on('error', (error) =>
    log.warn(
      { error: error.message },
      `going on without metrics; ${variable} can name another port, or be off`,
    ),
  );
  server.listen(port, host, () => {
    log.info({ address: host, port: (server.address() as AddressInfo).port }, 'serving metrics');
  });
}

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
    response.writeHead(404).end();
    return;
  }
  try {
    const text = await registry.metrics();
    response.writeHead(200, { 'Content-Type': registry.contentType }).end(text);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}
