// Orders by socket: as many as possible with some always under way, and at a fixed rate; and what each costs.

import { runTool } from '../tool.ts';
import { cpuSeconds } from '../usage.ts';
import { type CannonResult, cardMix, microsecondsOf, type Plan, type SocketOptions } from './runs.ts';

const fixedRate = 5_000;

const loads = [
  { sockets: 1, inFlight: 100, rate: null },
  { sockets: 10, inFlight: 10, rate: null },
  { sockets: 10, inFlight: 0, rate: fixedRate },
] as const;

/** `sent` has those of the warm-up as well, which cost as much. */
type Sent = CannonResult & { readonly sent: number };

export async function runSockets({ exchange, roots, seconds, seed, take }: Plan): Promise<void> {
  const { port, token } = exchange;
  for (const load of loads) {
    const options: SocketOptions = { ...load, port, token, seconds, mix: cardMix(seed) };
    const before = cpuSeconds(roots);
    const { sent, ...result } = await runTool<Sent>('http/socket-orders.ts', options);
    const after = cpuSeconds(roots);
    const mode =
      load.rate === null ? `${load.inFlight} under way on each` : `open loop, ${load.rate}/s, cards`;
    take({
      ...{ path: 'order.place by socket', mode, connections: load.sockets },
      ...{ ...result, echoRequestsPerSecond: null, microseconds: microsecondsOf({ before, after }, sent) },
    });
  }
}
