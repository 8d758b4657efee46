/** Modes of what a pack is made of: it names principals, addresses and credentials. */
export const OWNER_ONLY_FILE = 0o600;
export const OWNER_ONLY_DIRECTORY = 0o700;
