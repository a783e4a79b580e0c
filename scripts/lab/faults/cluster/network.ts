// What lies between the nodes of a Redis Cluster, and between them and those who use them: it can cut one off from some.
// Each node and each process has an address of its own on the loopback, which Linux has 16 million of.

import { pathToFileURL } from 'node:url';
import type { Dress } from '../../../launcher/cluster/redis-nodes.ts';
import { projectRoot } from '../../../launcher/servers/environment.ts';
import { openProxy, type TcpProxy } from '../proxy.ts';

export type Network = {
  /** How a node is reached through it. */
  readonly dress: (id: string, listens: Pick<Dress, 'port' | 'busPort'>) => Promise<Dress>;
  /** The option of Node by which a process has its own address. */
  readonly option: (id: string) => string;
  /** Nothing passes between a node and these any more, and nobody is told. */
  readonly part: (node: string, others: readonly string[]) => void;
  /** Ends all parting. */
  readonly heal: () => void;
  /** All nodes and processes there are. */
  readonly all: () => readonly string[];
  readonly close: () => Promise<void>;
};

export function createNetwork(): Network {
  const sources = new Map<string, string>();
  const proxies = new Map<string, readonly TcpProxy[]>();
  const sourceOf = (id: string): string => {
    const source = sources.get(id) ?? `127.0.1.${sources.size + 1}`;
    sources.set(id, source);
    return source;
  };
  const bar = (node: string, others: readonly string[]): void => {
    const barred = new Set(others.map(sourceOf));
    for (const proxy of proxies.get(node) ?? []) proxy.bar(barred);
  };
  return {
    dress: async (id, { port, busPort }) => {
      const own = await Promise.all([port, busPort].map((to) => openProxy({ host: '127.0.0.1', port: to })));
      proxies.set(id, own);
      return { port: own[0]!.port, busPort: own[1]!.port, source: sourceOf(id) };
    },
    option: (id) => {
      const file = pathToFileURL(`${projectRoot}/scripts/lab/faults/cluster/source.ts`);
      return `--import ${file}?${sourceOf(id)}`;
    },
    part: (node, others) => {
      bar(node, others);
      for (const other of others) bar(other, [node]);
    },
    heal: () => {
      for (const node of proxies.keys()) bar(node, []);
    },
    all: () => [...sources.keys()],
    close: async () => {
      for (const own of proxies.values()) for (const proxy of own) await proxy.close();
    },
  };
}
