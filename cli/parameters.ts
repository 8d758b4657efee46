import { DEFAULT_PROVIDERS } from '../lambdas/core/contract/defaults';
import {
  AUDIT_EVENT_ID_PATTERN,
  CREDENTIAL_NAME_PATTERN,
  DEK_ROTATION_ID_PATTERN,
} from '../lambdas/core/contract/names';
import { parseKeyVersion } from '../lambdas/core/crypto/key-version';
import { isProvider } from '../lambdas/core/crypto/provider';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];
const isShell = (text: string): text is Shell => SHELLS.some((shell) => shell === text);

interface Parameter {
  readonly canBe: (text: string) => boolean;
  /** The rule for valid texts, as the end of a sentence. */
  readonly rule: string;
  /** What a shell completes. */
  readonly completions: readonly string[];
}

/** The kinds of parameters of commands: an `id` is a rotation's, or `latest`; a `version` is one of a provider's key. */
export const PARAMETERS = {
  provider: {
    canBe: isProvider,
    rule: `1 to 50 of a-z, 0-9 and -, and no - first: ${DEFAULT_PROVIDERS.join(', ')}, unless configured otherwise`,
    completions: DEFAULT_PROVIDERS,
  },
  name: {
    canBe: (text) => CREDENTIAL_NAME_PATTERN.test(text),
    rule: '1 to 128 letters, digits, ".", "_" and "-", with a letter or digit first',
    completions: [],
  },
  id: {
    canBe: (text) => text === 'latest' || DEK_ROTATION_ID_PATTERN.test(text),
    rule: '32 of 0-9 and a-f, as rotation list shows it, or latest',
    completions: ['latest'],
  },
  event: {
    canBe: (text) => AUDIT_EVENT_ID_PATTERN.test(text),
    rule: '32 of 0-9 and a-f, as audit --json shows it',
    completions: [],
  },
  version: {
    canBe: (text) => parseKeyVersion(text) !== undefined,
    rule: 'a whole number from 1, as keys shows it',
    completions: [],
  },
  member: {
    canBe: (text) => text.indexOf('=') > 0,
    rule: 'NAME=TEXT, or NAME:=JSON',
    completions: [],
  },
  shell: {
    canBe: isShell,
    rule: `one of ${SHELLS.join(', ')}`,
    completions: SHELLS,
  },
  command: {
    canBe: () => true,
    rule: 'the words of a command, or the first of them',
    completions: [],
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterKind = keyof typeof PARAMETERS;
