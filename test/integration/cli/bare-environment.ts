/**
 * What a shell of someone without any AWS set-up has beside a local server.
 *
 * @param userHome where such a set-up would be
 */
export const bareEnvironment = (
  { home, url }: { readonly home: string; readonly url: string },
  userHome: string,
): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: userHome,
  AWS_EC2_METADATA_DISABLED: 'true',
  KEYWARD_HOME: home,
  KEYWARD_ENDPOINT: url,
});
