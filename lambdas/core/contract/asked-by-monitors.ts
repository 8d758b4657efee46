/** The path that monitors ask, of which some cannot sign: an unsigned GET or HEAD of it is refused, and is no attempted access. */
export const ASKED_BY_MONITORS = '/readyz';
