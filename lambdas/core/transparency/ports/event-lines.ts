/** The archived lines of events that the audit log still has. */
export interface EventLines {
  /**
   * The line of an event, byte for byte as it is archived, without its newline; undefined if the audit log has no such event, or has
   * it without a nonce. It is not trusted: only the log's entry shows whether it is the line that was published.
   *
   * @param place the event's id and its time, ISO 8601 in UTC with milliseconds
   * @throws KeywardError `store_unavailable`
   */
  lineOf(place: { readonly id: string; readonly timestamp: string }): Promise<Buffer | undefined>;
}
