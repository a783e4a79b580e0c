const firstByte = 0x81; // the only frame of a text message
const shortLength = 126;
const middleLength = 65_536;

/** A text message as it goes over the wire to any client: what a server sends is not masked. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length < shortLength ? 2 : length < middleLength ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = firstByte;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, head);
  return frame;
}
