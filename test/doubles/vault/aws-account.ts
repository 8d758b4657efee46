/** Access keys of an AWS account, for doubles of Vault's aws engine, IAM, STS and DynamoDB. */
export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface KnownKeys extends IssuedKeys {
  readonly worksFrom: number;
  /** Milliseconds since 1970. */
  readonly endsAt: () => number;
}

export class AwsAccount {
  /** Milliseconds until the keys of a new IAM user work. */
  userDelayMs = 0;
  /** The numbers of users and sessions made. */
  readonly made = { users: 0, sessions: 0 };
  private readonly keys = new Map<string, KnownKeys>();

  constructor(private readonly now: () => number = Date.now) {}

  /** The keys of a new IAM user, which has no session token. */
  newUser(endsAt: () => number = () => Infinity): IssuedKeys {
    this.made.users += 1;
    const name = `USER-${this.made.users}`;
    return this.know({ ...keysOf(name), worksFrom: this.now() + this.userDelayMs, endsAt });
  }

  /** Keys of STS, which work at once. */
  newSession(seconds: number): IssuedKeys {
    this.made.sessions += 1;
    const name = `SESSION-${this.made.sessions}`;
    const end = this.now() + seconds * 1000;
    return this.know({ ...keysOf(name), sessionToken: `token-of-${name}`, worksFrom: 0, endsAt: () => end });
  }

  /** Makes keys unknown, as of a user that was deleted. */
  delete(accessKeyId: string): void {
    this.keys.delete(accessKeyId);
  }

  /** The error of a request with these keys (DynamoDB API, Common Error Types); undefined: they are valid. */
  errorOf(accessKeyId: string, sessionToken: string | undefined): string | undefined {
    const known = this.keys.get(accessKeyId);
    const now = this.now();
    if (known === undefined || now < known.worksFrom || known.sessionToken !== sessionToken) {
      return 'UnrecognizedClientException';
    }
    if (now < known.endsAt()) return undefined;
    return sessionToken === undefined ? 'UnrecognizedClientException' : 'ExpiredTokenException';
  }

  private know(keys: KnownKeys): IssuedKeys {
    this.keys.set(keys.accessKeyId, keys);
    return keys;
  }
}

const keysOf = (name: string): IssuedKeys => ({ accessKeyId: name, secretAccessKey: `secret-of-${name}` });
