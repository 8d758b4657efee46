/** Tells the rewrap function that a KEK version is current. Delivers at least once; order does not matter. */
export interface RewrapQueue {
  /** @throws KeywardError `store_unavailable` if the message is not known to be on the queue */
  send(message: RewrapRequest): Promise<void>;
}

export interface RewrapRequest {
  /** The secret version that every region must return, or a later one, before any rewrap. */
  readonly secret_version_id: string;
  /** Its primary KEK: later versions have it too, earlier ones do not. */
  readonly kek_id: string;
}
