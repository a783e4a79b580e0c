import { connect } from 'node:net';

export type RawAnswer = { readonly status: number; readonly text: string };

/** Sends bytes that no client library would, and reads what comes until the connection ends. */
export function send(baseUrl: string, request: string | Buffer, timeoutMs = 10_000): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const end = (): void => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no end after ${timeoutMs} ms: ${text}`)));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', end);
    socket.on('error', (error) => (text === '' ? reject(error) : end()));
    socket.write(request);
  });
}
