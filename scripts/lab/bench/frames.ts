// WebSocket frames as a client writes and reads them, at a fraction of the cost of a library's client.

const pingByte = 0x89;
const pongByte = 0x8a;
const textByte = 0x81;

/** The mask is zero, so the payload is as it is. */
function maskedFrame(firstByte: number, payload: Buffer): Buffer {
  const length = payload.length;
  const head =
    length < 126
      ? Buffer.from([firstByte, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([firstByte, 0xfe, length >> 8, length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** A text message of less than 64 KiB. */
export function messageFrame(text: string): Buffer {
  return maskedFrame(textByte, Buffer.from(text));
}

export function upgradeRequest(token: string | null): string {
  const authorization = token === null ? '' : `Authorization: Bearer ${token}\r\n`;
  return (
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${authorization}` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  );
}

export type FrameHandlers = {
  readonly message: (payload: Buffer) => void;
  /** To be written to the socket. */
  readonly pong: (frame: Buffer) => void;
};

/** Takes what a socket brings, in whatever pieces; answers pings. */
export function frameReader({ message, pong }: FrameHandlers): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    while (at + 2 <= bytes.length) {
      const short = bytes[at + 1]!;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (at + head > bytes.length) break;
      const end = at + head + lengthOf(bytes, at, head);
      if (end > bytes.length) break;
      const payload = bytes.subarray(at + head, end);
      if (bytes[at] === pingByte) pong(maskedFrame(pongByte, payload));
      else message(payload);
      at = end;
    }
    rest = bytes.subarray(at);
  };
}

function lengthOf(bytes: Buffer, at: number, head: number): number {
  if (head === 2) return bytes[at + 1]!;
  return head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
}
