const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as zlib has it, of a text of ASCII, as an unsigned integer. */
export function crc32(text: string): number {
  let value = 0xffffffff;
  for (let at = 0; at < text.length; at++)
    value = table[(value ^ text.charCodeAt(at)) & 0xff]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
