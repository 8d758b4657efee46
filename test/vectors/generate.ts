import { edgeVectors } from './edge-vectors';
import { credentialVectors, kekSecretVectors, keysetVectors, wrappedDekVectors } from './key-vectors';
import { legacyVectors } from './legacy-vectors';
import { previousVectors } from './previous-vectors';
import { saltVectors } from './salt-vectors';
import { contextVectors, tokenVectors } from './token-vectors';
import type { Vectors } from './vector-types';
import { workedExample } from './worked-example';

/** The text of docs/vectors/kw1.json: `tsx test/vectors/generate.ts > docs/vectors/kw1.json`. The same each time, and for ever. */
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

/** The text of docs/vectors/kw1-salt.json: `tsx test/vectors/generate.ts salt > docs/vectors/kw1-salt.json`. The same each time. */
export const saltVectorsText = (): string => `${JSON.stringify(saltVectors(), null, 2)}\n`;

/** The text of docs/vectors/kw1-edges.json: `tsx test/vectors/generate.ts edges > docs/vectors/kw1-edges.json`. The same each time. */
export const edgeVectorsText = (): string => `${JSON.stringify(edgeVectors(), null, 2)}\n`;

/** The text of docs/vectors/kw1-previous.json: `tsx test/vectors/generate.ts previous > docs/vectors/kw1-previous.json`. The same each time. */
export const previousVectorsText = (): string => `${JSON.stringify(previousVectors(), null, 2)}\n`;

const TEXTS: Readonly<Record<string, () => string>> = {
  salt: saltVectorsText,
  edges: edgeVectorsText,
  previous: previousVectorsText,
};

if (require.main === module) process.stdout.write((TEXTS[process.argv[2] ?? ''] ?? vectorsText)());
