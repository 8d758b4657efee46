/** A rotation's id, which stands in paths. */
export const ROTATION_ID = /^[0-9a-f]{32}$/;
