/** Where the tiles and bundles of one log are: a bucket, a directory, another log's address. */
export interface TileSource {
  /**
   * The bytes at a path below the log's prefix, such as `tile/0/000.p/7`; undefined if nothing is there. They are not trusted.
   *
   * @throws what the source throws when it is unavailable
   */
  read(path: string): Promise<Buffer | undefined>;
}
