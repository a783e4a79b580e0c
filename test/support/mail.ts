import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type MailServer = {
  readonly url: string;
  /** The next mail, as it was sent. */
  readonly next: () => Promise<string>;
  readonly received: () => number;
  readonly close: () => void;
};

/** A mail server that takes everything and passes nothing on. */
export async function startMailServer(): Promise<MailServer> {
  const mails: string[] = [];
  const first = Promise.withResolvers<string>();
  const server = createServer((socket) =>
    converse(socket, (mail) => {
      mails.push(mail);
      first.resolve(mail);
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `smtp://127.0.0.1:${port}`,
    next: () => first.promise,
    received: () => mails.length,
    close: () => server.close(),
  };
}

function converse(socket: Socket, onMail: (mail: string) => void): void {
  let text = '';
  let isData = false;
  socket.on('error', () => {});
  socket.write('220 test\r\n');
  socket.on('data', (chunk) => {
    text += chunk;
    if (isData) {
      if (!text.endsWith('\r\n.\r\n')) return;
      onMail(text);
      isData = false;
      text = '';
      socket.write('250 taken\r\n');
      return;
    }
    for (let end = text.indexOf('\r\n'); end >= 0 && !isData; end = text.indexOf('\r\n')) {
      const command = text.slice(0, end).toUpperCase();
      text = text.slice(end + 2);
      isData = command === 'DATA';
      socket.write(isData ? '354 go on\r\n' : command === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
    }
  });
}
