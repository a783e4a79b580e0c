import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Config } from '../../core/config.ts';
import { sleep } from '../../core/lifecycle.ts';
import { createAddresses, noLimits } from '../feed/addresses.ts';
import { createClientAddress } from '../http/client-address.ts';

const closingStepMs = 20;

export type Connections = {
  readonly port: number;
  readonly stopAccepting: () => void;
  /** Ends the connection from this address and port. */
  readonly end: (peer: string) => void;
  /** Resolves when all of them are closed; at the deadline it destroys those that are left. */
  readonly closed: (deadline: number) => Promise<void>;
};

/**
 * The port is ours and not grpc-js's, so that one address has as many connections as it may have sockets of the feed, and
 * one that does not read can be closed.
 */
export async function listenForGrpc(
  config: Config & { readonly grpcPort: number },
  take: (socket: Socket) => void,
): Promise<Connections> {
  const addresses = createAddresses(config.rateLimits ? config.feedLimits : noLimits);
  // All who come through a proxy have its address.
  const throughProxies = createAddresses(noLimits);
  const { isTold } = createClientAddress(config.trustedProxies);
  const sockets = new Map<string, Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    const known = isTold({ headers: {}, socket }) ? throughProxies : addresses;
    const address = known.enter(socket.remoteAddress ?? '');
    if (!address) {
      socket.destroy();
      return;
    }
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.once('close', () => {
      address.leave();
      sockets.delete(peer);
    });
    take(socket);
  });
  listener.listen(config.grpcPort, config.host);
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    stopAccepting: () => {
      addresses.close();
      throughProxies.close();
      listener.close();
    },
    end: (peer) => sockets.get(peer)?.destroy(),
    closed: async (deadline) => {
      while (sockets.size > 0 && Date.now() < deadline) await sleep(closingStepMs);
      for (const socket of sockets.values()) socket.destroy();
    },
  };
}
