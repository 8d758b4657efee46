// What tsx keeps of translated sources it keeps in the temporary directory, where it cannot be where that is not writable, and where
// another user of the machine can have put something of his own under the name that tsx reads and runs.
process.env.TSX_DISABLE_CACHE = '1';
