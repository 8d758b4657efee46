import { checkCredentialMetadata, type CredentialMetadata } from './credential';
import { invalidRequest, KeywardError } from '../errors/errors';
import { unfitnessOf } from './value-rule';
import { isRecord } from '../crypto/record-checks';
import type { CredentialView } from './credential-view';
import type { PutCredential } from './put-credential';
import type { Caller } from '../ports/caller';

/** One provider's settings in the old design: its API key and other members. */
interface ProviderSettings {
  readonly api_key: string;
  readonly [member: string]: unknown;
}

/** The old design's "AI settings", by provider. */
type AiSettings = Readonly<Record<string, ProviderSettings | undefined>>;

/** Every old setting becomes the provider's credential of this name. */
const SETTINGS_CREDENTIAL = 'default';

/** The interface of the old design. Both calls now do the same. */
export interface SettingsService {
  /**
   * Stores the API key of each provider, which must fit {@link unfitnessOf} without a format, as its credential named `default`,
   * all other members as its metadata, which is readable and must hold no secret.
   *
   * @returns the stored credential of each provider, without the key
   * @throws KeywardError `invalid_request` or `provider_not_found` before anything is stored; otherwise the error of the first
   *   provider that failed, with the providers that were stored before it in the message
   */
  updateAiSettingsWithKEKDEK(aiSettings: AiSettings): Promise<Readonly<Record<string, CredentialView>>>;
  /** The old name of {@link SettingsService.updateAiSettingsWithKEKDEK}. */
  updateAiSettings(aiSettings: AiSettings): Promise<Readonly<Record<string, CredentialView>>>;
}

interface SettingsServiceDependencies {
  readonly application: { readonly putCredential: PutCredential };
  readonly providers: readonly string[];
  readonly caller: Caller;
}

export function createSettingsService(deps: SettingsServiceDependencies): SettingsService {
  const update = async (aiSettings: AiSettings): Promise<Readonly<Record<string, CredentialView>>> => {
    const wanted = checkSettings(aiSettings, deps.providers);
    const stored: Record<string, CredentialView> = {};
    for (const { provider, apiKey, metadata } of wanted) {
      try {
        const command = { provider, name: SETTINGS_CREDENTIAL, api_key: apiKey, metadata };
        stored[provider] = (await deps.application.putCredential(deps.caller, command)).credential;
      } catch (thrown) {
        throw withProgress(thrown, provider, Object.keys(stored));
      }
    }
    return stored;
  };
  return { updateAiSettingsWithKEKDEK: update, updateAiSettings: update };
}

interface WantedCredential {
  readonly provider: string;
  readonly apiKey: string;
  readonly metadata: CredentialMetadata;
}

function checkSettings(aiSettings: AiSettings, providers: readonly string[]): readonly WantedCredential[] {
  const given = Object.entries(aiSettings).filter(([, settings]) => settings !== undefined);
  return given.map(([provider, settings]) => {
    if (!providers.includes(provider)) {
      throw new KeywardError('provider_not_found', 'aiSettings names a provider that is not configured');
    }
    if (!isRecord(settings) || typeof settings['api_key'] !== 'string') {
      throw invalidRequest(`aiSettings.${provider}.api_key must be a string`);
    }
    const { api_key: apiKey, ...others } = settings;
    const unfit = unfitnessOf(settings.api_key);
    if (unfit !== undefined) throw invalidRequest(`aiSettings.${provider}.api_key ${unfit.fault}`);
    const members = Object.entries(others).filter(([, value]) => value !== undefined);
    const metadata = Object.fromEntries(members) as CredentialMetadata;
    checkCredentialMetadata(metadata);
    return { provider, apiKey, metadata };
  });
}

function withProgress(thrown: unknown, provider: string, stored: readonly string[]): unknown {
  if (!(thrown instanceof KeywardError)) return thrown;
  const before = stored.length === 0 ? 'nothing was stored before it' : `stored before it: ${stored.join(', ')}`;
  return new KeywardError(thrown.code, `${provider}: ${thrown.message}; ${before}`, thrown.reason, thrown.outside);
}
