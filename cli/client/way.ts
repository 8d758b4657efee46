import type { Connection, Environment } from './connection';
import type { OutboundAgent } from './outbound-agent';

/** All that calls are made with. */
export interface Way {
  readonly connection: Connection;
  /** Absent where requests go straight on, and Node's own authorities are trusted. */
  readonly agent: OutboundAgent | undefined;
  readonly found: FoundCredentials;
}

/** An AWS access key; the session token belongs to temporary ones. */
interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface FoundCredentials {
  readonly credentials: SigningCredentials;
  /** Where they are from, in words. */
  readonly source: string;
  /** What the environment says of credentials that was not followed, in a sentence. */
  readonly notice?: string;
  /** What may be wrong with them, in a sentence, should they be refused. */
  readonly doubt?: string;
}

export interface CredentialsWanted {
  /** Of `--profile`. */
  readonly profile: string | undefined;
  /** For whom they are. */
  readonly connection: Pick<Connection, 'endpoint' | 'isLocal'>;
  readonly env: Environment;
  /** What those who give out credentials are asked through. */
  readonly agent?: OutboundAgent | undefined;
}
