import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Api } from '../api.ts';
import type { Opening } from '../feed/identity.ts';
import type { Handler } from './handler.ts';

export type Graphql = {
  /** Loaded when it is first asked for: schema and libraries take 29 MB and 270 ms of CPU. */
  readonly handler: () => Promise<Handler>;
  readonly openSocket: (request: IncomingMessage, raw: Duplex, head: Buffer, opening: Opening) => void;
  readonly close: () => Promise<void>;
};

export function createGraphql(api: Api): Graphql {
  let loading: Promise<Handler> | null = null;
  const handler = (): Promise<Handler> => {
    loading ??= import('./handler.ts').then(({ createHandler }) => createHandler(api));
    return loading;
  };
  return {
    handler,
    openSocket: (...parts) => {
      handler().then(
        ({ openSocket }) => openSocket(...parts),
        () => parts[1].destroy(),
      );
    },
    close: async () => {
      if (loading) await (await loading).close();
    },
  };
}
