// Ports on 127.0.0.1 that stay the same from start to start, as long as nobody else took them.

import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';

/** The port if it can be listened on (0: any free one), else the reason why not. */
function tryPort(port: number, host: string): Promise<number | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => {
      const { port: taken } = probe.address() as AddressInfo;
      probe.close(() => resolve(taken));
    });
  });
}

/** Undefined when the port is free, else the system's code, such as EADDRINUSE. */
export async function portTrouble(port: number, host: string): Promise<string | undefined> {
  const outcome = await tryPort(port, host);
  return typeof outcome === 'number' ? undefined : (outcome.code ?? outcome.message);
}

/** Below the ports that systems give to connections outwards: one of those may be taken before whoever asked listens on it. */
const [lowest, highest] = [15_000, 32_000];
const tries = 50;

/** A port on which nobody listens, nor will by chance. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < tries; i++) {
    const port = randomInt(lowest, highest);
    if ((await portTrouble(port, '127.0.0.1')) === undefined) return port;
  }
  const outcome = await tryPort(0, '127.0.0.1');
  if (typeof outcome === 'number') return outcome;
  throw outcome;
}

export type Ports = { pick(name: string): Promise<number> };

function readPorts(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

export function rememberedPorts(dataDir: string): Ports {
  const file = `${dataDir}/ports.json`;
  const ports = readPorts(file);
  return {
    pick: async (name) => {
      const before = ports[name];
      if (before !== undefined && (await portTrouble(before, '127.0.0.1')) === undefined) return before;
      // Those of this run that nobody listens on yet look free as well.
      let port = await freePort();
      while (Object.values(ports).includes(port)) port = await freePort();
      ports[name] = port;
      writeFileSync(file, `${JSON.stringify(ports)}\n`);
      return port;
    },
  };
}
