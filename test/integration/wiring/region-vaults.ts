import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../../doubles/close-server';

/** One Vault as several regions reach it: each has an address of its own, which may be cut off. */
export interface RegionVaults {
  /** Value of `VAULT_ADDR`. */
  readonly pairs: string;
  /** The regions that asked, in order. */
  readonly asked: string[];
  /** Regions whose address refuses every request. */
  readonly cutOff: Set<string>;
  close(): Promise<void>;
}

export async function startRegionVaults(address: string, regions: readonly string[]): Promise<RegionVaults> {
  const [asked, cutOff] = [[] as string[], new Set<string>()];
  const { hostname: host, port } = new URL(address);
  const servers = await Promise.all(
    regions.map(async (region) => {
      const server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
        asked.push(region);
        if (cutOff.has(region)) {
          response.destroy();
          return;
        }
        const { method, url: path, headers } = incoming;
        const onward = httpRequest({ host, port, method, path, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        });
        onward.on('error', () => response.destroy());
        incoming.pipe(onward);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { region, server, port: (server.address() as AddressInfo).port };
    }),
  );
  return {
    pairs: servers.map((each) => `${each.region}=http://127.0.0.1:${each.port}`).join(','),
    asked,
    cutOff,
    close: async () => {
      await Promise.all(servers.map(({ server }) => closeServer(server)));
    },
  };
}
