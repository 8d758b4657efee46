/** What this test cannot show, because MiniStack does not do it. */
export const NOT_CHECKED: readonly string[] = [
  'that Secrets Manager calls rotate-kek, and lets nobody else: the four steps are invoked here',
];
