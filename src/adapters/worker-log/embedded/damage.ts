/** What was written is not what is read: a disk, or somebody, has changed it. */
export class Damage extends Error {}
