/** LevelDB's log format (doc/log_format.md of google/leveldb): blocks, and a header of checksum, length and type. */
export const BLOCK_BYTES = 32_768;
export const HEADER_BYTES = 7;
