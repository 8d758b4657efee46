/** An object of a reply, or one to send, of whose members nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;
