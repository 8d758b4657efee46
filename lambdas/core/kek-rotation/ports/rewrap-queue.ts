/** Tells the rewrap function that a KEK version is current. At least once; order does not matter. */
export interface RewrapQueue {
  /** @throws KeywardError `store_unavailable` where it is not known to be on the queue */
  send(message: RewrapRequest): Promise<void>;
}

export interface RewrapRequest {
  /** The secret's version that every region must return, or a later one, before anything is rewrapped. */
  readonly secret_version_id: string;
  /** Its primary KEK: a later version has it too, and an earlier one does not. */
  readonly kek_id: string;
}
