import { Client, type ClientConfig } from 'pg';

/** One session, for statements that a pool is not made for. */
export async function withPostgres<T>(
  database: string | ClientConfig,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(database);
  client.on('error', () => {}); // whoever waits for an answer is told
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}
