/** A sentence for whoever started this; nothing else is printed of it. */
export class Stop extends Error {}
