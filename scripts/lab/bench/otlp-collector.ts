// Takes what is exported by OTLP over HTTP, and throws it away.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Collector = {
  readonly url: string;
  /** Exports that came so far. */
  readonly exports: () => number;
  readonly close: () => void;
};

export async function startCollector(): Promise<Collector> {
  let exports = 0;
  const server = createServer((request, response) => {
    exports++;
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exports: () => exports,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
