// Loaded into a process before its own code: it reaches all of this machine from an address of its own, the query of this file's
// URL, so that a network can tell who it is.

import { Socket } from 'node:net';

const source = new URL(import.meta.url).search.slice(1);
const { connect } = Socket.prototype;

type Options = { host?: string; port?: number; localAddress?: string };

/** What `connect` is given: options, or the list of them that `createConnection` has made. */
function optionsIn(first: unknown): Options {
  return (Array.isArray(first) ? first[0] : first) as Options;
}

Socket.prototype.connect = function connectFrom(this: Socket, ...words: unknown[]): Socket {
  const options = optionsIn(words[0]);
  if (typeof options === 'object' && options?.port && /^127\./.test(options.host ?? ''))
    options.localAddress ??= source;
  return Reflect.apply(connect, this, words);
} as typeof connect;
