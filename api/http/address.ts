/** The address that a request comes from, behind proxies that are trusted: each of them has added one at the end. */
export function addressBehind(
  direct: string,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  if (trustedProxies === 0) return direct;
  const forwarded = (forwardedFor ?? '').split(/ *, */);
  return forwarded.at(-trustedProxies) || direct;
}
