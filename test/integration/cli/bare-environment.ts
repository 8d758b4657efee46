/**
 * The environment of a shell without AWS configuration, beside a local server.
 *
 * @param userHome the directory where such a configuration would be
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
