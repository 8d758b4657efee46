/**
 * Why a part of the transparency log is refused. Readers of these formats never throw for what they read: it comes from files and
 * buckets that an attacker may write.
 */
export type LogFault =
  | 'bundle_form'
  | 'bundle_mismatch'
  | 'bundle_width'
  | 'checkpoint_extension'
  | 'checkpoint_form'
  | 'checkpoint_origin'
  | 'checkpoint_root'
  | 'checkpoint_size'
  | 'key_name'
  | 'note_control_character'
  | 'note_form'
  | 'note_not_utf8'
  | 'note_signature_line'
  | 'note_too_long'
  | 'note_too_many_signatures'
  | 'proof_extra'
  | 'proof_form'
  | 'proof_hash'
  | 'proof_index'
  | 'proof_mismatch'
  | 'root_mismatch'
  | 'signature_invalid'
  | 'signature_missing'
  | 'tile_mismatch'
  | 'tile_missing'
  | 'tile_path'
  | 'tile_width'
  | 'vkey_form'
  | 'vkey_id'
  | 'vkey_type';

/** What was read, or why it is refused. */
export type Checked<T> =
  { readonly value: T; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: LogFault };
