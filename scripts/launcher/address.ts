// The address of the exchange.

import { StartError } from './servers/errors.ts';
import { portTrouble } from './servers/ports.ts';

type Address = { readonly host: string; readonly port: number };

/** Throws a sentence if nobody can listen there. `start` is how the exchange is started. */
export async function checkPort({ host, port }: Address, start: string): Promise<void> {
  const trouble = await portTrouble(port, host);
  if (trouble === undefined) return;
  throw new StartError(
    trouble === 'EADDRINUSE'
      ? `Port ${port} on ${host} is taken by another program; choose another: PORT=${port + 10} ${start}`
      : `Port ${port} on ${host} cannot be listened on (${trouble}); check PORT and HOST.`,
  );
}

export function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
