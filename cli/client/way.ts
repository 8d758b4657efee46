import type { Connection, Environment } from './connection';
import type { OutboundAgent } from './outbound-agent';

/** Everything that calls are made with. */
export interface Way {
  readonly connection: Connection;
  /** Absent if requests use no proxy and Node's own authorities. */
  readonly agent: OutboundAgent | undefined;
  readonly found: FoundCredentials;
}

/** An AWS access key; temporary ones have a session token. */
interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface FoundCredentials {
  readonly credentials: SigningCredentials;
  /** Where they were found, as text. */
  readonly source: string;
  /** A sentence about credentials of the environment that were not used. */
  readonly notice?: string;
  /** A sentence about what may be wrong with them, for the case that they are refused. */
  readonly doubt?: string;
}

export interface CredentialsWanted {
  /** The value of `--profile`. */
  readonly profile: string | undefined;
  /** The endpoint's kind. */
  readonly connection: Pick<Connection, 'endpoint' | 'isLocal'>;
  readonly env: Environment;
  /** The agent for requests to credential providers. */
  readonly agent?: OutboundAgent | undefined;
}
