import type { FailureReason } from '../../lambdas/core/errors/failure-reason';
import type { KeyLabel } from '../../lambdas/core/crypto/message-key';
import type { ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import type { Pairs } from './second-implementation';

/** docs/vectors/kw1.json. Members that end in `_hex` are bytes in hexadecimal; all keys are made up and count upwards. */
export interface Vectors {
  readonly format: 'kw1';
  readonly example: Readonly<Record<string, string>>;
  readonly contexts: readonly { readonly comment: string; readonly context: Pairs; readonly encoding_hex: string }[];
  readonly tokens: {
    readonly valid: readonly TokenVector[];
    readonly invalid: readonly InvalidTokenVector[];
  };
  readonly wrapped_deks: {
    readonly valid: readonly WrappedDekVector[];
    readonly invalid: readonly (Omit<WrappedDekVector, 'dek_hex'> & { readonly reason: FailureReason })[];
  };
  readonly keysets: {
    readonly valid: readonly KeysetVector[];
    readonly invalid: readonly (KeysetVector & { readonly reason: FailureReason })[];
  };
  readonly kek_secrets: {
    readonly valid: readonly {
      readonly comment: string;
      readonly text: string;
      readonly primary: string;
      readonly keks_hex: Readonly<Record<string, string>>;
    }[];
    readonly invalid: readonly { readonly comment: string; readonly text: string; readonly reason: FailureReason }[];
  };
  readonly credentials: readonly {
    readonly provider: string;
    readonly name: string;
    readonly metadata: Readonly<Record<string, never>>;
    readonly canonical_metadata: string;
    readonly context: Pairs;
  }[];
  readonly legacy: {
    readonly phase_1: readonly {
      readonly encryption_key: string;
      readonly value: string;
      readonly plaintext: string;
    }[];
    readonly phase_2: readonly {
      readonly encryption_key: string;
      readonly encrypted_dek: string;
      readonly dek: string;
      readonly value: string;
      readonly plaintext: string;
    }[];
    readonly invalid: readonly {
      readonly comment: string;
      readonly encryption_key: string;
      readonly value: string;
      readonly reason: FailureReason;
    }[];
  };
}

export interface TokenVector {
  readonly comment: string;
  readonly provider: string;
  readonly version: number;
  readonly dek_hex: string;
  readonly context: Pairs;
  readonly plaintext: string;
  readonly token: string;
}

/** `provider`, `version` and `dek_hex` are what the reader holds; the token may name something else. */
export type InvalidTokenVector = Omit<TokenVector, 'plaintext'> & { readonly reason: FailureReason };

export interface WrappedDekVector {
  readonly comment: string;
  readonly kek_id: string;
  readonly kek_hex: string;
  readonly provider: string;
  readonly version: number;
  readonly dek_hex: string;
  readonly encrypted_dek: string;
}

interface KeysetVector {
  readonly comment: string;
  readonly provider: string;
  readonly kek_id: string;
  readonly kek_hex: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** docs/vectors/kw1-salt.json: what a writer makes of given random bytes, and one derivation for every label. */
export interface SaltVectors {
  readonly format: 'kw1';
  readonly example: Readonly<Record<string, string>>;
  readonly derivations: readonly {
    readonly label: KeyLabel;
    readonly key_hex: string;
    readonly salt_hex: string;
    readonly output_hex: string;
  }[];
  /** The plaintext is `plaintext`, `plaintext_times` times; of a long token there is its SHA-256 alone. */
  readonly tokens: readonly (Omit<TokenVector, 'token'> & {
    readonly plaintext_times: number;
    readonly randomness_hex: string;
    readonly salt_hex: string;
    readonly token?: string;
    readonly token_sha256?: string;
  })[];
  readonly wrapped_deks: readonly (WrappedDekVector & { readonly randomness_hex: string; readonly salt_hex: string })[];
  readonly proofs: readonly (ProofChallenge & {
    readonly region: string;
    readonly dek_hex: string;
    readonly proof: string;
  })[];
}

interface Judged<V, I = V> {
  readonly valid: readonly V[];
  readonly invalid: readonly I[];
}

interface KeysetTextVector {
  readonly comment: string;
  readonly provider: string;
  readonly kek_id: string;
  readonly kek_hex: string;
  readonly record_text: string;
}

type ProofVector = ProofChallenge & {
  readonly comment: string;
  readonly region: string;
  readonly dek_hex: string;
  readonly proof: string;
};

interface ContextVector {
  readonly comment: string;
  readonly context: Pairs;
}

/** docs/vectors/kw1-edges.json: the limits of each format, and what two readers could take in two ways. */
export interface EdgeVectors {
  readonly format: 'kw1';
  /** `canonical` is the text as RFC 8785 writes it. */
  readonly json: Judged<
    { readonly comment: string; readonly text: string; readonly canonical: string },
    { readonly comment: string; readonly text: string }
  >;
  readonly caller_contexts: Judged<ContextVector>;
  /** The plaintext is `plaintext`, `plaintext_times` times. */
  readonly tokens: Judged<TokenVector & { readonly plaintext_times: number }, InvalidTokenVector>;
  /** The record is JSON text, because what is wrong with some cannot be had in a value. */
  readonly keysets: Judged<KeysetTextVector, KeysetTextVector & { readonly reason: FailureReason }>;
  readonly proofs: Judged<ProofVector>;
  readonly credentials: readonly {
    readonly provider: string;
    readonly name: string;
    readonly metadata_text: string;
    readonly canonical_metadata: string;
    readonly context: Pairs;
  }[];
}

/** docs/vectors/kw1-previous.json: rows of one stored credential, as the table holds them. */
export interface PreviousVectors {
  readonly format: 'kw1';
  readonly provider: string;
  readonly name: string;
  /** By version. */
  readonly deks_hex: Readonly<Record<string, string>>;
  readonly contexts: readonly ContextVector[];
  /** What its values hold; null where there is no such value, or it does not open. */
  readonly rows: readonly {
    readonly comment: string;
    readonly row: Readonly<Record<string, unknown>>;
    readonly current: string | null;
    readonly previous: string | null;
  }[];
}
