// An exchange as a benchmark's options want it.

import type { Log } from '../launcher/servers/log.ts';
import { withCluster } from './cluster.ts';
import { type PrivateExchange, withExchange } from './exchange.ts';

export type Wanted = {
  readonly cluster: boolean;
  /** Of api, matcher and writer on the cluster. */
  readonly each: number;
  /** The processes of a plain exchange reach its servers by TCP. */
  readonly tcp: boolean;
  readonly shards: readonly string[];
};

export function withArranged<T>(
  { cluster, each, tcp: byTcp, shards }: Wanted,
  log: Log,
  use: (exchange: PrivateExchange) => Promise<T>,
): Promise<T> {
  return cluster ? withCluster(use, { shards, each, log }) : withExchange(use, log, {}, { shards, byTcp });
}
