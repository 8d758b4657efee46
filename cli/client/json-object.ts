/** A JSON object of a reply or request, with unchecked members. */
export type JsonObject = Readonly<Record<string, unknown>>;
