import { assertPublicHost, InnerAddressError } from '../../core/public-address.ts';
import { BadRequest } from '../errors.ts';

/** The URL as it will be asked. Throws `BadRequest` for what must not, or cannot, be asked. */
export async function readTarget(text: string, allowPrivate: boolean): Promise<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new BadRequest('Invalid url: must be an absolute https URL');
  if (url.protocol === 'http:' && !allowPrivate) throw new BadRequest('Invalid url: must be https');
  if (url.username !== '' || url.password !== '')
    throw new BadRequest('Invalid url: must have no user and password');
  url.hash = '';
  if (!allowPrivate) await refuseInner(url);
  return url.href;
}

async function refuseInner(url: URL): Promise<void> {
  try {
    await assertPublicHost(url);
  } catch (error) {
    const isInner = error instanceof InnerAddressError;
    throw new BadRequest(
      `Invalid url: ${isInner ? 'its host must have public addresses only' : 'its host is unknown'}`,
    );
  }
}
