export const natsName = '@nats-io/transport-node';
/** For who would use a NATS server without it. */
export const natsMissing = `a NATS server needs the package ${natsName}: npm install ${natsName}@~3.3.1`;

/** Loads the package. Its types are not named here: who has not installed it can still compile. */
export type LoadNats = () => Promise<unknown>;
