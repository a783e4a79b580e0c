// A fixed number of connections; a request waits until one of them is free.

import { type Answer, type Connection, openConnection, type Request } from './connection.ts';

export type Pool = {
  readonly send: (request: Request) => Promise<Answer>;
  readonly close: () => void;
};

export async function createPool(port: number, size: number): Promise<Pool> {
  const all = await Promise.all(Array.from({ length: size }, () => openConnection(port)));
  const free = [...all];
  const queue: ((connection: Connection) => void)[] = [];
  let head = 0; // of the queue; shifting a long one costs too much
  const giveBack = (connection: Connection): void => {
    const next = queue[head];
    if (!next) {
      queue.length = head = 0;
      free.push(connection);
      return;
    }
    queue[head++] = undefined as never;
    next(connection);
  };
  const take = (): Connection | Promise<Connection> =>
    free.pop() ?? new Promise((resolve) => queue.push(resolve));
  return {
    send: async (request) => {
      const connection = await take();
      try {
        return await connection.send(request);
      } finally {
        giveBack(connection);
      }
    },
    close: () => {
      for (const connection of all) connection.close();
    },
  };
}
