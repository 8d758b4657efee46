import { credentialVectors, kekSecretVectors, keysetVectors, wrappedDekVectors } from './key-vectors';
import { legacyVectors } from './legacy-vectors';
import { contextVectors, tokenVectors } from './token-vectors';
import type { Vectors } from './vector-types';
import { workedExample } from './worked-example';

/** The text of docs/vectors/kw1.json: `tsx test/vectors/generate.ts > docs/vectors/kw1.json`. The same each time. */
export function vectorsText(): string {
  const vectors: Vectors = {
    format: 'kw1',
    example: workedExample(),
    contexts: contextVectors,
    tokens: tokenVectors,
    wrapped_deks: wrappedDekVectors,
    keysets: keysetVectors,
    kek_secrets: kekSecretVectors,
    credentials: credentialVectors,
    legacy: legacyVectors,
  };
  return `${JSON.stringify(vectors, null, 2)}\n`;
}

if (require.main === module) process.stdout.write(vectorsText());
